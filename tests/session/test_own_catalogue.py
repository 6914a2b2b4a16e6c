"""An analyst adds her own providers and rules without a checkout; what cannot be used is left out and named."""

from __future__ import annotations

import warnings

import pytest

import testkey_nb as tk
from testkey_nb.catalogue import data_dir

RULE = """
[[risks]]
risk = "{name}"
severity = "{severity}"
when = "{when}"
reason = "As we say it."
evidence = "f.any_ids"
"""


@pytest.fixture
def rules(tmp_path):
    """Write a file of one risk."""

    def write(name="our own risk", severity="low", when="true", more=""):
        file = tmp_path / "ours.toml"
        file.write_text(RULE.format(name=name, severity=severity, when=when) + more)
        return file

    return write


def left_out(**options):
    """The catalogue, and the texts of its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        catalogue = tk.load_catalogue(**options)
    assert all(warning.category is tk.errors.CatalogueWarning for warning in caught)
    return catalogue, [str(warning.message) for warning in caught]


def risks_of(catalogue, open_session):
    session, _ = open_session("groq", labels=["groq-developer"], catalogue=catalogue)
    return session.risks.set_index("risk")


def test_an_own_rule_joins_the_packages(rules, open_session):
    catalogue, texts = left_out(rules=[rules()])
    risks = risks_of(catalogue, open_session)
    assert texts == []
    assert risks.loc["our own risk", "reason"] == "As we say it."
    assert len(risks) > 1


def test_an_own_rule_replaces_the_one_of_its_name(rules, open_session):
    name = tk.load_catalogue().rules("risks")["rules"][0]["risk"]
    catalogue, _ = left_out(rules=[rules(name)])
    assert risks_of(catalogue, open_session).loc[name, "reason"] == "As we say it."
    assert len(catalogue.rules("risks")["rules"]) == len(tk.load_catalogue().rules("risks")["rules"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"severity": "terrible"}, ":2: [risks[0] our own risk] severity 'terrible'"),
        ({"when": "f.no_such_fact"}, ":2: [risks[0] our own risk] the engine refuses this rule"),
        ({"more": "[[rizks]]\n"}, "[rizks] is no table of rules; there are actions, risks"),
        ({"more": "[[actions]]\norder = 1\n"}, '[actions[0]] an entry needs action = "..."'),
    ],
    ids=["wrong word", "no SQL", "unknown table", "nameless"],
)
def test_a_rule_that_cannot_be_used_is_told_once_with_file_and_field(rules, options, told):
    file = rules(**options)
    catalogue, texts = left_out(rules=[file])
    assert len(texts) == len(catalogue.problems) == 1
    assert str(file) in texts[0]
    assert told in texts[0]


def test_a_bad_rule_leaves_the_packages_of_its_name_in_place(rules):
    package = tk.load_catalogue().rules("risks")["rules"]
    catalogue, _ = left_out(rules=[rules(package[0]["risk"], when="f.no_such_fact")])
    assert catalogue.rules("risks")["rules"] == package


def test_the_shared_catalogue_stays_as_it_was(rules):
    left_out(rules=[rules()])
    assert "our own risk" not in {rule["risk"] for rule in tk.load_catalogue().rules("risks")["rules"]}


def test_an_own_provider_is_known_where_its_catalogue_is_given(tmp_path):
    text = (data_dir() / "providers" / "groq.toml").read_text()
    head = text[: text.index("[[probes]]")].replace('id = "groq"', 'id = "acme"').replace("GROQ", "ACME")
    file = tmp_path / "acme.toml"
    file.write_text(head.replace("groq", "acme").replace("gsk_", "acme_"))
    catalogue, texts = left_out(extra=[file])
    assert texts == []
    assert "acme" in set(tk.providers(catalogue=catalogue)["provider"])
    assert "acme" not in set(tk.providers()["provider"])


def test_an_own_provider_that_cannot_be_read_is_told_and_takes_no_other_down(tmp_path):
    file = tmp_path / "acme.toml"
    file.write_text("id = 7\n")
    catalogue, texts = left_out(extra=[file])
    assert len(texts) == 1
    assert "acme.toml" in texts[0]
    assert set(catalogue.providers) == set(tk.load_catalogue().providers)
