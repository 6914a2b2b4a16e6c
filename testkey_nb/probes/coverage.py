"""What became of every metric that a provider's file declares, and whether the key is valid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from testkey_nb.clock import utc_now

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import Provider
    from testkey_nb.probes.rows import Rows
    from testkey_nb.probes.run import Asked

# metrics.toml says in SQL where a metric comes from; the tables named there tell which requests feed it
_FROM = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)", re.IGNORECASE)
_NAMES = re.compile(r"\bname\s*(?:=|IN)\s*\(?\s*((?:'[^']+'[,\s]*)+)", re.IGNORECASE)
# table of the store -> tables of extracts that fill it
_FED_BY = {
    "permissions": {"models", "permissions"},
    "models": {"models"},
    "limits": {"limits", "models"},
    "balances": {"balances"},
    "usage": {"usage"},
    "prices": {"prices"},
}


def key_validity(asked: Sequence[Asked]) -> tuple[bool | None, str | None, str]:
    """(valid, exchange that decided it, why). None = no answer tells.

    A key that its provider calls blocked is not valid, though it may still read that, and neither is one whose own
    date is past. Else a yes outranks a no: a key that reads one thing is alive, whatever another path says of its
    rights. A refusal beside an answer that knows the key tells neither: spent, switched off, or of lesser rights.
    """
    told = [one for one in asked if one.authenticated]
    if blocked := next((one for one in told if one.facts.get("is_active") is False), None):
        return False, blocked.exchange_id, f"{blocked.request.id} says that the key is disabled or blocked"
    if past := next((one for one in told if _is_past(one.facts.get("expires_at"))), None):
        return False, past.exchange_id, f"{past.request.id} says that the key has expired"
    for one in told:
        if one.outcome == "ok" and one.request.key_check and not one.public:
            return True, one.exchange_id, f"{one.request.id} accepted the key"
    for one in told:
        if one.outcome == "ok" and not one.public and (one.probe.active or _was_controlled(one, asked)):
            return True, one.exchange_id, f"{one.request.id} answered the key otherwise than nobody"
    for one in told:
        if one.outcome != "ok" and one.diagnosis.key_valid is True:
            return True, one.exchange_id, f"known, though: {one.diagnosis.cause}"
    for one in told:
        if one.request.key_check and one.diagnosis.key_valid is False:
            knows = next((other for other in told if other.outcome == "ok" and other.facts and not other.public), None)
            if knows is not None:
                return None, knows.exchange_id, f"{knows.request.id} knows the key, {one.request.id} refuses it"
            return False, one.exchange_id, one.diagnosis.cause
    public = next((one for one in told if one.public), None)
    if public is not None:
        return None, public.exchange_id, "the same answer comes without a key, so the key is untested"
    last = told[-1] if told else None
    return None, last.exchange_id if last else None, last.diagnosis.cause if last else "the key was not sent"


def _is_past(instant: object) -> bool:
    return isinstance(instant, datetime) and instant <= utc_now()


def _was_controlled(one: Asked, asked: Sequence[Asked]) -> bool:
    return any(other.request.id == one.request.id and not other.authenticated for other in asked)


def note_coverage(rows: Rows, provider: Provider, asked: Sequence[Asked], *, catalogue: Catalogue) -> None:
    """One observation per declared metric: `expected` when its requests were answered, else why there is no value."""
    gone = {fact.fact for fact in provider.not_exposed}
    for probe in provider.read_only_probes:
        for name in probe.metrics:
            feeding = _feeding(name, provider, catalogue)
            answers = [one for one in asked if one.request.id in feeding and one.authenticated]
            state, reason, exchange_id = _state(answers, feeding, gone & _tables(name, catalogue))
            rows.observe("coverage", name, state=state, reason=reason, exchange_id=exchange_id, probe=probe.id)


def _state(answers: list[Asked], feeding: set[str], gone: set[str]) -> tuple[str, str, str | None]:
    refused = next((one for one in answers if one.outcome in ("refused", "absent")), None)
    answered = next((one for one in answers if one.outcome == "ok"), None)
    if answered is not None:
        return "expected", "its request was answered", answered.exchange_id
    if refused is not None:
        return "invisible", f"this key may not see it: {refused.diagnosis.cause}", refused.exchange_id
    if answers:
        return "unknown", f"no usable answer: {answers[-1].diagnosis.cause}", answers[-1].exchange_id
    if gone:
        return "not_exposed", f"the provider has no read-only endpoint for {', '.join(sorted(gone))}", None
    return "unknown", "no request of this run could tell" if feeding else "told only on inference", None


def _tables(name: str, catalogue: Catalogue) -> set[str]:
    sql = catalogue.metrics[name].sql
    facts = {"balance" if table == "balances" else table for table in _FROM.findall(sql)}
    return facts | {"identity"} if "topic = 'identity'" in sql else facts


def _feeding(name: str, provider: Provider, catalogue: Catalogue) -> set[str]:
    """Ids of the requests whose extracts can fill the metric."""
    sql = catalogue.metrics[name].sql
    tables: set[str] = set().union(*(_FED_BY.get(table, set()) for table in _FROM.findall(sql)))
    columns = set(re.findall(r"'([^']+)'", " ".join(_NAMES.findall(sql))))
    found = set()
    for probe in provider.read_only_probes:
        for request in probe.requests:
            for one in request.extracts:
                identity = one.table == "identity" and columns & set(one.fields)
                direct = one.table == "metrics" and not sql
                if one.table in tables or identity or direct or (name == "key_valid" and request.key_check):
                    found.add(request.id)
    return found
