"""What a key's shape tells before anything is sent."""

import base64
import json
from datetime import datetime

import pytest
from made_up_catalogue import ALPHA_KEY, ODD_KEY, SHARED_KEY, catalogue, key, provider

from testkey_nb.catalogue import load as real
from testkey_nb.catalogue.model import KeyPattern
from testkey_nb.preflight import shape


def jwt(tail: str = "EXAMPLE", **claims: object) -> str:
    def part(value: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'x': 'EXAMPLE'})}.{part(claims)}.{tail}"


def short_term(date: str = "20261123T120000Z", lifetime: str = "43200", scope: str = "eu-west-1") -> str:
    """A made-up signed address of the documented form, as such keys carry it."""
    address = (
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential=EXAMPLEEXAMPLE%2F20261123%2F{scope}%2Fbedrock%2Faws4_request&X-Amz-Date={date}"
        f"&X-Amz-Expires={lifetime}&X-Amz-SignedHeaders=host&X-Amz-Signature=EXAMPLE&Version=1"
    )
    return "bedrock-api-key-" + base64.b64encode(address.encode()).decode()


def test_an_exclusive_shape_binds_the_key() -> None:
    found = shape(key(ALPHA_KEY), catalogue=catalogue())
    assert (found.bound, found.key_kind, found.names) == ("alpha", "project", ("alpha",))


def test_a_shared_shape_binds_to_nobody_and_names_its_candidates() -> None:
    found = shape(key(SHARED_KEY), catalogue=catalogue())
    assert (found.bound, found.names) == (None, ("beta", "gamma"))
    assert "beta, gamma" in found.explanation


def test_candidates_that_agree_on_the_kind_tell_it() -> None:
    assert shape(key(SHARED_KEY), catalogue=catalogue()).key_kind == "personal"


def test_an_unknown_shape_has_no_candidate() -> None:
    found = shape(key(ODD_KEY), catalogue=catalogue())
    assert (found.names, found.key_kind) == ((), None)


def test_the_explanation_holds_no_part_of_the_key() -> None:
    for text in (ALPHA_KEY, SHARED_KEY, ODD_KEY):
        assert "EXAMPLE" not in shape(key(text), catalogue=catalogue()).explanation


def test_a_jwt_tells_its_issuer_and_expiry_locally() -> None:
    def part(value: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    token = f"{part({'alg': 'none', 'x': 'EXAMPLE'})}.{part({'iss': 'https://id.example', 'exp': 1767225600})}.EXAMPLE"
    found = shape(key(token), catalogue=catalogue())
    assert (found.issuer, found.expires_at) == ("https://id.example", datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_jwt_tells_when_it_was_issued_and_from_when_it_holds() -> None:
    found = shape(key(jwt(iss="https://id.example", iat=1767225600, nbf=1767225660)), catalogue=catalogue())
    assert (found.issued_at, found.not_before) == (datetime(2026, 1, 1), datetime(2026, 1, 1, 0, 1))  # noqa: DTZ001


def test_a_jwt_never_shows_its_subject() -> None:
    assert "someone" not in repr(shape(key(jwt(iss="https://id.example", sub="user:someone")), catalogue=real()))


@pytest.mark.parametrize("part", ["e30EXAMPLE", "!!!!", "bnVsbA", ""])
def test_a_damaged_jwt_raises_nothing(part: str) -> None:
    assert shape(key(f"eyJEXAMPLE.{part}.EXAMPLE"), catalogue=real()).expires_at is None


@pytest.mark.parametrize("value", [1e30, -1e30, "soon", True, None, [], float("inf")])
def test_an_impossible_instant_is_none(value: object) -> None:
    assert shape(key(jwt(exp=value)), catalogue=catalogue()).expires_at is None


@pytest.mark.parametrize(
    ("issuer", "provider"),
    [
        ("https://oidc.vercel.com", "vercel-ai-gateway"),
        ("https://oidc.vercel.com/example-team", "vercel-ai-gateway"),
        ("robot@example.iam.gserviceaccount.com", "google-vertex"),
        ("https://accounts.google.com", "google-vertex"),
        ("https://iam.cloud.ibm.com/identity", "ibm-watsonx"),
        ("https://sts.windows.net/example/", "azure-openai"),
    ],
)
def test_a_documented_issuer_is_the_first_candidate_and_binds_nothing(issuer: str, provider: str) -> None:
    found = shape(key(jwt(iss=issuer)), catalogue=real())
    assert (found.names[0], found.bound) == (provider, None)


@pytest.mark.parametrize("issuer", ["https://oidc.vercel.com.example", "https://example/?https://oidc.vercel.com"])
def test_an_issuer_that_only_looks_alike_names_no_candidate(issuer: str) -> None:
    assert "vercel-ai-gateway" not in shape(key(jwt(iss=issuer)), catalogue=real()).names


@pytest.mark.parametrize("provider", ["kilo", "edenai"])
def test_a_jwt_of_an_undocumented_issuer_keeps_its_candidates(provider: str) -> None:
    assert provider in shape(key(jwt(iss="https://id.example", tail="E" * 43)), catalogue=real()).names


def test_a_signed_address_inside_a_key_tells_its_end() -> None:
    found = shape(key(short_term()), catalogue=real())
    assert found.expires_at == datetime(2026, 11, 24)  # noqa: DTZ001


def test_a_signed_address_inside_a_key_tells_its_region() -> None:
    assert shape(key(short_term()), catalogue=real()).region == "eu-west-1"


def test_nothing_of_the_credential_inside_a_key_is_shown() -> None:
    assert "EXAMPLE" not in repr(shape(key(short_term()), catalogue=real()))


def test_a_part_that_holds_a_credential_is_not_let_out() -> None:
    assert key(short_term()).url_words("bedrock-api-key-", {"region": ("X-Amz-Credential", 0)}) == {}


@pytest.mark.parametrize("cut", range(60, 190, 13))
def test_a_cut_signed_address_raises_nothing(cut: int) -> None:
    assert shape(key(short_term()[:cut]), catalogue=real()).bound in ("aws-bedrock", None)


def test_a_signed_address_with_broken_words_tells_nothing() -> None:
    found = shape(key(short_term(date="20261399T120000Z", lifetime="never", scope="a")), catalogue=real())
    assert (found.expires_at, found.region) == (None, None)


def test_the_region_of_a_pattern_goes_to_the_shape() -> None:
    pattern = KeyPattern(r"delta-[A-Za-z]+", exclusive=True, region="intl")
    delta = provider("delta", hosts={"intl": {"inference": "https://api.delta.example"}}, patterns=(pattern,))
    assert shape(key("delta-EXAMPLE"), catalogue=catalogue(delta)).region == "intl"


def test_a_shared_shape_names_no_region() -> None:
    pattern = KeyPattern(r"delta-[A-Za-z]+", exclusive=False, region="intl")
    delta = provider("delta", hosts={"intl": {"inference": "https://api.delta.example"}}, patterns=(pattern,))
    assert shape(key("delta-EXAMPLE"), catalogue=catalogue(delta)).region is None


@pytest.mark.parametrize("prefix", ["sk-ant-oat01-", "xai-token-", "ghr_"])
def test_a_recognised_shape_that_is_no_key_to_ask_with_says_why(prefix: str) -> None:
    found = shape(key(prefix + "EXAMPLE" * 6), catalogue=real())
    assert found.refusal is not None
    assert found.refusal in found.explanation


EX = "EXAMPLE"
INFIX = "T3Blbk" + "FJ"
HEX = "e" * 64
STRONG = [
    (f"sk-{EX * 3}{INFIX}{EX * 3}", "openai", None),
    (f"sk-{'EXAMPLE' * 3:.20}{INFIX}{'EXAMPLE' * 3:.20}", "openai", "personal"),
    (f"sk-proj-{EX * 9}{INFIX}{EX * 9}", "openai", "project"),
    (f"sk-svcacct-{EX * 9}{INFIX}{EX * 9}", "openai", "service-account"),
    (f"sk-admin-{EX * 9}{INFIX}{EX * 9}", "openai", "admin"),
    (f"sk-ant-api03-{EX * 9}", "anthropic", None),
    (f"sk-ant-admin01-{EX * 9}", "anthropic", "admin"),
    (f"sk-ant-oat01-{EX * 9}", "anthropic", "personal"),
    (f"sk-or-v1-{HEX}", "openrouter", None),
    (f"vck_{EX * 4}", "vercel-ai-gateway", None),
    (f"sk-helicone-{EX}-{EX}", "helicone", None),
    (f"gsk_{EX * 7}", "groq", None),
    (f"xai-{EX * 11}", "xai", None),
    (f"xai-token-{EX * 6}", "xai", "management"),
    (f"pplx-{EX * 6}{EX[:6]}", "perplexity", None),
    (f"hf_{EX * 4}{EX[:6]}", "huggingface", None),
    (f"nvapi-{EX * 9}", "nvidia", None),
    (f"ghp_{EX * 5}E", "github-models", "personal"),
    (f"github_pat_{EX * 11}EXAMP", "github-models", "fine-grained"),
    (f"gho_{EX * 5}E", "github-models", "personal"),
    (f"ghu_{EX * 5}E", "github-models", "personal"),
    (f"ghs_{EX * 5}E", "github-models", "service-account"),
    (f"r8_{EX * 5}EX", "replicate", None),
    (f"ABSK{EX * 16}", "aws-bedrock", "service-account"),
    (f"csk-{'example' * 6}exampl", "cerebras", None),
    (f"fw_{EX * 3}E", "fireworks", None),
    (f"tgp_v1_{EX * 6}E", "together", "project"),
    (f"sk-sp-{EX * 4}", "dashscope", "personal"),
    (f"sk-kimi-{EX * 4}", "moonshot", None),
    (f"sk-cp-{EX * 4}", "minimax", None),
    (f"jina_{EX * 8}EXAM", "jina", None),
]
SHARED = [
    (f"AIza{EX * 5}", {"gemini", "google-vertex"}, "project"),
    (f"AQ.{EX * 5}", {"gemini", "google-vertex"}, "service-account"),
    (f"sk-{'e' * 32}", {"deepseek", "dashscope"}, None),
    (f"sk-{EX * 6}EXAMPL", {"moonshot", "stability", "hunyuan", "new-api"}, None),
    (f"sk-{EX * 3}E", {"litellm"}, None),
    ("e" * 32, {"azure-openai", "mistral", "assemblyai", "elevenlabs", "deepinfra"}, None),
    ("eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee", {"volcengine-ark", "sambanova"}, None),
    (f"{'e' * 32}.{EX * 3}EXA", {"ollama-cloud"}, None),
    (f"gw-{EX * 9}E", {"any-llm"}, "virtual"),
]


@pytest.mark.parametrize(("text", "owner", "kind"), STRONG, ids=[f"{text[:11]}" for text, _, _ in STRONG])
def test_an_exclusive_prefix_binds_and_tells_the_kind(text: str, owner: str, kind: str | None) -> None:
    found = shape(key(text), catalogue=real())
    assert (found.bound, found.key_kind) == (owner, kind)


@pytest.mark.parametrize(("text", "owners", "kind"), SHARED, ids=[f"{text[:9]}" for text, _, _ in SHARED])
def test_a_shared_shape_names_its_candidates_and_binds_nothing(text: str, owners: set[str], kind: str | None) -> None:
    found = shape(key(text), catalogue=real())
    assert found.bound is None
    assert owners <= set(found.names)
    assert kind is None or found.key_kind == kind
