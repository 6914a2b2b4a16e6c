"""An answer from the analyst's own traffic becomes rows, as if it had been asked for; nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from testkey_nb.answers import Document, document, matched, reader
from testkey_nb.probes.paging import has_more
from testkey_nb.probes.rows import Rows
from testkey_nb.wire import Answer, json_or_text, kept_headers

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.preflight.targets import Target

PROBE = "observed"


def observed(
    target: Target,
    rows: Rows,
    *,
    catalogue: Catalogue,
    status: int | None,
    headers: Mapping[str, str],
    body: Any,
    path: str | None,
    at: datetime,
    method: str | None = None,
    host: str | None = None,
    model: str | None = None,
) -> str:
    """Note one such answer in `rows`; returns its exchange id. Key and echoes of it are taken out first.

    `model` is the one that was asked; None = the answer or its path may name it. Where the method is not told, it is
    that of the declared request that reads the answer, else POST.
    """

    def redact(text: str) -> str:
        return catalogue.redact(target.key.redact(text))

    provider = target.provider
    rows.provider = provider.id if provider else None
    answer = Answer(
        method=method or "POST",
        host=host or _host(target),
        path=redact(path or "/"),
        status=status,
        headers=kept_headers(headers.items(), key=target.key, catalogue=catalogue),
        body=clean(_body(body), redact),
        authenticated=True,
        sent_at=at,
    )
    if method is None:
        doc = cast(Document, {**document(answer), "method": None})
        request = matched(provider, path, doc, catalogue=catalogue).request
        answer = replace(answer, method=request.method if request is not None else "POST")
    asked = redact(model) if model else None
    reading = reader(catalogue=catalogue, provider=provider, key=target.key, model=asked)(answer)
    diagnosis, result = reading.diagnosis, reading.outcome
    exchange_id = rows.exchange(answer, probe=PROBE, request=PROBE, outcome=result)
    tables = reading.tables
    if result != "ok":
        tables = {"limits": tables.get("limits", [])}
        rows.diagnosed(diagnosis, exchange_id=exchange_id)
    rows.extracted(tables, exchange_id=exchange_id, probe=PROBE, at=at, proves=None)
    request = reading.match.request
    if reading.match.is_one_model:
        rows.cut({exchange_id}, "one-model")
    elif has_more(request.pages if request is not None else None, answer.body, catalogue=catalogue):
        rows.cut({exchange_id}, "one-page")
    if diagnosis.key_valid is not None or result == "ok":
        rows.note(
            "verdicts", exchange_id=exchange_id, observed_at=at, key_valid=result == "ok" or diagnosis.key_valid,
            key_valid_reason="told by the analyst's own traffic",
        )  # fmt: skip
    return exchange_id


def _host(target: Target) -> str:
    decision = target.decision
    host = next((address.partition("://")[2] for address in decision.hosts.values()), None)
    return host or (decision.base.host if decision.base else "unknown")


def _body(body: Any) -> Any:
    """The JSON in a body given as text or bytes, as clients hand it over; else the text."""
    text = bytes(body).decode("utf-8", "replace") if isinstance(body, bytes | bytearray | memoryview) else body
    return (json_or_text(text) or None) if isinstance(text, str) else text


def clean(value: Any, redact: Callable[[str], str]) -> Any:
    """The body without key, echoes of it, or anything else that is shaped like one."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(name): clean(each, redact) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean(each, redact) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return clean(str(value), redact)
