"""The style sheets of the views: scoped under `.tk-view`, coloured by the notebook's theme."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


@cache
def sheet(name: str) -> str:
    """Gives the text of `<name>.css` beside this module, without its comments."""
    return _COMMENT.sub("", Path(__file__).with_name(f"{name}.css").read_text(encoding="utf-8"))


def style_tag() -> str:
    """Gives the style element that goes in front of a view in a notebook."""
    return f"<style>{sheet('view')}</style>"
