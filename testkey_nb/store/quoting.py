"""Names and texts as SQL: the one place that knows how each is quoted."""

from __future__ import annotations


def identifier(name: str) -> str:
    """Gives the name of a table or column, in SQL's double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Gives the text as an SQL value, in SQL's single quotes."""
    return "'" + text.replace("'", "''") + "'"
