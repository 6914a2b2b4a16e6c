"""Collects what one key's run gives, as plain rows of the store's base tables."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from testkey_nb.keys import redact_secrets

if TYPE_CHECKING:
    from testkey_nb.answers import Diagnosis
    from testkey_nb.wire import Answer

Row = dict[str, Any]
EXCERPT = 600

# table of an extract -> how its rows stand among the observations: (topic, name column, value column, unit column)
_TOPICS = {
    "limits": ("limit", "kind", "limit", "unit"),
    "balances": ("balance", "kind", "amount", "currency"),
    "usage": ("usage", "kind", "amount", "unit"),
    "permissions": ("permission", None, None, None),
    "metrics": ("metric", "metric", "value", "unit"),
}


@dataclass(slots=True)
class Rows:
    """Rows by base table; every one carries the key and the exchange that proved it.

    Attributes:
        redact: takes keys out of a text; the catalogue's, where it knows more shapes than the installed one.
    """

    key_id: str
    prefix: str
    provider: str | None = None
    redact: Callable[[str], str] = redact_secrets
    tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    def exchange(self, answer: Answer, *, probe: str, request: str, outcome: str) -> str:
        """Note one exchange; returns its id."""
        self._count += 1
        exchange_id = f"{self.prefix}-{self._count:02d}"
        self.tables["exchanges"].append(
            {
                "exchange_id": exchange_id,
                "key_id": self.key_id,
                "probe": probe,
                "request": request,
                "method": answer.method,
                "host": answer.host,
                "path": answer.path,
                "status": answer.status,
                "outcome": outcome,
                "latency_ms": answer.latency_ms,
                "attempt": answer.attempt,
                "sent_at": answer.sent_at,
                "headers": json.dumps(dict(answer.headers), ensure_ascii=False),
                "body_excerpt": excerpt(answer, self.redact),
                "authenticated": answer.authenticated,
                "routed": answer.sent_to is not None,
            }
        )
        return exchange_id

    def observe(self, topic: str, name: str | None, **cells: Any) -> None:
        """Note one fact; cells are columns of the base table `observations`."""
        self.note("observations", provider=self.provider, topic=topic, name=name, **cells)

    def note(self, table: str, **cells: Any) -> None:
        """Note one row of a base table about the key."""
        self.tables[table].append({"key_id": self.key_id} | cells)

    def extracted(
        self,
        tables: Mapping[str, Iterable[Row]],
        *,
        exchange_id: str,
        probe: str,
        at: datetime | None,
        proves: str | None,
        public: bool = False,
    ) -> None:
        """Note what an answer's extracts gave."""
        ids = {"key_id": self.key_id, "provider": self.provider, "exchange_id": exchange_id}
        for table, rows in tables.items():
            for row in rows:
                if table == "models":
                    self.tables["model_listings"].append(
                        ids | row | {"proves": proves, "public": public, "complete": True}
                    )
                elif table == "prices":
                    self.tables["price_rows"].append(ids | row | {"source": "provider", "checked": at})
                elif table == "identity":
                    self._identity(row, exchange_id=exchange_id, probe=probe, at=at)
                elif table in _TOPICS:
                    self._fact(table, row, exchange_id=exchange_id, probe=probe, at=at)

    def cut(self, exchange_ids: Collection[str], why: str) -> None:
        """Note that the list of these exchanges was not read to its end, and why (`vocabulary.LIST_CUTS`)."""
        for row in self.tables["model_listings"]:
            if row["exchange_id"] in exchange_ids:
                row |= {"complete": False, "cut": why}
        for row in self.tables["observations"]:
            if row.get("exchange_id") in exchange_ids and row["topic"] == "usage":
                row["state"] = "partial"

    def _identity(self, row: Row, **where: Any) -> None:
        cells = {"exchange_id": where["exchange_id"], "probe": where["probe"], "observed_at": where["at"]}
        for column, value in row.items():
            if value is not None:
                text = value.isoformat() if isinstance(value, datetime) else str(value)
                self.observe("identity", column, value=text, **cells)

    def _fact(self, table: str, row: Row, **where: Any) -> None:
        topic, name, value, unit = _TOPICS[table]
        cells = {
            "purse": row.get("purse"),
            "model_id": row.get("model_id"),
            "scope": row.get("scope"),
            "window": row.get("window", row.get("period")),
            "value": row.get(value) if value else None,
            "remaining": row.get("remaining"),
            "unit": row.get(unit) if unit else None,
            "unlimited": row.get("unlimited"),
            "reset_at": row.get("reset_at"),
            "state": row.get("state"),
            "reason": row.get("reason"),
            "source": row.get("source"),
        }
        self.observe(
            topic,
            row.get(name) if name else None,
            exchange_id=where["exchange_id"], probe=where["probe"], observed_at=where["at"], **cells,
        )  # fmt: skip

    def diagnosed(self, diagnosis: Diagnosis, *, exchange_id: str) -> None:
        """Note why an exchange failed, beside the exchange itself."""
        exchange = next(row for row in self.tables["exchanges"] if row["exchange_id"] == exchange_id)
        exchange |= {
            "condition": diagnosis.condition,
            "key_valid": diagnosis.key_valid,
            "rule": diagnosis.rule,
            "cause": diagnosis.cause,
            "cause_code": diagnosis.cause_code,
            "move": diagnosis.move,
            "move_code": diagnosis.move_code,
            "specific": diagnosis.specific,
            "whose": diagnosis.whose,
        }


def excerpt(answer: Answer, redact: Callable[[str], str] = redact_secrets) -> str | None:
    """The first characters of the body, redacted; wire's own word where there is no body, or a redirect."""
    if answer.body is None or (answer.problem and 300 <= (answer.status or 0) < 400):
        return answer.problem
    text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body, ensure_ascii=False)
    text = redact(text[: EXCERPT * 2])
    return text if len(text) <= EXCERPT else text[:EXCERPT] + "…"
