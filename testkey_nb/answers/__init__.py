"""Reads one answer: what failed, which limits, which rows."""

from testkey_nb.answers.diagnosis import Diagnosis, diagnose, outcome
from testkey_nb.answers.document import Document, document, holds
from testkey_nb.answers.extraction import extract, extract_answer
from testkey_nb.answers.limits import limits_of

__all__ = [
    "Diagnosis",
    "Document",
    "diagnose",
    "document",
    "extract",
    "extract_answer",
    "holds",
    "limits_of",
    "outcome",
]
