"""The keys that a session holds, and what becomes of them."""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from testkey_nb.clock import LOOK_AGAIN_S
from testkey_nb.errors import KeySourceError, UnknownLabel

if TYPE_CHECKING:
    from testkey_nb.clock import Clock
    from testkey_nb.keys import Key
    from testkey_nb.preflight import Target


class KeyRegistry:
    """Keys by label, and which run used which key. Thread-safe: purges come from another thread."""

    def __init__(self) -> None:
        self._targets: dict[str, Target] = {}
        self._used: dict[str, list[Key]] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._targets)

    @property
    def labels(self) -> list[str]:
        return list(self._targets)

    def add(self, target: Target) -> None:
        """Holds a key. One key stands once: the newer word about it counts.

        Raises:
            KeySourceError: another key has the label.
        """
        with self._lock:
            other = self._targets.get(target.label)
            if other is not None and other.key_id != target.key_id:
                raise KeySourceError(f"the label {target.label!r} is taken by another key; give label=")
            same = next((old for old in self._targets.values() if old.key_id == target.key_id), None)
            if same is not None and same.label != target.label:
                del self._targets[same.label]
            self._targets[target.label] = target

    def renew(self, targets: Iterable[Target]) -> None:
        """Gives what a run found out about keys that are still held."""
        with self._lock:
            for target in targets:
                if (old := self._targets.get(target.label)) is not None and old.key is target.key:
                    self._targets[target.label] = target

    def find(self, label: str) -> Target:
        """Gives the key of this label.

        Raises:
            UnknownLabel: with the labels there are.
        """
        try:
            return self._targets[label]
        except KeyError:
            labels = ", ".join(self._targets) or "none"
            raise UnknownLabel(f"no key {label!r} in this session (held: {labels}); add it, or add it again") from None

    def chosen(self, labels: Collection[str] | None = None) -> list[Target]:
        """Gives the keys of these labels, in the order they were added; all without labels.

        Raises:
            UnknownLabel: with the labels there are.
        """
        if labels is None:
            return list(self._targets.values())
        labels = [labels] if isinstance(labels, str) else labels
        for label in labels:
            self.find(label)
        return [target for label, target in list(self._targets.items()) if label in labels]

    def free_label(self, name: str) -> str:
        """Gives a label that is not taken, after a variable's name: `OPENAI_API_KEY` gives `openai`."""
        base = re.sub(r"_?(API_?KEY|KEY|TOKEN)$", "", name, flags=re.IGNORECASE).lower() or name.lower()
        label, number = base, 2
        while label in self._targets:
            label, number = f"{base}-{number}", number + 1
        return label

    def use(self, run: str, keys: Iterable[Key]) -> None:
        """Notes that the run used these keys: they live as long as its rows."""
        with self._lock:
            self._used.setdefault(run, []).extend(keys)

    @property
    def unused(self) -> list[Target]:
        """Keys that no run used yet."""
        with self._lock:
            used = {id(key) for keys in self._used.values() for key in keys}
            return [target for target in self._targets.values() if id(target.key) not in used]

    def forget_unused(self) -> None:
        """Their time is up before anybody asked with them."""
        self._forget([target.key for target in self.unused])

    def forget_run(self, run: str) -> None:
        """A run's time is up: the keys it used go with its rows, but for those that a later run used too."""
        with self._lock:
            gone = self._used.pop(run, [])
            still = {id(key) for keys in self._used.values() for key in keys}
        self._forget([key for key in gone if id(key) not in still])

    def forget_all(self) -> None:
        """Nothing is held any more."""
        with self._lock:
            keys = [target.key for target in self._targets.values()] + [
                key for keys in self._used.values() for key in keys
            ]
            self._used.clear()
        self._forget(keys)

    def _forget(self, keys: list[Key]) -> None:
        with self._lock:
            gone = {id(key) for key in keys}
            self._targets = {label: target for label, target in self._targets.items() if id(target.key) not in gone}
        for key in keys:
            key.forget()


class Deadline:
    """Calls a method of an object when a time is up; does not keep the object alive.

    Args:
        method: what is called, from a thread of its own or from the read that noticed first.
        clock: what tells the time.
    """

    def __init__(self, method: Callable[[], None], *, clock: Clock) -> None:
        self._method, self._clock = weakref.WeakMethod(method), clock
        self._due: float | None = None
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._lock = threading.Lock()

    def start(self, seconds: float) -> None:
        """Counts the time anew from now; one thread serves however often this is said."""
        with self._lock:
            self._due = self._clock.steady() + seconds
            self._wake.clear()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="testkey_nb deadline", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Forgets the time; nothing is called."""
        with self._lock:
            self._due = None
            self._wake.set()

    def look(self) -> float:
        """Calls the method if the time is up; gives the seconds left, 0 when no time runs."""
        with self._lock:
            if self._due is None:
                return 0.0
            if (left := self._due - self._clock.steady()) > 0:
                return left
            self._due = None
        if (method := self._method()) is not None:
            method()
        return 0.0

    def _run(self) -> None:
        while True:
            left = self.look()
            with self._lock:
                if self._due is None or self._method() is None:
                    self._thread = None
                    return
            # a laptop that slept, or a clock that was moved, is noticed this soon
            self._wake.wait(min(left, LOOK_AGAIN_S))
