-- One row per failed exchange: why, and what to do about it.
SELECT
    x.exchange_id, x.key_id, x.condition, x.status, x.cause, x.cause_code, x.move, x.move_code, x.specific, x.whose, x.key_valid, x.rule,
    x.outcome, x.probe, x.host, x.path, x.authenticated, x.sent_at
FROM live.exchanges x
WHERE x.condition IS NOT NULL
   -- a question asked without the key is meant to be refused, and may be asked where there is nothing: that is no failure
   OR x.outcome <> 'ok' AND NOT (NOT x.authenticated AND x.outcome IN ('not_sent', 'refused', 'absent', 'blocked', 'malformed'))
