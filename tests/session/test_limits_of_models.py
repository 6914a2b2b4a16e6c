"""Limits in the tables stand under the model whose answer told them, whatever way the answer came."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import testkey_nb as tk

KEY = "sk-proj-" + "EXAMPLElimits-" * 5 + "T3BlbkFJ" + "EXAMPLElimits-" * 5
URL = "https://api.openai.com/v1/chat/completions"
PACE = "Rate limit reached for gpt-4o in organization org-x on requests per min (RPM): Limit 7, Used 7, Requested 1."


def headers(limit: int) -> dict[str, str]:
    return {"x-ratelimit-limit-tokens": str(limit), "x-ratelimit-remaining-tokens": "1"}


def limits(session: tk.Session, label: str, kind: str) -> dict[str | None, float]:
    rows = session.limits
    rows = rows[(rows["label"] == label) & (rows["kind"] == kind)]
    return {None if model is None or model != model else str(model): limit
            for model, limit in zip(rows["model_id"].astype(object), rows["limit"], strict=True)}  # fmt: skip


@pytest.fixture
def session() -> Iterator[tk.Session]:
    session = tk.Session().add(tk.Key(KEY), label="mine", provider="openai")
    yield session
    session.close()


@pytest.fixture(scope="module")
def sandboxed() -> Iterator[tk.Session]:
    with tk.sandbox() as sandbox:
        session = tk.Session(routes=sandbox.routes, ttl=3600)
        for row in sandbox.keys:
            if row["label"] in ("groq-developer", "huggingface-repo-only"):
                session.add(**row)
        models = ["openai/gpt-oss-120b", "llama-3.3-70b-versatile"]
        session.probe(active=["runtime"], models=models, progress=False)
        yield session
        session.close()


def test_two_models_that_were_asked_are_two_rows(sandboxed: tk.Session) -> None:
    assert limits(sandboxed, "groq-developer", "tokens").keys() == {"openai/gpt-oss-120b", "llama-3.3-70b-versatile"}


def test_answers_about_two_models_keep_their_own_limits(session: tk.Session) -> None:
    for model, limit in (("gpt-4o", 30000), ("gpt-4o-mini", 200000)):
        session.observe("mine", status=200, headers=headers(limit), body={"model": model, "choices": []})
    assert limits(session, "mine", "tokens") == {"gpt-4o": 30000, "gpt-4o-mini": 200000}


def test_the_model_that_she_asked_goes_before_the_one_that_answered(session: tk.Session) -> None:
    body = {"model": "gpt-4o-2024-08-06", "choices": []}
    session.observe("mine", status=200, headers=headers(5), body=body, model="gpt-4o")
    assert limits(session, "mine", "tokens") == {"gpt-4o": 5}


def test_words_that_name_a_model_bind_their_limit_to_it(session: tk.Session) -> None:
    session.observe("mine", status=429, body={"error": {"message": PACE}}, path="/v1/chat/completions")
    assert limits(session, "mine", "requests") == {"gpt-4o": 7}


def test_a_limit_without_a_model_is_nobodys(session: tk.Session) -> None:
    session.observe("mine", status=200, headers=headers(9), body={"data": []}, path="/v1/files")
    assert limits(session, "mine", "tokens") == {None: 9}


def test_a_recorded_request_tells_the_model_of_its_answer(session: tk.Session, tmp_path: Path) -> None:
    entries = [
        {
            "startedDateTime": "2026-11-23T08:00:00Z",
            "request": {"method": "POST", "url": URL, "postData": {"text": json.dumps({"model": model})},
                        "headers": [{"name": "Authorization", "value": f"Bearer {KEY}"}]},
            "response": {"status": 200, "content": {"text": "{}"},
                         "headers": [{"name": name, "value": value} for name, value in headers(limit).items()]},
        }
        for model, limit in (("gpt-4o", 1), ("o3", 2), (KEY, 3))
    ]  # fmt: skip
    (tmp_path / "traffic.har").write_text(json.dumps({"log": {"entries": entries}}))
    session.observe_har(tmp_path / "traffic.har")
    told = limits(session, "mine", "tokens")
    assert {model: limit for model, limit in told.items() if limit < 3} == {"gpt-4o": 1, "o3": 2}
    assert KEY not in told


def test_the_limit_of_a_management_route_is_no_limit_of_the_key(sandboxed: tk.Session) -> None:
    label = "huggingface-repo-only"
    rows = sandboxed.limits.query(f"label == '{label}' and kind == 'requests'")
    assert set(rows["scope"]) == {"route"}
    (matrix,) = (
        sandboxed.frame("capabilities").query(f"label == '{label}' and capability == 'limit matrix'").itertuples()
    )
    assert matrix.state != "confirmed"
