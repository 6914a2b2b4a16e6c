"""Reads a HAR file (a recorded browser or proxy session) and keeps only what tells of a known key's limits."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from testkey_nb.clock import utc_now
from testkey_nb.errors import BadAnswer
from testkey_nb.wire import json_or_text

if TYPE_CHECKING:
    from testkey_nb.preflight.targets import Target


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded answer; of what was asked only the model is kept, the rest is dropped on reading."""

    target: Target
    method: str
    host: str
    path: str
    status: int | None
    headers: dict[str, str] = field(repr=False)
    body: Any = field(repr=False)
    at: datetime
    model: str | None = None


def read_har(path: Path, targets: Sequence[Target]) -> Iterator[Recorded]:
    """The entries that belong to one of these keys: the key itself travelled, or the host has one key only.

    Raises:
        BadAnswer: no HAR file.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))["log"]["entries"]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as problem:
        raise BadAnswer(f"{path.name} is no HAR file ({type(problem).__name__})") from None
    for entry in entries if isinstance(entries, list) else []:
        try:
            recorded = _entry(entry, targets)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # one broken entry does not lose the others
        if recorded is not None:
            yield recorded


def _entry(entry: dict[str, Any], targets: Sequence[Target]) -> Recorded | None:
    request, response = entry["request"], entry["response"]
    parts = urlsplit(request["url"])
    sent = [str(header["value"]) for header in request.get("headers", ())]
    target = _owner(parts.netloc.rpartition("@")[2], sent, targets)
    if target is None:
        return None
    return Recorded(
        target=target,
        method=str(request.get("method", "GET")),
        host=parts.hostname or "",
        path=parts.path or "/",
        status=response.get("status") or None,
        headers={str(header["name"]).lower(): str(header["value"]) for header in response.get("headers", ())},
        body=_body(response.get("content") or {}),
        at=_instant(entry.get("startedDateTime")),
        model=_model(request.get("postData")),
    )


def _model(posted: Any) -> str | None:
    """The model that the request asks for, if its body names one."""
    body = json_or_text(posted["text"]) if isinstance(posted, dict) and isinstance(posted.get("text"), str) else None
    model = body.get("model") if isinstance(body, dict) else None
    return model if isinstance(model, str) and 0 < len(model) < 200 else None


def _owner(host: str, sent: Sequence[str], targets: Sequence[Target]) -> Target | None:
    for target in targets:
        if any("[key]" in target.key.redact(value) for value in sent):
            return target
    here = [owner for owner in targets if any(host == urlsplit(url).netloc for url in owner.decision.hosts.values())]
    return here[0] if len(here) == 1 else None


def _body(content: dict[str, Any]) -> Any:
    text = content.get("text")
    if not isinstance(text, str):
        return None
    if content.get("encoding") == "base64":
        try:
            text = base64.b64decode(text).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return None
    return json_or_text(text)


def _instant(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        at = utc_now()
    return (at.astimezone(UTC) if at.tzinfo else at).replace(tzinfo=None)
