"""Running cases go over to a new version by a plan: one event each, with their clocks right, and back again."""

from __future__ import annotations

import pytest

from storage.views import event_json
from tests.versions.permits import FIRST, PLAN, SECOND, Permits, onward
from workflow.case import MIGRATE, Command, TransitionName
from workflow.errors import BadPlan, Conflict, Denied


def test_a_running_case_goes_over_with_one_event_and_its_clocks_counted_by_the_new_version(permits: Permits) -> None:
    permit = permits.filed(note="急件")
    permits.install(SECOND)
    permits.office.clock.forward(days=1)

    outcome = permits.migrate()

    case = permits.office.case(permit)
    assert (outcome.moved, outcome.refused) == (1, 0)
    assert (case.state, case.waits_for, case.version, case.seq) == ("review", "office", 3, 3)
    assert case.data["remark"] == "急件"
    assert "note" not in case.data
    assert permits.clocks(permit) == {"check": "2026-03-05", "whole": "2026-03-12"}
    event = permits.office.history(permit)[-1]
    assert (event.transition, event.source, event.target, event.comment) == (
        MIGRATE, "checking", "review", "某法修订，办理期限缩短",
    )  # fmt: skip
    assert case.entered_at == permits.office.history(permit)[1].at
    permits.all_is_well()


def test_a_migrated_case_goes_on_to_its_end_by_the_new_version(permits: Permits) -> None:
    permit = permits.filed()
    permits.install(SECOND)
    permits.migrate()

    permits.office.does("zhaoyun", "grant", permit)

    assert permits.office.case(permit).state == "granted"
    permits.all_is_well()


def test_only_running_cases_go_over_and_those_that_ended_stay_under_their_version(permits: Permits) -> None:
    ended = permits.filed()
    permits.office.does("zhaoyun", "grant", ended)
    permits.install(SECOND)

    outcome = permits.migrate()

    assert outcome.moved == 0
    assert permits.office.desk.definition_of(permits.office.case(ended).definition).version == 1


def test_a_dry_run_tells_what_would_come_of_it_and_changes_nothing(permits: Permits) -> None:
    permit, unknown = permits.filed(), permits.filed(level=None)
    permits.install(SECOND)
    before = permits.office.case(permit)

    outcome = permits.migrate(dry_run=True)

    assert (outcome.moved, [each.id for each in outcome.stays]) == (1, [unknown])
    assert permits.office.case(permit) == before


def test_a_case_whose_data_the_new_version_forbids_stays_and_is_named(permits: Permits) -> None:
    permit, unknown = permits.filed(), permits.filed(level=None)
    permits.install(SECOND)

    outcome = permits.migrate()

    (stays,) = outcome.stays
    assert (stays.id, [each.name for each in stays.reasons]) == (unknown, ["unknown_level"])
    assert stays.reasons[0].text.zh == "核查须先定等级"
    assert permits.office.case(unknown).state == "checking"
    assert permits.office.case(permit).state == "review"


def test_a_datum_that_a_field_of_the_new_version_cannot_hold_keeps_the_case_back(permits: Permits) -> None:
    permit = permits.filed(note="很长的备注")
    permits.install(SECOND.replace("remark: {type: text, max: 40", "remark: {type: text, max: 2"))

    outcome = permits.migrate()

    assert [(each.id, each.reasons[0].name) for each in outcome.stays] == [(permit, "remark")]


def test_a_title_copied_from_an_empty_field_keeps_the_case_back_in_words(permits: Permits) -> None:
    permit, named = permits.filed(), permits.filed(note="临时占道")
    permits.install(SECOND)

    outcome = permits.migrate(PLAN.replace("note: null}", "note: null, title: {copy: note}}"))

    (stays,) = outcome.stays
    assert (outcome.moved, permits.office.case(named).title) == (1, "临时占道")
    assert (stays.id, [each.text.zh for each in stays.reasons]) == (permit, ["标题不能为空"])


def test_run_again_a_plan_moves_what_could_not_go_and_nobody_twice(permits: Permits) -> None:
    permit, unknown = permits.begun(), permits.filed(level=None)
    permits.install(SECOND)
    first = permits.migrate()
    permits.office.clock.forward(hours=1)

    again = permits.migrate(PLAN.replace("note: null}", "note: null, level: high}"))

    assert (first.moved, again.moved) == (1, 1)
    assert len([each for each in permits.office.history(permit) if each.transition == MIGRATE]) == 1
    assert permits.office.case(unknown).data["level"] == "high"
    permits.all_is_well()


def test_only_the_administrator_migrates(permits: Permits) -> None:
    permits.filed()
    permits.install(SECOND)

    with pytest.raises(Denied) as denied:
        permits.migrate(by="zhouju")

    assert denied.value.reasons[0].who[0].role == "admin"


def test_whoever_acts_on_what_they_saw_before_the_migration_is_told_of_it(permits: Permits) -> None:
    permit = permits.filed()
    permits.install(SECOND)
    seen = permits.office.case(permit).version
    permits.migrate()

    with pytest.raises(Conflict):
        permits.office.desk.fire(permits.office.actor("zhaoyun"), permit, "grant", expected_version=seen)


def test_a_repeated_request_is_answered_with_its_first_result_across_the_migration(permits: Permits) -> None:
    permit = permits.begun()
    first = permits.office.desk.fire(permits.office.actor("wangmin"), permit, "file", request_id="r-1")
    permits.install(SECOND)
    permits.migrate()
    after = permits.office.desk.fire(permits.office.actor("zhaoyun"), permit, "grant", request_id="r-2")

    again = permits.office.desk.fire(permits.office.actor("wangmin"), permit, "file", request_id="r-1")
    last = permits.office.desk.fire(permits.office.actor("zhaoyun"), permit, "grant", request_id="r-2")

    assert (again.repeated, again.case.case.state, again.event.hash) == (True, "checking", first.event.hash)
    assert (last.repeated, last.case.case.state, last.event.hash) == (True, "granted", after.event.hash)


def test_who_edited_a_state_under_its_old_name_may_still_not_approve(permits: Permits) -> None:
    permit = permits.filed()
    permits.office.desk.edit(permits.office.actor("zhaoyun"), permit, data={"note": "看过"})
    permits.install(SECOND)

    permits.migrate()

    (grant,) = (
        o for o in permits.office.desk.options(permits.office.actor("zhaoyun"), permit) if o.transition == "grant"
    )
    assert [each.name for each in grant.unmet] == ["not_own"]


def test_a_renamed_step_is_found_again_by_the_clock_that_counts_from_it(permits: Permits) -> None:
    permit = permits.filed()
    permits.install(
        SECOND.replace("  file: ", "  hand_in: ")
        .replace("start, file,", "start, hand_in,")
        .replace("event: file", "event: hand_in")
    )

    permits.migrate(PLAN + "steps: {file: hand_in}\n")

    assert permits.clocks(permit)["whole"] == "2026-03-12"
    permits.all_is_well()


# Clocks.


def test_what_was_said_is_not_said_again_under_the_new_version(permits: Permits) -> None:
    permit = permits.filed()
    permits.office.clock.set("2026-03-04T09:00")
    assert [each.step for each in permits.office.desk.sweep()] == ["remind-1"]
    more = SECOND.replace(
        "remind: [{before: 1 working day, tell: [office]}]",
        "remind: [{before: 2 working days, tell: [office]}, {before: 1 working day, tell: [office]}]",
    )
    permits.install(more)

    permits.migrate()

    permits.office.clock.set("2026-03-05T09:00")
    assert permits.office.desk.sweep() == ()
    permits.office.clock.set("2026-03-06T09:00")
    assert [(each.deadline, each.step) for each in permits.office.desk.sweep()] == [("check", "escalate-1")]
    assert permits.office.case(permit).waits_for == "leader"
    permits.all_is_well()


def test_a_limit_made_longer_reminds_anew_before_its_new_last_day(permits: Permits) -> None:
    permits.filed()
    permits.office.clock.set("2026-03-12T09:00")
    said = [(each.deadline, each.step) for each in permits.office.desk.sweep()]
    assert ("whole", "remind-1") in said
    permits.install(SECOND.replace("limit: 8 working days", "limit: 12 working days"))

    permits.migrate()

    assert permits.office.desk.sweep() == ()
    permits.office.clock.set("2026-03-16T09:00")
    assert [(each.deadline, each.step) for each in permits.office.desk.sweep()] == [("whole", "remind-1")]
    permits.all_is_well()


def test_a_clock_that_is_kept_must_not_move(permits: Permits) -> None:
    permit = permits.filed()
    permits.install(SECOND)

    outcome = permits.migrate(PLAN.replace("whole: recompute", "whole: keep"))

    (stays,) = outcome.stays
    assert (stays.id, [each.name for each in stays.reasons]) == (permit, ["clock.whole"])
    assert "2026-03-16" in stays.reasons[0].text.zh
    assert "2026-03-12" in stays.reasons[0].text.en


def test_a_clock_begun_anew_counts_from_the_day_of_the_migration_and_the_old_one_stays_on_record(
    permits: Permits,
) -> None:
    permit = permits.filed()
    permits.install(SECOND)
    permits.office.clock.set("2026-03-04T10:00")

    permits.migrate(PLAN.replace("whole: recompute", "whole: restart"))

    assert permits.clocks(permit)["whole"] == "2026-03-16"
    ended = [
        each
        for each in permits.office.desk.clocks(permits.office.actor("zhengshen"), permit)
        if each.deadline.closed_at
    ]
    assert [(each.rule.name, each.rule.limit.count, str(each.deadline.outcome)) for each in ended] == [
        ("whole", 10, "restarted")
    ]
    permits.all_is_well()


def test_what_was_late_stays_late_on_record_when_the_clock_begins_anew_or_ends(permits: Permits) -> None:
    permit = permits.filed()
    permits.install(SECOND)
    permits.office.clock.set("2026-03-18T10:00")
    while permits.office.desk.sweep():
        pass

    permits.migrate(PLAN.replace("check: keep, whole: recompute", "check: drop, whole: restart"))

    ended = {
        each.rule.name: each.deadline
        for each in permits.office.desk.clocks(permits.office.actor("zhengshen"), permit)[:2]
    }
    assert {name: (str(each.outcome), each.late_days) for name, each in ended.items()} == {
        "check": ("late", 9),
        "whole": ("late", 2),
    }
    assert permits.office.case(permit).waits_for == "leader"  # an escalation had put it into their hands
    permits.all_is_well()


def test_a_clock_that_is_dropped_runs_no_more_though_the_new_version_has_it(permits: Permits) -> None:
    permit = permits.filed()
    permits.install(SECOND)

    inverse = permits.migrate(PLAN.replace("check: keep", "check: drop")).inverse

    assert permits.clocks(permit) == {"whole": "2026-03-12"}
    permits.migrate(inverse)
    assert permits.clocks(permit) == {"check": "2026-03-05", "whole": "2026-03-16"}
    permits.all_is_well()


@pytest.mark.parametrize(("limit", "clocks"), [("9", "check: recompute, whole: recompute"), ("8", "check: recompute")])
def test_undone_a_migration_takes_along_the_clock_that_it_alone_began(
    permits: Permits, limit: str, clocks: str
) -> None:
    permit = permits.filed()
    permits.install(SECOND)
    permits.migrate(PLAN.replace("check: keep", "check: drop"))
    before = permits.clocks(permit)
    third = SECOND.replace("version: 2", "version: 3").replace("limit: 3 working", "limit: 4 working")
    permits.install(third.replace("limit: 8 working", f"limit: {limit} working"))
    inverse = permits.migrate(onward(2, 3, clocks)).inverse
    assert "check" in permits.clocks(permit)

    permits.migrate(inverse)

    assert permits.clocks(permit) == before == {"whole": "2026-03-12"}
    permits.all_is_well()


def test_a_plan_that_drops_a_clock_says_when_it_begins_again(permits: Permits) -> None:
    again = "\n  again: {from: [checking], to: checking, roles: [office], zh: 重新核查, en: check again}\n  grant:"
    third = FIRST.replace("version: 1", "version: 3").replace("office: [note]", "office: [note, level]")
    hangs_on = "limit: 3 working days, applies: {level: [low, high]}, restart: [{event: again}]"
    third = third.replace("\n  grant:", again).replace("limit: 3 working days", hangs_on)
    permits.install(third)
    permit = permits.filed()
    permits.install(third.replace("version: 3", "version: 4").replace("limit: 3 working", "limit: 4 working"))

    moved = permits.migrate(onward(3, 4, "check: drop"))

    assert "check" not in permits.clocks(permit)
    assert moved.to_json()["begins_again"] == [
        {
            "deadline": "check",
            "zh": "时限“核查时限”不再计；此后事项自别处进入“核查”，或办理“重新核查”，或改写“等级”的，才重新起算",
            "en": "the clock “checking” ends; it begins again only when a case comes into “checking” from elsewhere, or with the step "
            "“check again”, or when “level” is written",
        }
    ]
    permits.office.desk.edit(permits.office.actor("zhaoyun"), permit, data={"level": "high"})
    assert "check" in permits.clocks(permit)
    permits.all_is_well()


@pytest.mark.parametrize(
    ("verb", "due"), [("recompute", "2026-03-05"), ("restart", "2026-03-06"), ("keep", None), ("drop", None)]
)
def test_a_clock_that_was_dropped_comes_back_by_a_word_of_a_later_plan(
    permits: Permits, verb: str, due: str | None
) -> None:
    permit = permits.filed()
    permits.install(SECOND)
    permits.migrate(PLAN.replace("check: keep", "check: drop"))
    before = permits.clocks(permit)
    permits.install(SECOND.replace("version: 2", "version: 3"))
    permits.office.clock.forward(days=1)

    inverse = permits.migrate(onward(2, 3, f"check: {verb}")).inverse

    assert permits.clocks(permit).get("check") == due
    permits.migrate(inverse)
    assert permits.clocks(permit) == before
    permits.all_is_well()


@pytest.mark.parametrize("verb", ["recompute", "restart"])
def test_a_clock_that_is_only_for_what_begins_later_ends_for_a_running_case(permits: Permits, verb: str) -> None:
    permit = permits.filed()
    second = FIRST.replace("version: 1", "version: 2").replace("whole: {clock", 'whole: {since: "2026-06-01", clock')
    permits.install(second)
    with pytest.raises(BadPlan) as bad:
        permits.migrate(onward(1, 2, "whole: drop"))
    assert (
        "say `since: DAY` of that clock in the new version and `whole: recompute` here" in bad.value.findings[0].hint.en
    )

    moved = permits.migrate(onward(1, 2, f"whole: {verb}"))

    assert [(each.deadline, each.to_on) for each in moved.shifts] == [("whole", None)]
    permits.office.does("zhaoyun", "ask", permit)
    permits.office.does("zhaoyun", "answer", permit)
    assert "whole" not in permits.clocks(permit)
    permits.migrate(moved.inverse)
    assert permits.clocks(permit)["whole"] == "2026-03-16"
    permits.all_is_well()


@pytest.mark.parametrize(("limit", "done"), [("limit: 3 working days", "check"), ("limit: 10 working days", "whole")])
def test_a_clock_whose_work_was_done_is_not_owed_again_by_the_new_version(
    permits: Permits, limit: str, done: str
) -> None:
    third = FIRST.replace("version: 1", "version: 3").replace(limit, f"{limit}, done_by: [tick]")
    third = third.replace(
        "\n  grant:", "\n  tick: {from: [checking], to: checking, roles: [office], zh: 已查, en: tick}\n  grant:"
    )
    permits.install(third)
    permit = permits.filed()
    permits.office.clock.forward(hours=1)
    permits.office.does("zhaoyun", "tick", permit)
    fourth = (
        third.replace("version: 3", "version: 4").replace("limit: 3 ", "limit: 4 ").replace("limit: 10 ", "limit: 9 ")
    )
    permits.install(fourth.replace("tick:", "ticked:").replace("[tick]", "[ticked]"))
    permits.office.clock.forward(days=30)

    permits.migrate(onward(3, 4, "check: recompute, whole: recompute") + "steps: {tick: ticked}\n")

    (running,) = permits.clocks(permit)
    assert running != done
    permits.all_is_well()


def test_a_new_clock_is_counted_as_verify_counts_it_where_several_steps_share_the_moment(
    permits: Permits,
) -> None:
    first, second = (
        each.replace("fields:\n", "fields:\n  filed_on: {type: date, zh: 报送日期, en: filed on}\n").replace(
            "zh: 报送, en: file", "dated: filed_on, form: {required: [filed_on]}, zh: 报送, en: file"
        )
        for each in (FIRST.replace("version: 1", "version: 3"), SECOND.replace("version: 2", "version: 4"))
    )
    permits.install(first)
    permit = permits.begun()
    permits.office.clock.set("2026-03-02T11:00")
    permits.office.does("wangmin", "file", permit, filed_on="2026-02-26")
    permits.office.does("zhaoyun", "ask", permit)
    permits.office.does("zhaoyun", "answer", permit)
    again = "deadlines:\n  again: {clock: internal, runs_in: [review], limit: 5 working days, zh: 复核时限, en: again, escalate: [{after: 0 working days, tell: [office]}]}"
    permits.install(second.replace("deadlines:", again))
    plan = PLAN.replace("from: 1", "from: 3").replace("to: 2", "to: 4")

    permits.migrate(plan.replace("whole: recompute", "whole: recompute, again: recompute"))

    assert permits.clocks(permit)["again"] == "2026-03-09"  # from the answer
    permits.all_is_well()


def test_a_clock_that_stands_still_stands_still_under_the_new_version_with_its_pause(permits: Permits) -> None:
    permit = permits.filed()
    permits.office.clock.set("2026-03-03T10:00")
    permits.office.does("zhaoyun", "ask", permit)
    permits.install(SECOND)
    permits.office.clock.set("2026-03-05T10:00")

    permits.migrate()

    permits.office.clock.set("2026-03-06T10:00")
    permits.office.does("zhaoyun", "answer", permit)
    assert permits.clocks(permit)["whole"] == "2026-03-17"  # 8 working days, the 4th to the 6th left out
    permits.all_is_well()


def test_a_new_clock_is_counted_from_the_day_on_which_the_case_came_into_its_state(permits: Permits) -> None:
    permit = permits.begun()
    drafting = "deadlines:\n  drafting: {clock: internal, runs_in: [draft], limit: 5 working days, zh: 拟稿时限, en: drafting, escalate: [{after: 0 working days, tell: [office]}]}"
    permits.install(SECOND.replace("deadlines:", drafting).replace("waive:", "# "))
    permits.office.clock.set("2026-03-05T10:00")

    permits.migrate(PLAN.replace("whole: recompute", "whole: recompute, drafting: recompute"))

    assert permits.clocks(permit) == {"drafting": "2026-03-09"}
    permits.all_is_well()


# And back.


def test_the_inverse_plan_takes_a_case_back_exactly_as_it_was(permits: Permits) -> None:
    permit = permits.filed(note="急件")
    permits.office.clock.set("2026-03-04T09:00")
    permits.office.desk.sweep()
    before = permits.office.case(permit)
    permits.install(SECOND)
    forward = permits.migrate(PLAN.replace("check: keep, whole: recompute", "check: restart, whole: recompute"))
    permits.office.clock.set("2026-03-04T15:00")

    back = permits.migrate(forward.inverse)

    after = permits.office.case(permit)
    assert (back.moved, back.refused) == (1, 0)
    assert (after.definition, after.state, after.data, after.waits_for) == (
        before.definition, before.state, before.data, before.waits_for,
    )  # fmt: skip
    assert permits.clocks(permit) == {"check": "2026-03-05", "whole": "2026-03-16"}
    permits.all_is_well()
    permits.office.clock.set("2026-03-06T09:00")
    assert [each.step for each in permits.office.desk.sweep()] == ["escalate-1"]
    permits.all_is_well()


def test_the_inverse_plan_leaves_cases_alone_that_its_plan_did_not_move(permits: Permits) -> None:
    moved = permits.filed()
    permits.install(SECOND)
    forward = permits.migrate()
    begun_since = permits.begun()

    back = permits.migrate(forward.inverse)

    assert back.moved == 1
    assert permits.office.desk.definition_of(permits.office.case(moved).definition).version == 1
    assert permits.office.desk.definition_of(permits.office.case(begun_since).definition).version == 2


def test_what_was_written_since_is_carried_back_and_not_what_stood_there_before(permits: Permits) -> None:
    permit = permits.filed(note="急件")
    permits.install(SECOND)
    forward = permits.migrate()
    permits.office.desk.edit(permits.office.actor("zhaoyun"), permit, data={"remark": "特急"})

    permits.migrate(forward.inverse)

    assert permits.office.case(permit).data["note"] == "特急"
    permits.all_is_well()


def test_what_the_former_version_cannot_hold_is_not_lost_when_it_is_undone(permits: Permits) -> None:
    permit = permits.filed()
    fresh = "  remark: {type: text, max: 40, zh: 备注, en: remark}\n"
    permits.install(
        SECOND.replace(fresh, fresh + "  place:  {type: text, max: 40, zh: 地点, en: place}\n").replace(
            "office: [remark]", "office: [remark, place]"
        )
    )
    forward = permits.migrate()
    by = permits.office.actor("zhaoyun")
    permits.office.desk.edit(by, permit, data={"place": "人民路口"})

    tried = permits.migrate(forward.inverse, dry_run=True)
    back = permits.migrate(forward.inverse)

    for told in (tried, back):
        (stays,) = told.stays
        assert [each.name for each in stays.reasons] == ["place"]
        assert "“place” was filled in after the migration" in stays.reasons[0].text.en
    assert permits.office.case(permit).data["place"] == "人民路口"
    permits.office.desk.edit(by, permit, data={"place": None})
    assert permits.migrate(forward.inverse).moved == 1


def test_a_case_that_went_on_goes_back_by_the_tables_of_the_inverse_plan(permits: Permits) -> None:
    permit = permits.begun()
    permits.install(SECOND)
    forward = permits.migrate()
    permits.office.does("wangmin", "file", permit)

    back = permits.migrate(forward.inverse)

    assert back.moved == 1
    assert permits.office.case(permit).state == "checking"
    assert permits.clocks(permit) == {"check": "2026-03-05", "whole": "2026-03-16"}
    permits.all_is_well()


def test_there_and_back_and_there_again(permits: Permits) -> None:
    permit = permits.filed(note="急件")
    permits.install(SECOND)
    forward = permits.migrate()
    permits.migrate(forward.inverse)

    again = permits.migrate()

    assert again.moved == 1
    assert permits.clocks(permit)["whole"] == "2026-03-12"
    assert permits.office.case(permit).data["remark"] == "急件"
    permits.all_is_well()


# The plan itself.


@pytest.mark.parametrize(
    ("said", "instead", "code", "line"),
    [
        ("to: 2", "to: 7", "plan-unknown-version", 4),
        ("states: {checking: review}", "states: {cheking: review}", "plan-unknown-state", 6),
        ("states: {checking: review}", "states: {checking: granted}", "plan-final-state", 6),
        ("states: {checking: review}\n", "", "plan-state-without-place", 1),
        ("set: {remark: {copy: note}, note: null}\n", "", "plan-field-undecided", 1),
        ("note: null}", "note: null, level: medium}", "plan-bad-value", 7),
        ("note: null}", "note: null, colour: red}", "plan-unknown-field", 7),
        ("note: null}", "note: null, title: null}", "plan-bad-value", 7),
        ("clocks: {check: keep, whole: recompute}", "clocks: {check: keep}", "plan-clock-undecided", 8),
        ("whole: recompute", "whole: perhaps", "plan-clock-verb", 8),
        ("whole: recompute", "whole: drop", "plan-clock-verb", 8),
        ("whole: recompute", "whole: recompute, lunch: keep", "plan-unknown-clock", 8),
        ("reason: 某法修订，办理期限缩短", "reason: 　", "plan-reason", 5),
        ("kind: permit", "knd: permit", "plan-unknown-key", 2),
        ("format: gongkai-migration/1", "format: gongkai/1", "plan-format", 1),
        ("states: {checking: review}", "states: [checking]", "plan-not-a-table", 6),
        ("to: 2\n", "to: 2\nto: 2\n", "duplicate-key", 5),
        ("to: 2", "to: 1", "plan-same-version", 4),
    ],
)
def test_a_plan_that_leaves_something_open_is_refused_with_the_line(
    permits: Permits, said: str, instead: str, code: str, line: int
) -> None:
    permits.install(SECOND)
    assert said in PLAN

    with pytest.raises(BadPlan) as bad:
        permits.migrate(PLAN.replace(said, instead))

    found = {(each.code, each.line) for each in bad.value.findings}
    assert (code, line) in found
    assert all(each.text.zh and each.hint.zh and each.hint.en for each in bad.value.findings)


#: A further clock that counts from an anchor, so that it cannot be dropped.
ANCHORED = (
    "deadlines:\n  extra: {clock: internal, runs_in: [checking], anchor: {event: file}, limit: 5 working days, "
    "zh: 另限, en: extra, escalate: [{after: 0 working days, tell: [office]}]}"
)


@pytest.mark.parametrize(
    ("said", "instead", "clocks", "offered"),
    [
        ("deadlines:", ANCHORED, "", "extra: recompute (from its day 0) or restart (from the day of the migration)"),
        ("limit: 10 working", "limit: 9 working", "", "whole: keep"),
        ("limit: 10 working", "limit: 9 working", "whole: drop", "whole: recompute"),
    ],
)
def test_a_plan_is_offered_no_word_that_it_would_be_refused_for(
    permits: Permits, said: str, instead: str, clocks: str, offered: str
) -> None:
    permits.install(FIRST.replace("version: 1", "version: 2").replace(said, instead))

    with pytest.raises(BadPlan) as bad:
        permits.migrate(onward(1, 2, clocks))

    (fault,) = bad.value.findings
    assert offered in fault.hint.en
    assert "drop" not in fault.hint.en
    assert "drop" not in fault.hint.zh


def test_the_word_that_is_offered_for_a_clock_that_would_end_ends_it(permits: Permits) -> None:
    permit = permits.filed()
    second = FIRST.replace("version: 1", "version: 2")
    permits.install(second.replace("runs_in: [checking], pauses_in: [asking], anchor", "runs_in: [asking], anchor"))
    (stays,) = permits.migrate(onward(1, 2, "whole: keep")).stays
    assert "say `whole: recompute` under `clocks`, and it ends" in stays.reasons[0].text.en

    permits.migrate(onward(1, 2, "whole: recompute"))

    assert permits.clocks(permit) == {"check": "2026-03-05"}
    permits.all_is_well()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SECOND, "this is a definition, not a plan of migration"),
        (SECOND.replace("format: gongkai/1\n", ""), "this is a definition, not a plan of migration"),
        ("format: gongkai-scenarios/1\nabout: permit\nscenarios: {}\n", "this is a file of scenarios, not a plan of migration"),
    ],
    ids=["definition", "definition without its format", "scenarios"],
)  # fmt: skip
def test_another_file_than_a_plan_is_told_in_one_sentence(permits: Permits, text: str, said: str) -> None:
    with pytest.raises(BadPlan) as bad:
        permits.migrate(text)

    (fault,) = bad.value.findings
    assert (fault.code, fault.text.en) == ("plan-other-file", said)
    assert "plan.yaml" in fault.hint.zh


def test_what_was_personal_stays_behind_its_mask_in_the_record(permits: Permits) -> None:
    secret = FIRST.replace("version: 1", "version: 3").replace(
        "note:  {type: text, max: 40,", "note:  {type: text, max: 40, personal: true, seen_by: [office],"
    )
    gone = SECOND.replace("version: 2", "version: 4")
    permits.install(secret)
    permit = permits.filed(note="王小二")
    permits.install(gone)
    to_the_fourth = PLAN.replace("from: 1", "from: 3").replace("to: 2", "to: 4")

    with pytest.raises(BadPlan) as bad:
        permits.migrate(to_the_fourth)
    permits.migrate(to_the_fourth.replace("remark: {copy: note}, ", ""))

    assert [each.code for each in bad.value.findings] == ["plan-personal"]
    event = permits.office.history(permit)[-1]
    assert event.data["was.note"] == "王小二"
    assert event_json(event, permits.office.desk.definition_of(event.definition))["data"]["was.note"] == "王**"  # type: ignore[index]


def test_no_command_is_called_migrate(permits: Permits) -> None:
    permit = permits.filed()

    (answer,) = permits.office.desk.fire_many(
        permits.office.actor("admin"), [(permit, Command(TransitionName("migrate")))]
    )

    assert getattr(answer, "code", "") in ("not_found", "invalid")
