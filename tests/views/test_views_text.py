from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pandas as pd
import pytest

from testkey_nb.views.marks import evidence_ids
from testkey_nb.views.text import anchor, decimal, esc, ident, instant, missing, number, records

EVIL = "<img src=x onerror=alert(1)>\"'&\u202egpj.exe\u2066\x00\n"


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, pd.NaT])
def test_nothing_told_is_missing(value: object) -> None:
    assert missing(value)


@pytest.mark.parametrize("value", [0, "", False, "0"])
def test_zero_and_empty_are_not_missing(value: object) -> None:
    assert not missing(value)


def test_markup_and_quotes_of_a_remote_server_are_escaped() -> None:
    assert "<img" not in esc(EVIL)
    assert '"' not in esc(EVIL)


def test_bidi_and_control_characters_are_spelled_out() -> None:
    assert "&lt;U+202E&gt;" in esc(EVIL)
    assert "&lt;U+2066&gt;" in ident(EVIL)
    assert "&lt;U+0000&gt;" in esc(EVIL)


INVISIBLE = (
    0x00, 0x1F, 0x7F, 0x9F, 0xAD, 0x61C, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202E,
    0x2060, 0x2066, 0x2069, 0x206F, 0xFEFF, 0xFFF9, 0xFFFB, 0xE0000, 0xE007F,
)  # fmt: skip


@pytest.mark.parametrize("code", INVISIBLE, ids=hex)
def test_a_character_that_nobody_sees_is_spelled_out(code: int) -> None:
    assert esc(f"gpt{chr(code)}-4") == f"gpt&lt;U+{code:04X}&gt;-4"


@pytest.mark.parametrize(
    "letter", ["\xa0", "\u200a", "\u2010", "\u202f", "\u2070", "\u061b", "\ufeec", "\ufffc"], ids=ascii
)
def test_a_character_beside_them_stays(letter: str) -> None:
    assert esc(f"gpt{letter}-4") == f"gpt{letter}-4"


def test_a_lone_surrogate_can_be_written_to_a_file() -> None:
    assert esc("a\ud800b").encode() == b"a&lt;U+D800&gt;b"


def test_letters_of_other_scripts_stay() -> None:
    assert esc("通义千问 नमस्ते") == "通义千问 नमस्ते"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234567, "1\u202f234\u202f567"),
        ("6000000", "6\u202f000\u202f000"),
        (Decimal("0.10"), "0.1"),
        ("1e6", "1\u202f000\u202f000"),
        ("-12.50", "\u221212.5"),
        (0, "0"),
        (0.25, "0.25"),
        ("n/a", "n/a"),
        ("0.00000035", "0.00000035"),
    ],
)
def test_numbers_are_grouped_and_never_rounded(value: object, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize("value", [None, "", "many", True, float("inf"), pd.NA])
def test_what_is_no_finite_number_has_no_decimal(value: object) -> None:
    assert decimal(value) is None


def test_instants_name_their_zone() -> None:
    assert "2026-11-23\u00a007:55:00\u00a0UTC" in instant(datetime.fromisoformat("2026-11-23T07:55"))


def test_anchors_hold_only_what_an_id_may() -> None:
    assert anchor('x1/2"><') == "x-x1_2___"


def test_records_turn_every_kind_of_missing_into_none() -> None:
    frame = pd.DataFrame({"a": pd.array([1, pd.NA], dtype="Int64"), "b": ["x", None]})
    assert records(frame) == [{"a": 1, "b": "x"}, {"a": None, "b": None}]


@pytest.mark.parametrize(
    ("cell", "ids"),
    [('["x1", "x2"]', ["x1", "x2"]), (None, []), ("", []), ("x1", ["x1"]), (["x1"], ["x1"]), ("7", ["7"])],
)
def test_evidence_is_read_whatever_its_form(cell: object, ids: list[str]) -> None:
    assert evidence_ids(cell) == ids
