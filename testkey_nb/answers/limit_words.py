"""Sentences of errors that tell a limit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from testkey_nb.answers.limit_row import LimitRow
from testkey_nb.answers.numbers import ENDLESS, leading, native
from testkey_nb.answers.times import instant_in, seconds
from testkey_nb.answers.windows import window
from testkey_nb.catalogue.expressions import Expression


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence that tells a limit.

    Groups of its regex: limit, beyond, remaining, kind, window, span, reset, at, model. `beyond` is the first number
    that is too much: the limit is one less.
    """

    id: str
    match: re.Pattern[str]
    kind: str | None
    window: str | None
    unit: str | None
    when: Expression | None
    binds: str | None
    kinds: Mapping[str, str]

    def rows(self, text: str) -> list[LimitRow]:
        """Every limit of this wording in the text, each kind, window and model once."""
        rows: dict[tuple[str | None, ...], LimitRow] = {}
        for match in self.match.finditer(text[:8000]):
            parts = {name: value for name, value in match.groupdict().items() if value is not None}
            word = re.sub(r"[\s_-]+", " ", parts.get("kind", "").lower()).strip()
            kind = self.kinds.get(word, self.kind)
            limit = _whole(parts.get("limit")) if "beyond" not in parts else (_whole(parts["beyond"]) or 1) - 1
            if kind is None or (limit or 0) >= ENDLESS:
                continue
            named = self.window or self._window(word, parts) or ("none" if kind == "concurrency" else None)
            row = LimitRow(
                kind,
                "error",
                window=named,
                limit=limit,
                remaining=_whole(parts.get("remaining")),
                unit=self.unit,
                reset_s=seconds(parts.get("reset")),
                reset_at=instant_in(parts["at"]) if "at" in parts else None,
                model_id=parts.get("model"),
                binds=self.binds,
            )
            rows.setdefault((kind, named, row.model_id), row)
        return list(rows.values())

    @staticmethod
    def _window(word: str, parts: Mapping[str, str]) -> str | None:
        if word in _SHORTHAND:
            return _SHORTHAND[word]
        count = parts.get("span")
        if count is not None:
            unit = parts.get("window") or "s"
            return window(f"{count}{unit}") or window(seconds(f"{count} {unit}"))
        return window(parts.get("window"))


_SHORTHAND = {
    word: name
    for name, words in {
        "minute": "rpm tpm qpm itpm otpm ipm",
        "day": "rpd tpd",
        "second": "rps tps qps",
        "hour": "rph tph",
    }.items()
    for word in words.split()
}


def _whole(text: str | None) -> int | float | None:
    if text is None:
        return None
    if text.lower() in ("one", "single"):
        return 1
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", text):  # 1.000.000, as half of the world writes it
        text = text.replace(".", "")
    number = leading(text)
    factor = {"K": 1_000, "M": 1_000_000}.get(text.strip()[-1:].upper(), 1)
    return native(number * factor) if number is not None else None
