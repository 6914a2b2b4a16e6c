"""The sandbox: made-up keys and loopback addresses that answer as the providers do."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Self

from testkey_nb.sandbox.engine import Engine, Received
from testkey_nb.sandbox.faults import Faults
from testkey_nb.sandbox.load import demo_labels, sandbox_dir, services
from testkey_nb.sandbox.loopback import HttpServer
from testkey_nb.sandbox.model import Request, Response, SandboxKey, Service

_PREFIX = "TESTKEY_SANDBOX_"
# two sandboxes may run at once in one environment: the last one out clears a variable
_holders: Counter[tuple[int, str]] = Counter()
_holders_lock = threading.Lock()


class Sandbox:
    """Loopback servers of many providers, running until `close` or the end of `with`.

    Args:
        latency_ms: added to every answer.
        faults: provider id -> what goes wrong there: `storm-429`, `html-403`, `truncated`, `timeout`, `huge`, `500`,
            `503-text`, `bad-json`, `wrong-types`, `slow`, `drop` or `redirect`; `500*2` spoils the first two
            answers only.
        only: the provider ids to serve; None = all.
        port: 0 takes a free one.
        environ: where the keys' variables stand while it runs; None = the process's own environment.

    Raises:
        ValueError: `faults` or `only` names a provider or a fault that the sandbox does not have.
        OSError: the port is taken.
    """

    def __init__(
        self,
        *,
        latency_ms: float = 0,
        faults: Mapping[str, str] | None = None,
        only: Iterable[str] | None = None,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        data: Path | None = None,
        environ: MutableMapping[str, str] | None = None,
    ) -> None:
        served = _chosen(services(data), only)
        spoiler = Faults(faults or {}, directory=data or sandbox_dir(), services=served)
        self._served, self._engine = served, Engine(served, clock=clock)
        self._data = data
        self._closed = threading.Event()

        def respond(request: Request) -> Response:
            provider = request.path.lstrip("/").partition("/")[0]
            return spoiler.spoil(provider, lambda: self._engine.respond(request))

        # what an operator runs herself is known by what its origin answers, so each has one
        apart = [service.id for service in served.values() if not service.hosts]
        self._http = HttpServer(respond, port=port, latency_ms=latency_ms, apart=apart)
        self._engine.origin = self.origin
        self._environ = os.environ if environ is None else environ
        self._environment = {_variable(key): key.text for key in self._offered()}
        with _holders_lock:
            _holders.update((id(self._environ), name) for name in self._environment)
            self._environ.update(self._environment)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return self._http.port

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def routes(self) -> dict[str, str]:
        """Official host -> the address that answers in its stead; for `Session(routes=...)`."""
        return {
            host.removeprefix("https://"): f"{self.origin}/{service.id}/{role}"
            for service in self._served.values()
            for role, host in service.hosts.items()
        }

    @property
    def keys(self) -> list[dict[str, str | None]]:
        """One row per made-up key: source, label, provider, base_url (None where a route serves the host)."""
        return [
            {
                "source": f"env:{_variable(key)}",
                "label": key.label,
                "provider": key.provider,
                "base_url": self._base_url(key),
            }
            for key in self._offered()
        ]

    @property
    def demo(self) -> list[dict[str, str | None]]:
        """The few rows of `keys` that make a story: what the desk drawer of a small team holds."""
        rows = {row["label"]: row for row in self.keys}
        return [rows[label] for label in demo_labels(self._data) if label in rows]

    @property
    def samples(self) -> list[dict[str, str | None]]:
        """The same keys for another process: env, text (made up), label, provider, base_url, state, about."""
        return [
            {
                "env": _variable(key),
                "text": key.text,
                "label": key.label,
                "provider": key.provider,
                "base_url": self._base_url(key),
                "state": key.state,
                "about": key.about,
            }
            for key in self._offered()
        ]

    @property
    def requests(self) -> list[Received]:
        """What arrived, oldest first; a key is shown by its label, never by its text."""
        return list(self._engine.received)

    @property
    def received_keys(self) -> int:
        """How many requests carried a key, known or not."""
        return sum(request.key is not None for request in self._engine.received)

    def address(self, provider: str, role: str = "") -> str:
        """Tells where this provider's host of this role answers; role "" for what an operator runs herself."""
        if provider in self._http.ports:
            return f"http://127.0.0.1:{self._http.ports[provider]}"
        return f"{self.origin}/{provider}" + (f"/{role}" if role else "")

    def wait(self) -> None:
        """Blocks until the sandbox is closed, from another thread or by an interrupt."""
        self._closed.wait()

    def close(self) -> None:
        """Stops serving and takes the keys out of the environment; a second call does nothing."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._http.close()
        with _holders_lock:
            for name in self._environment:
                holder = (id(self._environ), name)
                _holders[holder] -= 1
                if not _holders[holder]:
                    del _holders[holder]
                    self._environ.pop(name, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closed.is_set() else self.origin
        return f"Sandbox({state}, providers={len(self._served)}, keys={len(self._environment)})"

    def _offered(self) -> list[SandboxKey]:
        return [key for service in self._served.values() for key in service.keys if key.offered]

    def _base_url(self, key: SandboxKey) -> str | None:
        """A routed official host needs no base URL, unless it bears its customer's name or the key is of one region."""
        if self._served[key.provider].hosts:
            return key.base_url
        return self.address(key.provider) + (key.base_url or "")


def sandbox(
    *,
    latency_ms: float = 0,
    faults: Mapping[str, str] | None = None,
    only: Iterable[str] | None = None,
    port: int = 0,
) -> Sandbox:
    """Starts a sandbox.

    >>> with sandbox(only=["baseten"]) as sb:
    ...     sorted(sb.routes)
    ['api.baseten.co', 'inference.baseten.co']
    """
    return Sandbox(latency_ms=latency_ms, faults=faults, only=only, port=port)


def serve(port: int = 0, *, ready: Callable[[Sandbox], None] | None = None) -> None:
    """Serves until interrupted; `ready` is called once with the running sandbox."""
    with Sandbox(port=port) as running:
        if ready is not None:
            ready(running)
        running.wait()


def _variable(key: SandboxKey) -> str:
    return _PREFIX + f"{key.provider}_{key.name}".upper().replace("-", "_").replace(".", "_")


def _chosen(services: Mapping[str, Service], only: Iterable[str] | None) -> dict[str, Service]:
    if only is None:
        return dict(services)
    wanted = list(only)
    if missing := [name for name in wanted if name not in services]:
        raise ValueError(f"not in the sandbox: {', '.join(missing)}; there are {', '.join(services)}")
    return {name: services[name] for name in wanted}
