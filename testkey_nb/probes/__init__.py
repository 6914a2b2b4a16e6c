"""Plans, runs and reads the probes of keys."""

from testkey_nb.probes.batch import Result, probe_targets
from testkey_nb.probes.har import read_har
from testkey_nb.probes.own_traffic import observed
from testkey_nb.probes.rows import Rows

__all__ = ["Result", "Rows", "observed", "probe_targets", "read_har"]
