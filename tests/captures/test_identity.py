"""Recorded answers of real services are identified, and none is given another's name."""

import pytest

from tests.captures.figures import FIELD, OBSERVED, records
from tests.captures.identity_figures import Case, cases, precision, recall, strangers

# the share of answers that name their service and are named, as far as it was reached
RECALL = {OBSERVED: 1.0, FIELD: 0.98}
# answers that are given another's name where nothing is known of their own service: families that share words
NAMED_STRANGERS = {OBSERVED: 11, FIELD: 6}


@pytest.fixture(scope="module", params=[OBSERVED, FIELD])
def found(request: pytest.FixtureRequest, captures: None) -> tuple[str, list[Case]]:
    return request.param, cases(records(request.param))


def test_identifiable_answers_are_identified(found: tuple[str, list[Case]]) -> None:
    name, answers = found
    assert recall(answers) >= RECALL[name]


def test_every_name_is_one_that_the_answer_carries(found: tuple[str, list[Case]]) -> None:
    _, answers = found
    assert [(case.record["id"], case.said) for case in answers if not case.allowed] == []
    assert precision(answers) == 1.0


def test_no_other_services_answer_is_called_openai(found: tuple[str, list[Case]]) -> None:
    _, answers = found
    assert [case.record["id"] for case in answers if case.said == "openai" and case.truth != "openai"] == []


def test_an_answer_that_could_be_anyones_names_nobody(found: tuple[str, list[Case]]) -> None:
    _, answers = found
    assert [case.record["id"] for case in answers if case.label == "no" and case.said is not None] == []


def test_an_observed_answer_of_a_family_names_nobody(captures: None) -> None:
    family = [case for case in cases(records(OBSERVED)) if case.label == "family"]
    assert [case.record["id"] for case in family if case.said is not None] == []


@pytest.mark.parametrize("name", [OBSERVED, FIELD])
def test_of_an_unknown_services_answers_few_are_named_and_none_openai(name: str, captures: None) -> None:
    named = strangers(records(name))
    assert len(named) <= NAMED_STRANGERS[name]
    assert [record for record, truth, said in named if said == "openai" and truth != "openai"] == []
