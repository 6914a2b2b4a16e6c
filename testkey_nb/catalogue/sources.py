"""Where a fact is from: the two fields that every sourced part of a provider file has."""

from __future__ import annotations

from typing import Any

from testkey_nb.catalogue.reader import Reader
from testkey_nb.vocabulary import CONFIDENCES


def source(table: Reader) -> dict[str, Any]:
    """The fields `source` and `confidence`."""
    return {
        "source": table.url("source"),
        "confidence": table.choice("confidence", CONFIDENCES, default="documented"),
    }
