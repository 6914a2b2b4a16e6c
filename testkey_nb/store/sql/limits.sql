-- One row per key, model, kind, window and scope: the newest limit told. What nobody told has no row. A limit whose answer
-- does not say of which model it speaks has none (NULL); `*` binds all calls.
WITH told AS (
    SELECT
        key_id, model_id, scope, name AS kind, coalesce("window", 'none') AS "window",
        try_cast(value AS DOUBLE) AS amount, try_cast(remaining AS DOUBLE) AS remaining, unit, unlimited, reset_at, state,
        source, exchange_id, seen_at, 0 AS derived
    FROM live._stamped WHERE topic = 'limit' AND name IS NOT NULL
    UNION ALL BY NAME
    -- a spend cap that was told as a balance stands here too
    SELECT
        key_id, '*' AS model_id, scope, 'spend' AS kind, coalesce("window", 'lifetime') AS "window",
        try_cast(value AS DOUBLE) AS amount, try_cast(remaining AS DOUBLE) AS remaining, unit, unlimited, reset_at, state,
        coalesce(source, 'cap') AS source, exchange_id, seen_at, 2 AS derived
    FROM live._stamped b
    WHERE topic = 'balance' AND name = 'cap' AND value IS NOT NULL
      AND NOT EXISTS (
        SELECT 1 FROM live._stamped o
        WHERE o.topic = 'limit' AND o.key_id = b.key_id
          -- the same cap told as a limit too, with its window and scope, or in a unit that is no money
          AND (o.name = 'spend' AND o.scope = b.scope
            OR coalesce(o.unit, o.name) = b.unit AND try_cast(o.value AS DOUBLE) = try_cast(b.value AS DOUBLE))
      )
    UNION ALL BY NAME
    SELECT
        m.key_id, m.model_id, m.scope, v.kind, 'none' AS "window", v.amount, 'tokens' AS unit, v.source, m.exchange_id,
        x.sent_at AS seen_at, 1 AS derived
    FROM models m
    CROSS JOIN LATERAL (VALUES
        ('context', CAST(m.context_window AS DOUBLE), 'context_window'),
        ('max_output', CAST(m.max_output AS DOUBLE), 'max_output')
    ) v(kind, amount, source)
    LEFT JOIN live.exchanges x ON x.exchange_id = m.exchange_id
    WHERE v.amount IS NOT NULL
), clean AS (
    SELECT
        * REPLACE (
            -- an infinite limit is one told to be none
            CASE WHEN unlimited OR NOT isfinite(amount) THEN NULL ELSE amount END AS amount,
            CASE WHEN isfinite(remaining) THEN remaining END AS remaining,
            coalesce(unlimited, false) OR isinf(amount) IS NOT DISTINCT FROM true AS unlimited
        )
    FROM told
), ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY key_id, model_id, scope, kind, "window"
            -- a row that tells a limit before one that only counts down; own answers before what follows from others
            ORDER BY amount IS NULL AND NOT unlimited, derived, seen_at DESC NULLS LAST, exchange_id DESC NULLS LAST, amount
        ) AS place,
        last_value(remaining IGNORE NULLS) OVER counting AS newest_remaining,
        last_value(reset_at IGNORE NULLS) OVER counting AS newest_reset
    FROM clean
    WINDOW counting AS (
        PARTITION BY key_id, model_id, scope, kind, "window" ORDER BY seen_at NULLS FIRST, exchange_id NULLS FIRST
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
)
SELECT
    r.key_id, k.label, r.model_id, r.scope, r.kind, r."window", r.amount AS "limit", r.newest_remaining AS remaining,
    coalesce(
        r.unit,
        CASE r.kind
            WHEN 'requests' THEN 'requests' WHEN 'concurrency' THEN 'requests' WHEN 'characters' THEN 'characters'
            WHEN 'images' THEN 'images' WHEN 'spend' THEN NULL ELSE 'tokens'
        END
    ) AS unit,
    r.unlimited, r.newest_reset AS reset_at,
    CASE
        WHEN r.amount IS NULL AND NOT r.unlimited AND r.newest_remaining IS NULL THEN coalesce(nullif(r.state, 'confirmed'), 'unknown')
        ELSE coalesce(r.state, 'confirmed')
    END AS state,
    r.source, r.exchange_id
FROM ranked r
JOIN keys k ON k.key_id = r.key_id
WHERE r.place = 1
