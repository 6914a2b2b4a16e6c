"""The board: every view of a session in tabs, with filter, plan, probe, countdown and purge."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import ipywidgets

from testkey_nb.catalogue.locales import load_locale
from testkey_nb.errors import KeyToolError
from testkey_nb.views import KINDS, View, view
from testkey_nb.views.source import Frames
from testkey_nb.views.style import style_tag
from testkey_nb.views.text import esc
from testkey_nb.views.view_widget import below, twin
from testkey_nb.widgets.countdown import Countdown, clock
from testkey_nb.widgets.key_form import KeyForm
from testkey_nb.widgets.protocol import SessionLike

TABS = (
    "summary",
    "identity",
    "stages",
    "permissions",
    "limits",
    "capabilities",
    "balances",
    "prices",
    "actions",
    "risks",
    "diagnoses",
    "comparison",
    "exchanges",
)
# a bar of many tabs wraps instead of cutting their names
WRAP = (
    "<style>.tk-tabs .lm-TabBar-content{flex-wrap:wrap}"
    ".tk-tabs .lm-TabBar-tab.lm-TabBar-tab{flex:0 0 auto;min-width:max-content;max-width:none}</style>"
)
# the static twin of the board; the rest is a click away in a live notebook or in the report
TWIN = ("summary", "permissions", "limits")


class Board(ipywidgets.VBox):  # type: ignore[misc]
    """All views of a session. Only the tab in front is drawn; a purge clears every pane at once."""

    def __init__(self, session: SessionLike, *, lang: str = "en", every_s: float = 1.0) -> None:
        self._session, self._lang, self._say = session, lang, load_locale(lang)
        # panes are drawn from the kernel's thread, the probe's, the countdown's and the purge's
        self._lock = threading.RLock()
        self._worker: threading.Thread | None = None
        self._confirming = self._filling = False
        self._purges = 0
        self.panes = {name: ipywidgets.HTML() for name in TABS}
        self.filter = ipywidgets.Text(
            placeholder="key, provider or model",
            description="Filter",
            continuous_update=False,
            tooltip="Shows only rows that hold every word",
        )
        self.plan_button = _button("Plan", "list", "Shows every request; sends nothing")
        self.probe_button = _button("Probe", "play", "Sends what the plan shows", disabled=True)
        self.purge_button = _button("Purge now", "trash", "Forgets every row and key at once", style="warning")
        self.left = ipywidgets.HTML()
        self.message = ipywidgets.HTML()
        self.plan_pane = ipywidgets.HTML()
        self.progress = ipywidgets.IntProgress(layout={"visibility": "hidden", "width": "12em"})
        self.form = KeyForm(self._add)
        self.pair = [ipywidgets.Dropdown(description=each, tooltip="A key to compare") for each in ("First", "Second")]
        self.tabs = ipywidgets.Tab([self._framed(name) for name in TABS])
        self.tabs.add_class("tk-tabs")
        self.tabs.titles = [self._say(f"view.{name}") for name in TABS]
        fold = ipywidgets.Accordion([self.form], titles=["Add a key"])
        super().__init__(
            [
                ipywidgets.HBox(
                    [self.plan_button, self.probe_button, self.purge_button, self.left, self.progress],
                    layout={"flex_flow": "row wrap", "align_items": "center"},
                ),
                self.message,
                self.plan_pane,
                fold,
                self.filter,
                ipywidgets.HTML(WRAP),
                self.tabs,
            ]
        )
        self.plan_button.on_click(self._plan)
        self.probe_button.on_click(self._probe)
        self.purge_button.on_click(lambda _button: self._try(session.purge))
        self.filter.observe(lambda _change: self.refresh(), names="value")
        self.tabs.observe(lambda _change: self.refresh(), names="selected_index")
        for each in self.pair:
            each.observe(lambda _change: self.refresh(), names="value")
        self._listen()
        self.refresh()
        self._tick()
        self._countdown = Countdown(self, show=Board._tick, every_s=every_s)

    def refresh(self) -> None:
        """Draws the tab in front anew and empties the others."""
        if self._filling:
            return
        purges, front = self._purges, TABS[self.tabs.selected_index or 0]
        # the session is never asked while the lock is held: a purge holds its own lock when it calls back
        labels = list(self._session.labels)
        self._fill_pair(labels)
        drawn = self._draw(front)
        with self._lock:
            if purges != self._purges:
                drawn = self._notice()
            for name, pane in self.panes.items():
                text = drawn if name == front else ""
                if pane.value != text:
                    pane.value = text

    def close(self) -> None:
        """Stops the countdown, forgets a key that was typed and not added, empties and ends the widgets."""
        self._countdown.close()
        with self._lock:
            for pane in (*self.panes.values(), self.plan_pane):
                pane.value = ""
            for each in below(self):
                each.close()
        super().close()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Waits for a probe under way; gives True when none is left."""
        if self._worker is not None:
            self._worker.join(timeout_s)
        return self._worker is None or not self._worker.is_alive()

    def __repr__(self) -> str:
        return f"<Board: {len(self._session.labels)} keys>"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        still = "".join(self._view(name).html() for name in TWIN)
        return twin(super()._repr_mimebundle_(**options), html=style_tag() + still, text=repr(self))

    def _framed(self, name: str) -> Any:
        if name != "comparison":
            return self.panes[name]
        return ipywidgets.VBox([ipywidgets.HBox(self.pair, layout={"flex_flow": "row wrap"}), self.panes[name]])

    def _view(self, name: str) -> View:
        return view(name, self._session, lang=self._lang).only(self.filter.value)

    def _draw(self, name: str) -> str:
        try:
            if name == "comparison" and self.pair[0].value and self.pair[0].value != self.pair[1].value:
                return self._session.compare(self.pair[0].value, self.pair[1].value)._repr_html_()
            return self._view(name)._repr_html_()
        except KeyToolError as problem:
            return _line(str(problem))

    def _fill_pair(self, labels: list[str]) -> None:
        with self._lock:
            self._filling = True
            for place, each in enumerate(self.pair):
                if list(each.options) != labels:
                    each.options = labels
                    each.value = labels[min(place, len(labels) - 1)] if labels else None
            self._filling = False

    def _listen(self) -> None:
        """Hears of purges without being kept alive by the session."""
        import weakref

        held = weakref.ref(self)

        def purged(*_arguments: object) -> None:
            if (board := held()) is not None:
                board._expired()

        self._session.on_purge(purged)

    def _expired(self) -> None:
        """Every pane says that its rows are gone; nothing of them stays in widget state."""
        notice = self._notice()
        with self._lock:
            self._purges += 1
            for pane in self.panes.values():
                pane.value = notice
            self.plan_pane.value = self.message.value = ""
            self.probe_button.disabled = True
            self._confirming = False
            self.left.value = _line(clock(None))
            self.form.forget()
        if self._session.expires_in:
            # only one run of several is gone
            self.refresh()

    def _notice(self) -> str:
        text = esc(self._say("notice.expired"))
        return f'{style_tag()}<div class="tk-view"><p class="tk-notice">{text}</p></div>'

    def _tick(self) -> None:
        left = self._session.expires_in
        with self._lock:
            self.left.value = f'<span role="timer" title="until the purge">{clock(left)}</span>'

    def _add(self, source: Any, **options: Any) -> None:
        self._session.add(source, **options)
        self.refresh()

    def _plan(self, _button: Any = None) -> None:
        def show() -> None:
            frame = self._session.plan()
            self.plan_pane.value = View(KINDS["plan"], Frames({"plan": frame}), lang=self._lang)._repr_html_()
            self.probe_button.disabled = frame.empty
            self._confirming = not frame.empty
            self._tell(f"Requests planned: {len(frame)}. Nothing was sent yet.")

        self._try(show)

    def _probe(self, _button: Any = None) -> None:
        """Probes only after the plan was shown; on a thread, so that the kernel's event loop stays free."""
        if not self._confirming or not self.wait(0):
            return
        self._confirming = False
        self.probe_button.disabled = True
        self.progress.layout.visibility = "visible"
        self._worker = threading.Thread(target=self._run, name="testkey-probe", daemon=True)
        self._worker.start()

    def _run(self) -> None:
        self._try(lambda: self._session.probe(progress=self._advance))
        with self._lock:
            self.progress.layout.visibility = "hidden"
            self.plan_pane.value = ""
        self.refresh()

    def _advance(self, done: int, total: int, what: str) -> None:
        with self._lock:
            self.progress.max, self.progress.value = max(total, 1), done
        self._tell(f"{done} of {total}: {what}")

    def _try(self, act: Callable[[], Any]) -> None:
        """Runs it; what goes wrong becomes one line on the board."""
        try:
            act()
        except KeyToolError as problem:
            self._tell(str(problem))
        except Exception as problem:  # noqa: BLE001 - a traceback in a notebook may show a frame's locals
            self._tell(f"this did not work ({type(problem).__name__})")

    def _tell(self, text: str) -> None:
        with self._lock:
            self.message.value = _line(text)


def _line(text: str) -> str:
    return f'<span role="status">{esc(text)}</span>'


def _button(description: str, icon: str, tooltip: str, *, style: str = "", disabled: bool = False) -> Any:
    return ipywidgets.Button(description=description, icon=icon, tooltip=tooltip, button_style=style, disabled=disabled)
