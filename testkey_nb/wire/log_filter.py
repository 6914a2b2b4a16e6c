"""Keeps query strings and headers of our requests out of the logs of the HTTP libraries."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from functools import cache

# a request of ours is under way; other users of the same libraries keep their logs as they are
ours: ContextVar[bool] = ContextVar("testkey_nb_request", default=False)

_LOGGERS = ("httpcore", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks", "stamina")


class _Cut(logging.Filter):
    """Cuts a record down to what happened, before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not ours.get():
            return True
        if record.name == "stamina":
            return False  # each retry is an answer of its own; a warning on stderr adds nothing
        record.msg, record.args = str(record.msg).partition(" ")[0], ()
        return True


@cache
def hush() -> None:
    """Put the filter on the loggers, once."""
    cut = _Cut()
    for name in _LOGGERS:
        # filters of a parent logger do not see the records of its children
        logging.getLogger(name).addFilter(cut)
