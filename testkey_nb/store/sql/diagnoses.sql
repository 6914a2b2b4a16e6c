-- One row per failed exchange as its answer alone has it; the rules of data/rules/checks.toml put their judgement in its place.
SELECT * EXCLUDE (specific) FROM live._diagnoses
