"""data/README.md has one line for each file of data/."""

import re

import pytest

from testkey_nb.catalogue import data_dir

FILES = sorted(path.name for path in data_dir().iterdir() if path.is_file() and path.suffix in (".toml", ".json"))
README = (data_dir() / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_data_has_a_line_that_says_who_reads_it(name):
    assert f"\n| `{name}` |" in README


def test_every_file_that_the_readme_names_is_there():
    named = re.findall(r"^\| `([\w.]+)` \|", README, re.MULTILINE)
    assert sorted(named) == FILES
