"""Where a key comes from."""

from __future__ import annotations

from pathlib import Path

import dotenv
import keyring
import keyring.errors
import pytest

from testkey_nb.errors import KeySourceError
from testkey_nb.keys import Key, from_source, redact_secrets
from testkey_nb.keys._reveal import reveal

TEXT = "sk-EXAMPLE-0123456789"


def test_an_environment_variable_is_read() -> None:
    key = from_source("env:EXAMPLE_KEY", environ={"EXAMPLE_KEY": f" {TEXT} "})
    assert (reveal(key), key.source) == (TEXT, "env:EXAMPLE_KEY")


def test_a_dotenv_file_is_read_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f'A=1\nEXAMPLE_KEY="{TEXT}${{A}}"\n')
    key = from_source(f"dotenv:{tmp_path}/.env#EXAMPLE_KEY")
    assert reveal(key) == f"{TEXT}${{A}}"


def test_the_keyring_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        keyring, "get_password", lambda service, user: TEXT if (service, user) == ("a/b", "c") else None
    )
    assert reveal(from_source("keyring:a/b/c")) == TEXT


def test_ask_asks() -> None:
    assert reveal(from_source("ask", ask=lambda _: TEXT)) == TEXT


def test_asking_says_what_is_asked_for() -> None:
    asked: list[str] = []
    with pytest.raises(KeySourceError, match="the key is empty"):
        from_source("ask", ask=lambda prompt: asked.append(prompt) or "")  # type: ignore[func-returns-value]
    assert asked == ["API key: "]


def test_a_key_names_its_source_and_never_its_text(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"EXAMPLE_KEY={TEXT}\n")
    source = f"dotenv:{tmp_path}/.env#EXAMPLE_KEY"
    assert from_source(source).source == source
    assert from_source("ask", ask=lambda _: TEXT).source == "ask"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", "no source"), ("env:", "no source"), ("dotenv:", "no source"), ("keyring:", "no source"),
        ("file:/x", "no source"), ("ask:now", "no source"), ("file:a/b", "no source"),
        ("env:NOT SET", "no name"), ("env:NOT_SET", "NOT_SET is empty"), ("env:BLANK", "BLANK is empty"),
        ("dotenv:none.env", "PATH#NAME"), ("dotenv:#NAME", "PATH#NAME"), ("dotenv:none.env#NO NAME", "PATH#NAME"),
        ("dotenv:none.env#X", "none.env#X: there is no such file"),
        ("keyring:service", "SERVICE/USER"), ("keyring:/user", "SERVICE/USER"), ("keyring:service/", "SERVICE/USER"),
    ],
)  # fmt: skip
def test_a_source_without_a_key_says_what_to_do(source: str, problem: str) -> None:
    with pytest.raises(KeySourceError, match=problem):
        from_source(source, environ={"BLANK": " \n"})


@pytest.mark.parametrize("problem", [OSError("sk-EXAMPLE"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")])
def test_a_dotenv_file_that_cannot_be_read_has_no_key(
    problem: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise problem

    (tmp_path / ".env").touch()
    monkeypatch.setattr(dotenv, "dotenv_values", broken)
    with pytest.raises(KeySourceError, match="the key is empty; check the source"):
        from_source(f"dotenv:{tmp_path}/.env#NAME")


def test_a_keyring_that_fails_has_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(service: str, user: str) -> None:
        raise keyring.errors.KeyringLocked

    monkeypatch.setattr(keyring, "get_password", broken)
    with pytest.raises(KeySourceError, match="keyring:a/b: the key is empty"):
        from_source("keyring:a/b")


def frames(error: BaseException) -> list[dict[str, object]]:
    """The variables of the package's own frames that a traceback shows."""
    shown, trace = [], error.__traceback__
    while trace:
        if "testkey_nb/keys" in trace.tb_frame.f_code.co_filename:
            shown.append(dict(trace.tb_frame.f_locals))
        trace = trace.tb_next
    return shown


@pytest.mark.parametrize(
    "source",
    [
        TEXT, f"env:{TEXT}", f"env:{TEXT.replace('-', '_')}", f"dotenv:{TEXT}", f"dotenv:a#{TEXT}", f"keyring:{TEXT}",
    ],
)  # fmt: skip
def test_a_key_given_as_text_is_refused_and_not_repeated(source: str) -> None:
    with pytest.raises(KeySourceError) as refused:
        from_source(source, environ={})
    assert "0123456789" not in str(refused.value)
    assert frames(refused.value)
    assert "0123456789" not in repr(frames(refused.value))


def test_a_bad_key_is_in_no_variable_of_a_traceback() -> None:
    with pytest.raises(KeySourceError) as refused:
        from_source("ask", ask=lambda _: "sk-EXAMPLE 0123456789")
    assert "0123456789" not in repr([frames(error) for error in (refused.value, refused.value.__context__) if error])


def test_a_bad_key_in_a_variable_names_the_variable_only() -> None:
    with pytest.raises(KeySourceError, match="env:EXAMPLE_KEY: the key holds a blank") as refused:
        from_source("env:EXAMPLE_KEY", environ={"EXAMPLE_KEY": "sk-EXAMPLE 0123"})
    assert "0123" not in str(refused.value)


SECRETS = {
    "prefixed": "sk-ant-EXAMPLE-0123456789abcdef",
    "google": "AIzaEXAMPLE0123456789abcdefghijkl",
    "bearer": "Bearer EXAMPLE0123456789abcd",
    "hex": "0123456789abcdef" * 4,
    "jwt": "eyJEXAMPLE0.eyJFWEFNUExF.c2lnbmF0dXJl",
    "dotted": "0123456789abcdef0123456789abcdef.EXAMPLEabcdef0123456789",
    "named": '"api_key": "EXAMPLE01234567"',
    "long": "EXAMPLEabcdefghijklmnopqrstuvwxyz0123456789ABCD",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_a_key_shaped_text_is_redacted(secret: str) -> None:
    found = redact_secrets(f"before {secret} after")
    assert "[secret]" in found
    assert "EXAMPLE0" not in found
    assert "0123456789" not in found
    assert found.startswith("before")
    assert found.endswith("after")


@pytest.mark.parametrize(
    "text",
    [
        "accounts/fireworks/models/llama-v3p3-70b-instruct", "meta-llama/Meta-Llama-3.1-8B-Instruct",
        "key-value stores", "req_0123456789abcdef0123456789abcdef", "2026-11-23T07:00:00Z",
        "00000000-0000-4000-8000-000000000000", '"max_tokens": 4096', "sk-****abcd",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact_secrets(text) == text


def test_an_address_keeps_its_first_letter_and_domain() -> None:
    assert redact_secrets("ana.b@mail.example.com wrote") == "a…@mail.example.com wrote"


def test_only_the_wire_imports_reveal() -> None:
    package = Path(__file__).parents[2] / "testkey_nb"
    users = {file.parent.name for file in package.rglob("*.py") if "_reveal" in file.read_text("utf-8")}
    assert users <= {"wire"} | {"keys"}


def test_a_key_is_bound_to_its_class() -> None:
    assert isinstance(from_source("ask", ask=lambda _: TEXT), Key)
