"""Promise 3: kill -9 in the middle of the demonstration; the record is whole and nothing acknowledged is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import Desk

HOUSE = Path(__file__).resolve().parent.parent.parent
EVENING = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)
GONGKAI = [sys.executable, "-c", "import sys; from cli import main; sys.exit(main())"]


@pytest.mark.parametrize("after", [1, 40, 150, 300])
def test_what_was_acknowledged_before_the_kill_is_in_the_history(tmp_path: Path, after: int) -> None:
    place, acknowledged = tmp_path / "month.db", tmp_path / "acknowledged.jsonl"
    os.mkfifo(acknowledged)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}
    running = subprocess.Popen(
        [*GONGKAI, "demo", "--fast", "--db", str(place), "--acknowledged", str(acknowledged), "--quiet"],
        env={**environment, "PYTHONPATH": str(HOUSE)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    told = []
    with acknowledged.open(encoding="utf-8") as lines:
        for line in lines:
            told.append(json.loads(line))
            if len(told) == after:
                running.send_signal(signal.SIGKILL)
                break
        running.wait()
        told += [json.loads(line) for line in lines if line.endswith("\n")]

    assert running.returncode == -signal.SIGKILL
    with Desk.open(f"sqlite:///{place}", clock=lambda: EVENING) as desk:
        reader = desk.actor("zhengyan")
        assert desk.verify().problems == ()
        # What fell due after the kill waits for the next ticker: that, and nothing else, is amiss.
        assert {check.name for check in desk.doctor() if not check.ok} <= {"ticker"}
        for each in told:
            event = desk.history(reader, each["case"])[each["seq"] - 1]
            assert (event.seq, event.transition, event.hash) == (each["seq"], each["transition"], each["hash"])
        desk.sweep()
        assert desk.verify().problems == ()
    assert len(told) >= after
