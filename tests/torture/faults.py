"""Faults that are planted in the product, each in the process that asks for it: a trial that does not see its own is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from signal import SIGSTOP
from stat import S_ISDIR, S_ISREG
from typing import Any
from unittest import mock

from alembic.runtime.migration import HeadMaintainer

from storage import outbox, sweep
from storage.attachments.contents import Contents
from storage.postgres.connection import Connection as OnServer
from storage.sqlite import Connection
from storage.statements import ADD_EVENT, TAKE_OUT
from storage.store import Store
from workflow.case import Actor, Command
from workflow.decide import fire_step
from workflow.model import Definition


def planted(name: str) -> None:
    """From now on this process has this fault; `none` leaves it whole."""
    FAULTS[name]()


def disk_not_waited_for(synchronous: str) -> Callable[[], None]:
    """SQLite is told to be content with less than its file on the disk."""

    def plant() -> None:
        settle = Connection._settle

        def settled(db: Connection, must_be_ours: bool) -> None:
            settle(db, must_be_ours)
            db._driver.execute(f"PRAGMA synchronous = {synchronous}")

        mock.patch.object(Connection, "_settle", settled).start()

    return plant


def server_not_waited_for() -> None:
    """A server answers a commit before it is on its disk."""
    begin = OnServer.begin

    def begun(db: OnServer, *, steps: bool = False) -> None:
        begin(db, steps=steps)
        db.run("SET LOCAL synchronous_commit = off")

    mock.patch.object(OnServer, "begin", begun).start()


def two_commits() -> None:
    """The event is committed before what belongs to it."""
    put = Connection.put

    def put_in_two(db: Connection, sql: str, row: Mapping[str, Any]) -> int:
        count = put(db, sql, row)
        if sql == ADD_EVENT:
            db._writer.execute("COMMIT")
            db.run("BEGIN IMMEDIATE")
        return count

    mock.patch.object(Connection, "put", put_in_two).start()


def half_a_batch() -> None:
    """How far a batch is, is said when half of it is committed, the last case without its clocks; and there the process stands still."""
    put, written = Connection.put, count(1)

    def put_and_stopped(db: Connection, sql: str, row: Mapping[str, Any]) -> int:
        done = put(db, sql, row)
        if sql == ADD_EVENT and (place := next(written)) == 30:
            db._writer.execute("COMMIT")
            print(place, flush=True)
            os.kill(os.getpid(), SIGSTOP)
        return done

    mock.patch.object(Connection, "put", put_and_stopped).start()


def committed_late() -> None:
    """A step is acknowledged, and committed when the next one begins."""
    end, begin = Connection.end, Connection.begin

    def ended(db: Connection, *, keep: bool) -> None:
        if not keep:
            end(db, keep=keep)

    def begun(db: Connection, *, steps: bool = False) -> None:
        if db._driver.in_transaction:
            end(db, keep=True)
        begin(db, steps=steps)

    mock.patch.multiple(Connection, end=ended, begin=begun).start()
    _committed_late_by_a_server()


def _committed_late_by_a_server() -> None:
    end, begin = OnServer.end, OnServer.begin
    waiting: list[Any] = []

    def ended(db: OnServer, *, keep: bool) -> None:
        if not keep:
            end(db, keep=keep)
            return
        waiting.append(db._driver)
        db._driver = db._cursor = db._held = None

    def begun(db: OnServer, *, steps: bool = False) -> None:
        while waiting:
            waiting[-1].execute("COMMIT")
            db._pool.given_back(waiting.pop())
        begin(db, steps=steps)

    mock.patch.multiple(OnServer, end=ended, begin=begun).start()


def deferred() -> None:
    """A transaction begins as a reader and becomes a writer when it writes."""
    mock.patch.object(Connection, "begin", lambda db, *, steps=False: db.run("BEGIN")).start()


def last_wins() -> None:
    """Nobody asks which version the actor has seen."""
    fire = Store._fire

    def fired(store: Store, actor: Actor, ref: str, command: Command, now: datetime) -> Any:
        return fire(store, actor, ref, replace(command, expected_version=None), now)

    mock.patch.object(Store, "_fire", fired).start()


def no_row_of_its_own() -> None:
    """A step of a deadline leaves no row, so that each sweep that found it due fires it."""

    def fired_again(store: Store, prepared: Any, now: datetime, room: int, troubled: bool) -> list[sweep.Fired]:
        fired = []
        for firing in prepared.firings[:room]:
            case = store.case(prepared.case.id, prepared.case.bureau)
            fired.append(firing.told(case, now))
            store.kept(prepared.definition, case, _judged_anew(store, prepared.definition, case, firing, now))
        return fired

    mock.patch.object(sweep, "_written", fired_again).start()
    # Nor does a server pass over what another holds.
    mock.patch.object(OnServer, "free", lambda _, cases: list(cases)).start()


def _judged_anew(store: Store, definition: Definition, case: Any, firing: sweep.Firing, now: datetime) -> Any:
    assert firing.deadline is not None
    step = next(each for each in definition.deadlines[firing.deadline.rule].steps if each.name == firing.step)
    running = next(each for each in case.deadlines if each.rule == firing.deadline.rule)
    return fire_step(definition, case, running, step, firing.scheduled_at, now, store.calendar_at(now))


def unsynced(is_what: Callable[[int], bool]) -> Callable[[], None]:
    """What the program itself writes, or the names that it gives, is never asked to be on the disk."""

    def plant() -> None:
        really = os.fsync

        def fsync(descriptor: int) -> None:
            if not is_what(os.fstat(descriptor).st_mode):
                really(descriptor)

        mock.patch.object(os, "fsync", fsync).start()

    return plant


def row_first() -> None:
    """The content of an attachment gets its name when the row that points at it is committed."""
    put, end = Contents.put, Connection.end
    waiting: list[tuple[Any, ...]] = []

    def ended(db: Connection, *, keep: bool) -> None:
        end(db, keep=keep)
        while waiting:
            put(*waiting.pop())

    mock.patch.object(Contents, "put", lambda *given: waiting.append(given)).start()
    mock.patch.object(Connection, "end", ended).start()


def taken_by_nobody() -> None:
    """Who takes a row of the outbox leaves it as due as it was."""
    freely = TAKE_OUT.replace("due_at=:until", "due_at=coalesce(due_at, :until)")
    mock.patch.object(outbox, "TAKE_OUT", freely).start()


def each_revision() -> None:
    """Each revision of an upgrade is committed by itself."""
    update = HeadMaintainer.update_to_step

    def updated(heads: Any, step: Any) -> None:
        update(heads, step)
        driver = heads.context.connection.connection.driver_connection
        driver.execute("COMMIT")
        driver.execute("BEGIN IMMEDIATE")

    mock.patch.object(HeadMaintainer, "update_to_step", updated).start()


def forgets_nothing() -> None:
    """Whatever a step writes is kept, in memory, too: here with its paper of twenty pages."""
    put, kept = Connection.put, list[object]()

    def put_and_kept(db: Connection, sql: str, row: Mapping[str, Any]) -> int:
        kept.append((dict(row), bytearray(b"x" * 20_000)))
        return put(db, sql, row)

    mock.patch.object(Connection, "put", put_and_kept).start()


def all_at_once() -> None:
    """A pass writes whatever is due in one transaction, and a server lets nobody write beside it."""
    mock.patch.object(sweep, "BATCH", 10**6).start()
    begin = OnServer.begin
    mock.patch.object(OnServer, "begin", lambda db, *, steps=False: begin(db)).start()


FAULTS: dict[str, Callable[[], None]] = {
    "none": lambda: None,
    "NORMAL": disk_not_waited_for("NORMAL"),
    "OFF": disk_not_waited_for("OFF"),
    "not waited for": server_not_waited_for,
    "two commits": two_commits,
    "half a batch": half_a_batch,
    "committed late": committed_late,
    "deferred": deferred,
    "last wins": last_wins,
    "no row": no_row_of_its_own,
    "no claim": taken_by_nobody,
    "all at once": all_at_once,
    "each revision": each_revision,
    "forgets nothing": forgets_nothing,
    "content unsynced": unsynced(S_ISREG),
    "names unsynced": unsynced(S_ISDIR),
    "row first": row_first,
}
