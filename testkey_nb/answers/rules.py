"""Error rules made ready to be read against many answers, in the order they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from testkey_nb.answers.documents import holds
from testkey_nb.catalogue.expressions import Expression, regex_of
from testkey_nb.catalogue.model import ErrorFields, ErrorRule, Provider

Test = Callable[[Mapping[str, Any]], bool]
_Ready = tuple[tuple[tuple[ErrorRule, Test], ...], ...]


class RuleBook:
    """The general rules, and those of each provider it is asked with; every rule is made ready once."""

    __slots__ = ("_general", "_own")

    def __init__(self, general: tuple[ErrorRule, ...]) -> None:
        self._general = _ready(general)
        self._own: dict[int, tuple[Provider, _Ready]] = {}

    def first(self, doc: Mapping[str, Any], provider: Provider | None) -> ErrorRule | None:
        """The rule that decides: the provider's, the general ones, then the catch-alls of both in that order."""
        own, own_late = self._of(provider) if provider is not None else ((), ())
        general, general_late = self._general
        for rules in (own, general, own_late, general_late):
            for rule, holds_of in rules:
                if holds_of(doc):
                    return rule
        return None

    def _of(self, provider: Provider) -> _Ready:
        entry = self._own.get(id(provider))
        if entry is None or entry[0] is not provider:
            self._own[id(provider)] = entry = (provider, _ready(provider.errors))
        return entry[1]


def _ready(rules: tuple[ErrorRule, ...]) -> _Ready:
    pairs = [(rule, holding(rule)) for rule in rules]
    return tuple(tuple(pair for pair in pairs if pair[0].late is late) for late in (False, True))


def holding(fields: ErrorFields) -> Test:
    """A test whether these fields hold of a document; it asks what is cheap to ask first."""
    tests = tuple(_tests(fields))
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        left, right = tests
        return lambda doc: left(doc) and right(doc)

    def all_hold(doc: Mapping[str, Any]) -> bool:
        for test in tests:  # noqa: SIM110 - a generator would cost more than most of the tests
            if not test(doc):
                return False
        return True

    return all_hold


def _tests(fields: ErrorFields) -> Iterator[Test]:
    for name in ("status", "code", "type"):
        if values := getattr(fields, name):
            yield _equal(name, values)
    for name, wordings in (("path", fields.path), ("codes", fields.codes), ("error", fields.says)):
        if wordings:
            yield _found(name, wordings)
    if fields.when is not None:  # it may search at length: only where the words are there
        yield _expression(fields.when)
    if fields.any:
        yield _either([holding(alternative) for alternative in fields.any])
    if fields.unless:
        yield _not(_found("error", fields.unless))


def _equal(name: str, values: Iterable[Any]) -> Test:
    allowed = frozenset(values)
    return lambda doc: doc[name] in allowed


def _found(name: str, wordings: Iterable[str]) -> Test:
    searches = [regex_of(wording).search for wording in wordings]
    if len(searches) == 1:
        (search,) = searches
        return lambda doc: bool(doc[name]) and search(doc[name]) is not None
    return _either([_found(name, (wording,)) for wording in wordings])


def _expression(when: Expression) -> Test:
    return lambda doc: holds(when, doc)


def _either(tests: list[Test]) -> Test:
    def one_holds(doc: Mapping[str, Any]) -> bool:
        for test in tests:  # noqa: SIM110 - as above
            if test(doc):
                return True
        return False

    return one_holds


def _not(test: Test) -> Test:
    return lambda doc: not test(doc)
