"""What other cases do in the commit of a step: sub-cases begin, linked cases move, and those that waited go on.

Everything here happens inside the transaction of the step that causes it, as events of the other cases' own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from storage import people, versions
from storage.connection import Connection, Row, instant_from
from storage.rows import sub_case_from
from storage.statements import ADD_LINK, CASE_BY_NUMBER, CHILDREN, FORGET_LINKS, LINKED, LINKERS, WAITING_LINKERS
from storage.worklist import Sight, may_see, sight
from workflow.case import Actor, Case, Command, Data, Event, Moved, Opened, StateName, SubCase, Unmet, business_date
from workflow.conditions import fields_of
from workflow.decide import begin_child, changes_of, moved_by
from workflow.errors import Invalid, NotFound, Problem, Quarantined, Refused
from workflow.history import blank
from workflow.judge import automatic, judge, system_actor
from workflow.model import PARENT, Definition, Field, Transition
from workflow.text import Text
from workflow.values import fault_of, numbers_in
from workflow.words import step_label

if TYPE_CHECKING:
    from storage.store import Store

#: Automatic steps that a case takes in one commit because another has moved.
MOST_FOLLOWING = 5
#: Steps of other cases inside one another: more is a circle.
DEEPEST = 8


#: Of two definitions what was looked for once: it is asked with each case that is read.
_IN_VAIN: dict[tuple[str, str, str], frozenset[str]] = {}


class Linked:
    """The cases around the one that moves, as the store reads and moves them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._depth = 0

    @property
    def _db(self) -> Connection:
        return self._store.db

    # Reading.

    def of(self, definition: Definition, case_id: str) -> tuple[SubCase, ...]:
        """The sub-cases of a case in the order in which they began, then the cases that it names."""
        found: list[SubCase] = []
        if definition.children:
            found += [self._sub_case(row, row["slot"], definition) for row in self._db.all(CHILDREN, parent=case_id)]
        if definition.links:
            found += [self._sub_case(row, row["field"], definition) for row in self._db.all(LINKED, case_id=case_id)]
        return tuple(found)

    def by(self, case_id: str, seen: Sight) -> tuple[SubCase, ...]:
        """The cases that name this one and that the reader sees, each under the field in which they do."""
        rows = (row for row in self._db.all(LINKERS, other_id=case_id) if seen.covers(row["section"]))
        return tuple(self._sub_case(row, row["field"]) for row in rows)

    def is_awaited(self, case_id: str) -> bool:
        """Whether open cases name this one: they may have gone on because of where it stands."""
        return bool(self._db.all(WAITING_LINKERS, other_id=case_id))

    def _sub_case(self, row: Row, slot: str, asking: Definition | None = None) -> SubCase:
        """The case of a row under the name by which another knows it; `asking` looks for it in states."""
        own = versions.load(self._db, row["definition"])
        state = StateName(row["state"])
        unknown = _asked_in_vain(asking, slot, own) if asking else frozenset()
        if asking and state not in own.states:
            unknown = asking.states_asked_of(slot)  # in quarantine: where it stands nobody knows
        return replace(sub_case_from(row, own.state_named(state).label), slot=slot, unknown=unknown)

    # Naming other cases.

    def named(self, actor: Actor, definition: Definition, case: Case, command: Command, on: date) -> Case:
        """The case with the cases that the command names, as they stand now; what can be no list of numbers is left to be refused.

        Raises Invalid for a number that is no case of the field's kinds, or none that the actor may see: the two look alike.
        """
        others, faults = list(case.children), []
        for field in definition.links:
            said = command.data.get(field.name)
            if said is None or fault_of(field, said):
                continue
            others = [each for each in others if each.slot != field.name]
            for number in numbers_in(said):
                found = self._db.all(CASE_BY_NUMBER, bureau=actor.bureau, number=number)
                fault = _no_link(actor, field, case, number, found, on)
                # Held before its links are looked at: two that name the same at once would both be the first.
                if not fault and self._db.hold(found[0]["id"]):
                    found = self._db.all(CASE_BY_NUMBER, bureau=actor.bureau, number=number)
                fault = fault or self._not_own(field, case, number, found[0])
                fault = fault or self._not_named_back(field, case, number, found[0])
                if fault:
                    faults.append(fault)
                    continue
                others.append(self._sub_case(found[0], field.name, definition))
        if faults:
            raise Invalid(tuple(faults))
        return replace(case, children=tuple(others)) if definition.links else case

    def _not_own(self, field: Field, case: Case, number: str, found: Row) -> Problem | None:
        """Why a case that may be named is not this one's own, where the field asks for that."""
        if not field.own:
            return None
        if instant_from(found["entered_at"]) < case.entered_at:
            return Problem("no-such-case", _OLDER.filled(label=field.label, number=number), field=field.name)
        rows = self._db.all(LINKERS, other_id=found["id"])
        if any(row["id"] != case.id and (row["field"], row["kind"]) == (field.name, case.kind) for row in rows):
            return Problem("no-such-case", _ANOTHERS.filled(label=field.label, number=number), field=field.name)
        return None

    def _not_named_back(self, field: Field, case: Case, number: str, found: Row) -> Problem | None:
        """Why a case cannot be named that must name this one first, where the field asks for that."""
        back = field.named_in
        if not back or any(
            (row["field"], row["id"]) == (back, case.id) for row in self._db.all(LINKED, case_id=found["id"])
        ):
            return None
        its = versions.load(self._db, found["definition"]).fields.get(back)
        there = its.label if its else Text(back, back)
        facts = {"label": field.label, "number": number, "back": there, "this": case.number}
        return Problem("no-such-case", _NOT_NAMED.filled(**facts), field=field.name)

    def note(self, definition: Definition, case: Case, event: Event) -> None:
        """Keep which cases this one names, where the event says it anew."""
        for field in (each for each in definition.links if each.name in event.data):
            self._db.run(FORGET_LINKS, case_id=case.id, field=field.name)
            for number in numbers_in(event.data[field.name]):
                for row in self._db.all(CASE_BY_NUMBER, bureau=case.bureau, number=number)[:1]:
                    self._db.run(ADD_LINK, case_id=case.id, field=field.name, other_id=row["id"])

    # Moving them.

    def open(self, parent: Case, opened: Opened, cause: Event) -> None:
        """Begin a sub-case. Raises Invalid when the section that is named is none of this bureau, Refused where no version fits."""
        on = business_date(cause.at)
        definition = self._to_open(parent, opened, cause, on)
        # A section that is named may have been closed since it was written, or the parent's before the parent could follow it.
        section = people.successor_on(self._db, parent.bureau, opened.section or parent.section, on)
        if section not in people.open_sections(self._db, parent.bureau, on):
            raise Invalid((Problem("unknown-section", _NO_SECTION.filled(section=section), field="section"),))
        case = blank(self._store.new_id(), "", definition, parent.bureau, section)
        decision = begin_child(definition, case, opened, parent, cause, self._store.calendar_at(cause.at))
        self._store.kept(definition, case, self._store.case_number(definition, decision, parent.bureau, cause.at))

    def _to_open(self, parent: Case, opened: Opened, cause: Event, on: date) -> Definition:
        """The version by which the sub-case goes.

        Raises Refused where none is in force, or it lacks what the step writes, or the states in which the case looks for it.
        """
        asking = versions.load(self._db, parent.definition)
        facts = {"label": asking.children[opened.slot].label, "kind": opened.kind}
        try:
            found = versions.current(self._db, opened.kind, on)
        except NotFound as none:
            unmet = Unmet("opens", _NOT_IN_FORCE.filled(**facts), "state")
            raise Refused(step_label(asking, cause.transition), (unmet,)) from none
        # Whoever takes the step has not written these: the fault is between the two definitions.
        unknown = [name for name in opened.data if name not in found.fields]
        lacking = [_LACKS.filled(**facts, version=found.version, name=name) for name in unknown]
        in_vain = sorted(_asked_in_vain(asking, opened.slot, found))
        lacking += [_NO_STATE.filled(**facts, version=found.version, own=asking.version, name=name) for name in in_vain]
        if lacking:
            raise Refused(step_label(asking, cause.transition), [Unmet("opens", each, "state") for each in lacking])
        return found

    def move(self, case: Case, moves: Iterable[Moved], cause: Event) -> None:
        """Let the cases of these names that stand where the step begins take it. Raises Refused where one may not."""
        hand = cause.on_behalf_of if cause.automatic else cause.actor
        for each in moves:
            for definition, there in self._to_move(case, each):
                self._deeper(definition, there, Command(each.step, each.data), cause.at, hand)

    def _to_move(self, case: Case, moved: Moved) -> Iterator[tuple[Definition, Case]]:
        """The cases that are to take the step, each as it stands when its turn comes. Raises Refused for one of another version."""
        for other in self._called(case, moved.case):
            there = self._store.case(other, case.bureau)
            definition = versions.load(self._db, there.definition)
            _check_version(definition, there, moved)
            step = definition.transitions.get(moved.step)
            # One in quarantine might stand where the step begins: nobody can know, so it is not passed over.
            may_be = bool(step and there.state in step.sources) or there.state not in definition.states
            if (there.closed_at is None and moved.whole) or may_be:
                yield definition, there

    def in_the_way(
        self, definition: Definition, case: Case, step: Transition, actor: Actor, now: datetime, deep: int = 0
    ) -> Iterator[Unmet]:
        """What keeps other cases from being moved with a step, as far as it does not hang on what is typed with that."""
        after = case.with_data(changes_of(definition, case, step, {}, actor, now))
        seen, on = sight(actor, business_date(now)), business_date(now)
        met: set[str] = set()  # after its first step a case stands elsewhere than where the next would find it
        for each in moved_by(definition, after, step, actor, now) if deep < DEEPEST else ():
            if _hangs_on_the_form(step, each):
                continue
            typed = _given(step, each) if step.required or step.optional else frozenset()
            try:
                meant = [(kind, there) for kind, there in self._to_move(case, each) if there.id not in met]
            except Refused as old:
                yield from old.reasons
                continue
            for kind, there in meant:
                met.add(there.id)
                shown = there.number if seen.covers(there.section) else _UNSEEN
                if there.state not in kind.states:
                    facts = {"kind": kind.id, "version": kind.version, "state": there.state}
                    yield Unmet("quarantined", Quarantined.text.filled(number=shown, **facts), "state")
                    continue
                its, system = kind.transitions[each.step], system_actor(there.bureau, actor.id)
                unmet = judge(kind, there, its, Command(each.step, each.data), system, now)[1]
                for one in self._store.with_people(there, unmet, on):
                    if not (typed and (one.kind == "data" or _reads(kind, one, typed))):
                        # Filled in, the sentence of a guard may name further cases: to who sees none, only what it asks.
                        known = kind.guards.get(one.name)
                        text = known.text if known and shown is _UNSEEN else one.text
                        yield replace(one, text=_IN_TOW.filled(number=shown, step=its.label, text=text))
                yield from self.in_the_way(kind, there, its, actor, now, deep + 1)

    def _called(self, case: Case, name: str) -> list[str]:
        if name == PARENT:
            return [case.parent] if case.parent else []
        kind, dot, field = name.partition(".")
        if dot:
            rows = self._db.all(LINKERS, other_id=case.id)
            return [row["id"] for row in rows if (row["kind"], row["field"]) == (kind, field)]
        definition = versions.load(self._db, case.definition)
        return [each.id for each in self.of(definition, case.id) if each.slot == name]

    def _deeper(
        self, definition: Definition, case: Case, command: Command, at: datetime, moved_by: str | None = None
    ) -> Case:
        if self._depth == DEEPEST:
            circle = Unmet("moves", _CIRCLE.filled(number=case.number, most=DEEPEST), "state")
            raise Refused(step_label(definition, command.transition), (circle,))
        self._depth += 1
        try:
            return self._store.taken_by_system(definition, case, command, at, moved_by).case
        finally:
            self._depth -= 1

    def follow(self, case: Case, at: datetime) -> tuple[Case, ...]:
        """A case has moved: those that wait for it take the automatic steps that waited, in the same commit.

        Its parent before and after; nothing where that took none.
        """
        woken = self._wake(case.parent, at) if case.parent else ()
        for row in self._db.all(WAITING_LINKERS, other_id=case.id):
            self._wake(row["case_id"], at)
        return woken

    def _wake(self, case_id: str, at: datetime) -> tuple[Case, ...]:
        before = waiting = self._store.case(case_id, "")
        definition = versions.load(self._db, waiting.definition)
        if waiting.state not in definition.states:
            return ()  # in quarantine: it is left as it is, and so is what the other did
        for _ in range(MOST_FOLLOWING):
            name = automatic(definition, waiting, at)
            if name is None:
                return () if waiting is before else (before, waiting)
            waiting = self._deeper(definition, waiting, Command(name), at)
        # More than a few in a row look like a circle: what is open now is due at once, so the sweep goes on, and sets aside
        # what does not end.
        return before, waiting


def _asked_in_vain(asking: Definition, slot: str, other: Definition) -> frozenset[str]:
    """The states in which one version looks for such cases, and which this version of theirs does not know."""
    key = (asking.digest, slot, other.digest)
    if key not in _IN_VAIN:
        _IN_VAIN[key] = asking.states_asked_of(slot) - other.states.keys()
    return _IN_VAIN[key]


def _hangs_on_the_form(step: Transition, moved: Moved) -> bool:
    """Whether what is typed with the step decides whether it moves these cases at all."""
    mine = [each.when for each in step.moves if (each.case, each.step) == (moved.case, moved.step)]
    return any(when and not {*step.required, *step.optional}.isdisjoint(fields_of(when)) for when in mine)


def _given(step: Transition, moved: Moved) -> frozenset[str]:
    """The fields that another case's step is given by this one."""
    mine = (each for each in step.moves if (each.case, each.step) == (moved.case, moved.step))
    return frozenset(said.field for each in mine for said in each.sets)


def _reads(definition: Definition, unmet: Unmet, names: frozenset[str]) -> bool:
    guard = definition.guards.get(unmet.name)
    if guard is None:
        return False
    read = fields_of(guard.when) if guard.when else (each for said in guard.params.values() for each in said)
    return not names.isdisjoint(read)


def _check_version(definition: Definition, case: Case, moved: Moved) -> None:
    """Raises Refused where a case runs under a version that lacks the step by which it is to go on, or what that brings."""
    if case.closed_at is not None or case.state not in definition.states:
        return
    facts = {"number": case.number, "version": definition.version, "step": moved.step}
    step = definition.transitions.get(moved.step)
    lacking = []
    if step is None:
        lacking = [_OLD.filled(**facts)]
    elif moved.whole or case.state in step.sources:
        taken = (*step.required, *step.optional)
        lacking = [_OLD_FORM.filled(**facts, name=name) for name in moved.data if name not in taken]
    if lacking:
        raise Refused(step_label(definition, moved.step), [Unmet("moves", each, "state") for each in lacking])


def canonical(definition: Definition, command: Command) -> Command:
    """The command with its case numbers as they are written here, so that a repeated one says the same."""
    data = {
        each.name: " ".join(numbers_in(command.data[each.name]))
        for each in definition.links
        if command.data.get(each.name)
    }
    return replace(command, data={**command.data, **data}) if data else command


def differing(definition: Definition, data: Data, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The fields of a case whose links are others than its data name: `rows` are fields and numbers."""
    kept = set(rows)
    for field in definition.links:
        named = {(field.name, number) for number in numbers_in(data.get(field.name))}
        if named != {each for each in kept if each[0] == field.name}:
            yield field.name


def _no_link(actor: Actor, field: Field, case: Case, number: str, found: list[Row], on: date) -> Problem | None:
    if not found or not may_see(actor, found[0]["section"], on):
        text = _NO_CASE.filled(label=field.label, number=number)
    elif found[0]["kind"] not in field.of:
        text = _OTHER_KIND.filled(label=field.label, number=number, kinds=", ".join(field.of))
    elif found[0]["id"] == case.id:
        text = _ITSELF.filled(label=field.label, number=number)
    else:
        return None
    return Problem("no-such-case", text, field=field.name)


_OLD = Text(
    "{number} 按第 {version} 版办理，那里没有“{step}”这一步；请先用 gongkai definitions migrate 迁移该事项",
    "{number} runs under version {version}, which has no step “{step}”; move it with gongkai definitions migrate first",
)
_OLD_FORM = Text(
    "{number} 按第 {version} 版办理，那里的“{step}”没有“{name}”这一项；请先用 gongkai definitions migrate 迁移该事项",
    "{number} runs under version {version}, where “{step}” takes no “{name}”; move it with gongkai definitions migrate first",
)
_NOT_IN_FORCE = Text(
    "{kind}（{label}）今天没有生效的版本，不能开启；请管理员用 gongkai definitions install 启用一版",
    "no version of {kind} ({label}) is in force today, so none can begin; an administrator puts one in force with "
    "gongkai definitions install",
)
_LACKS = Text(
    "现行的 {kind}（{label}）第 {version} 版没有字段“{name}”，而这一步要写入它；并非填写有误，请管理员用 gongkai definitions install "
    "启用相配的版本",
    "version {version} of {kind} ({label}), which is in force, has no field “{name}”, which this step writes; nothing that you "
    "entered is wrong: an administrator installs versions that fit with gongkai definitions install",
)
_NO_STATE = Text(
    "本事项按第 {own} 版办理，要等{label}到环节“{name}”，而现行的 {kind} 第 {version} 版没有这个环节；并非填写有误，请管理员用 "
    "gongkai definitions migrate 把本事项迁移到现行版本",
    "this case goes by version {own}, which looks for its {label} in “{name}”, and version {version} of {kind}, which is in force, "
    "has no such state; nothing that you entered is wrong: an administrator moves this case to the version in force with "
    "gongkai definitions migrate",
)
_NO_SECTION = Text(
    "没有科室“{section}”；请用 gongkai people list 查看科室名称",
    "there is no section “{section}”; see gongkai people list",
)
_OLDER = Text(
    "“{label}”：{number} 在本事项之前就已发起，不是为本事项办的；请填写本事项自己的",
    "{label}: {number} was begun before this case and not for it; name the one that was made for this case",
)
_ANOTHERS = Text(
    "“{label}”：{number} 已由另一事项填写；请填写本事项自己的",
    "{label}: {number} is named by another case already; name the one that was made for this case",
)
_IN_TOW = Text("{number} 须随之办理“{step}”：{text}", "{number} is to take “{step}” with it: {text}")
_UNSEEN = Text("另一事项", "another case")
_NOT_NAMED = Text(
    "“{label}”：{number} 的“{back}”中没有 {this}；请先在那里写明，或本事项单独办理",
    "{label}: {number} does not name {this} ({back}); name it there first, or let this case go its own way",
)
_NO_CASE = Text(
    "“{label}”：没有事项 {number}；请用 gongkai list 查看编号",
    "{label}: there is no case {number}; see gongkai list",
)
_OTHER_KIND = Text(
    "“{label}”：{number} 不是可关联的种类（{kinds}）", "{label}: {number} is of another kind than {kinds}"
)
_ITSELF = Text("“{label}”：{number} 就是本事项", "{label}: {number} is this case itself")
_CIRCLE = Text(
    "{number}：相互带动的事项超过 {most} 层，请检查流程定义中的 moves",
    "{number}: more than {most} cases move one another in a circle; look at moves in their definitions",
)
