"""Explaining why a case was late, as it is typed and read."""

from __future__ import annotations

import pytest

from tests.cli.calling import Call, Type

#: The sample's paper that was signed and still lies unpublished when its last day has gone by.
LATE = "DOC-2026-00002"


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "法定时限均未逾期，无须说明逾期原因"), ("en", "no statutory clock is late: there is nothing to explain")],
)
def test_what_is_in_time_needs_no_explanation_and_that_is_said(types: Type, lang: str, said: str) -> None:
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin").out.strip()
    words = ("--set", "cause=人员不足", "--set", "section=外部")

    refused = types("do", number, "explain_lateness", *words, by="wangmin", lang=lang)

    assert refused.code == 3
    assert said in refused.err


@pytest.mark.parametrize(
    ("lang", "unsaid", "late", "said", "heading", "where"),
    [
        ("zh", "尚未说明：“主动公开时限”逾期", "逾期 33 个工作日", "内部流转延误（外部），周静", "近 30 天逾期原因", "外部"),
        ("en", "not yet explained: “proactive publication”", "is late by 33 working day(s)", "delayed on its way through the house (outside), 周静", "Causes of lateness, over 30 days", "outside"),
    ],
)  # fmt: skip
def test_a_late_paper_is_explained_as_it_is_typed_and_then_published(
    types: Type, lang: str, unsaid: str, late: str, said: str, heading: str, where: str
) -> None:
    def typed(*words: str) -> Call:
        return types(*words, by="zhoujing", now="2026-04-20T10:00", lang=lang)

    before = typed("show", LATE)
    refused = typed("do", LATE, "publish")
    told = typed("do", LATE, "explain_lateness", "--set", "逾期原因=内部流转延误", "--set", "科室=外部")
    after = typed("show", LATE)
    published = typed("do", LATE, "publish")
    history = typed("history", LATE)
    board = typed("board")

    assert (refused.code, told.code, published.code) == (3, 0, 0), told.said
    assert unsaid in before.out
    assert late in refused.err
    assert f"gongkai do {LATE} explain_lateness" in refused.err
    assert said in after.out
    assert said.partition("，" if lang == "zh" else ",")[0] in history.out
    assert heading in board.out
    assert where in board.out.partition(heading)[2]


def test_programs_are_told_the_cause_and_what_is_owed(types: Type) -> None:
    moment = "2026-04-20T10:00"
    owed = types("show", LATE, "--json", by="zhoujing", now=moment).json["lateness"]
    words = ("--set", "cause=staff", "--set", "section=国库科", "--comment", "两人请假")
    types("do", LATE, "explain_lateness", *words, by="zhoujing", now=moment)

    said = types("show", LATE, "--json", by="zhoujing", now=moment).json["lateness"]
    board = types("board", "--json", by="zhoujing", now=moment).json["board"]

    assert (owed["cause"], owed["owed"][0]["late_days"]) == (None, 33)
    assert (said["cause"], said["section"], said["comment"], said["owed"]) == ("staff", "国库科", "两人请假", [])
    assert [(each["section"], each["cause"], each["count"]) for each in board["causes"]] == [("国库科", "staff", 1)]
    assert board["unexplained"] == []


def test_what_is_not_said_is_asked_for_with_all_that_may_be_said(types: Type) -> None:
    refused = types("do", LATE, "explain_lateness", by="zhoujing", now="2026-04-20T10:00")

    assert refused.code == 3
    assert "handover（内部流转延误）" in refused.err
    assert "预算科、外部" in refused.err
