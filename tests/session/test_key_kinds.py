"""What kind of key it is: each by its provider's own sign, and the risks that follow."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace

import pytest

import testkey_nb as tk

LABELS = [
    "litellm-master", "litellm-no-database", "litellm-virtual", "litellm-wrong-no-database", "openai-project",
    "openai-service", "openai-admin", "new-api-spent", "new-api-token", "xai-management",
]  # fmt: skip


@pytest.fixture(scope="module")
def told():
    """Identity and risks of these made-up keys, by label."""
    with tk.sandbox(only=("litellm", "openai", "new-api", "xai")) as sandbox, tk.Session(routes=sandbox.routes) as s:
        for row in sandbox.keys:
            if row["label"] in LABELS:
                s.add(**row)
        s.probe(progress=False)
        yield SimpleNamespace(
            identity=s.identity.set_index("label"),
            risks=s.risks.groupby("label").risk.agg(set),
            roles=s.metrics[s.metrics.metric == "token_role"]
            .merge(s.keys[["key_id", "label"]])
            .set_index("label")
            .value,
        )


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("litellm-master", "master"),
        ("litellm-no-database", "master"),
        ("litellm-virtual", "virtual"),
        ("litellm-wrong-no-database", "virtual"),
        ("openai-project", "project"),
        ("openai-service", "service-account"),
        ("openai-admin", "admin"),
        ("new-api-token", "virtual"),
        ("xai-management", "management"),
    ],
)
def test_a_key_is_of_the_kind_that_its_provider_shows(told, label: str, kind: str) -> None:
    assert told.identity.key_kind[label] == kind


@pytest.mark.parametrize("label", ["litellm-master", "litellm-no-database", "openai-admin", "xai-management"])
def test_a_key_that_can_change_the_account_is_over_privileged(told, label: str) -> None:
    assert "over-privileged key" in told.risks[label]


@pytest.mark.parametrize("label", ["openai-project", "openai-service"])
def test_the_role_of_a_person_is_no_right_of_the_key(told, label: str) -> None:
    assert "wide rights" not in told.risks.get(label, set())
    assert told.identity.token_role.isna()[label]
    assert told.roles[label] == "owner"


def test_a_spent_key_whose_record_is_readable_is_valid(told) -> None:
    assert told.identity.key_valid["new-api-spent"]
    assert "untested key" not in told.risks["new-api-spent"]


def test_a_management_key_of_known_shape_has_no_open_identity(told) -> None:
    assert "identity unproven" not in told.risks["xai-management"]


def signed(**claims: str) -> str:
    """A made-up JWT with these claims."""
    parts = ({"alg": "none"}, claims, {"EXAMPLE": "signature"})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


@pytest.mark.parametrize("base_url", [None, "https://api.anthropic.com", "https://proxy.example.com/v1"])
@pytest.mark.parametrize(
    ("provider", "text"),
    [("anthropic", "sk-ant-oat01-" + "EXAMPLE" * 9), ("openai", signed(iss="https://auth.openai.com", sub="EXAMPLE"))],
)
def test_the_login_of_a_subscription_is_recognised_and_never_sent(
    provider: str, text: str, base_url: str | None
) -> None:
    with tk.Session() as session:
        session.add(tk.Key(text), label="mine", provider=provider, base_url=base_url)
        assert list(session.plan().times) == [0]
        assert "login of a" in session.plan().note[0]
