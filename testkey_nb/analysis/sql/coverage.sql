-- One row per key and capability: what the provider's file declares for it, and what of that this key cannot be told.
SELECT
    o.key_id, m.capability, count(DISTINCT o.metric) AS declared,
    count(DISTINCT o.metric) FILTER (o.state = 'invisible') AS invisible,
    count(DISTINCT o.metric) FILTER (o.state = 'not_exposed') AS not_exposed,
    min(o.exchange_id) FILTER (o.state = 'invisible') AS hidden_id, min(o.reason) FILTER (o.state = 'invisible') AS why
FROM coverage o JOIN ref_metric_capabilities m ON m.metric = o.metric GROUP BY o.key_id, m.capability
