"""A case in a state that its definition does not know is left as it is, told of everywhere, and moved by a plan alone."""

from __future__ import annotations

import sqlite3

import pytest

from reports.board import board
from tests.versions.permits import FIRST, PLAN, SECOND, Permits
from workflow.errors import BadPlan, Quarantined

HEALING = """\
format: gongkai-migration/1
kind: permit
from: 1
to: 1
reason: 恢复被改写的环节
states: {limbo: checking}
"""


def lost(permits: Permits) -> str:
    """A filed permit whose state was overwritten by other hands."""
    permit = permits.filed()
    path = permits.office.url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as db:
        db.execute("update cases set state = 'limbo' where id = ?", (permit,))
    return permit


def test_nothing_acts_on_it_and_whoever_tries_is_told_why(permits: Permits) -> None:
    permit = lost(permits)
    desk, officer = permits.office.desk, permits.office.actor("zhaoyun")
    before = permits.office.case(permit)

    for act in (
        lambda: desk.fire(officer, permit, "grant"),
        lambda: desk.edit(officer, permit, data={"note": "看过"}),
        lambda: desk.options(officer, permit),
        lambda: desk.editable(officer, permit),
    ):
        with pytest.raises(Quarantined) as told:
            act()
        assert "limbo" in told.value.said.zh
        assert "limbo" in told.value.said.en
    permits.office.clock.forward(days=30)
    assert desk.sweep() == ()
    desk.recompute(permits.office.actor("admin"))
    assert permits.office.case(permit) == before


def test_it_can_be_looked_at_and_the_sweep_board_and_doctor_name_it(permits: Permits) -> None:
    permit = lost(permits)
    desk, auditor = permits.office.desk, permits.office.actor("zhengshen")
    permits.office.clock.forward(days=3)
    desk.sweep()
    number = permits.office.case(permit).number

    shown = desk.case(auditor, permit)
    assert shown.definition.state_named(shown.case.state).label.zh == "已隔离：定义中没有环节“limbo”"
    assert shown.to_json()["state"] == "limbo"
    assert [each.number for each in board(desk, auditor).quarantined] == [number]
    assert board(desk, permits.office.actor("heping")).quarantined == ()  # another section's head
    checks = [each for each in desk.doctor() if not each.ok and each.name in ("quarantine", "troubles")]
    assert [each.name for each in checks] == ["quarantine", "troubles"]
    assert all(number in each.text.zh and "limbo" in each.text.zh for each in checks)
    assert any("limbo" in each.text.en for each in desk.verify().problems)


def test_a_plan_within_the_version_moves_it_to_a_known_state_and_nothing_else(permits: Permits) -> None:
    permit, other = lost(permits), permits.filed()

    outcome = permits.migrate(HEALING)

    assert outcome.moved == 1
    assert permits.office.case(permit).state == "checking"
    assert permits.office.case(other).version == 2
    assert permits.office.history(permit)[-1].source == "limbo"
    assert permits.clocks(permit) == {"check": "2026-03-05", "whole": "2026-03-16"}
    permits.all_is_well()
    permits.office.does("zhaoyun", "grant", permit)
    permits.all_is_well()


def test_what_a_plan_freed_is_no_longer_told_of_as_set_aside(permits: Permits) -> None:
    lost(permits)
    permits.office.clock.set("2026-03-04T10:00")
    permits.office.desk.sweep()

    outcome = permits.migrate(HEALING)

    assert outcome.inverse is None
    assert board(permits.office.desk, permits.office.actor("zhengshen")).quarantined == ()
    permits.office.desk.sweep()
    permits.all_is_well()


def test_undoing_a_migration_puts_nobody_back_into_quarantine(permits: Permits) -> None:
    permit = lost(permits)
    permits.install(SECOND)
    forward = permits.migrate(PLAN.replace("{checking: review}", "{limbo: review, checking: review}"))

    back = permits.migrate(forward.inverse)

    assert back.moved == 1
    assert permits.office.case(permit).state == "checking"


def test_a_plan_to_another_version_leaves_it_in_quarantine_unless_it_is_mapped(permits: Permits) -> None:
    permit = lost(permits)
    permits.install(SECOND)

    first = permits.migrate()
    second = permits.migrate(PLAN.replace("{checking: review}", "{checking: review, limbo: review}"))

    assert [(each.id, each.reasons[0].name) for each in first.stays] == [(permit, "state")]
    assert second.moved == 1
    assert permits.office.case(permit).state == "review"
    permits.all_is_well()


def test_a_plan_within_one_version_is_refused_where_nothing_is_lost(permits: Permits) -> None:
    permits.filed()

    with pytest.raises(BadPlan) as bad:
        permits.migrate(HEALING)

    assert [each.code for each in bad.value.findings] == ["plan-same-version"]


def test_doctor_counts_the_cases_of_each_old_version(permits: Permits) -> None:
    for _ in range(3):
        permits.filed()
    permits.install(SECOND)
    permits.filed()

    old = [each.text.zh for each in permits.office.desk.doctor() if each.name == "old-version"]

    assert old == ["permit 第 1 版仍有 3 件在办事项（现行第 2 版）"]
    assert FIRST != SECOND
