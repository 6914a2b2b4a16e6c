"""One name for one model, and never one name for two."""

from __future__ import annotations

import time
import tomllib
from collections import Counter
from itertools import combinations
from math import comb
from pathlib import Path

import pytest

from testkey_nb.errors import CatalogueError
from testkey_nb.pricing import family, model_name
from testkey_nb.pricing import naming as module

SAME = {
    "llama-3.3-70b-instruct": [
        "accounts/fireworks/models/llama-v3p3-70b-instruct",
        "llama-3.3-70b-versatile",
        "llama-3.3-70b",
        "meta-llama/Llama-3.3-70B-Instruct-Turbo",
        "meta-llama/Llama-3.3-70B-Instruct",
        "llama-3.3-70b-specdec",
        "us.meta.llama3-3-70b-instruct-v1:0",
        "meta.llama3-3-70b-instruct-v1:0",
        "Meta-Llama-3.3-70B-Instruct",
        "Meta-Llama-3_3-70B-Instruct",
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        "llama3.3:70b",
        "meta-llama/llama-3.3-70b-instruct:free",
        "databricks-meta-llama-3-3-70b-instruct",
        "llama-3-3-70b-instruct",
        "fireworks_ai/accounts/fireworks/models/llama-v3p3-70b-instruct",
        "Llama-3.3-70B-Instruct-Q4_K_M.gguf",
        "bedrock/us.meta.llama3-3-70b-instruct-v1:0",
        "openrouter/meta-llama/llama-3.3-70b-instruct",
        "unsloth/Llama-3.3-70B-Instruct-bnb-4bit".replace("-bnb", ""),
        "publishers/meta/models/llama-3.3-70b-instruct-maas",
    ],
    "llama-3.1-8b-instruct": [
        "llama3.1-8b",
        "llama-3.1-8b-instant",
        "meta-llama/Meta-Llama-3.1-8B-Instruct",
        "Meta-Llama-3.1-8B-Instruct",
        "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo",
        "accounts/fireworks/models/llama-v3p1-8b-instruct",
        "@cf/meta/llama-3.1-8b-instruct-awq",
        "meta.llama3-1-8b-instruct-v1:0",
        "llama3.1:8b-instruct-q4_K_M",
    ],
    "llama-3-70b-instruct": [
        "llama3-70b-8192",
        "meta-llama/Llama-3-70b-chat-hf",
        "meta.llama3-70b-instruct-v1:0",
    ],
    "llama-4-scout": [
        "meta-llama/llama-4-scout-17b-16e-instruct",
        "@cf/meta/llama-4-scout-17b-16e-instruct",
        "meta-llama/llama-4-scout",
        "meta.llama4-scout-17b-instruct-v1:0",
        "accounts/fireworks/models/llama4-scout-instruct-basic",
    ],
    "llama-4-maverick": [
        "meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8",
        "databricks-llama-4-maverick",
        "meta-llama/llama-4-maverick:free",
    ],
    "claude-sonnet-4.5": [
        "claude-sonnet-4-5-20250929",
        "anthropic/claude-sonnet-4.5",
        "claude-sonnet-4-5",
        "claude-sonnet-4-5@20250929",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
    "claude-sonnet-4": [
        "claude-sonnet-4-20250514",
        "claude-sonnet-4-0",
        "anthropic/claude-sonnet-4",
        "claude-4-sonnet",
        "anthropic.claude-sonnet-4-20250514-v1:0",
    ],
    # the tag asks the same model to think
    "claude-3.7-sonnet": ["anthropic/claude-3.7-sonnet:thinking", "anthropic/claude-3.7-sonnet"],
    "claude-3.5-haiku": [
        "claude-3-5-haiku-latest",
        "anthropic/claude-3.5-haiku",
        "claude-3-5-haiku-20241022",
    ],
    "claude-3.5-sonnet": ["claude-3-5-sonnet-v2@20241022", "anthropic.claude-3-5-sonnet-20240620-v1:0"],
    "gpt-4o": [
        "gpt-4o-2024-08-06",
        "openai/gpt-4o",
        "azure/gpt-4o",
        "gpt-4o-2024-11-20",
        "openai/gpt-4o:extended",
    ],
    "gpt-4o-mini": ["openai/gpt-4o-mini", "gpt-4o-mini-2024-07-18", "GPT-4o-mini"],
    "gpt-3.5-turbo": ["gpt-35-turbo", "openai/gpt-3.5-turbo"],
    "gpt-oss-120b": [
        "openai/gpt-oss-120b",
        "openai/gpt-oss-120b:free",
        "accounts/fireworks/models/gpt-oss-120b",
        "gpt-oss:120b",
        "groq/openai/gpt-oss-120b",
        "@cf/openai/gpt-oss-120b",
        "openai.gpt-oss-120b-1:0",
        "databricks-gpt-oss-120b",
    ],
    "gemini-2.5-flash": [
        "models/gemini-2.5-flash",
        "google/gemini-2.5-flash",
        "publishers/google/models/gemini-2.5-flash",
    ],
    "gemini-2.0-flash": ["google/gemini-2.0-flash-001", "models/gemini-2.0-flash"],
    "gemini-1.5-flash": ["google/gemini-flash-1.5", "gemini-1.5-flash-002"],
    "deepseek-v3.1": [
        "deepseek-ai/DeepSeek-V3.1",
        "deepseek/deepseek-chat-v3.1",
        "deepseek.v3-v1:0",
        "DeepSeek V3.1",
        "accounts/fireworks/models/deepseek-v3p1",
    ],
    "deepseek-v3": ["deepseek-ai/DeepSeek-V3", "deepseek/deepseek_v3", "DeepSeek V3"],
    "deepseek-v3-0324": [
        "deepseek/deepseek-chat-v3-0324",
        "DeepSeek V3 0324",
        "deepseek-ai/DeepSeek-V3-0324",
    ],
    "deepseek-r1": ["us.deepseek.r1-v1:0", "deepseek-ai/DeepSeek-R1", "deepseek/deepseek-r1:free"],
    "deepseek-v4.1-flash": [
        "accounts/fireworks/models/deepseek-v4p1-flash",
        "databricks-deepseek-v4-1-flash",
        "deepseek-ai/DeepSeek-V4.1-Flash",
    ],
    "qwen3-32b": ["qwen-3-32b", "qwen/qwen3-32b", "Qwen/Qwen3-32B", "qwen3:32b", "Qwen/Qwen3-32B-FP8"],
    "qwen3-235b-a22b-instruct-2507": [
        "qwen-3-235b-a22b-instruct-2507",
        "Qwen/Qwen3-235B-A22B-Instruct-2507",
        "qwen/qwen3-235b-a22b-2507",
        "accounts/fireworks/models/qwen3-235b-a22b-instruct-2507",
        "Qwen/Qwen3-235B-A22B-Instruct-2507-tput",
    ],
    "qwen3-235b-a22b-thinking-2507": [
        "qwen/qwen3-235b-a22b-thinking-2507",
        "Qwen/Qwen3-235B-A22B-Thinking-2507",
    ],
    "qwen2.5-72b-instruct": [
        "qwen/qwen-2.5-72b-instruct:free",
        "Qwen/Qwen2.5-72B-Instruct",
        "accounts/fireworks/models/qwen2p5-72b-instruct",
        "Qwen/Qwen2.5-72B-Instruct-Turbo",
    ],
    "qwen3-coder-480b-a35b-instruct": [
        "qwen-3-coder-480b",
        "qwen/qwen3-coder",
        "Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8",
    ],
    "glm-4.6": [
        "zai-org/GLM-4.6",
        "z-ai/glm-4.6",
        "accounts/fireworks/models/glm-4p6",
        "GLM-4.6",
        "zai-glm-4.6",
    ],
    "glm-5.3-flash": ["nvidia/GLM-5.3-Flash-NVFP4", "databricks-glm-5-3-flash", "zai-org/GLM-5.3-Flash"],
    "glm-4.5-air": ["GLM 4.5 Air", "zai-org/GLM-4.5-Air-FP8", "z-ai/glm-4.5-air:free"],
    "kimi-k2-0905": [
        "kimi-k2-0905-preview",
        "moonshotai/kimi-k2-0905",
        "moonshotai/Kimi-K2-Instruct-0905",
        "Kimi K2 0905",
    ],
    "kimi-k2-0711": ["kimi-k2-0711-preview", "moonshotai/kimi-k2", "moonshotai/Kimi-K2-Instruct"],
    "kimi-k2.5": ["moonshotai/Kimi-K2.5", "accounts/fireworks/models/kimi-k2p5"],
    "mistral-7b-instruct-v0.2": ["mistral.mistral-7b-instruct-v0:2", "mistralai/Mistral-7B-Instruct-v0.2"],
    "titan-embed-text-v2": ["amazon.titan-embed-text-v2:0"],
    "nova-lite": ["us.amazon.nova-lite-v1:0", "amazon/nova-lite-v1:0"],
    "minimax-m2": ["MiniMaxAI/MiniMax-M2", "minimax/minimax-m2", "MiniMax-M2"],
}
APART = [
    ("gpt-4o", "gpt-4o-mini"),
    ("gpt-4o", "chatgpt-4o-latest"),
    ("gpt-4", "gpt-4-turbo"),
    ("gpt-4", "gpt-4-32k"),
    ("gpt-4.1", "gpt-4"),
    ("gpt-5", "gpt-5-pro"),
    ("o1", "o1-mini"),
    ("gpt-oss-20b", "gpt-oss-120b"),
    ("ft:gpt-4o-mini:org::abc", "gpt-4o-mini"),
    ("gpt-4o", "gpt-4o-audio-preview"),
    ("claude-sonnet-4-20250514", "claude-sonnet-4-5-20250929"),
    ("claude-opus-4-1", "claude-opus-4-0"),
    ("claude-3-5-sonnet-latest", "claude-3-7-sonnet-latest"),
    ("claude-3-haiku", "claude-3-5-haiku"),
    ("Qwen/Qwen3-235B-A22B-Instruct-2507", "Qwen/Qwen3-235B-A22B-Thinking-2507"),
    ("Qwen/Qwen3-235B-A22B", "Qwen/Qwen3-235B-A22B-Instruct-2507"),
    ("qwen3-30b-a3b", "qwen3-32b"),
    ("Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B-Instruct"),
    ("Qwen/Qwen2.5-VL-72B-Instruct", "Qwen/Qwen2.5-72B-Instruct"),
    ("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B-Instruct"),
    ("llama3.1-8b", "llama-3-8b-instruct"),
    ("accounts/fireworks/models/llama-v3p1-8b", "accounts/fireworks/models/llama-v3p1-8b-instruct"),
    ("llama-3.3-70b-versatile", "deepseek-r1-distill-llama-70b"),
    ("llama-guard-3-8b", "llama-3-8b-instruct"),
    ("deepseek-r1", "deepseek-r1-0528"),
    ("deepseek-v3", "deepseek-v3-0324"),
    ("deepseek-chat", "deepseek-reasoner"),
    ("deepseek-v4-flash", "deepseek-v4-pro"),
    ("kimi-k2-0711-preview", "kimi-k2-0905-preview"),
    ("kimi-k2-thinking", "kimi-k2"),
    ("moonshotai/Kimi-K2-Base", "moonshotai/Kimi-K2-Instruct"),
    ("gemini-2.5-flash", "gemini-2.5-flash-lite"),
    ("gemini-2.5-flash", "gemini-2.5-flash-image"),
    ("gemini-1.5-flash", "gemini-1.5-flash-8b"),
    ("grok-4", "grok-4-fast"),
    ("grok-3", "grok-3-mini"),
    ("mistral-small-24b-instruct-2501", "mistral-small-3.1-24b-instruct"),
    ("codestral-2501", "codestral-2508"),
    ("text-embedding-3-small", "text-embedding-3-large"),
    ("glm-4.5", "glm-4.5v"),
    ("glm-4.5", "glm-4.5-air"),
    ("amazon.titan-embed-text-v1", "amazon.titan-embed-text-v2:0"),
    ("sonar", "sonar-pro"),
    ("gemma-3-4b-it", "gemma-3-27b-it"),
    ("alice/my-llama", "bob/my-llama"),
    ("accounts/alice/models/llama-v3p3-70b-instruct", "llama-3.3-70b-instruct"),
    ("minimax-m1", "minimax-m2"),
    ("glm-5", "glm-5-turbo"),
    ("grok-4.1", "grok-4-1-fast-reasoning"),
    ("grok-4.20", "grok-4.2"),
    ("deepseek-r1:70b", "deepseek-r1"),
    ("gpt-5-codex", "gpt-5"),
    ("google/gemma-3-4b-pt", "google/gemma-3-4b-it"),
    ("whisper-large-v3", "whisper-large-v3-turbo"),
    ("voyage-3", "voyage-3-lite"),
]
LABELLED = tomllib.loads((Path(__file__).parents[1] / "data/model_families.toml").read_text("utf-8"))
PAIRS = [(model_id, name) for name, ids in SAME.items() for model_id in ids]


@pytest.mark.parametrize(("model_id", "name"), PAIRS, ids=[model_id for model_id, _ in PAIRS])
def test_an_id_gets_the_name_of_its_model(model_id: str, name: str) -> None:
    assert family(model_id) == name


@pytest.mark.parametrize(("one", "other"), APART, ids=[f"{one} and {other}" for one, other in APART])
def test_different_models_keep_different_names(one: str, other: str) -> None:
    assert family(one) != family(other)


def test_a_family_is_its_own_family() -> None:
    assert {name: family(name) for name in SAME} == {name: name for name in SAME}


def test_the_names_in_the_table_are_all_different() -> None:
    assert not [pair for pair in combinations(SAME, 2) if family(pair[0]) == family(pair[1])]


def test_ten_thousand_new_ids_take_seconds_at_most() -> None:
    ids = [f"accounts/fireworks/models/llama-v3p3-{number}b-instruct-fp8" for number in range(10_000)]
    start = time.perf_counter()
    assert len({family(model_id) for model_id in ids}) == 10_000
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("odd", ["", "/", "openai/", "models/", ":free", "-", "日本語-model", "a" * 3000])
def test_odd_ids_come_back_as_something(odd: str) -> None:
    assert isinstance(family(odd), str)


def test_a_broken_rule_names_file_and_rule() -> None:
    with pytest.raises(CatalogueError, match=r"models\.toml.*rules\[0\]\.find"):
        module._compose({"rules": [{"id": "x", "find": "("}]})


def _labelled() -> dict[str, str]:
    return {model_id: name for part in LABELLED.values() for name, ids in part["families"].items() for model_id in ids}


def test_the_labelled_ids_are_grouped_as_a_person_groups_them() -> None:
    labels = _labelled()
    assert len(labels) >= 700
    told = sum(comb(n, 2) for n in Counter(labels.values()).values())
    found = sum(comb(n, 2) for n in Counter(family(model_id) for model_id in labels).values())
    both = sum(comb(n, 2) for n in Counter((name, family(model_id)) for model_id, name in labels.items()).values())
    precision, recall = both / found, both / told
    assert precision >= 0.995
    assert 2 * precision * recall / (precision + recall) >= 0.97


@pytest.mark.parametrize(
    ("model_id", "parts"),
    [
        ("together_ai/moonshotai/Kimi-K2.5-fp4", {"vendor": "Moonshot AI", "generation": "2.5", "quantisation": "fp4"}),
        ("azure/eu/gpt-4.1-2025-04-14", {"vendor": "OpenAI", "date": "2025-04-14", "region": "eu"}),
        ("Qwen/Qwen3-235B-A22B-Instruct-2507-tput", {"generation": "3", "size": "235b-a22b", "variant": "tput"}),
        ("mistral.mixtral-8x7b-instruct-v0:1", {"vendor": "Mistral", "generation": "0.1", "size": "8x7b"}),
        ("deepseek-v3.1:671b", {"family": "deepseek-v3.1", "size": "671b"}),
        ("fireworks_ai/accounts/fireworks/routers/glm-5p2-fast-us", {"variant": "fast", "region": "us"}),
        ("openai/gpt-oss-120b:free", {"variant": "free", "size": "120b", "date": None}),
        ("my-own-model", {"family": "my-own-model", "vendor": None, "generation": None, "size": None}),
    ],
)
def test_what_a_family_leaves_out_is_kept_as_parts_of_the_name(model_id: str, parts: dict[str, str | None]) -> None:
    name = model_name(model_id)
    assert {part: getattr(name, part) for part in parts} == parts


def test_a_rule_of_one_provider_touches_its_ids_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = {"id": "house name", "find": "^house-", "put": "", "providers": ["acme"]}
    monkeypatch.setattr(module, "_book", lambda: module._compose({"rules": [rule]}))
    module.model_name.cache_clear()
    assert (family("house-model", "acme"), family("house-model")) == ("model", "house-model")
    module.model_name.cache_clear()
