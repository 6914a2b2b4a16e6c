"""Whatever type a public signature shows can be had from the package, and is what it says."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pytest

import testkey_nb as tk

ROOT = Path(tk.__file__).parent.parent
EXPORTED = [getattr(tk, name) for name in tk.__all__]
# the others an analyst is given, and never makes
MADE = (tk.Budget, tk.Key, tk.ManualClock, tk.Sandbox, tk.Session)


def is_ours(value: Any) -> bool:
    return getattr(value, "__module__", "").startswith("testkey_nb")


@cache
def tree_of(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


@cache
def names_of(module: ModuleType) -> dict[str, str]:
    """Name in a module -> the module of this package that it comes from, also what only a type checker imports."""
    names = {
        alias.asname or alias.name: node.module
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("testkey_nb")
        for alias in node.names
    }
    own = (node for node in tree_of(module).body if isinstance(node, ast.ClassDef | ast.Assign))
    for node in own:
        targets = (
            [node.name]
            if isinstance(node, ast.ClassDef)
            else [each.id for each in node.targets if isinstance(each, ast.Name)]
        )
        names |= dict.fromkeys(targets, module.__name__)
    return names


def public_functions() -> Iterator[Callable[..., Any]]:
    """Functions, methods and properties that the exported names have."""
    for value in EXPORTED:
        if inspect.isfunction(value):
            yield value
        if not inspect.isclass(value):
            continue
        for kind in value.__mro__:
            if not is_ours(kind):
                continue
            for name, member in vars(kind).items():
                if isinstance(member, property):
                    member = member.fget
                if inspect.isfunction(member) and (value in MADE if name == "__init__" else not name.startswith("_")):
                    yield member


def types_shown(function: Callable[..., Any]) -> set[tuple[str, str]]:
    """(module, name) of every type of this package in the function's annotations."""
    known = names_of(sys.modules[function.__module__])
    words = {
        node.id
        for text in function.__annotations__.values()
        if isinstance(text, str)
        for node in ast.walk(ast.parse(text, mode="eval"))
        if isinstance(node, ast.Name)
    }
    return {
        (known[word], word)
        for word in words
        if word in known and not isinstance(getattr(importlib.import_module(known[word]), word), TypeVar)
    }


def test_exported_names_are_sorted_and_there() -> None:
    assert tk.__all__ == sorted(tk.__all__)
    assert set(tk.__all__) <= set(dir(tk))


@pytest.mark.parametrize("function", [*public_functions()], ids=lambda function: function.__qualname__)
def test_every_type_that_a_public_signature_shows_is_exported(function: Callable[..., Any]) -> None:
    lacking = {
        f"{module}.{name}"
        for module, name in types_shown(function)
        if getattr(tk, name, None) is not getattr(importlib.import_module(module), name)
    }
    assert lacking == set()


def mypy(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(file)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_typed_example_passes_the_type_checker() -> None:
    assert mypy(ROOT / "tests" / "typing_api.py").stdout == ""


def test_a_table_that_is_none_fails_the_type_checker(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("import testkey_nb as tk\n\ntk.Session().limts\n")
    assert '"Session" has no attribute "limts"' in mypy(tmp_path / "wrong.py").stdout
