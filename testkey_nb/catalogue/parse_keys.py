"""The key shapes of a provider file and how its keys travel."""

from __future__ import annotations

import re
from collections.abc import Collection

from testkey_nb.catalogue import model
from testkey_nb.catalogue.denials import denied_headers
from testkey_nb.catalogue.header_rules import NEVER_SENT, NEVER_WITH_KEY, PLAIN_VALUE, TOKEN
from testkey_nb.catalogue.reader import Reader
from testkey_nb.catalogue.sources import source
from testkey_nb.vocabulary import KEY_KINDS

# what any service could give out; a shape that has it is nobody's own
_ANYBODYS = ("a" * 32, "A" * 40, "a0" * 24, "sk-" + "a0" * 24)


def parse_key(top: Reader, *, regions: Collection[str]) -> model.KeySpec:
    """The table `[key]`."""
    key = top.table("key", required=not top.raw("no_key"))
    auths = {"default": _auth(key.table("auth"))} if key.has("auth") else {}
    auths |= {name: _auth(table) for name, table in key.named_tables("auths")}
    patterns = tuple(_pattern(pattern, auths, regions) for pattern in key.tables("patterns"))
    key.done()
    if not auths and not top.raw("no_key"):
        key.wrong("is required and missing: the header in which the key travels", "auth")
    return model.KeySpec(patterns, auths)


def _pattern(table: Reader, auths: Collection[str], regions: Collection[str]) -> model.KeyPattern:
    pattern = model.KeyPattern(
        regex=table.regex("regex"),
        exclusive=table.flag("exclusive"),
        key_kind=table.choice("key_kind", KEY_KINDS) if table.has("key_kind") else None,
        auth=table.text("auth", default="default"),
        issuer=table.regex("issuer") if table.has("issuer") else None,
        region=table.maybe("region"),
        refuse=table.maybe("refuse"),
        decode=_decode(table.table("decode")) if table.has("decode") else None,
        **source(table),
    )
    table.done()
    if re.fullmatch(pattern.regex, ""):
        table.wrong("fits an empty text, so it is the shape of no key", "regex")
    elif pattern.exclusive and pattern.issuer is None and any(re.fullmatch(pattern.regex, key) for key in _ANYBODYS):
        table.wrong("fits what anybody gives out, so the shape is not exclusive", "regex")
    if pattern.auth not in auths:
        table.wrong(f"{pattern.auth!r} is not declared; there is {', '.join(auths) or 'none'}", "auth")
    if pattern.region is not None and pattern.region not in regions:
        table.wrong(f"{pattern.region!r} is no region; there is {', '.join(regions) or 'none'}", "region")
    return pattern


def _decode(table: Reader) -> model.Decode:
    words: dict[str, tuple[str, int | None]] = {}
    for word in ("issued", "lifetime", "region"):
        if table.has(word):
            name, _, part = table.text(word).partition(":")
            if not name or (part and not re.fullmatch("[0-9]{1,3}", part)):
                table.wrong("must be a query parameter, or one with the number of a part: 'X-Name:2'", word)
            else:
                words[word] = (name, int(part) if part else None)
    decode = model.Decode(strip=table.text("strip", required=True), **words)
    table.done()
    return decode


def _auth(table: Reader) -> model.Auth:
    auth = model.Auth(
        header=table.like("header", TOKEN.pattern, "name of a header", required=True),
        scheme=table.maybe("scheme"),
        headers=constant_headers(table),
    )
    table.done()
    if NEVER_WITH_KEY.fullmatch(auth.header.lower()):
        table.wrong(f"a key never travels in {auth.header!r}; give the one that the documents name", "header")
    if not PLAIN_VALUE.fullmatch(auth.scheme or ""):
        table.wrong("must be plain ASCII", "scheme")
    if auth.header.lower() in map(str.lower, auth.headers):
        table.wrong("is the header of the key, so it has no constant value", f"headers.{auth.header}")
    return auth


def constant_headers(table: Reader) -> dict[str, str]:
    """The constant headers of a request or of every request; those that the wire refuses are wrong."""
    headers = table.words("headers")
    for name, value in headers.items():
        if NEVER_SENT.fullmatch(name.lower()) or denied_headers().fullmatch(name.lower()):
            table.wrong("is never set by a provider file: it could lead elsewhere or carry a secret", f"headers.{name}")
        elif not TOKEN.fullmatch(name) or not PLAIN_VALUE.fullmatch(value):
            table.wrong("is no plain header: give a name without blanks and a value in ASCII", f"headers.{name}")
    return headers
