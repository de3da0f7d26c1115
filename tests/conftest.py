"""What every test stands on: property tests draw the same examples everywhere, and no test waits for a clock."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "same-everywhere",
    derandomize=True,
    database=None,
    deadline=None,  # a slow machine is not a wrong answer
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same-everywhere")


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    gc.disable()  # what is collected stays to the end: to look through it for garbage took a quarter of the time


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
