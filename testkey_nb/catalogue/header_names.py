"""Which headers of an answer are kept: those that general words describe, and those that a file of data/ reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from testkey_nb.catalogue.expressions import Expression, compiled
from testkey_nb.catalogue.header_rules import is_keepable
from testkey_nb.catalogue.model import LimitHeader
from testkey_nb.catalogue.names import HEADERS, members

if TYPE_CHECKING:
    from testkey_nb.catalogue.catalogue import Catalogue

# folders of data/ without an expression over an answer, beside the providers, which are read already
_ELSEWHERE = ("providers", "locales", "sandbox")
_READS = re.compile(r"\b_?headers\.\"?[A-Za-z]")
_GENERAL = (
    # limits, money and waiting
    r".*(rate-?limit|limit|quota|remaining|reset|balance|credit|budget|spend|cost).*|.*retry-after.*|x-should-retry|"
    r"(current|maximum)-concurrent-requests|x-(queue|total|validation)-time|x-time-per-token|num_(chars|tokens)|"
    r"(req-cost|req-arrive|resp-start)-time|x-(prompt|generated)-tokens|"
    # which request, which product, which upstream
    r".*request-?id.*|.*trace-?id.*|.*-ray|x-api-.*|x-model.*|x-provider.*|x-served-by|x-upstream.*|x-gateway.*|"
    r"x-region|x-org.*|x-project.*|x-version|x-.*-version|x-powered-by|x-robots-tag|x-error-(message|code)|"
    r"x-build-(commit|time)|x-compute-.*|(x-)?inference-.*|x-oauth-scopes|x-generation-id|history-item-id|"
    r"x-zero-data-retention|"
    # what the answer is, who stands in between, where the next page is
    r"content-(type|encoding|length|language|security-policy)|server|server-timing|via|date|age|x-cache.*|"
    r"cache-control|x-accel-expires|www-authenticate|link|allow|deprecation|sunset|warning|vary|alt-svc|"
    r"access-control-allow-(origin|methods|headers)|access-control-expose-headers|x-.*-total.*|x-total.*|"
    r"x-next-page|x-page|x-per-page"
)


class HeaderNames:
    """The names of an answer's headers that are kept.

    Args:
        named: single names, as a file reads them.
        families: names with `*` for anything.
        patterns: regular expressions over the whole name.
    """

    def __init__(
        self, *, named: Iterable[str] = (), families: Iterable[str] = (), patterns: Iterable[str] = ()
    ) -> None:
        self.named = frozenset(named)
        globs = (".*".join(map(re.escape, family.split("*"))) for family in families)
        # one by one, since the groups of two patterns may have one name
        self._patterns = [re.compile(pattern) for pattern in ("|".join((_GENERAL, *globs)), *patterns)]
        # servers may invent any number of names
        self._decided = lru_cache(4096)(self._decide)

    def __contains__(self, name: str) -> bool:
        return self._decided(name)

    def _decide(self, name: str) -> bool:
        if not is_keepable(name):
            return False
        return name in self.named or any(pattern.fullmatch(name) for pattern in self._patterns)


def header_names(catalogue: Catalogue) -> HeaderNames:
    """What this catalogue's providers and rules read, with the families that data/reading/headers.toml lists."""
    named = set(names_in(list(catalogue.providers.values())))
    for file in sorted(catalogue.root.glob("**/*.toml")):
        place = file.relative_to(catalogue.root)
        if place.parts[0] not in _ELSEWHERE and b"eaders" in file.read_bytes():
            named |= set(names_in(catalogue.rules(place.with_suffix("").as_posix())))
    headers = catalogue.rules("headers")
    return HeaderNames(
        named=named,
        families=headers["kept"]["families"],
        patterns=(family["match"] for family in headers["families"]),
    )


def names_in(part: Any) -> Iterator[str]:
    """The header names that expressions and limit headers inside this read, in the spelling of the file.

    Args:
        part: a provider, a table of a rules file, or anything inside them.
    """
    if isinstance(part, str):
        yield from _read_by(part) if _READS.search(part) else ()
    elif isinstance(part, Expression):
        yield from names_in(part.text)
    elif isinstance(part, Mapping):
        for inner in part.values():
            yield from names_in(inner)
    elif isinstance(part, list | tuple | frozenset):
        for inner in part:
            yield from names_in(inner)
    elif is_dataclass(part):
        if isinstance(part, LimitHeader):
            yield from (name for name in (part.limit, part.remaining, part.reset) if name)
        for field in fields(part):
            yield from names_in(getattr(part, field.name))


@lru_cache(4096)
def _read_by(text: str) -> tuple[str, ...]:
    try:
        return tuple(members(compiled(text).tree, HEADERS))
    except ValueError:
        return ()  # a sentence that speaks of headers
