"""The word for one answer and why, also where it was not sent or cannot be read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from testkey_nb.answers import diagnose, document, outcome

if TYPE_CHECKING:
    from testkey_nb.answers import Diagnosis
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.expressions import Expression
    from testkey_nb.catalogue.model import Provider
    from testkey_nb.wire import Answer

_NO_MONEY = ("insufficient-balance", "billing-disabled", "quota-exhausted")


def judge(
    answer: Answer,
    doc: dict[str, Any],
    *,
    provider: Provider | None,
    catalogue: Catalogue,
    ok: Expression | None = None,
) -> tuple[Diagnosis, str]:
    """(diagnosis, outcome); a success that lacks what `ok` looks for is malformed.

    What cannot be read proves nothing of the key, so its `key_valid` is None.
    """
    diagnosis = diagnose(doc, provider=provider, catalogue=catalogue)
    word = outcome(diagnosis, answer)
    if word == "ok" and ok is not None and not ok(doc):
        word = "malformed"
    if answer.failure == "not_sent":
        why = (answer.problem or "not sent").removeprefix("not sent: ")
        return _unknown(diagnosis, f"Nothing was sent: {why}.", "Nothing reached the provider; see the cause."), word
    if word == "malformed" and diagnosis.condition in (None, "unknown"):
        why = answer.problem or "it is not what the documentation says"
        move = "Probe again; if it stays so, ask whoever runs the host."
        return _unknown(diagnosis, f"The answer cannot be read: {why}.", move), word
    return diagnosis, word


def _unknown(diagnosis: Diagnosis, cause: str, move: str) -> Diagnosis:
    return replace(diagnosis, condition="unknown", key_valid=None, cause=cause, move=move, rule="unreadable")


def is_worth_retrying(answer: Answer, *, catalogue: Catalogue) -> bool:
    """False for a 429 that means no money: another try changes nothing."""
    if answer.status != 429:
        return True
    return diagnose(document(answer), catalogue=catalogue).condition not in _NO_MONEY
