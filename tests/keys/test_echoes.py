"""Every way in which a server may write a key is taken out to its last letter."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from testkey_nb.keys import Key

# lengths of all three remainders, letters that each encoding writes in its own way
KEYS = [f"sk-EXAMPLE/{middle}?canary>~4f2Q" for middle in ("ab", "ab+", "ab+=")]
WHOLE: dict[str, Callable[[str], str]] = {
    "plain": str,
    "url": lambda key: quote(key, safe=""),
    "url twice": lambda key: quote(quote(key, safe=""), safe=""),
    "slashes escaped": lambda key: key.replace("/", "\\/"),
    "base64": lambda key: base64.b64encode(key.encode()).decode().rstrip("="),
    "base64 for addresses": lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "hex": lambda key: key.encode().hex(),
    "sha512": lambda key: hashlib.sha512(key.encode()).hexdigest(),
    "sha256 in capitals": lambda key: hashlib.sha256(key.encode()).hexdigest().upper(),
    "sha1": lambda key: hashlib.sha1(key.encode()).hexdigest(),
    "md5": lambda key: hashlib.md5(key.encode()).hexdigest(),
}  # fmt: skip


@pytest.mark.parametrize("write", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("text", KEYS)
def test_a_whole_echo_leaves_nothing(text: str, write: Callable[[str], str]) -> None:
    assert Key(text).redact(f"a {write(text)} b") == "a [key] b"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", ["", "x", "xy", "xyz", "user:"])
@pytest.mark.parametrize("text", KEYS)
def test_a_key_inside_a_longer_base64_text_leaves_its_edges_at_most(text: str, before: str, encode: object) -> None:
    whole = encode(f"{before}{text}:rest of it".encode()).decode()  # type: ignore[operator]
    parts = Key(text).redact(whole).split("[key]")
    assert len(parts) == 2
    left = len(whole) - len("".join(parts))
    # four letters at each end hold bits of their neighbours
    assert left >= len(text) * 4 // 3 - 8


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("text", KEYS)
def test_a_key_that_begins_a_base64_text_leaves_nothing_of_its_start(
    text: str, encode: Callable[[bytes], bytes]
) -> None:
    assert Key(text).redact(encode(f"{text}:rest of it".encode()).decode()).startswith("[key]")


def test_eight_letters_of_base64_are_taken_for_an_echo() -> None:
    whole = base64.b64encode(b":sk-12345:rest").decode()
    assert whole[4:12] not in Key("sk-12345").redact(whole)


def test_four_letters_of_base64_are_a_word() -> None:
    piece = base64.b64encode(b":sk-1234")[4:8].decode()
    assert Key("sk-1234").redact(f"the word {piece}") == f"the word {piece}"


def test_digests_in_capitals_are_all_taken_out() -> None:
    key = Key(KEYS[0])
    digests = [hashlib.new(name, KEYS[0].encode()).hexdigest().upper() for name in ("md5", "sha1", "sha256", "sha512")]
    assert key.redact(" ".join(digests)) == "[key] [key] [key] [key]"


@pytest.mark.parametrize("text", ['sk-EXAMPLE"quoted"4f2Q', "sk-EXAMPLE\\back\\4f2Q"])
def test_a_key_written_as_json_is_taken_out(text: str) -> None:
    assert Key(text).redact(json.dumps({"seen": text})) == '{"seen": "[key]"}'


def test_the_shortest_key_is_taken_out_too() -> None:
    assert Key("sk-1234").redact("the key sk-1234 is wrong") == "the key [key] is wrong"


def test_two_masked_echoes_are_both_taken_out() -> None:
    key = Key("sk-EXAMPLE-canary-4f2Q")
    assert key.redact("not sk-E****4f2Q, nor sk-EXAM…4f2Q.") == "not [key], nor [key]."


@pytest.mark.parametrize("before", ["a=", "ab=", "(", "key:"])
def test_a_masked_echo_may_stand_beside_other_letters(before: str) -> None:
    assert Key("sk-EXAMPLE-canary-4f2Q").redact(f"{before}sk-E****4f2Q)") == f"{before}[key])"


@pytest.mark.parametrize("masked", ["sk-E****xxxx", "sk-****4f2Q", "sk-E****f2Q", "xx-E****4f2Q"])
def test_a_masked_text_of_another_key_stays(masked: str) -> None:
    assert Key("sk-EXAMPLE-canary-4f2Q").redact(f"{masked} sk-E") == f"{masked} sk-E"
