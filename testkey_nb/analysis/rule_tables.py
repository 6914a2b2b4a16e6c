"""How the rules of one file become the SQL of one table: capabilities, dimensions, stages, actions, risks."""

# ruff: noqa: S608, ARG002 - the SQL is composed from this package's own rules

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from testkey_nb.analysis.dimension_signal import signal_sql
from testkey_nb.analysis.rules import (
    Case,
    case_of,
    evidence_sql,
    first_case,
    literal,
    read_sql,
    tables_of,
    text_sql,
    union_all,
    word_of,
)
from testkey_nb.errors import CatalogueError
from testkey_nb.vocabulary import FACT_STATES, MOVE_CODES, SEVERITIES, STAGE_VERDICTS, STAGES

# what the rules read: the facts of a key, and for what is judged after the stages how far it came, too
FACTS, PATH = "key_facts", "key_path"
# columns that a finding's rule may leave out, with the words they know
_OPTIONAL = {"stage": STAGES, "move_code": MOVE_CODES}

Entry = Mapping[str, Any]


class Names(Protocol):
    """What composing needs of a catalogue."""

    @property
    def capabilities(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """The SELECT of one rule, and where the rule stands in its file."""

    sql: str
    field: str


class Table(Protocol):
    """One table of rules."""

    name: str
    file: str
    empty: str
    reads: str

    def entries(self, rules: Mapping[str, Any]) -> list[Entry]: ...
    def piece(self, entry: Entry, *, ordinal: int, rules: Mapping[str, Any], catalogue: Names) -> Piece: ...
    def whole(self, pieces: Sequence[str]) -> str: ...


class Cases:
    """Tables where each entry gives exactly one row per key: the first case that holds."""

    def __init__(self, name: str, *, file: str, key: str, columns: Mapping[str, str], reads: str = FACTS) -> None:
        self.name, self.file, self._key, self.reads = name, file, key, reads
        self.empty = _empty(columns)

    def entries(self, rules: Mapping[str, Any]) -> list[Entry]:
        return tables_of(rules, self._key, file=self.file)

    def _cases(
        self,
        entry: Entry,
        name: str,
        *,
        field: str,
        word: str,
        allowed: Sequence[str],
        texts: Sequence[str],
        values: Sequence[str] = (),
    ) -> list[Case]:
        cases = []
        for number, table in enumerate(tables_of(entry, name, file=self.file), 1):
            where = f"{field} {name}[{number}]"
            word_of(table, word, allowed, file=self.file, field=where)
            case = case_of(
                {key: value for key, value in table.items() if key != word},
                file=self.file,
                field=where,
                texts=texts,
                values=values,
            )
            cases.append(Case(case.when, case.texts, {**case.values, word: literal(table[word])}))
        return cases


class _Stages(Cases):
    def piece(self, entry: Entry, *, ordinal: int, rules: Mapping[str, Any], catalogue: Names) -> Piece:
        name = word_of(entry, "stage", None, file=self.file, field=f"stages[{ordinal}]")
        field = f"stages {name}"
        cases = self._cases(entry, "cases", field=field, word="verdict", allowed=STAGE_VERDICTS, texts=("reason",))
        row = first_case(cases, ("verdict", "reason"))
        return Piece(
            f"SELECT key_id, label, {ordinal} AS ordinal, {literal(name)} AS stage, v.verdict, v.reason "
            f"FROM (SELECT f.key_id, f.label, {row} AS v FROM f)",
            field,
        )

    def whole(self, pieces: Sequence[str]) -> str:
        return f"{_with_facts(self.reads)}, own AS ({union_all(pieces)}) {read_sql('stages')}"


class _Dimensions(Cases):
    def piece(self, entry: Entry, *, ordinal: int, rules: Mapping[str, Any], catalogue: Names) -> Piece:
        name = word_of(entry, "id", None, file=self.file, field=f"dimensions[{ordinal}]")
        field = f"dimensions {name}"
        cases = self._cases(entry, "verdicts", field=field, word="verdict", allowed=STAGE_VERDICTS, texts=("reason",))
        row = first_case(cases, ("verdict", "reason"))
        signal = signal_sql(entry, n="f.models_usable", route="f.route", file=self.file)
        return Piece(
            f"SELECT key_id, label, provider, {literal(name)} AS dimension, signal, v.verdict, v.reason, "
            f"{ordinal} AS ordinal "
            f"FROM (SELECT f.key_id, f.label, f.provider, {signal} AS signal, {row} AS v FROM f)",
            field,
        )

    def whole(self, pieces: Sequence[str]) -> str:
        return in_order(pieces, reads=self.reads)


class _Capabilities(Cases):
    def piece(self, entry: Entry, *, ordinal: int, rules: Mapping[str, Any], catalogue: Names) -> Piece:
        name = word_of(entry, "capability", catalogue.capabilities, file=self.file, field=f"rules[{ordinal}]")
        field = f"rules {name}"
        cases: list[Case] = []
        for source, key in ((entry, "cases"), (rules, "otherwise")):
            cases += self._cases(
                source,
                key,
                field=field,
                word="state",
                allowed=FACT_STATES,
                texts=("summary",),
                values=("exchange",),
            )
        row = first_case(cases, ("state", "summary", "exchange"))
        place = list(catalogue.capabilities).index(name)
        fact = entry.get("fact")
        gone = f"coalesce(list_contains(f.hidden_facts, {literal(fact)}), false)" if isinstance(fact, str) else "false"
        # what is not unknown has an answer that proves it
        bare = "v.exchange IS NULL AND v.state IN ('confirmed', 'partial', 'invisible')"
        return Piece(
            f"SELECT key_id, label, {literal(name)} AS capability, "
            f"CASE WHEN {bare} THEN 'unknown' ELSE v.state END AS state, v.summary AS summary, "
            "CASE WHEN v.state IN ('not_exposed', 'unknown') THEN NULL ELSE v.exchange END AS exchange_id, "
            f"{place} AS ordinal FROM (SELECT f.key_id, f.label, {row} AS v "
            f"FROM (SELECT *, {gone} AS no_endpoint FROM f) f "
            f"LEFT JOIN c ON c.key_id = f.key_id AND c.capability = {literal(name)})",
            field,
        )

    def whole(self, pieces: Sequence[str]) -> str:
        return in_order(pieces, f", c AS MATERIALIZED ({read_sql('coverage')})")


class _Findings:
    """Tables where a rule gives a row only where its condition holds."""

    reads = PATH

    def __init__(self, name: str, *, word: str, columns: Mapping[str, str], kept: Sequence[str], whole: str) -> None:
        self.name, self.file, self._word, self._kept, self._whole = name, f"{name}.toml", word, kept, whole
        self.empty = _empty(columns)

    def entries(self, rules: Mapping[str, Any]) -> list[Entry]:
        return tables_of(rules, "rules", file=self.file)

    def piece(self, entry: Entry, *, ordinal: int, rules: Mapping[str, Any], catalogue: Names) -> Piece:
        name = word_of(entry, self._word, None, file=self.file, field=f"rules[{ordinal}]")
        field = f"rules {name}"
        fields = {self._word, "rows", "when", "reason", "evidence", *self._kept}
        if unknown := sorted(set(entry) - fields):
            raise CatalogueError(
                f"unknown field {unknown[0]!r}; known are {', '.join(sorted(fields))}",
                file=self.file,
                field=field,
            )
        when, reason, evidence = (
            word_of(entry, each, None, file=self.file, field=field) for each in ("when", "reason", "evidence")
        )
        if "severity" in self._kept:
            severity = word_of(entry, "severity", SEVERITIES, file=self.file, field=field)
            columns = f"{literal(severity)} AS severity, {SEVERITIES.index(severity)} AS weight"
        else:
            weight = entry.get("order")
            if not isinstance(weight, int):
                raise CatalogueError("order must be a whole number", file=self.file, field=field)
            columns = f"{weight} AS weight"
        for column in (name for name in _OPTIONAL if name in self._kept):
            word = word_of(entry, column, _OPTIONAL[column], file=self.file, field=field) if column in entry else None
            columns += f", CAST({literal(word) if word else 'NULL'} AS VARCHAR) AS {column}"
        rows = entry.get("rows")
        join = f" LEFT JOIN ({rows}) r ON r.key_id = f.key_id" if isinstance(rows, str) else ""
        return Piece(
            f"SELECT f.key_id, f.label, f.open_stage, {literal(name)} AS {self._word}, {columns}, {ordinal} "
            f"AS ordinal, {text_sql(reason)} AS reason, {evidence_sql(evidence)} AS evidence FROM f{join} WHERE {when}",
            field,
        )

    def whole(self, pieces: Sequence[str]) -> str:
        return f"{_with_facts(self.reads)} {self._whole.format(own=union_all(pieces))}"


def _with_facts(reads: str) -> str:
    # one evaluation for all rules: they all read the same facts
    return f"WITH f AS MATERIALIZED (FROM {reads})"


def in_order(pieces: Sequence[str], more: str = "", *, reads: str = FACTS) -> str:
    """Gives all rows of all pieces over the facts, by key and in the order of the file."""
    rows = union_all(pieces)
    return f"{_with_facts(reads)}{more} SELECT * EXCLUDE (ordinal) FROM ({rows}) ORDER BY label, key_id, ordinal"


def _empty(columns: Mapping[str, str]) -> str:
    return "SELECT " + ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns.items()) + " WHERE false"


def texts_of(*names: str) -> dict[str, str]:
    """Gives columns of text."""
    return dict.fromkeys(names, "VARCHAR")


TABLES: tuple[Table, ...] = (
    _Capabilities(
        "capabilities",
        file="capability_rules.toml",
        key="rules",
        columns=texts_of("key_id", "label", "capability", "state", "summary", "exchange_id"),
    ),
    _Stages(
        "stages",
        file="stages.toml",
        key="stages",
        columns=texts_of("key_id", "label", "stage", "verdict", "reason"),
    ),
    _Dimensions(
        "dimensions",
        file="dimensions.toml",
        key="dimensions",
        columns=texts_of("key_id", "label", "provider", "dimension", "signal", "verdict", "reason"),
        reads=PATH,
    ),
    _Findings(
        "actions",
        word="action",
        kept=("order", "family", "stage", "move_code"),
        columns=texts_of("key_id", "label")
        | {"rank": "BIGINT"}
        | texts_of("action", "stage", "move_code", "reason", "evidence"),
        # what opens the first open stage comes first
        whole="SELECT key_id, label, row_number() OVER ("
        "PARTITION BY key_id ORDER BY coalesce(stage = open_stage, false) DESC, weight, ordinal"
        ") AS rank, action, stage, move_code, reason, evidence FROM ({own}) ORDER BY label, key_id, rank",
    ),
    _Findings(
        "risks",
        word="risk",
        kept=("severity",),
        columns=texts_of("key_id", "label", "risk", "severity", "reason", "evidence"),
        whole="SELECT key_id, label, risk, severity, reason, evidence FROM ({own}) "
        "ORDER BY label, key_id, weight, ordinal",
    ),
)
