"""Searches everything that leaves a session for a key and what servers echo of it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import testkey_nb as tk
from testkey_nb.cli.output import json_text
from testkey_nb.vocabulary import TABLES


def forms(key: str) -> dict[str, str]:
    """The key as it may show up, by the form's name."""
    raw = key.encode()
    return {
        "plain": key,
        "tail": key[3:],
        "sha256": hashlib.sha256(raw).hexdigest(),
        "sha1": hashlib.sha1(raw).hexdigest(),
        "md5": hashlib.md5(raw).hexdigest(),
        # without the end, whose last characters depend on what follows
        "base64": base64.b64encode(raw).decode().rstrip("=")[:-2],
        "urlsafe base64": base64.urlsafe_b64encode(raw).decode().rstrip("=")[:-2],
    }


def everything(session: tk.Session, folder: Path) -> dict[str, str]:
    """All that a session gives out, as text, by where it stands."""
    frames = {name: session.frame(name) for name in TABLES}
    found = {name: frame.to_csv() for name, frame in frames.items()}
    found["json"] = json_text(frames)
    found["report"] = session.report(folder / "report.html").read_text("utf-8")
    found["repr"] = repr(session)
    for name in ("permissions", "limits"):
        found[f"{name} matrix"] = session.matrix(name)._repr_html_()
    for name in set(session.sql("SHOW TABLES")["name"]) - set(TABLES):  # the store's own tables too
        found[f"store: {name}"] = session.sql(f'FROM "{name}"').to_csv()
    return found


def places(key: str, texts: dict[str, str]) -> list[tuple[str, str]]:
    """(where, which form) of every find; empty is good."""
    return [
        (where, name)
        for where, text in texts.items()
        for name, form in forms(key).items()
        if form.lower() in text.lower()
    ]
