"""The ticker: it sweeps at start and when something is due, outlives a failed pass, and stops when it is told to."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler import PASS, Ticker
from workflow.errors import Busy

HOUSE = str(Path(__file__).parent.parent)
PATIENCE = 20.0  # the longest that a test waits for another thread before it fails
FAR = datetime(2200, 1, 1, tzinfo=UTC)


class Office:
    """A desk that counts its sweeps; `answers` says what each of them does."""

    def __init__(
        self, answers: Sequence[Callable[[], Sequence[object]]] = (), due: Sequence[datetime | None] = ()
    ) -> None:
        self._answers = iter(answers)
        self._due = iter(due)
        self.sweeps = 0
        self.swept = threading.Semaphore(0)

    def sweep(self, limit: int = PASS) -> Sequence[object]:
        self.sweeps += 1
        try:
            return next(self._answers, tuple)()
        finally:
            self.swept.release()

    def next_due_at(self) -> datetime | None:
        return next(self._due, None)

    def wait(self, sweeps: int) -> bool:
        """Whether that many more sweeps came."""
        return all(self.swept.acquire(timeout=PATIENCE) for _ in range(sweeps))


def busy() -> Sequence[object]:
    raise Busy


def broken() -> Sequence[object]:
    raise ZeroDivisionError


def test_the_ticker_sweeps_at_start_and_then_at_its_interval() -> None:
    office = Office()
    ticker = Ticker(office, every=0.05)

    ticker.start()

    assert office.wait(3)
    ticker.stop()


def test_the_ticker_sweeps_at_the_next_due_moment_without_waiting_for_the_interval() -> None:
    office = Office(due=[datetime(2020, 1, 1, tzinfo=UTC)])
    ticker = Ticker(office, every=3600)

    ticker.start()

    assert office.wait(2)
    ticker.stop()


def test_a_commit_in_the_same_process_may_bring_the_next_sweep_forward() -> None:
    office = Office(due=[FAR, datetime(2020, 1, 1, tzinfo=UTC)])
    ticker = Ticker(office, every=3600)
    ticker.start()
    assert office.wait(1)

    ticker.nudge()

    assert office.wait(1)
    ticker.stop()


def test_a_sandbox_clock_is_mapped_to_the_real_one() -> None:
    asked: list[datetime] = []

    def soon(instant: datetime) -> datetime:
        asked.append(instant)
        return datetime(2020, 1, 1, tzinfo=UTC)

    office = Office(due=[FAR])
    ticker = Ticker(office, every=3600, to_real=soon)

    ticker.start()

    assert office.wait(2)
    ticker.stop()
    assert asked == [FAR]


class AlwaysDue(Office):
    """Something is due whenever it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Semaphore(0)

    def next_due_at(self) -> datetime:
        self.asked.release()
        return datetime.now(UTC)


def test_whoever_stops_as_something_falls_due_leaves_no_thread_that_died(monkeypatch: pytest.MonkeyPatch) -> None:
    died: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda said: died.append(said.exc_value))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # about six of these rounds hit the moment
    try:
        for no in range(300):
            ticker = Ticker(office := AlwaysDue(), every=0.0005)
            ticker.start()
            assert all(office.asked.acquire(timeout=PATIENCE) for _ in range(3 + no % 7))
            ticker.stop()
    finally:
        sys.setswitchinterval(before)

    assert died == []


def test_a_full_batch_is_followed_by_the_next_one_at_once() -> None:
    office = Office(answers=[lambda: range(PASS), lambda: range(PASS), lambda: range(3)])
    ticker = Ticker(office)

    ticker.tick()

    assert office.sweeps == 3


@pytest.mark.parametrize(("fault", "said"), [(busy, "sweep.busy"), (broken, "sweep.failed")])
def test_a_failed_sweep_is_logged_and_the_next_one_comes(
    fault: Callable[[], Sequence[object]], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(answers=[fault, fault])
    ticker = Ticker(office, every=0.05)

    with caplog.at_level(logging.INFO, logger="gongkai.ticker"):
        ticker.start()
        assert office.wait(3)
        ticker.stop()

    assert [each.message for each in caplog.records].count(said) == 2


def test_a_delivery_that_fails_stops_neither_the_others_nor_the_clock(caplog: pytest.LogCaptureFixture) -> None:
    delivered = threading.Semaphore(0)
    office = Office()
    ticker = Ticker(office, every=0.05, deliveries=[broken, delivered.release])

    ticker.start()

    assert office.wait(2)
    assert delivered.acquire(timeout=PATIENCE)
    ticker.stop()
    assert "delivery.failed" in [each.message for each in caplog.records]


def test_what_waits_for_somebody_outside_holds_up_no_pass_and_comes_once_at_a_time() -> None:
    hangs, go_on, calls = threading.Semaphore(0), threading.Event(), []

    def waits() -> None:
        calls.append(threading.current_thread().name)
        hangs.release()
        go_on.wait(PATIENCE)

    office = Office()
    ticker = Ticker(office, every=0.05, beside=[waits, broken])
    ticker.start()
    assert hangs.acquire(timeout=PATIENCE)

    assert office.wait(5)

    assert len(calls) == 1
    go_on.set()
    assert hangs.acquire(timeout=PATIENCE)
    ticker.stop()
    assert threading.current_thread().name not in calls


def test_what_comes_beside_is_told_to_stop() -> None:
    class Beside:
        def __init__(self) -> None:
            self.come, self.told = threading.Semaphore(0), threading.Event()

        def __call__(self) -> None:
            self.come.release()
            self.told.wait(PATIENCE)

        def stop(self) -> None:
            self.told.set()

    beside = Beside()
    ticker = Ticker(Office(), every=3600, beside=[beside])
    ticker.start()
    assert beside.come.acquire(timeout=PATIENCE)

    ticker.stop()

    assert beside.told.is_set()


def test_stopping_waits_for_the_running_sweep_and_may_be_said_twice() -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def long_sweep() -> Sequence[object]:
        begun.set()
        go_on.wait(PATIENCE)
        ended.set()
        return range(PASS)  # there would be more to do

    office = Office(answers=[long_sweep], due=[datetime(2020, 1, 1, tzinfo=UTC)])
    ticker = Ticker(office, every=3600)
    ticker.start()
    assert begun.wait(PATIENCE)

    threading.Timer(0.05, go_on.set).start()
    ticker.stop()

    assert ended.is_set()
    assert office.sweeps == 1
    ticker.stop()


def test_stopping_while_the_ticker_aims_ends_every_time() -> None:
    for _ in range(50):
        office = Office(due=[datetime(2020, 1, 1, tzinfo=UTC)] * 1000)
        ticker = Ticker(office, every=0.001)
        ticker.start()
        assert office.wait(1)

        stopper = threading.Thread(target=ticker.stop, daemon=True)
        stopper.start()
        stopper.join(PATIENCE)

        assert not stopper.is_alive()


def test_running_for_ever_ends_when_the_event_is_set() -> None:
    office, stop = Office(), threading.Event()
    former = signal.getsignal(signal.SIGTERM)

    def stop_after_the_first_sweep() -> None:
        office.wait(1)
        stop.set()

    threading.Thread(target=stop_after_the_first_sweep, daemon=True).start()

    Ticker(office, every=3600).run_forever(stop)

    assert office.sweeps == 1
    assert signal.getsignal(signal.SIGTERM) is former


FOR_EVER = """
from scheduler import Ticker
class Desk:
    def sweep(self, limit=0):
        print("swept", flush=True)
        return ()
    def next_due_at(self):
        return None
Ticker(Desk(), every=3600).run_forever()
print("stopped", flush=True)
"""


def started(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        cwd=HOUSE,
        env={**os.environ, "PYTHONPATH": HOUSE},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(number: signal.Signals) -> None:
    process = started(FOR_EVER)
    assert process.stdout is not None
    assert process.stdout.readline() == "swept\n"

    process.send_signal(number)

    rest, _ = process.communicate(timeout=PATIENCE)
    assert (rest, process.returncode) == ("stopped\n", 0)


#: Another thread takes the signal, so that this one sleeps on: as where it comes between its last look and its sleep.
ASLEEP = """
import signal, threading
class Wait(threading.Event):
    def wait(self, timeout=None):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        print("asleep", flush=True)
        return super().wait(timeout)
Ticker(Desk(), every=3600).run_forever(Wait())
"""


def test_a_signal_that_the_sleeping_thread_does_not_see_ends_the_process() -> None:
    process = started(FOR_EVER.replace("Ticker(Desk(), every=3600).run_forever()\n", ASLEEP))
    assert process.stdout is not None
    assert any("asleep" in line for line in process.stdout)  # two threads write: it may stand in the other's line

    process.send_signal(signal.SIGTERM)

    rest, _ = process.communicate(timeout=PATIENCE)
    assert (rest.splitlines()[-1], process.returncode) == ("stopped", 0)


def test_a_clock_that_is_set_back_does_not_put_the_ticker_to_sleep() -> None:
    """To the scheduler beneath it is the same whether the clock goes back by a day or its own next pass is a day ahead."""
    office = Office()
    ticker = Ticker(office, every=0.1, beside=[office.swept.release])
    ticker.start()
    assert office.wait(2)

    for each in ticker._jobs.get_jobs():
        each.modify(next_run_time=datetime.now(UTC) + timedelta(days=1))
    while office.swept.acquire(blocking=False):
        pass
    before = office.sweeps

    assert office.wait(6)
    ticker.stop()
    assert office.sweeps > before + 1
