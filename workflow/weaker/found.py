"""Where a new version asks less than the old one (放宽): a guard, a clock, an escalation, a right. Every loss is named with its law.

Two conditions are compared by all the data that either can tell apart, so that a guard under another name, or said in another
way, is no loss; where that would be too much, the doubt is told as a loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from workflow.act import Demand
from workflow.case import START, StateName
from workflow.conditions import AllOf, AnyOf, Not, fields_of
from workflow.model import ANY_VALUE, Definition, Field, Guard, NeverWithout, Passage, Transition
from workflow.text import Text, listed
from workflow.weaker.clocks import slower
from workflow.weaker.steps import no_longer_done
from workflow.weaker.wider import Trials, any_wider
from workflow.words import step_label


@dataclass(frozen=True, slots=True)
class Weaker:
    """One thing that the new version no longer asks, or asks less of."""

    part: str  # guard | step | role | edit | field | state | clock | never | passes
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
    if old.initial != new.initial and {old.initial, new.initial} <= old.states.keys() & new.states.keys():
        facts = {"state": new.states[new.initial].label, "before": old.states[old.initial].label}
        yield Weaker("state", new.initial, _BEGINS_ELSEWHERE.filled(**facts))
    for name, step in old.transitions.items():
        there = new.transitions.get(name)
        if there:
            yield from _step(old, new, step, there, trials)
    for name, step in new.transitions.items():
        if name not in old.transitions:
            yield from _new_step(old, new, step, trials)
    yield from _clocks(old, new, trials)
    yield from _nevers(old, new, trials)
    yield from _nevers_without(old, new, trials)
    yield from _passages(old, new, trials)


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
    if after.target != before.target and {before.target, after.target} <= old.states.keys() & new.states.keys():
        facts = {"step": label, "state": new.states[after.target].label, "before": old.states[before.target].label}
        yield Weaker("guard", name, _LEADS_ELSEWHERE.filled(**facts), before.basis)
    if any_wider(before.when, after.when, fields, trials):
        yield Weaker("guard", name, _FOR_MORE.filled(step=label), before.basis)
    if before.comment is Demand.REQUIRED and after.comment is not Demand.REQUIRED:
        yield Weaker("guard", name, _NO_COMMENT.filled(step=label), before.basis)
    for field in before.required:
        if field not in after.required and field in new.fields:
            yield Weaker("guard", name, _NOT_REQUIRED.filled(step=label, field=new.fields[field].label), before.basis)
    cleared = {each.field for each in before.sets if each.kind == "literal" and each.value is None}
    still = {each.field for each in after.sets if each.kind == "literal" and each.value is None}
    for field in sorted(cleared - still):
        if field in new.fields:
            yield Weaker("guard", name, _NOT_CLEARED.filled(step=label, field=new.fields[field].label), before.basis)
    for guard in (old.guards[each] for each in before.when_blocked):
        if not any(_asks_as_much(new.guards[each], guard, old, trials) for each in after.when_blocked):
            yield Weaker("guard", name, _NOT_ONLY_WHILE.filled(step=label, guard=guard.text), before.basis)
    yield from (Weaker("step", name, each, before.basis) for each in no_longer_done(old, new, before, after, trials))


def _new_step(old: Definition, new: Definition, step: Transition, trials: Trials) -> Iterator[Weaker]:
    """A new way out of a procedure is named where no guard stands before it, and one that passes by what the old ways asked."""
    state = new.states[step.target]
    if state.final and not _guards(new, step):
        yield Weaker("guard", step.name, _NEW_END.filled(step=step.label, state=state.label), step.basis)
        return
    for source in (each for each in step.sources if each in old.states and step.target in old.states):
        ways = [each for each in old.leaving[source] if each.target == step.target]
        if ways and any(_is_as_narrow(old, new, each, step, source, trials) for each in ways):
            continue
        if ways or _leads(old, source, step.target):
            facts = {"step": step.label, "source": new.states[source].label, "state": state.label}
            yield Weaker("guard", step.name, _PASSES_BY.filled(**facts), step.basis)


def _is_as_narrow(
    old: Definition, new: Definition, before: Transition, after: Transition, state: StateName, trials: Trials
) -> bool:
    """Whether the new step from that state asks all that the old one asked, of the same roles."""
    now = [new.guards[each] for each in _guards(new, after)]
    asks = all(any(_asks_as_much(old.guards[name], each, new, trials) for each in now) for name in _guards(old, before))
    fields = {**old.fields, **new.fields}
    roles = {*after.roles.get(state, ())} <= {*before.roles.get(state, ())}
    return asks and roles and not any_wider(before.when, after.when, fields, trials)


def _leads(definition: Definition, start: StateName, end: StateName) -> bool:
    """Whether steps led from one state on to the other: going back, which none did, is no way round."""
    found, waiting = {start}, [start]
    while waiting:
        fresh = {each.target for each in definition.leaving[waiting.pop()]} - found
        found |= fresh
        waiting += fresh
    return end in found and end != start


def _guards(definition: Definition, step: Transition) -> tuple[str, ...]:
    letter = definition.letters.get(step.letter) if step.letter else None
    return tuple(dict.fromkeys((*step.guards, *(letter.parts if letter else ()))))


def _asks_as_much(old: Guard, new: Guard, definition: Definition, trials: Trials) -> bool:
    """Whether the guard of the new version stops whatever the old one stopped."""
    if old.when and new.when:
        return not any_wider(old.when, new.when, definition.fields, trials)
    if old.needs or new.needs:
        return old.needs == new.needs
    if old.check is None or old.check != new.check:
        return False
    if old.check == "in_order":
        kept = [each for each in _names(old.params["dates"]) if "." in each or _is_known(each, definition)]
        there = iter(_names(new.params["dates"]))
        return all(each in there for each in kept)  # each after the one before it
    # A check of more names asks more: more steps to keep apart. What is gone cannot be asked for.
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
    return bool(parts) and not any_wider(old.when, AllOf(parts), fields, trials)


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
        shorter = before.min is not None and (after.min is None or after.min < before.min)
        if shorter or (before.pattern and after.pattern != before.pattern):
            yield Weaker("field", name, _TAKES_MORE.filled(field=after.label))
        if before.own and not after.own:
            yield Weaker("field", name, _NOT_OWN.filled(field=after.label))
        if before.named_in and after.named_in != before.named_in:
            yield Weaker("field", name, _NOT_NAMED_BACK.filled(field=after.label))
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
        texts = slower(old, new, before, after, trials) if after else (_CLOCK_GONE.filled(clock=before.label),)
        yield from (Weaker("clock", name, text, before.basis) for text in texts)


# What must never be, and what must have been.


def _nevers(old: Definition, new: Definition, trials: Trials) -> Iterator[Weaker]:
    fields = {**old.fields, **new.fields}
    for before in old.never:
        for state in (each for each in before.states if each in new.states):
            there = [each.when for each in new.never if state in each.states]
            # Forbidden before and allowed now: what escapes all that the new version forbids here.
            close = [each for each in there if set(fields_of(each)) <= set(fields_of(before.when))] or there
            if before.when not in there and any_wider(Not(before.when), Not(AnyOf(tuple(close))), fields, trials):
                facts = {"state": new.states[state].label, "never": before.text}
                yield Weaker("never", before.name, _ALLOWED.filled(**facts))


def _nevers_without(old: Definition, new: Definition, trials: Trials) -> Iterator[Weaker]:
    for before in old.never_without:
        of_it = [each for each in new.never_without if _is_of_as_many(before, each, new)]
        asking = [each for each in of_it if _asks_for_all(before, each, old, new, trials)]
        if not asking:
            gone = _NEVER_ASKS_LESS if of_it else _NEVER_GONE
            yield Weaker("never", before.name, gone.filled(never=before.text))
            continue
        excepted = min(([name for name in each.but_by if name not in before.but_by] for each in asking), key=len)
        for step in excepted:
            yield Weaker("never", before.name, _EXCEPTED.filled(step=step_label(new, step), never=before.text))


def _is_of_as_many(before: NeverWithout, after: NeverWithout, new: Definition) -> bool:
    """Whether the new one speaks of whatever the old one spoke of; of what is gone nothing can be said."""
    into, out_of = ({each for each in said if each in new.states} for said in (before.into, before.out_of))
    return (
        into == {*after.into}
        and out_of == {*after.out_of}
        and {each for each in before.opens if each in new.children} == {*after.opens}
        and after.sets.keys() == {each for each in before.sets if each in new.fields}
        and all(ANY_VALUE in said or {*before.sets[each]} <= {*said} for each, said in after.sets.items())
    )


def _asks_for_all(before: NeverWithout, after: NeverWithout, old: Definition, new: Definition, trials: Trials) -> bool:
    """Whether each guard that the old one demanded is demanded by the new one, be it under another name."""
    now = [new.guards[each] for each in after.without]
    return all(any(_asks_as_much(old.guards[name], each, new, trials) for each in now) for name in before.without)


def _passages(old: Definition, new: Definition, trials: Trials) -> Iterator[Weaker]:
    for before in old.passes:
        for state in (each for each in before.targets if each in new.states):
            there = (each for each in new.passes if state in each.targets)
            if not any(_demands_as_much(before, each, old, new, trials) for each in there):
                facts = {"state": new.states[state].label, "passage": before.text}
                yield Weaker("passes", before.name, _NOT_PASSED.filled(**facts), before.basis)


def _demands_as_much(before: Passage, after: Passage, old: Definition, new: Definition, trials: Trials) -> bool:
    """Whether whoever has gone through the one has gone through the other; of what is gone nothing can be asked."""
    return (
        set(after.through) <= set(before.through)
        and {each for each in before.since if _is_known(each, new)} <= set(after.since)
        and {each for each in before.apart_from if _is_known(each, new)} <= set(after.apart_from)
        and not any_wider(after.when, before.when, {**old.fields, **new.fields}, trials)
    )


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
_NOT_ONLY_WHILE = Text("“{step}”不再限于此时办理：{guard}", "“{step}” is no longer only for this: {guard}")
_BEGINS_ELSEWHERE = Text(
    "事项原从“{before}”开始，现从“{state}”开始，请核对",
    "a case began in “{before}” and now begins in “{state}”: check it",
)
_LEADS_ELSEWHERE = Text(
    "步骤“{step}”原到“{before}”，现到“{state}”，请核对",
    "“{step}” led to “{before}” and now leads to “{state}”: check it",
)
_PASSES_BY = Text(
    "新步骤“{step}”从“{source}”直接到“{state}”，没有原来各步骤的全部要求，请核对",
    "the new step “{step}” leads from “{source}” to “{state}” without all that the old ways there asked: check it",
)
_NEW_END = Text(
    "新步骤“{step}”可直接办结（{state}），没有任何要求",
    "the new step “{step}” ends a case ({state}) and asks for nothing",
)
_LAPSES_LESS = Text("{changed}改动后，“{field}”不再失效", "“{field}” no longer lapses when this changes: {changed}")
_TAKES_MORE = Text(
    "“{field}”可以填得更少，或者不必合原来的格式", "“{field}” takes less than before, or need not be of that form"
)
_NOT_OWN = Text(
    "“{field}”不再限于本事项自己的",
    "{field} need not be this case's own any more",
)
_NOT_NAMED_BACK = Text("“{field}”不再须由对方写明本事项", "the other case need not name this one any more: {field}")
_NOT_PERSONAL = Text("“{field}”不再作为个人信息遮蔽", "“{field}” is no longer masked as personal data")
_SEEN_BY = Text("{roles}可以查看个人信息“{field}”", "the personal data “{field}” may now be seen by {roles}")
_WIDER_SCOPE = Text("“{role}”由科室扩大到全局", "“{role}” is now for the whole bureau, not one section")
_MAY_WRITE = Text("在“{state}”，{role}现在可以修改{fields}", "in “{state}”, {role} may now write {fields}")
_ALLOWED = Text("在“{state}”不再禁止：{never}", "in “{state}” this is no longer forbidden: {never}")
_NEVER_GONE = Text("不再逐步查验：{never}", "the steps are no longer held to this: {never}")
_NEVER_ASKS_LESS = Text("查验的条件少了：{never}", "of this fewer guards are demanded now: {never}")
_EXCEPTED = Text("“{step}”成为例外：{never}", "“{step}” is an exception to this now: {never}")
_CLOCK_GONE = Text("不再有时限“{clock}”", "the clock “{clock}” is gone")
_NOT_PASSED = Text("进入“{state}”不再受此限制：{passage}", "this no longer stands before “{state}”: {passage}")
