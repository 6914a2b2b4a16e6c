"""Rules of data/*.toml become SQL: a condition, the reason it gives, and the exchanges that prove it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from testkey_nb.errors import CatalogueError

_SLOT = re.compile(r"\{([^{}]*)\}")
_COUNTED = re.compile(r"^(?P<sql>.*?)(?<!\|)\|(?P<one>[^|]+)\|(?P<many>[^|]+)$", re.DOTALL)
NO_EVIDENCE = "CAST([] AS VARCHAR[])"


@dataclass(frozen=True, slots=True)
class Case:
    """One condition and what follows from it.

    Attributes:
        when: SQL over `f` (the facts of one key, analysis/sql/facts.sql), `r` (the rule's own rows) and `c`
            (what is known of one capability); empty = always.
        texts: column to template: `{sql}` is replaced by its value (an unknown one by "unknown"),
            `{sql|model|models}` by a count with its noun.
        values: column to SQL.
    """

    when: str
    texts: Mapping[str, str]
    values: Mapping[str, str]

    def column(self, name: str) -> str:
        """Gives the SQL of one column; NULL where the case does not tell it."""
        return text_sql(self.texts[name]) if name in self.texts else self.values.get(name) or "NULL"


@cache
def read_sql(name: str) -> str:
    return (files("testkey_nb.analysis") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def literal(text: str) -> str:
    """Gives the text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def text_sql(template: str) -> str:
    """Gives a template as one SQL expression that is never NULL.

    >>> text_sql("{f.provider} is 'here'")
    "concat(coalesce(CAST((f.provider) AS VARCHAR), 'unknown'), ' is ''here''')"
    """
    parts, end = [], 0
    for slot in _SLOT.finditer(template):
        if slot.start() > end:
            parts.append(literal(template[end : slot.start()]))
        parts.append(_slot_sql(slot[1]))
        end = slot.end()
    if end < len(template) or not parts:
        parts.append(literal(template[end:]))
    return parts[0] if len(parts) == 1 else f"concat({', '.join(parts)})"


def _slot_sql(inner: str) -> str:
    if match := _COUNTED.match(inner):
        sql, singular, plural = match["sql"], match["one"], match["many"]
        return f"CASE WHEN ({sql}) = 1 THEN {literal('1 ' + singular)} ELSE concat({sql}, {literal(' ' + plural)}) END"
    return f"coalesce(CAST(({inner}) AS VARCHAR), 'unknown')"


def evidence_sql(ids: str) -> str:
    """Gives a list of exchange ids as JSON array text: at most twenty, `[]` for none."""
    exchanges = f"list_filter(coalesce(CAST(({ids}) AS VARCHAR[]), {NO_EVIDENCE}), lambda one: one IS NOT NULL)"
    # sorted: what a set gives in whatever order must not change a notebook's output
    return f"CAST(to_json(list_slice(list_sort({exchanges}), 1, 20)) AS VARCHAR)"


def case_of(table: Mapping[str, Any], *, file: str, field: str, texts: Sequence[str], values: Sequence[str]) -> Case:
    """Reads one `[[rules]]` or `[[rules.cases]]` entry.

    Raises:
        CatalogueError: a field that is no text, or one that no rule of this file has.
    """
    allowed = {"when", *texts, *values}
    for name, value in table.items():
        if name not in allowed:
            raise CatalogueError(
                f"unknown field {name!r}; known are {', '.join(sorted(allowed))}", file=file, field=field
            )
        if not isinstance(value, str):
            raise CatalogueError(f"{name} must be text", file=file, field=field)
    return Case(
        table.get("when", "true"),
        {name: table[name] for name in texts if name in table},
        {name: table[name] for name in values if name in table},
    )


def tables_of(table: Mapping[str, Any], name: str, *, file: str) -> list[Mapping[str, Any]]:
    """Gives the list of tables under a name.

    Raises:
        CatalogueError: it is missing, empty or no such list.
    """
    entries = table.get(name)
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, Mapping) for entry in entries):
        raise CatalogueError("must be a list of tables", file=file, field=name)
    return entries


def word_of(entry: Mapping[str, Any], name: str, allowed: Sequence[str] | None, *, file: str, field: str) -> str:
    """Gives a text that must be there, and be one of these words.

    Raises:
        CatalogueError: it is not.
    """
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{name} is required and missing", file=file, field=field)
    if allowed is not None and value not in allowed:
        raise CatalogueError(f"{name} {value!r} is none of {', '.join(allowed)}", file=file, field=field)
    return value


def first_case(cases: Sequence[Case], columns: Sequence[str]) -> str:
    """Gives the first case that holds, as one struct of texts."""
    arms = " ".join(
        f"WHEN {case.when} THEN struct_pack({', '.join(_field(case, name) for name in columns)})" for case in cases
    )
    return f"CASE {arms} END"


def _field(case: Case, name: str) -> str:
    return f"{name} := CAST({case.column(name)} AS VARCHAR)"


def union_all(pieces: Sequence[str]) -> str:
    """Gives all rows of all pieces."""
    return "\nUNION ALL\n".join(pieces)
