"""Opinions asked of others, through the desk with a set clock: an answer, silence, a late answer, a question called off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.definitions.proposals import Deputies, bureau_before_2026, bureau_from
from workflow.errors import Denied, Refused

#: A case that does nothing but ask: what the kinds that ask in earnest have in common.
ERRAND = """
format: gongkai/1
id: errand
version: 1
prefix: ERR
title: {zh: 事由, en: errand}
roles: {catalogue: roles}
fields:
  title:    {type: text, min: 2, max: 500, zh: 标题, en: title}
  purpose:  {type: enum, values: {section: {zh: 科室, en: section}, third_party: {zh: 第三方, en: third party}, joint_agency: {zh: 机关, en: agency}, co_handler: {zh: 会办, en: co-handler}}, zh: 种类, en: purpose}
  party:    {type: text, max: 200, zh: 被征求意见方, en: party}
  question: {type: text, max: 500, zh: 问题, en: question}
  served:   {type: date, zh: 送达日期, en: served on}
  heard_on: {type: date, zh: 收齐日期, en: heard on}
guards:
  heard: {needs: {children: asked, all: closed}, zh: 意见未收齐, en: not everybody has answered}
children:
  asked: {kind: opinion, zh: 征求意见, en: opinion}
states:
  open:    {initial: true, waits_for: office, zh: 办理, en: open, edit: {office: [title]}}
  waiting: {waits_for: office, zh: 等待, en: waiting}
  done:    {final: true, zh: 办结, en: done}
  dropped: {final: true, zh: 撤回, en: dropped}
transitions:
  ask:  {from: [open, waiting], to: waiting, roles: [office], form: {required: [purpose, party, question, served]},
         opens: {child: asked, set: {purpose: {copy: purpose}, party: {copy: party}, question: {copy: question}, asked_on: {copy: served}}}, zh: 征求意见, en: ask}
  go:   {from: [waiting], to: done, roles: [office, system], auto: true, guards: [heard], set: {heard_on: {latest: asked.answered_on}}, zh: 办结, en: finish}
  drop: {from: [open, waiting], to: dropped, roles: [office], cancels: [asked], zh: 撤回, en: drop}
deadlines:
  work: {clock: internal, runs_in: [open, waiting], limit: 60 working days, zh: 时限, en: limit, escalate: [{after: 0 working days, tell: [office, office_head]}]}
never: {}
"""


@pytest.fixture(scope="module")
def bureau_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bureau_before_2026(tmp_path_factory.mktemp("asked") / "bureau.db")


@pytest.fixture
def office(bureau_file: Path, tmp_path: Path) -> Iterator[Deputies]:
    with bureau_from(bureau_file, tmp_path / "bureau.db") as opened:
        opened.desk.install_definition(opened.actor("admin"), ERRAND, "errand.yaml")
        yield opened
        assert not opened.desk.verify().problems


def asks(office: Deputies, purpose: str = "third_party", served: str = "2026-03-02") -> tuple[str, str]:
    """A case that has asked, and its question."""
    office.clock.set(f"{served}T09:00")
    case = office.desk.start(office.actor("zhaoyun"), "errand", title="征求意见", section="预算科").case.case.id
    office.does("zhaoyun", "ask", case, purpose=purpose, party="某公司", question="是否同意公开", served=served)
    return case, office.children(case)[-1].id


def lacks(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    """By what a step was refused."""
    return [each.name for each in refusal.value.reasons]


OBJECTS: dict[str, Any] = {"answer": "objects", "opinion_text": "合同涉及本公司报价，属商业秘密"}


@pytest.mark.parametrize("purpose", ["third_party", "joint_agency"])
def test_an_answer_counts_until_the_last_minute_of_the_fifteenth_working_day(office: Deputies, purpose: str) -> None:
    case, question = asks(office, purpose)
    assert office.due(question, "outside") == "2026-03-23"
    office.clock.set("2026-03-23T23:59")
    office.desk.sweep()

    office.does("zhaoyun", "record_answer", question, **OBJECTS, answered_on="2026-03-23")

    assert (office.state(question), office.case(question).data["answer"]) == ("answered", "objects")
    assert office.case(case).data["heard_on"] == "2026-03-23"
    assert office.ended(question)["outside"] == "met"


def test_on_the_day_after_it_can_no_more_be_recorded_as_an_answer(office: Deputies) -> None:
    _, question = asks(office)
    office.clock.set("2026-03-24T00:00")

    for day in ("2026-03-23", "2026-03-24"):
        with pytest.raises(Refused) as refusal:
            office.does("zhaoyun", "record_answer", question, **OBJECTS, answered_on=day)
        assert lacks(refusal) == ["in_time"]


@pytest.mark.parametrize("swept", ["2026-03-24T00:00", "2026-04-08T09:00"])
def test_silence_ends_with_the_last_day_whenever_it_is_noticed(office: Deputies, swept: str) -> None:
    case, question = asks(office)
    office.clock.set("2026-03-23T23:59")
    office.desk.sweep()
    assert office.state(question) == "asked"

    office.clock.set(swept)
    office.desk.sweep()

    data = office.case(question).data
    assert (office.state(question), data["answer"], data["answered_on"]) == ("lapsed", "silence", "2026-03-23")
    assert office.history(question)[-1].automatic
    assert (office.state(case), office.case(case).data["heard_on"]) == ("done", "2026-03-23")
    assert any("征求意见" in each and "逾期未答复" in each for each in office.told("zhaoyun"))


def test_nobody_says_silence_in_anothers_place(office: Deputies) -> None:
    _, question = asks(office)

    with pytest.raises(Refused) as refusal:
        office.does(
            "zhaoyun", "record_answer", question, answer="silence", opinion_text="没有意见", answered_on="2026-03-02"
        )

    assert lacks(refusal) == ["spoken"]
    with pytest.raises(Denied):
        office.does("zhaoyun", "lapse", question)


def test_a_late_answer_is_kept_on_record_and_changes_nothing(office: Deputies) -> None:
    case, question = asks(office)
    office.clock.set("2026-03-24T09:00")
    office.desk.sweep()
    before = dict(office.case(question).data)
    asked_for = office.case(case)

    office.does("lihua", "late_answer", question, late_on="2026-03-24", late_text="不同意公开")

    after = office.case(question)
    assert {**before, "late_on": "2026-03-24", "late_text": "不同意公开"} == dict(after.data)
    assert after.state == "lapsed"
    assert (office.case(case).data, office.state(case)) == (asked_for.data, asked_for.state)
    assert office.history(question)[-1].transition == "late_answer"


@pytest.mark.parametrize(("late_on", "why"), [("2026-03-20", "late_is_late"), ("2026-03-23", "not_last_day")])
def test_an_answer_inside_the_limit_is_not_filed_as_late(office: Deputies, late_on: str, why: str) -> None:
    _, question = asks(office)
    office.clock.set("2026-03-25T09:00")
    office.desk.sweep()

    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "late_answer", question, late_on=late_on, late_text="不同意公开")

    assert lacks(refusal) == [why]


def test_a_letter_that_came_on_the_last_day_and_lay_in_the_post_room_counts(office: Deputies) -> None:
    _, question = asks(office)
    office.clock.set("2026-03-25T09:00")
    office.desk.sweep()
    with pytest.raises(Refused) as late:
        office.does("zhaoyun", "timely_answer", question, comment="收发室25日转来", **OBJECTS, answered_on="2026-03-24")
    assert lacks(late) == ["was_in_time"]

    office.does("zhaoyun", "timely_answer", question, comment="收发室25日转来", **OBJECTS, answered_on="2026-03-23")

    assert (office.state(question), office.case(question).data["answer"]) == ("answered", "objects")


@pytest.mark.parametrize(
    ("purpose", "step"),
    [
        ("section", "answer"),
        ("co_handler", "answer"),
        ("third_party", "record_answer"),
        ("joint_agency", "record_answer"),
    ],
)
def test_no_answer_is_dated_before_the_question_was_asked_nor_after_today(
    office: Deputies, purpose: str, step: str
) -> None:
    _, question = asks(office, purpose)

    for day, why in (("2026-03-01", "after_asking"), ("2026-03-03", "answered_on")):
        with pytest.raises(Refused) as refusal:
            office.does("zhaoyun", step, question, **OBJECTS, answered_on=day)
        assert lacks(refusal) == [why]
    office.does("zhaoyun", step, question, **OBJECTS, answered_on="2026-03-02")


def test_who_objects_says_why(office: Deputies) -> None:
    _, question = asks(office)

    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "record_answer", question, answer="objects", answered_on="2026-03-02")

    assert lacks(refusal) == ["reasons_given"]


def test_a_question_is_called_off_with_its_case_and_what_still_comes_is_kept(office: Deputies) -> None:
    case, question = asks(office)
    office.clock.set("2026-03-10T09:00")

    office.does("zhaoyun", "drop", case)

    assert (office.state(question), office.due(question, "outside")) == ("cancelled", None)
    assert any("不再需要此意见" in each for each in office.told("lihua"))
    office.clock.set("2026-03-30T09:00")
    office.desk.sweep()
    assert office.state(question) == "cancelled", "no silence after that"
    office.does("zhaoyun", "keep_answer", question, late_on="2026-03-27", late_text="不同意公开")
    assert (office.state(question), office.state(case)) == ("cancelled", "dropped")


def test_nobody_calls_a_question_off_or_begins_one_by_hand(office: Deputies) -> None:
    _, question = asks(office)

    with pytest.raises(Denied):
        office.does("zhaoyun", "cancel", question)
    for person in ("zhaoyun", "lihua", "zhouju"):
        with pytest.raises(Denied):
            office.desk.start(office.actor(person), "opinion", title="征求意见", section="预算科")


def test_a_section_owes_its_answer_even_when_it_is_late(office: Deputies) -> None:
    _, question = asks(office, "section")
    assert office.due(question, "section") == "2026-03-09"
    office.clock.set("2026-03-10T09:00")
    office.desk.sweep()
    assert office.state(question) == "asked"
    assert any("逾期上报" in each for each in office.told("lihua"))

    office.does("lihua", "answer", question, answer="provided", opinion_text="已附材料", answered_on="2026-03-10")

    assert office.state(question) == "answered"
    assert office.ended(question)["section"] == "late"


@pytest.mark.parametrize(
    ("purpose", "step", "last", "next_day"),
    [
        ("section", "go_on_without_section", "2026-03-09", "2026-03-10"),
        ("co_handler", "go_on_without_co_handler", "2026-05-06", "2026-05-07"),
    ],
)
def test_whoever_goes_on_without_an_answer_waits_for_the_last_day_and_says_why(
    office: Deputies, purpose: str, step: str, last: str, next_day: str
) -> None:
    case, question = asks(office, purpose)
    office.clock.set(f"{last}T23:59")
    with pytest.raises(Refused) as early:
        office.does("zhaoyun", step, question, comment="多次催办未复")
    assert lacks(early) == ["when_blocked"]

    office.clock.set(f"{next_day}T00:00")
    with pytest.raises(Refused) as unsaid:
        office.does("zhaoyun", step, question)
    assert lacks(unsaid) == ["comment"]
    office.does("zhaoyun", step, question, comment="多次催办未复")

    data = office.case(question).data
    assert (office.state(question), data["answer"], data["due_on"]) == ("lapsed", "silence", last)
    assert data["answered_on"] == next_day, "the day on which somebody decided not to wait any longer"
    assert office.state(case) == "done"


def test_a_slip_of_the_pen_is_mended_with_a_reason_and_the_clock_follows(office: Deputies) -> None:
    _, question = asks(office)
    office.clock.set("2026-03-04T09:00")

    office.does(
        "zhaoyun", "correct", question, comment="回执载明3日送达", asked_on="2026-03-03", party_contact="0571-1"
    )

    assert (office.due(question, "outside"), office.case(question).data["party_contact"]) == ("2026-03-24", "0571-1")
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "correct", question, comment="再改", asked_on="2026-03-05")
    assert lacks(refusal) == ["asked_already"]
