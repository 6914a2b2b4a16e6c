"""What a provider file claims for itself alone; what two of them claim would send the key of one to the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from testkey_nb.catalogue.lines import line_of
from testkey_nb.catalogue.model import Provider
from testkey_nb.catalogue.model_hosts import may_meet
from testkey_nb.errors import ProviderFileError


class Claim(NamedTuple):
    """One thing that belongs to one provider.

    Attributes:
        kind: `name` (id or alias), `environment variable`, `host` or `key shape`.
        value: as it is compared.
        field: where the file says it.
    """

    kind: str
    value: str
    field: str


def folded(name: str) -> str:
    """Gives a name as it is compared: case, `_`, `-`, `.` and blanks do not matter."""
    return "".join(char for char in name.lower() if char.isalnum())


def claims_of(provider: Provider) -> Iterator[Claim]:
    """Gives all that the provider claims for itself."""
    yield Claim("name", folded(provider.id), "id")
    for number, alias in enumerate(provider.aliases):
        yield Claim("name", folded(alias), f"aliases[{number}]")
    for number, variable in enumerate(provider.env):
        yield Claim("environment variable", variable, f"env[{number}]")
    for region in provider.regions.values():
        where = "hosts" if region.name == "default" else f"regions.{region.name}.hosts"
        for role, origin in region.hosts.items():
            yield Claim("host", urlsplit(origin).netloc, f"{where}.{role}")
    for number, pattern in enumerate(provider.key.patterns):
        if pattern.exclusive:
            yield Claim("key shape", pattern.regex, f"key.patterns[{number}].regex")


class Claims:
    """What the providers that were read so far claim."""

    def __init__(self) -> None:
        self._owners: dict[tuple[str, str], Provider] = {}

    def admit(self, provider: Provider, path: Path) -> None:
        """Takes in the provider's claims.

        Raises:
            ProviderFileError: another provider has one of them; it names both files, and nothing is taken in.
        """
        claims = list(claims_of(provider))
        clashes = [(claim, owner) for claim in claims if (owner := self._owner(claim)) is not None]
        if clashes:
            text = path.read_text(encoding="utf-8")
            raise ProviderFileError.of(_clash(claim, owner, file=provider.file, text=text) for claim, owner in clashes)
        self._owners |= {(claim.kind, claim.value): provider for claim in claims}

    def _owner(self, claim: Claim) -> Provider | None:
        owner = self._owners.get((claim.kind, claim.value))
        same = _SAME.get(claim.kind)
        if owner is not None or same is None:
            return owner
        return next(
            (other for (kind, value), other in self._owners.items() if kind == claim.kind and same(claim.value, value)),
            None,
        )


def overlap(regex: str, other: str) -> bool:
    """Tells whether a key that begins as one shape says may have the other shape as well.

    The letters with which both shapes begin are compared, and the one that goes on is read by the other: a shape of
    `sk-` and any letters takes in all of `sk-own-`.
    """
    mine, theirs = _beginning(regex), _beginning(other)
    if not (mine.startswith(theirs) or theirs.startswith(mine)):
        return False
    example = max(mine, theirs, key=len)
    return any(
        re.fullmatch(regex, key) is not None and re.fullmatch(other, key) is not None
        for tail in _TAILS
        for length in _LENGTHS
        for key in [example + (tail * length)[:length]]
    )


def _may_be_one_host(host: str, other: str) -> bool:
    return ("{" in host or "{" in other) and may_meet(f"https://{host}", f"https://{other}")


# what two claims of a kind may share though they are not written alike
_SAME: Mapping[str, Callable[[str, str], bool]] = {"key shape": overlap, "host": _may_be_one_host}
_TAILS = ("a", "A", "0", "a0", "aA0")
_LENGTHS = (8, 16, 20, 24, 32, 36, 40, 48, 56, 64, 80)


def _beginning(regex: str) -> str:
    """Gives the letters with which every key of a shape begins."""
    start = re.match(r"\^?((?:[A-Za-z0-9_/:-]|\\[-./_])*)", regex)
    rest = regex[start.end() :] if start else ""
    letters = start[1].replace("\\", "") if start else ""
    # a letter with a count behind it need not be there
    return letters[:-1] if rest[:1] in ("?", "*", "+", "{") else "" if "|" in rest and "(" not in rest else letters


def _clash(claim: Claim, owner: Provider, *, file: str, text: str) -> ProviderFileError:
    problem = (
        f"the {claim.kind} {claim.value!r} belongs to {owner.id} ({owner.file}); the file is left out, "
        "so that no key goes to a stranger; choose another"
    )
    return ProviderFileError(problem, file=file, line=line_of(text, claim.field), field=claim.field)
