"""A sealed text is overwritten before it is dropped."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

from testkey_nb.keys import Key
from testkey_nb.keys._seal import Seal

TEXT = "sk-EXAMPLE-canary-4f2Q"


class Watched(bytearray):
    """Remembers what it held when it was emptied."""

    last: bytes | None = None

    def clear(self) -> None:
        self.last = bytes(self)
        super().clear()


def watched(seal: Seal) -> tuple[Watched, Watched]:
    seal._noise, seal._pad = Watched(seal._noise), Watched(seal._pad)
    return seal._noise, seal._pad


def test_wiping_overwrites_both_halves_in_place() -> None:
    seal = Seal(TEXT)
    halves = watched(seal)
    seal.wipe()
    assert [half.last for half in halves] == [bytes(len(TEXT))] * 2
    assert [len(half) for half in halves] == [0, 0]


def test_forgetting_a_key_wipes_its_seal() -> None:
    key = Key(TEXT)
    noise, pad = watched(key._sealed)
    key.forget()
    assert (noise.last, pad.last) == (bytes(len(TEXT)),) * 2
    assert key.is_forgotten


def test_neither_half_holds_the_text() -> None:
    seal = Seal(TEXT)
    assert TEXT.encode() not in (bytes(seal._noise), bytes(seal._pad))
    assert seal.open() == TEXT


def test_two_seals_of_one_text_look_different() -> None:
    assert Seal(TEXT)._noise != Seal(TEXT)._noise


def test_a_wiped_seal_opens_to_nothing() -> None:
    seal = Seal(TEXT)
    seal.wipe()
    assert (seal.is_wiped, seal.open()) == (True, "")


def test_a_seal_lists_no_attributes() -> None:
    assert dir(Seal(TEXT)) == []


def test_a_seal_says_nothing_of_what_it_holds() -> None:
    assert repr(Seal(TEXT)) == "<sealed>"


@pytest.mark.parametrize("act", [pickle.dumps, copy.copy, copy.deepcopy, lambda seal: seal.__getstate__()])
def test_a_seal_is_neither_copied_nor_pickled(act: Callable[[Seal], object]) -> None:
    with pytest.raises(TypeError):
        act(Seal(TEXT))
