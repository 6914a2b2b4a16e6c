"""Every exception the package raises, in one tree.

    KeyToolError
    ├── BadKey                   a key or its source cannot be used
    │   └── KeySourceError       the source is unknown, empty or unreadable
    ├── UnknownName              a name the package does not know
    │   ├── UnknownProvider
    │   ├── UnknownTable
    │   ├── UnknownLabel
    │   └── UnknownLanguage
    ├── BadBaseURL               a base URL that is no http(s) origin
    ├── RegionNeeded             a provider binds keys to a region and none was given
    ├── CatalogueError           a file in data/ cannot be read
    │   └── ProviderFileError
    ├── BadQuery                 SQL the store refused
    ├── Expired                  the data's time is up
    ├── Refused                  not sent: the request breaks the read-only guarantee
    │   ├── MethodRefused
    │   ├── PathRefused
    │   ├── HostRefused
    │   ├── PlainHTTPRefused
    │   ├── RedirectRefused
    │   └── BudgetSpent
    └── ProbeError               sent, but no usable answer came back
        ├── Unreachable
        ├── TimedOut
        └── BadAnswer

A 401 or a 403 is an observation, never an exception.
"""

from __future__ import annotations

from collections.abc import Iterable


class KeyToolError(Exception):
    """Root of every error this package raises on purpose."""


class BadKey(KeyToolError):
    """The text cannot be a key (blank, not printable ASCII, holds spaces)."""


class KeySourceError(BadKey):
    """The key's source is unknown, empty or unreadable."""


class UnknownName(KeyToolError):
    """A name that the package does not know; the text lists near ones."""


class UnknownProvider(UnknownName):
    """No provider file has this id or alias."""


class UnknownTable(UnknownName):
    """No table of this name."""


class UnknownLabel(UnknownName):
    """No key of this label in the session."""


class UnknownLanguage(UnknownName):
    """No locale file for this language."""


class BadBaseURL(KeyToolError):
    """The base URL is not an http(s) URL with a host, or carries userinfo, query or fragment."""


class RegionNeeded(KeyToolError):
    """The provider binds its keys to a region and none is the default; the text lists the choices."""


class CatalogueError(KeyToolError):
    """A file in data/ cannot be read: the text names file, line where known, and field."""

    def __init__(self, problem: str, *, file: str, line: int | None = None, field: str | None = None) -> None:
        where = file if line is None else f"{file}:{line}"
        super().__init__(f"{where}: {f'[{field}] ' if field else ''}{problem}")
        self.problem, self.file, self.line, self.field = problem, file, line, field


class ProviderFileError(CatalogueError):
    """A provider file is not what the engine reads.

    Attributes:
        problems: every wrong value of the file, in the order of its lines; file, line and field are the first one's.
    """

    def __init__(self, problem: str, *, file: str, line: int | None = None, field: str | None = None) -> None:
        super().__init__(problem, file=file, line=line, field=field)
        self.problems: tuple[ProviderFileError, ...] = (self,)

    @classmethod
    def of(cls, problems: Iterable[ProviderFileError]) -> ProviderFileError:
        """Gives one error for all of these; its text is theirs, one a line."""
        ordered = sorted(problems, key=lambda problem: problem.line or 0)
        first = ordered[0]
        whole = cls(first.problem, file=first.file, line=first.line, field=first.field)
        whole.args, whole.problems = ("\n".join(dict.fromkeys(map(str, ordered))),), tuple(ordered)
        return whole


class CatalogueWarning(UserWarning):
    """Something of a catalogue was left out: the text says what and why. A warning, outside the tree above."""


class BadQuery(KeyToolError):
    """The store refused this SQL (a syntax error, or something the locked store does not do)."""


class Expired(KeyToolError):
    """The data's time is up; probe again to have it anew."""


class Refused(KeyToolError):
    """Nothing was sent: the request would break the read-only guarantee. The text says what and why."""

    @property
    def reason(self) -> str:
        """Why nothing was sent, without the words that say so."""
        return str(self).removeprefix("not sent: ")


class MethodRefused(Refused):
    """Only GET, HEAD and OPTIONS are sent, and the declared body of an active probe that was asked for."""


class PathRefused(Refused):
    """The provider's file does not declare this path, or it is on the deny list."""


class HostRefused(Refused):
    """The host is not the key's own."""


class PlainHTTPRefused(Refused):
    """Plain http goes to loopback and private addresses only."""


class RedirectRefused(Refused):
    """The answer redirects; a key is never carried along."""


class BudgetSpent(Refused):
    """The run's budget of requests or seconds is spent."""


class ProbeError(KeyToolError):
    """A request was sent and no usable answer came back."""


class Unreachable(ProbeError):
    """DNS, connection or TLS failed."""


class TimedOut(ProbeError):
    """No answer in time."""


class BadAnswer(ProbeError):
    """An answer came back that cannot be read."""
