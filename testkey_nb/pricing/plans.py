"""The most that a planned request can cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from testkey_nb.pricing.sources import prices, rows_for, settings

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

_MILLION = Decimal(1_000_000)


def most_it_costs(
    row: Mapping[str, Any], *, catalogue: Catalogue | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """Gives the most that one row of a plan can cost, all its `times`: `max_cost` (exact) and `currency`.

    0 where no token is spent, None where no price is known. Where the model is not chosen yet (no id), the
    provider's dearest one counts.
    """
    tokens = {"input_mtok": row.get("input_tokens") or 0, "output_mtok": row.get("output_tokens") or 0}
    if not any(tokens.values()):
        return {"max_cost": Decimal(0), "currency": None}
    unknown = {"max_cost": None, "currency": None}
    provider, model_id = row.get("provider"), row.get("model_id")
    if not provider:
        return unknown
    if model_id is None:
        frame = prices(provider=provider, catalogue=catalogue, now=now)
        offers: list[dict[Any, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    else:
        offers = [dict(price) for price in rows_for(provider, [str(model_id)], catalogue=catalogue, now=now)]
    needed = {unit: count for unit, count in tokens.items() if count}
    costs = [
        sum((Decimal(offer[unit]) * count for unit, count in needed.items()), Decimal(0)) / _MILLION
        for offer in offers
        if all(offer[unit] is not None for unit in needed)
    ]
    if not costs:
        return unknown
    currency = settings()["sources"]["genai-prices"]["currency"]
    return {"max_cost": max(costs) * (row.get("times") or 1), "currency": currency}
