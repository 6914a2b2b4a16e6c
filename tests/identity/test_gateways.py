"""Whatever a gateway hands on from the service behind it, the answer is the gateway's or nobody's."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from testkey_nb.answers import document
from testkey_nb.catalogue import load
from testkey_nb.catalogue.model import Signature
from testkey_nb.identity import Verdict, decide, identify_recorded
from testkey_nb.identity.evidence import evidence_of
from testkey_nb.identity.piece import Evidence
from testkey_nb.identity.signals import signals_of
from testkey_nb.vocabulary import EVERYONE

ANSWERS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("upstream_answers.toml").read_text(encoding="utf-8")
)


def marks_of_gateways(upstream: str) -> Iterator[Signature]:
    """Every mark of who may stand before this service and does not share the mark with it; a path is no mark."""
    known = signals_of(load())
    least = 0.0 if upstream in known.imitated else known.weighing.weak_db
    for mark in known.signals:
        relays = [name for name in mark.services if known.outranks(name, upstream)]
        speaks = mark.layer == "front" and mark.group != "path" and mark.db > 0 and mark.db >= least
        if speaks and relays and upstream not in mark.services:
            yield mark


@cache
def own_evidence(upstream: str) -> tuple[Evidence, ...]:
    answer = ANSWERS[upstream]
    doc = document(status=answer["status"], headers=answer.get("headers"), body=answer.get("body"))
    return tuple(evidence_of(doc, catalogue=load()))


def with_mark(upstream: str, mark: Signature) -> Verdict:
    """The verdict on this service's answer where it bears the mark, too."""
    found = [*own_evidence(upstream)]
    found += [Evidence(mark.id, name, mark.layer, mark.group, mark.db, mark.text) for name in mark.services]
    found += [Evidence(mark.id, name, mark.layer, mark.group, db, mark.text) for name, db in mark.against.items()]
    if mark.others:
        found.append(Evidence(mark.id, EVERYONE, mark.layer, mark.group, mark.others, "", spares=mark.services))
    return decide(found, catalogue=load())


@pytest.mark.parametrize("upstream", sorted(ANSWERS))
def test_without_a_gateway_the_answer_is_the_services_own(upstream: str) -> None:
    answer = ANSWERS[upstream]
    verdict = identify_recorded(status=answer["status"], headers=answer.get("headers"), body=answer.get("body"))
    assert verdict.provider == upstream


@pytest.mark.parametrize("upstream", sorted(ANSWERS))
def test_no_gateways_mark_leaves_the_answer_to_the_service_behind(upstream: str) -> None:
    marks = list(marks_of_gateways(upstream))
    named = {mark.id: with_mark(upstream, mark).provider for mark in marks}
    assert len(marks) > 30
    assert {mark.id: named[mark.id] for mark in marks if named[mark.id] not in (None, *mark.services)} == {}


@pytest.mark.parametrize("upstream", sorted(ANSWERS))
def test_behind_a_gateway_that_is_named_the_service_is_named_as_upstream(upstream: str) -> None:
    verdicts = [with_mark(upstream, mark) for mark in marks_of_gateways(upstream)]
    behind = {verdict.upstream for verdict in verdicts if verdict.provider is not None}
    assert behind - {None} == {upstream}


def test_every_file_of_a_gateway_says_whom_it_outranks() -> None:
    files = load().providers.values()
    assert [one.id for one in files if one.kind == "gateway" and not one.outranks] == []


@pytest.mark.parametrize(
    ("headers", "gateway"),
    [
        ({"x-litellm-call-id": "00000000", "x-litellm-version": "1.80.0"}, "litellm"),
        ({"x-portkey-trace-id": "00000000", "x-portkey-provider": "openai"}, "portkey"),
        ({"helicone-id": "00000000", "helicone-status": "success"}, "helicone"),
        ({"cf-aig-log-id": "01EXAMPLE", "cf-aig-cache-status": "MISS"}, "cloudflare"),
        ({"x-oneapi-request-id": "2026010100000000000000000"}, None),
        ({"x-new-api-version": "v0.9.0", "x-oneapi-request-id": "2026010100000000000000000"}, "new-api"),
    ],
)
def test_a_gateways_headers_stand_above_those_of_openai(headers: dict[str, str], gateway: str | None) -> None:
    answer = ANSWERS["openai"]
    verdict = identify_recorded(status=429, headers={**answer["headers"], **headers}, body=answer["body"])
    assert (verdict.provider, verdict.upstream) == (gateway, "openai")
