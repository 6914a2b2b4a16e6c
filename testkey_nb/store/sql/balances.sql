-- One row per key, purse, kind and currency; a told amount is the exact decimal text. What is left of a purse is derived
-- where no answer tells it, from what it holds and what is used: such a row names the exchanges of both.
WITH told AS (
    SELECT key_id, purse, name AS kind, value AS amount, unit AS currency, state, exchange_id, scope, seen_at, run_id, 0 AS place
    FROM live._stamped WHERE topic = 'balance' AND name IS NOT NULL AND scope IN ('key', 'organization')
    UNION ALL BY NAME
    -- a spend cap that was told as a limit stands here exactly; of several windows the widest
    SELECT key_id, 'cap' AS purse, unnest([{'kind': 'cap', 'amount': value}, {'kind': 'remaining', 'amount': remaining}], recursive := true),
        unit AS currency, state, exchange_id, scope, seen_at, run_id,
        CASE "window" WHEN 'lifetime' THEN 1 WHEN 'month' THEN 2 WHEN 'week' THEN 3 WHEN 'day' THEN 4 ELSE 5 END AS place
    FROM live._stamped l
    WHERE topic = 'limit' AND name = 'spend' AND value IS NOT NULL AND scope IN ('key', 'organization')
      AND coalesce(model_id, '*') = '*' AND NOT coalesce(unlimited, false)
      AND unit IS DISTINCT FROM 'percent'  -- a share is no amount
      AND NOT EXISTS (SELECT 1 FROM live._stamped b WHERE b.topic = 'balance' AND b.name = 'cap' AND b.key_id = l.key_id)
), held AS (
    SELECT
        * REPLACE (coalesce(
            purse,
            CASE WHEN kind IN ('cap', 'remaining') THEN 'cap' WHEN kind <> 'used' THEN 'account' END,
            -- what is used belongs to the purse that the same answer tells of
            max(CASE WHEN kind IN ('cap', 'remaining') THEN coalesce(purse, 'cap') END) OVER answer,
            max(CASE WHEN kind <> 'used' THEN coalesce(purse, 'account') END) OVER answer,
            'account'
        ) AS purse)
    FROM told
    WHERE place = 0 OR amount IS NOT NULL
    WINDOW answer AS (PARTITION BY key_id, exchange_id, currency)
), newest AS (
    SELECT *
    FROM held
    QUALIFY row_number() OVER (
        PARTITION BY key_id, purse, kind, currency
        ORDER BY amount IS NULL, scope <> 'key', place, seen_at DESC NULLS LAST, run_id DESC, exchange_id DESC NULLS LAST
    ) = 1
), worked_out AS (
    SELECT
        h.key_id, h.purse, CASE h.kind WHEN 'cap' THEN 'remaining' ELSE 'available' END AS kind,
        CAST(TRY_CAST(h.amount AS DECIMAL(30, 12)) - TRY_CAST(u.amount AS DECIMAL(30, 12)) AS VARCHAR) AS amount,
        h.currency, 'confirmed' AS state, h.scope, greatest(h.exchange_id, u.exchange_id) AS exchange_id,
        list_sort(list_distinct([h.exchange_id, u.exchange_id])) AS proof
    FROM newest h
    JOIN newest u ON u.key_id = h.key_id AND u.purse = h.purse AND u.kind = 'used' AND u.currency IS NOT DISTINCT FROM h.currency
    WHERE h.kind IN ('cap', 'total')
      AND NOT EXISTS (
        SELECT 1 FROM newest o
        WHERE o.key_id = h.key_id AND o.purse = h.purse AND o.currency IS NOT DISTINCT FROM h.currency AND o.amount IS NOT NULL
          AND o.kind IN ('remaining', 'available')
      )
)
SELECT
    key_id, purse, kind, amount, currency, false AS derived,
    CASE WHEN amount IS NULL THEN coalesce(nullif(state, 'confirmed'), 'unknown') ELSE coalesce(state, 'confirmed') END AS state,
    exchange_id, CAST(to_json(list_filter([exchange_id], lambda id: id IS NOT NULL)) AS VARCHAR) AS evidence, scope
FROM newest
UNION ALL BY NAME
SELECT
    -- 5.000000000000 is written 5, as an answer would
    * EXCLUDE (proof) REPLACE (regexp_replace(regexp_replace(amount, '(\.\d*?)0+$', '\1'), '\.$', '') AS amount),
    true AS derived, CAST(to_json(list_filter(proof, lambda id: id IS NOT NULL)) AS VARCHAR) AS evidence
FROM worked_out
WHERE amount IS NOT NULL
