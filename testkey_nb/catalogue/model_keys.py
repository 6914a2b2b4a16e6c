"""The frozen dataclasses of a provider's key shapes and of how its keys travel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Confidence = Literal["documented", "observed", "unverified", "unknown"]


@dataclass(frozen=True, slots=True)
class Decode:
    """Where a key carries a signed address: after `strip`, as base64 (either alphabet).

    Each word is a query parameter and, where that has parts divided by `/`, the number of one of them.

    Attributes:
        issued: the instant of issue (`20261123T120000Z`).
        lifetime: seconds from then on.
        region: the region for which it was signed.
    """

    strip: str
    issued: tuple[str, int | None] | None = None
    lifetime: tuple[str, int | None] | None = None
    region: tuple[str, int | None] | None = None


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """One shape a provider's keys have.

    Attributes:
        regex: full-match pattern; never logged together with a key.
        exclusive: no one else issues this shape, so it binds the key to the provider's hosts.
        key_kind: what the shape tells (design section 4), or None.
        auth: name of the entry in `KeySpec.auths` that keys of this shape use.
        issuer: full-match pattern for `iss` of a JWT; a key without such an issuer has not this shape.
        region: the region to which keys of this shape belong; None when the shape does not tell.
        refuse: why keys of this shape are recognised but not to be asked with; None when they are.
        decode: what the key itself tells of its life and region; None when it tells nothing.
    """

    regex: str
    exclusive: bool
    key_kind: str | None = None
    auth: str = "default"
    source: str = ""
    confidence: Confidence = "documented"
    issuer: str | None = None
    region: str | None = None
    refuse: str | None = None
    decode: Decode | None = None


@dataclass(frozen=True, slots=True)
class Auth:
    """How a key travels: one header, set at the last moment, plus constant headers that go with every request."""

    header: str
    scheme: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeySpec:
    """The key shapes of a provider and how its keys are sent."""

    patterns: tuple[KeyPattern, ...]
    auths: Mapping[str, Auth]

    @property
    def auth(self) -> Auth:
        return self.auths["default"]
