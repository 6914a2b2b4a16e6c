"""Adds to an answer's document what signals ask for again and again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from testkey_nb.answers.envelope import parsed

_LISTS = ("data", "models", "result", "resources", "items", "projects", "modelSummaries")
_GENERATED = ("choices", "content", "usage", "error")
_CAP = 20_000
# Rows of a list that are looked at: what all of so many share, all share.
_ROWS = 40
_NOW_S = 5


def view(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document plus, all of them null or empty where there is nothing:

    `fine` (a success with a body), `inner` (the body, or the JSON quoted inside a client's text), `keys` (its
    top-level names, sorted, comma-joined), `fault` (its error object) and `fault_keys`, `said` (what a failed answer
    says in words), `names` (header names, one a line), `items` (rows of a list, or the one model that was asked for),
    `item_keys`, `owners` (their distinct `owned_by`, lower-case), `created` (the creation time that all rows share),
    `created_now` (it is the moment of the answer), `chunk` (the body of a success, or the first event of a stream).
    Long lists are cut, in `body`, too.
    """
    body = _shortened(document.get("body"))
    text = document.get("text") or ""
    failed = bool(document.get("failed")) or (document.get("status") is None and isinstance(body, str))
    inner = (_parsed(body) or (_first_event(body) if failed else None)) if isinstance(body, str) else body
    items = _items(inner)
    fault = _fault(inner)
    facts = {
        **document,
        "body": body,
        "failed": failed,
        "fine": bool(text) and not failed,
        "inner": inner,
        "keys": _names(inner),
        "fault": fault,
        "fault_keys": _names(fault),
        "said": (document.get("error") or text) if failed else "",
        "names": "\n".join(sorted(document.get("headers") or {})),
        "items": items,
        "item_keys": _names(items[0]) if items else "",
        "owners": sorted({str(item.get("owned_by")).lower() for item in items if item.get("owned_by") is not None}),
        "created": _shared(items),
        "created_now": _is_now(_shared(items), (document.get("headers") or {}).get("date")),
        "chunk": inner if isinstance(inner, Mapping) and not failed else None,
    }
    if isinstance(body, str) and not failed:
        facts["chunk"] = _first_event(body)
    return facts


def _shortened(body: Any) -> Any:
    """The body with its long lists cut; the body itself where there are none."""
    if isinstance(body, list) and len(body) > _ROWS:
        return body[:_ROWS]
    if isinstance(body, Mapping) and any(isinstance(rows, list) and len(rows) > _ROWS for rows in body.values()):
        return {name: rows[:_ROWS] if isinstance(rows, list) else rows for name, rows in body.items()}
    return body


def _parsed(text: str) -> Any:
    """The JSON (or the dict as Python prints it) that the text is or holds; None for none."""
    starts = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    if not starts or len(text) > _CAP or "data:" in text[:200]:
        return None
    value = parsed(text[min(starts) :])
    return value if isinstance(value, dict | list) else None


def _first_event(text: str) -> Any:
    for line in text[:_CAP].splitlines():
        if line.startswith("data:"):
            try:
                value = json.loads(line[5:])
            except ValueError:
                return None
            return value if isinstance(value, dict) else None
    return None


def _items(inner: Any) -> list[Mapping[str, Any]]:
    rows = inner
    if isinstance(inner, Mapping):
        rows = next((inner[name] for name in _LISTS if isinstance(inner.get(name), list)), None)
        if rows is None and _is_model(inner):
            return [inner]
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _is_model(inner: Mapping[str, Any]) -> bool:
    """Is this one model of a list, asked for alone? What a model generated has an id, too."""
    named = isinstance(inner.get("id"), str) and str(inner.get("object", "model")).endswith("model")
    return named and not any(name in inner for name in _GENERATED)


def _fault(inner: Any) -> Any:
    if isinstance(inner, list) and inner:
        inner = inner[0]
    if not isinstance(inner, Mapping):
        return None
    fault = inner.get("error")
    if isinstance(fault, Mapping) and isinstance(fault.get("error"), Mapping):
        fault = fault["error"]
    return fault if isinstance(fault, Mapping) else None


def _names(value: Any) -> str:
    return ",".join(sorted(str(name) for name in value)) if isinstance(value, Mapping) else ""


def _is_now(created: Any, date: Any) -> bool:
    """Is this epoch second the moment of the answer, by its own `date` header?"""
    if not isinstance(created, int | float) or not isinstance(date, str):
        return False
    try:
        return abs(parsedate_to_datetime(date).timestamp() - created) <= _NOW_S
    except (ValueError, TypeError, OverflowError):
        return False


def _shared(items: list[Mapping[str, Any]]) -> Any:
    values = {str(item.get("created")) for item in items}
    return items[0].get("created") if len(values) == 1 and items else None
