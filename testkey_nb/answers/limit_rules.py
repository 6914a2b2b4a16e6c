"""The rules of data/reading/headers.toml, compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.documents import Document, as_list, holds
from testkey_nb.answers.limit_row import LimitRow
from testkey_nb.answers.numbers import exact, is_unlimited, leading, native
from testkey_nb.answers.times import instant_in, reset, seconds
from testkey_nb.answers.windows import NAMES, window
from testkey_nb.catalogue.expressions import Expression, compiled

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

FLAGS = re.IGNORECASE | re.DOTALL


@dataclass(frozen=True, slots=True)
class Family:
    """Header names that one regex describes; its groups say what each tells, of which kind, in which window."""

    id: str
    match: re.Pattern[str]
    kind: str | None
    window: str | None
    reset_as: str
    unit: str | None
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Assumed:
    """Windows by kind for headers whose name tells none, where other headers tell whose they are."""

    when: Expression
    windows: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence that tells a limit; groups of the regex: limit, remaining, kind, window, span, reset."""

    id: str
    match: re.Pattern[str]
    kind: str | None
    window: str | None
    unit: str | None
    when: Expression | None
    kinds: Mapping[str, str]

    def rows(self, text: str) -> list[LimitRow]:
        """Every limit of this wording in the text, each kind and window once."""
        rows: dict[tuple[str, str | None], LimitRow] = {}
        for found in self.match.finditer(text[:8000]):
            parts = {name: value for name, value in found.groupdict().items() if value is not None}
            word = re.sub(r"[\s_-]+", " ", parts.get("kind", "").lower()).strip()
            kind = self.kinds.get(word, self.kind)
            if kind is None:
                continue
            named = self.window or self._window(word, parts) or ("none" if kind == "concurrency" else None)
            row = LimitRow(
                kind,
                "error",
                window=named,
                limit=_whole(parts.get("limit")),
                remaining=_whole(parts.get("remaining")),
                unit=self.unit,
                reset_s=seconds(parts.get("reset")),
                reset_at=instant_in(parts["at"]) if "at" in parts else None,
            )
            rows.setdefault((kind, named), row)
        return list(rows.values())

    @staticmethod
    def _window(word: str, parts: Mapping[str, str]) -> str | None:
        if word in _SHORTHAND:
            return _SHORTHAND[word]
        count = parts.get("span")
        if count is not None:
            unit = parts.get("window") or "s"
            return window(f"{count}{unit}") or window(seconds(f"{count} {unit}"))
        return window(parts.get("window"))


_SHORTHAND = {
    word: name
    for name, words in {
        "minute": "rpm tpm qpm itpm otpm ipm",
        "day": "rpd tpd",
        "second": "rps tps qps",
        "hour": "rph tph",
    }.items()
    for word in words.split()
}


@dataclass(frozen=True, slots=True)
class Fields:
    """Limits in the fields of a body."""

    id: str
    rows_of: Expression
    when: Expression | None
    kind: str | None
    window: str | None
    unit: str | None
    get: Mapping[str, Expression]
    kinds: tuple[tuple[re.Pattern[str], str], ...]
    windows: tuple[tuple[re.Pattern[str], str], ...]
    source: str

    def rows(self, doc: Document) -> list[LimitRow]:
        """The rows of this body; a row without any number is kept only where its kind was read from the body."""
        if not holds(self.when, doc):
            return []
        items = as_list(self.rows_of(doc))
        return [row for item in items[:50] if isinstance(item, Mapping) and (row := self._row(item)) is not None]

    def _row(self, item: Mapping[str, Any]) -> LimitRow | None:
        told = {name: expression(item) for name, expression in self.get.items()}
        kind = self.kind or _first(self.kinds, told.get("kind"))
        unlimited = is_unlimited(told.get("limit"))
        limit = None if unlimited else native(exact(told.get("limit")))
        left = native(exact(told.get("remaining")))
        if kind is None or (self.kind is not None and limit is None and left is None and not unlimited):
            return None
        reset_s, reset_at = reset(told.get("reset"))
        named = self.window or _first(self.windows, told.get("window")) or window(told.get("window"))
        return LimitRow(
            kind,
            self.source,
            window=named,
            limit=limit,
            remaining=left,
            unit=told.get("unit") or self.unit,
            unlimited=True if unlimited else None,
            reset_s=reset_s,
            reset_at=reset_at,
        )


@dataclass(frozen=True, slots=True)
class LimitRules:
    """All of data/reading/headers.toml but the waits."""

    parts: Mapping[str, str]
    kinds: Mapping[str, str]
    hidden: frozenset[str]
    families: tuple[Family, ...]
    assumed: tuple[Assumed, ...]
    header_places: tuple[Expression, ...]
    fields: tuple[Fields, ...]
    texts: tuple[Text, ...]

    def window_of(self, kind: str, doc: Document) -> str | None:
        """The window that the answer's other headers let one assume, or None."""
        for rule in self.assumed:
            if kind in rule.windows and holds(rule.when, doc):
                return rule.windows[kind]
        return None


def _whole(text: str | None) -> int | float | None:
    if text is None:
        return None
    number = leading(text)
    factor = {"K": 1_000, "M": 1_000_000}.get(text.strip()[-1:].upper(), 1)
    return native(number * factor) if number is not None else None


def _first(rules: tuple[tuple[re.Pattern[str], str], ...], text: Any) -> str | None:
    if not isinstance(text, str):
        return None
    return next((word for pattern, word in rules if pattern.search(text)), None)


def _when(entry: Mapping[str, Any]) -> Expression | None:
    return compiled(entry["when"]) if "when" in entry else None


def _pairs(entry: Mapping[str, Any], name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), word) for pattern, word in entry.get(name, ()))


def limit_rules(catalogue: Catalogue) -> LimitRules:
    """The rules of headers.toml. Raises KeyError, ValueError or re.error on a file that is none."""
    told = catalogue.rules("headers")
    kinds = {word: kind for kind, words in told["kinds"].items() for word in words}
    spaced = {re.sub(r"[\s_-]+", " ", word): kind for word, kind in kinds.items()}
    return LimitRules(
        parts={word: part for part, words in told["parts"].items() for word in words},
        kinds=kinds,
        hidden=frozenset(told.get("hidden", ())),
        families=tuple(
            Family(
                entry["id"],
                re.compile(entry["match"], FLAGS),
                entry.get("kind"),
                _checked(entry.get("window")),
                entry.get("reset_as", "auto"),
                entry.get("unit"),
                _when(entry),
            )
            for entry in told.get("families", ())
        ),
        assumed=tuple(Assumed(compiled(entry["when"]), entry["windows"]) for entry in told.get("assumed", ())),
        header_places=tuple(compiled(text) for text in told.get("header_places", ())),
        fields=tuple(
            Fields(
                entry["id"],
                compiled(entry["rows"]),
                _when(entry),
                entry.get("kind"),
                _checked(entry.get("window")),
                entry.get("unit"),
                {name: compiled(text) for name, text in entry["get"].items()},
                _pairs(entry, "kinds"),
                _pairs(entry, "windows"),
                entry.get("source", entry["id"]),
            )
            for entry in told.get("fields", ())
        ),
        texts=tuple(
            Text(
                entry["id"],
                re.compile(entry["match"], FLAGS),
                entry.get("kind"),
                _checked(entry.get("window")),
                entry.get("unit"),
                _when(entry),
                spaced,
            )
            for entry in told.get("texts", ())
        ),
    )


def _checked(name: str | None) -> str | None:
    if name is not None and name not in NAMES:
        raise ValueError(f"headers.toml: {name} is no window")
    return name
