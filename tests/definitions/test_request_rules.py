"""Requests for information against tables: who may do what where, what each rule stops, when each clock ends.

Each guard, condition, letter part, role, pause and part of a clock is then taken out in turn, and a table must notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.definitions.requests import OUTCOMES
from tests.definitions.tables import Tables, load, rows, weaker_clocks, weaker_steps, without_a_role
from workflow.judge import broken
from workflow.model import DeadlineRule, Definition

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


@pytest.mark.parametrize(
    ("step", "weaker"), [pytest.param(step, each, id=f"{step}-{rule}") for step, rule, each in weaker_steps(REQUEST)]
)
def test_a_rule_of_a_step_that_is_taken_away_is_missed(step: str, weaker: Definition) -> None:
    assert list(TABLES.refusal_faults(weaker, step))


@pytest.mark.parametrize(
    "weaker",
    [pytest.param(each, id=f"{step}-{state}-{role}") for step, state, role, each in without_a_role(REQUEST)],
)
def test_a_role_that_is_taken_away_is_missed(weaker: Definition) -> None:
    assert list(TABLES.permission_faults(weaker))


@pytest.mark.parametrize(
    ("rule", "weaker"), [pytest.param(rule, each, id=f"{rule}-{part}") for rule, part, each in weaker_clocks(REQUEST)]
)
def test_a_part_of_a_clock_that_is_taken_away_is_missed(rule: str, weaker: Definition) -> None:
    assert list(TABLES.clock_faults(weaker, rule))


@pytest.mark.parametrize(
    "rule",
    [each for each in REQUEST.deadlines.values() if len([step for step in each.steps if step.kind == "escalate"]) > 1],
    ids=lambda rule: str(rule.name),
)
def test_a_limit_that_is_missed_reaches_somebody_above_whoever_missed_it(rule: DeadlineRule) -> None:
    first, *_, last = [each for each in rule.steps if each.kind == "escalate"]

    assert set(last.tell) <= {"leader", "supervisor", "office_head"}
    assert not set(last.tell) & set(first.tell)


def test_each_clock_that_somebody_here_can_miss_has_a_chain_and_the_others_end_by_themselves() -> None:
    alone = {rule.name for rule in REQUEST.deadlines.values() if not any(s.kind == "escalate" for s in rule.steps)}

    assert alone == {"correction_reply", "reasons", "payment"}
    assert all(any(s.kind == "expire" for s in REQUEST.deadlines[name].steps) for name in alone)


def test_each_state_that_is_not_final_has_a_clock() -> None:
    timed = {state for rule in REQUEST.deadlines.values() for state in rule.runs_in}

    assert {name for name, state in REQUEST.states.items() if not state.final} <= timed


# What goes with each outcome.


def holds(guard: str, **data: Any) -> bool:
    """Whether a guard lets these data through."""
    when = REQUEST.guards[guard].when
    assert when is not None
    return when.holds({name: value for name, value in data.items() if value is not None})


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_outcome_goes_with_its_own_articles_only(outcome: str) -> None:
    fits = {each for each in REQUEST.fields["article"].choices if holds("article_fits", outcome=outcome, article=each)}

    ends_without_a_reply = "reply" not in OUTCOMES[outcome]
    assert fits == (
        set(REQUEST.fields["article"].choices) if ends_without_a_reply else set(OUTCOMES[outcome]["articles"])
    )


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_outcome_goes_with_its_own_reasons_only(outcome: str) -> None:
    kinds = [None, *REQUEST.fields["reason_kind"].choices]
    fits = {each for each in kinds if holds("reason_fits", outcome=outcome, reason_kind=each)}

    assert fits == set(OUTCOMES[outcome].get("reasons", [None]))


@pytest.mark.parametrize("kind", REQUEST.fields["reason_kind"].choices)
def test_a_reason_needs_what_its_article_asks_for(kind: str) -> None:
    lacks = {
        guard
        for guard in ("provision_cited", "balanced", "third_party_heard")
        if not holds(guard, outcome="partial", reason_kind=kind)
    }

    discretionary = REQUEST.fields["reason_kind"].choices[kind].facts["kind"] == "discretionary"
    expected = {"E14-2": {"provision_cited"}, "E15-1": {"third_party_heard"}, "E15-2": {"third_party_heard"}}
    assert lacks == ({"balanced"} if discretionary else expected.get(kind, set()))
    assert holds("consent_binds", reason_kind=kind, third_party_view="consents") != kind.startswith("E15")


@pytest.mark.parametrize(("outcome", "part"), [(o, p) for o, row in OUTCOMES.items() for p in row.get("reply", ())])
def test_each_part_of_each_reply_is_compulsory(outcome: str, part: str) -> None:
    before = {"corrected_on": "2026-03-02"} if OUTCOMES[outcome].get("corrected") else {}
    before |= {"reasons_view": OUTCOMES[outcome]["asked"]} if "asked" in OUTCOMES[outcome] else {}
    reply = {**blank_reply(), **before, "outcome": outcome, "remedy": "reconsider_first", **OUTCOMES[outcome]["reply"]}
    parts = REQUEST.letters["reply"].parts

    assert [each for each in parts if not holds(each, **reply)] == []
    assert [each for each in parts if not holds(each, **{**reply, part: None})] != []


def blank_reply() -> dict[str, Any]:
    """What every reply says, without what belongs to one outcome only."""
    return {name: value for name, value in WHOLE.items() if name not in ("outcome", "article", "form_given", "remedy")}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_an_outcome_gives_or_withholds_says_who_must_have_been_heard_and_seen(outcome: str) -> None:
    gives = outcome in ("granted", "partial")
    about_content = gives or outcome in ("d1", "d2", "d3", "d4", "d5", "d6", "d7")

    assert holds("agency_heard", outcome=outcome, is_joint=True) != about_content
    assert holds("cleared", outcome=outcome) != gives
    assert holds("identity_shown", outcome=outcome) != gives
    assert holds("identity_shown", outcome=outcome, id_kind="passport") != gives
    assert holds("identity_shown", outcome=outcome, id_number="E12345678") != gives


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        ({}, False),
        ({"id_kind": "passport"}, False),
        ({"id_number": "E12345678"}, False),
        ({"id_kind": "passport", "id_number": "E12345678"}, True),
    ],
)
def test_an_identity_is_a_document_and_its_number(data: dict[str, Any], whole: bool) -> None:
    assert holds("identity_given", **data) == whole


@pytest.mark.parametrize(
    ("data", "same_day"),
    [
        ({"channel": "web", "submitted_on": "2026-03-02", "confirmed_on": "2026-03-03"}, True),
        ({"channel": "post", "submitted_on": "2026-03-02", "confirmed_on": "2026-03-02"}, True),
        ({"channel": "post", "submitted_on": "2026-03-02", "confirmed_on": "2026-03-03"}, False),
    ],
)
def test_only_ordinary_post_is_confirmed_on_the_day_itself(data: dict[str, Any], same_day: bool) -> None:
    assert holds("same_day", **data) == same_day


#: What must never be, whatever the steps allow: a state, data that have no place in it, and the rule that says so.
WITHHELD: dict[str, Any] = {
    "outcome": "d6",
    "reason_kind": "E16-2b",
    "reason_text": "属于尚在讨论中的过程稿",
    "remedy": "reconsider_first",
}
NEVER: list[tuple[str, dict[str, Any], str]] = [
    ("received", {"received_on": None}, "undated_handled"),
    ("consulting", {"received_on": None}, "undated_handled"),
    ("replied", {"received_on": None}, "undated_handled"),
    ("ended", {"outcome": None}, "unanswered_leaves"),
    ("archived", {"outcome": None}, "unanswered_leaves"),
    ("replied", {**WITHHELD, "reason_kind": None}, "refused_unreasoned"),
    ("replied", {**WITHHELD, "reason_text": None}, "refused_unreasoned"),
    ("replied", {"remedy": None, "letter_on": None}, "refused_unremedied"),
    ("replied", {**WITHHELD, "remedy": "reconsider_or_sue"}, "remedy_wrong"),
    ("replied", {"secrecy_ok": None}, "given_uncleared"),
    ("drafting", {"month_items": 35, "pages": 40}, "charged_twice"),
    ("archived", {"reconsideration": "pending"}, "archived_in_dispute"),
    ("archived", {"direct_suit": "pending"}, "archived_in_dispute"),
    ("archived", {"suit_after": "pending"}, "archived_in_dispute"),
]


@pytest.mark.parametrize(("state", "data", "rule"), NEVER)
def test_what_must_never_be_is_seen_even_if_a_step_lets_it_through(state: str, data: dict[str, Any], rule: str) -> None:
    assert [each.name for each in broken(REQUEST, TABLES.case(REQUEST, state, data))] == [rule]


def test_everything_that_must_never_be_is_tried() -> None:
    assert {rule for _, _, rule in NEVER} == {never.name for never in REQUEST.never}


@pytest.mark.parametrize("state", ["received", "drafting", "replied", "ended", "archived"])
def test_a_request_in_order_breaks_nothing(state: str) -> None:
    assert list(broken(REQUEST, TABLES.case(REQUEST, state))) == []
    assert list(broken(REQUEST, TABLES.case(REQUEST, state, WITHHELD))) == []


#: What is of one outcome, one reason or one text only, and lapses with it.
LAPSES: dict[str, set[str]] = {
    "reason_kind": {"outcome"},
    "reason_text": {"outcome"},
    "provision": {"outcome", "reason_kind"},
    "balance_text": {"outcome", "reason_kind"},
    "override_text": {"outcome"},
    "third_party_told_on": {"outcome"},
    "withheld_parts": {"outcome"},
    "found_where": {"outcome"},
    "search_made": {"outcome"},
    "right_agency": {"outcome"},
    "earlier_request": {"outcome"},
    "remedy": {"outcome"},
    "secrecy_ok": {"outcome", "reply_text", "withheld_parts"},
}


def test_a_reason_a_remedy_and_a_clearance_lapse_with_the_outcome_that_they_were_given_for() -> None:
    assert {name: set(each.lapses_on) for name, each in REQUEST.fields.items() if each.lapses_on} == LAPSES


def test_the_applicant_sees_in_plain_words_where_the_request_stands() -> None:
    assert all(state.public for state in REQUEST.states.values())


def test_who_the_applicant_is_is_shown_to_those_who_must_know() -> None:
    seen = {name: set(each.seen_by) for name, each in REQUEST.fields.items() if each.personal}

    assert seen == {
        "applicant_name": {"office", "office_head", "leader"},
        "id_number": {"office", "office_head"},
        "contact": {"office", "office_head"},
        "address": {"office", "office_head"},
        "party": {"office", "office_head", "leader"},
    }


#: Who hears at once of what others, or the clock, did: whoever must act on it next.
HEARD: dict[str, set[str]] = {
    "turn_away": {"office"},
    "lapse_correction": {"office", "office_head"},
    "take_late_correction": {"office"},
    "lapse_reasons": {"office"},
    "lapse_fee": {"office", "office_head"},
    "take_late_payment": {"office"},
    "waive_fee": {"office"},
    "resume": {"office"},
    "defer": {"office"},
    "extend": {"office"},
    "return_reply": {"office"},
    "withdraw": {"office", "office_head"},
    "open_reconsideration": {"office_head", "leader"},
    "open_direct_suit": {"office_head", "leader"},
    "open_suit_after": {"office_head", "leader"},
    "note_reconsideration": {"office_head", "leader"},
    "note_direct_suit": {"office_head", "leader"},
    "redo": {"office_head", "leader"},
}


def test_whoever_is_concerned_hears_of_a_step() -> None:
    assert {step.name: {each.to for each in step.tell} for step in REQUEST.transitions.values() if step.tell} == HEARD


def test_what_the_annual_report_counts_is_handed_on() -> None:
    assert {"applicant_kind", "received_on", "replied_on", "outcome", "fee_due", "paid_amount"} <= set(REQUEST.listed)
    assert {"reconsideration", "direct_suit", "suit_after"} <= set(REQUEST.listed)
