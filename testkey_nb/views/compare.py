"""Keys stand beside each other, facts down and keys across; two of them are compared in tables."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from testkey_nb.views.html_table import Cell, Row, cell, empty, heading, table
from testkey_nb.views.marks import MARKS, Pen
from testkey_nb.views.source import FrameSource, rows_of
from testkey_nb.views.static_view import Kind
from testkey_nb.views.text import decimal, esc, ident, missing, number, plain, records
from testkey_nb.vocabulary import PERMISSION_STATES

if TYPE_CHECKING:
    import pandas as pd

_FACTS = (
    "provider",
    "verdict",
    "key_valid",
    "key_kind",
    "callable",
    "listed",
    "denied",
    "requests / minute",
    "tokens / minute",
    "requests / day",
    "tokens / day",
    "available",
    "launch",
    "next action",
)


def facts(source: FrameSource) -> dict[str, dict[str, Any]]:
    """Gives per key label the facts that an analyst lays beside each other; None is unknown."""
    facts_by_key: dict[str, dict[str, Any]] = {}
    for row in rows_of(source, "identity") or rows_of(source, "keys"):
        label = str(row.get("label") or row.get("key_id"))
        facts_by_key[label] = {name: row.get(name) for name in ("provider", "verdict", "key_valid", "key_kind")}
    for row in rows_of(source, "permissions"):
        if (row.get("scope") or "key") == "key" and _of(row) in facts_by_key:
            if row.get("state") == "unknown":
                continue  # of a key that nothing is known of, no count is known either
            counts = facts_by_key[_of(row)]
            # a key that something is known of has a true count of each state, zero too
            for state in PERMISSION_STATES[:3]:
                counts[state] = (counts.get(state) or 0) + (row.get("state") == state)
    for row in rows_of(source, "limits"):
        name = f"{row.get('kind')} / {row.get('window')}"
        limit = decimal(row.get("limit"))
        if name in _FACTS and (row.get("scope") or "key") == "key" and limit is not None and _of(row) in facts_by_key:
            cap = facts_by_key[_of(row)].get(name)
            facts_by_key[_of(row)][name] = limit if cap is None else min(cap, limit)
    for row in rows_of(source, "balances"):
        if row.get("kind") == "available" and decimal(row.get("amount")) is not None and _of(row) in facts_by_key:
            balance = f"{plain(row['amount'])} {plain(row.get('currency') or '')}".strip()
            before = facts_by_key[_of(row)].get("available")
            facts_by_key[_of(row)]["available"] = balance if before is None else f"{before} + {balance}"
    for row in rows_of(source, "stages"):
        if row.get("stage") == "launch" and _of(row) in facts_by_key:
            facts_by_key[_of(row)]["launch"] = row.get("verdict")
    for row in sorted(rows_of(source, "actions"), key=lambda row: row.get("rank") or 0):
        if _of(row) in facts_by_key:
            facts_by_key[_of(row)].setdefault("next action", row.get("action"))
    return facts_by_key


def _of(row: Row) -> str:
    return str(row.get("label") or row.get("key_id"))


def _shape(source: FrameSource) -> pd.DataFrame:
    import pandas as pd

    facts_by_key = facts(source)
    values = {label: [each.get(fact) for fact in _FACTS] for label, each in facts_by_key.items()}
    return pd.DataFrame(values, index=pd.Index(_FACTS, name="fact", dtype="str"), dtype="object")


def _draw(source: FrameSource, pen: Pen) -> str:
    facts_by_key = facts(source)
    labels = list(facts_by_key)
    rows = [{"fact": fact, **{label: facts_by_key[label].get(fact) for label in labels}} for fact in _FACTS]
    rows = [row for row in rows if any(not missing(row[label]) for label in labels)]
    own: dict[str, Cell] = {label: _side(label) for label in labels}
    own["fact"] = lambda row, pen: esc(_fact(str(row["fact"]), pen))
    return table(pen.say("view.comparison"), rows, columns=["fact", *labels], pen=pen, cells=own)


def _fact(name: str, pen: Pen) -> str:
    if name == "next action":
        return pen.say("page.next")
    for place in (f"col.{name}", f"state.{name}", f"stage.{name}", f"col.{name.rpartition(' ')[2]}"):
        if text := pen.say.find(place):
            return text
    return name


def _side(label: str) -> Cell:
    def write(row: Row, pen: Pen) -> str:
        value, fact = row.get(label), row["fact"]
        if missing(value):
            return pen.none()
        if fact in ("verdict", "launch"):
            return pen.chip(value)
        if fact == "key_valid":
            return pen.chip("yes" if value else "no")
        if fact == "next action":
            return esc(pen.named("action", str(value)))
        return number(value) if isinstance(value, (int, Decimal)) else esc(value)

    return write


# columns that only say what another one shows already
_SILENT = frozenset({"a_unlimited", "b_unlimited", "a_models", "b_models"})


def _judged(name: str, a: str, b: str) -> Cell:
    """Draws a cell of a comparison: words of the vocabulary as chips, numbers grouped, sides by their labels."""

    def write(row: Row, pen: Pen) -> str:
        value = row.get(name)
        if name.endswith("_limit") and row.get(f"{name[:2]}unlimited") is True:
            return f'<span title="{esc(pen.say("state.unlimited"))}">∞</span>'
        if missing(value):
            return pen.none()
        if isinstance(value, str) and value in MARKS:
            return pen.chip(value)
        if name in ("difference", "cheaper"):
            only = pen.say("notice.only")
            sides = {"a": a, "b": b, "only a": f"{only} {a}", "only b": f"{only} {b}"}
            return f"<bdi>{esc(sides.get(str(value), value))}</bdi>"
        if not isinstance(value, bool) and decimal(value) is not None:
            return number(f"{decimal(value):.2f}" if name == "ratio" else value)
        return ident(value) if name in ("model", "family") else cell(name, row, pen)

    return write


def comparison_kind(tables: Sequence[str], *, a: str, b: str) -> Kind:
    """Shows two keys compared: the sentences, then every table of the comparison."""

    def heads(columns: Sequence[str], pen: Pen) -> dict[str, str]:
        sides = {"a": a, "b": b}
        texts = {}
        for name in columns:
            side, _, rest = name.partition("_")
            if side in sides:
                below = f"<small>{heading(rest, pen)}</small>" if rest else ""
                texts[name] = f"<bdi>{esc(sides[side])}</bdi>{below}"
        return texts

    def draw(source: FrameSource, pen: Pen) -> str:
        sentences = "".join(f"<li><bdi>{esc(sentence)}</bdi></li>" for sentence in getattr(source, "summary", ()))
        parts = [f'<ul class="tk-list tk-part">{sentences}</ul>'] if sentences else []
        for name in tables:
            frame = source.frame(name)
            columns = [str(column) for column in frame.columns if str(column) not in _SILENT]
            if columns:
                title = f"{pen.say('view.comparison')}: {plain(a)} / {plain(b)} – {pen.named('view', name)}"
                own = {column: _judged(column, a, b) for column in columns}
                inner = table(title, records(frame), columns=columns, pen=pen, cells=own, heads=heads(columns, pen))
                parts.append(f'<div class="tk-part">{inner}</div>')
        return "".join(parts) or empty(pen.say("view.comparison"), pen)

    return Kind("comparison", "Comparison", tables[0] if tables else "comparison", draw)


SIDE_BY_SIDE = Kind("comparison", "Comparison", "identity", _draw, _shape)
