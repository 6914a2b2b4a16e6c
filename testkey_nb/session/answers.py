"""The way of answers into a session's tables: those that it asked for, and those of the analyst's own traffic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from testkey_nb.preflight import Target
from testkey_nb.probes import Result, Rows, observed, read_har
from testkey_nb.session.life import Life

# answers of her own traffic that come within this time share one run
OBSERVE_TOGETHER_S = 5.0


class Answers(Life):
    """The part of a session that takes answers in."""

    def observe(
        self,
        label: str,
        *,
        status: int | None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        path: str | None = None,
        at: datetime | None = None,
        model: str | None = None,
    ) -> Self:
        """Takes an answer from the analyst's own traffic with this key into the tables; sends nothing.

        `at` is when it came (an aware instant, or naive UTC; now by default). `model` is the one that was asked: limits
        stand under it. Without it they stand under the model that the answer or its path names.

        Raises:
            UnknownLabel: no such key held.
        """
        target = self._keys.find(label)
        when = self._clock.now() if at is None else _naive(at)
        rows = Rows(target.key_id, self._observed_prefix(), redact=self.catalogue.redact)
        observed(
            target, rows, catalogue=self.catalogue, status=status, headers=headers or {}, body=body, path=path, at=when,
            model=model,
        )  # fmt: skip
        self._take([self._as_result(target, rows)], together=True)
        return self

    def observe_har(self, path: str | Path) -> int:
        """Takes the answers of a recorded browser or proxy session that belong to keys held; returns how many.

        Request headers, cookies and queries are dropped on reading; of the answers only what tables hold is kept.

        Raises:
            BadAnswer: no HAR file.
        """
        rows_of: dict[str, Rows] = {}
        count = 0
        prefix = self._observed_prefix()
        for recorded in read_har(Path(path), self._keys.chosen()):
            target = recorded.target
            fresh = Rows(target.key_id, f"{prefix}-{len(rows_of) + 1:02d}", redact=self.catalogue.redact)
            rows = rows_of.setdefault(target.label, fresh)
            observed(
                target, rows, catalogue=self.catalogue, status=recorded.status, headers=recorded.headers,
                body=recorded.body, path=recorded.path, at=recorded.at, method=recorded.method, host=recorded.host,
                model=recorded.model,
            )  # fmt: skip
            count += 1
        if rows_of:
            self._take([self._as_result(self._keys.find(label), rows) for label, rows in rows_of.items()])
        return count

    def _as_result(self, target: Target, rows: Rows) -> Result:
        rows.tables["keys"] = [target.row()]
        return Result(target, rows, self._clock.now())

    def _observed_prefix(self) -> str:
        with self._lock:
            self._runs += 1
            return f"o{self._runs}"

    def _take(self, results: Sequence[Result], *, together: bool = False) -> None:
        """Results become rows of one run; observed answers that come close together share theirs."""
        from testkey_nb.session.loading import insert_results

        store = self._store
        with self._lock:
            now = self._clock.now()
            if together and self._observing and (now - self._observing[1]).total_seconds() < OBSERVE_TOGETHER_S:
                run = self._observing[0]
            else:
                run = store.open_run()
                self._observing = (run, now) if together else None
            # before the run's time begins, so that it cannot end without them
            self._registry.use(run, [result.target.key for result in results])
            insert_results(store, run, results, catalogue=self.catalogue)
            first = min((result.first_answer_at for result in results if result.first_answer_at), default=now)
            store.first_answer(run, first)
            self._show_pending()


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
