"""A definition from text, accepted and proved: what the loader can read is explored whole before it may run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from workflow.accepted import definition_from
from workflow.case import StateName
from workflow.errors import BadDefinition, Finding
from workflow.judge import SYSTEM_ROLE, guards_of
from workflow.loader import Accepted, Catalogue, Draft, begun, judged
from workflow.loader.proved import PROOF
from workflow.loader.report import MOST_FINDINGS
from workflow.model import CLOSED, Definition, Guard, Needs, Opening, State
from workflow.prover.circles import circles, leads, pushed
from workflow.prover.endless import opens_for_ever
from workflow.prover.faults import Elsewhere, Fault, Proof
from workflow.prover.moves import openings_of
from workflow.prover.sets import ALL, NONE, TooLarge
from workflow.text import Text

_TOO_LARGE = Fault("too-large-to-prove", ("states",), {})


@dataclass(frozen=True, slots=True)
class Proved:
    """An accepted definition with what was found when everything that it can come to was looked at."""

    accepted: Accepted
    size: int  # how many (state, data) a case can come to; 0 where it was not explored to the end
    findings: tuple[Finding, ...]


def accept_proved(
    text: str | bytes, file: str, catalogues: Mapping[str, Catalogue], others: Mapping[str, Definition]
) -> Proved:
    """The definition that the text says, proved. Raises BadDefinition with every fault found, by the loader or the prover."""
    return _proved(begun(text, file, catalogues), others)


def prove_together(
    texts: Iterable[tuple[str, str]], catalogues: Mapping[str, Catalogue], others: Mapping[str, Definition]
) -> Iterator[Proved | BadDefinition]:
    """Each (text, file) in turn, proved beside the rest and these others, or what is amiss with it."""
    drafts = [_begun(text, file, catalogues) for text, file in texts]
    kinds = {**others, **_by_themselves(drafts)}
    for draft in drafts:
        try:
            yield draft if isinstance(draft, BadDefinition) else _proved(draft, kinds)
        except BadDefinition as fault:
            yield fault


def read_by_themselves(texts: Iterable[tuple[str, str]], catalogues: Mapping[str, Catalogue]) -> dict[str, Definition]:
    """What each (text, file) declares that is whole by itself."""
    return _by_themselves(_begun(text, file, catalogues) for text, file in texts)


def _begun(text: str, file: str, catalogues: Mapping[str, Catalogue]) -> Draft | BadDefinition:
    try:
        return begun(text, file, catalogues)
    except BadDefinition as fault:
        return fault


def _by_themselves(drafts: Iterable[Draft | BadDefinition]) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for draft in drafts:
        with suppress(BadDefinition):  # whoever asks for it is answered with its faults
            if isinstance(draft, Draft):
                accepted = judged(draft, besides=[])
                found[accepted.id] = definition_from(accepted.json, accepted.digest)
    return found


def _proved(draft: Draft, others: Mapping[str, Definition]) -> Proved:
    besides: list[Finding] = []
    found = proved(judged(draft, others, besides), others)
    if found.findings or besides:
        raise BadDefinition(draft.report.file, sorted((*besides, *found.findings), key=_in_order))
    return found


def proved(accepted: Accepted, others: Mapping[str, Definition]) -> Proved:
    """The definition with all that the prover finds; `others` are the kinds that may open cases of it."""
    definition = definition_from(accepted.json, accepted.digest)
    faults: list[Fault] = []
    size = 0
    kinds = {**others, definition.id: definition}
    faults += islice(circles(definition, kinds), MOST_FINDINGS)
    kind = _Kind(definition.digest, openings_of(definition, others.values()), definition)
    faults += _faults(kind, tuple(elsewhere(definition, kinds)))[: MOST_FINDINGS - len(faults)]
    if _TOO_LARGE not in faults:  # what was too large once is so again, and costs as much
        try:
            faults += islice(opens_for_ever(definition, kinds), MOST_FINDINGS - len(faults))
            faults += islice(_unlawfully_opened(definition, kinds), MOST_FINDINGS - len(faults))
            size = _explored(kind).size
        except TooLarge:
            faults.append(_TOO_LARGE)
    found = (
        accepted.report.found(fault.at, fault.code, dict(fault.facts), names=fault.path, way=fault.way)
        for fault in faults
    )
    told = sorted(found, key=_in_order)
    if len(told) >= MOST_FINDINGS:
        told.append(accepted.report.found(("states",), "more", {"most": MOST_FINDINGS}, names=(), way=()))
    return Proved(accepted, size, tuple(told))


@dataclass(frozen=True, slots=True)
class _Kind:
    """A definition as it is explored: by its digest, and every way in which others begin a case of it."""

    digest: str
    openings: tuple[Opening, ...]
    definition: Definition = field(compare=False)


@lru_cache(maxsize=24)  # a kind that others name in a field is asked for by each of them, and by its own check
def _explored(kind: _Kind) -> Proof:
    return Proof(kind.definition, kind.openings)


@lru_cache(maxsize=24)  # of a kind that others open, each of them asks
def _faults(kind: _Kind, waits: tuple[Elsewhere, ...]) -> tuple[Fault, ...]:
    """What is found, and last, where it is too large to go on, that it is: what was found before stands."""
    found: list[Fault] = []
    try:
        for fault in islice(_explored(kind).faults(waits), MOST_FINDINGS):
            found.append(fault)  # not at once: what comes before it is too large is kept
    except TooLarge:
        found.append(_TOO_LARGE)
    return tuple(found)


def _unlawfully_opened(definition: Definition, kinds: Mapping[str, Definition]) -> Iterator[Fault]:
    """What other kinds come to that they must not, and do not without a case that this definition opens."""
    opening: dict[str, dict[str, Opening]] = {}
    for step in definition.transitions.values():
        if step.opens:
            opening.setdefault(definition.children[step.opens.child].kind, {})[step.name] = step.opens
    for kind in (kinds[each] for each in opening if each in kinds and each != definition.id):
        if not _faults_opened_by(kind, openings_of(kind, kinds.values()), kinds):
            continue
        rest = openings_of(kind, (each for each in kinds.values() if each.id != definition.id))
        without = {(each.code, each.at) for each in _faults_opened_by(kind, rest, kinds)}
        for name, opens in opening[kind.id].items():
            for fault in _faults_opened_by(kind, (*rest, opens), kinds):
                if (fault.code, fault.at) not in without:
                    facts = {"kind": kind.title, "fault": PROOF[fault.code].text.filled(**fault.facts)}
                    yield Fault("opens-unlawful", ("transitions", name, "opens"), facts, fault.path, fault.way)


def _faults_opened_by(
    kind: Definition, openings: tuple[Opening, ...], kinds: Mapping[str, Definition]
) -> tuple[Fault, ...]:
    return _faults(_Kind(kind.digest, openings, kind), tuple(elsewhere(kind, kinds)))


def _in_order(finding: Finding) -> tuple[bool, int, int]:
    """As in the file; that there are more comes last."""
    return finding.code == "more", finding.line, finding.column


def elsewhere(definition: Definition, kinds: Mapping[str, Definition]) -> Iterator[Elsewhere]:
    """Every guard that waits for other cases which may come to rest where it is never met."""
    for guard in definition.guards.values():
        needs = guard.needs
        child = definition.children.get(needs.children) if needs else None
        kind = kinds.get(child.kind) if child else None
        if needs and needs.children in definition.fields:
            yield from _linked_elsewhere(definition, guard, needs, kinds)
        if needs is None or child is None or kind is None:
            continue
        ends = [state for state in kind.states.values() if state.final]
        met = [state for state in ends if state.name in needs.states or CLOSED in needs.states]
        amiss = met if needs.mode == "none" else [state for state in ends if state not in met]
        # What at least one of them must be, another one can still become.
        steps = definition.transitions.values() if needs.mode == "some" else ()
        begun = (step for step in steps if step.opens and step.opens.child == child.name)
        again = frozenset(state for step in begun for state in step.sources)
        amiss += _held_up(definition, guard, child.name, kind, {state.name for state in met}, kinds)
        if amiss:
            yield Elsewhere(guard.name, child.label, tuple(state.label for state in amiss), again)


def _held_up(
    definition: Definition,
    guard: Guard,
    slot: str,
    kind: Definition,
    met: Collection[StateName],
    kinds: Mapping[str, Definition],
) -> list[State]:
    """The states from which sub-cases come to where they are wanted only with a step that waits for just that."""
    assert guard.needs
    if guard.needs.mode == "none":
        return []
    movers: dict[str, set[bool]] = defaultdict(set)  # of each step that others move: whether it waits for this guard
    for other in kinds.values():
        for step in other.transitions.values():
            waits = other.id == definition.id and guard.name in guards_of(definition, step)
            for move in step.moves:
                for push in pushed(kinds, other, move):
                    if push.to[0] == kind.id:
                        movers[push.to[1]].add(waits and move.case == slot)
    by_itself = {each.transition for rule in kind.deadlines.values() for each in rule.steps}
    free = [
        step
        for step in kind.transitions.values()
        if movers[step.name] != {True}
        or step.auto
        or step.name in by_itself
        or any({*roles} != {SYSTEM_ROLE} for roles in step.roles.values())
    ]
    wanted = {*met, *map(StateName, guard.needs.states)}
    return [
        state for state in kind.states.values() if not state.final and not leads(state.name, frozenset(wanted), free)
    ]


def _waiting_for(kind: Definition, other: str) -> frozenset[str]:
    """The steps of a kind that wait for cases of the other that it names: two may have named each other."""
    waits = {
        guard.name
        for guard in kind.guards.values()
        if guard.needs and guard.needs.children in kind.fields and other in kind.fields[guard.needs.children].of
    }
    return frozenset(
        str(step.name) for step in kind.transitions.values() if not waits.isdisjoint(guards_of(kind, step))
    )


def _linked_elsewhere(
    definition: Definition, guard: Guard, needs: Needs, kinds: Mapping[str, Definition]
) -> Iterator[Elsewhere]:
    """The same of cases that a field names: at work, or where they ended, they may stand where no step leads to what is needed."""
    field = definition.fields[needs.children]
    amiss: dict[StateName, Text] = {}
    for kind in (kinds[each] for each in field.of if each in kinds):
        ends = [name for name, state in kind.states.items() if state.final]
        said = [StateName(each) for each in needs.states if each != CLOSED] + (ends if CLOSED in needs.states else [])
        wanted = [name for name in kind.states if (name in said) != (needs.mode == "none")]
        with suppress(TooLarge):  # its own check says so
            proof = _explored(_Kind(kind.digest, openings_of(kind, kinds.values()), kind))
            leading = proof.reach.leading_to(dict.fromkeys(wanted, ALL), _waiting_for(kind, definition.id))
            for name, these in proof.reach.all.items():
                if proof.space.without(these, leading.get(name, NONE)) != NONE:
                    amiss.setdefault(name, kind.states[name].label)
    writers = (step for step in definition.transitions.values() if field.name in step.writes)
    named = {state for step in writers for state in step.sources}
    edited = {
        state.name for state in definition.states.values() if any(field.name in each for each in state.edit.values())
    }
    if amiss:
        yield Elsewhere(guard.name, field.label, tuple(amiss.values()), frozenset(named | edited))
