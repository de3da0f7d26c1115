"""What a step does to a date is told before it is taken and when it is taken, to people and to programs alike."""

from __future__ import annotations

import pytest

from tests.cli.calling import Type
from tests.cli.test_answers_of_the_law import BEGUN, fields

CONSULT = (
    "consult_third_party",
    *fields({"party": "某公司", "question": "是否同意公开", "consulted_on": "2026-03-04"}),
)
EXTEND = (
    "extend",
    *fields({"extension_days": "20", "extension_reason": "需要汇总多年数据"}),
)
ASKED, HEARD = "2026-03-04T10:00", "2026-03-09T10:00"


@pytest.fixture
def request_(types: Type) -> str:
    """A request that the Office is answering; its number."""
    number = types("start", "request", "--title", "申请公开合同", *fields(BEGUN["request"])).out.strip()
    assert types("do", number, "take_up").code == 0
    return number


def test_programs_are_told_before_a_step_which_clock_it_stops(types: Type, request_: str) -> None:
    told = types("do", request_, *CONSULT, "--dry-run", "--json", now=ASKED).json

    (moved,) = told["moved"]
    assert (moved["id"], moved["from"]["paused"], moved["to"]["paused"]) == ("reply", False, True)
    assert moved["from"]["rolled_on"] == "2026-03-30"
    assert types("show", request_, "--json", now=ASKED).json["case"]["state"] == "drafting"


def test_a_step_that_moves_no_date_says_of_none_that_it_moves(types: Type, request_: str) -> None:
    told = types(
        "do",
        request_,
        "ask_section",
        *fields({"enquiry_section": "预算科", "question": "请提供合同"}),
        "--dry-run",
        "--json",
    ).json

    assert told["moved"] == []


def test_a_clock_that_stands_still_counts_the_days_of_its_pause_from_the_first(types: Type, request_: str) -> None:
    assert types("do", request_, *CONSULT, now=ASKED).code == 0

    days = {now: types("show", request_, "--json", now=now).json["case"]["deadlines"] for now in (ASKED, HEARD)}
    paused = {now: next(each for each in clocks if each["paused"]) for now, clocks in days.items()}

    assert [(each["id"], each["paused_days"], each["left"]) for each in paused.values()] == [
        ("reply", 1, 18),
        ("reply", 6, 18),
    ]
    assert "暂停：2026-03-04 起第 6 天" in types("show", request_, now=HEARD).out


@pytest.mark.parametrize(("lang", "said"), [("zh", "已延长，另行计算"), ("en", "extended: another took its place")])
def test_a_clock_that_was_extended_is_not_said_to_have_been_kept_or_missed(
    types: Type, request_: str, lang: str, said: str
) -> None:
    extended = types("do", request_, *EXTEND, "--json", by="zhoujing", now="2026-03-05T10:00")

    assert [each["to"]["rolled_on"] for each in extended.json["moved"]] == ["2026-04-28"]
    assert said in types("show", request_, now="2026-03-05T10:00", lang=lang).out


def test_a_clock_of_hours_is_shown_with_its_hour_wherever_it_stands(types: Type) -> None:
    """国办发〔2016〕80号, 61号: five hours for the first word; the day alone does not say that two of them are left."""
    begun = ["--section", "预算科", *fields({"matter": "多个平台转发，称补贴三个月未发", "found_in": "网络监测"})]
    number = types("start", "public_response", "--title", "网传补贴被挪用", *begun, now="2026-03-24T11:00").out.strip()
    assert types("do", number, "grade", *fields({"grade": "major"}), now="2026-03-24T11:30").code == 0

    for words in (["show", number], ["list"], ["todo"]):
        assert "2026-03-24 16:00 今日" in types(*words, by="liuqiang", now="2026-03-24T14:00").out
    assert types("sweep", by=None, now="2026-03-24T17:30").code == 0

    assert "首次发布时限已于 2026-03-24 16:00 届满" in types("todo", by="chenguohua", now="2026-03-24T17:30").out
    assert "最后一日 2026-03-24 16:00" in types("history", number, now="2026-03-24T17:30").out


def test_a_pause_says_with_which_step_the_clock_begins_anew(types: Type) -> None:
    """条例 30: the time for the reply counts from the corrected text, nothing of the old one is left."""
    number = types("start", "request", "--title", "申请公开合同", *fields(BEGUN["request"])).out.strip()
    asked = fields({"correction_items": "请写明文件的名称", "correction_days": "10"})
    assert types("do", number, "ask_correction", *asked).code == 0

    assert "；收到补正材料、补正告知退回后恢复联系（注明凭证）后重新起算" in types("show", number).out
