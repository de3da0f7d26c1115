"""A definition as SCXML (W3C, 2015): the states with their steps as events, and beside them each clock as a region of its own.

The rules on data are conditions in ECMAScript; fields are data (`f_`), changed by events `edit.FIELD`. What only the office can
know is data that the host sets: `check_` for guards that are registered checks or ask about sub-cases, `host_` for what a step
writes from outside the data, `delay_` for limits that only a calendar can count, `host_office` for where word of other cases goes.
Assignments run one after the other; what a step writes waits in `new_` where another effect of it still asks for the old value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from exchange.files import element
from exchange.others import others_of
from workflow.case import Scalar
from workflow.checks import APART
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
from workflow.limit import Limit, Unit
from workflow.model import Assignment, DeadlineRule, Definition, Guard, State, Transition
from workflow.text import Text

NAMESPACE = "http://www.w3.org/2005/07/scxml"
OURS = "urn:gongkai:scxml"
OFFICE = "host_office"
SECONDS = {Unit.HOURS: 3600, Unit.CALENDAR_DAYS: 86_400}


def scxml(definition: Definition) -> Element:
    """The definition as a statechart."""
    return _Chart(definition).drawn()


class _Chart:
    """Draws one definition, and collects what its conditions and effects speak of."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.hosts: dict[str, str] = {}  # data that the host sets: name -> first value
        self.held: dict[str, None] = {}  # fields of which a step must hold back what it writes, in order

    def drawn(self) -> Element:
        states = [self._state(each) for each in self.definition.states.values()]
        procedure = element("state", {"id": "procedure", "initial": _of(self.definition.initial)}, *states)
        clocks = [self._clock(each) for each in self.definition.deadlines.values()]
        fields = [element("data", {"id": f"f_{name}", "expr": "null"}) for name in self.definition.fields]
        held = [element("data", {"id": f"new_{name}", "expr": "null"}) for name in self.held]
        hosts = [element("data", {"id": name, "expr": first}) for name, first in self.hosts.items()]
        return element(
            "scxml",
            {
                "xmlns": NAMESPACE,
                "xmlns:gongkai": OURS,
                "version": "1.0",
                "name": f"{self.definition.id}_{self.definition.version}",
                "datamodel": "ecmascript",
                "initial": "case",
                **_labelled(self.definition.title),
                "gongkai:digest": self.definition.digest,
            },
            element("datamodel", None, *fields, *held, *hosts),
            element("parallel", {"id": "case"}, procedure, *clocks),
        )

    # States and steps.

    def _state(self, state: State) -> Element:
        steps = self.definition.leaving[state.name]
        # In SCXML nothing leaves a final state; ours may, and is then a state like another.
        tag = "final" if state.final and not steps else "state"
        said = {"id": _of(state.name), **_labelled(state.label)}
        if state.final:
            said["gongkai:final"] = "true"
        if state.waits_for:
            said["gongkai:waits_for"] = state.waits_for
        if tag == "final":
            return element(tag, said)
        return element(tag, said, *(self._step(each, state) for each in steps), *self._edits(state))

    def _step(self, step: Transition, state: State) -> Element:
        said = {"event": step.name, "target": _of(step.target)}
        condition = self._condition(step)
        if condition:
            said["cond"] = condition
        said["gongkai:roles"] = " ".join(step.roles.get(state.name, ()))
        said |= _labelled(step.label)
        if step.auto:
            said["gongkai:auto"] = "true"
        return element("transition", said, *self._effects(step.sets), *self._words(step))

    def _edits(self, state: State) -> Iterator[Element]:
        """The fields that can be written here: by those whose state it is, or with a step's form."""
        forms = (name for step in self.definition.leaving[state.name] for name in (*step.required, *step.optional))
        edited = (name for fields in state.edit.values() for name in fields)
        order = list(self.definition.fields)
        for name in sorted({*forms, *edited}, key=order.index):
            yield element("transition", {"event": f"edit.{name}"}, *self._edit(name))

    def _edit(self, name: str) -> Iterator[Element]:
        """What is written to a field; where that changes it, what lapses on it goes as well."""
        written, lapses = _assign(f"f_{name}", "_event.data.value"), self._lapses(name)
        if not lapses:
            yield written
            return
        # Whether a field lapses is asked of those before it: the last goes first, while they still stand.
        gone = [
            element("if", {"cond": when}, _assign(f"f_{each}", "null")) if when else _assign(f"f_{each}", "null")
            for each, when in reversed(lapses.items())
        ]
        yield element("if", {"cond": f"f_{name} !== _event.data.value"}, *gone, written)

    def _lapses(self, name: str) -> dict[str, str]:
        """What lapses when this field changes, and with which data: what hangs on another, only if that was there to lapse."""
        lapses: dict[str, str] = {}
        for each in self.definition.lapsing:
            between = [on for on in each.lapses_on if on in lapses]
            if each.name == name or not (name in each.lapses_on or between):
                continue
            filled = [" && ".join(filter(None, (f"f_{on} !== null", lapses[on]))) for on in between]
            lapses[each.name] = "" if name in each.lapses_on else _any(filled)
        return lapses

    def _condition(self, step: Transition) -> str:
        letter = self.definition.letters[step.letter].parts if step.letter else ()
        parts = [_es(step.when)] if step.when else []
        parts += [self._guard(self.definition.guards[each], True) for each in dict.fromkeys((*step.guards, *letter))]
        if step.when_blocked:
            lacking = [self._guard(self.definition.guards[each], False) for each in step.when_blocked]
            parts.append(_any(lacking))
        return " && ".join(parts)

    def _guard(self, guard: Guard, met: bool) -> str:
        if guard.when:
            return _es(guard.when) if met else _es_not(guard.when)
        self.hosts[f"check_{guard.name}"] = "true"
        return f"check_{guard.name} === {'true' if met else 'false'}"

    def _effects(self, sets: tuple[Assignment, ...]) -> Iterator[Element]:
        """Every effect reads what stood before all of them: what a later one asks for is put in its place at the end."""
        held = [
            each.field for at, each in enumerate(sets, 1) if any(each.field in _asked(later) for later in sets[at:])
        ]
        self.held |= dict.fromkeys(held)
        for each in sets:
            yield _assign(f"new_{each.field}" if each.field in held else f"f_{each.field}", self._value(each))
        for name in held:
            yield _assign(f"f_{name}", f"new_{name}")

    def _words(self, step: Transition) -> Iterator[Element]:
        """Word to the office of what other cases are to do; which they are, and that it is all or nothing, only the office knows."""
        for other in others_of(self.definition, step, {}):
            self.hosts[OFFICE] = "null"
            said = {
                "event": ".".join(each for each in (other.act, other.name, other.step) if each),
                "targetexpr": OFFICE,
            }
            params = (element("param", {"name": each.field, "expr": self._value(each)}) for each in other.sets)
            condition = f"{OFFICE} !== null" + (f" && {_es(other.when)}" if other.when else "")
            yield element("if", {"cond": condition}, element("send", said, *params))

    def _value(self, said: Assignment) -> str:
        """What an effect writes, as an expression; of a choice the first whose condition holds, or nothing."""
        match said.kind:
            case "literal":
                return _literal(said.value)
            case "copy":
                return f"f_{said.value}"
            case "append":
                own, more = f"f_{said.field}", f"f_{said.value}"
                return f"({more} === null ? {own} : ({own} === null ? {more} : {own} + {_literal(APART)} + {more}))"
            case "add" if said.field in self.definition.fields:
                return f"((f_{said.field} === null ? 0 : f_{said.field}) + {said.value})"
            case "add":  # to what only the other case has: here nothing was counted
                return f"{said.value}"
            case "choose":
                chosen = "null"
                for when, then in reversed(said.choices):
                    chosen = f"({_es(when)} ? {self._value(then)} : {chosen})" if when else self._value(then)
                return chosen
            case _:  # today, actor, due, latest, tariff: the host says what that is
                about = "".join(each if each.isalnum() else "_" for each in str(said.value)) if said.value else ""
                name = f"host_{said.kind}" + (f"_{about}" if about and about != "True" else "")
                self.hosts[name] = "null"
                return name

    # Clocks.

    def _clock(self, rule: DeadlineRule) -> Element:
        """A region that runs while the procedure is where the clock runs, and says when the last day is over."""
        runs = _any([f"In('{_of(each)}')" for each in (*rule.runs_in, *rule.pauses_in)])
        rests = " && ".join(f"In('{_of(each)}') === false" for each in (*rule.runs_in, *rule.pauses_in))
        if rule.applies:
            runs, rests = f"{runs} && {_es(rule.applies)}", f"(({rests}) || {_es_not(rule.applies)})"
        delay, over = f"delay_{rule.name}", f"deadline.{rule.name}"
        self.hosts[delay] = _delay(rule.limit if not rule.limit_field else None)
        send = element("send", {"event": over, "id": f"send_{rule.name}", "delayexpr": delay})
        expiry = next((each.transition for each in rule.steps if each.transition), None)
        passed = element("transition", {"event": over, "target": f"clock_{rule.name}_over"})
        if expiry:
            passed.append(element("raise", {"event": expiry}))
        stopped = {"cond": rests, "target": f"clock_{rule.name}_rests"}
        return element(
            "state",
            {"id": f"clock_{rule.name}", "initial": f"clock_{rule.name}_rests", **_labelled(rule.label)},
            element(
                "state",
                {"id": f"clock_{rule.name}_rests"},
                element("transition", {"cond": runs, "target": f"clock_{rule.name}_runs"}),
            ),
            element(
                "state",
                {"id": f"clock_{rule.name}_runs"},
                element("onentry", None, element("if", {"cond": f"{delay} !== null"}, send)),
                element("onexit", None, element("cancel", {"sendid": f"send_{rule.name}"})),
                element("transition", stopped),
                passed,
            ),
            element("state", {"id": f"clock_{rule.name}_over"}, element("transition", stopped)),
        )


def _assign(location: str, expression: str) -> Element:
    return element("assign", {"location": location, "expr": expression})


def _asked(said: Assignment) -> set[str]:
    """The fields that an effect copies or asks about, however deep its choices are."""
    asked = {str(said.value)} if said.kind in ("copy", "append") else set()
    for when, then in said.choices:
        asked |= {*(fields_of(when) if when else ()), *_asked(then)}
    return asked


def _of(state: str) -> str:
    return f"s_{state}"


def _labelled(text: Text) -> dict[str, str]:
    return {"gongkai:zh": text.zh, "gongkai:en": text.en}


def _delay(limit: Limit | None) -> str:
    """How long, where no calendar is needed to know it."""
    seconds = SECONDS.get(limit.unit) if limit else None
    return f"'{limit.count * seconds}s'" if limit and seconds else "null"


# Conditions in ECMAScript, without `!`: it is pushed inward, where each comparison can say its own opposite.


def _es(said: Condition) -> str:
    """The condition, as an expression.

    >>> _es(AnyOf((OneOf("attribute", ("proactive", True)), Not(IsSet("reason")))))
    "((f_attribute === 'proactive' || f_attribute === true) || (f_reason === null || f_reason === ''))"
    """
    match said:
        case IsSet(name):
            return f"(f_{name} !== null && f_{name} !== '')"
        case OneOf(name, values):
            return _any([f"f_{name} === {_literal(each)}" for each in values])
        case AtLeast(name, least):
            return f"(f_{name} !== null && f_{name} >= {least})"
        case Before(name, day):
            return f"(f_{name} !== null && f_{name} < {_literal(day)})"
        case OnOrAfter(name, day):
            return f"(f_{name} !== null && f_{name} >= {_literal(day)})"
        case SameAs(name, other):
            return f"(f_{name} !== null && f_{name} === f_{other})"
        case Not(inner):
            return _es_not(inner)
        case AllOf(inners):
            return f"({' && '.join(_es(each) for each in inners)})" if inners else "true"
        case AnyOf(inners):
            return _any([_es(each) for each in inners])


def _es_not(said: Condition) -> str:
    """The opposite of the condition, as an expression."""
    match said:
        case IsSet(name):
            return f"(f_{name} === null || f_{name} === '')"
        case OneOf(name, values):
            return f"({' && '.join(f'f_{name} !== {_literal(each)}' for each in values)})"
        case AtLeast(name, least):
            return f"(f_{name} === null || f_{name} < {least})"
        case Before(name, day):
            return f"(f_{name} === null || f_{name} >= {_literal(day)})"
        case OnOrAfter(name, day):
            return f"(f_{name} === null || f_{name} < {_literal(day)})"
        case SameAs(name, other):
            return f"(f_{name} === null || f_{name} !== f_{other})"
        case Not(inner):
            return _es(inner)
        case AllOf(inners):
            return _any([_es_not(each) for each in inners])
        case AnyOf(inners):
            return f"({' && '.join(_es_not(each) for each in inners)})" if inners else "true"


def _any(parts: list[str]) -> str:
    return f"({' || '.join(parts)})" if parts else "false"


def _literal(value: Scalar) -> str:
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    return "'" + json.dumps(str(value), ensure_ascii=False)[1:-1].replace("'", "\\'").replace('\\"', '"') + "'"
