"""What the prover says can happen is all that happens: cases led at random through the real desk stay in the explored space.

They set out for one state after another; on the way people take steps and write what occurs to them, sub-cases are begun,
answered and called off, the sweep comes by.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from storage import Desk
from storage.planning import Planned
from tests.factories import WHOLE, Clock, bureau_at
from workflow.case import EDIT, SHANGHAI, Actor, RoleName, Scalar, StateName, TransitionName, business_date
from workflow.errors import Conflict, Invalid, NotFound, Refused
from workflow.model import Definition, Field, FieldType
from workflow.prover import Proof, openings_of
from workflow.prover.plan import Stage
from workflow.prover.sets import NONE
from workflow.values import fault_of

MORE = (
    ("xuzheng", "徐正", "secrecy_reviewer", None),
    ("linfang", "林芳", "leader", None),
    ("wuhua", "吴华", "office_head", None),
    ("zhoujing", "周静", "office_head", None),
    ("dengpu", "邓普", "disclosure_officer", "预算科"),
    ("liuyi", "刘一", "drafter", "预算科"),
    ("maer", "马二", "section_head", "预算科"),
)
#: What a named check looks at, so that nobody gets anywhere with what merely occurs to them.
FITTING: dict[str, Scalar] = {"id_kind": "passport", "id_number": "E12345678"}
#: How often a case sets out for some state; each time it goes as far as it gets.
LEGS = 8
#: How many cases of each procedure set out.
CASES = 12 if WHOLE else 3


@pytest.fixture(scope="module")
def bureau_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explored") / "bureau.db"
    with Desk.open(bureau_at(path), clock=Clock()) as desk:
        admin = desk.actor("admin")
        for person, name, role, section in MORE:
            desk.add_person(admin, person, name, section=section)
            desk.appoint(admin, person, role, section=section, from_on=business_date(Clock()()).replace(year=2018))
    return path


def value(chance: Random, field: Field, known: tuple[Scalar, ...], today: str) -> Scalar:
    """Something that somebody might write: mostly one of the values between which the definition tells apart."""
    if field.name in FITTING:
        return FITTING[field.name]
    if known and field.type != FieldType.DATE and chance.random() < 0.8:
        chosen = chance.choice(known)
        # The dots that stand for any text in a proof are none that is taken.
        if fault_of(field, chosen) is None:
            return chosen
    match field.type:
        case FieldType.BOOL:
            return chance.choice((True, False))
        case FieldType.ENUM:
            return chance.choice((*field.choices,))
        case FieldType.DATE:
            return today
        case FieldType.INTEGER:
            return max(field.min or 0, 1)
        case FieldType.MONEY:
            return "100.00"
        case _:
            return "预算科" if "section" in field.name else "按照规定填写的一段说明文字"


class Walk:
    """One case and all that comes of it, tried by everybody."""

    def __init__(self, desk: Desk, clock: Clock, seed: int) -> None:
        self.desk, self.clock, self.chance = desk, clock, Random(seed)
        self.people = [desk.actor(each.id) for each in desk.people(desk.actor("admin")) if each.id != "admin"]
        kinds = {each.id: desk.definition(each.id) for each in desk.definitions()}
        self.proofs = {each.digest: Proof(each, openings_of(each, kinds.values())) for each in kinds.values()}
        self.states: set[tuple[str, StateName]] = set()
        self.taken_back = 0

    def begin(self, kind: str) -> None:
        definition = self.desk.definition(kind)
        fields = {name for names in definition.states[definition.initial].edit.values() for name in names} - {"title"}
        data = self.written(definition, fields, 0.7)
        for actor in self.chance.sample(self.people, len(self.people)):
            try:
                self.desk.start(actor, kind, title="关于部门预算的事项", section="预算科", data=data)
            except (Refused, Invalid, NotFound):
                continue
            return

    def written(self, definition: Definition, names: set[str], share: float) -> dict[str, Scalar]:
        told = self.proofs[definition.digest].tellable.values
        today = self.clock().astimezone(SHANGHAI).date().isoformat()
        return {
            name: value(self.chance, definition.fields[name], told[name].samples[1:] if name in told else (), today)
            for name in sorted(names)
            if self.chance.random() < share
        }

    def planned(self, reader: Actor, case: str, goal: str) -> tuple[Planned, ...]:
        """The way there; none where it is too much to look at, which is said and stands in nobody's way."""
        try:
            return self.desk.plan(reader, case, goal).stages
        except Invalid as refused:
            if [each.code for each in refused.problems] != ["too-large-to-plan"]:
                raise
            return ()

    def sets_out(self, ends: bool) -> None:
        """One of the cases is led towards some state, by whom the plan names; on the way others meddle."""
        reader = self.desk.actor("zhengshen")
        case = self.chance.choice(self.desk.list_cases(reader)[0]).id
        there = self.desk.case(reader, case)
        goals = [each.name for each in there.definition.states.values() if each.final == ends]
        for planned in self.planned(reader, case, self.chance.choice(goals)):
            stage = planned.stage
            self.clock.forward(hours=self.chance.randrange(12))
            if self.chance.random() < 0.2:
                self.meddles(case)
            step = there.definition.transitions.get(TransitionName(stage.name))
            fields = {each.name for each in stage.writes}
            data = self.written(there.definition, fields, 1)
            data |= {each.name: each.value for each in stage.writes if not each.any_value}
            if step:
                data |= self.written(there.definition, {*step.optional} - fields, 0.2)
            if not self.does_any(stage, case, data):
                break
            self.look()
            # Whoever thought better of it goes the same way again: a walk is to get somewhere.
            if self.chance.random() < 0.6 and self.takes_back(case):
                self.does_any(stage, case, data)

    def does_any(self, stage: Stage, case: str, data: dict[str, Scalar]) -> bool:
        """Somebody who may take this step takes it."""
        return any(self.does(actor, case, stage.name, data) for actor in self.holding(stage.roles))

    def takes_back(self, case: str) -> bool:
        """Whoever took the last step thinks better of it: the case then stands where it stood, and goes on from there."""
        if any(self.does(each, case, "take_back", {}) for each in self.people):
            self.taken_back += 1
            self.look()
            return True
        if self.chance.random() < 0.5:
            for each in self.people:
                self.does(each, case, "urge", {})
                self.does(each, case, "sign_for", {})
            self.look()
        return False

    def meddles(self, case: str) -> None:
        """Somebody takes a step or edits a field as it occurs to them."""
        there = self.desk.case(self.desk.actor("zhengshen"), case)
        definition, state = there.definition, there.definition.states[there.case.state]
        for step in self.chance.sample(definition.leaving[state.name], len(definition.leaving[state.name])):
            form = self.written(definition, {*step.optional}, 0.3) | self.written(definition, {*step.required}, 1)
            if any(self.does(each, case, step.name, form) for each in self.holding(step.roles[state.name])):
                break
        for role, fields in state.edit.items():
            for actor in self.holding((role,)):
                self.does(actor, case, EDIT, self.written(definition, set(fields), 0.3))
        if self.chance.random() < 0.2:
            self.desk.sweep()
        self.look()

    def holding(self, roles: Iterable[RoleName]) -> list[Actor]:
        found = [each for each in self.people if {post.role for post in each.appointments} & {*roles}]
        return self.chance.sample(found, len(found))

    def does(self, actor: Actor, case: str, step: str, data: dict[str, Scalar]) -> bool:
        try:
            if step == EDIT:
                self.desk.edit(actor, case, data=data)
            else:
                self.desk.fire(actor, case, step, data=data, comment="按规定办理")
        except (Refused, Invalid, Conflict, NotFound):
            return False
        return True

    def look(self) -> None:
        """Every case, the sub-cases too, is where the prover says that a case can be."""
        reader = self.desk.actor("zhengshen")
        for row in self.desk.list_cases(reader)[0]:
            case = self.desk.case(reader, row.id).case
            proof = self.proofs[case.definition]
            met = proof.space.both(proof.tellable.point(case), proof.reach.at(case.state))
            assert met != NONE, (case.number, case.state, dict(case.data), [*case.trail])
            self.states.add((case.kind, case.state))


@pytest.mark.two_forms
@pytest.mark.parametrize("kind", ["document", "proposal", "request"])
def test_what_people_do_stays_within_what_was_explored(bureau_file: Path, tmp_path: Path, kind: str) -> None:
    reached: set[tuple[str, StateName]] = set()
    taken_back = 0
    for seed in range(CASES):
        place = tmp_path / f"{seed}.db"
        place.write_bytes(bureau_file.read_bytes())
        clock = Clock()
        with Desk.open(f"sqlite:///{place}", clock=clock) as desk:
            walk = Walk(desk, clock, seed)
            walk.begin(kind)
            for leg in range(LEGS):
                walk.sets_out(ends=leg > LEGS // 2)
            assert desk.verify().problems == ()
        reached |= walk.states
        taken_back += walk.taken_back

    assert taken_back, "some steps must be taken back"
    assert len(reached) > 6, "the walks must get somewhere"


def test_a_case_outside_what_was_explored_would_be_seen(bureau_file: Path, tmp_path: Path) -> None:
    """The trial can fail: a document that is held to the procedure without its Office check is somewhere unheard of."""
    place = tmp_path / "bureau.db"
    place.write_bytes(bureau_file.read_bytes())
    with Desk.open(f"sqlite:///{place}", clock=Clock()) as desk:
        walk = Walk(desk, Clock(), 1)
        walk.begin("document")
        (proof,) = (each for each in walk.proofs.values() if each.definition.id == "document")
        del proof.reach.all[StateName("draft")]

        with pytest.raises(AssertionError):
            walk.look()
