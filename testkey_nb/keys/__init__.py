"""Secrets that cannot be shown by accident, where they come from, and how they are taken out of text."""

from __future__ import annotations

from testkey_nb.keys.key import Key
from testkey_nb.keys.redaction import Redactor, mask_emails, redact_secrets, shared_from
from testkey_nb.keys.shapes import Shape
from testkey_nb.keys.sources import from_source

__all__ = ["Key", "Redactor", "Shape", "from_source", "mask_emails", "redact_secrets", "shared_from"]
