"""Evidence becomes a verdict; the worked examples of the reference, and the rules one by one."""

from made_up_catalogue import catalogue, provider

from testkey_nb.answers import document
from testkey_nb.identity import Evidence, Verdict, decide, evidence_of, evidence_of_host, evidence_of_key
from testkey_nb.preflight.key_shape import Shape

KNOWN = catalogue(
    provider("openai", hosts={"default": {"inference": "https://api.openai.com"}}, default="default"),
    provider("openrouter", hosts={"default": {"inference": "https://openrouter.ai/api"}}, default="default"),
    provider("litellm", route="self-hosted"),
    provider("new-api", route="self-hosted"),
    provider("sglang", route="self-hosted"),
)
WRONG_KEY = {
    "error": {
        "message": "Incorrect API key provided: sk-EXAM***0000. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_api_key",
    }
}


def weigh(
    *answers: dict[str, object], host: str | None = None, claimed: str | None = None, shape: Shape | None = None
) -> Verdict:
    found = evidence_of_key(shape, claimed=claimed, catalogue=KNOWN)
    for answer in answers:
        found += evidence_of(document(**answer), catalogue=KNOWN, host=host)  # type: ignore[arg-type]
    return decide(found, catalogue=KNOWN, claimed=claimed, host=host, answered=len(answers))


def bound(name: str) -> Shape:
    return Shape((), name, None, f"only {name} issues keys of this shape")


def mark(name: str, db: float, *, group: str = "hdr", layer: str = "front") -> Evidence:
    return Evidence(f"{name}-{group}", name, layer, group, db, f"a mark of {name}")


def test_an_official_host_with_its_own_key_and_marks_is_confirmed() -> None:
    shown = weigh({"status": 401, "body": WRONG_KEY}, host="api.openai.com", claimed="openai", shape=bound("openai"))
    assert (shown.provider, shown.verdict) == ("openai", "confirmed")


def test_a_relay_that_claims_to_be_openai_is_conflicting_and_observed_as_itself() -> None:
    shown = weigh(
        {"status": 401, "body": {"error": {"message": "x (request id: 20261123070000123456789)",
                                           "type": "new_api_error", "code": ""}}},
        {"status": 200, "path": "/api/status",
         "body": {"success": True, "data": {"quota_per_unit": 500000, "system_name": "x", "setup": True}}},
        host="api.cheap.example",
        claimed="openai",
    )  # fmt: skip
    assert (shown.verdict, shown.provider) == ("conflicting", "new-api")


def test_a_hardened_relay_stays_between_the_members_of_its_family() -> None:
    rows = [{"id": "m", "object": "model", "created": 1626777600, "owned_by": "openai"}] * 2
    shown = weigh({"status": 200, "body": {"object": "list", "data": rows}}, {"status": 404}, host="api.cheap.example")
    assert shown.verdict == "openai-compatible-unknown"
    assert {one.provider for one in shown.candidates} == {"one-api", "new-api"}


def test_litellms_list_and_liveness_are_confirmed() -> None:
    rows = [{"id": "m", "object": "model", "created": 1677610602, "owned_by": "openai"}]
    shown = weigh(
        {"status": 200, "body": {"object": "list", "data": rows}},
        {"status": 200, "body": "I'm alive!", "path": "/health/liveliness"},
        host="llm.corp.example",
    )
    assert (shown.provider, shown.verdict) == ("litellm", "confirmed")


def test_a_proxy_that_passes_everything_through_is_unknown_with_openai_behind_it() -> None:
    headers = {"openai-version": "2020-10-01", "openai-processing-ms": "3"}
    shown = weigh({"status": 401, "headers": headers, "body": WRONG_KEY}, {"status": 404}, host="proxy.example")
    assert (shown.provider, shown.verdict, shown.upstream) == (None, "openai-compatible-unknown", "openai")
    assert "can read the key" in shown.reason


def test_a_key_of_one_provider_at_the_host_of_another_is_observed_as_the_hosts_owner() -> None:
    shown = weigh({"status": 401, "body": WRONG_KEY}, host="api.openai.com", shape=bound("openrouter"))
    assert shown.provider == "openai"


def test_a_server_in_another_servers_clothes_is_told_by_its_own_route() -> None:
    shown = weigh(
        {"status": 200, "body": "Ollama is running", "path": "/"},
        {"status": 200, "path": "/model_info", "body": {"model_path": "x", "is_generation": True}},
        host="127.0.0.1:11434",
    )
    assert shown.provider == "sglang"


def test_openais_shape_alone_is_never_openai() -> None:
    body = {"error": {"message": "no", "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}}
    shown = weigh({"status": 401, "body": body}, {"status": 404, "body": body}, claimed="openai")
    assert (shown.provider, shown.verdict) == (None, "openai-compatible-unknown")


def test_one_answer_of_openais_shape_is_insufficient() -> None:
    body = {"error": {"message": "no", "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}}
    assert weigh({"status": 401, "body": body}).verdict == "insufficient"


def test_a_claim_against_the_answers_is_conflicting() -> None:
    headers = {"x-litellm-version": "1.0"}
    shown = weigh({"status": 200, "headers": headers}, claimed="new-api", host="127.0.0.1:4000")
    assert (shown.verdict, shown.provider) == ("conflicting", "litellm")


def test_marks_inside_a_relays_answer_are_those_of_the_service_behind_it() -> None:
    headers = {"x-litellm-version": "1.0", "llm_provider-openai-version": "2020-10-01", "openai-version": "2020-10-01"}
    shown = weigh({"status": 200, "headers": headers})
    assert (shown.provider, shown.upstream) == ("litellm", "openai")


def test_a_host_that_took_its_own_key_stays_in_front_of_the_relay_software_it_runs() -> None:
    host = "api.openai.com"
    found = evidence_of_host(host, catalogue=KNOWN, accepted=True)
    found += [mark("litellm", 27, group="list"), Evidence("x", "*", "front", "list", -30, "", spares=("litellm",))]
    shown = decide(found, catalogue=KNOWN, claimed="openai", host=host)
    assert (shown.provider, shown.upstream) == ("openai", None)


def test_a_router_names_who_runs_the_model() -> None:
    headers = {"x-powered-by": "huggingface-moon", "x-inference-provider": "novita"}
    shown = weigh(
        {"status": 400, "headers": headers, "body": {"code": 400, "reason": "X", "message": "m", "metadata": {}}}
    )
    assert (shown.provider, shown.upstream) == ("huggingface", "novita")


def test_a_cdn_is_transport_and_no_candidate() -> None:
    shown = weigh({"status": 200, "headers": {"cf-ray": "88f189dac80ac32b-EWR", "server": "cloudflare"}})
    assert (shown.transport, shown.candidates) == ("cloudflare", ())


def test_only_the_strongest_mark_of_a_group_counts() -> None:
    one = decide([mark("a", 16)], catalogue=KNOWN)
    many = decide([mark("a", 16), Evidence("other", "a", "front", "hdr", 12, "weaker")], catalogue=KNOWN)
    assert one.confidence_db == many.confidence_db


def test_a_mark_that_two_share_decides_for_neither() -> None:
    shown = decide([mark("a", 30), mark("b", 30)], catalogue=KNOWN, answered=3)
    assert shown.provider is None


def test_two_strong_fronts_in_independent_groups_contradict_each_other() -> None:
    shown = decide([mark("a", 40), mark("b", 20, group="list")], catalogue=KNOWN, answered=3)
    assert shown.verdict == "conflicting"


def test_a_weak_mark_does_not_speak_against_a_strong_one() -> None:
    assert decide([mark("a", 16), mark("b", 8, group="err")], catalogue=KNOWN).provider == "a"


def test_a_claim_is_no_evidence() -> None:
    shown = decide(evidence_of_key(claimed="openai", catalogue=KNOWN), catalogue=KNOWN, claimed="openai")
    assert (shown.verdict, shown.candidates) == ("insufficient", ())


def test_a_shape_without_any_answer_is_insufficient_and_still_names_the_owner() -> None:
    shown = decide(evidence_of_key(bound("openai"), catalogue=KNOWN), catalogue=KNOWN, answered=0)
    assert (shown.provider, shown.verdict) == ("openai", "insufficient")


def test_a_routed_host_counts_as_the_official_one_and_says_so() -> None:
    found = evidence_of_host("api.openai.com", catalogue=KNOWN, routed=True)
    assert (found[0].provider, found[0].db, found[0].routed) == ("openai", 40, True)
    assert "routed" in found[0].text


def test_a_self_hosted_product_is_never_ruled_out_by_its_host() -> None:
    shown = weigh({"status": 200, "headers": {"x-litellm-version": "1.0"}}, host="llm.corp.example")
    assert shown.provider == "litellm"


def test_a_hosted_product_of_unknown_hosts_is_ruled_out_in_a_private_network_only() -> None:
    answer: dict[str, object] = {"status": 200, "body": {"current_point_balance": 5}}
    assert weigh(answer, host="api.somewhere.example").provider == "poe"
    assert weigh(answer, host="127.0.0.1:8000").provider is None


def test_an_alias_and_its_provider_are_one_candidate() -> None:
    shown = decide([mark("new_api", 16), mark("new-api", 8, group="err")], catalogue=KNOWN)
    assert [one.provider for one in shown.candidates] == ["new-api"]


def test_a_conflict_needs_two_answers() -> None:
    marks = [mark("a", 40), mark("b", 20, group="list")]
    assert decide(marks, catalogue=KNOWN, answered=1).verdict == "insufficient"
    assert decide(marks, catalogue=KNOWN, answered=2).verdict == "conflicting"


def test_a_rival_shows_itself_where_the_best_shows_nothing() -> None:
    assert decide([mark("a", 40), mark("b", 20)], catalogue=KNOWN, answered=2).verdict == "likely"


def test_a_key_that_others_issue_too_is_no_rival() -> None:
    assert decide([mark("a", 40), mark("b", 20, group="key")], catalogue=KNOWN, answered=2).verdict == "likely"


def test_what_stands_behind_a_relay_is_no_rival_of_it() -> None:
    marks = [mark("litellm", 40), mark("openai", 15, group="host")]
    assert decide(marks, catalogue=KNOWN, answered=2).verdict == "likely"


def test_weak_marks_of_two_groups_single_out_a_product_together() -> None:
    assert decide([mark("a", 9), mark("a", 9, group="list")], catalogue=KNOWN).verdict == "likely"


def test_a_base_rate_does_not_make_up_for_a_strong_mark() -> None:
    host = "llm.corp.example"
    assert decide([mark("litellm", 14)], catalogue=KNOWN, host=host).provider is None
    assert decide([mark("litellm", 15)], catalogue=KNOWN, host=host).provider == "litellm"


def test_a_base_rate_counts_at_hosts_that_are_nobodys_only() -> None:
    def score(host: str | None) -> float:
        return decide([mark("litellm", 20)], catalogue=KNOWN, host=host).candidates[0].db

    assert (score("llm.corp.example"), score("api.openai.com"), score(None)) == (22, 20, 20)


def test_nothing_is_confirmed_without_a_hard_mark() -> None:
    assert decide([mark("a", 30), mark("a", 30, group="list")], catalogue=KNOWN).verdict == "likely"
    assert decide([mark("a", 30), mark("a", 25, group="ident")], catalogue=KNOWN).verdict == "confirmed"


def test_one_hard_mark_alone_confirms_nothing() -> None:
    assert decide([mark("a", 50, group="ident")], catalogue=KNOWN).verdict == "likely"


def test_a_narrow_lead_confirms_nothing() -> None:
    marks = [mark("a", 25, group="ident"), mark("a", 5), mark("b", 12)]
    assert decide(marks, catalogue=KNOWN).verdict == "likely"


def test_a_narrow_lead_names_nobody() -> None:
    assert decide([mark("a", 22), mark("b", 13, group="list")], catalogue=KNOWN).verdict == "insufficient"


def test_a_mark_of_ten_decibans_speaks_against_a_strong_one() -> None:
    def lead(db: float) -> float | None:
        return decide([mark("a", 22), mark("b", db, group="list")], catalogue=KNOWN).confidence_db

    assert (lead(9.9), lead(10)) == (17, 12)


def test_a_weak_mark_speaks_against_another_weak_one() -> None:
    assert decide([mark("a", 14), mark("b", 8, group="list")], catalogue=KNOWN).confidence_db == 6


def test_only_the_strongest_mark_against_counts_in_a_group() -> None:
    against = [Evidence(f"not-{db}", "a", "front", "list", db, "") for db in (-5, -8)]
    assert decide([mark("a", 30), *against], catalogue=KNOWN).candidates[0].db == 22


def test_a_key_shape_that_several_share_names_nobody_before_an_answer() -> None:
    found = evidence_of_key(Shape((("openai", None),), None, None, ""), catalogue=KNOWN)  # type: ignore[arg-type]
    shown = decide(found, catalogue=KNOWN, answered=0)
    assert ([each.provider for each in shown.candidates], shown.provider) == (["openai"], None)


def test_who_runs_models_itself_needs_a_strong_mark_to_have_somebody_behind() -> None:
    def behind(front: str, db: float) -> str | None:
        return decide([mark(front, 40), mark("b", db, layer="upstream")], catalogue=KNOWN).upstream

    assert (behind("litellm-like", 11), behind("litellm-like", 12)) == (None, "b")
    assert (behind("openai", 14), behind("openai", 15)) == (None, "b")


def test_a_lead_below_ten_decibans_names_nobody_however_likely() -> None:
    shown = decide([mark("a", 30), mark("b", 20.2)], catalogue=KNOWN)
    assert shown.candidates[0].probability > 0.9
    assert shown.provider is None


def test_a_strong_mark_does_not_contradict_weak_ones() -> None:
    marks = [mark("a", 14), mark("a", 14, group="list"), mark("b", 15, group="err")]
    assert decide(marks, catalogue=KNOWN, answered=2).verdict == "likely"


def test_a_hosted_service_that_is_declared_for_a_foreign_host_is_conflicting() -> None:
    shown = decide([mark("openai", 20)], catalogue=KNOWN, claimed="openai", host="proxy.example")
    assert (shown.verdict, shown.provider) == ("conflicting", None)


def test_a_mark_shared_with_who_can_answer_there_shows_nobody_behind() -> None:
    shared = [Evidence("shared", name, "front", "hdr", 20, "") for name in ("openai", "sglang")]
    shown = decide(shared, catalogue=KNOWN, host="llm.corp.example")
    assert (shown.provider, shown.upstream) == ("sglang", None)
