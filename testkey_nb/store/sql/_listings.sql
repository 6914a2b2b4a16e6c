-- Rows of model lists. Where a list was read again in a later run, only its newest reading counts.
SELECT
    l.key_id, l.provider, l.exchange_id, coalesce(l.proves, 'nothing') AS proves,
    -- what comes without the key is public, whatever the row says
    coalesce(l.public, false) OR x.authenticated IS NOT DISTINCT FROM false AS public,
    l.model_id, l.name, l.context_window, l.max_output, l.modalities, l.features, l.created, l.retired_at, l.state, l.reason,
    -- a listing of an older record does not say whether it was read to its end
    coalesce(l.complete, true) AS complete, coalesce(l.scope, 'key') AS scope, x.host, x.request, coalesce(x.sent_at, r.started_at) AS seen_at, l.run_id
FROM live.model_listings l
LEFT JOIN live.exchanges x ON x.exchange_id = l.exchange_id AND x.run_id = l.run_id
LEFT JOIN runs r ON r.run_id = l.run_id
WHERE l.key_id IS NOT NULL AND l.model_id IS NOT NULL
QUALIFY l.run_id = max(l.run_id) OVER (PARTITION BY l.key_id, x.request, x.host, coalesce(l.scope, 'key'))
