"""A run's rows live `ttl` seconds from its first answer, and no read sees them later."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from datetime import timedelta

import pytest
from store_rows import START, Filled, wait_for_work

from testkey_nb.errors import Expired
from testkey_nb.store import PENDING, Store


def test_rows_are_there_until_the_time_is_up(filled: Filled) -> None:
    filled.clock.pass_(299.9)
    assert len(filled.store.frame("keys")) == 1


def test_reading_after_the_time_is_up_raises_expired(filled: Filled) -> None:
    filled.clock.pass_(300)
    for read in (
        lambda: filled.store.frame("keys"),
        lambda: filled.store.sql("FROM keys"),
    ):
        with pytest.raises(Expired, match="300 s"):
            read()


def test_the_wall_clock_alone_ends_the_time(filled: Filled) -> None:
    filled.clock.now += timedelta(seconds=301)  # the laptop slept
    with pytest.raises(Expired):
        filled.store.frame("keys")


def test_the_steady_clock_alone_ends_the_time(filled: Filled) -> None:
    filled.clock.steady += 301  # the wall clock was set back
    with pytest.raises(Expired):
        filled.store.frame("keys")


def test_the_time_counts_from_the_first_answer(filled: Filled) -> None:
    filled.clock.pass_(100)
    filled.store.first_answer(filled.run)
    filled.clock.pass_(299)
    assert filled.store.expires_in == pytest.approx(1)


def test_the_earliest_word_on_the_first_answer_counts(filled: Filled) -> None:
    filled.clock.pass_(100)
    for seconds in (50, 90, 100):
        filled.store.first_answer(filled.run, START + timedelta(seconds=seconds))
    assert filled.store.expires_in == pytest.approx(250)


def test_an_answer_cannot_be_from_the_future(filled: Filled) -> None:
    filled.store.first_answer(filled.run, START + timedelta(days=1))
    assert filled.store.expires_in == pytest.approx(300)


def test_the_table_of_runs_says_when_each_ends(filled: Filled) -> None:
    filled.store.first_answer(filled.run, START)
    found = filled.one("runs")
    assert (found["run_id"], found["first_answer_at"], found["expires_at"]) == (
        filled.run,
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:05:00Z",
    )


def test_a_run_goes_while_a_later_one_stays(filled: Filled) -> None:
    filled.clock.pass_(200)
    filled.again().key("k2").exchange("x2", "k2")
    filled.clock.pass_(100)
    assert filled.store.frame("keys")["key_id"].to_list() == ["k2"]
    assert filled.store.frame("runs")["run_id"].to_list() == [filled.run]


def test_nothing_comes_into_a_run_whose_time_is_up(filled: Filled) -> None:
    filled.clock.pass_(300)
    with pytest.raises(Expired):
        filled.exchange("x1")
    with pytest.raises(Expired):
        filled.store.first_answer(filled.run)


def test_a_new_run_after_all_expired_starts_afresh(filled: Filled) -> None:
    filled.clock.pass_(300)
    filled.again().key("k2")
    assert filled.store.frame("keys")["key_id"].to_list() == ["k2"]


def test_a_store_that_never_held_anything_is_empty_not_expired() -> None:
    store = Store()
    assert store.frame("keys").empty
    assert store.expires_in is None
    store.close()


def test_what_is_purged_by_hand_is_gone(filled: Filled) -> None:
    filled.store.purge()
    assert filled.store.expires_in == 0.0
    with pytest.raises(Expired):
        filled.store.frame("keys")


def test_one_run_may_be_purged_and_purged_again(filled: Filled) -> None:
    first = filled.run
    filled.again().key("k2")
    filled.store.purge(first)
    filled.store.purge(first)
    assert filled.store.frame("keys")["key_id"].to_list() == ["k2"]


def test_a_closed_store_gives_and_takes_nothing(filled: Filled) -> None:
    filled.store.close()
    filled.store.close()
    with pytest.raises(Expired, match="closed"):
        filled.store.frame("keys")
    with pytest.raises(Expired):
        filled.key()


def test_listeners_hear_of_every_run_that_went(filled: Filled) -> None:
    heard: list[str] = []
    filled.store.on_purge(heard.append)
    first = filled.run
    filled.again().key("k2")
    filled.store.purge(first)
    filled.store.purge()
    assert heard == [first, filled.run]


def test_a_listener_that_left_hears_nothing(filled: Filled) -> None:
    heard: list[str] = []
    filled.store.on_purge(heard.append)()
    filled.store.purge()
    assert heard == []


def test_a_listener_that_fails_stops_neither_purge_nor_others(filled: Filled) -> None:
    heard: list[str] = []

    def failing(run_id: str) -> None:
        raise RuntimeError(run_id)

    filled.store.on_purge(failing)
    filled.store.on_purge(heard.append)
    filled.store.purge()
    assert heard == [filled.run]


def test_a_listener_may_read_the_store(filled: Filled) -> None:
    seen: list[int] = []
    filled.again().key("k2")
    filled.store.on_purge(lambda _: seen.append(len(filled.store.frame("keys"))))
    filled.clock.pass_(1)
    filled.store.purge(filled.run)
    assert seen == [1]


# -- keys that were added and not probed --


def test_pending_keys_have_their_own_time(filled: Filled) -> None:
    filled.clock.pass_(200)
    filled.store.set_pending_keys([{"key_id": "k2", "label": "new"}])
    filled.clock.pass_(100)
    assert filled.store.frame("keys")["key_id"].to_list() == ["k2"]
    filled.clock.pass_(200)
    with pytest.raises(Expired):
        filled.store.frame("keys")


def test_taking_a_pending_key_away_does_not_give_the_others_more_time() -> None:
    made = Filled()
    made.store.purge(made.run)
    made.store.set_pending_keys([{"key_id": "k1"}, {"key_id": "k2"}])
    made.clock.pass_(200)
    made.store.set_pending_keys([{"key_id": "k1"}])
    assert made.store.expires_in == pytest.approx(100)
    made.store.set_pending_keys([{"key_id": "k1"}, {"key_id": "k3"}])
    assert made.store.expires_in == pytest.approx(300)
    made.store.close()


def test_a_probed_key_outranks_its_pending_self(filled: Filled) -> None:
    filled.store.set_pending_keys([{"key_id": "k1", "label": "old"}])
    assert filled.one("keys")["label"] == "label-k1"


def test_no_pending_keys_left_is_no_expiry() -> None:
    store = Store()
    store.set_pending_keys([{"key_id": "k1"}])
    store.set_pending_keys([])
    assert store.frame("keys").empty
    store.close()


def test_the_purge_of_pending_keys_is_told_by_name() -> None:
    store, heard = Store(), list[str]()
    store.on_purge(heard.append)
    store.set_pending_keys([{"key_id": "k1"}])
    store.purge()
    store.close()
    assert heard == [PENDING]


# -- the thread --


def test_the_purge_comes_by_itself() -> None:
    store, gone = Store(ttl=0.2), threading.Event()
    store.on_purge(lambda _: gone.set())
    store.insert(store.open_run(), "keys", [{"key_id": "k1"}])
    assert gone.wait(30)
    with pytest.raises(Expired):
        store.frame("keys")
    store.close()


def test_the_thread_ends_with_the_last_row_and_comes_back() -> None:
    store = Store(ttl=0.1)
    others = set(threading.enumerate())  # stores of other tests may still live
    for _ in range(2):
        store.insert(store.open_run(), "keys", [{"key_id": "k1"}])
        thread = next(one for one in set(threading.enumerate()) - others if one.name == "testkey_nb purge")
        assert thread.daemon
        thread.join(30)
        assert not thread.is_alive()
    store.close()


def test_the_thread_does_not_keep_the_store_alive() -> None:
    store, gone = Store(), threading.Event()
    store.insert(store.open_run(), "keys", [{"key_id": "k1"}])
    weakref.finalize(store, gone.set)
    del store
    gc.collect()
    # the thread may be looking at it just now
    assert gone.wait(30)


def test_an_interpreter_ends_cleanly_with_an_open_store() -> None:
    program = (
        "from testkey_nb.store import Store\ns = Store()\n"
        "s.insert(s.open_run(), 'keys', [{'key_id': 'k'}])\nprint(len(s.frame('keys')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "1", "")


# -- purge and query at once --

SLOW = "SELECT count(*) AS n FROM keys, range(100000) a, range(100000) b WHERE hash(a.range + b.range) = 1"


def start_slow_read(store: Store) -> tuple[threading.Thread, list[object]]:
    result: list[object] = []

    def read() -> None:
        try:
            result.append(store.sql(SLOW))
        except Exception as problem:  # noqa: BLE001 - the test looks at it
            result.append(problem)

    thread = threading.Thread(target=read)
    thread.start()
    wait_for_work()
    assert thread.is_alive()
    return thread, result


def test_a_purge_survives_a_running_query_which_ends_as_expired(filled: Filled) -> None:
    thread, result = start_slow_read(filled.store)
    begun = time.perf_counter()
    filled.store.purge()
    took = time.perf_counter() - begun
    thread.join(30)
    assert not thread.is_alive()
    assert isinstance(result[0], Expired)
    assert took < 1


def test_the_time_of_a_running_query_may_run_out(filled: Filled) -> None:
    thread, result = start_slow_read(filled.store)
    filled.clock.pass_(300)
    thread.join(30)
    assert not thread.is_alive()
    assert isinstance(result[0], Expired)


def test_a_read_during_which_a_run_went_is_made_anew_on_what_is_left(filled: Filled) -> None:
    store, first = filled.store, filled.run
    filled.again().key("k2")
    result: list[int] = []
    slow = (
        "SELECT count(*) AS n FROM keys k, range(CASE WHEN (SELECT count(*) FROM keys) = 2 THEN 4000000000 ELSE 1 END) "
        "WHERE hash(range) <> 1"
    )
    thread = threading.Thread(target=lambda: result.append(int(store.sql(slow)["n"][0])))
    thread.start()
    wait_for_work()
    store.purge(first)
    thread.join(30)
    assert result == [1]


def test_many_threads_may_read_and_write(filled: Filled) -> None:
    problems: list[Exception] = []

    def work(number: int) -> None:
        try:
            for step in range(5):
                run = filled.store.open_run()
                filled.store.insert(run, "keys", [{"key_id": f"k-{number}-{step}"}])
                filled.store.frame("keys")
                filled.store.purge(run)
        except Exception as problem:  # noqa: BLE001 - the test looks at it
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    assert filled.store.frame("keys")["key_id"].to_list() == ["k1"]
