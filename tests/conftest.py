"""What holds for every test: a test's result depends on the code, not on how quick or how busy the machine is."""

import os

from hypothesis import HealthCheck, settings

EXPLORE = "JOBHOOK_EXPLORE"
"""Set, property tests try other examples in each run; otherwise the same ones, so that what was green stays green."""

settings.register_profile(
    "jobhook",
    deadline=None,  # a stall of the machine is no finding
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=EXPLORE not in os.environ,
)
settings.load_profile("jobhook")
