-- One row per failed exchange as its answer alone has it; the rules of data/checks.toml put their judgement in its place.
FROM live._diagnoses
