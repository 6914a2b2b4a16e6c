"""One answer names its service by what only that service sends, and nobody where many send it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from testkey_nb.catalogue import load
from testkey_nb.identity import identify_recorded

ANSWERS = tomllib.loads(Path(__file__).with_name("single_answers.toml").read_text(encoding="utf-8"))["answers"]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer['provider']}-{answer['source']}")
def test_a_single_answer_names_whom_its_source_names(answer: dict[str, Any]) -> None:
    verdict = identify_recorded(
        status=answer.get("status", 200),
        headers=answer.get("headers", {}),
        body=answer.get("body"),
        path=answer.get("path"),
    )
    assert (verdict.provider or "") == answer["provider"]


def test_kimi_code_is_read_from_the_file_that_holds_its_host() -> None:
    assert load().provider("kimi-code").id == "moonshot"
