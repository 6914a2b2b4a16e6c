"""The glossary says every word that a table may hold."""

import re
from pathlib import Path

import pytest

from testkey_nb import vocabulary

GLOSSARY = (Path(__file__).resolve().parents[2] / "data" / "GLOSSARY.md").read_text(encoding="utf-8")
EXPLAINED = (
    "PERMISSION_STATES", "FACT_STATES", "SCOPES", "OUTCOMES", "CONDITIONS", "VERDICTS", "LAYERS", "KEY_KINDS",
    "LIMIT_KINDS", "WINDOWS", "BALANCE_KINDS", "PURSES", "USAGE_KINDS", "STAGES", "STAGE_VERDICTS", "CHECK_STATES",
    "SEVERITIES",
)  # fmt: skip


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_word_of_the_vocabulary_stands_in_the_glossary(name):
    said = set(re.findall(r"`([^`\n]+)`", GLOSSARY))
    assert set(getattr(vocabulary, name)) <= said
