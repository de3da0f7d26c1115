"""Where a new version asks less than the old one (放宽): a guard, a clock, an escalation, a right. Every loss is named with its law.

Two conditions are compared by all the data that either can tell apart, so that a guard under another name, or said in another
way, is no loss; where that would be too much, the doubt is told as a loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from workflow.act import Demand
from workflow.case import START, Data, Scalar
from workflow.clock import in_words
from workflow.conditions import AllOf, AnyOf, AtLeast, Before, Condition, Not, OneOf, OnOrAfter, SameAs, fields_of
from workflow.model import DeadlineRule, Definition, Field, FieldType, Guard, Limit, Step, Transition, Unit
from workflow.text import Text, listed

#: So many combinations of values are tried; beyond, two conditions count as not comparable.
MOST_COMBINATIONS = 20_000

#: The same for all conditions of two versions together, in parts of conditions that are looked at: a second at most (measured).
MOST_TRIALS = 1_000_000

#: A field of so few values is tried with all of them.
_FEW = 8


@dataclass(frozen=True, slots=True)
class Weaker:
    """One thing that the new version no longer asks, or asks less of."""

    part: str  # guard | role | edit | field | clock | never
    name: str
    text: Text
    basis: str | None = None

    def to_json(self) -> dict[str, object]:
        """The loss as the JSON surface shows it."""
        return {"part": self.part, "name": self.name, **self.text.to_json(), "basis": self.basis}


def weaker(old: Definition, new: Definition) -> Iterator[Weaker]:
    """Everything that the new version no longer asks, in the order of a definition."""
    trials = Trials()
    yield from _fields(old, new)
    yield from _roles(old, new)
    yield from _edits(old, new)
    for name, step in old.transitions.items():
        there = new.transitions.get(name)
        if there:
            yield from _step(old, new, step, there, trials)
    for name, step in new.transitions.items():
        if name not in old.transitions:
            yield from _new_step(new, step)
    yield from _clocks(old, new, trials)
    yield from _nevers(old, new, trials)


# Conditions.


@dataclass(slots=True)
class Trials:
    """How much may still be tried between two versions: thousands of guards that are held against each other end, too."""

    left: int = MOST_TRIALS

    def take(self, count: int) -> None:
        """Raise TooMany when there are no more."""
        if count > self.left:
            raise TooMany
        self.left -= count


def widened(old: Condition, new: Condition, fields: Mapping[str, Field], trials: Trials | None = None) -> Data | None:
    """Data that the new condition lets through and the old one did not; None when there is none.

    Raises TooMany where they cannot be compared.
    """
    if old == new:
        return None
    names = list(dict.fromkeys((*fields_of(old), *fields_of(new))))
    trials = trials or Trials()
    asked = sum(1 for said in (old, new) for _ in _parts(said))
    trials.take(asked * (len(names) + 1))
    values = [_kinds(name, (old, new), fields.get(name), trials) for name in names]
    if prod(map(len, values)) > MOST_COMBINATIONS:
        raise TooMany
    for chosen in product(*values):
        trials.take(asked + len(names))
        data = {name: value for name, value in zip(names, chosen, strict=True) if value is not None}
        if new.holds(data) and not old.holds(data):
            return data
    return None


class TooMany(Exception):
    """Two conditions look at more than can be tried."""


def _kinds(name: str, conditions: tuple[Condition, Condition], field: Field | None, trials: Trials) -> list[Scalar]:
    """The values of a field that these conditions tell apart, one for each kind: of a catalogue of five hundred mostly three."""
    values = _telling(name, conditions, field)
    parts = [part for said in conditions for part in _parts(said)]
    leaves = [part for part in parts if not isinstance(part, Not | AllOf | AnyOf) and name in fields_of(part)]
    if len(values) <= _FEW or any(isinstance(leaf, SameAs) for leaf in leaves):
        return values
    trials.take(len(values) * len(leaves))
    found: dict[tuple[bool, ...], Scalar] = {}
    for value in values:
        data = {} if value is None else {name: value}
        found.setdefault(tuple(leaf.holds(data) for leaf in leaves), value)
    return [*found.values()]


def _telling(name: str, conditions: Iterable[Condition], field: Field | None) -> list[Scalar]:
    """The values of a field that these conditions can tell apart, one of each kind."""
    found: dict[tuple[type, Scalar], None] = {(type(None), None): None}

    def add(value: Scalar) -> None:
        found[type(value), value] = None

    for each in (part for said in conditions for part in _parts(said)):
        match each:
            case OneOf(of, among) if of == name:
                for value in among:
                    add(value)
            case AtLeast(of, least) if of == name:
                add(least)
                add(least - 1)
            case Before(of, day) | OnOrAfter(of, day) if of == name:
                add(day)
                add("0001-01-01")
            case SameAs(one, other) if name in (one, other):
                add("1")
                add("2")
    if field and field.type is FieldType.ENUM:
        for value in field.choices:
            add(value)
    elif field and field.type is FieldType.BOOL:
        add(True)
        add(False)
    elif field and field.type is FieldType.INTEGER:
        add(0)
    else:
        add("9999-12-31" if field and field.type is FieldType.DATE else "…")
    return [value for _, value in found]


def _parts(of: Condition) -> Iterator[Condition]:
    yield of
    match of:
        case Not(inner):
            yield from _parts(inner)
        case AllOf(inners) | AnyOf(inners):
            for each in inners:
                yield from _parts(each)


def _any_wider(old: Condition | None, new: Condition | None, fields: Mapping[str, Field], trials: Trials) -> bool:
    """Whether the new condition lets more through; no condition lets everything through."""
    if old is None:
        return False
    try:
        return widened(old, new or AllOf(()), fields, trials) is not None
    except TooMany:
        return True


# Steps and their guards.


def _step(old: Definition, new: Definition, before: Transition, after: Transition, trials: Trials) -> Iterator[Weaker]:
    name, label = before.name, after.label
    fields = {**old.fields, **new.fields}
    now = [new.guards[each] for each in _guards(new, after)]
    for guard in (old.guards[each] for each in _guards(old, before)):
        same_first = sorted(now, key=lambda each: each.when != guard.when)
        if not any(_asks_as_much(guard, each, new, trials) for each in same_first) and not _together(
            guard, now, fields, trials
        ):
            said = _ONLY_WARNS if guard.name in after.warns else _GUARD_GONE
            yield Weaker("guard", name, said.filled(step=label, guard=guard.text, name=guard.name), guard.basis)
    for state in after.sources:
        known = state in old.states
        roles = before.roles.get(state, ()) if known else ()
        added = [each for each in after.roles.get(state, ()) if each not in roles]
        if known and state not in before.sources:
            facts = {"step": label, "state": new.states[state].label}
            yield Weaker("guard", name, _FROM_ELSEWHERE.filled(**facts), after.basis)
        elif known and added:
            yield Weaker(
                "role",
                name,
                _MORE_ROLES.filled(step=label, state=new.states[state].label, roles=_roles_said(new, added)),
            )
    if _any_wider(before.when, after.when, fields, trials):
        yield Weaker("guard", name, _FOR_MORE.filled(step=label), before.basis)
    if before.comment is Demand.REQUIRED and after.comment is not Demand.REQUIRED:
        yield Weaker("guard", name, _NO_COMMENT.filled(step=label), before.basis)
    for field in before.required:
        if field not in after.required and field in new.fields:
            yield Weaker("guard", name, _NOT_REQUIRED.filled(step=label, field=new.fields[field].label), before.basis)
    cleared = {each.field for each in before.sets if each.kind == "literal" and each.value is None}
    still = {each.field for each in after.sets}
    for field in sorted(cleared - still):
        if field in new.fields:
            yield Weaker("guard", name, _NOT_CLEARED.filled(step=label, field=new.fields[field].label), before.basis)


def _new_step(new: Definition, step: Transition) -> Iterator[Weaker]:
    """A new way out of a procedure is named where no guard stands before it."""
    if new.states[step.target].final and not _guards(new, step):
        yield Weaker(
            "guard", step.name, _NEW_END.filled(step=step.label, state=new.states[step.target].label), step.basis
        )


def _guards(definition: Definition, step: Transition) -> tuple[str, ...]:
    letter = definition.letters.get(step.letter) if step.letter else None
    return tuple(dict.fromkeys((*step.guards, *(letter.parts if letter else ()))))


def _asks_as_much(old: Guard, new: Guard, definition: Definition, trials: Trials) -> bool:
    """Whether the guard of the new version stops whatever the old one stopped."""
    if old.when and new.when:
        return not _any_wider(old.when, new.when, definition.fields, trials)
    if old.needs or new.needs:
        return old.needs == new.needs
    if old.check is None or old.check != new.check:
        return False
    # A check of more names asks more: more steps to keep apart, more days in order. What is gone cannot be asked for.
    return all(
        {each for each in _names(said) if _is_known(each, definition)} <= set(_names(new.params.get(key, ())))
        for key, said in old.params.items()
    )


def _names(said: object) -> tuple[str, ...]:
    return tuple(map(str, said)) if isinstance(said, list | tuple) else (str(said),)


def _is_known(name: str, definition: Definition) -> bool:
    _, dot, state = name.partition(".")
    if dot:
        return state in definition.states
    return name == START or any(
        name in each for each in (definition.transitions, definition.fields, definition.deadlines)
    )


def _together(old: Guard, new: Iterable[Guard], fields: Mapping[str, Field], trials: Trials) -> bool:
    """Whether several guards of the new version, which look at nothing else, ask together what the old one asked."""
    if old.when is None:
        return False
    mine = set(fields_of(old.when))
    parts = tuple(each.when for each in new if each.when and mine.issuperset(fields_of(each.when)))
    return bool(parts) and not _any_wider(old.when, AllOf(parts), fields, trials)


# Roles, rights and fields.


def _fields(old: Definition, new: Definition) -> Iterator[Weaker]:
    for name, before in old.fields.items():
        after = new.fields.get(name)
        if after is None:
            continue
        lost = [each for each in before.lapses_on if each not in after.lapses_on and each in new.fields]
        if lost:
            changed = listed([new.fields[each].label for each in lost])
            yield Weaker("field", name, _LAPSES_LESS.filled(field=after.label, changed=changed))
        if before.personal and not after.personal:
            yield Weaker("field", name, _NOT_PERSONAL.filled(field=after.label))
        seen = [each for each in after.seen_by if each not in before.seen_by]
        if after.personal and seen:
            yield Weaker("field", name, _SEEN_BY.filled(field=after.label, roles=_roles_said(new, seen)))


def _roles(old: Definition, new: Definition) -> Iterator[Weaker]:
    for name, role in new.roles.items():
        before = old.roles.get(name)
        if before and before.scope == "section" and role.scope == "bureau":
            yield Weaker("role", name, _WIDER_SCOPE.filled(role=role.label))


def _edits(old: Definition, new: Definition) -> Iterator[Weaker]:
    for name, state in new.states.items():
        before = old.states.get(name)
        for role, fields in state.edit.items() if before else ():
            mine = before.edit.get(role, frozenset()) if before else frozenset()
            more = [new.fields[each].label for each in new.fields if each in fields - mine and each in old.fields]
            if more:
                facts = {"role": new.roles[role].label, "state": state.label, "fields": listed(more)}
                yield Weaker("edit", name, _MAY_WRITE.filled(**facts))


# Clocks.


def _clocks(old: Definition, new: Definition, trials: Trials) -> Iterator[Weaker]:
    for name, before in old.deadlines.items():
        after = new.deadlines.get(name)
        if after is None:
            yield Weaker("clock", name, _CLOCK_GONE.filled(clock=before.label), before.basis)
            continue
        for text in _slower(old, new, before, after, trials):
            yield Weaker("clock", name, text, before.basis)


def _slower(
    old: Definition, new: Definition, before: DeadlineRule, after: DeadlineRule, trials: Trials
) -> Iterator[Text]:
    clock = after.label
    if _longer(before.limit, after.limit) != before.backward and before.limit != after.limit:
        yield _LONGER.filled(clock=clock, before=in_words(before.limit), after=in_words(after.limit))
    laws = {each.basis: each for each in after.regimes}
    for law in before.regimes:
        there = laws.get(law.basis)
        if there is None:
            yield _LAW_GONE.filled(clock=clock, basis=law.basis)
        elif _longer(law.limit, there.limit):
            yield _LONGER.filled(clock=clock, before=in_words(law.limit), after=in_words(there.limit))
    gone = [old.states[each].label for each in before.runs_in if each not in after.runs_in and each in new.states]
    if gone:
        yield _RUNS_LESS.filled(clock=clock, states=listed(gone))
    still = [new.states[each].label for each in after.pauses_in if each not in before.pauses_in]
    if still:
        yield _STANDS_STILL.filled(clock=clock, states=listed(still))
    if after.extend and (before.extend is None or _longer(before.extend.by, after.extend.by)):
        yield _EXTENDED.filled(clock=clock, by=in_words(after.extend.by))
    if after.since and (before.since is None or after.since > before.since):
        yield _SINCE.filled(clock=clock, since=after.since)
    if _any_wider(after.applies, before.applies, {**old.fields, **new.fields}, trials):
        yield _APPLIES_LESS.filled(clock=clock)
    if before.anchor != after.anchor:
        yield _OTHER_ANCHOR.filled(clock=clock)
    yield from _quieter(before, after)


def _quieter(before: DeadlineRule, after: DeadlineRule) -> Iterator[Text]:
    """The steps of a clock that are gone, come later, or tell fewer people."""
    for kind, gone, later, fewer in (
        ("remind", _REMINDS_LESS, _REMINDS_LATER, _REMINDS_FEWER),
        ("escalate", _ESCALATES_LESS, _ESCALATES_LATER, _ESCALATES_FEWER),
        ("expire", _EXPIRES_NOT, _EXPIRES_NOT, _EXPIRES_NOT),
    ):
        olds, news = _of_kind(before, kind), _of_kind(after, kind)
        if len(news) < len(olds):
            yield gone.filled(clock=after.label)
            continue
        for one, other in zip(olds, news, strict=False):
            is_later = _longer(one.offset, other.offset) if kind == "escalate" else _longer(other.offset, one.offset)
            if one.offset != other.offset and is_later:
                yield later.filled(clock=after.label, before=in_words(one.offset), after=in_words(other.offset))
            if not set(one.tell) <= set(other.tell):
                yield fewer.filled(clock=after.label)
            if one.reassign and one.reassign != other.reassign:
                yield _NOT_HANDED_OVER.filled(clock=after.label)


def _of_kind(rule: DeadlineRule, kind: str) -> list[Step]:
    return [each for each in rule.steps if each.kind == kind]


#: How many days a unit stands for at least, to compare limits of two units.
_DAYS = {"hours": 1 / 24, "calendar days": 1.0, "working days": 1.4, "months": 30.0}


def _longer(old: Limit, new: Limit) -> bool:
    return _days(new) > _days(old)


def _days(limit: Limit) -> float:
    if limit.unit.is_yearly:
        return 365 * (limit.unit is Unit.NEXT_YEAR) + limit.count // 100 * 31 + limit.count % 100
    return limit.count * _DAYS[limit.unit]


# What must never be.


def _nevers(old: Definition, new: Definition, trials: Trials) -> Iterator[Weaker]:
    fields = {**old.fields, **new.fields}
    for before in old.never:
        for state in (each for each in before.states if each in new.states):
            there = [each.when for each in new.never if state in each.states]
            # Forbidden before and allowed now: what escapes all that the new version forbids here.
            close = [each for each in there if set(fields_of(each)) <= set(fields_of(before.when))] or there
            if before.when not in there and _any_wider(Not(before.when), Not(AnyOf(tuple(close))), fields, trials):
                facts = {"state": new.states[state].label, "never": before.text}
                yield Weaker("never", before.name, _ALLOWED.filled(**facts))


def _roles_said(definition: Definition, roles: Iterable[str]) -> Text:
    return listed([definition.roles[each].label for each in definition.roles if each in set(roles)])


_GUARD_GONE = Text("“{step}”不再要求：{guard}（{name}）", "“{step}” no longer asks for this: {guard} ({name})")
_ONLY_WARNS = Text("“{step}”对此只提醒、不再阻止：{guard}（{name}）", "“{step}” only warns of this: {guard} ({name})")
_FROM_ELSEWHERE = Text("“{step}”现在也可从“{state}”办理", "“{step}” may now be taken from “{state}”, too")
_MORE_ROLES = Text("在“{state}”，{roles}也可办理“{step}”", "in “{state}”, “{step}” is now open to {roles}, too")
_FOR_MORE = Text("“{step}”适用于更多的事项", "“{step}” is open for more cases than before")
_NO_COMMENT = Text("“{step}”不再须填意见", "“{step}” no longer needs a comment")
_NOT_REQUIRED = Text("“{step}”不再须填“{field}”", "“{step}” no longer needs “{field}”")
_NOT_CLEARED = Text("“{step}”不再清除“{field}”", "“{step}” no longer clears “{field}”")
_NEW_END = Text(
    "新步骤“{step}”可直接办结（{state}），没有任何要求",
    "the new step “{step}” ends a case ({state}) and asks for nothing",
)
_LAPSES_LESS = Text("{changed}改动后，“{field}”不再失效", "“{field}” no longer lapses when this changes: {changed}")
_NOT_PERSONAL = Text("“{field}”不再作为个人信息遮蔽", "“{field}” is no longer masked as personal data")
_SEEN_BY = Text("{roles}可以查看个人信息“{field}”", "the personal data “{field}” may now be seen by {roles}")
_WIDER_SCOPE = Text("“{role}”由科室扩大到全局", "“{role}” is now for the whole bureau, not one section")
_MAY_WRITE = Text("在“{state}”，{role}现在可以修改{fields}", "in “{state}”, {role} may now write {fields}")
_CLOCK_GONE = Text("不再有时限“{clock}”", "the clock “{clock}” is gone")
_LONGER = Text("时限“{clock}”由{before}放宽为{after}", "the limit of “{clock}” goes from {before} to {after}")
_LAW_GONE = Text("时限“{clock}”不再分别适用：{basis}", "“{clock}” no longer knows this version of the law: {basis}")
_RUNS_LESS = Text("时限“{clock}”在这些环节不再计：{states}", "“{clock}” no longer runs in: {states}")
_STANDS_STILL = Text("时限“{clock}”在这些环节暂停：{states}", "“{clock}” now stands still in: {states}")
_EXTENDED = Text("时限“{clock}”可以延长{by}", "“{clock}” may be extended by {by}")
_SINCE = Text("时限“{clock}”自 {since} 起才计", "“{clock}” counts only since {since}")
_APPLIES_LESS = Text("时限“{clock}”适用的事项减少", "“{clock}” is for fewer cases")
_OTHER_ANCHOR = Text("时限“{clock}”的起算改变，请核对", "“{clock}” counts from something else: check it")
_REMINDS_LESS = Text("时限“{clock}”的提醒减少", "“{clock}” reminds less often")
_REMINDS_LATER = Text(
    "时限“{clock}”的提醒由期满前{before}改为期满前{after}", "“{clock}” reminds {after} before its end, not {before}"
)
_REMINDS_FEWER = Text(
    "时限“{clock}”的提醒不再发给原来的人", "a reminder of “{clock}” no longer reaches all that it reached"
)
_ESCALATES_LESS = Text("时限“{clock}”的逾期上报减少", "“{clock}” escalates less often")
_ESCALATES_LATER = Text(
    "时限“{clock}”的逾期上报由逾期{before}推迟到{after}", "“{clock}” escalates {after} after its end, not {before}"
)
_ESCALATES_FEWER = Text(
    "时限“{clock}”的逾期上报不再发给原来的人", "an escalation of “{clock}” no longer reaches all that it reached"
)
_EXPIRES_NOT = Text("时限“{clock}”期满不再自动办理", "nothing happens by itself any more when “{clock}” runs out")
_NOT_HANDED_OVER = Text(
    "时限“{clock}”逾期后不再移交给原定的人", "an escalation of “{clock}” no longer hands the case over as it did"
)
_ALLOWED = Text("在“{state}”不再禁止：{never}", "in “{state}” this is no longer forbidden: {never}")
