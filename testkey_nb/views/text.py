"""Turns values of unknown origin into safe, readable HTML text."""

from __future__ import annotations

import html
import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

SHORT_ID = 30  # characters that a table's column has room for
THIN = "\N{NARROW NO-BREAK SPACE}"
NBSP = "\N{NO-BREAK SPACE}"

# C0 and C1 controls, line and paragraph separators, bidi marks, embeddings and isolates, zero-width and tag
# characters: a model id that carries one could reorder or hide what stands next to it.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_-]")


def missing(value: Any) -> bool:
    """Tells whether the value is None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def plain(value: Any) -> str:
    """Makes one line of text: invisible and bidi control characters are spelled out as <U+202E>."""
    text = str(value)
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub(lambda match: " " if match[0] in "\t\r\n" else f"<U+{ord(match[0]):04X}>", text)


def esc(value: Any) -> str:
    """Escapes text for HTML content and for quoted attributes."""
    return html.escape(plain(value), quote=True)


def ident(value: Any) -> str:
    """Keeps an id left-to-right inside any text; a short one stays on one line, a long one may wrap."""
    text = plain(value)
    size = "tk-id" if len(text) <= SHORT_ID else "tk-id tk-long"
    return f'<bdi dir="ltr" class="{size}">{html.escape(text, quote=True)}</bdi>'


def anchor(exchange_id: Any) -> str:
    """Gives the HTML id of an exchange's row."""
    return "x-" + _NOT_IN_AN_ID.sub("_", str(exchange_id))


def decimal(value: Any) -> Decimal | None:
    """Gives the number a cell holds, or None where it holds none."""
    if missing(value) or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def number(value: Any) -> str:
    """Writes `1234567.50` as `1 234 567.5` with thin spaces; what is no number comes back escaped."""
    amount = decimal(value)
    if amount is None:
        return esc(value)
    text = f"{amount:f}"
    whole, _, part = text.partition(".")
    sign, whole = ("\N{MINUS SIGN}", whole[1:]) if whole.startswith("-") else ("", whole)
    grouped = f"{int(whole or 0):,}".replace(",", THIN)
    part = part.rstrip("0")
    return f"{sign}{grouped}.{part}" if part else f"{sign}{grouped}"


def ltr(inner: str) -> str:
    """Keeps safe HTML left-to-right inside any text: numbers with units, instants."""
    return f'<bdi dir="ltr">{inner}</bdi>'


def instant(value: datetime) -> str:
    """Writes a naive UTC instant as `2026-11-23 07:55:00 UTC`."""
    return ltr(f"{value:%Y-%m-%d}{NBSP}{value:%H:%M:%S}{NBSP}UTC")


def free(value: Any) -> str:
    """Writes a text that brings its own direction: an instant, or a sentence of a rule."""
    return instant(value) if isinstance(value, datetime) else f"<bdi>{esc(value)}</bdi>"


def records(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Gives the frame's rows as dicts in which every missing value is None."""
    if frame is None or frame.empty:
        return []
    names = [str(name) for name in frame.columns]
    columns = [frame.iloc[:, place].tolist() for place in range(len(names))]
    return [
        {name: None if missing(value) else value for name, value in zip(names, row, strict=True)}
        for row in zip(*columns, strict=True)
    ]
