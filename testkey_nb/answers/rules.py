"""Error rules made ready to be read against many answers, in the order they are read.

What a rule asks for gives its rank, and ranks are read in the order of `vocabulary.ERROR_RANKS`: words before a status
alone, a service's own before those that many share. Alternatives of one rule may stand in different ranks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from testkey_nb.answers.documents import holds
from testkey_nb.catalogue.expressions import Expression, regex_of
from testkey_nb.catalogue.model import ErrorFields, ErrorRule, Provider
from testkey_nb.catalogue.names import roots
from testkey_nb.vocabulary import ERROR_RANKS, KEY_CONDITIONS, STATUS_NAMES

Test = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class RankedRule:
    """A rule, or those of its alternatives that have one rank.

    Attributes:
        rank: a word of `vocabulary.ERROR_RANKS`.
        owner: id of the provider whose file says it; None for a general rule.
        holds: does it hold of this document?
    """

    rule: ErrorRule
    rank: str
    owner: str | None
    holds: Test


_Ranks = Mapping[str, Sequence[RankedRule]]


class RuleBook:
    """The general rules, and those of each provider it is asked with; every rule is made ready once."""

    __slots__ = ("_general", "_is_status", "_own")

    def __init__(self, general: tuple[ErrorRule, ...], status_words: str) -> None:
        """`status_words`: a regex over codes and types that say no more than a status."""
        self._is_status = regex_of(status_words).fullmatch
        self._general = self._ranked(general, None)
        self._own: dict[int, tuple[Provider, _Ranks]] = {}

    def first(self, doc: Mapping[str, Any], provider: Provider | None) -> ErrorRule | None:
        """The rule that decides, or None."""
        return next((ranked.rule for ranked in self.applying(doc, provider)), None)

    def applying(self, doc: Mapping[str, Any], provider: Provider | None) -> Iterator[RankedRule]:
        """The rules that hold, in the order they are read: the first decides."""
        own = self._of(provider) if provider is not None else {}
        for rank in ERROR_RANKS:
            for ranked in own.get(rank) or self._general.get(rank) or ():
                if ranked.holds(doc):
                    yield ranked

    def _of(self, provider: Provider) -> _Ranks:
        entry = self._own.get(id(provider))
        if entry is None or entry[0] is not provider:
            self._own[id(provider)] = entry = (provider, self._ranked(provider.errors, provider.id))
        return entry[1]

    def _ranked(self, rules: Iterable[ErrorRule], owner: str | None) -> _Ranks:
        ranks: dict[str, list[RankedRule]] = defaultdict(list)
        for rule in rules:
            for kind, part in self._parts(rule):
                rank = f"{'general' if owner is None else 'own'} {kind}"
                ranks[rank].append(RankedRule(rule, rank, owner, _judging(part)))
        return ranks

    def _parts(self, rule: ErrorRule) -> Iterator[tuple[str, ErrorRule]]:
        """The rule by the rank of what it asks for: whole, or its alternatives apart."""
        if rule.late:
            yield "catch-all", rule
        elif not rule.any or self._knows_words(rule):
            yield "words" if self._knows_words(rule) else "catch-all", rule
        else:
            for kind, knows in (("words", True), ("catch-all", False)):
                parts = tuple(part for part in rule.any if self._knows_words(part) is knows)
                if parts:
                    yield kind, replace(rule, any=parts)

    def _knows_words(self, fields: ErrorFields) -> bool:
        """Do these fields ask for more than a status, or a code that says no more than a status?"""
        codes = not all(self._is_status(word) for word in (*fields.code, *fields.type))
        reads = {*roots(fields.when.tree)} - {*STATUS_NAMES} if fields.when is not None else ()
        return bool(codes or fields.says or fields.codes or fields.path or reads)


def _judging(rule: ErrorRule) -> Test:
    """The test of a rule; where the answer is about a parameter, words alone never judge the key."""
    test = holding(rule)
    if rule.condition not in KEY_CONDITIONS or rule.code or rule.type or rule.codes:
        return test
    coded = [holding(replace(rule, any=(part,))) for part in rule.any if part.code or part.type or part.codes]
    return lambda doc: any(each(doc) for each in coded) if doc["parameter"] else test(doc)


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
