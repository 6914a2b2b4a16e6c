"""Reads the harmless claims of a JWT without verifying it."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

# claims that tell issuer, audience, life span and kind; anything that names a person is left out
_KEPT = ("iss", "aud", "exp", "iat", "nbf", "typ", "type", "token_type", "azp", "scope", "scp", "env")


def claims(text: str) -> dict[str, Any] | None:
    """The kept claims; `sub_type` is the part of `sub` before its first separator. None when it is no JWT."""
    parts = text.split(".")
    if len(parts) != 3 or not text.startswith("eyJ"):
        return None
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))  # padding too much is not looked at
    except (ValueError, RecursionError):
        return None
    if not isinstance(payload, dict):
        return None
    kept = {name: payload[name] for name in _KEPT if _plain(payload.get(name))}
    if isinstance(subject := payload.get("sub"), str):
        kind, *rest = re.split("[:|/]", subject)
        if rest:
            kept["sub_type"] = kind
    return kept


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str | int | float) and not isinstance(value, bool)
