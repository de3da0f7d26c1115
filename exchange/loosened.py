"""A definition as a log can be held against it: what a log cannot show is not asked, and what did happen can be made to.

Who may act is left out, and so are comments, compulsory fields of forms, sub-cases (a log tells one case at a time), and the
guards that the map names. The rest is judged as it is declared.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.export import in_table
from exchange.replay_map import ReplayMap
from workflow.act import Demand
from workflow.case import RoleName, TransitionName
from workflow.conditions import compared_in
from workflow.model import Definition, Field, FieldType, Guard, Transition

#: The effects that read what a log of single cases does not hold.
_OF_OTHERS = frozenset({"latest", "earliest"})


def judged(definition: Definition, mapping: ReplayMap) -> Definition:
    """The definition by which events are judged."""
    unjudged = mapping.unjudged.union(name for name, each in definition.guards.items() if each.needs)
    fields = dict(definition.fields)
    if mapping.own:
        hidden = {name for name, each in fields.items() if each.personal or not in_table(each)}
        fields |= {name: _shown(fields[name]) for name in hidden}
        unjudged |= {name for name, each in definition.guards.items() if _looks_behind(each, hidden)}
    steps = {name: _asked(definition, each, unjudged) for name, each in definition.transitions.items()}
    return _with(definition, f"{definition.digest}:judged:{','.join(sorted(unjudged))}", fields, steps)


def forced(definition: Definition) -> Definition:
    """The definition by which every step can be taken from everywhere: what a log tells has happened."""
    states = tuple(definition.states)
    everybody = tuple(definition.roles)
    steps = {
        name: replace(
            each,
            sources=states,
            roles=dict.fromkeys(states, everybody),
            guards=(),
            warns=(),
            when=None,
            when_blocked=(),
        )
        for name, each in definition.transitions.items()
    }
    return replace(_with(definition, f"{definition.digest}:forced", dict(definition.fields), steps), never=())


def _asked(definition: Definition, step: Transition, unjudged: frozenset[str]) -> Transition:
    everybody = tuple(definition.roles)
    # A step that nobody may take stays one; a step of the clock alone stays the clock's.
    roles = {state: _who(roles, everybody) for state, roles in step.roles.items()}
    return replace(
        step,
        roles=roles,
        guards=tuple(each for each in step.guards if each not in unjudged),
        when_blocked=() if unjudged.intersection(step.when_blocked) else step.when_blocked,
        warns=(),
        comment=Demand.OPTIONAL,
        required=(),
        optional=tuple(definition.fields),
        sets=tuple(each for each in step.sets if each.kind not in _OF_OTHERS),
        number=None,
        letter=None,
        opens=None,
        tell=(),
    )


def _who(roles: tuple[RoleName, ...], everybody: tuple[RoleName, ...]) -> tuple[RoleName, ...]:
    return roles if roles in ((), (RoleName("system"),)) else everybody


def _shown(field: Field) -> Field:
    """A field as our log shows it: a mask, or only that something was written; no longer of its form."""
    return replace(field, type=FieldType.TEXT, choices={}, min=None, max=None, pattern=None)


def _looks_behind(guard: Guard, hidden: set[str]) -> bool:
    """Whether a guard asks what hidden fields hold, and not only whether they hold something."""
    if guard.when:
        return not hidden.isdisjoint(compared_in(guard.when))
    named = (
        each for value in guard.params.values() for each in (value if isinstance(value, list | tuple) else [value])
    )
    return any(each in hidden for each in named)


def _with(
    definition: Definition, digest: str, fields: dict[str, Field], steps: dict[TransitionName, Transition]
) -> Definition:
    leaving = {state: tuple(each for each in steps.values() if state in each.sources) for state in definition.states}
    return replace(definition, digest=digest, fields=fields, transitions=steps, leaving=leaving)
