"""What the prover says can be reached is what is reached when everything is tried on the engine itself, one command after another.

The prover works on sets of data and never asks `decide`; here nothing but `decide` is asked. The two must come to the same.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from storage.versions import catalogues
from tests.factories import MONDAY
from workflow.accepted import definition_from
from workflow.case import (
    EDIT,
    IMPORT,
    START,
    Actor,
    Appointment,
    Case,
    Command,
    Data,
    Decision,
    Refusal,
    Scalar,
    StateName,
    TransitionName,
)
from workflow.decide import begin, decide, take_in
from workflow.errors import Invalid
from workflow.history import blank
from workflow.judge import SYSTEM_ROLE, has_passed, system_actor
from workflow.loader import accept
from workflow.model import Assignment, Definition, FieldType, Opening, Passage
from workflow.numbering import numbered
from workflow.prover import Proof
from workflow.prover.barred import NoWay
from workflow.prover.moves import after, before
from workflow.prover.plan import Planner
from workflow.prover.sets import ALL, NONE, Set
from workflow.values import fault_of
from workflow.workdays import Calendar, shipped

CASES = Path(__file__).resolve().parent.parent / "definitions"
SMALL = [*sorted((CASES / "unlawful").glob("*.yaml")), CASES / "good/stamp.yaml"]
CALENDAR = Calendar(*shipped())
KNOWN = catalogues()


def read(text: str, file: str = "memo.yaml") -> Definition:
    said = accept(text, file, KNOWN, besides=[])  # as it is proved: whole, if not well founded
    return definition_from(said.json, said.digest)


def sums_in(said: Assignment) -> bool:
    return said.kind == "add" or any(sums_in(then) for _, then in said.choices)


class Tried:
    """Every case that two people who hold all posts and the system can bring about; it is the first of them who writes."""

    def __init__(self, definition: Definition) -> None:
        # What must never be is found out, not forbidden: the prover looks at what would be if nobody stood in the way.
        self.engine = replace(definition, never=(), passes=())
        self.definition = definition
        self.proof = Proof(definition)
        since = date(2018, 1, 1)
        posts = tuple(Appointment(role, "预算科", since, None) for role in definition.roles if role != SYSTEM_ROLE)
        self.people = [Actor(each, each, "bureau", posts) for each in ("王敏", "李华")]
        self.sums = [each.field for step in definition.transitions.values() for each in step.sets if sums_in(each)]
        self.lapsed_on = {name for each in definition.lapsing for name in each.lapses_on}
        self.apart = {
            step
            for guard in definition.guards.values()
            if guard.check == "four_eyes"
            for step in guard.params["apart_from"]
        }

    def cases(self) -> Iterator[Case]:
        """Each that differs from the others in its state, in data that can be told apart, or in who had a hand in it."""
        first = blank("c1", "MEMO-2026-00001", self.engine, "bureau", "预算科")
        edit = self.definition.states[self.definition.initial].edit
        seen: set[object] = set()
        waiting: deque[Case] = deque()
        begun = self.written({name for names in edit.values() for name in names}, {"title"}, first)
        answers = [begin(self.engine, first, Command(START, data), self.people[0], MONDAY, CALENDAR) for data in begun]
        if intake := self.definition.intake:
            past = self.written({*intake.columns} - {*intake.sets}, {*intake.required}, first)
            answers += [
                take_in(self.engine, first, Command(IMPORT, data), self.people[0], MONDAY, CALENDAR) for data in past
            ]
        while True:
            for each in answers:
                if isinstance(each, Refusal):
                    continue
                case = (numbered(each, 1) if each.numbering else each).case
                if self.key(case) not in seen:
                    seen.add(self.key(case))
                    waiting.append(case)
            if not waiting:
                return
            yield (case := waiting.popleft())
            answers = [*self.answers(case)]

    def key(self, case: Case) -> object:
        sums = tuple(min(int(case.data.get(each) or 0), 12) for each in self.sums)  # beyond all that is asked for
        hands = frozenset((step, frozenset(case.trail[step].by)) for step in self.apart & case.trail.keys())
        filled = frozenset(each.name for each in self.definition.lapsing if each.name in case.data)
        return case.state, self.place(case), sums, hands, filled

    def answers(self, case: Case) -> Iterator[Decision | Refusal]:
        state = self.definition.states[case.state]
        edits = {name for names in state.edit.values() for name in names}
        for data in self.written(edits, set(), case):
            yield from self.tried(case, EDIT, data, self.people[:1])
        for step in self.definition.leaving[case.state]:
            roles = step.roles.get(case.state, ())
            by_itself = [system_actor("bureau")] if SYSTEM_ROLE in roles else []
            for data in self.written({*step.required, *step.optional}, {*step.required}, case):
                yield from self.tried(case, step.name, data, [*by_itself, *self.people])
                # Whoever may edit here may write with the step as well.
                for name in edits - data.keys():
                    for value in self.choices(name, case):
                        yield from self.tried(case, step.name, {**data, name: value}, self.people[:1])

    def tried(self, case: Case, step: TransitionName, data: Data, by: Iterable[Actor]) -> Iterator[Decision | Refusal]:
        for actor in by:
            try:
                yield decide(self.engine, case, Command(step, data, "按规定办理"), actor, MONDAY, CALENDAR)
            except Invalid:
                continue

    def written(self, names: set[str], required: set[str], case: Case) -> Iterator[Data]:
        """These fields filled in, or left alone: one at a time of those that may be left, two where one lapses with the other."""
        free = sorted(names - required)
        together = [
            (each.name, other)
            for each in self.definition.lapsing
            for other in each.lapses_on
            if {each.name, other} <= {*free}
        ]
        for some in ((), *((each,) for each in free), *together):
            fields = (*sorted(required), *some)
            for values in product(*(self.choices(each, case) for each in fields)):
                yield dict(zip(fields, values, strict=True))

    def choices(self, name: str, case: Case) -> tuple[Scalar, ...]:
        """What somebody may type: a value of each kind, and other words where that they are others does something."""
        told, declared = self.proof.tellable.values.get(name), self.definition.fields[name]
        if name == "title":
            return ("另一段文字" if case.data.get(name) != "另一段文字" else "一段文字",)
        known: set[Scalar] = {value for kind in told.kinds for value in kind} if told else {*declared.choices}
        others: dict[FieldType, set[Scalar]] = {
            FieldType.INTEGER: {*range(declared.min or 0, (declared.min or 0) + 4), declared.max or 50}
            if told
            else {declared.min or 0},
            FieldType.MONEY: {"1.00", "7.00"} if told else set(),
            FieldType.DATE: {"2025-01-01", "2026-02-27"},
            FieldType.TEXT: {"别的文字"} if told else set(),
        }
        known |= others.get(declared.type, set())
        known = {each for each in known if each is None or not fault_of(declared, each)}
        # What counts as the same need not be tried twice, unless it is added to or something lapses when it changes.
        exact = name in self.sums or name in self.lapsed_on
        apart = {(told.of(each) if told else 0, each if exact else None): each for each in sorted(known, key=str)}
        return tuple(apart.values())

    def place(self, case: Case, exact: bool = True) -> Set:
        """Where the case is, by its data and by what it has gone through."""
        tellable, space = self.proof.tellable, self.proof.space
        found = tellable.point(replace(case, trail={}))
        for passage, mark in tellable.marks.items():
            passed = has_passed(case, passage)
            values = (int(passed),) if exact or not passed or self.always_apart(passage) else (0, 1)
            found = space.both(space.put(found, ((mark, (0, 1)),)), space.where(mark, values))
        return found

    def always_apart(self, passage: Passage) -> bool:
        """Whether none of its steps is taken by those who must not: what is not so, the prover does not count as passed."""
        for name in passage.through:
            guards = (self.definition.guards[each] for each in self.definition.transitions[TransitionName(name)].guards)
            apart = {step for guard in guards if guard.check == "four_eyes" for step in guard.params["apart_from"]}
            if not apart.issuperset(passage.apart_from):
                return False
        return True


def compared(definition: Definition) -> tuple[dict[StateName, Set], Tried]:
    """What was reached by trying, each case of it held against what was explored."""
    tried = Tried(definition)
    space, reach = tried.proof.space, tried.proof.reach
    found: dict[StateName, Set] = {}
    for case in tried.cases():
        place = tried.place(case, exact=False)
        assert space.both(place, reach.at(case.state)) != NONE, (case.state, dict(case.data), [*case.trail])
        found[case.state] = space.either(found.get(case.state, NONE), place)
    return found, tried


def same(definition: Definition) -> None:
    """Raises AssertionError unless what was explored is what can be brought about."""
    found, tried = compared(definition)
    for state in tried.definition.states:
        more = tried.proof.space.without(tried.proof.reach.at(state), found.get(state, NONE))
        assert more == NONE, (state, tried.proof.tellable.in_words(more))


@pytest.mark.parametrize("file", SMALL, ids=lambda file: file.stem)
def test_everything_that_can_be_brought_about_was_explored_and_nothing_else(file: Path) -> None:
    same(read(file.read_text("utf-8"), file.name))


MEMO = (CASES / "unlawful/not_passed_since.yaml").read_text("utf-8")
CLEARED = "  cleared: {type: bool, "
EDITED = "edit: {clerk: [title, kind]}}"
MARKED = "if: {kind: set}"


def memo(field: str, needed: str, **changes: str) -> str:
    """The memo with one more field, that its author writes and `marked` asks for."""
    text = MEMO.replace(CLEARED, f"  more: {{{field}, zh: 另一项, en: more}}\n{CLEARED}")
    text = text.replace(EDITED, "edit: {clerk: [title, kind, more]}}").replace(
        MARKED, f"if: {{kind: set, more: {needed}}}"
    )
    for step, effect in changes.items():
        text = re.sub(rf"(  {step}: .*?), zh: ", rf"\1, {effect}, zh: ", text)
    return text


@pytest.mark.parametrize(
    "text",
    {
        "a day before which there is none": memo("type: date", "{on_or_after: '0001-01-01'}"),
        "a number that begins above one": memo("type: integer, min: 5, max: 9", "set"),
        "a number of which others than the named count": memo("type: integer, min: 3, max: 9", "[4]"),
        "a sum that comes to what is asked for": memo(
            "type: integer, min: 4, max: 11", "[11]", submit="set: {more: {add: 5}}"
        ),
        "an amount beside the one that is named": memo("type: money", "['1.00']"),
        "text beside the one that is named": memo("type: text, max: 9", "['…']"),
        "days between two limits": memo(
            "type: date", "{on_or_after: '2025-01-01'}", submit="if: {more: {before: '2025-01-02'}}"
        ),
        "a step that is passed and must be taken anew": MEMO.replace("since: [edit.proof]", "since: [publish]"),
    }.items(),
    ids=lambda said: said[0],
)
def test_what_is_told_apart_is_all_that_a_case_can_hold(text: tuple[str, str]) -> None:
    same(read(text[1]))


def test_a_step_that_draws_a_number_may_lead_where_nothing_is_without_one() -> None:
    stamp = read((CASES / "good/stamp.yaml").read_text("utf-8"), "stamp.yaml")
    (one, other), series = Tried(stamp).people, next(iter(stamp.fields["series"].choices))
    first = blank("c1", "STAMP-2026-00001", stamp, "bureau", "预算科")

    begun = begin(stamp, first, Command(START, {"title": "用印申请", "kind": "letter"}), one, MONDAY, CALENDAR)
    assert isinstance(begun, Decision)
    asked = decide(stamp, begun.case, Command(TransitionName("ask")), one, MONDAY, CALENDAR)
    assert isinstance(asked, Decision)
    stamped = decide(stamp, asked.case, Command(TransitionName("stamp"), {"series": series}), other, MONDAY, CALENDAR)

    assert isinstance(stamped, Decision)
    assert stamped.numbering


def test_a_number_without_its_series_is_refused_and_says_which_field_is_missing() -> None:
    text = (CASES / "good/stamp.yaml").read_text("utf-8")
    assert "required: [series], optional: [phone]" in text
    stamp = read(text.replace("required: [series], optional: [phone]", "optional: [series, phone]"), "stamp.yaml")
    (one, other) = Tried(stamp).people
    first = blank("c1", "STAMP-2026-00001", stamp, "bureau", "预算科")
    begun = begin(stamp, first, Command(START, {"title": "用印申请", "kind": "letter"}), one, MONDAY, CALENDAR)
    assert isinstance(begun, Decision)
    asked = decide(stamp, begun.case, Command(TransitionName("ask")), one, MONDAY, CALENDAR)
    assert isinstance(asked, Decision)

    refused = decide(stamp, asked.case, Command(TransitionName("stamp")), other, MONDAY, CALENDAR)

    assert isinstance(refused, Refusal)
    assert [each.name for each in refused.unmet] == ["series"]


def test_a_past_record_that_does_not_say_when_it_ended_has_no_clock() -> None:
    stamp = read((CASES / "good/stamp.yaml").read_text("utf-8"), "stamp.yaml")
    first = blank("c1", "STAMP-2026-00001", stamp, "bureau", "预算科")
    said = {"title": "用印申请", "number": "下财〔2019〕7号", "asked_on": "2019-02-27"}

    answer = take_in(stamp, first, Command(IMPORT, said), Tried(stamp).people[0], MONDAY, CALENDAR)

    assert isinstance(answer, Decision)
    assert answer.deadlines == ()


def test_a_sub_case_always_has_a_title() -> None:
    opinion = read(MEMO.replace(MARKED, "if: {kind: set, title: set}"))

    proof = Proof(opinion, [Opening("asked", None, ())])

    untitled = proof.space.without(proof.reach.at(opinion.initial), proof.tellable.filled("title"))
    assert untitled == NONE


def test_who_may_not_approve_what_they_edited_cannot_edit_it_with_the_approval() -> None:
    apart = MEMO.replace("[start, edit.draft, submit]", "[start, edit.draft, edit.review, submit]")
    definition = read(apart)
    one, other = Tried(definition).people
    first = blank("c1", "MEMO-2026-00001", definition, "bureau", "预算科")
    begun = begin(definition, first, Command(START, {"title": "便函", "kind": "shut"}), one, MONDAY, CALENDAR)
    assert isinstance(begun, Decision)
    asked = decide(definition, begun.case, Command(TransitionName("submit")), one, MONDAY, CALENDAR)
    assert isinstance(asked, Decision)

    keep = Command(TransitionName("keep"), {"cleared": True})
    answer = decide(definition, asked.case, keep, other, MONDAY, CALENDAR)

    assert isinstance(answer, Refusal)
    assert [each.name for each in answer.unmet] == ["not_own"]


def test_what_must_never_be_is_refused_though_every_guard_of_the_step_holds() -> None:
    unproved = read((CASES / "unlawful" / "never_broken.yaml").read_text("utf-8"))
    one, other = Tried(unproved).people
    case = blank("c1", "MEMO-2026-00001", unproved, "bureau", "预算科")
    begun = begin(unproved, case, Command(START, {"title": "便函"}), one, MONDAY, CALENDAR)
    assert isinstance(begun, Decision)
    asked = decide(unproved, begun.case, Command(TransitionName("submit")), one, MONDAY, CALENDAR)
    assert isinstance(asked, Decision)
    cleared = decide(unproved, asked.case, Command(EDIT, {"cleared": True}), other, MONDAY, CALENDAR)
    assert isinstance(cleared, Decision)

    kept = decide(unproved, cleared.case, Command(TransitionName("keep")), other, MONDAY, CALENDAR)

    assert isinstance(kept, Refusal)
    assert [each.name for each in kept.unmet] == ["untagged"]


def rewritten(field: str, needed: str, then: str = "") -> str:
    """The memo of which a clearance lapses when one more field changes, and that is printed with that field written anew."""
    text = memo(field, needed, print=f"form: {{required: [more]}}{then}")
    text = text.replace("cleared: {type: bool,", "cleared: {type: bool, lapses_on: [more],")
    return text.replace("roles: [clerk], guards: [safe]", "roles: [clerk]")


PROOF_EDITED = MEMO.replace("edit: {clerk: [title]}", "edit: {clerk: [title, kind]}")
CHANGED = {
    "a clearance that lapses": MEMO.replace("cleared: {type: bool,", "cleared: {type: bool, lapses_on: [title],"),
    "a copy": memo("type: bool", "set", publish="set: {more: {copy: cleared}}"),
    "what the data choose": memo(
        "type: bool", "set", publish="set: {more: {choose: [{if: {cleared: true}, then: false}, {then: true}]}}"
    ),
    "a sum": memo("type: integer", "[3]", submit="set: {more: {add: 1}}"),
    "a sum that is chosen in what is chosen": memo(
        "type: integer",
        "[9]",
        submit="set: {more: {choose: [{if: {kind: set}, then: {choose: [{if: {more: set}, then: {add: 6}}, {then: 1}]}}, {then: null}]}}",
    ),
    "what lapses with what is told apart": PROOF_EDITED.replace("{type: bool,", "{type: bool, lapses_on: [kind],"),
    "what lapses with what has lapsed": re.sub(
        r"  cleared: {type: bool, (.*)",
        r"  cleared: {type: bool, lapses_on: [kind], \1\n"
        "  more: {type: bool, lapses_on: [cleared], zh: 另一项, en: more}",
        PROOF_EDITED,
    )
    .replace("publish: {", "publish: {set: {more: true}, ")
    .replace("guards: [safe]", "if: {more: set}, guards: [safe]"),
    "what lapses with what may have lapsed": PROOF_EDITED.replace(
        CLEARED,
        "  more: {type: date, lapses_on: [kind], zh: 另一项, en: more}\n  cleared: {type: bool, lapses_on: [more], ",
    ).replace(EDITED, "edit: {clerk: [title, kind, more]}}", 1),
    "what lapses with other words of the same kind": rewritten("type: text, max: 9", "set"),
    "what does not lapse with the same word": rewritten("type: text, max: 9", "['是']", ", if: {more: ['是']}"),
    "what does not lapse with the same choice": rewritten("type: bool", "true", ", if: {more: true}"),
    "two that are written with each other": memo(
        "type: bool", "set", publish="set: {more: {copy: cleared}, cleared: {copy: more}}"
    ),
    "two that choose by each other": memo(
        "type: bool",
        "set",
        publish="set: {more: {choose: [{if: {cleared: true}, then: false}, {then: true}]}, "
        "cleared: {choose: [{if: {more: true}, then: true}, {then: null}]}}",
    ),
    "a sum that is past what is asked for": memo(
        "type: integer, min: 0, max: 9",
        "set",
        submit="set: {more: 4}",
        publish="set: {more: {add: 1}}",
        print="if: {more: [1, 3]}",
    ).replace(", more]}}", "]}}"),
}


@pytest.mark.parametrize("name", sorted(CHANGED.keys() - {"a clearance that lapses"}))
def test_what_a_step_changes_is_what_the_engine_changes(name: str) -> None:
    same(read(CHANGED[name]))


def test_the_last_day_of_all_is_told_apart() -> None:
    compared(read(memo("type: date", "{before: '9999-12-31'}")))


def test_what_lapses_with_other_words_is_explored_without_it() -> None:
    compared(
        read(CHANGED["a clearance that lapses"])
    )  # that the same words may be written again, the prover allows for


@pytest.mark.parametrize("text", CHANGED.items(), ids=lambda said: said[0])
def test_every_move_leads_back_to_all_from_which_it_leads_on_and_to_nothing_else(text: tuple[str, str]) -> None:
    proof = Proof(read(text[1]))
    space = proof.space
    points = [ALL]
    for field, size in enumerate(space.sizes):
        points = [space.both(each, space.where(field, (value,))) for each in points for value in range(size)]

    for move in proof.moves.all:
        on = {each: after(space, move.acts, each) for each in points}
        for there in points[::5]:
            back = before(space, move.acts, there)
            assert all((space.both(back, each) != NONE) == (space.both(on[each], there) != NONE) for each in points)


def test_no_plan_leads_through_what_must_never_be() -> None:
    barred = "  open_proof: {in: [proof], when: {kind: open}, zh: 校对中的不得公开, en: no open proof}\n  uncleared: "
    begun = blank("c1", "MEMO-2026-00001", read(MEMO), "bureau", "预算科")

    free, shut = (
        Planner(Proof(read(text))).plan(begun, StateName("out"))
        for text in (MEMO, MEMO.replace("  uncleared: ", barred))
    )

    assert not isinstance(free, NoWay)
    assert isinstance(shut, NoWay)
    assert "校对中的不得公开" in shut.text.zh
    assert "no open proof" in shut.text.en


def test_who_wrote_with_a_step_what_stands_in_no_form_of_it_has_edited_the_case_for_good() -> None:
    apart = MEMO.replace("[start, edit.draft, submit]", "[edit.draft]")
    definition = read(apart)
    one, other = Tried(definition).people
    first = blank("c1", "MEMO-2026-00001", definition, "bureau", "预算科")
    begun = begin(definition, first, Command(START, {"title": "便函"}), one, MONDAY, CALENDAR)
    assert isinstance(begun, Decision)

    by_hand = decide(
        definition, begun.case, Command(TransitionName("submit"), {"kind": "open"}), other, MONDAY, CALENDAR
    )
    assert isinstance(by_hand, Decision)
    keep = decide(definition, by_hand.case, Command(TransitionName("keep")), other, MONDAY, CALENDAR)

    assert by_hand.case.trail["edit.draft"].by == (other.id,)
    assert isinstance(keep, Refusal)
    assert "not_own" in [each.name for each in keep.unmet]
