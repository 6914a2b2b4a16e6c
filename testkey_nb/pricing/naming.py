"""One name for one model across providers, by the rewriting rules of data/models.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from typing import Any

from testkey_nb.errors import CatalogueError

_FILE = "models.toml"
_PARTS = ("variant", "quantisation", "date", "region", "size")
_SIZE = re.compile(r"(?<![a-z0-9.])(\d+x\d+b|\d+(?:\.\d+)?[bt](?:-a\d+(?:\.\d+)?b)?|e\d+b)(?![a-z0-9])")
_GENERATION = re.compile(r"(?<![0-9.])v?(\d+(?:\.\d+)?o?)(?![0-9.]|[bt](?![a-z]))")


@dataclass(frozen=True, slots=True)
class ModelName:
    """The parts of a model's id; what the id does not say is None.

    Attributes:
        family: the name that the same model has at every provider.
        vendor: who publishes the model.
        generation: its version number, as text.
        size: its parameters (`70b`, `235b-a22b`, `8x7b`).
        variant: how it is served, which does not change the model (`turbo`, `free`, `batch`, `thinking`).
        quantisation: how its weights are stored (`fp8`, `awq`).
        date: the snapshot that the id names.
        region: where the id says that it runs.
    """

    family: str
    vendor: str | None = None
    generation: str | None = None
    size: str | None = None
    variant: str | None = None
    quantisation: str | None = None
    date: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    find: re.Pattern[str]
    put: str
    repeat: bool
    part: str | None
    providers: frozenset[str]

    def __call__(self, name: str, parts: dict[str, list[str]]) -> str:
        while match := self.find.search(name):
            # a rule never leaves nothing behind: then the id is all namespace and stays as it is
            after = self.find.sub(self.put, name) or name
            if after == name:
                break
            if self.part:
                cut = [text for group, text in match.groupdict().items() if text and group.startswith("part")]
                parts.setdefault(self.part, []).extend(cut or [match[0].strip("-:@/.")])
            name = after
            if not self.repeat:
                break
        return name


@dataclass(frozen=True, slots=True)
class _Book:
    keep: tuple[re.Pattern[str], ...]
    rules: tuple[_Rule, ...]
    aliases: Mapping[str, str]
    vendors: tuple[tuple[str, re.Pattern[str]], ...]


def family(model_id: str, provider: str | None = None) -> str:
    """Gives the model's name without who serves it, how it is spelled there, how it is quantised or how fast it runs.

    Different models keep different names: sizes, base and instruct, dated four-digit versions, weights trained to
    think. An id that no rule touches comes back in lower case; a fine-tune is its own family. `provider` is the id of
    the provider that lists it, for rules that hold there alone.

    >>> family("accounts/fireworks/models/llama-v3p3-70b-instruct")
    'llama-3.3-70b-instruct'
    """
    return model_name(model_id, provider).family


@lru_cache(maxsize=65536)
def model_name(model_id: str, provider: str | None = None) -> ModelName:
    """Gives the parts of a model's id, with what its family leaves out kept as attributes.

    >>> model_name("together_ai/moonshotai/Kimi-K2.5-fp4").quantisation
    'fp4'
    """
    name = re.sub(r"\s+", "-", model_id.strip().lower())
    book = _book()
    parts: dict[str, list[str]] = {}
    if not any(pattern.search(name) for pattern in book.keep):
        for rule in book.rules:
            if not rule.providers or provider in rule.providers:
                name = rule(name, parts)
        name = book.aliases.get(name, name)
    size = _SIZE.search(name)
    version = _GENERATION.search(_SIZE.sub("", name))
    return ModelName(
        family=name,
        vendor=next((vendor for vendor, begins in book.vendors if begins.match(name)), None),
        generation=version[1] if version else None,
        size=size[1] if size else next(iter(parts.get("size", ())), None),
        **{part: "-".join(reversed(parts[part])) for part in _PARTS[:-1] if part in parts},
    )


def families(model_ids: Iterable[str]) -> dict[str, str]:
    """Gives the family of each distinct id."""
    return {model_id: family(model_id) for model_id in dict.fromkeys(model_ids)}


@cache
def _book() -> _Book:
    from testkey_nb.catalogue import data_dir
    from testkey_nb.catalogue.reader import read_toml

    table, _ = read_toml(data_dir() / _FILE)
    return _compose(table)


def _compose(table: Mapping[str, Any]) -> _Book:
    vendors = {vendor: f"(?:{'|'.join(begins)})" for vendor, begins in table.get("vendor", {}).items()}
    words = {name: _either(table.get(name, ())) for name in ("namespaces", "regions", "vendors", "makers")}
    words["lines"] = f"(?:{'|'.join(vendors.values())})"
    rules = []
    for number, rule in enumerate(table.get("rules", [])):
        field = f"rules[{number}]"
        if unknown := set(rule) - {"id", *(entry.name for entry in fields(_Rule))}:
            raise CatalogueError(f"unknown field {min(unknown)!r}", file=_FILE, field=field)
        part = rule.get("part")
        if part is not None and part not in _PARTS:
            raise CatalogueError(f"{part!r} is none of {', '.join(_PARTS)}", file=_FILE, field=f"{field}.part")
        find = str(rule.get("find", ""))
        for name, either in words.items():
            find = find.replace(f"{{{name}}}", either)
        pattern = _pattern(find, f"{field}.find")
        providers = frozenset(rule.get("providers", ()))
        rules.append(_Rule(pattern, str(rule.get("put", "")), bool(rule.get("repeat")), part, providers))
    return _Book(
        keep=tuple(_pattern(text, "keep") for text in table.get("keep", [])),
        rules=tuple(rules),
        aliases=dict(table.get("aliases", {})),
        vendors=tuple((vendor, _pattern(begins, f"vendor.{vendor}")) for vendor, begins in vendors.items()),
    )


def _either(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(re.escape(word) for word in words)})"


def _pattern(text: str, field: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as problem:
        raise CatalogueError(f"is no regular expression: {problem}", file=_FILE, field=field) from None
