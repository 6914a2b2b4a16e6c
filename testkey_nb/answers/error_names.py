"""The names under which error bodies tell a message, a code or a type, and what they hold them in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MESSAGES = (
    "message", "msg", "Message", "error_msg", "err_msg", "error_message", "errorMessage", "status_msg", "errmsg",
    "description", "detail", "reason", "title", "faultstring", "retmsg", "ret_msg",
    "error_description",
)  # fmt: skip
CODES = (
    "code",
    "error_code",
    "errorCode",
    "err_code",
    "status_code",
    "Code",
    "errcode",
    "key",
    "http_code",
    "retcode",
    "ret_code",
)
TYPES = ("type", "error_type", "__type", "status", "title", "name", "category", "tpe")
# Objects inside a body that can hold the error, in the order they are looked into.
HOLDERS = ("error", "errors", "detail", "base_resp", "Error", "fault", "header", "Response", "data", "response", "body")
FINE = frozenset({"0", "200", "20000", "ok", "success", "succeeded", "0x0", "completed", ""})


def word_of(text: Any) -> str | None:
    """A message that is one machine word: `err.not_enough_balance`, `invalid_api_key`."""
    return text if isinstance(text, str) and re.fullmatch(r"[A-Za-z]+(?:[_.:][A-Za-z]+)+", text) else None


def first_of(node: Mapping[str, Any], names: tuple[str, ...], kinds: tuple[type, ...] = (str,)) -> str | None:
    """The first of these names whose value is of one of these kinds and not empty, as text."""
    for name in names:
        value = node.get(name)
        if isinstance(value, kinds) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return None
