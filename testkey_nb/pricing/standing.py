"""Which offers may be ranked, and what a workload meets on its way: rights, money and limits of the key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# minutes in the period that a workload is given for, and in the windows that limits are told for
MINUTES = {"hour": Decimal(60), "day": Decimal(1440), "week": Decimal(10080), "month": Decimal(43200)}
_WINDOWS = {"second": Decimal(1) / 60, "minute": Decimal(1), **MINUTES}
# limit kinds by what of the workload counts against them
_COUNTED = {
    "requests": ("requests",),
    "tokens": ("input", "output"),
    "input_tokens": ("input",),
    "uncached_input_tokens": ("uncached",),
    "output_tokens": ("output",),
}
USABLE, UNKNOWN, EXCLUDED = "usable", "unknown", "excluded"


@dataclass(frozen=True, slots=True)
class Workload:
    """What is to be served in one period.

    Attributes:
        counts: how many of what: input, uncached, output (tokens) and requests, where known.
        per: hour, day, week or month.
        peak: how much busier the busiest minute is than the average one.
    """

    counts: Mapping[str, Decimal]
    per: str
    peak: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the keys beside their prices: rights, validity, what is left, limits."""

    states: Mapping[tuple[str, str], str] = field(default_factory=dict)
    keys: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    limits: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    money: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)

    @classmethod
    def of(
        cls, *, permissions: pd.DataFrame, keys: pd.DataFrame, limits: pd.DataFrame, balances: pd.DataFrame
    ) -> Standing:
        """Gives the standing from the tables of a session."""
        own = permissions[permissions["scope"].fillna("key") == "key"]
        states = dict(zip(zip(own["key_id"], own["model_id"], strict=True), own["state"], strict=True))
        by_key: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in _records(limits):
            by_key[row["key_id"]].append(row)
        purses: dict[tuple[str, str, str], Decimal] = {}
        for row in _records(balances):
            if row["kind"] in ("available", "remaining") and row["amount"] is not None and row["currency"]:
                purse = "cap" if row["purse"] == "cap" else "money"
                place = (row["key_id"], row["currency"], purse)
                purses[place] = max(Decimal(row["amount"]), purses.get(place, Decimal("-Infinity")))
        money: dict[tuple[str, str], Decimal] = {}
        for (key_id, currency, _), amount in purses.items():
            # a cap and the money under it: the tighter of the two binds
            money[key_id, currency] = min(amount, money.get((key_id, currency), amount))
        return cls(states, {row["key_id"]: row for row in _records(keys)}, by_key, money)

    def place(self, row: Mapping[str, Any]) -> tuple[str, str | None, str | None]:
        """Gives where an offer stands (usable, unknown, excluded), the state of its permission, and why it is out."""
        key_id = row.get("key_id")
        if key_id is None or not self.keys:
            return USABLE, None, None
        state = self.states.get((key_id, row["model_id"]), "unknown")
        key = self.keys.get(key_id, {})
        if key.get("key_valid") is False:
            return EXCLUDED, state, "the key is not valid"
        if key.get("spent"):
            return EXCLUDED, state, f"nothing is left to spend{_of(key.get('spent_text'))}"
        if state == "denied":
            return EXCLUDED, state, "the key may not call this model"
        if key.get("serves_nothing"):
            return EXCLUDED, state, f"a key of kind {key.get('key_kind')} serves no calls"
        is_usable = state in ("callable", "listed") and key.get("key_valid") is True
        return (USABLE if is_usable else UNKNOWN), state, None

    def carries(self, row: Mapping[str, Any], workload: Workload) -> str | None:
        """Tells whether the key's rate limits carry the workload; None where no limit speaks of it."""
        minutes = MINUTES[workload.per]
        shares = []
        for limit in self.limits.get(str(row.get("key_id")), ()):
            span = _WINDOWS.get(limit["window"])
            counted = _COUNTED.get(limit["kind"])
            if span is None or counted is None or limit["model_id"] not in ("*", row["model_id"]):
                continue
            if limit["scope"] not in ("key", "organization"):
                continue  # a group of models, or a route that serves no calls
            if limit["limit"] is None or any(name not in workload.counts for name in counted):
                continue
            need = sum((workload.counts[name] for name in counted), Decimal(0)) * span / minutes
            if span < minutes:
                need *= workload.peak
            most = Decimal(str(limit["limit"]))
            shares.append((most / need if need else Decimal("Infinity"), limit, need, most))
        if not shares:
            return None
        share, limit, need, most = min(shares, key=lambda entry: entry[0])
        words = f"{_short(need)} of {_short(most)} {limit['kind'].replace('_', ' ')} per {limit['window']}"
        return f"yes: {words}" if share >= 1 else f"no: {words}"

    def days_left(self, row: Mapping[str, Any], cost: Decimal, per: str) -> Decimal | None:
        """Gives the days until what the key may spend is used up by this workload; None where that is not known."""
        left = self.money.get((str(row.get("key_id")), str(row.get("currency"))))
        if left is None or cost <= 0:
            return None
        return (left / (cost * MINUTES["day"] / MINUTES[per])).quantize(Decimal("0.1"))


def _records(frame: pd.DataFrame) -> Iterable[dict[str, Any]]:
    cells = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in cells.to_dict("records")]


def _of(text: Any) -> str:
    return f" ({text})" if text else ""


def _short(number: Decimal) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.3g}"
