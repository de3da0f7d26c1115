"""A plan goes by what the bureau's people can do, says what hangs on others and by when each stage must be done, and why there is none."""

from __future__ import annotations

import pytest

from storage.planning import Plan
from tests.factories import Office
from workflow.prover.whose import Choice

LEAVE = """
format: gongkai/1
id: leave
version: 1
prefix: LEA
title: {zh: 占道, en: leave}
basis: [行政许可法]
roles:
  values:
    drafter: {scope: section, zh: 拟稿人, en: drafter}
    office:  {scope: bureau, zh: 局办公室, en: the Office}
    system:  {scope: bureau, zh: 系统自动, en: the system}
fields:
  title: {type: text, min: 2, max: 500, zh: 标题, en: title}
  level: {type: enum, values: {low: {zh: 低, en: low}, high: {zh: 高, en: high}}, zh: 等级, en: level}
guards:
  once: {check: first_time, params: {steps: [hear]}, zh: 只能听证一次, en: it is heard only once}
  low:  {if: {level: low}, zh: 等级须为低, en: the level must be low}
states:
  draft:     {initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {drafter: [title, level]}}
  review:    {waits_for: office, zh: 审核, en: review}
  asked:     {waits_for: office, zh: 待答复, en: asked}
  heard:     {waits_for: office, zh: 听证, en: heard}
  inspected: {waits_for: office, zh: 踏勘, en: inspected}
  drawn:     {waits_for: office, zh: 绘图, en: drawn}
  going:     {waits_for: office, zh: 待发, en: going}
  granted:   {final: true, zh: 已许可, en: granted}
  registered: {final: true, zh: 已登记, en: registered}
  refused:   {final: true, zh: 不予许可, en: refused}
  silent:    {final: true, zh: 逾期未答, en: silent}
transitions:
  file:     {from: [draft], to: review, roles: [drafter], zh: 报送, en: file}
  ask:      {from: [review], to: asked, roles: [office], zh: 征询, en: ask}
  answer:   {from: [asked], to: going, roles: [office], zh: 收到答复, en: answer}
  lapse:    {from: [asked], to: silent, roles: [system], zh: 逾期, en: lapse}
  hear:     {from: [review], to: heard, roles: [office], guards: [once], zh: 举行听证, en: hear}
  close:    {from: [heard], to: review, roles: [office], zh: 听证结束, en: close}
  inspect:  {from: [review], to: inspected, roles: [office], zh: 踏勘, en: inspect}
  draw:     {from: [inspected], to: drawn, roles: [office], zh: 绘图, en: draw}
  pass:     {from: [drawn], to: going, roles: [office], zh: 通过, en: pass}
  grant:    {from: [going], to: granted, roles: [office], if: {not: {level: high}}, zh: 许可, en: grant}
  refuse:   {from: [going], to: refused, roles: [office], zh: 不予许可, en: refuse}
  register: {from: [going], to: registered, roles: [office], guards: [low], zh: 登记, en: register}
deadlines:
  review:  {clock: internal, runs_in: [review, heard], limit: 3 working days, zh: 审核时限, en: review, escalate: [{after: 0 working days, tell: [office]}]}
  reply:   {clock: internal, runs_in: [asked], limit: 5 calendar days, on_expiry: lapse, zh: 答复时限, en: reply}
  inspect: {clock: internal, runs_in: [inspected, drawn], limit: 10 calendar days, zh: 踏勘时限, en: inspection, escalate: [{after: 0 working days, tell: [office]}]}
  go:      {clock: internal, runs_in: [going], limit: 2 working days, zh: 发出时限, en: going out, escalate: [{after: 0 working days, tell: [office]}]}
  whole:   {clock: statutory, runs_in: [review, heard, inspected, drawn, going], pauses_in: [asked], anchor: {event: file}, limit: 20 working days, basis: 行政许可法 42, zh: 办理期限, en: whole,
            escalate: [{after: 0 working days, tell: [office]}]}
never:
  high_granted: {in: [granted], when: {level: high}, zh: 等级为高的不得许可, en: nothing of a high level is granted}
waive: [{check: no-deadline, state: draft, reason: 起草阶段不计时}]
"""


@pytest.fixture
def url(file_url: str) -> str:
    """In a file: what is tried here is judged above the store."""
    return file_url


@pytest.fixture
def leave(office: Office) -> Office:
    office.desk.install_definition(office.actor("admin"), LEAVE, "leave.yaml")
    return office


def filed(office: Office, level: str = "low") -> str:
    case = office.desk.start(office.actor("wangmin"), "leave", title="占道", data={"level": level}).case.case.id
    office.does("wangmin", "file", case)
    return case


def plan(office: Office, case: str, to: str) -> Plan:
    return office.desk.plan(office.actor("zhengshen"), case, to)


def names(found: Plan) -> list[str]:
    return [each.stage.name for each in found.stages]


def test_a_longer_way_of_our_own_is_taken_before_one_that_waits_for_an_answer(leave: Office) -> None:
    found = plan(leave, filed(leave), "granted")

    assert names(found) == ["inspect", "draw", "pass", "grant"]
    assert not found.hangs_on_others


def test_where_the_only_way_is_a_limit_that_runs_out_the_plan_says_so(leave: Office) -> None:
    found = plan(leave, filed(leave), "silent")

    assert [each.stage.choice for each in found.stages] == [Choice.OURS, Choice.EXPIRY]
    assert found.to_json()["hangs_on_others"] is True


def test_what_waits_for_somebody_outside_is_marked(leave: Office) -> None:
    case = filed(leave)
    leave.does("zhaoyun", "ask", case)

    (answer, grant) = plan(leave, case, "granted").stages

    assert (answer.stage.choice, grant.stage.choice) == (Choice.OTHERS, Choice.OURS)


def test_each_stage_has_the_day_by_which_it_must_be_done_if_all_before_use_their_limits(leave: Office) -> None:
    found = plan(leave, filed(leave), "granted")  # filed on Monday 2 March

    days = [(by.rule.name, str(by.rolled_on), str(by.strict_on)) for each in found.stages if (by := each.by)]
    assert days == [
        ("review", "2026-03-05", "2026-03-05"),
        ("inspect", "2026-03-16", "2026-03-15"),  # a Sunday
        ("inspect", "2026-03-16", "2026-03-15"),
        ("go", "2026-03-18", "2026-03-18"),
    ]


def test_a_clock_that_stands_still_meanwhile_is_counted_on_as_it_will_be(leave: Office) -> None:
    case = filed(leave)
    leave.does("zhaoyun", "ask", case)
    leave.clock.set("2026-03-05T10:00")

    answer, _ = plan(leave, case, "granted").stages

    assert answer.by is not None
    assert (answer.by.rule.name, str(answer.by.strict_on), str(answer.by.rolled_on)) == (
        "reply",
        "2026-03-07",
        "2026-03-09",
    )


def test_a_day_in_a_year_that_is_not_announced_is_provisional(leave: Office) -> None:
    leave.clock.set("2026-12-28T10:00")

    first, *_, last = plan(leave, filed(leave), "granted").stages

    assert first.by is not None
    assert last.by is not None
    assert (first.by.provisional, last.by.provisional) == (False, True)


def test_a_limit_that_will_be_over_before_its_stage_begins_is_told(leave: Office) -> None:
    case = filed(leave)
    leave.clock.set("2026-03-27T10:00")

    by = plan(leave, case, "granted").stages[0].by

    assert by is not None
    assert by.over


def test_a_step_that_can_be_taken_once_is_no_way_a_second_time(leave: Office) -> None:
    case = filed(leave)
    assert names(plan(leave, case, "heard")) == ["hear"]

    leave.does("zhaoyun", "hear", case)
    leave.does("zhaoyun", "close", case)
    found = plan(leave, case, "heard")

    assert found.no_way is not None
    assert found.no_way.zh == "从现状到不了“听证”：“举行听证”只能办一次，已经办过"
    assert "only once" in found.no_way.en
    assert found.since is not None
    assert found.since.zh == "自“听证结束”（2026-03-02，赵云）起即如此"


@pytest.mark.parametrize(
    ("to", "zh", "en"),
    [
        ("granted", "并非（“等级”为“高”）", "not (level is “high”)"),
        ("registered", "等级须为低", "the level must be low"),
    ],
)
def test_what_keeps_the_last_step_shut_is_named_with_the_step_since_which_it_does(
    leave: Office, to: str, zh: str, en: str
) -> None:
    found = plan(leave, filed(leave, "high"), to)

    assert found.no_way is not None
    assert zh in found.no_way.zh
    assert en in found.no_way.en
    assert found.since is not None
    assert "“报送”" in found.since.zh


def test_an_end_is_named_with_the_step_since_which_nothing_leads_back(leave: Office) -> None:
    case = filed(leave)
    for step in ("inspect", "draw", "pass", "grant"):
        leave.does("zhaoyun", step, case)

    found = plan(leave, case, "review")

    assert found.no_way is not None
    assert "已许可" in found.no_way.zh
    assert found.since is not None
    assert found.since.zh == "自“踏勘”（2026-03-02，赵云）起即如此"  # nothing leads back from there
