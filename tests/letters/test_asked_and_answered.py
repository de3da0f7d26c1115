"""What a letter asks of whoever gets it: how to pay, where to send it, the form to fill in, the proof that it came; and its one sheet or foot."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document

from letters import Paper, composed, written
from letters.paper import Form, Paragraph
from tests.letters.office_papers import ENDED, LETTERS, OUTCOMES, asked, book, the_letter
from workflow.case import Scalar, StateName
from workflow.errors import Refused

CONTACT = "示范区人民路1号（邮政编码310000，电话0571-88880000）"


def said(paper: Paper) -> str:
    return written(paper, "text").decode().replace("\n", "").replace("　", "")


def css(paper: Paper) -> str:
    return written(paper, "html").decode().split("</style>")[0]


def test_a_fee_notice_says_how_to_pay_and_is_not_written_without() -> None:
    assert "缴纳方式：凭本通知到任一代收银行缴纳。" in said(the_letter("request", "fee_notice"))

    of_it = asked("request", LETTERS["request"]["fee_notice"], contact={})
    with pytest.raises(Refused) as refused:
        composed(of_it, book("request").letters["fee_notice"])
    assert [each.name for each in refused.value.reasons] == ["payment", "contact"]
    assert "gongkai people bureau --payment" in refused.value.reasons[0].text.zh


@pytest.mark.parametrize(("kind", "name"), [
    ("request", "correction_notice"), ("request", "reasons_notice"), ("request", "fee_notice"), ("licence", "correction_notice"),
    ("opinion", "third_party_inquiry"), ("opinion", "agency_inquiry"), ("opinion", "co_handler_inquiry"),
    ("proposal", "publication_inquiry"), ("proposal", "reply"),
])  # fmt: skip
def test_a_letter_that_asks_for_something_says_where_it_goes(kind: str, name: str) -> None:
    assert CONTACT in said(the_letter(kind, name))


@pytest.mark.parametrize(("body", "kind", "lead", "number", "to", "title"), [
    ("npc", "individual", "沈代表", "区人大第18号", "沈代表：", "对区人大第18号建议的答复"),
    ("npc", "individual", "沈玉兰", "18", "沈玉兰代表：", "对区人大第18号建议的答复"),
    ("cppcc", "individual", "钱委员", "第42号", "钱委员：", "对区政协第42号提案的答复"),
    ("cppcc", "collective", "民建某支部", "42", "民建某支部：", "对区政协第42号提案的答复"),
])  # fmt: skip
def test_a_reply_names_the_proposer_and_the_number_once(
    body: str, kind: str, lead: str, number: str, to: str, title: str
) -> None:
    reply = the_letter(
        "proposal", "reply", assigning_body=body, proposer_kind=kind, lead_proposer=lead, proposal_number=number
    )

    assert (reply.addressed, reply.title) == (to, title)


@pytest.mark.parametrize("body", ["npc", "cppcc", "government"])
@pytest.mark.parametrize(("kind", "name"), [("proposal", "return_letter"), ("opinion", "co_handler_inquiry")])
def test_only_a_suggestion_of_a_deputy_rests_on_the_regulation_about_them(kind: str, name: str, body: str) -> None:
    usual = LETTERS[kind][name]

    letter = said(composed(asked(kind, {**usual, "assigning_body": body}), book(kind).letters[name]))

    assert ("浙江省人大代表建议" in letter) == (body == "npc")
    assert "现退回你单位" in letter or "请自收到之日起两个月内（2026年5月6日前）" in letter


def test_a_letter_to_a_co_handler_bears_its_own_day_and_names_no_last_day_that_is_not_its_readers() -> None:
    received_later = {**LETTERS["opinion"]["co_handler_inquiry"], "asked_on": "2026-03-05"}

    letter = said(composed(asked("opinion", received_later), book("opinion").letters["co_handler_inquiry"]))

    assert "请自收到之日起两个月内将书面会办意见送本机关" in letter
    assert "2026年3月2日" in letter


def test_the_place_of_the_seal_takes_no_room_in_print() -> None:
    in_print = css(the_letter("request", "reply", outcome="d1", **OUTCOMES["d1"])).split("@media print")[1]

    assert re.search(r"\.seal \{ display: none; \}", in_print)


@pytest.mark.parametrize(("state", "noted"), [("draft", ""), ("leader_approval", ""), ("numbering", "（此件不予公开）"), ("withheld", "（此件不予公开）")])  # fmt: skip
def test_a_slip_notes_the_attribute_once_it_is_signed(state: str, noted: str) -> None:
    of_it = asked("document", {"attribute": "withheld"})

    slip = composed(
        replace(of_it, case=replace(of_it.case, state=StateName(state))), book("document").letters["processing_slip"]
    )

    assert slip.noted == noted


def full_slip() -> Paper:
    """A slip on which everybody wrote as much as usual, and more."""
    of_it = asked("document", {
        "title": "示范区财政局关于印发《示范区区级部门预算绩效管理办法（试行）》及其实施细则的通知", "attribute": "withheld", "reason_kind": "E16-2b",
        "reason_text": "该文件属于过程性信息，尚在讨论之中，公开后将影响决策的自由讨论，待正式文件印发后另行主动公开。" * 2,
        "balance_text": "经权衡，公开讨论稿的公共利益不大于决策的自由讨论，公众可在正式征求意见时充分表达意见。" * 2,
        "office_opinion": "理由成立，同意不予公开",
    })  # fmt: skip
    signed = replace(of_it, case=replace(of_it.case, state=StateName("withheld")))
    return composed(signed, book("document").letters["processing_slip"])


def test_the_balance_stands_in_the_table_of_the_slip() -> None:
    slip = full_slip()

    assert [each for each in slip.body if isinstance(each, Paragraph)] == []
    assert "公共利益权衡：经权衡，公开讨论稿" in said(slip)


@pytest.mark.torture
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no browser here")
@pytest.mark.parametrize(("name", "pages"), [("slip", 1), ("proposal", 2)])
def test_in_print_a_slip_is_one_sheet_and_a_reply_with_its_form_two(name: str, pages: int, tmp_path: Path) -> None:
    page, sheet = tmp_path / "paper.html", tmp_path / "paper.pdf"
    page.write_bytes(written(full_slip() if name == "slip" else the_letter("proposal", "reply"), "html"))

    home = {**os.environ, "HOME": str(tmp_path)}
    words = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--no-pdf-header-footer",
        f"--print-to-pdf={sheet}",
        page.as_uri(),
    ]
    subprocess.run(words, check=True, capture_output=True, env=home, timeout=60)

    assert len(re.findall(rb"/Type /Page\b", sheet.read_bytes())) == pages


def test_a_label_is_one_word_in_a_line_of_text() -> None:
    lines = written(the_letter("document", "processing_slip"), "text").decode().split("\n")

    assert "办公室核稿：核稿无异议" in lines
    assert "拟稿人：王敏" in lines


@pytest.mark.parametrize(("outcome", "says"), [
    ("partial", "第三方对不予公开部分不同意公开且有合理理由"), ("d4", "第三方不同意公开且有合理理由"),
])  # fmt: skip
def test_a_partial_reply_says_to_which_part_the_third_party_objects(outcome: str, says: str) -> None:
    reply = said(the_letter("request", "reply", outcome=outcome, **OUTCOMES[outcome]))

    assert f"经书面征求意见，{says}。" in reply


@pytest.mark.parametrize("name", ["reply", "extension_notice", "fee_notice", "reasons_notice", "deferral_notice"])
def test_a_letter_after_a_correction_says_when_it_came(name: str) -> None:
    usual = dict(LETTERS["request"][name])

    # the subject on record is that of the correction: nothing says that it was asked for on the first day
    assert "，并于2026年2月26日收到补正材料，补正后申请公开“2025年度区本级预算执行情况及绩效评价报告”。" in said(
        composed(asked("request", {**usual, "corrected_on": "2026-02-26"}), book("request").letters[name])
    )
    assert "补正材料" not in said(composed(asked("request", usual), book("request").letters[name]))


def test_a_reply_to_what_stayed_unclear_says_once_when_the_correction_came() -> None:
    reply = said(the_letter("request", "reply", outcome="u3", **OUTCOMES["u3"]))

    assert reply.count("收到补正材料") == 1
    assert "补正后申请公开“" in reply
    assert "，申请公开“" not in reply


@pytest.mark.parametrize(("outcome", "says"), [
    ("d5", "属于行政机关的内部事务（人事管理）方面的信息"), ("d6", "履行行政管理职能过程中形成的过程性信息（过程稿）。"),
])  # fmt: skip
def test_a_reply_names_the_kind_of_its_reason_once(outcome: str, says: str) -> None:
    reply = said(the_letter("request", "reply", outcome=outcome, **OUTCOMES[outcome]))

    assert says in reply


@pytest.mark.parametrize(("name", "words"), [
    ("correction_notice", "答复期限自收到补正的申请之日起计算"), ("fee_notice", "答复期限自缴纳完毕次日起重新计算"),
])  # fmt: skip
def test_the_receipt_says_in_the_same_words_what_a_later_notice_says_of_the_time(name: str, words: str) -> None:
    assert words in said(the_letter("request", name))
    assert words in said(the_letter("request", "registration"))
    assert words not in said(the_letter("request", "registration", received_on="2019-05-10"))


@pytest.mark.parametrize(("kind", "name"), [
    ("opinion", "third_party_inquiry"), ("opinion", "agency_inquiry"), ("proposal", "publication_inquiry"), ("proposal", "reply"),
    ("participation", "hearing_notice"),
])  # fmt: skip
def test_a_form_to_fill_in_follows_the_signature_on_a_page_of_its_own(kind: str, name: str) -> None:
    letter = the_letter(kind, name)

    html, text = written(letter, "html").decode(), written(letter, "text").decode()
    word = Document(io.BytesIO(written(letter, "docx")))
    assert [each for each in letter.body if isinstance(each, Form)] == []
    assert html.index('class="signature"') < html.index('<section class="enclosed">') < html.index("<table>")
    assert ".enclosed { break-before: page;" in css(letter)
    assert text.index(letter.dated) < text.index("签名" if name != "hearing_notice" else "回")
    assert [each.paragraph_format.page_break_before for each in word.paragraphs].count(True) == 1


def test_the_form_to_fill_in_is_empty_whatever_is_on_record() -> None:
    answered: dict[str, Scalar] = {"consent": "granted", "satisfied": "satisfied", "feedback_text": "办得很好"}

    inquiry = said(the_letter("proposal", "publication_inquiry", **answered))

    assert "公开意见：□同意公开□不同意公开满意度：□满意□不满意" in inquiry
    assert "办得很好" not in inquiry
    assert "2026年5月13日" not in said(the_letter("participation", "hearing_notice")).split("回执")[1]


DELIVERED = [
    ("correction_delivery", "correction_notice", "政府信息公开申请补正告知书（下财公开告〔2026〕3号）"),
    ("reasons_delivery", "reasons_notice", "政府信息公开申请说明理由通知书（下财公开告〔2026〕4号）"),
    ("fee_delivery", "fee_notice", "政府信息公开信息处理费收费通知书（下财公开告〔2026〕2号）"),
    ("extension_delivery", "extension_notice", "政府信息公开延期答复告知书（下财公开告〔2026〕8号）"),
    ("deferral_delivery", "deferral_notice", "政府信息公开延迟答复告知书（下财公开告〔2026〕9号）"),
]


@pytest.mark.parametrize(("proof", "name", "says"), DELIVERED)
def test_each_notice_whose_receipt_starts_a_clock_has_its_proof_of_delivery(proof: str, name: str, says: str) -> None:
    paper = composed(asked("request", LETTERS["request"][name]), book("request").letters[proof])

    assert f"送达文书名称及编号：{says}受送达人：陈明" in said(paper)
    assert "☑" not in said(paper)


@pytest.mark.parametrize("outcome", [*OUTCOMES, *ENDED])
def test_a_proof_of_delivery_bears_the_title_of_what_is_delivered(outcome: str) -> None:
    case: dict[str, Scalar] = {"outcome": outcome, **{**OUTCOMES, **ENDED}[outcome]}
    letter = the_letter("request", "end_notice" if outcome in ENDED else "reply", **case)

    number = letter.number.replace("　", "")
    assert f"：{letter.title}（{number}）受送达人" in said(the_letter("request", "delivery_receipt", **case))


@pytest.mark.parametrize(("name", "receipt"), [
    ("third_party_inquiry", "delivery_receipt"), ("agency_inquiry", "delivery_receipt"), ("co_handler_inquiry", "delivery_receipt"),
    ("third_party_notice", "notice_delivery"),
])  # fmt: skip
def test_a_letter_to_somebody_who_is_asked_has_its_proof_of_delivery(name: str, receipt: str) -> None:
    case = LETTERS["opinion"][name]
    letter = the_letter("opinion", name)

    proof = composed(asked("opinion", case), book("opinion").letters[receipt])

    assert f"：{letter.title}（{letter.number}）受送达人：{letter.to}" in said(proof)


def test_the_imprint_stands_without_rules_at_the_foot_of_the_last_page() -> None:
    reply = the_letter("proposal", "reply")

    (look,) = re.findall(r"\n\.copies \{(.*?)\}", css(reply))
    html, copies = written(reply, "html").decode(), Document(io.BytesIO(written(reply, "docx"))).paragraphs[-1]
    assert "border" not in look
    assert "break-before: avoid" in look
    assert html.index("</table>") < html.index('class="copies"') < html.index("</section>")
    assert copies.text.startswith("抄送：")
    assert 'w:yAlign="bottom"' in copies._p.xml
    assert "w:pBdr" not in copies._p.xml


def test_what_is_enclosed_is_named_one_line_below_the_text_two_characters_in() -> None:
    reply = the_letter("proposal", "reply")

    html, lines = written(reply, "html").decode(), written(reply, "text").decode().split("\n")
    (annex,) = [
        each for each in Document(io.BytesIO(written(reply, "docx"))).paragraphs if each.text.startswith("附件：")
    ]
    at = lines.index("　　附件：征询意见表（办理满意度与公开意见）")
    assert lines[at - 1] == ""
    assert '<p class="annex">附件：' in html
    assert annex.paragraph_format.first_line_indent.pt == 32
    assert annex.paragraph_format.space_before.pt == 28
