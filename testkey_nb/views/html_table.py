"""Writes one accessible table: caption, scoped headers, a scrolling region that the keyboard can reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from testkey_nb.views.marks import Pen
from testkey_nb.views.text import decimal, esc, free, ident, missing, number

Row = Mapping[str, Any]
Cell = Callable[[Row, Pen], str]

# a list longer than this is cut; the frame has all rows
ROWS = 500

_CHIPS = frozenset({"state", "verdict", "severity", "outcome", "winner"})
_IDS = frozenset(
    {
        "model_id",
        "family",
        "host",
        "path",
        "fingerprint",
        "base_url",
        "owner_id",
        "organization_id",
        "project",
        "scope",
        "source",
        "capability",
        "metric",
        "probe",
        "provider_id",
    }
)
_NUMBERS = frozenset(
    {
        "limit",
        "remaining",
        "amount",
        "input_mtok",
        "output_mtok",
        "cache_read_mtok",
        "cache_write_mtok",
        "latency_ms",
        "context_window",
        "max_output",
        "confidence_db",
        "age_days",
        "rank",
        "attempt",
        "status",
        "cost",
        "tokens",
        "input_tokens",
        "output_tokens",
        "requests",
        "coverage",
        "value",
        "expected_tokens",
        "max_cost",
    }
)
# where nothing was told, these show "?": the reader would take an empty cell for zero or for "none"
_ASKED = (
    _NUMBERS
    | _CHIPS
    | {
        "key_valid",
        "provider",
        "currency",
        "key_kind",
        "owner_id",
        "organization_id",
        "token_type",
        "token_role",
        "front",
        "transport",
        "upstream",
        "reset_at",
        "expires_at",
        "unlimited",
    }
)
_UNGROUPED = frozenset({"status", "rank", "attempt"})


def heading(name: str, pen: Pen) -> str:
    """Gives a column's heading in the reader's language, or its name in plain words."""
    return esc(pen.say.find(f"col.{name}") or name.replace("_", " "))


def cell(name: str, row: Row, pen: Pen) -> str:
    """Draws one value in the dress its column asks for; missing is `?` where a reader might take it for zero."""
    value = row.get(name)
    if missing(value) or (isinstance(value, str) and not value):
        return pen.none() if name in _ASKED else '<span class="tk-mute-text">–</span>'
    if name == "exchange_id":
        return pen.exchange(value)
    if name == "evidence":
        return pen.exchanges(value)
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        # whether a key travelled with a request is a fact, not a judgement
        word = "yes" if value else "no"
        return esc(pen.say(f"state.{word}")) if name != "key_valid" else pen.chip(word)
    if name in _CHIPS:
        return pen.chip(value, exchange=row.get("exchange_id"))
    if name in _NUMBERS and decimal(value) is not None:
        return esc(value) if name in _UNGROUPED else number(round_ms(name, value))
    if name in _IDS:
        return ident(value)
    return free(value)


def round_ms(name: str, value: Any) -> Any:
    """Rounds milliseconds and decibans to whole ones; everything else stays as it is, money above all."""
    return round(float(value)) if name in ("latency_ms", "confidence_db", "age_days") else value


def table(
    caption: str,
    rows: Sequence[Row],
    *,
    columns: Iterable[str],
    pen: Pen,
    label: str | None = None,
    note: str = "",
    cells: Mapping[str, Cell] | None = None,
    heads: Mapping[str, str] | None = None,
    row_id: Callable[[Row], str] | None = None,
    most: int | None = ROWS,
) -> str:
    """Draws the rows as a table whose first column heads each row.

    Args:
        caption: plain text; the table's name.
        label: the scrolling region's name where two tables on a page share a caption.
        note: safe HTML under the caption.
        cells: own writers of some columns; they give safe HTML.
        heads: own headings of some columns, safe HTML.
        row_id: the HTML id of a row.
        most: rows written at most; the caption says how many there are.
    """
    own, own_heads = cells or {}, heads or {}
    names = list(columns)
    lead, rest = names[0], names[1:]
    head = "".join(
        f'<th scope="col"{_number_class(name)}>{own_heads.get(name) or heading(name, pen)}</th>' for name in names
    )
    body: list[str] = []
    if most is not None and len(rows) > most:
        note += f"<span>{number(most)} / {number(len(rows))}</span>"
    for row in rows[:most]:
        mark = f' id="{row_id(row)}"' if row_id else ""
        body.append(f'<tr{mark}><th scope="row">{own[lead](row, pen) if lead in own else cell(lead, row, pen)}</th>')
        body.extend(
            f"<td{_number_class(name)}>{own[name](row, pen) if name in own else cell(name, row, pen)}</td>"
            for name in rest
        )
        body.append("</tr>")
    if not rows:
        body.append(f'<tr><td colspan="{len(names)}" class="tk-mute-text">{esc(pen.say("notice.empty"))}</td></tr>')
    inner = (
        f"<table><caption><b>{esc(caption)}</b>{note}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    )
    return region(label or caption, inner)


def grid(
    caption: str,
    corner: str,
    *,
    down: Mapping[str, str],
    across: Mapping[str, str],
    cells: Mapping[tuple[str, str], str],
) -> str:
    """Draws a table with headed rows and columns; headings and cells are safe HTML, cells go by (down, across)."""
    head = "".join(f'<th scope="col">{title}</th>' for title in across.values())
    body = "".join(
        f'<tr><th scope="row">{title}</th>' + "".join(f"<td>{cells[row, column]}</td>" for column in across) + "</tr>"
        for row, title in down.items()
    )
    return region(
        caption,
        (
            f"<table><caption><b>{esc(caption)}</b></caption>"
            f'<thead><tr><th scope="col">{corner}</th>{head}</tr></thead><tbody>{body}</tbody></table>'
        ),
    )


def empty(caption: str, pen: Pen) -> str:
    """Gives what stands in for a table without rows."""
    return f'<p class="tk-notice"><b>{esc(caption)}</b> – {esc(pen.say("notice.empty"))}</p>'


def region(label: str, inner: str) -> str:
    """Makes a named area that scrolls on its own and takes the keyboard's focus."""
    return f'<div class="tk-region" role="region" tabindex="0" aria-label="{esc(label)}">{inner}</div>'


def _number_class(name: str) -> str:
    return ' class="tk-num"' if name in _NUMBERS else ""
