"""By which letters the keys of a declared shape are looked for."""

from __future__ import annotations

import pytest

from testkey_nb.keys import Redactor, Shape
from testkey_nb.keys.shapes import beginnings

BEGINNINGS = {
    r"^gw-[a-z]{8}$": ("gw-",),
    r"gw-[a-z]{8}": ("gw-",),
    r"^gw[-_][a-z]{8}$": ("gw-", "gw_"),
    r"^gw(?=[0-9])(?!00)-[0-9]{8}$": ("gw-",),
    r"^(?:gw|hwy)-[a-z]{8}$": ("gw-", "hwy-"),
    r"^(g(w|x))-[a-z]{8}$": ("gw-", "gx-"),
    r"^gw-(live|test)_[a-z]{8}$": ("gw-live_", "gw-test_"),
    r"^gw-(live|[a-z]+)_x$": ("gw-",),
    r"^gw-([a-z]_)x$": ("gw-",),
    r"^abc[a-z]x$": ("abc",),
    r"^[ab][cd][ef]$": ("ace", "acf", "ade", "adf", "bce", "bcf", "bde", "bdf"),
    r"^abc[defghijk]$": tuple(f"abc{letter}" for letter in "defghijk"),
}
NONE = {
    "any letters": r"^[a-z]{32}$",
    "two letters": r"^ab[a-z]{9}$",
    "one of two is short": r"^(ab|abcd)[0-9]{9}$",
    "the head of every web token": r"^eyJ[a-z]+$",
    "the head of a web token is one of two": r"^(abc|eyJ)[a-z]+$",
    "repeated": r"^(a|b)*xyz$",
    "too many spellings": r"^[ab][cd][efghi]$",
    "too many letters": r"^ab[cdefghijk]$",
}


@pytest.mark.parametrize(("regex", "texts"), BEGINNINGS.items(), ids=BEGINNINGS)
def test_a_shape_is_looked_for_by_the_letters_that_are_always_the_same(regex: str, texts: tuple[str, ...]) -> None:
    assert beginnings(regex) == texts


@pytest.mark.parametrize("regex", NONE.values(), ids=NONE)
def test_a_shape_without_letters_of_its_own_is_not_looked_for(regex: str) -> None:
    assert beginnings(regex) == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("gw-abcdefgh", "[secret]"), ("gw-abcdefgh.", "[secret]."), ("gw-abcdefghi", "gw-abcdefghi"),
     ("gw-abcdefgh-x", "gw-abcdefgh-x"), ("(gw-abcdefgh)", "([secret])"), ("gw-abc", "gw-abc")],
)  # fmt: skip
def test_a_key_ends_where_its_shape_does(text: str, shown: str) -> None:
    assert Redactor([Shape(r"^gw-[a-z]{8}$", exclusive=True)])(text) == shown
