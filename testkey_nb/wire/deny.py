"""GETs that change something, refused whatever a provider file declares."""

from __future__ import annotations

from testkey_nb.catalogue.denials import Denial, denial_of, deny_list
from testkey_nb.errors import PathRefused

__all__ = ["Denial", "deny_list", "require_not_denied"]


def require_not_denied(method: str, target: str) -> None:
    """PathRefused, with the effect, for a request on the deny list."""
    if (denial := denial_of(method, target)) is not None:
        path = target.partition("?")[0]
        raise PathRefused(f"not sent: {method} {path} {denial.effect} ({denial.product}); it is on the deny list")
