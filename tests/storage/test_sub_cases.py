"""Sub-cases through the desk: begun, waited for, followed and called off in one commit with the step that moves them."""

from __future__ import annotations

import pytest

from tests.factories import Office
from workflow.case import Command, TransitionName
from workflow.errors import GongkaiError, Invalid, Refused

ERRAND = """
format: gongkai/1
id: errand
version: 1
prefix: ERR
title: {zh: 事由, en: errand}
basis: [条例 15]
roles:
  values:
    drafter: {scope: section, zh: 拟稿人, en: drafter}
    office:  {scope: bureau, zh: 局办公室, en: the Office}
    system:  {scope: bureau, zh: 系统自动, en: the system}
fields:
  title:      {type: text, min: 2, max: 500, zh: 标题, en: title}
  whom:       {type: text, max: 40, zh: 征求意见的科室, en: section asked}
  asked_on:   {type: date, zh: 发函日期, en: asked on}
  heard_on:   {type: date, zh: 收齐日期, en: heard on}
  applicant:  {type: text, max: 40, personal: true, seen_by: [office], zh: 申请人, en: applicant}
guards:
  all_heard:  {needs: {children: opinion, all: closed}, zh: 意见尚未收齐, en: not everybody has answered}
  agreed:     {needs: {children: opinion, some: answered}, zh: 没有人答复, en: nobody has answered}
children:
  opinion: {kind: view, zh: 征求意见, en: opinion}
similar:
  same_applicant: {fields: [applicant], zh: 同一申请人的其他事项, en: others of the same applicant}
states:
  open:    {initial: true, waits_for: drafter, zh: 办理, en: open, edit: {drafter: [title, applicant]}}
  waiting: {waits_for: drafter, zh: 征求意见中, en: waiting}
  heard:   {waits_for: drafter, zh: 意见收齐, en: heard}
  closed_: {final: true, zh: 办结, en: done}
  dropped: {final: true, zh: 撤回, en: dropped}
transitions:
  ask:    {from: [open, waiting], to: waiting, roles: [drafter], form: {required: [whom]}, set: {asked_on: {today: true}},
           opens: {child: opinion, section: whom, set: {title: {copy: title}, asked_on: {copy: asked_on}}}, zh: 征求意见, en: ask}
  resume: {from: [waiting], to: heard, roles: [drafter, system], auto: true, guards: [all_heard], set: {heard_on: {latest: opinion.answered_on}}, zh: 意见收齐, en: resume}
  finish: {from: [heard], to: closed_, roles: [drafter], guards: [agreed], zh: 办结, en: finish}
  drop:   {from: [open, waiting, heard], to: dropped, roles: [drafter], cancels: [opinion], zh: 撤回, en: drop}
deadlines:
  work: {clock: internal, runs_in: [open, waiting, heard], limit: 10 working days, zh: 办理时限, en: work, escalate: [{after: 0 working days, tell: [office]}]}
never: {}
waive:
  - {check: idle-role, role: office, reason: 逾期只须知情}
"""
VIEW = """
format: gongkai/1
id: view
version: 1
prefix: VIEW
title: {zh: 意见, en: view}
basis: [条例 15]
roles:
  values:
    drafter: {scope: section, zh: 拟稿人, en: drafter}
    office:  {scope: bureau, zh: 局办公室, en: the Office}
    system:  {scope: bureau, zh: 系统自动, en: the system}
fields:
  title:       {type: text, min: 2, max: 500, zh: 标题, en: title}
  asked_on:    {type: date, zh: 发函日期, en: asked on}
  answered_on: {type: date, zh: 答复日期, en: answered on}
guards: {}
states:
  asked:    {initial: true, waits_for: drafter, zh: 征求中, en: asked, edit: {drafter: [title]}}
  answered: {final: true, zh: 已答复, en: answered}
  lapsed:   {final: true, zh: 逾期未复, en: lapsed}
  called_off: {final: true, zh: 已撤销, en: called off}
transitions:
  answer: {from: [asked], to: answered, roles: [drafter], set: {answered_on: {today: true}}, zh: 答复, en: answer}
  lapse:  {from: [asked], to: lapsed, roles: [system], set: {answered_on: {due: answer}}, zh: 逾期, en: lapse}
  cancel: {from: [asked], to: called_off, roles: [system], zh: 撤销, en: cancel}
deadlines:
  answer: {clock: internal, runs_in: [asked], limit: 3 working days, on_expiry: lapse, zh: 答复时限, en: answer,
           escalate: [{after: 0 working days, tell: [office]}]}
waive:
  - {check: idle-role, role: office, reason: 逾期只须知情}
"""


@pytest.fixture
def errand(office: Office) -> str:
    for text, name in ((VIEW, "view.yaml"), (ERRAND, "errand.yaml")):
        office.desk.install_definition(office.actor("admin"), text, name)
    return office.desk.start(office.actor("wangmin"), "errand", title="征求国库科意见").case.case.id


def asked(office: Office, errand: str, whom: str = "国库科") -> str:
    """A view that is asked for; its id."""
    office.does("wangmin", "ask", errand, whom=whom)
    return office.case(errand).children[-1].id


def test_a_step_begins_a_sub_case_in_the_section_that_it_names(office: Office, errand: str) -> None:
    child = asked(office, errand)

    view = office.case(child)
    assert (view.kind, view.section, view.title, view.parent) == ("view", "国库科", "征求国库科意见", errand)
    assert view.data["asked_on"] == "2026-03-02"
    assert [each.number for each in office.desk.worklist(office.actor("chenjing")).cases] == ["VIEW-2026-00001"]
    assert not office.desk.verify().problems


def test_the_parent_goes_on_in_the_commit_in_which_the_last_answer_comes(office: Office, errand: str) -> None:
    first, second = asked(office, errand), asked(office, errand, "预算科")

    office.does("chenjing", "answer", first)
    assert office.case(errand).state == "waiting"
    office.clock.set("2026-03-03T10:00")
    office.does("wangmin", "answer", second)

    parent = office.case(errand)
    assert (parent.state, parent.data["heard_on"]) == ("heard", "2026-03-03")
    last = office.history(errand)[-1]
    assert (last.transition, last.automatic) == ("resume", True)
    assert not office.desk.verify().problems


def test_a_case_that_has_just_asked_does_not_wake_the_sweep_as_if_all_had_answered(office: Office, errand: str) -> None:
    asked(office, errand)

    due = office.desk.next_due_at()

    assert due is not None
    assert due > office.clock()


def test_a_refusal_names_the_sub_cases_that_are_missing(office: Office, errand: str) -> None:
    asked(office, errand)

    with pytest.raises(Refused) as refusal:
        office.does("wangmin", "resume", errand)

    assert "VIEW-2026-00001（国库科，征求中）" in refusal.value.reasons[0].text.zh
    assert "VIEW-2026-00001 (国库科, asked)" in refusal.value.reasons[0].text.en


def test_nobody_answering_is_not_somebody_having_answered(office: Office, errand: str) -> None:
    asked(office, errand)
    office.clock.set("2026-03-09T09:00")

    office.desk.sweep()

    assert office.case(errand).state == "heard"
    assert office.case(errand).data["heard_on"] == "2026-03-05", "the last day of the limit, not the day of the sweep"
    with pytest.raises(Refused):
        office.does("wangmin", "finish", errand)
    assert not office.desk.verify().problems


def test_what_is_dropped_calls_off_what_it_waits_for(office: Office, errand: str) -> None:
    child = asked(office, errand)

    office.does("wangmin", "drop", errand)

    assert office.case(child).state == "called_off"
    assert office.case(errand).state == "dropped"
    assert not office.desk.verify().problems


def test_what_is_dropped_leaves_the_answers_that_came_as_they_are(office: Office, errand: str) -> None:
    first, second = asked(office, errand), asked(office, errand)
    office.does("chenjing", "answer", first)

    office.does("wangmin", "drop", errand)

    assert [office.case(each).state for each in (first, second)] == ["answered", "called_off"]
    assert office.case(errand).state == "dropped"


def test_the_sweep_goes_on_where_many_automatic_steps_follow_one_answer(office: Office) -> None:
    states = "".join(f"  on_{n}: {{waits_for: drafter, zh: 传递{n}, en: on {n}}}\n" for n in range(7))
    auto = "roles: [drafter, system], auto: true"
    steps = "".join(f"  go_{n}: {{from: [on_{n}], to: on_{n + 1}, {auto}, zh: 续{n}, en: go {n}}}\n" for n in range(6))
    steps += f"  go_6: {{from: [on_6], to: heard, {auto}, zh: 续6, en: go 6}}\n"
    running = ", ".join(f"on_{n}" for n in range(7))
    text = ERRAND.replace("to: heard", "to: on_0").replace("transitions:\n", f"{states}transitions:\n{steps}")
    text = text.replace("runs_in: [open, waiting, heard]", f"runs_in: [open, waiting, heard, {running}]")
    for each, name in ((VIEW, "view.yaml"), (text, "errand.yaml")):
        office.desk.install_definition(office.actor("admin"), each, name)
    parent = office.desk.start(office.actor("wangmin"), "errand", title="征求国库科意见").case.case.id
    child = asked(office, parent)

    office.does("chenjing", "answer", child)
    assert office.case(parent).state == "on_4"
    office.desk.sweep()

    assert office.case(parent).state == "heard"


def test_a_likeness_that_was_corrected_away_is_found_no_more(office: Office, errand: str) -> None:
    office.desk.edit(office.actor("wangmin"), errand, data={"applicant": "李华"})
    office.desk.edit(office.actor("wangmin"), errand, data={"applicant": "李桦"})

    other = office.desk.start(office.actor("wangmin"), "errand", title="另一件", data={"applicant": "李华"})

    assert not other.warnings


def test_a_section_that_is_not_there_begins_nothing(office: Office, errand: str) -> None:
    with pytest.raises(Invalid) as fault:
        office.does("wangmin", "ask", errand, whom="国宾科")

    assert "国宾科" in fault.value.problems[0].text.zh
    assert (office.case(errand).state, office.case(errand).children) == ("open", ())


def test_the_same_applicant_is_found_whatever_the_width_of_the_letters(office: Office, errand: str) -> None:
    first = office.desk.start(office.actor("wangmin"), "errand", title="第一件", data={"applicant": "Ｌi Hua"})

    second = office.desk.start(office.actor("wangmin"), "errand", title="第二件", data={"applicant": "li hua"})

    assert not first.warnings
    assert [each.text.zh for each in second.warnings] == [f"同一申请人的其他事项：{first.case.case.number}"]


def test_a_case_of_another_section_is_not_named_as_alike(office: Office, errand: str) -> None:
    office.desk.start(office.actor("chenjing"), "errand", title="国库科的一件", data={"applicant": "李华"})

    mine = office.desk.start(office.actor("wangmin"), "errand", title="预算科的一件", data={"applicant": "李华"})

    assert not mine.warnings


def test_of_many_steps_one_that_fails_while_it_begins_a_sub_case_leaves_nothing(office: Office, errand: str) -> None:
    wrong = (errand, Command(TransitionName("ask"), {"whom": "没有这个科"}))
    good = (office.draft(), Command(TransitionName("submit")))

    refused, done = office.desk.fire_many(office.actor("wangmin"), [wrong, good])

    assert isinstance(refused, Invalid)
    assert not isinstance(done, GongkaiError)
    parent = office.case(errand)
    assert (parent.state, parent.seq, parent.children) == ("open", 1, ())
    assert not office.desk.verify().problems
