"""Reads one answer: what failed, which limits, which rows."""

from testkey_nb.answers.diagnosis import Diagnosis, outcome
from testkey_nb.answers.document import Document, as_list, document, holds
from testkey_nb.answers.extraction import extract, extract_answer
from testkey_nb.answers.limits import limits_of
from testkey_nb.answers.reading import Reading, diagnose, reader

__all__ = [
    "Diagnosis",
    "Document",
    "Reading",
    "as_list",
    "diagnose",
    "document",
    "extract",
    "extract_answer",
    "holds",
    "limits_of",
    "outcome",
    "reader",
]
