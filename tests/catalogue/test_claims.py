"""What two provider files claim: the newcomer is left out, and no key goes to it."""

import itertools
import re
from pathlib import Path
from shutil import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import testkey_nb as tk
from testkey_nb.answers import document
from testkey_nb.catalogue import data_dir, load, read_catalogue
from testkey_nb.catalogue.crosscheck import overlap
from testkey_nb.identity.facts import view
from testkey_nb.vocabulary import DOCUMENT_NAMES, VIEW_NAMES

ACME = (Path(__file__).parent / "acme.toml").read_text()
KEY = "EXAMPLEnotAkey000000000000000000"
EXCLUSIVE = [
    (provider.id, pattern.regex)
    for provider in load().providers.values()
    for pattern in provider.key.patterns
    if pattern.exclusive
]


def capturing(folder: Path) -> Path:
    """A file that comes after the owner of the variable in order of ids, where the last one used to win."""
    file = folder / "zacme.toml"
    file.write_text(ACME.replace('"ACME_API_KEY"', '"MISTRAL_API_KEY"').replace('id = "acme"', 'id = "zacme"'))
    return file


def test_a_key_of_a_shared_variable_is_not_sent_to_the_newcomers_host(tmp_path, monkeypatch):
    monkeypatch.setenv("MISTRAL_API_KEY", KEY)
    session = tk.Session(catalogue=load([capturing(tmp_path)]))
    session.add("env:MISTRAL_API_KEY")
    assert set(session.plan()["host"]) == {"api.mistral.ai"}


def test_a_clash_names_both_files(tmp_path):
    (problem,) = load([capturing(tmp_path)]).problems
    assert problem.file == "zacme.toml"
    assert "mistral.toml" in str(problem)


def test_of_two_newcomers_the_later_is_left_out(tmp_path):
    first, second = tmp_path / "acme.toml", tmp_path / "acmetwo.toml"
    first.write_text(ACME)
    second.write_text(ACME.replace('id = "acme"', 'id = "acmetwo"'))
    catalogue = load([first, second])
    assert "acme" in catalogue.providers
    assert {problem.file for problem in catalogue.problems} == {"acmetwo.toml"}


def test_a_file_of_a_shipped_id_is_left_out(tmp_path):
    file = tmp_path / "groq.toml"
    file.write_text(ACME.replace('id = "acme"', 'id = "groq"'))
    catalogue = load([file])
    assert catalogue.provider("groq").name == "Groq"
    assert [problem.field for problem in catalogue.problems] == ["id"]


def test_a_file_of_a_shipped_id_takes_its_place_where_that_is_asked_for(tmp_path):
    file = tmp_path / "groq.toml"
    file.write_text(ACME.replace('id = "acme"', 'id = "groq"'))
    catalogue = load([file], replace=["groq"])
    assert catalogue.provider("groq").name == "Acme AI"
    assert catalogue.problems == ()


def test_what_a_file_says_of_itself_twice_is_no_clash(tmp_path):
    file = tmp_path / "acme.toml"
    file.write_text(ACME.replace("https://us.acme.example", "https://eu.acme.example"))
    assert load([file]).problems == ()


@pytest.mark.parametrize(
    ("regex", "other", "expected"),
    [
        ("^acme-[a-z]{8}$", "^acme-[a-z]{8}$", True),
        ("^acme-.*$", "^acme-own-[0-9]{16}$", True),
        ("^acme-[0-9]{8}$", "^acme-[a-z]{8}$", False),
        ("^acme-[a-z]{8}$", "^acne-[a-z]{8}$", False),
        ("^acme-[a-z]{8}$", "^acme-[a-z]{9}$", False),
    ],
)
def test_shapes_overlap_where_one_key_has_both(regex, other, expected):
    assert overlap(regex, other) is expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_no_key_has_exclusive_shapes_of_two_shipped_providers(data):
    owner, regex = data.draw(st.sampled_from(EXCLUSIVE))
    key = data.draw(st.from_regex(re.compile(regex, re.ASCII), fullmatch=True))
    assert {name for name, other in EXCLUSIVE if re.fullmatch(other, key)} == {owner}


def test_no_shipped_exclusive_shapes_overlap_by_their_beginnings():
    pairs = itertools.combinations(EXCLUSIVE, 2)
    assert [pair for pair in pairs if pair[0][0] != pair[1][0] and overlap(pair[0][1], pair[1][1])] == []


def test_the_names_of_an_answer_are_those_that_rules_may_read():
    assert set(document(status=200)) == set(DOCUMENT_NAMES)


def test_the_names_that_marks_may_read_are_those_of_the_view():
    assert set(view(document(status=200))) == set(VIEW_NAMES)


def test_two_providers_of_one_folder_clash_as_well(tmp_path):
    (tmp_path / "providers").mkdir()
    for name in ("metrics.toml", "capabilities.toml"):
        copy(data_dir() / name, tmp_path / name)
    (tmp_path / "providers" / "acme.toml").write_text(ACME)
    (tmp_path / "providers" / "bcme.toml").write_text(ACME.replace('id = "acme"', 'id = "bcme"'))
    assert list(read_catalogue(tmp_path).providers) == ["acme"]
