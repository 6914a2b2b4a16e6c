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
    known = signals_of(catalogue)
    found = _distinct(evidence, known, catalogue)
    claim = known.canonical(claimed, catalogue) if claimed else None
    found, vetoed = _vetoed(found, known, catalogue, host)
    found = _behind(found, known)
    candidates = candidates_of(found, known, unlisted=host is not None and not owners_of(host, catalogue=catalogue))
    best = candidates[0] if candidates else None
    second = candidates[1] if len(candidates) > 1 else None
    margin = best.db - second.db if best and second else best.db - known.weighing.unknown_db if best else None
    shaped = any(one.provider == UNKNOWN for one in found)
    verdict, reason = _verdict(_Case(candidates, claim, vetoed, shaped and answered > 1, answered, known))
    named = best.provider if best and verdict in {"confirmed", "likely", "conflicting"} else None
    upstream = _upstream(found, named, known, catalogue)
    if verdict == UNKNOWN and upstream is not None:
        reason += f"; {upstream} seems to stand behind it, and whoever runs it can read the key"
    if answered == 0 and best is not None and best.groups.get("key", 0) >= known.weighing.strong_db:
        named = best.provider
    return Verdict(
        provider=named,
        verdict=verdict,
        confidence_db=round(best.confidence_db, 1) if best else None,
        front=named,
        transport=", ".join(dict.fromkeys(one.provider for one in found if one.layer == "transport")) or None,
        upstream=upstream,
        margin_db=None if margin is None else round(margin, 1),
        runner_up=second.provider if second else None,
        evidence=tuple(found),
        candidates=candidates,
        reason=reason,
    )


def _distinct(evidence: Iterable[Evidence], known: Signals, catalogue: Catalogue) -> list[Evidence]:
    found: dict[tuple[str, str, float], Evidence] = {}
    for one in evidence:
        name = one.provider if not one.names_one or one.layer == "transport" else None
        name = name or known.canonical(one.provider, catalogue)
        found.setdefault((one.signal, name, one.db), _as(one, provider=name))
    return list(found.values())


def _as(one: Evidence, *, provider: str | None = None, layer: str | None = None) -> Evidence:
    return replace(one, provider=provider or one.provider, layer=layer or one.layer)


def _vetoed(
    found: list[Evidence], known: Signals, catalogue: Catalogue, host: str | None
) -> tuple[list[Evidence], frozenset[str]]:
    """A hosted service does not answer on a foreign host: what looks like it there stands behind.

    A mark that it shares with a product that can answer there tells of the latter alone.
    """
    if host is None:
        return found, frozenset()
    owners = {owner.id for owner in owners_of(host, catalogue=catalogue)}
    names = {one.provider for one in found if one.provider != EVERYONE and one.layer in {"front", "prior"}}
    vetoed = frozenset(name for name in names if name not in owners and _is_foreign(name, host, known, catalogue))
    explained = {one.signal for one in found if one.layer == "front" and one.provider in names - vetoed}
    moved = [
        _as(one, layer="upstream") if one.layer == "front" and one.provider in vetoed else one
        for one in found
        if one.provider not in vetoed or one.layer != "front" or (one.group != "key" and one.signal not in explained)
    ]
    return [one for one in moved if not (one.group == "key" and one.provider in vetoed)], vetoed


def _is_foreign(name: str, host: str, known: Signals, catalogue: Catalogue) -> bool:
    """Can this product not answer on a host that is none of its own?"""
    if name in catalogue.providers:
        return catalogue.providers[name].hosted
    # Without a file its hosts are not known, but a hosted service has none in a private network.
    hosted = known.hosted.get(name, name != UNKNOWN)
    return hosted and is_private(urlsplit(f"//{host}").hostname or "")


def _behind(found: list[Evidence], known: Signals) -> list[Evidence]:
    """Inside a relay's answer the marks of other services are those of services behind it."""
    relays = _marks_of_relays(found, known)

    def inside(name: str) -> bool:
        least = 0.0 if name in known.imitated else known.weighing.weak_db
        return any(
            one.db >= least and name not in sharing and known.outranks(one.provider, name) for one, sharing in relays
        )

    hidden = {name for name in {one.provider for one in found if one.names_one} if inside(name)}
    return [
        _as(one, layer="upstream")
        if one.layer == "front"
        and one.provider in hidden
        and one.db > 0
        # what a host itself shows is no mark inside its answer
        and one.group not in {"host", "key"}
        and one.signal != "accepted"
        else one
        for one in found
    ]


def _marks_of_relays(found: list[Evidence], known: Signals) -> list[tuple[Evidence, frozenset[str]]]:
    """What only a relay puts into an answer, with all who share the mark; a path is the client's."""
    sharing: dict[str, set[str]] = {}
    for one in found:
        sharing.setdefault(one.signal, set()).add(one.provider)
    return [
        (one, frozenset(sharing[one.signal]))
        for one in found
        if one.layer == "front" and one.db > 0 and one.provider in known.fronts
        if one.group not in {"key", "path"} and not one.signal.startswith(PREFIX)
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


def _rival(candidates: tuple[Candidate, ...], known: Signals) -> Candidate | None:
    """Another front with a strong mark of its own in a group where the best has none."""
    best, strong_db = candidates[0], known.weighing.strong_db
    for other in candidates[1:]:
        independent = [
            group
            for group, db in other.groups.items()
            if db >= strong_db and group not in best.groups and group not in {"key", "claim"}
        ]
        nested = known.outranks(best.provider, other.provider)
        if independent and other.db >= strong_db and best.top >= strong_db and not nested:
            return other
    return None


def _listed(candidates: tuple[Candidate, ...]) -> str:
    return ", ".join(one.provider for one in candidates[:4])


def _upstream(found: list[Evidence], front: str | None, known: Signals, catalogue: Catalogue) -> str | None:
    totals: dict[str, dict[tuple[str, bool], float]] = {}
    for one in found:
        if one.layer == "upstream" and one.names_one and one.provider != front:
            groups = totals.setdefault(one.provider, {})
            place = (one.group, one.db > 0)
            groups[place] = max(groups.get(place, 0), one.db, key=abs)
    scores = {name: sum(groups.values()) for name, groups in totals.items()}
    best = max(scores, key=lambda name: scores[name], default=None)
    owner = catalogue.providers.get(front or "")
    # who runs models itself may borrow another's words; a relay has somebody behind it
    runs_models = owner is not None and owner.kind in {"lab", "inference-cloud"}
    least = known.weighing.strong_db if runs_models else known.weighing.behind_relay_db
    return best if best is not None and scores[best] >= least else None
