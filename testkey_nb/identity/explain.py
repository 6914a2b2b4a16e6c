"""Lays a verdict open: a row per piece of evidence for the winner and the runner-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testkey_nb.identity.piece import Evidence
from testkey_nb.identity.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("role", "provider", "signal", "layer", "group", "db", "counted", "text", "asked", "source")
ROLES = ("winner", "runner-up", "behind", "carrier")
_OTHER_LAYERS = {"upstream": "behind", "transport": "carrier"}


def explained(verdict: Verdict) -> pd.DataFrame:
    """Every piece of evidence that speaks for or against the two best candidates, and of what stands around them.

    Columns: role (winner, runner-up; behind = of a service behind the front, carrier = of a CDN or proxy), provider,
    signal, layer, group, db (decibans, negative = against), counted (the strongest of its group and sign: only these
    add up to the score), text, asked (the question whose answer shows it; NA for a recorded answer), source.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    for role, candidate in zip(ROLES, verdict.candidates[:2], strict=False):
        own = [mark for mark in verdict.evidence if _speaks_of(candidate.provider, mark)]
        strongest = _strongest(own)
        ranked = sorted(own, key=lambda each: -each.db)
        rows += [_row(role, candidate.provider, mark, counted=mark in strongest) for mark in ranked]
    # what speaks against a service behind the front is told by its not being named
    around = [mark for mark in verdict.evidence if mark.layer in _OTHER_LAYERS and mark.names_one]
    rows += [_row(_OTHER_LAYERS[mark.layer], mark.provider, mark, counted=False) for mark in around if mark.db >= 0]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = dict.fromkeys((name for name in COLUMNS if name not in {"db", "counted"}), "str")
    return frame.astype({**texts, "db": "float64", "counted": "bool"})


def _speaks_of(name: str, mark: Evidence) -> bool:
    return mark.layer in {"front", "prior"} and bool(mark.db) and mark.speaks_of(name)


def _strongest(marks: list[Evidence]) -> list[Evidence]:
    best: dict[tuple[str, bool], Evidence] = {}
    for mark in marks:
        place = (mark.group, mark.db > 0)
        if place not in best or abs(mark.db) > abs(best[place].db):
            best[place] = mark
    return list(best.values())


def _row(role: str, provider: str, mark: Evidence, *, counted: bool) -> dict[str, object]:
    return {
        "role": role,
        "provider": provider,
        "signal": mark.signal,
        "layer": mark.layer,
        "group": mark.group,
        "db": mark.db,
        "counted": counted,
        "text": mark.text,
        "asked": mark.asked or None,
        "source": mark.source or None,
    }
