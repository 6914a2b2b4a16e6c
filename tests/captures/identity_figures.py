"""Prints how many recorded answers are identified rightly: `python -m tests.captures.identity_figures [file ...]`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from testkey_nb.answers import document
from testkey_nb.catalogue import load
from testkey_nb.identity import decide
from testkey_nb.identity.evidence import evidence_of
from testkey_nb.identity.recorded import identify_recorded
from testkey_nb.identity.signals import signals_of
from tests.captures.figures import FIELD, OBSERVED, records

ABOVE = ("confirmed", "likely")


@dataclass(frozen=True)
class Case:
    """One record, what was to be said of it, and what was said (None = abstained).

    Attributes:
        label: yes (the answer names its service), family (it narrows to `candidates`), no (it could be anyone's).
    """

    record: dict[str, Any]
    truth: str
    label: str
    candidates: frozenset[str]
    said: str | None
    verdict: str

    @property
    def allowed(self) -> bool:
        """Is nothing said that the answer does not carry? To name nobody is always allowed."""
        return self.said is None or (self.label == "yes" and self.said == self.truth) or self.within

    @property
    def within(self) -> bool:
        return self.label == "family" and self.said in self.candidates

    @property
    def right(self) -> bool:
        return self.said == self.truth if self.label == "yes" else self.allowed


def cases(found: Iterable[dict[str, Any]]) -> list[Case]:
    """These records, each identified from what the single answer shows."""
    catalogue = load()
    known = signals_of(catalogue)
    said = []
    for record in found:
        verdict = identify_recorded(
            status=record["status"],
            headers=record["headers"],
            body=record["body"],
            path=record["request"].get("path"),
            catalogue=catalogue,
        )
        expect = record["expect"]
        truth = known.canonical(record["provider"], catalogue)
        candidates = frozenset(known.canonical(name, catalogue) for name in expect.get("candidates") or [truth])
        name = verdict.provider if verdict.verdict in ABOVE else None
        said.append(Case(record, truth, expect["identifiable"], candidates, name, verdict.verdict))
    return said


def strangers(found: Iterable[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Answers that are named, as if nothing were known of their own service: record, truth, name.

    This is how answers of services that have no file here are met.
    """
    catalogue = load()
    named = []
    for record in found:
        truth = signals_of(catalogue).canonical(record["provider"], catalogue)
        path = record["request"].get("path")
        doc = document(status=record["status"], headers=record["headers"], body=record["body"], path=path)
        others = [one for one in evidence_of(doc, catalogue=catalogue) if one.provider != truth]
        verdict = decide(others, catalogue=catalogue)
        if verdict.verdict in ABOVE and verdict.provider is not None:
            named.append((record["id"], truth, verdict.provider))
    return named


def precision(found: Sequence[Case]) -> float:
    """Of the names given, the share that the answers carry."""
    named = [case for case in found if case.said is not None]
    return sum(case.allowed for case in named) / len(named) if named else 1.0


def recall(found: Sequence[Case]) -> float:
    """Of the answers that name their service, the share that is named."""
    yes = [case for case in found if case.label == "yes"]
    return sum(case.right for case in yes) / len(yes) if yes else 1.0


def lines(found: Sequence[Case]) -> Iterable[str]:
    yes = [case for case in found if case.label == "yes"]
    named = [case for case in found if case.said is not None]
    family = [case for case in found if case.label == "family"]
    anyone = [case for case in found if case.label == "no"]
    yield f"recall: {sum(case.right for case in yes)} of {len(yes)} named rightly ({recall(found):.1%})"
    yield f"precision: {sum(case.allowed for case in named)} of {len(named)} names right ({precision(found):.1%})"
    yield f"family: {sum(case.within for case in family)} of {len(family)} named within the candidates, "
    yield f"    {sum(not case.allowed for case in family)} named otherwise; "
    yield f"anyone's: {sum(case.allowed for case in anyone)} of {len(anyone)} named nobody"
    for case in found:
        if not case.right:
            yield f"  {case.record['id']} ({case.label}) is {case.truth}, said {case.said} ({case.verdict})"


def main() -> None:
    for name in sys.argv[1:] or (OBSERVED, FIELD):
        print(name)
        print("\n".join(lines(cases(records(name)))))
        others = Counter(f"{truth} called {said}" for _, truth, said in strangers(records(name)))
        print(f"as if their own service were unknown, {others.total()} are given a name: {dict(others)}")


if __name__ == "__main__":
    main()
