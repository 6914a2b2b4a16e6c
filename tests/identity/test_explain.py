"""A verdict can be read back: which piece of evidence counted for whom, and which question showed it."""

import httpx
import pandas as pd
import pytest
from test_ask import ask, litellm

from testkey_nb.identity import explained, identify_answer
from testkey_nb.identity.verdict import Verdict


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return ask(litellm)[0].verdict


@pytest.fixture(scope="module")
def shown(verdict: Verdict) -> pd.DataFrame:
    return explained(verdict)


def test_what_counts_adds_up_to_the_winners_score(shown: pd.DataFrame, verdict: Verdict) -> None:
    counted = shown[(shown["role"] == "winner") & shown["counted"]]
    prior = 2  # of LiteLLM at an unlisted host, data/identify.toml
    assert counted["db"].sum() + prior == pytest.approx(verdict.candidates[0].db)


def test_the_runner_up_has_rows_of_its_own(shown: pd.DataFrame, verdict: Verdict) -> None:
    assert set(shown.loc[shown["role"] == "runner-up", "provider"]) == {verdict.runner_up}


def test_every_piece_names_the_question_that_shows_it(shown: pd.DataFrame) -> None:
    assert "GET /health/liveliness, no key" in set(shown["asked"])
    assert not shown["asked"].isna().any()


def test_only_the_strongest_of_a_group_and_sign_counts(shown: pd.DataFrame) -> None:
    counted = shown[shown["counted"]]
    assert not counted.assign(sign=counted["db"] > 0).duplicated(["role", "group", "sign"]).any()


def test_a_recorded_answer_is_explained_without_a_question() -> None:
    frame = identify_answer(status=401, headers={"x-new-api-version": "v1"}, explain=True)
    assert frame["asked"].isna().all()
    assert "new-api" in set(frame["provider"])


def test_nothing_known_gives_no_row_and_all_columns() -> None:
    frame = identify_answer(status=200, body=None, explain=True)
    assert frame.empty
    assert {"role", "provider", "db", "counted", "asked"} <= set(frame.columns)


def half(request: httpx.Request) -> httpx.Response:
    """Hands on the model list of a LiteLLM and answers everything else itself."""
    if request.url.path == "/v1/models":
        rows = [{"id": "gpt-4o", "object": "model", "created": 1677610602, "owned_by": "openai"}] * 2
        return httpx.Response(200, json={"object": "list", "data": rows})
    return httpx.Response(404, json={"error": "no such thing"})


def test_a_relay_that_hands_on_a_part_is_not_called_by_the_product_behind() -> None:
    verdict = ask(half)[0].verdict
    assert verdict.provider is None
    assert verdict.upstream == "litellm"


def test_what_is_missing_is_told() -> None:
    frame = explained(ask(half)[0].verdict)
    assert frame["text"].str.contains("stands in front").any()
