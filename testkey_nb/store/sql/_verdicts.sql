-- Conclusions about keys with the time they count by, as in _stamped.sql.
SELECT v.* REPLACE (coalesce(v.observed_at, x.sent_at, r.started_at) AS observed_at), x.host, x.path, x.probe, x.condition
FROM live.verdicts v
LEFT JOIN live.exchanges x ON x.exchange_id = v.exchange_id AND x.run_id = v.run_id
LEFT JOIN runs r ON r.run_id = v.run_id
WHERE v.key_id IS NOT NULL
