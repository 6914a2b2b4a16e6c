"""`testkey-nb providers`: shows the catalogue, checks files for it, tries one against an answer."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testkey_nb import errors
from testkey_nb.cli.output import emit, plain, print_frame

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

_PARTS_OF_ANSWER = {"status", "headers", "body"}
_ROWS_TRIED = 3
_CELL = 120


def provider_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of this verb."""
    command.add_argument("--check", nargs="+", type=Path, metavar="FILE", help="validate provider files or rules")
    command.add_argument("--try", dest="trial", type=Path, metavar="FILE", help="read one answer by a provider file")
    command.add_argument("--path", metavar="PATH", help="with --try: the path that was asked")
    command.add_argument(
        "--answer", type=Path, metavar="JSON", help="with --try: a body, or an object of status, headers and body"
    )
    command.add_argument("--status", type=int, help="with --try: the answer's status; 200 where nothing says it")
    command.add_argument("--header", action="append", default=[], metavar="NAME=VALUE", help="with --try")


def asked_catalogue(files: Sequence[Path]) -> Catalogue | None:
    """Gives the catalogue with these files; what is left out is told on stderr. None stands for the package's own."""
    if not files:
        return None
    from testkey_nb.session.additions import extended

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", errors.CatalogueWarning)
        catalogue = extended(files)
    for warning in caught:
        print(f"testkey-nb: {warning.message}", file=sys.stderr)
    return catalogue


def show_providers(arguments: argparse.Namespace) -> int:
    """Runs the verb; gives 2 when a checked file has a problem."""
    from testkey_nb.api import providers

    if arguments.check:
        return _check(arguments.check)
    catalogue = asked_catalogue(arguments.catalogue)
    if arguments.trial:
        return _try(arguments, catalogue)
    emit(providers(catalogue=catalogue), arguments.format, arguments.out, name="providers", title="Providers")
    return 0


def _check(files: Sequence[Path]) -> int:
    from testkey_nb.session.additions import problems_of

    status = 0
    for file in files:
        problems = problems_of(file)
        for problem in problems:
            where = ":".join(str(each) for each in (file, problem.line) if each is not None)
            print(": ".join(each for each in (where, problem.field, problem.problem) if each), file=sys.stderr)
            status = 2
        if not problems:
            print(f"{file}: fine{_what(file)}")
    return status


def _what(file: Path) -> str:
    """Tells what a sound file holds; nothing more to say of a file of rules."""
    from testkey_nb.api import check_provider_file
    from testkey_nb.catalogue.own_rules import is_rules_file

    if is_rules_file(file):
        return ""
    provider = check_provider_file(file)
    return f" ({provider.id}, {len(provider.probes)} probes)"


def _try(arguments: argparse.Namespace, catalogue: Catalogue | None) -> int:
    from testkey_nb.api import try_provider_file

    if arguments.path is None or arguments.answer is None:
        raise errors.KeyToolError("--try needs --path and --answer")
    status, headers, body = _answer(arguments.answer)
    if arguments.status is not None:
        status = arguments.status
    for text in arguments.header:
        name, separator, value = text.partition("=")
        if not separator:
            raise errors.KeyToolError(f"--header {text!r} must be NAME=VALUE")
        headers[name] = value
    frame = try_provider_file(
        arguments.trial, arguments.path, status=status, headers=headers, body=body, catalogue=catalogue
    )
    if arguments.format != "table":
        emit(frame, arguments.format, arguments.out, name="trial", title="")
        return 0
    for part, rows in frame.groupby("part", sort=False):
        few = rows[rows["row"].isna() | (rows["row"] < _ROWS_TRIED)]
        cells = few.drop(columns="part").dropna(axis="columns", how="all").map(_short)
        print_frame(cells, title=f"{part}".capitalize(), most=len(cells))
    count = 0 if frame["row"].isna().all() else int(frame["row"].max()) + 1
    if count > _ROWS_TRIED:
        print(f"The first {_ROWS_TRIED} of {count} rows of the answer are shown; --format json has them all.")
    return 0


def _short(value: Any) -> Any:
    """Gives the cell as text that a screen has place for; null is empty."""
    text = "" if plain(value) is None else str(value)
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _answer(file: Path) -> tuple[int | None, dict[str, str], Any]:
    """Gives status, headers and body that a file holds; what is no such object is a body."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise errors.KeyToolError(f"cannot read {file}: {problem}") from None
    try:
        value = json.loads(text)
    except ValueError:
        return 200, {}, text
    if isinstance(value, dict) and value and set(value) <= _PARTS_OF_ANSWER and {"status", "body"} & set(value):
        return value.get("status", 200), dict(value.get("headers") or {}), value.get("body")
    return 200, {}, value
