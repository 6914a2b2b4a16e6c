"""A key can be used and not shown."""

from __future__ import annotations

import base64
import copy
import hashlib
import logging
import operator
import pickle
import re
import traceback
from collections.abc import Callable
from urllib.parse import quote

import pytest

from testkey_nb.errors import BadKey, Expired
from testkey_nb.keys import Key
from testkey_nb.keys._reveal import reveal

TEXT = "sk-EXAMPLE-canary/with+odd=signs-4f2Q"


@pytest.fixture
def key() -> Key:
    return Key(f"  {TEXT}\n", source="env:EXAMPLE")


@pytest.mark.parametrize("show", [repr, str, format, "{}".format, "%s".__mod__, Key._repr_html_], ids=str)
def test_a_key_shows_its_fingerprint_and_source_only(key: Key, show: Callable[[Key], str]) -> None:
    assert show(key).replace("<code>", "").replace("</code>", "") == (
        f"Key(fingerprint={key.fingerprint}, source=env:EXAMPLE)"
    )


REFUSED: dict[str, Callable[[Key], object]] = {
    "format with a spec": lambda key: f"{key:>40}",
    "pickle": pickle.dumps,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "getstate": lambda key: key.__getstate__(),  # type: ignore[operator]
    "pickle the holder": lambda key: pickle.dumps(key._sealed),
    "==": lambda key: key == TEXT,
    "!=": lambda key: key != key,
    "hash": hash,
    "bool": bool,
    "len": len,  # type: ignore[dict-item]
    "iter": iter,  # type: ignore[dict-item]
    "in": lambda key: "sk" in key,  # type: ignore[operator]
    "vars": vars,
    "index": lambda key: operator.getitem(key, 0),  # type: ignore[call-overload]
    "add": lambda key: key + "",  # type: ignore[operator]
}


@pytest.mark.parametrize("act", REFUSED.values(), ids=REFUSED.keys())
def test_what_could_show_a_key_by_accident_is_refused(key: Key, act: Callable[[Key], object]) -> None:
    with pytest.raises(TypeError) as refused:
        act(key)
    assert TEXT not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["format with a spec", "pickle", "copy", "deepcopy", "getstate", "==", "!=", "hash", "bool", "len"]
)
def test_what_is_refused_says_what_to_do_instead(key: Key, name: str) -> None:
    with pytest.raises(TypeError, match=r"a key (cannot be|has no text).*[:;] "):
        REFUSED[name](key)


def test_no_inspection_of_attributes_to_any_depth_finds_the_text(key: Key) -> None:
    seen: list[str] = []

    def walk(item: object, depth: int) -> None:
        seen.append(repr(item))
        if depth:
            for name in {*object.__dir__(item), *getattr(type(item), "__slots__", ())}:
                value = getattr(item, name, None)
                if not callable(value):
                    walk(value, depth - 1)

    walk(key, 3)
    assert not [text for text in seen if TEXT in text or "EXAMPLE-canary" in text]


def test_a_log_record_of_a_key_holds_no_text(key: Key, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("example").warning("using %s and %r", key, [key])
    assert TEXT not in caplog.text


@pytest.mark.parametrize("verbose", [False, True], ids=["plain", "with variables"])
def test_a_traceback_through_a_key_holds_no_text(verbose: bool) -> None:
    bad = "".join(["sk-EXAMPLE-ca", "nary with blank"])
    with pytest.raises(BadKey) as refused:
        Key(bad, source="ask")
    error = refused.value
    trace = traceback.TracebackException.from_exception(error, capture_locals=verbose)
    mine = [frame for frame in trace.stack if "testkey_nb" in frame.filename and "tests" not in frame.filename]
    assert mine
    assert not [frame for frame in mine if "nary" in repr(frame.locals)]
    assert "nary" not in str(error)


def test_a_traceback_as_ipython_draws_it_with_variables_holds_no_text() -> None:
    ultratb = pytest.importorskip("IPython.core.ultratb")
    key = Key("".join(["sk-EXAMPLE-ca", "nary-0000"]))
    try:
        key.forget()
        reveal(key)
    except Expired as error:
        drawn = ultratb.VerboseTB()
        text = "\n".join(drawn.text(type(error), error, error.__traceback__).splitlines())
    assert "canary" not in text
    assert "sealed" in text or "Key(" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "short",
        "x" * 4097,
        "sk-EXAMPLE two words",
        "sk-EXAMPLE\n-line",
        "sk-EXAMPLE-“quoted”",
        "sk-EXAMPLE\x00-nul",
    ],
    ids=["empty", "blank", "short", "long", "space", "newline", "curly", "nul"],
)
def test_text_that_cannot_be_a_key_is_refused_unshown(text: str) -> None:
    with pytest.raises(BadKey) as bad:
        Key(text)
    assert not text.strip() or text.strip() not in str(bad.value)


def test_a_forgotten_key_keeps_its_fingerprint_and_nothing_else(key: Key) -> None:
    before = key.fingerprint
    key.forget()
    assert (key.is_forgotten, key.fingerprint) == (True, before)
    for use in (reveal, Key.jwt_claims, lambda key: key.redact("x"), lambda key: key.starts_with("s")):
        with pytest.raises(Expired, match=before):
            use(key)


def test_reveal_gives_the_stripped_text(key: Key) -> None:
    assert reveal(key) == TEXT


def test_a_key_has_its_fingerprint_from_the_start(key: Key) -> None:
    assert re.fullmatch("[0-9a-f]{12}", key.fingerprint)
    assert Key(TEXT + "x").fingerprint != key.fingerprint


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("sk-EXAMPLE two", "a blank or a line break"),
        ("sk-“EXAMPLE”", "that no key has"),
    ],
)
def test_a_text_that_is_no_key_is_told_why(text: str, problem: str) -> None:
    with pytest.raises(BadKey, match=f"given: .*{problem}"):
        Key(text)


def test_fingerprints_follow_text_and_salt(key: Key) -> None:
    twin = Key(TEXT)
    assert twin.fingerprint == key.fingerprint
    twin.bind(b"another session")
    assert twin.fingerprint != key.fingerprint
    assert len(twin.fingerprint) == 12
    assert twin.same_as(key)


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        ("sk-EX...4f2Q", True), ("sk-EXAMPLE****4f2Q", True), ("…4f2Q", True), ("sk-E***", True),
        ("[key]", True),
        (TEXT, True), ("sk-EX...xxxx", False), ("...f2Q", False), ("sk-EXAMPLE", False), ("***", False),
        ("", False),
        ("sk-proj...4f2Q", False),
    ],
)  # fmt: skip
def test_a_masked_text_is_recognised(key: Key, masked: str, expected: bool) -> None:
    assert key.shown_by(masked) is expected


ECHOES = {
    "plain": TEXT,
    "url": quote(TEXT, safe=""),
    "base64": base64.b64encode(TEXT.encode()).decode(),
    "base64 in a longer text": base64.b64encode(f"user:{TEXT}:rest".encode()).decode(),
    "urlsafe": base64.urlsafe_b64encode(TEXT.encode()).decode().rstrip("="),
    "hex": TEXT.encode().hex(),
    "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
    "SHA1": hashlib.sha1(TEXT.encode()).hexdigest().upper(),
    "md5": hashlib.md5(TEXT.encode()).hexdigest(),
    "masked": "sk-EXAMPLE********4f2Q",
    "dots": "sk-EX...4f2Q",
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES.keys())
def test_an_echo_of_the_key_is_redacted(key: Key, echo: str) -> None:
    found = key.redact(f"Incorrect key: {echo}. Try again")
    assert "[key]" in found
    assert found.endswith("Try again")
    assert TEXT[11:20] not in found
    assert echo[6:26] not in found


def test_text_without_an_echo_stays_as_it_is(key: Key) -> None:
    text = "model sk-EXAMPLES and a sentence... with dots, 0123456789abcdef"
    assert key.redact(text) == text


@pytest.mark.parametrize(("length", "fine"), [(6, False), (7, True), (4096, True), (4097, False)])
def test_a_key_has_7_to_4096_characters(length: int, fine: bool) -> None:
    if fine:
        assert reveal(Key("x" * length)) == "x" * length
    else:
        with pytest.raises(BadKey, match="7 to 4096"):
            Key("x" * length)


def test_what_a_key_begins_with_ends_with_and_holds_can_be_asked(key: Key) -> None:
    asked = (key.starts_with("sk-"), key.ends_with("4f2Q"), key.contains("canary"), key.matches(r"sk-.*"))
    assert asked == (True,) * 4
    assert (key.starts_with("4f"), key.ends_with("sk-"), key.contains("xyz"), key.matches("sk-")) == (False,) * 4


def test_a_key_lists_only_what_shows_no_text(key: Key) -> None:
    assert [name for name in dir(key) if name.startswith("_") or not hasattr(Key, name)] == []


def test_a_source_that_looks_like_html_is_written_as_text() -> None:
    assert Key(TEXT, source="<b>&")._repr_html_().endswith("source=&lt;b>&amp;)</code>")


def test_another_key_is_not_the_same(key: Key) -> None:
    assert not Key(TEXT + "x").same_as(key)


def test_a_fingerprint_is_no_hash_of_the_text_alone(key: Key) -> None:
    key.bind(b"salt")
    hashes = [hashlib.new(name, TEXT.encode()).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")]
    assert [each for each in hashes if each.startswith(key.fingerprint)] == []


def test_the_same_salt_gives_the_same_fingerprint(key: Key) -> None:
    twin = Key(TEXT)
    for each in (key, twin):
        each.bind(b"session")
    assert twin.fingerprint == key.fingerprint


@pytest.mark.parametrize("text", [None, b"sk-EXAMPLE-canary", 12345678])
def test_what_is_no_text_is_no_key(text: object) -> None:
    with pytest.raises(BadKey, match="a key is text"):
        Key(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        ("sk-E*", True),
        ("sk-*", False),
        ("*4f2Q", True),
        ("*f2Q", False),
        (f"{TEXT}*", True),
        (f"{TEXT}x*", False),
        (" sk-E*** ", True),
        ("sk-E***..***4f2Q", True),
        ("sk-E***zz***xxxx", False),
        ("sk-E***zz***4f2Q", True),
    ],
)
def test_four_letters_must_be_seen_and_no_more_than_the_key_has(key: Key, masked: str, expected: bool) -> None:
    assert key.shown_by(masked) is expected
