"""A catalogue with an analyst's own provider files and rules; what cannot be used is left out and named."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from testkey_nb.catalogue import Catalogue, data_dir, load, parse_provider
from testkey_nb.catalogue.own_rules import OwnRule, alone, is_rules_file, read_own_rules, with_rules
from testkey_nb.errors import CatalogueError, CatalogueWarning


def extended(files: Sequence[str | Path]) -> Catalogue:
    """Gives the catalogue with these files, each told by its tables to be a provider's or one of rules."""
    paths = [Path(file) for file in files]
    rules = [path for path in paths if is_rules_file(path)]
    return load_catalogue(extra=[path for path in paths if path not in rules], rules=rules)


def load_catalogue(*, extra: Sequence[str | Path] = (), rules: Sequence[str | Path] = ()) -> Catalogue:
    """Gives the package's catalogue with an analyst's own files, for `Session(catalogue=...)`.

    Args:
        extra: provider files, as in `data/providers/`.
        rules: TOML files with the tables `risks`, `actions`, `stages`, `dimensions`, `capability_rules` and `checks`.
            Their entries are those of the package's files of these names; an entry replaces the package's of the same
            name (`risk`, `action`, `stage`, `id`, `capability`, `check`), else it stands after them.

    A file, or a rule, that cannot be used is left out: it is told once, as a `CatalogueWarning` with its reason, and
    stands in `Catalogue.problems`.
    """
    catalogue = load([Path(file) for file in extra])
    if rules:
        catalogue = _with_own_rules(catalogue, [Path(file) for file in rules])
    for _, problems in groupby(catalogue.problems, key=lambda problem: problem.file):
        warnings.warn(f"left out: {'; '.join(map(str, problems))}", CatalogueWarning, stacklevel=2)
    return catalogue


def _with_own_rules(catalogue: Catalogue, files: Sequence[Path]) -> Catalogue:
    from testkey_nb.session.loading import refused_rules

    rules: list[OwnRule] = []
    problems: list[CatalogueError] = []
    for file in files:
        own, unreadable = read_own_rules(file)
        rules += own
        problems += unreadable
    for problem in refused_rules(alone(catalogue, rules)) if rules else ():
        bad = [rule for rule in rules if rule.is_meant(problem)]
        problems += [rule.fail(problem.problem) for rule in bad]
        # without it the package's own of its name stands
        rules = [rule for rule in rules if rule not in bad]
    return with_rules(catalogue, rules, problems)


def problems_of(file: Path) -> tuple[CatalogueError, ...]:
    """Gives everything that is wrong with one provider file or file of rules, alone and beside the package's own."""
    if is_rules_file(file):
        return _with_own_rules(load(), [file]).problems
    try:
        parse_provider(file, metrics=frozenset(load().metrics))
    except CatalogueError as problem:
        problems: tuple[CatalogueError, ...] = getattr(problem, "problems", (problem,))
        return problems
    # a file of the package is one of the catalogue already
    is_own = file.resolve().parent == data_dir() / "providers"
    return tuple(problem for problem in load([] if is_own else [file]).problems if Path(problem.file).name == file.name)
