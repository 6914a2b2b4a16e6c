"""What many tests share: one probed session over the whole sandbox."""

from __future__ import annotations

import functools
import os

import pytest
from hypothesis import settings

import testkey_nb as tk

# what CI finds must be found again; at a desk every run looks elsewhere
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def add_all(session: tk.Session, sandbox: tk.Sandbox) -> tk.Session:
    for row in sandbox.keys:
        session.add(**row)
    return session


SLOW_BY_THEMSELVES = ("gateway", "browser", "clients")
# files whose tests take seconds each: they probe, start processes, scan memory or try every rule in a store of its own
SLOW_FILES = {
    "test_acme.py", "test_active.py", "test_analysis_rules.py", "test_bad_input.py", "test_canary.py",
    "test_canary_notebook.py", "test_cli.py", "test_cli_catalogue.py", "test_comparison.py", "test_control.py",
    "test_cross_checks.py", "test_cut_lists.py", "test_exports.py", "test_fit.py", "test_hosts_told.py",
    "test_key_kinds.py", "test_life.py", "test_limits_of_models.py", "test_metric_feeds.py", "test_nonsense.py",
    "test_observe.py", "test_own_catalogue.py", "test_precedence.py", "test_redaction.py", "test_regional_hosts.py",
    "test_rules_over_store.py", "test_session.py", "test_store_life.py", "test_store_memory.py",
    "test_store_metrics.py", "test_store_permissions.py", "test_store_sql.py", "test_wheel.py",
}  # fmt: skip


def pytest_collection_modifyitems(items):
    """What starts another program, and each cell of a notebook, is left out of the fast loop."""
    for item in items:
        is_slow = item.path.suffix == ".ipynb" or item.path.name in SLOW_FILES
        if is_slow or any(item.get_closest_marker(name) for name in SLOW_BY_THEMSELVES):
            item.add_marker("slow")


class Remembering(tk.Session):
    """A session whose tables are read once: many tests look at the same answers."""

    @functools.cache  # noqa: B019 - lives as long as the test run
    def frame(self, name):
        return super().frame(name)


@pytest.fixture(scope="session")
def probed():
    """A session that has asked for every key of the sandbox; read it, do not change it."""
    with tk.sandbox() as sandbox:
        session = add_all(Remembering(routes=sandbox.routes, ttl=3600), sandbox)
        session.probe(progress=False)
        yield session
        session.close()


@pytest.fixture(autouse=True)
def _no_real_keys(monkeypatch):
    """A developer's own keys must never be taken up by a test."""
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_TOKEN")) and not name.startswith("TESTKEY_SANDBOX_"):
            monkeypatch.delenv(name)
