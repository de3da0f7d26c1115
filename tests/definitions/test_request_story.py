"""What many requests have in common, row by row: days of receipt, fees, the 21 outcomes; their stories are scenarios."""

from __future__ import annotations

from typing import Any

import pytest

from tests.definitions.requests import OUTCOMES, Counter, refused, reply_of
from workflow.case import Outcome
from workflow.errors import Conflict, Denied, Refused

NOTICE: dict[str, Any] = {"correction_items": "请写明文件名称", "correction_days": 15}
THIRD: dict[str, Any] = {"party": "某投标企业", "question": "是否同意公开报价构成"}


@pytest.fixture
def office(counter: Counter) -> Counter:
    return counter


# Receipt (条例 31).


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
def test_a_number_that_cannot_be_one_is_received_and_pointed_out(
    office: Counter, kind: str, number: str, fits: bool
) -> None:
    office.takes_in("counter", id_kind=kind, id_number=number)
    office.does("take_up")

    assert ("identity_fits" in refused(office, "submit_reply")) is not fits


def test_identity_is_masked_where_it_is_shown(office: Counter) -> None:
    office.takes_in("counter")

    shown = office.desk.case(office.desk.actor("audit"), office.case).to_json()["data"]

    assert isinstance(shown, dict)
    assert "11010519491231002X" not in shown.values()
    assert "李明" not in shown.values()


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

    office.does("charge", told_on="2026-04-01", **said)

    assert office.now.data["fee_due"] == fee
    assert office.due("payment") == "2026-04-30"


# The reply.


@pytest.mark.parametrize("outcome", [each for each, row in OUTCOMES.items() if "reply" in row])
def test_each_outcome_is_reached_and_counted_in_its_row(office: Counter, outcome: str) -> None:
    row = OUTCOMES[outcome]
    office.received("2026-03-02")
    if row.get("corrected"):
        office.does("ask_correction", correction_items="请写明文件名称", correction_days=10, told_on="2026-03-02")
        office.does("correct", corrected_on="2026-03-02")
    if row.get("reasons"):
        office.does("ask_reasons", comment="请说明大量申请的理由", reasons_days=5, told_on="2026-03-02")
        office.does("take_reasons", reasons_text="没有理由", reasons_view=row["reasons"])

    office.replies(outcome, **row["reply"])
    office.does("archive")

    (listed,) = office.desk.list_cases(office.desk.actor("audit"), kind="request")[0]
    assert (listed.state, listed.data["outcome"], listed.data["applicant_kind"]) == ("archived", outcome, "natural")
    facts = office.desk.definition("request").fields["outcome"].choices[outcome].facts
    assert facts["row"] == row["row"]


def test_there_are_twenty_one_outcomes_and_each_has_its_own_row(office: Counter) -> None:
    choices = office.desk.definition("request").fields["outcome"].choices

    assert set(choices) == set(OUTCOMES)
    assert len({each.facts["row"] for each in choices.values()}) == 21


@pytest.mark.parametrize("amount", ["2999.99", "3000.01", "0"])
def test_another_sum_is_not_the_fee(office: Counter, amount: str) -> None:
    office.received("2026-03-30")
    office.does("charge", told_on="2026-03-30", fee_basis="by_item", month_items=35)

    assert refused(office, "pay", paid_on="2026-03-30", paid_amount=amount) == ["paid_in_full"]


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
            office.does("ask_correction", **NOTICE, told_on="2026-03-02")
        case "reasons_wait":
            office.does("ask_reasons", comment="请说明理由", reasons_days=5, told_on="2026-03-02")
        case "fee_wait":
            office.does("charge", told_on="2026-03-02", fee_basis="by_item", month_items=35)
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


def test_a_reply_by_courier_is_not_a_way_of_delivery(office: Counter) -> None:
    ways = set(office.desk.definition("request").fields["delivery"].choices)

    assert ways == {"mail", "direct", "agency", "email", "web"}


def test_what_is_open_on_the_last_day_of_the_year_is_carried_over_without_an_outcome(office: Counter) -> None:
    office.received("2026-12-21")
    office.at("2027-01-04")

    (listed,) = office.desk.list_cases(office.desk.actor("audit"), kind="request")[0]

    assert listed.data["received_on"] == "2026-12-21"
    assert (listed.data["outcome"], listed.data["replied_on"]) == (None, None)
    assert office.clock("reply").deadline.provisional
    assert office.desk.sweep() is not None


# What a story cannot tell: the answer to who came too late, and what is found in a sub-case.


def test_who_is_behind_an_automatic_step_is_told_so_in_both_languages(office: Counter) -> None:
    office.takes_in()

    with pytest.raises(Conflict) as conflict:
        office.desk.fire(office.desk.actor("zhaoyun"), office.case, "take_up", expected_version=1)

    assert conflict.value.said.zh.startswith("系统已先行办理")
    assert conflict.value.said.en.startswith("the system acted first")


def test_what_is_split_off_after_contact_was_restored_is_received_on_that_day(office: Counter) -> None:
    office.at("2026-01-05")
    office.takes_in("registered", contact=None)
    office.does("set_aside", comment="信封未留联系方式")
    office.at("2026-06-01")
    office.does("reach", confirmed_on="2026-06-01", contact="13900000000")

    office.does("split", split_subject="2024年度决算报告")
    office.desk.sweep()

    part = office.child()
    assert (part.state, part.data["received_on"]) == ("received", office.now.data["received_on"])
    (reply,) = [each for each in part.deadlines if each.rule == "reply"]
    assert reply.rolled_on.isoformat() == office.due()
    for case in (office.case, part.id):  # what proves the day is not the day
        office.case = case
        office.does("redate", by="qianwei", comment="补录通话记录", receipt_proof="通话记录 2026-06-01")
        assert office.now.data["received_on"] == "2026-06-01"


def test_what_a_corrected_request_is_split_into_is_counted_from_the_corrected_text(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("ask_correction", correction_items="请明确年度", correction_days=15, told_on="2026-03-02")
    office.at("2026-03-16")
    office.does("correct", corrected_on="2026-03-16")

    office.does("split", split_subject="2024年度决算报告")
    office.desk.sweep()

    (reply,) = [each for each in office.child().deadlines if each.rule == "reply"]
    assert reply.rolled_on.isoformat() == office.due() == "2026-04-14"
    office.case = office.child().id
    assert refused(office, "redate", "qianwei", "补录凭证", receipt_proof="EMS 1234") == ["from_receipt"]


def test_who_stops_a_consultation_is_told_how_the_request_then_stands(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("take_up")
    office.does("consult_third_party", party="甲公司", question="是否同意公开", consulted_on="2026-03-02")
    office.at("2026-03-16")
    office.does("consult_third_party", party="乙公司", question="是否同意公开", consulted_on="2026-03-16")
    office.at("2026-03-30")
    office.desk.sweep()

    done = office.does("stop_consulting", comment="改为区分处理，不再征求")

    # With the second called off, the silence of the first is noted in the same commit.
    assert office.story()[-2:] == ["stop_consulting", "note_third_party_silence"]
    assert (done.case.case.version, done.case.case.data["third_party_view"]) == (office.now.version, "silent")


def test_no_reply_that_was_overdue_stands_still_unheard(office: Counter) -> None:
    office.received("2026-02-24")
    office.does("take_up")
    office.does("issue_to_third_party", **THIRD)
    office.at("2026-04-02")
    office.desk.sweep()

    office.desk.fire(
        office.desk.actor("zhaoyun"), office.child().id, "serve", data={"served_on": "2026-03-20"}, comment="EMS 1234"
    )

    assert office.state == "consulting"
    for head in ("qianwei", "zhouju"):
        told = [each.text.zh for each in office.desk.worklist(office.desk.actor(head)).notices]
        assert told[-1].endswith("“答复期限”已逾期（最后一日 2026-03-23），自 2026-03-20 起暂停计时，不再逾期。")


def test_those_above_hear_of_a_pause_that_is_corrected(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("take_up")
    office.does("issue_to_third_party", **THIRD)
    office.at("2026-03-05")
    letter, clerk, head = office.child().id, office.desk.actor("zhaoyun"), office.desk.actor("qianwei")
    office.desk.fire(clerk, letter, "serve", data={"served_on": "2026-03-04"}, comment="EMS 1234")
    office.at("2026-03-18")
    office.desk.fire(head, letter, "redate", data={"served_on": "2026-03-16"}, comment="邮局回执：实为3月16日签收")
    office.desk.fire(clerk, letter, "record_answer", data={"answered_on": "2026-03-18", "answer": "no_objection"})

    assert (office.state, office.due()) == ("drafting", "2026-04-01")
    told = [each.text.zh for each in office.desk.worklist(office.desk.actor("zhouju")).notices]
    assert any("“答复期限”的暂停由自 2026-03-04 起改为自 2026-03-16 起" in each for each in told)
    assert office.desk.verify().problems == ()


def test_what_is_to_be_answered_anew_was_not_withdrawn_before_that_was_ordered(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("withdraw", comment="申请人来电撤回", withdrawn_on="2026-03-02")
    office.does("open_reconsideration", review_notice_on="2026-03-02", review_procedure="ordinary")
    office.does("record_reconsideration", review_result="corrected")
    office.at("2026-04-10")
    office.does("redo", redo_from="2026-04-10", redo_days=10)

    assert refused(office, "withdraw", comment="撤回", withdrawn_on="2026-04-01") == ["withdrawn_in_order"]
    office.does("withdraw", comment="撤回", withdrawn_on="2026-04-10")


def test_a_plan_names_no_clock_that_counts_from_what_does_not_happen(office: Counter) -> None:
    office.received("2026-03-02")

    stages = office.desk.plan(office.desk.actor("audit"), office.case, "replied").stages

    assert "reply" in {rule.name for each in stages for rule, _ in each.clocks}
    assert "redo" not in {rule.name for each in stages for rule, _ in each.clocks}


def test_an_entry_that_was_completed_late_is_late_although_its_request_came_in_time(office: Counter) -> None:
    office.at("2026-03-02")
    office.takes_in(subject=None)
    office.at("2026-04-15")
    office.desk.edit(office.desk.actor("zhaoyun"), office.case, data={"subject": "2025年度部门预算批复"})

    completed = office.ended("completion")
    assert (completed.outcome, completed.closed_at) == (Outcome.LATE, office.now.changed_at)
    assert office.due() == "2026-03-30"  # the law counts from the signing all the same


def test_archiving_ends_no_day_before_it_began_where_a_letter_came_late(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("ask_correction", correction_items="请写明年度", correction_days=10, told_on="2026-03-02")
    office.at("2026-03-17")
    office.desk.sweep()
    office.does("take_late_correction", by="qianwei", comment="邮件在途", corrected_on="2026-03-16")

    archiving = office.ended("archiving")
    assert (archiving.outcome, archiving.closed_at) == (Outcome.MET, office.now.changed_at)
    assert office.due() == "2026-04-14"


def test_a_day_that_the_steps_write_themselves_is_refused_once_and_sends_nobody_elsewhere(office: Counter) -> None:
    office.at("2026-03-02")
    office.takes_in("web", receipt_proof="")

    with pytest.raises(Refused) as refusal:
        office.does("confirm", received_on="2026-03-01")

    (said,) = (each for each in refusal.value.reasons if each.name == "received_on")
    assert (said.kind, said.who) == ("role", ())
    assert said.text.zh == "“收到申请之日”由本步骤自行写入，不能随它填写；请去掉这一项再办理"


def test_whoever_may_not_write_the_day_of_receipt_is_told_who_redates_it(office: Counter) -> None:
    office.received("2026-03-02")

    with pytest.raises(Denied) as refusal:
        office.desk.edit(office.desk.actor("zhaoyun"), office.case, data={"received_on": "2026-03-01"}, comment="更正")

    (said,) = (each for each in refusal.value.reasons if each.name == "received_on")
    assert [(each.role, each.by) for each in said.who] == [("office_head", "redate")]


def test_what_a_form_asks_anew_closes_no_step_by_what_stands_there(office: Counter) -> None:
    office.received("2026-03-02")
    office.does("take_up")
    office.consults("silent")
    third_party = office.now.children[-1].id

    offered = office.desk.options(office.desk.actor("zhaoyun"), third_party)

    assert {"timely_answer", "timely_objection"} <= {each.transition for each in offered if each.allowed}
