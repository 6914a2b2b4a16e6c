"""Fits the weights of the marks to the recorded answers: `python -m tests.captures.fit_signals [--write]`.

Prints how much moved, what one record can do to a weight, and the figures of cross-validation by provider and by
source; with `--write` it writes data/weights.toml. The same records give the same file.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from testkey_nb.catalogue import Catalogue, load
from testkey_nb.identity.signals import signals_of
from tests.captures.figures import captures_dir
from tests.captures.fitting import ITERATIONS, SIGMA_DB, SOURCES_LEAST, Sample, fit, samples, support

WEIGHTS = Path(__file__).resolve().parents[2] / "data" / "weights.toml"
_HEAD = """\
# Decibans of marks (`[[signatures]]` and `mentions` of services, data/reading/marks.toml) as fitted on recorded
# answers. Written by `python -m tests.captures.fit_signals --write`; a mark that is not here keeps the expert's value.
#
# A log-linear model with the expert's value as the middle of a normal prior of {sigma:g} dB; signals that fewer than
# {least} sources show are not fitted, so no weight rests on one record. `records`, `sources`: how many show the signal.

fitted = {day}
records = {records}
providers = {providers}

[signals]
"""


def text_of(found: Sequence[Sample], weights: Mapping[str, float], *, day: str) -> str:
    """The file for these weights."""
    shown = support(found)
    head = _HEAD.format(
        sigma=SIGMA_DB, least=SOURCES_LEAST, day=day, records=len(found), providers=len({one.provider for one in found})
    )
    rows = (
        f'"{signal}" = {{ db = {db:.1f}, records = {shown[signal][0]}, sources = {shown[signal][1]} }}\n'
        for signal, db in sorted(weights.items())
    )
    return head + "".join(rows)


def held_out(
    found: Sequence[Sample], catalogue: Catalogue, by: Callable[[Sample], str]
) -> list[tuple[Sample, str | None]]:
    """Whom each record is said to be from, with weights fitted on the records of all other groups."""
    said = []
    for group in sorted({by(one) for one in found}):
        weights = fit([one for one in found if by(one) != group], catalogue)
        said += [(one, one.named(weights, catalogue)) for one in found if by(one) == group]
    return said


def line_of(said: Sequence[tuple[Sample, str | None]]) -> str:
    """Identifiable records named rightly, names that are right, abstained where one must."""
    yes = [(one, name) for one, name in said if one.truth is not None]
    no = [name for one, name in said if one.truth is None]
    named = [(one, name) for one, name in said if name is not None]
    return (
        f"named rightly {sum(name == one.truth for one, name in yes)} of {len(yes)}, "
        f"names right {sum(name == one.truth for one, name in named)} of {len(named)}, "
        f"abstained where one must {sum(name is None for name in no)} of {len(no)}"
    )


def influence(found: Sequence[Sample], weights: Mapping[str, float], catalogue: Catalogue) -> tuple[float, str, str]:
    """The most that leaving out one record moves a weight that stays fitted: decibans, signal, record."""
    worst = (0.0, "", "")
    for place, left in enumerate(found):
        others = fit([*found[:place], *found[place + 1 :]], catalogue, start=weights)
        worst = max(worst, *((abs(db - weights[name]), name, left.id) for name, db in others.items()))
    return worst


def main() -> None:
    catalogue = load()
    found = samples(catalogue)
    if not found:
        raise SystemExit(f"no observed answers in {captures_dir()}; set TESTKEY_NB_CAPTURES")
    weights, expert = fit(found, catalogue), signals_of(catalogue).expert
    moves = {name: db - expert[name] for name, db in weights.items()}
    far = max(moves, key=lambda name: abs(moves[name]))
    print(f"{len(found)} records, {len(support(found))} signals seen, {len(weights)} fitted in {ITERATIONS} steps")
    print(f"moved by 0.5 dB or more: {sum(abs(db) >= 0.5 for db in moves.values())}; most: {far} {moves[far]:+.1f} dB")
    worst = influence(found, weights, catalogue)
    print(f"leaving out one record moves a weight by {worst[0]:.2f} dB at most ({worst[1]} without {worst[2]})")
    print("expert's weights, all records:   " + line_of([(one, one.named(expert, catalogue)) for one in found]))
    print("fitted weights, the same records: " + line_of([(one, one.named(weights, catalogue)) for one in found]))
    print("held out by provider:             " + line_of(held_out(found, catalogue, lambda one: one.provider)))
    print("held out by source:               " + line_of(held_out(found, catalogue, lambda one: one.source)))
    strangers = [(one, one.named(weights, catalogue, without=one.provider)) for one in found]
    wrong = Counter(f"{one.provider} called {name}" for one, name in strangers if name is not None)
    print(f"as if the product were unknown:   {len(found) - wrong.total()} of {len(found)} given nobody's name", end="")
    print(f"; wrong: {dict(wrong)}" if wrong else "")
    if "--write" in sys.argv:
        WEIGHTS.write_text(text_of(found, weights, day=f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")
        print("written: data/weights.toml")


if __name__ == "__main__":
    main()
