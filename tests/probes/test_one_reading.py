"""An answer is read once, however many ask what it says."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from testkey_nb.answers import reader
from testkey_nb.catalogue import load
from testkey_nb.catalogue.expressions import compiled
from testkey_nb.catalogue.model import Extract, FieldSpec, Request
from testkey_nb.wire import Answer
from testkey_nb.wire.retries import Retries
from tests.probes.test_probe_units import run

LIMITED = {"error": {"message": "Rate limit reached, slow down", "code": "rate_limit_exceeded"}}
LIMIT = {"kind": FieldSpec(compiled("'requests'")), "limit": FieldSpec(compiled("most"))}
QUOTA = Request("quota", "inference", "GET", "/v1/quota", extracts=(Extract("limits", compiled("@"), LIMIT),))


class Counted(dict[str, str]):
    """Headers that count how often an answer's document is made of them."""

    made = 0

    def items(self):
        self.made += 1
        return super().items()


class Patient:
    """A wire that asks again as the real one does, and keeps what it gave."""

    def __init__(self, *answers: Answer) -> None:
        self.left, self.given, self.retries = list(answers), [], Retries()

    async def send(self, outgoing):
        answers = []
        while self.left:
            answers.append(self.left.pop(0))
            if self.retries.consider(answers[-1], who="", advise=outgoing.advise) is None:
                break
        self.given += answers
        return answers


def answer(status, body, **headers):
    return Answer("GET", "api.groq.com", "/v1/quota", status=status, body=body, headers=Counted(headers))


def test_a_run_reads_each_answer_once():
    wire = Patient(answer(429, LIMITED, server="x"), answer(200, {"most": 5}, server="x"))
    running = asyncio.run(run(wire, QUOTA))
    assert [asked.outcome for asked in running.asked] == ["ok"]
    assert [given.headers.made for given in wire.given] == [1, 1]


def test_the_limits_that_a_file_declares_are_read_once_for_rows_and_diagnosis():
    reads = []
    part = replace(QUOTA.extracts[0], rows=lambda body: reads.append(body) or body)
    request = replace(QUOTA, extracts=(part,))
    read = reader(catalogue=load(), provider=load().provider("groq"), request=request)
    reading = read(answer(200, {"most": 5}))
    assert [row["limit"] for row in reading.diagnosis.limits] == [5]
    assert [row["limit"] for row in reading.tables["limits"]] == ["5"]
    assert len(reads) == 1
