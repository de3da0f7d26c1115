"""Promise 1: no case reaches a final disclosure state untagged or unreasoned, whatever people do in whatever order."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.definitions.test_document_rules import DOCUMENT
from workflow.case import (
    EDIT,
    START,
    Actor,
    Appointment,
    Command,
    Decision,
    Event,
    Refusal,
    RoleName,
    Scalar,
    TransitionName,
)
from workflow.decide import begin, decide
from workflow.errors import Invalid
from workflow.history import blank, replay
from workflow.judge import automatic, system_actor
from workflow.model import FieldType
from workflow.numbering import numbered
from workflow.workdays import Calendar, shipped

CALENDAR = Calendar(*shipped())
PEOPLE = ("wangmin", "lihua", "zhaoyun", "chenjing")
ROLES = tuple(name for name in DOCUMENT.roles if name != "system")


def actor(person: str, role: RoleName) -> Actor:
    section = "预算科" if DOCUMENT.roles[role].scope == "section" else None
    return Actor(person, person, "bureau", (Appointment(role, section, date(2020, 1, 1), None),))


def value_of(field: str) -> st.SearchStrategy[Scalar]:
    declared = DOCUMENT.fields[field]
    if declared.type == FieldType.ENUM:
        return st.sampled_from([None, *declared.choices])
    return {
        FieldType.BOOL: st.sampled_from([None, True, False]),
        FieldType.DATE: st.just("2026-02-27"),
        FieldType.INTEGER: st.just(1),
        FieldType.TEXT: st.sampled_from([None, "尚在讨论研究过程中的文稿，暂不公开", "下财〔2026〕7号"]),
    }[declared.type]


#: What people write: mostly the attribute and its reasons, now and then any field at all.
WRITINGS: st.SearchStrategy[dict[str, Scalar]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({}, optional={n: value_of(n) for n in ("attribute", "reason_kind", "reason_text", "series")}),
    st.fixed_dictionaries({}, optional={n: value_of(n) for n in DOCUMENT.fields}),
)


class Office(RuleBasedStateMachine):
    """Anybody tries anything at any time; only what `decide` allows happens."""

    @initialize()
    def begin(self) -> None:
        self.now = datetime(2026, 2, 9, 1, 0, tzinfo=UTC)
        self.events: list[Event] = []
        self.case = blank("c1", "DOC-2026-00001", DOCUMENT, "bureau", "预算科")
        command = Command(START, {"title": "关于部门预算的批复"})
        self.take(begin(DOCUMENT, self.case, command, actor("wangmin", RoleName("drafter")), self.now, CALENDAR))

    def take(self, answer: Decision | Refusal) -> None:
        if isinstance(answer, Decision):
            answer = numbered(answer, 1) if answer.numbering else answer
            self.case = answer.case
            self.events.append(answer.event)

    @rule(person=st.sampled_from(PEOPLE), data=WRITINGS, number=st.integers(0, 50), days=st.integers(0, 3))
    def somebody_acts(self, person: str, data: dict[str, Scalar], number: int, days: int) -> None:
        """A step of this state, taken by a person in a role that it may be for."""
        self.now += timedelta(days=days)
        steps = [(step, role) for step in DOCUMENT.leaving[self.case.state] for role in step.roles[self.case.state]]
        if steps:
            step, role = steps[number % len(steps)]
            who = system_actor("bureau") if role == "system" else actor(person, role)
            written = {name: value for name, value in data.items() if name in {*step.required, *step.optional}}
            self.try_it(who, Command(step.name, written, "按规定办理"))

    @rule(
        person=st.sampled_from(PEOPLE),
        role=st.sampled_from(ROLES),
        data=WRITINGS,
        which=st.sampled_from(sorted(DOCUMENT.transitions)),
    )
    def anybody_tries_anything(self, person: str, role: RoleName, data: dict[str, Scalar], which: str) -> None:
        self.try_it(actor(person, role), Command(DOCUMENT.transitions[TransitionName(which)].name, data, "试一试"))

    @rule(person=st.sampled_from(PEOPLE), role=st.sampled_from(("drafter", "section_head", "office")), data=WRITINGS)
    def somebody_edits(self, person: str, role: str, data: dict[str, Scalar]) -> None:
        self.try_it(actor(person, RoleName(role)), Command(EDIT, data))

    @rule()
    def the_sweep_passes(self) -> None:
        step = automatic(DOCUMENT, self.case, self.now)
        if step:
            self.try_it(system_actor("bureau"), Command(step))

    def try_it(self, who: Actor, command: Command) -> None:
        with suppress(Invalid):
            self.take(decide(DOCUMENT, self.case, command, who, self.now, CALENDAR))

    @invariant()
    def nothing_untagged_has_left(self) -> None:
        data = self.case.data
        if self.case.state in {"published", "on_file", "withheld"}:
            assert data.get("attribute") in {"proactive", "on_request", "withheld"}
        if self.case.state in {"on_file", "withheld"}:
            assert data.get("reason_kind")
            assert data.get("reason_text")
        if self.case.state == "published":
            assert data["attribute"] == "proactive"
            assert data["secrecy_ok"] is True

    @invariant()
    def the_record_rebuilds_the_case(self) -> None:
        begun = blank("c1", "DOC-2026-00001", DOCUMENT, "bureau", "预算科")
        assert replay(DOCUMENT, begun, self.events, lambda _: CALENDAR).case == self.case


TestOffice = Office.TestCase
