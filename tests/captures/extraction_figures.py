"""How well `tk.extract` agrees with the labelled models, prices, balances and keys (run as a module, it prints it)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import testkey_nb as tk
from tests.captures.figures import FIELD, OBSERVED, provider_of, records

Rows = Mapping[str, list[dict[str, Any]]]


@dataclass
class Counts:
    """Records of one file with such labels, and how many of them agree in every cell."""

    models: int = 0
    models_right: int = 0
    balances: int = 0
    balances_right: int = 0
    keys: int = 0
    keys_right: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, record: Mapping[str, Any], rows: Rows) -> None:
        label, name = record["expect"], f"{record['id']} {record['provider']} {record['request'].get('path')}"
        if "models" in label:
            right = models_agree(label["models"], rows["models"], rows["prices"])
            self.models += 1
            self.models_right += right
            self._note(right, f"{name}: models {rows['models'][:1]} {rows['prices'][:1]}, not {label['models']}")
        if "balances" in label:
            right = sorted(map(purse, label["balances"])) == sorted(map(purse, rows["balances"]))
            self.balances += 1
            self.balances_right += right
            self._note(right, f"{name}: balances {rows['balances']}, not {label['balances']}")
        if "identity" in label:
            right = key_agrees(label["identity"], rows["identity"])
            self.keys += 1
            self.keys_right += right
            self._note(right, f"{name}: identity {rows['identity']}, not {label['identity']}")

    def _note(self, right: bool, words: str) -> None:
        if not right:
            self.misses.append(words)


def counts(name: str) -> Counts:
    """Over all records of one file with such labels whose provider has a file."""
    total = Counts()
    for record in records(name):
        if not {"models", "balances", "identity"} & set(record["expect"]) or provider_of(record) is None:
            continue
        tables = tk.extract(
            record["provider"],
            record["request"].get("path") or "",
            status=record["status"],
            headers=record["headers"],
            body=record["body"],
        )
        total.add(record, {table: frame.astype(object).to_dict("records") for table, frame in tables.items()})
    return total


def models_agree(label: Mapping[str, Any], models: list[dict[str, Any]], prices: list[dict[str, Any]]) -> bool:
    """The count shown, and every labelled cell of the first model; prices are labelled in USD only."""
    first = label.get("first")
    if not first:
        return not models
    row, price = named(models, first["model_id"]), named(prices, first["model_id"])
    price = price if price.get("currency") == "USD" else {}
    cells = [(first.get(name), row.get(name)) for name in ("context_window", "max_output")]
    cells += [(first.get(name), price.get(name)) for name in ("input_mtok", "output_mtok")]
    return len(models) == label["count_shown"] and bool(row) and all(same(*pair) for pair in cells)


def key_agrees(label: Mapping[str, Any], identity: list[dict[str, Any]]) -> bool:
    """Owner and organisation are there or not, as labelled, and so is the end of the key's life."""
    facts = {name: value for row in identity for name, value in row.items() if value is not None and value == value}
    pairs = (("owner_id", "owner_id_present"), ("organization_id", "organization_id_present"))
    present = all((column in facts) == label[name] for column, name in pairs)
    return present and ("expires_at" in facts) == (label["expires_at"] is not None)


def named(rows: Iterable[dict[str, Any]], model_id: str) -> dict[str, Any]:
    return next((row for row in rows if row["model_id"] == model_id), {})


def same(wanted: Any, found: Any) -> bool:
    if wanted is None or found is None or found != found:
        return wanted is None and (found is None or found != found)
    return Decimal(str(wanted)) == Decimal(str(found))


def purse(row: Mapping[str, Any]) -> tuple[str, Decimal, str]:
    currency = row["currency"]
    return row["kind"], Decimal(str(row["amount"])), currency if isinstance(currency, str) else ""


def main() -> None:
    for name in (OBSERVED, FIELD):
        total = counts(name)
        print(
            f"{name}: models and prices {total.models_right}/{total.models}"
            f"  balances {total.balances_right}/{total.balances}  keys {total.keys_right}/{total.keys}"
        )
        for miss in total.misses:
            print("   ", miss)


if __name__ == "__main__":
    main()
