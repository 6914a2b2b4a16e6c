"""Reads what shows only when several answers of one host are compared (`data/identify.toml`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from testkey_nb.catalogue.expressions import compiled
from testkey_nb.identity.piece import Evidence
from testkey_nb.identity.weighing import Weighing
from testkey_nb.vocabulary import EVERYONE

_LEAST = 2
_NO_ANSWER = frozenset({"host", "key"})
_OWN_ROUTES = frozenset({"prod", "ident"})
# Answers of a wall before the server: they tell nothing of what it would have said.
_WALLS = (403, 429)


def across(rules: Mapping[str, Any], documents: Mapping[str, Any]) -> list[Evidence]:
    """The marks of `[[across]]` that these answers, by question, show together."""
    marks: list[Evidence] = []
    for rule in rules.get("across", ()):
        if not compiled(rule["when"])(documents):
            continue
        text, source, spares = rule["text"], rule["source"], tuple(rule["for"])
        marks += [_mark(rule["id"], each, float(rule["db"]), text, source) for each in spares]
        if rule.get("others"):
            marks.append(replace(_mark(rule["id"], EVERYONE, float(rule["others"]), text, source), spares=spares))
    return marks


def behind(
    rules: Mapping[str, Any], documents: Mapping[str, Any], evidence: Sequence[Evidence], *, weighing: Weighing
) -> list[Evidence]:
    """The evidence, where the marks of a product that cannot be the one answering tell of a service behind.

    `[[expects]]` says what every release of a product answers. One missing answer proves nothing, since operators
    close routes; most of them missing together means that something else stands in front and hands on a part. A route
    of the product's own that does answer (groups prod, ident) still speaks for it.
    """
    settled = list(evidence)
    for product in rules.get("expects", ()):
        name = product["for"]
        own = [
            mark
            for mark in evidence
            if mark.provider == name and mark.layer == "front" and mark.group not in _NO_ANSWER
        ]
        asked = [each for each in product["answers"] if _tells(documents.get(each["ask"]))]
        missing = [each["ask"] for each in asked if not compiled(each["when"])(documents[each["ask"]])]
        if (
            not any(mark.db >= weighing.weak_db for mark in own)
            or len(missing) < _LEAST
            or 2 * len(missing) <= len(asked)
        ):
            continue
        handed_on = [mark for mark in own if mark.db > 0 and mark.group not in _OWN_ROUTES]
        settled = [replace(mark, layer="upstream") if mark in handed_on else mark for mark in settled]
        text = f"what every {name} answers is not answered here ({', '.join(missing)}): something stands in front"
        against = _mark(f"lacks-{name}", name, weighing.lacking_db, text, product["source"])
        settled += [against, replace(against, layer="upstream", db=0.0)]
    return settled


def _mark(signal: str, provider: str, db: float, text: str, source: str) -> Evidence:
    return Evidence(signal, provider, "front", "behaviour", db, text, source, asked="several answers compared")


def _tells(document: Mapping[str, Any] | None) -> bool:
    if document is None or document.get("status") is None:
        return False
    return document["status"] < 500 and document["status"] not in _WALLS
