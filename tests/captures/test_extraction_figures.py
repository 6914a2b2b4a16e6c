"""The floors that extraction from the recorded answers keeps."""

import pytest

from tests.captures.extraction_figures import Counts, counts
from tests.captures.figures import FIELD, OBSERVED


@pytest.fixture(scope="module", params=[OBSERVED, FIELD])
def counted(captures: None, request: pytest.FixtureRequest) -> Counts:
    return counts(request.param)


def test_models_and_prices_are_exact(counted: Counts) -> None:
    assert counted.models_right >= 0.97 * counted.models > 0, counted.misses


def test_balances_are_exact(counted: Counts) -> None:
    assert counted.balances_right >= 0.97 * counted.balances > 0, counted.misses


def test_owner_and_life_of_a_key_are_read(counted: Counts) -> None:
    assert counted.keys_right == counted.keys > 0, counted.misses
