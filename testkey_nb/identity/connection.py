"""What the connection itself says: the host's canonical DNS name and the names in its certificate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from testkey_nb.identity.piece import Evidence
from testkey_nb.identity.signals import signals_of
from testkey_nb.preflight.hosts import owners_of

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import Provider
    from testkey_nb.wire.peer import Peer


def evidence_of_peer(peer: Peer | None, *, catalogue: Catalogue, host: str) -> list[Evidence]:
    """Evidence of group `tls` for a host (`host` or `host:port`) that is not the provider's own; [] without a peer.

    - `canonical-name`, front: the end of the host's aliases is an official host of the provider.
    - `certificate-name`, front: the certificate is also for an official host of the provider.
    - `canonical-transport`, transport, 0 dB: the aliases end at a CDN or platform (`data/identify.toml`), which is
      the `provider` of that evidence. Only where the name is nobody's official host.

    At most one of each for a provider. Nothing speaks against anybody: most hosts have neither alias nor shared
    certificate.
    """
    if peer is None:
        return []
    own = {owner.id for owner in owners_of(host, catalogue=catalogue)}
    carriers: dict[str, str] = catalogue.rules("identify")["transports"]
    name_db = signals_of(catalogue).weighing.connection_name_db
    evidence: dict[tuple[str, str], Evidence] = {}
    if peer.canonical is not None:
        owners = owners_of(peer.canonical, catalogue=catalogue)
        for owner in owners:
            text = f"{host} is an alias of {peer.canonical}, a host of {owner.name}"
            _add(evidence, Evidence("canonical-name", owner.id, "front", "tls", name_db, text, owner.docs), own)
        suffix = _under(peer.canonical, carriers)
        if suffix is not None and not owners:
            text = f"{host} is an alias of {peer.canonical}"
            carrier = carriers[suffix]
            _add(evidence, Evidence("canonical-transport", carrier, "transport", "tls", 0.0, text), set())
    for name in peer.names:
        for owner in _certified(name, carriers, catalogue):
            text = f"the certificate of {host} is also for {name}, which covers a host of {owner.name}"
            _add(evidence, Evidence("certificate-name", owner.id, "front", "tls", name_db, text, owner.docs), own)
    return list(evidence.values())


def _add(evidence: dict[tuple[str, str], Evidence], mark: Evidence, own: set[str]) -> None:
    if mark.provider not in own:
        evidence.setdefault((mark.signal, mark.provider), mark)


def _certified(name: str, carriers: dict[str, str], catalogue: Catalogue) -> Iterator[Provider]:
    """Providers with an official host that a certificate for `name` is good for."""
    if not name.startswith("*."):
        yield from owners_of(name, catalogue=catalogue)
    elif _under(name, carriers) is None:
        parent = name.removeprefix("*.")
        for provider in catalogue.providers.values():
            # a wildcard stands for one label, so the host is a name right under its parent
            if any((urlsplit(address).hostname or "").partition(".")[2] == parent for address in provider.hosts):
                yield provider


def _under(name: str, carriers: dict[str, str]) -> str | None:
    """The suffix among these that the name lies under, the longest first."""
    labels = name.split(".")
    tails = (".".join(labels[start:]) for start in range(1, len(labels)))
    return next((tail for tail in tails if tail in carriers), None)
