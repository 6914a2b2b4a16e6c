"""A `Session` is what an analyst meets; it takes keys, asks, and brings the answers into tables."""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from testkey_nb.catalogue import Catalogue, load
from testkey_nb.clock import SYSTEM_CLOCK, Clock
from testkey_nb.errors import BadBaseURL, KeySourceError
from testkey_nb.keys import Key, from_source
from testkey_nb.preflight import Options, parse_base_url, plan_rows, target
from testkey_nb.probes import probe_targets
from testkey_nb.session.answers import Answers
from testkey_nb.session.progress import Progress, progress_of
from testkey_nb.wire import Budget, run_sync

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.widgets import Board

PLAN_COLUMNS = (
    "label", "provider", "probe", "request", "method", "host", "path", "authenticated", "times", "expected_tokens",
    "model_id", "max_cost", "currency", "note",
)  # fmt: skip


class Session(Answers):
    """Keys in, frames out, everything forgotten after `ttl` seconds.

    Args:
        ttl: seconds that a run's data lives, counted from its first answer.
        routes: host -> URL that stands for it (a mirror, a corporate proxy, the sandbox).
        proxy: URL of an HTTP proxy; the environment's proxies are never used.
        timeout_s: seconds to wait for one answer.
        concurrency: connections at once.
        budget: requests and seconds that one run may use; 2,000 and 120 s by default.
        catalogue: what is known of providers; the package's own by default.
        clock: what tells the time; the machine's clocks by default, a `ManualClock` in tests.

    Example:
        >>> import testkey_nb as tk
        >>> with tk.sandbox() as sandbox:
        ...     session = tk.Session(routes=sandbox.routes)
        ...     for row in sandbox.keys:
        ...         _ = session.add(**row)
        ...     limits = session.probe(progress=False).limits
    """

    def __init__(
        self,
        *,
        ttl: float = 300,
        routes: Mapping[str, str] | None = None,
        proxy: str | None = None,
        timeout_s: float = 10,
        concurrency: int = 32,
        budget: Budget | None = None,
        catalogue: Catalogue | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(ttl=ttl, catalogue=catalogue or load(), clock=clock)
        self.routes = {_origin(host): str(parse_base_url(url)) for host, url in (routes or {}).items()}
        self._salt = secrets.token_bytes(32)
        self._wire_options: dict[str, Any] = {"proxy": proxy, "timeout_s": timeout_s, "concurrency": concurrency}
        self._wire_options["now"] = clock.now
        self._budget = budget

    # -- keys ---------------------------------------------------------------------------------------------------

    def add(
        self,
        source: str | Key,
        *,
        label: str | None = None,
        base_url: str | None = None,
        provider: str | None = None,
    ) -> Session:
        """Takes one key: `env:NAME`, `dotenv:PATH#NAME`, `keyring:SERVICE/USER`, `ask`, or a `Key`. Sends nothing.

        Args:
            label: how tables call it; made from the source when left out.
            base_url: pins the key to this origin and no other.
            provider: whose key it is, where shape or environment variable do not tell.

        Raises:
            BadKey, KeySourceError: no usable key there.
            Expired: the session is closed.
            UnknownProvider, BadBaseURL, RegionNeeded: see the texts.
        """
        self._check_open()
        try:
            key = source if isinstance(source, Key) else from_source(source)
        except KeySourceError:
            del source  # it may be a key, and a traceback with variables shows what the frame still holds
            raise
        key.bind(self._salt)
        how = "declared"
        name = key.source.partition(":")[2].rpartition("#")[2]
        if provider is None and key.source.startswith(("env:", "dotenv:")):
            owner = self.catalogue.by_env(name)
            provider, how = (owner.id, f"what the variable {name} says") if owner else (None, how)
        new = target(
            key,
            label=label or self._keys.free_label(name or "key"),
            source=key.source,
            provider=provider,
            base_url=base_url,
            catalogue=self.catalogue,
            how=how,
            now=self._clock.now(),
        )
        self._keys.add(new)
        self._show_pending()
        return self

    def add_env(self) -> Session:
        """Takes every key that an environment variable known to the catalogue holds.

        Raises:
            KeySourceError: none of them is set.
        """
        names = [
            name for provider in self.catalogue.providers.values() for name in provider.env if os.environ.get(name)
        ]
        if not names:
            raise KeySourceError("no environment variable that the catalogue knows is set; see tk.providers()['env']")
        for name in dict.fromkeys(names):
            self.add(f"env:{name}")
        return self

    @property
    def labels(self) -> list[str]:
        """The labels of the keys held."""
        return self._keys.labels

    # -- probing ------------------------------------------------------------------------------------------------

    def plan(
        self, *, active: Sequence[str] = (), models: Sequence[str] = (), labels: Collection[str] | None = None
    ) -> pd.DataFrame:
        """Gives what a probe would send, one row per request, in order. Sends nothing.

        Columns: label, provider, probe, request, method, host, path, authenticated, times (at most), expected_tokens
        (0 for all that is read-only), model_id, max_cost (exact decimal, NA when no price is known), currency, note.
        """
        import pandas as pd

        from testkey_nb import pricing

        options = _options(active, models)
        rows = [row for target in self._keys.chosen(labels) for row in plan_rows(target, options)]
        for row in rows:
            row |= pricing.most_it_costs(row, catalogue=self.catalogue)
        return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))

    def probe(
        self,
        *,
        active: Sequence[str] = (),
        models: Sequence[str] = (),
        labels: Collection[str] | None = None,
        progress: bool | Progress | None = True,
    ) -> Session:
        """Asks the providers, read-only, and takes the answers into the tables; returns the session.

        Args:
            active: opt-in classes of probes that are more than reading: `free` (token counting), `runtime` (one
                output token). `plan(active=...)` shows them with the most they can cost.
            models: model ids for active probes.
            labels: only these keys.
            progress: a bar on stderr, a callable `(done, total, text)`, or False for silence.

        Raises:
            KeySourceError: the session holds no key.
        """
        run_sync(self.aprobe(active=active, models=models, labels=labels, progress=progress))
        return self

    async def aprobe(
        self,
        *,
        active: Sequence[str] = (),
        models: Sequence[str] = (),
        labels: Collection[str] | None = None,
        progress: bool | Progress | None = True,
    ) -> Session:
        """The same as `probe`, for `await`."""
        from testkey_nb.wire import Wire

        options = _options(active, models)
        targets = self._keys.chosen(labels)
        if not targets:
            raise KeySourceError("the session holds no key (or its keys have expired); add one first")
        with self._lock:
            self._runs += 1
            prefix = f"x{self._runs}"
        with progress_of(progress) as report:
            wire_options = {"catalogue": self.catalogue, "budget": self._budget or Budget(), **self._wire_options}
            async with Wire(**wire_options) as wire:
                results = await probe_targets(
                    targets,
                    wire=wire,
                    catalogue=self.catalogue,
                    options=options,
                    routes=self.routes,
                    prefix=prefix,
                    now=self._clock.now,
                    on_progress=report,
                )
        # what a pinned host turned out to be, so that observed answers are read by its file
        self._registry.renew(result.target for result in results)
        self._take(results)
        return self

    def board(self, *, lang: str = "en") -> Board:
        """Gives the widget board over all of it."""
        from testkey_nb.widgets import Board

        return Board(self, lang=lang)


def _options(active: Sequence[str], models: Sequence[str]) -> Options:
    # one name may stand without its brackets
    active, models = ((names,) if isinstance(names, str) else names for names in (active, models))
    if unknown := set(active) - {"free", "runtime"}:
        raise ValueError(f"active takes 'free' and 'runtime', not {', '.join(sorted(map(repr, unknown)))}")
    return Options(active=frozenset(active), models=tuple(models))


def _origin(host: str) -> str:
    """`api.acme.example` and `https://api.acme.example/` mean the same route."""
    text = host if "://" in host else f"https://{host}"
    parts = urlsplit(text)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise BadBaseURL(f"a route goes from a host to a URL; {host!r} is no host")
    return f"{parts.scheme}://{parts.netloc.lower()}"
