"""The fitted weights are those of the recorded answers, and hold for services that were left out of the fit."""

import tomllib

import pytest

from testkey_nb.catalogue import load
from testkey_nb.identity.signals import signals_of
from tests.captures.fit_signals import WEIGHTS, held_out, influence
from tests.captures.fitting import Sample, fit, samples, support


@pytest.fixture(scope="module")
def found(captures: None) -> list[Sample]:
    return samples(load())


@pytest.fixture(scope="module")
def weights(found: list[Sample]) -> dict[str, float]:
    return fit(found, load())


@pytest.fixture(scope="module")
def apart(found: list[Sample]) -> list[tuple[Sample, str | None]]:
    return held_out(found, load(), lambda one: one.provider)


def test_the_weights_on_file_are_those_of_a_new_fit(found: list[Sample], weights: dict[str, float]) -> None:
    told = tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))["signals"]
    assert {name: one["db"] for name, one in told.items()} == pytest.approx(weights, abs=0.051)
    shown = support(found)
    assert {name: (one["records"], one["sources"]) for name, one in told.items()} == {
        name: shown[name] for name in told
    }


def test_no_weight_rests_on_one_source(found: list[Sample], weights: dict[str, float]) -> None:
    shown = support(found)
    assert min(shown[name][1] for name in weights) >= 2


def test_leaving_out_a_record_moves_no_weight_by_more_than_one_and_a_half_decibans(
    found: list[Sample], weights: dict[str, float]
) -> None:
    assert influence(found, weights, load())[0] <= 1.5


def test_the_product_uses_the_fitted_weights() -> None:
    told = tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))["signals"]
    used = {one.id: one.db for one in signals_of(load()).signals}
    assert {name: used.get(name) for name in told} == {name: one["db"] for name, one in told.items()}


def test_a_service_left_out_of_the_fit_is_still_named(apart: list[tuple[Sample, str | None]]) -> None:
    yes = [(one, name) for one, name in apart if one.truth is not None]
    assert sum(name == one.truth for one, name in yes) / len(yes) >= 0.90


def test_names_given_with_a_service_left_out_of_the_fit_are_right(apart: list[tuple[Sample, str | None]]) -> None:
    named = [(one, name) for one, name in apart if name is not None]
    assert sum(name == one.truth for one, name in named) / len(named) >= 0.99


def test_a_product_of_which_nothing_is_known_is_never_called_openai(
    found: list[Sample], weights: dict[str, float]
) -> None:
    said = [(one.id, one.named(weights, load(), without=one.provider)) for one in found if one.provider != "openai"]
    assert [record for record, name in said if name == "openai"] == []
