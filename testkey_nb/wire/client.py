"""Sends declared read-only requests, with the key set at the last moment."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from types import TracebackType
from urllib.parse import unquote

import httpx
import stamina

from testkey_nb.catalogue import Catalogue
from testkey_nb.clock import utc_now
from testkey_nb.errors import BudgetSpent, HostRefused, KeyToolError
from testkey_nb.keys import Key
from testkey_nb.keys._reveal import reveal
from testkey_nb.wire import headers as names
from testkey_nb.wire.answer import Answer, Failure
from testkey_nb.wire.budget import Budget
from testkey_nb.wire.decode import Received, parse, read
from testkey_nb.wire.failures import Trouble, trouble_of
from testkey_nb.wire.guard import Cleared, check
from testkey_nb.wire.log_filter import hush, ours
from testkey_nb.wire.origins import Address, is_private, origin_of
from testkey_nb.wire.pace import Pace
from testkey_nb.wire.peer import CanonicalNames, Resolve, canonical_name, peer_of
from testkey_nb.wire.permit import Outgoing
from testkey_nb.wire.pools import Shards
from testkey_nb.wire.retries import Again, Retries, backoff

BODY_CAP = 4 * 1024 * 1024


class Wire:
    """The only thing that sends; use it with `async with`, in one event loop at a time.

    Args:
        catalogue: says which headers of an answer are kept and what keys look like; the installed one by default.
        budget: bounds requests and seconds of the run; a shared one may be given.
        pace: bounds how fast an origin is asked; a shared one may be given.
        timeout_s: seconds for one attempt as a whole, body included.
        body_cap: bytes, after decompression; a longer body is cut (`Answer.truncated`).
        proxy: used for public hosts only; proxies of the environment never are.
        verify: TLS context with a company's own authorities; None for those that SSL_CERT_FILE or SSL_CERT_DIR name,
            else the usual ones.
        transport: stands for the connections, in tests.
        concurrency: requests under way at once.
        retries: further tries of passing failures, unless the caller's advice on an answer speaks against one.
        retry_after_cap_s: a longer wait than this is not waited for.
        look_up_names: `Answer.peer` tells the canonical DNS name of hosts too; it is looked up beside the request,
            never through a proxy.
        resolve: looks a canonical name up.
        clock: seconds that measure `Answer.latency_ms`.
        now: gives the moment of sending as naive UTC.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue | None = None,
        budget: Budget | None = None,
        pace: Pace | None = None,
        timeout_s: float = 10.0,
        body_cap: int = BODY_CAP,
        proxy: str | None = None,
        verify: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        concurrency: int = 32,
        retries: int = 2,
        retry_after_cap_s: float = 5.0,
        look_up_names: bool = False,
        resolve: Resolve = canonical_name,
        clock: Callable[[], float] = time.perf_counter,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._catalogue = catalogue
        self._budget, self._pace = budget or Budget(), pace or Pace()
        self._timeout_s, self._body_cap, self._attempts = timeout_s, body_cap, retries + 1
        self._clock, self._now, self._concurrency = clock, now, concurrency
        self._retries = Retries(cap_s=retry_after_cap_s)
        self._shards = Shards(concurrency=concurrency, proxy=proxy, verify=verify, transport=transport)
        # behind a proxy the proxy resolves names, and a look-up of our own would go around it
        self._names = CanonicalNames(resolve=resolve) if look_up_names and proxy is None else None
        self._proxied = proxy is not None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._slots: asyncio.Semaphore
        hush()

    def __repr__(self) -> str:
        return f"Wire({self._budget!r})"

    async def __aenter__(self) -> Wire:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._shards.close()

    async def send(self, outgoing: Outgoing) -> list[Answer]:
        """Every attempt's answer, the final one last; at least one.

        One of the Refused errors, and nothing sent, when the request may not leave. Trouble on the network is
        in `Answer.failure`, never raised.
        """
        cleared = check(outgoing)
        self._settle()
        answers: list[Answer] = []
        who = outgoing.permit.key.fingerprint if outgoing.permit.key is not None else ""
        mark = ours.set(True)
        try:
            async for attempt in stamina.retry_context(
                on=backoff,
                attempts=self._attempts,
                timeout=None,
                wait_initial=0.2,
                wait_max=2.0,
                wait_jitter=0.3,
            ):
                with attempt:
                    answers.append(await self._attempt(cleared, number=attempt.num, who=who))
                    again = self._retries.consider(answers[-1], who=who, advise=outgoing.advise)
                    if again is None:
                        return answers
                    if again.wait:
                        self._budget.check_wait(again.wait)
                        self._pace.hold(cleared.asked, who=who, seconds=again.wait)
                    raise again
        except Again:
            pass
        except BudgetSpent:
            if not answers:
                raise
        finally:
            ours.reset(mark)
        return answers

    def _settle(self) -> None:
        """Connections and locks belong to one event loop; in another one they are made anew."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._shards.forget()
            self._loop, self._slots = loop, asyncio.Semaphore(self._concurrency)

    async def _attempt(self, cleared: Cleared, *, number: int, who: str) -> Answer:
        private = is_private(cleared.target.host)
        wait = self._pace.wait_for(cleared.asked, who=who, private=private)
        self._budget.check_wait(wait)
        await self._pace.rest(wait)
        async with self._slots:
            self._budget.spend()
            began, sent_at = self._clock(), self._now()
            received = Received()
            if self._names is not None:
                self._names.begin(cleared.target.host)
            failure, trouble, problem = await self._exchange(cleared, received, private=private)
            latency_ms = (self._clock() - began) * 1000
        if self._names is not None and received.status is not None:
            received.peer = await self._names.add_to(received.peer, cleared.target.host)
        key = cleared.outgoing.permit.key
        if received.too_large:
            failure = "too_large"
        return Answer(
            method=cleared.outgoing.declared.method,
            host=cleared.asked.netloc,
            path=cleared.asked.target,
            status=received.status,
            headers=names.kept(received.headers, key=key, catalogue=self._catalogue),
            body=parse(received, key=key),
            truncated=received.status is not None and not received.complete,
            failure=failure,
            problem=problem or received.problem or _redirect(received, key),
            authenticated=cleared.outgoing.authenticated,
            latency_ms=latency_ms,
            sent_at=sent_at,
            attempt=number,
            sent_to=cleared.target.netloc if cleared.routed else None,
            trouble=trouble,
            peer=received.peer,
        )

    async def _exchange(
        self, cleared: Cleared, received: Received, *, private: bool
    ) -> tuple[Failure | None, Trouble | None, str | None]:
        """Fill `received`; what went wrong, in our own words: those of the libraries can hold a header."""
        limit = min(self._timeout_s, self._budget.seconds_left)
        host = cleared.target.netloc
        try:
            async with asyncio.timeout(limit), self._shards.borrow(private=private) as transport:
                response = await transport.handle_async_request(_request(cleared))
                try:
                    received.status = response.status_code
                    received.headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in response.headers.raw]
                    received.peer = peer_of(response, key=cleared.outgoing.permit.key)
                    if isinstance(response.stream, httpx.AsyncByteStream):
                        await read(response.stream, into=received, cap=self._body_cap)
                finally:
                    await response.aclose()
        except TimeoutError:
            return "timeout", "timeout", f"no complete answer from {host} within {limit:g} s"
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            if received.status is not None:
                received.problem = received.problem or "the connection broke in the middle of the body"
                return None, None, None
            trouble, text = trouble_of(error, proxied=self._proxied and not private)
            return "unreachable", trouble, f"{text} ({host})"
        return None, None, None


def _request(cleared: Cleared) -> httpx.Request:
    """The request as it leaves; the key is in no variable of this function."""
    outgoing = cleared.outgoing
    request = httpx.Request(
        outgoing.declared.method,
        _library_url(cleared.target),
        headers={**names.BASE, **cleared.headers},
        json=outgoing.body,
    )
    key, auth = outgoing.permit.key, outgoing.permit.auth
    if outgoing.authenticated and key is not None and auth is not None:
        request.headers[auth.header] = f"{auth.scheme} {reveal(key)}" if auth.scheme else reveal(key)
    return request


@lru_cache(4096)
def _library_url(target: Address) -> httpx.URL:
    """The library's reading of an address that passed the gate; HostRefused when it reads another one."""
    url = httpx.URL(str(target))
    origin = (url.scheme, url.raw_host.decode(), url.port or target.port)
    same = origin == (target.scheme, target.host.strip("[]"), target.port)
    if not same or unquote(url.raw_path.decode()) != unquote(target.target):
        raise HostRefused(f"not sent: the HTTP library reads another address than {target.netloc}")
    return url


def _redirect(received: Received, key: Key | None) -> str | None:
    if received.status not in (301, 302, 303, 307, 308):
        return None
    location = received.header("location")
    if not location or (location.startswith("/") and not location.startswith("//")):
        return "redirects within the host; not followed"
    if location.startswith("//"):
        location = f"https:{location}"
    try:
        origin = origin_of(location)
    except KeyToolError:
        return "redirects to an address that cannot be read; not followed"
    host = location.partition("://")[2].partition("/")[0]
    if key is not None and key.redact(host) != host:
        return "redirects to an address that holds the key; not followed"
    return f"redirects to {origin}; not followed"
