"""Frames as a shell prints them: a readable table, JSON with nulls, CSV that a spreadsheet opens safely."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Mapping
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


def print_frame(frame: pd.DataFrame, *, title: str, most: int = _ROWS_SHOWN) -> None:
    """Prints a table for eyes, as wide as the screen; rows beyond `most` are counted, not shown."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{title} ({len(frame)})", title_justify="left", title_style="bold", header_style="bold")
    for name in frame.columns:
        numeric = frame[name].dtype.kind in "iuf"
        table.add_column(str(name), justify="right" if numeric else "left", overflow="fold")
    for row in records(frame.head(most)):
        # Text, not str: what a remote server named its model must not be read as markup
        table.add_row(*(Text(_word(value)) for value in row.values()))
    console = Console()
    console.print(table)
    if len(frame) > most:
        console.print(f"… and {len(frame) - most} more rows; --format json or csv has them all.")


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


def print_tables(frames: Mapping[str, pd.DataFrame]) -> None:
    """Prints the tables one after another under their titles."""
    for title, frame in frames.items():
        print_frame(frame, title=title)
        print()
