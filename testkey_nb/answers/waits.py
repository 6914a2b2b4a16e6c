"""The wait that one answer tells, in a header, a field or the words of its error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.documents import Document
from testkey_nb.answers.envelope import parsed
from testkey_nb.answers.error_names import MESSAGES
from testkey_nb.answers.limit_row import structured_rows
from testkey_nb.answers.times import instant
from testkey_nb.answers.wait_rules import Name, Told, WaitRules, wait_rules

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

_DEPTH = 8
_NUMBER = re.compile(r"\s*\d+(?:\.\d+)?\s*")
# waits that differ by less were told twice
_SAME_S = 2.0


@dataclass(frozen=True, slots=True)
class _Clue:
    """A header or field that may tell a wait, and what stands beside it; a message has no name."""

    name: Name | None
    value: Any
    beside: Mapping[str, Any]
    place: int = 0


def retry_after(doc: Document, *, catalogue: Catalogue, at: datetime | None = None) -> float | None:
    """Seconds to wait as told by a header, a field or the words of the error; None when not told.

    A wait told as a moment counts from the answer's own `date`, else from `at`. A success tells a wait only by a header
    that says so; a failure also by the reset of a limit that is used up.
    """
    rules = catalogue.once(wait_rules)
    base = instant(doc["headers"].get("date"), "http") or at
    headers = list(_columns(doc["headers"], rules))
    wait = _first(headers, base)
    if wait is not None or not doc["failed"]:
        return wait
    fields = list(_clues(doc["body"], rules, 0))
    wait = _first(fields, base)
    if wait is None:
        wait = _reset(fields, base, rules)
    if wait is None:
        texts = [doc["error"], doc["nested"], *(clue.value for clue in fields if clue.name is None)]
        wait = _in_words([text for text in texts if text], base, rules)
    if wait is None and (doc["status"] in (None, 429) or doc["status"] in rules.statuses):
        wait = _reset(headers, base, rules, doc)
    return wait


def _first(clues: Iterable[_Clue], base: datetime | None) -> float | None:
    """The wait that a name tells as one: a length before a moment, the finest unit before the others."""
    named = [(clue.name, clue.value) for clue in clues if clue.name is not None and not clue.name.reset]
    named.sort(key=lambda pair: pair[0].unit or 1.0)
    waits = [wait for name, value in named if (wait := name.wait(value, base)) is not None]
    return next((wait.seconds for wait in sorted(waits, key=lambda wait: wait.moment)), None)


def _reset(
    clues: Iterable[_Clue], base: datetime | None, rules: WaitRules, doc: Document | None = None
) -> float | None:
    """The longest reset of a limit that is told to be used up; where none is told to be, the only one."""
    limits: dict[tuple[int, frozenset[str]], list[tuple[bool | None, Told]]] = {}
    for clue in clues:
        if clue.name is not None and clue.name.reset and (wait := clue.name.wait(clue.value, base)) is not None:
            spent = rules.is_spent(clue.name, clue.beside)
            limits.setdefault((clue.place, clue.name.subject), []).append((spent, wait))
    # one limit may tell its reset as a length and as a moment: the length needs no clock
    resets = [min(waits, key=lambda pair: pair[1].moment) for waits in limits.values()]
    waits = [(spent, wait.seconds) for spent, wait in resets]
    if doc is not None:
        rows = structured_rows(doc["headers"], set())
        waits += [
            (None if row.remaining is None else row.remaining <= 0, row.reset_s)
            for row in rows
            if row.reset_s is not None
        ]
    used_up = [wait for spent, wait in waits if spent]
    if used_up or (doc is not None and doc["status"] != 429):
        return max(used_up, default=None)
    open_ = [wait for spent, wait in waits if spent is None]
    return open_[0] if open_ and max(open_) - min(open_) <= _SAME_S else None


def _in_words(texts: Iterable[str], base: datetime | None, rules: WaitRules) -> float | None:
    for text in dict.fromkeys(texts):
        for wording in rules.words:
            if (wait := wording.wait(text, base)) is not None:
                return wait
    return None


def _columns(headers: Mapping[str, str], rules: WaitRules) -> Iterator[_Clue]:
    """The headers that tell a wait; one that lists a number for each of several limits is read with its kin."""
    for key, value in headers.items():
        name = rules.name(key)
        if name is None:
            continue
        parts = value.split(",")
        if not name.reset or len(parts) == 1 or not all(_NUMBER.fullmatch(part) for part in parts):
            yield _Clue(name, value, headers)
            continue
        kin = {other: texts for other, text in headers.items() if len(texts := text.split(",")) == len(parts)}
        for index, part in enumerate(parts):
            yield _Clue(name, part, {other: texts[index].strip() for other, texts in kin.items()}, index)


def _clues(node: Any, rules: WaitRules, depth: int, outer: str = "") -> Iterator[_Clue]:
    """The fields of a body that tell a wait, and its messages; bodies inside texts are opened.

    A name may be split over an object and its field: `{"retryDelay": {"seconds": 30}}`, `{"retry": {"after": 30}}`.
    """
    if depth > _DEPTH:
        return
    if isinstance(node, str):
        for inner in _bodies(node):
            yield from _clues(inner, rules, depth + 1)
    elif isinstance(node, list):
        for item in node[:20]:
            yield from _clues(item, rules, depth + 1)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if not isinstance(key, str) or key in rules.skip:
                continue
            name = None if isinstance(value, Mapping | list) else rules.name(key) or rules.name(f"{outer}_{key}")
            if name is not None:
                yield _Clue(name, value, node, id(node))
            elif isinstance(value, str) and (key in (*MESSAGES, "error") or key.lower().endswith("message")):
                yield _Clue(None, value, {})
            yield from _clues(value, rules, depth + 1, key)


def _bodies(text: str) -> Iterator[Any]:
    """The JSON in a text: all of it, the events of a stream, or what stands behind a prefix."""
    if len(text) > 20_000 or "{" not in text:
        return
    events = [line[5:] for line in text.splitlines() if line.startswith("data:")]
    for part in events or [text[text.find("{") : text.rfind("}") + 1]]:
        if isinstance(inner := parsed(part), Mapping | list):
            yield inner
