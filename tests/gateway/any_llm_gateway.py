"""A real any-llm gateway with its users, budgets and keys in a SQLite file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from http_calls import call
from servers import Server, free_port, start

PINS = ("any-llm-sdk[gateway,openai]==1.14.0",)
MASTER = "gw-" + "EXAMPLEmaster".ljust(64, "0")
WRONG = "gw-" + "EXAMPLEwrong".ljust(64, "0")
RPM = 2
PRICES = {"openai:gpt-4o-mini": (0.15, 0.6), "openai:gpt-oss-120b": (0.1, 0.5)}


def any_llm(python: Path, home: Path, *, upstream: str) -> Server:
    """Start one; completions go to `upstream`, an origin."""
    home.mkdir(parents=True)
    port = free_port()
    config = {
        "database_url": f"sqlite:///{home / 'gateway.db'}", "master_key": MASTER, "host": "127.0.0.1", "port": port,
        "rate_limit_rpm": RPM, "bootstrap_api_key": False,
        "providers": {"openai": {"api_key": "none", "api_base": f"{upstream}/v1"}},
        "pricing": {
            name: {"input_price_per_million": read, "output_price_per_million": written}
            for name, (read, written) in PRICES.items()
        },
    }  # fmt: skip
    path = home / "config.yml"  # JSON is YAML
    path.write_text(json.dumps(config))
    command = [python.with_name("any-llm-gateway"), "serve", "-c", path]
    return start(command, name="any-llm gateway", port=port, home=home, alive="/health")


def as_upstream(origin: str) -> dict[str, object]:
    """The parameters of a LiteLLM model behind which this gateway stands."""
    return {"api_base": f"{origin}/v1", "api_key": MASTER, "extra_body": {"user": "nested"}}


def make_keys(origin: str) -> dict[str, str]:
    """The set-up that an operator does with the master key; returns the keys that the gateway gave out, by name."""

    def manage(path: str, body: Any, *, method: str = "POST") -> Any:
        answer = call(origin + path, key=MASTER, body=body, method=method)
        assert answer.status == 200, answer
        return answer.body

    budget = manage("/v1/budgets", {"max_budget": 0.0})["budget_id"]
    more_of = {"spent": {"budget_id": budget}, "blocked": {"blocked": True}, "nested": {}}
    for user, more in more_of.items():
        manage("/v1/users", {"user_id": user} | more)
    made = {
        name: manage("/v1/keys", {"key_name": name, "user_id": name} | more)
        for name, more in {
            "active": {}, "disabled": {}, "limited": {}, "spent": {}, "blocked": {},
            "expired": {"expires_at": "2026-01-01T00:00:00Z"},
        }.items()
    }  # fmt: skip
    manage(f"/v1/keys/{made['disabled']['id']}", {"is_active": False}, method="PATCH")
    return {name: row["key"] for name, row in made.items()} | {"master": MASTER, "wrong": WRONG}
