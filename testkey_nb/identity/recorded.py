"""Whose answer a single recorded one is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from testkey_nb.answers import document
from testkey_nb.catalogue import load
from testkey_nb.identity.evidence import evidence_of
from testkey_nb.identity.explain import explained
from testkey_nb.identity.verdict import Verdict, decide

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.catalogue import Catalogue

COLUMNS = ("provider", "verdict", "confidence_db", "evidence")


def identify_recorded(
    *,
    status: int | None = None,
    headers: Mapping[str, Any] | None = None,
    body: Any = None,
    path: str | None = None,
    host: str | None = None,
    catalogue: Catalogue | None = None,
) -> Verdict:
    """The verdict on one recorded answer. `headers` empty means that they were not kept, never that there were none."""
    catalogue = catalogue or load()
    doc = document(status=status, headers=headers, body=body, path=path, host=host)
    return decide(evidence_of(doc, catalogue=catalogue, host=host), catalogue=catalogue, host=host)


def identify_answer(
    *,
    status: int | None = None,
    headers: Mapping[str, Any] | None = None,
    body: Any = None,
    path: str | None = None,
    host: str | None = None,
    catalogue: Catalogue | None = None,
    explain: bool = False,
) -> pd.DataFrame:
    """Who gave one recorded answer: a row per candidate, best first, none above `insufficient` rather than a guess.

    Columns: provider, verdict, confidence_db (decibans over the strongest other explanation), evidence (list of
    texts). One answer cannot exclude a proxy that passes everything through; only a host can. `explain`: a row per
    piece of evidence for the winner and the runner-up instead, columns as of `explained`.

    >>> identify_answer(status=404, body={"detail": "Not Found"}).query("verdict != 'insufficient'").empty
    True
    """
    verdict = identify_recorded(status=status, headers=headers, body=body, path=path, host=host, catalogue=catalogue)
    return explained(verdict) if explain else rows_of(verdict)


def rows_of(verdict: Verdict) -> pd.DataFrame:
    """The candidates of a verdict as a frame; the verdict stands on the first row, every other is `insufficient`."""
    import numpy as np
    import pandas as pd

    rows: list[tuple[str | None, str, float | None, list[str]]] = []
    if verdict.provider is None and verdict.verdict != "insufficient":
        rows.append((None, verdict.verdict, None, [verdict.reason]))
    for place, candidate in enumerate(verdict.candidates):
        named = place == 0 and verdict.provider == candidate.provider
        texts = list(dict.fromkeys(mark.text for mark in candidate.evidence))
        rows.append(
            (candidate.provider, verdict.verdict if named else "insufficient", round(candidate.confidence_db, 1), texts)
        )
    evidence = np.empty(len(rows), dtype=object)
    for place, row in enumerate(rows):
        evidence[place] = row[3]
    # column by column: to give a whole frame its types takes six times as long
    columns = {
        "provider": pd.array([row[0] for row in rows], dtype="str"),
        "verdict": pd.array([row[1] for row in rows], dtype="str"),
        "confidence_db": np.array([row[2] for row in rows], dtype="float64"),
        "evidence": evidence,
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))
