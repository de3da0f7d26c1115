"""Who may act rests on the posts (任职), and these on the record of who gave them: verify holds the one against the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from storage import Desk
from tests.engines import Hand
from tests.factories import Clock, Office
from tests.storage.tampering import alter, busy
from tests.storage.test_seals import rewritten

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


def acts(desk: Desk, act: str, case: str) -> None:
    """陈静 does something with a case that is not hers."""
    chenjing = desk.actor("chenjing")
    if act == "attach":
        file = Path(desk.url.removeprefix("sqlite:///")).with_suffix(".txt")
        file.write_text("会签意见：同意")
        desk.attachments.add(chenjing, case, file)
    elif act == "read":
        desk.fire(desk.actor("lihua"), case, "circulate", data={"to": "chenjing"}, comment="请阅")
        desk.fire(chenjing, case, act)
    else:
        desk.fire(chenjing, case, act, data={"to": "heping"} if act == "circulate" else {}, comment="传阅")


@pytest.mark.parametrize("act", ["attach", "circulate", "sign_for", "urge", "take_back"])
def test_what_rests_on_whose_hands_it_is_in_is_held_against_them(file_url: str, act: str) -> None:
    """By what was forged: to be in the section that has it, in the Office, or to act for who took the last step."""
    forged = {
        "urge": "update appointments set role = 'office', section = null where person = 'chenjing'",
        "take_back": """insert into appointments (bureau, person, role, section, from_on, until_on, acting, on_behalf_of)
            select bureau, 'chenjing', role, section, from_on, until_on, acting, 'wangmin'
            from appointments where person = 'wangmin'""",
    }.get(act, "update appointments set section = '预算科' where person = 'chenjing'")
    with Desk.open(file_url, clock=(clock := Clock())) as desk:
        office = Office(file_url, clock, desk)
        rows = Hand(office.url).rows("select * from appointments order by id")
        paper = office.draft(attribute="proactive")
        if act == "take_back":
            office.does("wangmin", "submit", paper)
        alter(office, forged)
        acts(desk, act, paper)
        alter(office, "delete from appointments")
        for row in rows:
            alter(office, f"insert into appointments values ({', '.join('?' * len(row))})", *row)

        assert [(each.code, each.row) for each in desk.verify().problems] == [
            ("not-held", office.history(paper)[-1].seq)
        ]


def test_who_has_to_do_with_a_case_needs_no_post_for_it(file_url: str) -> None:
    with Desk.open(file_url, clock=(clock := Clock())) as desk:
        office = Office(file_url, clock, desk)
        paper = office.draft("chenjing", attribute="proactive")
        for act in ("attach", "circulate", "sign_for"):
            acts(desk, act, paper)
        office.does("chenjing", "submit", paper)
        office.does("chenjing", "urge", paper)
        office.does("chenjing", "take_back", paper)
        acts(desk, "read", office.draft())
        clock.set("2026-03-12T10:00")
        desk.sweep()
        acts(desk, "attach", paper)

        assert found(office) == []


@pytest.mark.parametrize(
    ("act", "other"),
    [
        ("read", "heping"),  # it was not circulated to them
        ("urge", "lihua"),  # it is in their hands, and they hold no post that urges
        ("take_back", "chenjing"),  # they hold the post of who took the last step, and are another
    ],
)
def test_an_act_that_is_put_down_to_another_is_named(file_url: str, act: str, other: str) -> None:
    with Desk.open(file_url, clock=(clock := Clock())) as desk:
        office = Office(file_url, clock, desk)
        desk.appoint(office.actor("admin"), "chenjing", "drafter", section="预算科", from_on=date(2018, 1, 1))
        paper = office.draft(attribute="proactive")
        office.does("wangmin", "submit", paper)
        if act == "read":
            office.does("lihua", "circulate", paper, comment="请阅", to="chenjing")
        office.does({"read": "chenjing", "urge": "zhaoyun"}.get(act, "wangmin"), act, paper)
        assert found(office) == []

        number, seq = office.case(paper).number, office.case(paper).seq
        rewritten(office, number, lambda event: replace(event, actor=other) if event.seq == seq else event)
        alter(office, "update readings set read_seq = null")

        assert [(each.code, each.row) for each in desk.verify().problems] == [("not-held", seq)]


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


def test_who_wrote_by_a_clock_some_seconds_ahead_of_the_one_by_which_their_post_ended_held_it(office: Office) -> None:
    office.clock.forward(seconds=2)
    office.draft("chenjing")
    office.clock.forward(seconds=-2)
    office.desk.end_post(office.actor("admin"), "chenjing", "drafter", last_on=date(2026, 3, 1))

    assert found(office) == []


def test_who_acted_by_a_post_from_before_such_changes_were_written_down_held_it_until_it_ended(office: Office) -> None:
    admin = office.actor("admin")
    office.desk.appoint(admin, "qianwei", "drafter", section="预算科", from_on=date(2018, 1, 1))
    for table in ("post_changes", "entries"):
        alter(office, f"delete from {table} where no = (select max(no) from {table})")
    office.draft("qianwei")
    office.clock.forward(hours=3)
    office.desk.end_post(admin, "qianwei", "drafter", last_on=date(2026, 3, 1))

    assert found(office) == []

    # What they did after it is judged by it like anything else.
    alter(office, "update appointments set until_on = null where person = 'qianwei' and role = 'drafter'")
    office.clock.forward(days=1)
    office.draft("qianwei")
    alter(office, "update appointments set until_on = '2026-03-01' where person = 'qianwei' and role = 'drafter'")

    assert [code for code, _ in found(office)] == ["not-held"]


def test_who_acted_while_the_clock_was_set_back_behind_the_step_before_held_their_post(office: Office) -> None:
    admin = office.actor("admin")
    office.desk.appoint(admin, "heping", "drafter", section="预算科", from_on=date(2018, 1, 1))
    office.clock.forward(days=30)
    paper = office.draft()
    office.clock.forward(days=-30)
    office.desk.end_post(admin, "heping", "drafter", last_on=date(2026, 3, 3))
    office.desk.edit(office.actor("heping"), paper, data={"attribute": "proactive"})

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
