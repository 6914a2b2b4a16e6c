"""Takes key-shaped strings and e-mail addresses out of text, whoever they belong to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from testkey_nb.keys.shapes import Shape, beginnings, searched

MARK = "[secret]"

# what keys of no provider in particular begin with
_COMMON = ("sk-", "sk_", "pk_", "rk-", "key-", "key_", "api-", "tok_", "pat-")
# after such a beginning: so many characters, one of them a digit, are no word ("key-value")
_RUN = r"(?:[A-Za-z0-9_./+=-]|%2[BbFf]|%3[Dd])"
_LOOSE = re.compile(rf"(?={_RUN}{{0,200}}?(?<!%)(?<!%[23])\d){_RUN}{{16,}}")
_TOKEN = re.compile(r"[^\s\"'`<>,;&(){}\[\]\\]{0,4096}")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_ESCAPED = re.compile(r"\\[nrtbf]|%[0-9A-Fa-f]{2}")
_BETWEEN = re.compile(r"[-_./+=:|]+")
# "unified", "API", "modelName": what sentences and names are made of
_WORD = re.compile(r"[A-Z]?[a-z]{0,19}|[A-Z]{2,20}|[A-Z]?[a-z]{1,19}(?:[A-Z][a-z]{2,15}){1,4}")

_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END[A-Z ]*-----|$)")
_JWT = re.compile(r"(?:jwt:)?eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?")
_SCHEME = re.compile(r"(?i)\b(bearer|basic|api-key|token)(\s+|%20)[A-Za-z0-9_.~+/=:-]{12,}")
_NAMED = re.compile(
    r"(?i)((?:a(?:pi[_-]?key|ccess[_-]?token|uth[_-]?token|uthorization)|refresh[_-]?token|c(?:lient[_-]?secret|ookie)|"
    r"passw(?:or)?d|se(?:ssion[_-]?id|cret))[\"']?\s*[:=]\s*[\"']?)"
    r"[^\s\"',;&<>{}\[\]]{8,}"
)
_HEX = re.compile(
    # a line break before it may be written as two letters
    r"(?:(?<![0-9A-Za-z])|(?<=\\[nrt]))(?:[0-9a-f]{32}\.[A-Za-z0-9_-]{16,}|"
    r"(?:[0-9a-f]{64}|[0-9A-F]{64}|[0-9a-f]{128})(?![0-9A-Za-z]))"
)
_PAIR = re.compile(
    # two parts, the second of 32 characters and more with upper, lower and digit
    r"(?<![A-Za-z0-9_/.-])[A-Za-z0-9]{8,}\.(?=[A-Za-z0-9]*[a-z])(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*\d)"
    r"[A-Za-z0-9]{32,}(?![A-Za-z0-9_/-])"
)
_LONG = re.compile(
    # 40 characters and more with upper, lower and digit, and nothing that a path or a sentence has
    r"(?<![A-Za-z0-9_/.-])(?=[A-Za-z0-9_-]*[a-z])(?=[A-Za-z0-9_-]*[A-Z])(?=[A-Za-z0-9_-]*\d)"
    r"[A-Za-z0-9_-]{40,}(?![A-Za-z0-9_/-])"
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9])[A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}\.)[A-Za-z]{2,24})\b"
)


class Redactor:
    """Knows shapes of keys beside those that all have in common.

    A shape is looked for where its keys begin with three letters or more that are always the same; shapes that
    begin with anything would take every id for a key and are left to the general rules.
    """

    def __init__(self, shapes: Iterable[Shape] = ()) -> None:
        declared: dict[str, list[tuple[re.Pattern[str], bool]]] = defaultdict(list)
        for shape in dict.fromkeys(shapes):
            for text in beginnings(shape.regex):
                declared[text].append((searched(shape.regex), shape.exclusive))
        # where the longest fits, the shorter ones that it begins with are tried too
        starts = sorted({*declared, *_COMMON}, key=len, reverse=True)
        self._within = {start: [text for text in starts if start.startswith(text)] for start in starts}
        self._declared = {
            start: [each for text in within for each in declared.get(text, ())]
            for start, within in self._within.items()
        }
        self._start = re.compile(_any_of(starts))

    def __call__(self, text: str) -> str:
        """The text with anything shaped like a key replaced by `[secret]`, and e-mail addresses masked."""
        if "PRIVATE KEY" in text:
            text = _PEM.sub(MARK, text)
        text = _NAMED.sub(rf"\1{MARK}", _SCHEME.sub(MARK, text))
        text = self._without_declared(_JWT.sub(MARK, text))
        for pattern in (_HEX, _PAIR, _LONG):
            text = pattern.sub(MARK, text)
        return mask_emails(text)

    def _without_declared(self, text: str) -> str:
        parts, done = [], 0
        for start in self._start.finditer(text):
            if start.start() >= done and _begins_here(text, start.start()):
                end = self._end(text, start)
                if end > done:
                    parts += [text[done : start.start()], MARK]
                    done = end
        return "".join([*parts, text[done:]])

    def _end(self, text: str, start: re.Match[str]) -> int:
        """Where the key that begins here ends; 0 when none does."""
        beginning, end = unquote(start[0]), 0
        shortest = self._within[beginning][-1]
        # a dot ends a sentence and parts a host's name, so that what follows one proves nothing
        if not shortest.endswith("."):
            loose = _LOOSE.match(text, start.end() if "%" in start[0] else start.start() + len(shortest))
            end = loose.end() if loose and (shortest in _COMMON or _has_random(loose[0])) else 0
        token = _TOKEN.match(text, start.start())
        assert token is not None  # noqa: S101 - nothing at all is a token too
        plain = unquote(token[0])
        for pattern, exclusive in self._declared[beginning]:
            key = pattern.match(plain)
            if key is not None and (exclusive or not _is_wordy(key[0])):
                end = max(end, token.start() + key.end() if plain == token[0] else token.end())
        return end


def _any_of(texts: Iterable[str]) -> str:
    """A pattern that finds the longest of these; letters that several share are looked at once."""
    by_first: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        by_first[text[:1]].append(text[1:])
    may_end = by_first.pop("", None) is not None
    branches = [_spelled(first) + _any_of(rest) for first, rest in by_first.items()]
    if not branches:
        return ""
    return f"(?:{'|'.join(branches)}){'?' if may_end else ''}"


def _spelled(letter: str) -> str:
    """The letter as it stands in a text and in an address."""
    plain = re.escape(letter)
    return plain if letter.isalnum() or letter in "-_." else f"(?:{plain}|%{ord(letter):02X}|%{ord(letter):02x})"


def _begins_here(text: str, place: int) -> bool:
    r"""No word runs into this place; a line break written as `\n`, or `%20`, is no word."""
    if place == 0 or text[place - 1] not in _LETTERS:
        return True
    return any(_ESCAPED.fullmatch(text, place - length, place) for length in (2, 3))


def _has_random(text: str) -> bool:
    """One part is longer than a date and has a digit, as no part of a model's name is."""
    return any(len(part) > 8 and not part.isalpha() for part in _BETWEEN.split(text))


def _is_wordy(text: str) -> bool:
    """All its parts could be words: no digit, no capital where no name has one, none too long."""
    return all(_WORD.fullmatch(part) for part in _BETWEEN.split(text))


_GENERAL = Redactor()
_source: Callable[[], Redactor] = lambda: _GENERAL  # noqa: E731


def shared_from(source: Callable[[], Redactor]) -> None:
    """Have `redact_secrets` use the redactor of this source, which is asked when the first text comes."""
    global _source
    _source = source


def redact_secrets(text: str) -> str:
    """The text with anything shaped like a key replaced by `[secret]`, and e-mail addresses masked.

    >>> redact_secrets("Authorization: Bearer sk-EXAMPLE-0000000000000000, ana@example.com")
    'Authorization: [secret], a…@example.com'
    """
    return _source()(text)


def mask_emails(text: str) -> str:
    """E-mail addresses as `a…@example.com`: first letter and the real domain."""
    return _EMAIL.sub(r"\1…@\2", text) if "@" in text else text
