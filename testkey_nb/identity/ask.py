"""Asks an unknown host who it is, without any key and then with a dummy."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from testkey_nb.answers import Document, Reading, reader
from testkey_nb.catalogue.expressions import compiled
from testkey_nb.catalogue.model import Auth
from testkey_nb.errors import BudgetSpent
from testkey_nb.identity.compared import across, behind
from testkey_nb.identity.connection import evidence_of_peer
from testkey_nb.identity.evidence import evidence_of
from testkey_nb.identity.piece import Evidence
from testkey_nb.identity.signals import signals_of
from testkey_nb.identity.verdict import Verdict, decide
from testkey_nb.keys import Key
from testkey_nb.preflight.base_url import BaseURL
from testkey_nb.wire import Answer, Declared, Outgoing, Permit, fill

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.wire import Wire

# Answers after which a host is left alone with keys: it limits, or a firewall stands before it.
_BLOCKED = (429, 403)
_NOT_THERE = (404, 405)


@dataclass(frozen=True, slots=True)
class Identified:
    """What a host answered and what it comes to; no key was sent, the dummy is nobody's.

    Attributes:
        answers: final answer of each question and its outcome (design section 4), in the order asked.
        questions: their ids (`data/identify.toml`), in the same order.
        is_open: the model list came without a key, so a key cannot be tested by it.
    """

    base: BaseURL
    verdict: Verdict
    answers: tuple[tuple[Answer, str], ...]
    questions: tuple[str, ...]
    is_open: bool


@dataclass(slots=True)
class _Round:
    """One host's questions while they are asked."""

    base: BaseURL
    wire: Wire
    catalogue: Catalogue
    routes: Mapping[str, str]
    random: Callable[[], str]
    answers: dict[str, Answer] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)

    async def ask(self, question: Mapping[str, Any], path: str, dummy: Key | None) -> None:
        prefix = self.base.path if question["at"] == "base" else ""
        declared = Declared(prefix + path, method=question.get("method", "GET"))
        auth = (
            Auth(question["header"], question.get("scheme"), dict(question.get("headers", {})))
            if dummy is not None
            else None
        )
        permit = Permit(
            origins=frozenset({self.base.origin}), declared=(declared,), key=dummy, auth=auth, routes=self.routes
        )
        url = self.base.origin + fill(declared.path, {"random": self.random()})
        read = reader(catalogue=self.catalogue)
        outgoing = Outgoing(url=url, permit=permit, declared=declared, authenticated=dummy is not None, advise=read)
        answer = (await self.wire.send(outgoing))[-1]
        self.answers[question["id"]] = answer
        self.readings[question["id"]] = read(answer)
        self.documents[question["id"]] = document = read(answer).document
        if answer.failure is None:
            routed = self.base.origin in self.routes
            marks = evidence_of(document, catalogue=self.catalogue, host=self.base.host, routed=routed)
            if not routed:
                marks += evidence_of_peer(answer.peer, catalogue=self.catalogue, host=self.base.host)
            with_what = "the dummy key" if dummy is not None else "no key"
            label = f"{declared.method} {declared.path}, {with_what}"
            self.evidence += [replace(mark, asked=label) for mark in marks]

    def outcome(self, question: Mapping[str, Any]) -> str:
        """A page or a bare word is no fault where the question was not put to the API."""
        outcome, status = self.readings[question["id"]].outcome, self.answers[question["id"]].status
        if outcome in ("blocked", "malformed") and not question.get("api") and status is not None:
            return "ok" if status < 400 else "absent" if status in _NOT_THERE else outcome
        return outcome

    def verdict(self) -> Verdict:
        rules = self.catalogue.rules("identify")
        evidence = [*self.evidence, *across(rules, self.documents)]
        return decide(
            behind(rules, self.documents, evidence, weighing=signals_of(self.catalogue).weighing),
            catalogue=self.catalogue,
            host=self.base.host,
            answered=sum(answer.status is not None for answer in self.answers.values()),
        )


async def identify_base(
    base: BaseURL,
    *,
    wire: Wire,
    catalogue: Catalogue,
    routes: Mapping[str, str] | None = None,
    random: Callable[[], str] = lambda: secrets.token_hex(6),
) -> Identified:
    """Who answers at this base URL, from at most eight questions without a key and two with a dummy key.

    Stops when the host cannot be reached, and leaves the dummy out where it limits or blocks. Never raises for
    trouble on the network.

    Raises:
        Refused: the wire sends nothing there (plain http to a public host, a budget that is spent from the start).
    """
    rules = catalogue.rules("identify")
    base = base if base.path else BaseURL(base.origin, "/v1")
    round_ = _Round(base, wire, catalogue, dict(routes or {}), random)
    dummy = Key(rules["dummy"], source="dummy")
    left = {False: int(rules["without_key"]), True: int(rules["with_dummy"])}
    for question in rules["asks"]:
        keyed = "header" in question
        path = _path(question, round_)
        if path is None or not left[keyed] or (keyed and _blocks(round_.answers)):
            continue
        left[keyed] -= 1
        try:
            await round_.ask(question, path, dummy if keyed else None)
        except BudgetSpent:
            if not round_.answers:
                raise
            break
        if round_.answers[question["id"]].failure == "unreachable" and len(round_.answers) == 1:
            break
    first = round_.answers.get("models")
    asked = [entry for entry in rules["asks"] if entry["id"] in round_.answers]
    return Identified(
        base,
        round_.verdict(),
        answers=tuple((round_.answers[entry["id"]], round_.outcome(entry)) for entry in asked),
        questions=tuple(round_.answers),
        is_open=first is not None and first.status == 200,
    )


def _path(question: Mapping[str, Any], round_: _Round) -> str | None:
    """The path to ask; None when this question has no place now."""
    if "paths" not in question:
        return str(question["path"])
    if "unless" in question and compiled(question["unless"])(round_.documents):
        return None
    leading = (candidate.provider for candidate in round_.verdict().candidates)
    return next((str(question["paths"][name]) for name in leading if name in question["paths"]), None)


def _blocks(answers: Mapping[str, Answer]) -> bool:
    return any(answer.status == 429 for answer in answers.values()) or all(
        answer.status in _BLOCKED for answer in answers.values()
    )
