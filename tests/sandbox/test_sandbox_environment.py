"""The sandbox's keys stand in the environment only while it runs."""

from __future__ import annotations

import os

from testkey_nb.sandbox import Sandbox, sandbox

NAME = "TESTKEY_SANDBOX_GROQ_DEVELOPER"


def test_the_last_sandbox_to_close_clears_the_variable() -> None:
    # an environment of its own: in the process's own, another test's sandbox may hold the variable too
    environ: dict[str, str] = {}
    first, second = (Sandbox(only=["groq"], environ=environ) for _ in range(2))
    first.close()
    assert "EXAMPLE" in environ[NAME]
    second.close()
    assert environ == {}


def test_closing_twice_does_nothing() -> None:
    environ: dict[str, str] = {}
    closed = Sandbox(only=["groq"], environ=environ)
    closed.close()
    with Sandbox(only=["groq"], environ=environ):
        closed.close()
        assert NAME in environ


def test_the_keys_stand_in_the_process_environment() -> None:
    with sandbox(only=["groq"]):
        assert "EXAMPLE" in os.environ[NAME]
