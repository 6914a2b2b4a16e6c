"""One key in a session, with what was decided about it before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from testkey_nb.clock import utc_now
from testkey_nb.preflight import Decision, Shape, gate, shape

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import Auth, Provider
    from testkey_nb.keys import Key


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A key, its label, and where it may go.

    Attributes:
        key_id: the key's fingerprint, unique in the session.
        claimed: provider the analyst (or a known environment variable) says; None = nobody said.
        decision: what the gate allows.
    """

    key_id: str
    label: str
    key: Key
    source: str
    claimed: str | None
    base_url: str | None
    shape: Shape
    decision: Decision
    added_at: datetime = field(default_factory=utc_now)

    @property
    def provider(self) -> Provider | None:
        return self.decision.provider

    @property
    def auth(self) -> Auth | None:
        """How this key travels; None where no provider is known."""
        if self.provider is None:
            return None
        auths = self.provider.key.auths
        return auths.get(self.decision.auth) or auths.get("default")

    def row(self) -> dict[str, Any]:
        """The row of the table `keys`."""
        return {
            "key_id": self.key_id,
            "label": self.label,
            "fingerprint": self.key.fingerprint,
            "source": self.source,
            "claimed_provider": self.claimed,
            "base_url": self.base_url,
            "added_at": self.added_at,
        }

    def with_provider(self, provider: Provider, *, catalogue: Catalogue) -> Target:
        """The same key with the provider that its pinned origin turned out to be; the claim stays what it was."""
        decision = gate(
            self.shape, claimed=provider.id, base_url=self.base_url, catalogue=catalogue, how="what the host shows"
        )
        return replace(self, decision=decision)


def target(
    key: Key,
    *,
    label: str,
    source: str,
    provider: str | None,
    base_url: str | None,
    catalogue: Catalogue,
    how: str = "declared",
    now: datetime | None = None,
) -> Target:
    """Read and decide one key; nothing is sent.

    Raises:
        UnknownProvider, BadBaseURL, RegionNeeded: see `identity.gate`.
    """
    key_shape = shape(key, catalogue=catalogue)
    decision = gate(key_shape, claimed=provider, base_url=base_url, catalogue=catalogue, how=how)
    claimed = catalogue.provider(provider).id if provider else None
    return Target(
        key_id=key.fingerprint,
        label=label,
        key=key,
        source=source,
        claimed=claimed,
        base_url=base_url,
        shape=key_shape,
        decision=decision,
        added_at=now or utc_now(),
    )
