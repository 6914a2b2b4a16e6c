"""The limit matrix shows per key and model each cap, what is left of it, and the header or field that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testkey_nb.views.html_table import empty, region
from testkey_nb.views.marks import Pen
from testkey_nb.views.source import FrameSource, rows_of
from testkey_nb.views.static_view import Kind
from testkey_nb.views.text import anchor, decimal, esc, ident, ltr, missing, number
from testkey_nb.vocabulary import LIMIT_KINDS, WINDOWS

if TYPE_CHECKING:
    import pandas as pd

# caps of one request say nothing of rates: they stand in a matrix of their own
PER_REQUEST = ("context", "max_output")
_LOW = 10  # percent left below which the bar changes its colour

Column = tuple[str, str]


def _columns(rows: list[dict[str, Any]]) -> list[Column]:
    columns = {(str(row.get("kind") or "?"), str(row.get("window") or "?")) for row in rows}

    def place(column: Column) -> tuple[int, str, int, str]:
        kind, window = column
        return (
            LIMIT_KINDS.index(kind) if kind in LIMIT_KINDS else len(LIMIT_KINDS),
            kind,
            WINDOWS.index(window) if window in WINDOWS else len(WINDOWS),
            window,
        )

    return sorted(columns, key=place)


def _lines(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[Column, dict[str, Any]]]:
    """Gives each (label, model, scope) its rows by column; `*` stands before the models it covers."""
    lines: dict[tuple[str, str, str], dict[Column, dict[str, Any]]] = {}
    for row in rows:
        model, scope = str(row.get("model_id") or "?"), str(row.get("scope") or "key")
        line = (str(row.get("label") or row.get("key_id") or "?"), model, scope)
        cells = lines.setdefault(line, {})
        column = (str(row.get("kind") or "?"), str(row.get("window") or "?"))
        cells[column] = _closer(cells.get(column), row)
    return dict(
        sorted(
            lines.items(),
            key=lambda item: (item[0][0], item[0][2] != "key", item[0][2], item[0][1] != "*", item[0][1]),
        )
    )


def _closer(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """Gives of two rows for one cell the one that binds: a number before none, the smaller number first."""
    if old is None:
        return new
    had, has = decimal(old.get("limit")), decimal(new.get("limit"))
    if has is None:
        return old if had is not None or not new.get("unlimited") else new
    return new if had is None or has <= had else old


def shape(source: FrameSource) -> pd.DataFrame:
    """Lays key, model and scope down; kind, window and limit/remaining across; unlimited is inf, unknown <NA>."""
    import pandas as pd

    rows = rows_of(source, "limits")
    columns, lines = _columns(rows), _lines(rows)
    across = (
        pd.MultiIndex.from_tuples(
            [(kind, window, what) for kind, window in columns for what in ("limit", "remaining")],
            names=["kind", "window", "what"],
        )
        if columns
        else pd.MultiIndex.from_arrays([[], [], []], names=["kind", "window", "what"])
    )
    down = (
        pd.MultiIndex.from_tuples(list(lines), names=["label", "model_id", "scope"])
        if lines
        else (pd.MultiIndex.from_arrays([[], [], []], names=["label", "model_id", "scope"]))
    )
    values = [
        [_value(cells.get(column), what) for column in columns for what in ("limit", "remaining")]
        for cells in lines.values()
    ]
    return pd.DataFrame(values, index=down, columns=across, dtype="Float64")


def _value(row: dict[str, Any] | None, what: str) -> float | None:
    if row is None:
        return None
    if what == "limit" and row.get("unlimited"):
        return float("inf")
    amount = decimal(row.get(what))
    return None if amount is None else float(amount)


def draw(source: FrameSource, pen: Pen) -> str:
    """Draws rates and caps over time, then caps per request; a row is a key and model, a column a kind and window."""
    rows, say = rows_of(source, "limits"), pen.say
    if not rows:
        return empty(say("view.limits"), pen)
    over_time = [row for row in rows if row.get("kind") not in PER_REQUEST]
    per_request = [row for row in rows if row.get("kind") in PER_REQUEST]
    parts = [
        _matrix(say(f"view.{title}"), part, pen)
        for title, part in (("limits", over_time), ("limits_request", per_request))
        if part
    ]
    return "".join(f'<div class="tk-part">{part}</div>' for part in parts)


def _matrix(title: str, rows: list[dict[str, Any]], pen: Pen) -> str:
    say, columns, lines = pen.say, _columns(rows), _lines(rows)
    head = "".join(
        f'<th scope="col" class="tk-num">{esc(kind.replace("_", " "))}<small>{_window(window)}</small></th>'
        for kind, window in columns
    )
    body = "".join(
        f'<tr><th scope="row">{_head(line, say("notice.any_model"))}</th>'
        + "".join(
            f'<td class="tk-num"{_tip(cells.get(column))}>{_cell(cells.get(column), pen)}</td>' for column in columns
        )
        + "</tr>"
        for line, cells in lines.items()
    )
    table = (
        f"<table><caption><b>{esc(title)}</b>"
        f"<span>{esc(say('col.limit'))} / {esc(say('col.remaining'))}</span></caption>"
        f'<thead><tr><th scope="col">{esc(say("col.label"))} · {esc(say("col.model_id"))}</th>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table>"
    )
    return region(title, table)


def _window(window: str) -> str:
    return "" if window == "none" else ltr(f"/ {esc(window)}")


def _head(line: tuple[str, str, str], any_model: str) -> str:
    label, model, scope = line
    below = esc(any_model) if model == "*" else ident(model)
    beyond = "" if scope == "key" else f" · {ident(scope)}"
    return f"<bdi>{esc(label)}</bdi><small>{below}{beyond}</small>"


def _tip(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    parts = [str(row[name]) for name in ("source", "reset_at") if not missing(row.get(name))]
    if not missing(row.get("exchange_id")):
        parts.append(anchor(row["exchange_id"]))
    return f' title="{esc(" · ".join(parts))}"' if parts else ""


def _cell(row: dict[str, Any] | None, pen: Pen) -> str:
    if row is None:
        return pen.none()
    limit, left = decimal(row.get("limit")), decimal(row.get("remaining"))
    request = row.get("exchange_id")
    unit = row.get("unit") if row.get("kind") == "spend" else None
    after = f" {esc(unit)}" if unit else ""
    if row.get("unlimited"):
        word = esc(pen.say("state.unlimited"))
        cap = f'<span title="{word}">{pen.proof("∞", request)}</span><small>{word}</small>'
    elif limit is None:
        cap = pen.none()
    else:
        cap = ltr(pen.proof(number(limit) + after, request))
    if left is None:
        return cap
    text = f"<small>{ltr(number(left) + after)} {esc(pen.say('col.remaining'))}</small>"
    return cap + text + (_bar(float(left / limit)) if limit else "")


def _bar(share: float) -> str:
    percent = max(0, min(100, round(share * 100)))
    low = " tk-low" if percent < _LOW else ""
    return f'<span class="tk-bar{low}" aria-hidden="true"><i style="width:{percent}%"></i></span>'


KIND = Kind("limits", "LimitMatrix", "limits", draw, shape)
