"""Reads a key from where its owner keeps it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from getpass import getpass
from pathlib import Path

from testkey_nb.errors import BadKey, KeySourceError
from testkey_nb.keys.key import Key
from testkey_nb.keys.redaction import redact_secrets

_HINT = 'a key comes from "env:NAME", "dotenv:PATH#NAME", "keyring:SERVICE/USER" or "ask"'
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def from_source(source: str, *, ask: Callable[[str], str] = getpass, environ: Mapping[str, str] | None = None) -> Key:
    """The key that the source names; KeySourceError says what to do when there is none.

    A key given as text is refused, because it would stay in the notebook and in its history.
    """
    result = _read(source, ask=ask, environ=os.environ if environ is None else environ)
    if isinstance(result, Key):
        return result
    del source  # it may be a key, and a traceback with variables shows what the frame still holds
    raise KeySourceError(result)


def _read(source: str, *, ask: Callable[[str], str], environ: Mapping[str, str]) -> Key | str:
    """The key, or why there is none; nothing is raised from here, so that no traceback shows these frames."""
    if source == "ask":
        return _key(lambda: ask("API key: "), "ask")
    kind, _, rest = source.partition(":")
    if kind == "env" and rest:
        return _env(rest, environ)
    if kind == "dotenv" and rest:
        return _dotenv(rest)
    if kind == "keyring" and rest:
        return _keyring(rest)
    return f"this is no source of a key; {_HINT}. A key itself is never given as text"


def _env(name: str, environ: Mapping[str, str]) -> Key | str:
    if not _NAME.fullmatch(name):
        return 'what follows "env:" is no name of an environment variable'
    if not environ.get(name, "").strip():
        # a key typed after "env:" can look like a name
        return f"the environment variable {redact_secrets(name)} is empty or not set; set it outside of here"
    return _key(lambda: environ[name], f"env:{name}")


def _dotenv(rest: str) -> Key | str:
    path, _, name = rest.rpartition("#")
    if not path or not _NAME.fullmatch(name):
        return 'a dotenv source reads "dotenv:PATH#NAME"'
    from dotenv import dotenv_values

    file = Path(path).expanduser()
    source = f"dotenv:{path}#{name}"
    if not file.is_file():
        return f"{source}: there is no such file"

    def read() -> str | None:
        try:
            return dotenv_values(file, interpolate=False).get(name)
        except (OSError, UnicodeDecodeError):
            return None

    return _key(read, source)


def _keyring(rest: str) -> Key | str:
    service, _, user = rest.rpartition("/")
    if not service or not user:
        return 'a keyring source reads "keyring:SERVICE/USER"'
    import keyring
    from keyring.errors import KeyringError

    def read() -> str | None:
        try:
            return keyring.get_password(service, user)
        except KeyringError:
            return None

    return _key(read, f"keyring:{service}/{user}")


def _key(read: Callable[[], str | None], source: str) -> Key | str:
    """The text never gets a name here, so that no debugger shows it."""
    try:
        return Key(read() or "", source=source)
    except BadKey as bad:
        return f"{bad}; check the source, or use another one"
