"""Answers one request as its service would: who asks, which route, what it says, what it counts."""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from testkey_nb.sandbox.meter import Meter
from testkey_nb.sandbox.model import Reply, Request, Response, Route, SandboxKey, Service
from testkey_nb.sandbox.paging import cut, dig, put
from testkey_nb.sandbox.template import Context, expand, has_places


@dataclass(frozen=True, slots=True)
class Received:
    """A request that arrived; `key` is the label of the key it carried ("?" = nobody's), never its text."""

    provider: str
    method: str
    path: str
    key: str | None
    key_provider: str | None
    status: int
    at: float


class Engine:
    """All services behind one address; `clock` is wall time in seconds."""

    def __init__(self, services: Mapping[str, Service], *, clock: Callable[[], float]) -> None:
        self.origin = ""  # set once the port is known; links of pages start with it
        self.received: deque[Received] = deque(maxlen=100_000)
        self._services, self._clock = services, clock
        self._known = {key.text: key for service in services.values() for key in service.keys}
        self._meters = {name: Meter(service.limits, clock=clock) for name, service in services.items()}
        self._dice = random.Random(0)  # noqa: S311 - request ids of a sandbox, the same in every run
        self._static: dict[int, bytes] = {}

    def respond(self, request: Request) -> Response:
        """Gives the answer; a path under no service is told so in plain words."""
        provider, _, rest = request.path.lstrip("/").partition("/")
        service = self._services.get(provider)
        if service is None:
            return _response(404, {}, {"sandbox": "no such service"})
        host, path = ("", f"/{rest}")
        if service.hosts:
            host, _, rest = rest.partition("/")
            path = f"/{rest}"
        if service.hosts and host not in service.hosts:
            return _response(404, {}, {"sandbox": "no such host"})
        call = _Call(self, service, host, replace(request, path=path))
        response = call.answer()
        owner = self._owner(request)
        public_path = next((path.replace(text, "[key]") for text in self._known if text in path), path)
        self.received.append(
            Received(
                service.id,
                request.method,
                public_path,
                owner.label if owner else call.shown_key,
                owner.provider if owner else None,
                response.status,
                self._clock(),
            )
        )
        return response

    def _owner(self, request: Request) -> SandboxKey | None:
        """Tells whose key the request carries, in whatever header or query value it stands."""
        texts = [text.rpartition(" ")[2] for text in request.headers.values()]
        texts += request.query.values()
        return next((self._known[text] for text in texts if text in self._known), None)


class _Call:
    """One request while it is being answered."""

    def __init__(self, engine: Engine, service: Service, host: str, request: Request) -> None:
        self.engine, self.service, self.host, self.request = engine, service, host, request
        self.text = self._key_text()
        # a wrong key is nobody's, unless the service has a special word for it
        keys = (key for key in service.keys if key.state != "wrong" or key.always)
        self.key = next((key for key in keys if key.text == self.text), None)
        self.names: dict[str, Mapping[str, Any]] = {
            "query": request.query,
            "body": request.body if isinstance(request.body, Mapping) else {},
            "key": self.key.facts if self.key else {},
        }

    @property
    def shown_key(self) -> str | None:
        return None if self.text is None else "?"

    def answer(self) -> Response:
        route, wrong_method = self._route()
        if route is None:
            has_word = wrong_method and "wrong-method" in self.service.answers
            return self._say("wrong-method" if has_word else "not-found")
        if not route.public:
            refusal = self._refusal(route)
            if refusal is not None:
                return self._say(refusal)
        for header, name in self.service.require_header.items():
            if header not in self.request.headers:
                return self._say(name)
        if any(name not in self.request.query for name in route.need_query):
            return self._say("bad-query")
        reply = route.reply
        if route.pick is not None:
            row = self._picked(route)
            if row is None:
                return self._say(route.pick.absent)
            self.names["row"] = row
            if route.pick.give:
                reply = Reply(reply.status, reply.headers, row)
        counted: dict[str, str] = {}
        if route.limits and self.key is not None:
            counted, over = self.engine._meters[self.service.id].spend(route.limits, key=self.key)
            if over is not None:
                return self._say(over, extra=counted)
        return self._deliver(self._listed(reply, route), route=route, extra=counted)

    def _key_text(self) -> str | None:
        for place in self.service.auth:
            given = self.request.headers.get(place.name)
            if not given:
                continue
            if place.scheme is None:
                return given
            scheme, _, text = given.partition(" ")
            if scheme.lower() == place.scheme.lower() and text:
                return text.strip()
        return None

    def _route(self) -> tuple[Route | None, bool]:
        """Gives the first route that fits; the first of the path alone, refused, when it is other keys' only."""
        wrong_method, fallback = False, None
        for route in self.service.routes:
            match = route.pattern.fullmatch(self.request.path) if route.host == self.host else None
            if match is None:
                continue
            if route.method != self.request.method:
                wrong_method = True
                continue
            if any(self.request.query.get(name) != value for name, value in route.query.items()):
                continue
            if fallback is not None and "...}" in route.path:
                break  # a page for all other paths is none for a path that is other keys' own
            self.names["path"] = match.groupdict()
            if not route.keys or (self.key is not None and self.key.name in route.keys):
                return route, False
            fallback = fallback or route
        return fallback, wrong_method

    def _refusal(self, route: Route) -> str | None:
        if self.text is None:
            return "missing-key"
        if route.any_key:
            return None
        if self.key is None:
            shape = self.service.key_shape
            return "wrong-shape" if shape and not shape.match(self.text) else "wrong-key"
        if self.key.always:
            return self.key.always
        asked = f"{self.request.method} {self.request.path}"
        for pattern, name in self.key.answers.items():
            if fnmatchcase(asked, pattern):
                return name
        unfit = route.keys and self.key.name not in route.keys
        return route.refused if unfit or (route.needs and route.needs not in self.key.may) else None

    def _picked(self, route: Route) -> Mapping[str, Any] | None:
        assert route.pick is not None  # noqa: S101 - for the type checker; the caller looked
        group, _, name = route.pick.named_by.partition(".")
        wanted = self.names.get(group, {}).get(name)
        if self.key is not None and self.key.models is not None and wanted not in self.key.models:
            return None
        rows: list[dict[str, Any]] = dig(route.pick.file, route.pick.rows)
        return next((row for row in rows if row.get(route.pick.field) == wanted), None)

    def _listed(self, reply: Reply, route: Route) -> Reply:
        """Gives the reply with its list narrowed to the key's models and cut to the page asked for."""
        content = reply.content
        if route.keep is not None and self.key is not None and self.key.models is not None:
            rows, name = route.keep
            allowed = set(self.key.models)
            content = put(content, rows, [row for row in dig(content, rows) if row.get(name) in allowed])
        if route.pages is not None:
            url = f"{self.engine.origin}/{self.service.id}" + (f"/{self.host}" if self.host else "")
            content = cut(content, route.pages, request=self.request, url=url + self.request.path)
            if content is None:
                return self.service.answer("bad-query", host=self.host)
        return reply if content is reply.content else Reply(reply.status, reply.headers, content, reply.text)

    def _say(self, name: str, *, extra: Mapping[str, str] | None = None) -> Response:
        return self._deliver(self.service.answer(name, host=self.host), extra=extra)

    def _deliver(self, reply: Reply, *, route: Route | None = None, extra: Mapping[str, str] | None = None) -> Response:
        context = Context(self.engine._clock(), self.engine._dice, self.text or "", self.names)
        kind = "application/json" if reply.text is None else "text/plain; charset=utf-8"
        headers = {"content-type": kind, **self.service.headers, **(extra or {}), **reply.headers}
        filled = {name: expand(text, context) for name, text in headers.items()}
        headers = {name: str(text) for name, text in filled.items() if text not in (None, "")}
        delay = (route.latency_ms if route else 0) / 1000
        if reply.text is not None:
            return Response(reply.status, headers, str(expand(reply.text, context)).encode(), delay)
        if route is not None and reply is route.reply and not has_places(reply.content):
            body = self.engine._static.get(id(reply))
            if body is None:
                body = self.engine._static[id(reply)] = _json(reply.content)
        else:
            body = _json(expand(reply.content, context))
        return Response(reply.status, headers, body, delay)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _response(status: int, headers: Mapping[str, str], content: Any) -> Response:
    return Response(status, {"content-type": "application/json", **headers}, _json(content))
