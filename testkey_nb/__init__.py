"""Whose key is this, what may it call, under which limits, at what cost: read-only analysis of LLM API keys."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from testkey_nb import errors
    from testkey_nb.answers import Diagnosis
    from testkey_nb.api import (
        check_provider_file,
        diagnose,
        extract,
        family,
        identify,
        identify_answer,
        load_catalogue,
        model_name,
        page,
        prices,
        providers,
        try_provider_file,
    )
    from testkey_nb.catalogue import Catalogue, KeyPattern, Locale, Probe, Provider, Region
    from testkey_nb.clock import Clock, ManualClock
    from testkey_nb.keys import Key
    from testkey_nb.pricing import ModelName, Number
    from testkey_nb.sandbox import Received, Sandbox, sandbox
    from testkey_nb.session import Session
    from testkey_nb.session.progress import Progress
    from testkey_nb.views import ProviderPage, View
    from testkey_nb.widgets import Board, ViewWidget
    from testkey_nb.wire import Budget

__version__ = "0.1.0"

# module -> the names it gives; imported on first use, so that `import testkey_nb` stays fast
_NAMES = {
    "answers": ("Diagnosis",),
    "api": (
        "check_provider_file",
        "diagnose",
        "extract",
        "family",
        "identify",
        "identify_answer",
        "load_catalogue",
        "model_name",
        "page",
        "prices",
        "providers",
        "try_provider_file",
    ),
    "catalogue": ("Catalogue", "KeyPattern", "Locale", "Probe", "Provider", "Region"),
    "clock": ("Clock", "ManualClock"),
    "errors": ("errors",),
    "keys": ("Key",),
    "pricing": ("ModelName", "Number"),
    "sandbox": ("Received", "Sandbox", "sandbox"),
    "session": ("Session",),
    "session.progress": ("Progress",),
    "views": ("ProviderPage", "View"),
    "widgets": ("Board", "ViewWidget"),
    "wire": ("Budget",),
}
_HOMES = {name: f"{__name__}.{module}" for module, names in _NAMES.items() for name in names}

__all__ = [
    "Board",
    "Budget",
    "Catalogue",
    "Clock",
    "Diagnosis",
    "Key",
    "KeyPattern",
    "Locale",
    "ManualClock",
    "ModelName",
    "Number",
    "Probe",
    "Progress",
    "Provider",
    "ProviderPage",
    "Received",
    "Region",
    "Sandbox",
    "Session",
    "View",
    "ViewWidget",
    "__version__",
    "check_provider_file",
    "diagnose",
    "errors",
    "extract",
    "family",
    "identify",
    "identify_answer",
    "load_catalogue",
    "model_name",
    "page",
    "prices",
    "providers",
    "sandbox",
    "try_provider_file",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(home)
    value = module if name in ("errors", "sandbox") else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
