"""The same verbs from a shell."""

from testkey_nb.cli.commands import main

__all__ = ["main"]
