"""The order of costs: cheapest first inside a currency, what has no price at the end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from testkey_nb.pricing.naming import family as family_of


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
            "reason": "no source has a price for this model",
        }
        for row in missing.values()
    ]


def ranked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gives priced rows by currency (the most frequent first) and cost, then the others."""
    count: dict[str, int] = {}
    for row in rows:
        if row["cost"] is not None:
            count[row["currency"]] = count.get(row["currency"], 0) + 1

    def place(row: dict[str, Any]) -> tuple[Any, ...]:
        tail = (
            str(row.get("label") or ""),
            str(row.get("provider") or ""),
            str(row.get("key_id") or ""),
            str(row["model_id"]),
            str(row.get("tier")),
        )
        if row["cost"] is None:
            return (1, 0, "", Decimal(0), *tail)
        return (0, -count[row["currency"]], row["currency"], row["cost"], *tail)

    ordered = sorted(rows, key=place)
    seen: dict[str, int] = {}
    for row in ordered:
        if row["cost"] is None:
            continue
        seen[row["currency"]] = row["rank"] = seen.get(row["currency"], 0) + 1
        if len(count) > 1:
            note = f"ranked within {row['currency']} only: currencies are not compared"
            row["assumption"] = "; ".join(part for part in (row["assumption"], note) if part)
    return ordered
