"""One model of genai-prices as flat price rows: plain, for long contexts, at certain hours, as batch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

UNITS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")
DEFAULT = "default"

_CONTEXT = re.compile(r"(?:^|\s)>(\d+)$")
_HOURS = re.compile(r"^\d\d:\d\d-\d\d:\d\d UTC")


@dataclass(frozen=True, slots=True)
class Priced:
    """One price row.

    Attributes:
        tier: `default`; `>200000` = every token of a request with more input tokens than that; `01:00-04:00
            UTC` = at these hours; `batch`, `flex`, ... = the served variant; combinations are joined by a
            blank.
        amounts: USD per million tokens by unit; None = the source has no such price.
        effective_from: start of the dated price in force, or None.
    """

    tier: str
    amounts: Mapping[str, Decimal | None]
    effective_from: datetime | None


def context_above(tier: str) -> int | None:
    """Gives the context length above which this tier applies; None when it is not bound to one."""
    match = _CONTEXT.search(tier)
    return int(match[1]) if match else None


def base_of(tier: str) -> str:
    """Gives the tier without its context length."""
    return _CONTEXT.sub("", tier) or DEFAULT


def is_hours(tier: str) -> bool:
    """Tells whether this tier applies at certain hours only."""
    return _HOURS.match(tier) is not None


def priced(info: Any, *, now: datetime) -> Iterator[Priced]:
    """Gives price rows of a genai-prices model at `now` (naive UTC); one without token prices gives none."""
    since, standard, hours = _in_force(info.prices, now)
    if standard is None:
        return
    yield from _tiered(standard, "", since)
    for words, price in hours:
        yield from _tiered(price, words, since)
    for variant in info.price_variants or ():
        words = " ".join(value for _, value in sorted(variant.when.items()) if value != DEFAULT)
        start = getattr(variant.constraint, "start_date", None)
        if words and (variant.constraint is None or (start is not None and start <= now.date())):
            merged = {unit: getattr(variant.prices, unit) for unit in UNITS}
            merged = {unit: getattr(standard, unit) if value is None else value for unit, value in merged.items()}
            yield from _tiered(merged, words, since if start is None else _midnight(start))


def _in_force(prices: Any, now: datetime) -> tuple[datetime | None, Any, list[tuple[str, Any]]]:
    if not isinstance(prices, list):
        return None, prices, []
    since: datetime | None = None
    standard: Any = None
    hours: list[tuple[str, Any]] = []
    for part in prices:
        rule = part.constraint
        if rule is None:
            standard = part.prices
        elif hasattr(rule, "start_date"):
            # a dated price that has not begun is no price yet, and one that has replaces all before it
            if rule.start_date <= now.date():
                since, standard, hours = _midnight(rule.start_date), part.prices, []
        else:
            hours.append((f"{rule.start_time:%H:%M}-{rule.end_time:%H:%M} UTC", part.prices))
    if standard is None and prices:
        standard = prices[0].prices
    return since, standard, hours


def _tiered(price: Any, words: str, since: datetime | None) -> Iterator[Priced]:
    values = price if isinstance(price, dict) else {unit: getattr(price, unit) for unit in UNITS}
    if values["input_mtok"] is None and values["output_mtok"] is None:
        return
    starts = sorted({tier.start for value in values.values() for tier in getattr(value, "tiers", ())})
    for start in (None, *starts):
        tier = " ".join(part for part in (words, "" if start is None else f">{start}") if part)
        yield Priced(tier or DEFAULT, {unit: _at(value, start) for unit, value in values.items()}, since)


def _at(value: Any, start: int | None) -> Decimal | None:
    """Gives the price of one unit in requests above `start` tokens (None: below every threshold)."""
    if value is None or isinstance(value, Decimal):
        return value
    amount: Decimal = value.base
    for tier in value.tiers:
        if start is not None and tier.start <= start:
            amount = tier.price
    return amount


def _midnight(day: Any) -> datetime:
    return datetime.fromisoformat(f"{day:%Y-%m-%d}")  # naive UTC, as everything in the store
