-- One row per key and model that a list showed; each cell from the strongest list that fills it.
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY key_id, model_id
            ORDER BY scope <> 'key', public, CASE proves WHEN 'callable' THEN 0 WHEN 'listed' THEN 1 ELSE 2 END,
                seen_at DESC, exchange_id DESC
        ) AS place
    FROM live._listings
)
SELECT
    r.key_id, first(r.provider ORDER BY place) AS provider, r.model_id, any_value(f.family) AS family,
    first(r.name ORDER BY place) FILTER (r.name IS NOT NULL) AS name,
    first(r.context_window ORDER BY place) FILTER (r.context_window IS NOT NULL) AS context_window,
    first(r.max_output ORDER BY place) FILTER (r.max_output IS NOT NULL) AS max_output,
    first(r.modalities ORDER BY place) FILTER (r.modalities IS NOT NULL) AS modalities,
    first(r.features ORDER BY place) FILTER (r.features IS NOT NULL) AS features,
    first(r.created ORDER BY place) FILTER (r.created IS NOT NULL) AS created,
    first(r.retired_at ORDER BY place) FILTER (r.retired_at IS NOT NULL) AS retired_at,
    first(r.exchange_id ORDER BY place) AS exchange_id, first(r.complete ORDER BY place) AS complete,
    first(r.scope ORDER BY place) AS scope, bool_and(r.public) AS public
FROM ranked r
LEFT JOIN ref_families f ON f.model_id = r.model_id
GROUP BY r.key_id, r.model_id
