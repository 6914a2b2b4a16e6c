-- One row per key: what all rules may ask for as f.<name>; facts.sql adds what follows from failed exchanges, which are
-- judged by what stands here.
-- Counts are counts of rows (0 = no such row); everything else is NULL where it is not known. *_ids are lists of exchange ids.
WITH who AS MATERIALIZED (FROM identity),
rights AS MATERIALIZED (
    SELECT key_id, model_id, state, coalesce(scope, 'key') AS scope, exchange_id FROM permissions
)
SELECT
    k.key_id, k.label, k.source AS key_source, k.claimed_provider, k.base_url,
    -- the data's own clock: rules never read the machine's, so a frame does not change while one looks at it
    greatest(coalesce(s.seen_at, k.added_at), k.added_at) AS seen_at,
    i.provider, coalesce(p.name, i.provider) AS provider_name, p.route, p.kind AS provider_kind,
    i.key_valid, i.verdict, i.confidence_db, i.front, i.transport, i.upstream, i.key_kind, i.owner_id, i.organization_id,
    i.project, i.token_type, i.token_role, i.token_scopes, i.expires_at,
    coalesce(x.asked, 0) AS asked, coalesce(x.answered, 0) AS answered, coalesce(x.ok, 0) AS ok,
    coalesce(x.failing, 0) AS failing, coalesce(x.unreachable, 0) AS unreachable, coalesce(x.blocked, 0) AS blocked,
    coalesce(x.keyed, 0) AS keyed, x.latency_ms,
    x.any_ids, x.ok_ids, x.failing_ids, x.refused_ids, x.proof_id, x.keyed_ids,
    coalesce(m.callable, 0) AS models_callable, coalesce(m.listed, 0) AS models_listed,
    coalesce(m.callable, 0) + coalesce(m.listed, 0) AS models_usable, coalesce(m.denied, 0) AS models_denied,
    coalesce(m.unknown, 0) AS models_unknown, coalesce(m.elsewhere, 0) AS models_elsewhere, m.rights_ids, m.callable_ids,
    m.denied_ids,
    coalesce(o.described, 0) AS models_described, coalesce(o.rows, 0) AS models_rows, o.model_ids,
    coalesce(o.public, 0) AS models_public, coalesce(v.shown, 0) AS own_models, v.ids AS own_list_ids,
    coalesce(v.cut, false) AS own_list_cut,
    coalesce(l.known, 0) AS limits_known, coalesce(l.rates, 0) AS limits_rate, coalesce(l.unlimited, 0) AS limits_unlimited,
    coalesce(l.counting, 0) AS limits_counting, coalesce(l.low, 0) AS limits_low, coalesce(l.spent, 0) AS limits_spent,
    -- all that the key may call stands still: a limit of the whole key is used up, or one of each model
    coalesce(l.spent_whole > 0 OR l.spent_models > 0 AND l.spent_models >= coalesce(m.callable, 0) + coalesce(m.listed, 0), false) AS limits_spent_all, coalesce(l.whole_rates, 0) AS limits_rate_whole, coalesce(l.rate_models, 0) AS limits_rate_models,
    coalesce(l.uncapped, false) AS uncapped, l.spent_text AS limit_spent_text, l.renews_at,
    coalesce(l.shared, 0) AS limits_shared, coalesce(l.per_request, 0) AS limits_per_request, l.least_left, l.limit_ids,
    l.low_ids, l.shared_ids,
    -- a cap stands in both tables
    greatest(coalesce(l.spend_caps, 0), coalesce(b.caps, 0)) AS spend_caps,
    coalesce(b.known, 0) AS balances_known, coalesce(b.invisible, 0) AS balances_invisible, b.balance_text, b.spent_text,
    b.cap_text, b.account_left, b.plan_left, b.trial_left, b.cap_left, b.money_left, b.spent_purse, b.balance_ids,
    coalesce(u.known, 0) AS usage_known, u.usage_ids, u.usage_kinds, u.spend_a_day, u.spend_unit,
    CASE WHEN u.spend_a_day > 0 AND b.money_left > 0 THEN b.money_left / u.spend_a_day END AS days_left,
    coalesce(c.priced, 0) AS models_priced, coalesce(c.conflicts, 0) AS price_conflicts, c.conflict_ids, c.conflict_model, c.price_ids,
    c.price_sources, c.price_age, c.currencies,
    h.owner AS shape_owner, coalesce(n.name, h.owner) AS shape_owner_name, h.told AS shape_text,
    h.refusal AS shape_refusal, coalesce(h.official, false) AS at_home,
    e.facts AS hidden_facts, coalesce(w.keys_here, 1) AS keys_here, coalesce(w.keys_of_account, 1) AS keys_of_account,
    coalesce(w.first_here, true) AS first_here, y.twins, y.first_twin
FROM keys k
LEFT JOIN who i USING (key_id)
LEFT JOIN ref_providers p ON p.provider = i.provider
LEFT JOIN (
    SELECT provider, list(fact ORDER BY fact) AS facts FROM ref_not_exposed GROUP BY provider
) e ON e.provider = i.provider
LEFT JOIN (
    -- the one provider that alone issues keys of this shape
    SELECT key_id, max(shape_owner) AS owner, max(shape_text) AS told, max(shape_refusal) AS refusal, bool_or(official) AS official
    FROM verdicts GROUP BY key_id
) h USING (key_id)
LEFT JOIN (
    SELECT l.key_id, count(DISTINCT l.model_id) AS shown, list(DISTINCT l.exchange_id ORDER BY l.exchange_id) AS ids,
        bool_or(l.complete = false) AS cut
    FROM model_listings l LEFT JOIN exchanges a ON a.exchange_id = l.exchange_id
    WHERE NOT coalesce(l.public, false) AND a.authenticated IS DISTINCT FROM false AND l.model_id IS NOT NULL
    GROUP BY l.key_id
) v USING (key_id)
LEFT JOIN ref_providers n ON n.provider = h.owner
CROSS JOIN (SELECT max(sent_at) AS seen_at FROM exchanges) s
LEFT JOIN (
    SELECT
        key_id, count(*) AS asked, count(status) AS answered, count(*) FILTER (outcome = 'ok') AS ok,
        -- the questions who answers there are expected to meet pages and missing paths
        count(*) FILTER (outcome IN ('failed', 'malformed', 'timeout') AND probe IS DISTINCT FROM 'identification') AS failing,
        count(*) FILTER (outcome IN ('unreachable', 'timeout')) AS unreachable, count(*) FILTER (outcome = 'blocked' AND probe IS DISTINCT FROM 'identification') AS blocked,
        count(*) FILTER (authenticated) AS keyed, median(latency_ms) AS latency_ms,
        list(exchange_id ORDER BY sent_at, exchange_id) AS any_ids,
        list(exchange_id ORDER BY sent_at, exchange_id) FILTER (outcome = 'ok' AND authenticated) AS ok_ids,
        list(exchange_id ORDER BY sent_at, exchange_id) FILTER (
            outcome IN ('failed', 'malformed', 'timeout', 'unreachable') AND probe IS DISTINCT FROM 'identification'
        ) AS failing_ids,
        list(exchange_id ORDER BY sent_at, exchange_id) FILTER (outcome IN ('refused', 'no_balance') AND authenticated) AS refused_ids,
        list(exchange_id ORDER BY sent_at, exchange_id) FILTER (authenticated) AS keyed_ids,
        -- the answer that speaks of the key itself: a good one first, else any that was asked with the key
        coalesce(
            min_by(exchange_id, (sent_at, exchange_id)) FILTER (outcome = 'ok' AND authenticated),
            min_by(exchange_id, (sent_at, exchange_id)) FILTER (authenticated AND status IS NOT NULL)
        ) AS proof_id
    FROM exchanges GROUP BY key_id
) x USING (key_id)
LEFT JOIN (
    SELECT
        key_id,
        count(DISTINCT model_id) FILTER (state = 'callable' AND scope = 'key') AS callable,
        count(DISTINCT model_id) FILTER (state = 'listed' AND scope = 'key') AS listed,
        count(DISTINCT model_id) FILTER (state = 'denied' AND scope = 'key') AS denied,
        count(DISTINCT model_id) FILTER (state = 'unknown' AND scope = 'key') AS unknown,
        count(*) FILTER (scope <> 'key') AS elsewhere,
        list(DISTINCT exchange_id ORDER BY exchange_id) FILTER (exchange_id IS NOT NULL AND state IN ('callable', 'listed', 'denied')) AS rights_ids,
        list(DISTINCT exchange_id ORDER BY exchange_id) FILTER (exchange_id IS NOT NULL AND state = 'callable') AS callable_ids,
        list(DISTINCT exchange_id ORDER BY exchange_id) FILTER (exchange_id IS NOT NULL AND state = 'denied') AS denied_ids
    FROM rights GROUP BY key_id
) m USING (key_id)
LEFT JOIN (
    SELECT
        t.key_id, count(*) AS rows, any_value(q.public) AS public,
        count(*) FILTER (features IS NOT NULL OR modalities IS NOT NULL OR context_window IS NOT NULL) AS described,
        list(DISTINCT exchange_id ORDER BY exchange_id) FILTER (exchange_id IS NOT NULL) AS model_ids
    FROM models t
    LEFT JOIN (SELECT key_id, count(*) FILTER (public) AS public FROM model_listings GROUP BY key_id) q USING (key_id)
    GROUP BY t.key_id
) o USING (key_id)
LEFT JOIN (
    SELECT
        key_id,
        count(*) FILTER (caps AND (amount IS NOT NULL OR unlimited)) AS known,
        count(*) FILTER (caps AND kind <> 'spend' AND (amount IS NOT NULL OR unlimited)) AS rates, count(*) FILTER (caps AND unlimited) AS unlimited,
        count(*) FILTER (caps AND left_over IS NOT NULL) AS counting,
        count(*) FILTER (caps AND left_over > 0 AND left_over / nullif(amount, 0) < 0.1) AS low,
        count(*) FILTER (caps AND left_over <= 0) AS spent,
        -- a limit of one model, or of a scope that is not the key's, stops no other call
        count(*) FILTER (caps AND left_over <= 0 AND model_id = '*' AND scope IN ('key', 'organization')) AS spent_whole,
        count(DISTINCT model_id) FILTER (caps AND left_over <= 0 AND model_id <> '*') AS spent_models,
        count(*) FILTER (caps AND kind <> 'spend' AND model_id = '*' AND scope IN ('key', 'organization') AND (amount IS NOT NULL OR unlimited)) AS whole_rates,
        count(DISTINCT model_id) FILTER (caps AND kind <> 'spend' AND model_id <> '*' AND (amount IS NOT NULL OR unlimited)) AS rate_models,
        bool_or(kind = 'spend' AND unlimited) AS uncapped,
        arg_min(concat(kind, ' per ', "window", CASE WHEN model_id <> '*' THEN concat(' of ', model_id) ELSE '' END), (model_id <> '*', kind, "window")) FILTER (caps AND left_over <= 0) AS spent_text,
        max(reset_at) FILTER (caps AND left_over <= 0) AS renews_at,
        count(*) FILTER (caps AND scope LIKE 'organization%' OR scope LIKE 'project:%') AS shared,
        count(*) FILTER (NOT caps) AS per_request, count(*) FILTER (kind = 'spend' AND amount IS NOT NULL) AS spend_caps,
        min(left_over / nullif(amount, 0)) FILTER (caps) AS least_left,
        list(DISTINCT exchange_id ORDER BY exchange_id) FILTER (exchange_id IS NOT NULL) AS limit_ids,
        list(DISTINCT exchange_id ORDER BY exchange_id)
            FILTER (caps AND (left_over <= 0 OR left_over / nullif(amount, 0) < 0.1) AND exchange_id IS NOT NULL) AS low_ids,
        list(DISTINCT exchange_id ORDER BY exchange_id)
            FILTER ((scope LIKE 'organization%' OR scope LIKE 'project:%') AND exchange_id IS NOT NULL) AS shared_ids
    FROM (
        SELECT
            *, try_cast("limit" AS DOUBLE) AS amount, try_cast(remaining AS DOUBLE) AS left_over,
            kind NOT IN ('context', 'max_output') AS caps
        FROM limits WHERE scope <> 'route'
    )
    GROUP BY key_id
) l USING (key_id)
LEFT JOIN (
    -- purses are not mixed: the tighter of cap and money binds, and money is the fullest of account, plan and trial
    SELECT
        *,
        least(cap_left, greatest(account_left, plan_left, trial_left)) AS money_left,
        CASE
            WHEN cap_left <= 0 THEN 'cap'
            WHEN greatest(account_left, plan_left, trial_left) <= 0 THEN
                CASE WHEN account_left IS NOT NULL THEN 'account' WHEN plan_left IS NOT NULL THEN 'plan' ELSE 'trial' END
        END AS spent_purse
    FROM (
        SELECT
            key_id, count(*) FILTER (tells) AS known, count(*) FILTER (state = 'invisible') AS invisible,
            count(*) FILTER (kind = 'cap' AND amount IS NOT NULL) AS caps,
            -- of several currencies the fullest counts
            max(number) FILTER (tells AND purse = 'account') AS account_left, max(number) FILTER (tells AND purse = 'plan') AS plan_left,
            max(number) FILTER (tells AND purse = 'trial') AS trial_left, max(number) FILTER (tells AND purse = 'cap') AS cap_left,
            string_agg(DISTINCT words, ', ' ORDER BY words) FILTER (tells) AS balance_text,
            string_agg(DISTINCT words, ', ' ORDER BY words) FILTER (tells AND number <= 0) AS spent_text,
            string_agg(DISTINCT words, ', ' ORDER BY words) FILTER (kind = 'cap' AND amount IS NOT NULL) AS cap_text,
            list_sort(list_distinct(flatten(list(proof) FILTER (amount IS NOT NULL)))) AS balance_ids
        FROM (
            SELECT
                *, try_cast(amount AS DOUBLE) AS number, CAST(evidence AS VARCHAR[]) AS proof,
                -- what is used, or was once granted, tells nothing of what is left
                amount IS NOT NULL AND (kind IN ('available', 'remaining') OR kind = 'total' AND NOT bool_or(kind = 'available' AND amount IS NOT NULL) OVER purse_of) AS tells,
                concat(
                    amount, ' ', coalesce(currency, ''), CASE
                        WHEN kind = 'cap' THEN CASE purse WHEN 'plan' THEN ' in the plan' ELSE ' cap' END
                        WHEN purse = 'cap' THEN ' left under the cap' WHEN purse = 'plan' THEN ' left in the plan' WHEN purse = 'trial' THEN ' left of the trial'
                        ELSE ' left in the account'
                    END
                ) AS words
            FROM balances
            WINDOW purse_of AS (PARTITION BY key_id, purse, currency)
        )
        GROUP BY key_id
    )
) b USING (key_id)
LEFT JOIN (
    SELECT
        key_id, count(*) FILTER (amount IS NOT NULL) AS known, string_agg(DISTINCT kind, ', ' ORDER BY kind) AS usage_kinds,
        -- money a day, by the shortest period that is told
        arg_min(try_cast(amount AS DOUBLE) / days, days) FILTER (kind = 'spend' AND days > 0) AS spend_a_day,
        arg_min(unit, days) FILTER (kind = 'spend' AND days > 0) AS spend_unit,
        list(DISTINCT exchange_id ORDER BY exchange_id) FILTER (exchange_id IS NOT NULL) AS usage_ids
    FROM (
        SELECT
            *,
            CASE
                WHEN period = 'day' THEN 1 WHEN period = 'week' THEN 7 WHEN period = 'month' THEN 30
                WHEN regexp_full_match(period, 'P\d+D') THEN CAST(regexp_extract(period, '\d+') AS INTEGER)
                ELSE date_diff('day', try_cast(split_part(period, '/', 1) AS TIMESTAMP), try_cast(split_part(period, '/', 2) AS TIMESTAMP))
            END AS days
        FROM usage
    )
    GROUP BY key_id
) u USING (key_id)
LEFT JOIN (
    SELECT
        key_id, count(*) OVER one_key - 1 AS twins, first_value(label) OVER (PARTITION BY fingerprint ORDER BY label, key_id) AS first_twin
    FROM keys WHERE fingerprint IS NOT NULL WINDOW one_key AS (PARTITION BY fingerprint)
) y USING (key_id)
LEFT JOIN (
    SELECT
        t.key_id,
        -- only what may be used counts: prices of denied models say nothing of the key
        count(DISTINCT t.model_id) FILTER (q.model_id IS NOT NULL AND (t.input_mtok IS NOT NULL OR t.output_mtok IS NOT NULL)) AS priced,
        count(DISTINCT t.model_id) FILTER (q.model_id IS NOT NULL AND t.conflict) AS conflicts, max(t.age_days) AS price_age,
        max(t.model_id) FILTER (q.model_id IS NOT NULL AND t.conflict) AS conflict_model,
        string_agg(DISTINCT t.source, ', ' ORDER BY t.source) AS price_sources, count(DISTINCT t.currency) AS currencies,
        any_value(g.ids) AS price_ids, any_value(g.ids) FILTER (t.conflict) AS conflict_ids
    FROM prices t
    LEFT JOIN (
        SELECT DISTINCT key_id, model_id FROM rights WHERE state IN ('callable', 'listed') AND scope = 'key'
    ) q ON q.key_id = t.key_id AND q.model_id = t.model_id
    LEFT JOIN (
        SELECT key_id, list(DISTINCT exchange_id ORDER BY exchange_id) FILTER (exchange_id IS NOT NULL) AS ids
        FROM price_rows GROUP BY key_id
    ) g ON g.key_id = t.key_id
    GROUP BY t.key_id
) c USING (key_id)
LEFT JOIN (
    SELECT
        key_id, count(*) OVER (PARTITION BY provider) AS keys_here,
        row_number() OVER (PARTITION BY provider ORDER BY key_valid IS DISTINCT FROM true, label, key_id) = 1 AS first_here,
        count(*) OVER (PARTITION BY provider, coalesce(organization_id, owner_id, key_id)) AS keys_of_account
    FROM who
) w USING (key_id)
