"""Recorded answers of real services are identified, and none is given another's name."""

import pytest

from tests.captures.identity_figures import Case, cases


@pytest.fixture(scope="module")
def found(captures: None) -> list[Case]:
    return cases()


def test_nine_of_ten_identifiable_answers_are_identified(found: list[Case]) -> None:
    yes = [case for case in found if case.identifiable]
    assert sum(case.right for case in yes) / len(yes) >= 0.90


def test_ninety_nine_of_a_hundred_names_are_right(found: list[Case]) -> None:
    named = [case for case in found if case.said is not None]
    assert sum(case.right for case in named) / len(named) >= 0.99


def test_no_other_services_answer_is_called_openai(found: list[Case]) -> None:
    assert [case.record["id"] for case in found if case.said == "openai" and case.truth != "openai"] == []


def test_an_answer_that_could_be_anyones_names_nobody(found: list[Case]) -> None:
    assert [case.record["id"] for case in found if not case.identifiable and case.said is not None] == []
