"""The shell's verbs, in process: what they print, write and return."""

import csv
import json
import subprocess
import sys

import pandas as pd
import pytest

import testkey_nb as tk
from testkey_nb.cli.commands import _KEY, main
from testkey_nb.cli.output import csv_text
from testkey_nb.vocabulary import TABLES

KEY = "sk-proj-" + "EXAMPLEshell-" * 6 + "T3BlbkFJ" + "EXAMPLEshell-" * 6
INVENTORY_METRICS = [
    "key_valid", "requests_total", "runtime_model", "runtime_model_allowed", "tokens_limit", "tokens_limit_day",
    "token_role", "token_scopes",
]  # fmt: skip


@pytest.fixture(scope="module")
def sandbox():
    with tk.sandbox(only=["baseten", "groq"]) as running:
        yield running


@pytest.fixture
def shell(capsys, sandbox):
    """Run a command against the sandbox; gives (status, stdout, stderr)."""

    def run(*words, routed=False):
        routes = [f"--route={host}={url}" for host, url in sandbox.routes.items()] if routed else []
        status = main([*words, *routes])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return run


@pytest.fixture(scope="module")
def probed(sandbox, tmp_path_factory):
    """(status, tables) of `probe --format json` over a good Baseten key and a refused Groq key."""
    out = tmp_path_factory.mktemp("out") / "tables.json"
    routes = [f"--route={host}={url}" for host, url in sandbox.routes.items()]
    # a shape that several providers use needs a name that the catalogue knows
    folder = tmp_path_factory.mktemp("keys")
    (folder / ".env").write_text(f"BASETEN_API_KEY={text_of(sandbox, 'baseten-personal')}\n")
    keys = [f"prod=dotenv:{folder / '.env'}#BASETEN_API_KEY", "gone=env:TESTKEY_SANDBOX_GROQ_WRONG"]
    status = main(["probe", *keys, "--format", "json", "--out", str(out), *routes])
    return status, json.loads(out.read_text())


def text_of(sandbox, label):
    return next(row["text"] for row in sandbox.samples if row["label"] == label)


# -- how a key is named -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label", "source", "base_url"),
    [
        ("env:NAME", None, "env:NAME", None),
        ("prod=env:NAME", "prod", "env:NAME", None),
        ("env:NAME@http://127.0.0.1:4000", None, "env:NAME", "http://127.0.0.1:4000"),
        ("gw=env:NAME@https://host/v1", "gw", "env:NAME", "https://host/v1"),
        ("dotenv:/a/b=c/.env#NAME", None, "dotenv:/a/b=c/.env#NAME", None),
        ("team a=keyring:svc/me@home", "team a", "keyring:svc/me@home", None),
        ("ask", None, "ask", None),
    ],
)
def test_a_key_is_named_label_source_and_base_url(text, label, source, base_url):
    found = _KEY.match(text)
    assert (found["label"], found["source"], found["base_url"]) == (label, source, base_url)


# -- wrong usage --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", KEY], "never given as text"),
        (["plan", f"prod={KEY}"], "never given as text"),
        (["plan", "env:NOT_SET_ANYWHERE"], "NOT_SET_ANYWHERE"),
        (["plan", "env:X", "--route", "nonsense"], "HOST=URL"),
        (["page", "basten", "inventory-fit"], "baseten"),
        (["page", "baseten", "inventory"], "inventory-fit"),
        (["page", "baseten", "inventory-fit", "--lang", "tlh"], "tlh"),
        (["identify", "not a url"], "http"),
        (["providers", "--check", "/nowhere/acme.toml"], "acme.toml"),
    ],
)
def test_wrong_usage_is_said_in_one_line_and_returns_2(shell, words, said):
    status, out, err = shell(*words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert KEY not in err


@pytest.mark.parametrize("words", [[], ["probes"], ["probe"], ["report", "ask"], ["page", "baseten"]])
def test_a_command_that_is_none_returns_2(words, capsys):
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_faulty_provider_file_is_named_with_its_field(shell, tmp_path):
    (tmp_path / "acme.toml").write_text('id = "acme"\ncolour = "red"\n')
    status, _, err = shell("providers", "--check", str(tmp_path / "acme.toml"))
    assert status == 2
    assert "acme.toml:1: name: is required and missing" in err
    assert "acme.toml:2: colour: unknown field" in err


def test_a_sound_provider_file_is_called_fine(shell):
    from testkey_nb.catalogue import data_dir

    status, out, _ = shell("providers", "--check", str(data_dir() / "providers" / "baseten.toml"))
    assert status == 0
    assert "fine (baseten" in out


# -- probe --------------------------------------------------------------------------------------------------------


def test_json_holds_every_table_of_the_design(probed):
    assert probed[1]["schema"] == 1
    assert set(probed[1]["tables"]) == set(TABLES)
    assert len(TABLES) == 17


def test_a_key_that_is_not_valid_returns_1_and_the_tables_come(probed):
    status, told = probed
    assert status == 1
    assert {row["label"]: row["key_valid"] for row in told["tables"]["identity"]} == {"prod": True, "gone": False}


def test_unknown_is_null_in_json(probed):
    gone = next(row for row in probed[1]["tables"]["identity"] if row["label"] == "gone")
    assert gone["organization_id"] is None
    assert "NaN" not in json.dumps(probed[1])
    assert "<NA>" not in json.dumps(probed[1])


def test_all_eight_metrics_of_the_page_have_values(probed):
    tables = probed[1]["tables"]
    prod = next(row["key_id"] for row in tables["keys"] if row["label"] == "prod")
    filled = {row["metric"] for row in tables["metrics"] if row["key_id"] == prod and row["value"] is not None}
    assert set(INVENTORY_METRICS) - filled == set()


def test_a_good_key_returns_0_and_a_screenful(shell):
    status, out, _ = shell("probe", "mine=env:TESTKEY_SANDBOX_GROQ_DEVELOPER", routed=True)
    assert status == 0
    assert "Keys (1)" in out


def test_a_key_whose_validity_is_not_told_returns_0(shell):
    status, out, _ = shell("probe", "env:TESTKEY_SANDBOX_GROQ_BLOCKED", "--format", "json", routed=True)
    assert [row["key_valid"] for row in json.loads(out)["tables"]["identity"]] == [None]
    assert status == 0


def test_csv_goes_into_a_folder_of_one_file_per_table(shell, tmp_path):
    words = ["probe", "mine=env:TESTKEY_SANDBOX_GROQ_DEVELOPER", "--format", "csv", "--out", str(tmp_path / "out")]
    assert shell(*words, routed=True)[0] == 0
    assert {path.stem for path in (tmp_path / "out").iterdir()} == set(TABLES)
    with (tmp_path / "out" / "identity.csv").open() as file:
        assert [row["label"] for row in csv.DictReader(file)] == ["mine"]


def test_a_key_that_is_not_reachable_returns_1(shell):
    words = ["probe", "env:TESTKEY_SANDBOX_GROQ_DEVELOPER", "--route", "api.groq.com=http://127.0.0.1:9"]
    status, out, _ = shell(*words, "--format", "json")
    assert status == 1
    assert {row["outcome"] for row in json.loads(out)["tables"]["exchanges"]} == {"unreachable"}


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_tamed(text):
    assert next(csv.DictReader(csv_text(pd.DataFrame({"a": [text]})).splitlines(keepends=True)))["a"].startswith("'")


@pytest.mark.parametrize("text", ["-1.5", "+3", "plain"])
def test_numbers_and_words_stay_as_they_are_in_csv(text):
    assert csv_text(pd.DataFrame({"a": [text]})) == f"a\n{text}\n"


# -- the other verbs ----------------------------------------------------------------------------------------------


def test_plan_shows_requests_and_sends_none(shell, sandbox):
    before = len(sandbox.requests)
    status, out, _ = shell("plan", "env:TESTKEY_SANDBOX_GROQ_DEVELOPER", "--format", "json", routed=True)
    rows = json.loads(out)["tables"]["plan"]
    assert status == 0
    assert [row["path"] for row in rows] == ["/openai/v1/models"]
    assert {row["expected_tokens"] for row in rows} == {0}
    assert len(sandbox.requests) == before


def test_plan_shows_active_probes_when_asked(shell):
    words = ["plan", "env:TESTKEY_SANDBOX_GROQ_DEVELOPER", "--active", "runtime", "--model", "llama-3.1-8b-instant"]
    rows = json.loads(shell(*words, "--format", "json")[1])["tables"]["plan"]
    assert [row["model_id"] for row in rows if row["method"] == "POST"] == ["llama-3.1-8b-instant"]


def test_report_writes_one_file_and_says_where(shell, tmp_path):
    out = tmp_path / "report.html"
    status, said, _ = shell("report", "env:TESTKEY_SANDBOX_GROQ_DEVELOPER", "--out", str(out), routed=True)
    assert status == 0
    assert str(out) in said
    assert "</html>" in out.read_text()


def test_providers_lists_the_catalogue(shell):
    rows = json.loads(shell("providers", "--format", "json")[1])["tables"]["providers"]
    assert {"baseten", "gemini", "new-api"} <= {row["provider"] for row in rows}


def test_identify_names_who_answers(shell):
    with tk.sandbox(only=["litellm"]) as gateway:
        status, out, _ = shell("identify", gateway.address("litellm"), "--format", "json")
        assert status == 0
        assert json.loads(out)["tables"]["candidates"][0]["provider"] == "litellm"
        assert not any(one.key_provider for one in gateway.requests)


def test_the_page_of_baseten_is_the_one_of_the_site(shell):
    status, out, _ = shell("page", "baseten", "inventory-fit", "--lang", "id", "--format", "json")
    page = json.loads(out)
    assert status == 0
    assert page == {
        "provider": "Baseten Model APIs",
        "provider_id": "baseten",
        "route": "rute global",
        "coverage": 1,
        "sample_models": ["meta-llama/Meta-Llama-3.1-8B-Instruct"],
        "dimension": "inventory-fit",
        "dimension_name": "cek key inventory fit",
        "signal": "1 models can become inventory candidates",
        "probes": {"count": 1, "kinds": ["current_key"]},
        "metrics": {"count": 8, "names": INVENTORY_METRICS},
        "capabilities": {
            "count": 5,
            "names": [
                "operational actions", "model permission matrix", "limit matrix", "key identity", "capability matrix",
            ],
        },
        "actions": [
            "add provider config", "fill pricing", "import inventory", "set route", "add monitoring",
            "send to human review",
        ],
        "privacy": "Read-only. Data dihapus setelah 5 menit.",
    }  # fmt: skip


@pytest.mark.parametrize(("form", "mark"), [("text", "Baseten Model APIs"), ("html", "</html>")])
def test_a_page_comes_as_text_and_as_html(shell, form, mark):
    status, out, _ = shell("page", "baseten", "inventory-fit", "--format", form)
    assert status == 0
    assert mark in out


def test_demo_writes_the_report_and_says_where(shell, tmp_path):
    out = tmp_path / "demo.html"
    status, said, _ = shell("demo", "--out", str(out))
    assert status == 0
    assert f"Report: {out}" in said
    assert "read-only requests, 0 tokens" in said
    assert "</html>" in out.read_text()


def test_an_interrupt_says_that_nothing_was_kept(shell, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("testkey_nb.identity.asked", interrupted)
    status, _, err = shell("identify", "https://host.example")
    assert status == 130
    assert "stopped" in err


def test_sandbox_prints_routes_and_keys_until_it_is_stopped():
    with subprocess.Popen(
        [sys.executable, "-m", "testkey_nb", "sandbox"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        lines = []
        for line in running.stdout:
            lines.append(line)
            if line.rstrip() == "}":
                break
        running.terminate()
        running.communicate(timeout=10)
    told = json.loads("".join(lines))
    assert "api.openai.com" in told["routes"]
    assert {"env", "text", "label", "provider", "base_url"} <= set(told["keys"][0])
