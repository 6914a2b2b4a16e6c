"""The floors that extraction from the observed answers keeps."""

import pytest

from tests.captures.extraction_figures import Counts, counts


@pytest.fixture(scope="module")
def counted(captures: None) -> Counts:
    return counts()


def test_models_and_prices_are_exact(counted: Counts) -> None:
    assert counted.models_right >= 0.97 * counted.models > 0, counted.misses


def test_balances_are_exact(counted: Counts) -> None:
    assert counted.balances_right >= 0.97 * counted.balances > 0, counted.misses
