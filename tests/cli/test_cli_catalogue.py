"""Own files in the shell: `--catalogue` on the verbs, `providers --check` and `providers --try`."""

import json

import pytest

from testkey_nb.catalogue import data_dir
from testkey_nb.cli import main

PROVIDER = """
id = "acme"
name = "Acme"
route = "global"
kind = "lab"
docs = "https://docs.acme.example"
checked = 2026-11-27
covered_models = ["acme-large"]
[key]
patterns = []
auth = { header = "Authorization", scheme = "Bearer" }
[hosts]
inference = "https://api.acme.example"
[[probes]]
id = "balance_snapshot"
kind = "balance_snapshot"
question = "What is left?"
metrics = []
  [[probes.requests]]
  id = "purse"
  get = "/v1/purse"
  source = "https://docs.acme.example"
    [[probes.requests.extract]]
    table = "balances"
    rows = "@"
    fields = { kind = "'available'", amount = "left", currency = "unit" }
"""
RULES = """
[[risks]]
risk = "our own risk"
severity = "terrible"
when = "true"
reason = "As we say it."
evidence = "f.any_ids"
"""


@pytest.fixture
def files(tmp_path):
    """(a provider file, a file of rules with a fault, the folder)."""
    provider, rules = tmp_path / "acme.toml", tmp_path / "ours.toml"
    provider.write_text(PROVIDER)
    rules.write_text(RULES)
    return provider, rules, tmp_path


@pytest.fixture
def shell(capsys):
    """Run a command; gives (status, stdout, stderr)."""

    def run(*words):
        status = main([str(word) for word in words])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def tried(files, shell):
    """Try the provider file on an answer; gives the printed rows by (part, name)."""

    def run(answer, *words):
        file = files[2] / "answer.json"
        file.write_text(answer if isinstance(answer, str) else json.dumps(answer))
        options = ["--try", files[0], "--path", "/v1/purse", "--answer", file, "--format", "json", *words]
        status, out, _ = shell("providers", *options)
        assert status == 0
        return {(row["part"], row["name"]): row for row in json.loads(out)["tables"]["trial"]}

    return run


def test_an_own_provider_is_listed(files, shell):
    status, out, err = shell("providers", "--catalogue", files[0], "--format", "json")
    assert (status, err) == (0, "")
    assert "acme" in {row["provider"] for row in json.loads(out)["tables"]["providers"]}


def test_an_own_provider_has_its_page(files, shell):
    status, out, _ = shell("page", "acme", "inventory-fit", "--catalogue", files[0], "--format", "json")
    assert status == 0
    assert json.loads(out)["sample_models"] == ["acme-large"]


def test_the_key_of_an_own_provider_is_planned(files, shell, monkeypatch):
    monkeypatch.setenv("MADE_UP_KEY", "EXAMPLEEXAMPLEEXAMPLE0001")
    words = ["plan", "env:MADE_UP_KEY", "--provider", "acme", "--catalogue", files[0], "--format", "json"]
    status, out, _ = shell(*words)
    assert status == 0
    assert [row["path"] for row in json.loads(out)["tables"]["plan"]] == ["/v1/purse"]


def test_what_is_left_out_is_told_once_on_stderr(files, shell):
    status, _, err = shell("providers", "--catalogue", files[0], "--catalogue", files[1], "--format", "json")
    assert status == 0
    assert err.count("\n") == 1
    assert "left out" in err
    assert "severity 'terrible'" in err


def test_check_takes_several_files_and_names_each_problem(files, shell):
    broken = files[2] / "broken.toml"
    broken.write_text("id = 7\n")
    status, out, err = shell("providers", "--check", files[0], broken, files[1])
    assert status == 2
    assert out == f"{files[0]}: fine (acme, 1 probes)\n"
    assert f"{broken}:1: id: " in err
    assert f"{files[1]}:2: risks[0] our own risk: severity 'terrible'" in err


def test_a_shipped_file_is_no_stranger_to_itself(shell):
    status, out, err = shell("providers", "--check", *sorted((data_dir() / "providers").glob("*.toml"))[:5])
    assert (status, err, out.count(": fine (")) == (0, "", 5)


@pytest.mark.parametrize("answer", [{"left": "7.50", "unit": "EUR"}, {"status": 200, "body": {"left": "7.50"}}])
def test_an_answer_is_a_body_or_an_object_with_one(tried, answer):
    assert tried(answer)["field", "amount"]["value"] == "7.5"


def test_a_status_in_the_shell_goes_before_the_files(tried):
    row = tried({"status": 200, "body": {"left": 7}}, "--status", "404")["row", "rows"]
    assert row["why"] == "an extract reads successes only, and the status is 404"


def test_a_header_in_the_shell_is_read(tried):
    rows = tried({}, "--header", "x-ratelimit-limit-requests=60")
    assert rows["limit header", "x-ratelimit-limit-requests"]["raw"] == "60"


def test_an_answer_that_is_no_json_is_a_text(tried):
    assert tried("<html>no</html>")["row", "rows"]["why"] == "the answer is a web page"


def test_a_path_that_no_request_asks_for_is_said_to_be_none(files, shell, tmp_path):
    answer = tmp_path / "nothing.json"
    answer.write_text("{}")
    status, out, _ = shell("providers", "--try", files[0], "--path", "/v9/nowhere", "--answer", str(answer))
    assert status == 0
    assert "no request of this file has a path that" in out


def test_for_eyes_the_trial_comes_in_parts(files, shell):
    answer = files[2] / "answer.json"
    answer.write_text("{}")
    _, out, _ = shell("providers", "--try", files[0], "--path", "/v1/purse", "--answer", answer)
    assert [part for part in ("Request", "Field", "Row", "Error rule") if part in out] == [
        "Request", "Field", "Row", "Error rule",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--path", "/v1/purse"], "--try needs --path and --answer"),
        (["--path", "/v1/purse", "--answer", "/nowhere.json"], "cannot read /nowhere.json"),
    ],
)
def test_a_trial_that_lacks_something_says_what(files, shell, words, told):
    status, out, err = shell("providers", "--try", files[0], *words)
    assert (status, out) == (2, "")
    assert told in err
