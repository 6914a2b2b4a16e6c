"""Whose key is this, what may it call, under which limits, at what cost: read-only analysis of LLM API keys."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from testkey_nb.keys import Redactor, shared_from

if TYPE_CHECKING:
    from testkey_nb import errors
    from testkey_nb.api import (
        diagnose,
        extract,
        family,
        identify,
        identify_answer,
        page,
        prices,
        providers,
    )
    from testkey_nb.keys import Key
    from testkey_nb.sandbox import Sandbox, sandbox
    from testkey_nb.session import Session

__version__ = "0.1.0"

# name -> module that has it; imported on first use, so that `import testkey_nb` stays fast
_HOMES = {
    "Key": "testkey_nb.keys",
    "Sandbox": "testkey_nb.sandbox",
    "Session": "testkey_nb.session",
    "diagnose": "testkey_nb.api",
    "errors": "testkey_nb.errors",
    "extract": "testkey_nb.api",
    "family": "testkey_nb.api",
    "identify": "testkey_nb.api",
    "identify_answer": "testkey_nb.api",
    "page": "testkey_nb.api",
    "prices": "testkey_nb.api",
    "providers": "testkey_nb.api",
    "sandbox": "testkey_nb.sandbox",
}

__all__ = [
    "Key",
    "Sandbox",
    "Session",
    "__version__",
    "diagnose",
    "errors",
    "extract",
    "family",
    "identify",
    "identify_answer",
    "page",
    "prices",
    "providers",
    "sandbox",
]


def _installed_redactor() -> Redactor:
    from testkey_nb.catalogue import load

    return load().redact


shared_from(_installed_redactor)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'testkey_nb' has no attribute {name!r}")
    module = import_module(home)
    value = module if name in ("errors", "sandbox") else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
