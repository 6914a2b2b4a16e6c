"""The package's functions that need no session and no key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testkey_nb.catalogue import Provider, load, parse_provider
from testkey_nb.pricing import family

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
    "page",
    "prices",
    "providers",
]


def providers() -> pd.DataFrame:
    """What the catalogue knows, one row per provider; no network.

    Columns: provider, name, kind, route, aliases, env, hosts, regions, probes, requests, active_probes, metrics,
    capabilities, covered_models, key_shapes, exclusive_shapes, not_exposed, confidence (of the weakest fact), facts
    (how many, by confidence), source (the provider's documentation), checked (date), note.
    """
    import pandas as pd

    catalogue = load()
    return pd.DataFrame(
        [_provider_row(one, len(catalogue.capabilities_of(one))) for one in catalogue.providers.values()]
    )


def _provider_row(one: Provider, capabilities: int) -> dict[str, Any]:
    facts = one.facts
    weakest = next((word for word in ("unknown", "unverified", "observed") if facts.get(word)), "documented")
    return {
        "provider": one.id,
        "name": one.name,
        "kind": one.kind,
        "route": one.route,
        "aliases": ", ".join(one.aliases),
        "env": ", ".join(one.env),
        "hosts": ", ".join(sorted(one.hosts)),
        "regions": ", ".join(one.regions) if len(one.regions) > 1 else "",
        "probes": len(one.read_only_probes),
        "requests": sum(len(probe.requests) for probe in one.read_only_probes),
        "active_probes": sum(probe.active is not None for probe in one.probes),
        "metrics": len(one.metrics),
        "capabilities": capabilities,
        "covered_models": len(one.covered_models),
        "key_shapes": len(one.key.patterns),
        "exclusive_shapes": sum(pattern.exclusive for pattern in one.key.patterns),
        "not_exposed": ", ".join(gone.fact for gone in one.not_exposed),
        "confidence": weakest,
        "facts": ", ".join(f"{count} {word}" for word, count in sorted(facts.items())),
        "source": one.docs,
        "checked": one.checked.isoformat(),
        "note": one.note,
    }


def check_provider_file(path: Path) -> Provider:
    """The provider that a file describes; nothing is registered.

    Raises:
        ProviderFileError: naming file, line where it can be found, and field.
    """
    return parse_provider(path, metrics=frozenset(load().metrics))


def prices(model: str | None = None, *, provider: str | None = None) -> pd.DataFrame:
    """Dated list prices of a model (id or family) across providers; no network.

    Columns: provider, model_id, family, source, upstream, tier, input_mtok, output_mtok, cache_read_mtok,
    cache_write_mtok (exact decimal text, per million tokens), currency, effective_from, checked, age_days.
    """
    from testkey_nb import pricing

    return pricing.prices(model, provider=provider)


def page(provider: str, dimension: str, *, lang: str = "en") -> ProviderPage:
    """The provider page: can a key of this provider move on towards launch? From the catalogue alone.

    Raises:
        UnknownProvider, UnknownName, UnknownLanguage: with the choices.
    """
    from testkey_nb.views import provider_page

    return provider_page(provider, dimension, catalogue=load(), lang=lang)


def identify(url: str, *, explain: bool = False) -> pd.DataFrame:
    """Who answers at this URL, best first; sends no key, only no-key and dummy-key questions.

    Columns: provider, verdict, confidence_db (decibans), evidence (list of texts). With `explain`, a row per piece of
    evidence for the winner and the runner-up: role (winner, runner-up, behind, carrier), provider, signal, layer,
    group, db (decibans, negative = against), counted, text, asked (the question), source.

    Raises:
        BadBaseURL: no http(s) URL.
    """
    from testkey_nb.identity import identify_url

    return identify_url(url, catalogue=load(), explain=explain)


def identify_answer(
    *,
    status: int | None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    path: str | None = None,
    explain: bool = False,
) -> pd.DataFrame:
    """Who gave this recorded answer, best first; no row above `insufficient` rather than a guess.

    Columns: provider, verdict, confidence_db (decibans), evidence (list of texts). With `explain`, a row per piece of
    evidence for the winner and the runner-up, with the columns of `identify(explain=True)`.
    """
    from testkey_nb import identity

    return identity.identify_answer(
        status=status, headers=headers or {}, body=body, path=path, catalogue=load(), explain=explain
    )


def diagnose(
    *,
    status: int | None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    provider: str | None = None,
    path: str | None = None,
) -> Diagnosis:
    """What one answer says: condition (None when nothing failed), key_valid, retry_after_s, limits, cause, move.

    Raises:
        UnknownProvider: no provider has this id or alias.
    """
    from testkey_nb import answers

    catalogue = load()
    doc = answers.document(status=status, headers=headers, body=body, path=path)
    return answers.diagnose(doc, provider=catalogue.provider(provider) if provider else None, catalogue=catalogue)


def extract(
    provider: str,
    path: str,
    *,
    status: int | None = 200,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
) -> dict[str, pd.DataFrame]:
    """The rows in one answer, by table: metrics, models, limits, balances, usage, prices, permissions, identity.

    Raises:
        UnknownProvider: no provider has this id or alias.
    """
    import pandas as pd

    from testkey_nb import answers
    from testkey_nb.vocabulary import EXTRACT_COLUMNS

    catalogue = load()
    doc = answers.document(status=status, headers=headers, body=body, path=path)
    rows = answers.extract_answer(
        catalogue.provider(provider),
        path,
        doc,
        at=datetime.now(UTC).replace(tzinfo=None),
        catalogue=catalogue,
    )
    return {
        table: pd.DataFrame(rows.get(table, []), columns=list(columns)) for table, columns in EXTRACT_COLUMNS.items()
    }
