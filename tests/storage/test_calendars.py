"""What the State Council announces later adds to what was known: dates move on record, and what is closed stays closed."""

from __future__ import annotations

from datetime import date

import pytest

from storage import Desk
from tests.days_off import FESTIVALS, of_holiday_cn, year_2027
from tests.factories import Office
from workflow.case import RECOMPUTE, Scalar
from workflow.errors import BadFile, Invalid

TAGGED: dict[str, Scalar] = {"attribute": "proactive", "origin": "own", "is_policy": False}
#: An invented notice for 2027: the New Year holiday lasts until Wednesday the 6th, and Saturday the 9th is worked.
NOTICE_2027 = year_2027(元旦="off: 2027-01-01..2027-01-06, work: [2027-01-09]")


def publication(office: Office, paper: str) -> tuple[str, bool]:
    (running,) = [each for each in office.case(paper).deadlines if each.rule == "publication"]
    return running.rolled_on.isoformat(), running.provisional


def test_a_notice_moves_provisional_dates_on_record_and_applied_twice_is_applied_once(office: Office) -> None:
    office.clock.set("2026-12-10T09:00")
    paper = office.signed()
    assert publication(office, paper) == ("2027-01-08", True)

    office.clock.set("2026-12-15T09:00")
    planned = office.desk.import_calendar(office.actor("admin"), NOTICE_2027, "2027.yaml", dry_run=True)
    assert publication(office, paper) == ("2027-01-08", True)
    moved = office.desk.import_calendar(office.actor("admin"), NOTICE_2027, "2027.yaml")
    again = office.desk.import_calendar(office.actor("admin"), NOTICE_2027, "2027.yaml")

    # 15 working days are over on 31 December; 7, 8, 9 (made up), 11 and 12 January are the other five.
    assert publication(office, paper) == ("2027-01-12", False)
    assert [(each.deadline, each.to_on.isoformat()) for each in planned if each.case == paper] == [
        ("publication", "2027-01-12")
    ]
    assert moved == planned
    assert again == ()
    assert [each.transition for each in office.desk.history(office.actor("zhengshen"), paper)].count(RECOMPUTE) == 1
    assert office.desk.verify().problems == ()


def test_what_closed_before_an_amendment_keeps_its_dates_and_verify_agrees(office: Office) -> None:
    office.clock.set("2026-12-10T09:00")
    paper = office.signed()
    office.does("zhaoyun", "number", paper, series="下财")
    office.does("zhaoyun", "publish", paper)

    office.clock.set("2026-12-15T09:00")
    moved = office.desk.import_calendar(office.actor("admin"), NOTICE_2027, "2027.yaml")

    assert moved == ()
    assert office.desk.verify().problems == ()


def test_a_desk_that_was_open_before_counts_by_the_new_notice(office: Office) -> None:
    office.clock.set("2026-12-15T09:00")
    with Desk.open(office.url, clock=office.clock) as other:
        assert not other.calendar.is_known(office.clock().date().replace(year=2027))
        office.desk.import_calendar(office.actor("admin"), NOTICE_2027, "2027.yaml")

        paper = other.start(office.actor("wangmin"), "document", title="关于新年工作安排的通知", data=TAGGED)
        for person, step in (
            ("wangmin", "submit"),
            ("lihua", "endorse"),
            ("zhaoyun", "accept"),
            ("sunli", "clear"),
            ("zhouju", "sign"),
        ):
            other.fire(office.actor(person), paper.case.case.id, step)

        # Signed on Tuesday 15 December: 12 working days until the 31st; 7, 8, 9, 11–15 January are the other eight.
        assert publication(office, paper.case.case.id) == ("2027-01-15", False)
        assert other.verify().problems == ()


def test_a_notice_at_the_very_instant_of_a_step_is_not_taken_and_a_minute_later_it_is(office: Office) -> None:
    """Whether the step counted by it could not be told afterwards; the clock of a sandbox can stand still."""
    office.clock.set("2026-12-10T09:00")
    paper = office.signed()

    with pytest.raises(Invalid) as refused:
        office.desk.import_calendar(office.actor("admin"), NOTICE_2027, "2027.yaml")

    assert [(each.code, each.field) for each in refused.value.problems] == [("not-after", "now")]
    assert not office.desk.calendar.is_known(office.clock().date().replace(year=2027))
    assert publication(office, paper) == ("2027-01-08", True)

    office.clock.forward(minutes=1)
    office.desk.import_calendar(office.actor("admin"), NOTICE_2027, "2027.yaml")

    assert publication(office, paper) == ("2027-01-12", False)
    assert office.desk.verify().problems == ()


#: An invented paper of mid-year: Wednesday 6 May 2026 is off, too, and Sunday the 10th is worked for it.
AMENDMENT_2026 = """
year: 2026
notice: 国办发明电〔2026〕3号
source: https://www.gov.cn/zhengce/2026-05.htm
verified: true
holidays:
  - {name: 劳动节, off: 2026-05-06, work: [2026-05-10]}
"""


def test_an_amendment_in_mid_year_moves_exactly_the_cases_that_the_trial_named(office: Office) -> None:
    office.clock.set("2026-03-02T09:00")
    early = office.signed()  # due on 30 March: the amendment does not touch it
    office.clock.set("2026-04-08T09:00")
    touched = office.signed()  # the twentieth day was Saturday 9 May, made up; without the 6th it is Sunday the 10th
    office.clock.set("2026-04-10T09:00")
    beyond = office.signed()  # loses the 6th, gains the 10th: it ends where it ended

    admin = office.actor("admin")
    dates = {each: publication(office, each) for each in (early, touched, beyond)}
    office.clock.set("2026-04-20T09:00")
    planned = office.desk.import_calendar(admin, AMENDMENT_2026, "2026-05.yaml", dry_run=True)
    assert {each: publication(office, each) for each in dates} == dates
    moved = office.desk.import_calendar(admin, AMENDMENT_2026, "2026-05.yaml")

    assert moved == planned
    assert [(each.case, each.deadline) for each in moved] == [(touched, "publication")]
    now = {each: publication(office, each) for each in dates}
    assert {each for each in dates if now[each] != dates[each]} == {touched}
    for paper in dates:
        recounts = [each.transition for each in office.desk.history(office.actor("zhengshen"), paper)].count(RECOMPUTE)
        assert recounts == (paper == touched)
    assert office.desk.recompute(admin, dry_run=True) == office.desk.recompute(admin) == ()
    assert office.desk.verify().problems == ()


def test_the_record_of_a_date_that_moved_names_the_notice_by_which_it_moved(office: Office) -> None:
    office.clock.set("2026-12-10T09:00")
    paper = office.signed()
    office.clock.set("2026-12-15T09:00")
    admin = office.actor("admin")

    assert not office.desk.knows_notice(NOTICE_2027, "2027.yaml")
    (moved,) = office.desk.import_calendar(admin, NOTICE_2027, "2027.yaml")

    assert office.desk.knows_notice(NOTICE_2027, "2027.yaml")
    assert (moved.label.zh, moved.clock) == ("主动公开时限", "statutory")
    (event,) = [e for e in office.desk.history(office.actor("zhengshen"), paper) if e.transition == RECOMPUTE]
    assert event.comment == "国办发明电〔2026〕9号"


def test_a_trial_is_made_at_the_very_instant_of_a_step_too(office: Office) -> None:
    """It changes nothing, so that nothing has to be told apart afterwards."""
    office.clock.set("2026-12-10T09:00")
    paper = office.signed()

    planned = office.desk.import_calendar(office.actor("admin"), NOTICE_2027, "2027.yaml", dry_run=True)
    with pytest.raises(Invalid) as refused:
        office.desk.import_calendar(office.actor("admin"), NOTICE_2027, "2027.yaml")

    assert [each.case for each in planned] == [paper]
    assert "往后拨，如 --now 2026-12-10T09:01" in refused.value.problems[0].text.zh


@pytest.mark.parametrize(
    "half",
    [
        year_2027(leave_out=tuple(FESTIVALS)[1:]),
        year_2027(leave_out=("春节",)),
        year_2027(国庆节="work: 2027-10-09"),
        year_2027(春节="off: 2027-01-10"),
        of_holiday_cn("元旦"),
        of_holiday_cn(*FESTIVALS, most=1),
    ],
    ids=[
        "only New Year",
        "no Spring Festival",
        "National Day worked",
        "Spring Festival in the New Year",
        "holiday-cn",
        "one each",
    ],
)
def test_half_a_notice_makes_no_year_known(office: Office, half: str) -> None:
    """With New Year alone the Spring Festival of 2027 counted as working days, and no date was provisional any more."""
    office.clock.set("2026-12-10T09:00")
    paper = office.signed()
    office.clock.set("2026-12-15T09:00")

    with pytest.raises(BadFile) as refused:
        office.desk.import_calendar(office.actor("admin"), half, "2027.yaml")

    assert [each.code for each in refused.value.problems] == ["half-a-notice"]
    assert office.desk.calendar.known_until == 2026
    assert publication(office, paper) == ("2027-01-08", True)


def test_a_whole_notice_of_holiday_cn_makes_its_year_known_and_no_other(office: Office) -> None:
    office.clock.set("2026-12-15T09:00")
    beyond = year_2027(元旦="off: [2027-01-01, 2028-01-01]")

    office.desk.import_calendar(office.actor("admin"), of_holiday_cn(*FESTIVALS), "2027.json")
    office.clock.forward(minutes=1)
    office.desk.import_calendar(office.actor("admin"), beyond, "2027.yaml")

    assert office.desk.calendar.known_until == 2027
    assert not office.desk.calendar.is_workday(date(2028, 1, 1))


def test_a_notice_that_takes_away_only_the_doubt_is_listed_and_says_so_on_record(office: Office) -> None:
    office.clock.set("2026-12-10T09:00")
    paper = office.signed()
    office.clock.set("2026-12-15T09:00")
    same = year_2027(元旦="off: 2027-01-01")

    planned = office.desk.import_calendar(office.actor("admin"), same, "2027.yaml", dry_run=True)
    moved = office.desk.import_calendar(office.actor("admin"), same, "2027.yaml")

    assert publication(office, paper) == ("2027-01-08", False)
    assert moved == planned
    assert [(each.case, each.from_on == each.to_on, each.settled) for each in moved] == [(paper, True, True)]
    (event,) = [each for each in office.desk.history(office.actor("zhengshen"), paper) if each.transition == RECOMPUTE]
    assert list(event.data.values()) == ["2027-01-08 不再暂定"]
    assert office.desk.recompute(office.actor("admin"), dry_run=True) == ()
    assert office.desk.verify().problems == ()


def test_two_notices_at_one_instant_are_both_counted_by(office: Office) -> None:
    office.clock.set("2026-12-10T09:00")
    paper = office.signed()
    office.clock.set("2026-12-15T09:00")
    first = year_2027(端午节="off: 2027-06-09, work: 2027-06-13")
    office.desk.import_calendar(office.actor("admin"), AMENDMENT_2026, "2026-05.yaml")

    office.desk.import_calendar(office.actor("admin"), first, "2027.yaml")

    assert publication(office, paper) == ("2027-01-08", False)
    assert office.desk.recompute(office.actor("admin"), dry_run=True) == ()


def test_a_clock_that_ran_ahead_is_named_with_its_case_and_nobody_is_told_to_wait_a_moment(office: Office) -> None:
    office.clock.set("2150-01-01T09:00")
    paper = office.draft()
    office.clock.set("2026-12-15T09:00")

    with pytest.raises(Invalid) as refused:
        office.desk.import_calendar(office.actor("admin"), NOTICE_2027, "2027.yaml")

    (problem,) = refused.value.problems
    assert office.case(paper).number in problem.text.zh
    assert "2150-01-01 09:00" in problem.text.en
    assert "gongkai restore" in problem.text.en
