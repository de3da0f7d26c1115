"""Questions that a case asks of others, against tables: who may do what, what each rule stops, when each clock ends.

Each guard, condition, role and part of a clock is then taken out in turn, and a table must notice.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.definitions.tables import Tables, load, rows
from tests.definitions.weaker import unmissed, weaker_clocks, weaker_steps, without_a_role
from workflow.act import Demand
from workflow.judge import broken

OPINION = load("opinion")
WHOLE: dict[str, Any] = {
    "title": "征求某公司意见",
    "purpose": "third_party",
    "question": "是否同意公开合同文本",
    "party": "某公司",
    "asked_on": "2026-02-25",
}
TABLES = Tables(
    permitted=rows("opinion_permitted.yaml"),
    refusals=rows("opinion_refusals.yaml"),
    clocks=rows("opinion_clocks.yaml"),
    whole=WHOLE,
)


def test_everybody_may_do_what_the_table_says_and_nothing_else() -> None:
    assert list(TABLES.permission_faults(OPINION)) == []


def test_each_rule_stops_exactly_what_it_is_for() -> None:
    assert list(TABLES.refusal_faults(OPINION)) == []


def test_each_clock_ends_on_the_day_that_the_table_says_and_tells_whom_it_says() -> None:
    assert list(TABLES.clock_faults(OPINION)) == []


def test_a_rule_of_a_step_that_is_taken_away_is_missed() -> None:
    assert unmissed(OPINION, weaker_steps, TABLES.refusal_faults) == []


def test_a_role_that_is_taken_away_is_missed() -> None:
    assert unmissed(OPINION, without_a_role, TABLES.permission_faults) == []


def test_a_part_of_a_clock_that_is_taken_away_is_missed() -> None:
    assert unmissed(OPINION, weaker_clocks, TABLES.clock_faults) == []


@pytest.mark.parametrize(
    ("state", "data", "rule"),
    [
        ("answered", {"answered_on": "2026-03-02"}, "silent_answer"),
        ("answered", {"answered_on": "2026-03-02", "answer": "silence"}, "silent_answer"),
        ("answered", {"answer": "agrees"}, "silent_answer"),
        ("answered", {"answer": "objects", "answered_on": "2026-03-02"}, "hidden_objection"),
        ("answered", {"answer": "partly", "answered_on": "2026-03-02"}, "hidden_objection"),
        ("objected", {"answer": "objects", "answered_on": "2026-03-02"}, "unfounded_objection"),
        ("objected", {"answer": "partly", "opinion_text": "属于商业秘密"}, "unfounded_objection"),
        ("objected", {"answer": "agrees", "answered_on": "2026-03-02", "opinion_text": "同意"}, "unfounded_objection"),
        ("lapsed", {"answer": "agrees"}, "spoken_lapse"),
        ("lapsed", {}, "spoken_lapse"),
    ],
)
def test_an_answer_is_never_silent_and_silence_is_never_an_answer(state: str, data: dict[str, Any], rule: str) -> None:
    assert [each.name for each in broken(OPINION, TABLES.case(OPINION, state, data))] == [rule]


def test_the_party_is_masked_and_sees_in_plain_words_where_it_stands() -> None:
    assert {name for name, each in OPINION.fields.items() if each.personal} == {"party", "party_contact"}
    assert all(state.public for state in OPINION.states.values())


def test_a_step_is_not_taken_without_what_it_rests_on() -> None:
    steps = OPINION.transitions.values()

    assert {step.name: set(step.required) for step in steps if step.required} == {
        "answer": {"answered_on", "answer"},
        "record_answer": {"answered_on", "answer"},
        "record_objection": {"answered_on", "answer"},
        "timely_answer": {"answered_on", "answer"},
        "timely_objection": {"answered_on", "answer"},
        "late_answer": {"late_on", "late_text"},
        "keep_answer": {"late_on", "late_text"},
        "serve": {"served_on"},
        "redate": {"served_on"},
        "redate_asked": {"served_on"},
        "tell_decision": {"given_text", "override_text", "told_on"},
        "tell_the_silent": {"given_text", "override_text", "told_on"},
    }
    assert {step.name for step in steps if step.comment == Demand.REQUIRED} == {
        *(
            "go_on_without_section",
            "go_on_without_co_handler",
            "timely_answer",
            "timely_objection",
            "correct",
            "serve",
            "redate",
            "redate_asked",
            "note_returned",
        ),
    }


def test_whoever_asked_hears_of_an_answer_of_silence_and_that_nobody_needs_to_answer_any_more() -> None:
    heard = {step.name: {each.to for each in step.tell} for step in OPINION.transitions.values() if step.tell}

    assert heard == {
        "answer": {"office", "author"},
        "record_answer": {"office", "author"},
        "lapse": {"office", "author"},
        "record_objection": {"office", "author"},
        "timely_answer": {"office", "author"},
        "timely_objection": {"office", "author"},
        "late_answer": {"office", "author"},
        "keep_answer": {"section_head", "office", "author"},
        "serve": {"office", "author"},
        "redate": {"office", "author"},
        "redate_asked": {"office", "author"},
        "note_returned": {"office", "author"},
        "tell_decision": {"office", "author"},
        "tell_the_silent": {"office", "author"},
        "go_on_without_section": {"section_head", "leader"},
        "go_on_without_co_handler": {"section_head", "leader"},
        "cancel": {"section_head", "office"},
    }
