"""Two keys side by side: what each may call, under which limits, at which price, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from testkey_nb.analysis import comparison_tables
from testkey_nb.analysis.rules import literal
from testkey_nb.errors import UnknownLabel

if TYPE_CHECKING:
    import pandas as pd


class Source(Protocol):
    """What a comparison needs of a store."""

    def sql(self, query: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two keys, table by table; `a` and `b` are their labels.

    Attributes:
        permissions: one row per family: model, a_state, b_state, difference, a_models, b_models (verbatim
            ids).
        models: the same by verbatim id: model, a_state, b_state, difference.
        limits: kind, window, model (a family, or `*`), a_limit, b_limit, ratio (a over b), a_remaining,
            b_remaining, a_unlimited, b_unlimited.
        prices: family, tier, currency, a_input, b_input, a_output, b_output (exact text per million tokens),
            cheaper.
        identity: fact, a, b, same (<NA> where one side is unknown).
        summary: sentences.

    `difference` is `only a`, `only b`, `both`, `neither` (both denied) or `unknown` (one side's rights are
    not known). A model that a key's own list lacks has state `unknown` there: it is not denied, and still
    only the other key has it, unless that list was not read to its end.
    """

    a: str
    b: str
    permissions: pd.DataFrame
    models: pd.DataFrame
    limits: pd.DataFrame
    prices: pd.DataFrame
    identity: pd.DataFrame
    summary: tuple[str, ...]

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables by name, in reading order."""
        return {
            "permissions": self.permissions,
            "limits": self.limits,
            "prices": self.prices,
            "identity": self.identity,
            "models": self.models,
        }


def compare(store: Source, a: str, b: str) -> Comparison:
    """Lays the two keys of these labels or key ids side by side.

    Raises:
        UnknownLabel: no key has this label or id; the text lists the labels there are.
    """
    keys = store.sql("SELECT key_id, label FROM keys ORDER BY added_at, label")
    first, second = _key(keys, a), _key(keys, b)
    ids, labels = (first[0], second[0]), (first[1], second[1])
    rights = _rows(store, "permissions", ids, where="coalesce(scope, 'key') = 'key'")
    cut = {row["key_id"] for row in _rows(store, "models", ids, where="complete = false")}
    aligned = {str(row["model_id"]): str(row["family"] or row["model_id"]) for row in rights}
    families = comparison_tables.rights(rights, ids, column="family", cut=cut)
    models = comparison_tables.rights(rights, ids, column="model_id", cut=cut)
    limits = comparison_tables.limits(_rows(store, "limits", ids), ids, families=aligned)
    prices = comparison_tables.prices(_rows(store, "prices", ids), ids)
    identity = comparison_tables.identity(_rows(store, "identity", ids), ids)
    return Comparison(
        a=labels[0],
        b=labels[1],
        permissions=families,
        models=models.drop(columns=["a_models", "b_models"]),
        limits=limits,
        prices=prices,
        identity=identity,
        summary=tuple(_sentences(labels, families, limits, prices, identity)),
    )


def _key(keys: pd.DataFrame, name: str) -> tuple[str, str]:
    for column in ("label", "key_id"):
        rows = keys[keys[column] == name]
        if len(rows):
            return str(rows["key_id"].iloc[0]), str(rows["label"].iloc[0])
    choices = ", ".join(str(label) for label in keys["label"]) or "none yet"
    raise UnknownLabel(f"no key {name!r} in this session; there are: {choices}")


def _rows(store: Source, table: str, ids: tuple[str, str], *, where: str = "true") -> list[dict[str, Any]]:
    frame = store.sql(
        f"SELECT * FROM {table} WHERE key_id IN ({', '.join(literal(key) for key in ids)}) AND {where}"  # noqa: S608
    )
    # NaN, NaT and <NA> all become None
    return [dict(row) for row in frame.astype(object).where(frame.notna(), None).to_dict("records")]


def _sentences(
    labels: tuple[str, str],
    rights: pd.DataFrame,
    limits: pd.DataFrame,
    prices: pd.DataFrame,
    identity: pd.DataFrame,
) -> Iterable[str]:
    a, b = labels
    counts = rights["difference"].value_counts()
    yield (
        f"Models: {counts.get('both', 0)} in both, {counts.get('only a', 0)} only in {a}, "
        f"{counts.get('only b', 0)} only in {b}, {counts.get('unknown', 0)} unknown."
    )
    facts = identity.set_index("fact")
    for fact, noun in (
        ("provider", "provider"),
        ("organization_id", "organization"),
        ("key_kind", "key kind"),
    ):
        value_a, value_b, same = (facts[side].to_dict()[fact] for side in ("a", "b", "same"))
        if value_a is None or value_b is None:
            continue
        yield f"Same {noun}: {value_a}." if same else f"Different {noun}: {a} {value_a}, {b} {value_b}."
    shared = limits["ratio"].dropna()
    if len(shared):
        yield (
            f"Limits: of {len(shared)} that both tell, {a} is higher in {int((shared > 1).sum())}, "
            f"{b} in {int((shared < 1).sum())}, equal in {int((shared == 1).sum())}."
        )
    else:
        yield "Limits: none that both tell."
    offers = prices["cheaper"].value_counts()
    if offers.sum():
        yield (
            f"Prices: of {offers.sum()} that both have, {a} is cheaper in {offers.get('a', 0)}, "
            f"{b} in {offers.get('b', 0)}, the same in {offers.get('same', 0)}, "
            f"depends on the mix in {offers.get('depends', 0)}."
        )
    else:
        yield "Prices: none in the same currency that both have."
