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


def test_what_was_migrated_again_since_is_not_undone_and_is_told(permits: Permits) -> None:
    permits.install(THIRD)
    permit = permits.filed()
    inverses = []
    for version, limit in ((4, "4"), (5, "5")):
        permits.install(as_version(version).replace("limit: 3 working", f"limit: {limit} working"))
        inverses.append(permits.migrate(onward(version - 1, version, "check: recompute")).inverse)

    told = [permits.migrate(each) for each in reversed(inverses)]

    assert [(each.moved, each.refused) for each in told] == [(1, 0), (0, 1)]
    assert "请另写从第 4 版到第 3 版的计划" in told[1].stays[0].reasons[0].text.zh
    assert permits.clocks(permit) == {"check": "2026-03-06", "whole": "2026-03-16"}
    permits.all_is_well()


def test_a_plan_that_was_undone_does_not_undo_what_another_did(permits: Permits) -> None:
    permits.install(THIRD)
    permit = permits.filed(note="甲")
    permits.install(as_version(4).replace("limit: 3 working", "limit: 4 working"))
    inverse = permits.migrate(onward(3, 4, "check: recompute") + "set: {note: 乙}\n").inverse
    permits.migrate(inverse)
    permits.edited(permit, note="丙")
    permits.migrate(onward(3, 4, "check: restart") + "set: {note: 乙}\n")

    again = permits.migrate(inverse)

    assert (again.moved, again.refused) == (0, 0)
    assert permits.office.case(permit).data["note"] == "乙"


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


@pytest.mark.parametrize(
    ("rule", "steps"),
    [("done_by: [tick], restart: [{event: again}]", ("tick", "again")), ("done_by: [tick]", ("tick", "ask", "answer"))],
)
def test_a_clock_that_began_anew_after_its_work_was_done_comes_back_by_a_word_of_a_plan(
    permits: Permits, rule: str, steps: tuple[str, ...]
) -> None:
    again = "\n  again: {from: [checking], to: checking, roles: [office], zh: 重查, en: again}\n  grant:"
    third = THIRD.replace(CHECK, f"{rule}, {CHECK}").replace("\n  grant:", again)
    permits.install(third)
    permit = permits.filed()
    for step in steps:
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


def test_a_clock_whose_work_was_done_stays_done_when_the_migration_that_began_it_is_undone(permits: Permits) -> None:
    permits.install(THIRD.replace(WHOLE, "whole: {done_by: [tick], clock"))
    permit = permits.filed(filed_on="2026-03-02")
    permits.office.does("zhaoyun", "tick", permit)
    permits.install(as_version(4))
    inverse = permits.migrate(onward(3, 4, "whole: recompute")).inverse
    permits.edited(permit, filed_on="2026-02-27")

    permits.migrate(inverse)

    assert permits.clocks(permit) == {"check": "2026-03-05"}
    permits.all_is_well()


def test_the_day_of_a_restart_that_was_corrected_since_is_counted_from_when_the_migration_is_undone(
    permits: Permits,
) -> None:
    again = (
        "\n  again: {from: [checking], to: checking, roles: [office], dated: filed_on, form: {required: [filed_on]}, "
        "zh: 重查, en: again}\n  grant:"
    )
    third = THIRD.replace(", date: filed_on", "").replace(CHECK, f"restart: [{{event: again}}], {CHECK}")
    third = third.replace("\n  grant:", again)
    permits.install(third)
    permit = permits.filed()
    permits.office.clock.forward(days=3)
    permits.office.does("zhaoyun", "again", permit, filed_on="2026-03-04")
    permits.install(as_version(4, third).replace("limit: 3 working", "limit: 2 working"))
    inverse = permits.migrate(onward(3, 4, "check: recompute")).inverse
    permits.edited(permit, filed_on="2026-03-03")

    permits.migrate(inverse)

    assert permits.clocks(permit)["check"] == "2026-03-06"
    permits.all_is_well()


def test_an_extended_clock_comes_back_extended_from_the_day_that_was_corrected_since(permits: Permits) -> None:
    more = "\n  more: {from: [checking], to: checking, roles: [office], guards: [early, once], zh: 延长, en: more}\n  grant:"
    guards = (
        "\n  early: {check: before_due, params: {deadlines: [whole]}, zh: 已逾期, en: late}"
        "\n  once: {check: first_time, params: {steps: [more]}, zh: 只一次, en: once}\nstates:"
    )
    third = THIRD.replace("\n  grant:", more).replace("\nstates:", guards)
    third = third.replace("limit: 10 working days", "limit: 10 working days, extend: {event: more, by: 5 working days}")
    permits.install(third)
    permit = permits.filed(filed_on="2026-03-02")
    permits.office.does("zhaoyun", "more", permit)
    permits.install(as_version(4, third).replace("limit: 10 working", "limit: 8 working"))
    inverse = permits.migrate(onward(3, 4, "whole: restart")).inverse
    permits.edited(permit, filed_on="2026-02-25")

    permits.migrate(inverse)

    # Ten and five working days from 25 February; Saturday the 28th is one of them.
    assert permits.clocks(permit)["whole"] == "2026-03-17"
    permits.all_is_well()


def test_a_clock_that_is_new_is_not_owed_where_its_work_was_done(permits: Permits) -> None:
    permits.install(THIRD)
    permit = permits.filed()
    permits.office.clock.forward(hours=1)
    permits.office.does("zhaoyun", "tick", permit)
    fresh = (
        "deadlines:\n  fresh: {clock: internal, runs_in: [checking], done_by: [tick], limit: 3 working days, zh: 新限, en: fresh, "
        "escalate: [{after: 0 working days, tell: [office]}]}"
    )
    permits.install(as_version(4).replace("deadlines:", fresh))

    permits.migrate(onward(3, 4, "fresh: recompute"))

    assert "fresh" not in permits.clocks(permit)
    permits.all_is_well()


def test_a_case_that_came_in_anew_after_the_work_was_done_owes_it_though_that_step_is_unknown_now(
    permits: Permits,
) -> None:
    third = THIRD.replace(CHECK, f"done_by: [tick], {CHECK}")
    permits.install(third.replace("done_by: [tick],", "done_by: [tick], applies: {level: high},"))
    permit = permits.filed()
    for step in ("tick", "ask", "answer"):
        permits.office.clock.forward(days=1)
        permits.office.does("zhaoyun", step, permit)
    permits.install(as_version(4, third).replace("answer:", "reply:"))

    permits.migrate(onward(3, 4, "check: recompute"))

    assert permits.clocks(permit)["check"] == "2026-03-10"  # three working days from Thursday, 5 March
    permits.all_is_well()


def test_a_dropped_clock_whose_rule_counts_from_an_anchor_now_begins_at_once_and_not_with_some_later_step(
    permits: Permits,
) -> None:
    permits.install(THIRD)
    permit = permits.filed()
    permits.install(as_version(4))
    permits.migrate(onward(3, 4, "check: drop"))
    anchored = "check: {clock: internal, runs_in: [checking], anchor: {event: file},"
    permits.install(as_version(5).replace("check: {clock: internal, runs_in: [checking],", anchored))

    moved = permits.migrate(onward(4, 5, "check: keep"))

    assert permits.clocks(permit)["check"] == "2026-03-05"
    assert [each.deadline for each in moved.shifts] == ["check"]
    permits.all_is_well()
