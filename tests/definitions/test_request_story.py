"""Information requests through the desk with a set clock: LAW 12 M2 with its neighbours, and the law's answer to bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.definitions.requests import OUTCOMES, Counter, refused, reply_of
from workflow.errors import Denied, Invalid


@pytest.fixture
def office(counter: Counter) -> Counter:
    return counter


# Receipt (条例 31).


def test_one_command_takes_a_request_in_and_starts_the_clock_of_the_law(office: Counter) -> None:
    office.at("2026-02-13")

    done = office.takes_in("ems")

    assert (done.case.case.state, done.case.case.data["received_on"]) == ("received", "2026-02-13")
    assert office.due() == "2026-03-19"


@pytest.mark.parametrize(
    ("signed", "due"),
    [
        ("2026-02-12", "2026-03-18"),
        ("2026-02-13", "2026-03-19"),
        ("2026-02-14", "2026-03-20"),  # the make-up Saturday
        ("2026-02-15", "2026-03-20"),
        ("2026-02-18", "2026-03-20"),
        ("2026-02-23", "2026-03-20"),
        ("2026-02-24", "2026-03-23"),
        ("2019-05-10", "2019-05-31"),  # 15 working days, by the version of 2008
        ("2019-05-14", "2019-06-04"),
        ("2019-05-15", "2019-06-13"),  # 20 from that day on
        ("2026-12-21", "2027-01-19"),
    ],
)
def test_a_reply_is_due_twenty_working_days_after_the_signing(office: Counter, signed: str, due: str) -> None:
    office.received(signed)

    assert office.due() == due
    assert office.clock("reply").deadline.provisional == (due > "2027")


def test_what_is_carried_out_of_the_year_is_marked_provisional(office: Counter) -> None:
    office.received("2026-12-21")

    assert office.clock("reply").deadline.provisional
    assert "2027" in office.clock("reply").derivation.text.en


@pytest.mark.parametrize(
    ("channel", "days", "received"),
    [
        ("counter", {"submitted_on": "2026-03-02"}, "2026-03-02"),
        ("phone_help", {"submitted_on": "2026-03-02"}, "2026-03-02"),
        ("registered", {"submitted_on": "2026-02-27", "signed_on": "2026-03-02"}, "2026-03-02"),
        ("post", {"submitted_on": "2026-03-02", "confirmed_on": "2026-03-02"}, "2026-03-02"),
        ("web", {"submitted_on": "2026-02-27", "confirmed_on": "2026-03-02"}, "2026-03-02"),
        ("fax", {"submitted_on": "2026-02-27", "confirmed_on": "2026-03-02"}, "2026-03-02"),
        ("email", {"submitted_on": "2026-02-27", "confirmed_on": "2026-03-02"}, "2026-03-02"),
    ],
)
def test_the_day_of_receipt_goes_by_the_channel(
    office: Counter, channel: str, days: dict[str, Any], received: str
) -> None:
    office.takes_in(channel, **days)

    assert office.now.data["received_on"] == received


def test_an_email_under_the_old_law_is_received_when_the_system_has_it(office: Counter) -> None:
    office.at("2019-05-13")

    office.takes_in("email", submitted_on="2019-05-10")

    assert (office.now.data["received_on"], office.due()) == ("2019-05-10", "2019-05-31")


def test_a_form_on_the_web_is_not_received_until_both_confirm_and_the_office_is_told_after_a_day(
    office: Counter,
) -> None:
    office.at("2026-03-06T20:00")
    office.takes_in("web")
    assert (office.state, "received_on" in office.now.data) == ("submitted", False)
    office.at("2026-03-10")
    office.desk.sweep()
    assert any("逾期" in each.text.zh for each in office.desk.worklist(office.desk.actor("qianwei")).notices)

    office.does("confirm", confirmed_on="2026-03-10")

    assert (office.state, office.now.data["received_on"], office.due()) == ("received", "2026-03-10", "2026-04-08")


def test_a_mail_to_the_consulting_box_is_told_where_to_go(office: Counter) -> None:
    office.takes_in("consult_mailbox")

    assert office.state == "not_received"
    assert office.story() == ["start", "turn_away"]


def test_an_anonymous_letter_is_not_received_and_can_be_set_aside_until_contact_is_restored(office: Counter) -> None:
    office.at("2026-03-02")
    office.takes_in("post", applicant_name=None, contact=None)
    assert refused(office, "confirm", confirmed_on="2026-03-02") == ["named", "contactable"]
    office.does("set_aside", comment="来信未署名，没有联系方式")
    office.at("2026-03-16")

    office.does("reach", confirmed_on="2026-03-16", applicant_name="李明", contact="13900000000")

    assert (office.state, office.due()) == ("received", "2026-04-14")


@pytest.mark.parametrize(
    ("kind", "number", "fits"),
    [
        ("resident_id", "11010519491231002X", True),
        ("resident_id", "110105194912310021", False),
        ("resident_id", "110105194913310029", False),
        ("passport", "E12345678", True),  # a foreigner may ask as well
        ("uscc", "91110000600037341L", True),
        ("uscc", "91110000600037341X", False),
    ],
)
def test_a_number_that_cannot_be_one_is_not_registered(office: Counter, kind: str, number: str, fits: bool) -> None:
    office.takes_in("counter", id_kind=kind, id_number=number)

    assert office.state == ("received" if fits else "submitted")
    if not fits:
        assert refused(office, "register") == ["identity_fits"]


def test_the_office_alone_takes_requests_in(office: Counter) -> None:
    with pytest.raises(Denied):
        office.desk.start(office.desk.actor("lihua"), "request", title="申请", section="预算科")


def test_several_contents_become_several_requests_and_the_same_applicant_is_named(office: Counter) -> None:
    office.takes_in("counter")

    office.does("split", split_subject="2024年度决算")
    again = office.takes_in("counter", subject="2023年度决算")

    other = office.desk.list_cases(office.desk.actor("audit"), kind="request")[0]
    assert {each.number for each in other} == {"REQ-2026-00001", "REQ-2026-00002", "REQ-2026-00003"}
    assert [each.name for each in again.warnings] == ["same_applicant"]
    assert "REQ-2026-00001" in again.warnings[0].text.zh


def test_identity_is_masked_where_it_is_shown(office: Counter) -> None:
    office.takes_in("counter")

    shown = office.desk.case(office.desk.actor("audit"), office.case).to_json()["data"]

    assert isinstance(shown, dict)
    assert "11010519491231002X" not in shown.values()
    assert "李明" not in shown.values()


# Correction (条例 30).


def test_a_correction_restarts_the_clock_from_the_corrected_text(office: Counter) -> None:
    office.received("2025-01-24")
    assert office.due("correction") == "2025-02-10"
    office.at("2025-02-08")
    office.does(
        "ask_correction", correction_items="请写明文件名称", correction_days=15, correction_told_on="2025-02-08"
    )
    assert office.due("correction_reply") == "2025-02-28"
    office.at("2025-02-20")

    office.does("correct", corrected_on="2025-02-20")

    assert office.due() == "2025-03-20"
    assert "correction_once" in refused(
        office, "ask_correction", correction_items="再次补正", correction_days=10, correction_told_on="2025-02-20"
    )


def test_a_notice_on_the_eighth_working_day_is_too_late(office: Counter) -> None:
    office.received("2025-01-24")
    office.at("2025-02-11")

    unmet = refused(
        office, "ask_correction", correction_items="请写明文件名称", correction_days=15, correction_told_on="2025-02-11"
    )

    assert "correction_in_time" in unmet


def test_what_is_not_corrected_in_time_is_taken_as_abandoned(office: Counter) -> None:
    office.received("2025-01-24")
    office.at("2025-02-08")
    office.does(
        "ask_correction", correction_items="请写明文件名称", correction_days=15, correction_told_on="2025-02-08"
    )
    office.at("2025-02-28T23:59")
    office.desk.sweep()
    assert office.state == "correction_wait"
    office.at("2025-03-01T00:01")

    office.desk.sweep()

    assert (office.state, office.now.data["outcome"]) == ("ended", "o1")


# Extension (条例 33).


def test_an_extension_is_counted_from_the_same_receipt(office: Counter) -> None:
    office.received("2026-02-13")
    office.at("2026-03-18")

    office.does(
        "extend",
        by="qianwei",
        extension_days=20,
        extension_reason="涉及多个科室的资料",
        extension_told_on="2026-03-18",
    )

    assert office.due() == "2026-04-17"
    assert "extended_once" in refused(
        office, "extend", "qianwei", extension_days=5, extension_reason="再次延长", extension_told_on="2026-03-18"
    )


@pytest.mark.parametrize(("day", "late"), [("2026-03-19", False), ("2026-03-20", True)])
def test_an_extension_a_day_late_is_refused(office: Counter, day: str, late: bool) -> None:
    office.received("2026-02-13")
    office.does("take_up")
    office.at(day)
    said: dict[str, Any] = {"extension_days": 20, "extension_reason": "涉及多个科室", "extension_told_on": day}

    if late:
        assert refused(office, "extend", "qianwei", **said) == ["in_time"]
    else:
        office.does("extend", by="qianwei", **said)
        assert office.due() == "2026-04-17"


def test_only_the_head_of_the_office_extends(office: Counter) -> None:
    office.received("2026-02-13")

    with pytest.raises(Denied):
        office.does("extend", extension_days=20, extension_reason="资料较多", extension_told_on="2026-02-13")


def test_under_the_old_law_fifteen_days_are_the_most(office: Counter) -> None:
    office.received("2019-05-10")
    said: dict[str, Any] = {"extension_reason": "涉及多个科室", "extension_told_on": "2019-05-10"}

    assert refused(office, "extend", "qianwei", extension_days=16, **said) == ["extension_lawful"]
    office.does("extend", by="qianwei", extension_days=15, **said)

    assert office.due() == "2019-06-24"


# Others are asked (条例 32-34).


def test_the_time_in_which_a_third_party_is_asked_is_not_counted(office: Counter) -> None:
    office.received("2026-03-02")  # due 2026-03-30
    office.does("take_up")
    office.at("2026-03-04")
    office.does("consult_third_party", party="某企业", question="是否同意公开报价", consulted_on="2026-03-04")
    clock = office.clock("reply")
    assert clock.deadline.paused
    assert clock.left is not None
    assert clock.left.count == 18
    office.at("2026-03-11")
    office.desk.fire(
        office.desk.actor("zhaoyun"),
        office.now.children[0].id,
        "record_answer",
        data={"answer": "objects", "answered_on": "2026-03-11", "opinion_text": "属于商业秘密"},
    )

    # 03-05 to 03-11 are not counted: five working days.
    assert (office.state, office.due()) == ("drafting", "2026-04-07")


def test_a_silent_third_party_leaves_it_to_the_office_and_a_silent_agency_agrees(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("take_up")
    office.does("consult_third_party", party="某企业", question="是否同意公开", consulted_on="2026-03-02")
    office.does("consult_agency", party="区住建局", question="是否同意公开", consulted_on="2026-03-02")
    office.at("2026-03-23T23:59")
    office.desk.sweep()
    assert office.state == "consulting"
    office.at("2026-03-24T00:01")  # 15 working days after 03-02 ended with 03-23

    office.desk.sweep()

    assert office.state == "drafting"
    assert (office.now.data["third_party_view"], office.now.data["agency_view"]) == ("silent", "silent")
    assert [each.state for each in office.now.children] == ["lapsed", "lapsed"]


def test_who_objected_is_not_recorded_as_silent(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("take_up")
    office.consults("objects")

    assert refused(office, "record_third_party_view", third_party_view="silent") == ["third_party_said"]
    assert office.now.data["third_party_view"] == "objects"


def test_that_no_reasons_came_is_not_said_while_they_may_still_come(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("ask_reasons", comment="请说明大量申请的理由", reasons_days=5)

    assert refused(office, "take_reasons", reasons_text="尚未收到", reasons_view="silent") == ["reasons_said"]


def test_an_answer_after_the_limit_is_kept_and_changes_nothing(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("take_up")
    office.consults("silent")
    child = office.now.children[0].id
    due = office.due()

    office.desk.fire(
        office.desk.actor("zhaoyun"), child, "late_answer", data={"late_on": "2026-03-24", "late_text": "不同意公开"}
    )

    assert office.desk.case(office.desk.actor("audit"), child).case.state == "lapsed"
    assert (office.due(), office.now.data["third_party_view"]) == (due, "silent")


def test_a_section_is_asked_by_a_sub_case_of_its_own_and_the_reply_waits_for_it(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("assign", enquiry_section="预算科", question="请提供2025年度预算批复")
    assert [each.kind for each in office.desk.worklist(office.desk.actor("lihua")).cases] == ["opinion"]
    office.does("take_up")

    unmet = refused(office, "submit_reply", **reply_of("granted"))

    assert unmet == ["sections_answered"]


# Fees (109号).


@pytest.mark.parametrize(
    ("said", "fee"),
    [
        ({"fee_basis": "by_item", "month_items": 35}, "3000.00"),
        ({"fee_basis": "by_item", "month_items": 41}, "4300.00"),
        ({"fee_basis": "by_item", "month_items": 45}, "5500.00"),
        ({"fee_basis": "by_item", "month_items": 11}, "100.00"),
        ({"fee_basis": "by_page", "pages": 101}, "720.00"),
        ({"fee_basis": "by_page", "pages": 250}, "4700.00"),
    ],
)
def test_a_fee_rises_by_item_or_by_page(office: Counter, said: dict[str, Any], fee: str) -> None:
    office.received("2026-03-30")
    office.at("2026-04-01")

    office.does("charge", fee_notice_on="2026-04-01", **said)

    assert office.now.data["fee_due"] == fee
    assert office.due("payment") == "2026-04-30"


def test_a_payment_restarts_the_clock_and_another_sum_does_not(office: Counter) -> None:
    office.received("2026-03-30")
    office.at("2026-04-01")
    office.does("charge", fee_notice_on="2026-04-01", fee_basis="by_item", month_items=35)
    office.at("2026-04-22")
    assert refused(office, "pay", paid_on="2026-04-22", paid_amount="300") == ["paid_in_full"]

    office.does("pay", paid_on="2026-04-22", paid_amount="3000")

    assert office.due() == "2026-05-22"


def test_what_is_paid_is_not_charged_again(office: Counter) -> None:
    office.received("2026-03-30")
    office.does("charge", fee_notice_on="2026-03-30", fee_basis="by_item", month_items=35)
    office.does("pay", paid_on="2026-03-30", paid_amount="3000")

    assert refused(office, "charge", fee_notice_on="2026-03-30", fee_basis="by_item", month_items=35) == ["unpaid"]


def test_what_is_not_paid_is_taken_as_abandoned(office: Counter) -> None:
    office.received("2026-03-30")
    office.at("2026-04-01")
    office.does("charge", fee_notice_on="2026-04-01", fee_basis="by_item", month_items=35)
    office.at("2026-05-01T00:01")

    office.desk.sweep()

    assert (office.state, office.now.data["outcome"]) == ("ended", "o2")


def test_nothing_is_charged_both_by_item_and_by_page_nor_below_the_free_part(office: Counter) -> None:
    office.received("2026-03-30")

    both = refused(office, "charge", fee_notice_on="2026-03-30", fee_basis="by_item", month_items=35, pages=40)
    free = refused(office, "charge", fee_notice_on="2026-03-30", fee_basis="by_page", pages=30)

    assert both == ["one_tariff"]
    assert free == ["above_free"]


# The reply.


@pytest.mark.parametrize("outcome", [each for each, row in OUTCOMES.items() if "reply" in row])
def test_each_outcome_is_reached_and_counted_in_its_row(office: Counter, outcome: str) -> None:
    row = OUTCOMES[outcome]
    office.received("2026-03-02")
    if row.get("corrected"):
        office.does(
            "ask_correction", correction_items="请写明文件名称", correction_days=10, correction_told_on="2026-03-02"
        )
        office.does("correct", corrected_on="2026-03-02")
    if row.get("reasons"):
        office.does("ask_reasons", comment="请说明大量申请的理由", reasons_days=5)
        office.does("take_reasons", reasons_text="没有理由", reasons_view=row["reasons"])

    office.replies(outcome, **row["reply"])
    office.does("archive")

    (listed,) = office.desk.list_cases(office.desk.actor("audit"), kind="request")[0]
    assert (listed.state, listed.data["outcome"], listed.data["applicant_kind"]) == ("archived", outcome, "natural")
    facts = office.desk.definition("request").fields["outcome"].choices[outcome].facts
    assert facts["row"] == row["row"]


def test_a_withdrawal_calls_off_the_work_in_progress_and_counts_as_other(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("assign", enquiry_section="预算科", question="请提供2025年度预算批复")
    office.does("take_up")
    office.does("consult_third_party", party="某企业", question="是否同意公开", consulted_on="2026-03-02")

    office.does("withdraw", comment="申请人来电撤回", withdrawn_on="2026-03-02")

    assert (office.state, office.now.data["outcome"]) == ("ended", "o3")
    assert [each.state for each in office.now.children] == ["cancelled", "cancelled"]


def test_there_are_twenty_one_outcomes_and_each_has_its_own_row(office: Counter) -> None:
    choices = office.desk.definition("request").fields["outcome"].choices

    assert set(choices) == set(OUTCOMES)
    assert len({each.facts["row"] for each in choices.values()}) == 21


def test_a_reply_without_its_compulsory_parts_does_not_leave(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("take_up")

    unmet = refused(office, "submit_reply", outcome="d6", reason_kind="E16-2b")

    assert unmet == ["told_what", "told_why", "article_cited", "balanced", "remedy_told"]


def test_a_refusal_says_that_reconsideration_comes_first(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("take_up")
    office.does("submit_reply", **{**reply_of("d6"), "remedy": "reconsider_or_sue"})

    assert refused(office, "approve", "qianwei") == ["remedy_right"]


def test_before_2024_one_could_sue_at_once(office: Counter) -> None:
    office.received("2023-11-01")
    office.does("take_up")
    office.does("submit_reply", **{**reply_of("d6"), "remedy": "reconsider_or_sue"})

    office.does("approve", by="qianwei")

    assert office.state == "signing"


def test_a_dispute_keeps_the_file_open(office: Counter) -> None:
    office.received("2026-03-02")
    office.replies("d6", **OUTCOMES["d6"]["reply"])
    office.does("open_reconsideration", review_notice_on="2026-03-02")
    assert refused(office, "archive") == ["state", "no_dispute"]

    office.does("record_reconsideration", review_result="upheld")
    office.does("archive")

    (listed,) = office.desk.list_cases(office.desk.actor("audit"), kind="request")[0]
    assert listed.data["reconsideration"] == "upheld"


def test_a_reply_by_post_is_given_on_the_day_of_posting(office: Counter) -> None:
    office.received("2026-02-13")
    office.at("2026-03-19")
    office.signs("granted", **OUTCOMES["granted"]["reply"])
    office.at("2026-03-20")
    office.does("send", delivery="mail", sent_on="2026-03-19")

    ended = [each for each in office.desk.clocks(office.desk.actor("audit"), office.case) if each.rule.name == "reply"]

    assert office.now.data["replied_on"] == "2026-03-19"
    assert [str(each.deadline.outcome) for each in ended] == ["met"]


def test_whoever_drafts_a_reply_does_not_review_it(office: Counter) -> None:
    admin = office.desk.actor("admin")
    office.desk.appoint(admin, "zhaoyun", "office_head")
    office.received("2026-03-02")
    office.does("take_up")
    office.does("submit_reply", **reply_of("d6"))

    assert refused(office, "approve") == ["not_drafter"]


def test_a_day_that_lies_ahead_is_refused_once(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("take_up")

    unmet = refused(office, "consult_third_party", party="某企业", question="是否同意", consulted_on="2026-03-03")

    assert unmet == ["consulted_on"]


def test_an_amended_calendar_moves_an_open_date_with_an_event(office: Counter) -> None:
    office.received("2020-01-10")
    with_first_notice = Path(__file__).parents[1] / "law" / "calendars" / "2020-first-notice.yaml"
    admin = office.desk.actor("admin")
    assert office.due() == "2020-02-14"

    office.at("2020-01-11")
    office.desk.import_calendar(admin, with_first_notice.read_text("utf-8"), "2020.yaml")

    assert office.due() == "2020-02-12"
    assert office.story()[-1] == "recompute"


def test_an_unknown_section_is_not_asked(office: Counter) -> None:
    office.received("2026-03-02")

    with pytest.raises(Invalid):
        office.does("assign", enquiry_section="外星科", question="请提供资料")
