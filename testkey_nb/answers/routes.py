"""Which declared requests a path may mean: the declared path, an alias of it, or the path of one model of its list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from testkey_nb.catalogue.model import Provider, Request

Segments = tuple[str, ...]
# how far a path is from the declared one: the same, the same below the base path, the same but for its version,
# and the same behind a prefix of a gateway
SAME, BELOW_BASE, OTHER_VERSION, BEHIND_PREFIX, BEHIND_ANY_PREFIX = range(5)


@dataclass(frozen=True, slots=True)
class Route:
    """One declared request that a path may mean.

    Attributes:
        distance: how far the path is from the declared one.
        model: what stands behind the path of a list; None where the path is the list's own.
    """

    request: Request
    distance: int
    model: str | None = None


def declared_request(provider: Provider, method: str | None, path: str | None) -> Request | None:
    """The request of the provider's file that this path is declared for, or None.

    The query is left aside, and so is the part that a base URL may carry in front (`/v1`, `/api/v1`). Of several
    requests the one with fewest placeholders.
    """
    asked, base = _segments(path or ""), _segments(provider.base_path)
    meant = [
        request
        for request in _requests(provider, method)
        if _declared_distance(_segments(request.path), asked, base) is not None
    ]
    return min(meant, key=_placeholders, default=None) if asked else None


def routes(provider: Provider, method: str | None, path: str | None, *, version: str) -> list[Route]:
    """The routes that a path may mean without being declared, nearest first, the most specific of equally near ones.

    A request whose rows are models is also meant by its path with an id behind it, however many slashes the id has.
    An id behind a path is a nearer reading than a prefix, which may be anything.
    """
    asked, base = _segments(path or ""), _segments(provider.base_path)
    meant = []
    for request in _requests(provider, method):
        template = _segments(request.path)
        distance = _distance(template, asked, base, version)
        if distance is not None:
            meant.append(Route(request, distance))
        if any(part.table == "models" for part in request.extracts):
            meant += _with_id(request, template, asked, base, version)
    return sorted(meant, key=lambda route: (*_nearness(route), _placeholders(route.request)))


def continues_another(provider: Provider, path: str | None, *, version: str) -> bool:
    """Does the path go on behind that of a declared request? Then it is about one thing of many, and which is open."""
    asked, base = _segments(path or ""), _segments(provider.base_path)
    return any(
        next(_with_id(request, _segments(request.path), asked, base, version), None) is not None
        for request in _requests(provider, None)
    )


def _requests(provider: Provider, method: str | None) -> list[Request]:
    return [
        request
        for probe in provider.probes
        for request in probe.requests
        if method is None or request.method.upper() == method.upper()
    ]


def _placeholders(request: Request) -> int:
    return request.path.count("{")


def _nearness(route: Route) -> tuple[int, int]:
    behind = route.distance >= BEHIND_PREFIX
    return (2 * behind + (route.model is not None), route.distance)


def _with_id(request: Request, template: Segments, asked: Segments, base: Segments, version: str) -> Iterator[Route]:
    for cut in range(1, len(asked)):
        distance = _distance(template, asked[:cut], base, version)
        if distance is not None:
            yield Route(request, distance, unquote("/".join(asked[cut:])))
            return


def _declared_distance(template: Segments, asked: Segments, base: Segments) -> int | None:
    if _match(template, asked):
        return SAME
    return BELOW_BASE if _match(_below(template, base), _below(asked, base)) else None


def _distance(template: Segments, asked: Segments, base: Segments, version: str) -> int | None:
    declared = _declared_distance(template, asked, base)
    if declared is not None:
        return declared
    cores = [_unversioned(segments, version) for segments in (template, _below(template, base))]
    asked_cores = [_unversioned(segments, version) for segments in (asked, _below(asked, base))]
    if any(_match(core, asked_core) for core in cores for asked_core in asked_cores):
        return OTHER_VERSION
    for distance, core in zip((BEHIND_PREFIX, BEHIND_ANY_PREFIX), cores, strict=True):
        has_name = any("{" not in segment for segment in core)
        if has_name and _match(core, asked_cores[0][-len(core) :]):
            return distance
    return None


@lru_cache(maxsize=4096)
def _segments(path: str) -> Segments:
    bare = urlsplit(path).path if "://" in path else path.partition("?")[0].partition("#")[0]
    return tuple(segment for segment in bare.split("/") if segment)


def _below(segments: Segments, base: Segments) -> Segments:
    return segments[len(base) :] if base and segments[: len(base)] == base and len(segments) > len(base) else segments


def _unversioned(segments: Segments, version: str) -> Segments:
    return tuple(segment for segment in segments if not _pattern_of(version).match(segment))


def _match(template: Segments, asked: Segments) -> bool:
    return len(template) == len(asked) and all(
        part == segment or ("{" in part and _placeholder(part).fullmatch(segment) is not None)
        for part, segment in zip(template, asked, strict=True)
    )


@lru_cache(maxsize=16)
def _pattern_of(version: str) -> re.Pattern[str]:
    return re.compile(version)


@lru_cache(maxsize=1024)
def _placeholder(part: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(text) for text in re.split(r"\{[^{}]*\}", part)))
