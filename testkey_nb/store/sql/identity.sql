-- One row per key: whose it is, and how sure that is. A key that nobody asked yet has the verdict `insufficient`.
WITH decided AS (
    -- a verdict is taken whole from the newest run that reached one, never pieced together from two
    FROM live._verdicts WHERE verdict IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY key_id ORDER BY run_id DESC, observed_at DESC, exchange_id DESC NULLS LAST) = 1
), valid AS (
    SELECT
        key_id, last(key_valid ORDER BY observed_at, run_id, coalesce(exchange_id, '')) AS key_valid
    FROM live._verdicts v
    WHERE key_valid IS NOT NULL
      -- own traffic that calls the key unknown does not undo what another path of the same host accepted: that path
      -- refuses the key's rights
      AND NOT (NOT v.key_valid AND v.probe = 'observed' AND v.condition = 'invalid-api-key' AND EXISTS (
        FROM live._verdicts y WHERE y.key_id = v.key_id AND y.key_valid AND y.host = v.host AND y.path <> v.path
      ))
    GROUP BY key_id
), told AS (
    PIVOT (
        SELECT key_id, name, last(value ORDER BY seen_at, run_id, coalesce(exchange_id, '')) AS value
        FROM live._stamped
        WHERE topic = 'identity' AND scope = 'key' AND value IS NOT NULL  -- other scopes speak of other keys and projects
        GROUP BY key_id, name
    ) ON name IN (
        'key_kind', 'owner_id', 'organization_id', 'project', 'token_type', 'token_role', 'token_scopes', 'expires_at', 'upstream'
    ) USING any_value(value) GROUP BY key_id
), diagnosed AS (
    -- a key that was accepted once is alive, whatever another path said of its rights: a yes outranks a no
    SELECT key_id, bool_or(key_valid) AS key_valid
    FROM live.exchanges o WHERE condition IS NOT NULL AND key_valid IS NOT NULL
      -- where one answer knows the key and another refuses it, no single refusal decides
      AND NOT EXISTS (FROM live.verdicts v WHERE v.key_id = o.key_id AND v.contradicted)
    GROUP BY key_id
), proof AS (
    SELECT key_id, list(DISTINCT exchange_id ORDER BY exchange_id) AS ids
    FROM (
        SELECT key_id, exchange_id FROM live.observations WHERE topic = 'identity'
        UNION ALL SELECT key_id, exchange_id FROM live.verdicts
        UNION ALL SELECT key_id, exchange_id FROM live.evidence
    ) WHERE exchange_id IS NOT NULL GROUP BY key_id
)
SELECT
    k.key_id, k.label, k.claimed_provider, d.provider, coalesce(v.key_valid, x.key_valid) AS key_valid,
    coalesce(d.verdict, 'insufficient') AS verdict, d.confidence_db, d.front, d.transport,
    coalesce(d.upstream, t.upstream) AS upstream,
    -- the provider's answer knows better than the key's shape, unless all it says is "unknown"
    -- and a gateway that lets everybody in answers as it answers its master
    coalesce(
        nullif(nullif(t.key_kind, 'unknown'), CASE WHEN NOT coalesce(v.key_valid, x.key_valid, false) THEN 'master' END),
        d.key_kind, nullif(t.key_kind, 'master')
    ) AS key_kind,
    t.owner_id, t.organization_id, t.project, t.token_type, t.token_role, t.token_scopes,
    -- through TIMESTAMPTZ, because a cast to TIMESTAMP drops a written offset without a word
    coalesce(try_cast(t.expires_at AS TIMESTAMPTZ) AT TIME ZONE 'UTC', d.expires_at) AS expires_at,
    CAST(to_json(coalesce(p.ids, CAST([] AS VARCHAR[]))) AS VARCHAR) AS evidence, d.reason, d.candidates
FROM keys k
LEFT JOIN decided d USING (key_id)
LEFT JOIN valid v USING (key_id)
LEFT JOIN told t USING (key_id)
LEFT JOIN diagnosed x USING (key_id)
LEFT JOIN proof p USING (key_id)
