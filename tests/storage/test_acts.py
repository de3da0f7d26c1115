"""Everyday acts through the desk: who may sign for a paper and urge it, how often, and what the record then says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import Office
from workflow.case import SIGN_FOR, URGE
from workflow.errors import Denied, Invalid, NotFound, Refused
from workflow.history import blank, replay


def names(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return tuple(each.name for each in refused.value.reasons)


def test_whoever_has_the_paper_in_hand_signs_for_it(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    before = office.case(paper)
    office.clock.forward(hours=3)

    done = office.does("lihua", "sign_for", paper)

    after = office.case(paper)
    assert (done.event.source, done.event.target) == ("section_review", "section_review")
    assert done.event.data == {"sign_for.since": "2026-03-02T01:00:00.000000Z", "sign_for.section": "预算科"}
    assert (after.state, after.version, after.data) == (before.state, before.version, before.data)
    assert after.deadlines == before.deadlines
    assert after.trail == before.trail
    assert office.desk.verify().problems == ()


def test_a_stay_is_signed_for_once_and_each_new_stay_again(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    office.does("lihua", "sign_for", paper)

    with pytest.raises(Refused) as twice:
        office.does("lihua", "sign_for", paper)
    office.does("lihua", "endorse", paper)
    office.does("zhaoyun", "sign_for", paper)

    assert names(twice) == ("signed",)
    assert "李华" in twice.value.reasons[0].text.zh
    assert "李华" in twice.value.reasons[0].text.en


@pytest.mark.parametrize("person", ["wangmin", "zhaoyun", "zhengshen"])
def test_nobody_signs_for_what_is_in_other_hands(office: Office, person: str) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)

    with pytest.raises(Denied) as refused:
        office.does(person, "sign_for", paper)

    assert names(refused) == ("role",)
    assert [who.people for who in refused.value.reasons[0].who] == [("李华",)]


def test_nothing_is_signed_for_that_has_ended(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "discard", paper, comment="不再需要")

    with pytest.raises(Refused) as refused:
        office.does("wangmin", "sign_for", paper)

    assert "state" in names(refused)


def test_a_receipt_takes_no_data(office: Office) -> None:
    paper = office.draft()

    with pytest.raises(Invalid):
        office.does("wangmin", "sign_for", paper, attribute="proactive")


def test_urging_tells_whoever_has_the_paper(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)

    office.does("zhaoyun", "urge", paper, comment="会议周五要用")

    (told,) = office.told("lihua")
    assert told.startswith("催办：DOC-2026-00001")
    assert told.endswith("赵云催请抓紧办理。会议周五要用")
    assert office.desk.verify().problems == ()


def test_a_case_is_urged_once_a_day_and_the_second_hears_who_did(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    office.does("wangmin", "urge", paper)
    office.clock.forward(hours=5)

    with pytest.raises(Refused) as twice:
        office.does("zhaoyun", "urge", paper)
    office.clock.forward(days=1)
    office.does("zhaoyun", "urge", paper)

    assert names(twice) == ("urged",)
    assert twice.value.reasons[0].text.zh == "王敏今天已催办（2026-03-02 09:00），一件事项每天只催办一次"


def test_a_colleague_who_did_not_begin_the_case_may_not_urge_it(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)

    with pytest.raises(Denied) as refused:
        office.does("lihua", "urge", paper)

    assert "起办人" in refused.value.reasons[0].text.zh


def test_who_asks_what_may_be_done_hears_of_the_acts(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)

    mine = {each.transition: each for each in office.desk.options(office.actor("lihua"), paper) if each.is_act}

    assert mine[SIGN_FOR].allowed
    assert not mine[URGE].allowed
    assert mine[SIGN_FOR].target == "section_review"


def test_a_repeated_request_is_acted_on_once(office: Office) -> None:
    paper = office.draft()
    actor = office.actor("wangmin")

    first = office.desk.fire(actor, paper, "sign_for", request_id="r-1")
    second = office.desk.fire(actor, paper, "sign_for", request_id="r-1")

    assert second.repeated
    assert second.event == first.event


def test_somebody_elses_act_upsets_no_expected_version(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    version = office.case(paper).version

    office.does("zhaoyun", "urge", paper)
    office.desk.fire(office.actor("lihua"), paper, "endorse", expected_version=version)

    assert office.case(paper).state == "office_check"


def test_whoever_took_the_last_step_takes_it_back(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    before = office.case(paper)
    office.does("wangmin", "submit", paper)
    office.does("zhaoyun", "urge", paper)

    office.does("wangmin", "take_back", paper, comment="附件有误")

    after = office.case(paper)
    assert (after.state, after.data, after.trail) == (before.state, before.data, before.trail)
    assert after.waits_for == "drafter"
    assert "撤回了“报科室审核”。附件有误" in office.told("lihua")[-1]
    assert office.desk.verify().problems == ()


def test_a_step_that_is_taken_back_gives_nobody_more_time(office: Office) -> None:
    """Each time that the section's head endorsed a paper and took it back, three working days began anew."""
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    before = office.case(paper).deadlines
    for _ in range(3):
        office.clock.forward(days=1)
        office.does("lihua", "endorse", paper)
        office.clock.forward(hours=1)

        office.does("lihua", "take_back", paper)

    assert office.case(paper).deadlines == before
    assert office.desk.verify().problems == ()


def test_a_clock_that_ran_out_meanwhile_is_late_and_says_once_what_it_says(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    (before,) = office.case(paper).deadlines
    office.clock.at = before.due_at - timedelta(hours=1)
    office.desk.sweep()
    said = [each.data["step"] for each in office.history(paper) if "step" in each.data]
    office.does("lihua", "endorse", paper)
    office.clock.forward(days=4)

    office.does("lihua", "take_back", paper)
    office.desk.sweep()

    (after,) = office.case(paper).deadlines
    now = [each.data["step"] for each in office.history(paper) if "step" in each.data]
    assert (after.armed_seq, after.rolled_on, after.closed_at) == (before.armed_seq, before.rolled_on, None)
    assert said == ["remind-1"]
    assert now[:2] == ["remind-1", "escalate-1"]
    assert len(now) == len(set(now))
    office.does("lihua", "endorse", paper)
    assert office.desk.verify().problems == ()


def test_what_was_taken_back_before_this_rule_is_told_as_it_was(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.does("lihua", "endorse", paper)
    office.clock.forward(days=1)
    office.does("lihua", "take_back", paper)
    *before, back = office.history(paper)
    older = replace(back, data={name: said for name, said in back.data.items() if name != "take_back.clocks"})
    case = office.case(paper)
    definition = office.desk.definition_of(case.definition)
    start = blank(case.id, case.number, definition, case.bureau, case.section)

    told = replay(definition, start, (*before, older), office.desk.calendar_at).case

    assert [each.armed_seq for each in told.deadlines] == [older.seq]


def test_a_step_that_was_signed_for_stays_taken(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    office.does("lihua", "sign_for", paper)

    with pytest.raises(Refused) as refused:
        office.does("wangmin", "take_back", paper)

    assert names(refused) == ("signed",)


@pytest.mark.parametrize("person", ["lihua", "chenjing", "zhaoyun"])
def test_nobody_takes_back_the_step_of_somebody_else(office: Office, person: str) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)

    with pytest.raises((Denied, NotFound)):
        office.does(person, "take_back", paper)


def test_what_followed_a_step_keeps_it_from_being_taken_back(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    office.desk.edit(office.actor("lihua"), paper, data={"attribute": "proactive"})

    with pytest.raises(Refused) as refused:
        office.does("wangmin", "take_back", paper)

    assert "no_step" in names(refused)


def test_what_was_taken_back_can_be_taken_again_and_counts_for_nothing(office: Office) -> None:
    paper = office.at_the_office(attribute="proactive")
    office.does("lihua", "take_back", paper)

    assert "endorse" not in office.case(paper).trail
    office.does("lihua", "endorse", paper)
    assert office.case(paper).state == "office_check"


def test_a_number_that_was_given_is_not_taken_back(office: Office) -> None:
    paper = office.signed()
    office.does("zhaoyun", "number", paper, series="下财")

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "take_back", paper)

    assert "no_way_back" in names(refused)
    assert "已编号" in refused.value.reasons[-1].text.zh


def test_a_deputy_takes_back_what_was_done_for_the_same_post(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.does("lihua", "endorse", paper)
    office.desk.delegate(office.actor("admin"), "lihua", "wangmin", role="section_head")

    office.does("wangmin", "take_back", paper)

    assert office.case(paper).state == "section_review"
    assert office.history(paper)[-1].on_behalf_of == "lihua"


def test_a_paper_goes_to_another_section_and_its_clocks_run_on(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    before = office.case(paper)
    office.does("lihua", "sign_for", paper)

    office.does("lihua", "transfer", paper, comment="属国库科职责", section="国库科")

    after = office.case(paper)
    assert (after.section, after.state, after.deadlines) == ("国库科", before.state, before.deadlines)
    assert "由预算科转至国库科（李华）。属国库科职责" in office.told("heping")[-1]
    assert [each.id for each in office.desk.worklist(office.actor("heping")).cases] == [paper]
    assert office.desk.worklist(office.actor("lihua")).cases == ()
    with pytest.raises(NotFound):
        office.desk.case(office.actor("lihua"), paper)
    office.does("heping", "sign_for", paper)
    office.does("heping", "endorse", paper)
    assert office.desk.verify().problems == ()


@pytest.mark.parametrize("section", ["预算科", "资产科", None])
def test_a_paper_goes_to_no_section_that_is_none_or_the_same(office: Office, section: str | None) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)

    with pytest.raises(Refused) as refused:
        office.does("lihua", "transfer", paper, comment="转办", section=section)

    assert names(refused) == ("section",)


def test_a_paper_is_handed_on_with_a_reason_and_from_a_section_only(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)

    with pytest.raises(Refused) as unexplained:
        office.does("lihua", "transfer", paper, section="国库科")
    office.does("lihua", "endorse", paper)
    with pytest.raises(Refused) as with_the_office:
        office.does("zhaoyun", "transfer", paper, comment="转办", section="国库科")

    assert names(unexplained) == ("comment",)
    assert names(with_the_office) == ("state",)


def test_whoever_hands_a_paper_to_an_empty_section_is_warned(office: Office) -> None:
    office.desk.add_section(office.actor("admin"), "资产科")
    paper = office.draft()
    office.does("wangmin", "submit", paper)

    done = office.does("zhaoyun", "transfer", paper, comment="转办", section="资产科")

    assert [each.text.zh for each in done.said] == ["资产科现无科室负责人，转办后无人可办"]


def test_whoever_hands_a_paper_to_where_all_are_away_is_warned(office: Office) -> None:
    today = office.clock().date()
    office.desk.staffing.away(office.actor("admin"), "heping", today)
    paper = office.draft()
    office.does("wangmin", "submit", paper)

    done = office.does("zhaoyun", "transfer", paper, comment="转办", section="国库科")

    assert [each.text.en for each in done.said] == [
        "国库科 has no section head today: nobody there can take the case up"
    ]


def test_a_transfer_that_is_sent_again_is_answered_though_the_paper_is_out_of_sight(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    lihua, told = office.actor("lihua"), {"section": "国库科"}

    office.desk.fire(lihua, paper, "transfer", data=told, comment="转办", request_id="t-1")
    again = office.desk.fire(lihua, paper, "transfer", data=told, comment="转办", request_id="t-1")

    assert again.repeated
    with pytest.raises(NotFound):
        office.desk.fire(lihua, paper, "urge", request_id="t-1")
    with pytest.raises(NotFound):
        office.desk.fire(office.actor("wangmin"), paper, "transfer", data=told, comment="转办", request_id="t-1")


def test_a_colleague_of_the_same_post_takes_back_nothing_that_another_did(office: Office) -> None:
    admin = office.desk.actor("admin")
    office.desk.add_person(admin, "liuyi", "刘一", section="预算科")
    office.desk.appoint(admin, "liuyi", "drafter", section="预算科")
    paper = office.draft()
    office.does("wangmin", "submit", paper)

    with pytest.raises(Denied) as refused:
        office.does("liuyi", "take_back", paper)

    assert "办理上一步的人" in refused.value.reasons[0].text.zh


def test_how_long_another_section_took_is_not_ones_own_to_see(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    office.does("lihua", "sign_for", paper)

    assert len(office.desk.answers(office.actor("lihua")).receipts) == 1
    assert office.desk.answers(office.actor("heping")).receipts == ()
