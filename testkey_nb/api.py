"""The package's functions that need no session and no key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from testkey_nb.catalogue import Catalogue, Provider, load, parse_provider
from testkey_nb.clock import utc_now
from testkey_nb.pricing import family, model_name
from testkey_nb.session.additions import load_catalogue

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.answers import Diagnosis
    from testkey_nb.views import ProviderPage

__all__ = [
    "check_provider_file",
    "diagnose",
    "extract",
    "family",
    "identify",
    "identify_answer",
    "load_catalogue",
    "model_name",
    "page",
    "prices",
    "providers",
    "try_provider_file",
]


def providers(*, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Gives what the catalogue knows, one row per provider; no network.

    `catalogue` is the package's own by default, here and in the other functions; `load_catalogue` adds to it.

    Columns: provider, name, kind, route, aliases, env, hosts, regions, probes, requests, active_probes, metrics,
    capabilities, covered_models, key_shapes, exclusive_shapes, not_exposed, confidence (of the weakest fact), facts
    (how many, by confidence), source (the provider's documentation), checked (date), note.
    """
    import pandas as pd

    catalogue = catalogue or load()
    return pd.DataFrame(
        [_provider_row(each, len(catalogue.capabilities_of(each))) for each in catalogue.providers.values()]
    )


def _provider_row(provider: Provider, capabilities: int) -> dict[str, Any]:
    facts = provider.facts
    weakest = next((word for word in ("unknown", "unverified", "observed") if facts.get(word)), "documented")
    return {
        "provider": provider.id,
        "name": provider.name,
        "kind": provider.kind,
        "route": provider.route,
        "aliases": ", ".join(provider.aliases),
        "env": ", ".join(provider.env),
        "hosts": ", ".join(sorted(provider.hosts)),
        "regions": ", ".join(provider.regions) if len(provider.regions) > 1 else "",
        "probes": len(provider.read_only_probes),
        "requests": sum(len(probe.requests) for probe in provider.read_only_probes),
        "active_probes": sum(probe.active is not None for probe in provider.probes),
        "metrics": len(provider.metrics),
        "capabilities": capabilities,
        "covered_models": len(provider.covered_models),
        "key_shapes": len(provider.key.patterns),
        "exclusive_shapes": sum(pattern.exclusive for pattern in provider.key.patterns),
        "not_exposed": ", ".join(gone.fact for gone in provider.not_exposed),
        "confidence": weakest,
        "facts": ", ".join(f"{count} {word}" for word, count in sorted(facts.items())),
        "source": provider.docs,
        "checked": provider.checked.isoformat(),
        "note": provider.note,
    }


def check_provider_file(path: Path) -> Provider:
    """Gives the provider that a file describes; nothing is registered.

    Raises:
        ProviderFileError: naming file, line where it can be found, and field.
    """
    return parse_provider(path, metrics=frozenset(load().metrics))


def prices(
    model: str | None = None, *, provider: str | None = None, catalogue: Catalogue | None = None
) -> pd.DataFrame:
    """Gives dated list prices of a model (id or family) across providers; no network.

    Columns: provider, model_id, family, source, upstream, tier, input_mtok, output_mtok, cache_read_mtok,
    cache_write_mtok (exact decimal text, per million tokens), currency, effective_from, checked, age_days.
    """
    from testkey_nb import pricing

    return pricing.prices(model, provider=provider, catalogue=catalogue)


def page(provider: str, dimension: str, *, lang: str = "en", catalogue: Catalogue | None = None) -> ProviderPage:
    """Gives the provider page from the catalogue alone: can a key of this provider move on towards launch?

    Raises:
        UnknownProvider, UnknownName, UnknownLanguage: with the choices.
    """
    from testkey_nb.views import provider_page

    return provider_page(provider, dimension, catalogue=catalogue or load(), lang=lang)


def identify(url: str, *, explain: bool = False, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Tells who answers at this URL, best first; sends no key, only no-key and dummy-key questions.

    Columns: provider, verdict, confidence_db (decibans), evidence (list of texts). With `explain`, a row per piece of
    evidence for the winner and the runner-up: role (winner, runner-up, behind, carrier), provider, signal, layer,
    group, db (decibans, negative = against), counted, text, asked (the question), source.

    Raises:
        BadBaseURL: no http(s) URL.
    """
    from testkey_nb.identity import identify_url

    return identify_url(url, catalogue=catalogue or load(), explain=explain)


def identify_answer(
    *,
    status: int | None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    path: str | None = None,
    explain: bool = False,
    catalogue: Catalogue | None = None,
) -> pd.DataFrame:
    """Tells who gave this recorded answer, best first; no row above `insufficient` rather than a guess.

    Columns: provider, verdict, confidence_db (decibans), evidence (list of texts). With `explain`, a row per piece of
    evidence for the winner and the runner-up, with the columns of `identify(explain=True)`.
    """
    from testkey_nb import identity

    return identity.identify_answer(
        status=status, headers=headers or {}, body=body, path=path, catalogue=catalogue or load(), explain=explain
    )


@overload
def diagnose(
    *,
    status: int | None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    provider: str | None = None,
    path: str | None = None,
    explain: Literal[False] = False,
    catalogue: Catalogue | None = None,
) -> Diagnosis: ...


@overload
def diagnose(
    *,
    status: int | None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    provider: str | None = None,
    path: str | None = None,
    explain: Literal[True],
    catalogue: Catalogue | None = None,
) -> pd.DataFrame: ...


def diagnose(
    *,
    status: int | None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    provider: str | None = None,
    path: str | None = None,
    explain: bool = False,
    catalogue: Catalogue | None = None,
) -> Diagnosis | pd.DataFrame:
    """Tells what one answer says: condition (None when nothing failed), key_valid, retry_after_s, limits, cause, move.

    With `explain`, gives a row per error rule that holds of the answer, in the order they are read: decides (true of
    the first), rank, rule, owner (the provider whose file says it; NA for a general rule), condition, key_valid, holds.

    Raises:
        UnknownProvider: no provider has this id or alias.
    """
    from testkey_nb import answers

    catalogue = catalogue or load()
    doc = answers.document(status=status, headers=headers, body=body, path=path)
    owner = catalogue.provider(provider) if provider else None
    if explain:
        return answers.explained(doc, catalogue=catalogue, provider=owner)
    return answers.diagnose(doc, provider=owner, catalogue=catalogue)


def extract(
    provider: str | None,
    path: str,
    *,
    status: int | None = 200,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    catalogue: Catalogue | None = None,
) -> dict[str, pd.DataFrame]:
    """Gives the rows in one answer, by table: metrics, models, limits, balances, usage, prices, permissions, identity.

    Where the provider is None, only what is told alike everywhere is read: ids of models, context windows and limits.
    The path may be an alias of the declared one, that of one model, or "".

    Raises:
        UnknownProvider: no provider has this id or alias.
    """
    import pandas as pd

    from testkey_nb import answers
    from testkey_nb.vocabulary import EXTRACT_COLUMNS

    catalogue = catalogue or load()
    doc = answers.document(status=status, headers=headers, body=body, path=path)
    rows = answers.extract_answer(
        catalogue.provider(provider) if provider else None,
        path,
        doc,
        at=utc_now(),
        catalogue=catalogue,
    )
    return {
        table: pd.DataFrame(rows.get(table, []), columns=list(columns)) for table, columns in EXTRACT_COLUMNS.items()
    }


def try_provider_file(
    file: str | Path,
    path: str,
    *,
    status: int | None = 200,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    method: str | None = None,
    catalogue: Catalogue | None = None,
) -> pd.DataFrame:
    """Shows how a provider file reads one answer to the request with this path; nothing is registered, nothing is sent.

    Columns: part (request, field, row, limit header, error rule), place (in the file), row (which of the answer's
    rows), name, expression, raw (what it gave), value (what the column holds), why (why there is no value or row).

    Raises:
        ProviderFileError: the file cannot be read.
    """
    import pandas as pd

    from testkey_nb import answers
    from testkey_nb.answers.trial import COLUMNS, try_answer

    catalogue = catalogue or load()
    provider = parse_provider(Path(file), metrics=frozenset(catalogue.metrics))
    doc = answers.document(status=status, headers=headers, body=body, method=method, path=path)
    rows = try_answer(provider, path, doc, catalogue=catalogue, now=utc_now())
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object).astype({"row": "Int64"})
