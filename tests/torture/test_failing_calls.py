"""A call of the system fails, once or from then on for ever: whatever the kernel says, the answer is one of ours and true.

Each act is done once to count the calls it makes; then it is done anew with each call failing for each of its reasons. Who
was told that nothing was changed finds it so, and finds it so after a crash; who was told that it is in doubt, or that it
is done, finds the whole act or none of it; and when the fault has gone the same desk does the act, and not twice.
"""

from __future__ import annotations

import itertools
import logging
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from unittest import mock

import pytest

from storage import Desk, sqlite
from storage.sqlite import Connection
from tests.engines import Hand
from tests.factories import Clock, Ids
from tests.promises.test_nothing_is_half_done import ACTS, Rows, copied, everything
from tests.torture.disk import REASONS, Spoilt
from workflow.errors import Busy, GongkaiError, StorageFault, Unknown


@dataclass(frozen=True)
class Fault:
    """The call that fails, by its place among those that the act makes."""

    act: str
    carries: bool  # whether what is written is carried over to the tables at once, or lies in the log for now
    at: int
    call: str
    reason: str
    ever: bool


@dataclass(frozen=True)
class Kind:
    """What an act comes to where nothing fails, and the calls that it makes."""

    before: Rows
    after: Rows
    story: list[tuple[object, ...]]
    calls: tuple[str, ...]


class SameIds(Ids):
    """Ids that begin anew with each attempt, so that what is done in the end is the same in every trial."""

    def begin(self) -> None:
        self._numbers = itertools.count(101)


class Trial:
    """A desk on a copy of the bureau, and one act that is done on it again and again."""

    def __init__(self, name: str, bureau: Path, path: Path, *, carries: bool) -> None:
        self._act, self._ids, self._clock = ACTS[name], SameIds(), Clock()
        self.desk = Desk.open(f"sqlite:///{copied(bureau, path)}", clock=self._clock, ids=self._ids)
        db = self.desk._db
        assert isinstance(db, Connection)
        if carries:
            db.run("PRAGMA wal_autocheckpoint = 1")
        db._patience = 0.01

    def act(self) -> object:
        """What the act came to; all that is no error of ours is a fault of the product."""
        self._ids.begin()
        try:
            return self._act(self.desk)
        except GongkaiError as error:
            return error

    def comes_back_later(self) -> None:
        """A case that the disk did not give to the sweep is set aside for a minute."""
        self._clock.forward(minutes=2)
        self.desk.sweep()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.desk.close()


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spoilt]:
    # What goes wrong thousands of times is logged nowhere: each record would hold all that its step had read.
    monkeypatch.setattr(logging.getLogger("gongkai.sweep"), "disabled", True)
    with Spoilt() as spoilt:
        yield spoilt


def kinds_of_acts(system: Spoilt, bureau: Path, directory: Path) -> dict[tuple[str, bool], Kind]:
    found, before = {}, everything(bureau)
    for name, carries in itertools.product(ACTS, (False, True)):
        path = directory / f"{name}-{carries}.db"
        with Trial(name, bureau, path, carries=carries) as trial, system.counting() as made:
            assert not isinstance(trial.act(), GongkaiError)
        found[name, carries] = Kind(before, everything(path), story(path), tuple(made))
    return found


def every_fault(kinds: dict[tuple[str, bool], Kind]) -> list[Fault]:
    return [
        Fault(name, carries, at, call, reason, ever)
        for (name, carries), kind in kinds.items()
        for at, call in enumerate(kind.calls, 1)
        for reason in REASONS[call]
        for ever in (False, True)
    ]


def one_of_each(faults: list[Fault], chance: random.Random) -> list[Fault]:
    """Of each call and each reason one, once and for ever, in whichever act."""
    chosen = {(each.call, each.reason, each.ever): each for each in chance.sample(faults, len(faults))}
    return list(chosen.values())


def tried(system: Spoilt, fault: Fault, kind: Kind, bureau: Path, directory: Path) -> None:
    path = directory / "trial.db"
    with Trial(fault.act, bureau, path, carries=fault.carries) as trial:
        with system.counting(fault.at, fault.reason, ever=fault.ever):
            answers = [trial.act(), trial.act()] if fault.ever else [trial.act()]

        crashed = after_a_crash(path, directory)
        left = everything(path)
        # A sweep and many steps are many commits, of which the first may have come about.
        if fault.act not in ("many", "sweep"):
            assert left in (kind.before, kind.after), "half done"
            assert crashed in (kind.before, kind.after), "half done"
            if any(not isinstance(each, GongkaiError) for each in answers):
                assert left == crashed == kind.after, "acknowledged, and lost"
        if fault.act != "sweep" and not any(may_stand(each) for each in answers):
            assert left == kind.before, answers
            assert crashed == kind.before, answers
        if left == kind.before or fault.act != "many":
            trial.act()
        if everything(path) != kind.after and fault.act == "sweep":
            trial.comes_back_later()
            assert story(path) == kind.story
        else:
            assert everything(path) == kind.after
        assert not trial.desk.verify().problems


def story(path: Path) -> list[tuple[object, ...]]:
    """What happened, whenever it did; and which cases are set aside."""
    hand = Hand(f"sqlite:///{path}")
    events = hand.rows("SELECT case_id, seq, transition, target, actor FROM events ORDER BY case_id, seq")
    return [*events, *hand.rows("SELECT case_id, code FROM troubles")]


def after_a_crash(path: Path, directory: Path) -> Rows:
    """What the files alone come to: nobody is there who knows better."""
    for end in ("", "-wal"):
        source = path.with_name(path.name + end)
        if source.exists():
            shutil.copy(source, directory / f"crashed.db{end}")
    try:
        return everything(directory / "crashed.db")
    finally:
        swept_away(directory, "crashed.db")


def may_stand(answer: object) -> bool:
    """Whether somebody who was told this may find the act done."""
    told = answer if isinstance(answer, tuple) else (answer,)
    return any(isinstance(each, Unknown) or not isinstance(each, GongkaiError) for each in told)


def swept_away(directory: Path, name: str) -> None:
    for each in directory.glob(f"{name}*"):
        each.unlink()


def all_tried(system: Spoilt, bureau: Path, directory: Path, chosen: random.Random | None) -> int:
    kinds = kinds_of_acts(system, bureau, directory)
    faults = every_fault(kinds)
    for fault in one_of_each(faults, chosen) if chosen else faults:
        swept_away(directory, "trial.db")
        try:
            tried(system, fault, kinds[fault.act, fault.carries], bureau, directory)
        except BaseException as error:
            error.add_note(str(fault))
            raise
    return len(faults)


def test_a_call_that_fails_is_told_in_our_words_and_leaves_no_half_act(
    system: Spoilt, busy_bureau: Path, tmp_path: Path
) -> None:
    all_tried(system, busy_bureau, tmp_path, random.Random(6))


@pytest.mark.torture
def test_each_call_of_each_act_fails_for_each_reason(system: Spoilt, busy_bureau: Path, tmp_path: Path) -> None:
    assert all_tried(system, busy_bureau, tmp_path, None) > 5000


def test_the_trial_sees_a_commit_in_doubt_that_is_called_undone(
    system: Spoilt, busy_bureau: Path, tmp_path: Path
) -> None:
    said = sqlite._said
    kind = kinds_of_acts(system, busy_bureau, tmp_path)["edit", False]
    # The first is that of the log's header, the last that of the commit: all is written, and nobody knows how far it came.
    at = max(at for at, call in enumerate(kind.calls, 1) if call == "fsync")
    fault = Fault("edit", False, at, "fsync", "EIO", False)

    with (
        mock.patch("storage.sqlite._said", lambda error, path, committing=False: said(error, path)),
        pytest.raises(AssertionError),
    ):
        tried(system, fault, kind, busy_bureau, tmp_path)


#: What only asks; each on a desk that has not read anything of it yet. To open a desk is the first question of all.
QUESTIONS: dict[str, Callable[[Desk], object]] = {
    "open": lambda _: None,
    "worklist": lambda desk: desk.worklist(desk.actor("wangmin")),
    "options": lambda desk: desk.options(desk.actor("wangmin"), "DOC-2026-00001"),
    "history": lambda desk: desk.history(desk.actor("wangmin"), "DOC-2026-00001"),
    "board": lambda desk: desk.board_facts(desk.actor("zhouju")),
    "verify": lambda desk: desk.verify(),
    "doctor": lambda desk: desk.doctor(),
}


def test_a_question_that_cannot_be_answered_says_why_and_is_answered_once_it_can(
    system: Spoilt, busy_bureau: Path, tmp_path: Path
) -> None:
    all_asked(system, copied(busy_bureau, tmp_path / "bureau.db"), random.Random(6))
    assert everything(tmp_path / "bureau.db") == everything(busy_bureau)


@pytest.mark.torture
def test_each_call_of_each_question_fails_for_each_reason(system: Spoilt, busy_bureau: Path, tmp_path: Path) -> None:
    assert all_asked(system, copied(busy_bureau, tmp_path / "bureau.db"), None) > 1000
    assert everything(tmp_path / "bureau.db") == everything(busy_bureau)


def all_asked(system: Spoilt, path: Path, chosen: random.Random | None) -> int:
    def asked(question: str) -> None:
        with (
            mock.patch.dict(Connection.__init__.__kwdefaults__ or {}, patience=0.01),
            Desk.open(f"sqlite:///{path}", clock=Clock()) as desk,
        ):
            QUESTIONS[question](desk)

    kinds = {}
    for name in QUESTIONS:
        with system.counting() as made:
            asked(name)
        kinds[name, False] = Kind({}, {}, [], tuple(made))
    faults = every_fault(kinds)
    for fault in chosen.sample(one_of_each(faults, chosen), 25) if chosen else faults:
        with system.counting(fault.at, fault.reason, ever=fault.ever), suppress(StorageFault, Busy):
            asked(fault.act)
    for name in QUESTIONS:
        asked(name)
    return len(faults)
