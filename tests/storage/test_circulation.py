"""Circulating: who is asked to read, who sees a case for that, and what the record then says."""

from __future__ import annotations

import pytest

from tests.factories import Office
from workflow.errors import Denied, NotFound, Refused


def a_paper(office: Office) -> str:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    return paper


def test_who_is_named_sees_the_paper_from_another_section_and_reads_it(office: Office) -> None:
    paper = a_paper(office)

    office.does("lihua", "circulate", paper, comment="请阅研", to="heping zhouju")

    mine = office.desk.worklist(office.actor("heping")).to_read
    assert [(each.case, each.asked_by, each.purpose) for each in mine] == [(paper, "李华", "请阅研")]
    assert office.told("heping")[-1].endswith("李华请您阅。请阅研")
    assert office.desk.case(office.actor("heping"), paper).case.section == "预算科"
    office.does("heping", "read", paper)
    assert office.desk.worklist(office.actor("heping")).to_read == ()
    assert len(office.desk.worklist(office.actor("zhouju")).to_read) == 1
    assert office.desk.verify().problems == ()


def test_who_is_not_named_sees_nothing_of_it(office: Office) -> None:
    paper = a_paper(office)
    office.does("lihua", "circulate", paper, comment="请阅研", to="heping")

    with pytest.raises(NotFound):
        office.desk.case(office.actor("chenjing"), paper)
    with pytest.raises(Denied):
        office.does("zhaoyun", "read", paper)


def test_reading_gives_no_hand_in_the_case(office: Office) -> None:
    paper = a_paper(office)
    office.does("lihua", "circulate", paper, comment="请阅研", to="heping")

    with pytest.raises(Denied):
        office.does("heping", "endorse", paper)
    assert office.desk.editable(office.actor("heping"), paper) == ()
    assert [each.transition for each in office.desk.options(office.actor("heping"), paper) if each.allowed] == ["read"]


def test_a_paper_is_read_once_until_it_is_circulated_again(office: Office) -> None:
    paper = a_paper(office)
    office.does("lihua", "circulate", paper, comment="请阅研", to="heping")
    office.does("heping", "read", paper)

    with pytest.raises(Refused) as twice:
        office.does("heping", "read", paper)
    office.does("lihua", "circulate", paper, comment="请再阅", to="heping")
    office.does("heping", "read", paper)

    assert [each.name for each in twice.value.reasons] == ["read"]
    assert office.desk.verify().problems == ()


def test_who_has_not_read_a_paper_is_not_asked_again(office: Office) -> None:
    paper = a_paper(office)
    office.does("lihua", "circulate", paper, comment="请阅研", to="heping")

    with pytest.raises(Refused) as again:
        office.does("zhaoyun", "circulate", paper, comment="请阅", to="zhouju heping")

    (reason,) = again.value.reasons
    assert reason.name == "to"
    assert "何平（2026-03-02 09:00 由李华传阅）" in reason.text.zh
    assert "何平 (asked on 2026-03-02 09:00 by 李华)" in reason.text.en
    assert "周局" not in reason.text.zh
    assert len(office.told("heping")) == 1
    assert office.desk.worklist(office.actor("zhouju")).to_read == ()


@pytest.mark.parametrize(
    ("typed", "meant"), [("hepin", "何平 heping"), ("何萍", "何平 heping"), ("周局", "周局 zhouju")]
)
def test_who_is_mistyped_is_suggested(office: Office, typed: str, meant: str) -> None:
    paper = a_paper(office)

    with pytest.raises(Refused) as refused:
        office.does("lihua", "circulate", paper, comment="请阅研", to=typed)

    (reason,) = refused.value.reasons
    assert f"{typed}（是否为 {meant}？）" in reason.text.zh
    assert f"{typed} (did you mean {meant}?)" in reason.text.en


def test_of_two_who_bear_a_name_both_are_suggested(office: Office) -> None:
    paper = a_paper(office)
    office.desk.add_person(office.actor("admin"), "heping2", "何平", section="国库科")

    with pytest.raises(Refused) as refused:
        office.does("lihua", "circulate", paper, comment="请阅研", to="何平")

    assert "何平 heping、何平 heping2" in refused.value.reasons[0].text.zh


def test_a_name_may_hold_what_stands_between_names(office: Office) -> None:
    paper = a_paper(office)
    office.desk.add_person(office.actor("admin"), "jiayi", "甲、乙", section="国库科")

    office.does("lihua", "circulate", paper, comment="请阅研", to="jiayi heping")
    office.does("jiayi", "read", paper)

    assert office.desk.verify().problems == ()


def test_a_reader_sees_that_paper_and_no_other_of_its_section(office: Office) -> None:
    paper, other = a_paper(office), office.draft(title="另一件")
    office.does("lihua", "circulate", paper, comment="请阅研", to="heping")

    assert office.desk.case(office.actor("heping"), paper).case.id == paper
    with pytest.raises(NotFound):
        office.desk.case(office.actor("heping"), other)
    with pytest.raises(NotFound):
        office.desk.history(office.actor("heping"), other)


def test_nobody_is_named_who_is_not_here_and_none_without_a_purpose(office: Office) -> None:
    paper = a_paper(office)
    office.desk.leave(office.actor("admin"), "heping")

    for to in ("heping", "nobody", ""):
        with pytest.raises(Refused) as refused:
            office.does("lihua", "circulate", paper, comment="请阅研", to=to)
        assert [each.name for each in refused.value.reasons] == ["to"]
    with pytest.raises(Refused) as unexplained:
        office.does("lihua", "circulate", paper, to="zhouju")
    assert [each.name for each in unexplained.value.reasons] == ["comment"]


def test_what_has_ended_is_circulated_and_read(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "discard", paper, comment="不再需要")
    closed_at = office.case(paper).closed_at

    office.does("zhaoyun", "circulate", paper, comment="知悉", to="heping")
    office.does("heping", "read", paper)

    assert office.case(paper).closed_at == closed_at
    assert office.desk.verify().problems == ()


def test_a_circulation_that_is_sent_again_is_the_first_one(office: Office) -> None:
    paper, lihua = a_paper(office), office.actor("lihua")

    first = office.desk.fire(lihua, paper, "circulate", data={"to": "heping"}, comment="阅", request_id="c-1")
    again = office.desk.fire(lihua, paper, "circulate", data={"to": "heping"}, comment="阅", request_id="c-1")

    assert again.repeated
    assert again.event == first.event


def test_the_check_finds_a_reader_whom_nobody_asked(office: Office) -> None:
    paper = a_paper(office)
    office.does("lihua", "circulate", paper, comment="请阅研", to="heping")

    with office.desk._db.writing():
        office.desk._db.run("UPDATE readings SET person = 'chenjing'")

    (problem,) = office.desk.verify().problems
    assert problem.code == "reading"
    assert "chenjing" in problem.text.zh


@pytest.mark.parametrize(
    ("spoiled", "event"),
    [
        ("DELETE FROM readings WHERE person = 'heping'", 3),
        ("UPDATE readings SET read_seq = NULL WHERE person = 'heping'", 4),
        ("UPDATE readings SET asked_seq = 2 WHERE person = 'zhouju'", 3),
    ],
)
def test_the_check_names_the_event_that_a_reading_does_not_fit(office: Office, spoiled: str, event: int) -> None:
    paper = a_paper(office)
    office.does("lihua", "circulate", paper, comment="请阅研", to="heping zhouju")
    office.does("heping", "read", paper)

    with office.desk._db.writing():
        office.desk._db.run(spoiled)

    (problem,) = office.desk.verify().problems
    assert problem.code == "reading"
    assert f"第 {event} 条" in problem.text.zh
    assert f"event {event}" in problem.text.en
