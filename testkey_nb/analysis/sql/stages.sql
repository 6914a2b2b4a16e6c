-- The stages with their gates: behind a blocked stage all are blocked, behind one under review none passes. The reason names
-- what holds the key up most; of several alike, the first.
SELECT
    key_id, label, stage,
    CASE
        WHEN before.level = 2 THEN 'blocked'
        WHEN before.level = 1 AND verdict = 'pass' THEN 'review'
        ELSE verdict
    END AS verdict,
    CASE
        WHEN before.level = 2 THEN concat('Waits for ', before.stage, ': ', before.reason)
        WHEN before.level = 1 AND verdict = 'pass' THEN concat('Waits for the review of ', before.stage, ': ', before.reason, ' Of its own: ', reason)
        ELSE reason
    END AS reason
FROM (
    SELECT
        *,
        max_by(
            {'level': level, 'stage': stage, 'reason': reason}, level * 100 - ordinal
        ) OVER (PARTITION BY key_id ORDER BY ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM (SELECT *, CASE verdict WHEN 'blocked' THEN 2 WHEN 'review' THEN 1 ELSE 0 END AS level FROM own)
)
ORDER BY label, key_id, ordinal
