"""The `RateLimit` and `RateLimit-Policy` headers of the IETF drafts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from testkey_nb.answers.limit_row import LimitRow
from testkey_nb.answers.numbers import leading, native
from testkey_nb.answers.windows import of_seconds

# Each draft wrote it differently: `"name";q=100;w=60`, `100;w=60`, `limit=100, remaining=5, reset=30`.
_PARAMETER = re.compile(r"(?:^|[;,\s])(q|w|r|t|limit|remaining|reset)\s*=\s*\"?(\d+(?:\.\d+)?)")
_NAME = re.compile(r'"([^"]*)"\s*;\s*(?=[a-z])')
_SHORT = {"limit": "q", "remaining": "r", "reset": "t"}


def structured_rows(headers: Mapping[str, str], taken: set[str]) -> list[LimitRow]:
    """One row per policy; what is left of it comes from `RateLimit`. Nothing where neither header is there."""
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


def policy_window(headers: Mapping[str, str]) -> str | None:
    """The window of the only policy, for answers that tell the numbers in `RateLimit-Limit` and its kin."""
    spans = {item["w"] for item in _items(headers.get("ratelimit-policy", "")).values() if "w" in item}
    return of_seconds(float(spans.pop())) if len(spans) == 1 else None


def _items(text: str) -> dict[str, dict[str, str]]:
    items: dict[str, dict[str, str]] = {}
    parts = [text] if re.search(r"\b(?:limit|remaining|reset)=", text) else re.split(r",(?=\s*[\"\d])", text)
    for part in parts[:10]:
        told = {_SHORT.get(name, name): value for name, value in _PARAMETER.findall(part[:500])}
        if (bare := re.match(r"\s*(\d+)\s*;", part)) and "q" not in told:
            told["q"] = bare[1]
        names = _NAME.findall(part)
        if told:
            items[names[-1] if names else ""] = told
    return items
