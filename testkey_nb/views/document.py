"""A whole HTML file stands around a fragment: one style element, no script, nothing remote."""

from __future__ import annotations

from testkey_nb.catalogue.locales import Locale
from testkey_nb.views.style import sheet
from testkey_nb.views.text import esc

# the browser itself refuses whatever a page of ours should never do: load, run or send anything
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def document(title: str, body: str, *, locale: Locale, css: str = "") -> str:
    """Gives the file's text. `body` is safe HTML; `css` comes after the views' own."""
    return (
        f'<!DOCTYPE html>\n<html lang="{esc(locale.lang)}" dir="{locale.direction}">\n'
        '<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{esc(title)}</title>\n<style>\n{sheet('theme')}{sheet('view')}{css}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
