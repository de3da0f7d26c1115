"""A migration is undone after edits that came and went, that the undoing overwrites, or that were slips: clocks go by what stands then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.versions.permits import Permits, onward
from tests.versions.test_undone_after_edits import CHECK, EXTRA, THIRD, WHOLE, as_version

GOT_ON = "  got_on: {type: date, zh: 到局日期, en: got on}\n  note:  {type"
DAYS = "  days: {type: integer, min: 1, max: 60, zh: 天数, en: days}\n  note:  {type"
BY_EVENT = THIRD.replace("anchor: {event: file, date: filed_on}", "anchor: {event: file}")
FOR_HIGH = THIRD.replace(CHECK, f"applies: {{level: high}}, {CHECK}")
BY_LAW = FOR_HIGH.replace("check: {clock: internal,", "check: {clock: statutory, basis: 某法 3,")
WITH_DAYS = THIRD.replace("  note:  {type", DAYS, 1).replace("level, filed_on]", "level, filed_on, days]")


@dataclass
class Told:
    """Two versions, the plan between them, what is edited after some days, and the clocks that must run when it is undone."""

    before: str
    after: str
    plan: str
    edits: list[dict[str, Any]]
    clocks: dict[str, str]
    days: int = 0
    filed: dict[str, Any] = field(default_factory=lambda: {"filed_on": "2026-03-02"})


HIGH: list[dict[str, Any]] = [{"level": "high"}]
CORRECTED: list[dict[str, Any]] = [{"filed_on": "2026-02-25"}]
SHORTER = THIRD.replace("limit: 10 working", "limit: 8 working")

CASES = {
    "it applies by the old version": Told(
        THIRD.replace("deadlines:", EXTRA), THIRD, onward(3, 4, "extra: drop"), HIGH, {"extra": "2026-03-09"}
    ),
    "the edit ended it in the new version": Told(
        THIRD,
        THIRD.replace(WHOLE, "whole: {applies: {level: low}, clock"),
        onward(3, 4, "whole: keep"),
        HIGH,
        {"whole": "2026-03-16"},
    ),
    "the migration began it": Told(FOR_HIGH, THIRD, onward(3, 4, "check: recompute"), HIGH, {"check": "2026-03-05"}),
    "the plan dropped it as it stood still": Told(
        FOR_HIGH, THIRD, onward(3, 4, "check: drop"), HIGH, {"check": "2026-03-05"}
    ),
    # Ten working days from 25 February; Saturday the 28th is one of them.
    "a day of receipt was corrected": Told(
        THIRD, SHORTER, onward(3, 4, "whole: recompute"), CORRECTED, {"whole": "2026-03-10"}
    ),
    "a day of receipt was corrected and the clock begun anew": Told(
        THIRD, SHORTER, onward(3, 4, "whole: restart"), CORRECTED, {"whole": "2026-03-10"}
    ),
    "a day that is called otherwise was corrected": Told(
        THIRD,
        SHORTER.replace("filed_on", "got_on"),
        onward(3, 4, "whole: recompute") + "set: {got_on: {copy: filed_on}, filed_on: null}\n",
        [{"got_on": "2026-02-25"}],
        {"whole": "2026-03-10"},
    ),
    "the plan copied the day, and what was edited is overwritten": Told(
        THIRD,
        THIRD.replace("  note:  {type", GOT_ON, 1)
        .replace("office: [note, level, filed_on]", "office: [note, level, filed_on, got_on]")
        .replace("date: filed_on", "date: got_on"),
        onward(3, 4, "whole: recompute") + "set: {got_on: {copy: filed_on}}\n",
        [{"filed_on": "2026-02-25"}],
        {"whole": "2026-03-16"},
    ),
    "what the plan said was edited away and back": Told(
        THIRD,
        THIRD.replace("limit: 10 working", "limit: 8 working"),
        onward(3, 4, "whole: recompute") + "set: {filed_on: 2026-02-26}\n",
        [{"filed_on": "2026-02-25"}, {"filed_on": "2026-02-26"}],
        {"whole": "2026-03-16"},
    ),
    "a clock of the law is for what the undoing writes": Told(
        THIRD.replace("deadlines:", EXTRA.replace("level: high", "level: low")),
        THIRD.replace("deadlines:", EXTRA.replace("level: high", "level: low")),
        onward(3, 4, "extra: recompute") + "set: {level: high}\n",
        [{"level": "low"}, {"level": "high"}],
        {"extra": "2026-03-09"},
    ),
    "a clock began with an edit a week on": Told(
        FOR_HIGH,
        FOR_HIGH.replace("limit: 3 working", "limit: 4 working"),
        onward(3, 4, "check: recompute"),
        [{"level": "high"}],
        {"check": "2026-03-12"},  # three working days from Monday, 9 March
        days=7,
    ),
    "a clock of the law ended and began again with edits": Told(
        BY_LAW,
        BY_LAW.replace("limit: 3 working", "limit: 4 working"),
        onward(3, 4, "check: recompute"),
        [{"level": "low"}, {"level": "high"}],
        {"check": "2026-03-10"},  # three working days from Thursday, 5 March
        days=3,
        filed={"level": "high"},
    ),
    "how long it is was edited, and the plan kept it": Told(
        WITH_DAYS.replace(CHECK, "applies: {days: set}, limit: {field: days, unit: working days}"),
        WITH_DAYS.replace(CHECK, f"applies: {{days: set}}, {CHECK}"),
        onward(3, 4, "check: keep"),
        [{"days": 5}],
        {"check": "2026-03-09"},
        filed={"days": 3},
    ),
    "a slip in a year without a calendar was corrected": Told(
        THIRD,
        BY_EVENT,
        onward(3, 4, "whole: recompute"),
        [{"filed_on": "1926-02-25"}, {"filed_on": "2026-02-25"}],
        {"whole": "2026-03-10"},
    ),
    "what is no day in the old version was corrected": Told(
        THIRD,
        BY_EVENT.replace("filed_on: {type: date", "filed_on: {type: text, max: 40"),
        onward(3, 4, "whole: recompute"),
        [{"filed_on": "三月"}, {"filed_on": "2026-02-25"}],
        {"whole": "2026-03-10"},
    ),
}


@pytest.mark.parametrize("told", CASES.values(), ids=CASES)
def test_undone_a_clock_counts_as_had_it_been_edited_so_under_the_old_version(permits: Permits, told: Told) -> None:
    permits.install(told.before)
    permit = permits.filed(**told.filed)
    permits.install(as_version(4, told.after))
    inverse = permits.migrate(told.plan).inverse
    permits.office.clock.forward(days=told.days)
    for edit in told.edits:
        permits.edited(permit, **edit)

    undone = permits.migrate(inverse)

    assert (undone.moved, undone.refused) == (1, 0)
    assert permits.clocks(permit).items() >= told.clocks.items()
    permits.all_is_well()


def test_a_datum_that_the_old_version_cannot_hold_is_named_when_the_migration_is_undone(permits: Permits) -> None:
    permits.install(THIRD)
    permit = permits.filed(filed_on="2026-03-02")
    permits.install(as_version(4, BY_EVENT).replace("filed_on: {type: date", "filed_on: {type: text, max: 40"))
    inverse = permits.migrate(onward(3, 4, "whole: recompute")).inverse
    permits.edited(permit, filed_on="三月")

    stays = permits.migrate(inverse).stays

    assert "“收到日期”不能是“三月”" in stays[0].reasons[0].text.zh


def test_an_undoing_is_undone_again(permits: Permits) -> None:
    permits.install(THIRD)
    permit = permits.filed()
    permits.install(as_version(4).replace("limit: 10 working", "limit: 8 working"))
    inverse = permits.migrate(onward(3, 4, "whole: recompute")).inverse

    again = permits.migrate(permits.migrate(inverse).inverse)

    assert (again.moved, permits.clocks(permit)["whole"]) == (1, "2026-03-12")
    permits.all_is_well()


def test_a_case_that_another_plan_brought_is_not_meant_though_it_went_this_way_once(permits: Permits) -> None:
    permits.install(THIRD)
    permit = permits.filed()
    permits.install(as_version(4).replace("limit: 10 working", "limit: 8 working"))
    permits.install(as_version(5))
    inverse = permits.migrate(onward(3, 4, "whole: recompute")).inverse
    permits.migrate(onward(4, 5, "whole: recompute"))
    permits.migrate(onward(5, 3, ""))
    permits.migrate(onward(3, 4, "whole: restart"))

    undone = permits.migrate(inverse)

    assert (undone.moved, undone.refused) == (0, 0)
    assert permits.clocks(permit)["whole"] == "2026-03-12"


def test_a_clock_whose_work_was_done_within_it_stays_done_where_the_case_moved_on_within_it(permits: Permits) -> None:
    both = "check: {clock: internal, runs_in: [checking, asking], done_by: [ask]"
    third = THIRD.replace("check: {clock: internal, runs_in: [checking]", both)
    permits.install(third)
    permit = permits.filed()
    for step in ("ask", "answer"):
        permits.office.does("zhaoyun", step, permit)
        permits.office.clock.forward(days=1)
    permits.install(as_version(4, third).replace("limit: 3 ", "limit: 4 "))
    permits.office.clock.forward(days=30)

    permits.migrate(onward(3, 4, "check: recompute"))

    assert "check" not in permits.clocks(permit)
    permits.all_is_well()


@pytest.mark.parametrize("clocks", ["check: recompute", "check: restart", "check: keep"])
def test_a_case_that_a_plan_moves_into_a_clock_owes_its_work_anew(permits: Permits, clocks: str) -> None:
    third = THIRD.replace(CHECK, f"done_by: [tick], {CHECK}")
    permits.install(third)
    permit = permits.filed()
    for step in ("tick", "ask"):
        permits.office.clock.forward(days=1)
        permits.office.does("zhaoyun", step, permit)
    permits.install(as_version(4, third).replace("zh: 核查时限", "zh: 核查的时限"))

    permits.migrate(onward(3, 4, f"{clocks}, whole: recompute, asked: recompute") + "states: {asking: checking}\n")

    assert permits.clocks(permit)["check"] == "2026-03-09"  # three working days from Wednesday, 4 March
    permits.all_is_well()


def test_a_step_that_also_leads_in_from_outside_begins_no_clock_from_within(permits: Permits) -> None:
    third = THIRD.replace(CHECK, f"done_by: [tick], {CHECK}").replace(
        "file:   {from: [draft]", "file:   {from: [draft, checking]"
    )
    permits.install(third.replace("roles: [drafter], zh: 报送", "roles: [drafter, office], zh: 报送"))
    permit = permits.filed()
    for person, step in (("zhaoyun", "tick"), ("zhaoyun", "file")):
        permits.office.clock.forward(days=1)
        permits.office.does(person, step, permit)
    assert "check" not in permits.clocks(permit)
    fourth = as_version(4, third).replace("roles: [drafter], zh: 报送", "roles: [drafter, office], zh: 报送")
    permits.install(fourth.replace("limit: 3 ", "limit: 4 "))
    permits.office.clock.forward(days=20)

    permits.migrate(onward(3, 4, "check: recompute"))

    assert "check" not in permits.clocks(permit)
    permits.all_is_well()
