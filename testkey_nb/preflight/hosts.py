"""Whose official host an address is."""

from __future__ import annotations

import re
from functools import lru_cache
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
    names = sorted(provider.regions, key=lambda name: name != provider.default_region)
    for name in names:
        if any(_stands_for(address, base.origin) for address in provider.regions[name].hosts.values()):
            return name
    return None


def owners_of(host: str, *, catalogue: Catalogue) -> tuple[Provider, ...]:
    """Providers with this official `host` or `host:port`, https."""
    origin = f"https://{host}"
    return tuple(
        provider
        for provider in catalogue.providers.values()
        if any(_stands_for(address, origin) for address in provider.hosts)
    )


def addresses(provider: Provider, region: str, base: BaseURL | None = None) -> dict[str, str]:
    """Base address by host role.

    One that bears a customer's own name (`{resource}`) is taken from `base` where it fits, else left out.
    """
    by_role = {}
    for role, address in provider.regions[region].hosts.items():
        if "{" not in address and "*" not in address:
            by_role[role] = address
        elif base is not None and _stands_for(address, base.origin):
            path = address.split("/", 3)[3:]
            by_role[role] = "/".join([base.origin, *path])
    return by_role


def _stands_for(address: str, origin: str) -> bool:
    return _pattern(address).match(origin) is not None


@lru_cache(maxsize=1024)
def _pattern(address: str) -> re.Pattern[str]:
    """The origin of an official address as a pattern; `{resource}` stands for one name of the analyst's own."""
    origin = "/".join(address.split("/")[:3])
    parts = re.split(r"(\{[^{}]*\}|\*)", origin)
    body = "".join(r"[a-z0-9-]+" if part[:1] in {"{", "*"} else re.escape(part) for part in parts)
    return re.compile(rf"{body}\Z")
