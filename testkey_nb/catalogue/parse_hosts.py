"""The official hosts of a provider file: `[hosts]`, and `[regions.<name>]` where there are several."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from testkey_nb.catalogue.model_hosts import Region, fill
from testkey_nb.catalogue.reader import Reader
from testkey_nb.vocabulary import CONFIDENCES, CURRENCY

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def parse_regions(top: Reader) -> tuple[dict[str, Region], str | None]:
    """The regions by name, and the name of the one that is asked where nothing tells another.

    `[hosts]` is the region `default`. A table with `names` is one region for each of them.
    """
    regions = {}
    if top.has("hosts"):
        regions["default"] = Region("default", _hosts(top), currency(top))
    for name, table in top.named_tables("regions"):
        for region in _named(name, table):
            if region.name in regions:
                table.wrong(f"the region {region.name!r} is there twice", "names")
            regions[region.name] = region
    default = top.maybe("default_region") or ("default" if "default" in regions else None)
    if default is not None and regions and default not in regions:
        top.wrong(f"{default!r} is none of {', '.join(regions)}", "default_region")
    return regions, default if regions else None


def currency(table: Reader) -> str | None:
    """The field `currency`."""
    return table.like("currency", CURRENCY.pattern, "currency such as USD") or None


def _named(name: str, table: Reader) -> list[Region]:
    hosts = _hosts(table)
    names = table.texts("names")
    shared = {
        "currency": currency(table),
        "source": table.url("source") if table.has("source") else "",
        "confidence": table.choice("confidence", CONFIDENCES, default="documented"),
    }
    table.done()
    if not names:
        return [Region(name, hosts, **shared)]
    for each in names:
        if not _NAME.fullmatch(each):
            table.wrong(f"{each!r} is no part of a host name: lower-case letters, digits and '-'", "names")
    if not any("{region}" in address for address in hosts.values()):
        table.wrong("stands for no '{region}' in the hosts", "names")
    return [
        Region(each, {role: fill(address, {"region": each}) for role, address in hosts.items()}, **shared)
        for each in names
    ]


def _hosts(reader: Reader) -> dict[str, str]:
    hosts = reader.words("hosts")
    if not hosts:
        reader.wrong('names no host; give inference = "https://..."', "hosts")
    for role, origin in hosts.items():
        if not _is_origin(origin):
            reader.wrong(f"{origin!r} is no https origin in lower case without a slash at its end", f"hosts.{role}")
        elif not _is_owned(origin):
            reader.wrong(f"{origin!r} leaves open whose domain it is: the last two labels stand fast", f"hosts.{role}")
    return {role: origin for role, origin in hosts.items() if _is_origin(origin)}


def _is_origin(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    plain = re.fullmatch(r"https://([a-z0-9.-]|\{[a-z_]+\})+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*", origin) is not None
    return usable and plain and parts.scheme == "https"


def _is_owned(origin: str) -> bool:
    """Do the last two labels of the host stand fast? Else anybody could have a name that fits."""
    host = urlsplit(origin).hostname or ""
    return "{" not in "".join(host.split(".")[-2:]) and ("{" not in host or host.count(".") >= 2)
