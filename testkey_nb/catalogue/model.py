"""The frozen dataclasses that a provider file becomes.

Every expression is JMESPath (compiled once by the loader) and is read against a document; see `Extract` and
`Signature` for which. Every part that states a fact carries its source and its confidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from testkey_nb.catalogue.expressions import Expression
from testkey_nb.catalogue.model_answers import (
    ErrorFields,
    ErrorRule,
    LimitHeader,
    Limits,
    Mentions,
    NotExposed,
    Product,
    Signature,
)
from testkey_nb.catalogue.model_extracts import Extract, FieldSpec
from testkey_nb.catalogue.model_hosts import Region
from testkey_nb.catalogue.model_keys import Auth, Confidence, Decode, KeyPattern, KeySpec

__all__ = [
    "Auth", "Confidence", "Decode", "ErrorFields", "ErrorRule", "Extract", "FieldSpec", "ForEach", "KeyPattern",
    "KeySpec", "LimitHeader", "Limits", "Mentions", "Metric", "NotExposed", "Pages", "Probe", "Product", "Provider",
    "Region", "Request", "Signature",
]  # fmt: skip

Proves = Literal["callable", "listed", "nothing"]
Active = Literal["free", "runtime"]


@dataclass(frozen=True, slots=True)
class Pages:
    """How an answer says where the next page is.

    style `cursor` / `token`: `next` (expression on the body) gives the value for query parameter `query`;
    `offset`: `query` grows by the number of rows until a page is short of `size`; `page`: `query` counts the pages,
    the declared path asks for number `first`, until a page is short of `size`; `link`: the Link header's rel=next,
    same origin and path only. `more`, if given, must be true to go on.
    """

    style: Literal["cursor", "token", "offset", "page", "link"]
    query: str = ""
    next: Expression | None = None
    more: Expression | None = None
    size: int = 0
    first: int = 1
    limit: int = 20


@dataclass(frozen=True, slots=True)
class ForEach:
    """Run the request once for each item that an earlier request's answer gave.

    `{var}` in the path is the item; the placeholders of the earlier request keep their values.
    """

    request: str
    items: Expression
    var: str = "item"
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Request:
    """One declared read-only request (or the fixed body of an active one).

    Attributes:
        id: unique in the provider.
        host: role in `Region.hosts`; on a pinned base_url every role is that origin.
        method, path: `get = "/v1/x?limit=5"` or `post = ...` (active only). Placeholders: `{now}`, `{now-7d}`
            (ISO date-time), `{now-7d:date}`, `{now-7d:epoch}`, a `for_each` variable, and `{model}` in active ones.
        auth: False = sent without the key.
        control: send it once without the key first; when that gets the same answer the key is untested.
        when: expression on `{key_kind, token_type, provider, region, base_url (bool), facts: {column: value}}`;
            the request is planned only where it is true. Facts are identity columns read so far.
        key_check: a 2xx proves the key valid (and a 401 that it is not). False = its refusal speaks of rights only.
        proves: what a row of this request's model list proves.
        ok: expression on the answer document (see Signature); where a 200 may hold an error, what makes it a success.
        tokens: for active requests: (input, output) tokens at most.
        binds: whom the limits on its answers bind; `route` = this management route alone, None = as the provider says.
    """

    id: str
    host: str
    method: str
    path: str
    auth: bool = True
    control: bool = False
    when: Expression | None = None
    for_each: ForEach | None = None
    pages: Pages | None = None
    key_check: bool = False
    proves: Proves | None = None
    ok: Expression | None = None
    body: Any = None
    tokens: tuple[int, int] = (0, 0)
    headers: Mapping[str, str] = field(default_factory=dict)
    extracts: tuple[Extract, ...] = ()
    binds: str | None = None
    source: str = ""
    confidence: Confidence = "documented"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A named question, answered by one or more read-only requests.

    Attributes:
        kind: current_key | balance_snapshot | cost_report (the site's three).
        metrics: names from metrics.toml that this probe can fill, in the order a page lists them.
        active: None for a read-only probe; `free` or `runtime` never run unless asked for by name.
    """

    id: str
    kind: str
    question: str
    metrics: tuple[str, ...]
    requests: tuple[Request, ...]
    active: Active | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """All that is known of one provider.

    Attributes:
        base_path: path that a user's base_url may carry at its end (`/v1`); it is cut before paths are joined.
        outranks: services whose marks inside its answers are those of a service behind it; `*` = all that do not
            outrank everything themselves.
        genai_prices: id in the genai-prices package, or None.
    """

    id: str
    name: str
    route: Literal["global", "china", "self-hosted"]
    kind: Literal["lab", "inference-cloud", "gateway", "self-hosted"]
    docs: str
    checked: date
    confidence: Confidence
    key: KeySpec
    regions: Mapping[str, Region]
    default_region: str | None
    file: str
    aliases: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    base_path: str = ""
    covered_models: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()
    limits: Limits | None = None
    limit_headers: tuple[LimitHeader, ...] = ()
    errors: tuple[ErrorRule, ...] = ()
    signatures: tuple[Signature, ...] = ()
    mentions: Mentions | None = None
    outranks: tuple[str, ...] = ()
    always: tuple[Extract, ...] = ()
    not_exposed: tuple[NotExposed, ...] = ()
    genai_prices: str | None = None
    currency: str | None = None
    no_key: bool = False
    key_first: str | None = None
    note: str = ""

    @property
    def hosted(self) -> bool:
        """It answers on hosts of its own only."""
        return bool(self.regions) and self.route != "self-hosted"

    @property
    def hosts(self) -> frozenset[str]:
        """Every official origin of every region."""
        return frozenset(origin for region in self.regions.values() for origin in region.hosts.values())

    def region_at(self, origin: str) -> Region | None:
        """The region with a host at this origin (the default one first); None when it has none."""
        by_default = sorted(self.regions.values(), key=lambda region: region.name != self.default_region)
        return next((region for region in by_default if region.role_at(origin) is not None), None)

    def region_of(self, host: str | None) -> Region | None:
        """The region that has this official `host` or `host:port`; its only one for any host; else None."""
        if len(self.regions) == 1:
            return next(iter(self.regions.values()))
        return self.region_at(f"https://{host}") if host else None

    @property
    def binds(self) -> str | None:
        """Whom its limits bind, where neither header nor request says so."""
        return self.limits.binds if self.limits is not None else None

    @property
    def read_only_probes(self) -> tuple[Probe, ...]:
        return tuple(probe for probe in self.probes if probe.active is None)

    @property
    def facts(self) -> dict[str, int]:
        """How many sourced facts the file states, by confidence."""
        stated: list[KeyPattern | Limits | LimitHeader | ErrorRule | Signature | NotExposed | Request] = [
            *self.key.patterns, *([self.limits] if self.limits else []), *self.limit_headers, *self.errors,
            *self.signatures, *self.not_exposed,
            *(request for probe in self.probes for request in probe.requests),
        ]  # fmt: skip
        counts: dict[str, int] = {}
        for fact in stated:
            if fact.confidence is not None:
                counts[fact.confidence] = counts.get(fact.confidence, 0) + 1
        return counts

    @property
    def metrics(self) -> tuple[str, ...]:
        """Metric names of the read-only probes, each once, in order."""
        return tuple(dict.fromkeys(name for probe in self.read_only_probes for name in probe.metrics))


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of metrics.toml: meaning, unit, the capabilities it belongs to, and the SQL that fills it.

    Attributes:
        feeds: tables that its SQL reads and that extracts fill; without SQL the extracts fill it directly.
        identity: columns of identity extracts that its SQL reads.
    """

    name: str
    meaning: str
    unit: str | None
    capabilities: tuple[str, ...]
    sql: str
    source: str = ""
    feeds: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
