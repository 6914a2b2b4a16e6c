"""What a change of one line in the store would break without a sign elsewhere."""

from __future__ import annotations

import pytest
from store_rows import Filled

from testkey_nb.errors import Expired


def test_the_first_rows_set_the_end_of_a_run_that_no_answer_was_told_of(filled: Filled) -> None:
    filled.again().key("k2")
    assert filled.column("runs", "run_id", "expires_at")[filled.run] == "2026-11-23T12:05:00Z"


def test_a_run_opened_after_the_end_takes_nothing(filled: Filled) -> None:
    filled.store.close()
    with pytest.raises(Expired):
        filled.again().key()


def test_taking_back_the_only_pending_key_after_a_purge_is_no_expiry(filled: Filled) -> None:
    filled.store.purge()
    filled.store.set_pending_keys([{"key_id": "k2"}])
    filled.store.set_pending_keys([])
    assert filled.store.frame("keys").empty
