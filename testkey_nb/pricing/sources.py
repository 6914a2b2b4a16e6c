"""List prices from the genai-prices package, one unit: exact decimal text per million tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from testkey_nb.clock import utc_now
from testkey_nb.pricing.naming import family
from testkey_nb.pricing.tiers import UNITS, Priced, priced

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.catalogue import Catalogue

COLUMNS = (
    "provider",
    "model_id",
    "family",
    "source",
    "upstream",
    "tier",
    *UNITS,
    "currency",
    "effective_from",
    "checked",
    "age_days",
)


def prices(
    model: str | None = None,
    provider: str | None = None,
    *,
    catalogue: Catalogue | None = None,
    now: datetime | None = None,
) -> pd.DataFrame:
    """Gives list prices, one row per provider, model and tier; no network.

    Args:
        model: an id as the source spells it, or any id of the family.
        provider: one of ours (id or alias), or an id of the source that no provider file maps.
        now: naive UTC; decides which dated price applies and the age. None is the present.

    Money is exact decimal text in `currency` per million tokens; a price the source lacks is missing, never
    0. `age_days` counts from `checked`, the day the source's data was last known to be kept.

    Raises:
        UnknownProvider: neither a provider file nor the source knows the name.
    """
    import pandas as pd

    catalogue, now = catalogue or _catalogue(), now or utc_now()
    ours = _ours(catalogue)
    chosen = _choose(provider, catalogue, ours)
    wanted = None if model is None else (model.strip().lower(), family(model))
    rows = [
        row
        for their in _providers()
        if chosen is None or their.id in chosen
        for name in (chosen[their.id] if chosen is not None else ours.get(their.id, (their.id,)))
        for info in their.models
        if wanted is None or info.id.lower() == wanted[0] or family(info.id) == wanted[1]
        for row in _rows(info, provider=name, model_id=info.id, now=now)
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = [name for name in COLUMNS if name not in ("effective_from", "checked", "age_days")]
    frame[texts] = frame[texts].astype("str")
    for name in ("effective_from", "checked"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    frame["age_days"] = frame["age_days"].astype("Int64")
    return frame


def rows_for(
    provider: str,
    model_ids: Iterable[str],
    *,
    now: datetime | None = None,
    catalogue: Catalogue | None = None,
) -> list[dict[str, Any]]:
    """Gives price rows for models that a key of this provider lists; empty where the source knows neither.

    A model is found by its exact id, else by genai-prices' own matcher, else by family among this provider's
    models: never by the price that another provider asks for it. Keys: model_id (as given), source, checked and the
    columns of "prices".
    """
    catalogue, now = catalogue or _catalogue(), now or utc_now()
    chosen = _choose(provider, catalogue, _ours(catalogue), strict=False)
    keep = ("model_id", "source", "checked", "upstream", "tier", *UNITS, "currency", "effective_from")
    rows = []
    for their in chosen or ():
        for model_id in dict.fromkeys(model_ids):
            if (info := _found(their, model_id)) is not None:
                rows += [
                    {name: row[name] for name in keep}
                    for row in _rows(info, provider=provider, model_id=model_id, now=now)
                ]
    return rows


def _rows(info: Any, *, provider: str, model_id: str, now: datetime) -> Iterator[dict[str, Any]]:
    day = _checked(now.date())
    since = {
        "source": _source(),
        "checked": None if day is None else datetime.fromisoformat(day.isoformat()),
        "age_days": None if day is None else (now.date() - day).days,
    }
    for price in priced(info, now=now):
        yield _row(price, provider=provider, model_id=model_id) | since


def _row(price: Priced, *, provider: str, model_id: str) -> dict[str, Any]:
    return {
        "provider": provider,
        "model_id": model_id,
        "family": family(model_id),
        "upstream": None,
        "tier": price.tier,
        **{unit: None if amount is None else plain(amount) for unit, amount in price.amounts.items()},
        "currency": settings()["sources"]["genai-prices"]["currency"],
        "effective_from": price.effective_from,
    }


def plain(amount: Decimal) -> str:
    """Gives exact decimal text without exponent or trailing zeros."""
    return format(amount.normalize(), "f") if amount else "0"


@lru_cache(maxsize=16384)
def _found(their_id: str, model_id: str) -> Any:
    their = next(provider for provider in _providers() if provider.id == their_id)
    name = model_id.strip().lower()
    exact = {info.id.lower(): info for info in their.models}
    last = name.rsplit("/", 1)[-1]
    for each in (name, last):
        if each in exact:
            return exact[each]
    for each in (name, last):
        if (info := their.find_model(each, all_providers=_providers())) is not None:
            return info
    return _by_family(their_id).get(family(model_id))


@cache
def _by_family(their_id: str) -> dict[str, Any]:
    return {family(info.id): info for info in reversed(_models(their_id))}


@cache
def _models(their_id: str) -> list[Any]:
    return list(next(provider for provider in _providers() if provider.id == their_id).models)


def _choose(
    provider: str | None, catalogue: Catalogue, ours: dict[str, tuple[str, ...]], *, strict: bool = True
) -> dict[str, tuple[str, ...]] | None:
    """Gives the ids of genai-prices with the names their rows get; None for all."""
    from testkey_nb.errors import UnknownProvider

    if provider is None:
        return None
    try:
        own = catalogue.provider(provider)
    except UnknownProvider:
        theirs = {each.id for each in _providers()}
        if provider in theirs:
            return {provider: ours.get(provider, (provider,))}
        if strict:
            raise
        return {}
    return {their: (own.id,) for their, names in ours.items() if own.id in names}


def _ours(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Maps each provider id of genai-prices to ours; several of ours may share one."""
    names: dict[str, tuple[str, ...]] = {}
    for provider in catalogue.providers.values():
        if provider.genai_prices:
            names[provider.genai_prices] = (*names.get(provider.genai_prices, ()), provider.id)
    return names


def _catalogue() -> Catalogue:
    from testkey_nb.catalogue import load

    return load()


@cache
def settings() -> dict[str, Any]:
    """Gives what data/prices.toml holds."""
    from testkey_nb.catalogue import data_dir
    from testkey_nb.catalogue.reader import read_toml

    return read_toml(data_dir() / "prices.toml")[0]


@cache
def _providers() -> list[Any]:
    from genai_prices.data import providers

    return list(providers)


@cache
def _source() -> str:
    import genai_prices

    return f"genai-prices {genai_prices.__version__}"


@cache
def _dates() -> tuple[date, ...]:
    starts = {
        part.constraint.start_date
        for provider in _providers()
        for info in provider.models
        if isinstance(info.prices, list)
        for part in info.prices
        if hasattr(part.constraint, "start_date")
    }
    return tuple(sorted(starts))


@lru_cache(maxsize=64)
def _checked(today: date) -> date | None:
    """Gives the newest dated entry not in the future: the data was kept at least until then."""
    return max((day for day in _dates() if day <= today), default=None)
