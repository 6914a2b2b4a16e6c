"""Numbers as answers write them, read exactly."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

Number = int | float
UNLIMITED = frozenset({"unlimited", "none", "infinite", "infinity", "inf", "no limit", "nolimit", "∞", "-1"})
_LEADING = re.compile(r"\s*([+-]?\d[\d,_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)")
_HUGE = 40
# a limit of this height is the largest number that the server can write, not one that anybody chose
ENDLESS = 2**53


def exact(value: Any) -> Decimal | None:
    """The number, exact: floats by what they print as, texts with or without thousands separators; None for others."""
    if isinstance(value, bool) or value is None:
        return None
    text = repr(value) if isinstance(value, float) else str(value).strip()
    if not isinstance(value, int | float | Decimal | str) or len(text) > _HUGE:
        return None
    try:
        number = Decimal(re.sub(r"(?<=\d),(?=\d{3}\b)", "", text.removeprefix("$")))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _HUGE else None


def leading(text: str) -> Decimal | None:
    """The number that a header value begins with (`100;w=60`, `2,000`, `6.0`)."""
    match = _LEADING.match(text[:200])
    return exact(match[1].replace("_", "").rstrip(",")) if match else None


def plain(number: Decimal) -> str:
    """Exact decimal text without exponent or trailing zeros of the fraction."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def native(number: Decimal | None) -> Number | None:
    """An int where integral, else a float that prints as the number does."""
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def is_unlimited(value: Any) -> bool:
    """Is this a limit told to be none (-1, "unlimited")?"""
    if isinstance(value, bool):
        return False
    return (isinstance(value, int | float) and value == -1) or (
        isinstance(value, str) and value.strip().lower() in UNLIMITED - {"none"}
    )
