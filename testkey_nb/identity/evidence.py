"""Turns answers, hosts, keys and claims into evidence, in decibans, for and against providers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from testkey_nb.identity.derived import evidence_of_files
from testkey_nb.identity.facts import view
from testkey_nb.identity.piece import Evidence
from testkey_nb.identity.signals import Signals, signals_of
from testkey_nb.preflight.hosts import owners_of
from testkey_nb.vocabulary import EVERYONE

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import Signature
    from testkey_nb.preflight.key_shape import Shape

# Which part of an answer a group reads; where it is missing the group's signals are not tried.
_NEEDS = {
    "hdr": "names",
    "err": "failed",
    "mention": "said",
    "list": "items",
    "path": "path",
    "stream": "fine",
    "ident": "fine",
}


def evidence_of(
    doc: Mapping[str, Any],
    *,
    catalogue: Catalogue,
    host: str | None = None,
    routed: bool = False,
    accepted: bool = False,
) -> list[Evidence]:
    """The evidence in one answer's document (`answers.documents`).

    `host` is the official host that answered (`host` or `host:port`); with `routed` it is the one that a route
    stands for. `accepted`: the answer proves that the host took the key (a key check, whose control differed).
    """
    signals = signals_of(catalogue)
    facts = {**view(doc), "host": host}
    evidence: list[Evidence] = []
    message = facts["said"]
    own = signals.own_words(message, quotes=not isinstance(doc["body"], str)) if message else message
    # with the body that the message quotes: whom that names stands behind the answer
    whole = f"{message} {doc['nested']}" if doc.get("nested") else message
    for group, marks in signals.by_group.items():
        need = _NEEDS.get(group)
        if (need is not None and not facts[need]) or (group == "mention" and not signals.mentions_any(whole)):
            continue
        words = {**facts, "said": whole} if group == "mention" else facts
        for mark in marks:
            if mark.when(words):
                behind = group == "mention" and own != whole and not mark.when({**facts, "said": own})
                evidence += _from_mark(replace(mark, layer="upstream") if behind else mark, facts, signals, catalogue)
    evidence += evidence_of_files(facts, catalogue=catalogue)
    foreign = _foreign_to(doc.get("path") or "", signals, catalogue) if host is None else ()
    evidence = [
        replace(piece, layer="upstream") if piece.provider in foreign and piece.db > 0 else piece for piece in evidence
    ]
    if host is not None and doc.get("failure") is None:
        evidence += evidence_of_host(host, catalogue=catalogue, routed=routed, accepted=accepted)
    return evidence


def _foreign_to(path: str, signals: Signals, catalogue: Catalogue) -> tuple[str, ...]:
    """Imitated services that have no such path: it holds their own behind a part that is somebody else's."""
    files = [catalogue.providers[name] for name in signals.imitated if name in catalogue.providers]
    return tuple(
        provider.id
        for provider in files
        if provider.base_path
        and f"{provider.base_path}/" in path
        and not path.startswith((f"{provider.base_path}/", "http"))
    )


def _from_mark(mark: Signature, facts: Mapping[str, Any], signals: Signals, catalogue: Catalogue) -> Iterable[Evidence]:
    services = mark.services
    if mark.named_by is not None:
        named = mark.named_by(facts)
        services = (signals.canonical(str(named).lower(), catalogue),) if named else ()
    shared = f" (shared by {', '.join(services)})" if len(services) > 1 else ""
    for service in services:
        yield Evidence(mark.id, service, mark.layer, mark.group, mark.db, mark.text + shared, mark.source)
    for service, db in mark.against.items():
        yield Evidence(mark.id, service, mark.layer, mark.group, db, mark.text, mark.source)
    if mark.others:
        yield Evidence(mark.id, EVERYONE, mark.layer, mark.group, mark.others, mark.text, mark.source, spares=services)


def evidence_of_host(
    host: str, *, catalogue: Catalogue, routed: bool = False, accepted: bool = False
) -> list[Evidence]:
    """Evidence of an official host; none for a host that is nobody's."""
    weighing = signals_of(catalogue).weighing
    owners = owners_of(host, catalogue=catalogue)
    names = tuple(owner.id for owner in owners)
    how = ", routed" if routed else ""
    evidence = []
    for owner in owners:
        text = f"{host} is a host of {owner.name}{how}"
        db = weighing.official_host_db
        evidence.append(Evidence("official-host", owner.id, "front", "host", db, text, owner.docs, routed))
        if accepted:
            text = f"{host} accepted the key{how}"
            db = weighing.accepted_db
            evidence.append(Evidence("accepted", owner.id, "front", "ident", db, text, owner.docs, routed))
    if owners:
        text = f"{host} is a host of {', '.join(owner.name for owner in owners)}{how}"
        db = weighing.other_host_db
        evidence.append(Evidence("official-host", EVERYONE, "front", "host", db, text, "", routed, spares=names))
    return evidence


def evidence_of_key(shape: Shape | None = None, *, catalogue: Catalogue, claimed: str | None = None) -> list[Evidence]:
    """What the key's shape and the claim say before anything is asked. The claim is a prior, never a proof."""
    weighing = signals_of(catalogue).weighing
    evidence = []
    if shape is not None and shape.bound is not None:
        text, db, other_db = shape.explanation, weighing.key_shape_db, weighing.other_key_shape_db
        evidence.append(Evidence("key-shape", shape.bound, "front", "key", db, text))
        evidence.append(Evidence("key-shape", EVERYONE, "front", "key", other_db, text, spares=shape.names))
    elif shape is not None:
        db = weighing.shared_key_shape_db
        evidence += [Evidence("key-shape", name, "front", "key", db, shape.explanation) for name in shape.names]
    if claimed is not None:
        evidence.append(Evidence("claim", claimed, "prior", "claim", weighing.claim_db, f"{claimed} was declared"))
    return evidence
