"""Decides, before anything is sent, whose key this may be and which hosts may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from testkey_nb.errors import RegionNeeded
from testkey_nb.preflight.base_url import BaseURL, parse_base_url
from testkey_nb.preflight.hosts import addresses, official, region_at

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import Provider
    from testkey_nb.preflight.key_shape import Shape


@dataclass(frozen=True, slots=True)
class Decision:
    """What may be done with one key.

    Attributes:
        send: the key may travel, to `origins` and nowhere else.
        provider: whose requests to ask; what shape or host tell where they contradict the claim. None with `send`:
            an unknown product at a pinned origin, to be asked without the key first (`identify_base`).
        region: the region's name; None where it does not matter.
        hosts: base address (origin plus path prefix) by host role; on a pinned foreign origin every role is that one.
        verdict: `conflicting` or `insufficient`; None when nothing speaks against sending.
        reason: one sentence for a reader.
        pinned: the analyst gave this origin.
        candidates: provider ids that the key's shape allows, for `insufficient`.
        auth: name of the auth that keys of this shape use.
        base: the pinned base URL, the provider's `base_path` cut off; None when not pinned.
    """

    send: bool
    provider: Provider | None
    reason: str
    region: str | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)
    verdict: str | None = None
    pinned: bool = False
    candidates: tuple[str, ...] = ()
    auth: str = "default"
    base: BaseURL | None = None

    @property
    def origins(self) -> frozenset[str]:
        """Base addresses that the key may be sent to."""
        if not self.send:
            return frozenset()
        if self.hosts or self.base is None:
            return frozenset(self.hosts.values())
        return frozenset({str(self.base)})


def gate(
    shape: Shape,
    *,
    claimed: str | None = None,
    base_url: str | None = None,
    catalogue: Catalogue,
    how: str = "declared",
) -> Decision:
    """Whose requests may be asked with a key of this shape, and where.

    `claimed` is the declared provider (or that of a known environment variable: say so in `how`, it is only worded).
    Routes need no word here: they stand for official hosts, which the decision names.

    Raises:
        UnknownProvider: no provider has the claimed name.
        BadBaseURL: see `parse_base_url`.
        RegionNeeded: the provider binds keys to a region, none is its default, and no base URL picks one.
    """
    claim = catalogue.provider(claimed) if claimed else None
    bound = catalogue.provider(shape.bound) if shape.bound else None
    clash = _clash(shape, claim, bound, how)
    if bound is not None and shape.refusal:
        # wherever it is pinned to: it is no key, and whoever is asked could use it
        reason = f"{clash or shape.refusal}. Nothing was sent"
        verdict = "conflicting" if clash else "insufficient"
        return Decision(False, bound, reason, verdict=verdict, pinned=base_url is not None, candidates=(bound.id,))
    if base_url is None:
        decision = _unpinned(shape, claim, bound, clash, how)
    else:
        decision = _pinned(parse_base_url(base_url), shape, claim, bound, clash, catalogue)
    pattern = shape.pattern_of(decision.provider.id) if decision.provider else None
    return replace(decision, auth=pattern.auth if pattern else "default")


def _clash(shape: Shape, claim: Provider | None, bound: Provider | None, how: str) -> str | None:
    """Why the claim contradicts the key's shape; None when it does not."""
    if claim is None or bound is None or claim.id == bound.id or shape.pattern_of(claim.id):
        return None
    return f"{claim.name} is {how}, but only {bound.name} issues keys of this shape"


def _unpinned(shape: Shape, claim: Provider | None, bound: Provider | None, clash: str | None, how: str) -> Decision:
    if clash:
        reason = f"{clash}; the key is not sent. Declare {bound.id if bound else ''!r}, or pin the host with base_url"
        return Decision(False, bound, reason, verdict="conflicting")
    owner = claim or bound
    if owner is None:
        reason = f"{shape.explanation}; declare provider or base_url to have it asked. Nothing was sent"
        return Decision(False, None, reason, verdict="insufficient", candidates=shape.names)
    if not owner.regions:
        reason = f"{owner.name} runs on hosts of its operators; give base_url to say where. Nothing was sent"
        return Decision(False, owner, reason, verdict="insufficient", candidates=(owner.id,))
    named = bound is not None and owner.id == bound.id
    region = _region(owner, shape.region if named else None)
    hosts = addresses(owner, region)
    if not hosts:
        reason = f"the host of {owner.name} bears a name of its customer; give base_url. Nothing was sent"
        return Decision(False, owner, reason, verdict="insufficient", candidates=(owner.id,))
    why = f"{owner.name} is {how}" if claim else f"only {owner.name} issues keys of this shape"
    return Decision(True, owner, why, region=region, hosts=hosts)


def _region(provider: Provider, named: str | None = None) -> str:
    """The region that the key itself names, else the provider's default one."""
    if named is not None and named in provider.regions:
        return named
    if provider.default_region is not None:
        return provider.default_region
    if len(provider.regions) == 1:
        return next(iter(provider.regions))
    choices = "; ".join(
        f"{region.name}: {', '.join(sorted(set(region.hosts.values())))}" for region in provider.regions.values()
    )
    raise RegionNeeded(
        f"a key of {provider.name} belongs to one region and is not tried in others; give base_url as one of {choices}"
    )


def _pinned(
    base: BaseURL,
    shape: Shape,
    claim: Provider | None,
    bound: Provider | None,
    clash: str | None,
    catalogue: Catalogue,
) -> Decision:
    owners = official(base, catalogue=catalogue)
    if base.is_plain:
        reason = f"plain http to {base.host} would show the key to everyone on the way; give an https base URL"
        return Decision(False, claim or bound, reason, verdict="insufficient", pinned=True, candidates=shape.names)
    if not owners:
        return _at_foreign_host(base, claim, bound, clash)
    preferred = [provider for provider in (claim, bound) if provider is not None and provider in owners]
    if not preferred and len(owners) > 1:
        names = ", ".join(owner.id for owner in owners)
        reason = f"{base.host} is a host of {names}; declare which. Nothing was sent"
        return Decision(
            False, None, reason, verdict="insufficient", pinned=True, candidates=tuple(owner.id for owner in owners)
        )
    owner = preferred[0] if preferred else owners[0]
    clash = clash or _foreign(owner, base, shape, claim, bound)
    region = region_at(owner, base)
    base = base.without(owner.base_path)
    hosts = addresses(owner, region, base) if region else {}
    if clash is None:
        return Decision(
            True, owner, f"{base.host} is {owner.name}'s own host", region=region, hosts=hosts, pinned=True, base=base
        )
    # The analyst pinned one origin; a contradiction must not widen it to the owner's other hosts.
    hosts = {role: address for role, address in hosts.items() if address.startswith(base.origin)}
    reason = f"WARNING: {clash}. The base URL pins {base.host}, so the key is sent there and {owner.name} sees it"
    return Decision(True, owner, reason, region=region, hosts=hosts, verdict="conflicting", pinned=True, base=base)


def _foreign(
    owner: Provider, base: BaseURL, shape: Shape, claim: Provider | None, bound: Provider | None
) -> str | None:
    """Why this official host contradicts claim or shape; None when it does not."""
    if claim is not None and claim.id != owner.id:
        return f"{claim.name} is declared, but {base.host} is a host of {owner.name}"
    if bound is not None and bound.id != owner.id and shape.pattern_of(owner.id) is None:
        return f"only {bound.name} issues keys of this shape, but {base.host} is a host of {owner.name}"
    return None


def _at_foreign_host(base: BaseURL, claim: Provider | None, bound: Provider | None, clash: str | None) -> Decision:
    owner = claim or bound
    if owner is None:
        reason = (
            f"{base.host} is pinned by base_url and its product is not known yet: it is asked without the key first"
        )
        return Decision(True, None, reason, pinned=True, base=base)
    base = base.without(owner.base_path)
    roles = {role for region in owner.regions.values() for role in region.hosts}
    roles |= {request.host for probe in owner.probes for request in probe.requests}
    hosts = dict.fromkeys(sorted(roles), str(base))
    if clash:
        reason = f"WARNING: {clash}. The base URL pins {base.host}, so the key is sent there all the same"
        return Decision(True, owner, reason, hosts=hosts, verdict="conflicting", pinned=True, base=base)
    reason = f"{base.host} is pinned by base_url"
    if owner.regions and not base.is_private:
        reason += f"; it is none of {owner.name}'s own hosts, and whoever runs it can read the key"
    return Decision(True, owner, reason, hosts=hosts, pinned=True, base=base)
