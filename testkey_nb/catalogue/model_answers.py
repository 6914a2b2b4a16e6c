"""What a file says of answers: limit headers, error rules, marks, and what cannot be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from testkey_nb.catalogue.expressions import Expression
from testkey_nb.catalogue.model_keys import Confidence


@dataclass(frozen=True, slots=True)
class Limits:
    """Whom a provider's limits bind (a word of `vocabulary.BINDS`), where nothing closer says so."""

    binds: str
    source: str = ""
    confidence: Confidence = "documented"


@dataclass(frozen=True, slots=True)
class LimitHeader:
    """One family of limit headers: which header says what.

    Attributes:
        limit, remaining, reset: header names, lower-case; any may be None.
        reset_as: `auto` | `duration` | `seconds` | `epoch` | `epoch_ms` | `iso`.
        binds: a word of `vocabulary.BINDS`; None = what the file's `[limits]` says.
        when: expression on the answer document; the family applies only where it is true.
    """

    kind: str
    window: str
    limit: str | None = None
    remaining: str | None = None
    reset: str | None = None
    reset_as: str = "auto"
    unit: str | None = None
    scope: str = "key"
    binds: str | None = None
    when: Expression | None = None
    source: str = ""
    confidence: Confidence = "documented"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFields:
    """What an answer must be for a rule to hold: every field that is given, and inside a field any of its values.

    Regexes ignore case and are searched for anywhere in their text.

    Attributes:
        status: statuses.
        code: whole codes of the error, as the envelope has them (numbers as text).
        type: whole types of the error.
        codes: regexes over code, type and reason, lower-case, in one text.
        path: regexes over the path that was asked.
        says: regexes over the message, whatever the envelope.
        examples: for each regex of `says`, in its order, a wording that it finds and that no regex of `unless` finds.
        unless: regexes over the message; one that is found speaks against.
        when: JMESPath over the answer document, for what the fields cannot say.
        any: alternatives, one of which must hold besides the other fields; each with the same fields but this one.
    """

    status: tuple[int, ...] = ()
    code: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    when: Expression | None = None
    any: tuple[ErrorFields, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRule(ErrorFields):
    """Which condition an error answer means; a provider's rules are read before the general ones of errors.toml.

    `when` is read against the answer document: `{status, method, path, headers (lower-case), body (parsed JSON or
    null), text (body as text), error (the message found), code, type, param, content_type, html (bool), auth (bool: a
    key was sent)}` and the other names of `vocabulary.DOCUMENT_NAMES`.

    Attributes:
        condition: a word of `vocabulary.CONDITIONS`.
        key_valid: True, False, or None = such an answer does not tell.
        cause: one plain sentence; None takes the condition's own from moves.toml, and so with the three below.
        cause_code: the same as a word of `vocabulary.CAUSE_CODES`.
        move: what to do next, one plain sentence.
        move_code: the same as a word of `vocabulary.MOVE_CODES`.
        late: a catch-all, though it asks for words; read after the general rules that know the words.
        whose: `own`, or `upstream` where the words are those of a service behind the one that answers.
    """

    id: str
    condition: str
    key_valid: bool | None = None
    cause: str | None = None
    cause_code: str | None = None
    move: str | None = None
    move_code: str | None = None
    late: bool = False
    whose: str = "own"
    source: str = ""
    confidence: Confidence = "documented"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A mark in one answer that speaks for (db > 0) or against services, in decibans.

    `when` is read against the answer document (see ErrorRule) and what `vocabulary.VIEW_NAMES` adds. Inside one
    `group` only the strongest mark counts for a candidate.

    Attributes:
        id: its name in evidence and in data/weights.toml; no other mark of any file has it.
        layer: front (who answers), transport (what carries the answer), upstream (who stands behind).
        services: ids of those that show it: the file's own, or several that share it word for word; each gets `db`.
        others: decibans for every other candidate (negative), 0 for none.
        against: decibans by candidate.
        named_by: an expression that reads the service's name out of the answer, in place of `services`.
        confidence: None where the file does not say.
    """

    id: str
    layer: Literal["front", "transport", "upstream"] = "front"
    group: str
    when: Expression
    db: float
    services: tuple[str, ...]
    others: float = 0
    against: Mapping[str, float] = field(default_factory=dict)
    named_by: Expression | None = None
    source: str = ""
    confidence: Confidence | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Addresses and product names that a service's own refusals mention; `db` None = the usual weight."""

    words: tuple[str, ...]
    db: float | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A service that is recognised by its answers and cannot be asked with a key: a file in data/products/.

    Attributes:
        hosted: it answers on hosts of its own only, never in a private network.
        outranks: see `Provider`.
    """

    id: str
    name: str
    file: str
    aliases: tuple[str, ...] = ()
    hosted: bool = True
    outranks: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    mentions: Mentions | None = None


@dataclass(frozen=True, slots=True)
class NotExposed:
    """A fact the provider has no read-only endpoint for, with where that is said."""

    fact: str
    source: str = ""
    confidence: Confidence = "documented"
