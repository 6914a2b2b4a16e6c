"""What follows from the tables: rule tables, and comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testkey_nb.analysis.compose import define_all

if TYPE_CHECKING:
    from testkey_nb.analysis.comparison import Comparison, compare

__all__ = ["Comparison", "compare", "define_all"]

_LAZY = {
    "Comparison": "comparison",
    "compare": "comparison",
}


def __getattr__(name: str) -> Any:
    # these need pandas, which is loaded on first use
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(f"testkey_nb.analysis.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
