"""Which headers may be sent beside the key's own, and which of an answer are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from testkey_nb.catalogue.model import Auth
from testkey_nb.errors import HostRefused
from testkey_nb.keys import Key, redact_secrets

BASE = {"accept": "application/json", "accept-encoding": "gzip, deflate", "user-agent": "testkey-nb"}
LONGEST_VALUE = 2000

# these choose another host or upstream, carry an identity, or belong to the connection
_NEVER_SENT = re.compile(
    r"host|authorization|cookie|connection|content-length|transfer-encoding|expect|te|upgrade|forwarded|referer|"
    r"origin|via|http-referer|x-title|x-portkey-(custom-host|provider|config)|x-forwarded-.*|x-original-.*|"
    r"x-rewrite-.*|x-http-method.*|x-method-override|proxy-.*|cf-aig-.*|.*-?api-?key|x-real-ip|sec-.*"
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x20-\x7e]*")

_NEVER_KEPT = re.compile(r".*cookie.*|.*authorization|.*api-?key.*|.*secret.*|.*session.*|location|.*-token")
_COUNTS = re.compile(r".*(limit|remaining|reset|usage).*-token")  # a count of tokens is no secret
_KEPT = re.compile(
    # limits, money and waiting
    r".*(rate-?limit|limit|quota|remaining|reset|balance|credit|budget|spend|cost).*|retry-after.*|x-should-retry|"
    # which request, which product, which upstream
    r".*request-?id.*|.*trace-?id.*|cf-ray|.*-ray|x-amz-cf-.*|openai-.*|anthropic-.*|x-litellm-.*|x-groq-.*|"
    r"x-portkey-.*|x-ms-.*|apim-.*|azureml-.*|x-oneapi-.*|x-new-api-.*|x-vercel-.*|x-nf-.*|x-goog-.*|"
    r"x-ds-.*|x-api-.*|"
    r"x-openrouter-.*|helicone-.*|x-helicone-.*|nvcf-.*|fireworks-.*|x-fireworks-.*|x-together-.*|cf-aig-.*|"
    r"x-mistral-.*|mistral-.*|msh-.*|minimax-.*|x-minimax-.*|eagleid|x-dashscope-.*|x-siliconcloud-.*|x-poe-.*|"
    r"x-baseten-.*|x-cohere-.*|x-hf-.*|x-repo-.*|x-model.*|x-provider.*|x-served-by|x-upstream.*|x-gateway.*|"
    r"x-region|x-org.*|x-project.*|x-version|x-.*-version|x-powered-by|x-envoy-.*|x-kong-.*|x-robots-tag|"
    # marks that tell products apart (the marks of services read them)
    r"x-amzn-.*|x-gemini-.*|azureai-.*|x-openai-.*|x-zero-data-retention|num_(chars|tokens)|x-accel-expires|"
    r"(req-cost|req-arrive|resp-start)-time|alb_(request_id|receive_time)|x-tt-logid|x-bce-.*|x-baidu-.*|"
    r"x-msh-.*|x-mife-.*|x-ppl-.*|(current|maximum)-concurrent-requests|history-item-id|dg-.*|x-upstage-.*|"
    r"x-poolside-.*|x-deepinfra-.*|inference-id|x-inference-.*|x-error-(message|code)|x-chutes-.*|x-crusoe-.*|"
    r"x-global-transaction-id|x-snowflake-.*|x-databricks-.*|llm_provider-.*|cf-ai-.*|cf-auditlog-id|"
    r"x-requesty-.*|x-oauth-scopes|github-authentication-token-expiration|x-kilo.*|x-x402|x-compute-.*|x-(queue|total|validation)-time|x-time-per-token|"
    r"x-(prompt|generated)-tokens|x-build-(commit|time)|x-tokenlimit-.*|x-generation-id|content-security-policy|"
    # what the answer is, who stands in between, where the next page is
    r"content-type|content-encoding|content-length|content-language|server|server-timing|via|date|age|"
    r"x-cache.*|cache-control|"
    r"www-authenticate|link|allow|deprecation|sunset|warning|vary|access-control-allow-(origin|methods|headers)|"
    r"access-control-expose-headers|alt-svc|x-.*-total.*|x-total.*|x-next-page|x-page|x-per-page"
)


def require_harmless(headers: Mapping[str, str], *, auth: Auth | None) -> None:
    """HostRefused for a constant header that could lead elsewhere, carry a secret or split the request."""
    own = auth.header.lower() if auth else None
    for name, value in headers.items():
        if _NEVER_SENT.fullmatch(name.lower()) or name.lower() == own:
            raise HostRefused(f"not sent: the header {name} is never set by a provider file")
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise HostRefused("not sent: a constant header is not plain text")
    if auth and not (_TOKEN.fullmatch(auth.header) and _VALUE.fullmatch(auth.scheme or "")):
        raise HostRefused("not sent: the header for the key is not plain text")


def kept(raw: Iterable[tuple[str, str]], *, key: Key | None) -> dict[str, str]:
    """The answer's headers that are kept, lower-case; repeated ones joined by a comma; no key, no cookie."""
    found: dict[str, str] = {}
    values = [(name.lower(), value[:LONGEST_VALUE]) for name, value in raw if _is_kept(name.lower())]
    joined = "\n".join(value for _, value in values)
    echoed = key is not None and key.redact(joined) != joined
    for name, value in values:
        clean = redact_secrets(key.redact(value) if echoed and key is not None else value)
        found[name] = f"{found[name]}, {clean}" if name in found else clean
    return found


@lru_cache(4096)
def _is_kept(name: str) -> bool:
    secret = _NEVER_KEPT.fullmatch(name) and not _COUNTS.fullmatch(name)
    return not secret and _KEPT.fullmatch(name) is not None
