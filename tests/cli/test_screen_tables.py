"""A table on a screen: labels stand whole, long texts wrap, what does not fit is named."""

from __future__ import annotations

import pandas as pd
import pytest

from testkey_nb.cli.output import print_frame, print_tables

LABEL = "huggingface-fine-grained"
ROW = {
    "label": LABEL, "provider": "huggingface", "verdict": "confirmed", "callable": 3, "denied": 1,
    "next_action": "enable the key, or make a new one in the console of the provider",
}  # fmt: skip


def printed(capsys: pytest.CaptureFixture[str], width: int, *, rows: int = 1, **more: object) -> list[str]:
    print_frame(pd.DataFrame([ROW] * rows), title="Keys", width=width, **more)  # type: ignore[arg-type]
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_label_never_wraps_and_no_line_is_wider_than_the_screen(
    capsys: pytest.CaptureFixture[str], width: int
) -> None:
    lines = printed(capsys, width)
    assert sum(LABEL in line for line in lines) == 1
    assert max(map(len, lines)) <= width


def test_a_wide_screen_leaves_nothing_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert not [line for line in printed(capsys, 200) if "Left out" in line]


def test_a_narrow_screen_leaves_out_what_may_be_spared_first_and_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\n".join(printed(capsys, 70, spare=("denied", "callable")))
    assert "Left out on this narrow screen: callable, denied" in text
    assert "next_action" in text.splitlines()[1]


def test_a_long_text_wraps_and_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, 90, spare=("denied", "callable"))
    words = " ".join(" ".join(lines).split())
    assert all(word in words for word in str(ROW["next_action"]).split())


def test_rows_beyond_the_first_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert "… and 4 more rows" in printed(capsys, 120, rows=9, most=5)[-1]


def test_what_a_server_named_its_model_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_tables({"Models": pd.DataFrame([{"model": "[red]m[/red]\x1b[31m"}])})
    out = capsys.readouterr().out
    assert "[red]m[/red]" in out
    assert "\x1b" not in out
