"""One name for one model across providers, by the rewriting rules of data/models.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from testkey_nb.errors import CatalogueError

_FILE = "models.toml"


@dataclass(frozen=True, slots=True)
class _Rule:
    find: re.Pattern[str]
    put: str
    repeat: bool

    def __call__(self, name: str) -> str:
        while True:
            after = self.find.sub(self.put, name)
            if after == name or not self.repeat:
                return after
            name = after


@dataclass(frozen=True, slots=True)
class _Book:
    keep: tuple[re.Pattern[str], ...]
    rules: tuple[_Rule, ...]
    aliases: dict[str, str]


@lru_cache(maxsize=65536)
def family(model_id: str) -> str:
    """Gives the model's name without who serves it, how it is spelled there or how it is quantised.

    Different models keep different names: sizes, base and instruct, dated four-digit versions, thinking
    variants. An id that no rule touches comes back in lower case; a fine-tune is its own family.

    >>> family("accounts/fireworks/models/llama-v3p3-70b-instruct")
    'llama-3.3-70b-instruct'
    """
    name = re.sub(r"\s+", "-", model_id.strip().lower())
    book = _book()
    if any(pattern.search(name) for pattern in book.keep):
        return name
    for rule in book.rules:
        # a rule never leaves nothing behind: then the id is all namespace and stays as it is
        name = rule(name) or name
    return book.aliases.get(name, name)


def families(model_ids: Iterable[str]) -> dict[str, str]:
    """Gives the family of each distinct id."""
    return {model_id: family(model_id) for model_id in dict.fromkeys(model_ids)}


@cache
def _book() -> _Book:
    from testkey_nb.catalogue import data_dir
    from testkey_nb.catalogue.reader import read_toml

    table, _ = read_toml(data_dir() / _FILE)
    return _compose(table)


def _compose(table: dict[str, Any]) -> _Book:
    words = {name: _either(table.get(name, [])) for name in ("namespaces", "regions", "vendors")}
    rules = []
    for number, rule in enumerate(table.get("rules", [])):
        if unknown := set(rule) - {"id", "find", "put", "repeat"}:
            raise CatalogueError(f"unknown field {min(unknown)!r}", file=_FILE, field=f"rules[{number}]")
        find = str(rule.get("find", ""))
        for name, either in words.items():
            find = find.replace(f"{{{name}}}", either)
        rules.append(_Rule(_pattern(find, f"rules[{number}].find"), str(rule.get("put", "")), bool(rule.get("repeat"))))
    keep = tuple(_pattern(text, "keep") for text in table.get("keep", []))
    return _Book(keep, tuple(rules), dict(table.get("aliases", {})))


def _either(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(re.escape(word) for word in words)})"


def _pattern(text: str, field: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as problem:
        raise CatalogueError(f"is no regular expression: {problem}", file=_FILE, field=field) from None
