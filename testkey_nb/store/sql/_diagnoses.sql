-- One row per failed exchange: why, and what to do about it.
SELECT
    x.exchange_id, x.key_id, d.condition, x.status, d.cause, d.move, d.key_valid, d.rule, x.outcome, x.probe, x.host, x.path,
    x.authenticated, x.sent_at
FROM live.exchanges x
LEFT JOIN (
    SELECT
        exchange_id, run_id, last(name ORDER BY seen_at) AS condition, last(value ORDER BY seen_at) AS cause,
        last(reason ORDER BY seen_at) AS move, last(source ORDER BY seen_at) AS rule,
        last(CASE state WHEN 'valid' THEN true WHEN 'invalid' THEN false END ORDER BY seen_at) AS key_valid
    FROM live._stamped WHERE topic = 'diagnosis' GROUP BY exchange_id, run_id
) d ON d.exchange_id = x.exchange_id AND d.run_id = x.run_id
WHERE d.exchange_id IS NOT NULL
   -- a question asked without the key is meant to be refused, and may be asked where there is nothing: that is no failure
   OR x.outcome <> 'ok' AND NOT (NOT x.authenticated AND x.outcome IN ('refused', 'absent', 'blocked', 'malformed'))
