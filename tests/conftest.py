"""What every test stands on: property tests draw the same examples everywhere, and no test waits for a clock."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "same-everywhere",
    derandomize=True,
    database=None,
    deadline=None,  # a slow machine is not a wrong answer
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same-everywhere")
