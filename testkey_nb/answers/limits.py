"""The limits that one answer tells, in its headers, its body and the words of its error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.documents import Document, holds
from testkey_nb.answers.limit_row import LimitRow, policy_window, structured_rows
from testkey_nb.answers.limit_rules import Family, LimitRules, Text, limit_rules
from testkey_nb.answers.numbers import is_unlimited, leading, native
from testkey_nb.answers.times import reset, seconds
from testkey_nb.answers.windows import refill, window
from testkey_nb.catalogue.model import LimitHeader, Provider

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

_HINTS = ("limit", "quota", "concurren", "remain", "budget")


def limits_of(
    doc: Document,
    *,
    catalogue: Catalogue,
    provider: Provider | None = None,
    fields: bool = True,
) -> list[LimitRow]:
    """One row per limit told.

    The provider's own headers are read first, then the general families. `fields=False` leaves
    the general fields of bodies alone, where the provider's file reads the body itself.
    """
    rules = catalogue.once(limit_rules)
    rows: list[LimitRow] = []
    headers: Mapping[str, str] = doc["headers"]
    taken: set[str] = set()
    for spec in provider.limit_headers if provider is not None else ():
        if holds(spec.when, doc):
            rows += _declared(spec, headers, taken)
    rows += _families(headers, taken, rules, doc)
    rows += structured_rows(headers, taken)
    for place in rules.header_places:
        inner = place(doc)
        if isinstance(inner, Mapping):
            lower = {str(name).lower(): str(value) for name, value in inner.items()}
            rows += _families(lower, set(), rules, doc)
    rows += [row for rule in (rules.fields if fields else ()) for row in rule.rows(doc)]
    if doc["failed"]:
        _add_told(rows, doc, rules)
    return rows


def _numbers(limit: str | None, remaining: str | None) -> dict[str, Any]:
    """Limit and remaining as numbers. Minus one means no limit; as what remains beside no limit it means nothing."""
    unlimited = limit is not None and is_unlimited(limit)
    most = leading(limit) if limit is not None and not unlimited else None
    left = leading(remaining) if remaining is not None else None
    if most is not None and most < 0:
        most = None
    if left is not None and left == -1 and not most:
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
            found = family.match.fullmatch(name)
            if found is not None and holds(family.when, doc):
                parts = found.groupdict()
                what = rules.parts[parts["what"]]
                key = (family.id, parts.get("layer") or "", parts.get("kind") or "", parts.get("window") or "")
                groups.setdefault(key, {"family": family, "parts": parts})[what] = name
                break
    return [row for group in groups.values() if (row := _of_group(group, headers, rules, doc)) is not None]


def _of_group(
    group: Mapping[str, Any], headers: Mapping[str, str], rules: LimitRules, doc: Document
) -> LimitRow | None:
    family: Family = group["family"]
    parts = group["parts"]
    kind = rules.kinds.get(parts.get("kind") or "", family.kind)
    names = [group[what] for what in ("limit", "remaining", "reset") if what in group]
    if kind is None or not names:
        return None
    numbers = _numbers(headers.get(group.get("limit", "")), headers.get(group.get("remaining", "")))
    reset_s, reset_at = reset(headers.get(group.get("reset", "")), family.reset_as)
    if all(value is None for value in (*numbers.values(), reset_s, reset_at)):
        return None
    named = window(parts.get("window")) or window(seconds(headers.get(group.get("period", ""))))
    if named is None and kind == "requests":
        named = policy_window(headers)
    if named is None:
        assumed = family.window or rules.window_of(kind, doc)
        named = refill(numbers["limit"], numbers["remaining"], reset_s) or assumed
    return LimitRow(
        kind,
        names[0],
        window=named,
        unit=family.unit,
        reset_s=reset_s,
        reset_at=reset_at,
        scope="group:upstream" if parts.get("layer") else "key",
        shown=kind not in rules.hidden,
        **numbers,
    )


def _add_told(rows: list[LimitRow], doc: Document, rules: LimitRules) -> None:
    """Adds the limits that the error's words tell; a header that tells the same limit goes before and is completed."""
    for row in [row for text in (doc["error"], doc["nested"]) if text for row in _from_words(text, doc, rules.texts)]:
        place = next((index for index, other in enumerate(rows) if _same(other, row)), None)
        if place is None:
            rows.append(row)
        else:
            rows[place] = _completed(rows[place], row)


def _completed(row: LimitRow, other: LimitRow) -> LimitRow:
    """The row with what it leaves open from another one on the same limit; a limit of another height is another's."""
    if row.window is None:
        row = replace(row, window=other.window)
    if row.limit is None or row.limit != other.limit:
        return row
    if row.remaining is None:
        row = replace(row, remaining=other.remaining)
    if row.reset_s is None and row.reset_at is None:
        row = replace(row, reset_s=other.reset_s, reset_at=other.reset_at)
    return row


def _same(old: LimitRow, new: LimitRow) -> bool:
    return old.kind == new.kind and (None in (old.window, new.window) or old.window == new.window)


def _from_words(text: str, doc: Document, rules: Iterable[Text]) -> list[LimitRow]:
    """The limits of the first wording that this text has."""
    return next((rows for rule in rules if holds(rule.when, doc) and (rows := rule.rows(text))), [])
