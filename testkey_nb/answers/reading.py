"""One answer, read once, for everyone who asks what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from testkey_nb.answers import diagnosis as rules
from testkey_nb.answers.diagnosis import Diagnosis
from testkey_nb.answers.documents import Document, document, holds
from testkey_nb.answers.extraction import Tables, extract
from testkey_nb.answers.limit_row import LimitRow, shown
from testkey_nb.answers.limits import limits_of
from testkey_nb.answers.matching import Match, limits_declarer, matched
from testkey_nb.answers.numbers import exact, native
from testkey_nb.answers.routes import declared_request

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import Provider, Request
    from testkey_nb.keys import Key
    from testkey_nb.wire.answer import Answer

_PER_MODEL = ("context", "max_output", "images")  # facts of models and side counters, not what a key may do
_NO_MONEY = ("insufficient-balance", "billing-disabled", "quota-exhausted")


def diagnose(
    doc: Document,
    *,
    catalogue: Catalogue,
    provider: Provider | None = None,
    at: datetime | None = None,
) -> Diagnosis:
    """The diagnosis of one document; `at` is when the answer came, for a wait told as a date."""
    return Reading(doc, catalogue=catalogue, provider=provider, at=at).judged[0]


def extract_answer(
    provider: Provider | None, path: str | None, doc: Document, *, catalogue: Catalogue, **asked: Any
) -> Tables:
    """The rows of an answer of which only the path is known; `asked` are parts of a `Reading`."""
    placed = cast(Document, {**doc, "path": path or doc["path"]})
    return Reading(placed, catalogue=catalogue, provider=provider, **asked).tables


@dataclass(kw_only=True)
class Reading:
    """What one answer says; each part is made when it is first asked for, and kept.

    Attributes:
        request: the declared request that was asked; None = rows are read by the one that the path fits.
        problem: the wire's sentence for what went wrong.
        at: when the answer came.
        key, item: whose rows are read, and what the path was filled with.
        model: the model that was asked, where the asker knows it.
    """

    document: Document = field(kw_only=False)
    catalogue: Catalogue
    provider: Provider | None = None
    request: Request | None = None
    problem: str | None = None
    at: datetime | None = None
    key: Key | None = None
    item: Any = None
    model: str | None = None

    @cached_property
    def tables(self) -> Tables:
        """Rows by table; of a product that is not known, the models and limits that are told alike everywhere."""
        tables = self._extracted()
        if self.match.may_be_otherwise(tables):
            self.match = self._matched()
            tables = self._extracted()
        return tables

    def _extracted(self) -> Tables:
        request, doc = self.match.request, self.match.document
        return extract(self.provider, request, doc, limits=self._limits, key=self.key, item=self.item, now=self.at)

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """Why the call failed; what cannot be read proves nothing of the key."""
        diagnosed, word = self.judged
        if self.document["failure"] == "not_sent":
            cause = f"Nothing was sent: {self.problem or 'no reason is known'}."
            return _unknown(diagnosed, cause, "Nothing reached the provider; see the cause.")
        if word == "malformed" and diagnosed.condition in (None, "unknown"):
            why = self.problem or "it is not what the documentation says"
            move = "Probe again; if it stays so, ask whoever runs the host."
            return _unknown(diagnosed, f"The answer cannot be read: {why}.", move)
        return diagnosed

    @property
    def outcome(self) -> str:
        """The word of `exchanges.outcome`; a success that lacks what its request promises is malformed."""
        return self.judged[1]

    @property
    def wait_s(self) -> float | None:
        """The wait that was told, in seconds."""
        return self.diagnosis.retry_after_s

    @property
    def is_worth_retrying(self) -> bool:
        """False for a 429 that means no money: another try changes nothing."""
        return self.document["status"] != 429 or self.diagnosis.condition not in _NO_MONEY

    @cached_property
    def judged(self) -> tuple[Diagnosis, str]:
        """What the rules say of the document, whatever happened on the way, and the word for it."""
        diagnosed = rules.diagnose(
            self.document, catalogue=self.catalogue, provider=self.provider, at=self.at, limits=self._told_limits()
        )
        word = rules.outcome(diagnosed, self.document)
        if word == "ok" and self.request is not None and not holds(self.request.ok, self.match.document):
            word = "malformed"
        return diagnosed, word

    @cached_property
    def _limits(self) -> list[LimitRow]:
        """The limits told by headers, fields and words; fields are left to the provider's file where it reads them."""
        general = self.document["failed"] or not self._declares_limits
        return limits_of(
            self.document, catalogue=self.catalogue, provider=self.provider, request=self.match.request,
            model=self.model, fields=general,
        )  # fmt: skip

    @cached_property
    def match(self) -> Match:
        """The request whose expressions read the document, and the document in the shape that they read."""
        request = self.request
        if request is None and self.provider is not None:
            request = declared_request(self.provider, self.document["method"], self.document["path"])
        if request is not None and holds(request.ok, self.document):
            return Match(request, self.document, is_final=False)  # in other shapes only where it gives nothing
        return self._matched()

    def _matched(self) -> Match:
        return matched(
            self.provider, self.document["path"], self.document, catalogue=self.catalogue, request=self.request
        )

    @property
    def _declares_limits(self) -> bool:
        declared = self.match.request.extracts if self.match.request is not None else ()
        always = self.provider.always if self.provider is not None else ()
        return any(part.table == "limits" for part in (*declared, *always))

    def _told_limits(self) -> tuple[dict[str, Any], ...]:
        """The limits told by headers and errors; on a success also those that the provider's file reads."""
        if self.document["failed"] or not self._declares_limits:
            rows = tuple(row.as_told() for row in self._limits if row.shown)
            owner = limits_declarer(self.document, catalogue=self.catalogue) if self.provider is None else None
            return rows if rows or owner is None else replace(self, provider=owner)._told_limits()
        return tuple(
            shown(row | {name: native(exact(row[name])) for name in ("limit", "remaining")})
            for row in self.tables.get("limits", ())
            if row["kind"] not in _PER_MODEL
        )


def reader(*, catalogue: Catalogue, now: datetime | None = None, **asked: Any) -> Callable[[Answer], Reading]:
    """A function that reads the answers to one question, each once, for the wire that may ask again and the asker.

    `asked` are parts of each `Reading`; `now` stands for an answer that does not know when it was sent.
    """
    readings: list[tuple[Answer, Reading]] = []

    def read(answer: Answer) -> Reading:
        for earlier, reading in readings:
            if earlier is answer:
                return reading
        doc, at = document(answer, catalogue=catalogue), answer.sent_at or now
        readings.append((answer, Reading(doc, catalogue=catalogue, problem=answer.problem, at=at, **asked)))
        return readings[-1][1]

    return read


def _unknown(diagnosis: Diagnosis, cause: str, move: str) -> Diagnosis:
    return replace(diagnosis, condition="unknown", key_valid=None, cause=cause, move=move, rule="unreadable")
