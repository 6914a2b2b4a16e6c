"""What a workload costs on each key or provider, cheapest first and exact."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from testkey_nb.pricing.naming import family as family_of
from testkey_nb.pricing.ranking import ranked, unpriced
from testkey_nb.pricing.sources import settings
from testkey_nb.pricing.standing import MINUTES, Standing, Workload
from testkey_nb.pricing.tiers import DEFAULT, base_of, context_above, is_hours

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "rank",
    "provider",
    "label",
    "key_id",
    "model_id",
    "family",
    "permission",
    "cost",
    "currency",
    "input_cost",
    "output_cost",
    "cache_cost",
    "tier",
    "source",
    "upstream",
    "age_days",
    "conflict",
    "carries",
    "days_left",
    "reason",
    "assumption",
)
Number = Decimal | int | float | str

_MILLION = Decimal(1_000_000)
_WHO = ("key_id", "provider", "model_id", "source", "upstream")


def cost(
    prices: pd.DataFrame,
    *,
    input_mtok: Number,
    output_mtok: Number,
    cache_read_mtok: Number = 0,
    cache_write_mtok: Number = 0,
    cached_share: Number = 0,
    requests: int | None = None,
    context: int | None = None,
    family: str | None = None,
    model: str | None = None,
    tier: str = DEFAULT,
    per: str = "day",
    peak: Number = 2,
    rates: Mapping[str, Number] | None = None,
    models: pd.DataFrame | None = None,
    labels: Mapping[str, str] | None = None,
    standing: Standing | None = None,
) -> pd.DataFrame:
    """Gives the cost of a workload by key, model and price source: what may be used first, cheapest first.

    Args:
        prices: rows of the table `prices`, or of `testkey_nb.prices()`.
        input_mtok, output_mtok, cache_read_mtok, cache_write_mtok: millions of tokens; cached ones come on
            top of `input_mtok`, they are not part of it. A float is taken as it prints (0.1 is one tenth).
        cached_share: the part of `input_mtok` (0 to 1) that is read from a cache.
        requests: how many requests make up the workload: held against limits, and picks the price for long
            contexts. None = short ones.
        context: input tokens of one request, where that picks the price better than the average does.
        per: the period of the workload (hour, day, week, month), for limits and `days_left`.
        peak: how much busier the busiest minute is than the average one, for limits.
        rates: what one unit of a currency is worth in one that all are compared in (`{"USD": 1, "CNY": "0.14"}`).
        family, model: keep one family (any id of it will do) or one verbatim id.
        tier: a served variant such as `batch` or `flex` instead of the default.
        models: rows of `permissions` or `models`; one without any price becomes a row that says so.
        labels: key_id to label, where `prices` has no label column.
        standing: what else is known of the keys; without it all offers are taken as usable.

    `permission` is the state of the key's right to the model. What is denied, spent or invalid stands at the end
    without a rank, with its `reason`; what is not known to be usable stands behind what is. `carries` holds the
    workload against the tightest rate limit told; `days_left` is how long what the key may spend lasts at this cost.
    `cost`, `input_cost`, `output_cost` and `cache_cost` are `Decimal` in `currency`. A row whose price is missing or
    depends on the route stays at the end with `cost` <NA> and the `reason`. `rank` counts within one currency only,
    but for those that `rates` compares. `assumption` says what was assumed where the source is silent.

    Raises:
        ValueError: an amount of tokens is negative or no number, `requests` is not positive, a share is not from 0
            to 1, the period is none of ours, or a rate is no number.
    """
    import pandas as pd

    if requests is not None and requests <= 0:
        raise ValueError(f"requests must be positive, not {requests}")
    if per not in MINUTES:
        raise ValueError(f"per must be one of {', '.join(MINUTES)}, not {per!r}")
    share = _tokens(cached_share, "cached_share")
    if share > 1:
        raise ValueError(f"cached_share must be from 0 to 1, not {cached_share!r}")
    worth = {currency: _tokens(rate, f"rates[{currency!r}]") for currency, rate in (rates or {}).items()}
    tokens = {
        "input_mtok": _tokens(input_mtok, "input_mtok"),
        "output_mtok": _tokens(output_mtok, "output_mtok"),
        "cache_read_mtok": _tokens(cache_read_mtok, "cache_read_mtok"),
        "cache_write_mtok": _tokens(cache_write_mtok, "cache_write_mtok"),
    }
    tokens["cache_read_mtok"] += tokens["input_mtok"] * share
    tokens["input_mtok"] -= tokens["input_mtok"] * share
    names = dict(labels or {})
    size = _size(tokens, requests) if context is None else Decimal(context)
    rows = [
        _costed(row, thresholds, tokens=tokens, sized=size is not None)
        for row, thresholds in _applying(_wanted(prices, family, model), size=size, tier=tier)
    ]
    if models is not None:
        rows += unpriced(_wanted(models, family, model), rows)
    workload = Workload(_counts(tokens, requests), per, _tokens(peak, "peak"))
    for row in rows:
        row["label"] = row.get("label") or names.get(str(row.get("key_id")))
        _place(row, standing or Standing(), workload)
    ordered = ranked(rows, worth)
    cells = [[pd.NA if row.get(name) is None else row[name] for name in COLUMNS] for row in ordered]
    frame = pd.DataFrame(cells, columns=list(COLUMNS), dtype=object)
    for name in ("rank", "age_days"):
        frame[name] = frame[name].astype("Int64")
    return frame


def _tokens(value: Number, name: str) -> Decimal:
    amount = _decimal(value)
    if amount is None or amount < 0:
        raise ValueError(f"{name} must be a number of millions of tokens, not {value!r}")
    return amount


def _decimal(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _wanted(frame: pd.DataFrame, family: str | None, model: str | None) -> list[dict[str, Any]]:
    if model is not None:
        frame = frame[frame["model_id"] == model]
    if family is not None:
        name = family_of(family)
        of = frame["model_id"].map(family_of)
        frame = frame[of == name]
    cells = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in cells.to_dict("records")]


def _size(tokens: Mapping[str, Decimal], requests: int | None) -> Decimal | None:
    """Gives the input tokens of an average request; None where their number is not known."""
    read = tokens["input_mtok"] + tokens["cache_read_mtok"] + tokens["cache_write_mtok"]
    return None if requests is None else read * _MILLION / requests


def _counts(tokens: Mapping[str, Decimal], requests: int | None) -> dict[str, Decimal]:
    """Gives what counts against limits, in tokens and requests."""
    written = (tokens["input_mtok"] + tokens["cache_write_mtok"]) * _MILLION
    counts = {
        "input": written + tokens["cache_read_mtok"] * _MILLION,
        "uncached": written,
        "output": tokens["output_mtok"] * _MILLION,
    }
    return counts if requests is None else counts | {"requests": Decimal(requests)}


def _place(row: dict[str, Any], standing: Standing, workload: Workload) -> None:
    """Adds where the offer stands, what carries it and how long the money lasts."""
    row["standing"], row["permission"], out = standing.place(row)
    if out is not None:
        row["reason"] = out
        return
    row["carries"] = standing.carries(row, workload)
    if row["cost"] is not None:
        row["days_left"] = standing.days_left(row, row["cost"], workload.per)


def _applying(rows: list[dict[str, Any]], *, size: Decimal | None, tier: str) -> list[tuple[dict[str, Any], list[int]]]:
    """Gives the one row of each offer whose context length fits, with the thresholds the offer knows."""
    offers: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        row["tier"] = row.get("tier") or DEFAULT
        base = base_of(row["tier"])
        if base == tier or (tier == DEFAULT and is_hours(base)):
            offers.setdefault((*(row.get(name) for name in _WHO), row.get("currency"), base), []).append(row)
    chosen = []
    for each in offers.values():
        above = sorted(((context_above(row["tier"]) or 0, row) for row in each), key=lambda pair: pair[0])
        fitting = [row for start, row in above if start == 0 or (size is not None and size > start)] or [above[0][1]]
        chosen.append((fitting[-1], [start for start, _ in above if start]))
    return chosen


def _costed(
    row: dict[str, Any], thresholds: list[int], *, tokens: Mapping[str, Decimal], sized: bool
) -> dict[str, Any]:
    assumed: list[str] = []
    rates = {unit: _decimal(row[unit]) if row.get(unit) is not None else None for unit in tokens}
    for unit, word in (("cache_read_mtok", "cache reads"), ("cache_write_mtok", "cache writes")):
        if tokens[unit] and rates[unit] is None and rates["input_mtok"] is not None:
            rates[unit] = rates["input_mtok"]
            assumed.append(f"no price for {word}: counted at the input price")
    needed = [unit for unit in tokens if tokens[unit]]
    missing = [unit for unit in needed if rates[unit] is None]
    floating = [unit for unit in needed if (rate := rates[unit]) is not None and rate < 0]
    reason = (
        f"the source has no price for {', '.join(missing)}"
        if missing
        else "the price depends on the route taken"
        if floating
        else "the price names no currency"
        if not row.get("currency")
        else None
    )
    parts = {unit: (rates[unit] or Decimal(0)) * tokens[unit] for unit in tokens}
    if not sized and thresholds:
        assumed.append(f"requests of at most {thresholds[0]:,} input tokens; longer ones have another price")
    if is_hours(row["tier"]):
        assumed.append(f"at {base_of(row['tier'])} only")
    assumed += _doubts(row)
    return {
        **{name: row.get(name) for name in COLUMNS},
        "family": row.get("family") or family_of(str(row["model_id"])),
        "cost": None if reason else sum(parts.values(), Decimal(0)),
        "input_cost": None if reason else parts["input_mtok"],
        "output_cost": None if reason else parts["output_mtok"],
        "cache_cost": None if reason else parts["cache_read_mtok"] + parts["cache_write_mtok"],
        "reason": reason,
        "assumption": "; ".join(assumed) or None,
    }


def _doubts(row: Mapping[str, Any]) -> list[str]:
    doubts = []
    if row.get("conflict") is True:
        doubts.append("sources disagree on this price")
    age = row.get("age_days")
    if age is not None and age > settings()["stale_days"]:
        doubts.append(f"the price was checked {int(age)} days ago")
    return doubts
