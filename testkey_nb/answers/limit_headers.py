"""The limits that an answer's headers tell: those that a provider's file names, and those whose name says them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from testkey_nb.answers.documents import Document, holds
from testkey_nb.answers.limit_row import LimitRow, policies_in, policy_window, structured_rows
from testkey_nb.answers.limit_rules import Family, LimitRules
from testkey_nb.answers.numbers import ENDLESS, exact, is_unlimited, leading, native
from testkey_nb.answers.times import reset, seconds
from testkey_nb.answers.windows import refill, window
from testkey_nb.catalogue.model import LimitHeader

_HINTS = ("limit", "quota", "concurren", "remain", "budget", "percent", "window", "reset")


def header_rows(
    headers: Mapping[str, str], specs: Iterable[LimitHeader], rules: LimitRules, doc: Document
) -> list[LimitRow]:
    """One row per limit that these headers tell; the provider's own (`specs`) are read before the general families."""
    rows: list[LimitRow] = []
    taken: set[str] = set()
    for spec in specs:
        if holds(spec.when, doc):
            rows += _declared(spec, headers, taken)
    rows += _families(headers, taken, rules, doc)
    return _without_twins(rows + structured_rows(headers, taken))


def _numbers(limit: str | None, remaining: str | None) -> dict[str, Any]:
    """Limit and remaining as numbers. Minus one means no limit; as what remains beside no limit it means nothing."""
    most = leading(limit) if limit is not None else None
    left = leading(remaining) if remaining is not None else None
    unlimited = limit is not None and (is_unlimited(limit) or (most is not None and most >= ENDLESS))
    if unlimited or (most is not None and most < 0):
        most = None
    if left is not None and ((left == -1 and not most) or left >= ENDLESS):
        left = None
    return {"limit": native(most), "remaining": native(left), "unlimited": True if unlimited else None}


def _declared(spec: LimitHeader, headers: Mapping[str, str], taken: set[str]) -> list[LimitRow]:
    own = (spec.limit, spec.remaining, spec.reset)
    names = [name for name in own if name and name in headers and name not in taken]
    if not names:
        return []
    taken.update(names)
    numbers = _numbers(headers.get(spec.limit or ""), headers.get(spec.remaining or ""))
    reset_s, reset_at = reset(headers.get(spec.reset or ""), spec.reset_as)
    if all(value is None for value in (*numbers.values(), reset_s, reset_at)):
        return []
    named = window(spec.window)
    if named == "minute" and not any("min" in name for name in names):
        named = refill(numbers["limit"], numbers["remaining"], reset_s) or named
    return [
        LimitRow(
            spec.kind,
            names[0],
            window=named,
            unit=spec.unit,
            scope=spec.scope,
            binds=spec.binds,
            reset_s=reset_s,
            reset_at=reset_at,
            **numbers,
        )
    ]


def _families(headers: Mapping[str, str], taken: set[str], rules: LimitRules, doc: Document) -> list[LimitRow]:
    """Rows of headers whose name says what they are."""
    groups: dict[tuple[str, ...], dict[str, Any]] = {}
    for name in headers:
        if name in taken or not any(hint in name for hint in _HINTS):
            continue
        for family in rules.families:
            match = family.match.fullmatch(name)
            if match is not None and holds(family.when, doc):
                parts = {part: word for part, word in match.groupdict().items() if word}
                what = rules.parts[parts.get("what", "limit")]
                key = (family.id, *(parts.get(part, "") for part in ("layer", "kind", "window", "name", "rule")))
                groups.setdefault(key, {"family": family, "parts": parts})[what] = name
                break
    return [row for group in groups.values() for row in _of_group(group, headers, rules, doc)]


def _of_group(group: Mapping[str, Any], headers: Mapping[str, str], rules: LimitRules, doc: Document) -> list[LimitRow]:
    family: Family = group["family"]
    parts = group["parts"]
    kind = rules.kinds.get(parts.get("kind", ""), family.kind)
    texts = {what: headers[name] for what, name in group.items() if what in rules.parts.values()}
    names = [group[what] for what in ("limit", "remaining", "used", "reset") if what in group]
    if family.pairs and names:
        values = dict(parse_qsl(texts["limit"][:500]))
        texts = {what: values[name] for what, name in family.pairs.items() if name in values}
    if kind is None or not names or exact(texts.get("period")) == 0:  # a period of nothing is no window
        return []
    numbers = _numbers(texts.get("limit"), texts.get("remaining"))
    if family.full is not None:  # what is used of a whole that is never told
        numbers = _of_whole(texts.get("used"), family.full)
    reset_s, reset_at = reset(texts.get("reset"), family.reset_as)
    reset_at = reset_at or reset(texts.get("at"))[1]
    resets = family.full is None and (reset_s is not None or reset_at is not None)
    if all(value is None for value in numbers.values()) and not resets:
        return []
    row = LimitRow(
        kind,
        names[0],
        window=window(parts.get("window")) or window(seconds(f"{texts.get('period')}{family.period_unit}")),
        unit=family.unit,
        reset_s=reset_s,
        reset_at=reset_at,
        scope="group:upstream" if parts.get("layer") else "key",
        model_id=headers.get(family.model.format_map(parts)),
        binds=family.binds,
        shown=kind not in rules.hidden and not (family.pairs and numbers["unlimited"]),
        **numbers,
    )
    if row.window is not None:
        return [row]
    policies = policies_in(",".join(texts.get(what, "") for what in ("limit", "policy")))
    named = next((each for limit, each in policies if limit == row.limit), None)
    others = [LimitRow(kind, names[0], window=each, limit=limit, binds=family.binds) for limit, each in policies]
    if named is None and kind == "requests":
        named = policy_window(headers)
    if named is None:
        assumed = family.window or rules.window_of(kind, doc)
        named = refill(row.limit, row.remaining, reset_s) or assumed
    return [replace(row, window=named), *(other for other in others if other.window != named)]


def _of_whole(used: str | None, full: Decimal) -> dict[str, Any]:
    """A hundred of percent, and what is left of them; `full` is the number that the answer writes for all of it."""
    number = leading(used) if used is not None else None
    if number is None:
        return {"limit": None, "remaining": None, "unlimited": None}
    return {"limit": 100, "remaining": native(max(100 - number * 100 / full, Decimal(0))), "unlimited": None}


def _without_twins(rows: list[LimitRow]) -> list[LimitRow]:
    """One row where two headers tell the same limit, one of them without its window."""
    kept: list[LimitRow] = []
    for row in sorted(rows, key=lambda row: row.window is None):
        twin = next((place for place, other in enumerate(kept) if _is_twin(row, other)), None)
        if twin is None:
            kept.append(row)
        elif kept[twin].reset_s is None and kept[twin].reset_at is None:
            kept[twin] = replace(kept[twin], reset_s=row.reset_s, reset_at=row.reset_at)
    return [row for row in rows if row in kept] + [row for row in kept if row not in rows]


def _is_twin(row: LimitRow, other: LimitRow) -> bool:
    same = (row.kind, row.limit, row.remaining, row.scope) == (other.kind, other.limit, other.remaining, other.scope)
    return same and row.window is None and other.window is not None and row.limit is not None
