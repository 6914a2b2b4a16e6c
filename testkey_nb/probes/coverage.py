"""What became of every metric that a provider's file declares, and whether the key is valid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from testkey_nb.clock import utc_now

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import Metric, Provider, Request
    from testkey_nb.probes.key_run import Asked
    from testkey_nb.probes.rows import Rows

# what a metric is fed by -> tables of extracts besides the one of that name
_ALSO = {"permissions": {"models"}, "limits": {"models"}}


def key_validity(asked: Sequence[Asked]) -> tuple[bool | None, str | None, str]:
    """(valid, exchange that decided it, why). None = no answer tells.

    A key that its provider calls blocked is not valid, though it may still read that, and neither is one whose own
    date is past. Else a yes outranks a no: a key that reads one thing is alive, whatever another path says of its
    rights. A refusal beside an answer that knows the key tells neither (switched off, or of lesser rights?), unless
    that answer shows that nothing is left: a spent key is valid.
    """
    answers = [answer for answer in asked if answer.authenticated]
    if blocked := next((answer for answer in answers if answer.facts.get("is_active") is False), None):
        return False, blocked.exchange_id, f"{blocked.request.id} says that the key is disabled or blocked"
    if past := next((answer for answer in answers if _is_past(answer.facts.get("expires_at"))), None):
        return False, past.exchange_id, f"{past.request.id} says that the key has expired"
    for answer in answers:
        if answer.outcome == "ok" and answer.request.key_check and not answer.public:
            return True, answer.exchange_id, f"{answer.request.id} accepted the key"
    for answer in answers:
        if answer.outcome == "ok" and not answer.public and (answer.probe.active or _was_controlled(answer, asked)):
            return True, answer.exchange_id, f"{answer.request.id} answered the key otherwise than nobody"
    for answer in answers:
        if answer.outcome != "ok" and answer.diagnosis.key_valid is True:
            return True, answer.exchange_id, f"known, though: {answer.diagnosis.cause}"
    for answer in answers:
        if answer.request.key_check and answer.diagnosis.key_valid is False:
            knows = next(
                (other for other in answers if other.outcome == "ok" and other.facts and not other.public), None
            )
            if knows is not None and knows.facts.get("is_spent") is True:
                return True, knows.exchange_id, f"{knows.request.id} knows the key and shows nothing left"
            if knows is not None:
                return None, knows.exchange_id, f"{knows.request.id} knows the key, {answer.request.id} refuses it"
            return False, answer.exchange_id, answer.diagnosis.cause
    public = next((other for other in answers if other.public), None)
    if public is not None:
        return None, public.exchange_id, "the same answer comes without a key, so the key is untested"
    last = answers[-1] if answers else None
    return None, last.exchange_id if last else None, last.diagnosis.cause if last else "the key was not sent"


def _is_past(instant: object) -> bool:
    return isinstance(instant, datetime) and instant <= utc_now()


def _was_controlled(answer: Asked, asked: Sequence[Asked]) -> bool:
    return any(other.request.id == answer.request.id and not other.authenticated for other in asked)


def note_coverage(rows: Rows, provider: Provider, asked: Sequence[Asked], *, catalogue: Catalogue) -> None:
    """One row per declared metric: `expected` when its requests were answered, else why there is no value."""
    gone = {fact.fact for fact in provider.not_exposed}
    for probe in provider.read_only_probes:
        for name in probe.metrics:
            metric = catalogue.metrics[name]
            feeding = _feeding(metric, provider)
            answers = [answer for answer in asked if answer.request.id in feeding and answer.authenticated]
            state, reason, exchange_id = _state(answers, feeding, gone & _facts(metric))
            rows.note("coverage", metric=name, probe=probe.id, state=state, reason=reason, exchange_id=exchange_id)


def _state(answers: list[Asked], feeding: set[str], gone: set[str]) -> tuple[str, str, str | None]:
    refused = next((answer for answer in answers if answer.outcome in ("refused", "absent")), None)
    answered = next((answer for answer in answers if answer.outcome == "ok"), None)
    if answered is not None:
        return "expected", "its request was answered", answered.exchange_id
    if refused is not None:
        return "invisible", refused.diagnosis.cause, refused.exchange_id
    if answers:
        return "unknown", f"no usable answer: {answers[-1].diagnosis.cause}", answers[-1].exchange_id
    if gone:
        return "not_exposed", f"the provider has no read-only endpoint for {', '.join(sorted(gone))}", None
    return "unknown", "no request of this run could tell" if feeding else "told only on inference", None


def _facts(metric: Metric) -> set[str]:
    """The facts that a provider's file may say it does not expose, as far as the metric rests on them."""
    facts = {"balance" if table == "balances" else table for table in metric.feeds}
    return facts | {"identity"} if metric.identity else facts


def _feeding(metric: Metric, provider: Provider) -> set[str]:
    """Ids of the requests whose answers can fill the metric."""
    requests = (request for probe in provider.read_only_probes for request in probe.requests)
    return {request.id for request in requests if _fills(request, metric)}


def _fills(request: Request, metric: Metric) -> bool:
    if request.key_check and "verdicts" in metric.feeds:
        return True
    # without SQL its rows come straight from extracts
    tables = set(metric.feeds).union(*(_ALSO.get(table, ()) for table in metric.feeds)) if metric.sql else {"metrics"}
    return any(
        extract.table in tables
        or (extract.table == "identity" and not extract.fields.keys().isdisjoint(metric.identity))
        for extract in request.extracts
    )
