"""Deputies' proposals against tables: who may do what where, what each rule stops, when each clock ends.

Each guard, condition, letter part, role and part of a clock is then taken out in turn, and a table must notice.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.definitions.tables import Tables, load, rows, weaker_clocks, weaker_steps, without_a_role
from workflow.case import ClockKind
from workflow.judge import broken
from workflow.model import Definition

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
    "signed_by": "zhouju",
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


@pytest.mark.parametrize(
    ("step", "weaker"), [pytest.param(step, each, id=f"{step}-{rule}") for step, rule, each in weaker_steps(PROPOSAL)]
)
def test_a_rule_of_a_step_that_is_taken_away_is_missed(step: str, weaker: Definition) -> None:
    assert list(TABLES.refusal_faults(weaker, step))


@pytest.mark.parametrize(
    "weaker",
    [pytest.param(each, id=f"{step}-{state}-{role}") for step, state, role, each in without_a_role(PROPOSAL)],
)
def test_a_role_that_is_taken_away_is_missed(weaker: Definition) -> None:
    assert list(TABLES.permission_faults(weaker))


@pytest.mark.parametrize(
    ("rule", "weaker"), [pytest.param(rule, each, id=f"{rule}-{part}") for rule, part, each in weaker_clocks(PROPOSAL)]
)
def test_a_part_of_a_clock_that_is_taken_away_is_missed(rule: str, weaker: Definition) -> None:
    assert list(TABLES.clock_faults(weaker, rule))
