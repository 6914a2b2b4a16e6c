"""The form that takes a key: nothing of it stays in widget state, messages or outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
from traitlets import Unicode

from testkey_nb.errors import KeyToolError
from testkey_nb.keys import Key
from testkey_nb.views.text import esc
from testkey_nb.views.view_widget import below

ENV, ASK = "from a variable", "type or paste it"


class KeyInput(ipywidgets.Password):  # type: ignore[misc]
    """A password field that never echoes, keeps its value out of its state, and sends it once."""

    value = Unicode("").tag(sync=True, echo_update=False)

    def __init__(self, **options: Any) -> None:
        super().__init__(continuous_update=False, **options)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state(key=key, drop_defaults=drop_defaults)
        return {name: "" if name == "value" else held for name, held in state.items()}

    def __repr__(self) -> str:
        return "KeyInput()"


class KeyForm(ipywidgets.VBox):  # type: ignore[misc]
    """Source, label, provider and base URL of a key; `on_add(source, options)` gets an `env:` name or a Key.

    Errors are shown as one line, without the key.
    """

    def __init__(self, on_add: Callable[..., Any]) -> None:
        self._on_add = on_add
        self._held: Key | None = None
        self.source = _labelled(
            ipywidgets.ToggleButtons,
            "Source",
            options=[ENV, ASK],
            tooltips=[
                "The key stands in an environment variable of the kernel",
                "The key is typed here and handed over at once",
            ],
        )
        self.source.style.button_width = "12em"
        self.name = _labelled(ipywidgets.Text, "Variable", placeholder="EXAMPLE_API_KEY")
        self.secret = _labelled(KeyInput, "Key", placeholder="handed over when you leave the field")
        self.label = _labelled(ipywidgets.Text, "Label", placeholder="prod")
        self.provider = _labelled(ipywidgets.Text, "Provider", placeholder="optional: provider id")
        self.base_url = _labelled(ipywidgets.Text, "Base URL", placeholder="optional: https://host/v1")
        self.button = ipywidgets.Button(
            description="Add key", icon="plus", tooltip="Reads and checks the key; sends nothing"
        )
        self.message = ipywidgets.HTML()
        self.secret.observe(self._take, names="value")
        self.source.observe(self._switch, names="value")
        self.button.on_click(self._add)
        super().__init__(
            [
                self.source,
                self.name,
                self.secret,
                self.label,
                self.provider,
                self.base_url,
                ipywidgets.HBox([self.button, self.message]),
            ]
        )
        self._switch()

    def forget(self) -> None:
        """Forgets a key that was typed and not added."""
        if self._held is not None:
            self._drop()
            self._say("")

    def close(self) -> None:
        """Ends the form and forgets a key that was typed and not added."""
        self._drop()
        for each in below(self):
            each.close()
        super().close()

    def _switch(self, _change: Any = None) -> None:
        asks = self.source.value == ASK
        self.secret.layout.display = None if asks else "none"
        self.name.layout.display = "none" if asks else None
        if not asks:
            self._drop()

    def _take(self, change: Any) -> None:
        if not change["new"]:
            return
        self._drop()
        try:
            self._held = Key(change["new"], source="ask")
            self._say(f"key taken: {self._held.fingerprint}")
        except KeyToolError as problem:
            self._say(str(problem))
        finally:
            self.secret.value = ""

    def _add(self, _button: Any = None) -> None:
        name = self.name.value.strip()
        asks = self.source.value == ASK
        source: str | Key | None = self._held if asks else f"env:{name}" if name else None
        if source is None:
            self._say("type the key first" if asks else "name a variable")
            return
        try:
            self._on_add(
                source,
                label=self.label.value.strip() or None,
                provider=self.provider.value.strip() or None,
                base_url=self.base_url.value.strip() or None,
            )
        except KeyToolError as problem:
            self._say(str(problem))
            return
        except Exception as problem:  # noqa: BLE001 - a traceback in a notebook may show a frame's locals
            self._say(f"this did not work ({type(problem).__name__})")
            return
        # the session owns the key now
        self._held = None
        self.label.value = ""
        self._say("added")

    def _drop(self) -> None:
        if self._held is not None:
            self._held.forget()
            self._held = None

    def _say(self, text: str) -> None:
        self.message.value = f'<span role="status">{esc(text)}</span>'


def _labelled(kind: Callable[..., Any], description: str, **options: Any) -> Any:
    """Gives a field with its name beside it, wide enough for both."""
    return kind(
        description=description,
        style={"description_width": "7em"},
        layout={"width": "min(100%, 34em)"},
        **options,
    )
