"""The views that are lists: identity, dimensions, actions, risks, diagnoses, checks, money and requests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from testkey_nb.views.html_table import ROWS, Cell, Row, cell, empty, grid, heading, table
from testkey_nb.views.marks import Pen, evidence_ids
from testkey_nb.views.source import FrameSource, rows_of
from testkey_nb.views.static_view import Kind
from testkey_nb.views.text import THIN, anchor, decimal, esc, ident, ltr, missing, number

_EXCERPT = 240
# prices are many and alike: a page shows the first of them
OFFERS = 120
# up to so many keys stand beside each other on a page
KEYS_ACROSS = 5


def listing(
    name: str, noun: str, columns: Sequence[str], *, own: dict[str, Cell] | None = None, most: int = ROWS
) -> Kind:
    """Lists one table's rows with these columns; columns that the frame lacks are left out."""

    def draw(source: FrameSource, pen: Pen) -> str:
        rows = rows_of(source, name)
        there = [column for column in columns if not rows or column in rows[0]] or list(columns)
        caption = pen.say.find(f"view.{name}") or noun
        return table(caption, rows, columns=there, pen=pen, cells=own, most=most)

    return Kind(name, noun, name, draw)


def any_table(name: str, *, title: str | None = None) -> Kind:
    """Lists any frame as it is, all columns."""

    def draw(source: FrameSource, pen: Pen) -> str:
        columns = [str(column) for column in source.frame(name).columns] or ["label"]
        caption = title or pen.say.find(f"view.{name}") or name
        return table(caption, rows_of(source, name), columns=columns, pen=pen)

    return Kind(name, "Table", name, draw)


def _who(row: Row, pen: Pen) -> str:
    """Gives the provider observed, and what was claimed where that differs."""
    claimed, observed = row.get("claimed_provider"), row.get("provider")
    name = pen.none() if missing(observed) else esc(observed)
    if not missing(claimed) and claimed != observed:
        name += f"<small>{esc(pen.say('col.claimed_provider'))}: {esc(claimed)}</small>"
    return name


def _verdict(row: Row, pen: Pen) -> str:
    db = decimal(row.get("confidence_db"))
    tip = None if db is None else f"{db:.0f} dB"
    return pen.chip(row.get("verdict"), title=tip) + (f"<small>{ltr(tip)}</small>" if tip else "")


def _scopes(row: Row, pen: Pen) -> str:
    """Gives the provider's own words, one id each."""
    names = evidence_ids(row.get("token_scopes"))
    return " ".join(ident(name) for name in names) if names else pen.none()


def _action(row: Row, pen: Pen) -> str:
    """Gives the action in the reader's language."""
    return f"<b>{esc(pen.named('action', str(row.get('action') or '')))}</b>"


def _price(name: str) -> Cell:
    def write(row: Row, pen: Pen) -> str:
        if decimal(row.get(name)) is None:
            return pen.none()
        return ltr(f"{number(row[name])} {esc(row.get('currency') or '?')}")

    return write


def _amount(row: Row, pen: Pen) -> str:
    if decimal(row.get("amount")) is None:
        return pen.none()
    unit = row.get("currency") or row.get("unit") or ""
    return ltr(f"{number(row['amount'])} {esc(unit)}".strip())


def _derived(row: Row, _pen: Pen) -> str:
    """Gives a mark where the amount is worked out: what is held, less what is used."""
    return "=" if row.get("derived") is True else ""


def _conflict(row: Row, pen: Pen) -> str:
    value = row.get("conflict")
    if missing(value) or not value:
        return '<span class="tk-mute-text">–</span>'
    return pen.chip("conflicting", title=None if isinstance(value, bool) else str(value))


def _identity(source: FrameSource, pen: Pen) -> str:
    """Lays facts down and keys across while the keys are few; else one row per key."""
    rows = rows_of(source, "identity")
    if not 0 < len(rows) <= KEYS_ACROSS:
        return _IDENTITY_LIST.draw(source, pen)
    facts = [name for name in _IDENTITY_COLUMNS[1:] if name in rows[0]]
    keys = {str(at): f"<bdi>{esc(row.get('label') or row.get('key_id'))}</bdi>" for at, row in enumerate(rows)}
    cells = {
        (fact, str(at)): (_IDENTITY_OWN[fact] if fact in _IDENTITY_OWN else partial(cell, fact))(row, pen)
        for fact in facts
        for at, row in enumerate(rows)
    }
    heads = {fact: heading(fact, pen) for fact in facts}
    return grid(pen.say("view.identity"), heading("fact", pen), down=heads, across=keys, cells=cells)


def _exchanges(source: FrameSource, pen: Pen) -> str:
    rows = rows_of(source, "exchanges")
    columns = [
        name
        for name in (
            "exchange_id",
            "label",
            "key_id",
            "probe",
            "method",
            "host",
            "path",
            "authenticated",
            "status",
            "outcome",
            "latency_ms",
            "attempt",
            "sent_at",
            "body_excerpt",
        )
        if not rows or name in rows[0]
    ]
    if "label" in columns and "key_id" in columns:
        columns.remove("key_id")
    own: dict[str, Cell] = {
        "exchange_id": lambda row, _pen: ident(row.get("exchange_id")),
        "outcome": lambda row, pen: pen.chip(row.get("outcome")),
        "body_excerpt": _excerpt,
    }
    # ids only where the page links to them: in a notebook the same row may stand in several cells
    row_id = (lambda row: anchor(row.get("exchange_id"))) if pen.links else None
    return table(pen.say("view.exchanges"), rows, columns=columns, pen=pen, cells=own, row_id=row_id, most=None)


def _excerpt(row: Row, _pen: Pen) -> str:
    text = row.get("body_excerpt")
    if missing(text) or not str(text):
        return '<span class="tk-mute-text">–</span>'
    size = f"{len(str(text))}{THIN}B"
    return f"<details><summary>{size}</summary><pre>{esc(str(text)[:_EXCERPT])}</pre></details>"


def _checks(source: FrameSource, pen: Pen) -> str:
    """Lays keys down and checks across: each state with the sentence that gives its facts."""
    rows = rows_of(source, "checks")
    caption = pen.say("view.checks")
    if not rows:
        return empty(caption, pen)
    keys = {str(row["key_id"]): f"<bdi>{esc(row.get('label') or row['key_id'])}</bdi>" for row in rows}
    names = {str(row["check"]): esc(pen.named("check", str(row["check"]))) for row in rows}
    cells = dict.fromkeys(((key, name) for key in keys for name in names), pen.none())
    for row in rows:
        proof = next(iter(evidence_ids(row.get("evidence"))), None)
        cells[str(row["key_id"]), str(row["check"])] = (
            f"{pen.chip(row.get('state'), exchange=proof)}<small>{esc(row.get('reason') or '')}</small>"
        )
    return grid(caption, heading("label", pen), down=keys, across=names, cells=cells)


_IDENTITY_COLUMNS = (
    "label",
    "provider",
    "verdict",
    "key_valid",
    "key_kind",
    "front",
    "transport",
    "upstream",
    "owner_id",
    "organization_id",
    "project",
    "token_type",
    "token_role",
    "token_scopes",
    "expires_at",
    "evidence",
)
_IDENTITY_OWN: dict[str, Cell] = {"provider": _who, "verdict": _verdict, "token_scopes": _scopes}
_IDENTITY_LIST = listing("identity", "Identity", _IDENTITY_COLUMNS, own=_IDENTITY_OWN)
IDENTITY = Kind("identity", "Identity", "identity", _identity)
DIMENSIONS = listing("dimensions", "Dimensions", ("label", "provider", "dimension", "verdict", "signal", "reason"))
ACTIONS = listing("actions", "Actions", ("label", "rank", "action", "reason", "evidence"), own={"action": _action})
RISKS = listing("risks", "Risks", ("label", "severity", "risk", "reason", "evidence"))
DIAGNOSES = listing(
    "diagnoses",
    "Diagnoses",
    ("exchange_id", "label", "status", "condition", "judged", "judgement", "cause", "move"),
)
CHECKS = Kind("checks", "Cross-checks", "checks", _checks)
BALANCES = listing(
    "balances",
    "Balances",
    ("label", "purse", "kind", "amount", "derived", "state", "evidence"),
    own={"amount": _amount, "derived": _derived},
)
USAGE = listing(
    "usage", "Usage", ("label", "period", "kind", "amount", "state", "exchange_id"), own={"amount": _amount}
)
_PRICES = {name: _price(name) for name in ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")}
PRICES = listing(
    "prices",
    "Prices",
    (
        "model_id",
        "provider",
        "label",
        "input_mtok",
        "output_mtok",
        "cache_read_mtok",
        "cache_write_mtok",
        "upstream",
        "tier",
        "source",
        "checked",
        "age_days",
        "conflict",
    ),
    own={**_PRICES, "conflict": _conflict},
    most=OFFERS,
)
EXCHANGES = Kind("exchanges", "Exchanges", "exchanges", _exchanges)
COST = listing(
    "cost",
    "Cost",
    (
        "rank",
        "model_id",
        "label",
        "provider",
        "permission",
        "cost",
        "tier",
        "source",
        "carries",
        "days_left",
        "age_days",
        "conflict",
        "reason",
        "assumption",
    ),
    own={"cost": _price("cost"), "conflict": _conflict},
    most=OFFERS,
)
PLAN = any_table("plan")
