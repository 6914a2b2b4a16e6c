"""Which headers a provider file may send, which may carry a key, and which of an answer are never kept."""

from __future__ import annotations

import re

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
PLAIN_VALUE = re.compile(r"[\x20-\x7e]*")

# these choose another host or upstream, carry an identity, or belong to the connection
NEVER_SENT = re.compile(
    r"host|authorization|cookie|connection|content-length|transfer-encoding|expect|te|upgrade|forwarded|referer|"
    r"origin|via|http-referer|x-title|x-forwarded-.*|x-original-.*|"
    r"x-rewrite-.*|x-http-method.*|x-method-override|proxy-.*|.*-?api-?key|x-real-ip|sec-.*"
)
# a key in one of these would be read as something else, kept in logs, or handed on
NEVER_WITH_KEY = re.compile(
    r"host|(set-)?cookie2?|connection|keep-alive|content-.*|transfer-encoding|expect|te|trailer|upgrade.*|forwarded|"
    r"(http-)?referer|origin|via|user-agent|accept.*|range|if-.*|date|from|max-forwards|pragma|cache-control|location|"
    r"x-title|x-forwarded-.*|x-original-.*|x-rewrite-.*|x-http-method.*|x-method-override|proxy-.*|x-real-ip|sec-.*|"
    r"x-request-id|traceparent|tracestate|baggage"
)
_SECRET = re.compile(r".*cookie.*|.*authorization|.*api-?key.*|.*secret.*|.*session.*|location|.*-token")
_COUNT = re.compile(r".*(limit|remaining|reset|usage).*-token")  # a count of tokens is no secret


def is_keepable(name: str) -> bool:
    """Tells whether an answer's header of this name may be kept at all: not what carries a cookie, key or address."""
    if not TOKEN.fullmatch(name) or name != name.lower():
        return False
    return _SECRET.fullmatch(name) is None or _COUNT.fullmatch(name) is not None
