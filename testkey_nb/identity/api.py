"""Asks who answers at a URL, as a frame for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from testkey_nb.catalogue import load
from testkey_nb.identity.ask import Identified, identify_base
from testkey_nb.identity.explain import explained
from testkey_nb.identity.recorded import rows_of
from testkey_nb.identity.verdict import Verdict
from testkey_nb.preflight.base_url import BaseURL, parse_base_url
from testkey_nb.wire import Budget, Pace, run_sync

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.catalogue import Catalogue

BODY_CAP = 256 * 1024


def identify_url(
    url: str,
    *,
    routes: Mapping[str, str] | None = None,
    catalogue: Catalogue | None = None,
    timeout_s: float = 10.0,
    explain: bool = False,
) -> pd.DataFrame:
    """Who answers at a base URL: a row per candidate, best first; asks the host and sends no key.

    A public host is asked once a second at most. Columns as of `identify_answer`; a first row without a provider
    says that no product stands out. `explain`: a row per piece of evidence instead, columns as of `explained`.

    Raises:
        BadBaseURL: no plain http(s) URL.
        PlainHTTPRefused: plain http to a public host.
    """
    verdict = asked(url, routes=routes, catalogue=catalogue, timeout_s=timeout_s)
    return explained(verdict) if explain else rows_of(verdict)


def asked(
    url: str,
    *,
    routes: Mapping[str, str] | None = None,
    catalogue: Catalogue | None = None,
    timeout_s: float = 10.0,
) -> Verdict:
    """The verdict that `identify_url` shows, whole."""
    base = parse_base_url(url)
    return run_sync(_identified(base, routes or {}, catalogue or load(), timeout_s)).verdict


async def _identified(base: BaseURL, routes: Mapping[str, str], catalogue: Catalogue, timeout_s: float) -> Identified:
    from testkey_nb.wire import Wire

    pace = Pace(per_second=1.0, burst=1)
    budget = Budget(requests=30, seconds=60.0)
    asking = Wire(
        catalogue=catalogue, budget=budget, pace=pace, timeout_s=timeout_s, body_cap=BODY_CAP, retries=0,
        look_up_names=True,
    )  # fmt: skip
    async with asking as wire:
        return await identify_base(base, wire=wire, catalogue=catalogue, routes=routes)
