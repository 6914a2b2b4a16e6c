"""Evidence becomes a verdict: whose key this is, whose host answers, and who may stand behind it."""

from testkey_nb.identity.api import asked, identify_url
from testkey_nb.identity.ask import Identified, identify_base
from testkey_nb.identity.evidence import evidence_of, evidence_of_host, evidence_of_key
from testkey_nb.identity.explain import explained
from testkey_nb.identity.piece import Evidence
from testkey_nb.identity.recorded import identify_answer, identify_recorded, rows_of
from testkey_nb.identity.verdict import Verdict, decide
from testkey_nb.identity.weigh import Candidate

__all__ = [
    "Candidate", "Evidence", "Identified", "Verdict", "asked", "decide", "evidence_of", "evidence_of_host",
    "evidence_of_key", "explained", "identify_answer", "identify_base", "identify_recorded", "identify_url", "rows_of",
]  # fmt: skip
