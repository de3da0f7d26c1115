"""`why` names whom it can be asked of, and shows a step as open that what is filled in with it makes possible."""

from __future__ import annotations

import pytest

from tests.cli.calling import Type


def said(**data: str) -> list[str]:
    return [word for name, value in data.items() for word in ("--set", f"{name}={value}")]


def test_a_recall_is_asked_of_the_author_and_of_no_other_drafter(types: Type) -> None:
    number = types("start", "document", "--title", "关于印发预算绩效管理办法的通知", by="wangmin").out.strip()
    types("do", number, "submit", by="wangmin")

    (recall,) = types("why", number, "recall", "--json", by="liuqiang").json["options"]
    zh = types("why", number, "recall", by="liuqiang").out
    other = types("do", number, "recall", by="lixiang").err

    assert {name for reason in recall["reasons"] for who in reason["who"] for name in who["people"]} == {"王敏"}
    assert "李想" not in zh
    assert "拟稿人（王敏）" in other


def test_whoever_took_part_is_not_named_as_one_who_could_sign(types: Type) -> None:
    number = types(
        "start", "document", "--title", "关于下达资金的通知", *said(attribute="proactive", origin="own", is_policy="false"),
        by="wangmin",
    ).out.strip()  # fmt: skip
    types("do", number, "submit", by="wangmin")
    types("do", number, "endorse", by="linfang")
    types("do", number, "accept", by="zhoujing")
    types("do", number, "clear", by="xuzheng")

    (sign,) = types("why", number, "sign", "--json", by="linfang").json["options"]

    (reason,) = (each for each in sign["reasons"] if each["guard"] == "not_reviewer")
    assert [who["people"] for who in reason["who"]] == [["陈国华", "赵启明"]]


@pytest.fixture
def replied_proposal(types: Type) -> str:
    data = said(proposal_text="建议加强公开", assigning_body="npc", assigned_on="2026-03-02", received_on="2026-03-02")
    more = said(handling="single", lead_proposer="张三", public_interest="true")
    words = ("start", "proposal", "--title", "关于加强预算公开的建议", "--section", "预算科", *data, *more)
    number = types(*words, by="zhoujing").out.strip()
    types("do", number, "accept", by="zhoujing")
    types("edit", number, *said(reply_text="答复如下", mark="A", publish_form="full"), by="wangmin")
    types("do", number, "submit", by="wangmin")
    types("do", number, "endorse", by="liuqiang")
    types("do", number, "check", by="zhoujing")
    types("do", number, "clear", *said(secret_part="none"), by="xuzheng")
    types("do", number, "sign", *said(studied_on="2026-03-02"), by="chenguohua")
    sent = said(
        series="下财", replied_on="2026-03-02", form_enclosed="true", copied_assigner="true", copied_government="true"
    )
    assert types("do", number, "reply", *sent, by="zhoujing").code == 0
    return number


@pytest.mark.parametrize("step", ["record_refusal", "record_agreement", "record_dissatisfaction"])
def test_a_step_that_its_own_form_makes_possible_is_open_and_says_what_to_fill_in(
    types: Type, replied_proposal: str, step: str
) -> None:
    (option,) = types("why", replied_proposal, step, "--json", by="zhoujing").json["options"]
    zh = types("why", replied_proposal, step, by="zhoujing").out
    en = types("why", replied_proposal, step, by="zhoujing", lang="en").out

    assert option["allowed"]
    assert f"✓ {step}" in zh
    assert "填写后须满足：" in zh
    assert "what is filled in must make it so that" in en
    assert "--set feedback_on=" in zh


def test_a_step_that_no_form_makes_possible_stays_shut(types: Type, replied_proposal: str) -> None:
    (option,) = types("why", replied_proposal, "record_refusal_and_track", "--json", by="zhoujing").json["options"]

    assert not option["allowed"]  # its mark is A
    assert [each["guard"] for each in option["reasons"]] == ["if"]
