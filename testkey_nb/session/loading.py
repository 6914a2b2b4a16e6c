"""Brings results into the store: one frame per table, with list prices and families joined on the way."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from testkey_nb import analysis, pricing
from testkey_nb.clock import SYSTEM_CLOCK, Clock
from testkey_nb.errors import CatalogueError, CatalogueWarning
from testkey_nb.store import Store

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.probes import Result

Row = dict[str, Any]


def open_store(catalogue: Catalogue, *, ttl: float, clock: Clock = SYSTEM_CLOCK) -> Store:
    """Gives a store that knows the catalogue's metrics and rules, with nothing of any key in it."""
    store, problems = _with_rules(catalogue, ttl=ttl, clock=clock)
    for problem in problems:
        warnings.warn(f"a rule is left out: {problem}", CatalogueWarning, stacklevel=2)
    return store


def refused_rules(catalogue: Catalogue) -> tuple[CatalogueError, ...]:
    """Gives the rules that cannot be read, and those that the engine does not take."""
    store, problems = _with_rules(catalogue)
    store.close()
    return problems


def _with_rules(
    catalogue: Catalogue, *, ttl: float = 300, clock: Clock = SYSTEM_CLOCK
) -> tuple[Store, tuple[CatalogueError, ...]]:
    store = Store(
        ttl=ttl,
        clock=clock.now,
        monotonic=clock.steady,
        metric_sql={name: metric.sql for name, metric in catalogue.metrics.items() if metric.sql},
        reference=reference(catalogue),
    )
    return store, analysis.define_all(store, catalogue)


def insert_results(store: Store, run: str, results: Sequence[Result], *, catalogue: Catalogue) -> None:
    """Inserts the rows of all results, one frame and one insert per table."""
    tables: dict[str, list[Row]] = {}
    for result in results:
        for name, rows in result.rows.tables.items():
            tables.setdefault(name, []).extend(rows)
        tables.setdefault("price_rows", []).extend(_list_prices(result, catalogue))
    model_ids = {
        str(row["model_id"]) for rows in tables.values() for row in rows if row.get("model_id") not in (None, "*")
    }
    model_ids |= {
        model
        for result in results
        if result.target.provider is not None
        for model in result.target.provider.covered_models
    }
    tables["ref_families"] = [
        {"model_id": model, "family": name} for model, name in pricing.families(sorted(model_ids)).items()
    ]
    for name, rows in tables.items():
        if rows:
            store.insert(run, name, pd.DataFrame(rows))


def _list_prices(result: Result, catalogue: Catalogue) -> list[Row]:
    """Gives list prices of the models that a key shows; they stand beside the provider's own, under their source."""
    provider = result.target.provider
    if provider is None:
        return []
    listed = list(dict.fromkeys(row["model_id"] for row in result.rows.tables["model_listings"] if row.get("model_id")))
    ids = {"key_id": result.target.key_id, "provider": provider.id, "exchange_id": None}
    return [ids | row for row in pricing.rows_for(provider.id, listed, catalogue=catalogue)]


def reference(catalogue: Catalogue) -> dict[str, pd.DataFrame]:
    """Gives what the views need to know of the catalogue; nothing of any key."""
    providers = catalogue.providers.values()
    tables: dict[str, list[Row]] = {
        "ref_metrics": [
            {"metric": metric.name, "unit": metric.unit, "meaning": metric.meaning, "ordinal": place}
            for place, metric in enumerate(catalogue.metrics.values())
        ],
        "ref_metric_capabilities": [
            {"metric": metric.name, "capability": name}
            for metric in catalogue.metrics.values()
            for name in metric.capabilities
        ],
        "ref_capabilities": [
            {"capability": name, "ordinal": place} for place, name in enumerate(catalogue.capabilities)
        ],
        "ref_providers": [
            {"provider": each.id, "name": each.name, "route": each.route, "kind": each.kind} for each in providers
        ],
        "ref_covered_models": [
            {"provider": each.id, "model_id": model} for each in providers for model in each.covered_models
        ],
        "ref_provider_metrics": [
            {"provider": each.id, "metric": name, "probe": probe.id, "ordinal": place}
            for each in providers
            for place, (probe, name) in enumerate(
                (probe, name) for probe in each.read_only_probes for name in probe.metrics
            )
        ],
        "ref_not_exposed": [
            {"provider": each.id, "fact": gone.fact} for each in providers for gone in each.not_exposed
        ],
    }
    return {name: pd.DataFrame(rows) for name, rows in tables.items()}
