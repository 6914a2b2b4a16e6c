"""Whose official host an address is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import Provider
    from testkey_nb.preflight.base_url import BaseURL


def official(base: BaseURL, *, catalogue: Catalogue) -> tuple[Provider, ...]:
    """Providers that have an official host at this origin; the path does not matter."""
    return tuple(provider for provider in catalogue.providers.values() if region_at(provider, base) is not None)


def region_at(provider: Provider, base: BaseURL) -> str | None:
    """The provider's region with a host at this origin (the default one first); None when it has none."""
    region = provider.region_at(base.origin)
    return region.name if region is not None else None


def owners_of(host: str, *, catalogue: Catalogue) -> tuple[Provider, ...]:
    """Providers with this official `host` or `host:port`, https."""
    origin = f"https://{host}"
    return tuple(provider for provider in catalogue.providers.values() if provider.region_at(origin) is not None)


def addresses(provider: Provider, region: str, base: BaseURL | None = None) -> dict[str, str]:
    """Base address by host role; what a file leaves open (`{resource}`) is taken from `base`, else the role is out."""
    return provider.regions[region].addresses(base.origin if base is not None else None)
