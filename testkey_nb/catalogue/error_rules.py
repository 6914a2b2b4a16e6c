"""Reads error rules, a provider's own and the general ones, and tries each wording on its example."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from testkey_nb.catalogue.expressions import regex_of
from testkey_nb.catalogue.model import ErrorFields, ErrorRule
from testkey_nb.catalogue.reader import Reader, read_toml
from testkey_nb.vocabulary import CAUSE_CODES, CONDITIONS, MOVE_CODES

FIELDS = tuple(field.name for field in fields(ErrorFields) if field.name != "examples")


def general_rules(path: Path) -> tuple[ErrorRule, ...]:
    """The rules of errors.toml, in their order.

    Raises:
        CatalogueError: naming file, line where it can be found, and field.
    """
    table, text = read_toml(path)
    top = Reader(table, file=path.name, text=text)
    return tuple(error_rule(entry) for entry in top.tables("errors"))


def error_rule(entry: Reader, **origin: Any) -> ErrorRule:
    """One rule; `origin` is where it is said, which only the rules of a provider tell.

    Raises:
        ProviderFileError: naming file, line where it can be found, and field.
    """
    key_valid = entry.raw("key_valid")
    if key_valid not in (None, True, False):
        raise entry.fail("must be true or false; leave it out where the answer does not tell", "key_valid")
    alternatives = tuple(_alternative(table) for table in entry.tables("any"))
    if len(alternatives) == 1:
        raise entry.fail("is one alternative only: write its fields into the rule itself", "any")
    rule = ErrorRule(
        id=entry.text("id", required=True),
        condition=entry.choice("condition", CONDITIONS),
        key_valid=key_valid,
        cause=entry.maybe("cause"),
        cause_code=entry.choice("cause_code", CAUSE_CODES) if entry.has("cause_code") else None,
        move=entry.maybe("move"),
        move_code=entry.choice("move_code", MOVE_CODES) if entry.has("move_code") else None,
        late=entry.flag("late"),
        any=alternatives,
        **_fields(entry),
        **origin,
    )
    entry.done()
    if not any(getattr(rule, name) for name in FIELDS):
        raise entry.fail(f"says nothing: give one of {', '.join(FIELDS)}")
    return rule


def _alternative(entry: Reader) -> ErrorFields:
    alternative = ErrorFields(**_fields(entry))
    entry.done()
    if alternative == ErrorFields():
        raise entry.fail("says nothing: every answer would do")
    return alternative


def _fields(entry: Reader) -> dict[str, Any]:
    status = entry.raw("status", [])
    if not isinstance(status, list) or not all(type(number) is int and 100 <= number <= 599 for number in status):
        raise entry.fail("must be a list of HTTP statuses", "status")
    texts = {name: entry.texts(name) for name in ("code", "type", "codes", "path", "says", "examples", "unless")}
    for name in ("codes", "path", "says", "unless"):
        for text in texts[name]:
            _check_pattern(entry, name, text)
    if len(texts["says"]) != len(texts["examples"]):
        raise entry.fail(f"has {len(texts['examples'])} texts for {len(texts['says'])} of `says`", "examples")
    for wording, example in zip(texts["says"], texts["examples"], strict=True):
        if not regex_of(wording).search(example):
            raise entry.fail(f"{wording!r} does not find {example!r}", "says")
        if against := [text for text in texts["unless"] if regex_of(text).search(example)]:
            raise entry.fail(f"{against[0]!r} finds the example {example!r}", "unless")
    return {"status": tuple(status), "when": entry.expression("when"), **texts}


def _check_pattern(entry: Reader, name: str, text: str) -> None:
    try:
        regex_of(text)
    except re.error as problem:
        raise entry.fail(f"{text!r} is no regular expression: {problem}", name) from None
