"""A definition as a workflow net with data, in the words of a logic program, and what clingo says of its soundness.

The judge is one that we did not write: clingo (Potsdam, MIT, 7 MB) explores, closes backwards and negates. The checkers of workflow
nets proper cost more than they are worth here: WOFLAN in pm4py brings 400 MB with it, SNAKES is to be built on each machine.

The net is folded: one token, the case, stands in the place of its state, and its colour is the data, each field with one of a few
values. So it is safe, what ends is clean, and classical soundness (van der Aalst 1997) is that every case can still end and no
transition is dead. It is made of the model alone: nothing of `workflow/prover` is used here, nor how that tells data apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from clingo import Control

from workflow.case import Scalar, StateName
from workflow.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Before,
    Condition,
    IsSet,
    Not,
    OneOf,
    OnOrAfter,
    SameAs,
    fields_of,
)
from workflow.judge import guards_of
from workflow.model import Assignment, Definition, Field, FieldType, Opening, Transition
from workflow.values import fault_of

#: Soundness itself; `edge` and the beginnings are what each definition adds.
SOUNDNESS = """
at(S, V) :- begun(S, V).
at(S, V) :- edge(_, _, _, S, V).
ends(S, V) :- at(S, V), final(S).
ends(S, V) :- edge(_, S, V, T, W), ends(T, W).
reached(S) :- at(S, _).
taken(T, S) :- edge(T, S, _, _, _).
stuck(S) :- at(S, V), not ends(S, V).
unreached(S) :- state(S), not reached(S).
dead(T, S) :- arc(T, S), reached(S), not taken(T, S).
#show stuck/1. #show unreached/1. #show dead/2. #show broken/1. #show reached/1.
"""

#: A text and an amount that no condition names.
OTHERS = {FieldType.TEXT: "别的文字", FieldType.MONEY: "987654.32", FieldType.CASE: "OTH-2026-00009"}
ONE_DAY = timedelta(days=1)
SOME_DAY = date(2026, 6, 1)

Leaf = IsSet | OneOf | AtLeast | Before | OnOrAfter | SameAs


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a definition: states in which a case can be that never ends, states and steps that come to nothing."""

    stuck: frozenset[str]
    unreached: frozenset[str]
    dead: frozenset[tuple[str, str]]  # step, and the state that it leaves
    broken: frozenset[str]  # the names of `never`

    @property
    def sound(self) -> bool:
        """Whether every case can end and nothing is dead."""
        return not (self.stuck or self.unreached or self.dead)


def judged(definition: Definition, openings: Iterable[Opening] = ()) -> Verdict:
    """What clingo says of the net."""
    control = Control(["--warn=none"])
    control.add("base", [], SOUNDNESS + "\n".join(Net(definition).lines(openings)))
    control.ground([("base", [])])
    found: dict[str, set[tuple[str, ...]]] = {}
    with control.solve(yield_=True) as answers:
        for each in next(iter(answers)).symbols(shown=True):
            found.setdefault(each.name, set()).add(tuple(argument.string for argument in each.arguments))
    names = {kind: frozenset(one for one, *_ in said) for kind, said in found.items()}
    dead = frozenset((step, state) for step, state in found.get("dead", ()))
    nothing: frozenset[str] = frozenset()
    return Verdict(names.get("stuck", nothing), names.get("unreached", nothing), dead, names.get("broken", nothing))


@dataclass
class Net:
    """The places, arcs and colours of one definition: a value of a field is written as its number, 0 is none."""

    definition: Definition
    values: dict[str, tuple[Scalar, ...]] = field(init=False)
    rules: list[str] = field(default_factory=list)
    named: dict[object, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        asked = {name for each in conditions_of(self.definition) for name in fields_of(each)}
        copied = [(str(each.value), each.field) for each in _effects(self.definition) if each.kind == "copy"]
        while fresh := {source for source, target in copied if target in asked} - asked:
            asked |= fresh
        self.values = {name: self._values(self.definition.fields[name]) for name in sorted(asked)}

    def lines(self, openings: Iterable[Opening]) -> Iterator[str]:
        """The program, line by line."""
        definition = self.definition
        for state in definition.states.values():
            yield f'state("{state.name}").'
            if state.final:
                yield f'final("{state.name}").'
        self._beginnings(openings)
        for state in definition.states.values():
            edited = {name for names in state.edit.values() for name in names}
            if edited:
                for together in self._tied(edited):  # the rest can be written after it
                    self._move("edit", state.name, state.name, together, set(), [])
        for step in definition.transitions.values():
            for source in step.sources:
                if step.roles.get(source):
                    yield f'arc("{step.name}", "{source}").'
                    # What nobody types, another case may bring that moves this one.
                    self._step(step, source, {*step.required, *step.optional})
        for never in definition.never:
            for here in never.states:
                body = f'at("{here}", {self._colour("N")}), {self._holds(never.when, True, "N")}'
                self.rules.append(f'broken("{never.name}") :- {body}.')
        for name, values in self.values.items():
            yield f"{_is(name)}(0..{len(values) - 1})."
        most = max(map(len, self.values.values()), default=1)
        yield f"lapses(0, V, V, 0) :- V = 0..{most}."
        yield f"lapses(1..{len(definition.fields)}, 1..{most}, 0, 1). lapses(1..{len(definition.fields)}, 0, 0, 0)."
        yield from self.rules

    # How a case begins, and what moves it.

    def _beginnings(self, openings: Iterable[Opening]) -> None:
        definition = self.definition
        edit = definition.states[definition.initial].edit
        if edit:
            written = {name for names in edit.values() for name in names}
            self._begun(definition.initial, written, {"title"} & written, {})
        for opening in openings:
            known: dict[str, Scalar] = {each.field: each.value for each in opening.sets if each.kind == "literal"}
            rest = {each.field for each in opening.sets} - known.keys()
            self._begun(definition.initial, {*rest, "title"} - known.keys(), {"title"}, known)
        if intake := definition.intake:
            self._begun(intake.state, {*intake.columns} - {*intake.sets}, {*intake.required, "title"}, intake.sets)

    def _begun(self, state: StateName, written: set[str], required: set[str], known: Mapping[str, Scalar]) -> None:
        body = []
        for name in self.values:
            if name in known:
                body.append(f"{_var('N', name)} = {self._number(name, known[name])}")
            elif name in written:
                body.append(_one_of(_var("N", name), self._typable(name, name in required)))
            else:
                body.append(f"{_var('N', name)} = 0")
        self.rules.append(_rule(f'begun("{state}", {self._colour("N")})', body))

    def _step(self, step: Transition, source: StateName, typed: set[str]) -> None:
        definition = self.definition
        asked = [definition.guards[name].when for name in guards_of(definition, step)]
        body = [self._holds(each, True, "N") for each in (step.when, *asked) if each]
        blocked = [definition.guards[name].when for name in step.when_blocked]
        certain = [each for each in blocked if each]
        if blocked and len(certain) == len(blocked):  # a named check may always be unmet
            body.append(self._holds(AllOf(tuple(certain)), False, "N"))
        for each in step.sets:
            if each.field in self.values:
                relation, reads = self._writes(each)
                body.append(_atom(relation, [*(_var("N", name) for name in reads), _var("E", each.field)]))
        drawn = {step.number.field} & self.values.keys() if step.number else set()
        body += [_one_of(_var("E", name), self._filled(name)) for name in drawn]
        changed = {*drawn, *(each.field for each in step.sets)}
        self._move(step.name, source, step.target, typed, {*step.required}, body, changed)

    def _move(
        self,
        name: str,
        source: StateName,
        target: StateName,
        typed: set[str],
        required: set[str],
        follows: Sequence[str],
        changed: Iterable[str] = (),
    ) -> None:
        """One arc: what is typed with it, what lapses by that, what must be so then, and what the step writes by itself."""
        body = [f'at("{source}", {self._colour("O")})', *self._typing(typed, required), *follows]
        body += [f"{_var('E', each)} = {_var('N', each)}" for each in self.values if each not in changed]
        head = f'edge("{name}", "{source}", {self._colour("O")}, "{target}", {self._colour("E")})'
        self.rules.append(_rule(head, body))

    def _typing(self, typed: set[str], required: set[str]) -> Iterator[str]:
        """From the old data (O) to the new (N): T is what is written, W whether it is, C and L whether that is a change."""
        lapsing = {each.name: each.lapses_on for each in self.definition.lapsing}
        changes = {name: _var("C", name) for name in self.definition.fields if name in typed}
        for name in changes:
            if name in self.values:
                written = ", ".join(_var(letter, name) for letter in "OTWC")
                yield f"{self._typed(name, name in required)}({written})"
            else:
                yield f"{_var('C', name)} = 0..1"  # other words, or the same again
        for name in (*lapsing, *(self.values.keys() - lapsing.keys())):
            by = "+".join(changes[each] for each in lapsing.get(name, ()) if each in changes)
            if name not in self.values:
                if by and name not in typed:  # it may have been filled in
                    yield f"lapses({by}, _, _, {_var('C', name)})"
                    changes[name] = _var("C", name)
                continue
            old, now = _var("T" if name in typed else "O", name), _var("N", name)
            if not by:
                yield f"{now} = {old}"
            elif name in typed:
                lost = _var("L", name)  # what was not written, and is lost by what was, is a change, too
                yield f"lapses(({by})*(1-{_var('W', name)}), {old}, {now}, {lost})"
                changes[name] += f"+{lost}"
            else:
                yield f"lapses({by}, {old}, {now}, {_var('C', name)})"
                changes[name] = _var("C", name)

    def _tied(self, names: set[str]) -> list[set[str]]:
        """The fields that must be written in one breath, because one of them lapses with another."""
        groups = [{name} for name in sorted(names)]
        for each in self.definition.lapsing:
            near = [
                group for group in groups if group & ({each.name, *each.lapses_on} if each.name in names else set())
            ]
            groups = [group for group in groups if group not in near] + ([set().union(*near)] if near else [])
        return groups

    # Data.

    def _values(self, said: Field) -> tuple[Scalar, ...]:
        """None, and enough values for every difference that a condition can make, the same for all fields of a type."""
        alike = {each.name for each in self.definition.fields.values() if each.type == said.type}
        effects = [each for each in _effects(self.definition) if each.field in alike]
        leaves = [leaf for each in conditions_of(self.definition) for leaf in _leaves(each) if leaf.field in alike]
        named = {value for leaf in leaves if isinstance(leaf, OneOf) for value in leaf.values}
        named |= {each.value for each in effects if each.kind == "literal"}
        named.discard(None)
        match said.type:
            case FieldType.BOOL:
                return (None, False, True)
            case FieldType.ENUM:
                return (None, *said.choices)
            case FieldType.DATE:
                days = {leaf.day for leaf in leaves if isinstance(leaf, Before | OnOrAfter)}
                around = {date.fromisoformat(day) for day in (*days, *map(str, named))} or {SOME_DAY}
                return (None, *sorted({(day + n * ONE_DAY).isoformat() for day in around for n in (-1, 0, 1)}))
            case FieldType.INTEGER:
                edges = {leaf.least for leaf in leaves if isinstance(leaf, AtLeast)} | {
                    int(str(each)) for each in named
                }
                edges |= {0, *(self.definition.fields[name].min or 0 for name in alike)}
                numbers = {edge + n for edge in edges for n in (-1, 0, 1)}
                if any(each.kind == "add" for each in effects):  # then all between; the last stands for all above
                    numbers |= {*range(min(numbers), max(numbers))}
                return (None, *sorted(numbers))
            case _:
                return (None, *sorted(map(str, named)), OTHERS[said.type])

    def _typable(self, name: str, required: bool) -> Iterator[int]:
        """What somebody may write: nothing too, unless it must be filled in."""
        said = self.definition.fields[name]
        for number, value in enumerate(self.values[name]):
            if value is None:
                if not required and name != "title":
                    yield number
            elif value == OTHERS.get(said.type) or not fault_of(said, value):
                yield number

    def _filled(self, name: str) -> range:
        return range(1, len(self.values[name]))

    def _number(self, name: str, value: Scalar) -> int:
        if value is None or value == "":
            return 0
        for number, each in enumerate(self.values[name]):
            if each == value and type(each) is type(value):
                return number
        return self.values[name].index(OTHERS[self.definition.fields[name].type])

    def _typed(self, name: str, required: bool) -> str:
        """The relation of old value, new value, whether it was written, and whether that was a change."""
        relation, fresh = self._name(("typed", name, required), "t")
        if fresh:
            typable = [*self._typable(name, required)]
            for old in range(len(self.values[name])):
                for new in typable:
                    changes = (1,) if old != new else (0, 1) if self._may_differ(name, new) else (0,)
                    self.rules += (f"{relation}({old}, {new}, 1, {change})." for change in changes)
                if not required:
                    self.rules.append(f"{relation}({old}, {old}, 0, 0).")
        return relation

    def _may_differ(self, name: str, number: int) -> bool:
        """Whether two fields with this value may hold different things: it stands for all that no condition names."""
        value = self.values[name][number]
        if value is None or self.definition.fields[name].type in (FieldType.BOOL, FieldType.ENUM):
            return False
        leaves = (leaf for each in conditions_of(self.definition) for leaf in _leaves(each))
        return not any(isinstance(leaf, OneOf) and value in leaf.values for leaf in leaves)

    def _writes(self, said: Assignment) -> tuple[str, list[str]]:
        """The relation of what an effect reads to what it writes."""
        reads = [name for name in self.values if name in _reads(said)]
        relation, fresh = self._name(("writes", said), "w")
        if fresh:
            head = _atom(relation, [*(_var("N", name) for name in reads), "E"])
            known = [f"{_is(name)}({_var('N', name)})" for name in reads]
            for body, numbers in self._written(said, []):
                self.rules.append(_rule(head, [*known, *body, _one_of("E", numbers)]))
        return relation, reads

    def _written(self, said: Assignment, body: list[str]) -> Iterator[tuple[list[str], Iterable[int]]]:
        size, source = len(self.values[said.field]), str(said.value)
        match said.kind:
            case "literal":
                yield body, [self._number(said.field, said.value)]
            case "today" | "actor" | "due":
                yield body, self._filled(said.field)
            case "copy" if source in self.values:
                for number, value in enumerate(self.values[source]):
                    yield [*body, f"{_var('N', source)} = {number}"], [self._number(said.field, value)]
            case "add":
                values = self.values[said.field]
                for number, value in enumerate(values):
                    total = min(int(value or 0) + int(said.value or 0), int(values[-1] or 0))
                    yield [*body, f"{_var('N', said.field)} = {number}"], [self._number(said.field, total)]
            case "choose":
                for when, then in said.choices:
                    yield from self._written(then, [*body, self._holds(when, True, "N")] if when else body)
                    if when is None:
                        return
                    body = [*body, self._holds(when, False, "N")]
                yield body, [0]
            case _:
                yield body, range(size)

    # Conditions: each may hold, and may fail; of two fields that are to be the same it is not known.

    def _holds(self, said: Condition, wanted: bool, letter: str) -> str:
        names = [name for name in self.values if name in {*fields_of(said)}]
        relation, fresh = self._name((said, wanted), "c")
        if fresh:
            head = _atom(relation, (_var("N", name) for name in names))
            known = [f"{_is(name)}({_var('N', name)})" for name in names]
            match said:
                case Not(of):
                    self.rules.append(_rule(head, [*known, self._holds(of, not wanted, "N")]))
                case AllOf(parts) | AnyOf(parts) if isinstance(said, AllOf) == wanted:
                    self.rules.append(_rule(head, [*known, *(self._holds(each, wanted, "N") for each in parts)]))
                case AllOf(parts) | AnyOf(parts):
                    self.rules += (_rule(head, [*known, self._holds(each, wanted, "N")]) for each in parts)
                case SameAs():
                    filled = [f"{_var('N', name)} > 0" for name in names] if wanted else []
                    self.rules.append(_rule(head, [*known, *filled]))
                case _:
                    values = enumerate(self.values[said.field])
                    numbers = [number for number, each in values if said.holds({said.field: each}) == wanted]
                    self.rules += (f"{relation}({number})." for number in numbers)
        return _atom(relation, (_var(letter, name) for name in names))

    # Names.

    def _name(self, of: object, letter: str) -> tuple[str, bool]:
        """The name of a relation, and whether it is a new one that wants its rules."""
        fresh = of not in self.named
        return self.named.setdefault(of, f"{letter}{len(self.named)}"), fresh

    def _colour(self, letter: str) -> str:
        return f"({''.join(_var(letter, name) + ',' for name in self.values)})" if self.values else "()"


def _var(letter: str, name: str) -> str:
    return f"{letter}_{name}"


def _is(name: str) -> str:
    return f"is_{name}"


def _one_of(variable: str, numbers: Iterable[int]) -> str:
    return f"{variable} = ({';'.join(map(str, numbers))})"


def _atom(name: str, arguments: Iterable[str]) -> str:
    said = ", ".join(arguments)
    return f"{name}({said})" if said else name


def _rule(head: str, body: Iterable[str]) -> str:
    said = ", ".join(body)
    return f"{head} :- {said}." if said else f"{head}."


def conditions_of(definition: Definition) -> Iterator[Condition]:
    """All by which a case may go one way or another."""
    for step in definition.transitions.values():
        guards = (*guards_of(definition, step), *step.when_blocked)
        said = [step.when, *(definition.guards[name].when for name in guards)]
        said += [when for each in step.sets for when in _chosen_by(each)]
        yield from (each for each in said if each)
    yield from (each.when for each in definition.never)


def _effects(definition: Definition) -> Iterator[Assignment]:
    for step in definition.transitions.values():
        yield from _within(step.sets)


def _within(sets: Iterable[Assignment]) -> Iterator[Assignment]:
    """The effects, and those among which one of them chooses."""
    for each in sets:
        yield each
        yield from _within(then for _, then in each.choices)


def _chosen_by(said: Assignment) -> Iterator[Condition]:
    yield from (when for each in _within([said]) for when, _ in each.choices if when)


def _reads(said: Assignment) -> set[str]:
    inner = [*_within([said])]
    found = {name for when in _chosen_by(said) for name in fields_of(when)}
    return (
        found | {str(each.value) for each in inner if each.kind == "copy"} | {e.field for e in inner if e.kind == "add"}
    )


def _leaves(of: Condition) -> Iterator[Leaf]:
    match of:
        case Not(inner):
            yield from _leaves(inner)
        case AllOf(parts) | AnyOf(parts):
            for each in parts:
                yield from _leaves(each)
        case _:
            yield of
