"""The rules of data/reading/headers.toml, compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.documents import Document, as_list, holds
from testkey_nb.answers.limit_row import LimitRow
from testkey_nb.answers.limit_words import Text
from testkey_nb.answers.numbers import exact, is_unlimited, native
from testkey_nb.answers.times import reset
from testkey_nb.answers.windows import window
from testkey_nb.catalogue.expressions import Expression, compiled
from testkey_nb.vocabulary import BINDS

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

_LONGEST = 200  # characters of a model's name
FLAGS = re.IGNORECASE | re.DOTALL


@dataclass(frozen=True, slots=True)
class Family:
    """Header names that one regex describes; its groups say what each tells, of which kind, in which window.

    Attributes:
        binds: a word of `vocabulary.BINDS`, where the family is one service's own.
        full: the number that stands for all of it, where only what is used is told; such a limit is in percent.
        period_unit: what a header of the period counts.
        model: the header that names the model, with the groups of the regex in braces.
        pairs: names in the value by part, where one header writes all as `name=value&name=value`.
    """

    id: str
    match: re.Pattern[str]
    kind: str | None
    window: str | None
    reset_as: str
    unit: str | None
    when: Expression | None
    binds: str | None
    full: Decimal | None
    period_unit: str
    pairs: Mapping[str, str]
    model: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """Windows by kind for headers whose name tells none, where other headers tell whose they are."""

    when: Expression
    windows: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fields:
    """Limits in the fields of a body."""

    id: str
    rows_of: Expression
    when: Expression | None
    kind: str | None
    window: str | None
    unit: str | None
    binds: str | None
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
        values = {name: expression(item) for name, expression in self.get.items()}
        kind = self.kind or _first(self.kinds, values.get("kind"))
        unlimited = is_unlimited(values.get("limit"))
        limit = None if unlimited else native(exact(values.get("limit")))
        left = native(exact(values.get("remaining")))
        if kind is None or (self.kind is not None and limit is None and left is None and not unlimited):
            return None
        reset_s, reset_at = reset(values.get("reset"))
        named = self.window or _first(self.windows, values.get("window")) or window(values.get("window"))
        return LimitRow(
            kind,
            values.get("source") or self.source,
            window=named,
            limit=limit,
            remaining=left,
            unit=values.get("unit") or self.unit,
            unlimited=True if unlimited else None,
            reset_s=reset_s,
            reset_at=reset_at,
            model_id=model if isinstance(model := values.get("model"), str) else None,
            binds=self.binds,
        )


@dataclass(frozen=True, slots=True)
class LimitRules:
    """All of data/reading/headers.toml but the waits.

    Attributes:
        model_words: regexes over the words of an error; the group is the model that they speak of.
        model_places: where an answer or its path names the model that was asked, best first.
    """

    parts: Mapping[str, str]
    kinds: Mapping[str, str]
    hidden: frozenset[str]
    families: tuple[Family, ...]
    assumed: tuple[Assumed, ...]
    header_places: tuple[Expression, ...]
    fields: tuple[Fields, ...]
    texts: tuple[Text, ...]
    model_words: tuple[re.Pattern[str], ...]
    model_places: tuple[Expression, ...]

    def model_of(self, doc: Document, asked: str | None) -> str | None:
        """The model that the answer is about: the one its words name, else the one asked, else the one a place names.

        Where words name the asked model without its folder, it keeps the name it was asked by.
        """
        words = " ".join(text for text in (doc["error"], doc["nested"]) if text and doc["failed"])
        matches = (pattern.search(words) for pattern in self.model_words)
        named = next((match["model"] for match in matches if match and len(match["model"]) <= _LONGEST), None)
        if asked is not None and (named is None or asked.rpartition("/")[2] == named.rpartition("/")[2]):
            return asked
        places = (place(doc) for place in self.model_places)
        return named or next((name for name in places if isinstance(name, str) and 0 < len(name) <= _LONGEST), None)

    def window_of(self, kind: str, doc: Document) -> str | None:
        """The window that the answer's other headers let one assume, or None."""
        for rule in self.assumed:
            if kind in rule.windows and holds(rule.when, doc):
                return rule.windows[kind]
        return None


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
    table = catalogue.rules("headers")
    words = table["words"]
    kinds = {word: kind for kind, words in table["kinds"].items() for word in words}
    spaced = {re.sub(r"[\s_-]+", " ", word): kind for word, kind in kinds.items()}
    return LimitRules(
        parts={word: part for part, words in table["parts"].items() for word in words},
        kinds=kinds,
        hidden=frozenset(table.get("hidden", ())),
        families=tuple(
            Family(
                entry["id"],
                re.compile(entry["match"], FLAGS),
                entry.get("kind"),
                _checked(entry.get("window")),
                entry.get("reset_as", "auto"),
                entry.get("unit"),
                _when(entry),
                _binds(entry),
                Decimal(entry["full"]) if "full" in entry else None,
                entry.get("period_unit", "s"),
                entry.get("pairs", {}),
                entry.get("model", ""),
            )
            for entry in table.get("families", ())
        ),
        assumed=tuple(Assumed(compiled(entry["when"]), entry["windows"]) for entry in table.get("assumed", ())),
        header_places=tuple(compiled(text) for text in table.get("header_places", ())),
        fields=tuple(
            Fields(
                entry["id"],
                compiled(entry["rows"]),
                _when(entry),
                entry.get("kind"),
                _checked(entry.get("window")),
                entry.get("unit"),
                _binds(entry),
                {name: compiled(text) for name, text in entry["get"].items()},
                _pairs(entry, "kinds"),
                _pairs(entry, "windows"),
                entry.get("source", entry["id"]),
            )
            for entry in table.get("fields", ())
        ),
        texts=tuple(
            Text(
                entry["id"],
                re.compile(_spelled(entry["match"], words), FLAGS),
                entry.get("kind"),
                _checked(entry.get("window")),
                entry.get("unit"),
                _when(entry),
                _binds(entry),
                spaced,
            )
            for entry in table.get("texts", ())
        ),
        model_words=tuple(re.compile(_spelled(text, words), FLAGS) for text in table["model_words"]),
        model_places=tuple(map(compiled, table["model_places"])),
    )


def _spelled(text: str, words: Mapping[str, str]) -> str:
    """The regex with each `{name}` that `[words]` has spelled out."""
    return re.sub(r"\{([a-z]+)\}", lambda match: words[match[1]], text)


def _binds(entry: Mapping[str, Any]) -> str | None:
    if (word := entry.get("binds")) is not None and word not in BINDS:
        raise ValueError(f"headers.toml: {word} is none of {', '.join(BINDS)}")
    return word


def _checked(name: str | None) -> str | None:
    if name is not None and window(name) != name:
        raise ValueError(f"headers.toml: {name} is no window")
    return name
