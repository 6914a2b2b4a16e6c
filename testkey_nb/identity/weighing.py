"""The numbers of the weighing: the table [weighing] of data/identify.toml, which says what each is for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from testkey_nb.errors import CatalogueError
from testkey_nb.vocabulary import EVIDENCE_GROUPS

_FILE = "identify.toml"


@dataclass(frozen=True, slots=True)
class Weighing:
    """Decibans and thresholds; `data/identify.toml` explains each where it stands.

    Attributes:
        hard: decibans by group; a verdict is confirmed only where one of these groups reaches its number.
    """

    unknown_db: float
    strong_db: float
    weak_db: float
    official_host_db: float
    other_host_db: float
    accepted_db: float
    key_shape_db: float
    other_key_shape_db: float
    shared_key_shape_db: float
    claim_db: float
    mention_db: float
    connection_name_db: float
    lacking_db: float
    likely_probability: float
    likely_db: float
    confirmed_probability: float
    confirmed_db: float
    behind_relay_db: float
    hard: Mapping[str, float]


def read_weighing(rules: Mapping[str, Any]) -> Weighing:
    """The numbers that these rules (`data/identify.toml`) state.

    Raises:
        CatalogueError: a number is missing, unknown, or none; the text names the field.
    """
    table = rules.get("weighing")
    if not isinstance(table, Mapping):
        raise _fault("is required and missing", "weighing")
    names = [each.name for each in fields(Weighing)]
    for name in names:
        if name not in table:
            raise _fault("is required and missing", f"weighing.{name}")
    for name in table:
        if name not in names:
            raise _fault("unknown field", f"weighing.{name}")
    if not isinstance(table["hard"], Mapping):
        raise _fault("must be a table of decibans by group", "weighing.hard")
    for group in table["hard"]:
        if group not in EVIDENCE_GROUPS:
            raise _fault(f"{group!r} is none of {', '.join(EVIDENCE_GROUPS)}", f"weighing.hard.{group}")
    hard = {group: _number(value, f"hard.{group}") for group, value in table["hard"].items()}
    numbers = {name: _number(table[name], name) for name in names if name != "hard"}
    for name in ("likely_probability", "confirmed_probability"):
        if not 0 < numbers[name] < 1:
            raise _fault("must lie between 0 and 1", f"weighing.{name}")
    return Weighing(**numbers, hard=hard)


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _fault("must be a number", f"weighing.{name}")
    return float(value)


def _fault(problem: str, field: str) -> CatalogueError:
    return CatalogueError(problem, file=_FILE, field=field)
