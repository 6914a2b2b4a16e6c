"""How well diagnoses agree with the labels of the observed answers; `python -m tests.captures.figures` prints it."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from testkey_nb.answers import diagnose, document
from testkey_nb.answers.windows import of_seconds
from testkey_nb.catalogue import load
from testkey_nb.catalogue.model import Provider
from testkey_nb.errors import UnknownProvider

TOLERANCE_S = 1.0
# answers that were recorded, and answers gathered in the field for what was read wrong
OBSERVED, FIELD = "observed.jsonl", "field-observed.jsonl"


def captures_dir() -> Path:
    """Where the observed answers lie: TESTKEY_NB_CAPTURES, else `../shared/captures` beside the repository."""
    told = os.environ.get("TESTKEY_NB_CAPTURES")
    return Path(told) if told else Path(__file__).parents[3] / "shared" / "captures"


def records(name: str = OBSERVED) -> Iterator[dict[str, Any]]:
    """The labelled records of one file whose quality is not `doubtful`."""
    for line in (captures_dir() / name).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["expect"]["quality"] != "doubtful":
            yield record


@dataclass
class Figures:
    """Counts over the records; `misses` names each record that differs, and in what."""

    records: int = 0
    conditions: int = 0
    key_wrong: int = 0
    key_silent: int = 0
    limits: int = 0
    limits_right: int = 0
    waits: int = 0
    waits_right: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def condition_share(self) -> float:
        return self.conditions / self.records

    @property
    def limits_share(self) -> float:
        return self.limits_right / self.limits if self.limits else 1.0

    def add(self, record: Mapping[str, Any], provider: Provider | None) -> None:
        expect, request = record["expect"], record["request"]
        doc = document(
            status=record["status"],
            headers=record["headers"],
            body=record["body"],
            method=request.get("method"),
            path=request.get("path"),
        )
        got = diagnose(doc, catalogue=load(), provider=provider)
        self.records += 1
        wanted = expect.get("condition_any") or [expect.get("condition")]
        self._note(got.condition in wanted, record, f"condition {got.condition}, not {wanted} ({got.rule})")
        self.conditions += got.condition in wanted
        allowed = expect.get("key_valid_any") or [expect["key_valid"]]
        if got.key_valid not in allowed:
            self.key_silent += got.key_valid is None
            self.key_wrong += got.key_valid is not None
            self._note(got.key_valid is None, record, f"key_valid {got.key_valid}, not {allowed} ({got.rule})")
        if expect.get("limits"):
            right = same_limits(got.limits, expect["limits"])
            self.limits += 1
            self.limits_right += right
            self._note(right, record, f"limits {list(got.limits)}, not {expect['limits']}")
        if expect.get("retry_after_s") is not None:
            wait = got.retry_after_s
            right = wait is not None and abs(wait - expect["retry_after_s"]) <= TOLERANCE_S
            self.waits += 1
            self.waits_right += right
            self._note(right, record, f"retry_after_s {wait}, not {expect['retry_after_s']}")

    def _note(self, right: bool, record: Mapping[str, Any], words: str) -> None:
        if not right:
            self.misses.append(f"{record['id']} {record['provider']}: {words}")

    def line(self, name: str) -> str:
        return (
            f"{name:24} records {self.records:4}  condition {self.condition_share:7.1%}  key wrong {self.key_wrong}"
            f" silent {self.key_silent}  limits {self.limits_right}/{self.limits}"
            f"  waits {self.waits_right}/{self.waits}"
        )


def same_limits(got: tuple[dict[str, Any], ...], wanted: list[dict[str, Any]]) -> bool:
    """The same limits, in any order, none more and none less."""
    left = list(got)
    for label in wanted:
        row = next((row for row in left if _same(row, label)), None)
        if row is None:
            return False
        left.remove(row)
    return not left


# the labels of a cap per request have the words of a pace; the tables have words of their own
_PER_REQUEST = {"tokens": ["context", "input_tokens"], "output_tokens": ["max_output"]}


def _same(row: Mapping[str, Any], label: Mapping[str, Any]) -> bool:
    windows = set(label.get("window_any") or [label["window"]])
    if label.get("window_s"):
        windows = {of_seconds(label["window_s"])}
    kinds = [label["kind"], *label.get("kind_any", ())]
    if label["window"] == "none":
        kinds += _PER_REQUEST.get(label["kind"], [])
    numbers = row["kind"] in kinds and all(row[name] == label[name] for name in ("limit", "remaining"))
    return numbers and _close(row["reset_s"], label["reset_s"]) and _at(row, label) and row["window"] in windows


def _close(told: float | None, labelled: float | None) -> bool:
    return told == labelled or (told is not None and labelled is not None and abs(told - labelled) <= TOLERANCE_S)


def _at(row: Mapping[str, Any], label: Mapping[str, Any]) -> bool:
    told, at = row["reset_at"], label["reset_at"]
    return _close(
        None if told is None else told.replace(tzinfo=UTC).timestamp(),
        None if at is None else datetime.fromisoformat(at).timestamp(),
    )


def provider_of(record: Mapping[str, Any]) -> Provider | None:
    """The provider's file, or None where the catalogue has none."""
    try:
        return load().provider(record["provider"])
    except UnknownProvider:
        return None


def figures(name: str = OBSERVED, *, given: bool) -> Figures:
    """Over all records of one file, with the provider given or not."""
    total = Figures()
    for record in records(name):
        total.add(record, provider_of(record) if given else None)
    return total


def main() -> None:
    for name in (OBSERVED, FIELD):
        print(name)
        for given in (False, True):
            total = figures(name, given=given)
            print(total.line("provider given" if given else "provider not given"))
            for miss in total.misses:
                print("   ", miss)
    print()
    parts: dict[str, Figures] = defaultdict(Figures)
    for record in records():
        parts[record["provider"]].add(record, provider_of(record))
    for name, part in sorted(parts.items()):
        print(part.line(name))


if __name__ == "__main__":
    main()
