"""Draws the words of the vocabulary: a symbol, a tint and the word, never colour alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

from testkey_nb.views.text import anchor, esc, missing

# word -> (symbol, tone); a tone is a CSS class of view.css
MARKS: dict[str, tuple[str, str]] = {
    "callable": ("✓", "good"),
    "listed": ("•", "soft"),
    "denied": ("✕", "bad"),
    "unknown": ("?", "unknown"),
    "valid": ("✓", "good"),
    "not-valid": ("✕", "bad"),
    "untested": ("?", "unknown"),
    "confirmed": ("✓", "good"),
    "partial": ("◐", "warn"),
    "invisible": ("◌", "mute"),
    "not_exposed": ("–", "mute"),
    "likely": ("≈", "soft"),
    "openai-compatible-unknown": ("≈", "warn"),
    "conflicting": ("≠", "bad"),
    "insufficient": ("?", "unknown"),
    "pass": ("✓", "good"),
    "review": ("◐", "warn"),
    "blocked": ("✕", "bad"),
    "high": ("▲", "bad"),
    "medium": ("◆", "warn"),
    "low": ("▽", "soft"),
    "info": ("i", "mute"),
    "ok": ("✓", "good"),
    "refused": ("✕", "bad"),
    "not_sent": ("–", "mute"),
    "no_balance": ("✕", "bad"),
    "limited": ("◐", "warn"),
    "absent": ("–", "mute"),
    "failed": ("✕", "bad"),
    "malformed": ("≠", "warn"),
    "unreachable": ("✕", "bad"),
    "timeout": ("◐", "warn"),
    "yes": ("✓", "good"),
    "no": ("✕", "bad"),
    "ahead": ("▲", "good"),
    "behind": ("▽", "warn"),
    "same": ("=", "mute"),
    "agrees": ("✓", "good"),
    "contradicts": ("≠", "bad"),
}


class Say(Protocol):
    """A language's texts by dotted name (a Locale)."""

    def __call__(self, name: str, /, **values: object) -> str: ...
    def find(self, name: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Pen:
    """How to draw: `say` has the words of a language, `links` is on where exchange rows stand on the page."""

    say: Say
    links: bool = False

    def word(self, word: str) -> str:
        """Gives a word of the vocabulary in the reader's language; one without translation stays as it is."""
        return (self.say.find(f"state.{word}") if word in MARKS else None) or word

    def chip(self, word: Any, *, title: str | None = None, exchange: Any = None, text: str | None = None) -> str:
        """Draws symbol and word in the word's tint. `text` stands in for the word; missing is `unknown`."""
        name = "unknown" if missing(word) else str(word)
        symbol, tone = MARKS.get(name, ("", "mute"))
        tip = f' title="{esc(title)}"' if title else ""
        inner = esc(text if text is not None else self.word(name))
        mark = f'<span aria-hidden="true">{symbol}</span> ' if symbol else ""
        return f'<span class="tk-s tk-{tone}"{tip}>{mark}{self.proof(inner, exchange)}</span>'

    def proof(self, inner: str, exchange: Any) -> str:
        """Links the (already safe) text to the exchange's row where the page has one."""
        if not self.links or missing(exchange) or not str(exchange):
            return inner
        return f'<a class="tk-x" href="#{anchor(exchange)}">{inner}</a>'

    def exchange(self, exchange_id: Any) -> str:
        """Gives the id of an exchange, linked where the page has its row."""
        return self.proof(f'<bdi dir="ltr" class="tk-ref">{esc(exchange_id)}</bdi>', exchange_id)

    def exchanges(self, evidence: Any) -> str:
        """Draws a JSON array of exchange ids as links; the fourth and later ones are only counted."""
        ids = evidence_ids(evidence)
        more = f' <span class="tk-mute-text">+{len(ids) - 3}</span>' if len(ids) > 3 else ""
        return " ".join(self.exchange(exchange_id) for exchange_id in ids[:3]) + more

    def named(self, table: str, name: str) -> str:
        """Gives a rule's name (`add-monitoring`, `add monitoring`) in the reader's language, else plain."""
        slug = name.strip().lower().replace(" ", "-").replace("_", "-")
        return self.say.find(f"{table}.{slug}") or name.replace("-", " ").replace("_", " ")

    def none(self) -> str:
        """Gives what stands for a value that no answer told."""
        return '<span class="tk-q">?</span>'


def evidence_ids(evidence: Any) -> list[str]:
    """Gives the exchange ids of an `evidence` cell: JSON text, a list, one id, or nothing."""
    if isinstance(evidence, (list, tuple)):
        return [str(exchange_id) for exchange_id in evidence]
    if missing(evidence) or not str(evidence).strip():
        return []
    try:
        parsed = json.loads(str(evidence))
    except ValueError:
        return [str(evidence)]
    if isinstance(parsed, list):
        return [str(exchange_id) for exchange_id in parsed]
    return [str(parsed)]
