"""Expressions: what the library reads, the closures read too, and a wrong type gives null."""

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testkey_nb.catalogue.expressions import _OPTIONS, compiled
from testkey_nb.catalogue.names import roots

RULES = [
    "status == `403` && error == 'a'",
    "a.b.c",
    "matches(a, 'b') || contains(keys(b), 'a')",
    "!a && (b == `1` || c != `true`)",
    "contains(a, 'a')",
    "starts_with(a, 'b') && b",
    "a[0].b || length(b)",
    "a[].b",
    "a == b",
    "to_string(a || '') == 'a'",
    "b && 'callable' || 'listed'",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", "b", "ab"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=6,
)


def by_library(text, document):
    try:
        return jmespath.compile(text).search(document, _OPTIONS)
    except (jmespath.exceptions.JMESPathError, TypeError, AttributeError, ValueError):
        return None


@pytest.mark.parametrize("text", RULES)
@given(document=VALUES)
def test_closures_read_what_the_library_reads(text, document):
    ours, theirs = compiled(text)(document), by_library(text, document)
    assert ours == theirs
    assert isinstance(ours, bool) == isinstance(theirs, bool)


@pytest.mark.parametrize("text", ["a.[", "frob(a)", "matches(a, '(')"])
def test_what_is_no_expression_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"no JMESPath|unknown function|no regular expression"):
        compiled(text)


def test_numbers_stay_exact():
    assert compiled("mul(price, '1000000')")({"price": "0.00000015"}) == "0.15"


def test_after_gives_the_end_of_a_bucket_in_utc():
    assert compiled("after(bucket, `3600`)")({"bucket": "2026-11-22T10:00:00"}) == "2026-11-22T11:00:00Z"


@pytest.mark.parametrize("bucket", [None, "soon", 7])
def test_after_of_no_instant_is_null(bucket):
    assert compiled("after(bucket, `60`)")({"bucket": bucket}) is None


def test_a_quotient_stays_exact_and_none_by_zero():
    divide = compiled("div(quota, unit)")
    assert divide({"quota": 1234567, "unit": 500000}) == "2.469134"
    assert divide({"quota": 1, "unit": 0}) is None


def test_a_total_is_the_decimal_sum_of_what_was_written():
    total = compiled("total(costs[].usd)")
    assert total({"costs": [{"usd": 0.1}, {"usd": 0.2}]}) == "0.3"
    assert total({"costs": []}) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a.b.c", {"a"}),
        ("@.a.b", {"a"}),
        ("a[?b == 'x'].c", {"a"}),
        ("items[1:2].x", {"items"}),
        ("{x: a, y: [b.c, d]}", {"a", "b", "d"}),
        ("a | b", {"a"}),
        ("map(&n, list)", {"list"}),
        ("matches(text, 'status') && !(param || `1`)", {"text", "param"}),
        ("'status'", set()),
    ],
)
def test_the_roots_are_the_names_that_an_expression_reads_from_the_document(text, names):
    assert set(roots(compiled(text).tree)) == names
