"""What went out of somebody's sight, or never was in it, is told to them by no notice, no answer and no refusal."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories import Office
from workflow.errors import Invalid


def _late(office: Office) -> str:
    """A document of 预算科 whose lateness its section head was told of."""
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    office.clock.set("2026-03-06T09:00")
    office.desk.sweep()
    assert office.told("lihua")
    return paper


def test_who_moved_to_another_section_reads_no_more_of_the_old_one_in_their_inbox(office: Office) -> None:
    _late(office)

    office.desk.staffing.move(office.actor("admin"), "lihua", "国库科", on=date(2026, 3, 6), keep_posts=True)

    assert office.told("lihua") == []


def test_what_was_told_is_there_again_with_the_post(office: Office) -> None:
    _late(office)
    told = office.told("lihua")
    office.desk.staffing.move(office.actor("admin"), "lihua", "国库科", on=date(2026, 3, 6), keep_posts=True)

    office.desk.appoint(office.actor("admin"), "lihua", "section_head", section="预算科", acting=True)

    assert office.told("lihua") == told


def test_a_delegate_reads_nothing_the_day_after_the_delegation(office: Office) -> None:
    office.desk.delegate(office.actor("lihua"), "lihua", "heping", until_on=date(2026, 3, 6))
    _late(office)
    assert office.told("heping")

    office.clock.set("2026-03-07T09:00")

    assert office.told("heping") == []
    assert office.told("lihua")


def test_the_administrator_reads_that_nobody_can_act_though_no_case_is_theirs_to_see(office: Office) -> None:
    office.draft()
    for person in ("wangmin", "lihua", "zhaoyun", "qianwei", "zhouju", "fangju"):
        office.desk.leave(office.actor("admin"), person)

    office.desk.sweep()

    assert office.told("admin")


def test_who_has_something_to_read_is_told_wherever_it_is(office: Office) -> None:
    paper = office.draft()
    office.desk.fire(office.actor("lihua"), paper, "circulate", data={"to": "chenjing"}, comment="请阅")

    assert [each.number for each in office.desk.worklist(office.actor("chenjing")).to_read] == ["DOC-2026-00001"]
    assert office.told("chenjing")


def test_a_request_id_of_somebody_else_says_nothing_of_what_they_did(office: Office) -> None:
    paper = office.draft("wangmin")
    office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-1")
    own = office.draft("chenjing")

    with pytest.raises(Invalid) as taken:
        office.desk.fire(office.actor("chenjing"), own, "recall", request_id="r-1")

    (problem,) = taken.value.problems
    assert problem.code == "request-id-used"
    assert "submit" not in problem.text.en + problem.text.zh


def test_ones_own_request_id_says_what_it_was_used_for(office: Office) -> None:
    paper = office.draft("wangmin")
    office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-1")

    with pytest.raises(Invalid) as taken:
        office.desk.fire(office.actor("wangmin"), paper, "recall", request_id="r-1")

    assert "submit" in taken.value.problems[0].text.en


APPLICANT = {
    "applicant_name": "李明", "applicant_kind": "natural", "id_kind": "resident_id", "id_number": "11010519491231002X",
    "contact": "13900000000", "subject": "决算", "form_wanted": "electronic", "channel": "counter",
    "submitted_on": "2026-03-02",
}  # fmt: skip


@pytest.mark.parametrize(("person", "woken"), [("heping", 0), ("zhaoyun", 2)])
def test_who_answers_for_another_section_is_not_told_what_it_does_to_a_case_that_they_do_not_see(
    office: Office, person: str, woken: int
) -> None:
    desk, asking = office.desk, office.actor("zhaoyun")
    request = desk.start(asking, "request", title="申请公开决算", section="预算科", data=APPLICANT).case.case.id
    for step, data in (
        ("take_up", {}),
        ("consult_third_party", {"party": "某公司", "question": "可否公开", "consulted_on": "2026-03-02"}),
    ):
        desk.fire(asking, request, step, data=data)
    opinion = desk.case(asking, request).case.children[0].id
    desk.fire(asking, opinion, "transfer", data={"section": "国库科"}, comment="由国库科联系该公司")

    said = {"answered_on": "2026-03-02", "answer": "objects", "opinion_text": "属于商业秘密"}
    done = desk.fire(office.actor(person), opinion, "record_objection", data=said)

    assert desk.case(asking, request).case.state == "drafting"
    assert len(done.woken) == woken
