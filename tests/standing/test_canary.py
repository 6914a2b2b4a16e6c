"""No key is found anywhere, in any form that servers echo: tables, reports, logs, tracebacks, widgets, notebooks."""

import base64
import hashlib
import io
import json
import logging
import pickle
import sys
import traceback
from urllib.parse import quote

import pytest

import testkey_nb as tk
from testkey_nb.cli import main
from testkey_nb.cli.output import csv_text, json_text
from testkey_nb.vocabulary import BASE_TABLES, TABLES


def forms(key: str) -> set[str]:
    raw = key.encode()
    hashes = {hashlib.new(name, raw).hexdigest() for name in ("sha256", "sha1", "md5")}
    coded = {base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    # the tail of a long key is enough to recognise it
    return {key, quote(key, safe=""), *coded, *hashes, base64.b64encode(f":{key}".encode()).decode().rstrip("=")[4:]}


def found(text: str, keys) -> list[str]:
    return [label for label, key in keys.items() for form in forms(key) if form in text]


@pytest.fixture(scope="module")
def canaries():
    with tk.sandbox() as sandbox:
        yield {row["label"]: row["text"] for row in sandbox.samples if row["text"]}


def test_the_search_finds_what_is_there(canaries):
    label, key = next(iter(canaries.items()))
    for form in forms(key):
        assert label in found(f"<td>{form}</td>", canaries)


@pytest.mark.parametrize("table", [*TABLES, *BASE_TABLES])
def test_no_table_holds_a_key(probed, canaries, table):
    frame = probed.frame(table)
    assert found(csv_text(frame) + json_text({table: frame}) + repr(frame), canaries) == []


def test_no_report_holds_a_key(probed, canaries, tmp_path):
    assert found(probed.report(tmp_path / "report.html").read_text(), canaries) == []


def test_no_view_or_widget_state_holds_a_key(probed, canaries):
    from ipywidgets import Widget

    board = probed.board()
    try:
        shown = "".join(probed.matrix(name)._repr_html_() for name in ("summary", "permissions", "limits", "exchanges"))
        state = json.dumps(Widget.get_manager_state(drop_defaults=False), default=str)
        assert found(shown + state + repr(board) + repr(probed), canaries) == []
    finally:
        board.close()


def test_no_log_holds_a_key(canaries, caplog):
    caplog.set_level(logging.DEBUG)
    with tk.sandbox(only=["openai", "gemini", "litellm"]) as sandbox:
        session = tk.Session(routes=sandbox.routes)
        for row in sandbox.keys:
            session.add(**row)
        session.probe(progress=False).close()
    assert found(caplog.text + "".join(repr(record.__dict__) for record in caplog.records), canaries) == []


def test_no_traceback_holds_a_key_even_with_all_locals(monkeypatch, canaries):
    label, text = next(iter(canaries.items()))
    monkeypatch.setenv("CANARY_EXAMPLE_API_KEY", text)
    session = tk.Session(routes={"api.openai.com": "http://127.0.0.1:9"})
    session.add("env:CANARY_EXAMPLE_API_KEY", label="canary", base_url="http://127.0.0.1:9", provider="openai")
    try:
        session.probe(progress=False)
        session.compare("canary", "nobody")
    except tk.errors.UnknownLabel:
        kind, error, trace = sys.exc_info()
        trace = trace.tb_next  # this test's own frame holds the key on purpose
        out = io.StringIO()
        lines = traceback.TracebackException(kind, error, trace, capture_locals=True).format()
        out.writelines(lines)
        from IPython.core.ultratb import VerboseTB

        out.write(VerboseTB().text(kind, error, trace))
    assert "session" in out.getvalue()
    assert found(out.getvalue(), {label: text}) == []


def test_no_key_survives_a_pickle_or_a_copy(probed):
    for held in probed._keys.chosen():
        with pytest.raises(TypeError):
            pickle.dumps(held.key)


def test_the_command_line_prints_no_key(canaries, capsys, monkeypatch):
    with tk.sandbox(only=["litellm"]) as sandbox:
        row = sandbox.keys[0]
        main(["probe", f"gw={row['source']}@{row['base_url']}", "--format", "json"])
    shown = capsys.readouterr()
    assert '"litellm"' in shown.out
    assert found(shown.out + shown.err, canaries) == []


def test_a_key_given_as_text_is_refused_and_not_repeated(canaries, capsys):
    _, text = next(iter(canaries.items()))
    assert main(["plan", text]) == 2
    assert found(capsys.readouterr().err, canaries) == []


def test_no_notebook_holds_a_key(canaries):
    from pathlib import Path

    for path in sorted(Path("notebooks").glob("*.ipynb")):
        assert found(path.read_text(), canaries) == [], path.name
