"""Runs many keys at once; trouble with one key stays with that key."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from testkey_nb.clock import utc_now
from testkey_nb.errors import KeyToolError
from testkey_nb.identity import identify_base
from testkey_nb.preflight import region_at
from testkey_nb.preflight.plan import Options, probes_of
from testkey_nb.probes.key_run import KeyRun
from testkey_nb.probes.rows import Rows
from testkey_nb.probes.verdicts import conclude, undecided

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.identity import Identified
    from testkey_nb.preflight import BaseURL
    from testkey_nb.preflight.targets import Target
    from testkey_nb.wire import Wire

# how many keys are asked at the same time; the wire has its own bound on connections
KEYS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Result:
    """What one key's run gave.

    Attributes:
        target: with the provider that its host turned out to be.
        rows: by base table.
        first_answer_at: naive UTC; None when nothing was answered.
        problem: one sentence when the run of this key broke off; None otherwise.
    """

    target: Target
    rows: Rows
    first_answer_at: datetime | None
    problem: str | None = None


async def probe_targets(
    targets: Sequence[Target],
    *,
    wire: Wire,
    catalogue: Catalogue,
    options: Options,
    routes: Mapping[str, str],
    prefix: str,
    now: Callable[[], datetime] = utc_now,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> list[Result]:
    """Ask for every key; results stand in the order of the targets.

    `prefix` begins exchange ids; `now` is the clock. `on_progress(done, total, text)` is called after each request.
    """
    total = sum(
        len(probe.requests)
        for target in targets
        if target.decision.send and target.provider
        for probe in probes_of(target.provider, options)
    )
    done = 0

    def tick(text: str) -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(min(done, total), total, text)

    gate = asyncio.Semaphore(KEYS_AT_ONCE)
    hosts = Hosts(wire, catalogue, routes)

    async def ask(number: int, target: Target) -> Result:
        async with gate:
            rows = Rows(target.key_id, f"{prefix}-{number:02d}", redact=catalogue.redact)
            return await _probe(target, rows, hosts=hosts, options=options, tick=tick, now=now())

    return list(await asyncio.gather(*(ask(number, target) for number, target in enumerate(targets, 1))))


@dataclass(slots=True)
class Hosts:
    """Who answers at the pinned base URLs of a run: each is asked once, however many keys it has."""

    wire: Wire
    catalogue: Catalogue
    routes: Mapping[str, str]
    _asked: dict[str, asyncio.Task[Identified]] = field(default_factory=dict)

    async def who(self, base: BaseURL, rows: Rows) -> Identified:
        """The host's answers; the exchanges stand with the first key that wanted to know."""
        is_first = str(base) not in self._asked
        if is_first:
            asking = identify_base(base, wire=self.wire, catalogue=self.catalogue, routes=self.routes)
            self._asked[str(base)] = asyncio.ensure_future(asking)
        host = await self._asked[str(base)]
        for answer, outcome in host.answers if is_first else ():
            # the dummy travelled at most, never this key
            keyless = replace(answer, authenticated=False)
            rows.exchange(keyless, probe="identification", request="who-answers", outcome=outcome)
        return host


async def _probe(
    target: Target, rows: Rows, *, hosts: Hosts, options: Options, tick: Callable[[str], None], now: datetime
) -> Result:
    problem = None
    catalogue = hosts.catalogue
    if not target.decision.send:
        rows.provider = target.provider.id if target.provider else None
        undecided(rows, target, catalogue=catalogue)
        return _result(target, rows, None)
    host: Identified | None = None
    try:
        if target.decision.base is not None and not _is_official(target):
            host = await hosts.who(target.decision.base, rows)
            # a mere lead must not replace what the analyst declared: its paths would be asked with the key
            sure = host.verdict.verdict in ("confirmed", "likely")
            leading = host.verdict.provider
            if sure and leading is not None and leading in catalogue.providers:
                target = target.with_provider(catalogue.providers[leading], catalogue=catalogue)
        run = KeyRun(
            target,
            catalogue,
            hosts.wire,
            options,
            hosts.routes,
            rows,
            lambda text: tick(f"{target.label}: {text}"),
            now,
        )
        # a host that answered none of the questions without the key is not shown the key
        if host is None or not host.answers or any(answer.status is not None for answer, _ in host.answers):
            await run.run()
        conclude(run, earlier=host.verdict.evidence if host else (), answered=len(host.answers) if host else 0)
    except KeyToolError as trouble:  # one key's trouble is a row of its own, the others go on
        problem = str(trouble)
    except Exception as fault:  # noqa: BLE001 - a fault of ours must not lose the other keys' answers
        # the text of a foreign exception can hold anything, so only its kind and place are told
        place = traceback.extract_tb(fault.__traceback__)[-1]
        problem = f"a fault of testkey_nb broke off this key's run: {type(fault).__name__} in {place.name}"
    if problem is not None:
        rows.note("verdicts", verdict="insufficient", reason=problem)
    return _result(target, rows, problem)


def _is_official(target: Target) -> bool:
    provider, base = target.provider, target.decision.base
    return provider is not None and base is not None and region_at(provider, base) is not None


def _result(target: Target, rows: Rows, problem: str | None) -> Result:
    rows.tables["keys"].append(target.row())
    times = [row["sent_at"] for row in rows.tables["exchanges"] if row["status"] is not None and row["sent_at"]]
    return Result(target, rows, min(times, default=None), problem)
