"""An amendment of the days off in every shipped story, half-way: the trial names exactly the clocks that move, and twice is once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rehearsal import Bureau, bureau_of, play
from rehearsal.stage import A_MINUTE, Stage
from storage.setup import ADMIN_NAME
from storage.versions import SHIPPED, shipped_definitions
from tests.factories import WHOLE
from workflow.case import business_date
from workflow.loader.scenarios import read_scenarios
from workflow.scenario import Script

A_DAY = timedelta(days=1)
#: Every story is amended, or every other one.
STRIDE = 1 if WHOLE else 2
KINDS = sorted(file for _, file in shipped_definitions())
Clock = tuple[str, str]


class Amended(Bureau):
    """A bureau in which, after each story, one more day off is announced, and one day off is worked for it."""

    @contextmanager
    def stage(self, script: Script) -> Iterator[Stage]:
        with super().stage(script) as stage:
            yield stage
            MOVED[script.about] |= amended(stage)


MOVED: dict[str, set[Clock]] = defaultdict(set)


def amended(stage: Stage) -> set[Clock]:
    """What an announcement on the next day moves."""
    desk, admin = stage.desk, stage.actor(ADMIN_NAME)
    stage.until(stage.clock.at + A_DAY)
    stage.clock.at += A_MINUTE  # nothing happened at this very instant
    today = business_date(stage.clock.at)
    off = desk.calendar.on_or_after(today + A_DAY)
    worked = next(day for n in range(60, 80) if not desk.calendar.is_workday(day := off + n * A_DAY))
    if not desk.calendar.is_known(today) or worked.year != today.year or off.year != today.year:
        return set()
    notice = (
        f"year: {today.year}\nnotice: 国办发明电〔{today.year}〕99号\nsource: https://www.gov.cn/zhengce/99.htm\nverified: true\n"
        f"holidays:\n  - {{name: 调整, off: {off}, work: [{worked}]}}\n"
    )
    before = last_days(stage)
    planned = desk.import_calendar(admin, notice, "99.yaml", dry_run=True)
    assert last_days(stage) == before
    moved = desk.import_calendar(admin, notice, "99.yaml")
    after = last_days(stage)

    assert moved == planned
    assert sorted((each.case, each.deadline, each.from_on, each.to_on) for each in moved) == sorted(
        (*clock, before[clock], after[clock]) for clock in before if before[clock] != after[clock]
    )
    assert desk.import_calendar(admin, notice, "99.yaml") == desk.recompute(admin, dry_run=True) == ()
    assert last_days(stage) == after
    assert desk.verify().problems == ()
    return {(each.case, each.deadline) for each in moved}


def last_days(stage: Stage) -> dict[Clock, date]:
    """The last day of every running clock."""
    cases, _ = stage.desk.list_cases(stage.observer, limit=1000)
    views = [stage.desk.case(stage.observer, each.id) for each in cases]
    return {(view.case.id, each.rule): each.rolled_on for view in views for each in view.case.deadlines}


@pytest.mark.two_forms
@pytest.mark.parametrize("file", KINDS)
def test_an_amendment_moves_exactly_the_clocks_that_the_trial_named(file: str, bureau: Bureau) -> None:
    text = (SHIPPED / "scenarios" / file).read_text("utf-8")
    script = read_scenarios(text, file, bureau.kinds, bureau.sections, tuple(bureau.people))
    meant = script.scenarios[::STRIDE]
    for scenario in (each for each in script.scenarios if each in meant or not MOVED[script.about]):
        half = replace(scenario, lines=scenario.lines[: max(1, len(scenario.lines) // 2)])
        assert play(bureau, script, half).passed

    assert MOVED[script.about], "no story has a clock that runs in working days"


@pytest.fixture(scope="module")
def bureau() -> Iterator[Bureau]:
    with bureau_of(shipped_definitions()) as made:
        yield Amended(made.file, made.kinds, made.sections, made.people)
