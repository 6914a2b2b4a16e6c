"""data/checks.toml becomes `checks`, what else is known of a key, and `diagnoses`, what a refusal comes to by it."""

# ruff: noqa: S608, ARG002 - the SQL is composed from this package's own rules

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from testkey_nb.analysis.rules import (
    Case,
    case_of,
    evidence_sql,
    first_case,
    quoted,
    read_sql,
    tables_of,
    text_sql,
    word_of,
)
from testkey_nb.analysis.tables import Cases, Entry, Names, Piece, in_order, texts_of
from testkey_nb.vocabulary import CHECK_STATES

# what is known of each key but for its failed exchanges
BASE = "FROM key_base"
_TEXTS = ("judgement", "cause", "move")
_TOLD = ("cause", "cause_code", "move", "move_code")


class _Checks(Cases):
    """What else is known of a key that an answer refused, whatever that answer said."""

    def piece(self, entry: Entry, *, ordinal: int, rules: Mapping[str, Any], catalogue: Names) -> Piece:
        name = word_of(entry, "check", None, file=self.file, field=f"checks[{ordinal}]")
        field = f"checks {name}"
        cases = self._cases(
            entry, "cases", field=field, word="state", allowed=CHECK_STATES, texts=("reason",), values=("evidence",)
        )
        told = [
            Case(one.when, one.texts, {**one.values, "evidence": evidence_sql(one.values.get("evidence", "NULL"))})
            for one in cases
        ]
        row = first_case(told, ("state", "reason", "evidence"))
        return Piece(
            f'SELECT key_id, label, {quoted(name)} AS "check", v.state, v.reason, v.evidence, {ordinal} AS ordinal '
            f"FROM (SELECT f.key_id, f.label, {row} AS v FROM f WHERE f.diagnosis_ids IS NOT NULL)",
            field,
        )

    def whole(self, pieces: Sequence[str]) -> str:
        return in_order(pieces)


class _Judgements:
    """One row per failed exchange: the condition told, the condition judged, and why."""

    name, file = "diagnoses", "checks.toml"
    empty = (
        "SELECT exchange_id, key_id, condition, condition AS judged, CAST(NULL AS VARCHAR) AS judgement, status, "
        f"CAST(NULL AS VARCHAR) AS model_id, {', '.join(_TOLD)}, * EXCLUDE (exchange_id, key_id, condition, status, "
        f"{', '.join(_TOLD)}) FROM live._diagnoses ORDER BY key_id, exchange_id"
    )

    def entries(self, rules: Mapping[str, Any]) -> list[Entry]:
        return tables_of(rules, "judgements", file=self.file)

    def piece(self, entry: Entry, *, ordinal: int, rules: Mapping[str, Any], catalogue: Names) -> Piece:
        """One arm of the choice; without `judged`, cause or move the answer's own stands."""
        field = f"judgements[{ordinal}]"
        word_of(entry, "judgement", None, file=self.file, field=field)
        table = dict(entry)
        judged = table.pop("judged", None)
        case = case_of(table, file=self.file, field=field, texts=_TEXTS, values=())
        told = quoted(word_of(entry, "judged", None, file=self.file, field=field)) if judged is not None else "NULL"
        columns = [f"judged := CAST({told} AS VARCHAR)"]
        columns += [f"{name} := CAST({_column(case.texts, name)} AS VARCHAR)" for name in _TEXTS]
        return Piece(f"WHEN {case.when} THEN struct_pack({', '.join(columns)})", field)

    def whole(self, pieces: Sequence[str]) -> str:
        return (
            f"WITH {read_sql('judging')}\n"
            "SELECT d.exchange_id, d.key_id, d.condition, coalesce(j.v.judged, d.condition) AS judged, "
            "j.v.judgement AS judgement, d.status, j.model_id, coalesce(j.v.cause, d.cause) AS cause, d.cause_code, "
            "coalesce(j.v.move, d.move) AS move, d.move_code, d.* EXCLUDE (exchange_id, key_id, condition, status, "
            f"{', '.join(_TOLD)}) FROM d LEFT JOIN ("
            f"SELECT r.exchange_id, r.key_id, r.model_id, CASE {' '.join(pieces)} END AS v "
            "FROM d JOIN r ON r.exchange_id = d.exchange_id AND r.key_id = d.key_id "
            "LEFT JOIN f ON f.key_id = d.key_id LEFT JOIN lists l ON l.key_id = d.key_id "
            "LEFT JOIN seen s ON s.exchange_id = d.exchange_id"
            ") j ON j.exchange_id = d.exchange_id AND j.key_id = d.key_id ORDER BY d.key_id, d.exchange_id"
        )


def _column(texts: Mapping[str, str], name: str) -> str:
    return text_sql(texts[name]) if name in texts else "NULL"


CHECKS = _Checks(
    "checks",
    file="checks.toml",
    key="checks",
    columns=texts_of("key_id", "label", '"check"', "state", "reason", "evidence"),
)
DIAGNOSES = _Judgements()
