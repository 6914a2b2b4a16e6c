"""Where a field stands in the text of a TOML file."""

from __future__ import annotations

import re

_LONG_TEXT = re.compile(r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'')
_HEADER = re.compile(r"\s*\[\[?\s*([\w.\"-]+)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*([\w\"-]+)\s*=")
# a text, a comment, or one character of an inline value
_PIECE = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|.', re.DOTALL)


def line_of(text: str, path: str) -> int | None:
    """Gives the line where a path such as `probes[0].requests[1].host` stands; None when it cannot be told.

    It walks the headers in order and counts the arrays of tables, so the last header that leads to the path wins.
    """
    wanted = re.sub(r"\[(\d+)\]", r".\1", path).split(".")
    # the lines of a long text look like headers and keys, and are none
    text = _LONG_TEXT.sub(lambda long: "''" + "\n" * long[0].count("\n"), text)
    counts: dict[str, int] = {}
    here: list[str] = []
    best: tuple[int, int] | None = None
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            here = _place(header[1], counts, is_array=line.lstrip().startswith("[["))
            depth = _common(here, wanted)
        elif key := _KEY.match(line):
            depth = _common([*here, key[1].strip('"')], wanted)
        else:
            continue
        if depth and (best is None or depth > best[0]):
            best = (depth, number)
    if best is None:
        return None
    depth, number = best
    if depth < len(wanted) and wanted[depth].isdecimal():
        return number + _lines_down("\n".join(lines[number - 1 :]), int(wanted[depth]))
    return number


def _place(header: str, counts: dict[str, int], *, is_array: bool) -> list[str]:
    """Gives the path of a header, with the numbers of the arrays of tables on its way."""
    place: list[str] = []
    names = [name.strip('"') for name in header.split(".")]
    for depth, name in enumerate(names):
        place.append(name)
        key = "/".join(place)
        if depth == len(names) - 1 and is_array:
            counts[key] = counts.get(key, -1) + 1
        if key in counts:
            place.append(str(counts[key]))
    return place


def _lines_down(text: str, wanted: int) -> int:
    """Gives how many lines below the start of `name = [` its entry of this number begins; 0 when there is none."""
    depth, entry, line, begun = 0, 0, 0, False
    for piece in _PIECE.findall(text):
        if depth == 1 and not begun and not piece.isspace() and piece[0] not in ",]#":
            begun = True
            if entry == wanted:
                return line
        if piece in "[{":
            depth += 1
        elif piece in "]}":
            depth -= 1
            if depth <= 0:
                return 0
        elif piece == "," and depth == 1:
            entry, begun = entry + 1, False
        line += piece == "\n"
    return 0


def _common(here: list[str], wanted: list[str]) -> int:
    """Gives how deep `here` leads to `wanted`; 0 when it leads elsewhere."""
    if here[: len(wanted)] != wanted[: len(here)]:
        return 0
    return min(len(here), len(wanted))
