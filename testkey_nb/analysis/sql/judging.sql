d AS MATERIALIZED (FROM live._diagnoses),
f AS MATERIALIZED (
    -- here the conditions are those told: none is judged yet
    SELECT b.*, c.conditions
    FROM key_base b
    LEFT JOIN (
        SELECT d.key_id, list(DISTINCT d.condition) AS conditions
        FROM d JOIN exchanges x ON x.exchange_id = d.exchange_id WHERE x.authenticated GROUP BY d.key_id
    ) c USING (key_id)
),
own AS MATERIALIZED (
    -- lists read with the key that nobody reads without it
    SELECT l.key_id, l.model_id, l.complete
    FROM model_listings l
    LEFT JOIN exchanges x ON x.exchange_id = l.exchange_id
    WHERE NOT coalesce(l.public, false) AND x.authenticated IS DISTINCT FROM false AND l.model_id IS NOT NULL
),
lists AS (SELECT key_id, count(DISTINCT model_id) AS shown, bool_or(complete = false) AS cut FROM own GROUP BY key_id),
accepted AS (
    -- an answer that comes without the key too accepted nothing
    SELECT key_id, host, count(*) AS times, list(DISTINCT path ORDER BY path)[1] AS example
    FROM exchanges
    WHERE authenticated AND outcome = 'ok' AND exchange_id NOT IN (
        SELECT exchange_id FROM model_listings WHERE public AND exchange_id IS NOT NULL
    )
    GROUP BY key_id, host
),
asked AS (
    SELECT exchange_id, any_value(model_id) AS model_id
    FROM observations WHERE topic = 'permission' AND model_id IS NOT NULL AND model_id <> '*'
    GROUP BY exchange_id HAVING count(DISTINCT model_id) = 1
),
r AS MATERIALIZED (
    -- of each failed exchange: what else is known of its host, and which model it was about where anything names one
    SELECT *, lower(split_part(model_id, '/', -1)) AS tail
    FROM (
        SELECT
            d.exchange_id, d.key_id, x.host, x.path, x.probe, x.authenticated, coalesce(a.times, 0) AS accepted,
            a.example AS accepted_path,
            coalesce(
                n.model_id,
                nullif(regexp_extract(x.path, '/(?:models|model|deployments)/([^/?]+?)(?::[A-Za-z]+|/(?:invoke|converse|chat|completions|embeddings|infer).*)$', 1), ''),
                CASE WHEN d.condition IN ('model-not-found', 'model-retired', 'permission-denied') THEN coalesce(
                    nullif(regexp_extract(x.body_excerpt, '(?i)\bmodel(?: id| name)?\\?"?\s*[:=]?\s*\\?["''`]([a-z0-9@][\w./:@-]*)\\?["''`]', 1), ''),
                    nullif(regexp_extract(x.body_excerpt, '\b(models/[A-Za-z0-9._-]+) is not', 1), '')
                ) END
            ) AS model_id
        FROM d
        LEFT JOIN exchanges x ON x.exchange_id = d.exchange_id AND x.key_id = d.key_id
        LEFT JOIN accepted a ON a.key_id = d.key_id AND a.host = x.host
        LEFT JOIN asked n ON n.exchange_id = d.exchange_id
    )
),
seen AS (
    SELECT
        r.exchange_id,
        bool_or(replace(o.model_id, 'models/', '') = replace(r.model_id, 'models/', '')) AS exact, min(o.model_id) AS alike
    FROM r JOIN own o ON o.key_id = r.key_id AND lower(split_part(o.model_id, '/', -1)) = r.tail
    GROUP BY r.exchange_id
)
