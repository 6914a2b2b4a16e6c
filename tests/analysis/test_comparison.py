"""Two keys side by side."""

from __future__ import annotations

from typing import Any

import pytest
from small_store import SmallStore, healthy

from testkey_nb.analysis import compare
from testkey_nb.errors import UnknownLabel


def right(store: SmallStore, key_id: str, model_id: str, family: str, state: str) -> None:
    store.add("permissions", key_id=key_id, label=key_id, model_id=model_id, family=family, scope="key", state=state)


@pytest.fixture
def pair(store: SmallStore) -> SmallStore:
    store.key("a", provider="alpha", organization_id="org", key_valid=True)
    store.key("b", provider="beta", organization_id="org", key_valid=True)
    for key_id, model_id, family, state in [
        ("a", "meta/Llama-X", "llama-x", "callable"),
        ("b", "llama-x-turbo", "llama-x", "listed"),
        ("a", "solo", "solo", "callable"),
        ("b", "other", "other", "callable"),
        ("a", "closed", "closed", "denied"),
        ("b", "closed", "closed", "denied"),
        ("a", "maybe", "maybe", "unknown"),
    ]:
        right(store, key_id, model_id, family, state)
    return store


def test_models_align_by_family_and_by_id(pair: SmallStore) -> None:
    result = compare(pair, "a", "b")
    assert dict(zip(result.permissions["model"], result.permissions["difference"], strict=True)) == {
        "closed": "neither",
        "llama-x": "both",
        "maybe": "unknown",
        "other": "only b",
        "solo": "only a",
    }
    assert dict(zip(result.models["model"], result.models["difference"], strict=True))["meta/Llama-X"] == "only a"
    row = result.permissions.set_index("model").loc["llama-x"]
    assert (row["a_state"], row["b_state"], row["a_models"], row["b_models"]) == (
        "callable",
        "listed",
        "meta/Llama-X",
        "llama-x-turbo",
    )


def test_a_key_whose_rights_are_not_known_makes_no_difference_certain(pair: SmallStore) -> None:
    pair.key("c")
    assert set(compare(pair, "a", "c").permissions["difference"]) == {"unknown"}


@pytest.mark.parametrize(
    ("a", "b", "cheaper"),
    [
        (("1", "2"), ("1.5", "2"), "a"),
        (("1", "2"), ("0.5", "1"), "b"),
        (("1", "2"), ("1.0", "2.00"), "same"),
        (("1", "2"), ("2", "1"), "depends"),
        (("1", "2"), (None, "1"), None),
        (("-1", "-1"), ("1", "1"), None),
    ],
)
def test_prices_stand_side_by_side(pair: SmallStore, a: Any, b: Any, cheaper: str | None) -> None:
    for key_id, (input_mtok, output_mtok) in (("a", a), ("b", b)):
        pair.add(
            "prices",
            key_id=key_id,
            model_id="llama-x",
            family="llama-x",
            tier="default",
            input_mtok=input_mtok,
            output_mtok=output_mtok,
            currency="USD",
        )
    assert compare(pair, "a", "b").prices["cheaper"].tolist() == [cheaper]


def test_different_currencies_are_never_compared(pair: SmallStore) -> None:
    for key_id, currency in (("a", "USD"), ("b", "CNY")):
        pair.add(
            "prices",
            key_id=key_id,
            model_id="llama-x",
            family="llama-x",
            tier="default",
            input_mtok="1",
            output_mtok="1",
            currency=currency,
        )
    result = compare(pair, "a", "b")
    assert result.prices["cheaper"].tolist() == [None, None]
    assert result.summary[-1] == "Prices: none in the same currency that both have."


def test_limits_have_a_ratio_only_where_both_are_told(pair: SmallStore) -> None:
    for key_id, limit, unlimited in (("a", 100.0, False), ("b", 50.0, False)):
        pair.add(
            "limits",
            key_id=key_id,
            label=key_id,
            model_id="*",
            kind="requests",
            window="minute",
            limit=limit,
            unlimited=unlimited,
        )
    pair.add(
        "limits",
        key_id="a",
        label="a",
        model_id="*",
        kind="tokens",
        window="minute",
        limit=5.0,
        unlimited=False,
    )
    pair.add("limits", key_id="b", label="b", model_id="*", kind="tokens", window="minute", unlimited=True)
    frame = compare(pair, "a", "b").limits.set_index("kind")
    assert frame.loc["requests", "ratio"] == 2.0
    assert frame["ratio"].isna().tolist() == [False, True]
    assert frame.loc["tokens", "b_unlimited"]


def test_identity_says_same_different_or_unknown(pair: SmallStore) -> None:
    facts = compare(pair, "a", "b").identity.set_index("fact")["same"]
    assert facts["organization_id"]
    assert not facts["provider"]
    assert facts.isna()["upstream"]


def test_the_summary_is_plain_sentences(pair: SmallStore) -> None:
    summary = compare(pair, "a", "b").summary
    assert summary[0] == "Models: 1 in both, 1 only in a, 1 only in b, 1 unknown."
    assert "Different provider: a alpha, b beta." in summary
    assert all(sentence.endswith(".") for sentence in summary)


def test_labels_and_ids_both_name_a_key(store: SmallStore) -> None:
    healthy(store)
    store.connection.execute("UPDATE keys SET label = 'Production'")
    assert compare(store, "Production", "prod").a == "Production"


def test_an_unknown_label_lists_the_known(pair: SmallStore) -> None:
    with pytest.raises(UnknownLabel, match=r"'x'.*a, b"):
        compare(pair, "a", "x")


def test_a_comparison_is_frozen(pair: SmallStore) -> None:
    with pytest.raises(AttributeError):
        compare(pair, "a", "b").a = "c"  # type: ignore[misc]


def test_what_lies_beyond_the_end_of_a_cut_list_is_no_difference(pair: SmallStore) -> None:
    pair.add("models", key_id="b", model_id="other", complete=False)
    differences = compare(pair, "a", "b").permissions.set_index("model")["difference"]
    assert (differences["solo"], differences["other"]) == ("unknown", "only b")


def test_what_a_cut_list_denies_by_name_is_a_difference(pair: SmallStore) -> None:
    pair.add("models", key_id="b", model_id="other", complete=False)
    right(pair, "b", "solo", "solo", "denied")
    differences = compare(pair, "a", "b").permissions.set_index("model")["difference"]
    assert differences["solo"] == "only a"
