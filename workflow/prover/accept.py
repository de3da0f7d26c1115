"""A definition from text, accepted and proved: what the loader can read is explored whole before it may run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from workflow.accepted import definition_from
from workflow.errors import BadDefinition, Finding
from workflow.loader import Accepted, Catalogue, accept
from workflow.loader.children import CLOSED
from workflow.loader.report import MOST_FINDINGS
from workflow.model import Definition, Opening
from workflow.prover.faults import Elsewhere, Fault, Proof
from workflow.prover.sets import TooLarge


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
    besides: list[Finding] = []
    found = proved(accept(text, file, catalogues, others=others, besides=besides), others)
    if found.findings or besides:
        raise BadDefinition(file, sorted((*besides, *found.findings), key=_in_order))
    return found


def read_by_themselves(texts: Iterable[tuple[str, str]], catalogues: Mapping[str, Catalogue]) -> dict[str, Definition]:
    """What each (text, file) declares that is whole by itself: procedures that count on each other are then judged together."""
    found: dict[str, Definition] = {}
    for text, file in texts:
        with suppress(BadDefinition):  # whoever asks for it is answered with its faults
            accepted = accept(text, file, catalogues, besides=[])
            found[accepted.id] = definition_from(accepted.json, accepted.digest)
    return found


def proved(accepted: Accepted, others: Mapping[str, Definition]) -> Proved:
    """The definition with all that the prover finds; `others` are the kinds that may open cases of it."""
    definition = definition_from(accepted.json, accepted.digest)
    faults: list[Fault] = []
    size = 0
    try:
        kinds = {**others, definition.id: definition}
        proof = Proof(definition, openings_of(definition, others.values()), elsewhere=elsewhere(definition, kinds))
        for fault in islice(proof.faults(), MOST_FINDINGS):
            faults.append(fault)
        size = proof.size
    except TooLarge:
        faults.append(Fault("too-large-to-prove", ("states",), {}))
    found = (
        accepted.report.found(fault.at, fault.code, dict(fault.facts), names=fault.path, way=fault.way)
        for fault in faults
    )
    told = sorted(found, key=_in_order)
    if len(told) == MOST_FINDINGS:
        told.append(accepted.report.found(("states",), "more", {"most": MOST_FINDINGS}, names=(), way=()))
    return Proved(accepted, size, tuple(told))


def _in_order(finding: Finding) -> tuple[bool, int, int]:
    """As in the file; that there are more comes last."""
    return finding.code == "more", finding.line, finding.column


def elsewhere(definition: Definition, kinds: Mapping[str, Definition]) -> Iterator[Elsewhere]:
    """Every guard that waits for sub-cases which may end where it is never met."""
    for guard in definition.guards.values():
        needs = guard.needs
        child = definition.children.get(needs.children) if needs else None
        kind = kinds.get(child.kind) if child else None
        if needs is None or child is None or kind is None:
            continue  # linked cases can be named anew
        ends = [state for state in kind.states.values() if state.final]
        met = [state for state in ends if state.name in needs.states or CLOSED in needs.states]
        amiss = met if needs.mode == "none" else [state for state in ends if state not in met]
        # What at least one of them must be, another one can still become.
        steps = definition.transitions.values() if needs.mode == "some" else ()
        again = frozenset(str(step.name) for step in steps if step.opens and step.opens.child == child.name)
        if amiss:
            yield Elsewhere(guard.name, child.label, tuple(state.label for state in amiss), again)


def openings_of(definition: Definition, others: Iterable[Definition]) -> tuple[Opening, ...]:
    """Every way in which another case, or one of its own kind, begins a case of this kind."""
    return tuple(_openings(definition, [each for each in others if each.id != definition.id]))


def _openings(definition: Definition, others: Iterable[Definition]) -> Iterator[Opening]:
    for other in (definition, *others):
        for step in other.transitions.values():
            if step.opens and other.children[step.opens.child].kind == definition.id:
                yield step.opens
