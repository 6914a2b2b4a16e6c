"""One answer as the mapping that every rule is read against."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from testkey_nb.answers.envelope import Found, found_in, parsed
from testkey_nb.catalogue import load
from testkey_nb.catalogue.expressions import Expression, regex_of

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.wire.answer import Answer


class Document(TypedDict):
    """One answer as rules read it; numbers among the words of the error are text.

    Attributes:
        status: as given, else as the body tells it.
        headers: lower-case names, text values.
        body: as it came; where it is text around an error body, or its message is one, that body.
        auth: a key was sent.
        failure, trouble: the wire's words for why there is no usable answer, and for what went wrong on the way.
        failed: an error status, an error body, or no answer.
        told: an error body, whatever the status.
        reason: the most specific word, e.g. of a detail object.
        codes: code, type and reason, lower-case, in one text.
        nested: the error of a service behind this one, as text.
        behind: the condition that `nested` has by itself.
        parameter: the words that show that the answer is about a parameter or the form of the request.
        truncated: the body is cut.
    """

    status: int | None
    method: str | None
    path: str | None
    host: str | None
    headers: dict[str, str]
    body: Any
    text: str
    error: str | None
    code: str | None
    type: str | None
    param: str | None
    reason: str | None
    nested: str | None
    behind: str | None
    parameter: str | None
    codes: str
    content_type: str | None
    html: bool
    auth: bool
    failure: str | None
    trouble: str | None
    told: bool
    failed: bool
    truncated: bool


# Rules look for words of an error; what stands further down a long list is never one.
TEXT_CAP = 20_000
# A message that goes on longer is a dump; the rules search it for pairs of words, which takes its length squared.
ERROR_CAP = 2_000
_EXCEPTION = re.compile(r":exception-type\W*(?P<name>\w+)[^{]*(?P<payload>{[^{}]*})")


def document(
    answer: Answer | None = None,
    *,
    status: int | None = None,
    headers: Mapping[str, Any] | None = None,
    body: Any = None,
    method: str | None = None,
    path: str | None = None,
    host: str | None = None,
    auth: bool = True,
    catalogue: Catalogue | None = None,
) -> Document:
    """The document of one answer: what came, and the error found in it whatever the envelope.

    Give an `Answer`, or its parts. `catalogue` knows the headers that name errors; None = the shipped one.
    Never raises.
    """
    if answer is not None:
        status, headers, body = answer.status, answer.headers, answer.body
        method, path, host, auth = answer.method, answer.path, answer.host, answer.authenticated
    failure = None if answer is None else answer.failure
    status = status if isinstance(status, int) and not isinstance(status, bool) else None
    plain = {str(name).lower(): str(value) for name, value in (headers or {}).items() if value is not None}
    text = as_text(body)
    content_type = plain.get("content-type", "").split(";")[0].strip().lower() or None
    html = is_html(text, content_type)
    framed = (content_type or "").endswith("amazon.eventstream")
    finding = Found() if html else found_in(_of_frames(body, text) if framed else body, text, status)
    if finding.status is not None and status is None:
        status = finding.status
    if html and finding.error is None:
        finding = Found(error=html_title(text), told=True)
    catalogue = catalogue or load()
    kind = finding.type or _told_type(plain, catalogue)
    finding = _handed_on(finding, catalogue.rules("errors")["relay"], in_a_body=not isinstance(body, str))
    return {
        "status": status,
        "method": method,
        "path": path.split("?")[0] if isinstance(path, str) else None,
        "host": host,
        "headers": plain,
        "body": body if finding.opened is None else finding.opened,
        "text": text,
        "error": finding.error[:ERROR_CAP] if finding.error else None,
        "code": finding.code,
        "type": kind,
        "param": finding.param,
        "reason": finding.reason,
        "nested": finding.nested[:ERROR_CAP] if finding.nested else None,
        "behind": None,
        "parameter": _parameter(finding, status, catalogue),
        "codes": " ".join(word[:200] for word in (finding.code, kind, finding.reason) if word).lower(),
        "content_type": content_type,
        "html": html,
        "auth": auth,
        "failure": failure,
        "trouble": None if answer is None else answer.trouble,
        "told": finding.told,
        "failed": (status is not None and status >= 400) or finding.told or failure is not None,
        "truncated": answer is not None and answer.truncated,
    }


def as_text(body: Any) -> str:
    """The body as text, cut at 20,000 characters; "" for none."""
    if body is None:
        return ""
    if isinstance(body, str):
        return body[:TEXT_CAP]
    try:
        return json.dumps(body, ensure_ascii=False, default=str)[:TEXT_CAP]
    except (ValueError, TypeError, RecursionError):
        return ""


def is_html(text: str, content_type: str | None) -> bool:
    """Does the body begin as a web page? A JSON body under an HTML content type is still JSON."""
    start = text.lstrip()[:300].lower()
    if start.startswith(("<!doctype html", "<html", "<head", "<body", "<center")):
        return True
    return content_type == "text/html" and start.startswith("<")


def html_title(text: str) -> str | None:
    """The title of a web page, as the one sentence it says."""
    low = text.lower()
    start, end = low.find("<title>"), low.find("</title>")
    return text[start + 7 : end].strip()[:200] or None if 0 <= start < end else None


def _of_frames(body: Any, text: str) -> Any:
    """The exception in an Amazon event stream, which comes under a status of success, as an error body; else `body`."""
    frame = _EXCEPTION.search(text)
    payload = parsed(text if frame is None else frame["payload"])
    if isinstance(payload, Mapping) and isinstance(payload.get("message"), str):
        return {"error": {"code": frame and frame["name"], **payload}}
    return body


def _told_type(headers: Mapping[str, str], catalogue: Catalogue) -> str | None:
    """The name of the error, where a header tells it instead of the body."""
    name = next((headers[name] for name in catalogue.rules("headers")["error_types"] if name in headers), "")
    return name.split(":")[0].strip() or None


def _handed_on(finding: Found, relay: Mapping[str, list[str]], *, in_a_body: bool) -> Found:
    """What follows words such as "Error from provider:" is said by the service behind."""
    if finding.nested is None and finding.error:
        for wording in (*relay["says"], *(relay["in_a_body"] if in_a_body else ())):
            match = regex_of(wording).match(finding.error)
            if match is not None and finding.error[match.end() :].strip():
                nested = finding.error[match.end() :].strip()
                if finding.opened is None:
                    return replace(finding, error=match[0].strip(), nested=nested)
                whole = json.dumps(finding.opened, ensure_ascii=False, default=str)
                return Found(match[0].strip(), nested=whole, status=finding.status, told=True)
    return finding


def _parameter(finding: Found, status: int | None, catalogue: Catalogue) -> str | None:
    """The parameter that the answer names, or the words that say the same; None where the status is about the key."""
    table = catalogue.rules("errors")["parameter"]
    words = " ".join(part for part in (finding.error, finding.param) if part)
    if status in table["not_with"] or any(regex_of(wording).search(words) for wording in table["unless"]):
        return None
    if finding.param and regex_of(table["name"]).fullmatch(finding.param):
        return finding.param
    matches = (regex_of(wording).search(words) for wording in table["says"])
    return next((match[0] for match in matches if match is not None), None)


def as_list(rows: Any) -> list[Any]:
    """What an expression found as a list of rows: none for null, one for anything but a list."""
    return rows if isinstance(rows, list) else [] if rows is None else [rows]


def holds(when: Expression | None, doc: Mapping[str, Any]) -> bool:
    """Is the condition true of this document, as JMESPath reads truth (not: null, false, "", [], {})? None holds."""
    if when is None:
        return True
    value = when(doc)
    return value is not None and value is not False and value not in ("", [], {})
