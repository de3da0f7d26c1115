"""A deliverer in a process of its own, that delivers until it is killed.

python -m tests.torture.postmen URL BEGUN SPEED PORT FAULT
"""

from __future__ import annotations

import sys
from contextlib import suppress
from threading import Event

from storage import Desk
from tests.notices.servers import delivery
from tests.promises.hands import running_clock
from tests.torture.faults import planted
from workflow.errors import GongkaiError


def deliver(url: str, begun: float, speed: float, port: int, fault: str) -> None:
    """Pass after pass."""
    planted(fault)
    with Desk.open(url, clock=running_clock(begun, speed)) as desk:
        passes = delivery(desk, port)
        while True:
            with suppress(GongkaiError):
                passes()
            Event().wait(0.1)


if __name__ == "__main__":
    url, begun, speed, port, fault = sys.argv[1:]
    deliver(url, float(begun), float(speed), int(port), fault)
