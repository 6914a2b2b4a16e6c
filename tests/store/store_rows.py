"""Rows of base tables, written short, and a store with clocks that the test moves."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from testkey_nb.store import Store

WORKED_S = 0.1


def wait_for_work() -> None:
    """Waits until another thread has worked for a while, however busy the machine is."""
    begun = time.process_time()
    while time.process_time() - begun < WORKED_S:
        time.sleep(0.001)


START = datetime.fromisoformat("2026-11-23T12:00:00")


class Clock:
    """Both clocks of a store, moved by hand."""

    def __init__(self) -> None:
        self.now = START
        self.steady = 1000.0

    def wall(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.steady

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.steady += seconds


class Filled:
    """A store with one open run and shorthands for its rows."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        self.store = Store(clock=self.clock.wall, monotonic=self.clock.seconds, **options)
        self.run = self.store.open_run()

    def again(self) -> Filled:
        """The rows that follow belong to a new run."""
        self.run = self.store.open_run()
        return self

    def rows(self, table: str, *rows: dict[str, Any]) -> Filled:
        self.store.insert(self.run, table, pd.DataFrame(list(rows)))
        return self

    def key(self, key_id: str = "k1", **more: Any) -> Filled:
        row = {
            "key_id": key_id,
            "label": f"label-{key_id}",
            "fingerprint": "0" * 12,
            "source": "env:X",
            "added_at": START,
        }
        return self.rows("keys", row | more)

    def exchange(self, exchange_id: str, key_id: str = "k1", **more: Any) -> Filled:
        row = {
            "exchange_id": exchange_id,
            "key_id": key_id,
            "probe": "current_key",
            "request": "models",
            "method": "GET",
            "host": "api.acme.example",
            "path": "/v1/models",
            "status": 200,
            "outcome": "ok",
            "latency_ms": 12.5,
            "attempt": 1,
            "sent_at": self.clock.now,
            "headers": "{}",
            "authenticated": True,
        }
        return self.rows("exchanges", row | more)

    def observe(self, topic: str, name: str | None = None, key_id: str = "k1", **more: Any) -> Filled:
        row = {"key_id": key_id, "provider": "acme", "topic": topic, "name": name, "observed_at": self.clock.now}
        return self.rows("observations", row | more)

    def listed(self, model_id: str, exchange_id: str = "x1", key_id: str = "k1", **more: Any) -> Filled:
        row = {"key_id": key_id, "provider": "acme", "exchange_id": exchange_id, "model_id": model_id, "public": False}
        return self.rows("model_listings", row | more)

    def price(self, model_id: str, source: str, **more: Any) -> Filled:
        row = {"key_id": "k1", "provider": "acme", "model_id": model_id, "source": source, "currency": "USD"}
        return self.rows("price_rows", row | more)

    def verdict(self, key_id: str = "k1", **more: Any) -> Filled:
        return self.rows("verdicts", {"key_id": key_id, "observed_at": self.clock.now} | more)

    def records(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table as plain values: unknown is None, times are ISO text in UTC."""
        return [
            {str(name): plain(value) for name, value in row.items()}
            for row in self.store.frame(table).to_dict("records")
        ]

    def one(self, table: str) -> dict[str, Any]:
        """The only row of a table."""
        (row,) = self.records(table)
        return row

    def column(self, table: str, key: str, value: str) -> dict[Any, Any]:
        return {row[key]: row[value] for row in self.records(table)}


def plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else value
