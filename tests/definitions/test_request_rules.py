"""Requests for information against tables: who may do what where, what each rule stops, when each clock ends.

Each guard, condition, dated day, letter part, role and part of a clock is then taken out in turn, and a table must notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

from tests.definitions.tables import NOW, Tables, load, rows
from tests.definitions.weaker import unmissed, weaker_clocks, weaker_conditions, weaker_steps, without_a_role
from workflow.case import ClockKind, StateName, TransitionName
from workflow.judge import broken, failing
from workflow.model import DeadlineRule, Definition
from workflow.prover import Proof
from workflow.prover.barred import NoWay
from workflow.prover.plan import Planner

REQUEST = load("request")

#: A request in whose way nothing stands, wherever it is; `~` in a row takes one of these away.
WHOLE: dict[str, Any] = {
    "title": "申请公开部门预算批复",
    "channel": "ems",
    "submitted_on": "2026-02-25",
    "signed_on": "2026-02-27",
    "receipt_proof": "EMS 1234567890123",
    "received_on": "2026-02-27",
    "applicant_name": "李明",
    "applicant_kind": "natural",
    "id_kind": "resident_id",
    "id_number": "11010519491231002X",
    "contact": "13900000000",
    "subject": "2025年度部门预算批复",
    "outcome": "granted",
    "article": "36-2",
    "reply_text": "可以公开，现予提供。",
    "form_given": "electronic",
    "remedy": "reconsider_or_sue",
    "remedy_body": "区人民政府",
    "secrecy_ok": True,
    "letter_on": "2026-03-09",
}


def each_way_out(refusals: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows, those about a reply once for each of the two steps that hold it to its parts."""
    for row in refusals:
        if row["step"] == "reply":
            yield {**row, "step": "submit_reply", "in": "drafting"}
            yield {**row, "step": "send", "in": "sending", "with": {"delivery": "mail", "sent_on": "2026-03-10"}}
        else:
            yield row


TABLES = Tables(
    permitted=rows("request_permitted.yaml"),
    refusals=list(each_way_out(rows("request_refusals.yaml"))),
    clocks=rows("request_clocks.yaml"),
    whole=WHOLE,
)


def test_everybody_may_do_what_the_table_says_and_nothing_else() -> None:
    assert list(TABLES.permission_faults(REQUEST)) == []


def test_each_rule_stops_exactly_what_it_is_for() -> None:
    assert list(TABLES.refusal_faults(REQUEST)) == []


def test_each_clock_ends_on_the_day_that_the_table_says_and_tells_whom_it_says() -> None:
    assert list(TABLES.clock_faults(REQUEST)) == []


def test_a_rule_of_a_step_that_is_taken_away_is_missed() -> None:
    def faults(weaker: Definition, step: str) -> Iterator[str]:
        # The day of a step that is known only when it is taken moves clocks and stops nothing.
        return chain(TABLES.refusal_faults(weaker, step), TABLES.clock_faults(weaker))

    assert unmissed(REQUEST, weaker_steps, faults) == []


def test_a_role_that_is_taken_away_is_missed() -> None:
    assert unmissed(REQUEST, without_a_role, TABLES.permission_faults) == []


def test_a_part_of_a_clock_that_is_taken_away_is_missed() -> None:
    assert unmissed(REQUEST, weaker_clocks, TABLES.clock_faults) == []


@pytest.mark.parametrize(
    "rule",
    [each for each in REQUEST.deadlines.values() if each.kind == ClockKind.INTERNAL or each.name == "reply"],
    ids=lambda rule: str(rule.name),
)
def test_a_limit_that_is_missed_reaches_somebody_above_whoever_missed_it(rule: DeadlineRule) -> None:
    if rule.name == "reasons":  # the applicant's own limit: it ends by itself
        assert [str(each.transition) for each in rule.steps] == ["lapse_reasons"]
        return

    first, *_, last = [each for each in rule.steps if each.kind == "escalate"]

    assert set(last.tell) <= {"leader", "supervisor", "office_head"}
    assert not set(last.tell) & set(first.tell)


#: What must never be, whatever the steps allow: a state, papers that have no place in it, and the rule that says so.
WITHHELD: dict[str, Any] = {
    "outcome": "d6",
    "article": "36-3",
    "reason_kind": "E16-2b",
    "reason_text": "属于尚在讨论中的过程稿",
    "balance_text": "公开将妨碍内部坦率讨论",
    "remedy": "reconsider_first",
}
NOT_WITHHELD: dict[str, Any] = {**WITHHELD, "remedy": "reconsider_or_sue"}
PARTIAL: dict[str, Any] = {**WITHHELD, "outcome": "partial", "article": "37", "withheld_parts": "第三页的讨论记录"}
NEVER: list[tuple[str, dict[str, Any], str | None]] = [
    ("replied", {}, None),
    ("replied", WITHHELD, None),
    ("received", {"received_on": None}, "undated_handled"),
    ("consulting", {"received_on": None}, "undated_handled"),
    ("sending", {"received_on": None}, "undated_handled"),
    ("inquiring", {"received_on": None}, "undated_handled"),
    ("ended", {"outcome": None}, "unanswered_leaves"),
    ("archived", {"outcome": None}, "unanswered_leaves"),
    ("archived", {"outcome": None, "imported": True}, None),
    ("replied", WITHHELD | {"reason_kind": None}, "refused_unreasoned"),
    ("replied", WITHHELD | {"reason_text": None}, "refused_unreasoned"),
    ("replied", {"remedy": None}, "refused_unremedied"),
    ("replied", {"remedy_body": None}, "refused_unremedied"),
    ("replied", NOT_WITHHELD | {"outcome": "o1"}, "abandoned_by_letter"),
    ("sending", NOT_WITHHELD | {"outcome": "o2"}, "abandoned_by_letter"),
    ("reply_review", NOT_WITHHELD | {"outcome": "o3"}, "abandoned_by_letter"),
    ("ended", {"outcome": "o3"}, None),
    ("replied", WITHHELD | {"remedy": "reconsider_or_sue"}, "remedy_wrong"),
    ("replied", WITHHELD | {"remedy": "reconsider_or_sue", "letter_on": "2023-12-31"}, None),
    ("replied", NOT_WITHHELD | {"outcome": "u2"}, None),
    ("replied", WITHHELD | {"outcome": "u2"}, "remedy_wrong"),
    ("replied", {"remedy": "reconsider_first"}, "remedy_wrong"),
    ("replied", {"secrecy_ok": None}, "given_uncleared"),
    ("replied", WITHHELD | {"secrecy_ok": None}, None),
    ("fee_wait", {"month_items": 35, "pages": 40}, "charged_twice"),
    ("archived", {"reconsideration": "pending"}, "archived_in_dispute"),
    ("archived", {"direct_suit": "pending"}, "archived_in_dispute"),
    ("archived", {"suit_after": "pending"}, "archived_in_dispute"),
    ("replied", {"reply_text": None}, "replied_empty"),
    ("replied", {"article": None}, "replied_empty"),
    ("replied", {"article": "36-1", "found_where": None}, "replied_nowhere"),
    ("replied", {"article": "36-4", "search_made": None}, "replied_nowhere"),
    ("replied", {"article": "36-5", "right_agency": None}, "replied_nowhere"),
    ("replied", {"form_given": None}, "replied_nowhere"),
    ("replied", {"article": "36-1", "found_where": "本局门户网站", "form_given": None}, None),
    ("replied", NOT_WITHHELD | {"outcome": "n2", "earlier_request": None}, "replied_nowhere"),
    ("replied", NOT_WITHHELD | {"outcome": "n5", "earlier_request": None}, "replied_nowhere"),
    ("replied", WITHHELD | {"reason_kind": "R13-1"}, "refused_unlawfully"),
    ("replied", WITHHELD | {"reason_kind": "E14-2", "provision": None}, "uncited"),
    ("replied", WITHHELD | {"reason_kind": "E14-2", "provision": "某法第十条"}, None),
    ("replied", WITHHELD | {"outcome": "d8", "provision": None}, "uncited"),
    ("replied", WITHHELD | {"balance_text": None}, "unbalanced"),
    ("replied", WITHHELD | {"outcome": "partial", "withheld_parts": None}, "parts_untold"),
    ("drafting", {"extension_days": 10, "extension_told_on": None}, "extended_untold"),
    ("replied", {"extension_days": 10, "extension_told_on": None}, "extended_untold"),
    ("correction_wait", {"corrected_on": "2026-03-01"}, "corrected_twice"),
    ("correction_wait", {}, None),
    ("replied", {"is_joint": True, "agency_view": None}, "agency_unheard"),
    ("replied", WITHHELD | {"is_joint": True, "agency_view": None}, "agency_unheard"),
    ("replied", {"is_joint": True, "agency_view": "silent"}, None),
    ("replied", NOT_WITHHELD | {"outcome": "u3", "corrected_on": None}, "unclear_uncorrected"),
    ("replied", NOT_WITHHELD | {"outcome": "u3", "corrected_on": "2026-03-01"}, None),
    ("replied", NOT_WITHHELD | {"outcome": "n4", "reasons_view": "reasonable"}, "excessive_unheard"),
    ("replied", NOT_WITHHELD | {"outcome": "n4", "reasons_view": "silent"}, None),
    ("replied", WITHHELD | {"reason_kind": "E15-1", "third_party_view": None}, "third_party_unheard"),
    ("replied", WITHHELD | {"reason_kind": "E15-1", "third_party_view": "consents"}, "third_party_unheard"),
    ("replied", WITHHELD | {"reason_kind": "E15-2", "third_party_view": "not_concerned"}, "third_party_unheard"),
    ("replied", WITHHELD | {"reason_kind": "E15-2", "third_party_view": "unreachable"}, None),
    ("replied", {"third_party_view": "asked"}, "third_party_pending"),
    ("replied", WITHHELD | {"reason_kind": "E15-1", "third_party_view": "weak_objection"}, "harm_unfound"),
    ("replied", WITHHELD | {"reason_kind": "E15-2", "third_party_view": "weak_objection", "harm_text": "压价"}, None),
    ("replied", {"third_party_view": "objects", "override_text": None}, "objection_unanswered"),
    ("replied", {"third_party_view": "objects", "override_text": "涉及公共安全"}, None),
    ("replied", PARTIAL | {"third_party_view": "objects"}, "objection_unanswered"),
    ("replied", PARTIAL | {"third_party_view": "objects", "reason_kind": "E15-1"}, None),
    ("replied", {"third_party_view": "silent"}, None),
    ("replied", {"third_party_view": "silent", "received_on": "2019-05-14"}, "objection_unanswered"),
    ("replied", {"id_number": None}, "given_to_unknown"),
    ("fee_wait", {"month_items": 10, "pages": None}, "charged_below_free"),
]


@pytest.mark.parametrize(("state", "data", "rule"), NEVER)
def test_what_must_never_be_is_seen_even_if_a_step_lets_it_through(
    state: str, data: dict[str, Any], rule: str | None
) -> None:
    unmet = [each.name for each in broken(REQUEST, TABLES.case(REQUEST, state, data))]

    assert [name for name in unmet if name not in {each.name for each in REQUEST.passes}] == ([rule] if rule else [])


def test_everything_that_must_never_be_is_tried() -> None:
    assert {rule for _, _, rule in NEVER if rule} == {never.name for never in REQUEST.never}


#: What the Office is warned of and may still do: the step goes on, and the fault is said.
WARNED: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("register", "submitted", {}, []),
    ("register", "submitted", {"id_number": None}, ["identity_given"]),
    ("register", "submitted", {"channel": "post", "confirmed_on": "2026-02-25"}, []),
    ("register", "submitted", {"channel": "post", "confirmed_on": "2026-02-26"}, ["same_day"]),
    ("confirm", "submitted", {"id_kind": None}, ["identity_given"]),
    ("confirm", "submitted", {"channel": "post", "confirmed_on": "2026-02-26"}, ["same_day"]),
    ("reach", "unreachable", {"id_number": None}, ["identity_given"]),
    ("redate", "received", {}, []),
    ("redate", "received", {"signed_on": "2026-02-26"}, ["time_unmoved"]),
    ("redate", "received", {"channel": "registered", "signed_on": "2026-02-26"}, ["time_unmoved"]),
    ("redate", "received", {"channel": "registered"}, []),
    ("redate", "received", {"channel": "counter"}, ["time_unmoved"]),
    ("redate", "received", {"channel": "counter", "submitted_on": "2026-02-27"}, []),
    ("redate", "received", {"channel": "phone_help", "submitted_on": "2026-02-27"}, []),
    ("redate", "received", {"channel": "web", "confirmed_on": "2026-02-27"}, []),
    ("redate", "received", {"channel": "web", "confirmed_on": "2026-02-26"}, ["time_unmoved"]),
    ("redate", "received", {"channel": "web", "submitted_on": "2026-02-27"}, ["time_unmoved"]),
    ("redate", "received", {"received_by": "contact", "confirmed_on": "2026-02-27"}, []),
    ("submit_reply", "drafting", {"outcome": "partial", "third_party_view": "objects"}, ["part_objected"]),
    (
        "submit_reply",
        "drafting",
        {"outcome": "partial", "third_party_view": "objects", "override_text": "不公开将严重影响公众监督"},
        [],
    ),
    ("submit_reply", "drafting", {"outcome": "d4", "third_party_view": "objects"}, []),
    ("submit_reply", "drafting", {"outcome": "partial", "third_party_view": "consents"}, []),
]


def warning_faults(definition: Definition) -> Iterator[str]:
    """Every row of these of which the definition warns otherwise."""
    for step, state, data, warned in WARNED:
        case, taken = TABLES.case(definition, state, data), definition.transitions[TransitionName(step)]
        said = [each.name for each in failing(definition, case, taken, taken.warns, ("one-office",), NOW)]
        if said != warned:
            yield f"{step} with {data} warns of {said}, not {warned}"


def test_what_can_still_be_cured_is_a_warning() -> None:
    assert list(warning_faults(REQUEST)) == []


GROUNDS = rows("request_grounds.yaml")


def ground_faults(definition: Definition) -> Iterator[str]:
    """Every pair of an outcome and what it rests on, and every demand of a reply, that the definition sees otherwise."""
    for field, guard in (("article", "article_fits"), ("reason_kind", "reason_fits")):
        for outcome, row in GROUNDS["outcomes"].items():
            for each in (*[None] * (field == "reason_kind"), *definition.fields[field].choices):
                if meets(definition, guard, {"outcome": outcome, field: each}) != (each in row[field]):
                    yield f"{outcome} by {each}"
    for row in GROUNDS["demands"]:
        for each in definition.fields[row["field"]].choices:
            if each not in row.get("never", ()):
                yield from demand_faults(definition, row, each)


def demand_faults(definition: Definition, row: dict[str, Any], value: str) -> Iterator[str]:
    """Whether this part is asked for where the field holds this value, and only there."""
    data = {**row.get("also", {}), row["field"]: value}
    asked = not meets(definition, row["part"], {**data, **row.get("lacking", dict.fromkeys(row["needs"]))})
    if value in row["of"] and not asked:
        yield f"{row['part']} is not asked for with {value}"
    if value in row["of"] and not meets(definition, row["part"], {**data, **row["needs"]}):
        yield f"{row['part']} asks for more than {list(row['needs'])} with {value}"
    if asked and not any(value in each["of"] for each in GROUNDS["demands"] if each["part"] == row["part"]):
        yield f"{row['part']} is asked for with {value}"


def meets(definition: Definition, guard: str, data: dict[str, Any]) -> bool:
    """Whether a request in whose way nothing stood meets this guard with these data."""
    condition = definition.guards[guard].when
    assert condition
    return condition.holds({name: value for name, value in {**WHOLE, **data}.items() if value is not None})


def test_an_outcome_rests_on_what_the_decree_says_and_a_reply_says_what_it_asks_for() -> None:
    assert list(ground_faults(REQUEST)) == []


def test_every_outcome_is_replied_with_or_ends_without_a_reply() -> None:
    outcomes = REQUEST.fields["outcome"].choices

    assert {*GROUNDS["outcomes"], *GROUNDS["ended"]} == set(outcomes)
    assert {each for each in outcomes if not meets(REQUEST, "decided", {"outcome": each})} == set(GROUNDS["ended"])


def test_a_part_of_a_condition_that_is_taken_away_is_missed() -> None:
    def faults(weaker: Definition, about: str) -> Iterator[str]:
        return chain(TABLES.refusal_faults(weaker, about), warning_faults(weaker), ground_faults(weaker))

    assert unmissed(REQUEST, weaker_conditions, faults) == []


#: What is of one decision only, and lapses with it.
OF_THE_OUTCOME = {
    "reason_kind", "reason_text", "override_text", "withheld_parts", "found_where", "search_made",
    "right_agency", "earlier_request", "remedy",
}  # fmt: skip
LAPSES: dict[str, set[str]] = {
    **{name: {"outcome"} for name in OF_THE_OUTCOME},
    "provision": {"outcome", "reason_kind"},
    "balance_text": {"outcome", "reason_kind"},
    "harm_text": {"outcome", "reason_kind"},
    "third_party_told_on": {"outcome", "reply_text", "override_text"},
    "secrecy_ok": {"outcome", "reply_text", "withheld_parts"},
}


def test_a_clearance_and_a_reason_lapse_with_what_they_were_given_for() -> None:
    assert {name: set(each.lapses_on) for name, each in REQUEST.fields.items() if each.lapses_on} == LAPSES


def test_the_applicant_sees_in_plain_words_where_the_request_stands() -> None:
    assert all(state.public for state in REQUEST.states.values())


def test_who_the_applicant_is_and_where_they_live_is_shown_to_those_who_need_it() -> None:
    seen = {name: set(each.seen_by) for name, each in REQUEST.fields.items() if each.personal}

    assert seen == {
        "applicant_name": {"office", "office_head", "leader"},
        "id_number": {"office", "office_head"},
        "contact": {"office", "office_head"},
        "address": {"office", "office_head"},
        "party": {"office", "office_head", "leader"},
    }


#: Who hears at once of what others, or a clock, did: whoever must act on it next.
HEARD: dict[str, set[str]] = {
    "turn_away": {"office"},
    "stop_consulting": {"office_head"},
    "recall_inquiry": {"office_head"},
    "release_others": {"leader"},
    "correction_over": {"office", "office_head"},
    "lapse_correction": {"office", "office_head"},
    "take_late_correction": {"office"},
    "lapse_reasons": {"office"},
    "extend_waiting": {"office"},
    "restore_contact": {"office"},
    "note_reasons_returned": {"office"},
    "extend_inquiring": {"office"},
    "take_late_reasons": {"office"},
    "lapse_fee": {"office", "office_head"},
    "take_late_payment": {"office"},
    "redate": {"office"},
    "redate_correction": {"office"},
    "redate_reasons": {"office"},
    "redate_fee": {"office"},
    "serve_correction": {"office_head"},
    "serve_reasons": {"office_head"},
    "serve_fee": {"office_head"},
    "waive_fee": {"office"},
    "resume": {"office"},
    "hold": {"office"},
    "redate_consultation": {"office"},
    "defer": {"office"},
    "extend": {"office"},
    "return_reply": {"office", "office_head"},
    "note_late_objection": {"office", "office_head"},
    "withdraw": {"office", "office_head"},
    "open_reconsideration": {"office_head", "leader"},
    "open_direct_suit": {"office_head", "leader"},
    "open_suit_after": {"office_head", "leader"},
    "note_reconsideration": {"office_head", "leader"},
    "note_direct_suit": {"office_head", "leader"},
    "correct_direct_suit": {"office", "office_head", "leader"},
    "correct_direct_suit_in_dispute": {"office", "office_head", "leader"},
    "correct_early_suit": {"office", "office_head", "leader"},
    "correct_suit_after": {"office", "office_head", "leader"},
    "correct_first_suit": {"office", "office_head", "leader"},
    "correct_first_suit_in_dispute": {"office", "office_head", "leader"},
    "correct_first_suit_in_hand": {"office", "office_head", "leader"},
    "redo": {"office_head", "leader"},
}


def test_whoever_is_concerned_hears_of_a_step() -> None:
    assert {step.name: {each.to for each in step.tell} for step in REQUEST.transitions.values() if step.tell} == HEARD


def test_each_clock_that_somebody_here_can_miss_has_a_chain_and_the_others_end_by_themselves() -> None:
    alone = {rule.name for rule in REQUEST.deadlines.values() if not any(s.kind == "escalate" for s in rule.steps)}

    assert alone == {"correction", "correction_reply", "reasons", "payment"}
    assert all(any(s.kind == "expire" for s in REQUEST.deadlines[name].steps) for name in alone)


def test_each_state_that_is_not_final_has_a_clock() -> None:
    timed = {state for rule in REQUEST.deadlines.values() for state in rule.runs_in}

    assert {name for name, state in REQUEST.states.items() if not state.final} <= timed


def test_what_the_annual_report_counts_is_handed_on() -> None:
    assert {"applicant_kind", "received_on", "replied_on", "outcome", "fee_due", "paid_amount"} <= set(REQUEST.listed)
    assert {"reconsideration", "direct_suit", "suit_after"} <= set(REQUEST.listed)


def test_the_words_told_outside_hold_however_the_request_came_there() -> None:
    # Who let a correction or a fee lapse was never answered, and can dispute that.
    for name in ("disputed", "settled"):
        said = REQUEST.states[StateName(name)].public

        assert said is not None
        assert "已答复" not in said.zh
        assert "answered" not in said.en


def test_the_channels_say_the_same_day_as_the_rules_for_email() -> None:
    # 条例（2019）56: in force on 2019-05-15; on 2019-05-14 what the mail system had received was received (207号).
    email = REQUEST.fields["channel"].choices["email"]

    assert email.facts["before"] == "2019-05-15"


def test_the_way_to_a_reply_offers_any_outcome_and_names_no_clock_that_never_began() -> None:
    blank = dict.fromkeys(
        name for name in WHOLE if name not in ("title", "received_on", "applicant_name", "id_kind", "id_number")
    )
    case = TABLES.case(REQUEST, "received", blank, {"register": "registrar"})

    stages = Planner(Proof(REQUEST)).plan(case, StateName("replied"))

    assert not isinstance(stages, NoWay)
    assert {each.name: each.example for each in stages[1].writes}["outcome"]
    assert {rule.name for each in stages for rule in each.clocks}.isdisjoint({"redo", "deferred_reply"})
