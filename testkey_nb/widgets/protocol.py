"""What the board needs of a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.keys import Key
    from testkey_nb.views import View

Progress = Callable[[int, int, str], None]


class SessionLike(Protocol):
    """The part of a session that the board uses.

    `frame` and `plan` raise Expired or give no rows once the data's time is up.
    """

    @property
    def labels(self) -> Sequence[str]:
        """Labels of the keys held."""
        ...

    @property
    def expires_in(self) -> float | None:
        """Seconds until the purge; None when there is nothing to purge."""
        ...

    def frame(self, table: str) -> pd.DataFrame:
        """Gives a table by name."""
        ...

    def add(
        self,
        source: str | Key,
        *,
        label: str | None = None,
        provider: str | None = None,
        base_url: str | None = None,
    ) -> Any:
        """Takes a key from a source or as a Key."""
        ...

    def plan(self) -> pd.DataFrame:
        """Gives every request a probe would send; sends nothing."""
        ...

    def probe(self, *, progress: Progress | None = None) -> Any:
        """Sends what the plan shows. `progress(done, total, what)` may come from another thread."""
        ...

    def compare(self, a: str, b: str, /) -> View:
        """Gives two keys compared."""
        ...

    def purge(self) -> Any:
        """Forgets every row and key now."""
        ...

    def on_purge(self, callback: Callable[[], Any], /) -> Any:
        """Calls back, from any thread, after each purge."""
        ...
