"""The frozen dataclass of a provider's official hosts, and what an address with a part left open stands for.

`{name}` in an address is one part of a host name that the file leaves open: a customer's own name or a region.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from testkey_nb.catalogue.model_keys import Confidence

_OPEN = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Region:
    """Official hosts by role (`inference`, `management`, ...), as origins plus optional path prefix.

    Attributes:
        source: where the provider names these hosts; "" where its `docs` do.
    """

    name: str
    hosts: Mapping[str, str]
    currency: str | None = None
    source: str = ""
    confidence: Confidence = "documented"

    def role_at(self, origin: str) -> str | None:
        """The role whose host stands at this origin; None when none does."""
        return next((role for role, address in self.hosts.items() if parts_of(address, origin) is not None), None)

    def addresses(self, origin: str | None = None) -> dict[str, str]:
        """Base address by role; what is left open is taken from `origin`, and a role of which a part stays open is out.

        A name that the origin shows in one role's host is the same name in the hosts of the other roles.
        """
        names: dict[str, str] = {}
        if origin is not None:
            # where it fits two roles, the one that leaves the least open says what the names are
            fitting = [parts for address in self.hosts.values() if (parts := parts_of(address, origin))]
            for parts in sorted(fitting, key=lambda parts: sum(map(len, parts.values()))):
                names = parts | names
        filled = {role: fill(address, names) for role, address in self.hosts.items()}
        return {role: address for role, address in filled.items() if not _OPEN.search(address)}


def fill(address: str, names: Mapping[str, str]) -> str:
    """The address with these names in place of what it leaves open; the rest stays open."""
    return _OPEN.sub(lambda part: names.get(part[1], part[0]), address)


def parts_of(address: str, origin: str) -> dict[str, str] | None:
    """What stands in this origin for the open parts of an official address; None when it is another host."""
    match = _pattern(address).match(origin)
    return None if match is None else match.groupdict()


def may_meet(address: str, other: str) -> bool:
    """Can one host stand for both addresses?"""
    return any(
        parts_of(mine, fill(theirs, dict.fromkeys(_OPEN.findall(theirs), "x"))) is not None
        for mine, theirs in ((address, other), (other, address))
    )


@lru_cache(maxsize=2048)
def _pattern(address: str) -> re.Pattern[str]:
    origin = "/".join(address.split("/")[:3])
    seen: set[str] = set()
    body = ""
    for place, part in enumerate(_OPEN.split(origin)):
        if place % 2 == 0:
            body += re.escape(part)
        else:
            body += f"(?P={part})" if part in seen else f"(?P<{part}>[a-z0-9]+(?:-[a-z0-9]+)*)"
            seen.add(part)
    return re.compile(rf"{body}\Z")
