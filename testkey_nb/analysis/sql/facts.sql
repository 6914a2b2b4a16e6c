-- One row per key: what the rules of data/rules/{capability_rules,stages,checks}.toml may ask for as f.<name>, and through key_path.sql
-- those of dimensions, actions and risks:
-- everything of base.sql, and what follows from failed exchanges. `conditions` are those judged after the cross-check.
SELECT
    b.*, coalesce(d.diagnosed, 0) AS diagnosed, coalesce(d.undiagnosed, 0) AS undiagnosed, d.conditions, d.diagnosis_ids,
    d.egress_ids, d.elsewhere_ids, d.elsewhere_move, d.maybe_elsewhere_ids, d.region_ids, d.lacking_ids, d.absent_ids, d.absent_models, d.unpaid_ids, d.over_quota_ids,
    -- the own host turned every call away for where it came from
    coalesce(d.egress_ids IS NOT NULL AND b.ok = 0, false) AS host_refuses,
    -- what may be spent is nothing: by the figures, or because the provider says so
    coalesce(b.money_left <= 0, false) OR d.unpaid_ids IS NOT NULL AS spent,
    -- a key of these kinds reads or manages; it serves no calls
    coalesce(b.key_kind IN ('admin', 'management', 'read-only', 'metrics-only'), false) AS serves_nothing
FROM key_base b
LEFT JOIN (
    SELECT
        key_id, count(*) FILTER (judged <> 'unknown') AS diagnosed,
        count(*) FILTER (coalesce(judged, 'unknown') = 'unknown') AS undiagnosed,
        list(DISTINCT judged ORDER BY judged) FILTER (judged IS NOT NULL) AS conditions, list(exchange_id ORDER BY exchange_id) AS diagnosis_ids,
        list(exchange_id ORDER BY exchange_id) FILTER (away) AS egress_ids,
        list(exchange_id ORDER BY exchange_id) FILTER (elsewhere) AS elsewhere_ids, min("move") FILTER (elsewhere) AS elsewhere_move,
        list(exchange_id ORDER BY exchange_id) FILTER (NOT elsewhere AND cause_code = 'wrong-host') AS maybe_elsewhere_ids,
        list(exchange_id ORDER BY exchange_id) FILTER (move_code = 'change-region') AS region_ids,
        -- a right that this key could be given; what only another kind of key may see is none
        list(exchange_id ORDER BY exchange_id) FILTER (
            own AND move_code = 'add-right' AND judged IN ('access-forbidden', 'permission-denied') AND cause_code IS DISTINCT FROM 'role-missing'
        ) AS lacking_ids,
        list(exchange_id ORDER BY exchange_id) FILTER (judged IN ('insufficient-balance', 'billing-disabled') AND own) AS unpaid_ids,
        -- a quota of one model stops no other
        list(exchange_id ORDER BY exchange_id) FILTER (judged = 'quota-exhausted' AND model_id IS NULL AND own) AS over_quota_ids,
        list(exchange_id ORDER BY exchange_id) FILTER (judged = 'model-not-found' AND model_id IS NOT NULL) AS absent_ids,
        string_agg(DISTINCT model_id, ', ' ORDER BY model_id) FILTER (judged = 'model-not-found') AS absent_models
    FROM (
        SELECT
            *, coalesce(move_code = 'change-address' OR cause_code IN ('address-not-allowed', 'region-not-allowed'), false) AS away,
            -- a refusal that knows the key and names another host; that of an unknown key only guesses at one
            coalesce(condition <> 'invalid-api-key' AND condition <> 'not-an-api' AND judged <> 'invalid-api-key' AND move_code = 'change-host', false) AS elsewhere,
            -- what the service behind refuses the answering one is not this key's fault
            whose IS DISTINCT FROM 'upstream' AS own
        FROM diagnoses
    )
    -- the questions asked without the key, or with a dummy one, are refused on purpose: that says nothing of the key
    WHERE exchange_id NOT IN (SELECT exchange_id FROM exchanges WHERE NOT authenticated AND (outcome IN ('not_sent', 'refused') OR probe = 'identification'))
    GROUP BY key_id
) d USING (key_id)
