"""发文字号 of what goes out by itself: none twice, none left out, whatever hands press at once and however a step ends."""

from __future__ import annotations

import threading

import pytest

from tests.definitions.requests import Counter, reply_of
from tests.letters.office_papers import asked, kinds
from workflow.case import TransitionName
from workflow.errors import Denied
from workflow.numbering import number_due


def in_signing(office: Counter) -> str:
    office.received("2026-03-02")
    office.does("take_up")
    office.does("submit_reply", **reply_of("d5"))
    office.does("approve", by="qianwei")
    return office.case


def number_of(office: Counter, case: str) -> object:
    return office.desk.case(office.desk.actor("audit"), case).case.data.get("reply_number")


def test_two_replies_that_are_signed_at_once_bear_two_numbers_without_a_gap(counter: Counter) -> None:
    cases = [in_signing(counter) for _ in range(2)]
    together = threading.Barrier(2)

    def sign(case: str) -> None:
        leader = counter.desk.actor("zhouju")
        together.wait()
        counter.desk.fire(leader, case, "sign")

    hands = [threading.Thread(target=sign, args=(case,)) for case in cases]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    assert {number_of(counter, case) for case in cases} == {"下财公开复〔2026〕1号", "下财公开复〔2026〕2号"}


def test_a_signature_that_is_refused_or_only_tried_gives_no_number_away(counter: Counter) -> None:
    case = in_signing(counter)
    leader = counter.desk.actor("zhouju")
    with pytest.raises(Denied):
        counter.desk.fire(counter.desk.actor("zhaoyun"), case, "sign")
    tried = counter.desk.fire(leader, case, "sign", dry_run=True)
    assert number_of(counter, case) is None

    counter.does("sign", by="zhouju")

    assert tried.case.case.data["reply_number"] == number_of(counter, case) == "下财公开复〔2026〕1号"


@pytest.mark.parametrize(("there", "kept"), [
    (None, None), ("下财公开复〔2026〕7号", 7), ("下财公开复〔2025〕7号", None), ("下财公开告〔2026〕7号", None), ("答复7号", None),
])  # fmt: skip
def test_a_reply_that_is_signed_again_keeps_its_number_within_its_series_and_year(
    there: str | None, kept: int | None
) -> None:
    signed = asked("request", {"series": "下财公开复", "letter_on": "2026-03-02", "reply_number": there}).case

    order = number_due(kinds()["request"].transitions[TransitionName("sign")], signed)

    assert order is not None
    assert order.serial == kept
