"""The tables of a comparison: rights, limits, prices and identity of two keys, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from testkey_nb.vocabulary import PERMISSION_STRENGTH

if TYPE_CHECKING:
    import pandas as pd

FACTS = (
    "claimed_provider",
    "provider",
    "key_valid",
    "verdict",
    "front",
    "transport",
    "upstream",
    "key_kind",
    "owner_id",
    "organization_id",
    "project",
    "token_type",
    "token_role",
    "token_scopes",
    "expires_at",
)
_USABLE = ("callable", "listed")

Row = Mapping[str, Any]


def rights(rows: Iterable[Row], ids: tuple[str, str], *, column: str, cut: Collection[str] = ()) -> pd.DataFrame:
    """Compares rights by family or by verbatim id; see `Comparison` for the columns.

    Of a key in `cut` a list was not read to its end: what it lacks may be in the rest.
    """
    import pandas as pd

    states: tuple[dict[str, str], dict[str, str]] = ({}, {})
    spelled: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
    for row in rows:
        name = str(row.get(column) or row["model_id"])
        for side, key_id in enumerate(ids):
            if row["key_id"] == key_id:
                before = states[side].get(name, "unknown")
                states[side][name] = max(before, str(row["state"]), key=lambda state: PERMISSION_STRENGTH.get(state, 0))
                spelled[side].setdefault(name, []).append(str(row["model_id"]))
    is_whole = tuple(
        key_id not in cut and any(state != "unknown" for state in side.values())
        for key_id, side in zip(ids, states, strict=True)
    )
    table = [
        [
            name,
            *(pair := tuple(side.get(name, "unknown") for side in states)),
            _difference(pair, is_whole),
            *(", ".join(sorted(set(side.get(name, ())))) or None for side in spelled),
        ]
        for name in sorted({*states[0], *states[1]})
    ]
    return pd.DataFrame(
        table, columns=["model", "a_state", "b_state", "difference", "a_models", "b_models"], dtype=object
    )


def _difference(states: tuple[str, ...], is_whole: tuple[bool, ...]) -> str:
    a, b = (state in _USABLE for state in states)
    if a and b:
        return "both"
    if a or b:
        other = 1 if a else 0
        return ("only a" if a else "only b") if is_whole[other] or states[other] == "denied" else "unknown"
    return "neither" if states == ("denied", "denied") else "unknown"


def limits(rows: Iterable[Row], ids: tuple[str, str], *, families: Mapping[str, str]) -> pd.DataFrame:
    """Compares limits by kind, window and model family; of several scopes the tightest counts, a route's own never."""
    import pandas as pd

    sides: tuple[dict[Any, dict[str, Any]], dict[Any, dict[str, Any]]] = ({}, {})
    for row in rows:
        limit, rest = _number(row["limit"]), _number(row["remaining"])
        if row["scope"] == "route" or (limit is None and rest is None and not row["unlimited"]):
            continue
        model = str(row["model_id"] or "?")
        where = (str(row["kind"]), str(row["window"]), families.get(model, model))
        for side, key_id in enumerate(ids):
            held = sides[side].get(where)
            # of several scopes the tightest counts
            if row["key_id"] == key_id and (held is None or _tighter(limit, held["limit"])):
                sides[side][where] = {"limit": limit, "remaining": rest, "unlimited": bool(row["unlimited"])}
    table = []
    for where in sorted({*sides[0], *sides[1]}):
        a, b = (side.get(where, {}) for side in sides)
        ratio = a["limit"] / b["limit"] if a.get("limit") is not None and b.get("limit") else None
        table.append(
            [
                *where,
                a.get("limit"),
                b.get("limit"),
                ratio,
                a.get("remaining"),
                b.get("remaining"),
                a.get("unlimited"),
                b.get("unlimited"),
            ]
        )
    names = ["a_limit", "b_limit", "ratio", "a_remaining", "b_remaining"]
    frame = pd.DataFrame(table, columns=["kind", "window", "model", *names, "a_unlimited", "b_unlimited"], dtype=object)
    return frame.astype(dict.fromkeys(names, "Float64") | {"a_unlimited": "boolean", "b_unlimited": "boolean"})


def _tighter(limit: float | None, held: float | None) -> bool:
    return limit is not None and (held is None or limit < held)


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def prices(rows: Iterable[Row], ids: tuple[str, str]) -> pd.DataFrame:
    """Compares prices by family, tier and currency; of several offers the cheapest counts."""
    import pandas as pd

    sides: tuple[dict[Any, Any], dict[Any, Any]] = ({}, {})
    for row in rows:
        pair = (_money(row["input_mtok"]), _money(row["output_mtok"]))
        where = (
            str(row["family"] or row["model_id"]),
            str(row["tier"] or "default"),
            str(row["currency"]),
        )
        for side, key_id in enumerate(ids):
            if row["key_id"] == key_id and pair != (None, None):
                sides[side][where] = min(sides[side].get(where, pair), pair, key=_sum)
    table = []
    for where in sorted({*sides[0], *sides[1]}):
        a, b = (side.get(where, (None, None)) for side in sides)
        table.append([*where, _text(a[0]), _text(b[0]), _text(a[1]), _text(b[1]), _cheaper(a, b)])
    columns = ["family", "tier", "currency", "a_input", "b_input", "a_output", "b_output", "cheaper"]
    return pd.DataFrame(table, columns=columns, dtype=object)


def _money(value: Any) -> Decimal | None:
    """Gives an amount; a negative one is a placeholder for "depends on the route" and no price."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None


def _sum(pair: tuple[Decimal | None, Decimal | None]) -> tuple[int, Decimal]:
    return (sum(amount is None for amount in pair), sum((amount for amount in pair if amount is not None), Decimal(0)))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


def _cheaper(a: tuple[Decimal | None, Decimal | None], b: tuple[Decimal | None, Decimal | None]) -> str | None:
    """Gives `a`, `b`, `same`, `depends` (one is cheaper in, the other out); None where a price is missing."""
    signs = set()
    for mine, theirs in zip(a, b, strict=True):
        if (mine is None) != (theirs is None):
            return None
        if mine is not None and theirs is not None:
            signs.add((mine > theirs) - (mine < theirs))
    if not signs:
        return None
    signs.discard(0)
    return "same" if not signs else "depends" if len(signs) == 2 else "b" if signs == {1} else "a"


def identity(rows: Iterable[Row], ids: tuple[str, str]) -> pd.DataFrame:
    """Compares facts of the identity, one row each."""
    import pandas as pd

    by_key = {row["key_id"]: row for row in rows}
    a, b = (by_key.get(key_id, {}) for key_id in ids)
    table = [
        [
            fact,
            a.get(fact),
            b.get(fact),
            None if a.get(fact) is None or b.get(fact) is None else a[fact] == b[fact],
        ]
        for fact in FACTS
    ]
    frame = pd.DataFrame(table, columns=["fact", "a", "b", "same"], dtype=object)
    return frame.astype({"same": "boolean"})
