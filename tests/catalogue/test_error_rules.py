"""Error rules: their fields are obeyed, and each wording is tried on its example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from testkey_nb.answers import document
from testkey_nb.answers.rules import holding
from testkey_nb.catalogue.error_rules import general_rules
from testkey_nb.catalogue.model import ErrorRule
from testkey_nb.errors import CatalogueError

RULE = """\
[[errors]]
id = "disabled"
status = [403]
says = ['key .* (is|was) disabled']
examples = ["Your key sk-EXAMPLE was disabled"]
unless = ['balance']
condition = "key-disabled"
"""


def read(folder: Path, text: str) -> ErrorRule:
    path = folder / "errors.toml"
    path.write_text(text, encoding="utf-8")
    (rule,) = general_rules(path)
    return rule


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("was disabled\"", "was deleted\"", "says", "does not find"),
        ("(is|was)", "(is|was", "says", "no regular expression"),
        ("['balance']", "['bal(ance']", "unless", "no regular expression"),
        ("['balance']", "['disabled']", "unless", "finds the example"),
        ("examples = [\"Your key sk-EXAMPLE was disabled\"]", "", "examples", "0 texts for 1"),
        ("[403]", "[\"403\"]", "status", "HTTP statuses"),
        ("[403]", "[4030]", "status", "HTTP statuses"),
        ("key-disabled", "key-disbled", "condition", "none of"),
        ("status = ", "any = [{ status = [403] }]\nstatus = ", "any", "one alternative only"),
        ("status = ", "stauts = [403]\nstatus = ", "stauts", "did you mean 'status'"),
        ("status = ", "move_code = 'wiat'\nstatus = ", "move_code", "none of"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_file_line_and_field(
    tmp_path: Path, old: str, new: str, field: str, words: str
) -> None:
    text = RULE.replace(old, new)
    with pytest.raises(CatalogueError, match=words) as caught:
        read(tmp_path, text)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(field)] or [1]
    assert (caught.value.file, caught.value.line, caught.value.field) == ("errors.toml", lines[0], f"errors[0].{field}")


def test_a_rule_that_every_answer_would_fit_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="says nothing"):
        read(tmp_path, '[[errors]]\nid = "all"\ncondition = "unknown"\n')


def test_an_alternative_that_every_answer_would_fit_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="says nothing"):
        read(tmp_path, '[[errors]]\nid = "all"\nany = [{ status = [401] }, {}]\ncondition = "unknown"\n')


@pytest.mark.parametrize(
    ("fields", "answer", "fits"),
    [
        ("status = [401, 403]", {"status": 403}, True),
        ("status = [401, 403]", {"status": 404}, False),
        ("code = ['a']", {"body": {"error": {"message": "m", "code": "a"}}}, True),
        ("code = ['a']", {"body": {"error": {"message": "m", "code": "ab"}}}, False),
        ("type = ['t']", {"body": {"error": {"message": "m", "type": "t"}}}, True),
        ("codes = ['^no_right']", {"body": {"error": {"message": "m", "code": "NO_RIGHTS"}}}, True),
        ("path = ['/me$']", {"path": "/v1/me?x=1"}, True),
        ("says = ['no such', 'gone']\nexamples = ['no such', 'gone']", {"body": {"error": {"message": "Gone."}}}, True),
        ("says = ['gone']\nexamples = ['gone']", {"body": None}, False),
        ("status = [401]\nunless = ['gone']", {"status": 401, "body": {"error": {"message": "Gone."}}}, False),
        ("status = [401]\nunless = ['gone']", {"status": 401, "body": None}, True),
        ("status = [401]\nwhen = 'auth'", {"status": 401, "auth": False}, False),
        ("status = [401]\nany = [{ code = ['a'] }, { path = ['/me'] }]", {"status": 401, "path": "/me"}, True),
        ("status = [401]\nany = [{ code = ['a'] }, { path = ['/me'] }]", {"status": 401, "path": "/you"}, False),
        ("status = [401]\nany = [{ code = ['a'] }, { path = ['/me'] }]", {"status": 403, "path": "/me"}, False),
    ],
)
def test_all_fields_must_hold_and_in_each_one_value(
    tmp_path: Path, fields: str, answer: dict[str, Any], fits: bool
) -> None:
    rule = read(tmp_path, f'[[errors]]\nid = "rule"\n{fields}\ncondition = "unknown"\n')
    assert holding(rule)(document(**answer)) is fits
