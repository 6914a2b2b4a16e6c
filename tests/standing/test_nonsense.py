"""Sentences are for readers: with every one of data/ turned into nonsense, all tables but their texts stay the same."""

import datetime
import json
import re
import shutil
import tomllib
import zlib

import pytest

import testkey_nb as tk
from testkey_nb.catalogue import data_dir
from testkey_nb.catalogue.catalogue import read_catalogue
from testkey_nb.vocabulary import TABLES

SENTENCES = {
    "cause", "effect", "judgement", "meaning", "move", "note", "question", "reason", "refuse", "summary", "text",
}  # fmt: skip
# tables of sentences under the names of conditions
SENTENCE_TABLES = {"causes", "moves"}
# what has a space in it and is no sentence
NO_SENTENCES = {
    "JMESPath": {
        "when",
        "where",
        "rows",
        "each",
        "items",
        "ok",
        "next",
        "more",
        "unless",
        "named_by",
        "get",
        "model_places",
        "nothing",
    },
    "SQL": {"when", "rows", "sql", "exchange", "evidence"},
    "regex, and what it is tried on": {
        "match",
        "model_words",
        "says",
        "examples",
        "code",
        "codes",
        "status_words",
        "in_a_body",
        "calls",
    },
    "a name of the contract": {"capability", "capabilities", "action", "risk", "check", "family", "families", "name"},
    "a name": {"product", "whose", "id", "words", "source", "unit", "field"},
    "a provider's own words for a kind": {
        "concurrency",
        "requests",
        "tokens",
        "input_tokens",
        "output_tokens",
        "types",
    },
}
TEXT_COLUMNS = {"cause", "judgement", "move", "reason", "signal", "summary", "text"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.]+Z?)?")
# what two runs never have in common
VOLATILE = {
    "added_at", "age_days", "base_url", "body_excerpt", "checked", "created", "fingerprint", "headers", "host",
    "key_id", "latency_ms", "observed_at", "path", "period", "reset_at", "reset_s", "retired_at", "sent_at",
}  # fmt: skip
ASKED = [
    "anthropic", "azure-openai", "baseten", "chutes", "cohere", "deepseek", "elevenlabs", "gemini", "groq",
    "huggingface", "litellm", "mistral", "moonshot", "new-api", "one-api", "openai", "openrouter", "portkey",
    "together", "xai",
]  # fmt: skip


def is_sentence(path):
    """Does a sentence stand at this place? In the tables of an answer each field is an expression."""
    names = [name for name in path if isinstance(name, str)]
    if "fields" in names:
        return False
    return names[-1] in SENTENCES or names[0] in SENTENCE_TABLES


def leaves(value, path=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in pairs:
        yield from leaves(below, (*path, name))
    if isinstance(value, str):
        yield path, value


def nonsense(value, path=()):
    if isinstance(value, dict):
        return {name: nonsense(below, (*path, name)) for name, below in value.items()}
    if isinstance(value, list):
        return [nonsense(below, (*path, place)) for place, below in enumerate(value)]
    return f"qu {zlib.crc32(value.encode()):x} vex" if isinstance(value, str) and is_sentence(path) else value


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {toml(below)}" for name, below in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return value.isoformat() if isinstance(value, datetime.date) else json.dumps(value, ensure_ascii=False)


def files():
    root = data_dir()
    folders = [root, *(root / name for name in ("providers", "products", "rules", "reading", "guard"))]
    return [path for folder in folders for path in sorted(folder.glob("*.toml"))]


@pytest.fixture(scope="module")
def reworded(tmp_path_factory):
    root = tmp_path_factory.mktemp("nonsense") / "data"
    shutil.copytree(data_dir(), root, ignore=shutil.ignore_patterns("sandbox"))
    for path in files():
        table = nonsense(tomllib.loads(path.read_text()))
        (root / path.relative_to(data_dir())).write_text(
            "\n".join(f"{json.dumps(name)} = {toml(value)}" for name, value in table.items())
        )
    return root


def tables(catalogue):
    with tk.sandbox(only=ASKED) as sandbox:
        session = tk.Session(routes=sandbox.routes, ttl=3600, catalogue=catalogue)
        for row in sandbox.keys:
            session.add(**row)
        session.probe(progress=False)
        read = {name: session.frame(name) for name in TABLES}
        session.close()
    labels = dict(zip(read["keys"]["key_id"], read["keys"]["label"], strict=True))
    rows = {}
    for name, frame in read.items():
        who = frame.assign(label=frame["key_id"].map(labels)) if "key_id" in frame.columns else frame
        kept = who.drop(columns=[column for column in who.columns if column in TEXT_COLUMNS | VOLATILE])
        rows[name] = sorted(INSTANT.sub("TIME", " | ".join(map(str, row))) for row in kept.itertuples(index=False))
    return rows


@pytest.fixture(scope="module")
def plain():
    return tables(read_catalogue(data_dir()))


@pytest.fixture(scope="module")
def strange(reworded):
    return tables(read_catalogue(reworded))


def test_every_text_with_a_space_is_a_sentence_or_known_to_be_none():
    known = set().union(*NO_SENTENCES.values())
    unknown = set()
    for path in files():
        for place, text in leaves(tomllib.loads(path.read_text())):
            names = [name for name in place if isinstance(name, str)]
            if " " in text and not (is_sentence(place) or known & {names[-1], names[0]} or "fields" in names):
                unknown.add((path.name, ".".join(names)))
    assert unknown == set()


def test_nonsense_is_read_without_a_problem(reworded):
    assert read_catalogue(reworded).problems == ()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_stays_the_same_but_for_its_texts(plain, strange, name):
    assert len(plain[name]) > 0
    assert strange[name] == plain[name]


def test_a_refused_address_keeps_its_first_action_in_other_words(strange):
    first = [row for row in strange["actions"] if row.startswith("groq-blocked | 1 | ")]
    assert [row.split(" | ")[2] for row in first] == ["change egress IP"]
