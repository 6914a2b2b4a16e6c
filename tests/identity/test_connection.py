"""Names of the connection speak for whom they belong to, and against nobody."""

from __future__ import annotations

import pytest
from made_up_catalogue import catalogue, provider

from testkey_nb.catalogue import load
from testkey_nb.identity.connection import evidence_of_peer
from testkey_nb.identity.piece import Evidence
from testkey_nb.vocabulary import EVIDENCE_GROUPS
from testkey_nb.wire import Peer

KNOWN = catalogue()
HOST = "llm.acme.example"


def found(peer: Peer | None, host: str = HOST) -> list[Evidence]:
    return evidence_of_peer(peer, catalogue=KNOWN, host=host)


def marks(peer: Peer | None, host: str = HOST) -> list[tuple[str, str, str, str, float]]:
    return [(one.signal, one.provider, one.layer, one.group, one.db) for one in found(peer, host)]


def test_without_a_peer_there_is_no_evidence() -> None:
    assert found(None) == []


def test_names_that_are_nobodys_are_no_evidence() -> None:
    assert found(Peer("edge.acme.example", (HOST, "*.acme.example"))) == []


def test_an_alias_of_an_official_host_speaks_for_its_provider() -> None:
    assert marks(Peer("api.alpha.example")) == [("canonical-name", "alpha", "front", "tls", 10)]


def test_the_text_says_which_name_it_was() -> None:
    [one] = found(Peer("api.alpha.example"))
    assert one.text == "llm.acme.example is an alias of api.alpha.example, a host of Alpha"


@pytest.mark.parametrize("name", ["api.alpha.example", "*.alpha.example"])
def test_a_certificate_for_an_official_host_speaks_for_its_provider(name: str) -> None:
    assert marks(Peer(names=(HOST, name))) == [("certificate-name", "alpha", "front", "tls", 10)]


@pytest.mark.parametrize("name", ["mine.tenant.example", "*.tenant.example"])
def test_a_customers_own_name_counts_as_its_providers(name: str) -> None:
    assert marks(Peer(names=(name,))) == [("certificate-name", "tenant", "front", "tls", 10)]


@pytest.mark.parametrize(
    "name", ["*.example", "*.api.alpha.example", "alpha.example", "api.alpha.example.acme.example"]
)
def test_a_certificate_that_does_not_cover_the_official_host_says_nothing(name: str) -> None:
    assert found(Peer(names=(name,))) == []


def test_several_names_of_one_provider_count_once() -> None:
    names = ("api.alpha.example", "admin.alpha.example", "*.alpha.example")
    assert marks(Peer(names=names)) == [("certificate-name", "alpha", "front", "tls", 10)]


def test_a_shared_certificate_speaks_for_everybody_on_it() -> None:
    assert [one.provider for one in found(Peer(names=("api.alpha.example", "api.beta.example")))] == ["alpha", "beta"]


def test_a_providers_own_host_gains_nothing_by_its_own_names() -> None:
    assert found(Peer("admin.alpha.example", ("*.alpha.example",)), host="api.alpha.example") == []


def test_a_port_does_not_hide_whose_name_it_is() -> None:
    assert marks(Peer("api.alpha.example"), host=f"{HOST}:8443") == [("canonical-name", "alpha", "front", "tls", 10)]


def test_an_alias_at_a_platform_is_transport_and_no_weight() -> None:
    assert marks(Peer("d111.cloudfront.net")) == [("canonical-transport", "cloudfront", "transport", "tls", 0)]


def test_a_name_that_only_ends_like_a_platform_is_none() -> None:
    assert found(Peer("mycloudfront.net")) == []


def test_an_official_host_at_a_platform_is_its_providers_and_no_transport() -> None:
    carried = sorted(each for one in load().providers.values() for each in one.hosts if ".amazonaws.com" in each)
    host = next(each for each in carried if "{" not in each).split("/")[2]
    signals = [one.signal for one in evidence_of_peer(Peer(host), catalogue=load(), host=HOST)]
    assert set(signals) == {"canonical-name"}


def test_a_certificate_for_every_customer_of_a_platform_names_nobody() -> None:
    rented = provider("rented", hosts={"default": {"inference": "https://rented.fly.dev"}}, default="default")
    assert evidence_of_peer(Peer(names=("*.fly.dev",)), catalogue=catalogue(rented), host=HOST) == []


def test_nothing_speaks_against_anybody() -> None:
    peer = Peer("api.alpha.example", ("api.beta.example", "*.fly.dev"))
    assert [one for one in found(peer) if one.db < 0 or one.provider == "*"] == []


def test_the_group_is_one_that_the_scoring_knows() -> None:
    assert "tls" in EVIDENCE_GROUPS
