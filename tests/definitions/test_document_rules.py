"""The document procedure against tables written by hand: who may do what where, and what each guard stops.

Each guard and each role is then taken out of the definition in turn, and the tables must notice.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.definitions.tables import CALENDAR, NOW, Tables, holder, load, rows
from tests.definitions.weaker import unmissed, weaker_steps, without_a_role
from workflow.case import (
    EDIT,
    Case,
    ClockKind,
    Command,
    Decision,
    Refusal,
    TransitionName,
)
from workflow.decide import decide
from workflow.explain import options
from workflow.judge import automatic, broken, judge
from workflow.limit import Unit
from workflow.model import DeadlineRule

CLOCKS: list[dict[str, Any]] = rows("document_clocks.yaml")
WHOLE = {
    "origin": "own",
    "title": "关于2026年度部门预算的批复",
    "attribute": "proactive",
    "is_policy": False,
    "secrecy_ok": True,
    "formed_on": "2026-02-10",
    "series": "下财",
    "doc_number": "下财〔2026〕1号",
}


DOCUMENT = load("document")
TABLES = Tables(rows("document_permitted.yaml"), rows("document_refusals.yaml"), [], WHOLE)


def document(state: str, data: dict[str, Any], taken: dict[str, str] | None = None) -> Case:
    return TABLES.case(DOCUMENT, state, data, taken)


def test_everybody_may_do_what_the_table_says_and_nothing_else() -> None:
    assert list(TABLES.permission_faults(DOCUMENT)) == []


def test_each_guard_stops_exactly_what_it_is_for() -> None:
    assert list(TABLES.refusal_faults(DOCUMENT)) == []


def test_a_rule_of_a_step_that_is_taken_away_is_missed() -> None:
    assert unmissed(DOCUMENT, weaker_steps, TABLES.refusal_faults) == []


def test_a_role_that_is_taken_away_is_missed() -> None:
    assert unmissed(DOCUMENT, without_a_role, TABLES.permission_faults) == []


def clock_row(rule: DeadlineRule) -> dict[str, Any]:
    told = {
        kind: {step.offset.count: list(step.tell) for step in rule.steps if step.kind == kind}
        for kind in ("remind", "escalate")
    }
    takers = [str(step.reassign) for step in rule.steps if step.reassign]
    row = {"clock": rule.name, "in": list(rule.runs_in), "days": rule.limit.count}
    row |= {"before": told["remind"], "after": told["escalate"]}
    row |= {"takes": takers[0]} if takers else {}
    return row | ({"law": rule.basis} if rule.kind == ClockKind.STATUTORY else {})


def test_every_clock_runs_where_and_as_long_and_tells_whom_the_table_says() -> None:
    assert [clock_row(rule) for rule in DOCUMENT.deadlines.values()] == CLOCKS
    limits = [
        limit for rule in DOCUMENT.deadlines.values() for limit in (rule.limit, *(step.offset for step in rule.steps))
    ]
    assert {limit.unit for limit in limits} == {Unit.WORKING_DAYS}


@pytest.mark.parametrize("row", CLOCKS, ids=lambda row: row["clock"])
def test_a_limit_that_is_missed_reaches_somebody_above_whoever_missed_it(row: dict[str, Any]) -> None:
    last = row["after"][max(row["after"])]

    assert max(row["after"]) > 0
    assert set(last) <= {"leader", "supervisor"}
    assert not set(last) & set(row["after"][0])


def test_an_untagged_filing_is_returned_by_the_system_and_a_tagged_one_is_not() -> None:
    untagged = document("office_check", {"attribute": None})
    tagged = document("office_check", {})

    assert automatic(DOCUMENT, untagged, NOW) == "return_untagged"
    assert automatic(DOCUMENT, tagged, NOW) is None


KEPT = {
    "attribute": "withheld",
    "reason_kind": "E16-2b",
    "reason_text": "尚在讨论研究过程中的文稿",
    "balance_text": "公开将妨碍内部坦率讨论",
}
ASKED = {"attribute": "on_request", "reason_kind": "R13-3", "reason_text": "其他依法宜依申请公开的"}

#: What must never be, whatever the steps allow: a state, papers that have no place in it, and the rule that says so.
NEVER: list[tuple[str, dict[str, Any], str]] = [
    ("left_to_lead", {"attribute": None}, "untagged_leaves"),
    ("on_file", ASKED | {"reason_text": None}, "unreasoned_leaves"),
    ("withheld", KEPT | {"reason_kind": None}, "unreasoned_leaves"),
    ("published", ASKED, "published_not_public"),
    ("on_file", KEPT, "filed_otherwise"),
    ("withheld", ASKED, "withheld_otherwise"),
    ("published", {"secrecy_ok": None}, "published_uncleared"),
    ("published", {"withdrawal_reason": "secret"}, "withdrawn_returns"),
    ("published", {"classified": True}, "published_secret"),
    ("on_file", ASKED | {"ruled_classified": True}, "published_secret"),
    ("published", {"mixed": True}, "published_mixed"),
    ("returned", {"secrecy_ok": True}, "cleared_too_early"),
    ("returned", {"secrecy_ok": None, "disputed": True}, "dispute_left_over"),
    ("release", {"office_attribute": "withheld"}, "proposal_left_over"),
    ("withheld", KEPT | {"proposed_attribute": "proactive"}, "change_left_over"),
    ("change_review", {"change_ok": True}, "change_cleared_early"),
    ("secrecy_review", {"attribute": None}, "accepted_untagged"),
    ("leader_approval", KEPT | {"reason_text": None}, "accepted_untagged"),
    ("withheld", KEPT | {"reason_kind": "R13-3"}, "withheld_unlawfully"),
    ("on_file", ASKED | {"reason_kind": "E16-2b"}, "filed_unlawfully"),
    ("withheld", KEPT | {"reason_kind": "E14-2", "provision": None}, "prohibition_uncited"),
    ("withheld", KEPT | {"balance_text": None}, "unbalanced"),
    ("withheld", KEPT | {"reason_kind": "E14-1", "ruled_classified": False}, "ruling_ignored"),
    ("numbering", KEPT | {"is_policy": True, "office_opinion": None}, "policy_unexamined"),
    ("numbering", KEPT | {"is_policy": None, "office_opinion": None}, "policy_unexamined"),
    ("numbering", {"is_policy": True}, "policy_unexplained"),
    ("published", {"is_policy": True, "origin": "own"}, "policy_unexplained"),
    ("withheld", KEPT | {"plan_opened": True}, "explained_in_vain"),
    ("release", {"same_requests": 2}, "count_left_over"),
    ("numbering", {"disputed": True}, "signed_in_dispute"),
    ("numbering", {"origin": "forwarded", "original_attribute": "withheld"}, "signed_unlike_original"),
    ("numbering", {"origin": "joint", "our_part": "lead", "partner_opinions": None}, "partners_unheard"),
]


@pytest.mark.parametrize(("state", "data", "rule"), NEVER)
def test_what_must_never_be_is_seen_even_if_a_step_lets_it_through(state: str, data: dict[str, Any], rule: str) -> None:
    unmet = [each.name for each in broken(DOCUMENT, document(state, data))]

    assert [name for name in unmet if name not in {each.name for each in DOCUMENT.passes}] == [rule]


def test_everything_that_must_never_be_is_tried() -> None:
    assert {rule for _, _, rule in NEVER} == {never.name for never in DOCUMENT.never}


TEXT = {"title", "body"}
REASONS = {"reason_kind", "reason_text", "provision", "balance_text"}

#: What is of one text or one attribute only, and lapses with it.
LAPSES: dict[str, set[str]] = {
    "reason_kind": {"attribute"},
    "reason_text": {"attribute"},
    "provision": {"attribute"},
    "balance_text": {"attribute", "reason_kind"},
    "partner_opinions": {"body", "attribute"},
    "office_opinion": {"body", "attribute"} | REASONS,
    "secrecy_ok": TEXT | {"attribute", "classified", "ruled_classified", "origin"} | REASONS,
    "change_ok": TEXT | {"proposed_attribute"},
}


def test_a_clearance_and_a_reason_lapse_with_what_they_were_given_for() -> None:
    assert {name: set(each.lapses_on) for name, each in DOCUMENT.fields.items() if each.lapses_on} == LAPSES


#: Who hears at once of what others did: whoever must act on it next, or would otherwise wait for a paper that is gone.
HEARD: dict[str, set[str]] = {
    "discard": {"author"},
    "return": {"author", "section_head", "leader"},
    "return_untagged": {"author", "section_head", "leader"},
    "return_unplanned": {"author", "section_head", "leader"},
    "drop_interpretation": {"section_head"},
    "publish_ahead": {"office", "section_head"},
    "reclassify": {"author", "office"},
    "note_filed_request": {"office", "office_head"},
    "question": {"section_head"},
    "settle": {"author", "section_head", "office"},
    "void": {"author", "section_head", "leader"},
    "withdraw": {"author", "office"},
    "keep_withdrawn": {"office"},
    "approve_change": {"author"},
}


def test_whoever_is_concerned_hears_of_a_step() -> None:
    assert {step.name: {each.to for each in step.tell} for step in DOCUMENT.transitions.values() if step.tell} == HEARD


@pytest.mark.parametrize(
    ("before", "told"), [(None, []), (1, []), (2, ["office", "office_head"]), (3, ["office", "office_head"])]
)
def test_from_the_third_request_for_what_is_on_file_the_office_is_told(before: int | None, told: list[str]) -> None:
    filed = {
        "attribute": "on_request",
        "reason_kind": "R13-3",
        "reason_text": "其他依法宜依申请公开的",
        "same_requests": before,
    }

    step = Command(TransitionName("note_filed_request"), {})
    noted = decide(
        DOCUMENT, document("on_file", filed, {"sign": "zhouju"}), step, holder(DOCUMENT, "system"), NOW, CALENDAR
    )

    assert isinstance(noted, Decision)
    assert [each.to for each in noted.notices] == told


UNMARKED: dict[str, dict[str, Any]] = {
    "tagged": {"attribute": None, "reason_kind": "R13-3", "reason_text": "其他依法宜依申请公开的"},
    "reasoned": {"attribute": "on_request"},
    "reason_fits": {"attribute": "withheld", "reason_kind": "R13-3", "reason_text": "其他依法宜依申请公开的"},
    "provision_cited": {"attribute": "withheld", "reason_kind": "E14-2", "reason_text": "法律规定禁止公开的内容"},
}


@pytest.mark.parametrize("mark", DOCUMENT.transitions[TransitionName("return_untagged")].when_blocked)
def test_whatever_mark_is_missing_the_system_returns_the_paper(mark: str) -> None:
    assert automatic(DOCUMENT, document("office_check", UNMARKED[mark]), NOW) == "return_untagged"


def test_no_mark_is_left_out_of_what_the_office_returns() -> None:
    assert set(DOCUMENT.transitions[TransitionName("return_untagged")].when_blocked) == set(UNMARKED)


def test_the_office_is_told_both_missing_things_and_who_can_mend_them() -> None:
    untagged = document("office_check", {"attribute": None}, {"start": "wangmin"})

    (accept_,) = [
        each for each in options(DOCUMENT, untagged, holder(DOCUMENT, "office"), NOW) if each.transition == "accept"
    ]

    assert [each.name for each in accept_.unmet] == ["tagged", "reasoned"]
    assert {(who.role, who.state, who.by) for each in accept_.unmet for who in each.who} == {
        ("drafter", "returned", "return_untagged")
    }


def test_nobody_acts_in_another_section() -> None:
    filing = document("section_review", {}, {"start": "somebody-else"})
    neighbour = holder(DOCUMENT, "section_head", section="国库科")

    _, unmet = judge(
        DOCUMENT,
        filing,
        DOCUMENT.transitions[TransitionName("endorse")],
        Command(TransitionName("endorse")),
        neighbour,
        NOW,
    )

    assert [each.name for each in unmet] == ["role"]


def test_nobody_is_sent_by_a_step_that_is_not_for_this_case() -> None:
    uncleared = document("leader_approval", {"secrecy_ok": None}, {"start": "wangmin"})
    disputed = document("leader_approval", {"disputed": True}, {"start": "wangmin"})

    asked = {
        case: {(who.role, who.by) for each in sign.unmet for who in each.who}
        for case, papers in (("uncleared", uncleared), ("disputed", disputed))
        for sign in options(DOCUMENT, papers, holder(DOCUMENT, "leader"), NOW)
        if sign.transition == "sign"
    }

    # `settle` leads to secrecy review too, but only a disputed attribute can be settled.
    assert asked == {
        "uncleared": {("secrecy_reviewer", "return")},
        "disputed": {("leader", "settle"), ("leader", "return")},
    }


@pytest.mark.parametrize(
    ("state", "field", "by", "who"),
    [
        ("published", "attribute", EDIT, [("leader", "propose_change", "change_approval")]),
        ("published", "attribute", "propose_change", [("leader", "propose_change", "change_approval")]),
        ("change_approval", "attribute", "keep_published", [("leader", "approve_change", None)]),
        ("change_approval", "attribute", "approve_change", []),
        ("section_review", "secrecy_ok", EDIT, [("secrecy_reviewer", "endorse", "secrecy_review")]),
        ("attribute_dispute", "attribute", EDIT, [("section_head", "concede", None)]),
    ],
)
def test_what_only_steps_write_is_had_by_the_way_that_leads_to_them(
    state: str, field: str, by: str, who: list[tuple[str, str, str | None]]
) -> None:
    case = document(state, {"attribute": "on_request", "office_attribute": "proactive", "secrecy_ok": None})

    typed = Command(TransitionName(by), {field: True if field == "secrecy_ok" else "withheld"}, comment="更正")
    answer = decide(DOCUMENT, case, typed, holder(DOCUMENT, "leader"), NOW, CALENDAR)

    assert isinstance(answer, Refusal)
    (unmet,) = (each for each in answer.unmet if each.name == field)
    assert [(each.role, each.by, each.state) for each in unmet.who] == who
    assert ("由本步骤自行写入" in unmet.text.zh, "edit" in unmet.text.en) == (not who, False)
