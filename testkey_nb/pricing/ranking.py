"""The order of costs: what may be used first, cheapest first inside a currency; what has no price or is out last."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from testkey_nb.pricing.naming import family as family_of
from testkey_nb.pricing.standing import EXCLUDED, UNKNOWN, USABLE


def unpriced(models: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gives models without any price row; a model that the key may not call is none of them."""
    priced = {(row.get("key_id"), row["model_id"]) for row in rows}
    missing: dict[tuple[Any, Any], dict[str, Any]] = {}
    for row in models:
        who = (row.get("key_id"), row["model_id"])
        if who not in priced and row.get("state") in (None, "callable", "listed"):
            missing.setdefault(who, row)
    return [
        {
            **{name: row.get(name) for name in ("key_id", "label", "provider", "model_id")},
            "family": row.get("family") or family_of(str(row["model_id"])),
            "cost": None,
            "standing": USABLE,
            "reason": "no source has a price for this model",
        }
        for row in missing.values()
    ]


_PLACES = {USABLE: 0, UNKNOWN: 1, EXCLUDED: 3}


def ranked(rows: list[dict[str, Any]], rates: Mapping[str, Decimal]) -> list[dict[str, Any]]:
    """Gives priced rows by standing, currency (the most frequent first) and cost, then those without a price or out.

    Only what is not out has a rank. Currencies are ranked apart but for those that `rates` turns into one.
    """
    count: dict[str, int] = {}
    for row in rows:
        if row["cost"] is not None and row["standing"] != EXCLUDED:
            row["money"] = "*" if row["currency"] in rates else row["currency"]
            row["compared"] = row["cost"] * rates.get(row["currency"], Decimal(1))
            count[row["money"]] = count.get(row["money"], 0) + 1

    def place(row: dict[str, Any]) -> tuple[Any, ...]:
        tail = (
            str(row.get("label") or ""),
            str(row.get("provider") or ""),
            str(row.get("key_id") or ""),
            str(row["model_id"]),
            str(row.get("tier")),
        )
        place = _PLACES[row["standing"]]
        if "money" not in row:
            return (max(place, 2), 0, "", Decimal(0), *tail)
        return (place, -count[row["money"]], row["money"], row["compared"], *tail)

    ordered = sorted(rows, key=place)
    seen: dict[str, int] = {}
    for row in ordered:
        if "money" not in row:
            continue
        seen[row["money"]] = row["rank"] = seen.get(row["money"], 0) + 1
        if len(count) > 1:
            note = f"ranked within {row['currency']} only: currencies are not compared"
        elif row["currency"] in rates and rates[row["currency"]] != 1:
            note = f"compared at {rates[row['currency']]} for 1 {row['currency']}"
        else:
            note = None
        if note:
            row["assumption"] = "; ".join(part for part in (row["assumption"], note) if part)
    return ordered
