"""What a letter says follows how its case stands: a draft says that it is one, and nothing is said that is not so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from letters import book_of, composed, written
from letters.composing import LastDay, last_days
from tests.letters.office_papers import ALL, LETTERS, NOW, OUTCOMES, asked, book, kinds, the_letter, why_not
from workflow.case import Scalar, StateName, Trace, TransitionName

ISSUED = {"sending", "replied", "disputed", "settled", "archived"}
SENT_ROUND = "送审稿"


def said(kind: str, name: str, **data: Scalar) -> str:
    return written(the_letter(kind, name, **data), "text").decode().replace("\n", "").replace("　", "")


@pytest.mark.parametrize("state", kinds()["request"].states)
def test_a_reply_that_is_not_signed_says_that_it_is_a_draft(state: str) -> None:
    of_it = asked("request", {"outcome": "d1", **OUTCOMES["d1"]})
    case = replace(of_it.case, state=StateName(state))

    reply = composed(replace(of_it, case=case), book("request").letters["reply"])

    for form in ("text", "html"):
        assert (SENT_ROUND in written(reply, form).decode()) == (state not in ISSUED)
    assert (SENT_ROUND in "".join(reply.paragraphs)) == (state not in ISSUED)


@pytest.mark.parametrize(("name", "issued"), [
    ("grant", {"granted", "licensed", "cancelled"}), ("refusal", {"refused", "refusal_final"}),
])  # fmt: skip
def test_a_decision_that_is_to_be_taken_anew_says_that_it_is_a_draft(name: str, issued: set[str]) -> None:
    of_it = asked("licence", LETTERS["licence"][name])

    for state in kinds()["licence"].states:
        case = replace(of_it.case, state=StateName(state))
        letter = composed(replace(of_it, case=case), book("licence").letters[name])
        assert (SENT_ROUND in written(letter, "text").decode()) == (state not in issued), state


#: What is signed or decided before it leaves: the field of its number, where it has left, how a draft and what left without one are headed.
SIGNED = [
    ("request", "reply", "reply_number", "sending", "下财公开复〔　　　　〕　　号", "答复 REQ-2026-00001"),
    ("licence", "grant", "decision_number", "granted", "下财许决〔　　　　〕　　号", "许可准予 LIC-2026-00001"),
    ("licence", "refusal", "decision_number", "refused", "下财许决〔　　　　〕　　号", "许可不予 LIC-2026-00001"),
    ("proposal", "co_opinion", "reply_number", "assisted", "下财函〔　　　　〕　　号", "会办意见 PRP-2026-00001"),
]


@pytest.mark.parametrize(("kind", "name", "field", "state", "draft", "former"), SIGNED)
def test_a_letter_bears_its_number_once_it_is_signed_and_a_draft_has_room_for_it(
    kind: str, name: str, field: str, state: str, draft: str, former: str
) -> None:
    def number(state: str | None = None, **data: Scalar) -> str:
        of_it = asked(kind, {**LETTERS[kind][name], **data})
        case = replace(of_it.case, state=StateName(state)) if state else of_it.case
        return composed(replace(of_it, case=case), book(kind).letters[name]).number

    assert number(state) == LETTERS[kind][name][field]
    assert number(**{field: None}) == draft
    assert number(state, **{field: None}) == former, "it is printed again as it went out"


def test_what_was_signed_by_a_version_that_gave_no_number_is_printed_as_it_went_out() -> None:
    of_it = asked("request", {**LETTERS["request"]["reply"], "reply_number": None})
    now = of_it.definition
    former = replace(
        now, fields={name: each for name, each in now.fields.items() if not name.endswith("_number")}, digest="of-old"
    )
    case = replace(of_it.case, state=StateName("sending"), definition="of-old")

    paper = composed(replace(of_it, case=case, definition=former), book_of(former).letters["reply"])

    assert paper.number == "答复 REQ-2026-00001"


@pytest.mark.parametrize("name", ["reply", "grant", "refusal"])
def test_a_draft_does_not_bear_the_number_that_waits_for_its_signature(name: str) -> None:
    assert "〔2026〕" not in the_letter("request" if name == "reply" else "licence", name).number


#: The receipt and the inner slips go by the number of the case; of these no step says when they go out.
UNNUMBERED = {"registration", "publication_inquiry", "announcement", "hearing_notice"}


def test_every_other_letter_that_goes_out_must_bear_a_number() -> None:
    bare = {
        name for kind in LETTERS for name, each in book(kind).letters.items()
        if each.look != "slip" and not each.delivers and "number" not in each.must
    }  # fmt: skip

    assert bare == UNNUMBERED


@pytest.mark.parametrize(
    ("times", "number"),
    [(0, "许可不予 LIC-2026-00001"), (1, "许可不予 LIC-2026-00001之二"), (2, "许可不予 LIC-2026-00001之三")],
)
def test_no_two_decisions_without_a_number_of_their_own_bear_the_same(times: int, number: str) -> None:
    of_it = asked("licence", {"decision_number": None})
    of_it = replace(of_it, case=replace(of_it.case, state=StateName("refused")))
    redone = replace(of_it.events[0], transition=TransitionName("redo"))

    letter = composed(replace(of_it, events=(*of_it.events, *[redone] * times)), book("licence").letters["refusal"])

    assert letter.number == number


def test_an_answer_to_a_proposal_is_not_written_before_it_is_signed() -> None:
    assert why_not("proposal", "reply", signed_on=None) == ["signed"]
    assert why_not("proposal", "co_opinion", handling="assist", signed_on=None) == ["signed"]


def test_what_is_said_when_a_reply_is_sent_is_not_missing_before_its_signature() -> None:
    unsent: dict[str, Scalar] = {"co_signers": "李代表", "form_enclosed": None, "copied_government": None, "copied_assigner": None, "reply_number": None}  # fmt: skip

    assert why_not("proposal", "reply", signed_on=None, **unsent) == ["signed"]
    assert why_not("proposal", "reply", **unsent) == []


def test_a_receipt_states_the_last_day() -> None:
    assert "将自收到申请之日起20个工作日内答复，即于2026年3月19日前答复" in said("request", "registration")


def test_every_letter_that_tells_a_last_day_says_by_which_step() -> None:
    for kind, name in ALL:
        of_it = asked(kind, LETTERS[kind][name])
        template = book(kind).letters[name]
        assert bool(last_days(of_it, template)) <= bool(template.told), (kind, name)


def test_what_was_told_stands_whatever_the_clock_says_now() -> None:
    of_it = asked("request", LETTERS["request"]["extension_notice"])
    told = Trace(("zhoujing",), 5, NOW)
    then = {5: {"reply": LastDay(date(2026, 4, 28))}}
    case = replace(of_it.case, trail={"extend": told})

    letter = composed(
        replace(of_it, case=case, clocks_after=then.__getitem__), book("request").letters["extension_notice"]
    )

    assert "将于2026年4月28日前作出答复" in "".join(letter.paragraphs)


@pytest.mark.parametrize(("view", "more", "says"), [
    ("objects", {}, "经书面征求意见，第三方不同意公开且有合理理由"),
    ("weak_objection", {"harm_text": "成本构成一经公开，竞争对手可据以压价"}, "经书面征求意见，第三方不同意公开；其理由不足，但本机关认定公开仍会对其合法权益造成损害：成本构成一经公开，竞争对手可据以压价"),
    ("silent", {}, "经书面征求意见，第三方逾期未提出意见，由本机关决定"),
    ("unreachable", {}, "征求意见书无法送达第三方，未能取得其意见，由本机关决定"),
])  # fmt: skip
def test_a_reply_for_a_third_partys_sake_says_what_became_of_asking_it(
    view: str, more: dict[str, Scalar], says: str
) -> None:
    reply = said("request", "reply", outcome="d4", **{**OUTCOMES["d4"], "third_party_view": view, **more})

    assert says in reply
    assert ("经书面征求" in reply) == (view != "unreachable")


def test_what_an_insufficient_objection_does_not_show_the_bureau_says_itself() -> None:
    weak = {**OUTCOMES["d4"], "third_party_view": "weak_objection"}

    assert why_not("request", "reply", outcome="d4", **weak) == ["harm_found", "harm_text"]


@pytest.mark.parametrize(("data", "says"), [
    ({"attribute": "withheld", "reason_kind": "R13-3", "reason_text": "不宜对外公开的内部事项"}, "本件所注理由种类与公开属性不符：不予公开只能依据条例第十四至十六条"),
    ({"attribute": "on_request", "reason_kind": "E16-1a", "reason_text": "不宜对外公开的内部事项"}, "本件所注理由种类与公开属性不符：该理由种类是不予公开的理由"),
    ({"attribute": "withheld", "reason_kind": "E16-1a", "reason_text": "不宜对外公开的内部事项"}, "本件依裁量不予公开，未写明公共利益权衡"),
])  # fmt: skip
def test_the_slip_of_a_return_says_what_is_wrong_where_everything_is_filled_in(
    data: dict[str, Scalar], says: str
) -> None:
    slip = said("document", "return_slip", **{**LETTERS["document"]["return_slip"], **data})

    assert says in slip
    assert "与公开属性不符" not in said("document", "return_slip")
