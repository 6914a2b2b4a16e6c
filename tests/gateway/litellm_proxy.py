"""Real LiteLLM proxies: one with several keys, two that know their master key only."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from servers import Server, free_port, start

# prisma is what the proxy's own images hold; without it the proxy answers some errors as plain text
PINS = ("litellm[proxy]==1.106.2", "prisma==0.15.0")


def _key(name: str, length: int = 22) -> str:
    return "sk-" + f"EXAMPLE{name}".ljust(length, "0")


KEYS = {
    "full": _key("full"),
    "one_model": _key("onemodel"),
    "limited": _key("limited"),
    "hasty": _key("hasty"),
    "budget": _key("budget"),
    "legacy_look": _key("legacy", 48),  # the shape of older OpenAI and new-api keys
    "wrong": _key("wrong"),
    "master": _key("master"),
}
RIGHTS = {
    "full": {},
    "one_model": {"models": ["llama-3.3-70b"]},
    "limited": {"rpm_limit": 2, "tpm_limit": 1000},
    "hasty": {"rpm_limit": 2},
    "budget": {"max_budget": 5.0, "spend": 5.01},
    "legacy_look": {},
}
MODELS = {
    "gpt-4o-mini": {"model": "openai/gpt-4o-mini", "rpm": 500, "tpm": 200000},
    "llama-3.3-70b": {"model": "together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo"},
    "claude-haiku-4-5": {"model": "anthropic/claude-haiku-4-5"},
    "one-a-minute": {"model": "openai/gpt-4o-mini", "rpm": 1},
    "nested": {"model": "openai/openai:gpt-4o-mini"},  # the one that another gateway may stand behind
}
MOCKED = {"api_key": "none", "mock_response": "Hi"}


def litellm(
    python: Path, home: Path, *, keys: bool, prisma: bool = True, nested: Mapping[str, object] | None = None
) -> Server:
    """Start one; with `keys` it knows all of `RIGHTS`, else its master key alone.

    Nothing is ever called upstream but what `nested` names: the parameters of the model of that name.
    """
    home.mkdir(parents=True)
    port = free_port()
    # without the refresh nothing but the tests asks the gateway behind `nested`
    settings: dict[str, object] = {"master_key": KEYS["master"], "disable_model_info_refresh": True}
    env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "NO_DOCS": "False"}
    if keys:
        settings["custom_auth"] = "litellm_auth.user_api_key_auth"
        shutil.copy(Path(__file__).with_name("litellm_auth.py"), home)
        env["GATEWAY_KEYS"] = json.dumps({KEYS[name]: rights for name, rights in RIGHTS.items()})
    if not prisma:
        (home / "prisma.py").write_text("raise ModuleNotFoundError('No module named prisma')\n")
        env["PYTHONPATH"] = str(home)
    models = [
        {"model_name": name, "litellm_params": {**upstream, **((name == "nested" and nested) or MOCKED)}}
        for name, upstream in MODELS.items()
    ]
    config = home / "config.yaml"  # JSON is YAML
    config.write_text(json.dumps({"model_list": models, "general_settings": settings}))
    command = [
        python.with_name("litellm"), "--config", config, "--host", "127.0.0.1", "--port", str(port),
        "--telemetry", "False",
    ]  # fmt: skip
    return start(command, name=f"LiteLLM ({home.name})", port=port, home=home, alive="/health/liveliness", env=env)
