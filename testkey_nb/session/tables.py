"""The tables of a session as typed properties."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.store import Store


class Tables(ABC):
    """What can be read of a session: tables by name, and answers to queries over them."""

    @property
    @abstractmethod
    def _store(self) -> Store: ...

    def frame(self, name: str) -> pd.DataFrame:
        """Gives one table of the design as a DataFrame; unknown is NA.

        Raises:
            UnknownTable: with the choices.
            Expired: the data's time is up.
        """
        return self._store.frame(name)

    def sql(self, query: str) -> pd.DataFrame:
        """Gives the answer to a query over the tables, e.g. `FROM limits WHERE kind = 'tokens'`. Only reads.

        Raises:
            BadQuery: the store refused it; the text says why.
            Expired: the data's time is up.
        """
        return self._store.sql(query)

    @property
    def keys(self) -> pd.DataFrame:
        """Gives the keys held.

        One row per key: key_id, label, fingerprint, source, claimed_provider, base_url, added_at (naive UTC).
        """
        return self.frame("keys")

    @property
    def exchanges(self) -> pd.DataFrame:
        """Gives the requests sent.

        One row per request sent, retries and pages included: exchange_id, key_id, probe, method, host, path, status,
        outcome, latency_ms (milliseconds), attempt, sent_at (naive UTC), headers, body_excerpt, authenticated.
        """
        return self.frame("exchanges")

    @property
    def metrics(self) -> pd.DataFrame:
        """Gives the facts by the site's metric names.

        One row per key and metric (and model, and window): key_id, provider, probe, metric, model_id, window, value,
        unit, state, exchange_id, observed_at (naive UTC).
        """
        return self.frame("metrics")

    @property
    def identity(self) -> pd.DataFrame:
        """Gives whose keys these are.

        One row per key: key_id, label, claimed_provider, provider, key_valid, verdict, confidence_db (decibans),
        front, transport, upstream, key_kind, owner_id, organization_id, project, token_type, token_role, token_scopes,
        expires_at (naive UTC), evidence.
        """
        return self.frame("identity")

    @property
    def models(self) -> pd.DataFrame:
        """Gives the models listed.

        One row per key and model listed: key_id, provider, model_id, family, name, context_window and max_output
        (tokens), modalities, features, created and retired_at (naive UTC), exchange_id.
        """
        return self.frame("models")

    @property
    def permissions(self) -> pd.DataFrame:
        """Gives which models the keys may call.

        One row per key and model (and scope): key_id, label, provider, model_id, family, scope, state (callable,
        listed, denied, unknown), reason, exchange_id.
        """
        return self.frame("permissions")

    @property
    def limits(self) -> pd.DataFrame:
        """Gives the limits told.

        One row per key, model (`*` = all, NA = not told of which), scope, kind and window: key_id, label, model_id,
        scope (`route` = of the management route that told it), kind, window, limit and remaining (in `unit`), unit,
        unlimited, reset_at (naive UTC), state, source, exchange_id.
        """
        return self.frame("limits")

    @property
    def balances(self) -> pd.DataFrame:
        """Gives the money left.

        One row per key, purse, kind and currency: key_id, purse, kind, amount (exact decimal text in `currency`),
        currency, derived, state, exchange_id.
        """
        return self.frame("balances")

    @property
    def usage(self) -> pd.DataFrame:
        """Gives what was used.

        One row per key, period and kind: key_id, period, kind, amount (in `unit`), unit, state, exchange_id.
        """
        return self.frame("usage")

    @property
    def prices(self) -> pd.DataFrame:
        """Gives the prices.

        One row per key, model and source (and upstream, and tier): key_id, provider, model_id, family, source,
        upstream, tier, input_mtok, output_mtok, cache_read_mtok and cache_write_mtok (exact decimal text in `currency`
        per million tokens), currency, effective_from, checked, age_days, conflict, conflict_ratio.
        """
        return self.frame("prices")

    @property
    def capabilities(self) -> pd.DataFrame:
        """Gives what is known of each key in the ten capabilities.

        One row per key and capability: key_id, label, capability, state, summary, exchange_id.
        """
        return self.frame("capabilities")

    @property
    def dimensions(self) -> pd.DataFrame:
        """Gives the readiness of each key.

        One row per key and dimension: key_id, label, provider, dimension, signal, verdict (pass, review, blocked),
        reason.
        """
        return self.frame("dimensions")

    @property
    def stages(self) -> pd.DataFrame:
        """Gives the way of each key to launch.

        One row per key and stage, five each: key_id, label, stage, verdict (pass, review, blocked), reason.
        """
        return self.frame("stages")

    @property
    def actions(self) -> pd.DataFrame:
        """Gives what to do next.

        One row per key and action, most urgent first: key_id, label, rank, action, reason, evidence (exchange ids).
        """
        return self.frame("actions")

    @property
    def risks(self) -> pd.DataFrame:
        """Gives what may go wrong.

        One row per key and risk: key_id, label, risk, severity (high, medium, low, info), reason, evidence (exchange
        ids).
        """
        return self.frame("risks")

    @property
    def checks(self) -> pd.DataFrame:
        """Gives the cross-checks of refused keys.

        One row per key that was refused something and check: key_id, label, check, result (agrees, contradicts,
        unknown), reason, evidence (exchange ids).
        """
        return self.frame("checks")

    @property
    def diagnoses(self) -> pd.DataFrame:
        """Gives why requests failed.

        One row per failed request: exchange_id, key_id, condition, judged, judgement, status, model_id, cause,
        cause_code, move, move_code, whose.
        """
        return self.frame("diagnoses")
