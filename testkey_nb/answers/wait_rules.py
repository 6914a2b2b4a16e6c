"""The rules of `[waits]` in data/reading/headers.toml, compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.dates import moment
from testkey_nb.answers.numbers import exact
from testkey_nb.answers.times import EPOCH, SPAN, instant, naive, seconds

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

FLAGS = re.IGNORECASE | re.DOTALL
# a wait beyond this is an instant or a mistake
_LONG = 366 * 86400.0
_WORDS = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TEXT_CAP = 4_000


@dataclass(frozen=True, slots=True)
class Told:
    """A wait, and whether it was told as a moment and not as a length."""

    seconds: float
    moment: bool


@dataclass(frozen=True, slots=True)
class Name:
    """What a name says of its value.

    Attributes:
        reset: a reset of a limit; False = a wait.
        unit: the length of one, where the name tells it.
        moment: the value is a moment and no length.
        subject: the other words of the name: whose reset it is.
    """

    reset: bool
    unit: float | None
    moment: bool
    subject: frozenset[str]

    def wait(self, value: Any, base: datetime | None) -> Told | None:
        """The wait that this value tells; None where it tells none, or a moment and nothing to count from."""
        if isinstance(value, str):
            value = value.strip()
        number = exact(value)
        length = seconds(value) if number is None else float(number) * (self.unit or 1.0)
        wait: Told | None
        if number is not None and length is not None and (length >= EPOCH or self.moment):
            wait = _until(instant(length), base)
        elif length is not None:
            wait = Told(max(length, 0.0), False) if length <= _LONG else None
        else:
            wait = _until(instant(value, now=base), base) if isinstance(value, str) else None
        # a reset in no time, or in the past, is how services say that they do not know
        return None if wait is not None and self.reset and wait.seconds <= 0 else wait


@dataclass(frozen=True, slots=True)
class Spent:
    """A name beside a reset that tells whether its limit is used up."""

    name: re.Pattern[str]
    most: float | None
    least: float | None
    words: Mapping[str, bool]

    def tells(self, value: Any) -> bool | None:
        """Is it used up? None where the value does not say."""
        if self.words:
            return self.words.get(str(value).strip().lower())
        number = exact(value)
        if number is None:
            return None
        return number <= self.most if self.most is not None else number >= (self.least or 0)


@dataclass(frozen=True, slots=True)
class Wording:
    """Words around a duration or a moment."""

    match: re.Pattern[str]
    zone: tzinfo | None

    def wait(self, text: str, base: datetime | None) -> float | None:
        """The first wait of this wording in the text."""
        for hit in self.match.finditer(text[:_TEXT_CAP]):
            parts = {name[:2]: value for name, value in hit.groupdict().items() if value is not None}
            if "at" in parts:
                at = parts["at"]
                wait = _until(instant(at) if at.isdigit() else moment(at, base, zone=self.zone), base)
            else:
                length = seconds(parts.get("sp", parts.get("ms", "")).strip(" ,."))
                wait = Told(length / (1000 if "ms" in parts else 1), False) if length is not None else None
            if wait is not None and (wait.seconds > 0 if wait.moment else wait.seconds <= _LONG):
                return wait.seconds
        return None


@dataclass(frozen=True, slots=True)
class WaitRules:
    """All of `[waits]`."""

    told: re.Pattern[str]
    resets: re.Pattern[str]
    never: re.Pattern[str]
    tails: frozenset[str]
    moments: frozenset[str]
    units: Mapping[str, float]
    skip: frozenset[str]
    statuses: frozenset[int]
    spent: tuple[Spent, ...]
    words: tuple[Wording, ...]

    def name(self, name: str) -> Name | None:
        """What a header or field of this name tells; None when no wait."""
        words = words_of(name)
        plain = "_".join(words)
        is_reset = self.resets.fullmatch(plain) is not None
        if not (is_reset or self.told.fullmatch(plain)) or self.never.fullmatch(plain):
            return None
        tails = {word for word in words if word in self.tails}
        unit = next((self.units[word] for word in reversed(words) if word in self.units), None)
        subject = frozenset(words) - self.tails - {"reset", "resets"}
        return Name(is_reset, unit, bool(tails & self.moments), subject)

    def is_spent(self, reset: Name, beside: Mapping[str, Any]) -> bool | None:
        """Is the limit of this reset told to be used up, by a name with the same other words or with none?"""
        answers = []
        for name, value in beside.items():
            plain = "_".join(words_of(str(name)))
            for rule in self.spent:
                hit = rule.name.search(plain)
                if hit is None:
                    continue
                subject = frozenset(f"{plain[: hit.start()]}_{plain[hit.end() :]}".split("_")) - {""}
                if subject in (reset.subject, frozenset()):
                    answers.append(rule.tells(value))
        return True if True in answers else False if False in answers else None


def words_of(name: str) -> list[str]:
    """The words of a name, lower-case, however they are joined."""
    return [word.lower() for word in _WORDS.split(name[:100]) if word]


def _until(at: datetime | None, base: datetime | None) -> Told | None:
    if at is None or base is None or not 1990 <= at.year <= 2200:
        return None
    return Told(max((at - naive(base)).total_seconds(), 0.0), True)


def wait_rules(catalogue: Catalogue) -> WaitRules:
    """The rules of `[waits]`. Raises KeyError, ValueError or re.error on a file that is none."""
    table = catalogue.rules("headers")["waits"]
    tail = rf"(?:_(?:{'|'.join(table['tails'])}))*"
    return WaitRules(
        told=_any(text.replace("<tail>", tail) for text in table["told"]),
        resets=_any(text.replace("<tail>", tail) for text in table["resets"]),
        never=_any(table["never"]),
        tails=frozenset(table["tails"]),
        moments=frozenset(table["moments"]),
        units=table["units"],
        skip=frozenset(table["skip"]),
        statuses=frozenset(table["statuses"]),
        spent=tuple(
            Spent(
                re.compile(rf"(?:^|(?<=_))(?:{entry['name']})(?=_|$)"),
                entry.get("most"),
                entry.get("least"),
                entry.get("words", {}),
            )
            for entry in table["spent"]
        ),
        words=tuple(
            Wording(
                _wording(entry["match"]),
                timezone(timedelta(hours=entry["utc_offset"])) if "utc_offset" in entry else None,
            )
            for entry in table["words"]
        ),
    )


def _any(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{text})" for text in texts))


def _wording(text: str) -> re.Pattern[str]:
    """A pattern with its `<...>` filled in; its groups are named by their first two letters and a number."""
    about = r"(?:\s+(?:about|around|approximately|roughly|at least|another))?\s*[·∙]?\s*"
    text = text.replace("(?P<span><span>", f"(?P<span>{SPAN}").replace("<about>", about)
    parts = re.split(r"(?<!\?P)<(span|at)>", text)
    for index in range(1, len(parts), 2):
        form = SPAN if parts[index] == "span" else r"\S.{2,79}"
        group = f"(?P<{parts[index][:2]}{index}>{form})"
        parts[index] = group if parts[index] == "span" else f"(?={group})"
    return re.compile("".join(parts), FLAGS)
