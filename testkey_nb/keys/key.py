"""A key that can be used and compared but not shown."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from testkey_nb.errors import BadKey, Expired
from testkey_nb.keys import echoes
from testkey_nb.keys._seal import Seal
from testkey_nb.keys.jwt import claims
from testkey_nb.keys.urls import words

SHORTEST, LONGEST = 7, 4096  # the shortest seen is a gateway's sk-1234
_PROCESS_SALT = secrets.token_bytes(32)
_PUBLIC = (
    "bind", "contains", "ends_with", "fingerprint", "forget", "is_forgotten", "jwt_claims", "matches",
    "redact", "same_as", "shown_by", "source", "starts_with", "url_words",
)  # fmt: skip


def _refuse(what: str, instead: str) -> Callable[..., NoReturn]:
    def refused(*_: Any) -> NoReturn:
        raise TypeError(f"a key cannot be {what}: {instead}")

    return refused


class Key:
    """A secret with a fingerprint.

    Ends are stripped. BadKey, which never repeats the text, when it is not 7 to 4096 printable ASCII
    characters without blanks. After `forget()` everything that needs the text raises Expired.

    >>> Key("sk-EXAMPLE-not-a-key", source="env:MY_KEY").source
    'env:MY_KEY'
    """

    __slots__ = ("__weakref__", "_fingerprint", "_salt", "_sealed", "_source")

    def __init__(self, text: str, *, source: str = "given") -> None:
        self._source, self._salt, self._fingerprint = source, _PROCESS_SALT, "none"
        problem = _problem(text)
        if problem is None:
            self._sealed = Seal(text.strip())
        del text  # a traceback with variables shows what the frame still holds
        if problem is not None:
            raise BadKey(f"{source}: {problem}")
        self._fingerprint = self._print()

    def __repr__(self) -> str:
        return f"Key(fingerprint={self._fingerprint}, source={self._source})"

    def __format__(self, spec: str) -> str:
        if spec:
            raise TypeError("a key has no text to format; it shows its fingerprint")
        return repr(self)

    def _repr_html_(self) -> str:
        return f"<code>{repr(self).replace('&', '&amp;').replace('<', '&lt;')}</code>"

    def __dir__(self) -> list[str]:
        return list(_PUBLIC)

    __eq__ = _refuse("compared with ==", "use key.same_as(other)")
    __ne__ = _refuse("compared with !=", "use key.same_as(other)")
    __hash__ = _refuse("hashed", "use key.fingerprint")
    __bool__ = _refuse("true or false", "use `key is None` or key.is_forgotten")
    __len__ = _refuse("measured", "its length is part of the secret")
    __reduce_ex__ = _refuse("pickled or copied", "give its source and read it again")
    __reduce__ = __copy__ = __deepcopy__ = __getstate__ = __reduce_ex__
    # None keeps pandas and others from taking a key for a list, which a refusing method would not
    __iter__ = None

    @property
    def source(self) -> str:
        """Where it came from, `env:NAME` and the like; never the text."""
        return self._source

    @property
    def fingerprint(self) -> str:
        """12 hex digits of HMAC-SHA256 over the text; the same key has the same one under the same salt."""
        return self._fingerprint

    @property
    def is_forgotten(self) -> bool:
        return self._sealed.is_wiped

    def bind(self, salt: bytes) -> None:
        """Take a session's salt, so that fingerprints of different sessions cannot be joined."""
        self._salt = salt
        self._fingerprint = self._print()

    def forget(self) -> None:
        """Wipe the text; the fingerprint stays."""
        self._sealed.wipe()

    def same_as(self, other: Key) -> bool:
        return hmac.compare_digest(unsealed(self), unsealed(other))

    def matches(self, regex: str) -> bool:
        """The whole text matches."""
        return re.fullmatch(regex, unsealed(self)) is not None

    def starts_with(self, text: str) -> bool:
        return unsealed(self).startswith(text)

    def ends_with(self, text: str) -> bool:
        return unsealed(self).endswith(text)

    def contains(self, text: str) -> bool:
        """The key's text holds this one."""
        return text in unsealed(self)

    def shown_by(self, masked: str) -> bool:
        """A masked text (`sk-ab...wxyz`, `ab****yz`, `...wxyz`, or `[key]` from `redact`) is of this key.

        At least 4 characters must be visible; a text without a mask must be the whole key.
        """
        return echoes.shows(unsealed(self), masked)

    def jwt_claims(self) -> dict[str, Any] | None:
        """iss, aud, exp, iat, nbf and claims that name a type, read without verifying; None when it is no JWT."""
        return claims(unsealed(self))

    def url_words(self, strip: str, names: Mapping[str, tuple[str, int | None]]) -> dict[str, str]:
        """Short plain words of the signed address behind the prefix `strip`; see `keys.urls.words`."""
        return words(unsealed(self), strip, names)

    def redact(self, text: str) -> str:
        """The text with the key and its echoes (masked, URL-encoded, base64, hashed) replaced by `[key]`."""
        return echoes.redact(unsealed(self), text)

    def _print(self) -> str:
        return hmac.new(self._salt, unsealed(self).encode(), hashlib.sha256).hexdigest()[:12]


def unsealed(key: Key) -> str:
    """For this room only; others go through `_reveal`."""
    if key.is_forgotten:
        raise Expired(f"the key {key.fingerprint} ({key.source}) was forgotten; add it again")
    return key._sealed.open()


def _problem(text: Any) -> str | None:
    if not isinstance(text, str):
        return f"a key is text, not {type(text).__name__}"
    text = text.strip()
    if not text:
        return "the key is empty"
    if any(letter.isspace() for letter in text):
        return "the key holds a blank or a line break inside; paste one key only"
    if not (text.isascii() and text.isprintable()):
        return "the key holds characters that no key has (curly quotes, an ellipsis or invisible ones?)"
    if not SHORTEST <= len(text) <= LONGEST:
        return f"a key has {SHORTEST} to {LONGEST} characters"
    return None
