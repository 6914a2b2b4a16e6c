"""Reads what shows only when several answers of one host are compared (`data/identify.toml`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from testkey_nb.catalogue.expressions import compiled
from testkey_nb.identity.evidence import Evidence
from testkey_nb.identity.weigh import WEAK_DB

# Decibans of a joint absence: several answers that every release of a product gives are all others here.
LACKING_DB = -20.0
BEHIND_DB = 15.0
_LEAST = 2
# Answers of a wall before the server: they tell nothing of what it would have said.
_WALLS = (403, 429)


def across(rules: Mapping[str, Any], documents: Mapping[str, Any]) -> list[Evidence]:
    """The marks of `[[across]]` that these answers, by question, show together."""
    found: list[Evidence] = []
    for one in rules.get("across", ()):
        if not compiled(one["when"])(documents):
            continue
        text, source, spares = one["text"], one["source"], tuple(one["for"])
        found += [_mark(one["id"], each, float(one["db"]), text, source) for each in spares]
        if one.get("others"):
            found.append(replace(_mark(one["id"], "*", float(one["others"]), text, source), spares=spares))
    return found


def lacking(rules: Mapping[str, Any], documents: Mapping[str, Any], found: Sequence[Evidence]) -> list[Evidence]:
    """Evidence that a product whose marks show through is not what answers here, from `[[expects]]`.

    One missing answer proves nothing, since operators close routes; most of them missing together means that something
    else stands in front and hands on a part.
    """
    shown: dict[str, float] = {}
    for one in found:
        if one.layer == "front" and one.group != "key":
            shown[one.provider] = max(shown.get(one.provider, 0.0), one.db)
    against: list[Evidence] = []
    for product in rules.get("expects", ()):
        name = product["for"]
        asked = [each for each in product["answers"] if _tells(documents.get(each["ask"]))]
        missing = [each["ask"] for each in asked if not compiled(each["when"])(documents[each["ask"]])]
        if shown.get(name, 0.0) < WEAK_DB or len(missing) < _LEAST or 2 * len(missing) <= len(asked):
            continue
        text = f"what every {name} answers is not answered here ({', '.join(missing)}): something stands in front"
        source = product["source"]
        against.append(_mark(f"lacks-{name}", name, LACKING_DB, text, source))
        against.append(replace(_mark(f"behind-{name}", name, BEHIND_DB, text, source), layer="upstream"))
    return against


def _mark(signal: str, provider: str, db: float, text: str, source: str) -> Evidence:
    return Evidence(signal, provider, "front", "behaviour", db, text, source, asked="several answers compared")


def _tells(document: Mapping[str, Any] | None) -> bool:
    if document is None or document.get("status") is None:
        return False
    return document["status"] < 500 and document["status"] not in _WALLS
