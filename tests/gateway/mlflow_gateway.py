"""A real MLflow tracking server with its AI gateway: it knows no keys of its own and answers whoever asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from http_calls import call
from servers import Server, free_port, start

# the small client package with what the server imports: a quarter of what `mlflow` itself installs
PINS = (
    "mlflow-skinny==3.17.2", "aiohttp==3.14.5", "alembic==1.20.1", "cryptography==50.0.2", "flask==3.1.3",
    "flask-cors==6.0.5", "graphene==3.4.3", "numpy==2.4.6", "pandas==3.1.1", "sqlalchemy==2.1.9",
)  # fmt: skip
BASE = "/gateway/mlflow"
KEYS = {"any": "EXAMPLEmlflow".ljust(32, "0"), "other": "sk-" + "EXAMPLEother".ljust(22, "0")}


def mlflow(python: Path, home: Path) -> Server:
    """Start one without endpoints, its database a SQLite file; upstreams may be on loopback."""
    port = free_port()
    env = {
        "MLFLOW_CRYPTO_KEK_PASSPHRASE": "EXAMPLEpassphrase", "MLFLOW_GATEWAY_API_BASE_ALLOWED_SCHEMES": "http",
        "MLFLOW_GATEWAY_API_BASE_ALLOW_PRIVATE_IPS": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true",
    }  # fmt: skip
    command = [
        python.with_name("mlflow"), "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", "sqlite:///mlflow.db",
    ]  # fmt: skip
    return start(command, name="MLflow", port=port, home=home, alive="/health", env=env)


def make_endpoints(origin: str, upstreams: dict[str, tuple[str, str]]) -> None:
    """The set-up that an operator does on its pages: an endpoint for each name -> (base URL, key) behind it."""

    def create(what: str, body: Any) -> Any:
        answer = call(f"{origin}/api/3.0/mlflow/gateway/{what}/create", key="none", body=body)
        assert answer.status == 200, answer
        return answer.body

    for name, (base, key) in upstreams.items():
        access = {"secret_value": {"api_key": key}, "auth_config": {"api_base": base}, "provider": "openai"}
        secret = create("secrets", {"secret_name": name} | access)["secret"]["secret_id"]
        meant = {"name": name, "secret_id": secret, "provider": "openai", "model_name": "gpt-4o-mini"}
        model = create("model-definitions", meant)["model_definition"]["model_definition_id"]
        linked = {"model_definition_id": model, "linkage_type": "PRIMARY", "weight": 1.0}
        create("endpoints", {"name": name, "model_configs": [linked], "usage_tracking": False})
