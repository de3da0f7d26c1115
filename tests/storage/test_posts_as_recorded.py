"""Who may act rests on the posts (任职), and these on the record of who gave them: verify holds the one against the other."""

from __future__ import annotations

from datetime import date

import pytest

from storage import Desk
from tests.factories import Clock, Office
from tests.storage.tampering import alter, busy

MADE_LEADER = "update appointments set role = 'leader', section = null where person = 'chenjing' and role = 'drafter'"
MADE_DRAFTER = (
    "update appointments set role = 'drafter', section = '国库科' where person = 'chenjing' and role = 'leader'"
)


def found(office: Office) -> list[tuple[str, str | None]]:
    return [(each.code, each.field) for each in office.desk.verify().problems]


def to_be_signed(office: Office) -> str:
    paper = office.at_the_office(attribute="proactive")
    office.does("zhaoyun", "accept", paper)
    office.does("sunli", "clear", paper)
    return paper


@pytest.mark.parametrize(
    "sql",
    [
        MADE_LEADER,
        "update appointments set until_on = '2026-12-31' where person = 'chenjing'",
        "update appointments set from_on = '2017-01-01' where person = 'chenjing'",
        "update appointments set acting = 1 where person = 'chenjing'",
        "update appointments set on_behalf_of = 'zhouju' where person = 'chenjing'",
        "update appointments set until_on = 'never' where person = 'chenjing'",
        "update appointments set role = '' where person = 'chenjing'",
        "delete from appointments where person = 'chenjing'",
        """insert into appointments (bureau, person, role, section, from_on, until_on, acting)
           values ('bureau', 'chenjing', 'leader', null, '2018-01-01', '2018-12-31', 0)""",
        """insert into appointments (bureau, person, role, section, from_on, acting)
           select bureau, person, role, section, from_on, acting from appointments where person = 'chenjing'""",
    ],
)
def test_a_post_that_is_not_as_it_was_given_is_named(office: Office, sql: str) -> None:
    assert alter(office, sql) == 1

    said = found(office)

    assert said
    assert set(said) == {("post", "chenjing")}


@pytest.mark.parametrize("column", ["until_on", "from_on", "role", "section", "person", "on_behalf_of", "acting"])
def test_bytes_in_a_column_are_named_like_anything_else(file_url: str, column: str) -> None:
    with Desk.open(file_url, clock=(clock := Clock())) as desk:
        office = Office(file_url, clock, desk)
        office.draft()
        for table in ("appointments", "post_changes"):
            assert alter(office, f"update {table} set {column} = x'ff00' where person = 'chenjing'") == 1

        assert "post" in [code for code, _ in found(office)] or "entry" in [code for code, _ in found(office)]


def test_a_signature_by_a_post_that_nobody_gave_is_named_though_the_post_is_gone_again(office: Office) -> None:
    paper = to_be_signed(office)
    alter(office, MADE_LEADER)
    office.does("chenjing", "sign", paper)
    alter(office, MADE_DRAFTER)

    (problem,) = office.desk.verify().problems

    assert (problem.code, problem.field) == ("not-held", office.case(paper).number)
    assert problem.row == office.history(paper)[-1].seq
    assert "陈静" in problem.text.zh


@pytest.mark.parametrize(
    ("person", "sql", "back", "act"),
    [
        (
            "zhengshen",
            "update appointments set role = 'drafter', section = '预算科' where person = 'zhengshen'",
            "update appointments set role = 'auditor', section = null where person = 'zhengshen'",
            "start",
        ),
        (
            "chenjing",
            "update appointments set section = '预算科' where person = 'chenjing'",
            "update appointments set section = '国库科' where person = 'chenjing'",
            "edit",
        ),
        (
            "wangmin",
            "update appointments set from_on = '2026-03-01' where person = 'wangmin' and role = 'section_head'",
            "update appointments set from_on = '2027-01-01' where person = 'wangmin' and role = 'section_head'",
            "return",
        ),
    ],
)
def test_whatever_else_a_forged_post_did_is_named(office: Office, person: str, sql: str, back: str, act: str) -> None:
    office.desk.appoint(office.actor("admin"), "wangmin", "section_head", section="国库科", from_on=date(2027, 1, 1))
    paper = office.draft("chenjing" if act == "return" else "wangmin", attribute="proactive")
    if act == "return":
        office.does("chenjing", "submit", paper)
    alter(office, sql)
    if act == "start":
        office.draft(person)
    elif act == "edit":
        office.desk.edit(office.actor(person), paper, data={"attribute": "withheld"})
    else:
        office.does(person, "return", paper, comment="补充理由")
    alter(office, back)

    assert [code for code, _ in found(office)] == ["not-held"]


def test_a_post_that_ended_is_no_excuse_for_what_was_done_after_it(office: Office) -> None:
    paper = to_be_signed(office)
    office.desk.end_post(office.actor("admin"), "zhouju", "leader")
    office.clock.forward(days=2)
    alter(office, "update appointments set until_on = null where person = 'zhouju'")
    office.does("zhouju", "sign", paper)
    alter(office, "update appointments set until_on = '2026-03-02' where person = 'zhouju'")

    assert [code for code, _ in found(office)] == ["not-held"]


def test_who_signed_in_the_morning_and_left_at_noon_signed_by_their_post(office: Office) -> None:
    paper = to_be_signed(office)
    office.does("zhouju", "sign", paper)
    office.clock.forward(hours=3)
    office.desk.leave(office.actor("admin"), "zhouju")

    assert found(office) == []


def test_what_was_done_for_somebody_else_rests_on_the_delegation(office: Office) -> None:
    paper = to_be_signed(office)
    office.desk.delegate(office.actor("zhouju"), "zhouju", "qianwei")
    office.does("qianwei", "sign", paper)
    office.clock.forward(days=1)
    office.desk.end_post(office.actor("admin"), "zhouju", "leader")

    assert found(office) == []


def test_whoever_moved_with_their_section_acted_by_the_post_of_the_day(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.clock.forward(days=1)
    office.desk.staffing.reorganise(office.actor("admin"), "预算科", "国库科")
    office.does("heping", "endorse", paper)

    assert found(office) == []


def test_nothing_is_said_of_a_busy_office(office: Office) -> None:
    assert found(busy(office)) == []
