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

    assert [each.code for each in office.desk.verify().problems] == ["reading"]
