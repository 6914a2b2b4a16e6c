"""Finds the shapes in which servers echo a key: whole, masked, encoded, hashed."""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import quote

MARK = "[key]"
VISIBLE = 4

_MASK = r"(?:\*+|\.{2,}|[…•·●█]+)"
_MASKS = re.compile(f"{_MASK}+")
_HEAD = re.compile(r"[^\s\"'`<>*…•·●█]*$")
_TAIL = re.compile(r"[^\s\"'`<>*…•·●█]*")


def shows(key: str, masked: str) -> bool:
    """The masked text is one of this key: equal start and end, at least 4 visible characters."""
    masked = masked.strip()
    if masked in (MARK, key):
        return True
    runs = list(_MASKS.finditer(masked))
    if not runs:
        return False
    head, tail = masked[: runs[0].start()], masked[runs[-1].end() :]
    visible = len(head) + len(tail)
    return VISIBLE <= visible <= len(key) and key.startswith(head) and key.endswith(tail)


def redact(key: str, text: str) -> str:
    """The text with every echo of the key replaced by `[key]`."""
    for form in _forms(key):
        text = text.replace(form, MARK)
    lower = text.lower()
    for digest in _digests(key):
        if digest in lower:
            text = re.sub(digest, MARK, text, flags=re.IGNORECASE)
            lower = text.lower()
    # the quick look keeps a body of 300 models cheap: no start of the key, no masked echo
    return _unmasked(key, text) if key[:VISIBLE] in text else text


def _forms(key: str) -> list[str]:
    """The key as it is and encoded; longest first, so that none leaves the rest of a longer one."""
    raw = key.encode()
    forms = {key, quote(key, safe=""), quote(quote(key, safe=""))}
    forms.add(key.replace("\\", "\\\\").replace('"', '\\"').replace("/", "\\/"))
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms.add(encode(raw).decode().rstrip("="))
    for shift in range(3):
        # inside a longer text the key stands at another base64 phase; only the middle depends on it alone
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * shift + raw).decode().rstrip("=")
            forms.add(whole[4 if shift else 0 : len(whole) // 4 * 4])
    forms.add(raw.hex())
    # a piece of an encoding is told from a word by its length; the key itself is taken out however short it is
    return sorted((form for form in forms if form == key or len(form) >= VISIBLE * 2), key=len, reverse=True)


def _digests(key: str) -> list[str]:
    raw = key.encode()
    return [
        hashlib.sha512(raw).hexdigest(),
        hashlib.sha256(raw).hexdigest(),
        hashlib.sha1(raw, usedforsecurity=False).hexdigest(),
        hashlib.md5(raw, usedforsecurity=False).hexdigest(),
    ]


def _unmasked(key: str, text: str) -> str:
    """The text with every masked form replaced: 4 characters of the key's start, a mask, 4 of its end."""
    parts, done = [], 0
    for mask in _MASKS.finditer(text):
        head = _HEAD.search(text[max(done, mask.start() - len(key)) : mask.start()])
        tail = _TAIL.match(text[mask.end() : mask.end() + len(key)])
        before, after = head[0] if head else "", tail[0] if tail else ""
        start = next((n for n in range(len(before), VISIBLE - 1, -1) if key.startswith(before[-n:])), None)
        end = next((n for n in range(len(after), VISIBLE - 1, -1) if key.endswith(after[:n])), None)
        if start is not None and end is not None:
            parts += [text[done : mask.start() - start], MARK]
            done = mask.end() + end
    return "".join([*parts, text[done:]])
