"""The floors that diagnoses of the observed answers keep."""

from __future__ import annotations

import pytest

from tests.captures.figures import FIELD, Figures, figures


@pytest.fixture(scope="module", params=[False, True], ids=["provider-unknown", "provider-given"])
def counted(request: pytest.FixtureRequest, captures: None) -> Figures:
    return figures(given=request.param)


def test_conditions_are_right(counted: Figures) -> None:
    assert counted.condition_share == 1, counted.misses


def test_no_key_is_judged_wrongly(counted: Figures) -> None:
    assert counted.key_wrong == 0, counted.misses


def test_limits_are_exact_where_told(counted: Figures) -> None:
    assert counted.limits_share >= 0.97, counted.misses


def test_told_waits_are_read(counted: Figures) -> None:
    assert counted.waits_right == counted.waits, counted.misses


# What answers from the field were read like when they were first tried: the way from here is up.
@pytest.fixture(scope="module", params=[False, True], ids=["provider-unknown", "provider-given"])
def counted_in_the_field(request: pytest.FixtureRequest, captures: None) -> Figures:
    return figures(FIELD, given=request.param)


def test_conditions_in_the_field_are_right(counted_in_the_field: Figures) -> None:
    assert counted_in_the_field.condition_share >= 0.98, counted_in_the_field.misses


def test_no_key_in_the_field_is_judged_wrongly(counted_in_the_field: Figures) -> None:
    assert counted_in_the_field.key_wrong == 0, counted_in_the_field.misses


def test_numbers_from_the_field_are_read_no_worse_than_at_first(counted_in_the_field: Figures) -> None:
    total = counted_in_the_field
    assert (total.limits_right, total.waits_right) >= (31, 14), total.misses


def test_told_waits_are_read_in_the_field_too(counted_in_the_field: Figures) -> None:
    assert counted_in_the_field.waits_right == counted_in_the_field.waits, counted_in_the_field.misses


def test_limits_in_the_field_are_read(counted_in_the_field: Figures) -> None:
    assert counted_in_the_field.limits_right >= 59, counted_in_the_field.misses
