"""Reads named words of a signed address that some keys carry inside, encoded as base64."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

# an instant, a number or the name of a region; an access key's id, a signature or a session token is not let out
_PLAIN = re.compile(r"[0-9]{8}T[0-9]{6}Z|[0-9]{1,9}|[a-z]{2,6}(-[a-z0-9]{1,12}){1,4}")


def words(text: str, strip: str, names: Mapping[str, tuple[str, int | None]]) -> dict[str, str]:
    """The asked words that are there and plain; nothing for a text that is damaged or of another shape.

    `names` says for each word the query parameter and, where that has parts divided by `/`, which one (from 0).
    """
    if not text.startswith(strip):
        return {}
    try:
        # padding too much is not looked at
        address = base64.urlsafe_b64decode(text.removeprefix(strip) + "==").decode()
    except ValueError:
        return {}
    query = parse_qs(address.partition("?")[2])
    plain = {}
    for word, (name, part) in names.items():
        value = query.get(name, [""])[0]
        pieces = value.split("/")
        if part is not None:
            value = pieces[part] if part < len(pieces) else ""
        if _PLAIN.fullmatch(value):
            plain[word] = value
    return plain
