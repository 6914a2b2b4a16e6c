"""Registers the rule tables with the store, each composed from its file in data/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from testkey_nb.analysis.checks import CHECKS, DIAGNOSES
from testkey_nb.analysis.rule_tables import PATH, TABLES, Piece, Table
from testkey_nb.analysis.rules import read_sql
from testkey_nb.errors import BadQuery, CatalogueError


class RuleStore(Protocol):
    """What the rules need of a store."""

    def define(self, name: str, sql: str) -> None: ...
    def sql(self, query: str) -> Any: ...


class RuleBook(Protocol):
    """What the rules need of a catalogue."""

    @property
    def capabilities(self) -> Sequence[str]: ...
    def rules(self, name: str) -> Mapping[str, Any]: ...


# a rule that the engine took once it takes again: checking some hundred of them costs a second
_CHECKED: WeakKeyDictionary[RuleBook, tuple[dict[str, str], tuple[CatalogueError, ...]]] = WeakKeyDictionary()


def define_all(store: RuleStore, catalogue: RuleBook) -> tuple[CatalogueError, ...]:
    """Registers capabilities, dimensions, stages, actions, risks, checks, diagnoses; gives the problems found.

    Diagnoses are judged by `key_base`, one row per key of what else is known; the others share `key_facts`, which adds
    what the judged diagnoses say. A rule that cannot be read or that the engine refuses is left out and named (file and
    rule); the others stand. A file that cannot be read at all leaves an empty table, and diagnoses as the answers told.
    """
    store.define("key_base", read_sql("base"))
    if catalogue not in _CHECKED:
        problems: list[CatalogueError] = []
        accepted = {DIAGNOSES.name: _accepted(DIAGNOSES, store, catalogue, problems, reads=DIAGNOSES.reads)}
        store.define(DIAGNOSES.name, accepted[DIAGNOSES.name])
        store.define("key_facts", read_sql("facts"))
        for table in (*TABLES, CHECKS):
            accepted[table.name] = _accepted(table, store, catalogue, problems, reads=table.reads)
            _define(store, table.name, accepted[table.name])
        _CHECKED[catalogue] = (accepted, tuple(problems))
    accepted, refused = _CHECKED[catalogue]
    store.define(DIAGNOSES.name, accepted[DIAGNOSES.name])
    store.define("key_facts", read_sql("facts"))
    for name, sql in accepted.items():
        _define(store, name, sql)
    return refused


def _define(store: RuleStore, name: str, sql: str) -> None:
    store.define(name, sql)
    if name == "stages":
        # what is judged after the stages reads how far they let a key come
        store.define(PATH, read_sql(PATH))


def _accepted(
    table: Table, store: RuleStore, catalogue: RuleBook, problems: list[CatalogueError], *, reads: str
) -> str:
    pieces = _pieces(table, catalogue, problems)
    if not pieces:
        return table.empty
    facts = _without_rows(store, reads)
    sql = table.whole([piece.sql for piece in pieces])
    if _refusal(store, sql, facts=facts) is None:
        return sql
    # something in it is no SQL here: find which rule, leave it out, keep the rest
    good = []
    for piece in pieces:
        if (problem := _refusal(store, table.whole([piece.sql]), facts=facts)) is None:
            good.append(piece.sql)
        else:
            problems.append(
                CatalogueError(f"the engine refuses this rule: {problem}", file=table.file, field=piece.field)
            )
    return table.whole(good) if good else table.empty


def _without_rows(store: RuleStore, reads: str) -> str:
    """Gives the facts' name with their columns and no rows: to check a rule against them is ten times faster."""
    columns = store.sql(f"DESCRIBE {reads}")
    pairs = zip(columns["column_name"], columns["column_type"], strict=True)
    return f"{reads} AS (SELECT {', '.join(f'CAST(NULL AS {kind}) AS {name}' for name, kind in pairs)} WHERE false)"


def _refusal(store: RuleStore, sql: str, *, facts: str) -> str | None:
    try:
        # inside the query the bare facts hide the view of that name
        store.sql(f"WITH {facts} SELECT * FROM ({sql}) LIMIT 0")  # noqa: S608 - composed from this package's rules
    except BadQuery as problem:
        return str(problem).splitlines()[0]
    return None


def _pieces(table: Table, catalogue: RuleBook, problems: list[CatalogueError]) -> list[Piece]:
    try:
        rules = catalogue.rules(table.file.removesuffix(".toml"))
        entries = table.entries(rules)
    except CatalogueError as problem:
        problems.append(problem)
        return []
    pieces = []
    for ordinal, entry in enumerate(entries, 1):
        try:
            pieces.append(table.piece(entry, ordinal=ordinal, rules=rules, catalogue=catalogue))
        except CatalogueError as problem:
            problems.append(problem)
    return pieces
