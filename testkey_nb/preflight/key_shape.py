"""What the shape of a key tells before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from testkey_nb.preflight.tokens import life_of

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import KeyPattern
    from testkey_nb.keys import Key


@dataclass(frozen=True, slots=True)
class Shape:
    """The providers that issue keys of this shape.

    Attributes:
        candidates: provider id and the pattern that fits, exclusive ones first, then those whose issuer the key
            names; one entry for each provider.
        bound: the one provider that alone issues this shape; None when it is shared or unknown.
        key_kind: what the shape says of the key's kind (design section 4); None when it says nothing.
        issuer: `iss` (else `aud`) of a JWT, read locally and not verified; None for any other key.
        issued_at: `iat` of a JWT, or the instant at which a signed address was made; naive UTC, None when untold.
        not_before: `nbf` of a JWT, naive UTC; None when there is none.
        expires_at: `exp` of a JWT, or the end of a signed address's life; naive UTC, None when there is none.
        region: the region that the bound provider's shape or the key itself names; None when none is named.
        refusal: why keys of this shape are recognised but not to be asked with; None when they may be.
        explanation: one sentence for a reader; never holds any part of the key.
    """

    candidates: tuple[tuple[str, KeyPattern], ...]
    bound: str | None
    key_kind: str | None
    explanation: str
    issuer: str | None = None
    expires_at: datetime | None = None
    issued_at: datetime | None = None
    not_before: datetime | None = None
    region: str | None = None
    refusal: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the candidates."""
        return tuple(name for name, _ in self.candidates)

    def pattern_of(self, provider_id: str) -> KeyPattern | None:
        """The pattern of this provider that the key fits; None when it fits none."""
        return next((pattern for name, pattern in self.candidates if name == provider_id), None)


def shape(key: Key, *, catalogue: Catalogue) -> Shape:
    """The shape of this key, compared with every provider's patterns; sends nothing."""
    patterns: dict[str, KeyPattern] = {}
    for provider, pattern in catalogue.by_key(key):
        patterns.setdefault(provider.id, pattern)
    owners = [name for name, pattern in patterns.items() if pattern.exclusive]
    bound = owners[0] if len(owners) == 1 else None
    own = patterns[bound] if bound else None
    life = life_of(key, own.decode if own else None)
    return Shape(
        candidates=tuple(patterns.items()),
        bound=bound,
        key_kind=_key_kind(patterns, bound),
        explanation=_explanation(patterns, owners, life.issuer),
        issuer=life.issuer,
        expires_at=life.expires_at,
        issued_at=life.issued_at,
        not_before=life.not_before,
        region=(own.region if own else None) or life.region,
        refusal=own.refuse if own else None,
    )


def _key_kind(patterns: dict[str, KeyPattern], bound: str | None) -> str | None:
    if bound is not None:
        return patterns[bound].key_kind
    named = [pattern for pattern in patterns.values() if pattern.issuer]
    kinds = {pattern.key_kind for pattern in named or patterns.values()}
    return kinds.pop() if len(kinds) == 1 else None


def _explanation(patterns: dict[str, KeyPattern], owners: list[str], issuer: str | None) -> str:
    note = f"; it is a JWT of {issuer}" if issuer else ""
    if len(owners) == 1:
        refused = patterns[owners[0]].refuse
        return f"only {owners[0]} issues keys of this shape{note}{f'; {refused}' if refused else ''}"
    if owners:
        return f"{', '.join(owners)} each claim this shape as their own{note}"
    if named := [name for name, pattern in patterns.items() if pattern.issuer]:
        return f"a JWT of this issuer is one of {', '.join(named)}, which its bearer may also use elsewhere{note}"
    if patterns:
        names = ", ".join(patterns)
        return f"keys of this shape come from {names}, and maybe from others{note}"
    return f"no provider in the catalogue has keys of this shape{note}"
