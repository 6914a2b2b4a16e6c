"""One piece of evidence: a mark that was found, and how much it says for or against whom."""

from __future__ import annotations

from dataclasses import dataclass

from testkey_nb.identity.signals import UNKNOWN
from testkey_nb.vocabulary import EVERYONE

# signals of evidence that is derived from what provider files declare, not from a mark
PREFIX = "declared-"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One mark that was found.

    Attributes:
        provider: whom it speaks for or against; EVERYONE = every candidate but those in `spares`.
        layer: front (who answers), transport (what carries it), upstream (who stands behind), prior (what was said).
        db: decibans; negative = against.
        routed: it rests on a host that the analyst routed elsewhere.
        asked: the question whose answer shows it; "" where only one answer is there.
    """

    signal: str
    provider: str
    layer: str
    group: str
    db: float
    text: str
    source: str = ""
    routed: bool = False
    spares: tuple[str, ...] = ()
    asked: str = ""

    @property
    def names_one(self) -> bool:
        """Does it speak of one product by name, not of all others or of an unknown one?"""
        return self.provider not in (EVERYONE, UNKNOWN)

    def speaks_of(self, name: str) -> bool:
        """Does it weigh for or against this candidate?"""
        return self.provider == name or (self.provider == EVERYONE and name not in self.spares)
