"""A small procedure in two versions, a bureau that works by it, and the plans between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storage.migrate import Migration
from tests.factories import Office

FIRST = """
format: gongkai/1
id: permit
version: 1
prefix: PER
title: {zh: 许可, en: permit}
basis: [行政许可法]
roles:
  values:
    drafter: {scope: section, zh: 拟稿人, en: drafter}
    office:  {scope: bureau, zh: 局办公室, en: the Office}
    leader:  {scope: bureau, zh: 局领导, en: leader}
    system:  {scope: bureau, zh: 系统自动, en: the system}
fields:
  title: {type: text, min: 2, max: 500, zh: 标题, en: title}
  note:  {type: text, max: 40, zh: 备注, en: note}
  level: {type: enum, values: {low: {zh: 低, en: low}, high: {zh: 高, en: high}}, zh: 等级, en: level}
guards:
  not_own: {check: four_eyes, params: {apart_from: [start, file, edit.checking]}, zh: 不得审批本人所办, en: not your own}
states:
  draft:    {initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {drafter: [title, note, level]}}
  checking: {waits_for: office, zh: 核查, en: checking, edit: {office: [note]}}
  asking:   {waits_for: office, zh: 函询, en: asking}
  granted:  {final: true, zh: 已许可, en: granted}
transitions:
  file:   {from: [draft], to: checking, roles: [drafter], zh: 报送, en: file}
  ask:    {from: [checking], to: asking, roles: [office], zh: 函询, en: ask}
  answer: {from: [asking], to: checking, roles: [office], zh: 收到答复, en: answer}
  grant:  {from: [checking], to: granted, roles: [office, leader], guards: [not_own], zh: 许可, en: grant}
deadlines:
  check: {clock: internal, runs_in: [checking], limit: 3 working days, zh: 核查时限, en: checking,
          remind: [{before: 1 working day, tell: [office]}],
          escalate: [{after: 0 working days, tell: [leader], reassign: leader}]}
  whole: {clock: statutory, runs_in: [checking], pauses_in: [asking], anchor: {event: file}, limit: 10 working days, zh: 办理期限, en: whole,
          basis: 某法 1, remind: [{before: 2 working days, tell: [office]}], escalate: [{after: 0 working days, tell: [leader]}]}
  asked: {clock: internal, runs_in: [asking], limit: 20 working days, zh: 函询时限, en: asking, escalate: [{after: 0 working days, tell: [office]}]}
never: {}
waive: [{check: no-deadline, state: draft, reason: 起草阶段不计时}]
"""
#: The state is called otherwise, the law gives less time, somebody else is reminded too, and the level must be known.
SECOND = (
    FIRST.replace("version: 1", "version: 2")
    .replace("checking:", "review:")
    .replace("edit.checking", "edit.review")
    .replace("to: checking", "to: review")
    .replace("from: [checking]", "from: [review]")
    .replace("[checking]", "[review]")
    .replace("roles: [drafter], zh: 报送", "roles: [drafter], guards: [levelled], zh: 报送")
    .replace("\nstates:", "\n  levelled: {if: {level: set}, zh: 未定等级, en: the level is missing}\nstates:")
    .replace("limit: 10 working days", "limit: 8 working days")
    .replace(
        "  note:  {type: text, max: 40, zh: 备注, en: note}\n",
        "  remark: {type: text, max: 40, zh: 备注, en: remark}\n",
    )
    .replace("[title, note, level]", "[title, remark, level]")
    .replace("office: [note]", "office: [remark]")
    .replace(
        "never: {}",
        "never:\n  unknown_level: {in: [review], when: {level: unset}, zh: 核查须先定等级, en: no review without a level}",
    )
)
PLAN = """\
format: gongkai-migration/1
kind: permit
from: 1
to: 2
reason: 某法修订，办理期限缩短
states: {checking: review}
set: {remark: {copy: note}, note: null}
clocks: {check: keep, whole: recompute}
"""


def onward(source: int, target: int, clocks: str) -> str:
    """A plan between two versions that differ in their clocks only."""
    return (
        f"format: gongkai-migration/1\nkind: permit\nfrom: {source}\nto: {target}\n"
        f"reason: 内部时限调整\nclocks: {{{clocks}}}\n"
    )


@dataclass
class Permits:
    """The office at work on permits."""

    office: Office

    def install(self, text: str) -> None:
        self.office.desk.install_definition(self.office.actor("admin"), text, "permit.yaml")

    def begun(self, **data: Any) -> str:
        said = {"title": "占道许可", "level": "low", **data}
        title = said.pop("title")
        data_ = {name: value for name, value in said.items() if value is not None}
        return self.office.desk.start(self.office.actor("wangmin"), "permit", title=title, data=data_).case.case.id

    def filed(self, **data: Any) -> str:
        permit = self.begun(**data)
        self.office.does("wangmin", "file", permit)
        return permit

    def edited(self, permit: str, **data: Any) -> None:
        self.office.desk.edit(self.office.actor("zhaoyun"), permit, data=data, comment="更正登记")

    def migrate(self, plan: str | None = PLAN, *, by: str = "admin", dry_run: bool = False) -> Migration:
        assert plan is not None
        return self.office.desk.migrations.run(self.office.actor(by), plan, "plan.yaml", dry_run=dry_run)

    def clocks(self, permit: str) -> dict[str, str]:
        """The running clocks of a permit with their last days."""
        return {each.rule: each.rolled_on.isoformat() for each in self.office.case(permit).deadlines}

    def all_is_well(self) -> None:
        """The record tells the same story as the tables, and the health check has nothing to say."""
        assert [each.text.en for each in self.office.desk.verify().problems] == []
        ill = [
            each.text.en for each in self.office.desk.doctor() if not each.ok and each.name not in ("ticker", "roles")
        ]
        assert ill == []
