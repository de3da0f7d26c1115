"""Every slip and letter from a case: what it says, when it is refused, whom it shows, and that its forms say the same."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from docx import Document
from docx.table import Table

from letters import Paper, composed, fits, written
from letters.composing import LastDay, masked_fields
from letters.paper import Form
from letters.shelf import shipped_books
from tests.letters.office_papers import (
    ALL,
    ENDED,
    LETTERS,
    NOW,
    OUTCOMES,
    asked,
    book,
    kinds,
    the_letter,
    why_not,
)  # fmt: skip
from workflow.case import Scalar, StateName, business_date
from workflow.errors import Refused
from workflow.letter import wording_of

FIRST = "应当先申请行政复议"
EITHER = "也可以自收到本答复书之日起六个月内依法向人民法院提起行政诉讼"
HOSTILE = '<script>alert(1)</script>&\u202e=HYPERLINK("http://x")\x07\u200b{{7*7}}'


def text_of(paper: Paper) -> str:
    return written(paper, "text").decode()


def unspaced(said: str) -> str:
    return "".join(said.split())


def in_word(content: bytes) -> list[str]:
    """Everything that stands in a DOCX, in order, each cell once."""
    said: list[str] = []
    for block in Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                cells = {id(cell._tc): cell for cell in row.cells}
                said += [each.text for cell in cells.values() for each in cell.paragraphs]
        else:
            said.append(block.text)
    return [each for each in said if each]


def test_every_letter_of_every_procedure_is_tried_here() -> None:
    assert set(ALL) == {(each.about, name) for each in shipped_books(kinds()) for name in each.letters}
    assert {*OUTCOMES, *ENDED} == set(kinds()["request"].fields["outcome"].choices)


def test_whatever_a_step_issues_bears_the_day_of_that_step_whenever_it_is_printed() -> None:
    issued = {
        (kind, step.letter) for kind, each in kinds().items() for step in each.transitions.values() if step.letter
    }

    assert not [each for each in sorted(issued) if book(each[0]).letters[each[1]].dated is None]


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_a_letter_is_written_whole(kind: str, name: str) -> None:
    paper = the_letter(kind, name)

    said = text_of(paper)
    assert "{" not in said
    assert "＿" not in said
    assert "None" not in said
    assert not re.search(r"\d{4}-\d\d-\d\d", said), "days are written in Chinese form"
    assert "示范区财政局" in said or paper.look == "form"


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_the_same_letter_on_the_same_day_is_the_same_to_the_byte(kind: str, name: str) -> None:
    for form in ("text", "html", "docx"):
        assert written(the_letter(kind, name), form) == written(the_letter(kind, name), form)


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_word_opens_the_letter_and_it_says_what_the_text_says(kind: str, name: str) -> None:
    paper = the_letter(kind, name)

    there = in_word(written(paper, "docx"))

    assert there == list(paper.paragraphs)
    flat = unspaced(text_of(paper))
    assert [each for each in there if unspaced(each) not in flat] == []


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_each_outcome_has_its_reply(outcome: str) -> None:
    paper = the_letter("request", "reply", outcome=outcome, **OUTCOMES[outcome])

    said = text_of(paper)
    assert (FIRST in said, EITHER in said) == (withholds := outcome == "partial" or outcome[0] == "d", not withholds)
    assert ("理由：" in said) == (outcome != "granted")
    assert "条例》第" in said or outcome == "n5", "the article of the law"


def test_no_two_outcomes_say_the_same() -> None:
    said = [text_of(the_letter("request", "reply", outcome=each, **OUTCOMES[each])) for each in OUTCOMES]
    said += [text_of(the_letter("request", "end_notice", outcome=each, **ENDED[each])) for each in ENDED]

    assert len(set(said)) == 21


@pytest.mark.parametrize(
    ("day", "remedy", "unmet"),
    [
        ("2023-12-31", "reconsider_or_sue", []),
        ("2023-12-31", "reconsider_first", ["remedy_either"]),
        ("2024-01-01", "reconsider_first", []),
        ("2024-01-02", "reconsider_first", []),
        ("2024-01-02", "reconsider_or_sue", ["remedy_first"]),
    ],
)
def test_the_remedy_is_that_of_the_day_that_the_letter_bears(day: str, remedy: str, unmet: list[str]) -> None:
    case: dict[str, Scalar] = {"outcome": "d1", **OUTCOMES["d1"], "letter_on": day, "remedy": remedy}

    assert why_not("request", "reply", **case) == unmet

    if not unmet:
        said = text_of(the_letter("request", "reply", **case))
        assert (FIRST in said, EITHER in said) == (day >= "2024", day < "2024")


def test_a_draft_without_its_day_is_held_to_the_law_of_today() -> None:
    draft: dict[str, Scalar] = {"outcome": "d1", **OUTCOMES["d1"], "letter_on": None, "remedy": "reconsider_or_sue"}
    template = book("request").letters["reply"]

    with pytest.raises(Refused) as today:
        composed(asked("request", draft), template)
    then = composed(asked("request", draft, now=NOW.replace(year=2023)), template)

    assert [each.name for each in today.value.reasons] == ["remedy_first"]
    assert then.day == date(2023, 3, 2)


def test_a_notice_of_the_law_that_is_missing_is_named_in_both_languages() -> None:
    case = asked("request", {"outcome": "d1", **OUTCOMES["d1"], "remedy": "reconsider_or_sue"})

    with pytest.raises(Refused) as refused:
        composed(case, book("request").letters["reply"])

    (reason,) = refused.value.reasons
    assert (
        reason.text.zh
        == "2024年1月1日起不予公开（含部分公开）的答复须告知先申请行政复议（复议前置）（行政复议法 23(4)、末款）"
    )
    assert "reconsideration comes first" in reason.text.en
    assert refused.value.said.zh == "“答复书”不能出具，有1项要求未满足："
    assert refused.value.said.en == "reply cannot be written: 1 requirement(s) unmet:"


def test_what_the_definition_demands_of_the_letter_is_asked_too_and_all_of_it() -> None:
    unmet = why_not(
        "request", "reply", outcome="d6", article="36-2", reason_kind="E16-2b", reply_text=None, reason_text=None
    )

    assert unmet == ["told_what", "told_why", "article_fits", "balanced", "reply_text", "reason_text"]


def test_a_paragraph_that_a_template_leaves_out_stops_the_letter() -> None:
    whole = book("request").letters["correction_notice"]
    shorter = replace(whole, body=tuple(each for each in whole.body if each.part != "result"))

    with pytest.raises(Refused) as refused:
        composed(asked("request", LETTERS["request"]["correction_notice"]), shorter)

    assert [each.name for each in refused.value.reasons] == ["result"]


def test_a_compulsory_paragraph_without_the_words_that_must_stand_in_it_stops_the_letter() -> None:
    whole = book("request").letters["reply"]
    mute = wording_of("如不服本答复，请致电{remedy_body}。")
    body = tuple(replace(each, wording=mute) if each.part == "remedy_first" else each for each in whole.body)

    with pytest.raises(Refused) as refused:
        composed(asked("request", {"outcome": "d1", **OUTCOMES["d1"]}), replace(whole, body=body))

    assert [each.name for each in refused.value.reasons] == ["remedy_first"]


@pytest.mark.parametrize(("kind", "name", "data", "unmet"), [
    ("request", "correction_notice", {"correction_issued_on": None}, ["correction_notice"]),
    ("request", "extension_notice", {"extension_reason": None}, ["extension_reason"]),
    ("request", "fee_notice", {"month_items": 8}, ["above_free"]),
    ("request", "reply", {"outcome": "o1"}, ["reply"]),
    ("request", "end_notice", {"outcome": "granted"}, ["end_notice"]),
    ("document", "return_slip", {"times_returned": None}, ["return_slip"]),
    ("opinion", "third_party_inquiry", {"purpose": "section"}, ["third_party_inquiry"]),
    ("participation", "announcement", {"method": "forum"}, ["announcement"]),
    ("participation", "announcement", {"period": "shortened", "days": 15}, ["short_reason"]),
    ("participation", "announcement", {"ways": None}, ["ways"]),
    ("participation", "hearing_notice", {"held_on": None}, ["held_on"]),
    ("participation", "hearing_notice", {"place": None}, ["place"]),
    ("proposal", "reply", {"mark": None}, ["marked", "mark"]),
    ("licence", "refusal", {"remedy": None}, ["remedied"]),
    ("licence", "refusal", {"refusal_reason": None}, ["reasoned", "refusal_reason"]),
    ("licence", "refusal", {"proposal": "grant"}, ["refusal"]),
    ("licence", "not_accepted", {"right_body": None}, ["right_body"]),
    ("licence", "acceptance", {"accepted_on": None}, ["acceptance"]),
    ("proposal", "reply", {"handling": "lead"}, ["co_opinions_stated", "co_opinions"]),
])  # fmt: skip
def test_a_letter_that_does_not_fit_or_lacks_something_is_refused(
    kind: str, name: str, data: dict[str, Scalar], unmet: list[str]
) -> None:
    assert why_not(kind, name, **data) == unmet


@pytest.mark.parametrize(("data", "said"), [
    ({}, "30日，截止日期为2026年2月24日"),
    ({"occasion": "normative"}, "7个工作日，截止日期为2026年1月29日"),
    ({"occasion": "rules"}, "30日，截止日期为2026年2月24日"),
    ({"period": "longer", "days": 40}, "40日，截止日期为2026年2月4日。"),
    ({"occasion": "normative", "period": "longer", "days": 15}, "15日，截止日期为2026年2月4日；法定期限于2026年1月29日届满，晚于前述日期的"),
    ({"period": "shortened", "days": 15, "short_reason": "上级要求三月一日起执行"}, "本次公开征求意见缩短期限，理由：上级要求三月一日起执行。"),
])  # fmt: skip
def test_an_announcement_states_the_last_day_and_why_it_is_shortened(data: dict[str, Scalar], said: str) -> None:
    assert said in text_of(the_letter("participation", "announcement", **data)).replace("\n", "")


def test_a_clock_that_never_ran_is_missing_and_one_that_may_still_move_says_so() -> None:
    template = book("request").letters["extension_notice"]
    case = asked("request", LETTERS["request"]["extension_notice"])

    with pytest.raises(Refused) as refused:
        composed(replace(case, clocks={}), template)
    moving = composed(replace(case, clocks={"reply": LastDay(date(2027, 1, 8), True)}), template)

    assert [each.text.zh for each in refused.value.reasons] == ["文书须写明“答复期限”的最后一日，该时限尚未计时"]
    assert "2027年1月8日（该年度放假安排公布后以重新计算的日期为准）" in text_of(moving)


def test_personal_data_stand_whole_only_where_whoever_writes_may_see_them() -> None:
    template = book("request").letters["delivery_receipt"]
    data = LETTERS["request"]["delivery_receipt"]

    office, auditor = asked("request", data), asked("request", data, revealed=frozenset())

    assert "13912345678" in text_of(composed(office, template))
    hidden = text_of(composed(auditor, template))
    assert "13912345678" not in hidden
    assert "13********8" in hidden
    assert "陈明" not in hidden
    assert [each.name for each in masked_fields(auditor, template)] == ["applicant_name", "contact", "address"]
    assert list(masked_fields(office, template)) == []


@pytest.mark.parametrize(("attribute", "note"), [
    ("proactive", "（此件公开发布）"), ("on_request", "（此件依申请公开）"), ("withheld", "（此件不予公开）"), (None, ""),
])  # fmt: skip
def test_the_processing_slip_bears_the_attribute_and_its_note(attribute: str | None, note: str) -> None:
    of_it = asked("document", {"attribute": attribute})
    signed = replace(of_it, case=replace(of_it.case, state=StateName("release")))

    paper = composed(signed, book("document").letters["processing_slip"])

    assert paper.noted == note
    assert ("局办公室作退文处理" in text_of(paper)) == (attribute in (None, "on_request", "withheld"))
    assert text_of(paper).count("☑") == (1 if attribute is None else 2)  # the origin, and the attribute


def test_after_a_return_the_slip_shows_only_what_was_done_since() -> None:
    case = asked("document", {})
    start, submit, returned, _, endorse, *_ = case.events
    slip = book("document").letters["processing_slip"]

    sent_back = text_of(composed(replace(case, events=(start, submit, endorse, returned)), slip))
    again = text_of(composed(replace(case, events=(start, submit, returned, endorse)), slip))

    assert "拟稿人：王敏" in sent_back
    assert "同意，请办公室审核" not in sent_back
    assert "同意，请办公室审核" in again


def test_after_a_second_return_the_slip_shows_the_second() -> None:
    case = asked("document", {"times_returned": 2, "attribute": None})
    start, submit, returned, _, endorse, *_ = case.events
    second = replace(returned, comment="理由种类与公开属性不符")
    twice = replace(case, events=(start, submit, returned, submit, endorse, second))
    letters = book("document").letters

    said = text_of(composed(twice, letters["return_slip"]))
    slip = text_of(composed(twice, letters["processing_slip"]))

    assert "理由种类与公开属性不符" in said
    assert "未按规定标注公开属性，请标注" not in said
    assert "同意，请办公室审核" not in slip, "all that was said before the last return is of the former draft"


def test_a_slip_of_return_that_is_printed_later_bears_the_day_of_the_return() -> None:
    case = asked("document", {"times_returned": 2, "attribute": None})
    start, submit, returned, *_ = case.events
    second = replace(returned, at=returned.at + timedelta(days=7))
    later = replace(case, events=(start, submit, returned, submit, second), now=second.at + timedelta(days=30))

    slip = composed(later, book("document").letters["return_slip"])

    assert slip.day == business_date(second.at)


def test_a_broken_line_that_stands_in_a_title_begins_no_row_of_a_slip() -> None:
    said = text_of(the_letter("document", "processing_slip", title="关于预算的通知\n签发　周局"))

    assert "\n签发　周局" not in said
    assert "关于预算的通知 签发　周局" in said


def test_what_is_said_only_when_the_reply_is_sent_does_not_stop_it_from_being_written() -> None:
    case = asked("proposal", {"copied_government": None, "form_enclosed": None})
    ready, archived = (replace(case, case=replace(case.case, state=StateName(each))) for each in ("ready", "published"))

    assert "周兰代表：" in text_of(composed(ready, book("proposal").letters["reply"]))
    with pytest.raises(Refused) as refused:
        composed(archived, book("proposal").letters["reply"])
    assert [each.name for each in refused.value.reasons] == ["asked_together", "copied"]


def test_what_stands_in_a_cell_of_a_form_can_break_it_no_more_than_in_a_paragraph() -> None:
    html = written(the_letter("request", "registration", subject=HOSTILE), "html").decode()

    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_the_reply_to_a_proposal_bears_its_mark_at_the_top_right() -> None:
    paper = the_letter("proposal", "reply", mark="B")

    assert paper.mark == "办理结果：B"
    assert '<p class="mark">办理结果：B</p>' in written(paper, "html").decode()
    assert "解决后再次答复" in text_of(paper)


def test_what_somebody_wrote_can_break_no_form_of_the_letter() -> None:
    paper = the_letter(
        "request", "correction_notice", correction_items=HOSTILE, applicant_name="<b>陈</b>", subject=HOSTILE
    )

    html, word, plain = written(paper, "html").decode(), in_word(written(paper, "docx")), text_of(paper)

    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in html
    assert "&lt;b&gt;陈&lt;/b&gt;" in html
    for said in (html, "".join(word), plain):
        assert not any(each in said for each in ("\u202e", "\x07", "\u200b"))
        assert "49" not in said
    assert any("<script>" in each for each in word), "it is text there"


def test_a_very_long_reply_stays_whole_in_every_form() -> None:
    long = "\n".join(f"第{number}项：" + "关于预算执行情况的说明" * 40 for number in range(100))

    paper = the_letter("request", "reply", outcome="d1", **{**OUTCOMES["d1"], "reply_text": long})

    assert len(paper.body) > 100
    assert in_word(written(paper, "docx")) == list(paper.paragraphs)
    html = written(paper, "html").decode()
    assert html.count("<p ") > 100
    assert "@page" in html


def test_the_word_file_has_the_measures_of_the_standard() -> None:
    content = written(the_letter("request", "reply", outcome="d1", **OUTCOMES["d1"]), "docx")

    page = Document(io.BytesIO(content)).sections[0]

    def in_mm(length: int | None) -> int:
        return round((length or 0) / 36000)

    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert (in_mm(page.page_width), in_mm(page.page_height)) == (210, 297)
    assert [in_mm(each) for each in margins] == [37, 35, 28, 26]
    assert page.different_first_page_header_footer


def test_html_needs_nothing_beside_it() -> None:
    html = written(the_letter("request", "registration"), "html").decode()

    assert not re.search(r"""(src|href)=|url\(|@import|<script""", html)
    assert "default-src 'none'" in html


def test_a_form_keeps_its_empty_cells_for_the_pen() -> None:
    paper = the_letter("request", "delivery_receipt", delivery=None, sent_on=None)

    (form,) = [each for each in paper.body if isinstance(each, Form)]
    assert ("交邮（发出）日期", "", "邮件号码", "") in [row.cells for row in form.rows]
    assert text_of(paper).count("□") == 5


def test_which_letters_fit_is_told_by_the_case() -> None:
    fresh = asked("request", {"outcome": None, "letter_on": None})

    those = [name for name, each in book("request").letters.items() if fits(fresh, each)]

    assert those == ["registration"]


def test_the_slip_of_a_return_is_written_while_the_paper_is_returned_and_not_of_what_was_mended_since() -> None:
    of_it = asked("document", {"times_returned": 1})
    slip = book("document").letters["return_slip"]

    assert composed(of_it, slip)
    with pytest.raises(Refused) as refused:
        composed(replace(of_it, case=replace(of_it.case, state=StateName("section_review"))), slip)
    assert [each.name for each in refused.value.reasons] == ["return_slip"]
