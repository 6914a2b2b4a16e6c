"""Adds up the evidence for each candidate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from testkey_nb.identity.piece import Evidence
from testkey_nb.identity.signals import Signals
from testkey_nb.identity.weighing import Weighing
from testkey_nb.vocabulary import EVERYONE


@dataclass(frozen=True, slots=True)
class Candidate:
    """One product that may have answered.

    Attributes:
        db: its score; groups: decibans by group, positive parts only.
        confidence_db: its score over that of the strongest other explanation, the unknown product included.
    """

    provider: str
    db: float
    probability: float
    confidence_db: float
    groups: Mapping[str, float]
    evidence: tuple[Evidence, ...]

    @property
    def count(self) -> int:
        """Independent groups that speak for it; the claim is none."""
        return sum(1 for group in self.groups if group != "claim")

    @property
    def top(self) -> float:
        """Decibans of its strongest mark."""
        return max((db for group, db in self.groups.items() if group != "claim"), default=-math.inf)


def candidates_of(evidence: list[Evidence], signals: Signals, *, unlisted: bool) -> tuple[Candidate, ...]:
    own: dict[str, list[Evidence]] = {}
    for piece in evidence:
        if piece.layer in {"front", "prior"} and piece.names_one:
            own.setdefault(piece.provider, []).append(piece)
    against_all = [mark for mark in evidence if mark.provider == EVERYONE and mark.layer == "front"]
    scores: dict[str, float] = {}
    groups: dict[str, dict[str, float]] = {}
    for name, marks in own.items():
        marks = marks + [mark for mark in against_all if name not in mark.spares]
        positive = _extremes(marks, sign=1)
        if not any(group != "claim" for group in positive):
            continue
        groups[name] = positive
        prior = signals.priors.get(name, 0.0) if unlisted else 0.0
        scores[name] = prior + sum(positive.values()) + sum(_extremes(marks, sign=-1).values())
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    counted = [name for name in ranked if _counts(name, ranked[0], groups, signals.weighing)]
    unknown_db = signals.weighing.unknown_db
    total = sum(10 ** (scores[name] / 10) for name in counted) + 10 ** (unknown_db / 10)
    return tuple(
        Candidate(
            provider=name,
            db=scores[name],
            probability=10 ** (scores[name] / 10) / total,
            confidence_db=scores[name] - max([unknown_db, *(scores[other] for other in counted if other != name)]),
            groups=groups[name],
            evidence=tuple(sorted((mark for mark in own[name] if mark.db > 0), key=lambda mark: -mark.db)),
        )
        for name in ranked
    )


def _counts(name: str, best: str, groups: Mapping[str, Mapping[str, float]], weighing: Weighing) -> bool:
    """Does it speak against the best? A weak mark fits too many products to speak against a strong one."""
    strongest = max(groups[best].values())
    return name == best or strongest < weighing.strong_db or max(groups[name].values()) >= weighing.weak_db


def _extremes(marks: Iterable[Evidence], *, sign: int) -> dict[str, float]:
    """The strongest decibans of this sign by group."""
    best: dict[str, float] = {}
    for mark in marks:
        if mark.db * sign > 0 and abs(mark.db) > abs(best.get(mark.group, 0)):
            best[mark.group] = mark.db
    return best
