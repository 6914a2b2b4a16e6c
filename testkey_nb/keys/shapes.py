"""How a declared shape of keys is recognised inside other text: by the letters that each of its keys begins with."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any, NamedTuple

_parser: Any = getattr(re, "_parser")  # noqa: B009 - the standard library's own reader of patterns, without stubs

SHORTEST = 3  # letters; what begins with fewer is any word
_MOST = 8  # spellings of one beginning


class Shape(NamedTuple):
    """What a whole key looks like.

    Attributes:
        regex: matches the whole key.
        exclusive: no other text looks so; else a text that reads like words is none.
    """

    regex: str
    exclusive: bool = False


def beginnings(regex: str) -> tuple[str, ...]:
    """The literal texts that every match begins with, in all spellings; empty when they are too short to tell.

    >>> beginnings(r"^gw[-_][a-z]{8}$")
    ('gw-', 'gw_')
    """
    parts: list[list[str]] = []
    for kind, value in _parser.parse(regex):
        texts = _texts(str(kind), value)
        if not texts or math.prod(map(len, [*parts, texts])) > _MOST:
            break
        parts.append(texts)
    begins = tuple("".join(texts) for texts in itertools.product(*parts))
    # a JSON Web Token is known by its parts; what else begins like one is the cursor of a list
    return () if min(map(len, begins)) < SHORTEST or any(text.startswith("eyJ") for text in begins) else begins


def searched(regex: str) -> re.Pattern[str]:
    """The shape without its end's anchor; it ends where no further letter of a word follows."""
    return re.compile(f"(?:{regex.removesuffix('$')})(?![A-Za-z0-9_-])")


def _texts(kind: str, value: Any) -> list[str]:
    """The texts that may stand here; empty when they are too many to count."""
    if kind in ("AT", "ASSERT", "ASSERT_NOT"):
        return [""]  # an anchor or a look ahead takes no letter
    if kind == "LITERAL":
        return [chr(value)]
    if kind == "IN" and all(str(each) == "LITERAL" for each, _ in value):
        return [chr(code) for _, code in value]
    if kind == "SUBPATTERN":
        return _sequence(value[-1])
    if kind == "BRANCH":
        branches = [_sequence(branch) for branch in value[1]]
        return [text for texts in branches for text in texts] if all(branches) else []
    return []


def _sequence(items: Any) -> list[str]:
    parts = [_texts(str(kind), value) for kind, value in items]
    return ["".join(texts) for texts in itertools.product(*parts)] if all(parts) else []
