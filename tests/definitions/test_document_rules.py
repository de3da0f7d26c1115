"""The document procedure against tables written by hand: who may do what where, and what each guard stops.

Each guard and each role is then taken out of the definition in turn, and the tables must notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow.accepted import definition_from
from workflow.case import (
    Actor,
    Appointment,
    Case,
    ClockKind,
    Command,
    Refusal,
    RoleName,
    StateName,
    Trace,
    TransitionName,
)
from workflow.explain import editable, options
from workflow.history import blank
from workflow.judge import automatic, broken, judge, post_for, system_actor
from workflow.loader import accept, read_catalogue
from workflow.model import DeadlineRule, Definition, Unit

HERE = Path(__file__).parent
DEFINITIONS = HERE.parent.parent / "definitions"
NOW = datetime(2026, 2, 13, 2, 0, tzinfo=UTC)

PERMITTED: dict[str, Any] = yaml.safe_load((HERE / "document_permitted.yaml").read_text(encoding="utf-8"))
CLOCKS: list[dict[str, Any]] = yaml.safe_load((HERE / "document_clocks.yaml").read_text(encoding="utf-8"))
REFUSALS: list[dict[str, Any]] = yaml.safe_load((HERE / "document_refusals.yaml").read_text(encoding="utf-8"))

WHOLE = {
    "title": "关于2026年度部门预算的批复",
    "attribute": "proactive",
    "is_policy": False,
    "secrecy_ok": True,
    "formed_on": "2026-02-10",
    "series": "下财",
    "doc_number": "下财〔2026〕1号",
}


def load() -> Definition:
    catalogues = [
        read_catalogue(p.read_text("utf-8"), p.name) for p in sorted((DEFINITIONS / "catalogues").glob("*.yaml"))
    ]
    text = (DEFINITIONS / "document.yaml").read_text("utf-8")
    accepted = accept(text, "document.yaml", {each.id: each for each in catalogues})
    return definition_from(accepted.json, accepted.digest)


DOCUMENT = load()


def holder(definition: Definition, role: str, section: str = "预算科") -> Actor:
    if role == "system":
        return system_actor("bureau")
    scope = definition.roles[RoleName(role)].scope
    post = Appointment(RoleName(role), section if scope == "section" else None, date(2020, 1, 1), None)
    return Actor(f"one-{role}", role, "bureau", (post,))


def document(definition: Definition, state: str, data: dict[str, Any], taken: dict[str, str]) -> Case:
    begun = blank("c1", "DOC-2026-00001", definition, "bureau", "预算科")
    return replace(
        begun,
        state=StateName(state),
        version=3,
        seq=3,
        data={name: value for name, value in {**WHOLE, **data}.items() if value is not None},
        trail={step: Trace((person,), 1, NOW) for step, person in taken.items()},
        waits_for=definition.states[StateName(state)].waits_for,
    )


def permission_faults(definition: Definition) -> Iterator[str]:
    """Every place where the definition allows a role another step or field than the hand-written table does."""
    for state in definition.states:
        for step in definition.transitions.values():
            may = {
                str(role)
                for role in definition.roles
                if post_for(
                    definition,
                    step.roles.get(state, ()),
                    holder(definition, role),
                    document(definition, state, {}, {}),
                    NOW,
                )
            }
            may = may if state in step.sources else set()
            if may != set(PERMITTED["steps"][state].get(step.name, ())):
                yield f"{state}: {step.name} is for {sorted(may)}"
        for role in definition.roles:
            writes = editable(definition, document(definition, state, {}, {}), holder(definition, role), NOW)
            if set(writes) != set(PERMITTED["edit"].get(state, {}).get(role, ())):
                yield f"{state}: {role} may write {writes}"


def refusal_faults(definition: Definition) -> Iterator[str]:
    """Every row of the refusal table that the definition answers otherwise."""
    for row in REFUSALS:
        step = definition.transitions[TransitionName(row["step"])]
        role = next(iter(step.roles[StateName(row["in"])]), None)
        if role is None:
            yield f"{row['step']} in {row['in']} is for nobody"
            continue
        actor = holder(definition, role)
        taken = {"start": "somebody-else"} | dict.fromkeys(row.get("own", ()), actor.id)
        command = Command(step.name, row.get("with", {}), row.get("comment"))
        unmet = judge(
            definition, document(definition, row["in"], row.get("data", {}), taken), step, command, actor, NOW
        )[1]
        if [each.name for each in unmet] != [row["only"]]:
            yield f"{row['step']} in {row['in']} lacks {[each.name for each in unmet]}, not just {row['only']}"


def test_everybody_may_do_what_the_table_says_and_nothing_else() -> None:
    assert list(permission_faults(DOCUMENT)) == []


def test_each_guard_stops_exactly_what_it_is_for() -> None:
    assert list(refusal_faults(DOCUMENT)) == []


GUARDED = [(step.name, guard) for step in DOCUMENT.transitions.values() for guard in step.guards]


@pytest.mark.parametrize(("step", "guard"), GUARDED)
def test_a_guard_that_is_taken_away_is_missed(step: TransitionName, guard: str) -> None:
    kept = tuple(each for each in DOCUMENT.transitions[step].guards if each != guard)
    weaker = replace(DOCUMENT.transitions[step], guards=kept)

    assert list(refusal_faults(with_step(weaker)))


CONDITIONED = [step.name for step in DOCUMENT.transitions.values() if step.when is not None]


@pytest.mark.parametrize("step", CONDITIONED)
def test_a_condition_that_is_taken_away_is_missed(step: TransitionName) -> None:
    assert list(refusal_faults(with_step(replace(DOCUMENT.transitions[step], when=None))))


ENTITLED = [
    (s.name, state, role) for s in DOCUMENT.transitions.values() for state, roles in s.roles.items() for role in roles
]


@pytest.mark.parametrize(("step", "state", "role"), ENTITLED)
def test_a_role_that_is_taken_away_is_missed(step: TransitionName, state: StateName, role: RoleName) -> None:
    declared = DOCUMENT.transitions[step]
    roles = {**declared.roles, state: tuple(each for each in declared.roles[state] if each != role)}

    assert list(permission_faults(with_step(replace(declared, roles=roles))))


def with_step(changed: Any) -> Definition:
    transitions = {**DOCUMENT.transitions, changed.name: changed}
    leaving = {state: tuple(t for t in transitions.values() if state in t.sources) for state in DOCUMENT.states}
    return replace(DOCUMENT, transitions=transitions, leaving=leaving, digest=f"{DOCUMENT.digest}-{changed!r}")


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
    untagged = document(DOCUMENT, "office_check", {"attribute": None}, {})
    tagged = document(DOCUMENT, "office_check", {}, {})

    assert automatic(DOCUMENT, untagged, NOW) == "return_untagged"
    assert automatic(DOCUMENT, tagged, NOW) is None


KEPT = {"attribute": "withheld", "reason_kind": "E16-2b", "reason_text": "尚在讨论研究过程中的文稿"}
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
]


@pytest.mark.parametrize(("state", "data", "rule"), NEVER)
def test_what_must_never_be_is_seen_even_if_a_step_lets_it_through(state: str, data: dict[str, Any], rule: str) -> None:
    unmet = [each.name for each in broken(DOCUMENT, document(DOCUMENT, state, data, {}))]

    assert [name for name in unmet if name not in {each.name for each in DOCUMENT.passes}] == [rule]


def test_everything_that_must_never_be_is_tried() -> None:
    assert {rule for _, _, rule in NEVER} == {never.name for never in DOCUMENT.never}


TEXT = {"title", "body"}
REASONS = {"reason_kind", "reason_text", "provision"}

#: What is of one text or one attribute only, and lapses with it.
LAPSES: dict[str, set[str]] = {
    "reason_kind": {"attribute"},
    "reason_text": {"attribute"},
    "provision": {"attribute"},
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
    "question": {"section_head"},
    "settle": {"author", "section_head", "office"},
    "void": {"author", "section_head", "leader"},
    "withdraw": {"author", "office"},
    "keep_withdrawn": {"office"},
    "approve_change": {"author"},
}


def test_whoever_is_concerned_hears_of_a_step() -> None:
    assert {step.name: {each.to for each in step.tell} for step in DOCUMENT.transitions.values() if step.tell} == HEARD


UNMARKED: dict[str, dict[str, Any]] = {
    "tagged": {"attribute": None, "reason_kind": "R13-3", "reason_text": "其他依法宜依申请公开的"},
    "reasoned": {"attribute": "on_request"},
    "reason_fits": {"attribute": "withheld", "reason_kind": "R13-3", "reason_text": "其他依法宜依申请公开的"},
    "provision_cited": {"attribute": "withheld", "reason_kind": "E14-2", "reason_text": "法律规定禁止公开的内容"},
}


@pytest.mark.parametrize("mark", DOCUMENT.transitions[TransitionName("return_untagged")].when_blocked)
def test_whatever_mark_is_missing_the_system_returns_the_paper(mark: str) -> None:
    assert automatic(DOCUMENT, document(DOCUMENT, "office_check", UNMARKED[mark], {}), NOW) == "return_untagged"


def test_no_mark_is_left_out_of_what_the_office_returns() -> None:
    assert set(DOCUMENT.transitions[TransitionName("return_untagged")].when_blocked) == set(UNMARKED)


def test_the_office_is_told_both_missing_things_and_who_can_mend_them() -> None:
    untagged = document(DOCUMENT, "office_check", {"attribute": None}, {"start": "wangmin"})

    (accept_,) = [
        each for each in options(DOCUMENT, untagged, holder(DOCUMENT, "office"), NOW) if each.transition == "accept"
    ]

    assert [each.name for each in accept_.unmet] == ["tagged", "reasoned"]
    assert {(who.role, who.state, who.by) for each in accept_.unmet for who in each.who} == {
        ("drafter", "returned", "return_untagged")
    }


def test_nobody_acts_in_another_section() -> None:
    filing = document(DOCUMENT, "section_review", {}, {"start": "somebody-else"})
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
    assert isinstance(Refusal(filing.id, TransitionName("endorse"), unmet).unmet_names, tuple)


def test_nobody_is_sent_by_a_step_that_is_not_for_this_case() -> None:
    uncleared = document(DOCUMENT, "leader_approval", {"secrecy_ok": None}, {"start": "wangmin"})
    disputed = document(DOCUMENT, "leader_approval", {"disputed": True}, {"start": "wangmin"})

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
