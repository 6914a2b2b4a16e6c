"""Turns what an answer gives into the kind a column holds; what does not fit becomes unknown, never an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from testkey_nb.answers.numbers import exact, plain
from testkey_nb.answers.times import instant, naive, seconds
from testkey_nb.catalogue.model import FieldSpec

_TRUE = frozenset({"true", "yes", "1", "on", "enabled"})
_FALSE = frozenset({"false", "no", "0", "off", "disabled"})
_TEXT_CAP = 2_000
_BIGGEST = 2**63 - 1


def coerce(value: Any, kind: str, *, spec: FieldSpec | None = None, now: datetime | None = None) -> Any:
    """The value as a column of this kind holds it (`vocabulary.EXTRACT_COLUMNS`); None if it does not fit or is empty.

    `spec` adds the map, the exact factor and the way to read a time. Money is exact decimal text, an int is a whole
    number within 64 bits, a list is JSON array text of strings, a time is a naive UTC datetime.
    """
    if spec is not None and (spec.map or spec.strict):
        value = _mapped(value, spec)
    if value is None:
        return None
    scale = spec.scale if spec is not None else None
    match kind:
        case "money":
            number = _scaled(value, scale)
            return None if number is None else plain(number)
        case "int":
            number = _scaled(value, scale)
            whole = number is not None and number == number.to_integral_value() and abs(number) <= _BIGGEST
            return int(number) if number is not None and whole else None
        case "num":
            number = _scaled(value, scale)
            return float(number) if number is not None else _span(value, spec)
        case "bool":
            return _bool(value)
        case "time":
            return _time(value, spec.time if spec is not None else None, now)
        case "list":
            return _list(value)
        case _:
            return _text(value, scale)


def _mapped(value: Any, spec: FieldSpec) -> Any:
    if isinstance(value, list):
        words = [_mapped(item, spec) for item in value]
        return [word for word in words if word is not None]
    word = value if isinstance(value, str) else json.dumps(value) if isinstance(value, bool | int | float) else None
    if word is not None and word in spec.map:
        return spec.map[word]
    return None if spec.strict else value


def _scaled(value: Any, scale: Decimal | None) -> Decimal | None:
    number = exact(value)
    return number if number is None or scale is None else number * scale


def _span(value: Any, spec: FieldSpec | None) -> float | None:
    return seconds(value) if spec is not None and spec.time == "duration" else None


def _bool(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def _time(value: Any, how: str | None, now: datetime | None) -> datetime | None:
    if isinstance(value, datetime):
        return naive(value)
    if not isinstance(value, str | int | float) or isinstance(value, bool) or value in (0, "0", ""):
        return None  # zero and "" are how services write "no date"
    moment = instant(value, how or "auto", now=now)
    return moment if moment is not None and 1990 <= moment.year <= 2200 else None


def _list(value: Any) -> str | None:
    if isinstance(value, str):
        items: list[Any] = [value] if value.strip() else []
        if not items:
            return None
    elif isinstance(value, Mapping):
        items = [name for name, on in value.items() if (on.get("supported") if isinstance(on, Mapping) else on) is True]
    elif isinstance(value, list | tuple):
        items = list(value)
    else:
        return None
    words = [str(item).strip() for item in items if isinstance(item, str | int | float) and not isinstance(item, bool)]
    return json.dumps([word for word in words if word], ensure_ascii=False)


def _text(value: Any, scale: Decimal | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        number = _scaled(value, scale)
        return None if number is None else plain(number)
    if scale is not None and isinstance(value, str):
        number = _scaled(value, scale)
        return value if number is None else plain(number)
    if isinstance(value, str):
        return value.strip()[:_TEXT_CAP] or None
    if isinstance(value, list):
        words = [item for item in value if isinstance(item, str)]
        return ", ".join(words)[:_TEXT_CAP] or None
    return None
