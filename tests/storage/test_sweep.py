"""The sweep: what is due happens once each, in order, late rather than never, and one bad case stops nobody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from storage import Desk, sweep
from storage.connection import instant_text
from storage.sweep import Fired
from tests.engines import Hand
from tests.factories import MONDAY, REASON, Office
from workflow.text import Text
from workflow.workdays import Calendar, Day, amended, shipped


def steps(fired: tuple[Fired, ...]) -> list[tuple[str | None, str]]:
    return [(each.deadline, each.step) for each in fired]


def rows(office: Office, sql: str) -> list[tuple[object, ...]]:
    """What stands in the tables, read past the door."""
    return Hand(office.url).rows(sql)


def alter(office: Office, sql: str, *values: object) -> None:
    """Somebody writes into the tables, past the door."""
    Hand(office.url).alter(sql, *values)


def test_nothing_is_due_on_a_paper_that_was_just_filed(office: Office) -> None:
    office.does("wangmin", "submit", office.draft(attribute="proactive"))

    assert office.desk.sweep() == ()


def test_an_untagged_paper_at_the_office_is_returned_by_the_system_with_the_slip(office: Office) -> None:
    paper = office.at_the_office()

    fired = office.desk.sweep()

    assert steps(fired) == [(None, "return_untagged")]
    case, last = office.case(paper), office.history(paper)[-1]
    assert (case.state, case.waits_for) == ("returned", "drafter")
    assert (last.actor, last.automatic, last.transition) == ("system", True, "return_untagged")
    assert "未按规定标注公开属性" in office.told("wangmin")[-1]
    assert [each.rule for each in case.deadlines] == ["rework"]


def test_a_reminder_comes_on_the_morning_before_the_last_day_and_only_once(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)  # Monday: the last day is Thursday

    office.clock.set("2026-03-04T08:59")
    too_early = office.desk.sweep()
    office.clock.set("2026-03-04T09:00")
    on_time = office.desk.sweep()
    again = office.desk.sweep()

    assert (too_early, again) == ((), ())
    assert steps(on_time) == [("section", "remind-1")]
    assert not on_time[0].late
    assert len(office.told("lihua")) == 1
    assert rows(office, "select rule, step from steps") == [("section", "remind-1")]
    last = office.history(paper)[-1]
    assert (last.transition, last.automatic, last.actor) == ("remind", True, "system")
    assert last.data["step"] == "remind-1"


def test_after_a_week_of_downtime_every_step_fires_late_in_order_and_once(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)

    office.clock.set("2026-03-12T10:30")
    fired = office.desk.sweep()

    assert steps(fired) == [("section", "remind-1"), ("section", "escalate-1"), ("section", "escalate-2")]
    assert [each.scheduled_at for each in fired] == sorted(each.scheduled_at for each in fired)
    assert all(each.late and each.fired_at == office.clock() for each in fired)
    scheduled = rows(office, "select step, scheduled_at, fired_at from steps order by scheduled_at")
    assert scheduled == [
        ("remind-1", "2026-03-04T01:00:00.000000Z", "2026-03-12T02:30:00.000000Z"),
        ("escalate-1", "2026-03-06T01:00:00.000000Z", "2026-03-12T02:30:00.000000Z"),
        ("escalate-2", "2026-03-10T01:00:00.000000Z", "2026-03-12T02:30:00.000000Z"),
    ]
    assert office.case(paper).waits_for == "leader"  # the second escalation reassigns
    assert office.desk.sweep() == ()


def test_two_clocks_of_one_case_fire_in_the_order_of_their_moments(office: Office) -> None:
    paper = office.signed()  # the numbering clock (2 days) and the statutory one (20) run side by side

    office.clock.set("2026-04-10T12:00")
    fired = [each for each in office.desk.sweep() if each.case == paper]

    moments = [each.scheduled_at for each in fired]
    assert moments == sorted(moments)
    assert {each.deadline for each in fired} == {"numbering", "publication"}
    assert len(fired) == len(set(steps(tuple(fired)))) == 7


def test_a_return_arms_the_clock_and_its_reminders_anew(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.clock.set("2026-03-04T09:00")
    office.desk.sweep()
    office.does("lihua", "return", paper, comment="请补充依据")
    office.does("wangmin", "submit", paper)

    office.clock.set("2026-03-06T09:00")
    fired = office.desk.sweep()

    assert steps(fired) == [("section", "remind-1")]
    assert rows(office, "select count(*), count(distinct armed_seq) from steps where step = 'remind-1'") == [(2, 2)]


def test_a_clock_set_back_fires_nothing_twice(office: Office) -> None:
    office.does("wangmin", "submit", office.draft(attribute="proactive"))
    office.clock.set("2026-03-06T09:00")
    first = office.desk.sweep()

    office.clock.set("2026-03-03T09:00")
    while_back = office.desk.sweep()
    office.clock.set("2026-03-06T09:00")
    again = office.desk.sweep()

    assert steps(first) == [("section", "remind-1"), ("section", "escalate-1")]
    assert (while_back, again) == ((), ())


def test_the_limit_is_kept_and_what_is_left_comes_with_the_next_pass(office: Office) -> None:
    for _ in range(3):
        office.does("wangmin", "submit", office.draft(attribute="proactive"))
    office.clock.set("2026-03-12T10:00")

    passes = [office.desk.sweep(limit=4) for _ in range(4)]

    assert [len(each) for each in passes] == [4, 4, 1, 0]
    assert rows(office, "select count(*) from steps") == [(9,)]


def test_a_person_who_acts_between_reading_and_writing_wins(
    office: Office, url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    paper = office.at_the_office()
    judged = sweep._prepared

    def somebody_is_faster(*args: object) -> object:
        prepared = judged(*args)  # type: ignore[arg-type]
        with Desk.open(url, clock=office.clock) as other:
            other.fire(other.actor("zhaoyun"), paper, "void", comment="重复报送")
        return prepared

    monkeypatch.setattr(sweep, "_prepared", somebody_is_faster)
    fired = office.desk.sweep()

    assert fired == ()
    assert office.case(paper).state == "voided"
    assert rows(office, "select count(*) from troubles") == [(0,)]
    assert caplog.records == []


def test_two_desks_that_sweep_one_after_the_other_fire_each_step_once(office: Office, url: str) -> None:
    for _ in range(5):
        office.does("wangmin", "submit", office.draft(attribute="proactive"))
    office.clock.set("2026-03-04T09:00")

    with Desk.open(url, clock=office.clock) as other:
        fired = (*office.desk.sweep(limit=2), *other.sweep(), *office.desk.sweep())

    assert len(fired) == len({each.case for each in fired}) == 5


def test_a_bad_case_is_set_aside_with_back_off_and_stops_nobody_else(office: Office) -> None:
    bad = office.at_the_office()
    good = office.at_the_office()
    alter(office, "update cases set data = 'not json' where id = ?", bad)

    fired = office.desk.sweep()

    assert [each.case for each in fired] == [good]
    (case, times, retry_at, code), *_ = rows(office, "select case_id, times, retry_at, code from troubles")
    assert (case, times, code) == (bad, 1, "fault")
    assert retry_at == instant_text(MONDAY + timedelta(minutes=1))

    office.clock.forward(minutes=1)
    office.desk.sweep()
    assert rows(office, "select times, retry_at from troubles") == [
        (2, instant_text(MONDAY + timedelta(minutes=1 + 2)))
    ]


def test_a_case_that_can_be_served_again_leaves_the_list_of_troubles(office: Office) -> None:
    paper = office.at_the_office()
    ((data,),) = rows(office, f"select data from cases where id = '{paper}'")
    alter(office, "update cases set data = 'not json' where id = ?", paper)
    office.desk.sweep()
    alter(office, "update cases set data = ? where id = ?", data, paper)

    at_once = office.desk.sweep()
    office.clock.forward(minutes=1)
    later = office.desk.sweep()

    assert (at_once, steps(later)) == ((), [(None, "return_untagged")])
    assert rows(office, "select count(*) from troubles") == [(0,)]


def test_a_case_that_somebody_moved_on_leaves_the_list_of_troubles(office: Office) -> None:
    paper = office.at_the_office()
    alter(
        office,
        "insert into troubles values (?, ?, 1, ?, 'fault', '…', '…')",
        paper,
        *["2026-03-02T00:00:00.000000Z"] * 2,
    )
    office.does("zhaoyun", "void", paper, comment="重复报送")

    office.desk.sweep()

    assert rows(office, "select count(*) from troubles") == [(0,)]


def test_a_step_whose_row_is_there_already_cannot_fire_again(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    moment = "2026-03-04T01:00:00.000000Z"
    alter(office, "insert into steps values (?, 'section', 2, 'remind-1', ?, ?)", paper, moment, moment)
    office.clock.set("2026-03-04T09:00")

    assert office.desk.sweep() == ()
    assert office.told("lihua") == []
    assert rows(office, "select case_id from troubles") == [(paper,)]


def test_a_moment_that_came_without_a_step_is_noted_anew(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    alter(office, "update cases set next_at = '2020-01-01T00:00:00.000000Z' where id = ?", paper)

    assert office.desk.sweep() == ()
    assert office.desk.next_due_at() is not None
    assert rows(office, "select next_at from cases") == [("2026-03-04T01:00:00.000000Z",)]


def test_an_accelerated_office_never_waits_for_what_is_not_due(office: Office) -> None:
    office.draft(attribute="withheld", reason_kind="E16-2a", reason_text=REASON)

    assert office.desk.next_due_at() is None


def test_the_fired_step_tells_its_moments_as_the_surface_says(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.clock.set("2026-03-04T12:00")

    (fired,) = office.desk.sweep()

    assert fired.to_json() == {
        "case": office.case(paper).number,
        "deadline": "section",
        "step": "remind-1",
        "scheduled_at": "2026-03-04T01:00:00+00:00",
        "fired_at": "2026-03-04T04:00:00+00:00",
        "late": True,
    }


def test_who_holds_the_role_on_its_last_day_is_told_and_the_day_after_no_more(office: Office) -> None:
    admin = office.actor("admin")
    office.desk.end_post(admin, "lihua", "section_head", last_on=date(2026, 3, 4))
    for _ in range(2):
        office.does("wangmin", "submit", office.draft(attribute="proactive"))
        office.clock.forward(days=1)

    office.clock.set("2026-03-04T09:00")
    on_the_last_day = office.desk.sweep()
    office.clock.set("2026-03-05T09:00")
    the_day_after = office.desk.sweep()

    assert [[each.step for each in fired] for fired in (on_the_last_day, the_day_after)] == [
        ["remind-1"],
        ["remind-1", "unmanned", "unmanned"],
    ]
    reminded = "select person, role from notices where occasion = 'remind' order by created_at, person"
    assert rows(office, reminded) == [
        ("lihua", "section_head"),
        ("qianwei", "section_head"),  # nobody heads the section any more: the Office hears of it
        ("zhaoyun", "section_head"),
    ]


def test_another_calendar_moves_the_running_dates_and_each_that_moves_is_on_record(office: Office, url: str) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    days, years = shipped()
    off = Day(date(2026, 3, 4), False, Text("调休", "moved"), "国办发明电〔2026〕9号", True)

    with Desk.open(url, clock=office.clock, calendar=Calendar(amended(days, [off]), years)) as desk:
        tried = desk.recompute(desk.actor("admin"), dry_run=True)
        moved = desk.recompute(desk.actor("admin"))
        again = desk.recompute(desk.actor("admin"))
        last = desk.history(desk.actor("zhengshen"), paper)[-1]
        found = desk.verify().problems

    assert tried == moved
    assert [(each.case, each.deadline, each.from_on, each.to_on) for each in moved] == [
        (paper, "section", date(2026, 3, 5), date(2026, 3, 6))
    ]
    assert again == ()
    assert (last.transition, last.automatic) == ("recompute", True)
    assert found == ()


def test_recounting_dates_passes_over_a_case_that_cannot_be_read(office: Office, url: str) -> None:
    bad, good = (office.draft(attribute="proactive") for _ in range(2))
    for paper in (bad, good):
        office.does("wangmin", "submit", paper)
    alter(office, "update cases set trail = 'x' where id = ?", bad)
    days, years = shipped()
    off = Day(date(2026, 3, 4), False, Text("调休", "moved"), None, True)

    with Desk.open(url, clock=office.clock, calendar=Calendar(amended(days, [off]), years)) as desk:
        moved = desk.recompute(desk.actor("admin"))

    assert [each.case for each in moved] == [good]
