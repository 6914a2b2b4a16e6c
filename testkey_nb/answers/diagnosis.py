"""What one answer says of the key: why the call failed, whether the key is valid, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.documents import Document, document, holds
from testkey_nb.answers.envelope import parsed
from testkey_nb.answers.routes import declared_request
from testkey_nb.answers.rules import RankedRule, RuleBook
from testkey_nb.answers.waits import retry_after
from testkey_nb.catalogue.error_rules import general_rules, placeholders
from testkey_nb.catalogue.expressions import Expression, compiled, regex_of
from testkey_nb.catalogue.model import ErrorRule, Provider
from testkey_nb.errors import CatalogueError
from testkey_nb.vocabulary import CAUSE_CODES, CONDITION_OUTCOMES, CONDITIONS, FAILURE_OUTCOMES, MOVE_CODES

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

UNMATCHED = "unmatched"
_NOTHING_TOLD = RankedRule(ErrorRule(id=UNMATCHED, condition="unknown"), "general catch-all", None, lambda _: True)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one answer tells.

    Attributes:
        condition: why the call failed (`vocabulary.CONDITIONS`); None when nothing failed.
        key_valid: True, False, or None = this answer does not tell.
        retry_after_s: the wait that was told, in seconds, also on a success; None when none was.
        limits: rows with kind, window (`unknown` when not told), limit, remaining, unit, reset_s, reset_at, source.
        cause: one plain sentence.
        cause_code: the same as one of `vocabulary.CAUSE_CODES`; None when nothing failed.
        move: what to do next, one plain sentence; "" when nothing failed.
        move_code: the same as one of `vocabulary.MOVE_CODES`; None when nothing failed.
        rule: id of the rule that decided.
        specific: the rule gives a move of its own, not the general one of its condition.
        whose: whose words these are, one of `vocabulary.WHOSE`; None when nothing failed.
    """

    condition: str | None
    key_valid: bool | None
    retry_after_s: float | None
    limits: tuple[dict[str, Any], ...]
    cause: str
    move: str
    rule: str
    cause_code: str | None = None
    move_code: str | None = None
    specific: bool = False
    whose: str | None = None


@dataclass(frozen=True, slots=True)
class _Success:
    """A success and what it proves."""

    id: str
    when: Expression
    key_valid: bool | None


@dataclass(frozen=True, slots=True)
class _Rules:
    errors: RuleBook
    successes: tuple[_Success, ...]
    causes: Mapping[str, str]
    moves: Mapping[str, str]
    cause_codes: Mapping[str, str]
    move_codes: Mapping[str, str]


def diagnose(
    doc: Document,
    *,
    catalogue: Catalogue,
    provider: Provider | None = None,
    at: datetime | None = None,
    limits: tuple[dict[str, Any], ...] = (),
) -> Diagnosis:
    """The diagnosis of one answer, by the first rule that holds in the order of `vocabulary.ERROR_RANKS`.

    `at` is when the answer came: a wait told as a date counts from it where the answer has no `date` of its own.
    """
    rules = catalogue.once(_compile)
    wait = retry_after(doc, catalogue=catalogue, at=at)
    if not doc["failed"]:
        valid, proof = _accepted(doc, provider, rules)
        return Diagnosis(None, valid, wait, limits, rules.causes["none"], "", proof)
    ranked = next(applying(doc, catalogue=catalogue, provider=provider), _NOTHING_TOLD)
    rule = ranked.rule
    condition = rule.condition
    cause, move = (_filled(text, rule, doc, catalogue) for text in (rule.cause, rule.move))
    return Diagnosis(
        condition,
        _key_valid(ranked, doc, provider),
        wait,
        limits,
        cause or rules.causes[condition],
        move or rules.moves[condition],
        rule.id,
        rule.cause_code or rules.cause_codes[condition],
        rule.move_code or rules.move_codes[condition],
        rule.move is not None,
        rule.whose,
    )


def applying(doc: Document, *, catalogue: Catalogue, provider: Provider | None = None) -> Iterator[RankedRule]:
    """The error rules that hold of an answer that failed, in the order they are read: the first decides."""
    rules = catalogue.once(_compile)
    return rules.errors.applying({**doc, "behind": _behind(doc, catalogue)}, provider)


def _behind(doc: Document, catalogue: Catalogue) -> str | None:
    """The condition that the words of the service behind have by themselves."""
    if doc["nested"] is None:
        return None
    body = parsed(doc["nested"]) or doc["nested"]
    inner = document(status=None, body=body, catalogue=catalogue)
    if inner["status"] is None:
        inner = document(status=doc["status"], body=body, catalogue=catalogue)
    return next((ranked.rule.condition for ranked in applying(inner, catalogue=catalogue)), None)


def _key_valid(ranked: RankedRule, doc: Document, provider: Provider | None) -> bool | None:
    """What the answer says of the key that was sent; a rule that many share proves it only where the key goes first."""
    valid = ranked.rule.key_valid if doc["auth"] else None
    if not valid:
        return valid
    if provider is not None and (provider.no_key or provider.kind == "self-hosted"):
        return None  # a server that may run open takes any key
    unasked = ranked.rule.condition == "bad-request" or ranked.rule.whose == "upstream"
    is_first = provider is not None and provider.key_first is not None
    return None if ranked.owner is None and unasked and not is_first else True


def _filled(sentence: str | None, rule: ErrorRule, doc: Document, catalogue: Catalogue) -> str | None:
    """The sentence with what the answer names in place of its braces; None where the answer names it not."""
    names = placeholders(sentence)
    if sentence is None or not names:
        return sentence
    wordings = [wording for part in (rule, *rule.any) for wording in part.says]
    matches = [match for wording in wordings if (match := regex_of(wording).search(doc["error"] or ""))]
    groups = {name: text for match in matches for name, text in match.groupdict().items() if text}
    if not {*names} <= {*groups}:
        return None
    return sentence.format_map({name: catalogue.redact(text)[:80] for name, text in groups.items()})


def outcome(diagnosis: Diagnosis, doc: Document) -> str:
    """The word of `exchanges.outcome` for this answer; it follows the diagnosis, not the status alone."""
    failure, status = doc["failure"], doc["status"]
    if failure is not None:
        return FAILURE_OUTCOMES[failure]
    if diagnosis.condition is None:
        return "malformed" if _unreadable(doc) else "ok"
    if diagnosis.condition in ("not-an-api", "model-not-found", "model-retired") and status in (404, 410):
        return "blocked" if doc["html"] else "absent"
    return CONDITION_OUTCOMES[diagnosis.condition]


def _unreadable(doc: Document) -> bool:
    """A success whose JSON could not be read, whole or at all?"""
    body = doc["body"]
    begun = isinstance(body, str) and body.lstrip()[:1] in ("{", "[")
    says_json = "json" in (doc["content_type"] or "")
    return isinstance(body, str) and (says_json or begun or (doc["truncated"] and not body.strip()))


def _accepted(doc: Document, provider: Provider | None, rules: _Rules) -> tuple[bool | None, str]:
    """Does this success prove the key? What the provider's file says of the request goes before the general rules."""
    if not doc["auth"] or doc["status"] is None or not 200 <= doc["status"] < 300:
        return None, "no-proof"
    if provider is not None:
        if provider.no_key:
            return None, "open-server"
        request = declared_request(provider, doc["method"], doc["path"])
        if request is not None:
            proves = request.key_check and not request.control and holds(request.ok, doc)
            return (True if proves else None), f"{provider.id}.{request.id}"
        if provider.kind == "self-hosted":
            return None, "self-hosted"
    for success in rules.successes:
        if holds(success.when, doc):
            return success.key_valid, success.id
    return None, "no-proof"


def _compile(catalogue: Catalogue) -> _Rules:
    moves = catalogue.rules("moves")
    for name, allowed in (("causes", None), ("moves", None), ("cause_codes", CAUSE_CODES), ("move_codes", MOVE_CODES)):
        if lacking := {*CONDITIONS} - {*moves[name]}:
            raise CatalogueError(f"says nothing of {', '.join(sorted(lacking))}", file="moves.toml", field=name)
        if allowed is not None and (strange := {*moves[name].values()} - {*allowed}):
            raise CatalogueError(f"{', '.join(sorted(strange))}: no such code", file="moves.toml", field=name)
    successes = tuple(
        _Success(entry["id"], compiled(entry["when"]), entry.get("key_valid"))
        for entry in catalogue.rules("errors").get("successes", ())
    )
    errors = RuleBook(general_rules(catalogue.path_of("errors")), catalogue.rules("errors")["status_words"])
    return _Rules(errors, successes, moves["causes"], moves["moves"], moves["cause_codes"], moves["move_codes"])
