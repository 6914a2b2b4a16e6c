"""Requests that look read-only and are not, and the list that names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from testkey_nb.catalogue.denials import Denial, denial_of, denied_headers, deny_list
from testkey_nb.errors import CatalogueError

ENTRY = """
[[deny]]
method = "GET"
path = "/reset"
product = "Acme"
effect = "starts anew"
source = "https://acme.example"
"""
HEADER = ENTRY.replace("[[deny]]", "[[headers]]").replace('method = "GET"\npath = "/reset"', 'name = "x-acme-*"')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deny.toml").write_text(ENTRY + HEADER)
    return tmp_path


def test_a_list_of_ones_own_is_read(folder: Path) -> None:
    assert [(denial.method, denial.path, denial.query) for denial in deny_list(folder)] == [("GET", "/reset", None)]
    assert denied_headers(folder).fullmatch("x-acme-host")
    assert not denied_headers(folder).fullmatch("x-other")


def test_a_list_that_is_not_there_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"FileNotFoundError"):
        deny_list(tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[deny]", "TOMLDecodeError"),
        ("", "KeyError"),
        (ENTRY.replace('effect = "starts anew"\n', ""), "an entry needs"),
        (ENTRY + 'colour = "red"\n', "an entry needs"),
    ],
    ids=["no TOML", "no table", "a field is missing", "an unknown field"],
)
def test_a_damaged_list_stops_everything(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "deny.toml").write_text(text)
    with pytest.raises(CatalogueError, match=problem):
        deny_list(tmp_path)


@pytest.mark.parametrize(
    ("denied", "method", "hit"),
    [
        ("GET", "GET", True), ("GET", "HEAD", True), ("GET", "OPTIONS", False), ("GET", "POST", False),
        ("*", "GET", True), ("*", "OPTIONS", True), ("*", "POST", True),
    ],
)  # fmt: skip
def test_a_denied_get_is_a_denied_head_and_nothing_else(denied: str, method: str, hit: bool) -> None:
    denial = Denial(method=denied, path="/reset", product="Acme", effect="", source="")
    assert denial.hits(method, "/reset", frozenset()) is hit


@pytest.mark.parametrize(("names", "hit"), [(set(), False), ({"deep"}, True), ({"other"}, False)], ids=str)
def test_a_denied_query_name_leaves_the_path_alone(names: set[str], hit: bool) -> None:
    denial = Denial(method="GET", path="/reset", product="Acme", effect="", source="", query="deep")
    assert denial.hits("GET", "/reset", frozenset(names)) is hit


@pytest.mark.parametrize(
    "address",
    ["/health", "/relay/v1/health", "//health", "/relay//health//", "/%68ealth", "/HEALTH", "/health?verbose=1"],
)
def test_a_denied_path_is_met_under_every_prefix_and_spelling(address: str) -> None:
    assert denial_of("GET", address) is not None


@pytest.mark.parametrize("address", ["/healthy", "/health/x", "/x-health", "/v1/models", "/", ""])
def test_a_path_that_only_resembles_a_denied_one_is_free(address: str) -> None:
    assert denial_of("GET", address) is None
