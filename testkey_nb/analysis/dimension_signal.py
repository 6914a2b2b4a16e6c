"""The signal of a dimension: what a count of models and a route say before anything is judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testkey_nb.analysis.rules import literal
from testkey_nb.errors import CatalogueError


def signal_of(dimension: Mapping[str, Any], *, n: int, route: str | None) -> Mapping[str, Any]:
    """Gives id and text of the first signal of a `[[dimensions]]` entry that holds for `n` models on a route."""
    return next(
        entry for entry in dimension["signals"] if entry.get("route") in (None, route) and n >= entry.get("min", 0)
    )


def signal_sql(dimension: Mapping[str, Any], *, n: str, route: str, file: str) -> str:
    """Gives the same as SQL over two expressions.

    Raises:
        CatalogueError: no signals, or one without text.
    """
    arms = []
    for number, entry in enumerate(dimension.get("signals") or ()):
        text = entry.get("text")
        if not isinstance(text, str) or not text:
            raise CatalogueError(
                "text is required and missing", file=file, field=f"{dimension.get('id')} signals[{number}]"
            )
        when = [f"{n} >= {int(entry['min'])}"] if "min" in entry else []
        when += [f"{route} = {literal(str(entry['route']))}"] if "route" in entry else []
        arms.append(f"WHEN {' AND '.join(when) or 'true'} THEN replace({literal(text)}, '{{N}}', CAST({n} AS VARCHAR))")
    if not arms:
        raise CatalogueError("signals is required and missing", file=file, field=str(dimension.get("id")))
    return f"CASE {' '.join(arms)} ELSE '' END"
