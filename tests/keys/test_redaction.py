"""What the catalogue says of keys is enough to take them out of a text."""

from __future__ import annotations

import json
import random
import re
import string
import time
from typing import Any
from urllib.parse import quote

import pytest

import testkey_nb as tk
from testkey_nb.catalogue import data_dir, load
from testkey_nb.keys import Redactor, Shape, redact_secrets
from testkey_nb.keys.shapes import beginnings

PARSER: Any = getattr(re, "_parser")  # noqa: B009
REGEXES = sorted({pattern.regex for each in load().providers.values() for pattern in each.key.patterns})
LISTED = [secret["regex"] for secret in load().rules("guard/secrets")["secrets"]]
ANY_WORD = string.ascii_letters + string.digits + "_"
# a plain id of many a request, model and account; no rule can tell it from a key of this shape
ID = re.compile(r"[0-9A-Za-z]{32}|[0-9a-f]{40}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def made(regex: str, seed: int) -> str:
    """A made-up key of this shape, with a digit where the shape allows one."""
    dice = random.Random(seed)
    while True:
        key = _text(PARSER.parse(regex), dice)
        if re.fullmatch(regex, key) and (any(map(str.isdigit, key)) or "0-9" not in regex):
            return key


def _text(items: Any, dice: random.Random) -> str:
    parts = []
    for kind, value in items:
        match str(kind):
            case "LITERAL":
                parts.append(chr(value))
            case "IN":
                parts.append(dice.choice(_choices(value)))
            case "MAX_REPEAT":
                least, most, inner = value
                # without an end: as long as keys are
                count = dice.randint(max(least, 20), max(least, 20) + 4) if most > 300 else dice.randint(least, most)
                parts += [_text(inner, dice) for _ in range(count)]
            case "SUBPATTERN":
                parts.append(_text(value[-1], dice))
            case "BRANCH":
                parts.append(_text(dice.choice(value[1]), dice))
    return "".join(parts)


def _choices(members: Any) -> str:
    letters = ""
    for kind, value in members:
        if str(kind) == "LITERAL":
            letters += chr(value)
        else:
            letters += "".join(map(chr, range(value[0], value[1] + 1))) if str(kind) == "RANGE" else ANY_WORD
    return letters


PLACES = {
    "sentence": lambda key: f"the key {key} is wrong.",
    "json": lambda key: json.dumps({"keys": [key, "x"]}),
    "line": lambda key: json.dumps("seen:\n" + key),
    "query": lambda key: f"/v1/models?seen={quote(key, safe='')}&page=2",
    "header": lambda key: f"v={key}; path=/",
}


def is_left_out(regex: str) -> bool:
    return not beginnings(regex) and ID.fullmatch(made(regex, 0)) is not None


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("regex", [regex for regex in [*REGEXES, *LISTED] if not is_left_out(regex)])
def test_a_key_of_a_declared_shape_is_taken_out(regex: str, place: str) -> None:
    for seed in range(12):
        key = made(regex, seed)
        shown = redact_secrets(PLACES[place](key))
        assert "[secret]" in shown
        # the last letters prove it: a shape cut short would leave them
        assert key[-8:] not in shown
        assert quote(key, safe="")[-8:] not in shown


def test_the_shapes_left_out_are_those_of_plain_ids() -> None:
    left_out = [regex for regex in REGEXES if is_left_out(regex)]
    assert len(left_out) == 5
    assert [regex for regex in left_out if redact_secrets(made(regex, 1)) != made(regex, 1)] == []


def test_keys_of_another_account_are_taken_out_of_an_observed_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_UP_API_KEY", "EXAMPLEnotAkey0000000000000000000")
    session = tk.Session()
    session.add("env:MADE_UP_API_KEY", provider="featherless", label="mine")
    others = ["rc_EXAMPLE0other0key0of0bob00000", "sk-EXAMPLE0other0key0of0bob000000"]
    session.observe("mine", status=200, headers={}, path="/v1/keys", body={"keys": others})
    assert session.exchanges.body_excerpt.tolist() == ['{"keys": ["[secret]", "[secret]"]}']


def test_a_redactor_knows_the_shapes_it_was_given() -> None:
    text = "two keys: acme:EXAMPLEabcdefgh, sk-EXAMPLE-0000000000000000"
    assert Redactor()(text) == "two keys: acme:EXAMPLEabcdefgh, [secret]"
    assert Redactor([Shape(r"^acme:[A-Za-z]{15}$", exclusive=True)])(text) == "two keys: [secret], [secret]"


def test_a_shape_that_is_not_exclusive_leaves_words() -> None:
    redact = Redactor([Shape(r"^al-[A-Za-z-]{12,}$")])
    assert redact("al-gorithms-are-words") == "al-gorithms-are-words"
    assert redact("al-EXaMpLEqxzwvb") == "[secret]"


def test_a_key_does_not_begin_inside_a_word() -> None:
    assert redact_secrets("task-0123456789-abcdefgh") == "task-0123456789-abcdefgh"


def test_a_private_key_is_taken_out() -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\\nEXAMPLE+notAkey\\n-----END RSA PRIVATE KEY-----"
    assert redact_secrets(f'{{"key": "{pem}", "id": 1}}') == '{"key": "[secret]", "id": 1}'
    assert redact_secrets("-----BEGIN PRIVATE KEY-----\nEXAMPLE+notAkey, cut") == "[secret]"


def test_the_time_for_a_hostile_text_grows_with_its_length_only() -> None:
    began = time.process_time()
    redact_secrets("sk-=" * 20_000 + "pk_" * 20_000 + "a" * 100_000 + " " + "sk-=1" * 40_000)
    assert time.process_time() - began < 5


def model_ids() -> list[str]:
    """Every model that the price source, the catalogue or an answer of the sandbox names."""
    from genai_prices.data import providers

    listed = {model.id for provider in providers for model in provider.models}
    for file in (data_dir() / "sandbox").rglob("*.json"):
        listed |= set(re.findall(r'"(?:id|model|name|model_id)": "([\w.:@-]+/[\w.:/@-]+)"', file.read_text()))
    return sorted(listed | {model for each in load().providers.values() for model in each.covered_models})


def test_model_ids_stay_readable() -> None:
    ids = model_ids()
    assert len(ids) > 1000
    assert [name for name in ids if redact_secrets(name) != name] == []


@pytest.mark.parametrize(
    "text",
    [
        "req_011CSHoEeqs5C35K2UUqR7Fy", "chatcmpl-0123456789abcdefABCDEF", "8f3a1c2d4e5f60718293a4b5c6d7e8f9",
        "00000000-0000-4000-8000-000000000000", "0123456789abcdef0123456789abcdef01234567", "org-0123456789abcdef",
        "user_0123456789abcdef", "proj_abc123", "9a2b3c4d5e6f7a8b-SIN", "2026102100000V0UDQgVqWNFHecaW",
        "The token limit is 4096 tokens per minute.", "v1.0/models/list", "up_proj.weight", "pa-rallel calls",
    ],
)  # fmt: skip
def test_ids_and_words_stay_readable(text: str) -> None:
    assert redact_secrets(text) == text
