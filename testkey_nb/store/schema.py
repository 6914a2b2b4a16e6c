"""The base tables: their columns and types, and the SQL files of the tables derived from them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from testkey_nb.store.quoting import identifier

_TEXT, _TIME, _BOOL = "VARCHAR", "TIMESTAMP", "BOOLEAN"


def _columns(names: str, **typed: str) -> dict[str, str]:
    """Gives text columns, but for those named with another type; the order is that of `names`."""
    return {name: typed.get(name, _TEXT) for name in names.split()}


# one set of these tables per run; run_id is added by the views over all runs that live
RUN_TABLES: Mapping[str, Mapping[str, str]] = {
    "keys": _columns("key_id label fingerprint source claimed_provider base_url added_at", added_at=_TIME),
    "exchanges": _columns(
        "exchange_id key_id probe request method host path status outcome latency_ms attempt sent_at headers "
        "body_excerpt authenticated routed condition key_valid rule cause cause_code move move_code specific whose",
        status="INTEGER", latency_ms="DOUBLE", attempt="INTEGER", sent_at=_TIME, authenticated=_BOOL, routed=_BOOL,
        key_valid=_BOOL, specific=_BOOL,
    ),
    "observations": _columns(
        "key_id provider exchange_id probe topic name purse model_id scope window value remaining unit unlimited "
        "reset_at state reason source observed_at",
        unlimited=_BOOL, reset_at=_TIME, observed_at=_TIME,
    ),
    "model_listings": _columns(
        "key_id provider exchange_id proves public model_id name context_window max_output modalities features created "
        "retired_at state reason scope complete cut",
        public=_BOOL, complete=_BOOL, context_window="BIGINT", max_output="BIGINT", created=_TIME, retired_at=_TIME,
    ),
    "price_rows": _columns(
        "key_id provider exchange_id source checked model_id upstream tier input_mtok output_mtok cache_read_mtok "
        "cache_write_mtok currency effective_from",
        checked=_TIME, effective_from=_TIME,
    ),
    "verdicts": _columns(
        "key_id exchange_id verdict confidence_db provider front transport upstream key_kind shape_owner shape_text "
        "shape_refusal official expires_at reason candidates key_valid key_valid_reason contradicted observed_at",
        confidence_db="DOUBLE", official=_BOOL, expires_at=_TIME, key_valid=_BOOL, contradicted=_BOOL,
        observed_at=_TIME,
    ),
    "evidence": _columns(
        "key_id exchange_id probe signal provider layer group db text source routed", db="DOUBLE", routed=_BOOL
    ),
    "coverage": _columns("key_id exchange_id metric probe state reason"),
    "ref_families": _columns("model_id family"),
}  # fmt: skip

# facts of the catalogue: they belong to no key and stay
REFERENCE_TABLES: Mapping[str, Mapping[str, str]] = {
    "ref_metrics": _columns("metric unit meaning ordinal", ordinal="INTEGER"),
    "ref_metric_capabilities": _columns("metric capability"),
    "ref_capabilities": _columns("capability ordinal", ordinal="INTEGER"),
    "ref_covered_models": _columns("provider model_id"),
    "ref_providers": _columns("provider name route kind"),
    "ref_provider_metrics": _columns("provider metric probe ordinal", ordinal="INTEGER"),
    "ref_not_exposed": _columns("provider fact"),
}

# in the order they build on each other; `_name` stands in the schema `live` and is not for analysts
VIEWS = (
    "keys", "exchanges", "_stamped", "_verdicts", "_listings", "ref_families", "identity", "_providers", "models",
    "permissions", "limits", "balances", "usage", "prices", "_diagnoses", "diagnoses",
)  # fmt: skip

# tables that are registered by `Store.define`
DEFINED_ELSEWHERE = frozenset({"capabilities", "dimensions", "stages", "actions", "risks", "checks"})

# rows of a frame always come in the same order
ORDER: Mapping[str, str] = {
    "runs": "run_id",
    "keys": "label, key_id",
    "exchanges": "run_id, sent_at, exchange_id",
    "metrics": 'key_id, ordinal NULLS LAST, metric, model_id NULLS FIRST, "window", unit, value',
    "identity": "label, key_id",
    "prices": "key_id, model_id, source, upstream NULLS FIRST, tier NULLS FIRST, currency",
    "permissions": "label, key_id, scope, model_id",
    "limits": 'label, key_id, scope, model_id, kind, "window"',
    "diagnoses": "key_id, exchange_id",
}


def create_table(place: str, columns: Mapping[str, str]) -> str:
    """Gives the CREATE TABLE statement of one base table."""
    return f"CREATE TABLE {place} ({', '.join(f'{identifier(name)} {kind}' for name, kind in columns.items())})"


def view_sql(name: str) -> str:
    """Gives the SELECT of one derived table."""
    return (files("testkey_nb.store") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
