"""A small hand-filled store: the columns of the contract, no probing."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from testkey_nb.errors import BadQuery, CatalogueError

DATA = Path(__file__).parents[2] / "data"
NOW = datetime.fromisoformat("2026-11-23T12:00")


def _columns(names: str) -> str:
    """`a b:INT` as SQL columns; text unless said otherwise."""
    pairs = (name.partition(":") for name in names.split())
    return ", ".join(f'"{name}" {kind or "TEXT"}' for name, _, kind in pairs)


SHAPES = {
    "keys": "key_id label fingerprint source claimed_provider base_url added_at:TIMESTAMP",
    "exchanges": "exchange_id key_id probe method host path status:INT outcome latency_ms:DOUBLE attempt:INT "
    "sent_at:TIMESTAMP headers body_excerpt authenticated:BOOLEAN",
    "identity": "key_id label claimed_provider provider key_valid:BOOLEAN verdict confidence_db:DOUBLE front "
    "transport upstream key_kind owner_id organization_id project token_type token_role token_scopes "
    "expires_at:TIMESTAMP evidence reason candidates",
    "models": "key_id provider model_id family name context_window:BIGINT max_output:BIGINT modalities "
    "features created:TIMESTAMP retired_at:TIMESTAMP exchange_id complete:BOOLEAN",
    "model_listings": "key_id provider exchange_id proves public:BOOLEAN model_id complete:BOOLEAN cut",
    "permissions": "key_id label provider model_id family scope state reason exchange_id",
    "limits": "key_id label model_id scope kind window limit:DOUBLE remaining:DOUBLE unit unlimited:BOOLEAN "
    "reset_at:TIMESTAMP state source exchange_id",
    "balances": "key_id purse kind amount currency derived:BOOLEAN state exchange_id evidence",
    "usage": "key_id period kind amount unit state exchange_id",
    "prices": "key_id provider model_id family source upstream tier input_mtok output_mtok cache_read_mtok "
    "cache_write_mtok currency effective_from:TIMESTAMP checked:DATE age_days:BIGINT "
    "conflict:BOOLEAN",
    "price_rows": "key_id exchange_id model_id",
    "live._diagnoses": "exchange_id key_id condition status:INT cause cause_code move move_code specific:BOOLEAN whose",
    "observations": "key_id provider exchange_id topic name model_id value state reason",
    "verdicts": "key_id exchange_id verdict shape_owner shape_text shape_refusal official:BOOLEAN",
    "coverage": "key_id exchange_id metric state reason",
    "ref_providers": "provider name route kind",
    "ref_not_exposed": "provider fact",
    "ref_metric_capabilities": "metric capability",
}


class SmallStore:
    """The part of the store that the analysis uses."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(":memory:")
        self.connection.execute("CREATE SCHEMA live")
        for name, columns in SHAPES.items():
            self.connection.execute(f"CREATE TABLE {name} ({_columns(columns)})")

    def define(self, name: str, sql: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE VIEW {name} AS {sql}")

    def sql(self, query: str) -> pd.DataFrame:
        try:
            return self.connection.execute(query).df()
        except duckdb.Error as problem:
            raise BadQuery(str(problem)) from None

    def frame(self, table: str) -> pd.DataFrame:
        return self.sql(f"FROM {table}")

    def add(self, table: str, **row: Any) -> None:
        # what an answer says goes in; what it comes to is what the rules make of it
        table = "live._diagnoses" if table == "diagnoses" else table
        if table == "balances":
            purse = "cap" if row["kind"] in ("cap", "remaining") else "account"
            proof = json.dumps([row["exchange_id"]]) if row.get("exchange_id") else "[]"
            row = {"purse": purse, "derived": False, "evidence": proof} | row
        names = ", ".join(f'"{name}"' for name in row)
        self.connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values())
        )

    def key(self, key_id: str, **identity: Any) -> None:
        """A key with its identity row; base_url and added_at belong to the key, the rest to the identity."""
        claimed, base_url = identity.get("claimed_provider"), identity.pop("base_url", None)
        self.add(
            "keys",
            key_id=key_id,
            label=key_id,
            source="env:X",
            claimed_provider=claimed,
            base_url=base_url,
            added_at=NOW - timedelta(minutes=1),
        )
        self.add("identity", key_id=key_id, label=key_id, **identity)

    def exchange(self, key_id: str, exchange_id: str, **more: Any) -> str:
        row = {
            "status": 200,
            "outcome": "ok",
            "authenticated": True,
            "sent_at": NOW,
            "latency_ms": 50.0,
        } | more
        self.add("exchanges", exchange_id=exchange_id, key_id=key_id, **row)
        return exchange_id


class Book:
    """The part of the catalogue that the analysis uses, over the real files unless replaced."""

    def __init__(self, **replaced: Any) -> None:
        self.replaced = replaced

    @property
    def capabilities(self) -> list[str]:
        return [one["name"] for one in self.rules("capabilities")["capabilities"]]

    def rules(self, name: str) -> Mapping[str, Any]:
        if isinstance(self.replaced.get(name), CatalogueError):
            raise self.replaced[name]
        return self.replaced[name] if name in self.replaced else read(name)


@cache
def read(name: str) -> dict[str, Any]:
    return tomllib.loads(next(DATA.rglob(f"{name}.toml")).read_text())


def healthy(store: SmallStore, key_id: str = "prod") -> None:
    """A key about which everything is known and in order."""
    store.key(
        key_id,
        provider="alpha",
        claimed_provider="alpha",
        key_valid=True,
        verdict="confirmed",
        confidence_db=40.0,
        key_kind="project",
        organization_id="org-1",
    )
    at = {"key_id": key_id, "label": key_id}
    for name in ("models", "limits", "balance"):
        store.exchange(key_id, f"{key_id}-{name}")
    for model_id in ("m-1", "m-2", "m-3"):
        store.add(
            "models",
            key_id=key_id,
            provider="alpha",
            model_id=model_id,
            family=model_id,
            context_window=8192,
            exchange_id=f"{key_id}-models",
        )
        store.add(
            "permissions",
            **at,
            provider="alpha",
            model_id=model_id,
            family=model_id,
            scope="key",
            state="callable",
            exchange_id=f"{key_id}-models",
        )
        store.add(
            "prices",
            key_id=key_id,
            provider="alpha",
            model_id=model_id,
            family=model_id,
            source="list",
            tier="default",
            input_mtok="1",
            output_mtok="2",
            currency="USD",
            age_days=3,
            conflict=False,
        )
        store.add(
            "limits",
            **at,
            model_id=model_id,
            scope="key",
            kind="requests",
            window="minute",
            limit=100.0,
            remaining=90.0,
            unit="requests",
            unlimited=False,
            state="confirmed",
            source="field",
            exchange_id=f"{key_id}-limits",
        )
    store.add(
        "balances",
        key_id=key_id,
        kind="available",
        amount="12.50",
        currency="USD",
        state="confirmed",
        exchange_id=f"{key_id}-balance",
    )
    store.add(
        "usage",
        key_id=key_id,
        period="day",
        kind="requests",
        amount="7",
        unit="requests",
        state="confirmed",
        exchange_id=f"{key_id}-balance",
    )


def refused(store: SmallStore, key_id: str = "dead", condition: str = "invalid-api-key") -> None:
    store.key(key_id, provider="alpha", key_valid=False, verdict="likely", confidence_db=15.0)
    store.exchange(key_id, f"{key_id}-1", status=401, outcome="refused")
    store.add("diagnoses", exchange_id=f"{key_id}-1", key_id=key_id, condition=condition, status=401)
