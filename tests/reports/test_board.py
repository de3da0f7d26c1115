"""The supervisor's board: what is late and what soon will be, by section; whose hands, how long, who was told."""

from __future__ import annotations

from datetime import UTC, date, datetime

from reports.board import Board, Tally, board
from terminal.board import board_blocks
from tests.factories import Office
from workflow.case import ClockKind


def shown(office: Office, person: str = "zhouju") -> Board:
    return board(office.desk, office.actor(person))


def filed(office: Office, by: str = "wangmin") -> str:
    paper = office.draft(by, attribute="proactive")
    office.does(by, "submit", paper)
    return paper


def test_each_column_counts_the_cases_of_its_section(office: Office) -> None:
    filed(office)  # Monday: last day Thursday the 5th
    office.clock.set("2026-03-03T09:00")
    filed(office)  # Friday the 6th
    filed(office, "chenjing")
    office.clock.set("2026-03-06T10:00")
    filed(office)  # Wednesday the 11th
    office.clock.set("2026-03-06T11:00")

    rows = {each.section: each for each in shown(office).rows}

    budget, treasury = rows["预算科"], rows["国库科"]
    assert (budget.overdue, budget.due_today, budget.within_three) == (Tally(1, 1), Tally(1, 1), Tally(1, 1))
    assert (treasury.overdue, treasury.due_today, treasury.within_three) == (Tally(), Tally(1, 1), Tally())
    total = shown(office).total
    assert (total.overdue, total.due_today, total.within_three) == (Tally(1, 1), Tally(2, 2), Tally(1, 1))


def test_what_ends_on_the_third_working_day_is_soon_and_what_ends_on_the_fourth_is_not(office: Office) -> None:
    office.clock.set("2026-02-12T09:00")
    filed(office)  # Friday the 13th, made-up Saturday the 14th, then the Spring Festival: the 24th
    on_the_day_before = shown(office).total.within_three
    office.clock.set("2026-02-11T09:00")

    assert on_the_day_before == Tally(1, 1)
    assert shown(office).total.within_three == Tally()


def test_a_late_case_shows_whose_hands_it_is_in_for_how_long_and_who_was_told(office: Office) -> None:
    paper = filed(office)
    office.clock.set("2026-03-04T09:00")
    office.desk.sweep()
    office.clock.set("2026-03-06T09:00")
    office.desk.sweep()
    office.clock.set("2026-03-09T15:00")

    (late,) = shown(office).oldest

    assert (late.case, late.state, late.due_on) == (paper, "section_review", date(2026, 3, 5))
    assert (late.role, late.hands) == ("section_head", ("李华",))
    assert late.role_label is not None
    assert late.role_label.zh == "科室负责人"
    assert (late.since_on, late.since_days, late.late_days) == (date(2026, 3, 2), 5, 2)
    assert (late.reminded, late.escalated) == (1, 1)
    assert late.escalated_to == ("李华", "赵云", "钱伟")
    assert late.escalated_at == datetime(2026, 3, 6, 1, tzinfo=UTC)
    assert late.clocks == (ClockKind.INTERNAL,)


def test_a_last_day_in_an_unannounced_year_is_marked_on_the_board(office: Office) -> None:
    office.clock.set("2026-12-30T09:00")
    filed(office)
    office.clock.set("2027-01-11T09:00")

    found = shown(office)

    (late,) = found.oldest
    assert (late.due_on, late.provisional) == (date(2027, 1, 5), True)
    assert "2027-01-05（暂定）" in repr(tuple(board_blocks(found, "zh")))


def test_after_a_return_the_reminders_of_the_new_clock_are_counted(office: Office) -> None:
    paper = filed(office)
    office.clock.set("2026-03-05T09:00")
    office.desk.sweep()
    office.does("lihua", "return", paper, comment="请补充")
    office.clock.set("2026-03-12T08:00")

    (late,) = shown(office).oldest

    assert (late.state, late.reminded, late.escalated, late.escalated_at) == ("returned", 0, 0, None)


def test_both_clocks_of_a_case_are_counted_apart_and_the_case_once(office: Office) -> None:
    office.signed()
    office.clock.set("2026-03-10T09:00")
    assert shown(office).oldest[0].clocks == (ClockKind.INTERNAL,)
    office.clock.set("2026-03-31T09:00")  # numbering ended on the 4th, the 20 working days on the 30th

    board_ = shown(office)

    assert board_.total.overdue == Tally(cases=1, internal=1, statutory=1)
    assert board_.oldest[0].clocks == (ClockKind.INTERNAL, ClockKind.STATUTORY)


def test_the_board_shows_the_ten_oldest(office: Office) -> None:
    papers = []
    for _ in range(12):
        papers.append(filed(office))
        office.clock.forward(minutes=1)
    office.clock.set("2026-03-06T09:00")

    assert [each.case for each in shown(office).oldest] == papers[:10]
    assert shown(office).total.overdue.cases == 12


def test_a_section_sees_its_own_row_and_its_own_late_cases(office: Office) -> None:
    mine = filed(office)
    filed(office, "chenjing")
    office.clock.set("2026-03-06T09:00")

    board_ = shown(office, "lihua")

    assert [each.section for each in board_.rows] == ["预算科"]
    assert [each.case for each in board_.oldest] == [mine]
    assert board_.total.overdue == Tally(1, 1)


def test_an_administrator_sees_no_business(office: Office) -> None:
    filed(office)
    office.clock.set("2026-03-06T09:00")

    board_ = shown(office, "admin")

    assert (board_.rows, board_.oldest, board_.total.overdue) == ((), (), Tally())


def test_the_board_as_json_names_every_column(office: Office) -> None:
    filed(office)
    office.clock.set("2026-03-06T09:00")

    said = shown(office).to_json()

    assert said["total"] == {
        "section": "",
        "overdue": {"cases": 1, "internal": 1, "statutory": 0},
        "due_today": {"cases": 0, "internal": 0, "statutory": 0},
        "within_three": {"cases": 0, "internal": 0, "statutory": 0},
        "paused_too_long": {"cases": 0, "internal": 0, "statutory": 0},
    }


def test_the_board_says_how_long_a_section_takes_to_sign_for_its_papers(office: Office) -> None:
    for hours in (1, 2, 9):
        paper = office.draft()
        office.does("wangmin", "submit", paper)
        office.clock.forward(hours=hours)
        office.does("lihua", "sign_for", paper)

    found = board(office.desk, office.actor("zhengshen"))

    (measured,) = found.accepted
    assert (measured.section, measured.count, measured.median_minutes, measured.longest_minutes) == (
        "预算科",
        3,
        120,
        540,
    )
