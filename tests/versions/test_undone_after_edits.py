"""A migration is undone after somebody edited, moved on or migrated again: no clock of the law is lost, none begins unasked."""

import pytest

from tests.versions.permits import FIRST, Permits, onward

EDITED = "office: [note, level, filed_on]"
THIRD = (
    FIRST.replace("version: 1", "version: 3")
    .replace("office: [note]", EDITED)
    .replace("drafter: [title, note, level]", "drafter: [title, note, level, filed_on]")
    .replace("  note:  {type", "  filed_on: {type: date, zh: 收到日期, en: received on}\n  note:  {type")
    .replace("anchor: {event: file}", "anchor: {event: file, date: filed_on}")
    .replace(
        "\n  grant:", "\n  tick: {from: [checking], to: checking, roles: [office], zh: 已查, en: checked}\n  grant:"
    )
)
EXTRA = (
    "deadlines:\n  extra: {clock: statutory, runs_in: [checking], anchor: {event: file}, limit: 5 working days, applies: {level: high}, "
    "basis: 某法 2, zh: 另限, en: extra, escalate: [{after: 0 working days, tell: [office]}]}"
)
WHOLE, CHECK = "whole: {clock", "limit: 3 working days"


def as_version(number: int, text: str = THIRD) -> str:
    return text.replace("version: 3", f"version: {number}")


@pytest.mark.parametrize(
    ("before", "after", "clocks", "lost"),
    [
        pytest.param(THIRD.replace("deadlines:", EXTRA), THIRD, "extra: drop", "extra", id="applies by the old version"),
        pytest.param(THIRD, THIRD.replace(WHOLE, "whole: {applies: {level: low}, clock"), "whole: keep", "whole", id="ended in the new one"),
        pytest.param(THIRD.replace(CHECK, f"applies: {{level: high}}, {CHECK}"), THIRD, "check: recompute", "check", id="begun by the migration"),
    ],
)  # fmt: skip
def test_a_clock_that_an_edit_since_makes_due_runs_when_the_migration_is_undone(
    permits: Permits, before: str, after: str, clocks: str, lost: str
) -> None:
    permits.install(before)
    permit = permits.filed()
    permits.install(as_version(4, after))
    inverse = permits.migrate(onward(3, 4, clocks)).inverse
    permits.edited(permit, level="high")

    permits.migrate(inverse)

    due = {"check": "2026-03-05", "whole": "2026-03-16", "extra": "2026-03-09"}
    assert permits.clocks(permit)[lost] == due[lost]
    permits.all_is_well()


@pytest.mark.parametrize("clocks", ["whole: recompute", "whole: restart"])
def test_a_day_of_receipt_that_was_corrected_since_is_counted_from_when_the_migration_is_undone(
    permits: Permits, clocks: str
) -> None:
    permits.install(THIRD)
    permit = permits.filed(filed_on="2026-03-02")
    permits.install(as_version(4).replace("limit: 10 working", "limit: 8 working"))
    inverse = permits.migrate(onward(3, 4, clocks)).inverse
    permits.edited(permit, filed_on="2026-02-25")

    permits.migrate(inverse)

    # Ten working days from 25 February; Saturday the 28th is one of them.
    assert permits.clocks(permit)["whole"] == "2026-03-10"
    permits.all_is_well()


def test_two_plans_are_undone_in_turn(permits: Permits) -> None:
    permits.install(THIRD)
    permit = permits.filed()
    inverses = []
    for version, limit in ((4, "4"), (5, "5")):
        permits.install(as_version(version).replace("limit: 3 working", f"limit: {limit} working"))
        inverses.append(permits.migrate(onward(version - 1, version, "check: recompute")).inverse)

    moved = [permits.migrate(each).moved for each in reversed(inverses)]

    assert moved == [1, 1]
    assert permits.clocks(permit) == {"check": "2026-03-05", "whole": "2026-03-16"}
    permits.all_is_well()


def test_undone_after_a_step_a_second_plan_begins_no_clock_that_the_first_had_dropped(permits: Permits) -> None:
    permits.install(THIRD)
    permit = permits.filed()
    for version in (4, 5):
        permits.install(as_version(version))
        inverse = permits.migrate(onward(version - 1, version, "check: drop")).inverse
    permits.office.clock.forward(days=9)
    permits.office.does("zhaoyun", "tick", permit)

    permits.migrate(inverse)

    assert permits.clocks(permit) == {"whole": "2026-03-16"}
    permits.all_is_well()


@pytest.mark.parametrize("renamed", [False, True])
def test_a_dropped_clock_that_is_kept_stands_still_though_its_rule_or_state_is_called_otherwise(
    permits: Permits, renamed: bool
) -> None:
    permits.install(THIRD)
    permit = permits.filed()
    permits.install(as_version(4))
    permits.migrate(onward(3, 4, "check: drop"))
    fifth = as_version(5).replace("zh: 核查时限", "zh: 核查的时限")
    if renamed:
        fifth = fifth.replace("checking:", "review:").replace("edit.checking", "edit.review")
        fifth = fifth.replace("to: checking", "to: review").replace("[checking]", "[review]")
    permits.install(fifth)
    permits.office.clock.forward(days=10)

    plan = onward(4, 5, "check: keep, whole: keep")
    moved = permits.migrate(plan + "states: {checking: review}\n" if renamed else plan.replace(", whole: keep", ""))

    assert (moved.moved, moved.refused) == (1, 0)
    assert permits.clocks(permit) == {"whole": "2026-03-16"}
    permits.all_is_well()


def test_a_clock_whose_work_was_done_by_a_step_within_it_is_not_owed_again(permits: Permits) -> None:
    third = THIRD.replace(
        "check: {clock: internal, runs_in: [checking]",
        "check: {clock: internal, runs_in: [checking, asking], done_by: [ask]",
    )
    permits.install(third)
    permit = permits.filed()
    permits.office.does("zhaoyun", "ask", permit)
    permits.install(as_version(4, third).replace("limit: 3 ", "limit: 4 "))
    permits.office.clock.forward(days=30)

    permits.migrate(onward(3, 4, "check: recompute"))

    assert "check" not in permits.clocks(permit)


def test_a_clock_that_began_anew_after_its_work_was_done_comes_back_by_a_word_of_a_plan(permits: Permits) -> None:
    again = "\n  again: {from: [checking], to: checking, roles: [office], zh: 重查, en: again}\n  grant:"
    third = THIRD.replace(CHECK, f"done_by: [tick], restart: [{{event: again}}], {CHECK}").replace("\n  grant:", again)
    permits.install(third)
    permit = permits.filed()
    for step in ("tick", "again"):
        permits.office.does("zhaoyun", step, permit)
    permits.install(as_version(4, third))
    permits.migrate(onward(3, 4, "check: drop"))
    permits.install(as_version(5, third))

    permits.migrate(onward(4, 5, "check: restart"))

    assert permits.clocks(permit)["check"] == "2026-03-05"
    permits.all_is_well()


def test_what_a_plan_fills_in_begins_the_clock_that_is_for_it(permits: Permits) -> None:
    third = THIRD.replace("deadlines:", EXTRA)
    permits.install(third)
    permit = permits.filed()
    permits.install(as_version(4, third))

    permits.migrate(onward(3, 4, "") + "set: {level: high}\n")

    assert permits.clocks(permit)["extra"] == "2026-03-09"
    permits.all_is_well()
