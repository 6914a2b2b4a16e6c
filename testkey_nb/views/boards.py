"""Boards lay keys against capabilities or stages, with a chip and the words behind it in each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from testkey_nb.catalogue.locales import load_locale
from testkey_nb.views.html_table import Row, empty, grid, heading
from testkey_nb.views.marks import Pen
from testkey_nb.views.source import FrameSource, rows_of
from testkey_nb.views.static_view import Kind
from testkey_nb.views.text import esc, free, missing
from testkey_nb.vocabulary import STAGES


def board(
    name: str,
    noun: str,
    *,
    down: str,
    columns: Callable[[Sequence[Row]], Iterable[str]],
    state: str,
    detail: str,
) -> Kind:
    """Lays keys against the names in `down`, a chip in each cell; `detail` is the column with the words behind it.

    The longer side goes down the page: few keys stand across, many stand below each other.
    """

    def draw(source: FrameSource, pen: Pen) -> str:
        rows = rows_of(source, name)
        caption = pen.say(f"view.{name}")
        names = list(columns(rows))
        by_key: dict[str, dict[str, Row]] = {}
        for row in rows:
            by_key.setdefault(str(row.get("label") or row.get("key_id")), {})[str(row.get(down))] = row
        if not by_key:
            return empty(caption, pen)
        keys = {label: f"<bdi>{esc(label)}</bdi>" for label in by_key}
        heads = {column: esc(pen.named(down, column)) for column in names}
        cells = {
            (label, column): _board_cell(cells_of_key.get(column), pen, state=state, detail=detail)
            for label, cells_of_key in by_key.items()
            for column in names
        }
        if len(keys) < len(names):
            corner = heading(down, pen)
            return grid(caption, corner, down=heads, across=keys, cells={(b, a): c for (a, b), c in cells.items()})
        return grid(caption, heading("label", pen), down=keys, across=heads, cells=cells)

    return Kind(name, noun, name, draw)


def _board_cell(row: Row | None, pen: Pen, *, state: str, detail: str) -> str:
    if row is None:
        return pen.none()
    words = row.get(detail)
    below = "" if missing(words) or not words else f"<small>{free(words)}</small>"
    return pen.chip(row.get(state), exchange=row.get("exchange_id")) + below


def _in_order(down: str, names: Sequence[str]) -> Callable[[Sequence[Row]], list[str]]:
    """Gives the known names in their order (all of them), then whatever else the rows name."""

    def order(rows: Sequence[Row]) -> list[str]:
        row_names = dict.fromkeys(str(row.get(down)) for row in rows)
        return [*names, *(name for name in row_names if name not in names)]

    return order


def path_of_stages(rows: Sequence[Row], pen: Pen) -> str:
    """Draws one key's five stages as a row of chips, in the order a key passes them."""
    by_stage = {str(row.get("stage")): row for row in rows}
    chips = []
    for stage in STAGES:
        row: dict[str, Any] = dict(by_stage.get(stage, {}))
        name = pen.say(f"stage.{stage}")
        word = row.get("verdict")
        verdict = pen.word("unknown" if missing(word) else str(word))
        tip = None if missing(row.get("reason")) else str(row["reason"])
        chips.append(f"<li>{pen.chip(word, title=tip, text=f'{name}: {verdict}')}</li>")
    return f'<ol class="tk-path">{"".join(chips)}</ol>'


def _ten(rows: Sequence[Row]) -> list[str]:
    """Gives the ten capabilities in their order, known by their English names."""
    english = load_locale("en")
    names = [english(f"capability.{slug}") for slug in english.names("capability")]
    return _in_order("capability", names)(rows)


CAPABILITY_BOARD = board(
    "capabilities", "CapabilityBoard", down="capability", columns=_ten, state="state", detail="summary"
)
STAGES_PATH = board(
    "stages", "Stages", down="stage", columns=_in_order("stage", STAGES), state="verdict", detail="reason"
)
