"""Of a signed address inside a key only plain words are let out."""

from __future__ import annotations

import base64

import pytest

from testkey_nb.keys import Key

ADDRESS = "https://acme.example/?When=20261123T070000Z&For=3600&Who=EXAMPLE/20261123/eu-west-1/acme&For=7~>~>"
WHEN, LAST = {"word": ("When", None)}, {"word": ("For", None)}


def key(address: str = ADDRESS) -> Key:
    return Key("acme-key-" + base64.urlsafe_b64encode(address.encode()).decode().rstrip("="))


@pytest.mark.parametrize(
    ("name", "part", "value"),
    [("When", None, "20261123T070000Z"), ("For", None, "3600"), ("Who", 2, "eu-west-1"), ("Who", 1, "20261123")],
)
def test_an_instant_a_number_and_a_region_are_read(name: str, part: int | None, value: str) -> None:
    assert key().url_words("acme-key-", {"word": (name, part)}) == {"word": value}


@pytest.mark.parametrize(
    ("name", "part"),
    [("Who", None), ("Who", 0), ("Who", 4), ("When", 1), ("Missing", None), ("Missing", 0)],
    ids=[
        "all parts",
        "the access key",
        "no such part",
        "a part of a whole",
        "not there",
        "a part of what is not there",
    ],
)
def test_what_is_not_plain_or_not_there_is_left_out(name: str, part: int | None) -> None:
    assert key().url_words("acme-key-", {"word": (name, part)}) == {}


def test_a_word_that_is_left_out_takes_no_other_with_it() -> None:
    asked = {"who": ("Who", 0), "when": ("When", None)}
    assert key().url_words("acme-key-", asked) == {"when": "20261123T070000Z"}


@pytest.mark.parametrize(
    "value",
    [
        "AKIAEXAMPLE",
        "1234567890",
        "20261123T070000",
        "eu",
        "e-1",
        "eu-1-2-3-4-5",
        "eu-westwestwestw",
        "EU-1",
    ],
)
def test_what_only_looks_like_an_instant_or_a_region_stays_inside(value: str) -> None:
    assert key(f"https://acme.example/?When={value}").url_words("acme-key-", WHEN) == {}


@pytest.mark.parametrize("more", ["", "&", "&a", "&ab"])
def test_the_length_of_the_address_does_not_matter(more: str) -> None:
    assert key(ADDRESS + more).url_words("acme-key-", WHEN) == {"word": "20261123T070000Z"}


@pytest.mark.parametrize("end", ["=", "=="])
def test_padding_changes_nothing(end: str) -> None:
    padded = Key("acme-key-" + base64.b64encode(ADDRESS.encode()).decode().rstrip("=") + end)
    assert padded.url_words("acme-key-", LAST) == {"word": "3600"}


def test_an_address_without_the_beginning_has_no_words() -> None:
    bare = Key(base64.urlsafe_b64encode(ADDRESS.encode()).decode())
    assert bare.url_words("acme-key-", WHEN) == {}


def test_a_key_of_another_beginning_has_no_words() -> None:
    assert key().url_words("other-key-", WHEN) == {}


@pytest.mark.parametrize(
    "text", ["acme-key-EXAMPLE!", "acme-key-" + "_" * 40, "acme-key-A", "acme-key-EXAMPLEabcdefghijklmnop"]
)
def test_a_damaged_address_has_no_words(text: str) -> None:
    assert Key(text).url_words("acme-key-", WHEN) == {}
