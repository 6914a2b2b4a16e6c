"""Every field of the model is read by somebody: what a file says and nobody obeys misleads who writes it."""

import ast
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import testkey_nb
from testkey_nb.catalogue import model

PACKAGE = Path(testkey_nb.__file__).parent
# the catalogue checks what a file says; a check is no use
USERS = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "catalogue"] + [
    PACKAGE / "catalogue" / "catalogue.py"
]
# what a wording is tried on when its file is read, and never after
TRIED_AT_ONCE = "examples"
FIELDS = [
    (kind.__name__, field.name)
    for kind in vars(model).values()
    if isinstance(kind, type) and is_dataclass(kind)
    for field in fields(kind)
    if field.name != TRIED_AT_ONCE
]


@pytest.fixture(scope="module")
def read() -> set[str]:
    """Names of attributes that the package reads."""
    trees = [ast.parse(path.read_text()) for path in [*USERS, Path(model.__file__)]]
    return {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_a_field_of_the_model_is_read(kind, field, read):
    assert field in read
