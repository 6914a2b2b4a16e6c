"""The permission matrix shows which key may call which model, and which request says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testkey_nb.views.grid import Grid, Requests, grid
from testkey_nb.views.html_table import empty, region
from testkey_nb.views.marks import MARKS, Pen
from testkey_nb.views.source import FrameSource
from testkey_nb.views.static_view import Kind
from testkey_nb.views.text import THIN, anchor, esc, ident, missing
from testkey_nb.vocabulary import PERMISSION_STATES

if TYPE_CHECKING:
    import pandas as pd

# Above this many cells each carries its symbol and tint only; the words stand in legend and counts.
WORDY_CELLS = 6_000
# At most so many cells with another request than their column's usual one say so; the frame has them all.
TITLED_CELLS = 3_000
# classes of the four states in their order, and of a pair that no row speaks of
_LETTERS = ("c", "l", "d", "u", "n")


def shape(source: FrameSource) -> pd.DataFrame:
    """Lays models down, keys across, state words inside; what no row speaks of is `unknown`."""
    import numpy as np
    import pandas as pd

    matrix = grid(source.frame("permissions"))
    words = np.array([*PERMISSION_STATES, "unknown"], dtype=object)[matrix.states]
    index = pd.Index(matrix.models, name="model_id", dtype="str")
    return pd.DataFrame(words, index=index, columns=pd.Index(matrix.keys, name="key", dtype="str"), dtype="str")


def draw(source: FrameSource, pen: Pen) -> str:
    """Draws the matrix with a legend, counts per key, and the request that proves each column."""
    frame = source.frame("permissions")
    matrix = grid(frame)
    say = pen.say
    if not matrix.models:
        return empty(say("view.permissions"), pen)
    wordy = len(matrix.models) * len(matrix.keys) <= WORDY_CELLS
    requests = Requests.of(frame, matrix)
    rows = _wordy_rows(matrix, frame, requests, pen) if wordy else _dense_rows(matrix, requests)
    counts = _counts(matrix, pen)
    head = "".join(
        f'<th scope="col"><bdi>{esc(key)}</bdi><small>{counts[place]}</small>{_proved(requests.usual(place), pen)}</th>'
        for place, key in enumerate(matrix.keys)
    )
    table = (
        f'<table class="tk-m{"" if wordy else " tk-dense"}"><caption><b>{esc(say("view.permissions"))}</b>'
        f"<span>{len(matrix.models)} × {len(matrix.keys)}</span></caption>"
        f'<thead><tr><th scope="col">{esc(say("col.model_id"))}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    return region(say("view.permissions"), table) + _legend(pen)


def _wordy_rows(matrix: Grid, frame: pd.DataFrame, requests: Requests, pen: Pen) -> str:
    reasons = frame["reason"].tolist() if "reason" in frame.columns else [None] * len(frame)
    symbols = [f'<span aria-hidden="true">{MARKS[word][0]}</span> ' for word in PERMISSION_STATES]
    words = [esc(pen.word(word)) for word in PERMISSION_STATES]
    none = "<td class=n>?"
    out: list[str] = []
    for at, model in enumerate(matrix.models):
        out.append(f"<tr>{_row_head(model, matrix.families[at])}")
        for place, (state, row) in enumerate(zip(matrix.states[at].tolist(), matrix.row[at].tolist(), strict=True)):
            if row < 0:
                out.append(none)
                continue
            request = requests.cell(at, place)
            inner = pen.proof(words[state], request)
            out.append(f'<td class="{_LETTERS[state]}"{_tip(reasons[row], request)}>{symbols[state]}{inner}')
        out.append("</tr>")
    return "".join(out)


def _dense_rows(matrix: Grid, requests: Requests) -> str:
    """Draws cells without words. Size decides: a row's commonest state stands in its tr, end tags are left out."""
    import numpy as np

    marks = [*(MARKS[word][0] for word in PERMISSION_STATES), "?"]
    cells = np.array([f"<td class={letter}>{mark}" for letter, mark in zip(_LETTERS, marks, strict=True)], object)
    plain = np.array([f"<td>{mark}" for mark in marks], object)
    # -1, no row, is the last of the five
    states = matrix.states % len(marks)
    other = np.argwhere((requests.codes >= 0) & (requests.codes != requests.most[None, :]))
    places: dict[int, list[int]] = {}
    for at, place in other[:TITLED_CELLS].tolist():
        places.setdefault(at, []).append(place)
    out: list[str] = []
    for at, (model, family) in enumerate(zip(matrix.models, matrix.families, strict=True)):
        common = int(np.bincount(states[at]).argmax())
        texts = cells.copy()
        texts[common] = plain[common]
        line = texts[states[at]].tolist()
        for place in places.get(at, ()):
            state = states[at, place]
            line[place] = f"<td class={_LETTERS[state]}{_tip(None, requests.cell(at, place))}>{marks[state]}"
        out.append(f"<tr class={_LETTERS[common]}>{_row_head(model, family)}{''.join(line)}")
    return "".join(out)


def _row_head(model: str, family: str) -> str:
    below = f"<small>{esc(family)}</small>" if family and family.casefold() != model.casefold() else ""
    return f'<th scope="row">{ident(model)}{below}</th>'


def _tip(reason: Any, request: str | None) -> str:
    parts = [str(part) for part in (reason, None if missing(request) else anchor(request)) if not missing(part)]
    return f' title="{esc(" · ".join(parts))}"' if parts else ""


def _counts(matrix: Grid, pen: Pen) -> list[str]:
    """Tells per key how many models are in which state; states without a model are left out."""
    heads = [f'<span title="{esc(pen.word(word))}">{MARKS[word][0]}{THIN}' for word in PERMISSION_STATES]
    counted = [(matrix.states == place).sum(axis=0).tolist() for place in range(len(PERMISSION_STATES))]
    return [
        " ".join(f"{head}{count}</span>" for head, count in zip(heads, counts, strict=True) if count)
        for counts in zip(*counted, strict=True)
    ]


def _proved(request: str | None, pen: Pen) -> str:
    return "" if missing(request) else f"<small>{pen.exchange(request)}</small>"


def _legend(pen: Pen) -> str:
    items = "".join(f"<li>{pen.chip(word)} {esc(pen.say(f'legend.{word}'))}</li>" for word in PERMISSION_STATES)
    return f'<ul class="tk-legend">{items}</ul>'


KIND = Kind("permissions", "PermissionMatrix", "permissions", draw, shape)
