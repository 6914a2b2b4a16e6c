"""Prices in one unit, with their age and source, and what a workload costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testkey_nb.pricing.naming import ModelName, families, family, model_name

if TYPE_CHECKING:
    from testkey_nb.pricing.costs import Number, cost
    from testkey_nb.pricing.plans import most_it_costs
    from testkey_nb.pricing.sources import prices, rows_for

__all__ = ["ModelName", "Number", "cost", "families", "family", "model_name", "most_it_costs", "prices", "rows_for"]

_LAZY = {
    "Number": "testkey_nb.pricing.costs",
    "cost": "testkey_nb.pricing.costs",
    "most_it_costs": "testkey_nb.pricing.plans",
    "prices": "testkey_nb.pricing.sources",
    "rows_for": "testkey_nb.pricing.sources",
}


def __getattr__(name: str) -> Any:
    # pandas and genai-prices are loaded with the first price, not with the package
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
