"""What a desk takes from outside when nobody gives it: the wall clock, and ids that sort by their moment."""

from __future__ import annotations

import os
from datetime import UTC, datetime


def wall_clock() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def new_id() -> str:
    """An id that sorts by the moment it was made: 12 hex digits of milliseconds, 20 of chance."""
    milliseconds = int(datetime.now(UTC).timestamp() * 1000)
    return f"{milliseconds:012x}{os.urandom(10).hex()}"
