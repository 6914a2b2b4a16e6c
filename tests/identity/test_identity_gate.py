"""Whose requests may be asked with a key, and where: decided before anything is sent."""

from dataclasses import replace

import pytest
from made_up_catalogue import ALPHA, ALPHA_KEY, BETA, ODD_KEY, SHARED_KEY, catalogue, key

from testkey_nb.catalogue import load
from testkey_nb.errors import BadBaseURL, RegionNeeded, UnknownProvider
from testkey_nb.preflight import Decision, gate, shape


def decide(text: str, *, claimed: str | None = None, base_url: str | None = None) -> Decision:
    known = catalogue()
    return gate(shape(key(text), catalogue=known), claimed=claimed, base_url=base_url, catalogue=known)


def test_an_exclusive_shape_goes_to_its_providers_own_hosts() -> None:
    made = decide(ALPHA_KEY)
    assert (made.send, made.provider, made.verdict) == (True, ALPHA, None)
    assert made.origins == {"https://api.alpha.example", "https://admin.alpha.example"}


def test_the_shape_chooses_the_auth() -> None:
    assert (decide(ALPHA_KEY).auth, decide(SHARED_KEY, claimed="beta").auth) == ("second", "default")


def test_an_undeclared_shared_shape_is_not_sent() -> None:
    made = decide(SHARED_KEY)
    assert (made.send, made.verdict, made.candidates) == (False, "insufficient", ("beta", "gamma"))
    assert made.origins == frozenset()


def test_an_undeclared_unknown_shape_is_not_sent() -> None:
    assert (decide(ODD_KEY).send, decide(ODD_KEY).verdict) == (False, "insufficient")


def test_a_declared_provider_settles_a_shared_shape() -> None:
    made = decide(SHARED_KEY, claimed="beta")
    assert (made.send, made.provider, made.origins) == (True, BETA, {"https://api.beta.example"})


def test_a_claim_against_an_exclusive_shape_is_conflicting_and_not_sent() -> None:
    made = decide(ALPHA_KEY, claimed="beta")
    assert (made.send, made.verdict, made.provider, made.origins) == (False, "conflicting", ALPHA, frozenset())


def test_a_pinned_origin_is_asked_in_spite_of_a_contradiction() -> None:
    made = decide(ALPHA_KEY, claimed="beta", base_url="https://gw.example/v1")
    assert (made.send, made.verdict, made.origins) == (True, "conflicting", {"https://gw.example"})
    assert made.reason.startswith("WARNING: Beta is declared, but only Alpha issues keys of this shape")


def test_a_key_pinned_to_another_providers_host_runs_there_alone_and_says_so_loudly() -> None:
    made = decide(ALPHA_KEY, base_url="https://api.beta.example/v1")
    assert (made.send, made.provider, made.verdict) == (True, BETA, "conflicting")
    assert made.origins == {"https://api.beta.example"}
    assert made.reason.startswith("WARNING: only Alpha issues keys of this shape")
    assert "Beta sees it" in made.reason


def test_a_contradiction_does_not_widen_the_pin_to_the_owners_other_hosts() -> None:
    made = decide(SHARED_KEY, claimed="beta", base_url="https://api.alpha.example")
    assert (made.verdict, made.origins) == ("conflicting", {"https://api.alpha.example"})


def test_an_official_base_url_tells_the_provider_of_a_shared_shape() -> None:
    made = decide(SHARED_KEY, base_url="https://api.beta.example/v1")
    assert (made.send, made.provider, made.verdict, made.pinned) == (True, BETA, None, True)


def test_an_official_base_url_picks_the_region() -> None:
    made = decide(SHARED_KEY, claimed="gamma", base_url="https://api.gamma-cn.example/v1")
    assert (made.region, made.origins) == ("cn", {"https://api.gamma-cn.example"})


def test_a_key_bound_to_a_region_asks_for_it() -> None:
    with pytest.raises(RegionNeeded, match=r"cn: https://api\.gamma-cn\.example; intl: "):
        decide(SHARED_KEY, claimed="gamma")


def test_a_self_hosted_product_needs_a_base_url() -> None:
    made = decide(SHARED_KEY, claimed="relay")
    assert (made.send, made.verdict) == (False, "insufficient")
    assert "base_url" in made.reason


def test_a_pinned_foreign_origin_stands_for_every_role() -> None:
    made = decide(SHARED_KEY, claimed="relay", base_url="http://127.0.0.1:4000/v1")
    assert made.send
    assert dict(made.hosts) == {"inference": "http://127.0.0.1:4000"}


def test_a_path_prefix_of_the_pinned_origin_is_kept() -> None:
    made = decide(SHARED_KEY, claimed="beta", base_url="https://gw.example/proxy/team/v1")
    assert made.origins == {"https://gw.example/proxy/team"}


def test_an_unknown_product_at_a_pinned_origin_is_asked_without_the_key_first() -> None:
    made = decide(ODD_KEY, base_url="https://gw.example/v1")
    assert (made.send, made.provider, made.origins) == (True, None, {"https://gw.example/v1"})


def test_a_host_that_bears_the_customers_name_comes_from_the_base_url() -> None:
    made = decide(SHARED_KEY, claimed="tenant", base_url="https://our-box.tenant.example")
    assert dict(made.hosts) == {"inference": "https://our-box.tenant.example/models"}
    assert not decide(SHARED_KEY, claimed="tenant").send


def test_a_look_alike_of_an_official_host_is_a_foreign_one() -> None:
    made = decide(ALPHA_KEY, base_url="https://api.alpha.example.evil.example")
    assert made.origins == {"https://api.alpha.example.evil.example"}
    assert "can read the key" in made.reason


def test_plain_http_to_a_public_host_is_not_sent() -> None:
    assert not decide(ALPHA_KEY, base_url="http://api.alpha.example").send


def test_a_misspelt_provider_is_an_error() -> None:
    with pytest.raises(UnknownProvider):
        decide(SHARED_KEY, claimed="betta-max")


def test_a_bad_base_url_is_an_error() -> None:
    with pytest.raises(BadBaseURL):
        decide(SHARED_KEY, claimed="beta", base_url="https://user@host")


@pytest.mark.parametrize("declared", [None, "anthropic"])
def test_a_token_that_is_no_api_key_is_recognised_and_not_sent(declared: str | None) -> None:
    known = load()
    made = gate(shape(key("sk-ant-oat01-" + "EXAMPLE" * 9), catalogue=known), claimed=declared, catalogue=known)
    assert (made.send, made.candidates) == (False, ("anthropic",))
    assert "not an API key" in made.reason


def test_a_region_that_the_shape_names_is_asked_and_no_other() -> None:
    known = load()
    found = replace(shape(key("ABSK" + "EXAMPLE" * 18), catalogue=known), region="us-west-2")
    made = gate(found, claimed="aws-bedrock", catalogue=known)
    assert (made.send, made.region) == (True, "us-west-2")
