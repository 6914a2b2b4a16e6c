"""How well weights explain recorded answers, and which weights explain them best.

A log-linear model: the score of a candidate is the sum of its strongest mark per group (as in `identity/weigh.py`),
the chance of the truth its share among all candidates and the unknown product. The weights are those of the greatest
posterior chance, with the expert's value as the middle of a normal prior: a mark that the records say nothing of keeps
it, and one that is seen from a single source is not fitted at all.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from testkey_nb.answers import document
from testkey_nb.catalogue import Catalogue
from testkey_nb.identity import decide
from testkey_nb.identity.evidence import evidence_of
from testkey_nb.identity.piece import PREFIX, Evidence
from testkey_nb.identity.signals import signals_of
from tests.captures.figures import records
from tests.captures.identity_figures import ABOVE

SIGMA_DB = 3.0  # how far an expert's value may be off
ITERATIONS, STEP = 120, 2.0
SOURCES_LEAST = 2
# A mark that others may show stays below the weight that names a product alone, whatever few records say.
SHARED_LESS = 0.5
PATH_MOST = 10.0
_NATURAL = math.log(10) / 10


@dataclass(frozen=True)
class Sample:
    """One labelled answer: its truth (None = it names nobody), where it was seen, and its evidence."""

    id: str
    provider: str
    truth: str | None
    source: str
    evidence: tuple[Evidence, ...]

    def named(self, weights: Mapping[str, float], catalogue: Catalogue, *, without: str | None = None) -> str | None:
        """Whom these weights name; `without`: as if nothing were known of that product."""
        found = [_weighed(one, weights) for one in self.evidence if one.provider != without]
        verdict = decide(found, catalogue=catalogue)
        return verdict.provider if verdict.verdict in ABOVE else None


def samples(catalogue: Catalogue) -> list[Sample]:
    """The records whose label is not doubtful; their evidence bears the expert's weights."""
    known, found = signals_of(catalogue), []
    for one in records():
        doc = document(status=one["status"], headers=one["headers"], body=one["body"], path=one["request"].get("path"))
        provider = known.canonical(one["provider"], catalogue)
        truth = provider if one["expect"]["identifiable"] == "yes" else None
        marks = [_weighed(mark, known.expert) for mark in evidence_of(doc, catalogue=catalogue)]
        found.append(Sample(one["id"], provider, truth, _origin(one["source"]), tuple(marks)))
    return found


def fit(found: Sequence[Sample], catalogue: Catalogue, *, start: Mapping[str, float] | None = None) -> dict[str, float]:
    """Decibans of every signal that records of two sources show; the others keep the expert's."""
    prior = {one.signal: one.db for sample in found for one in _fittable(sample.evidence)}
    sources: dict[str, set[str]] = defaultdict(set)
    most: dict[str, float] = {}
    strong_db = signals_of(catalogue).weighing.strong_db
    for sample in found:
        for one in _fittable(sample.evidence):
            sources[one.signal].add(sample.source)
            shared = strong_db - SHARED_LESS if one.db < strong_db else math.inf
            most[one.signal] = min(shared, PATH_MOST) if one.group == "path" else shared
    free = sorted(signal for signal in prior if len(sources[signal]) >= SOURCES_LEAST)
    derived = {_key(one): one.db for sample in found for one in sample.evidence if one.signal.startswith(PREFIX)}
    weights = derived | prior | {signal: (start or prior).get(signal, prior[signal]) for signal in free}
    prepared = [_Prepared.of(sample, catalogue) for sample in found]
    for _ in range(ITERATIONS if start is None else ITERATIONS // 4):
        slope = {signal: (weights[signal] - prior[signal]) / SIGMA_DB**2 for signal in free}
        for one in prepared:
            one.add_slope(weights, slope)
        for signal in free:
            weights[signal] = min(max(weights[signal] - STEP * slope[signal], 0.0), most[signal])
    return {signal: weights[signal] for signal in free}


@dataclass(frozen=True)
class _Prepared:
    """A sample with what does not change while weights do."""

    truth: str | None
    marks: Mapping[str, Mapping[str, Sequence[str]]]  # candidate -> group -> signals for it
    fixed: Mapping[str, float]  # candidate -> what speaks against it
    unknown_db: float

    @classmethod
    def of(cls, sample: Sample, catalogue: Catalogue) -> _Prepared:
        settled = decide(sample.evidence, catalogue=catalogue).evidence
        front = [one for one in settled if one.layer == "front"]
        marks: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for one in front:
            if one.db > 0 and one.names_one:
                marks[one.provider][one.group].append(_key(one))
        fixed: dict[str, dict[str, float]] = {name: {} for name in marks}
        for one in front:
            for name in marks:
                if one.db < 0 and one.speaks_of(name):
                    fixed[name][one.group] = min(fixed[name].get(one.group, 0.0), one.db)
        against = {name: sum(groups.values()) for name, groups in fixed.items()}
        # of marks of equal weight the first is moved: in order of name, whatever the order of files
        ordered = {
            name: {group: sorted(signals) for group, signals in groups.items()} for name, groups in marks.items()
        }
        return cls(sample.truth, ordered, against, signals_of(catalogue).weighing.unknown_db)

    def add_slope(self, weights: Mapping[str, float], slope: dict[str, float]) -> None:
        active = {
            name: [max(signals, key=lambda signal: weights[signal]) for signals in groups.values()]
            for name, groups in self.marks.items()
        }
        scores = {name: self.fixed[name] + sum(weights[each] for each in best) for name, best in active.items()}
        total = sum(10 ** (score / 10) for score in scores.values()) + 10 ** (self.unknown_db / 10)
        best_of_all = max(scores, key=lambda name: scores[name], default=None)
        for name, score in scores.items():
            share = 10 ** (score / 10) / total
            if self.truth is not None:
                pull = share - (name == self.truth)
            elif name == best_of_all:
                pull = share  # where nobody may be named, the best of all is one too many
            else:
                continue
            for signal in active[name]:
                if signal in slope:
                    slope[signal] += _NATURAL * pull


def support(found: Iterable[Sample]) -> dict[str, tuple[int, int]]:
    """Records and sources that show each signal."""
    seen: dict[str, list[str]] = defaultdict(list)
    for sample in found:
        for signal in {one.signal for one in _fittable(sample.evidence)}:
            seen[signal].append(sample.source)
    return {signal: (len(sources), len(set(sources))) for signal, sources in seen.items()}


def _fittable(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Marks alone: what is derived from a file has the weight that its rarity gives, another in each answer."""
    fronts = (one for one in evidence if one.layer == "front" and one.db > 0 and one.names_one)
    return [one for one in fronts if not one.signal.startswith(PREFIX)]


def _key(one: Evidence) -> str:
    """The name of its weight; what is derived has one for each weight that it can have."""
    return f"{one.signal} {one.db:g}" if one.signal.startswith(PREFIX) else one.signal


def _weighed(one: Evidence, weights: Mapping[str, float]) -> Evidence:
    return replace(one, db=weights[one.signal]) if one.db > 0 and one.signal in weights else one


def _origin(source: str) -> str:
    """The repository, or the site, that a record comes from."""
    parts = source.removeprefix("https://").removeprefix("github.com/").split("/")
    return "/".join(parts[:2])
