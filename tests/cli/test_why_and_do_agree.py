"""`why` shows what `do` will ask for, and neither sends anybody to where nothing can be written."""

from __future__ import annotations

import pytest

from tests.cli.calling import Type
from tests.cli.test_plan import ASKED_ON, LETTER, said


@pytest.fixture
def drafted_reply(types: Type) -> str:
    number = types("start", "request", "--title", "采购合同", *said(**LETTER), now=ASKED_ON).out.strip()
    assert types("do", number, "take_up", now=ASKED_ON).code == 0
    return number


@pytest.fixture
def budget(types: Type) -> str:
    number = types("start", "budget", "--title", "2026年区级预算", by="wangmin").out.strip()
    assert types("edit", number, *said(kind="government_budget"), by="wangmin").code == 0
    return number


def test_a_step_that_is_open_says_what_its_form_must_hold_as_the_case_may_be(types: Type, drafted_reply: str) -> None:
    zh = types("why", drafted_reply, "submit_reply", now=ASKED_ON).out
    en = types("why", drafted_reply, "submit_reply", now=ASKED_ON, lang="en").out
    (option,) = types("why", drafted_reply, "submit_reply", "--json", now=ASKED_ON).json["options"]

    assert "✓ submit_reply" in zh
    (line,) = (each for each in _lines(zh) if each.startswith("须同时填写（视情况）："))
    for name in ("outcome", "reply_text", "article", "remedy"):
        assert f"--set {name}=" in line
    assert "reason_text" not in line, "whether it is asked for, the outcome says"
    assert "视所填内容，可能还有要求" in zh
    assert "to be filled in with it, as the case may be: " in en
    asked = {each["guard"] for each in option["with_it"]}
    refused = types("do", drafted_reply, "submit_reply", "--json", now=ASKED_ON).json["error"]["reasons"]
    assert asked == {each["guard"] for each in refused} == {"decided", "told_what", "told_why", "article_cited", "remedy_told"}  # fmt: skip


def test_an_opinion_on_a_licence_says_what_goes_with_it(types: Type) -> None:
    number = types("start", "licence", "--title", "代理记账许可", by="wangmin").out.strip()
    data = said(agency="某公司", agency_code="91110000000000000X", received_on="2026-03-02")
    assert types("edit", number, *data, by="wangmin").code == 0
    assert types("do", number, "accept", by="wangmin").code == 0

    zh = types("why", number, "submit_opinion", by="wangmin").out

    assert "✓ submit_opinion" in zh
    (line,) = (each for each in _lines(zh) if each.startswith("须同时填写（视情况）："))
    for name in ("proposal", "opinion_text", "verification"):
        assert f"--set {name}=" in line
    assert "refusal_reason" not in line


def test_a_refusal_asks_once_for_what_decides_the_rest_and_counts_all(types: Type, drafted_reply: str) -> None:
    zh = types("do", drafted_reply, "submit_reply", now=ASKED_ON).err
    en = types("do", drafted_reply, "submit_reply", now=ASKED_ON, lang="en").err
    told = types("do", drafted_reply, "submit_reply", "--json", now=ASKED_ON).json["error"]["reasons"]
    chosen = types("do", drafted_reply, "submit_reply", *said(outcome="d3"), now=ASKED_ON).err

    assert "有5项要求未满足" in zh
    assert "- 未予公开的答复须说明理由" not in zh
    assert "视所填内容，可能还有要求：未予公开的答复须说明理由" in zh
    assert "by what is filled in, more may be asked for: a reply that does not give everything needs its reason" in en
    assert {each["guard"]: each["hangs_on"] for each in told}["told_why"] == "decided"
    assert "- 未予公开的答复须说明理由" in chosen


def test_each_line_of_a_refusal_names_what_is_to_be_typed(types: Type, drafted_reply: str) -> None:
    refused = types("do", drafted_reply, "submit_reply", *said(outcome="d3"), now=ASKED_ON)
    told = types("do", drafted_reply, "submit_reply", *said(outcome="d3"), "--json", now=ASKED_ON).json

    for name in ("reply_text", "reason_text", "reason_kind", "article", "remedy"):
        assert f"→ --set {name}=" in refused.err
    fields = {each["guard"]: each["fields"] for each in told["error"]["reasons"]}
    assert fields["told_why"] == ["reason_text"]
    assert fields["reason_fits"] == ["reason_kind"]


@pytest.fixture
def unsent(types: Type, drafted_reply: str) -> str:
    reply = said(outcome="u2", article="38", reply_text="需要另行加工", reason_text="没有现成的信息，需要汇总加工",
                 remedy="reconsider_or_sue", remedy_body="区人民政府")  # fmt: skip
    assert types("do", drafted_reply, "submit_reply", *reply, by="sunli", now=ASKED_ON).code == 0
    assert types("do", drafted_reply, "approve", by="zhoujing", now=ASKED_ON).code == 0
    assert types("do", drafted_reply, "sign", by="chenguohua", now=ASKED_ON).code == 0
    return drafted_reply


def test_the_day_of_sending_is_named_before_and_after_it_is_missed(types: Type, unsent: str) -> None:
    why = types("why", unsent, "send", now=ASKED_ON).out
    refused = types("do", unsent, "send", *said(delivery="email"), now=ASKED_ON).err

    assert "✓ send" in why
    assert "--set sent_on=" in why
    assert "→ --set sent_on=" in refused
    assert "delivered_on" not in refused, "it is sent by e-mail"

    ahead = types("do", unsent, "send", *said(delivery="email", sent_on="2030-01-01"), now=ASKED_ON).err
    (line,) = (each for each in _lines(ahead) if "日期不得晚于今天" in each)
    assert "submitted_on" not in line, "that day is right"
    assert "→ --set sent_on=" in ahead


def test_a_hint_asks_for_nothing_that_another_rule_of_the_step_forbids(types: Type, drafted_reply: str) -> None:
    refused = types("do", drafted_reply, "charge", *said(fee_basis="by_item", month_items="10"), now=ASKED_ON).err

    assert "未超过免费件数" in refused
    assert "→ --set month_items=" in refused
    assert "pages" not in refused, "a fee goes by item or by page"


def test_a_step_whose_form_meets_the_guard_is_open_whatever_else_the_guard_reads(types: Type, budget: str) -> None:
    why = types("why", budget, "record_approval", by="wangmin").out
    refused = types("do", budget, "record_approval", *said(approved_on="2026-03-02"), by="wangmin").err
    done = types("do", budget, "record_approval", *said(approved_by="congress", approved_on="2026-03-02"), by="wangmin")

    assert "✓ record_approval" in why
    assert "--set approved_by=" in why
    assert "→ --set approved_by=" in refused
    assert "有2项要求未满足" in refused
    assert "视所填内容，可能还有要求：批准机关不符" in refused, "the wrong one is told only when one is chosen"
    assert "用修改（edit）" not in refused
    assert done.code == 0


def test_help_names_no_edit_of_what_cannot_be_edited_here(types: Type) -> None:
    number = types("start", "budget", "--title", "2026年区级预算", by="wangmin").out.strip()

    why = types("why", number, "record_approval", by="wangmin").out

    assert "✗ record_approval" in why
    (line,) = (each for each in _lines(why) if "批准机关不符" in each)
    assert "kind" in line
    assert "须同时填写：--set approved_by=" in why, "a step that is shut shows its form, too"


def test_why_says_which_of_two_reasons_holds_where_there_is_no_ground(types: Type, at_the_office: str) -> None:
    tagged = said(attribute="proactive", is_policy="false")
    number = types("start", "document", "--title", "关于下达资金的通知", *tagged, by="wangmin").out.strip()
    types("do", number, "submit", by="wangmin")
    types("do", number, "endorse", by="liuqiang")

    zh = types("why", number, "return_untagged", by="sunli").out
    en = types("why", number, "return_untagged", by="sunli", lang="en").out

    assert "没有办理“退文（未按规定标注）”的情形：应有的都已具备" in zh
    assert "nothing is lacking" in en
    assert "期限" not in zh
    assert "limit" not in en


def test_an_edit_that_is_refused_says_which_step_writes_the_field(types: Type, budget: str) -> None:
    refused = types("edit", budget, *said(approved_by="congress"), by="wangmin")

    later = types("edit", budget, *said(published_on="2026-03-02"), by="wangmin")

    assert refused.code == later.code == 4
    assert "用登记人大（常委会）批准（record_approval）办理" in refused.err
    assert "再办" in later.err


def test_an_edit_that_is_refused_says_who_could_and_where(types: Type, at_the_office: str) -> None:
    refused = types("edit", at_the_office, *said(attribute="proactive"), by="sunli")

    assert refused.code == 4
    assert "找：拟稿人（" in refused.err
    assert "再办" in refused.err


def test_what_another_must_mend_elsewhere_is_told_in_full_at_once(types: Type, at_the_office: str) -> None:
    refused = types("do", at_the_office, "accept", by="sunli").err

    assert "- 拟依申请公开或不予公开的须注明理由及理由种类" in refused
    assert "- 未标注公开属性（内容项：attribute；依据：报告 一(一)）" in refused


def _lines(told: str) -> list[str]:
    return [each.strip() for each in told.splitlines()]
