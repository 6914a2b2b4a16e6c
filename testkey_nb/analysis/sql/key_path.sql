-- One row per key: its facts, and how far it came. What is judged after the stages reads them here, so that a dimension, an
-- action and a risk never contradict them.
SELECT f.*, s.* EXCLUDE (key_id)
FROM key_facts f
LEFT JOIN (
    SELECT
        key_id,
        -- the first stage that is not passed; NULL where all are
        min_by(stage, ordinal) FILTER (verdict <> 'pass') AS open_stage,
        any_value(verdict) FILTER (stage = 'identification') AS identification, any_value(reason) FILTER (stage = 'identification') AS identification_reason,
        any_value(verdict) FILTER (stage = 'pricing') AS inventory_and_pricing, any_value(reason) FILTER (stage = 'pricing') AS inventory_and_pricing_reason,
        any_value(verdict) FILTER (stage = 'launch') AS whole_path, any_value(reason) FILTER (stage = 'launch') AS whole_path_reason
    FROM (
        SELECT *, list_position(['identification', 'inventory', 'pricing', 'routing', 'launch'], stage) AS ordinal FROM stages
    )
    GROUP BY key_id
) s USING (key_id)
