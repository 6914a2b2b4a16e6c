"""One limit as an answer tells it, and the headers that the IETF drafts tell it in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from testkey_nb.answers.numbers import Number, exact, leading, native, plain
from testkey_nb.answers.windows import of_seconds
from testkey_nb.vocabulary import EXTRACT_COLUMNS

# Each draft wrote it differently: `"name";q=100;w=60`, `100;w=60`, `limit=100, remaining=5, reset=30`.
_PARAMETER = re.compile(r"(?:^|[;,\s])(q|w|r|t|limit|remaining|reset)\s*=\s*\"?(\d+(?:\.\d+)?)")
_NAME = re.compile(r'"([^"]*)"\s*;\s*(?=[a-z])')
_SHORT = {"limit": "q", "remaining": "r", "reset": "t"}
# draft-03 writes the quotas behind the number that binds: `100, 100;w=60, 1000;w=3600`
_QUOTA = re.compile(r"(?:^|,)\s*(\d+)\s*;[^,]*?\bw(?:indow)?=(\d+)")
_PER_MODEL = ("context", "max_output")


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit; what was not told is None.

    Attributes:
        source: the header, the field or `error` that told it.
        limit, remaining: an int, or a float where a fraction was told.
        unlimited: True where the answer says that there is no limit.
        reset_s, reset_at: as told, never one computed from the other.
        model_id: the model that this very limit names; `*` = it binds the account or the key, None = not told.
        binds: a word of `vocabulary.BINDS`; None where the rule that read it does not say.
        shown: False for a counter that a diagnosis leaves out.
    """

    kind: str
    source: str
    window: str | None = None
    limit: Number | None = None
    remaining: Number | None = None
    unit: str | None = None
    unlimited: bool | None = None
    reset_s: float | None = None
    reset_at: datetime | None = None
    scope: str = "key"
    model_id: str | None = None
    binds: str | None = None
    shown: bool = True

    def bound(self, binds: str | None, model: str | None) -> LimitRow:
        """The same row with whom it binds: its own word goes before `binds`, a model it names before `model`."""
        to = binds if binds == "route" else self.binds or binds
        if to == "route":
            return replace(self, model_id="*", scope="route")
        if self.model_id is None and to in ("account", "key") and self.kind not in _PER_MODEL:
            shared = to == "account" and self.scope == "key"
            return replace(self, model_id="*", scope="organization" if shared else self.scope)
        return self if self.model_id is not None else replace(self, model_id=model)

    def as_told(self) -> dict[str, Any]:
        """The same as a diagnosis tells it."""
        return shown(asdict(self))

    def extracted(self) -> dict[str, Any]:
        """The same as a row of the table `limits`, its numbers as exact text."""
        cells = asdict(self) | {"state": "confirmed"}
        for name in ("limit", "remaining"):
            number = exact(cells[name])
            cells[name] = None if number is None else plain(number)
        if self.unlimited is None and self.limit is not None:
            cells["unlimited"] = False
        return {name: cells[name] for name in EXTRACT_COLUMNS["limits"]}


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a limit that a diagnosis tells; an untold window is `unknown`."""
    names = ("model_id", "kind", "window", "limit", "remaining", "unit", "reset_s", "reset_at", "source")
    return {name: row[name] for name in names} | {"window": row["window"] or "unknown"}


def structured_rows(headers: Mapping[str, str], taken: set[str]) -> list[LimitRow]:
    """One row per policy of `RateLimit-Policy`; what is left of it comes from `RateLimit`."""
    policies = _items(headers.get("ratelimit-policy", "")) if "ratelimit-policy" not in taken else {}
    states = _items(headers.get("ratelimit", "")) if "ratelimit" not in taken else {}
    plain = not states and "ratelimit-remaining" in headers
    rows = []
    for name in [*policies, *(name for name in states if name not in policies)]:
        policy = policies.get(name, {})
        state = states.get(name, {}) or (next(iter(states.values())) if len(states) == len(policies) == 1 else {})
        if plain or not {"q", "r", "limit"} & {*policy, *state}:
            continue
        parts = policy | state
        rows.append(
            LimitRow(
                "requests",
                "ratelimit-policy" if "q" in policy else "ratelimit",
                window=of_seconds(float(parts["w"])) if "w" in parts else None,
                limit=native(leading(parts["q"])) if "q" in parts else None,
                remaining=native(leading(parts["r"])) if "r" in parts else None,
                reset_s=float(parts["t"]) if "t" in parts else None,
            )
        )
    return rows


def policies_in(text: str) -> list[tuple[Number | None, str | None]]:
    """The quotas and windows that a limit header writes behind its number, closest first."""
    return [(native(exact(quota)), of_seconds(float(span))) for quota, span in _QUOTA.findall(text[:500])]


def policy_window(headers: Mapping[str, str]) -> str | None:
    """The window of the only policy, for answers that tell the numbers in `RateLimit-Limit` and its kin."""
    spans = {item["w"] for item in _items(headers.get("ratelimit-policy", "")).values() if "w" in item}
    return of_seconds(float(spans.pop())) if len(spans) == 1 else None


def _items(text: str) -> dict[str, dict[str, str]]:
    items: dict[str, dict[str, str]] = {}
    parts = [text] if re.search(r"\b(?:limit|remaining|reset)=", text) else re.split(r",(?=\s*[\"\d])", text)
    for part in parts[:10]:
        parameters = {_SHORT.get(name, name): value for name, value in _PARAMETER.findall(part[:500])}
        if (bare := re.match(r"\s*(\d+)\s*;", part)) and "q" not in parameters:
            parameters["q"] = bare[1]
        names = _NAME.findall(part)
        if parameters:
            items[names[-1] if names else ""] = parameters
    return items
