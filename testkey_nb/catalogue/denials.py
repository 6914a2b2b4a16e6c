"""GETs that change something: the entries of data/guard/deny.toml, and which of them a request meets."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote

from testkey_nb.catalogue.paths import data_dir
from testkey_nb.errors import CatalogueError

_FIELDS = {"method", "path", "product", "effect", "source", "query"}


@dataclass(frozen=True, slots=True)
class Denial:
    """One request that is not read-only although it looks so.

    Attributes:
        method: GET (stands for HEAD too, which servers route alike), or `*`.
        path: lower-case, `*` stands for anything; it holds under every path prefix.
        query: the denial holds only where this query name is given.
    """

    method: str
    path: str
    product: str
    effect: str
    source: str
    query: str | None = None

    def hits(self, method: str, path: str, names: frozenset[str]) -> bool:
        """It holds for this path (as `_plain` gives it) and these query names."""
        if self.method not in ("*", "GET" if method == "HEAD" else method):
            return False
        if self.query is not None and self.query not in names:
            return False
        pattern = ".*".join(map(re.escape, self.path.split("*")))
        return re.fullmatch(f"(?:/.*)?{pattern}", path) is not None


@cache
def deny_list(folder: Path | None = None) -> tuple[Denial, ...]:
    """The requests of deny.toml; CatalogueError when it cannot be read, so that nothing is sent."""
    return tuple(Denial(**entry) for entry in _entries(folder, "deny", _FIELDS - {"query"}, _FIELDS))


@cache
def denied_headers(folder: Path | None = None) -> re.Pattern[str]:
    """The names of the headers of deny.toml (lower-case); CatalogueError when it cannot be read."""
    needed = {"name", "product", "effect", "source"}
    names = [entry["name"].split("*") for entry in _entries(folder, "headers", needed, needed)]
    return re.compile("|".join(".*".join(map(re.escape, parts)) for parts in names))


def _entries(folder: Path | None, table: str, needed: set[str], allowed: set[str]) -> list[dict[str, str]]:
    file = (folder or data_dir() / "guard") / "deny.toml"
    try:
        entries: list[dict[str, str]] = tomllib.loads(file.read_text("utf-8"))[table]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise CatalogueError(f"the deny list cannot be read ({type(error).__name__})", file=file.name) from None
    for entry in entries:
        if not allowed >= entry.keys() >= needed:
            raise CatalogueError(f"an entry needs {sorted(needed)}", file=file.name, field=table)
    return entries


def denial_of(method: str, address: str) -> Denial | None:
    """The entry that this request meets; `address` is its path, with the query where there is one."""
    path, _, query = address.partition("?")
    return _denial(method, _plain(path), _names(query))


@lru_cache(4096)
def _denial(method: str, path: str, names: frozenset[str]) -> Denial | None:
    """Thousands of keys ask the same paths, so each is looked up once."""
    return next((denial for denial in deny_list() if denial.hits(method, path, names)), None)


def _plain(path: str) -> str:
    """The path as the most lenient server reads it."""
    return re.sub("/{2,}", "/", unquote(path).lower()).rstrip("/")


def _names(query: str) -> frozenset[str]:
    return frozenset(unquote(part.partition("=")[0]).lower() for part in query.split("&"))
