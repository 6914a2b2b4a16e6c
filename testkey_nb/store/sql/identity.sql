-- One row per key: whose it is, and how sure that is. A key that nobody asked yet has the verdict `insufficient`.
WITH decided AS (
    -- a verdict is taken whole from the newest run that reached one, never pieced together from two
    SELECT key_id, max(run_id) AS run_id FROM live._stamped WHERE topic = 'verdict' AND name = 'verdict' GROUP BY key_id
), overruled AS (
    -- own traffic that calls the key unknown does not undo what another path of the same host accepted: that path refuses
    -- the key's rights
    SELECT DISTINCT n.key_id, n.exchange_id
    FROM live._stamped n
    JOIN live.exchanges x
      ON x.exchange_id = n.exchange_id AND x.condition = 'invalid-api-key' AND x.probe = 'observed'
    JOIN live._stamped y ON y.key_id = n.key_id AND y.topic = 'verdict' AND y.name = 'key_valid' AND lower(y.value) = 'true'
    JOIN live.exchanges z ON z.exchange_id = y.exchange_id AND z.host = x.host AND z.path <> x.path
    WHERE n.topic = 'verdict' AND n.name = 'key_valid' AND lower(n.value) = 'false'
), told AS (
    SELECT
        o.key_id, o.topic, o.name, last(o.value ORDER BY o.seen_at, o.run_id, coalesce(o.exchange_id, '')) AS value
    FROM live._stamped o
    LEFT JOIN decided d ON d.key_id = o.key_id
    LEFT JOIN overruled v ON v.key_id = o.key_id AND v.exchange_id = o.exchange_id AND o.topic = 'verdict'
    WHERE o.value IS NOT NULL AND v.key_id IS NULL
      AND (
        o.topic = 'identity' AND o.scope = 'key'  -- other scopes speak of other keys and projects
        OR o.topic = 'verdict' AND (o.name = 'key_valid' OR o.run_id = coalesce(d.run_id, o.run_id))
      )
    GROUP BY o.key_id, o.topic, o.name
), wide AS (
    SELECT
        key_id,
        max(value) FILTER (topic = 'verdict' AND name = 'verdict') AS verdict,
        max(value) FILTER (topic = 'verdict' AND name = 'confidence_db') AS confidence_db,
        max(value) FILTER (topic = 'verdict' AND name = 'provider') AS provider,
        max(value) FILTER (topic = 'verdict' AND name = 'front') AS front,
        max(value) FILTER (topic = 'verdict' AND name = 'transport') AS transport,
        max(value) FILTER (topic = 'verdict' AND name = 'upstream') AS upstream,
        max(value) FILTER (topic = 'verdict' AND name = 'reason') AS reason,
        max(value) FILTER (topic = 'verdict' AND name = 'candidates') AS candidates,
        max(value) FILTER (topic = 'verdict' AND name = 'key_kind') AS shape_kind,
        max(value) FILTER (topic = 'verdict' AND name = 'expires_at') AS shape_expires,
        max(value) FILTER (topic = 'verdict' AND name = 'key_valid') AS key_valid,
        max(value) FILTER (topic = 'identity' AND name = 'key_valid') AS told_valid,
        max(value) FILTER (topic = 'identity' AND name = 'key_kind') AS key_kind,
        max(value) FILTER (topic = 'identity' AND name = 'owner_id') AS owner_id,
        max(value) FILTER (topic = 'identity' AND name = 'organization_id') AS organization_id,
        max(value) FILTER (topic = 'identity' AND name = 'project') AS project,
        max(value) FILTER (topic = 'identity' AND name = 'token_type') AS token_type,
        max(value) FILTER (topic = 'identity' AND name = 'token_role') AS token_role,
        max(value) FILTER (topic = 'identity' AND name = 'token_scopes') AS token_scopes,
        max(value) FILTER (topic = 'identity' AND name = 'expires_at') AS expires_at,
        max(value) FILTER (topic = 'identity' AND name = 'upstream') AS told_upstream
    FROM told GROUP BY key_id
), diagnosed AS (
    -- a key that was accepted once is alive, whatever another path said of its rights: a yes outranks a no
    SELECT key_id, bool_or(key_valid) AS key_valid
    FROM live.exchanges o WHERE condition IS NOT NULL AND key_valid IS NOT NULL
      -- where one answer knows the key and another refuses it, no single refusal decides
      AND NOT EXISTS (
        SELECT 1 FROM live._stamped v
        WHERE v.key_id = o.key_id AND v.topic = 'verdict' AND v.name = 'key_valid' AND v.state = 'contradicted'
      )
    GROUP BY key_id
), proof AS (
    SELECT key_id, list(DISTINCT exchange_id ORDER BY exchange_id) AS ids
    FROM live._stamped WHERE topic IN ('identity', 'verdict', 'evidence') AND exchange_id IS NOT NULL GROUP BY key_id
)
SELECT
    k.key_id, k.label, k.claimed_provider, w.provider,
    coalesce(try_cast(w.key_valid AS BOOLEAN), try_cast(w.told_valid AS BOOLEAN), d.key_valid) AS key_valid,
    coalesce(w.verdict, 'insufficient') AS verdict,
    try_cast(w.confidence_db AS DOUBLE) AS confidence_db,
    w.front, w.transport, coalesce(w.upstream, w.told_upstream) AS upstream,
    -- the provider's answer knows better than the key's shape, unless all it says is "unknown"
    coalesce(nullif(w.key_kind, 'unknown'), w.shape_kind, w.key_kind) AS key_kind,
    w.owner_id, w.organization_id, w.project, w.token_type, w.token_role, w.token_scopes,
    -- through TIMESTAMPTZ, because a cast to TIMESTAMP drops a written offset without a word
    coalesce(
        try_cast(w.expires_at AS TIMESTAMPTZ), try_cast(w.shape_expires AS TIMESTAMPTZ)
    ) AT TIME ZONE 'UTC' AS expires_at,
    CAST(to_json(coalesce(p.ids, CAST([] AS VARCHAR[]))) AS VARCHAR) AS evidence,
    w.reason, w.candidates
FROM keys k
LEFT JOIN wide w ON w.key_id = k.key_id
LEFT JOIN diagnosed d ON d.key_id = k.key_id
LEFT JOIN proof p ON p.key_id = k.key_id
