"""What can be made of a session's tables: frames, views, comparisons, costs, the board, the report."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from testkey_nb.errors import KeyToolError
from testkey_nb.session.tables import Tables

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.catalogue import Catalogue
    from testkey_nb.clock import Clock
    from testkey_nb.pricing.costs import Number
    from testkey_nb.views import ProviderPage, View


class Reading(Tables):
    """The part of a session that only reads."""

    catalogue: Catalogue
    _clock: Clock

    @property
    @abstractmethod
    def expires_in(self) -> float: ...

    @property
    def _expires_at(self) -> datetime | None:
        left = self.expires_in
        return self._clock.now() + timedelta(seconds=left) if left > 0 else None

    def matrix(self, name: str, *, lang: str = "en") -> View:
        """A table as a view: `.frame`, static HTML in a notebook, `.widget()`. `permissions`, `limits`, and the others.

        Raises:
            UnknownName: with the choices.
        """
        from testkey_nb import views

        return views.view(name, self, expires_at=self._expires_at, lang=lang, now=self._clock.now)

    def compare(self, a: str, b: str, *, lang: str = "en") -> View:
        """Gives what one key can do that the other cannot, with limits and prices side by side.

        Raises:
            UnknownLabel: no such key.
        """
        from testkey_nb import analysis, views

        analysis.compare(self._store, a, b)  # raises at once; the view reads anew each time, and expires with the rows
        return views.comparison(
            lambda: analysis.compare(self._store, a, b),
            a=a,
            b=b,
            expires_at=self._expires_at,
            lang=lang,
            now=self._clock.now,
        )

    def page(self, provider: str, dimension: str, *, lang: str = "en") -> ProviderPage:
        """Gives the provider page from the catalogue alone: can a key of this provider move on towards launch?

        Raises:
            UnknownProvider, UnknownName, UnknownLanguage: with the choices.
        """
        from testkey_nb.views import provider_page

        return provider_page(provider, dimension, catalogue=self.catalogue, lang=lang)

    def cost(
        self,
        *,
        input_mtok: Number,
        output_mtok: Number,
        cache_read_mtok: Number = 0,
        cached_share: Number = 0,
        requests: int | None = None,
        context: int | None = None,
        family: str | None = None,
        model: str | None = None,
        tier: str = "default",
        per: str = "day",
        peak: Number = 2,
        rates: Mapping[str, Number] | None = None,
    ) -> pd.DataFrame:
        """Gives what a workload costs with each key's models: what may be used first, cheapest first.

        The workload is in millions of tokens for the period `per`. A row per key, model and price source: `permission`,
        `cost`, `carries` (the tightest rate limit against the workload, at `peak` times the average), `days_left` until
        what the key may spend is used up, and `assumption`. Denied, spent and invalid keys have no rank and stand at
        the end with the `reason`. Amounts are exact decimals in the currency of their row; currencies are ranked apart
        but for those in `rates` (`{"USD": 1, "CNY": "0.14"}`). The other arguments are those of `pricing.cost`.

        Raises:
            ValueError: an amount, a share, a period or a rate that cannot be.
        """
        from testkey_nb import pricing
        from testkey_nb.pricing.standing import Standing

        keys, permissions = self.frame("keys"), self.frame("permissions")
        facts = self.sql("SELECT key_id, key_valid, key_kind, spent, spent_text, serves_nothing FROM key_facts")
        standing = Standing.of(
            permissions=permissions, keys=facts, limits=self.frame("limits"), balances=self.frame("balances")
        )
        return pricing.cost(
            self.frame("prices"),
            models=permissions,
            labels=dict(zip(keys["key_id"], keys["label"], strict=True)),
            standing=standing,
            input_mtok=input_mtok,
            output_mtok=output_mtok,
            cache_read_mtok=cache_read_mtok,
            cached_share=cached_share,
            requests=requests,
            context=context,
            family=family,
            model=model,
            tier=tier,
            per=per,
            peak=peak,
            rates=rates,
        )

    def report(self, path: str | Path = "testkey-report.html", *, lang: str = "en") -> Path:
        """Writes one self-contained HTML file; returns its path. It holds no key and outlives the session.

        Raises:
            Expired: the data's time is up.
            KeyToolError: the file cannot be written.
        """
        from testkey_nb.reports import write_report

        try:
            return write_report(self, Path(path), lang=lang, now=self._clock.now())
        except OSError as problem:
            raise KeyToolError(f"cannot write {path}: {problem.strerror or problem}") from None
