"""Decides, before anything is sent, whether a request may leave and where it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from testkey_nb.errors import HostRefused, MethodRefused, PathRefused
from testkey_nb.keys import Key
from testkey_nb.wire.deny import require_not_denied
from testkey_nb.wire.headers import require_harmless
from testkey_nb.wire.origins import Address, base, parse, require_safe_scheme
from testkey_nb.wire.permit import Outgoing, Permit
from testkey_nb.wire.templates import match, match_body, require_plain_path

_READS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True, eq=False)
class Cleared:
    """A request that may leave.

    Attributes:
        asked: the address that the caller named (the official one).
        target: the address that it goes to: the same, or the route that stands for it.
        routed: they differ.
        headers: constant headers, without the key.
    """

    outgoing: Outgoing
    asked: Address
    target: Address
    routed: bool
    headers: Mapping[str, str]


def check(outgoing: Outgoing) -> Cleared:
    """The request with its final address; one of the Refused errors when it may not leave.

    Sends nothing, so a plan can ask it.
    """
    permit, declared = outgoing.permit, outgoing.declared
    asked = parse(outgoing.url)
    if outgoing.authenticated and (permit.key is None or permit.auth is None):
        raise HostRefused(f"not sent: no key was given for {asked.host}")
    _require_method(outgoing)
    if declared not in permit.declared:
        raise PathRefused(f"not sent: {declared.method} {declared.path} is not declared for this key")
    values = _values(asked, outgoing)
    target = _route(asked, permit)
    require_plain_path(target.path)
    # it ends with the path that was asked, and a denial holds under every prefix
    require_not_denied(declared.method, target.target)
    require_safe_scheme(target)
    headers = {**(permit.auth.headers if permit.auth and outgoing.authenticated else {}), **outgoing.headers}
    require_harmless(headers, auth=permit.auth)
    if permit.key is not None:
        _require_keyless(outgoing, permit.key, values=values, headers=headers)
    return Cleared(outgoing, asked, target, target.origin != asked.origin, headers)


def _require_method(outgoing: Outgoing) -> None:
    declared = outgoing.declared
    if declared.method in _READS:
        if outgoing.body is not None:
            raise MethodRefused(f"not sent: a {declared.method} carries no body")
        return
    if not (declared.active and declared.method == "POST"):
        raise MethodRefused(f"not sent: {declared.method} {declared.path}; only {', '.join(_READS)} are read-only")
    if not match_body(declared.body, outgoing.body):
        raise MethodRefused(f"not sent: the body of {declared.path} is not the one that its file declares")


def _own_prefixes(asked: Address, permit: Permit) -> list[str]:
    """Path prefixes of the own addresses on exactly this origin; HostRefused when there is none."""
    own = [base(url) for url in permit.origins]
    same = [entry.path for entry in own if entry.origin == asked.origin]
    if not same:
        raise HostRefused(f"not sent: {asked.scheme}://{asked.netloc} is not the key's own host")
    return same


def _values(asked: Address, outgoing: Outgoing) -> list[str]:
    """What fills the declared path's placeholders; PathRefused when the path does not come from it."""
    for prefix in _own_prefixes(asked, outgoing.permit):
        if asked.path.startswith(f"{prefix}/"):
            values = match(outgoing.declared, asked.path.removeprefix(prefix), asked.query)
            if values is not None:
                return values
    raise PathRefused(f"not sent: the path {asked.path} does not come from the declared {outgoing.declared.path}")


def _route(asked: Address, permit: Permit) -> Address:
    for official, replacement in permit.routes.items():
        if parse(official).origin == asked.origin:
            there = base(replacement)
            return Address(*there.origin, there.path + asked.path, asked.query)
    return asked


def _require_keyless(outgoing: Outgoing, key: Key, *, values: list[str], headers: Mapping[str, str]) -> None:
    """No part of the key goes anywhere but into its own header."""
    sent = "\n".join((outgoing.url, unquote(outgoing.url), *headers.values(), *_strings(outgoing.body)))
    if key.redact(sent) != sent:
        raise PathRefused("not sent: the key itself stands in the address, a header or the body")
    if any(len(value) > 5 and key.starts_with(value) for value in values):
        raise PathRefused("not sent: the address holds the start of the key")


def _strings(body: Any) -> list[str]:
    if isinstance(body, str):
        return [body]
    if isinstance(body, Mapping):
        return [text for item in (*body.keys(), *body.values()) for text in _strings(item)]
    if isinstance(body, list | tuple):
        return [text for item in body for text in _strings(item)]
    return []
