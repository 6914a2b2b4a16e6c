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
        own = [one for one in verdict.evidence if _speaks_of(candidate.provider, one)]
        strongest = _strongest(own)
        ranked = sorted(own, key=lambda each: -each.db)
        rows += [_row(role, candidate.provider, one, counted=one in strongest) for one in ranked]
    # what speaks against a service behind the front is told by its not being named
    around = [one for one in verdict.evidence if one.layer in _OTHER_LAYERS and one.names_one]
    rows += [_row(_OTHER_LAYERS[one.layer], one.provider, one, counted=False) for one in around if one.db >= 0]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = dict.fromkeys((name for name in COLUMNS if name not in {"db", "counted"}), "str")
    return frame.astype({**texts, "db": "float64", "counted": "bool"})


def _speaks_of(name: str, one: Evidence) -> bool:
    return one.layer in {"front", "prior"} and bool(one.db) and one.speaks_of(name)


def _strongest(marks: list[Evidence]) -> list[Evidence]:
    best: dict[tuple[str, bool], Evidence] = {}
    for one in marks:
        place = (one.group, one.db > 0)
        if place not in best or abs(one.db) > abs(best[place].db):
            best[place] = one
    return list(best.values())


def _row(role: str, provider: str, one: Evidence, *, counted: bool) -> dict[str, object]:
    return {
        "role": role,
        "provider": provider,
        "signal": one.signal,
        "layer": one.layer,
        "group": one.group,
        "db": one.db,
        "counted": counted,
        "text": one.text,
        "asked": one.asked or None,
        "source": one.source or None,
    }
