"""What the sandbox knows of a service: frozen records that `load` fills from data/sandbox/."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """One prepared answer; `content` is JSON with templates, `text` stands in where an API sends text."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Any = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SandboxKey:
    """A made-up key: what it may do and how the service answers it."""

    provider: str
    name: str
    label: str
    text: str
    state: str  # good | restricted | expired | disabled | blocked | no-balance | limited | wrong | admin
    about: str
    may: frozenset[str] = frozenset()
    models: tuple[str, ...] | None = None  # None = every model of the service
    facts: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    always: str | None = None  # name of the answer that every authenticated request gets
    answers: Mapping[str, str] = field(default_factory=dict)  # "METHOD path" with * -> name of an answer
    offered: bool = True  # False: known to the server, not among `Sandbox.keys`
    base_url: str | None = None  # the official host that a key belongs to; a path where an operator runs the service


@dataclass(frozen=True, slots=True)
class Pages:
    """How a list is cut: `query` says where to start, dotted fields where the answer tells of the rest."""

    style: str  # cursor (opaque) | offset (a number) | after (the last id seen)
    rows: str
    query: str
    size: int
    most: int
    size_query: str | None = None
    field: str = "id"
    next: str | None = None
    more: str | None = None
    first: str | None = None
    last: str | None = None
    total: str | None = None
    link: str | None = None
    absent_at_end: bool = False  # the next field is left out on the last page, where others send null


@dataclass(frozen=True, slots=True)
class Pick:
    """One row of a list, named by the request (`path.x` or `body.x`); `give` makes it the whole answer."""

    named_by: str
    rows: str
    file: Any
    field: str = "id"
    absent: str = "not-found"
    give: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A request that the service knows, and its answer."""

    method: str
    host: str
    path: str
    pattern: re.Pattern[str]
    reply: Reply
    public: bool = False
    any_key: bool = False  # whatever key comes gets this answer, only none at all is refused
    needs: str | None = None
    refused: str = "refused"
    keys: frozenset[str] = frozenset()
    query: Mapping[str, str] = field(default_factory=dict)
    need_query: tuple[str, ...] = ()
    pages: Pages | None = None
    pick: Pick | None = None
    keep: tuple[str, str] | None = None  # (rows, field): only the rows whose field is among the key's models
    limits: str | None = None
    latency_ms: int = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """A counter per key; its headers go out with every answer of the routes that name its set."""

    set: str
    kind: str
    limit: int
    window_s: int
    spend: int
    refills: bool  # True: leaks back steadily; False: starts anew when the window ends
    reset_as: str  # duration | seconds | epoch | iso
    headers: Mapping[str, str]
    over: str | None = None


@dataclass(frozen=True, slots=True)
class AuthHeader:
    """Where the service looks for a key."""

    name: str
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """One provider of the sandbox; `hosts` is role -> official host, empty where there is none."""

    id: str
    hosts: Mapping[str, str]
    auth: tuple[AuthHeader, ...]
    headers: Mapping[str, str]
    answers: Mapping[str, Reply]
    keys: tuple[SandboxKey, ...]
    routes: tuple[Route, ...]
    limits: tuple[Limit, ...]
    require_header: Mapping[str, str]  # header -> name of the answer when a request lacks it
    key_shape: re.Pattern[str] | None = None  # what every key begins with; others are answered with "wrong-shape"

    def answer(self, name: str, *, host: str) -> Reply:
        """Gives the answer of this name, in the host's own wording where it has one."""
        return self.answers.get(f"{name}@{host}") or self.answers[name]


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived, decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back; `fault` names a way to spoil the delivery."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    delay_s: float = 0.0
    fault: str | None = None
