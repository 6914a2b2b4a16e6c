"""Secrets of nobody in particular: what they begin with, what they are called, what they are made of."""

from __future__ import annotations

import pytest

from testkey_nb.keys import Redactor, Shape, redact_secrets, redaction, shared_from

redact = Redactor()
RUN = "0123456789abcdef"


@pytest.mark.parametrize("start", ["sk-", "sk_", "pk_", "rk-", "key-", "key_", "api-", "tok_", "pat-"])
def test_sixteen_letters_after_a_usual_beginning_are_a_secret(start: str) -> None:
    assert redact(f"a {start}{RUN} b") == "a [secret] b"
    assert redact(f"a {start}{RUN[1:]} b") == f"a {start}{RUN[1:]} b"


def test_letters_without_a_digit_are_no_secret() -> None:
    assert redact("sk-abcdefghijklmnopqrst") == "sk-abcdefghijklmnopqrst"


def test_a_secret_in_short_parts_is_one_after_a_usual_beginning() -> None:
    assert redact("sk-abcd-ef01-ghij-klmn") == "[secret]"


@pytest.mark.parametrize("before", ["%20", "%0a", "\\n", "\\t", "/", "=", "(", ""])
def test_a_secret_begins_where_no_word_goes_on(before: str) -> None:
    assert redact(f"a={before}sk-{RUN}") == f"a={before}[secret]"


@pytest.mark.parametrize("before", ["a", "7", "_", "-", "%2", "%zz", "\\x"])
def test_a_secret_does_not_begin_inside_a_word(before: str) -> None:
    assert redact(f"{before}sk-{RUN}") == f"{before}sk-{RUN}"


@pytest.mark.parametrize("scheme", ["Bearer", "basic", "API-Key", "token"])
@pytest.mark.parametrize("blank", [" ", "  ", "%20"])
def test_what_follows_a_scheme_is_a_secret(scheme: str, blank: str) -> None:
    assert redact(f"a {scheme}{blank}EXAMPLEabcde b") == "a [secret] b"
    assert redact(f"a {scheme}{blank}EXAMPLEabcd b") == f"a {scheme}{blank}EXAMPLEabcd b"


NAMES = [
    "api_key", "apikey", "Api-Key", "access_token", "access-token", "auth_token", "authtoken", "authorization",
    "refresh_token", "refreshToken", "client_secret", "client-secret", "cookie", "password", "passwd", "session_id",
    "sessionid", "secret",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ['{{"{}": "{}"}}', "{}={}&", "{}: {};"], ids=["json", "query", "header"])
def test_what_is_called_a_secret_is_one(name: str, form: str) -> None:
    assert redact(form.format(name, "EXAMPLEa")) == form.format(name, "[secret]")


@pytest.mark.parametrize("value", ["null", "None", "true", "false", "[key]", "[secret]", "short"])
def test_a_secret_that_is_not_there_stays_readable(value: str) -> None:
    assert redact(f'{{"api_key": {value}, "a": 1}}') == f'{{"api_key": {value}, "a": 1}}'


@pytest.mark.parametrize(
    "text",
    [RUN * 4, RUN.upper() * 4, RUN * 8, f"{RUN * 2}.{RUN}"],
    ids=["64", "64 in capitals", "128", "32 and 16"],
)
def test_a_long_hexadecimal_number_is_a_secret(text: str) -> None:
    assert redact(f"a {text} b") == "a [secret] b"


@pytest.mark.parametrize("text", [RUN * 2, f"{RUN * 4}0", f"{RUN * 3}abc", f"{RUN * 2}.abc", f"{RUN * 8}0"])
def test_a_hexadecimal_number_of_another_length_is_none(text: str) -> None:
    assert redact(text) == text


def test_a_longer_beginning_leaves_the_shorter_one_its_right() -> None:
    longer = Redactor([Shape(r"^sk-acme-[a-z]{40}$", exclusive=True)])
    assert [longer(text) for text in (f"sk-{RUN}", "sk-acme-0123456789a")] == ["[secret]", "[secret]"]


def test_a_declared_beginning_alone_makes_no_secret_of_names() -> None:
    acme = Redactor([Shape(r"^acme_[a-z]{40}$")])
    names = "acme_word-word-word-1234", "acme_word-20261123-word1", "acme_wordwordword-word-1234"
    assert [acme(name) for name in names] == list(names)
    assert acme("acme_word-202611234-word") == "[secret]"


@pytest.mark.parametrize(("count", "shown"), [(15, "acme%3A{}"), (16, "[secret]")])
def test_a_beginning_written_with_escapes_is_known(count: int, shown: str) -> None:
    run = f"a{RUN}"[:count]
    assert Redactor([Shape(r"^acme:[a-z]{40}$")])(f"acme%3A{run}") == shown.format(run)


def test_what_follows_a_beginning_with_a_dot_may_be_a_host() -> None:
    host = "acme.cluster-01.example-host-1234567890"
    assert Redactor([Shape(r"^acme\.[a-z]{40}$")])(host) == host


def test_an_exclusive_shape_may_be_made_of_words() -> None:
    assert Redactor([Shape(r"^al-[a-z-]{12,}$", exclusive=True)])("al-gorithms-are-words") == "[secret]"


@pytest.mark.parametrize("text", ["al-gorithms-API-names", "al-modelName-unified", "al-Gorithms-FOR-chatModels"])
def test_a_shape_that_is_not_exclusive_leaves_all_that_names_are_made_of(text: str) -> None:
    assert Redactor([Shape(r"^al-[A-Za-z-]{12,}$")])(text) == text


def test_the_shared_redactor_is_the_one_that_was_given_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_source", redaction._source)
    shared_from(lambda: str.upper)  # type: ignore[arg-type,return-value]
    assert redact_secrets("a") == "A"
