"""Deputies' proposals against tables: who may do what where, what each rule stops, when each clock ends.

Each guard, condition, letter part, role and part of a clock is then taken out in turn, and a table must notice.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.definitions.tables import Tables, load, rows
from tests.definitions.weaker import unmissed, weaker_clocks, weaker_steps, without_a_role
from workflow.act import Demand
from workflow.case import ClockKind
from workflow.judge import broken
from workflow.model import DeadlineRule

PROPOSAL = load("proposal")

#: A proposal in whose way nothing stands, wherever it is; `~` in a row takes one of these away.
WHOLE: dict[str, Any] = {
    "title": "关于提高社区养老服务补助标准的建议",
    "proposal_text": "建议全文",
    "assigning_body": "npc",
    "assigned_on": "2026-01-05",
    "received_on": "2026-01-06",
    "co_signers": "王代表",
    "handling": "single",
    "public_interest": True,
    "publish_form": "full",
    "reply_text": "答复全文",
    "mark": "A",
    "studied_on": "2026-02-26",
    "secrecy_ok": True,
    "secret_part": "none",
    "signed_on": "2026-02-27",
    "signed_by": "fangju",
    "cosigners_answered": True,
    "form_enclosed": True,
    "copied_assigner": True,
    "copied_government": True,
    "replied_on": "2026-03-02",
    "feedback_on": "2026-03-04",
    "satisfied": "satisfied",
    "consent": "granted",
    "times_reminded": 1,
    "public_text": "建议公开文本",
    "public_reply": "答复公开文本",
    "contact_removed": True,
}

TABLES = Tables(
    permitted=rows("proposal_permitted.yaml"),
    refusals=rows("proposal_refusals.yaml"),
    clocks=rows("proposal_clocks.yaml"),
    whole=WHOLE,
)


def test_everybody_may_do_what_the_table_says_and_nothing_else() -> None:
    assert list(TABLES.permission_faults(PROPOSAL)) == []


def test_each_rule_stops_exactly_what_it_is_for() -> None:
    assert list(TABLES.refusal_faults(PROPOSAL)) == []


def test_each_clock_ends_on_the_day_that_the_table_says_and_tells_whom_it_says() -> None:
    assert list(TABLES.clock_faults(PROPOSAL)) == []


def test_a_rule_of_a_step_that_is_taken_away_is_missed() -> None:
    assert unmissed(PROPOSAL, weaker_steps, TABLES.refusal_faults) == []


def test_a_role_that_is_taken_away_is_missed() -> None:
    assert unmissed(PROPOSAL, without_a_role, TABLES.permission_faults) == []


def test_a_part_of_a_clock_that_is_taken_away_is_missed() -> None:
    assert unmissed(PROPOSAL, weaker_clocks, TABLES.clock_faults) == []


@pytest.mark.parametrize(
    "rule",
    [
        each
        for each in PROPOSAL.deadlines.values()
        if each.kind == ClockKind.INTERNAL or each.name in ("reply", "second_reply", "co_opinion", "publication")
    ],
    ids=lambda rule: str(rule.name),
)
def test_a_limit_that_is_missed_reaches_somebody_above_whoever_missed_it(rule: DeadlineRule) -> None:
    first, *_, last = [each for each in rule.steps if each.kind == "escalate"]

    assert set(last.tell) <= {"leader", "supervisor", "office"}
    assert not set(last.tell) & set(first.tell)


#: What is not public, nor has to be.
UNWANTED: dict[str, Any] = {"published_on": None, "consent": "refused"}

#: What must never be, whatever the steps allow: a state, papers that have no place in it, and the rule that says so.
NEVER: list[tuple[str, dict[str, Any], str]] = [
    ("feedback", {"signed_on": None}, "replied_unsigned"),
    ("published", {"signed_by": None}, "replied_unsigned"),
    ("feedback", {"mark": None}, "replied_unmarked"),
    ("publication", {"handling": "assist"}, "answered_for_another"),
    ("feedback", {"handling": "separate"}, "answered_for_another"),
    ("published", {"consent": None}, "public_unwanted"),
    ("published", {"consent": "refused"}, "public_unwanted"),
    ("merged", {"satisfied": "dissatisfied"}, "public_unwanted"),
    ("published", {"secrecy_ok": None}, "public_uncleared"),
    ("merged", {"contact_removed": None}, "public_uncleared"),
    ("published", {"secret_part": "whole"}, "public_secret"),
    ("published", {"public_text": None}, "public_half"),
    ("merged", {"public_reply": None}, "public_half"),
    ("tracked_public", {"mark": "B", "consent": None}, "public_unwanted"),
    ("tracked", {"mark": "B", "satisfied": None, "unpublished_reason": "refused"}, "still_public"),
    ("withdrawn", {"unpublished_reason": None}, "still_public"),
    ("drafting", {"round": "again"}, "still_public_unwanted"),
    ("ready", {"round": "solved", "consent": "refused"}, "still_public_unwanted"),
    ("tracked_public", {"mark": "A"}, "tracked_other"),
    ("tracked_merged", {"mark": "A"}, "tracked_other"),
    ("tracked", {"mark": "A", "published_on": None, "satisfied": None}, "tracked_other"),
    ("published", {"mark": "B"}, "b_closed"),
    ("unpublished", {"unpublished_reason": None, **UNWANTED}, "silently_unpublished"),
    ("recorded", {}, "live_shelved"),
    ("feedback", {"studied_on": None}, "replied_unstudied"),
    ("feedback", {"handling": "lead", "co_opinions": None}, "replied_alone"),
    ("feedback", {"co_signers": "李明、王芳", "cosigners_answered": None}, "replied_not_to_all"),
    ("feedback", {"form_enclosed": None}, "replied_unasked"),
    ("feedback", {"copied_government": None}, "replied_uncopied"),
    ("feedback", {"assigning_body": "npc", "copied_assigner": None}, "replied_uncopied"),
    ("published", {"public_interest": True, "publish_form": "summary"}, "public_shortened"),
    ("published", {"publish_form": "merged", "merged_with": None}, "public_unnamed"),
    ("tracked_public", {"mark": "B", "publish_form": "merged", "merged_with": None}, "public_unnamed"),
    ("tracked_public", {"mark": "B", "public_reply": None}, "public_half"),
    ("tracked_merged", {"mark": "B", "public_reply": None}, "public_half"),
    ("unpublished", {"unpublished_reason": "secret", "reason_kind": None, **UNWANTED}, "secret_unreasoned"),
    ("unpublished", {"times_reminded": None}, "unasked_again"),
    ("unpublished", {"reason_kind": "E14-2", "provision": None}, "prohibition_uncited"),
    ("unpublished", {"published_on": None, "secret_part": "part"}, "public_kept_back"),
    ("tracked", {"mark": "B", "published_on": None, "secret_part": "none"}, "public_kept_back"),
]


@pytest.mark.parametrize(("state", "data", "rule"), NEVER)
def test_what_must_never_be_is_seen_even_if_a_step_lets_it_through(state: str, data: dict[str, Any], rule: str) -> None:
    ended = {"published_on": "2026-03-09", "unpublished_reason": "silence"}

    unmet = [each.name for each in broken(PROPOSAL, TABLES.case(PROPOSAL, state, {**ended, **data}))]
    assert [name for name in unmet if name not in {each.name for each in PROPOSAL.passes}] == [rule]


def test_everything_that_must_never_be_is_tried() -> None:
    assert {rule for _, _, rule in NEVER} == {never.name for never in PROPOSAL.never}


#: What is of one text only, and lapses with it.
LAPSES: dict[str, set[str]] = {
    "mark": {"reply_text"},
    "studied_on": {"reply_text"},
    "secrecy_ok": {"title", "proposal_text", "reply_text", "public_text", "public_reply", "publish_form"},
    "secret_part": {"proposal_text", "reply_text"},
    "reason_kind": {"secret_part"},
    "provision": {"secret_part"},
    "signed_on": {"reply_text", "mark"},
    "signed_by": {"reply_text", "mark"},
    "contact_removed": {"public_text", "public_reply"},
}


def test_a_clearance_a_signature_and_a_mark_lapse_with_the_text_that_they_were_given_for() -> None:
    assert {name: set(each.lapses_on) for name, each in PROPOSAL.fields.items() if each.lapses_on} == LAPSES


def test_the_proposer_sees_in_plain_words_where_the_proposal_stands() -> None:
    assert {name for name, state in PROPOSAL.states.items() if not state.public} == {"recorded"}


def test_contact_data_are_shown_to_those_who_need_them() -> None:
    contact = PROPOSAL.fields["proposer_contact"]

    assert contact.personal
    assert set(contact.seen_by) == {"office", "section_head", "drafter"}


#: A refusal while a later reply is on its way: a step for each state in which it may come.
IN_THE_ROUND = (
    *("refuse_in_drafting", "refuse_in_review", "refuse_in_check"),
    *("refuse_in_secrecy", "refuse_in_signing", "refuse_when_ready"),
)

#: What a step cannot be taken without; a reason in words where the law or the colleague who reads it wants one.
ASKED: dict[str, set[str]] = {
    "ask_co_handler": {"co_handler", "co_asked_on", "co_question"},
    "open_part": {"part_section", "part_title"},
    "extend": {"extension_agreed_on", "extension_reason"},
    "clear": {"secret_part"},
    "reply": {"series", "replied_on"},
    "send_opinion": {"opinion_sent_on"},
    "record_partial": {"feedback_on"},
    "record_agreement": {"feedback_on", "satisfied", "consent"},
    "record_refusal": {"feedback_on", "consent"},
    "record_refusal_and_track": {"feedback_on", "consent"},
    "record_refusal_with_public": {"feedback_on", "consent"},
    "record_refusal_with_public_and_track": {"feedback_on", "consent"},
    **{each: {"feedback_on"} for each in IN_THE_ROUND},
    "record_dissatisfaction": {"feedback_on", "satisfied"},
    "record_dissatisfaction_with_public": {"feedback_on", "satisfied"},
    "consent_later": {"feedback_on", "satisfied", "consent"},
    "clear_publication": {"secret_part"},
    "merge": {"merged_into"},
    "merge_and_track": {"merged_into"},
    "withdraw": {"withdrawn_on"},
    "reclassify": {"proposed_attribute"},
}
REASONED = {
    *("return_to_assigner", "reopen", "send_back", "remind_proposer", "give_up", "give_up_and_track"),
    *("consent_later", "take_down", "report_progress", "report_public_progress", "report_merged_progress"),
    *("solve", "solve_public", "solve_summary", "withdraw"),
}


def test_a_step_is_not_taken_without_what_it_rests_on() -> None:
    steps = PROPOSAL.transitions.values()

    assert {step.name: set(step.required) for step in steps if step.required} == ASKED
    assert {step.name for step in steps if step.comment == Demand.REQUIRED} == REASONED


#: What the annual table of proposals is counted from.
LISTED = {
    *("assigning_body", "proposer_kind", "handling", "topic", "mark", "satisfied", "consent"),
    *("assigned_on", "replied_on", "published_on", "unpublished_reason"),
}


def test_what_a_year_is_counted_from_is_handed_on_with_the_list() -> None:
    assert set(PROPOSAL.listed) == LISTED


#: Who hears at once of what others did: whoever must act on it next, or would otherwise wait for a paper that is gone.
HEARD: dict[str, set[str]] = {
    "accept": {"drafter", "section_head"},
    "return_to_assigner": {"section_head"},
    "keep": {"office", "drafter", "section_head"},
    "extend": {"drafter", "section_head", "leader"},
    "send_back": {"drafter", "section_head"},
    "record_agreement": {"drafter"},
    "record_refusal": {"section_head", "leader", "office"},
    "record_refusal_and_track": {"section_head", "leader", "office"},
    "record_refusal_with_public": {"section_head", "leader", "office"},
    "record_refusal_with_public_and_track": {"section_head", "leader", "office"},
    **{each: {"section_head", "leader", "office"} for each in IN_THE_ROUND},
    "heed_refusal": {"section_head", "office"},
    "heed_refusal_and_track": {"section_head", "office"},
    "record_dissatisfaction": {"drafter", "section_head", "leader"},
    "record_dissatisfaction_with_public": {"drafter", "section_head", "leader", "office"},
    "consent_later": {"section_head", "leader"},
    "give_up": {"section_head"},
    "give_up_and_track": {"section_head"},
    "publish": {"section_head"},
    "publish_and_track": {"section_head"},
    "merge": {"section_head"},
    "merge_and_track": {"section_head"},
    "withhold": {"section_head"},
    "withhold_and_track": {"section_head"},
    "take_down": {"office", "section_head"},
    "follow_down": {"office", "section_head"},
    "summary_down": {"leader", "office", "section_head"},
    "summary_back": {"leader", "office", "section_head"},
    "reclassify": {"drafter", "section_head", "office"},
    "report_progress": {"office"},
    "report_public_progress": {"office"},
    "report_merged_progress": {"office"},
    "solve": {"drafter"},
    "solve_public": {"drafter"},
    "solve_summary": {"drafter", "leader", "office"},
    "withdraw": {"drafter", "section_head", "leader"},
    "cancel": {"drafter", "section_head"},
}


def test_whoever_is_concerned_hears_of_a_step() -> None:
    assert {step.name: {each.to for each in step.tell} for step in PROPOSAL.transitions.values() if step.tell} == HEARD
