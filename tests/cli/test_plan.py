"""What `plan` says of a request and a proposal: whose decisions it waits for, and which days stand still."""

from __future__ import annotations

import pytest

from tests.cli.calling import Type
from tests.cli.test_answers_of_the_law import BEGUN, fields

ASKED_ON, CONSULTED_ON = "2026-04-17T10:00", "2026-04-21T10:00"
LETTER = {
    "channel": "ems",
    "submitted_on": "2026-04-16",
    "signed_on": "2026-04-17",
    "receipt_proof": "EMS1100000000009",
    "applicant_name": "李明",
    "applicant_kind": "natural",
    "id_kind": "resident_id",
    "id_number": "11010519491231002X",
    "contact": "13900000000",
    "subject": "2025年采购合同",
    "form_wanted": "electronic",
}


def said(**data: str) -> list[str]:
    return [word for name, value in data.items() for word in ("--set", f"{name}={value}")]


@pytest.fixture
def request_in_hand(types: Type) -> str:
    number = types("start", "request", "--title", "采购合同", *said(**LETTER), now=ASKED_ON).out.strip()
    assert types("do", number, "take_up", now=ASKED_ON).code == 0
    return number


@pytest.fixture
def consulted(types: Type, request_in_hand: str) -> str:
    data = said(party="甲公司", question="是否同意公开", consulted_on="2026-04-21")
    assert types("do", request_in_hand, "consult_third_party", *data, now=CONSULTED_ON).code == 0
    return request_in_hand


def test_an_outcome_that_decides_the_way_is_left_to_be_decided(types: Type, request_in_hand: str) -> None:
    zh = types("plan", request_in_hand, "--to", "replied", now=ASKED_ON).out
    en = types("plan", request_in_hand, "--to", "replied", now=ASKED_ON, lang="en").out
    told = types("plan", request_in_hand, "--to", "replied", "--json", now=ASKED_ON).json

    assert "取决于 办理结果（outcome）：待定，定了才知道走哪条路" in zh
    assert "depends on outcome (outcome): it is to be decided, and decides the way" in en
    (outcome,) = (each for each in told["plan"]["stages"][0]["write"] if each["field"] == "outcome")
    assert (outcome["value"], outcome["depends"]) == (None, True)


def test_the_withdrawal_of_the_applicant_is_no_way_of_ours_to_the_archive(types: Type, consulted: str) -> None:
    told = types("plan", consulted, "--to", "archived", "--json", now=CONSULTED_ON).json
    ended = types("plan", consulted, "--to", "ended", now=CONSULTED_ON).out

    assert told["plan"]["stages"][0]["transition"] == "resume"
    assert "中途终止：当事人确已撤回，或者另有决定，才能办理" in ended
    assert "只登记已经发生的事（撤回申请日期）" in ended


def test_what_the_proposer_says_is_not_filled_in_for_them(types: Type) -> None:
    data = said(proposal_text="建议加强公开", assigning_body="npc", assigned_on="2026-03-02", received_on="2026-03-02")
    more = said(handling="single", lead_proposer="张三", public_interest="true")
    words = ("start", "proposal", "--title", "关于加强预算公开的建议", "--section", "预算科", *data, *more)
    number = types(*words, by="zhoujing").out.strip()

    told = types("plan", number, "--to", "published", by="zhoujing", lang="en").out

    assert "records only what has happened (day of the feedback)" in told
    assert "depends on satisfaction (satisfied): this is the way if it is “satisfied”" in told
    assert "depends on consent to publication (consent): this is the way if it is “consents”" in told
    assert "fill in copied to the assigning body (copied_assigner): yes" in told


def test_a_withdrawal_is_no_cure_for_a_reason_that_is_missing(types: Type, request_in_hand: str) -> None:
    data = said(outcome="d1", article="36-3", remedy="reconsider_first", reply_text="不予公开")

    refused = types("do", request_in_hand, "submit_reply", *data, now=ASKED_ON).err

    assert "用报送审核（submit_reply）办理" in refused
    assert "withdraw" not in refused


def test_a_clock_that_stands_still_shows_what_is_left_and_then_the_day_as_counted(types: Type, consulted: str) -> None:
    first, *others = types("plan", consulted, "--to", "replied", "--json", now=CONSULTED_ON).json["plan"]["stages"]
    en = types("plan", consulted, "--to", "replied", now=CONSULTED_ON, lang="en").out
    zh = types("plan", consulted, "--to", "replied", now=CONSULTED_ON).out

    assert [(each["id"], each["left"], each["left_in"]) for each in first["paused"]] == [("reply", 18, "working days")]
    days = {each["due_on"] for stage in others for each in stage["clocks"] if each["id"] == "reply"}
    assert days == {"2026-06-09"}  # 18 working days after the last day of the party, 14 May
    assert all(stage["by"]["rolled_on"] <= "2026-06-11" for stage in others)
    assert "reply: paused, 18 working days left" in en
    assert "答复期限：暂停，还有18个工作日" in zh
    assert "2026-05-19" not in en


def test_what_is_awaited_is_named_with_its_own_last_day(types: Type, consulted: str) -> None:
    zh = types("plan", consulted, "--to", "replied", now=CONSULTED_ON).out
    en = types("plan", consulted, "--to", "replied", now=CONSULTED_ON, lang="en").out

    assert "等 OPN-2026-00001（征求意见中），其最后一日 2026-05-14" in zh
    assert "waits for OPN-2026-00001 (asked), whose last day is 2026-05-14" in en


@pytest.fixture
def budget(types: Type) -> str:
    number = types("start", "budget", "--title", "2026年区级预算", by="wangmin").out.strip()
    assert types("edit", number, *said(kind="government_budget"), by="wangmin").code == 0
    return number


def test_a_limit_that_counts_from_a_day_still_to_be_filled_in_is_told_in_words(types: Type, budget: str) -> None:
    zh = types("plan", budget, "--to", "published", by="wangmin").out
    en = types("plan", budget, "--to", "published", by="wangmin", lang="en").out
    told = types("plan", budget, "--to", "published", "--json", by="wangmin").json["plan"]["stages"]

    assert "预决算公开期限：自批准（批复）日期起20日" in zh
    assert "publication: 20 calendar days from “day of approval”" in en
    assert "（预决算公开期限）" not in zh, "no day is promised for it"
    clocks = [each for stage in told for each in stage["clocks"] if each["id"] == "publication"]
    assert {each["due_on"] for each in clocks} == {None}
    assert {each["why"]["zh"] for each in clocks} == {"自批准（批复）日期起20日"}
    assert all(stage["by"] is None or stage["by"]["clock"] != "publication" for stage in told)


def test_what_begins_after_a_stage_without_a_known_last_day_has_none_either(types: Type, budget: str) -> None:
    told = types("plan", budget, "--to", "published", "--json", by="wangmin").json["plan"]["stages"]

    ends = {stage["transition"]: stage["by"] and stage["by"]["clock"] for stage in told}
    assert {*ends.values()} == {None}
    clocks = {each["id"]: each["why"]["zh"] for stage in told for each in stage["clocks"]}
    assert clocks["opening_below"] == "自批准（批复）日期起3个工作日"
    assert clocks["section"] == "2个工作日"


def test_a_day_that_is_filled_in_is_counted_from(types: Type, budget: str) -> None:
    data = said(approved_by="congress", approved_on="2026-03-01")
    assert types("do", budget, "record_approval", *data, by="wangmin").code == 0

    zh = types("plan", budget, "--to", "published", by="wangmin").out

    assert "最迟 2026-03-23（预决算公开期限；按期限计为 2026-03-21，遇休息日顺延）" in zh


def test_a_clock_is_not_shown_twice_with_two_days_when_its_first_day_is_yet_to_come(types: Type) -> None:
    number = types("start", "licence", "--title", "代理记账许可", by="wangmin").out.strip()

    zh = types("plan", number, "--to", "granted", by="wangmin").out
    edit, accept, *_ = types("plan", number, "--to", "granted", "--json", by="wangmin").json["plan"]["stages"]

    assert zh.count("（补正告知期限）") == 1
    assert "补正告知期限：自收到申请材料（补正材料）之日起5个工作日" in zh
    assert edit["by"]["clock"] == "completeness"
    assert accept["by"] is None
    assert [each["due_on"] for each in accept["clocks"] if each["id"] == "completeness"] == [None]


def test_a_way_by_a_step_comes_before_one_by_an_excuse(types: Type, budget: str) -> None:
    told = types("plan", budget, "--to", "published", "--json", by="wangmin").json["plan"]["stages"]

    assert "open_below" in [stage["transition"] for stage in told]
    assert "no_below" not in [each["field"] for stage in told for each in stage["write"]]


def test_a_day_that_is_over_is_not_asked_to_be_met_by_hurrying(types: Type) -> None:
    number = types("start", "request", "--title", "申请公开合同", *fields(BEGUN["request"])).out.strip()
    assert types("do", number, "take_up").code == 0

    told = types("plan", number, "--to", "replied", now="2026-05-20T10:00").out

    assert "2026-03-30 已逾期" in told
    assert "2026-03-30 已过" not in told
