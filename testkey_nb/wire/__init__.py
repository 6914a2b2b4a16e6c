"""The only door to the network: refuses before sending whatever is not a declared read-only request.

`Wire`, `Peer` and `Trouble` are loaded on first use, because their files import httpx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testkey_nb.wire.answer import Answer, Failure
from testkey_nb.wire.budget import Budget
from testkey_nb.wire.decode import json_or_text
from testkey_nb.wire.guard import check
from testkey_nb.wire.headers import kept as kept_headers
from testkey_nb.wire.origins import Address, origin_of
from testkey_nb.wire.pace import Pace
from testkey_nb.wire.permit import Declared, Outgoing, Permit
from testkey_nb.wire.sync import run_sync
from testkey_nb.wire.templates import fill, fill_body

if TYPE_CHECKING:
    from testkey_nb.wire.client import Wire
    from testkey_nb.wire.failures import Trouble
    from testkey_nb.wire.peer import Peer

__all__ = [
    "Address",
    "Answer",
    "Budget",
    "Declared",
    "Failure",
    "Outgoing",
    "Pace",
    "Peer",
    "Permit",
    "Trouble",
    "Wire",
    "check",
    "fill",
    "fill_body",
    "json_or_text",
    "kept_headers",
    "origin_of",
    "run_sync",
]


def __getattr__(name: str) -> Any:
    if name == "Wire":
        from testkey_nb.wire.client import Wire

        return Wire
    if name == "Peer":
        from testkey_nb.wire.peer import Peer

        return Peer
    if name == "Trouble":
        from testkey_nb.wire.failures import Trouble

        return Trouble
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
