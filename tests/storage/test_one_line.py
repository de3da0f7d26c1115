"""Titles and other short texts are one line of what can be seen: a line break in one forged the rows of a slip."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.cells import value_of as read_cell
from tests.factories import Office
from tests.letters.office_papers import kinds
from workflow.errors import Invalid
from workflow.values import fault_of, on_one_line

TITLE = kinds()["document"].fields["title"]
UNSEEN = ["\n", "\r", "\r\n", "\u2028", "\u2029", "\ufeff", "\U000e0041", "\u200b", "\u00ad", "\u202e", "\t"]


@pytest.mark.parametrize("character", UNSEEN, ids=lambda each: "+".join(f"U+{ord(one):04X}" for one in each))
def test_a_short_text_is_one_line_of_what_is_seen(character: str) -> None:
    forged = f"关于预算的通知{character}签发：周局"

    fault = fault_of(TITLE, forged)

    assert fault is not None
    assert f"U+{ord(character[0]):04X}" in fault.zh
    assert fault_of(TITLE, on_one_line(forged)) is None


def test_a_long_text_keeps_its_paragraphs() -> None:
    long = replace(TITLE, name="reason_text", max=2000)

    assert fault_of(long, "一\n二\r\n三") is None
    assert fault_of(TITLE, "关于《预算法》 施行的通知（2026）— A") is None


def test_a_text_in_a_wrong_form_is_answered_with_an_example_not_with_an_expression() -> None:
    formed = [field for kind in kinds().values() for field in kind.fields.values() if field.pattern]

    answers = [(field, fault_of(field, "没有编号也没有顿号")) for field in formed]

    assert formed
    assert all(
        field.example and said and field.example in said.zh and field.example in said.en for field, said in answers
    )
    assert not [field.name for field, said in answers if said and str(field.pattern) in said.zh + said.en]


def test_what_stands_already_begins_no_row_of_its_own(office: Office) -> None:
    with pytest.raises(Invalid):
        office.draft(title="关于预算的通知\n签发：周局")

    assert on_one_line("关于预算的通知\r\n\u2028签发\U000e0041：周局\ufeff ") == "关于预算的通知 签发：周局"


def test_a_past_record_with_a_broken_line_in_a_short_text_is_joined() -> None:
    issuer = kinds()["document"].fields["issuer"]

    value, _, _, _ = read_cell(issuer, "杭州市\n财政局")

    assert value == "杭州市财政局"
