"""What a metric says feeds it is what its SQL reads."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from testkey_nb.catalogue import load
from testkey_nb.catalogue.catalogue import read_catalogue
from testkey_nb.catalogue.paths import data_dir
from testkey_nb.store.materialized import tables_read
from testkey_nb.store.store import Store
from testkey_nb.vocabulary import METRIC_FEEDS

METRICS = {name: metric for name, metric in load().metrics.items() if metric.sql}
# rows of these are filled by extracts of the other name
EXTRACTED_AS = {"price_rows": "prices"}
# what answers that check the key come to; other metrics may read it without being fed by them
CONCLUDED = {"verdicts"}


@pytest.mark.parametrize("name", METRICS)
def test_the_tables_that_feed_a_metric_are_those_that_its_sql_reads(name: str) -> None:
    read = tables_read(duckdb.connect(), METRICS[name].sql) or set()
    feeds = {EXTRACTED_AS.get(table, table) for table in read} & set(METRIC_FEEDS)
    assert set(METRICS[name].feeds) - CONCLUDED == feeds - CONCLUDED


@pytest.mark.parametrize(
    ("name", "column"), [(name, column) for name, metric in METRICS.items() for column in metric.identity]
)
def test_an_identity_column_that_feeds_a_metric_gives_its_value(name: str, column: str) -> None:
    store = Store(metric_sql={name: METRICS[name].sql})
    run = store.open_run()
    store.insert(run, "keys", [{"key_id": "k1"}])
    store.insert(run, "observations", [{"key_id": "k1", "topic": "identity", "name": column, "value": "v"}])
    assert store.frame("metrics")["value"].to_list() == ["v"]
    store.close()


@pytest.mark.parametrize("line", ['feeds = ["limts"]', 'identity = ["token_rule"]'])
def test_a_metric_fed_by_what_does_not_exist_is_a_problem(tmp_path: Path, line: str) -> None:
    (tmp_path / "capabilities.toml").write_text((data_dir() / "capabilities.toml").read_text())
    (tmp_path / "metrics.toml").write_text(f'[[metrics]]\nname = "mine"\nmeaning = "?"\nsql = "FROM limits"\n{line}\n')
    (problem,) = read_catalogue(tmp_path).problems
    assert line.partition('"')[2].rstrip('"]') in str(problem)
    assert "mine" in str(problem)
