"""Gathers the marks of all services from the catalogue, with their fitted weights and the numbers of the weighing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from testkey_nb.catalogue.expressions import compiled, regex_of
from testkey_nb.catalogue.model import Signature
from testkey_nb.catalogue.products import shared_marks
from testkey_nb.errors import CatalogueError, UnknownProvider
from testkey_nb.identity.weighing import Weighing, read_weighing
from testkey_nb.vocabulary import EVERYONE

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import Product, Provider

UNKNOWN = "openai-compatible-unknown"
_SHARED = "reading/marks.toml"
_WEIGHTS = "weights"


@dataclass(frozen=True, slots=True)
class Signals:
    """All that answers are weighed by.

    Attributes:
        signals: the marks of provider files, of data/products/ and of several services, then what refusals mention.
        by_group: the same by their group.
        mentioned: all words of `mentions`, lower-case.
        hosted: by service without a provider file: does it answer on hosts of its own only?
        fronts: by service, those whose marks inside its answers are those of a service behind it.
        priors: base rates of an unlisted public host, in decibans by service.
        expert: decibans by mark as the expert wrote them.
        weights: those of them that were fitted, as fitted; they stand in `Signature.db` already.
        imitated: services whose dialect others speak: no mark of theirs stands beside a relay's.
        handed_on: finds how a relay names the service behind it.
        calls: finds how an answer tells of a call that its sender made.
    """

    signals: tuple[Signature, ...]
    by_group: Mapping[str, tuple[Signature, ...]]
    mentioned: tuple[str, ...]
    hosted: Mapping[str, bool]
    fronts: Mapping[str, frozenset[str]]
    aliases: Mapping[str, str]
    priors: Mapping[str, float]
    weighing: Weighing
    expert: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    imitated: frozenset[str] = frozenset()
    handed_on: re.Pattern[str] | None = None
    calls: re.Pattern[str] | None = None

    def own_words(self, message: str, *, quotes: bool) -> str:
        """What an answer says of itself: without a body that its message quotes, a call it made, and who is behind."""
        own = message[: message.find("{")] if quotes and "{" in message else message
        for words in (self.handed_on, self.calls if quotes else None):
            own = words.sub("", own) if words is not None else own
        return own

    def mentions_any(self, message: str) -> bool:
        """Does a word of `mentions` stand in it at all? Cheap to ask before the words are searched for one by one."""
        text = message.lower()
        return any(word in text for word in self.mentioned)

    def canonical(self, name: str, catalogue: Catalogue) -> str:
        """The one id of this spelling; the spelling itself where nobody knows it."""
        return _canonical(name, catalogue, self.aliases)

    def outranks(self, front: str, other: str) -> bool:
        """Are the other's marks, inside an answer of `front`, those of a service behind it?"""
        names = self.fronts.get(front, frozenset())
        return other in names or (EVERYONE in names and EVERYONE not in self.fronts.get(other, frozenset()))


_read: WeakKeyDictionary[Catalogue, Signals] = WeakKeyDictionary()


def signals_of(catalogue: Catalogue) -> Signals:
    """The signals of this catalogue, read once.

    Raises:
        CatalogueError: a file cannot be read, or an entry is malformed (the text names it).
    """
    if catalogue not in _read:
        _read[catalogue] = _signals(catalogue)
    return _read[catalogue]


def _signals(catalogue: Catalogue) -> Signals:
    services: list[Provider | Product] = [*catalogue.providers.values(), *catalogue.products.values()]
    aliases = {alias: product.id for product in catalogue.products.values() for alias in product.aliases}
    rules = catalogue.rules("identify")
    weighing = read_weighing(rules)

    def name(text: str) -> str:
        return _canonical(text, catalogue, aliases)

    marks: dict[str, Signature] = {}
    for mark in _marks(services, catalogue, weighing):
        if mark.id in marks:
            raise CatalogueError(f"two marks are called {mark.id!r}", file=_SHARED, field="id")
        marks[mark.id] = mark
    expert = {mark.id: mark.db for mark in marks.values()}
    weights = _weights(catalogue, expert)
    signals = tuple(_settled(mark, weights.get(mark.id, mark.db), name) for mark in marks.values())
    by_group: dict[str, list[Signature]] = {}
    for mark in signals:
        by_group.setdefault(mark.group, []).append(mark)
    return Signals(
        signals=signals,
        by_group={group: tuple(marks) for group, marks in by_group.items()},
        mentioned=tuple(word.lower() for service in services if service.mentions for word in service.mentions.words),
        hosted={product.id: product.hosted for product in catalogue.products.values()},
        fronts={service.id: frozenset(map(name, service.outranks)) for service in services if service.outranks},
        aliases=aliases,
        priors={name(each): float(db) for each, db in rules.get("priors", {}).items()},
        weighing=weighing,
        expert=expert,
        weights=weights,
        imitated=frozenset(map(name, rules.get("derived", {}).get("imitated", ()))),
        handed_on=regex_of(rules["handed_on"]["says"]) if "handed_on" in rules else None,
        calls=regex_of(rules["handed_on"]["calls"]) if "handed_on" in rules else None,
    )


def _marks(services: list[Provider | Product], catalogue: Catalogue, weighing: Weighing) -> Iterator[Signature]:
    for service in services:
        yield from service.signatures
    yield from shared_marks(catalogue.root / _SHARED)
    for service in services:
        if service.mentions is not None:
            yield _mention(service, weighing)


def _settled(mark: Signature, db: float, name: Callable[[str], str]) -> Signature:
    """The mark with its weight, and every service by its one id."""
    return replace(
        mark,
        db=db,
        services=() if mark.named_by is not None else tuple(map(name, mark.services)),
        against={name(each): weight for each, weight in mark.against.items()},
        text=mark.text or f"a mark of {', '.join(mark.services)}",
    )


def _canonical(name: str, catalogue: Catalogue, aliases: Mapping[str, str]) -> str:
    if name == EVERYONE:
        return name
    try:
        return catalogue.provider(name).id
    except UnknownProvider:
        return aliases.get(name, name)


def _weights(catalogue: Catalogue, expert: Mapping[str, float]) -> dict[str, float]:
    """Fitted decibans; none where the data has no such file."""
    if not (catalogue.root / f"{_WEIGHTS}.toml").is_file():
        return {}
    fitted = catalogue.rules(_WEIGHTS).get("signals", {})
    try:
        return {name: float(weight["db"]) for name, weight in fitted.items() if name in expert}
    except (KeyError, TypeError, ValueError):
        problem = "each signal needs a number `db`; fit the weights anew"
        raise CatalogueError(problem, file=f"{_WEIGHTS}.toml") from None


def _mention(service: Provider | Product, weighing: Weighing) -> Signature:
    """The mark of what its refusals mention: `words` are read as they stand, at word boundaries."""
    assert service.mentions is not None  # noqa: S101 - the caller asked
    words = service.mentions.words
    pattern = rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-]|\.\w)".replace("'", "\\'")
    return Signature(
        id=f"mentions-{service.id}",
        layer="front",
        group="mention",
        when=compiled(f"matches(said, '{pattern}')"),
        db=weighing.mention_db if service.mentions.db is None else service.mentions.db,
        services=(service.id,),
        text=f"its own words mention {', '.join(words[:3])}",
    )
