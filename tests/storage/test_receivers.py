"""Who is told when those meant are not there: never nobody."""

from __future__ import annotations

from datetime import date

from tests.factories import Office


def test_a_return_reaches_the_section_head_when_the_author_has_left(office: Office) -> None:
    paper = office.at_the_office(attribute="proactive")
    office.desk.leave(office.actor("admin"), "wangmin", on=date(2026, 3, 2))

    office.does("zhaoyun", "return", paper, comment="请补充依据")

    assert any("退文" in each for each in office.told("lihua"))


def test_a_missed_deadline_goes_up_when_nobody_holds_the_role(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.desk.leave(office.actor("admin"), "lihua", on=date(2026, 3, 2))

    office.clock.set("2026-03-04T10:00")
    fired = office.desk.sweep()

    assert [each.step for each in fired] == ["remind-1", "unmanned"]
    assert any("提醒" in each for each in office.told("zhaoyun"))
