"""Who is told when those meant are not there: never nobody."""

from __future__ import annotations

from datetime import date

import pytest

from storage.views import Done
from tests.factories import Office
from tests.versions.permits import FIRST, Permits
from workflow.case import IMPORT, Command


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


@pytest.mark.parametrize("url", ["file_url"], indirect=True)
def test_an_author_who_is_away_is_told_beside_the_nearest_above_who_is_there(office: Office) -> None:
    permits = Permits(office)
    permits.install(FIRST.replace("zh: 收到答复", "tell: [{to: author}], zh: 收到答复"))
    permit = permits.filed()

    def reached(*people: str) -> list[str]:
        known = {each: len(office.told(each)) for each in people}
        office.does("zhaoyun", "ask", permit)
        office.does("zhaoyun", "answer", permit)
        return [each for each, told in known.items() if len(office.told(each)) > told]

    def away(*people: str) -> None:
        for each in people:
            office.desk.staffing.away(office.actor("admin"), each, date(2026, 3, 6))

    away("wangmin")
    # the section of who wrote it comes before the Office, which has it in hand
    assert reached("wangmin", "lihua", "qianwei") == ["wangmin", "lihua"]
    away("lihua", "qianwei", "zhouju")
    assert reached("wangmin", "lihua", "qianwei", "zhouju") == ["wangmin"]
    office.desk.leave(office.actor("admin"), "wangmin")
    # nobody at all is there: it waits for the nearest above
    assert reached("lihua", "qianwei", "zhouju") == ["lihua"]


@pytest.mark.parametrize("url", ["file_url"], indirect=True)
def test_the_author_of_a_past_record_is_who_entered_it(office: Office) -> None:
    past = {"title": "关于下达专项资金的通知", "formed_on": "2025-06-02", "published_on": "2025-12-01"}
    (taken,) = office.desk.take_in(office.actor("zhouju"), "document", [Command(IMPORT, past)], section="预算科")
    assert isinstance(taken, Done)
    office.desk.appoint(office.actor("admin"), "qianwei", "leader", acting=True)

    office.does("qianwei", "withdraw", taken.case.case.id, comment="内容有误", withdrawal_reason="error")

    assert [len(office.told(each)) for each in ("zhouju", "lihua")] == [1, 0]


def test_who_is_meant_twice_is_told_once(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "wangmin", "section_head", section="预算科", acting=True)
    paper = office.at_the_office(attribute="proactive")

    office.does("zhaoyun", "return", paper, comment="请补充依据")

    assert len([each for each in office.told("wangmin") if "退文" in each]) == 1
