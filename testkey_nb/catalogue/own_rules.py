"""An analyst's own rules: which tables a file of them may hold, and how they join the package's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from testkey_nb.catalogue.catalogue import Catalogue
from testkey_nb.catalogue.reader import line_of, read_toml
from testkey_nb.errors import CatalogueError

# table of a rules file = name of the package's file -> the list in that file, and the field that names an entry
RULE_TABLES: Mapping[str, tuple[str, str]] = {
    "actions": ("rules", "action"),
    "risks": ("rules", "risk"),
    "stages": ("stages", "stage"),
    "dimensions": ("dimensions", "id"),
    "capability_rules": ("rules", "capability"),
    "checks": ("checks", "check"),
}


@dataclass(frozen=True, slots=True)
class OwnRule:
    """One entry of an analyst's file.

    Attributes:
        table: a name of `RULE_TABLES`.
        name: what names the entry; the package's entry of this name is replaced.
        file: as it was given.
        line: where the entry stands; None when that cannot be told.
        field: `risks[0]`, as it stands in the file.
    """

    table: str
    name: str
    entry: Mapping[str, Any]
    file: str
    line: int | None
    field: str

    def fail(self, problem: str) -> CatalogueError:
        """Gives an error that names the analyst's file, the line and the entry."""
        return CatalogueError(problem, file=self.file, line=self.line, field=f"{self.field} {self.name}")

    def is_meant(self, problem: CatalogueError) -> bool:
        """Tells whether a problem of the joined tables (file and field of the package's own) speaks of this entry."""
        if problem.file != f"{self.table}.toml":
            return False
        return re.search(rf" {re.escape(self.name)}(?: |$)", problem.field or "") is not None


def is_rules_file(path: Path) -> bool:
    """Tells whether a file holds tables of rules, so that it is no provider file."""
    try:
        return bool(set(read_toml(path)[0]) & set(RULE_TABLES))
    except CatalogueError:
        return False


def read_own_rules(path: Path) -> tuple[list[OwnRule], list[CatalogueError]]:
    """Gives the entries of one file, and what in it is none.

    The file's tables are named as the package's files (`[[risks]]`, `[[actions]]`, `[[stages]]`, `[[dimensions]]`,
    `[[capability_rules]]`, `[[checks]]`), their entries hold the fields that the entries there hold.
    """
    try:
        tables, text = read_toml(path)
    except CatalogueError as problem:
        return [], [problem]
    rules: list[OwnRule] = []
    problems: list[CatalogueError] = []

    def fail(problem: str, field: str) -> None:
        problems.append(CatalogueError(problem, file=str(path), line=line_of(text, field), field=field))

    for table, entries in tables.items():
        if table not in RULE_TABLES:
            fail(f"is no table of rules; there are {', '.join(RULE_TABLES)}", table)
            continue
        word = RULE_TABLES[table][1]
        for number, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            field = f"{table}[{number}]"
            name = entry.get(word) if isinstance(entry, Mapping) else None
            if isinstance(name, str) and name:
                rules.append(OwnRule(table, name, entry, str(path), line_of(text, field), field))
            else:
                fail(f'an entry needs {word} = "..." to be named by', field)
    return rules, problems


def alone(catalogue: Catalogue, rules: Sequence[OwnRule]) -> Catalogue:
    """Gives the catalogue with these rules and none of the package's, which is quick to check."""
    bare = {table: {**catalogue.rules(table), place: []} for table, (place, _) in RULE_TABLES.items()}
    return with_rules(replace(catalogue, _rules=bare), rules)


def with_rules(catalogue: Catalogue, rules: Sequence[OwnRule], problems: Iterable[CatalogueError] = ()) -> Catalogue:
    """Gives the catalogue with these rules: each replaces the entry of its name, else it stands after the others.

    Args:
        problems: what is noted in the catalogue as left out, besides its own.
    """
    joined = dict(catalogue._rules)
    for rule in rules:
        place, word = RULE_TABLES[rule.table]
        whole = joined[rule.table] = dict(joined.get(rule.table) or catalogue.rules(rule.table))
        others = list(whole[place])
        names = [entry.get(word) for entry in others]
        if rule.name in names:
            others[names.index(rule.name)] = rule.entry
        else:
            others.append(rule.entry)
        whole[place] = others
    return replace(catalogue, problems=(*catalogue.problems, *problems), _rules=joined)
