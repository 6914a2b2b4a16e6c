"""What may be done with a key before anything is sent: its shape, its life, its hosts, the decision, the plan."""

from testkey_nb.preflight.base_url import BaseURL, parse_base_url
from testkey_nb.preflight.decision import Decision, gate
from testkey_nb.preflight.hosts import region_at
from testkey_nb.preflight.key_shape import Shape, shape
from testkey_nb.preflight.plan import Options, plan_rows
from testkey_nb.preflight.targets import Target, target

__all__ = [
    "BaseURL",
    "Decision",
    "Options",
    "Shape",
    "Target",
    "gate",
    "parse_base_url",
    "plan_rows",
    "region_at",
    "shape",
    "target",
]
