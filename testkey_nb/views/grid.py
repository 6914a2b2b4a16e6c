"""The permissions table becomes codes, models down and keys across, with the request that proves each cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from testkey_nb.views.text import missing
from testkey_nb.vocabulary import PERMISSION_STATES, PERMISSION_STRENGTH

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

# where several scopes of one key speak of a model, the strongest word about the key itself is drawn


@dataclass(frozen=True, slots=True)
class Grid:
    """The long table as codes: models down, keys across.

    Attributes:
        states: index into `PERMISSION_STATES`, -1 where no row speaks of the pair.
        row: position in the long table, -1 where there is none.
    """

    models: list[str]
    families: list[str]
    keys: list[str]
    states: NDArray[np.int8]
    row: NDArray[np.int64]


def grid(frame: pd.DataFrame) -> Grid:
    """Gives the permissions table as a grid; what a key tells of a project or group stands in a column of its own."""
    import numpy as np

    if frame.empty:
        return Grid([], [], [], np.empty((0, 0), np.int8), np.empty((0, 0), np.int64))
    key_codes, keys = _coded(_columns(frame))
    model_codes, models = _coded(frame["model_id"])
    word_codes, words = _coded(frame["state"])
    unknown = PERMISSION_STATES.index("unknown")
    places = [PERMISSION_STATES.index(word) if word in PERMISSION_STATES else unknown for word in words]
    # a missing state has code -1, which reads the last entry
    state_codes = np.array([*places, unknown], np.int8)[word_codes]
    order = np.flatnonzero((model_codes >= 0) & (key_codes >= 0))
    if np.bincount(model_codes[order] * len(keys) + key_codes[order]).max(initial=0) > 1:
        # two keys of one label speak of one pair: the last write wins, so the strongest goes last
        strength = np.array([PERMISSION_STRENGTH[word] for word in PERMISSION_STATES])[state_codes]
        order = order[np.argsort(strength[order], kind="stable")]
    states = np.full((len(models), len(keys)), -1, np.int8)
    row = np.full((len(models), len(keys)), -1, np.int64)
    states[model_codes[order], key_codes[order]] = state_codes[order]
    row[model_codes[order], key_codes[order]] = order
    families = _families(frame, model_codes, len(models))
    by_name = sorted(range(len(models)), key=lambda at: (families[at] or models[at], models[at]))
    return Grid([models[at] for at in by_name], [families[at] for at in by_name], keys, states[by_name], row[by_name])


def _columns(frame: pd.DataFrame) -> pd.Series[Any]:
    """Names the key of each row, with the scope where it is not its own: rights of a project are none of the key."""
    who = frame["label" if "label" in frame.columns else "key_id"]
    if "scope" not in frame.columns:
        return who
    elsewhere = frame["scope"].notna() & (frame["scope"] != "key")
    return who.where(~elsewhere, who.astype(object) + " · " + frame["scope"].astype(object)) if elsewhere.any() else who


def _coded(column: pd.Series[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """Gives each cell's place among the column's distinct texts, -1 where it is missing."""
    codes, texts = column.factorize()
    return codes, [str(text) for text in texts]


def _families(frame: pd.DataFrame, codes: NDArray[np.int64], count: int) -> list[str]:
    import numpy as np

    families = [""] * count
    if "family" in frame.columns:
        models, first = np.unique(codes, return_index=True)
        for code, family in zip(models.tolist(), frame["family"].iloc[first].tolist(), strict=True):
            if code >= 0 and not missing(family):
                families[code] = str(family)
    return families


@dataclass(frozen=True, slots=True)
class Requests:
    """Which request proves which cell (-1: none is told), and per key the usual one."""

    ids: list[str]
    codes: NDArray[np.int64]
    most: NDArray[np.int64]

    @classmethod
    def of(cls, frame: pd.DataFrame, matrix: Grid) -> Requests:
        import numpy as np

        if "exchange_id" not in frame.columns:
            return cls([], np.full(matrix.row.shape, -1), np.full(len(matrix.keys), -1))
        of_rows, ids = _coded(frame["exchange_id"])
        # the grid's -1 (no row) reads the entry appended last
        codes = np.append(of_rows, -1)[matrix.row]
        most = codes.max(axis=0, initial=-1)
        for place in np.flatnonzero(((codes != most) & (codes >= 0)).any(axis=0)).tolist():
            counts = np.bincount(codes[:, place] + 1, minlength=1)
            counts[0] = 0
            most[place] = counts.argmax() - 1
        return cls(ids, codes, most)

    def usual(self, place: int) -> str | None:
        """Gives the request that proves most of a key's cells."""
        return self.ids[self.most[place]] if self.most[place] >= 0 else None

    def cell(self, at: int, place: int) -> str | None:
        code = self.codes[at, place]
        return self.ids[code] if code >= 0 else None
