"""The last day of a delegation or of an acting post, and the day after: who has the cases, and who is reminded of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.factories import MONDAY, Office
from workflow.case import Appointment
from workflow.errors import NotFound

TODAY = MONDAY.date()  # 2 March 2026; the reminder of the section's clock comes on the 4th, at nine
ON_THE_DAY, THE_DAY_BEFORE = date(2026, 3, 4), date(2026, 3, 3)
REMINDED_AT = "2026-03-04T09:00"


def submitted(office: Office) -> str:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    return paper


def delegated(office: Office, until: date | None) -> Appointment:
    (post,) = office.desk.delegate(office.actor("lihua"), "lihua", "heping", until_on=until)
    return post


def waiting(office: Office, person: str) -> list[str]:
    return [each.id for each in office.desk.worklist(office.actor(person)).cases]


def test_on_the_last_day_the_delegate_and_the_principal_have_the_case_and_on_the_next_the_principal(
    office: Office,
) -> None:
    paper = submitted(office)
    delegated(office, until=ON_THE_DAY)

    office.clock.set("2026-03-04T23:59")
    on_the_day = waiting(office, "heping"), waiting(office, "lihua")
    office.clock.set("2026-03-05T00:00")

    assert on_the_day == ([paper], [paper])
    assert (waiting(office, "heping"), waiting(office, "lihua")) == ([], [paper])
    with pytest.raises(NotFound):
        office.does("heping", "endorse", paper)
    assert office.does("lihua", "endorse", paper).event.on_behalf_of is None


@pytest.mark.parametrize(("until", "reaches"), [(ON_THE_DAY, True), (THE_DAY_BEFORE, False)])
def test_a_reminder_reaches_the_delegate_to_the_last_day_and_the_principal_always(
    office: Office, until: date, reaches: bool
) -> None:
    submitted(office)
    delegated(office, until)
    office.clock.set(REMINDED_AT)

    office.desk.sweep()

    assert (len(office.told("heping")) == 1) is reaches
    assert len(office.told("lihua")) == 1


def test_a_reminder_that_is_late_reaches_who_acts_when_it_comes(office: Office) -> None:
    submitted(office)
    delegated(office, until=ON_THE_DAY)
    office.clock.set("2026-03-05T00:01")

    office.desk.sweep()

    assert office.told("heping") == []
    assert len(office.told("lihua")) == 1


def test_a_case_that_a_delegate_began_to_work_on_goes_on_with_the_principal(office: Office) -> None:
    paper = submitted(office)
    delegated(office, until=ON_THE_DAY)
    office.desk.edit(office.actor("heping"), paper, data={"mixed": False})
    office.clock.forward(days=3)

    assert office.does("lihua", "endorse", paper).case.case.state == "office_check"


def test_when_the_delegate_leaves_the_principal_has_the_case_alone(office: Office) -> None:
    paper = submitted(office)
    delegated(office, until=None)
    office.desk.leave(office.actor("admin"), "heping", on=ON_THE_DAY)
    office.clock.set(REMINDED_AT)

    office.desk.sweep()

    assert waiting(office, "lihua") == [paper]
    assert len(office.told("lihua")) == 1
    assert all("提醒" not in each for each in office.told("zhaoyun"))


def test_when_the_principal_leaves_the_delegate_acts_no_more_and_those_above_are_told(office: Office) -> None:
    paper = submitted(office)
    delegated(office, until=None)
    office.desk.leave(office.actor("admin"), "lihua", on=ON_THE_DAY)

    office.clock.set("2026-03-03T23:59")
    the_day_before = waiting(office, "heping")
    office.clock.set(REMINDED_AT)
    fired = [each.step for each in office.desk.sweep()]

    assert (the_day_before, waiting(office, "heping")) == ([paper], [])
    assert fired == ["remind-1", "unmanned"]
    assert [each.split("：")[0] for each in office.told("zhaoyun")] == ["提醒", "无人可办"]
    assert [each.name for each in office.desk.doctor() if not each.ok] == ["roles"]


def test_a_principal_who_moves_takes_the_delegation_along_into_nothing(office: Office) -> None:
    paper = submitted(office)
    delegated(office, until=None)

    office.desk.staffing.move(office.actor("admin"), "lihua", "国库科", keep_posts=True)

    assert waiting(office, "heping") == []
    assert waiting(office, "lihua") == []
    assert [(each.case, each.step) for each in office.desk.sweep()] == [(paper, "unmanned")]


def test_an_acting_post_that_ends_on_a_holiday_is_held_through_it_and_no_longer(office: Office) -> None:
    office.desk.leave(office.actor("admin"), "lihua")
    labour_day, last = date(2026, 5, 1), date(2026, 5, 3)
    office.desk.appoint(office.actor("admin"), "heping", "section_head", section="预算科", until_on=last, acting=True)
    office.clock.set("2026-04-30T09:00")
    paper = submitted(office)
    office.desk.sweep()

    held = {}
    for day in (labour_day, last, last + timedelta(days=1)):
        office.clock.set(f"{day}T10:00")
        held[day] = waiting(office, "heping"), [each.step for each in office.desk.sweep()]

    assert held == {labour_day: ([paper], []), last: ([paper], []), date(2026, 5, 4): ([], ["unmanned"])}
    assert any("现无人任此职" in each for each in office.told("zhaoyun"))


def test_the_next_in_the_acting_post_takes_over_without_a_gap(office: Office) -> None:
    office.desk.leave(office.actor("admin"), "lihua")
    admin = office.actor("admin")
    office.desk.appoint(admin, "heping", "section_head", section="预算科", until_on=ON_THE_DAY, acting=True)
    office.desk.appoint(admin, "zhouju", "section_head", section="预算科", from_on=ON_THE_DAY + timedelta(days=1))
    paper = submitted(office)

    for day, person in ((4, "heping"), (5, "zhouju")):
        office.clock.set(f"2026-03-0{day}T10:00")
        assert waiting(office, person) == [paper]
        assert all(each.step != "unmanned" for each in office.desk.sweep())
    assert waiting(office, "heping") == []


def test_a_delegation_that_was_given_ahead_begins_with_its_first_day(office: Office) -> None:
    paper = submitted(office)
    office.desk.delegate(office.actor("lihua"), "lihua", "heping", from_on=ON_THE_DAY, until_on=ON_THE_DAY)

    seen = []
    for day in (3, 4, 5):
        office.clock.set(f"2026-03-0{day}T10:00")
        seen.append(waiting(office, "heping"))

    assert seen == [[], [paper], []]
