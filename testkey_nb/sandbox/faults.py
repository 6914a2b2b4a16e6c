"""Spoils answers on request, so that a prober's bad days can be had at will."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from testkey_nb.sandbox.model import Response

# Faults of delivery; the other names are answers of data/sandbox/faults.toml.
DELIVERY = ("timeout", "truncated", "slow", "drop", "huge", "bad-json", "wrong-types")
HUGE_BYTES = 24 * 1024 * 1024


class Faults:
    """Which services are at fault: `{"groq": "500"}`, or `"500*2"` for its first two requests only."""

    def __init__(self, wanted: Mapping[str, str], *, directory: Path, services: Mapping[str, Any]) -> None:
        self._answers = tomllib.loads((directory / "faults.toml").read_text("utf-8"))
        self._left: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._lock = Lock()
        for service, text in wanted.items():
            name, _, times = text.partition("*")
            if service not in services:
                raise ValueError(f"not in the sandbox: {service}; there are {', '.join(services)}")
            if name not in self.names:
                raise ValueError(f"no such fault: {name}; there are {', '.join(self.names)}")
            self._names[service], self._left[service] = name, int(times) if times else -1

    @property
    def names(self) -> list[str]:
        """Every fault that can be asked for."""
        return sorted([*self._answers, *DELIVERY])

    def spoil(self, service: str, answer: Callable[[], Response]) -> Response:
        """Gives the answer, spoilt while this service's fault lasts."""
        with self._lock:
            name = self._names.get(service) if self._left.get(service, 0) else None
            if name is not None:
                self._left[service] -= 1
        response = answer()
        if name is None:
            return response
        if name in self._answers:
            given = self._answers[name]
            text = str(given["text"]).encode()
            return Response(given["status"], given.get("headers", {}), text, response.delay_s)
        body = _spoilt(name, response.body)
        return Response(response.status, response.headers, body, response.delay_s, name)


def _spoilt(name: str, body: bytes) -> bytes:
    if name == "bad-json":
        return body[: max(1, len(body) * 2 // 3)] + b"\n<!-- "
    if name == "huge":
        return body[:-1] + b" " * HUGE_BYTES + body[-1:]
    if name == "wrong-types":
        try:
            return json.dumps(_twisted(json.loads(body))).encode()
        except ValueError:
            return body
    return body


def _twisted(value: Any) -> Any:
    """Turns every leaf into another type: what a careless server or a changed API sends."""
    if isinstance(value, dict):
        return {name: _twisted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [[_twisted(item)] if index % 2 else _twisted(item) for index, item in enumerate(value)]
    if isinstance(value, bool) or value is None:
        return {"value": value}
    return [value] if isinstance(value, str) else f"about {value}"
