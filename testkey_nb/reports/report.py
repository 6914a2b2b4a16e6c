"""Writes the report: sections of views in one file, without script, remote reference or key."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testkey_nb import views
from testkey_nb.catalogue.locales import Locale, load_locale
from testkey_nb.clock import utc_now
from testkey_nb.views.document import document
from testkey_nb.views.source import Frames, FrameSource, as_source
from testkey_nb.views.static_view import View
from testkey_nb.views.text import esc, instant

if TYPE_CHECKING:
    import pandas as pd

Source = FrameSource | Mapping[str, "pd.DataFrame"]

# what the cost section prices, in millions of tokens
WORKLOAD = {"input_mtok": 10, "output_mtok": 2}

# section id -> the views in it; the section is titled by its first view unless `report.<id>` has a title
SECTIONS: dict[str, tuple[str, ...]] = {
    "summary": ("summary",),
    "stages": ("stages",),
    "identity": ("identity",),
    "permissions": ("permissions",),
    "limits": ("limits",),
    "capabilities": ("capabilities",),
    "balances": ("balances", "usage"),
    "money": ("prices", "cost"),
    "actions": ("actions",),
    "risks": ("risks",),
    "diagnoses": ("diagnoses", "checks"),
    "comparison": ("comparison",),
    "provenance": ("exchanges",),
}
# left out where there is nothing to show; the others say that there is nothing
_OPTIONAL = frozenset({"usage", "cost", "diagnoses", "checks"})


def report_html(
    source: Source, *, lang: str = "en", now: datetime | None = None, expires_at: datetime | None = None
) -> str:
    """Gives the report as one HTML text.

    Args:
        source: a session, a store, or frames by table name (`cost` among them if there is one).
        now: when it was generated, naive UTC.
        expires_at: when the rows behind it expire, naive UTC; from the source's `expires_in` where not given.

    Raises:
        UnknownLanguage: with the choices.
        Expired: the data's time is up.
    """
    say, at = load_locale(lang), now or utc_now()
    until = expires_at or _expiry(source, at)
    frames = _Reading(source)
    # an expired source must not become a report of notices
    keys = len(frames.frame("keys")) or len(frames.frame("identity"))
    sections: list[tuple[str, str, str]] = []
    for name, kinds in SECTIONS.items():
        if name == "comparison" and keys < 2:
            continue
        parts = [_part(each, frames, say.lang) for each in kinds if _wanted(each, frames)]
        if parts:
            sections.append((name, _title(name, kinds[0], say), _lead(name, say) + _joined(parts)))
    sections.append(("method", say("report.method"), _method(say)))
    contents = "".join(f'<li><a href="#{name}">{esc(title)}</a></li>' for name, title, _ in sections)
    body = "".join(f'<section id="{name}"><h2>{esc(title)}</h2>{inner}</section>' for name, title, inner in sections)
    meta = [esc(say("report.generated", at="@")).replace("@", instant(at))]
    if until is not None:
        meta.append(esc(say("report.expires", at="@")).replace("@", instant(until)))
    meta.append(esc(say("report.key_count", count=keys)))
    meta.append(esc(say("report.request_count", count=len(frames.frame("exchanges")))))
    head = (
        f'<header class="tkr-head"><h1>{esc(say("report.title"))}</h1><ul class="tkr-meta">'
        + "".join(f"<li>{each}</li>" for each in meta)
        + "</ul></header>"
        f'<nav class="tkr-toc" aria-label="{esc(say("report.contents"))}"><ol>{contents}</ol></nav>'
    )
    return document(say("report.title"), f'{head}<div class="tkr-body">{body}</div>', locale=say, css=_sheet())


def write_report(
    source: Source,
    path: str | os.PathLike[str],
    *,
    lang: str = "en",
    now: datetime | None = None,
    expires_at: datetime | None = None,
) -> Path:
    """Writes the report and gives its path. The file appears whole or not at all.

    Raises:
        IsADirectoryError: the path is a folder.
        FileNotFoundError: its folder does not exist.
        UnknownLanguage, Expired: as `report_html`; nothing is written then.
    """
    target = Path(path).expanduser()
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a folder; name a file in it")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {target.parent}")
    text = report_html(source, lang=lang, now=now, expires_at=expires_at)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
    return target


class _Reading:
    """The source read once a table, so that every section of the report speaks of the same moment."""

    def __init__(self, source: Source) -> None:
        self._given, self._source = source, as_source(source)
        self._read: dict[str, pd.DataFrame] = {}

    def frame(self, table: str) -> pd.DataFrame:
        if table not in self._read:
            self._read[table] = self._cost() if table == "cost" else self._source.frame(table)
        return self._read[table]

    def _cost(self) -> pd.DataFrame:
        """Gives the cost of the workload where the source can work it out."""
        cost = getattr(self._given, "cost", None)
        return cost(**WORKLOAD) if callable(cost) else Frames({}).frame("cost")


def _wanted(name: str, frames: FrameSource) -> bool:
    return name not in _OPTIONAL or not frames.frame(name).empty


def _part(name: str, frames: FrameSource, lang: str) -> str:
    return View(views.KINDS[name], frames, lang=lang).html(links=True)


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f'<div class="tkr-many">{"".join(parts)}</div>'


def _title(name: str, first: str, say: Locale) -> str:
    return say.find(f"report.{name}") or say(f"view.{first}")


def _lead(name: str, say: Locale) -> str:
    if say.find(f"report.{name}_text") is None:
        return ""
    text = say(f"report.{name}_text", input=WORKLOAD["input_mtok"], output=WORKLOAD["output_mtok"])
    return f"<p>{esc(text)}</p>"


def _method(say: Locale) -> str:
    points = [say(f"report.method_{each}") for each in ("identity", "readonly", "unknown", "keys")]
    points.append(say("privacy.line"))
    return f'<ul class="tkr-method">{"".join(f"<li>{esc(each)}</li>" for each in points)}</ul>'


def _expiry(source: Any, at: datetime) -> datetime | None:
    left = getattr(source, "expires_in", None)
    return at + timedelta(seconds=float(left)) if left else None


@cache
def _sheet() -> str:
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8").partition("*/")[2].lstrip()
