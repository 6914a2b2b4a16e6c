"""What can be made of a session's tables: frames, views, comparisons, costs, the board, the report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testkey_nb.errors import KeyToolError
from testkey_nb.vocabulary import TABLES

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.catalogue import Catalogue
    from testkey_nb.store import Store
    from testkey_nb.views import ProviderPage, View
    from testkey_nb.widgets import Board


class Reading:
    """The part of a session that only reads."""

    catalogue: Catalogue

    @property
    def _store(self) -> Store:
        raise AttributeError("a session has the store")

    @property
    def expires_in(self) -> float:
        """Seconds until the first run's data is gone; 0 when there is none."""
        return 0.0

    @property
    def _expires_at(self) -> datetime | None:
        left = self.expires_in
        return datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=left) if left > 0 else None

    def frame(self, name: str) -> pd.DataFrame:
        """One table of the design as a DataFrame; unknown is NA.

        Raises:
            UnknownTable: with the choices.
            Expired: the data's time is up.
        """
        return self._store.frame(name)

    def sql(self, query: str) -> pd.DataFrame:
        """The answer to a query over the tables, e.g. `FROM limits WHERE kind = 'tokens'`. Only reads.

        Raises:
            BadQuery: the store refused it; the text says why.
            Expired: the data's time is up.
        """
        return self._store.sql(query)

    def __getattr__(self, name: str) -> Any:
        if name in TABLES:
            return self.frame(name)
        raise AttributeError(f"Session has no attribute {name!r}; its tables are {', '.join(TABLES)}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *TABLES})

    def matrix(self, name: str, *, lang: str = "en") -> View:
        """A table as a view: `.frame`, static HTML in a notebook, `.widget()`. `permissions`, `limits`, and the others.

        Raises:
            UnknownName: with the choices.
        """
        from testkey_nb import views

        return views.view(name, self, expires_at=self._expires_at, lang=lang)

    def compare(self, a: str, b: str, *, lang: str = "en") -> View:
        """What one key can do that the other cannot, with limits and prices side by side.

        Raises:
            UnknownLabel: no such key.
        """
        from testkey_nb import analysis, views

        analysis.compare(self._store, a, b)  # raises at once; the view reads anew each time, and expires with the rows
        return views.comparison(
            lambda: analysis.compare(self._store, a, b), a=a, b=b, expires_at=self._expires_at, lang=lang
        )

    def page(self, provider: str, dimension: str, *, lang: str = "en") -> ProviderPage:
        """The provider page: can a key of this provider move on towards launch? From the catalogue alone.

        Raises:
            UnknownProvider, UnknownName, UnknownLanguage: with the choices.
        """
        from testkey_nb.views import provider_page

        return provider_page(provider, dimension, catalogue=self.catalogue, lang=lang)

    def cost(
        self,
        *,
        input_mtok: float,
        output_mtok: float,
        cache_read_mtok: float = 0,
        family: str | None = None,
        model: str | None = None,
    ) -> pd.DataFrame:
        """What a workload costs with each key's models, cheapest first; models without a price stand at the end.

        The workload is in millions of tokens. Amounts are exact decimals in the currency of their row; rows of
        different currencies are never ranked against each other.
        """
        from testkey_nb import pricing

        keys = self.frame("keys")
        return pricing.cost(
            self.frame("prices"),
            models=self.frame("permissions"),
            labels=dict(zip(keys["key_id"], keys["label"], strict=True)),
            input_mtok=input_mtok,
            output_mtok=output_mtok,
            cache_read_mtok=cache_read_mtok,
            family=family,
            model=model,
        )

    def board(self, *, lang: str = "en") -> Board:
        """The widget board over all of it."""
        from testkey_nb.widgets import Board

        return Board(self, lang=lang)

    def report(self, path: str | Path = "testkey-report.html", *, lang: str = "en") -> Path:
        """Write one self-contained HTML file; returns its path. It holds no key and outlives the session.

        Raises:
            Expired: the data's time is up.
            KeyToolError: the file cannot be written.
        """
        from testkey_nb.reports import write_report

        try:
            return write_report(self, Path(path), lang=lang)
        except OSError as problem:
            raise KeyToolError(f"cannot write {path}: {problem.strerror or problem}") from None
