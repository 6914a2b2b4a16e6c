"""One card per key says whose it is, how far it got on its path, and what to do next."""

from __future__ import annotations

from typing import Any

from testkey_nb.views.boards import path_of_stages
from testkey_nb.views.compare import facts
from testkey_nb.views.marks import Pen
from testkey_nb.views.source import FrameSource, rows_of
from testkey_nb.views.static_view import Kind
from testkey_nb.views.text import esc, free, missing


def draw(source: FrameSource, pen: Pen) -> str:
    """Draws the cards, next action first."""
    keys, say = facts(source), pen.say
    if not keys:
        return f'<p class="tk-notice">{esc(say("notice.empty"))}</p>'
    stages = _by_label(rows_of(source, "stages"))
    actions = _by_label(sorted(rows_of(source, "actions"), key=lambda row: row.get("rank") or 0))
    cards = [_card(label, key, stages.get(label, []), actions.get(label, []), pen) for label, key in keys.items()]
    return f'<div class="tk-keys">{"".join(cards)}</div>'


def _card(
    label: str, row: dict[str, Any], stages: list[dict[str, Any]], actions: list[dict[str, Any]], pen: Pen
) -> str:
    say = pen.say
    provider = row.get("provider")
    name = say("state.unknown") if missing(provider) else str(provider)
    verdict = row.get("verdict")
    word = pen.word("unknown" if missing(verdict) else str(verdict))
    sentence = say("report.verdict", label=label, provider=name, verdict=word)
    for state in ("callable", "listed"):
        if row.get(state):
            sentence += " " + say(f"report.{state}_count", count=row[state]) + "."
    return (
        f'<article class="tk-card tk-key"><header><h3><bdi>{esc(label)}</bdi></h3>'
        f"{pen.chip(_validity(row.get('key_valid')))}</header>"
        f'<p class="tk-next"><span class="tk-k">{esc(say("page.next"))}</span> {_next(actions, pen)}</p>'
        f"<p>{esc(sentence)}</p>{path_of_stages(stages, pen)}</article>"
    )


def _validity(valid: Any) -> str:
    return "untested" if missing(valid) else "valid" if valid else "not-valid"


def _next(actions: list[dict[str, Any]], pen: Pen) -> str:
    if not actions:
        return esc(pen.say("report.next_none"))
    first = actions[0]
    text = pen.named("action", str(first.get("action")))
    reason = "" if missing(first.get("reason")) else f" – {free(first['reason'])}"
    proof = pen.exchanges(first.get("evidence"))
    return f"<strong>{esc(text)}</strong>{reason} {proof}".strip()


def _by_label(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(str(row.get("label") or row.get("key_id")), []).append(row)
    return groups


KIND = Kind("summary", "Summary", "identity", draw)
