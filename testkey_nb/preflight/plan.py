"""Which declared requests a key's run consists of, and what each would send."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from testkey_nb.catalogue.names import roots
from testkey_nb.wire import Declared, Permit

if TYPE_CHECKING:
    from testkey_nb.catalogue.model import Probe, Provider, Request
    from testkey_nb.preflight.targets import Target

_NOW = re.compile(r"\{(now(?:([+-]\d+)([dhm]))?(?::(iso|date|epoch|month))?)\}")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True, slots=True)
class Options:
    """What the analyst asked for beyond the read-only probes.

    Attributes:
        active: classes of active probes, `free` and `runtime`.
        models: model ids for active probes; empty = one model that the key's list shows.
    """

    active: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()


def probes_of(provider: Provider, options: Options) -> Iterator[Probe]:
    """The read-only probes in the file's order, then the active ones that were asked for by name."""
    yield from provider.read_only_probes
    for probe in provider.probes:
        if probe.active is not None and probe.active in options.active:
            yield probe


def wanted(request: Request, target: Target, facts: Mapping[str, Any]) -> bool:
    """Does the request's own condition hold for this key, with what is known of it so far?"""
    if request.when is None:
        return True
    decision = target.decision
    return bool(
        request.when(
            {
                "key_kind": facts.get("key_kind") or target.shape.key_kind,
                "token_type": facts.get("token_type"),
                "provider": target.provider.id if target.provider else None,
                "region": decision.region,
                "base_url": decision.pinned,
                "facts": dict(facts),
            }
        )
    )


def depends_on_answers(request: Request, target: Target) -> bool:
    """May the request's condition come to hold with what earlier answers tell?"""
    if request.when is None:
        return False
    names = set(roots(request.when.tree))
    return bool(names & {"facts", "token_type"}) or ("key_kind" in names and target.shape.key_kind is None)


def declared(request: Request, *, active: bool) -> Declared:
    """The wire's view of a declared request."""
    paging = frozenset(request.pages.query.split(",")) if request.pages and request.pages.query else frozenset()
    return Declared(path=request.path, method=request.method, paging=paging, body=request.body, active=active)


def permit(target: Target, options: Options, *, routes: Mapping[str, str], with_key: bool = True) -> Permit:
    """All that the wire may do for this key."""
    provider = target.provider
    requests = tuple(
        declared(request, active=probe.active is not None)
        for probe in (probes_of(provider, options) if provider else ())
        for request in probe.requests
    )
    return Permit(
        origins=target.decision.origins,
        declared=requests,
        key=target.key if with_key else None,
        auth=target.auth,
        routes=routes,
    )


def times(path: str, now: datetime) -> dict[str, str]:
    """Values of the time placeholders in a path: `{now}`, `{now-7d}`, `{now-7d:date}`, `{now-30d:epoch}`."""
    values = {}
    for name, amount, unit, form in _NOW.findall(path):
        at = now + timedelta(**{_UNITS[unit]: int(amount)}) if amount else now
        values[name] = _formatted(at, form)
    return values


def _formatted(at: datetime, form: str) -> str:
    if form == "date":
        return at.strftime("%Y-%m-%d")
    if form == "month":
        return at.strftime("%Y-%m")
    if form == "epoch":
        return str(int((at - datetime(1970, 1, 1)).total_seconds()))  # noqa: DTZ001 - naive UTC on purpose
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def plan_rows(target: Target, options: Options) -> Iterator[dict[str, Any]]:
    """One row per request that a run of this key would send, in order; nothing is sent.

    Columns: key_id, label, provider, probe, request, method, host, path, authenticated, expected_tokens (0 for every
    read-only request), input_tokens, output_tokens, model_id (None where the key's list decides), times (how often at
    most), note.
    """
    decision, provider = target.decision, target.provider
    base = {"key_id": target.key_id, "label": target.label, "provider": provider.id if provider else None}
    if not decision.send:
        yield base | _row(probe="identification", note=f"nothing is sent: {decision.reason}", times=0)
        return
    if provider is None:
        host = decision.base.host if decision.base else None
        yield base | _row(
            probe="identification", method="GET", host=host, path="(the no-key and dummy-key questions)", times=10,
            note="the key is not sent until the product behind the host is known",
        )  # fmt: skip
        return
    for probe in probes_of(provider, options):
        for request in probe.requests:
            is_sure = wanted(request, target, {})
            if is_sure or depends_on_answers(request, target):
                for row in _request_rows(base, target, probe, request, options):
                    yield row if is_sure else row | {"note": f"only if earlier answers tell so. {row['note']}".strip()}


def _request_rows(
    base: dict[str, Any], target: Target, probe: Probe, request: Request, options: Options
) -> Iterator[dict[str, Any]]:
    address = target.decision.hosts.get(request.host)
    if address is None:
        return
    host = address.partition("://")[2].partition("/")[0]
    shared: dict[str, Any] = {
        "probe": probe.id, "request": request.id, "method": request.method, "host": host, "path": request.path,
    }  # fmt: skip
    if request.control:
        yield base | _row(**shared, authenticated=False, note="control: the same question without the key")
    count = request.for_each.limit if request.for_each else request.pages.limit if request.pages else 1
    for model in (options.models if probe.active else ()) or (None,):
        note = request.note
        if request.for_each:
            note = f"once for each row of {request.for_each.request}"
        elif request.pages:
            note = "page by page"
        yield base | _row(
            **shared,
            authenticated=request.auth,
            expected_tokens=sum(request.tokens) if probe.active == "runtime" else 0,
            input_tokens=request.tokens[0] if probe.active == "runtime" else 0,
            output_tokens=request.tokens[1] if probe.active == "runtime" else 0,
            model_id=model,
            times=count,
            note=note if probe.active is None else _asked_by_name(probe.active, model),
        )


def _asked_by_name(active: str, model: str | None) -> str:
    return f"active ({active}): asked for by name" + ("" if model else "; of one model of the key's list")


def _row(**values: Any) -> dict[str, Any]:
    empty = {
        "probe": None, "request": None, "method": None, "host": None, "path": None, "authenticated": False,
        "expected_tokens": 0, "input_tokens": 0, "output_tokens": 0, "model_id": None, "times": 1, "note": "",
    }  # fmt: skip
    return empty | values


def active_models(options: Options, covered: Collection[str], listed: list[str]) -> list[str]:
    """The models that active probes ask: those named, else one that the key's list shows (a covered one first)."""
    if options.models:
        return list(options.models)
    for model in covered:
        if model in listed:
            return [model]
    return listed[:1]
