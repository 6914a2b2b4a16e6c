"""`Session`: what an analyst meets; it wires the parts and owns their life."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from testkey_nb.catalogue import Catalogue, load
from testkey_nb.clock import SYSTEM_CLOCK, Clock
from testkey_nb.errors import BadBaseURL, Expired, KeySourceError
from testkey_nb.identity import parse_base_url
from testkey_nb.keys import Key, from_source
from testkey_nb.probes import (
    Options,
    Result,
    Rows,
    Target,
    is_worth_retrying,
    observed,
    plan_rows,
    probe_targets,
    read_har,
    target,
)
from testkey_nb.session.key_registry import Deadline, Held
from testkey_nb.session.progress import Progress, progress_of
from testkey_nb.session.reading import Reading
from testkey_nb.wire import Budget, run_sync

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.store import Store
    from testkey_nb.widgets import Board

PLAN_COLUMNS = (
    "label", "provider", "probe", "request", "method", "host", "path", "authenticated", "times", "expected_tokens",
    "model_id", "max_cost", "currency", "note",
)  # fmt: skip
# answers of her own traffic that come within this time share one run
OBSERVE_TOGETHER_S = 5.0


class Session(Reading):
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
        self.catalogue = catalogue or load()
        self.routes = {_origin(host): str(parse_base_url(url)) for host, url in (routes or {}).items()}
        self.ttl = ttl
        self._clock = clock
        self._salt = secrets.token_bytes(32)
        self._wire_options: dict[str, Any] = {"proxy": proxy, "timeout_s": timeout_s, "concurrency": concurrency}
        self._wire_options["now"] = clock.now
        self._budget = budget
        self._registry = Held()
        self._runs = 0
        self._observing: tuple[str, datetime] | None = None
        self._lock = threading.RLock()
        self._lazy_store: Store | None = None
        self._callbacks: list[Callable[[], object]] = []
        self._unread = Deadline(self._forget_unread, clock=clock)
        self._is_closed = False

    # -- keys ---------------------------------------------------------------------------------------------------

    def add(
        self,
        source: str | Key,
        *,
        label: str | None = None,
        base_url: str | None = None,
        provider: str | None = None,
    ) -> Session:
        """Take one key: `env:NAME`, `dotenv:PATH#NAME`, `keyring:SERVICE/USER`, `ask`, or a `Key`. Sends nothing.

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
        key = source if isinstance(source, Key) else from_source(source)
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
        """Take every key that an environment variable known to the catalogue holds.

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
        """What a probe would send, one row per request, in order. Sends nothing.

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
        """Ask the providers, read-only, and take the answers into the tables; returns the session.

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
            worth = partial(is_worth_retrying, catalogue=self.catalogue)
            async with Wire(budget=self._budget or Budget(), worth_retrying=worth, **self._wire_options) as wire:
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

    def observe(
        self,
        label: str,
        *,
        status: int | None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        path: str | None = None,
        at: datetime | None = None,
    ) -> Session:
        """Take an answer from the analyst's own traffic with this key into the tables; sends nothing.

        `at` is when it came (an aware instant, or naive UTC; now by default).

        Raises:
            UnknownLabel: no such key held.
        """
        target = self._keys.find(label)
        when = self._clock.now() if at is None else _naive(at)
        rows = Rows(target.key_id, self._observed_prefix())
        observed(
            target, rows, catalogue=self.catalogue, status=status, headers=headers or {}, body=body, path=path, at=when
        )
        self._take([self._as_result(target, rows)], together=True)
        return self

    def observe_har(self, path: str | Path) -> int:
        """Take the answers of a recorded browser or proxy session that belong to keys held; returns how many.

        Request headers, cookies and queries are dropped on reading; of the answers only what tables hold is kept.

        Raises:
            BadAnswer: no HAR file.
        """
        rows_of: dict[str, Rows] = {}
        count = 0
        prefix = self._observed_prefix()
        for recorded in read_har(Path(path), self._keys.chosen()):
            target = recorded.target
            rows = rows_of.setdefault(target.label, Rows(target.key_id, f"{prefix}-{len(rows_of) + 1:02d}"))
            observed(
                target, rows, catalogue=self.catalogue, status=recorded.status, headers=recorded.headers,
                body=recorded.body, path=recorded.path, at=recorded.at, method=recorded.method, host=recorded.host,
            )  # fmt: skip
            count += 1
        if rows_of:
            self._take([self._as_result(self._keys.find(label), rows) for label, rows in rows_of.items()])
        return count

    def _as_result(self, target: Target, rows: Rows) -> Result:
        rows.tables["keys"] = [target.row()]
        return Result(target, rows, self._clock.now())

    def _observed_prefix(self) -> str:
        with self._lock:
            self._runs += 1
            return f"o{self._runs}"

    def _take(self, results: Sequence[Result], *, together: bool = False) -> None:
        """Results become rows of one run; observed answers that come close together share theirs."""
        from testkey_nb.session.loading import insert_results

        store = self._store
        with self._lock:
            now = self._clock.now()
            if together and self._observing and (now - self._observing[1]).total_seconds() < OBSERVE_TOGETHER_S:
                run = self._observing[0]
            else:
                run = store.open_run()
                self._observing = (run, now) if together else None
            # before the run's time begins, so that it cannot end without them
            self._registry.use(run, [result.target.key for result in results])
            insert_results(store, run, results, catalogue=self.catalogue)
            first = min((result.first_answer_at for result in results if result.first_answer_at), default=now)
            store.first_answer(run, first)
            self._show_pending()

    def board(self, *, lang: str = "en") -> Board:
        """The widget board over all of it."""
        from testkey_nb.widgets import Board

        return Board(self, lang=lang)

    # -- life ---------------------------------------------------------------------------------------------------

    @property
    def expires_in(self) -> float:
        """Seconds until the first run's data is gone; 0 when there is none."""
        return 0.0 if self._lazy_store is None else self._lazy_store.expires_in or 0.0

    def on_purge(self, callback: Callable[[], object]) -> None:
        """Call `callback()`, from any thread, after a run's data went."""
        self._callbacks.append(callback)

    def purge(self) -> None:
        """Forget everything now: rows, keys, cached answers."""
        if self._lazy_store is not None:
            self._lazy_store.purge()
        # an answer observed right after it begins a run of its own: the one before is gone
        self._observing = None
        self._registry.forget_all()
        self._unread.stop()

    def close(self) -> None:
        """Forget everything for good; reading it afterwards raises Expired."""
        self._is_closed = True
        self.purge()
        if self._lazy_store is not None:
            self._lazy_store.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        count = len(self._keys)
        keys = f"{count} key{'' if count == 1 else 's'}"
        left = self.expires_in
        return f"<Session: {keys}{f', data for {left:.0f} s more' if left else ', nothing probed'}>"

    @property
    def _keys(self) -> Held:
        """The keys held, without those whose time is up: whoever reads looks at the clocks, as the store does."""
        if self._lazy_store is None:
            self._unread.look()
        else:
            _ = self._lazy_store.expires_in
        return self._registry

    @property
    def _store(self) -> Store:
        if self._lazy_store is None:
            self._check_open()
            from testkey_nb.session.loading import open_store

            with self._lock:
                if self._lazy_store is None:
                    self._lazy_store = open_store(self.catalogue, ttl=self.ttl, clock=self._clock)
                    self._lazy_store.on_purge(self._forget)
                    self._unread.stop()
                    self._show_pending()
        return self._lazy_store

    def _check_open(self) -> None:
        if self._is_closed:
            raise Expired("this session is closed; begin a new one")

    def _show_pending(self) -> None:
        """Keys that were added and not probed stand in `keys` too, and have their time like the others."""
        if self._lazy_store is not None:
            self._lazy_store.set_pending_keys([target.row() for target in self._registry.unused])
        else:
            self._unread.start(self.ttl)

    def _forget_unread(self) -> None:
        """The time of keys is up that were added to a session whose tables nobody looked at."""
        if self._lazy_store is None:
            self._registry.forget_unused()
            for callback in self._callbacks:
                callback()

    def _forget(self, group: str) -> None:
        """A run's time is up, or that of the keys that nobody asked with: the keys go with the rows."""
        from testkey_nb.store import PENDING

        if group == PENDING:
            self._registry.forget_unused()
        else:
            self._registry.forget_run(group)
        for callback in self._callbacks:
            callback()


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


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
