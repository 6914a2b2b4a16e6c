"""The rules of data/rules/checks.toml: `checks`, what is known of a refused key, and `diagnoses`, what it comes to."""

# ruff: noqa: S608, ARG002 - the SQL is composed from this package's own rules

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from testkey_nb.analysis.rule_tables import Cases, Entry, Names, Piece, in_order, texts_of
from testkey_nb.analysis.rules import (
    Case,
    case_of,
    evidence_sql,
    first_case,
    literal,
    read_sql,
    tables_of,
    word_of,
)
from testkey_nb.errors import CatalogueError
from testkey_nb.vocabulary import CAUSE_CODES, CHECK_STATES, CONDITIONS, MOVE_CODES

# what is known of each key but for its failed exchanges
BASE = "key_base"
_TEXTS = ("judgement", "cause", "move")
_CODES = {"cause": CAUSE_CODES, "move": MOVE_CODES}
_TOLD = ("cause", "cause_code", "move", "move_code")
# what stands in front, and what only the rules ask for
_OTHERS = f"exchange_id, key_id, condition, status, specific, {', '.join(_TOLD)}"


class _Checks(Cases):
    """What else is known of a key that an answer refused, whatever that answer said."""

    def piece(self, entry: Entry, *, ordinal: int, rules: Mapping[str, Any], catalogue: Names) -> Piece:
        name = word_of(entry, "check", None, file=self.file, field=f"checks[{ordinal}]")
        field = f"checks {name}"
        cases = self._cases(
            entry, "cases", field=field, word="state", allowed=CHECK_STATES, texts=("reason",), values=("evidence",)
        )
        arms = [
            Case(case.when, case.texts, {**case.values, "evidence": evidence_sql(case.values.get("evidence", "NULL"))})
            for case in cases
        ]
        row = first_case(arms, ("state", "reason", "evidence"))
        return Piece(
            f'SELECT key_id, label, {literal(name)} AS "check", v.state, v.reason, v.evidence, {ordinal} AS ordinal '
            f"FROM (SELECT f.key_id, f.label, {row} AS v FROM f WHERE f.diagnosis_ids IS NOT NULL)",
            field,
        )

    def whole(self, pieces: Sequence[str]) -> str:
        return in_order(pieces)


class _Judgements:
    """One row per failed exchange: the condition told, the condition judged, and why."""

    name, file, reads = "diagnoses", "checks.toml", BASE
    empty = (
        "SELECT exchange_id, key_id, condition, condition AS judged, CAST(NULL AS VARCHAR) AS judgement, status, "
        f"CAST(NULL AS VARCHAR) AS model_id, {', '.join(_TOLD)}, * EXCLUDE ({_OTHERS}) "
        "FROM live._diagnoses ORDER BY key_id, exchange_id"
    )

    def entries(self, rules: Mapping[str, Any]) -> list[Entry]:
        return tables_of(rules, "judgements", file=self.file)

    def piece(self, entry: Entry, *, ordinal: int, rules: Mapping[str, Any], catalogue: Names) -> Piece:
        """Gives one arm of the choice; without `judged`, cause or move the answer's own stands."""
        field = f"judgements[{ordinal}]"
        word_of(entry, "judgement", None, file=self.file, field=field)
        words: dict[str, Sequence[str]] = {"judged": CONDITIONS} if "judged" in entry else {}
        for name, allowed in _CODES.items():
            if (name in entry) != (f"{name}_code" in entry):
                raise CatalogueError(f"{name} and {name}_code go together", file=self.file, field=field)
            words |= {f"{name}_code": allowed} if name in entry else {}
        codes = {name: word_of(entry, name, allowed, file=self.file, field=field) for name, allowed in words.items()}
        sentences = {name: value for name, value in entry.items() if name not in codes}
        case = case_of(sentences, file=self.file, field=field, texts=_TEXTS, values=())
        columns = [f"{name} := CAST({case.column(name)} AS VARCHAR)" for name in _TEXTS]
        columns += [
            f"{name} := CAST({literal(codes[name]) if name in codes else 'NULL'} AS VARCHAR)"
            for name in ("judged", "cause_code", "move_code")
        ]
        return Piece(f"WHEN {case.when} THEN struct_pack({', '.join(columns)})", field)

    def whole(self, pieces: Sequence[str]) -> str:
        return (
            f"WITH {read_sql('judging')}\n"
            "SELECT d.exchange_id, d.key_id, d.condition, coalesce(j.v.judged, d.condition) AS judged, "
            "j.v.judgement AS judgement, d.status, j.model_id, "
            f"{', '.join(f'coalesce(j.v.{name}, d.{name}) AS {name}' for name in _TOLD)}, "
            f"d.* EXCLUDE ({_OTHERS}) FROM d LEFT JOIN ("
            f"SELECT r.exchange_id, r.key_id, r.model_id, CASE {' '.join(pieces)} END AS v "
            "FROM d JOIN r ON r.exchange_id = d.exchange_id AND r.key_id = d.key_id "
            "LEFT JOIN f ON f.key_id = d.key_id LEFT JOIN lists l ON l.key_id = d.key_id "
            "LEFT JOIN seen s ON s.exchange_id = d.exchange_id"
            ") j ON j.exchange_id = d.exchange_id AND j.key_id = d.key_id ORDER BY d.key_id, d.exchange_id"
        )


CHECKS = _Checks(
    "checks",
    file="checks.toml",
    key="checks",
    columns=texts_of("key_id", "label", '"check"', "state", "reason", "evidence"),
)
DIAGNOSES = _Judgements()
