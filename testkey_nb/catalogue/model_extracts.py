"""The frozen dataclasses of what an answer fills: rows of a table and their cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from testkey_nb.catalogue.expressions import Expression


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One cell: what to read and how to turn it into the column's unit.

    Attributes:
        get: the expression.
        scale: exact factor (`Decimal("1000000")` turns USD per token into USD per million tokens; "-1" turns a ledger).
        time: how to read an instant: `iso`, `epoch`, `epoch_ms`, `duration` (from now), `http`, or `auto`.
        map: provider words to ours; a word not listed passes as it is unless `strict`.
    """

    get: Expression
    scale: Decimal | None = None
    time: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Extract:
    """Rows of one table out of one answer.

    `rows` is read against the body and gives a list (or one object, taken as a list of one). `each`, if given, is read
    against each row and gives inner rows. Fields, `where` and `mine` are read against the (outer) row's own keys plus:
    `_` the row itself, `_each` the inner row, `_body`, `_headers` (lower-case), `_status`, `_item` (the `for_each`
    item), `_host` (role), `_region` (name) and `_currency` of the official host that answered (null where that is not
    known), `_now` (ISO), `_i` (index).

    Attributes:
        table: metrics | models | limits | balances | usage | prices | permissions | identity.
        mine: "the row that is this key", matched locally, never sent: field name of the row and how it shows the key
            (`prefix`, `suffix`, `hint` = first and last visible characters, `equals`).
        where: keep the row only when this is true.
        fields: column name to FieldSpec; `vocabulary.EXTRACT_COLUMNS` has the columns of each table. A `model_id` that
            gives a list makes one row per item.
    """

    table: str
    rows: Expression
    fields: Mapping[str, FieldSpec]
    each: Expression | None = None
    where: Expression | None = None
    mine: tuple[Expression, str] | None = None
