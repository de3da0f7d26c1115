"""The rarer ways of a request: neighbours of the law's days, what came in time and was recorded late, others' silence, disputes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.definitions.requests import OUTCOMES, Counter, refused, reply_of
from workflow.errors import Denied, Invalid, Refused

CALENDARS = Path(__file__).parents[1] / "law" / "calendars"
NOTICE: dict[str, Any] = {"correction_items": "请写明文件名称", "correction_days": 15}
THIRD: dict[str, Any] = {"party": "某投标企业", "question": "是否同意公开报价构成"}
AGENCY: dict[str, Any] = {"party": "区住建局", "question": "是否同意公开联合发文底稿"}


@pytest.fixture
def office(counter: Counter) -> Counter:
    return counter


def drafting(office: Counter, day: str, **data: Any) -> None:
    office.received(day, **data)
    office.does("take_up")


# Receipt.


def test_mail_that_was_signed_for_is_never_late_to_be_confirmed(office: Counter) -> None:
    office.at("2026-03-09")
    office.takes_in("ems", submitted_on="2026-03-03", signed_on="2026-03-06")

    ended = {each.rule.name: str(each.deadline.outcome) for each in closed(office)}

    assert office.now.data["received_on"] == "2026-03-06"
    assert ended == {"completion": "met"}
    assert office.due("examination") == "2026-03-13"


def closed(office: Counter) -> list[Any]:
    clocks = office.desk.clocks(office.desk.actor("audit"), office.case)
    return [each for each in clocks if each.deadline.closed_at]


@pytest.mark.parametrize(("confirmed", "outcome"), [("2026-03-06", "met"), ("2026-03-09", "late")])
def test_ordinary_post_is_confirmed_on_the_day_on_which_it_comes_and_is_warned_of_afterwards(
    office: Counter, confirmed: str, outcome: str
) -> None:
    office.at("2026-03-06T09:00")
    office.takes_in("post")
    office.at(f"{confirmed}T16:00")

    done = office.does("confirm", confirmed_on=confirmed)

    ended = {each.rule.name: str(each.deadline.outcome) for each in closed(office)}
    assert ended["post_confirmation"] == outcome
    assert [each.name for each in done.warnings] == ([] if outcome == "met" else ["same_day"])
    assert office.now.data["received_on"] == confirmed


def test_a_confirmation_that_is_written_down_a_day_later_was_in_time(office: Counter) -> None:
    office.at("2026-03-05T09:00")
    office.takes_in("fax")
    office.at("2026-03-09T09:00")

    office.does("confirm", confirmed_on="2026-03-06")

    assert {each.rule.name: str(each.deadline.outcome) for each in closed(office)} == {"confirmation": "met"}
    assert office.due() == "2026-04-03"


@pytest.mark.parametrize(
    ("submitted", "confirmed", "received"),
    [
        ("2019-05-14", None, "2019-05-14"),
        ("2019-05-15", None, None),
        ("2019-05-15", "2019-05-16", "2019-05-16"),
    ],
)
def test_the_day_on_which_an_email_is_received_changed_with_the_law(
    office: Counter, submitted: str, confirmed: str | None, received: str | None
) -> None:
    office.at("2019-05-16")

    office.takes_in("email", submitted_on=submitted, confirmed_on=confirmed)

    assert office.now.data.get("received_on") == received


def test_a_request_without_identity_proof_is_received_with_a_warning_and_nothing_is_given_on_it(
    office: Counter,
) -> None:
    office.takes_in("counter", id_kind=None, id_number=None)
    assert office.state == "received"
    office.does("take_up")

    assert refused(office, "submit_reply", **reply_of("granted")) == ["identity_shown"]

    office.does("submit_reply", **reply_of("granted"), id_kind="passport", id_number="E12345678")
    assert office.state == "reply_review"


def test_what_is_split_off_is_received_on_the_same_day(office: Counter) -> None:
    office.at("2026-03-04")
    office.takes_in("ems", submitted_on="2026-03-01", signed_on="2026-03-02")

    office.does("split", split_subject="2024年度决算报告")
    office.desk.sweep()

    part = office.child()
    assert (part.kind, part.state, part.parent) == ("request", "received", office.case)
    assert (part.data["subject"], part.data["received_on"]) == ("2024年度决算报告", "2026-03-02")
    (reply,) = [each for each in part.deadlines if each.rule == "reply"]
    assert reply.rolled_on == date(2026, 3, 30)


def test_a_mail_to_the_consulting_box_becomes_a_request_when_it_comes_by_a_channel(office: Counter) -> None:
    office.at("2026-03-02")
    office.takes_in("consult_mailbox")
    office.at("2026-03-05")
    assert refused(office, "reach", confirmed_on="2026-03-05") == ["on_channel"]

    office.does("reach", confirmed_on="2026-03-05", channel="web")

    assert (office.state, office.now.data["received_on"]) == ("received", "2026-03-05")


def test_only_the_head_drops_what_is_no_request(office: Counter) -> None:
    office.takes_in("web", subject=None)
    with pytest.raises(Denied):
        office.does("drop", comment="广告邮件")

    office.does("drop", by="qianwei", comment="广告邮件，不是申请")

    assert office.state == "not_received"


def test_the_same_subject_is_named_even_from_another_applicant(office: Counter) -> None:
    office.takes_in("counter")

    other = office.takes_in("counter", id_kind="passport", id_number="E12345678", applicant_name="John Smith")

    assert [each.name for each in other.warnings] == ["same_subject"]


# Correction (M2 3).


@pytest.mark.parametrize("day", ["2025-02-08", "2025-02-10"])
def test_a_notice_up_to_the_seventh_working_day_is_in_time(office: Counter, day: str) -> None:
    office.received("2025-01-24")
    office.at(f"{day}T23:59")

    office.does("ask_correction", **NOTICE, correction_told_on=day)

    assert office.state == "correction_wait"
    assert office.clock("reply").deadline.paused


def test_what_a_section_finds_unclear_is_asked_within_the_same_seven_days(office: Counter) -> None:
    drafting(office, "2025-01-24")
    office.at("2025-02-10")
    office.does("reexamine", comment="预算科反映指向不明")

    office.does("ask_correction", **NOTICE, correction_told_on="2025-02-10")

    assert office.state == "correction_wait"


def test_the_corrected_text_counts_on_the_last_day_and_not_after_it(office: Counter) -> None:
    office.received("2025-01-24")
    office.at("2025-02-08")
    office.does("ask_correction", **NOTICE, correction_told_on="2025-02-08")
    office.at("2025-02-28T23:59")

    office.does("correct", corrected_on="2025-02-28")

    assert office.due() == "2025-03-28"


def test_who_was_late_with_good_reason_has_not_abandoned(office: Counter) -> None:
    office.received("2025-01-24")
    office.at("2025-02-08")
    office.does("ask_correction", **NOTICE, correction_told_on="2025-02-08")
    office.at("2025-03-01T00:01")
    office.desk.sweep()
    office.at("2025-03-05")
    with pytest.raises(Denied):
        office.does("take_late_correction", comment="住院治疗", corrected_on="2025-03-04")

    office.does("take_late_correction", by="qianwei", comment="住院治疗，有正当理由", corrected_on="2025-03-04")

    assert (office.state, "outcome" in office.now.data) == ("received", False)
    assert office.due() == "2025-04-01"
    assert "correction_once" in refused(office, "ask_correction", **NOTICE, correction_told_on="2025-03-05")


def test_nothing_is_unclear_after_correction_that_was_not_corrected(office: Counter) -> None:
    drafting(office, "2026-03-02")

    assert refused(office, "submit_reply", **reply_of("u3")) == ["corrected_first"]


# Extension (M2 1).


def test_an_extension_that_is_dated_back_is_late_all_the_same(office: Counter) -> None:
    drafting(office, "2026-02-13")
    office.at("2026-03-20")

    unmet = refused(
        office,
        "extend",
        "qianwei",
        extension_days=20,
        extension_reason="涉及多个科室",
        extension_told_on="2026-03-18",
    )

    assert unmet == ["in_time"]


def test_an_extension_without_telling_the_applicant_is_none(office: Counter) -> None:
    drafting(office, "2026-02-13")

    assert "extension_told_on" in refused(office, "extend", "qianwei", extension_days=20, extension_reason="资料较多")


def test_an_extension_is_not_longer_than_the_law_allows(office: Counter) -> None:
    drafting(office, "2026-02-13")

    with pytest.raises(Invalid) as fault:
        office.does(
            "extend", by="qianwei", extension_days=21, extension_reason="资料较多", extension_told_on="2026-02-13"
        )

    assert [each.field for each in fault.value.problems] == ["extension_days"]


# Others are asked.


def test_two_are_asked_and_the_clock_goes_on_with_the_later_answer(office: Counter) -> None:
    drafting(office, "2026-03-02")
    office.at("2026-03-04")
    office.does("consult_third_party", **THIRD, consulted_on="2026-03-04")
    office.does("consult_agency", **AGENCY, consulted_on="2026-03-04")
    office.at("2026-03-06")
    office.hears("2026-03-06", "agrees", place=1)
    assert office.state == "consulting"
    office.at("2026-03-12")

    office.hears("2026-03-11", "objects", place=0)

    # 03-05 to 03-11, the day of the later answer, are not counted: five working days after 03-30.
    assert (office.state, office.now.data["resumed_on"], office.due()) == ("drafting", "2026-03-11", "2026-04-07")
    office.does("record_third_party_view", third_party_view="objects")
    office.does("record_agency_view", agency_view="agrees")


def test_a_second_consultation_stops_the_clock_once_more(office: Counter) -> None:
    drafting(office, "2026-03-02")
    office.does("consult_third_party", **THIRD, consulted_on="2026-03-02")
    office.at("2026-03-04")
    office.hears("2026-03-04", "agrees")
    assert office.due() == "2026-04-01"
    office.at("2026-03-09")
    office.does("consult_third_party", **{**THIRD, "party": "另一企业"}, consulted_on="2026-03-09")
    office.at("2026-03-12")

    office.hears("2026-03-12", "objects")

    assert office.due() == "2026-04-07"


@pytest.mark.parametrize(
    ("answered", "recorded", "state"),
    [("2026-03-23", "2026-03-23", "answered"), ("2026-03-23", "2026-03-24", "lapsed")],
)
def test_an_answer_on_the_fifteenth_working_day_is_in_time(
    office: Counter, answered: str, recorded: str, state: str
) -> None:
    drafting(office, "2026-03-02")
    office.does("consult_third_party", **THIRD, consulted_on="2026-03-02")
    office.at(f"{recorded}T09:00")
    office.desk.sweep()
    assert (office.child().state == "lapsed") == (state == "lapsed")

    if state == "answered":
        office.hears(answered, "objects")
    else:
        with pytest.raises(Refused):
            office.hears(answered, "objects")
        office.desk.fire(
            office.desk.actor("zhaoyun"),
            office.child().id,
            "timely_answer",
            comment="期限内寄达，次日登记",
            data={"answer": "objects", "answered_on": answered, "opinion_text": "属于商业秘密"},
        )

    assert office.child().state == "answered"
    assert (office.state, office.due()) == ("drafting", "2026-04-21")
    office.does("record_third_party_view", third_party_view="objects")
    assert office.now.data["third_party_view"] == "objects"


def test_the_office_decides_where_a_third_party_is_silent_and_may_give_or_withhold(office: Counter) -> None:
    drafting(office, "2026-03-02")
    office.consults("silent")

    office.does("submit_reply", **reply_of("granted"))
    office.does("return_reply", by="qianwei", comment="请再斟酌第三方权益")
    office.does("submit_reply", **reply_of("d4"))

    assert office.state == "reply_review"


def test_what_a_third_party_consents_to_is_not_withheld_for_its_sake(office: Counter) -> None:
    drafting(office, "2026-03-02")
    office.consults("consents")

    assert refused(office, "submit_reply", **reply_of("d4")) == ["consent_binds"]


def test_a_third_partys_good_objection_yields_to_the_public_interest_only_with_words_and_notice(
    office: Counter,
) -> None:
    drafting(office, "2026-03-02")
    office.consults("objects")
    assert refused(office, "submit_reply", **reply_of("granted")) == ["override_explained"]

    office.does(
        "submit_reply",
        **reply_of("granted"),
        override_text="涉及重大食品安全，不公开将严重影响公众健康",
        third_party_told_on="2026-03-02",
    )

    assert office.state == "reply_review"


def test_nobody_can_be_said_to_be_silent_who_was_never_asked(office: Counter) -> None:
    drafting(office, "2026-03-02")

    assert refused(office, "note_third_party_silence") == ["third_party_lapsed"]
    assert refused(office, "record_third_party_view", third_party_view="silent") == [
        "third_party_spoke",
        "third_party_said",
    ]
    assert refused(office, "submit_reply", **reply_of("d4")) == ["third_party_heard"]


def test_a_third_party_whom_no_letter_reaches_is_weighed_all_the_same(office: Counter) -> None:
    drafting(office, "2026-03-02")
    office.does("consult_third_party", **THIRD, consulted_on="2026-03-02")
    office.at("2026-03-06")
    office.does("stop_consulting", comment="邮件退回，原址查无此单位")
    assert office.child().state == "cancelled"
    # Four working days, 03-03 to 03-06, were not counted.
    assert office.due() == "2026-04-03"

    office.does("note_third_party_unreachable", comment="邮件退回，原址查无此单位")
    office.does("submit_reply", **reply_of("d4"))

    assert office.state == "reply_review"


def test_what_was_made_jointly_is_not_answered_before_the_agency_was_heard(office: Counter) -> None:
    drafting(office, "2026-03-02", is_joint=True)
    assert refused(office, "submit_reply", **reply_of("granted")) == ["agency_heard"]
    office.does("consult_agency", **AGENCY, consulted_on="2026-03-02")
    office.at("2026-03-04")
    office.hears("2026-03-04", "objects")
    office.does("record_agency_view", agency_view="objects")

    office.does("submit_reply", **reply_of("granted"))

    assert office.state == "reply_review"


def test_a_section_that_is_not_waited_for_is_told_so(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("assign", enquiry_section="预算科", question="请提供2025年度预算批复")

    office.does("stop_asking", comment="综合科已提供")

    assert (office.state, office.child().state) == ("drafting", "cancelled")
    assert office.child().section == "预算科"


# Fees (M2 5).


def test_a_fee_that_was_paid_on_the_last_day_and_recorded_after_it_is_no_fee_unpaid(office: Counter) -> None:
    office.received("2026-03-30")
    office.at("2026-04-01")
    office.does("charge", fee_notice_on="2026-04-01", fee_basis="by_item", month_items=35)
    office.at("2026-05-06")
    office.desk.sweep()
    assert (office.state, office.now.data["fee_last_on"]) == ("ended", "2026-04-30")
    late = refused(office, "take_late_payment", "qianwei", "银行对账", paid_on="2026-05-01", paid_amount="3000")
    assert late == ["paid_before_lapse"]

    office.does("take_late_payment", by="qianwei", comment="银行对账", paid_on="2026-04-30", paid_amount="3000")

    assert (office.state, "outcome" in office.now.data) == ("drafting", False)
    assert office.due() == "2026-06-01"


@pytest.mark.parametrize("amount", ["2999.99", "3000.01", "0"])
def test_another_sum_is_not_the_fee(office: Counter, amount: str) -> None:
    office.received("2026-03-30")
    office.does("charge", fee_notice_on="2026-03-30", fee_basis="by_item", month_items=35)

    assert refused(office, "pay", paid_on="2026-03-30", paid_amount=amount) == ["paid_in_full"]


def test_a_fee_notice_that_is_taken_back_never_stopped_the_clock(office: Counter) -> None:
    office.received("2026-03-02")
    due = office.due()
    office.does("charge", fee_notice_on="2026-03-02", fee_basis="by_page", pages=101)
    assert office.clock("reply").deadline.paused
    office.at("2026-03-12")

    office.does("waive_fee", by="qianwei", comment="页数计算有误，低于收费标准")

    assert (office.state, office.due()) == ("drafting", due)
    assert office.now.data.get("fee_due") is None


# Too many (条例 35).


def test_a_good_reason_for_many_requests_gets_a_day_of_its_own(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("ask_reasons", comment="本月第60件，请说明理由", reasons_days=5)
    assert not office.clock("reply").deadline.paused
    office.at("2026-03-05")
    office.does("take_reasons", reasons_text="学位论文研究所需", reasons_view="reasonable")
    assert refused(office, "submit_reply", **reply_of("n4")) == ["reasons_heard"]

    office.does(
        "defer", by="qianwei", deferral_days=40, deferral_told_on="2026-03-05", deferral_reason="数量大，逐件检索"
    )

    assert office.due("deferred_reply") == "2026-05-06"
    assert {each.rule for each in office.now.deadlines if not each.closed_at} == {"deferred_reply", "drafting"}


def test_who_gives_no_reasons_in_time_gave_none(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("ask_reasons", comment="本月第60件，请说明理由", reasons_days=5)
    office.at("2026-03-10T00:01")

    office.desk.sweep()

    assert (office.state, office.now.data["reasons_view"]) == ("drafting", "silent")
    office.does("submit_reply", **reply_of("n4"))


# Withdrawn with work in progress.


@pytest.mark.parametrize(
    "state",
    [
        "received",
        "correction_wait",
        "reasons_wait",
        "fee_wait",
        "drafting",
        "consulting",
        "reply_review",
        "signing",
        "sending",
    ],
)
def test_a_request_can_be_withdrawn_until_its_reply_is_sent(office: Counter, state: str) -> None:
    office.received("2026-03-02")
    match state:
        case "correction_wait":
            office.does("ask_correction", **NOTICE, correction_told_on="2026-03-02")
        case "reasons_wait":
            office.does("ask_reasons", comment="请说明理由", reasons_days=5)
        case "fee_wait":
            office.does("charge", fee_notice_on="2026-03-02", fee_basis="by_item", month_items=35)
        case "received":
            pass
        case _:
            office.does("take_up")
    if state == "consulting":
        office.does("consult_third_party", **THIRD, consulted_on="2026-03-02")
    if state in ("reply_review", "signing", "sending"):
        office.does("submit_reply", **reply_of("d6"))
    if state in ("signing", "sending"):
        office.does("approve", by="qianwei")
    if state == "sending":
        office.does("sign", by="zhouju")
    assert office.state == state

    office.does("withdraw", comment="申请人书面撤回", withdrawn_on="2026-03-02")

    assert (office.state, office.now.data["outcome"], office.now.data["replied_on"]) == ("ended", "o3", "2026-03-02")
    assert all(each.closed_at for each in office.now.children)
    assert all(each.closed_at or each.rule == "archiving" for each in office.now.deadlines)


# The reply leaves.


def test_what_is_changed_after_its_clearance_is_cleared_again(office: Counter) -> None:
    drafting(office, "2026-03-02")
    office.signs("granted", **OUTCOMES["granted"]["reply"])
    office.does("return_reply", comment="附件有误")

    office.does("submit_reply", reply_text="更正后的答复内容。")
    assert refused(office, "approve", "qianwei") == ["if"]
    office.does("approve_for_secrecy", by="qianwei")

    assert office.state == "secrecy_review"
    assert "secrecy_ok" not in office.now.data


def test_a_reply_that_is_handed_over_is_given_when_it_is_signed_for(office: Counter) -> None:
    office.received("2026-02-13")
    office.at("2026-03-19")
    office.signs("granted", **OUTCOMES["granted"]["reply"])
    assert refused(office, "send", delivery="direct", sent_on="2026-03-19") == ["delivery_dated"]
    office.at("2026-03-20")

    office.does("send", delivery="direct", delivered_on="2026-03-20")

    (reply,) = [each for each in closed(office) if each.rule.name == "reply"]
    assert (str(reply.deadline.outcome), reply.deadline.late_days) == ("late", 1)


def test_a_reply_by_courier_is_not_a_way_of_delivery(office: Counter) -> None:
    ways = set(office.desk.definition("request").fields["delivery"].choices)

    assert ways == {"mail", "direct", "agency", "email", "web"}


@pytest.mark.parametrize(
    ("signed", "remedy"), [("2023-12-29", "reconsider_or_sue"), ("2024-01-02", "reconsider_first")]
)
def test_the_remedy_goes_by_the_day_on_which_the_letter_is_signed(office: Counter, signed: str, remedy: str) -> None:
    other = {"reconsider_or_sue": "reconsider_first", "reconsider_first": "reconsider_or_sue"}[remedy]
    drafting(office, "2023-12-11")
    office.at(signed)
    office.does("submit_reply", **{**reply_of("d6"), "remedy": other})
    assert refused(office, "approve", "qianwei") == ["remedy_right"]
    office.does("return_reply", by="qianwei", comment="救济途径有误")

    office.does("submit_reply", remedy=remedy)
    office.does("approve", by="qianwei")

    assert office.state == "signing"


def test_a_letter_that_was_examined_last_year_does_not_leave_with_last_years_remedy(office: Counter) -> None:
    drafting(office, "2023-12-11")
    office.at("2023-12-29")
    office.does("submit_reply", **{**reply_of("d6"), "remedy": "reconsider_or_sue"})
    office.does("approve", by="qianwei")
    office.at("2024-01-02")

    office.does("sign", by="zhouju")

    # The day of the letter is the day of its signature: what was right in December no longer is.
    assert refused(office, "send", delivery="mail", sent_on="2024-01-02") == ["remedy_right"]
    office.does("return_reply", comment="跨年，救济途径须更新")
    office.does("submit_reply", remedy="reconsider_first")

    assert office.state == "reply_review"


# Disputes.


def test_a_suit_after_reconsideration_waits_for_its_result(office: Counter) -> None:
    office.received("2026-03-02")
    office.replies("d6", **OUTCOMES["d6"]["reply"])
    office.does("open_reconsideration", review_notice_on="2026-03-02")
    assert refused(office, "open_suit_after", review_notice_on="2026-03-02")[0] == "state"
    office.does("record_reconsideration", review_result="upheld")

    office.does("open_suit_after", review_notice_on="2026-03-02")
    assert refused(office, "archive") == ["state", "no_dispute"]
    office.does("record_suit_after", review_result="corrected")
    office.does("archive")

    assert office.now.data["reconsideration"] == "upheld"
    assert office.now.data["suit_after"] == "corrected"
    assert office.state == "archived"


def test_a_dispute_opens_a_file_that_was_closed(office: Counter) -> None:
    office.received("2026-03-02")
    office.replies("granted", **OUTCOMES["granted"]["reply"])
    office.does("archive")

    office.does("open_direct_suit", review_notice_on="2026-03-02")

    assert office.state == "disputed"
    assert refused(office, "archive") == ["state", "no_dispute"]


def test_who_got_no_reply_in_time_disputes_that_while_the_request_goes_on(office: Counter) -> None:
    drafting(office, "2026-02-13")
    office.at("2026-03-30")
    office.does("note_reconsideration", review_notice_on="2026-03-30")
    assert office.state == "drafting"
    office.replies("granted", **OUTCOMES["granted"]["reply"])
    assert refused(office, "archive") == ["no_dispute"]

    office.does("record_reconsideration", review_result="corrected")
    office.does("archive")

    (listed,) = office.desk.list_cases(office.desk.actor("audit"), kind="request")[0]
    assert (listed.data["outcome"], listed.data["reconsideration"]) == ("granted", "corrected")


def test_a_reply_that_was_set_aside_is_given_anew_in_the_time_that_was_ordered(office: Counter) -> None:
    office.received("2026-03-02")
    office.replies("d6", **OUTCOMES["d6"]["reply"])
    office.does("open_reconsideration", review_notice_on="2026-03-02")
    office.at("2026-04-20")
    office.does("record_reconsideration", review_result="corrected")

    office.does("redo", redo_from="2026-04-17", redo_days=15)

    assert office.due("redo") == "2026-05-12"  # 05-09 is worked
    assert {each.rule for each in office.now.deadlines if not each.closed_at} == {"redo", "drafting"}
    assert "decided" in refused(office, "submit_reply", reply_text="经复议，重新答复如下。")
    office.at("2026-05-08")
    office.replies("granted", **OUTCOMES["granted"]["reply"])
    office.does("archive")
    (listed,) = office.desk.list_cases(office.desk.actor("audit"), kind="request")[0]
    assert (listed.data["outcome"], listed.data["replied_on"]) == ("granted", "2026-05-08")
    assert (listed.data["first_outcome"], listed.data["first_replied_on"]) == ("d6", "2026-03-02")
    assert refused(office, "redo", redo_from="2026-05-08", redo_days=15) == ["if"]


# The year ends (M2 7).


def test_what_is_open_on_the_last_day_of_the_year_is_carried_over_without_an_outcome(office: Counter) -> None:
    office.received("2026-12-21")
    office.at("2027-01-04")

    (listed,) = office.desk.list_cases(office.desk.actor("audit"), kind="request")[0]

    assert listed.data["received_on"] == "2026-12-21"
    assert (listed.data["outcome"], listed.data["replied_on"]) == (None, None)
    assert office.clock("reply").deadline.provisional
    assert office.desk.sweep() is not None


def test_what_is_not_corrected_by_the_last_of_december_ends_in_the_new_year(office: Counter) -> None:
    office.received("2026-12-01")
    office.does(
        "ask_correction", correction_items="请写明文件名称", correction_days=22, correction_told_on="2026-12-01"
    )
    assert office.due("correction_reply") == "2026-12-31"
    office.at("2026-12-31T23:59")
    office.desk.sweep()
    assert office.state == "correction_wait"
    office.at("2027-01-01T00:01")

    office.desk.sweep()

    assert (office.now.data["outcome"], office.now.data["replied_on"]) == ("o1", "2027-01-01")


# A calendar that is amended while a request is open (M2 9).


def test_an_amended_calendar_moves_the_date_on_and_says_so(office: Counter) -> None:
    admin = office.desk.actor("admin")
    office.at("2020-01-09")
    first = (CALENDARS / "2020-first-notice.yaml").read_text("utf-8")
    office.desk.import_calendar(admin, first, "2020-first.yaml")
    office.received("2020-01-10")
    assert office.due() == "2020-02-12"
    office.at("2020-01-27")
    amended = first.split("holidays:")[0].replace("2019〕16", "2020〕1") + (
        "holidays:\n  - {name: 春节, off: 2020-01-31..2020-02-02}\n"
    )

    office.desk.import_calendar(admin, amended, "2020-amended.yaml")

    assert office.due() == "2020-02-14"
    assert office.story()[-1] == "recompute"
