"""An answer from the analyst's own traffic becomes rows, as if it had been asked for; nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from testkey_nb.answers import document, extract_answer, limits_of
from testkey_nb.probes.outcomes import judge
from testkey_nb.probes.rows import Rows
from testkey_nb.wire import Answer, kept_headers

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.probes.target import Target

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
    method: str = "POST",
    host: str | None = None,
) -> str:
    """Note one such answer in `rows`; returns its exchange id. Key and echoes of it are taken out first."""
    provider = target.provider
    rows.provider = provider.id if provider else None
    answer = Answer(
        method=method,
        host=host or _host(target),
        path=catalogue.redact(target.key.redact(path or "/")),
        status=status,
        headers=kept_headers(headers.items(), key=target.key, catalogue=catalogue),
        body=clean(_parsed(body), lambda text: catalogue.redact(target.key.redact(text))),
        authenticated=True,
        sent_at=at,
    )
    doc = document(answer)
    diagnosis, result = judge(answer, doc, provider=provider, catalogue=catalogue)
    exchange_id = rows.exchange(answer, probe=PROBE, request=PROBE, outcome=result)
    # an unknown product's limits are told by what all have in common
    tables: dict[str, list[dict[str, Any]]] = {"limits": limits_of(doc, catalogue=catalogue)}
    if provider is not None:
        tables = extract_answer(provider, answer.path, doc, key=target.key, now=at, catalogue=catalogue)
    if result != "ok":
        tables = {"limits": tables.get("limits", [])}
        rows.diagnosed(diagnosis, exchange_id=exchange_id)
    rows.extracted(tables, exchange_id=exchange_id, probe=PROBE, at=at, proves=None)
    if diagnosis.key_valid is not None or result == "ok":
        rows.note(
            "verdicts", exchange_id=exchange_id, observed_at=at, key_valid=result == "ok" or diagnosis.key_valid,
            key_valid_reason="told by the analyst's own traffic",
        )  # fmt: skip
    return exchange_id


def _host(target: Target) -> str:
    decision = target.decision
    known = next((address.partition("://")[2] for address in decision.hosts.values()), None)
    return known or (decision.base.host if decision.base else "unknown")


def _parsed(body: Any) -> Any:
    """The JSON in a body given as text or bytes, as clients hand it over; else the text."""
    text = bytes(body).decode("utf-8", "replace") if isinstance(body, bytes | bytearray | memoryview) else body
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text or None


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
