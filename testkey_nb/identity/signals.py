"""Reads data/signals.toml and data/weights.toml: which mark speaks for or against which product, and how much."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from testkey_nb.catalogue.expressions import Expression, compiled
from testkey_nb.errors import CatalogueError, UnknownProvider

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

UNKNOWN = "openai-compatible-unknown"
_FILE = "signals.toml"
_WEIGHTS = "weights.toml"
_PLAIN = re.compile(r"matches\((\w+), '((?:[^'\\]|\\.)*)'\)")


@dataclass(frozen=True, slots=True)
class Signal:
    """One mark. Inside one `group` only the strongest counts for a candidate.

    Attributes:
        providers: each of them gets `db`; more than one means that they share the mark.
        named_by: an expression that gives the provider's name instead (upstream layer only).
        others: decibans for every other candidate (negative), 0 for none.
        against: decibans by candidate.
        quick: the same as `when`, where that is nothing but patterns on names of the document: most are, and a
            thousand keys give many answers.
    """

    id: str
    layer: str
    group: str
    when: Expression
    db: float
    providers: tuple[str, ...]
    named_by: Expression | None = None
    others: float = 0
    against: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    text: str = ""
    quick: tuple[tuple[str, re.Pattern[str]], ...] = ()

    def found_in(self, shown: Mapping[str, Any]) -> bool:
        """Is the mark there?"""
        if not self.quick:
            return bool(self.when(shown))
        return any(isinstance(text := shown.get(name), str) and regex.search(text) for name, regex in self.quick)


@dataclass(frozen=True, slots=True)
class Product:
    """What must be known of a product to weigh its marks.

    Attributes:
        hosted: it answers on hosts of its own only, never in a private network.
        outranks: products whose marks inside its answers are those of a service behind it; `*` = all that do not
            outrank everything themselves.
    """

    id: str
    hosted: bool
    outranks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Signals:
    """Both files.

    Attributes:
        expert: decibans by signal as the expert wrote them; a provider file's own are called `provider.signal`.
        weights: those of them that were fitted, as fitted; they stand in `Signal.db` already.
    """

    signals: tuple[Signal, ...]
    products: Mapping[str, Product]
    aliases: Mapping[str, str]
    groups: frozenset[str]
    priors: Mapping[str, float]
    expert: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)

    def canonical(self, name: str, catalogue: Catalogue) -> str:
        """The one id of this spelling; the spelling itself where nobody knows it."""
        try:
            return catalogue.provider(name).id
        except UnknownProvider:
            return self.aliases.get(name, name)

    def outranks(self, front: str, other: str) -> bool:
        """Are the other's marks, inside an answer of `front`, those of a service behind it?"""
        names = self.products[front].outranks if front in self.products else frozenset()
        if other in names:
            return True
        everything = other in self.products and "*" in self.products[other].outranks
        return "*" in names and not everything


_read: dict[int, tuple[Mapping[str, Any], Signals]] = {}


def signals_of(catalogue: Catalogue) -> Signals:
    """The signals of this catalogue, read once.

    Raises:
        CatalogueError: the file cannot be read, or an entry is malformed (the text names it).
    """
    raw = catalogue.rules("signals")
    known = _read.get(id(raw))
    if known is None or known[0] is not raw:
        known = _read[id(raw)] = (raw, _signals(raw, catalogue))
    return known[1]


def _signals(raw: Mapping[str, Any], catalogue: Catalogue) -> Signals:
    aliases = {alias: one["id"] for one in raw.get("products", ()) for alias in one.get("aliases", ())}
    partial = Signals((), {}, aliases, frozenset(raw.get("groups", ())), raw.get("priors", {}))

    def name(text: str) -> str:
        return partial.canonical(text, catalogue)

    products = {
        name(one["id"]): Product(
            name(one["id"]),
            one.get("hosted", True),
            frozenset(each if each == "*" else name(each) for each in one.get("outranks", ())),
        )
        for one in raw.get("products", ())
    }
    found = [
        _signal({"for": block.get("for", []), "source": block.get("source", ""), **mark}, name, partial.groups)
        for block in raw.get("signals", ())
        for mark in block.get("marks", ())
    ]
    found += [_mention(one, name) for one in raw.get("mentions", ())]
    seen: set[str] = set()
    for one in found:
        if one.id in seen:
            raise CatalogueError(f"two signals are called {one.id!r}", file=_FILE, field="signals")
        seen.add(one.id)
    priors = {name(each): float(db) for each, db in partial.priors.items()}
    expert = {one.id: one.db for one in found}
    expert |= {f"{each.id}.{one.id}": one.db for each in catalogue.providers.values() for one in each.signatures}
    weights = _weights(catalogue, expert)
    weighed = tuple(replace(one, db=weights.get(one.id, one.db)) for one in found)
    return Signals(weighed, products, aliases, partial.groups, priors, expert, weights)


def _weights(catalogue: Catalogue, expert: Mapping[str, float]) -> dict[str, float]:
    """Fitted decibans; none where the data has no such file."""
    if not (catalogue.root / _WEIGHTS).is_file():
        return {}
    fitted = catalogue.rules("weights").get("signals", {})
    try:
        return {name: float(one["db"]) for name, one in fitted.items() if name in expert}
    except (KeyError, TypeError, ValueError):
        raise CatalogueError("each signal needs a number `db`; fit the weights anew", file=_WEIGHTS) from None


def _signal(one: Mapping[str, Any], name: Any, groups: frozenset[str]) -> Signal:
    label = str(one.get("id", "?"))
    providers = one["for"] if isinstance(one.get("for"), list) else [one["for"]] if one.get("for") else []
    try:
        signal = Signal(
            id=one["id"],
            layer=one.get("layer", "front"),
            group=one["group"],
            when=compiled(one["when"]),
            db=float(one["db"]),
            providers=tuple(name(each) for each in providers),
            named_by=compiled(one["named_by"]) if "named_by" in one else None,
            others=float(one.get("others", 0)),
            against={name(each): float(db) for each, db in one.get("against", {}).items()},
            source=one["source"],
            text=one["text"],
            quick=_quick(one["when"]),
        )
    except KeyError as missing:
        raise CatalogueError(f"signal {label!r} lacks {missing}", file=_FILE, field=label) from None
    except ValueError as problem:
        raise CatalogueError(f"signal {label!r}: {problem}", file=_FILE, field=label) from None
    if signal.group not in groups:
        raise CatalogueError(f"signal {label!r}: unknown group {signal.group!r}", file=_FILE, field=label)
    return signal


def _mention(one: Mapping[str, Any], name: Any) -> Signal:
    """An address or a product name that a refusal mentions: `words` are read as they stand, at word boundaries."""
    words = "|".join(re.escape(word) for word in _words(one["words"]))
    pattern = rf"(?<![\w-])(?:{words})(?![\w-]|\.\w)".replace("'", "\\'")
    return Signal(
        id=f"mentions-{one['for']}",
        layer="front",
        group="mention",
        when=compiled(f"matches(said, '{pattern}')"),
        db=float(one.get("db", 22)),
        providers=(name(one["for"]),),
        source=one.get("source", ""),
        quick=_quick(f"matches(said, '{pattern}')"),
        text=f"its own words mention {', '.join(_words(one['words'])[:3])}",
    )


def _quick(when: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    parts = [_PLAIN.fullmatch(part.strip()) for part in when.split(" || ")]
    if not all(parts):
        return ()
    return tuple(
        (part[1], re.compile(part[2].replace("\\'", "'"), re.IGNORECASE)) for part in parts if part is not None
    )


def _words(words: Iterable[str] | str) -> list[str]:
    return [words] if isinstance(words, str) else list(words)
