"""Every view is one object that gives a frame, static HTML, and a widget on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from testkey_nb.catalogue.locales import load_locale
from testkey_nb.clock import utc_now
from testkey_nb.errors import Expired
from testkey_nb.views.marks import Pen
from testkey_nb.views.source import FrameSource, Given, as_source, filtered
from testkey_nb.views.style import style_tag
from testkey_nb.views.text import esc

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.views.view_widget import ViewWidget


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to look at frames.

    Attributes:
        name: also the title's place in a locale (`view.<name>`).
        shown: the noun of the short repr.
        table: the table it shows.
        draw: the HTML fragment.
        shape: the frame the view stands for; None = the table as it is.
    """

    name: str
    shown: str
    table: str
    draw: Callable[[FrameSource, Pen], str]
    shape: Callable[[FrameSource], pd.DataFrame] | None = None


class View:
    """A look at frames that reads them anew each time and shows a notice once they expired.

    Args:
        kind: what to draw.
        source: a store, a session, a mapping of frames, or a callable that gives one.
        expires_at: naive UTC; None = the source alone decides, by raising Expired.
        lang: language of headings and words.
        now: the clock, naive UTC.
    """

    __slots__ = ("_expires_at", "_kind", "_lang", "_now", "_source")

    def __init__(
        self,
        kind: Kind,
        source: Given,
        *,
        expires_at: datetime | None = None,
        lang: str = "en",
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._kind, self._source, self._expires_at = kind, as_source(source), expires_at
        self._lang, self._now = load_locale(lang).lang, now

    @property
    def name(self) -> str:
        return self._kind.name

    @property
    def lang(self) -> str:
        return self._lang

    @property
    def expires_at(self) -> datetime | None:
        """Naive UTC; None when only the source knows."""
        return self._expires_at

    @property
    def is_expired(self) -> bool:
        return self._expires_at is not None and self._now() >= self._expires_at

    @property
    def frame(self) -> pd.DataFrame:
        """The rows, or the matrix, as a DataFrame.

        Raises:
            Expired: the data's time is up.
        """
        source = self._read()
        return self._kind.shape(source) if self._kind.shape else source.frame(self._kind.table)

    @property
    def rows(self) -> pd.DataFrame:
        """The long table the view is drawn from, exchange ids included.

        Raises:
            Expired: the data's time is up.
        """
        return self._read().frame(self._kind.table)

    def only(self, text: str) -> View:
        """Gives the same view, cut to rows whose key label, provider or model id hold every word of `text`."""
        source = filtered(self._source, text)
        return View(self._kind, source, expires_at=self._expires_at, lang=self._lang, now=self._now)

    def html(self, *, links: bool = False) -> str:
        """Gives the fragment without its style sheet. `links` leads to exchange rows on the same page."""
        say = load_locale(self._lang)
        try:
            inner = self._kind.draw(self._read(), Pen(say, links))
        except Expired:
            inner = f'<p class="tk-notice">{esc(say("notice.expired"))}</p>'
        return f'<div class="tk-view" lang="{esc(say.lang)}" dir="{say.direction}">{inner}</div>'

    def widget(self) -> ViewWidget:
        """Gives the view as a widget that turns into the notice when its time is up."""
        from testkey_nb.views.view_widget import ViewWidget

        return ViewWidget(self)

    def _read(self) -> FrameSource:
        if self.is_expired:
            raise Expired("these rows have expired; probe again to have them anew")
        return self._source

    def _repr_html_(self) -> str:
        return style_tag() + self.html()

    def __repr__(self) -> str:
        try:
            rows, columns = self.frame.shape
        except Expired:
            return f"<{self._kind.shown}: expired>"
        return f"<{self._kind.shown}: {rows} x {columns}>"
