"""Who is told when those meant are not there: never nobody."""

from __future__ import annotations

from datetime import date

import pytest

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


@pytest.mark.parametrize("url", ["file_url"], indirect=True)
@pytest.mark.parametrize(("gone", "reached"), [((), "chenjing"), (("chenjing",), "zhaoyun")])
def test_who_returns_what_came_from_another_section_is_not_the_only_one_who_knows(
    office: Office, gone: tuple[str, ...], reached: str
) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    office.does("lihua", "transfer", paper, section="国库科", comment="属国库科职责")
    for person in gone:
        office.desk.leave(office.actor("admin"), person)

    office.does("heping", "return", paper, comment="请补充依据")

    assert [each for each in office.told(reached) if "退文" in each] == [
        "DOC-2026-00001《关于下达专项资金的通知》：何平办理“退文”。请补充依据"
    ]


def test_who_is_meant_twice_is_told_once(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "wangmin", "section_head", section="预算科", acting=True)
    paper = office.at_the_office(attribute="proactive")

    office.does("zhaoyun", "return", paper, comment="请补充依据")

    assert len([each for each in office.told("wangmin") if "退文" in each]) == 1
