"""The few tables that fit a screen: what an analyst wants to know of her keys first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.session import Session

# title -> query over the session's tables
QUERIES: dict[str, str] = {
    "Keys": """
        SELECT i.label, i.provider, i.verdict, i.key_valid AS valid, i.key_kind AS kind,
               -- a key that no model state is known of has no rows here, and its counts stay unknown
               CASE WHEN count(p.state) > 0 THEN count(*) FILTER (p.state = 'callable') END AS callable,
               CASE WHEN count(p.state) > 0 THEN count(*) FILTER (p.state = 'listed') END AS listed,
               CASE WHEN count(p.state) > 0 THEN count(*) FILTER (p.state = 'denied') END AS denied,
               any_value(a.action) AS next_action
        FROM identity i
        LEFT JOIN permissions p ON p.key_id = i.key_id AND p.scope = 'key' AND p.state <> 'unknown'
        LEFT JOIN actions a ON a.key_id = i.key_id AND a.rank = 1
        GROUP BY ALL ORDER BY i.label""",
    "Path to launch": """
        SELECT label, max(verdict) FILTER (stage = 'identification') AS identification,
               max(verdict) FILTER (stage = 'inventory') AS inventory,
               max(verdict) FILTER (stage = 'pricing') AS pricing,
               max(verdict) FILTER (stage = 'routing') AS routing,
               max(verdict) FILTER (stage = 'launch') AS launch,
               first(
                   reason
                   ORDER BY list_position(['identification', 'inventory', 'pricing', 'routing', 'launch'], stage)
               ) FILTER (verdict <> 'pass') AS held_up_by
        FROM stages GROUP BY label ORDER BY label""",
    "Limits": """
        SELECT label, model_id AS model, kind,
               concat(
                   CASE WHEN "limit" = floor("limit") THEN format('{:,}', CAST("limit" AS BIGINT))
                        ELSE CAST("limit" AS VARCHAR) END,
                   CASE WHEN "limit" IS NOT NULL AND "window" <> 'none' THEN concat(' per ', "window") END
               ) AS "limit",
               remaining, unit, scope, unlimited
        FROM limits WHERE kind NOT IN ('context', 'max_output') ORDER BY ALL""",
    "Balances": """
        SELECT k.label, b.purse, b.kind, b.amount, b.currency, b.derived, b.state
        FROM balances b JOIN keys k USING (key_id) ORDER BY ALL""",
    "Next actions": """
        SELECT label, rank, action, reason FROM actions WHERE rank <= 3 ORDER BY label, rank""",
    "Risks": """
        SELECT label, severity, risk, reason FROM risks WHERE severity IN ('high', 'medium')
        ORDER BY list_position(['high', 'medium'], severity), label, risk""",
}
# what a narrow screen leaves out first
SPARE: dict[str, tuple[str, ...]] = {
    "Keys": ("denied", "listed", "callable", "kind"),
    "Path to launch": ("held_up_by",),
    "Limits": ("unlimited", "unit", "scope", "remaining"),
}


def overview(session: Session) -> dict[str, pd.DataFrame]:
    """Gives the tables by title, empty ones left out.

    Raises:
        Expired: the data's time is up.
    """
    frames = {title: session.sql(query) for title, query in QUERIES.items()}
    return {title: frame for title, frame in frames.items() if len(frame)}
