"""Weighs evidence into one verdict, with claimed and observed kept apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from testkey_nb.identity.piece import PREFIX, Evidence
from testkey_nb.identity.signals import UNKNOWN, Signals, signals_of
from testkey_nb.identity.weigh import Candidate, candidates_of
from testkey_nb.preflight.hosts import owners_of
from testkey_nb.vocabulary import EVERYONE
from testkey_nb.wire.origins import is_private

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence comes to.

    Attributes:
        provider: what was observed; None when no product stands out.
        verdict: confirmed, likely, openai-compatible-unknown, conflicting or insufficient.
        confidence_db: see `Candidate`; None without a candidate.
        front: who answers; equals `provider`.
        transport: what carries the answers (CDN, reverse proxy), comma-joined; None when nothing shows.
        upstream: who stands behind the front; None when nothing shows.
        margin_db: best over second best candidate; None without a candidate.
        runner_up: the second best; None when there is none.
        candidates: all with evidence for them, best first.
        reason: one sentence for a reader.
    """

    provider: str | None
    verdict: str
    confidence_db: float | None
    front: str | None
    transport: str | None
    upstream: str | None
    margin_db: float | None
    runner_up: str | None
    evidence: tuple[Evidence, ...]
    candidates: tuple[Candidate, ...]
    reason: str


def decide(
    evidence: Iterable[Evidence],
    *,
    catalogue: Catalogue,
    claimed: str | None = None,
    host: str | None = None,
    answered: int = 1,
) -> Verdict:
    """The verdict on this evidence.

    `host` is where the answers came from (the official host that a route stands for); None when it is not known.
    `answered` counts the requests that were answered: one alone cannot show an OpenAI-compatible unknown.
    """
    signals = signals_of(catalogue)
    marks = _distinct(evidence, signals, catalogue)
    claim = signals.canonical(claimed, catalogue) if claimed else None
    marks, vetoed = _vetoed(marks, signals, catalogue, host)
    marks = _behind(marks, signals)
    candidates = candidates_of(marks, signals, unlisted=host is not None and not owners_of(host, catalogue=catalogue))
    best = candidates[0] if candidates else None
    second = candidates[1] if len(candidates) > 1 else None
    margin = best.db - second.db if best and second else best.db - signals.weighing.unknown_db if best else None
    shaped = any(mark.provider == UNKNOWN for mark in marks)
    verdict, reason = _verdict(_Case(candidates, claim, vetoed, shaped and answered > 1, answered, signals))
    named = best.provider if best and verdict in {"confirmed", "likely", "conflicting"} else None
    upstream = _upstream(marks, named, signals, catalogue)
    if verdict == UNKNOWN and upstream is not None:
        reason += f"; {upstream} seems to stand behind it, and whoever runs it can read the key"
    if answered == 0 and best is not None and best.groups.get("key", 0) >= signals.weighing.strong_db:
        named = best.provider
    return Verdict(
        provider=named,
        verdict=verdict,
        confidence_db=round(best.confidence_db, 1) if best else None,
        front=named,
        transport=", ".join(dict.fromkeys(mark.provider for mark in marks if mark.layer == "transport")) or None,
        upstream=upstream,
        margin_db=None if margin is None else round(margin, 1),
        runner_up=second.provider if second else None,
        evidence=tuple(marks),
        candidates=candidates,
        reason=reason,
    )


def _distinct(evidence: Iterable[Evidence], signals: Signals, catalogue: Catalogue) -> list[Evidence]:
    marks: dict[tuple[str, str, float], Evidence] = {}
    for mark in evidence:
        name = mark.provider if not mark.names_one or mark.layer == "transport" else None
        name = name or signals.canonical(mark.provider, catalogue)
        marks.setdefault((mark.signal, name, mark.db), _as(mark, provider=name))
    return list(marks.values())


def _as(mark: Evidence, *, provider: str | None = None, layer: str | None = None) -> Evidence:
    return replace(mark, provider=provider or mark.provider, layer=layer or mark.layer)


def _vetoed(
    marks: list[Evidence], signals: Signals, catalogue: Catalogue, host: str | None
) -> tuple[list[Evidence], frozenset[str]]:
    """A hosted service does not answer on a foreign host: what looks like it there stands behind.

    A mark that it shares with a product that can answer there tells of the latter alone.
    """
    if host is None:
        return marks, frozenset()
    owners = {owner.id for owner in owners_of(host, catalogue=catalogue)}
    names = {mark.provider for mark in marks if mark.provider != EVERYONE and mark.layer in {"front", "prior"}}
    vetoed = frozenset(name for name in names if name not in owners and _is_foreign(name, host, signals, catalogue))
    explained = {mark.signal for mark in marks if mark.layer == "front" and mark.provider in names - vetoed}
    moved = [
        _as(mark, layer="upstream") if mark.layer == "front" and mark.provider in vetoed else mark
        for mark in marks
        if mark.provider not in vetoed
        or mark.layer != "front"
        or (mark.group != "key" and mark.signal not in explained)
    ]
    return [mark for mark in moved if not (mark.group == "key" and mark.provider in vetoed)], vetoed


def _is_foreign(name: str, host: str, signals: Signals, catalogue: Catalogue) -> bool:
    """Can this product not answer on a host that is none of its own?"""
    if name in catalogue.providers:
        return catalogue.providers[name].hosted
    # Without a file its hosts are not known, but a hosted service has none in a private network.
    hosted = signals.hosted.get(name, name != UNKNOWN)
    return hosted and is_private(urlsplit(f"//{host}").hostname or "")


def _behind(marks: list[Evidence], signals: Signals) -> list[Evidence]:
    """Inside a relay's answer the marks of other services are those of services behind it."""
    relays = _marks_of_relays(marks, signals)

    def inside(name: str) -> bool:
        least = 0.0 if name in signals.imitated else signals.weighing.weak_db
        return any(
            mark.db >= least and name not in sharing and signals.outranks(mark.provider, name)
            for mark, sharing in relays
        )

    hidden = {name for name in {mark.provider for mark in marks if mark.names_one} if inside(name)}
    return [
        _as(mark, layer="upstream")
        if mark.layer == "front"
        and mark.provider in hidden
        and mark.db > 0
        # what a host itself shows is no mark inside its answer
        and mark.group not in {"host", "key"}
        and mark.signal != "accepted"
        else mark
        for mark in marks
    ]


def _marks_of_relays(marks: list[Evidence], signals: Signals) -> list[tuple[Evidence, frozenset[str]]]:
    """What only a relay puts into an answer, with all who share the mark; a path is the client's."""
    sharing: dict[str, set[str]] = {}
    for piece in marks:
        sharing.setdefault(piece.signal, set()).add(piece.provider)
    return [
        (mark, frozenset(sharing[mark.signal]))
        for mark in marks
        if mark.layer == "front" and mark.db > 0 and mark.provider in signals.fronts
        if mark.group not in {"key", "path"} and not mark.signal.startswith(PREFIX)
    ]


@dataclass(frozen=True, slots=True)
class _Case:
    """What the verdict is spoken on; `candidates` are best first."""

    candidates: tuple[Candidate, ...]
    claim: str | None
    vetoed: frozenset[str]
    shaped: bool
    answered: int
    known: Signals

    @property
    def best(self) -> Candidate:
        return self.candidates[0]

    @property
    def singled_out(self) -> bool:
        """Is the best likely by itself: far ahead, and by independent marks or a strong one?"""
        best, weighing = self.best, self.known.weighing
        likely = best.probability >= weighing.likely_probability and best.confidence_db >= weighing.likely_db
        return likely and (best.count >= 2 or best.top >= weighing.strong_db)

    @property
    def rival(self) -> Candidate | None:
        return _rival(self.candidates, self.known)


_Spoken = tuple[str, str]


def _verdict(case: _Case) -> _Spoken:
    """Verdict and reason: the first step that has something to say."""
    for step in (_claimed_elsewhere, _nobody, _unanswered, _contradicted, _undecided, _not_as_claimed):
        if (spoken := step(case)) is not None:
            return spoken
    return _named(case)


def _claimed_elsewhere(case: _Case) -> _Spoken | None:
    if case.claim is None or case.claim not in case.vetoed:
        return None
    who = f"; {case.best.provider} answers there" if case.candidates else ""
    return "conflicting", f"{case.claim} was declared, but this host is not one of its own{who}"


def _nobody(case: _Case) -> _Spoken | None:
    if case.candidates:
        return None
    if case.shaped:
        return UNKNOWN, "the answers have OpenAI's shape and no product's own marks"
    return "insufficient", "nothing in the answers names a product"


def _unanswered(case: _Case) -> _Spoken | None:
    if case.answered:
        return None
    return "insufficient", "nothing was answered; only the key's shape and the claim speak"


def _contradicted(case: _Case) -> _Spoken | None:
    """One answer alone may quote another's words: a conflict needs two."""
    if case.rival is None or case.answered < 2:
        return None
    return "conflicting", f"the marks of {case.best.provider} and of {case.rival.provider} contradict each other"


def _undecided(case: _Case) -> _Spoken | None:
    if case.singled_out and case.rival is None:
        return None
    if case.shaped:
        return UNKNOWN, "the answers have OpenAI's shape, and no product stands out"
    return "insufficient", f"the evidence does not single out one product ({_listed(case.candidates)})"


def _not_as_claimed(case: _Case) -> _Spoken | None:
    if case.claim is None or case.claim == case.best.provider:
        return None
    return "conflicting", f"{case.claim} was declared, but the answers are those of {case.best.provider}"


def _named(case: _Case) -> _Spoken:
    best, weighing = case.best, case.known.weighing
    hard = any(best.groups.get(group, 0) >= least for group, least in weighing.hard.items())
    sure = best.probability >= weighing.confirmed_probability and best.confidence_db >= weighing.confirmed_db
    if hard and sure and best.count >= 2:
        return "confirmed", f"independent marks agree on {best.provider}"
    return "likely", f"the marks point to {best.provider}"


def _rival(candidates: tuple[Candidate, ...], signals: Signals) -> Candidate | None:
    """Another front with a strong mark of its own in a group where the best has none."""
    best, strong_db = candidates[0], signals.weighing.strong_db
    for other in candidates[1:]:
        independent = [
            group
            for group, db in other.groups.items()
            if db >= strong_db and group not in best.groups and group not in {"key", "claim"}
        ]
        nested = signals.outranks(best.provider, other.provider)
        if independent and other.db >= strong_db and best.top >= strong_db and not nested:
            return other
    return None


def _listed(candidates: tuple[Candidate, ...]) -> str:
    return ", ".join(candidate.provider for candidate in candidates[:4])


def _upstream(marks: list[Evidence], front: str | None, signals: Signals, catalogue: Catalogue) -> str | None:
    totals: dict[str, dict[tuple[str, bool], float]] = {}
    for mark in marks:
        if mark.layer == "upstream" and mark.names_one and mark.provider != front:
            groups = totals.setdefault(mark.provider, {})
            place = (mark.group, mark.db > 0)
            groups[place] = max(groups.get(place, 0), mark.db, key=abs)
    scores = {name: sum(groups.values()) for name, groups in totals.items()}
    best = max(scores, key=lambda name: scores[name], default=None)
    owner = catalogue.providers.get(front or "")
    # who runs models itself may borrow another's words; a relay has somebody behind it
    runs_models = owner is not None and owner.kind in {"lab", "inference-cloud"}
    least = signals.weighing.strong_db if runs_models else signals.weighing.behind_relay_db
    return best if best is not None and scores[best] >= least else None
