"""Fills the `{{…}}` places of an answer with what only the moment of asking knows."""

from __future__ import annotations

import hashlib
import random
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

_PLACE = re.compile(r"\{\{([^{}]+)\}\}")
_TIME = re.compile(r"(now|ms|iso|utc|midnight|day|date)([+-]\d+)?([smhd])?")
_MASK = re.compile(r"key (\d+)(.*?)(\d+)")
_WRITTEN = {"date": "%Y-%m-%d", "utc": "%Y-%m-%d %H:%M:%S UTC"}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Context:
    """What the places can name: `key`, `key.x`, `path.x`, `query.x`, `body.x`, `row.x`, times, random ids."""

    now: float
    dice: random.Random
    key: str = ""
    names: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def has_places(value: Any) -> bool:
    """Tells whether anything is left to fill in."""
    if isinstance(value, str):
        return "{{" in value
    if isinstance(value, Mapping):
        return any(map(has_places, value.values()))
    return isinstance(value, list) and any(map(has_places, value))


def expand(value: Any, context: Context) -> Any:
    """Gives the value with its places filled; a string that is one place takes the type of what fills it."""
    if isinstance(value, str):
        whole = _PLACE.fullmatch(value)
        if whole:
            return _resolve(whole[1], context)
        return _PLACE.sub(lambda match: str(_resolve(match[1], context)), value) if "{{" in value else value
    if isinstance(value, Mapping):
        return {name: expand(item, context) for name, item in value.items()}
    if isinstance(value, list):
        return [expand(item, context) for item in value]
    return value


def _resolve(place: str, context: Context) -> Any:
    if moment := _TIME.fullmatch(place):
        return _moment(moment, context.now)
    if mask := _MASK.fullmatch(place):
        head, fill, tail = int(mask[1]), mask[2], int(mask[3])
        if len(context.key) <= head + tail:
            return context.key
        return context.key[:head] + fill + (context.key[-tail:] if tail else "")
    if place == "null":
        return None
    if place == "key":
        return context.key
    if place == "key sha256":
        return hashlib.sha256(context.key.encode()).hexdigest()
    if place.startswith(("hex ", "alnum ")):
        alphabet, length = place.split()
        letters = "0123456789abcdef" if alphabet == "hex" else string.ascii_letters + string.digits
        return "".join(context.dice.choices(letters, k=int(length)))
    group, _, name = place.partition(".")
    value: Any = context.names.get(group)
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _moment(match: re.Match[str], now: float) -> int | str:
    kind, amount, unit = match[1], int(match[2] or 0), match[3] or "s"
    at = datetime.fromtimestamp(int(now), UTC) + timedelta(seconds=amount * _SECONDS[unit])
    if kind in ("midnight", "day", "date"):
        at = at.replace(hour=0, minute=0, second=0)
    if kind == "ms":
        return int(at.timestamp()) * 1000
    if kind in ("now", "midnight"):
        return int(at.timestamp())
    return at.strftime(_WRITTEN.get(kind, "%Y-%m-%dT%H:%M:%SZ"))
