"""What a key tells of its own life and region, read locally and not verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from testkey_nb.catalogue.model import Decode
    from testkey_nb.keys import Key


@dataclass(frozen=True, slots=True)
class Life:
    """Instants in naive UTC; None where the key does not tell, or tells what cannot be read."""

    issuer: str | None = None
    issued_at: datetime | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    region: str | None = None


def life_of(key: Key, decode: Decode | None) -> Life:
    """The key's claims when it is a JWT, else what its pattern says to decode; never raises on damaged text."""
    claims = key.jwt_claims()
    if claims is not None:
        return Life(
            issuer=_text(claims.get("iss")) or _text(claims.get("aud")),
            issued_at=_instant(claims.get("iat")),
            not_before=_instant(claims.get("nbf")),
            expires_at=_instant(claims.get("exp")),
        )
    if decode is None:
        return Life()
    asked = {"issued": decode.issued, "lifetime": decode.lifetime, "region": decode.region}
    words = key.url_words(decode.strip, {word: place for word, place in asked.items() if place})
    issued = _stamp(words.get("issued"))
    return Life(issued_at=issued, expires_at=_end(issued, words.get("lifetime")), region=words.get("region"))


def _text(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) and value else None


def _instant(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC).replace(tzinfo=None)
    except (OverflowError, OSError, ValueError):
        return None


def _stamp(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).replace(tzinfo=None)
    except ValueError:
        return None


def _end(start: datetime | None, seconds: str | None) -> datetime | None:
    if start is None or seconds is None or not seconds.isdecimal():
        return None
    try:
        return start + timedelta(seconds=int(seconds))
    except OverflowError:
        return None
