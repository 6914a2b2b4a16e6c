"""Weighs a key's answers into its identity: the rows of `verdicts` and `evidence`, which the table `identity` reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from testkey_nb.identity import decide, evidence_of, evidence_of_key
from testkey_nb.probes.coverage import key_validity, note_coverage

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.identity import Evidence, Verdict
    from testkey_nb.preflight.targets import Target
    from testkey_nb.probes.key_run import KeyRun
    from testkey_nb.probes.rows import Rows


def conclude(run: KeyRun, *, earlier: Iterable[Evidence] = (), answered: int = 0) -> None:
    """Note verdict, validity, evidence and coverage of a run that is over.

    `earlier` is what the no-key questions of an unknown host showed, `answered` how many of them were answered.
    """
    target, rows = run.target, run.rows
    valid, decisive, why = key_validity(run.asked)
    evidence = [*evidence_of_key(target.shape, claimed=target.claimed, catalogue=run.catalogue), *earlier]
    _note_marks(rows, evidence)
    for answer in run.asked:
        host = answer.document["host"]
        marks = evidence_of(
            answer.document,
            catalogue=run.catalogue,
            host=host,
            routed=answer.routed,
            accepted=answer.exchange_id == decisive and valid is True,
        )
        evidence += marks
        _note_marks(rows, marks, exchange_id=answer.exchange_id, probe=answer.probe.id)
    answered += sum(asked.document["status"] is not None for asked in run.asked)
    host = run.asked[-1].document["host"] if run.asked else target.decision.base.host if target.decision.base else None
    verdict = decide(evidence, catalogue=run.catalogue, claimed=target.claimed, host=host, answered=answered)
    contradicted = valid is None and any(asked.facts and asked.exchange_id == decisive for asked in run.asked)
    _note(rows, target, verdict, valid=valid, exchange_id=decisive, why=why, contradicted=contradicted)
    if target.provider is not None and run.asked:
        note_coverage(rows, target.provider, run.asked, catalogue=run.catalogue)


def undecided(rows: Rows, target: Target, *, catalogue: Catalogue) -> None:
    """Note the verdict on a key that nothing may be asked with."""
    evidence = evidence_of_key(target.shape, claimed=target.claimed, catalogue=catalogue)
    _note_marks(rows, evidence)
    verdict = decide(evidence, catalogue=catalogue, claimed=target.claimed, answered=0)
    _note(rows, target, verdict, valid=None, exchange_id=None, why="the key was not sent")


def _note_marks(
    rows: Rows, marks: Iterable[Evidence], *, exchange_id: str | None = None, probe: str | None = None
) -> None:
    for mark in marks:
        rows.note(
            "evidence", exchange_id=exchange_id, probe=probe, signal=mark.signal, provider=mark.provider,
            layer=mark.layer, group=mark.group, db=mark.db, text=mark.text, source=mark.source, routed=mark.routed,
        )  # fmt: skip


def _note(
    rows: Rows,
    target: Target,
    verdict: Verdict,
    *,
    valid: bool | None,
    exchange_id: str | None,
    why: str,
    contradicted: bool = False,
) -> None:
    decision = target.decision
    ruling = decision.verdict if decision.verdict == "conflicting" or not decision.send else None
    observed = verdict.provider or (decision.provider.id if ruling == "conflicting" and decision.provider else None)
    rows.note(
        "verdicts",
        exchange_id=exchange_id,
        verdict=ruling or verdict.verdict,
        confidence_db=verdict.confidence_db,
        provider=observed,
        front=verdict.front or observed,
        transport=verdict.transport,
        upstream=verdict.upstream,
        key_kind=target.shape.key_kind,
        shape_owner=target.shape.bound,
        shape_text=target.shape.explanation,
        shape_refusal=target.shape.refusal,
        official=decision.region is not None,
        expires_at=target.shape.expires_at,
        reason=f"{decision.reason}. {verdict.reason}" if ruling else verdict.reason,
        candidates=list(decision.candidates or (candidate.provider for candidate in verdict.candidates)),
        key_valid=valid,
        key_valid_reason=why,
        contradicted=contradicted,
    )
