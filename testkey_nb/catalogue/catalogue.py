"""All that is known and not code, read once: providers, metrics, capabilities, rules and locales."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from testkey_nb.catalogue.locales import Locale, load_locale
from testkey_nb.catalogue.model import KeyPattern, Metric, Product, Provider
from testkey_nb.catalogue.parse import parse_provider
from testkey_nb.catalogue.paths import data_dir
from testkey_nb.catalogue.products import foreign_mark, parse_product
from testkey_nb.catalogue.reader import read_toml
from testkey_nb.errors import CatalogueError, ProviderFileError, UnknownProvider
from testkey_nb.keys import Key


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The catalogue. Immutable; `load()` gives the shared one.

    Attributes:
        providers: by id, in order of id.
        problems: files that could not be read; they do not take the rest down.
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

    @cached_property
    def _names(self) -> dict[str, Provider]:
        names = {}
        for provider in self.providers.values():
            for name in (provider.id, *provider.aliases):
                names[_fold(name)] = provider
        return names

    @cached_property
    def _by_env(self) -> dict[str, Provider]:
        return {name: provider for provider in self.providers.values() for name in provider.env}

    def provider(self, name: str) -> Provider:
        """The provider of this id or alias (case, `_`, `-`, `.` and blanks do not matter).

        Raises:
            UnknownProvider: with the nearest names.
        """
        if (found := self._names.get(_fold(name))) is not None:
            return found
        near = difflib.get_close_matches(_fold(name), self._names, n=3)
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
        found = [
            (provider, pattern)
            for provider in self.providers.values()
            for pattern in provider.key.patterns
            if key.matches(pattern.regex) and _issued_by(issuer, pattern)
        ]
        return sorted(found, key=lambda pair: (not pair[1].exclusive, pair[1].issuer is None))

    def capabilities_of(self, provider: Provider) -> tuple[str, ...]:
        """The capabilities that the provider's metrics feed, each at its first appearance."""
        return tuple(dict.fromkeys(each for name in provider.metrics for each in self.metrics[name].capabilities))

    def rules(self, name: str) -> dict[str, Any]:
        """`data/<name>.toml` as it stands.

        Raises:
            CatalogueError: not there, or no TOML.
        """
        if name not in self._rules:
            self._rules[name] = read_toml(self.root / f"{name}.toml")[0]
        return self._rules[name]

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


def _fold(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _metrics(root: Path) -> dict[str, Metric]:
    table, _ = read_toml(root / "metrics.toml")
    try:
        return {
            one["name"]: Metric(
                name=one["name"],
                meaning=one["meaning"],
                unit=one.get("unit"),
                capabilities=tuple(one.get("capabilities", ())),
                sql=one.get("sql", ""),
                source=one.get("source", ""),
            )
            for one in table["metrics"]
        }
    except (KeyError, TypeError) as problem:
        raise CatalogueError(f"a metric lacks {problem}", file="metrics.toml", field="metrics") from None


def read_catalogue(root: Path, *, extra: Sequence[Path] = ()) -> Catalogue:
    """The catalogue of this folder, plus provider files from elsewhere; an extra file wins over one of the same id.

    Raises:
        CatalogueError: metrics.toml or capabilities.toml cannot be read (provider files only land in `problems`).
    """
    metrics = _metrics(root)
    providers: dict[str, Provider] = {}
    products: dict[str, Product] = {}
    owners: dict[str, str] = {}
    problems: list[CatalogueError] = []
    for path in [*sorted((root / "providers").glob("*.toml")), *extra]:
        try:
            provider = parse_provider(path, metrics=frozenset(metrics))
        except CatalogueError as problem:
            problems.append(problem)
        else:
            if (clash := foreign_mark(provider, owners)) is not None:
                problems.append(clash)
            else:
                providers[provider.id] = provider
    for path in sorted((root / "products").glob("*.toml")):
        try:
            product = parse_product(path)
        except CatalogueError as problem:
            problems.append(problem)
        else:
            clash = foreign_mark(product, owners)
            if product.id in providers:
                clash = ProviderFileError(f"{product.id!r} is a provider", file=f"products/{path.name}", field="id")
            if clash is not None:
                problems.append(clash)
            else:
                products[product.id] = product
    names = tuple(one["name"] for one in read_toml(root / "capabilities.toml")[0]["capabilities"])
    problems += [
        CatalogueError(f"unknown capability {sorted(unknown)}", file="metrics.toml", field=metric.name)
        for metric in metrics.values()
        if (unknown := set(metric.capabilities) - set(names))
    ]
    return Catalogue(dict(sorted(providers.items())), metrics, names, tuple(problems), root, products)


@lru_cache(maxsize=1)
def _shared() -> Catalogue:
    return read_catalogue(data_dir())


def load(extra: Sequence[Path] = ()) -> Catalogue:
    """The catalogue of the installed package, read once per process; with extra provider files, read anew."""
    return read_catalogue(data_dir(), extra=extra) if extra else _shared()
