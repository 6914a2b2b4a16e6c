"""How a run shows its progress: a bar, a callable, or silence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int, str], None]


@contextmanager
def progress_of(progress: bool | Progress | None) -> Iterator[Progress | None]:
    """Gives the callback that shows progress: the given one, a bar, or none."""
    if not isinstance(progress, bool):
        yield progress
        return
    if not progress:
        yield None
        return
    from tqdm.auto import tqdm

    with tqdm(total=0, unit=" requests", leave=False, file=sys.stderr) as bar:

        def show(done: int, total: int, text: str) -> None:
            bar.total = total
            bar.set_postfix_str(text, refresh=False)
            bar.update(done - bar.n)

        yield show
