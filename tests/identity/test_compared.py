"""A product of which most answers are missing is behind what answers; fewer prove nothing."""

from typing import Any

import pytest

from testkey_nb.catalogue import load
from testkey_nb.identity import Evidence
from testkey_nb.identity.compared import across, behind
from testkey_nb.identity.signals import signals_of

WEIGHING = signals_of(load()).weighing
ASKS = ("a", "b", "c", "d")
RULES = {
    "expects": [
        {
            "for": "relay",
            "source": "https://docs.example.com",
            "answers": [{"ask": ask, "when": "status == `200`"} for ask in ASKS],
        }
    ]
}


def mark(db: float = 20, *, group: str = "hdr", name: str = "relay") -> Evidence:
    return Evidence(f"{name}-{group}", name, "front", group, db, "a mark")


def settled(*statuses: int | None, marks: list[Evidence] | None = None) -> list[Evidence]:
    """The evidence after these statuses of the four questions, in their order."""
    documents: dict[str, Any] = {ask: {"status": status} for ask, status in zip(ASKS, statuses, strict=False)}
    return behind(RULES, documents, marks or [mark()], weighing=WEIGHING)


def is_behind(*statuses: int | None, marks: list[Evidence] | None = None) -> bool:
    return any(each.signal == "lacks-relay" for each in settled(*statuses, marks=marks))


def test_three_of_four_missing_answers_put_it_behind() -> None:
    assert is_behind(200, 404, 404, 404)


def test_half_of_the_answers_missing_proves_nothing() -> None:
    assert not is_behind(200, 200, 404, 404)


def test_two_of_three_missing_answers_put_it_behind() -> None:
    assert is_behind(200, 404, 404)


def test_one_missing_answer_proves_nothing() -> None:
    assert not is_behind(404)


@pytest.mark.parametrize("status", [403, 429, 500, 503, None])
def test_a_wall_before_the_server_is_no_missing_answer(status: int | None) -> None:
    assert not is_behind(200, 404, status, status)


def test_a_weak_mark_is_not_put_behind() -> None:
    assert not is_behind(404, 404, 404, 404, marks=[mark(9.9)])
    assert is_behind(404, 404, 404, 404, marks=[mark(10)])


@pytest.mark.parametrize("group", ["host", "key"])
def test_what_no_answer_shows_is_not_put_behind(group: str) -> None:
    assert not is_behind(404, 404, 404, 404, marks=[mark(group=group)])


def test_its_marks_move_behind_and_its_own_routes_stay_in_front() -> None:
    marks = [mark(), mark(group="prod"), mark(group="ident"), mark(-5, group="list"), mark(name="other")]
    layers = {(each.signal, each.layer) for each in settled(404, 404, 404, marks=marks)}
    assert layers >= {
        ("relay-hdr", "upstream"),
        ("relay-prod", "front"),
        ("relay-ident", "front"),
        ("relay-list", "front"),
        ("other-hdr", "front"),
    }


def test_the_absence_speaks_against_it_in_front() -> None:
    lacking = [each for each in settled(404, 404, 404) if each.signal == "lacks-relay"]
    assert [(each.layer, each.db) for each in lacking] == [("front", -20), ("upstream", 0)]


def test_a_mark_of_several_answers_speaks_for_its_own_and_against_the_rest() -> None:
    rule = {"id": "x", "for": ["one", "two"], "db": 6, "others": -6, "when": "a.status == b.status", "text": "t"}
    found = across({"across": [{**rule, "source": "s"}]}, {"a": {"status": 1}, "b": {"status": 1}})
    assert [(each.provider, each.db, each.spares) for each in found] == [
        ("one", 6, ()),
        ("two", 6, ()),
        ("*", -6, ("one", "two")),
    ]
