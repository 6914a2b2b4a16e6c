"""All that is known and not code, read once: providers, metrics, capabilities, rules and locales."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from testkey_nb.catalogue.crosscheck import Claims, folded
from testkey_nb.catalogue.header_names import HeaderNames, header_names
from testkey_nb.catalogue.locales import Locale, load_locale
from testkey_nb.catalogue.model import KeyPattern, Metric, Product, Provider
from testkey_nb.catalogue.parse import parse_provider
from testkey_nb.catalogue.paths import data_dir
from testkey_nb.catalogue.products import claim_marks, parse_product
from testkey_nb.catalogue.reader import read_toml
from testkey_nb.errors import CatalogueError, ProviderFileError, UnknownProvider
from testkey_nb.keys import Key, Redactor, Shape
from testkey_nb.vocabulary import EXTRACT_COLUMNS, METRIC_FEEDS

Built = TypeVar("Built")
# rooms of data/ with one file a topic
_ROOMS = ("rules", "reading", "guard")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The catalogue. Immutable; `load()` gives the shared one.

    Attributes:
        providers: by id, in order of id.
        problems: all that is wrong in files that were left out; they do not take the rest down.
        root: the folder it was read from.
        products: services that are recognised only, by id.
    """

    providers: Mapping[str, Provider]
    metrics: Mapping[str, Metric]
    capabilities: tuple[str, ...]
    problems: tuple[CatalogueError, ...]
    root: Path
    products: Mapping[str, Product] = field(default_factory=dict)
    _rules: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    _built: dict[Callable[[Catalogue], Any], Any] = field(default_factory=dict, repr=False, init=False)

    @cached_property
    def _names(self) -> dict[str, Provider]:
        names = {}
        for provider in self.providers.values():
            for name in (provider.id, *provider.aliases):
                names[folded(name)] = provider
        return names

    @cached_property
    def _by_env(self) -> dict[str, Provider]:
        return {name: provider for provider in self.providers.values() for name in provider.env}

    @cached_property
    def kept_headers(self) -> HeaderNames:
        """The headers of an answer that are kept."""
        return header_names(self)

    @cached_property
    def redact(self) -> Redactor:
        """Takes keys of every provider out of a text, and those that data/guard/secrets.toml lists."""
        shapes = [
            Shape(pattern.regex, pattern.exclusive)
            for provider in self.providers.values()
            for pattern in provider.key.patterns
        ]
        return Redactor([*shapes, *(Shape(secret["regex"]) for secret in self.rules("guard/secrets")["secrets"])])

    def provider(self, name: str) -> Provider:
        """The provider of this id or alias (case, `_`, `-`, `.` and blanks do not matter).

        Raises:
            UnknownProvider: with the nearest names.
        """
        if (provider := self._names.get(folded(name))) is not None:
            return provider
        near = difflib.get_close_matches(folded(name), self._names, n=3)
        hint = (
            f"did you mean {', '.join(dict.fromkeys(self._names[each].id for each in near))}?"
            if near
            else (f"known are {', '.join(self.providers)}")
        )
        raise UnknownProvider(f"no provider {name!r}; {hint}")

    def by_env(self, name: str) -> Provider | None:
        """The provider whose file names this environment variable."""
        return self._by_env.get(name)

    def by_key(self, key: Key) -> list[tuple[Provider, KeyPattern]]:
        """Providers whose key shapes this key has: exclusive shapes first, then those that name the issuer."""
        issuer = (key.jwt_claims() or {}).get("iss")
        matches = [
            (provider, pattern)
            for provider in self.providers.values()
            for pattern in provider.key.patterns
            if key.matches(pattern.regex) and _issued_by(issuer, pattern)
        ]
        return sorted(matches, key=lambda pair: (not pair[1].exclusive, pair[1].issuer is None))

    def capabilities_of(self, provider: Provider) -> tuple[str, ...]:
        """The capabilities that the provider's metrics feed, each at its first appearance."""
        return tuple(dict.fromkeys(each for name in provider.metrics for each in self.metrics[name].capabilities))

    def rules(self, name: str) -> dict[str, Any]:
        """The file `<name>.toml` of data/ or one of its rooms, as it stands.

        Raises:
            CatalogueError: not there, or no TOML.
        """
        if name not in self._rules:
            self._rules[name] = read_toml(self.path_of(name))[0]
        return self._rules[name]

    def path_of(self, name: str) -> Path:
        """Where the file `<name>.toml` stands: in data/, or in the room of it that has one."""
        places = [self.root / room / f"{name}.toml" for room in ("", *_ROOMS)]
        return next((place for place in places if place.is_file()), places[0])

    def once(self, build: Callable[[Catalogue], Built]) -> Built:
        """What this function makes of the catalogue (rules, compiled), made at its first use and kept with it."""
        if build not in self._built:
            self._built[build] = build(self)
        built: Built = self._built[build]
        return built

    def locale(self, lang: str) -> Locale:
        """The texts of one language; what it lacks is English.

        Raises:
            UnknownLanguage: with the choices.
        """
        return load_locale(lang)


def _issued_by(issuer: Any, pattern: KeyPattern) -> bool:
    if pattern.issuer is None:
        return True
    return isinstance(issuer, str) and re.fullmatch(pattern.issuer, issuer) is not None


def _metrics(root: Path) -> dict[str, Metric]:
    table, _ = read_toml(root / "metrics.toml")
    try:
        return {
            row["name"]: Metric(
                name=row["name"],
                meaning=row["meaning"],
                unit=row.get("unit"),
                capabilities=tuple(row.get("capabilities", ())),
                sql=row.get("sql", ""),
                source=row.get("source", ""),
                feeds=tuple(row.get("feeds", ())),
                identity=tuple(row.get("identity", ())),
            )
            for row in table["metrics"]
        }
    except (KeyError, TypeError) as problem:
        raise CatalogueError(f"a metric lacks {problem}", file="metrics.toml", field="metrics") from None


def read_catalogue(root: Path, *, extra: Sequence[Path] = (), replace: Collection[str] = ()) -> Catalogue:
    """Gives the catalogue of this folder, plus provider files from elsewhere.

    A file that claims what another provider has (id, alias, environment variable, host, exclusive key shape) is left
    out, and of two the later: a key never goes to a host that a stranger named.

    Args:
        root: the folder of data files.
        extra: provider files from elsewhere; they come last.
        replace: ids whose file in this folder stands aside, for an extra file that takes its place.

    Raises:
        CatalogueError: metrics.toml or capabilities.toml cannot be read (provider files only land in `problems`).
    """
    metrics = _metrics(root)
    providers: dict[str, Provider] = {}
    products: dict[str, Product] = {}
    owners: dict[str, str] = {}
    problems: list[CatalogueError] = []
    claims = Claims()
    own = [path for path in sorted((root / "providers").glob("*.toml")) if path.stem not in replace]
    for path in [*own, *extra]:
        try:
            provider = parse_provider(path, metrics=frozenset(metrics))
            claims.admit(provider, path)
            claim_marks(provider, owners)
            providers[provider.id] = provider
        except ProviderFileError as problem:
            problems += problem.problems
    for path in sorted((root / "products").glob("*.toml")):
        try:
            product = parse_product(path, others=providers)
            claim_marks(product, owners)
            products[product.id] = product
        except ProviderFileError as problem:
            problems += problem.problems
    names = tuple(capability["name"] for capability in read_toml(root / "capabilities.toml")[0]["capabilities"])
    problems += [
        CatalogueError(f"unknown capability {sorted(unknown)}", file="metrics.toml", field=metric.name)
        for metric in metrics.values()
        if (unknown := set(metric.capabilities) - set(names))
    ]
    problems += [
        CatalogueError(
            f"{field} names nothing that feeds a metric: {sorted(unknown)}", file="metrics.toml", field=metric.name
        )
        for metric in metrics.values()
        for field, words, allowed in (
            ("feeds", metric.feeds, METRIC_FEEDS),
            ("identity", metric.identity, EXTRACT_COLUMNS["identity"]),
        )
        if (unknown := set(words) - set(allowed))
    ]
    return Catalogue(dict(sorted(providers.items())), metrics, names, tuple(problems), root, products)


@lru_cache(maxsize=1)
def _shared() -> Catalogue:
    return read_catalogue(data_dir())


def load(extra: Sequence[Path] = (), *, replace: Collection[str] = ()) -> Catalogue:
    """Gives the catalogue of the installed package, read once per process; with extra provider files, read anew."""
    return read_catalogue(data_dir(), extra=extra, replace=replace) if extra else _shared()
