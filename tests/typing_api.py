"""The package as an analyst's own typed program uses it: type-checked by a test, never run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import assert_type

import pandas as pd

import testkey_nb as tk


def show(done: int, total: int, text: str) -> None:
    """Shows progress; `tk.Progress` is what a session takes."""


progress: tk.Progress = show
clock: tk.Clock = tk.ManualClock(datetime(2026, 11, 27))  # noqa: DTZ001 - naive UTC, as everywhere in the tables
catalogue: tk.Catalogue = tk.load_catalogue(extra=["acme.toml"], rules=[Path("ours.toml")])
budget = tk.Budget(requests=10)

with tk.sandbox(only=["groq"]) as sandbox:
    assert_type(sandbox, tk.Sandbox)
    with tk.Session(routes=sandbox.routes, budget=budget, catalogue=catalogue, clock=clock, ttl=60) as session:
        assert_type(session.add("env:ACME_API_KEY", label="prod").probe(progress=progress), tk.Session)
        assert_type(session.limits, pd.DataFrame)
        assert_type(session.diagnoses, pd.DataFrame)
        assert_type(session.frame("limits"), pd.DataFrame)
        assert_type(session.expires_in, float)
        assert_type(session.matrix("permissions"), tk.View)
        assert_type(session.matrix("permissions").widget(), tk.ViewWidget)
        assert_type(session.compare("prod", "gw"), tk.View)
        assert_type(session.page("baseten", "inventory-fit"), tk.ProviderPage)
        assert_type(session.board(), tk.Board)
        assert_type(session.report("report.html"), Path)

assert_type(tk.diagnose(status=429), tk.Diagnosis)
assert_type(tk.diagnose(status=429, explain=True), pd.DataFrame)
assert_type(tk.diagnose(status=429).key_valid, bool | None)
assert_type(tk.extract("groq", "/v1/models", body={}), dict[str, pd.DataFrame])
assert_type(tk.providers(catalogue=catalogue), pd.DataFrame)
assert_type(tk.try_provider_file("acme.toml", "/v1/me", body={}), pd.DataFrame)
assert_type(catalogue.provider("groq"), tk.Provider)
