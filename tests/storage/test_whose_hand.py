"""Whose hand wrote what, and from when a clock counts: what somebody tried so that nobody would notice."""

from __future__ import annotations

import pytest

from tests.factories import Office
from workflow.case import Scalar
from workflow.errors import Refused

HEAD = """
format: gongkai/1
id: {id}
version: 1
prefix: {prefix}
title: {{zh: 稿件, en: paper}}
basis: [国发〔1999〕25号]
roles: {{catalogue: roles}}
waive: [{{check: no-deadline, state: draft, reason: 填写阶段不计时}}]
"""
#: The section's head may edit while the paper is reviewed, and then not sign; the step writes the text by itself.
DEFAULTED = (
    HEAD.format(id="paper", prefix="PAP")
    + """
fields:
  title: {type: text, max: 500, zh: 标题, en: title}
  body:  {type: text, max: 500, zh: 正文, en: body}
guards:
  not_own: {check: four_eyes, params: {apart_from: [start, edit.draft, submit, edit.review]}, zh: 不得签发自己所写, en: not your own text}
states:
  draft:   {initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {drafter: [title, body]}}
  review:  {waits_for: section_head, zh: 审核, en: review, edit: {section_head: [body]}}
  signing: {waits_for: section_head, zh: 签发, en: signing}
  done:    {final: true, zh: 已公开, en: published}
transitions:
  submit: {from: [draft], to: review, roles: [drafter], zh: 提交, en: submit}
  pass:   {from: [review], to: signing, roles: [section_head], zh: 通过, en: pass,
           set: {body: {choose: [{if: {body: unset}, then: 见附件}, {then: {copy: body}}]}}}
  sign:   {from: [signing], to: done, roles: [section_head, leader], guards: [not_own], zh: 签发, en: sign}
deadlines:
  work: {clock: internal, runs_in: [review, signing], limit: 3 working days, zh: 承办时限, en: work, escalate: [{after: 0 working days, tell: [leader]}]}
passes:
  by_another: {to: [done], through: [sign], apart_from: [start, edit.draft, submit, edit.review], zh: 须由他人签发, en: signed by another person}
"""
)
#: A paper is filled in by a drafter, or by the step of a case that supplies its text.
FILLED = (
    HEAD.format(id="paper", prefix="PAP").replace("state: draft", "state: empty")
    + """
fields:
  title: {type: text, max: 500, zh: 标题, en: title}
  body:  {type: text, max: 500, zh: 正文, en: body}
guards:
  not_own: {check: four_eyes, params: {apart_from: [start, fill]}, zh: 不得公开自己所写, en: not your own text}
states:
  empty:  {initial: true, waits_for: drafter, zh: 待填, en: empty, edit: {drafter: [title]}}
  review: {waits_for: section_head, zh: 审核, en: review}
  public: {final: true, zh: 公开, en: public}
transitions:
  fill:    {from: [empty], to: review, roles: [drafter, system], form: {required: [body]}, zh: 填写, en: fill}
  publish: {from: [review], to: public, roles: [section_head, leader], guards: [not_own], zh: 公开, en: publish}
deadlines:
  work: {clock: internal, runs_in: [review], limit: 3 working days, zh: 承办时限, en: work, escalate: [{after: 0 working days, tell: [leader]}]}
passes:
  by_another: {to: [public], through: [publish], apart_from: [start, fill], zh: 须由他人公开, en: published by another person}
"""
)
SUPPLY = (
    HEAD.format(id="supply", prefix="SUP")
    + """
fields:
  title: {type: text, max: 500, zh: 标题, en: title}
  body:  {type: text, max: 500, zh: 正文, en: body}
  paper: {type: case, of: [paper], max: 3, zh: 稿件, en: paper}
states:
  draft: {initial: true, waits_for: section_head, zh: 起草, en: draft, edit: {section_head: [title, body, paper]}}
  done:  {final: true, zh: 已供, en: supplied}
transitions:
  supply: {from: [draft], to: done, roles: [section_head], form: {required: [body]}, moves: [{case: paper, step: fill, set: {body: {copy: body}}}], zh: 供稿, en: supply}
"""
)
#: What was answered is taken up again: the clock begins anew.
AGAIN = (
    HEAD.format(id="paper", prefix="PAP")
    + """
fields:
  title:  {type: text, max: 500, zh: 标题, en: title}
  got_on: {type: date, zh: 收到日期, en: received on}
states:
  draft:    {initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {drafter: [title]}}
  review:   {waits_for: section_head, zh: 审核, en: review}
  reopened: {waits_for: section_head, zh: 重新审核, en: reopened}
  done:     {final: true, zh: 已公开, en: published}
transitions:
  submit: {from: [draft], to: review, roles: [drafter], form: {required: [got_on]}, zh: 提交, en: submit}
  answer: {from: [review], to: done, roles: [section_head], zh: 答复, en: answer}
  redo:   {from: [done], to: reopened, roles: [section_head], zh: 重办, en: redo}
  close:  {from: [reopened], to: done, roles: [section_head], zh: 办结, en: close}
deadlines:
  work: {clock: statutory, basis: 条例 26, runs_in: [review, reopened], anchor: {event: [submit], date: got_on}, done_by: [answer], restart: [{event: redo}],
         limit: 20 working days, zh: 承办时限, en: work, escalate: [{after: 0 working days, tell: [leader]}]}
"""
)


def installed(office: Office, **kinds: str) -> None:
    files = [(text, f"{name}.yaml") for name, text in kinds.items()]
    office.desk.install_definitions(office.actor("admin"), files)


def begun(office: Office, person: str, kind: str, **data: Scalar) -> str:
    return office.desk.start(office.actor(person), kind, title="关于预算的稿件", data=data).case.case.id


def test_a_text_is_not_written_with_a_step_that_writes_it_by_itself(office: Office) -> None:
    installed(office, paper=DEFAULTED)
    case = begun(office, "wangmin", "paper", body="正文")
    office.does("wangmin", "submit", case)

    with pytest.raises(Refused) as refused:
        office.does("lihua", "pass", case, body="改写的正文")

    assert [each.name for each in refused.value.reasons] == ["body"]
    office.desk.edit(office.actor("lihua"), case, data={"body": "改写的正文"})
    office.does("lihua", "pass", case)
    with pytest.raises(Refused):
        office.does("lihua", "sign", case)
    office.does("zhouju", "sign", case)


def test_who_moves_another_case_has_had_a_hand_in_it(office: Office) -> None:
    installed(office, paper=FILLED, supply=SUPPLY)
    paper = begun(office, "wangmin", "paper")
    number = office.case(paper).number
    supply = begun(office, "lihua", "supply", paper=number)
    office.does("lihua", "supply", supply, body="李华写的正文")
    moved = office.history(paper)[-1]

    assert (moved.actor, moved.on_behalf_of, moved.automatic) == ("system", "lihua", True)
    with pytest.raises(Refused):
        office.does("lihua", "publish", paper)
    office.does("zhouju", "publish", paper)
    assert office.desk.verify().problems == ()


def test_a_clock_that_was_fulfilled_begins_anew_when_the_case_is_taken_up_again(office: Office) -> None:
    installed(office, paper=AGAIN)
    case = begun(office, "wangmin", "paper")
    office.does("wangmin", "submit", case, got_on="2026-03-02")
    office.does("lihua", "answer", case)
    office.clock.set("2026-06-01T09:00")
    office.does("lihua", "redo", case)

    (clock,) = [each for each in office.case(case).deadlines if each.closed_at is None]
    assert clock.anchor_on.isoformat() == "2026-06-01"


def test_a_day_from_which_a_clock_counts_has_come_when_it_is_typed_with_a_step(office: Office) -> None:
    installed(office, paper=AGAIN)
    case = begun(office, "wangmin", "paper")

    with pytest.raises(Refused) as refused:
        office.does("wangmin", "submit", case, got_on="2126-03-02")

    assert [each.name for each in refused.value.reasons] == ["got_on"]
