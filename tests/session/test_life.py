"""Everything a session holds is gone in time, whoever still looks."""

import threading

import pytest

import testkey_nb as tk
from testkey_nb.clock import ManualClock
from testkey_nb.keys import from_source

LABEL = "groq-developer"


def row_of(sandbox, label):
    return next(row for row in sandbox.keys if row["label"] == label)


@pytest.fixture(scope="module")
def expired(open_shared):
    """A session whose time is up, with what was taken from it before: (session, view, widget, key, frame, calls)."""
    clock = ManualClock()
    session, _ = open_shared("groq", labels=[LABEL], clock=clock)
    calls = []
    session.on_purge(lambda: calls.append("gone"))
    view, key, frame = session.matrix("limits"), session._keys.find(LABEL).key, session.permissions
    board = session.board()
    assert session.expires_in == 300
    clock.move(300)
    assert session.labels == []
    return session, view, board, key, frame, calls


def test_tables_of_an_expired_session_raise(expired):
    with pytest.raises(tk.errors.Expired):
        _ = expired[0].limits


def test_sql_over_an_expired_session_raises(expired):
    with pytest.raises(tk.errors.Expired):
        expired[0].sql("FROM exchanges")


def test_a_report_of_an_expired_session_raises(expired, tmp_path):
    with pytest.raises(tk.errors.Expired):
        expired[0].report(tmp_path / "report.html")


def test_keys_go_with_the_rows(expired):
    assert expired[0].labels == []
    assert expired[3].is_forgotten


def test_a_probe_after_that_asks_for_the_keys_anew(expired):
    with pytest.raises(tk.errors.KeySourceError, match="add one first"):
        expired[0].probe(progress=False)


def test_nothing_is_left_to_expire(expired):
    assert expired[0].expires_in == 0


def test_a_view_of_it_says_that_it_expired(expired):
    assert "expired" in expired[1]._repr_html_().lower()


def test_a_board_of_it_shows_no_rows(expired):
    assert LABEL not in repr(expired[2])


def test_who_asked_to_be_told_is_told_once(expired):
    assert expired[5] == ["gone"]


def test_a_frame_taken_out_is_the_analysts_own(expired):
    assert len(expired[4]) > 0


def test_a_repr_of_it_says_that_nothing_is_held(expired):
    assert repr(expired[0]) == "<Session: 0 keys, nothing probed>"


def test_a_key_that_nobody_asked_with_expires_though_no_table_was_read(monkeypatch):
    monkeypatch.setenv("MADE_UP_KEY", "sk-EXAMPLEEXAMPLEEXAMPLE")
    clock = ManualClock()
    session = tk.Session(clock=clock).add("env:MADE_UP_KEY", provider="deepseek")
    key = session._keys.chosen()[0].key
    clock.move(299)
    assert session.labels == ["made_up"]
    clock.move(1)
    assert session.labels == []
    assert key.is_forgotten


def test_a_key_that_nobody_asked_with_expires_though_nobody_looks(monkeypatch):
    monkeypatch.setenv("MADE_UP_KEY", "sk-EXAMPLEEXAMPLEEXAMPLE")
    key, gone = from_source("env:MADE_UP_KEY"), threading.Event()
    session = tk.Session(ttl=0.01)
    session.on_purge(gone.set)
    session.add(key, label="mine", provider="deepseek")
    assert gone.wait(30)
    assert key.is_forgotten


@pytest.fixture(scope="module")
def two_runs(open_shared):
    """(seconds left after the first run, after the second, labels and rows left when the first is gone)."""
    clock = ManualClock()
    session, sandbox = open_shared("groq", "cerebras", labels=[LABEL], clock=clock)
    before = session.expires_in
    clock.move(100)
    session.add(**row_of(sandbox, "cerebras-personal"))
    session.probe(progress=False, labels=["cerebras-personal"])
    after = session.expires_in
    clock.move(200)
    return before, after, session.labels, session.frame("keys"), session.exchanges


def test_a_second_run_does_not_prolong_the_first(two_runs):
    before, after, *_ = two_runs
    assert (before, after) == (300, 200)


def test_when_the_first_run_goes_the_second_stays(two_runs):
    _, _, labels, keys, exchanges = two_runs
    assert labels == keys["label"].tolist() == ["cerebras-personal"]
    assert set(exchanges["key_id"]) == set(keys["key_id"])


def test_a_key_that_a_later_run_used_stays_with_that_run(open_session):
    clock = ManualClock()
    session, _ = open_session("groq", labels=[LABEL], clock=clock)
    clock.move(100)
    session.probe(progress=False)
    clock.move(200)
    assert len(session.sql("FROM runs")) == 1
    assert session.labels == [LABEL]


def test_a_purge_forgets_rows_and_keys_and_the_session_goes_on(open_session):
    session, sandbox = open_session("groq", labels=[LABEL])
    key = session._keys.find(LABEL).key
    session.purge()
    assert session.labels == []
    assert key.is_forgotten
    with pytest.raises(tk.errors.Expired):
        _ = session.limits
    # and it can be used again
    session.add(**row_of(sandbox, LABEL)).probe(progress=False)
    assert session.identity["key_valid"].tolist() == [True]


def test_a_purge_of_an_empty_session_is_no_error():
    tk.Session().purge()


def test_a_closed_session_raises_for_good():
    session = tk.Session()
    session.close()
    with pytest.raises(tk.errors.Expired):
        _ = session.limits


def test_closing_twice_is_no_error():
    session = tk.Session()
    session.close()
    session.close()


def test_a_closed_session_takes_no_key(monkeypatch):
    monkeypatch.setenv("MADE_UP_KEY", "sk-EXAMPLEEXAMPLEEXAMPLE")
    session = tk.Session()
    session.close()
    with pytest.raises(tk.errors.Expired):
        session.add("env:MADE_UP_KEY", provider="deepseek")
    assert session.labels == []


def test_leaving_the_with_block_closes():
    with tk.Session() as session:
        assert session.labels == []
    with pytest.raises(tk.errors.Expired):
        _ = session.limits
