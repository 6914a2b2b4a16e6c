"""Finds the error in a body, whatever the envelope it travels in."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from testkey_nb.answers.error_names import CODES, FINE, HOLDERS, MESSAGES, TYPES, first_of, word_of

DEPTH = 6


@dataclass(frozen=True, slots=True)
class Found:
    """What an error body says; `told` is whether it is one at all.

    Attributes:
        nested: the error of a service behind this one, as text.
        opened: the error body inside a text or a message, where that is all the answer says.
    """

    error: str | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None
    reason: str | None = None
    nested: str | None = None
    status: int | None = None
    told: bool = False
    opened: Any = None


def found_in(body: Any, text: str, status: int | None) -> Found:
    """The error in this body. A body that only might be one counts as told when the status is none of success."""
    loose = status is None or status >= 400
    try:
        if isinstance(body, str):
            return _in_text(text, loose=loose, status=status)
        return _in_value(body, loose=loose)
    except RecursionError:
        return Found()


def _in_value(body: Any, *, loose: bool) -> Found:
    if isinstance(body, list) and body and isinstance(body[0], Mapping) and set(body[0]) & {"error", "errors"}:
        body = body[0]
    if not isinstance(body, Mapping):
        return Found()
    finding = _walk(body, 0)
    if finding is None or (finding.error is None and finding.code is None and finding.type is None):
        return Found(told=_says_no(body))
    is_error = _says_no(body) or (loose and _only_an_error(body))
    if not is_error:
        return Found()
    inner = _unwrapped(finding)
    reason = _reason(body if inner.opened is None else inner.opened) or word_of(inner.error)
    nested = _nested(body)
    inner = inner if nested else _handing_on(inner)
    status = _status(body, inner)
    return replace(inner, told=True, reason=reason, nested=nested or inner.nested, status=status)


def _walk(node: Any, depth: int) -> Found | None:
    """The innermost object that holds a message, with codes of the outer ones where it has none."""
    if depth > DEPTH:
        return None
    if isinstance(node, str):
        return Found(error=node.strip()) if node.strip() else None
    if isinstance(node, list):
        parts = [part for part in (_walk(item, depth + 1) for item in node[:5]) if part and part.error]
        if not parts:
            return None
        return replace(parts[0], error="; ".join(str(part.error) for part in parts))
    if not isinstance(node, Mapping):
        return None
    code, param = (first_of(node, names, (str, int, float)) for names in (CODES, ("param", "field")))
    if isinstance(node.get("loc"), list):
        param = ".".join(map(str, node["loc"]))
    own = Found(first_of(node, MESSAGES), code, first_of(node, TYPES), param)
    for name in HOLDERS:
        value = node.get(name)
        if value in (None, False, True, "", [], {}) or (name in ("data", "Response") and own.error):
            continue
        if name == "body" and not (isinstance(value, Mapping) and isinstance(value.get("error"), Mapping)):
            continue  # most repeat the request there
        if own.error and (word := word_of(value)):
            return replace(own, type=word) if own.code else replace(own, code=word)
        inner = _walk(value, depth + 1)
        if inner is None or (inner.error is None and inner.code is None):
            continue
        if name == "errors" and own.error and inner.error:
            inner = replace(inner, error=f"{own.error} {inner.error}")
        return Found(
            inner.error or own.error,
            inner.code or own.code,
            inner.type or own.type,
            inner.param or own.param,
        )
    return own if own.error or own.code else None


def _says_no(body: Mapping[str, Any]) -> bool:
    """Does the body itself say that it is an error, even under a status of success?"""
    if body.get("error") not in (None, False, "", {}, [], 0) or body.get("Error"):
        return True
    if body.get("object") == "error" or body.get("type") == "error" or body.get("success") is False:
        return True
    if isinstance(body.get("errors"), list) and body["errors"] and not body.get("data"):
        return True
    base = body.get("base_resp")
    if isinstance(base, Mapping):
        return str(base.get("status_code", 0)).lower() not in FINE
    if any(isinstance(body.get(name), Mapping) and _says_no(body[name]) for name in ("header", "Response")):
        return True
    for name in ("error_code", "err_code", "errcode", "error_msg", "err_msg", "retcode", "ret_code"):
        if str(body.get(name) or "").lower() not in FINE:
            return True
    code = body.get("code")
    plain = isinstance(code, str | int) and not isinstance(code, bool)
    return plain and str(code).lower() not in FINE and isinstance(body.get("message", body.get("msg")), str)


def _only_an_error(body: Mapping[str, Any]) -> bool:
    """Nothing in it that an answer of success would carry?"""
    return not any(body.get(name) for name in ("choices", "candidates", "models", "content", "balance_infos"))


def _unwrapped(finding: Found) -> Found:
    """A message that is itself an error body, as JSON or as Python wrote it: its inside, however often wrapped."""
    for _ in range(DEPTH):
        text = finding.error or ""
        value = parsed(text) if text.startswith(("{", "[")) else None
        inner = _walk(value, 1) if value is not None else None
        if inner is None or inner.error is None:
            break
        finding = replace(
            inner, code=inner.code or finding.code, type=inner.type or finding.type, opened=value, param=inner.param
        )
    return finding


def _handing_on(finding: Found) -> Found:
    """A message with an error body inside it: that body is said by a service behind."""
    start, value, end = _segment(finding.error or "")
    inner = _in_value(value, loose=True) if start > 0 else Found()
    if not inner.told or inner.error is None or finding.error is None:
        return finding
    words = f"{finding.error[:start].rstrip()} {finding.error[end:].lstrip()}".strip()
    return replace(finding, error=words, nested=finding.error[start:end])


def _segment(text: str) -> tuple[int, Any, int]:
    """Where in a text an object or a list of objects begins, what it is, and where it ends; (-1, None, -1) for none."""
    opening = re.search(r"\[?\s*{\s*\\?[\"']", text)
    if opening is None:
        return -1, None, -1
    start = opening.start()
    try:
        value, length = json.JSONDecoder(strict=False).raw_decode(text[start:])
    except (ValueError, RecursionError):
        end = max(text.rfind("}"), text.rfind("]")) + 1
        value = parsed(text[start:end])
        return (start, value, end) if isinstance(value, Mapping | list) else (-1, None, -1)
    return start, value, start + length


def _reason(body: Mapping[str, Any]) -> str | None:
    """The most specific machine word: Google's ErrorInfo reason, a detail object's own code, `reason`."""
    for node in _objects(body, 0):
        for name in ("reason", "error_code", "errorCode", "error_type"):
            value = node.get(name)
            if isinstance(value, str) and value and " " not in value:
                return value
    return None


def _nested(body: Mapping[str, Any]) -> str | None:
    """What the service behind said, where a relay hands it on beside its own message."""
    for node in _objects(body, 0):
        meta = node.get("metadata")
        if isinstance(meta, Mapping) and meta.get("raw"):
            raw = meta["raw"]
            return raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False, default=str)[:4000]
    return None


def _objects(node: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > 4:
        return
    if isinstance(node, Mapping):
        yield node
        for name in ("error", "detail", "details", "errors", "innererror", "data"):
            yield from _objects(node.get(name), depth + 1)
    elif isinstance(node, list):
        for item in node[:10]:
            yield from _objects(item, depth + 1)


def _status(body: Mapping[str, Any], finding: Found) -> int | None:
    """The HTTP status that the body repeats, for answers whose own status was not kept."""
    nodes = [body, body.get("error")]
    for node in nodes:
        if isinstance(node, Mapping):
            for name in ("status", "statusCode", "http_code", "code", "status_code"):
                status = _http(node.get(name))
                if status is not None:
                    return status
    return _http(finding.code)


def _http(value: Any) -> int | None:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if re.fullmatch(r"[45]\d\d", text) else None


_CLIENT = re.compile(
    r"""^\s*(?:(?:[\w.]*(?:Error|Exception)|HTTP(?:/\d(?:\.\d)?)?|API\s+Error|Request\s+failed\s+with|unexpected)\s*:?\s*)?
        (?:(?:status|error)?\s*(?:code)?\s*[:=]?\s*)(?P<code>\d{3,5})\b
        (?:\s*[:,-]\s*|\s+)(?:message\s*[:=]\s*)?(?P<rest>.*)$""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


def _in_text(text: str, *, loose: bool, status: int | None) -> Found:
    """The error in a text: JSON, an event stream, or the words in which a client repeats an answer."""
    text = text.strip()
    if not text:
        return Found()
    if re.match(r"(?:event|data|id|retry|:)\s*:?", text) and re.search(r"^data:", text, re.MULTILINE):
        return _in_stream(text)
    value = parsed(text) if text[0] in "{[\"'" else None
    if isinstance(value, str) and value != text:
        return _in_text(value, loose=loose, status=status)
    if value is not None:
        return _in_value(value, loose=loose)
    if not loose or text.startswith("# "):
        return Found()
    opening = _CLIENT.match(text)
    if opening is None:
        return _embedded(text) or Found(error=text[:4000], told=True)
    code, rest = opening["code"], opening["rest"].strip() or text
    http = int(code) if re.fullmatch(r"[45]\d\d", code) else None
    start, value, _ = _segment(rest)
    inner = _in_value(value, loose=True) if start >= 0 and len(rest[:start]) < 40 else Found()
    if inner.told:
        return replace(inner, status=inner.status or http, opened=value if inner.opened is None else inner.opened)
    quoted = parsed(rest) if rest[0] in "\"'" else None
    words = quoted if isinstance(quoted, str) else rest
    return Found(error=words.strip()[:4000], code=code if http is None else None, status=http, told=True)


def _embedded(text: str) -> Found | None:
    """An error body quoted inside a sentence."""
    start, value, _ = _segment(text)
    inner = _in_value(value, loose=True) if start > 0 else Found()
    words = f"{text[:start].strip()} {inner.error or ''}".strip()
    return replace(inner, error=words, opened=value) if inner.told else None


def _in_stream(text: str) -> Found:
    """The first event of a stream that is an error, by its name or by what it holds."""
    named = re.search(r"^event:\s*error\b", text, re.MULTILINE) is not None
    for line in text.splitlines():
        if line.startswith("data:") and (named or "error" in line):
            value = parsed(line[5:].strip())
            if isinstance(value, Mapping):
                finding = _in_value(value, loose=named)
                if finding.told:
                    return finding
    return Found()


def parsed(text: str) -> Any:
    """JSON, else a Python literal (a client printed a dict); None for neither."""
    text = text.strip()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if len(text) > 20_000 or text[:1] not in "{[\"'":
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None
