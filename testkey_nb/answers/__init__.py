"""Reads one answer: what failed, which limits, which rows."""

from testkey_nb.answers.diagnosis import Diagnosis, outcome
from testkey_nb.answers.documents import Document, as_list, document, holds
from testkey_nb.answers.explain import explained
from testkey_nb.answers.limits import limits_of
from testkey_nb.answers.matching import matched
from testkey_nb.answers.reading import Reading, diagnose, extract_answer, reader

__all__ = [
    "Diagnosis",
    "Document",
    "Reading",
    "as_list",
    "diagnose",
    "document",
    "explained",
    "extract_answer",
    "holds",
    "limits_of",
    "matched",
    "outcome",
    "reader",
]
