"""Real gateways one behind the other, and a relay that hands on one route: the one in front is named."""

from __future__ import annotations

import pytest
from gateways import Gateway
from http_calls import Reply, Seen, call, complete, passing_to, serving
from mlflow_gateway import BASE

import testkey_nb as tk

pytestmark = pytest.mark.gateway

SURE = ("confirmed", "likely")


def test_any_llm_really_answers_behind_litellm(litellm: Gateway, any_llm: Gateway) -> None:
    since = any_llm.server.mark()
    answer = complete(litellm.origin, key=litellm.keys["full"], model="nested")
    assert answer.status == 200, answer
    assert ("POST", "/v1/chat/completions", 200) in any_llm.server.requests(since=since)


def test_litellm_before_any_llm_is_litellm(litellm: Gateway, any_llm: Gateway) -> None:
    found = tk.identify(litellm.origin)
    assert (found["provider"].iloc[0], found["verdict"].iloc[0]) == ("litellm", "confirmed")
    assert set(found["verdict"].iloc[1:]) <= {"insufficient"}


def test_litellm_really_answers_behind_mlflow(mlflow: Gateway, litellm: Gateway) -> None:
    since = litellm.server.mark()
    answer = call(
        f"{mlflow.origin}{BASE}/v1/chat/completions", key="none",
        body={"model": "chat", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1},
    )  # fmt: skip
    assert answer.status == 200, answer
    assert [one for one in litellm.server.requests(since=since) if one[0] == "POST" and one[2] == 200]


@pytest.mark.parametrize("at", ["", BASE + "/v1"], ids=["origin", "base URL"])
def test_mlflow_before_litellm_is_mlflow(mlflow: Gateway, at: str) -> None:
    found = tk.identify(mlflow.origin + at)
    assert found["provider"].iloc[0] == "mlflow"
    assert found["verdict"].iloc[0] in SURE
    assert set(found["verdict"].iloc[1:]) <= {"insufficient"}


def test_a_relay_that_hands_on_the_model_list_alone_is_not_litellm(litellm: Gateway) -> None:
    behind = passing_to(litellm.origin)

    def reply(seen: Seen) -> Reply:
        if seen.path.partition("?")[0] == "/v1/models":
            return behind(seen)
        return 404, [("content-type", "application/json")], b'{"code": 404, "msg": "route not found"}'

    with serving(reply) as relay:
        found = tk.identify(relay.origin)
        assert {seen.path for seen in relay.seen} > {"/v1/models"}
    assert "litellm" not in set(found[found["verdict"].isin(SURE)]["provider"])
