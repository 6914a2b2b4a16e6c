"""What one key may be used for, with one request that asks to use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from testkey_nb.catalogue.model import Auth
from testkey_nb.keys import Key
from testkey_nb.wire.answer import Answer


class Advice(Protocol):
    """What an answer says of another try: whether it can change anything, after how many seconds if that is told."""

    @property
    def wait_s(self) -> float | None: ...
    @property
    def is_worth_retrying(self) -> bool: ...


Advise = Callable[[Answer], Advice]


@dataclass(frozen=True, slots=True)
class Declared:
    """One request that a provider file declares; nothing else is ever sent.

    Attributes:
        path: template with the literal query, `/v1/x?limit=1000`; `{placeholders}` never span a slash.
        method: GET, HEAD or OPTIONS; POST only together with `active`.
        paging: query names that a next page may add or overwrite.
        body: the fixed JSON body of an active request; strings may hold placeholders.
        active: the analyst asked for this active request by name (a permit holds it only then).
    """

    path: str
    method: str = "GET"
    paging: frozenset[str] = frozenset()
    body: Any = None
    active: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """The hosts, the paths and the header that belong to one key (or to none: `key=None`).

    Attributes:
        origins: base addresses that are the key's own: origin plus optional path prefix, official
            ones or the one that the analyst pinned.
        declared: what may be asked there.
        auth: how the key travels; required with a key.
        routes: official origin -> base address that stands for it (the analyst's explicit word).
    """

    origins: frozenset[str]
    declared: tuple[Declared, ...]
    key: Key | None = None
    auth: Auth | None = None
    routes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """One request as the caller wants it; `Wire.send` decides whether it leaves.

    Attributes:
        url: absolute; official address (routes are applied by the wire). Build it from base + `fill(...)`.
        declared: the declaration in `permit.declared` that it comes from.
        headers: constant headers of the request; those of `permit.auth` are added by the wire.
        body: the filled body of an active request.
        authenticated: False = sent without the key (control requests, no-key questions).
        advise: what an answer says of another try; without it, passing failures are tried again.
    """

    url: str
    permit: Permit
    declared: Declared
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    authenticated: bool = True
    advise: Advise | None = None
