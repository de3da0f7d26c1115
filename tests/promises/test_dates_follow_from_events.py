"""Promise 6: whatever sequence of pauses, restarts, extensions and returns, what stands is what the events give again.

People act at random on the procedure in which every kind of clock runs, days go by, the sweep comes or does not. At every stop
the record is verified (each date counted again from the events), no clock ends before it began, each word of a clock is said once.
"""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Desk
from tests.factories import Clock, Ids, bureau_at
from workflow.case import ESCALATE, REMIND, Actor, business_date
from workflow.errors import Refused
from workflow.workdays import Calendar

CLOCKS = Path(__file__).parents[1] / "definitions" / "good" / "clocks.yaml"
CALENDAR = "calendar"  # the State Council takes a working day away, or gives one back
STEPS = (CALENDAR, "consult", "answer", "correct", "extend", "prolong", "give_back", "receive", "reply", "edit")
WRITES = {
    "receive": "received_on",
    "consult": "consulted_on",
    "answer": "answered_on",
    "correct": "corrected_on",
    "reply": "replied_on",
}

acts = st.lists(
    st.tuples(
        st.sampled_from(STEPS),
        st.integers(0, 12),  # days that go by before it
        st.integers(0, 3),  # days by which it is recorded later than it happened
        st.integers(1, 20),  # what is granted or given
        st.booleans(),  # whether the sweep comes by first
    ),
    min_size=1,
    max_size=14,
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clocks") / "bureau.db"
    url = bureau_at(path)
    with Desk.open(url, clock=Clock()) as desk:
        desk.install_definition(desk.actor("admin"), CLOCKS.read_text("utf-8"), CLOCKS.name)
    return path


def take(desk: Desk, actor: Actor, case: str, step: str, day: str, number: int) -> None:
    """One step as it would be typed; what the procedure refuses changes nothing."""
    data: dict[str, str | int] = {WRITES[step]: day} if step in WRITES else {}
    if step in ("extend", "prolong"):
        data["granted"] = number
    try:
        if step == "edit":
            desk.edit(actor, case, data={"received_on": day, "given": number} if number % 2 else {"received_on": day})
        else:
            desk.fire(actor, case, step, data=data)
    except Refused:
        pass


def turned_round(day: date, calendar: Calendar) -> str:
    word = "off" if calendar.is_workday(day) else "work"
    return f"year: {day.year}\nnotice: 试〔2026〕1号\nsource: 测试\nverified: false\nholidays: [{{name: 调整, {word}: {day}}}]\n"


def amend(desk: Desk, day: date) -> None:
    """A notice that turns one day round; where a told date moves, an event says so."""
    admin, audit = desk.actor("admin"), desk.actor("zhengshen")
    case = desk.list_cases(audit, kind="clocks")[0][0].id
    before = {
        each.rule.name: each.deadline.due_at for each in desk.clocks(audit, case) if each.deadline.closed_at is None
    }
    told = len(desk.history(audit, case))

    desk.import_calendar(admin, turned_round(day, desk.calendar), "notice.yaml")

    after = {
        each.rule.name: each.deadline.due_at for each in desk.clocks(audit, case) if each.deadline.closed_at is None
    }
    moved = {name for name, due in before.items() if after[name] != due}
    fresh = desk.history(audit, case)[told:]
    assert [each.transition for each in fresh] == ["recompute"] * bool(moved)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts, received=st.integers(0, 6))
def test_what_stands_is_what_the_events_give(
    empty: Path, tmp_path: Path, acts: list[tuple[str, int, int, int, bool]], received: int
) -> None:
    place = tmp_path / "bureau.db"
    for ending in ("-wal", "-shm"):
        place.with_name(place.name + ending).unlink(missing_ok=True)
    shutil.copy(empty, place)
    clock = Clock()
    with Desk.open(f"sqlite:///{place}", clock=clock, ids=Ids()) as desk:
        actor = desk.actor("zhaoyun")
        case = desk.start(actor, "clocks", title="计时", section="预算科").case.case.id
        take(desk, actor, case, "receive", business_date(clock() - timedelta(days=received)).isoformat(), 1)
        for step, days, earlier, number, swept in acts:
            clock.forward(days=days, minutes=1)
            if swept:
                desk.sweep()
                clock.forward(minutes=1)
            if step == CALENDAR:
                amend(desk, business_date(clock() + timedelta(days=number)))
                continue
            take(desk, actor, case, step, business_date(clock() - timedelta(days=earlier)).isoformat(), number)
        clock.forward(days=90)
        desk.sweep()

        assert desk.verify().problems == ()
        assert [each.name for each in desk.doctor() if not each.ok] == []
        for each in desk.clocks(actor, case):
            backward = each.rule.backward
            assert backward or each.deadline.strict_on >= each.deadline.anchor_on, each.deadline
            for pause in each.deadline.pauses:
                assert pause.to_on is None or pause.to_on >= pause.from_on
        said = Counter(
            (event.data["deadline"], event.data["armed_seq"], event.data["step"])
            for event in desk.history(actor, case)
            if event.transition in (REMIND, ESCALATE)
        )
        assert set(said.values()) <= {1}
