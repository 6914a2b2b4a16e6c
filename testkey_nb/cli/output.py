"""Frames as a shell prints them: a readable table, JSON with nulls, CSV that a spreadsheet opens safely."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testkey_nb.errors import KeyToolError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "SCHEMA",
    "csv_text",
    "emit",
    "json_text",
    "plain",
    "print_frame",
    "print_tables",
    "records",
    "write_csvs",
    "write_text",
]

SCHEMA = 1

_ROWS_SHOWN = 30
# a text longer than this may wrap, and no narrower than that; labels stand first and never do
_LONG, _WRAPPED = 20, 14


def plain(value: Any) -> Any:
    """Gives the value as JSON has it: unknown is None, times are ISO 8601 with Z, decimals are text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    if isinstance(value, datetime):  # NaT is a datetime too
        return None if value != value else value.isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if hasattr(value, "item"):
        return plain(value.item())
    return None if str(value) in ("<NA>", "NaT", "nan") else str(value)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Gives the rows as plain dicts."""
    names = [str(name) for name in frame.columns]
    return [
        dict(zip(names, map(plain, row), strict=True))
        for row in frame.astype(object).itertuples(index=False, name=None)
    ]


def json_text(value: Mapping[str, Any]) -> str:
    """Gives one JSON object; a mapping of frames becomes `{"schema": 1, "tables": {...}}`."""
    if value and all(hasattr(each, "columns") for each in value.values()):
        value = {"schema": SCHEMA, "tables": {name: records(frame) for name, frame in value.items()}}
    return json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n"


def csv_text(frame: pd.DataFrame) -> str:
    """Gives CSV; a text that a spreadsheet would run as a formula gets an apostrophe in front."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    for row in records(frame):
        writer.writerow(["" if value is None else _tame(value) for value in row.values()])
    return out.getvalue()


def _tame(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return value
    try:
        float(value)
    except ValueError:
        return "'" + value
    return value


def write_csvs(frames: Mapping[str, pd.DataFrame], out: Path | None) -> None:
    """Writes one file per table into the folder `out`; without it, all to the screen, each under a `# name` line.

    Raises:
        KeyToolError: the folder cannot be made or written to.
    """
    if out is None:
        for name, frame in frames.items():
            sys.stdout.write(f"# {name}\n{csv_text(frame)}\n")
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, frame in frames.items():
            (out / f"{name}.csv").write_text(csv_text(frame), encoding="utf-8")
    except OSError as problem:
        raise KeyToolError(f"cannot write {out}: {problem.strerror}") from None


def print_frame(
    frame: pd.DataFrame, *, title: str, most: int = _ROWS_SHOWN, spare: Sequence[str] = (), width: int | None = None
) -> None:
    """Prints a table for eyes, as wide as the screen; what does not fit is counted or named, not shown.

    Only long texts wrap. Where the screen is too narrow for a column's words, whole columns are left out: those of
    `spare` first, then from the right.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=width)
    rows = [[_word(value) for value in row.values()] for row in records(frame.head(most))]
    names = [str(name) for name in frame.columns]
    widths = {name: max(map(len, (name, *cells))) for name, *cells in zip(names, *rows, strict=True)}
    long = {name for name in names[1:] if widths[name] > _LONG}
    kept = _fitting(widths, long, room=console.width, spare=spare)
    table = Table(
        title=f"{title} ({len(frame)})", title_justify="left", title_style="bold", header_style="bold",
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0),
    )  # fmt: skip
    for name in kept:
        numeric = frame[name].dtype.kind in "iuf"
        table.add_column(
            name, justify="right" if numeric else "left", overflow="fold", no_wrap=name not in long,
            ratio=widths[name] if name in long else None,
        )  # fmt: skip
    for row in rows:
        # Text, not str: what a remote server named its model must not be read as markup
        table.add_row(*(Text(cell) for name, cell in zip(names, row, strict=True) if name in kept))
    console.print(table)
    if len(kept) < len(names):
        left_out = ", ".join(name for name in names if name not in kept)
        console.print(f"Left out on this narrow screen: {left_out}; --format json or csv has them all.")
    if len(frame) > most:
        console.print(f"… and {len(frame) - most} more rows; --format json or csv has them all.")


def _fitting(widths: Mapping[str, int], long: Collection[str], *, room: int, spare: Sequence[str]) -> list[str]:
    """Gives the columns that fit: a long text may wrap down to a word or two, all others stand whole."""
    kept = list(widths)
    order = [name for name in spare if name in widths] + [name for name in reversed(kept) if name not in spare]
    for name in order[:-1]:
        if sum(_WRAPPED if each in long else widths[each] for each in kept) <= room - 2 * len(kept):
            break
        kept.remove(name)
    return kept


def emit(frame: pd.DataFrame, form: str, out: Path | None, *, name: str, title: str) -> None:
    """Writes one frame as `table`, `json` (under its name) or `csv`, to the screen or into the file `out`.

    Raises:
        KeyToolError: the file cannot be written.
    """
    if form == "table":
        print_frame(frame, title=title)
    else:
        write_text(json_text({name: frame}) if form == "json" else csv_text(frame), out)


def write_text(text: str, out: Path | None) -> None:
    """Writes the text to the screen, or into the file `out`.

    Raises:
        KeyToolError: the file cannot be written.
    """
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise KeyToolError(f"cannot write {out}: {problem.strerror}") from None


def _word(value: Any) -> str:
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "".join(char if char.isprintable() else "�" for char in str(value))


def print_tables(frames: Mapping[str, pd.DataFrame], *, spare: Mapping[str, Sequence[str]] | None = None) -> None:
    """Prints the tables one after another under their titles; `spare` says of each what a narrow screen drops first."""
    for title, frame in frames.items():
        print_frame(frame, title=title, spare=(spare or {}).get(title, ()))
        print()
