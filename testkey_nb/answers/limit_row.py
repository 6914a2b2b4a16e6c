"""One limit, as one answer tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from testkey_nb.answers.numbers import Number, exact, plain
from testkey_nb.vocabulary import EXTRACT_COLUMNS


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit; what was not told is None.

    Attributes:
        source: the header, the field or `error` that told it.
        limit, remaining: an int, or a float where a fraction was told.
        unlimited: True where the answer says that there is no limit.
        reset_s, reset_at: as told, never one computed from the other.
        shown: False for a counter that a diagnosis leaves out.
    """

    kind: str
    source: str
    window: str | None = None
    limit: Number | None = None
    remaining: Number | None = None
    unit: str | None = None
    unlimited: bool | None = None
    reset_s: float | None = None
    reset_at: datetime | None = None
    scope: str = "key"
    shown: bool = True

    def as_told(self) -> dict[str, Any]:
        """The same as a diagnosis tells it."""
        return shown(asdict(self))

    def extracted(self) -> dict[str, Any]:
        """The same as a row of the table `limits`, its numbers as exact text."""
        cells = asdict(self) | {"model_id": "*", "state": "confirmed"}
        for name in ("limit", "remaining"):
            number = exact(cells[name])
            cells[name] = None if number is None else plain(number)
        if self.unlimited is None and self.limit is not None:
            cells["unlimited"] = False
        return {name: cells[name] for name in EXTRACT_COLUMNS["limits"]}


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a limit that a diagnosis tells; an untold window is `unknown`."""
    names = ("kind", "window", "limit", "remaining", "unit", "reset_s", "reset_at", "source")
    return {name: row[name] for name in names} | {"window": row["window"] or "unknown"}
