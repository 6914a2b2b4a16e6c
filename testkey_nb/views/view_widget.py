"""A view becomes a live widget that turns into the notice when its time is up, and carries its static twin."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any, Protocol

import ipywidgets

from testkey_nb.clock import utc_now


class Viewable(Protocol):
    """A view or a page."""

    @property
    def expires_at(self) -> datetime | None: ...

    def _repr_html_(self) -> str: ...


class ViewWidget(ipywidgets.HTML):  # type: ignore[misc]
    """Static HTML of a view; `refresh()` draws it anew."""

    def __init__(self, view: Viewable, **options: Any) -> None:
        self._view = view
        self._timer: threading.Timer | None = None
        super().__init__(value=view._repr_html_(), **options)
        if view.expires_at is not None:
            left = (view.expires_at - utc_now()).total_seconds()
            # half a second late, so that the view's own clock has surely passed the mark
            self._timer = threading.Timer(max(0.0, left) + 0.5, self.refresh)
            self._timer.daemon = True
            self._timer.start()

    def refresh(self) -> None:
        """Draws the view anew: its present rows, or the notice that they expired."""
        self.value = self._view._repr_html_()

    def close(self) -> None:
        """Ends the clock and the widget."""
        if self._timer is not None:
            self._timer.cancel()
        super().close()

    def __repr__(self) -> str:
        return f"<widget of {self._view!r}>"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return twin(super()._repr_mimebundle_(**options), html=self._view._repr_html_(), text=repr(self))


def below(widget: Any) -> list[Any]:
    """Gives every widget that stands in this one, at any depth."""
    children = list(getattr(widget, "children", ()))
    return [*children, *(each for child in children for each in below(child))]


def twin(bundle: Any, *, html: str, text: str) -> dict[str, Any]:
    """Gives a widget's mime bundle with static HTML beside it: shown where no widget manager runs."""
    # ipywidgets hands out (data, metadata) or data alone
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    return {**(data or {}), "text/html": html, "text/plain": text}
