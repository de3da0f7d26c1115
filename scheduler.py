"""The ticker: it calls `desk.sweep` at start, every minute and at the next due moment; the truth stays in the database.

The only home of APScheduler. Its job store is memory on purpose: what has fired is a row of ours, so any number of
tickers may run on one database, and one that was down for a week finds all that it missed. It knows no rule.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from workflow.errors import Busy, GongkaiError
from workflow.story import story

log = logging.getLogger("gongkai.ticker")
# A pass that is asked for while one runs is skipped, and the running one looks again: nothing that a user must hear of.
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)

#: Steps of one call of `desk.sweep`; between two calls the ticker looks whether it shall stop.
PASS = 1000
SWEEP, DUE, BESIDE = "sweep", "due", "beside"


class Sweeping(Protocol):
    """What the ticker needs of a `Desk`."""

    def sweep(self, limit: int = ...) -> Sequence[object]: ...

    def next_due_at(self) -> datetime | None: ...


class Ticker:
    """Sweeps a desk for as long as it runs.

    `to_real` says when, on the real clock, an instant of the desk's clock comes: a sandbox lives a month in a minute.
    `deliveries` are called after each pass, one by one; one that fails is logged and asked again after the next pass. What is
    `beside` comes as often, each in a thread of its own: however long it waits for somebody outside, no pass waits for it. It may
    have a `stop`, which is called when the ticker is to end.
    """

    def __init__(
        self,
        desk: Sweeping,
        every: float = 60.0,
        deliveries: Sequence[Callable[[], object]] = (),
        beside: Sequence[Callable[[], object]] = (),
        to_real: Callable[[datetime], datetime] | None = None,
    ) -> None:
        self._desk = desk
        self._every = every
        self._deliveries = tuple(deliveries)
        self._beside = tuple(beside)
        self._to_real = to_real or (lambda instant: instant)
        self._stopping = threading.Event()
        self._aiming = threading.Lock()
        # One worker: the interval and the date job never sweep side by side, and share the desk's connection.
        self._jobs = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1), BESIDE: ThreadPoolExecutor(max(1, len(self._beside)))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Sweep now, then every `every` seconds and at each next due moment, in a thread of its own."""
        self._jobs.add_job(
            self.tick, IntervalTrigger(seconds=self._every, timezone=UTC), id=SWEEP, next_run_time=datetime.now(UTC)
        )
        for n, act in enumerate(self._beside):
            self._jobs.add_job(
                self._deliver,
                IntervalTrigger(seconds=self._every, timezone=UTC),
                [act],
                id=f"{BESIDE}-{n}",
                executor=BESIDE,
                next_run_time=datetime.now(UTC),
            )
        self._jobs.start()
        threading.Thread(target=self._watch, name="gongkai-clock", daemon=True).start()
        log.info("ticker.started", extra={"every_seconds": self._every})

    def stop(self) -> None:
        """Let the running pass finish its commit, and what runs beside it what it has in hand; stopping twice is as good as once."""
        # APScheduler waits for the running pass holding the lock that adding a job needs: nobody may be adding one.
        with self._aiming:
            self._stopping.set()
        for act in self._beside:
            getattr(act, "stop", lambda: None)()
        if self._jobs.running:
            # A job that comes but once is removed when it has come: APScheduler's thread would look for it where it stops meanwhile.
            with suppress(JobLookupError):
                self._jobs.remove_job(DUE)
            self._jobs.shutdown(wait=True)
            log.info("ticker.stopped")

    def run_forever(self, stop_event: threading.Event | None = None) -> None:
        """Run until SIGTERM, SIGINT or `stop_event`, then stop cleanly and put the former signal handlers back."""
        stop = stop_event or threading.Event()

        # A handler runs in this thread, which may go to sleep for ever in the very moment between the signal and its handler.
        # What the signal writes into a pipe by itself is read by another thread.
        asked, ask = os.pipe()
        os.set_blocking(ask, False)

        def listen() -> None:
            while number := os.read(asked, 1):  # nothing: the pipe is closed, nobody asks any more
                if number[0] in (signal.SIGTERM, signal.SIGINT):
                    stop.set()

        listener = threading.Thread(target=listen, name="gongkai-signals", daemon=True)
        listener.start()
        former_pipe = signal.set_wakeup_fd(ask)
        former = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            self.start()
            stop.wait()
        finally:
            self.stop()
            for number, handler in former.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(former_pipe)
            os.close(ask)
            listener.join()
            os.close(asked)

    def nudge(self) -> None:
        """Look again when the next moment is due: a commit in this process may have made it earlier."""
        if self._jobs.running:
            self._aim(not_before=datetime.now(UTC))

    def tick(self) -> None:
        """One pass over all that is due, then the deliveries, then aim at the next due moment. Never raises."""
        swept = self._sweep()
        for deliver in self._deliveries:
            self._deliver(deliver)
        # A pass that failed comes back with the interval: aiming at a moment that is past would spin.
        if swept:
            self._aim(not_before=datetime.now(UTC) + timedelta(seconds=min(1.0, self._every)))

    def _watch(self) -> None:
        """Until it is stopped: who is asked to come each minute comes each minute, though the wall clock was set back by a day.

        APScheduler waits for the wall clock to reach the next pass. To wait here goes by a clock that nobody sets.
        """
        while not self._stopping.wait(self._every):
            now = datetime.now(UTC)
            ahead = now + 2 * timedelta(seconds=self._every)
            for job in self._jobs.get_jobs():
                if job.id != DUE and job.next_run_time > ahead:
                    log.warning("clock.set_back")
                    with suppress(JobLookupError):  # it has just been stopped
                        job.modify(next_run_time=now)

    def _sweep(self) -> bool:
        fired = 0
        try:
            while not self._stopping.is_set():
                batch = len(self._desk.sweep(PASS))
                fired += batch
                if batch < PASS:
                    break
        except Busy:
            log.warning("sweep.busy", extra={"fired": fired})
            return False
        except GongkaiError as error:
            log.error("sweep.failed", extra={"fired": fired, "code": error.code})
            return False
        except Exception as fault:  # noqa: BLE001 - the thread of the clock must outlive any fault of one pass
            log.error("sweep.failed", extra={"fired": fired, "code": "fault", "story": story(fault)})
            return False
        log.info("sweep.done", extra={"fired": fired})
        return True

    def _deliver(self, deliver: Callable[[], object]) -> None:
        try:
            deliver()
        except Exception as fault:  # noqa: BLE001 - as above: a disk that is full stops no clock
            said = {"delivery": getattr(deliver, "__name__", type(deliver).__name__), "story": story(fault)}
            log.error("delivery.failed", extra={**said, "code": getattr(fault, "code", "fault")})

    def _aim(self, not_before: datetime) -> None:
        try:
            due_at = self._desk.next_due_at()
        except GongkaiError as error:
            log.warning("aim.failed", extra={"code": error.code})
            return
        with self._aiming:
            if self._stopping.is_set():
                return
            if due_at is not None:
                at = max(self._to_real(due_at), not_before)
                self._jobs.add_job(self.tick, DateTrigger(at, timezone=UTC), id=DUE, replace_existing=True)
            elif self._jobs.get_job(DUE) is not None:
                self._jobs.remove_job(DUE)
