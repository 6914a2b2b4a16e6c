"""Reads error rules, a provider's own and the general ones, and tries each wording on its example."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from testkey_nb.catalogue.expressions import regex_of
from testkey_nb.catalogue.model import ErrorFields, ErrorRule
from testkey_nb.catalogue.parse_probes import check_expression
from testkey_nb.catalogue.reader import Reader, read_toml
from testkey_nb.errors import CatalogueError, ProviderFileError
from testkey_nb.vocabulary import CAUSE_CODES, CONDITIONS, DOCUMENT_NAMES, MOVE_CODES, WHOSE

FIELDS = tuple(field.name for field in fields(ErrorFields) if field.name != "examples")
_TEXTS = ("code", "type", "codes", "path", "says", "examples", "unless")
_PATTERNS = ("codes", "path", "says", "unless")


def general_rules(path: Path) -> tuple[ErrorRule, ...]:
    """The rules of errors.toml, in their order.

    Raises:
        CatalogueError: naming file, line where it can be found, and field.
    """
    table, text = read_toml(path, CatalogueError)
    top = Reader(table, file=path.name, text=text)
    words = top.words("words")
    rules = tuple(error_rule(entry, words) for entry in top.tables("errors"))
    if top.problems:
        raise ProviderFileError.of(top.problems)
    return rules


def error_rule(entry: Reader, words: Mapping[str, str], **origin: Any) -> ErrorRule:
    """One rule, its problems noted in `entry`.

    Args:
        words: regexes that those of the rule may name in braces.
        origin: where it is said, which only a provider's rules tell.
    """
    key_valid = entry.raw("key_valid")
    if not isinstance(key_valid, bool | None):
        entry.wrong("must be true or false; leave it out where the answer does not tell", "key_valid")
    alternatives = tuple(_alternative(table, words) for table in entry.tables("any"))
    if len(alternatives) == 1:
        entry.wrong("is one alternative only: write its fields into the rule itself", "any")
    rule = ErrorRule(
        id=entry.text("id", required=True),
        condition=entry.choice("condition", CONDITIONS),
        key_valid=key_valid,
        cause=entry.maybe("cause"),
        cause_code=_code(entry, "cause_code", CAUSE_CODES),
        move=entry.maybe("move"),
        move_code=_code(entry, "move_code", MOVE_CODES),
        late=entry.flag("late"),
        whose=entry.choice("whose", WHOSE, default="own"),
        any=alternatives,
        **_fields(entry, words),
        **origin,
    )
    entry.done()
    for name in ("cause", "move"):
        if lacking := {*placeholders(getattr(rule, name))} - names_of(rule):
            entry.wrong(f"{{{min(lacking)}}} is a group of no regex of `says`", name)
    if not any(getattr(rule, name) for name in FIELDS):
        entry.wrong(f"says nothing: give one of {', '.join(FIELDS)}", "id")
    return rule


def placeholders(sentence: str | None) -> tuple[str, ...]:
    """The names in braces that a sentence takes from the answer."""
    return tuple(re.findall(r"{(\w+)}", sentence or ""))


def names_of(rule: ErrorRule) -> set[str]:
    """The groups of its regexes that a sentence may name."""
    wordings = [wording for part in (rule, *rule.any) for wording in part.says]
    return {name for wording in wordings for name in regex_of(wording).groupindex}


def _code(entry: Reader, name: str, words: Collection[str]) -> str | None:
    return entry.choice(name, words) if entry.has(name) else None


def _alternative(entry: Reader, words: Mapping[str, str]) -> ErrorFields:
    alternative = ErrorFields(**_fields(entry, words))
    entry.done()
    if alternative == ErrorFields():
        entry.wrong("says nothing: every answer would do")
    return alternative


def _fields(entry: Reader, words: Mapping[str, str]) -> dict[str, Any]:
    status = entry.raw("status", [])
    if not isinstance(status, list) or not all(type(number) is int and 100 <= number <= 599 for number in status):
        entry.wrong("must be a list of HTTP statuses", "status")
        status = []
    texts = {name: entry.texts(name) for name in _TEXTS}
    for name in _PATTERNS:
        spelled = (_spelled(text, words) for text in texts[name])
        texts[name] = tuple(text for text in spelled if _is_pattern(entry, name, text))
    if len(texts["says"]) != len(texts["examples"]):
        entry.wrong(f"has {len(texts['examples'])} texts for {len(texts['says'])} of `says`", "examples")
    for wording, example in zip(texts["says"], texts["examples"], strict=False):
        if not regex_of(wording).search(example):
            entry.wrong(f"{wording!r} does not find {example!r}", "says")
        if against := [text for text in texts["unless"] if regex_of(text).search(example)]:
            entry.wrong(f"{against[0]!r} finds the example {example!r}", "unless")
    when = entry.expression("when")
    check_expression(entry, "when", when, DOCUMENT_NAMES)
    return {"status": tuple(status), "when": when, **texts}


def _spelled(pattern: str, words: Mapping[str, str]) -> str:
    for name, regex in words.items():
        pattern = pattern.replace(f"{{{name}}}", f"(?:{regex})")
    return pattern


def _is_pattern(entry: Reader, name: str, text: str) -> bool:
    try:
        regex_of(text)
    except re.error as problem:
        entry.wrong(f"{text!r} is no regular expression: {problem}", name)
        return False
    return True
