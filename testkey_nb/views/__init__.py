"""Static, accessible HTML of frames: every view has `.frame`, `.html()`, `_repr_html_` and `.widget()`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from testkey_nb.clock import utc_now
from testkey_nb.errors import UnknownName
from testkey_nb.views import boards, compare, limits, lists, permissions, summary
from testkey_nb.views.page import ProviderPage, provider_page
from testkey_nb.views.source import Frames, FrameSource, Given
from testkey_nb.views.static_view import Kind, View

if TYPE_CHECKING:
    import pandas as pd

KINDS: dict[str, Kind] = {
    "summary": summary.KIND,
    "identity": lists.IDENTITY,
    "stages": boards.STAGES_PATH,
    "permissions": permissions.KIND,
    "limits": limits.KIND,
    "capabilities": boards.CAPABILITY_BOARD,
    "balances": lists.BALANCES,
    "usage": lists.USAGE,
    "prices": lists.PRICES,
    "cost": lists.COST,
    "actions": lists.ACTIONS,
    "risks": lists.RISKS,
    "diagnoses": lists.DIAGNOSES,
    "checks": lists.CHECKS,
    "dimensions": lists.DIMENSIONS,
    "comparison": compare.SIDE_BY_SIDE,
    "exchanges": lists.EXCHANGES,
    "plan": lists.PLAN,
}
TABLES = ("keys", "metrics", "models")
COMPARED = ("permissions", "limits", "prices", "identity", "models")


def view(
    name: str,
    source: Given,
    *,
    expires_at: datetime | None = None,
    lang: str = "en",
    now: Callable[[], datetime] = utc_now,
) -> View:
    """Gives the view of this name over a store, a session or a mapping of frames.

    Raises:
        UnknownName: with the choices.
        UnknownLanguage: with the choices.
    """
    if name in KINDS:
        return View(KINDS[name], source, expires_at=expires_at, lang=lang, now=now)
    if name in TABLES:
        return View(lists.any_table(name), source, expires_at=expires_at, lang=lang, now=now)
    raise UnknownName(f"no view {name!r}; there are {', '.join((*KINDS, *TABLES))}")


def comparison(
    source: Given,
    *,
    tables: Sequence[str] = COMPARED,
    a: str,
    b: str,
    expires_at: datetime | None = None,
    lang: str = "en",
    now: Callable[[], datetime] = utc_now,
) -> View:
    """Shows two keys compared, drawn from what `analysis.compare` gives; `.frame` is the first of the tables.

    A callable (`lambda: analysis.compare(store, a, b)`) is asked anew for each reading and brings its
    sentences along.
    """
    return View(compare.comparison_kind(tables, a=a, b=b), source, expires_at=expires_at, lang=lang, now=now)


def table(frame: pd.DataFrame, *, title: str = "", expires_at: datetime | None = None, lang: str = "en") -> View:
    """Shows any frame as a view."""
    return View(lists.any_table("table", title=title), Frames({"table": frame}), expires_at=expires_at, lang=lang)


__all__ = [
    "KINDS",
    "FrameSource",
    "Frames",
    "Given",
    "Kind",
    "ProviderPage",
    "View",
    "comparison",
    "provider_page",
    "table",
    "view",
]
