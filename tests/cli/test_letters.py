"""`gongkai letter`: what a clerk types to see which letters there are, and to write one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document

from tests.cli.calling import Type

LANGUAGES = ("zh", "en")
RETURNED = "DOC-2026-00008"
SIGNED = "DOC-2026-00002"


@pytest.fixture
def request_case(types: Type) -> str:
    """A request that waits for its reply."""
    typed = types(
        "start", "request", "--title", "申请公开预算执行情况", "--set", "channel=counter", "--set", "submitted_on=2026-03-02",
        "--set", "applicant_name=陈明", "--set", "applicant_kind=natural", "--set", "contact=13912345678",
        "--set", "subject=2025年度预算执行情况",
    )  # fmt: skip
    assert typed.code == 0, typed.said
    number = typed.out.split()[0]
    assert types("do", number, "take_up").code == 0
    return number


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_letters_of_a_procedure_are_listed(types: Type, lang: str) -> None:
    listed, as_json = types("letter", "list", "document", lang=lang), types("letter", "list", "document", "--json")

    assert listed.code == 0
    assert {"zh": "退文单", "en": "slip of return"}[lang] in listed.out
    assert [each["name"] for each in as_json.json["letters"]] == ["processing_slip", "return_slip"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_case_says_which_letters_fit_it(types: Type, lang: str) -> None:
    returned, signed = types("letter", RETURNED, lang=lang), types("letter", SIGNED, "--json")

    assert "return_slip" in returned.out
    assert [each["name"] for each in signed.json["letters"]] == ["processing_slip"]


def test_a_letter_is_printed_by_its_name_or_its_chinese_title(types: Type) -> None:
    by_name, by_title = types("letter", RETURNED, "return_slip"), types("letter", RETURNED, "退文单")
    in_full = types("letter", "write", RETURNED, "return_slip")

    assert by_name.code == 0
    assert "示范区财政局退文单" in by_name.out
    assert "重报期限：2026年3月2日" in by_name.out
    assert by_name.out == by_title.out == in_full.out


def test_the_slip_of_what_the_clock_returned_gives_the_reason_of_the_rule(types: Type) -> None:
    swept = types("list", "--kind", "document", "--state", "returned", "--json").json["cases"]
    by_the_clock = [
        each["number"]
        for each in swept
        if any(
            event["automatic"] and event["transition"] == "return_untagged"
            for event in types("history", each["number"], "--json").json["events"]
        )
    ]
    assert by_the_clock, "the sample holds no document that the clock returned"

    slip = types("letter", by_the_clock[0], "return_slip")

    assert slip.code == 0, slip.said
    assert "退文人：系统" in slip.out
    assert "未按规定标注公开属性（或理由及理由种类），按规定作退文处理" in "".join(slip.out.split("\n"))


def test_a_letter_is_kept_in_a_file_and_never_over_another(types: Type, tmp_path: Path) -> None:
    where = tmp_path / "退文单.docx"

    kept = types("letter", RETURNED, "return_slip", "--out", str(where))
    again = types("letter", RETURNED, "return_slip", "--out", str(where))
    forced = types("letter", RETURNED, "return_slip", "--out", str(where), "--force", "--json")

    assert (kept.code, again.code, forced.code) == (0, 2, 0)
    assert "已存在" in again.err
    assert forced.json["file"] == str(where)
    said = [each.text for each in Document(io.BytesIO(where.read_bytes())).paragraphs]
    assert "示范区财政局退文单" in said
    assert [each.name for each in tmp_path.iterdir() if "退文单" in each.name] == ["退文单.docx"]


def test_the_form_follows_the_name_of_the_file_or_what_is_said(types: Type, tmp_path: Path) -> None:
    page, slip = tmp_path / "slip.html", tmp_path / "slip"

    assert types("letter", RETURNED, "return_slip", "--out", str(page)).code == 0
    assert types("letter", RETURNED, "return_slip", "--out", str(slip)).code == 2
    assert types("letter", RETURNED, "return_slip", "--format", "text", "--out", str(slip)).code == 0
    assert types("letter", RETURNED, "return_slip", "--format", "docx").code == 2

    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "退文单" in slip.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_reply_without_its_remedy_is_refused_with_all_that_is_missing(
    types: Type, request_case: str, lang: str
) -> None:
    edited = types(
        "edit", request_case, "--set", "outcome=d1", "--set", "reply_text=经审查不予公开", "--set", "article=36-3",
        "--set", "reason_kind=E14-1", "--set", "reason_text=该信息依法确定为国家秘密，不予公开",
    )  # fmt: skip
    assert edited.code == 0, edited.said

    refused = types("letter", request_case, "reply", lang=lang)
    as_json = types("letter", request_case, "reply", "--json")

    assert refused.code == 3
    assert {"zh": "复议前置", "en": "reconsideration comes first"}[lang] in refused.err
    assert {"zh": "缺少救济途径", "en": "the remedy and the body"}[lang] in refused.err
    reasons = {each["guard"]: each for each in as_json.json["error"]["reasons"]}
    assert set(reasons) == {"remedy_told", "remedy_first"}
    assert "复议前置" in reasons["remedy_first"]["zh"]

    assert types("edit", request_case, "--set", "remedy=reconsider_first").code == 0
    granted = types("letter", request_case, "reply")
    assert granted.code == 0, granted.said
    assert "应当先申请行政复议" in granted.out
    assert "陈明：" in granted.out


def test_personal_data_are_masked_for_whom_may_not_see_them_and_that_is_said(types: Type, request_case: str) -> None:
    office, supervisor = (
        types("letter", request_case, "登记回执"),
        types("letter", request_case, "登记回执", by="zhengyan"),
    )
    as_json = types("letter", request_case, "登记回执", "--json", by="zhengyan")

    assert "陈明" in office.out
    assert office.err == ""
    assert supervisor.code == 0, supervisor.said
    assert "陈明" not in supervisor.out
    assert "申请人姓名" in supervisor.err
    assert as_json.json["masked"] == ["applicant_name"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_not_there_is_said_so(types: Type, lang: str) -> None:
    no_case, no_letter = (
        types("letter", "DOC-2026-99999", "reply", lang=lang),
        types("letter", RETURNED, "reply", lang=lang),
    )
    no_kind = types("letter", "list", "stamp", lang=lang)

    assert (no_case.code, no_letter.code, no_kind.code) == (4, 2, 4)
    assert "processing_slip" in no_letter.err


def test_a_case_of_another_section_is_not_there(types: Type) -> None:
    assert types("letter", RETURNED, "return_slip", by="wangmin").code == 4


def test_templates_are_checked_and_a_changed_one_can_be_tried(types: Type, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "definitions/letters/document.yaml"
    changed, broken = tmp_path / "mine.yaml", tmp_path / "broken.yaml"
    changed.write_text(shipped.read_text("utf-8").replace("{bureau}退文单", "{bureau}退文通知"), encoding="utf-8")
    broken.write_text(shipped.read_text("utf-8").replace("{times_returned}", "{times}"), encoding="utf-8")

    checked, all_shipped = types("letter", "check", str(changed)), types("letter", "check")
    refused = types("letter", "check", str(broken), "--json")
    written = types("letter", RETURNED, "return_slip", "--template", str(changed))

    assert (checked.code, all_shipped.code, refused.code) == (0, 0, 8)
    assert [each["code"] for each in refused.json["error"]["findings"]] == ["letter-placeholder"]
    assert "示范区财政局退文通知" in written.out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_administrator_says_once_where_the_bureau_is_reached_and_anybody_reads_it(types: Type, lang: str) -> None:
    denied = types("people", "bureau", "--telephone", "0571-1", by="wangmin", lang=lang)
    types("people", "bureau", "--postcode", "310000", by="admin")
    types("people", "add", "zhu", "朱管", by="admin")
    types("people", "appoint", "zhu", "admin", by="admin")
    changed = types("people", "bureau", "--name", "滨海市财政局", by="zhu", lang=lang)
    read = types("people", "bureau", "--json", by="wangmin")

    assert (denied.code, changed.code) == (4, 0)
    assert "310000" in changed.out
    assert "zhu" in changed.out.splitlines()[-1], "who changed it"
    facts = {each: read.json[each] for each in ("bureau", "postcode", "telephone", "changed_by")}
    wanted = {"bureau": "滨海市财政局", "postcode": "310000", "telephone": "0571-00000000", "changed_by": "zhu"}
    assert facts == wanted


@pytest.mark.parametrize(("option", "said", "why"), [
    ("--postcode", "3100", "六位数字"), ("--address", " ", "须为 1 至 300 字"), ("--payment", "甲\u202e乙", "控制字符"), ("--name", "", "须为 1 至 60 字"),
])  # fmt: skip
def test_what_no_letter_could_say_of_the_bureau_is_not_taken(types: Type, option: str, said: str, why: str) -> None:
    refused = types("people", "bureau", option, said, by="admin")

    assert refused.code == 2
    assert why in refused.err


def test_a_letter_says_where_the_bureau_is_reached(types: Type) -> None:
    assert types("people", "bureau", "--telephone", "0571-88889999", by="admin").code == 0
    begun = types(
        "start", "request", "--title", "申请公开预算执行情况", "--set", "channel=counter", "--set", "submitted_on=2026-03-02",
        "--set", "applicant_name=陈明", "--set", "applicant_kind=natural", "--set", "contact=13912345678",
        "--set", "subject=预算执行情况",
    )  # fmt: skip
    number = begun.out.split()[0]
    asks = types("do", number, "ask_correction", "--set", "correction_items=请写明年度", "--set", "correction_days=10",
                 "--set", "told_on=2026-03-02")  # fmt: skip

    letter = types("letter", number, "补正告知书")

    assert letter.code == 0, (asks.said, letter.said)
    assert "（邮政编码000000，电话0571-88889999）" in letter.out
