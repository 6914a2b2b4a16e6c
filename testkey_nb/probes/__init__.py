"""Plans, runs and reads the probes of keys."""

from testkey_nb.probes.har import read_har
from testkey_nb.probes.observed import observed
from testkey_nb.probes.rows import Rows
from testkey_nb.probes.runs import Result, probe_targets
from testkey_nb.probes.steps import Options, plan_rows
from testkey_nb.probes.target import Target, target

__all__ = [
    "Options",
    "Result",
    "Rows",
    "Target",
    "observed",
    "plan_rows",
    "probe_targets",
    "read_har",
    "target",
]
