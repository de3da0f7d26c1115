"""One decision and all options of a case, in pure Python: no database, the shipped document procedure.

Beside it stands a bare trigger of `transitions` on a shared machine, which is the least that a state machine can cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from transitions import Machine

from benchmarks.measure import Measured, lowest
from workflow.accepted import definition_from
from workflow.case import START, Actor, Appointment, Case, Command, Decision, RoleName, StateName, Trace, TransitionName
from workflow.decide import decide
from workflow.explain import options
from workflow.history import blank
from workflow.loader import accept, read_catalogue
from workflow.model import Definition
from workflow.workdays import Calendar, shipped

DEFINITIONS = Path(__file__).resolve().parent.parent / "definitions"
NOW = datetime(2026, 2, 13, 2, 0, tzinfo=UTC)
LONG_AGO = date(2020, 1, 1)


def document() -> Definition:
    """The shipped procedure for official documents."""
    files = sorted((DEFINITIONS / "catalogues").glob("*.yaml"))
    catalogues = (read_catalogue(file.read_text("utf-8"), file.name) for file in files)
    text = (DEFINITIONS / "document.yaml").read_text("utf-8")
    accepted = accept(text, "document.yaml", {each.id: each for each in catalogues})
    return definition_from(accepted.json, accepted.digest)


def case_in(definition: Definition, state: str) -> Case:
    """A tagged, reasoned document in that state, drafted by somebody else."""
    return replace(
        blank("c1", "DOC-2026-00001", definition, "bureau", "预算科"),
        state=StateName(state),
        version=3,
        seq=5,
        data={
            "title": "关于2026年度部门预算的批复",
            "is_policy": False,
            "origin": "own",
            "attribute": "withheld",
            "reason_kind": "E16-1a",
            "reason_text": "属于内部人事管理信息，不对外产生影响",
            "balance_text": "只涉及内部分工，不影响办事群众",
        },
        trail={
            START: Trace(("drafter",), 1, NOW),
            TransitionName("submit"): Trace(("drafter",), 2, NOW),
            TransitionName("endorse"): Trace(("head",), 3, NOW),
        },
        waits_for=definition.states[StateName(state)].waits_for,
    )


def holder(definition: Definition, role: str) -> Actor:
    """A person with that one post."""
    section = "预算科" if definition.roles[RoleName(role)].scope == "section" else None
    return Actor("wangmin", "王敏", "bureau", (Appointment(RoleName(role), section, LONG_AGO, None),))


class Subject:
    """What the bare machine moves."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state = "here"


def measures() -> Iterator[Measured]:
    """A decision, a refusal, all options; each beside the bare trigger."""
    definition, calendar = document(), Calendar(*shipped())
    office, head = holder(definition, "office"), holder(definition, "section_head")
    checked, reviewed = case_in(definition, "office_check"), case_in(definition, "section_review")
    untagged = replace(checked, data={"title": checked.title})
    accept_it, endorse = Command(TransitionName("accept")), Command(TransitionName("endorse"))
    if not isinstance(decide(definition, checked, accept_it, office, NOW, calendar), Decision):
        raise AssertionError("the measured step is refused")
    bare = Machine(
        model=None, states=["here", "there"], initial="here", auto_transitions=False, queued=False, send_event=True
    )
    bare.add_transition("go", "here", "there")

    taken = lowest(
        {
            "trigger": lambda: bare.events["go"].trigger(Subject()),
            "accept": lambda: decide(definition, checked, accept_it, office, NOW, calendar),
            "endorse": lambda: decide(definition, reviewed, endorse, head, NOW, calendar),
            "refusal": lambda: decide(definition, untagged, accept_it, office, NOW, calendar),
            "options": lambda: options(definition, checked, office, NOW),
            "options, untagged": lambda: options(definition, untagged, office, NOW),
        },
        rounds=15,
        calls=200,
    )

    trigger = taken.pop("trigger")
    at_most = {"accept": 60, "endorse": 60, "options": 150, "options, untagged": 150}
    for name, spent in taken.items():
        kind = "all options of a case" if name.startswith("options") else "decide"
        yield Measured(
            f"{kind}: {name}",
            spent * 1e6,
            "µs",
            at_most.get(name),
            f"{spent / trigger:.1f} × a bare trigger ({trigger * 1e6:.1f} µs)",
        )
