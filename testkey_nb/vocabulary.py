"""The words of the tables and of the data files, each said once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# -- tables ---------------------------------------------------------------------------------------------------------

TABLES: Final = (
    "keys", "exchanges", "metrics", "identity", "models", "permissions", "limits", "balances", "usage", "prices",
    "capabilities", "dimensions", "stages", "actions", "risks", "checks", "diagnoses",
)  # fmt: skip
BASE_TABLES: Final = ("runs", "observations", "model_listings", "price_rows", "verdicts", "evidence", "coverage")
# what a metric may be fed by: tables that extracts of answers fill, and what follows from answers that check the key
METRIC_FEEDS: Final = ("models", "permissions", "limits", "balances", "usage", "prices", "verdicts")

# -- facts ----------------------------------------------------------------------------------------------------------

FACT_STATES: Final = ("confirmed", "partial", "invisible", "not_exposed", "unknown")
PERMISSION_STATES: Final = ("callable", "listed", "denied", "unknown")
# from the weakest proof to the strongest: a list proves less than a refusal, and unknown never hides what is known
PERMISSION_STRENGTH: Final[Mapping[str, int]] = {
    word: place for place, word in enumerate(("unknown", "listed", "denied", "callable"))
}
# besides `project:<id>` and `group:<name>`; `route` = a limit of the management route that told it, not of inference
SCOPES: Final = ("key", "organization", "route")
SCOPE_PREFIXES: Final = ("project:", "group:")
LIMIT_KINDS: Final = (
    "requests", "tokens", "input_tokens", "uncached_input_tokens", "output_tokens", "characters", "images",
    "batch_tokens", "concurrency", "spend", "context", "max_output",
)  # fmt: skip
BINDS: Final = ("model", "account", "key", "route")  # whom a limit binds: each model of its own, or all calls of these
# besides ISO 8601 durations; `unknown` where a provider tells of a limit and not of its window
WINDOWS: Final = ("second", "minute", "hour", "day", "week", "month", "lifetime", "none", "unknown")
DURATION: Final = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
UNITS: Final = ("requests", "tokens", "characters", "images", "credits", "percent")  # besides currencies
CURRENCY: Final = re.compile(r"[A-Z]{3,4}")
BALANCE_KINDS: Final = ("available", "total", "granted", "topped_up", "cap", "remaining", "used")
PURSES: Final = ("account", "plan", "cap", "trial")
USAGE_KINDS: Final = (
    "requests", "tokens", "input_tokens", "output_tokens", "cached_tokens", "characters", "spend",
)  # fmt: skip
PERIODS: Final = ("minute", "hour", "day", "week", "month", "lifetime")  # besides ISO 8601 intervals and durations
KEY_KINDS: Final = (
    "personal", "project", "service-account", "admin", "management", "virtual", "workspace", "invoke-only",
    "metrics-only", "read-only", "fine-grained", "trial", "master", "unknown",
)  # fmt: skip
HIDDEN_FACTS: Final = ("identity", "models", "limits", "balance", "usage", "prices", "permissions")
CONFIDENCES: Final = ("documented", "observed", "unverified", "unknown")

# -- answers --------------------------------------------------------------------------------------------------------

OUTCOMES: Final = (
    "not_sent", "ok", "refused", "no_balance", "limited", "absent", "failed", "malformed", "blocked", "unreachable",
    "timeout",
)  # fmt: skip
# each condition with the outcome it gives an exchange
CONDITION_OUTCOMES: Final[Mapping[str, str]] = {
    "invalid-api-key": "refused",
    "missing-api-key": "refused",
    "expired-key": "refused",
    "key-disabled": "refused",
    "insufficient-balance": "no_balance",
    "billing-disabled": "no_balance",
    "quota-exhausted": "limited",
    "rate-limited": "limited",
    "permission-denied": "refused",
    "access-forbidden": "refused",
    "model-not-found": "absent",
    "model-retired": "absent",
    "context-too-long": "refused",
    "bad-request": "refused",
    "overloaded": "failed",
    "upstream-error": "failed",
    "not-an-api": "blocked",
    "unknown": "failed",
}
CONDITIONS: Final = tuple(CONDITION_OUTCOMES)
KEY_CONDITIONS: Final = ("invalid-api-key", "missing-api-key", "expired-key", "key-disabled")  # they judge the key
# the order in which error rules are read: a provider's own and the general ones, by what they ask for
ERROR_RANKS: Final = ("own words", "general words", "own catch-all", "general catch-all")
STATUS_NAMES: Final = ("status", "method", "html", "auth", "failed")  # names that say no more than a status
WHOSE: Final = ("own", "upstream")  # the words of an answer: the answering service's, or those of one behind it
# the wire's words; a body beyond the cap cannot be read whole
FAILURE_OUTCOMES: Final[Mapping[str, str]] = {
    "unreachable": "unreachable", "timeout": "timeout", "not_sent": "not_sent", "too_large": "malformed",
}  # fmt: skip
# why an answer failed, more closely than its condition
CAUSE_CODES: Final = (
    "key-unknown", "key-of-another-service", "key-missing", "key-expired", "switched-off", "account-blocked",
    "key-leaked", "key-login-disabled", "client-not-allowed", "no-credit", "no-billing", "cap-reached", "plan-used-up",
    "trial-over", "too-fast", "too-many-at-once", "model-not-allowed", "scope-missing", "role-missing",
    "address-not-allowed", "region-not-allowed", "organization-not-allowed", "wrong-host", "terms-not-accepted",
    "model-unknown", "model-retired", "input-too-long", "parameter-rejected", "request-malformed", "content-refused",
    "no-capacity", "service-failed", "upstream-failed", "web-page", "firewall", "path-unknown", "name-not-resolved",
    "connection-refused", "connection-reset", "certificate-not-trusted", "tls-failed", "proxy-failed", "timed-out",
    "no-answer", "not-sent", "unreadable", "not-told",
)  # fmt: skip
# what to do next; whatever decides reads these, never the sentence beside them
MOVE_CODES: Final = (
    "replace-key", "reactivate-key", "send-key", "change-credential", "declare-provider", "refill", "set-up-billing",
    "raise-cap", "renew-plan", "wait", "pace", "retry", "add-right", "accept-terms", "change-address", "change-region",
    "change-host", "change-route", "change-model", "reduce-context", "fix-request", "fix-connection", "fix-server",
    "ask-support", "none",
)  # fmt: skip

# -- identity -------------------------------------------------------------------------------------------------------

VERDICTS: Final = ("confirmed", "likely", "openai-compatible-unknown", "conflicting", "insufficient")
EVERYONE: Final = "*"  # in place of a service's id: all of them
LAYERS: Final = ("front", "transport", "upstream")
EVIDENCE_GROUPS: Final = (
    "host", "key", "tls", "hdr", "err", "shape", "mention", "list", "id", "body", "path", "prod", "ident", "stream",
    "behaviour", "claim",
)  # fmt: skip

# -- what follows ---------------------------------------------------------------------------------------------------

STAGES: Final = ("identification", "inventory", "pricing", "routing", "launch")
STAGE_VERDICTS: Final = ("pass", "review", "blocked")
CHECK_STATES: Final = ("agrees", "contradicts", "unknown")
SEVERITIES: Final = ("high", "medium", "low", "info")

# -- provider files -------------------------------------------------------------------------------------------------

ROUTES: Final = ("global", "china", "self-hosted")
PROVIDER_KINDS: Final = ("lab", "inference-cloud", "gateway", "self-hosted")
PROBE_KINDS: Final = ("current_key", "balance_snapshot", "cost_report")
ACTIVE_CLASSES: Final = ("free", "runtime")
PROVES: Final = ("callable", "listed", "nothing")
# why a list was not read to its end; of `one-model` there is no list, but an answer about one model
LIST_CUTS: Final = ("no-cursor", "same-page", "page-limit", "page-failed", "one-page", "one-model")

TIME_READINGS: Final = ("iso", "epoch", "epoch_ms", "duration", "http", "auto")
RESET_READINGS: Final = ("duration", "seconds", "epoch", "epoch_ms", "iso", "auto")
PAGE_STYLES: Final = ("cursor", "token", "offset", "page", "link")
HINTS: Final = ("prefix", "suffix", "hint", "equals")  # how a row shows the key that it speaks of
# what an expression reads by name: of an answer (answers/documents.py), of an answer when marks are looked for
# (identity/facts.py), of a key before a request is planned, and of a row beside the row's own names
DOCUMENT_NAMES: Final = (
    "status", "method", "path", "host", "headers", "body", "text", "error", "code", "type", "param", "reason", "nested",
    "behind", "parameter", "codes", "content_type", "html", "auth", "failure", "trouble", "truncated", "told", "failed",
)  # fmt: skip
VIEW_NAMES: Final = (
    *DOCUMENT_NAMES, "fine", "inner", "keys", "fault", "fault_keys", "said", "names", "items", "item_keys", "owners",
    "created", "created_now", "chunk",
)  # fmt: skip
PLAN_NAMES: Final = ("key_kind", "token_type", "provider", "region", "base_url", "facts")
EXTRACT_NAMES: Final = (
    "_", "_each", "_body", "_headers", "_status", "_item", "_host", "_region", "_currency", "_now", "_i",
)  # fmt: skip

# kinds of cells: `text`, `int`, `num` (float), `money` (exact decimal text), `bool`, `time` (naive UTC), `list` (JSON
# array text of texts)
EXTRACT_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    # one row per model that a list shows
    "models": {
        "model_id": "text",
        "name": "text",
        "context_window": "int",
        "max_output": "int",
        "modalities": "list",
        "features": "list",
        "created": "time",
        "retired_at": "time",
        "state": "text",
        "reason": "text",
        "scope": "text",
    },
    # rights that an answer states outright (allow and deny lists, scopes of other keys)
    "permissions": {"model_id": "text", "scope": "text", "state": "text", "reason": "text"},
    "limits": {
        "model_id": "text",
        "scope": "text",
        "kind": "text",
        "window": "text",
        "limit": "money",
        "remaining": "money",
        "unit": "text",
        "unlimited": "bool",
        "reset_s": "num",
        "reset_at": "time",
        "state": "text",
        "source": "text",
    },
    "balances": {"purse": "text", "kind": "text", "amount": "money", "currency": "text", "state": "text"},
    "usage": {
        "period": "text",
        "kind": "text",
        "amount": "money",
        "unit": "text",
        "model_id": "text",
        "scope": "text",
        "state": "text",
    },
    "prices": {
        "model_id": "text",
        "upstream": "text",
        "tier": "text",
        "input_mtok": "money",
        "output_mtok": "money",
        "cache_read_mtok": "money",
        "cache_write_mtok": "money",
        "currency": "text",
        "effective_from": "time",
    },
    # one row: columns of the identity table that this answer states
    "identity": {
        "key_kind": "text",
        "owner_id": "text",
        "organization_id": "text",
        "project": "text",
        "token_type": "text",
        "token_role": "text",
        "owner_role": "text",  # of the person behind the key, which is no right of the key
        "token_scopes": "list",
        "expires_at": "time",
        "upstream": "text",
        "is_active": "bool",
        "is_spent": "bool",  # the key's own record is readable and shows nothing left
    },
    # site metrics that no other table can hold (bucket_start, ...)
    "metrics": {
        "metric": "text",
        "model_id": "text",
        "window": "text",
        "value": "text",
        "unit": "text",
        "state": "text",
    },
}
