"""The JSON Schema that editors complete from: it is current, and it agrees with the parser."""

import json
import tomllib
from datetime import date

import pytest
from jsonschema import Draft7Validator

from testkey_nb.catalogue import data_dir
from testkey_nb.catalogue.schema import schema_text

FILES = sorted((data_dir() / "providers").glob("*.toml"))


def as_json(value):
    """The value as an editor hands it to a schema: a date is its text."""
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = json.loads(schema_text())
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def test_the_schema_in_the_data_folder_is_current():
    """Else: python -m testkey_nb.catalogue.schema."""
    assert (data_dir() / ".schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_file_agrees_with_the_schema(file, validator):
    errors = validator.iter_errors(as_json(tomllib.loads(file.read_text(encoding="utf-8"))))
    assert [f"{error.json_path}: {error.message[:200]}" for error in errors] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_file_names_the_schema_on_its_first_line(file):
    assert file.read_text(encoding="utf-8").partition("\n")[0] == "#:schema ../.schema.json"


@pytest.mark.parametrize(
    ("old", "new"), [('kind = "lab"', 'kind = "labb"'), ("patterns =", "paterns ="), ('get = "/', 'gett = "/')]
)
def test_the_schema_refuses_what_the_parser_refuses(old, new, validator):
    text = next(text for file in FILES if old in (text := file.read_text(encoding="utf-8")))
    assert not validator.is_valid(as_json(tomllib.loads(text.replace(old, new, 1))))
