"""Runs one key: asks what its provider's file declares, in order, and turns every answer into rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from testkey_nb.answers import as_list, reader
from testkey_nb.clock import utc_now
from testkey_nb.errors import Refused
from testkey_nb.preflight.plan import Options, active_models, declared, permit, probes_of, times, wanted
from testkey_nb.probes.paging import has_more, next_page, paged
from testkey_nb.probes.rows import Rows
from testkey_nb.wire import Answer, Outgoing, fill, fill_body

if TYPE_CHECKING:
    from testkey_nb.answers import Diagnosis, Document, Reading
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import ForEach, Probe, Request
    from testkey_nb.preflight.targets import Target
    from testkey_nb.wire import Permit, Wire


# how much silence of one address is enough: a host that cannot be reached is not asked further questions, one that
# leaves a question without an answer gets one more
_SILENCE = {"unreachable": 2, "timeout": 1}
_ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """One exchange as the later steps need it."""

    exchange_id: str
    probe: Probe
    request: Request
    document: Document
    diagnosis: Diagnosis
    outcome: str
    authenticated: bool
    routed: bool = False
    public: bool = False
    values: Mapping[str, str] = field(default_factory=dict)  # what its path's placeholders were filled with
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class KeyRun:
    """The state of one key's run.

    Attributes:
        asked: every final answer, in order.
        facts: identity columns read so far; conditions of later requests see them.
        refused: host addresses that said the key is invalid; the key is not shown there again.
        silent: how often in a row a host address gave no answer.
    """

    target: Target
    catalogue: Catalogue
    wire: Wire
    options: Options
    routes: Mapping[str, str]
    rows: Rows
    tick: Callable[[str], None]
    now: datetime = field(default_factory=utc_now)
    asked: list[Asked] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    listed: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    silent: Counter[str] = field(default_factory=Counter)
    _permit: Permit | None = None

    async def run(self) -> None:
        """Ask everything; trouble with one request never stops the others."""
        provider = self.target.provider
        if provider is None:
            return
        self.rows.provider = provider.id
        self._permit = permit(self.target, self.options, routes=self.routes)
        for probe in probes_of(provider, self.options):
            for request in probe.requests:
                if self.target.decision.hosts.get(request.host) is None:
                    continue
                if wanted(request, self.target, self.facts):
                    await self._ask(probe, request)
                self.tick(request.id)

    async def _ask(self, probe: Probe, request: Request) -> None:
        address = self.target.decision.hosts[request.host]
        if self._is_done_with(address, request):
            return
        public = None
        if request.control:
            public = await self._once(probe, request, {}, authenticated=False, control=True)
            if public.outcome == "ok" and request.proves == "nothing":
                return  # the open answer holds all there is, so the key need not travel
        for values, item in self._rounds(probe, request):
            if self._is_done_with(address, request):
                return
            await self._pages(probe, request, values, item, public)

    def _is_done_with(self, address: str, request: Request) -> bool:
        return self.silent[address] >= _ENOUGH or (request.auth and address in self.refused)

    def _rounds(self, probe: Probe, request: Request) -> list[tuple[dict[str, str], Any]]:
        """Values for the path's placeholders, once for each time the request is to be sent."""
        rounds = self._chained(request.for_each) if request.for_each is not None else [({}, None)]
        if probe.active is None:
            return rounds
        covered = self.target.provider.covered_models if self.target.provider else ()
        chosen = active_models(self.options, covered, self.listed)
        # some providers list `models/x` and take `x` as one part of a path
        return [
            ({**values, "model": model, "model_name": model.rpartition("/")[2]}, model if item is None else item)
            for values, item in rounds
            for model in chosen
        ]

    def _chained(self, each: ForEach) -> list[tuple[dict[str, str], Any]]:
        """The items that earlier answers gave; each keeps what the path of its own answer was filled with."""
        items: dict[tuple[str, ...], tuple[dict[str, str], Any]] = {}
        for asked in self.asked:
            if asked.request.id == each.request and asked.outcome == "ok":
                for item in as_list(each.items(asked.document["body"])):
                    name = item if isinstance(item, str) else item.get("id") if isinstance(item, dict) else None
                    if name:
                        values = {**asked.values, each.var: str(name)}
                        items.setdefault(tuple(values.values()), (values, item))
        return list(items.values())[: each.limit]

    async def _pages(
        self, probe: Probe, request: Request, values: dict[str, str], item: Any, control: Asked | None
    ) -> None:
        """Ask for one page after another; a list that is not read to its end is marked with the reason."""
        extra: dict[str, str] = {}
        walk: list[Asked] = []
        cut: str | None = "page-limit"
        for number in range(request.pages.limit if request.pages else 1):
            walk.append(
                asked := await self._once(probe, request, values, item=item, extra=extra, control_answer=control)
            )
            if asked.outcome != "ok":
                cut = "page-failed"
                break
            following = next_page(request.pages, asked.document, number, rows=_row_count(request, asked.document))
            if following is None:
                if not has_more(request.pages, asked.document["body"], catalogue=self.catalogue):
                    cut = None
                elif request.pages is not None:
                    cut = "no-cursor"
                break
            if following == extra or (number and _repeats(request, walk[-2].document, asked.document)):
                cut = "same-page"
                break
            extra = following
        if cut is not None:
            self.rows.cut({asked.exchange_id for asked in walk}, cut)

    async def _once(
        self,
        probe: Probe,
        request: Request,
        values: dict[str, str],
        *,
        item: Any = None,
        extra: Mapping[str, str] | None = None,
        authenticated: bool | None = None,
        control: bool = False,
        control_answer: Asked | None = None,
    ) -> Asked:
        """One question with its retries; every attempt becomes an exchange, the last one is read."""
        with_key = request.auth if authenticated is None else authenticated
        read = reader(
            catalogue=self.catalogue, provider=self.target.provider, request=request, key=self.target.key, item=item,
            now=self.now, model=values.get("model"),
        )  # fmt: skip
        answers = await self._send(probe, request, values, extra or {}, with_key, read)
        for answer in answers[:-1]:
            self._note(probe, request, answer, read(answer), control=control)
        asked = self._note(
            probe, request, answers[-1], read(answers[-1]),
            control=control, control_answer=control_answer, values=values,
        )  # fmt: skip
        self.asked.append(asked)
        address = self.target.decision.hosts[request.host]
        self.silent[address] = self.silent[address] + _SILENCE[asked.outcome] if asked.outcome in _SILENCE else 0
        return asked

    async def _send(
        self,
        probe: Probe,
        request: Request,
        values: Mapping[str, str],
        extra: Mapping[str, str],
        with_key: bool,
        read: Callable[[Answer], Reading],
    ) -> list[Answer]:
        assert self._permit is not None  # noqa: S101 - set by run()
        address = self.target.decision.hosts[request.host]
        path = request.path
        try:
            path = paged(fill(path, {**times(path, self.now), **values}), extra)
            outgoing = Outgoing(
                url=address + path,
                permit=self._permit,
                declared=declared(request, active=probe.active is not None),
                headers=request.headers,
                body=fill_body(request.body, values) if request.body is not None else None,
                authenticated=with_key,
                advise=read,
            )
            return await self.wire.send(outgoing)
        except Refused as refusal:
            host = address.partition("://")[2].partition("/")[0]
            return [Answer(method=request.method, host=host, path=path, failure="not_sent", problem=refusal.reason)]

    def _note(
        self,
        probe: Probe,
        request: Request,
        answer: Answer,
        reading: Reading,
        *,
        control: bool = False,
        control_answer: Asked | None = None,
        values: Mapping[str, str] | None = None,
    ) -> Asked:
        result = reading.outcome
        exchange_id = self.rows.exchange(answer, probe=probe.id, request=request.id, outcome=result)
        same = control_answer is not None and _same(request, control_answer, reading.document)
        asked = Asked(
            exchange_id, probe, request, reading.document, reading.diagnosis, result, answer.authenticated,
            routed=answer.sent_to is not None, public=control or same, values=dict(values or {}),
        )  # fmt: skip
        if result == "ok" and not (control and request.proves != "nothing"):
            self._read(asked, reading)
        elif result != "ok":
            self._failed(asked, reading, control=control)
        return asked

    def _read(self, asked: Asked, reading: Reading) -> None:
        tables = reading.tables
        for row in tables.get("identity", ()):
            asked.facts.update({name: value for name, value in row.items() if value is not None})
        self.facts.update(asked.facts)
        if not asked.public:
            self.listed.extend(row["model_id"] for row in tables.get("models", ()) if row.get("model_id"))
        self.rows.extracted(
            tables,
            exchange_id=asked.exchange_id,
            probe=asked.probe.id,
            at=self.now,
            proves="nothing" if asked.public else asked.request.proves,
            public=asked.public,
        )

    def _failed(self, asked: Asked, reading: Reading, *, control: bool) -> None:
        if control and asked.outcome in ("refused", "not_sent"):
            return  # a control is meant to be refused; that is no trouble to diagnose
        self.rows.diagnosed(asked.diagnosis, exchange_id=asked.exchange_id)
        if asked.authenticated and asked.request.key_check and asked.diagnosis.key_valid is False:
            self.refused.add(self.target.decision.hosts[asked.request.host])
        if asked.authenticated:
            # what its provider says of every answer is told by a refusal, too: an organisation, a kind of key
            tables = {table: reading.tables.get(table, ()) for table in ("limits", "identity")}
            self.rows.extracted(tables, exchange_id=asked.exchange_id, probe=asked.probe.id, at=self.now, proves=None)


def _ids(request: Request, doc: Document) -> Any:
    """What two answers are compared by: the ids of a list, else the whole body."""
    for part in request.extracts:
        if part.table == "models" and (spec := part.fields.get("model_id")) is not None:
            rows = part.rows(doc["body"])
            return sorted(str(spec.get(row)) for row in rows) if isinstance(rows, list) else rows
    return doc["body"]


def _same(request: Request, control: Asked, doc: Document) -> bool:
    return control.outcome == "ok" and bool(_ids(request, control.document) == _ids(request, doc))


def _repeats(request: Request, before: Document, after: Document) -> bool:
    return bool(_ids(request, after)) and bool(_ids(request, before) == _ids(request, after))


def _row_count(request: Request, doc: Document) -> int:
    counts = [len(rows) for part in request.extracts if isinstance(rows := part.rows(doc["body"]), list)]
    return max(counts, default=0)
