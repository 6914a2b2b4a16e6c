"""Lays a diagnosis open: the error rules that hold of an answer, in the order they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.diagnosis import applying
from testkey_nb.answers.documents import Document, holds
from testkey_nb.answers.rules import holding
from testkey_nb.catalogue.expressions import regex_of
from testkey_nb.catalogue.model import ErrorFields, Provider

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.catalogue import Catalogue

COLUMNS = ("decides", "rank", "rule", "owner", "condition", "key_valid", "holds")
_READ_IN = {"path": "path", "codes": "codes", "says": "error"}


def explained(doc: Document, *, catalogue: Catalogue, provider: Provider | None = None) -> pd.DataFrame:
    """One row per rule that holds: the first decides, since ranks are read in their order and rules in that of a file.

    Columns: decides, rank (a word of `vocabulary.ERROR_RANKS`), rule, owner (the provider whose file says it; NA for a
    general rule), condition, key_valid, holds (what the rule asks for and finds in this answer).
    """
    import pandas as pd

    rules = applying(doc, catalogue=catalogue, provider=provider) if doc["failed"] else ()
    rows = [
        {
            "decides": number == 0,
            "rank": ranked.rank,
            "rule": ranked.rule.id,
            "owner": ranked.owner,
            "condition": ranked.rule.condition,
            "key_valid": ranked.rule.key_valid,
            "holds": "; ".join(_what_holds(ranked.rule, doc)),
        }
        for number, ranked in enumerate(rules)
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = dict.fromkeys(("rank", "rule", "owner", "condition", "holds"), "str")
    return frame.astype({**texts, "decides": "bool", "key_valid": "boolean"})


def _what_holds(fields: ErrorFields, doc: Mapping[str, Any]) -> Iterator[str]:
    for name in ("status", "code", "type"):
        if getattr(fields, name):
            yield f"{name} {doc[name]}"
    for name, source in _READ_IN.items():
        for wording in getattr(fields, name):
            match = regex_of(wording).search(doc[source] or "")
            if match is not None:
                yield f"{name} {match[0]!r}"
    if fields.when is not None and holds(fields.when, doc):
        yield f"when {' '.join(fields.when.text.split())}"
    for alternative in fields.any:
        if holding(alternative)(doc):
            yield from _what_holds(alternative, doc)
