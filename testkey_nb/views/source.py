"""A view reads from anything with `frame(table)`, or a plain mapping of frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from testkey_nb.views.text import records

if TYPE_CHECKING:
    import pandas as pd


@runtime_checkable
class FrameSource(Protocol):
    """A store, a session, or `Frames`; `frame` raises Expired when the data's time is up."""

    def frame(self, table: str) -> pd.DataFrame: ...


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames by table name as a source; a table that is not there is an empty frame."""

    tables: Mapping[str, pd.DataFrame]

    def frame(self, table: str) -> pd.DataFrame:
        if table in self.tables:
            return self.tables[table]
        import pandas as pd

        return pd.DataFrame()


@dataclass(frozen=True, slots=True)
class Loaded:
    """Frames that are worked out anew for each reading, so that none of them is held past its time."""

    load: Callable[[], Tables]

    @property
    def summary(self) -> Sequence[str]:
        """The sentences that come with the frames, if any."""
        return getattr(self.load(), "summary", ())

    def frame(self, table: str) -> pd.DataFrame:
        tables = self.load()
        return Frames(tables if isinstance(tables, Mapping) else tables.frames).frame(table)


class WithFrames(Protocol):
    """A result that carries its frames by name (a comparison)."""

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]: ...


Tables = Mapping[str, "pd.DataFrame"] | WithFrames
Given = FrameSource | Mapping[str, "pd.DataFrame"] | Callable[[], Tables]


def as_source(given: Given) -> FrameSource:
    """Gives the source itself, or makes one of a mapping or of a callable that gives one."""
    if isinstance(given, Mapping):
        return Frames(given)
    return given if isinstance(given, FrameSource) else Loaded(given)


def rows_of(source: FrameSource, table: str) -> list[dict[str, Any]]:
    """Gives the table's rows with every missing value as None, and a `label` wherever there is a `key_id`."""
    return records(labelled(source, table))


def labelled(source: FrameSource, table: str) -> pd.DataFrame:
    """Gives the table with a `label` column before its key ids, for tables that have only those."""
    frame = source.frame(table)
    if frame.empty or "key_id" not in frame.columns:
        return frame
    if "label" in frame.columns and not frame["label"].isna().any():
        return frame
    keys = source.frame("keys")
    if "label" not in keys.columns:
        return frame
    labels = dict(zip(keys["key_id"].tolist(), keys["label"].tolist(), strict=True))
    out = frame.drop(columns="label", errors="ignore")
    named = [labels.get(key, key) for key in frame["key_id"].tolist()]
    out.insert(list(out.columns).index("key_id"), "label", named)
    # key ids are random in every session; a reader looks for labels
    return out.sort_values("label", kind="stable", ignore_index=True)


def filtered(source: FrameSource, text: str) -> FrameSource:
    """Gives the same tables, cut to rows whose key label, provider or model id hold every word of `text`."""
    words = text.casefold().split()
    return _Filtered(source, tuple(words)) if words else source


@dataclass(frozen=True, slots=True)
class _Filtered:
    source: FrameSource
    words: tuple[str, ...]

    def frame(self, table: str) -> pd.DataFrame:
        frame = labelled(self.source, table)
        names = [name for name in ("label", "provider", "model_id", "key_id", "host") if name in frame.columns]
        if frame.empty or not names:
            return frame
        texts = frame[names].astype("object").where(frame[names].notna(), "").astype(str)
        joined = texts.agg(" ".join, axis=1).str.casefold()
        keep = joined.map(lambda line: all(word in line for word in self.words))
        return frame[keep.astype(bool)]
