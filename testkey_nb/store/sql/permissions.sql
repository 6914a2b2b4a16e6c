-- One row per key, model and scope: the strongest thing known of the right to call, and the exchange that says so.
--
-- Every source makes a claim with a rank; the lowest rank wins, and among equals the newest:
--   0 an answer of the model itself (an active probe, own traffic): what happened outranks what lists say
--   1 denied by name: a deny list, a row that says so, a retired model. Above `callable`, because a deny list is made to
--     cut into a wider allowance
--   2 callable by an allow list of the key
--   3 denied by a pattern: what such an allow list leaves over, or a kind of key that calls no model at all. Above model
--     lists, which know neither
--   4 callable by a model list: a row that says so, or a list that is filtered to what the key may use
--   5 denied by omission: the filtered list leaves out what the public one has. Below `callable`, because another answer
--     may allow what one list forgot
--   6 listed   7 unknown
-- Claims meet only inside one scope: what an admin key learns of a project never becomes a right of that key.
WITH listing AS MATERIALIZED (FROM live._listings),
who AS MATERIALIZED (SELECT *, coalesce(provider, claimed_provider) AS measured_by FROM identity),
listed AS (
    SELECT
        *, retired_at <= now_utc() AS retired,
        CASE
            WHEN retired_at <= now_utc() OR state = 'denied' THEN 'denied'
            -- a list that anyone can read proves no right of this key
            WHEN state = 'callable' OR (state IS NULL AND proves = 'callable')
                THEN CASE WHEN public THEN 'listed' ELSE 'callable' END
            WHEN state = 'listed' OR (state IS NULL AND proves = 'listed') THEN 'listed'
            ELSE 'unknown'
        END AS claim
    FROM listing
), stated AS (
    SELECT
        key_id, provider, coalesce(model_id, '*') AS model_id, scope, exchange_id, seen_at, run_id, reason,
        CASE WHEN state IN ('callable', 'denied', 'listed') THEN state ELSE 'unknown' END AS claim,
        source = 'runtime' OR (method = 'POST' AND authenticated) AS runtime
    FROM live._stamped WHERE topic = 'permission'
), filtered AS (
    -- lists filtered to the key, unless a page of them is missing: then an absence proves nothing
    SELECT l.key_id, l.provider, l.host, max(l.exchange_id) AS exchange_id, max(l.seen_at) AS seen_at, max(l.run_id) AS run_id
    FROM listing l
    WHERE l.proves = 'callable' AND NOT l.public AND l.scope = 'key' AND l.complete
      AND NOT EXISTS (
        SELECT 1 FROM (
            SELECT key_id, request, run_id, arg_max(outcome, attempt) AS outcome
            FROM live.exchanges WHERE authenticated GROUP BY key_id, request, run_id, host, path
        ) x
        WHERE x.key_id = l.key_id AND x.request = l.request AND x.run_id = l.run_id AND x.outcome <> 'ok'
      )
    GROUP BY l.key_id, l.provider, l.host
), own AS (
    SELECT DISTINCT key_id, model_id FROM listing WHERE NOT public AND scope = 'key'
), open AS (
    -- public lists that hold for a key: those read in its own run, and those of the same host read for another key
    SELECT key_id, model_id FROM listing WHERE public
    UNION
    SELECT f.key_id, l.model_id
    FROM filtered f JOIN listing l ON l.host = f.host AND l.provider = f.provider WHERE l.public
), omitted AS (
    SELECT f.key_id, f.provider, o.model_id, f.exchange_id, f.seen_at, f.run_id
    FROM filtered f
    JOIN open o ON o.key_id = f.key_id
    ANTI JOIN own w ON w.key_id = o.key_id AND w.model_id = o.model_id
), covered AS (
    -- ids are compared by their last part: a list may spell models/x what the catalogue spells x
    SELECT
        p.key_id, p.measured_by AS provider, c.model_id, l.key_id IS NOT NULL AS had_list, l.complete,
        -- where no list was read, the answer that told so of the key
        coalesce(l.exchange_id, d.exchange_id) AS exchange_id, l.seen_at, l.run_id
    FROM who p
    JOIN ref_covered_models c ON c.provider = p.measured_by
    LEFT JOIN (
        SELECT key_id, max_by(exchange_id, (observed_at, exchange_id)) AS exchange_id
        FROM live._verdicts GROUP BY key_id
    ) d ON d.key_id = p.key_id
    LEFT JOIN (
        SELECT key_id, max(exchange_id) AS exchange_id, max(seen_at) AS seen_at, max(run_id) AS run_id,
            bool_and(complete) AS complete
        FROM listing WHERE scope = 'key' GROUP BY key_id
    ) l ON l.key_id = p.key_id
    ANTI JOIN (
        SELECT DISTINCT key_id, lower(split_part(model_id, '/', -1)) AS tail FROM listing WHERE scope = 'key'
    ) s ON s.key_id = p.key_id AND s.tail = lower(split_part(c.model_id, '/', -1))
), claims AS (
    SELECT
        key_id, provider, model_id, scope, claim AS state, exchange_id, seen_at, run_id,
        CASE claim WHEN 'denied' THEN 1 WHEN 'callable' THEN 4 WHEN 'listed' THEN 6 ELSE 7 END AS rank,
        CASE
            WHEN retired THEN concat('retired since ', strftime(retired_at, '%Y-%m-%d'))
            WHEN claim = 'unknown' THEN concat_ws('; ', 'public list proves nothing about the key', reason)
            WHEN reason IS NOT NULL THEN reason
            WHEN claim = 'denied' THEN 'the provider''s list says so'
            WHEN claim = 'callable' AND state IS NULL THEN 'in the list that is filtered to this key'
            WHEN claim = 'callable' THEN 'the answer to this key says so'
            WHEN claim = 'listed' AND public THEN 'in a list that comes without a key too'
            ELSE 'in a list that does not prove the right to call'
        END AS reason
    FROM listed
    UNION ALL BY NAME
    SELECT
        key_id, provider, model_id, scope, claim AS state, exchange_id, seen_at, run_id,
        CASE
            WHEN runtime AND claim IN ('callable', 'denied') THEN 0
            WHEN claim = 'denied' THEN CASE WHEN contains(model_id, '*') THEN 3 ELSE 1 END
            WHEN claim = 'callable' THEN 2 WHEN claim = 'listed' THEN 6 ELSE 7
        END AS rank,
        coalesce(reason, CASE WHEN runtime THEN 'the model answered' ELSE 'the provider says so' END) AS reason
    FROM stated
    UNION ALL BY NAME
    SELECT
        *, 'key' AS scope, 'denied' AS state, 5 AS rank,
        'the list that is filtered to this key leaves out a model of the provider''s public list' AS reason
    FROM omitted
    UNION ALL BY NAME
    SELECT
        * EXCLUDE (had_list, complete), 'key' AS scope, 'unknown' AS state, 7 AS rank,
        CASE WHEN NOT had_list THEN 'a covered model; no list was read with this key'
             WHEN NOT complete THEN 'a covered model; this key''s list was not read to its end'
             ELSE 'a covered model that this key''s list lacks' END AS reason
    FROM covered
), spread AS (
    FROM claims
    UNION ALL BY NAME
    -- `*` and patterns such as `acme/*` speak of every model known for the key
    SELECT c.* REPLACE (m.model_id AS model_id)
    FROM (FROM claims WHERE contains(model_id, '*')) c
    JOIN (SELECT DISTINCT key_id, scope, model_id FROM claims WHERE NOT contains(model_id, '*')) m
      ON m.key_id = c.key_id AND m.scope = c.scope AND m.model_id GLOB c.model_id
), strongest AS (
    FROM spread
    QUALIFY row_number() OVER (
        PARTITION BY key_id, model_id, scope ORDER BY rank, seen_at DESC NULLS LAST, run_id DESC, exchange_id DESC NULLS LAST
    ) = 1
), refusal AS (
    SELECT o.key_id, max_by(o.exchange_id, (o.seen_at, o.exchange_id)) AS exchange_id
    FROM (
        SELECT key_id, exchange_id, observed_at AS seen_at FROM live._verdicts WHERE NOT key_valid
        UNION ALL
        SELECT key_id, exchange_id, sent_at FROM live.exchanges WHERE condition IS NOT NULL AND NOT key_valid
    ) o
    JOIN who i ON i.key_id = o.key_id AND i.key_valid = false
    GROUP BY o.key_id
)
SELECT
    i.key_id, i.label, coalesce(s.provider, i.measured_by) AS provider, s.model_id, f.family, s.scope,
    -- with a key that the provider does not accept nothing is callable, whatever was
    CASE WHEN i.key_valid = false AND s.state = 'callable' THEN 'denied' ELSE s.state END AS state,
    CASE WHEN i.key_valid = false AND s.state = 'callable' THEN 'the provider does not accept this key' ELSE s.reason END
        AS reason,
    CASE WHEN i.key_valid = false AND s.state = 'callable' THEN coalesce(r.exchange_id, s.exchange_id) ELSE s.exchange_id END
        AS exchange_id
FROM strongest s
JOIN who i ON i.key_id = s.key_id
-- a pattern has spoken through the models it fits; it stands for itself only where no model is known
ANTI JOIN (
    SELECT DISTINCT key_id, scope FROM strongest WHERE NOT contains(model_id, '*')
) n ON n.key_id = s.key_id AND n.scope = s.scope AND contains(s.model_id, '*')
LEFT JOIN refusal r ON r.key_id = s.key_id
LEFT JOIN ref_families f ON f.model_id = s.model_id
