"""Prints how many recorded answers are identified rightly: `python -m tests.captures.identity_figures`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from testkey_nb.catalogue import load
from testkey_nb.identity.recorded import identify_recorded
from testkey_nb.identity.signals import signals_of
from tests.captures.figures import captures_dir, records

ABOVE = ("confirmed", "likely")


@dataclass(frozen=True)
class Case:
    """One record, what was to be said of it, and what was said (None = abstained)."""

    record: dict[str, Any]
    truth: str
    said: str | None
    verdict: str

    @property
    def identifiable(self) -> bool:
        return bool(self.record["expect"]["identifiable"] == "yes")

    @property
    def right(self) -> bool:
        return self.said == self.truth if self.identifiable else self.said is None


def cases() -> list[Case]:
    """Every record, identified from what a single answer shows."""
    catalogue = load()
    known = signals_of(catalogue)
    found = []
    for record in records():
        verdict = identify_recorded(
            status=record["status"],
            headers=record["headers"],
            body=record["body"],
            path=record["request"].get("path"),
            catalogue=catalogue,
        )
        said = verdict.provider if verdict.verdict in ABOVE else None
        found.append(Case(record, known.canonical(record["provider"], catalogue), said, verdict.verdict))
    return found


def main() -> None:
    found = cases()
    if not found:
        raise SystemExit(f"no observed answers in {captures_dir()}; set TESTKEY_NB_CAPTURES")
    yes = [case for case in found if case.identifiable]
    above = [case for case in found if case.said is not None]
    print(f"identifiable: {sum(case.right for case in yes)} of {len(yes)} right")
    print(f"named: {sum(case.right for case in above)} of {len(above)} right")
    others = [case for case in found if not case.identifiable]
    print(f"abstained where one must: {sum(case.right for case in others)} of {len(others)}")
    for case in found:
        if not case.right:
            print(f"  {case.record['id']} is {case.truth}, said {case.said} ({case.verdict})")


if __name__ == "__main__":
    main()
