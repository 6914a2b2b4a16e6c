"""What came back for one request, stripped of everything that could carry a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from testkey_nb.wire.failures import Trouble
    from testkey_nb.wire.peer import Peer

Failure = Literal["unreachable", "timeout", "not_sent", "too_large"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, or the reason why there is none.

    Attributes:
        status: HTTP status; None when nothing came back (see `failure`).
        headers: lower-case names, allow-listed values only.
        body: parsed JSON, else the text (cut at the body cap), else None. Redacted: no key, no echo of one.
        truncated: the body was longer than the cap, or ended early.
        failure: why there is no usable answer; `not_sent` = wire did not send it (`problem` says why).
        problem: one sentence, without any key.
        trouble: what went wrong on the way, in one word; None when an answer came or no word fits.
        host, path: host[:port] asked (the official one, where a route stands for it) and path with query.
        sent_to: host[:port] that a route sent it to; None when it was not routed.
        peer: whom the connection reached (certificate, canonical name); None over plain http or without a connection.
        authenticated: a key travelled with it.
        latency_ms: None when nothing was sent.
        sent_at: naive UTC.
        attempt: 1 for the first try of this request; retries count on.
    """

    method: str
    host: str
    path: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    truncated: bool = False
    failure: Failure | None = None
    problem: str | None = None
    authenticated: bool = False
    latency_ms: float | None = None
    sent_at: datetime | None = None
    attempt: int = 1
    sent_to: str | None = None
    trouble: Trouble | None = None
    peer: Peer | None = None
