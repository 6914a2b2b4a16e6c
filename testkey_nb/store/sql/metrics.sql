-- One row per key and metric (and model, and window); a declared metric without a value has a row that says why.
WITH told AS (
    FROM live._computed
    UNION ALL BY NAME
    SELECT
        name AS metric, key_id, model_id, "window", value, unit, state, exchange_id, provider, probe, observed_at
    FROM live.observations WHERE topic = 'metric' AND name IS NOT NULL AND key_id IS NOT NULL
), valued AS (
    SELECT
        t.*, p.provider AS own_provider, coalesce(t.observed_at, x.sent_at) AS seen_at, x.probe AS asked_by
    FROM told t
    JOIN live._providers p ON p.key_id = t.key_id
    LEFT JOIN live.exchanges x ON x.exchange_id = t.exchange_id
    -- no value and nothing confirmed about that: what coverage says is more honest
    WHERE t.value IS NOT NULL OR t.state IN ('confirmed', 'partial')
    QUALIFY rank() OVER (
        PARTITION BY t.key_id, t.metric, t.model_id, t."window", t.unit
        ORDER BY coalesce(t.observed_at, x.sent_at) DESC NULLS LAST, t.exchange_id DESC NULLS LAST
    ) = 1
), declared AS (
    SELECT p.key_id, r.provider, r.metric, arg_min(r.probe, r.ordinal) AS probe, min(r.ordinal) AS ordinal
    FROM live._providers p JOIN ref_provider_metrics r ON r.provider = p.provider
    GROUP BY p.key_id, r.provider, r.metric
), covered AS (
    SELECT c.key_id, c.metric, c.state, c.reason, c.exchange_id
    FROM live.coverage c
    LEFT JOIN live.exchanges x ON x.exchange_id = c.exchange_id AND x.run_id = c.run_id
    LEFT JOIN runs r ON r.run_id = c.run_id
    QUALIFY row_number() OVER (
        PARTITION BY c.key_id, c.metric ORDER BY coalesce(x.sent_at, r.started_at) DESC, c.run_id DESC
    ) = 1
), rows AS (
    SELECT DISTINCT
        v.key_id, coalesce(v.provider, d.provider, v.own_provider) AS provider, coalesce(d.probe, v.probe, v.asked_by) AS probe, v.metric,
        nullif(v.model_id, '*') AS model_id, v."window", v.value, v.unit, coalesce(v.state, 'confirmed') AS state, v.exchange_id,
        v.seen_at AS observed_at, d.ordinal, CAST(NULL AS VARCHAR) AS reason
    FROM valued v LEFT JOIN declared d ON d.key_id = v.key_id AND d.metric = v.metric
    UNION ALL BY NAME
    SELECT
        d.key_id, d.provider, d.probe, d.metric,
        CASE WHEN c.state IN ('invisible', 'not_exposed') THEN c.state ELSE 'unknown' END AS state,
        c.exchange_id, x.sent_at AS observed_at, d.ordinal,
        CASE WHEN c.state = 'expected' THEN 'its request was answered and did not tell' ELSE c.reason END AS reason
    FROM declared d
    LEFT JOIN covered c ON c.key_id = d.key_id AND c.metric = d.metric
    LEFT JOIN live.exchanges x ON x.exchange_id = c.exchange_id
    WHERE NOT EXISTS (SELECT 1 FROM valued v WHERE v.key_id = d.key_id AND v.metric = d.metric)
)
SELECT
    r.key_id, r.provider, r.probe, r.metric, r.model_id, r."window",
    -- limits are numbers, and a number of tokens is written without a fraction; money stays as it was told
    CASE WHEN coalesce(m.unit, '') NOT LIKE '%currency%' THEN regexp_replace(r.value, '^(-?\d+)\.0$', '\1') ELSE r.value END
        AS value,
    coalesce(r.unit, m.unit) AS unit, r.state,
    r.exchange_id, r.observed_at, r.ordinal, r.reason
FROM rows r LEFT JOIN ref_metrics m ON m.metric = r.metric
