"""The prover and clingo, which is not of our making, find the same unsound: which states never end, which steps are dead.

`net.py` makes a workflow net of a definition and says why it is clingo that judges it. What the two do not share is how data are
told apart, how sets of them are held, and how they are followed; what they share is the model and what one condition means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import yaml

from storage.versions import catalogues, shipped_definitions
from tests.proof.invented import Inventor
from tests.proof.mutants import Part, mutants, without
from tests.proof.net import Verdict, conditions_of, judged
from tests.proof.slices import sliced, without_step
from workflow.accepted import definition_from
from workflow.conditions import fields_of
from workflow.errors import BadDefinition
from workflow.loader import accept
from workflow.model import Definition
from workflow.prover import Proof, openings_of

HERE = Path(__file__).resolve().parent.parent
KNOWN = catalogues()
SHIPPED = {file: text for text, file in shipped_definitions()}
SMALL = [
    *sorted((HERE / "definitions/unlawful").glob("*.yaml")),
    *(HERE / "definitions/good" / name for name in ("stamp.yaml", "clocks.yaml")),
    HERE.parent / "examples/permit_receipt.yaml",
]
LARGE = ("document", "proposal", "request")
MUTANTS = tuple(mutants(yaml.safe_load(SHIPPED["opinion.yaml"])))
INVENTED = range(120)
#: Of the fields of a large definition, one in so many is followed.
EVERY = 5


@cache
def shipped() -> dict[str, Definition]:
    return {each.id: each for each in (read(text, file) for file, text in SHIPPED.items())}


def read(text: str, file: str = "memo.yaml") -> Definition:
    said = accept(text, file, KNOWN)
    return definition_from(said.json, said.digest)


def told(definition: Definition) -> Verdict:
    """What the prover says."""
    names = {state.label: name for name, state in definition.states.items()}
    found: dict[str, set[tuple[str, ...]]] = {}
    for fault in Proof(replace(definition, waivers=()), openings_of(definition, shipped().values())).faults():
        here = (names[fault.facts["state"]],) if fault.code == "dead-step" else ()  # type: ignore[index]
        found.setdefault(fault.code, set()).add((str(fault.at[1]), *here))
    stuck, unreached, broken = (
        frozenset(name for (name,) in found.get(code, ())) for code in ("no-way-out", "never-reached", "never-broken")
    )
    dead = frozenset((step, state) for step, state in found.get("dead-step", ()))
    return Verdict(stuck, unreached, dead, broken)


def both(definition: Definition) -> Verdict:
    """What both say; raises AssertionError where they do not say the same."""
    verdict = judged(definition, openings_of(definition, shipped().values()))
    assert told(definition) == verdict
    return verdict


@pytest.mark.parametrize("file", SMALL, ids=lambda file: file.stem)
def test_a_small_definition_is_judged_alike(file: Path) -> None:
    expected = file.read_text("utf-8").partition("\n")[0]

    verdict = both(read(file.read_text("utf-8"), file.name))

    unsound = {"no-way-out": verdict.stuck, "never-reached": verdict.unreached, "dead-step": verdict.dead}
    assert [bool(these) for code, these in unsound.items() if f" {code} " in expected] in ([], [True])
    assert verdict.sound != any(f" {code} " in expected for code in unsound)


def test_opinions_are_sound() -> None:
    verdict = both(shipped()["opinion"])

    assert verdict == Verdict(frozenset(), frozenset(), frozenset(), frozenset())


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant[0])
def test_a_weakened_opinion_is_judged_alike(mutant: tuple[str, Part]) -> None:
    try:
        weakened = read(without(yaml.safe_load(SHIPPED["opinion.yaml"]), mutant[1]), "opinion.yaml")
    except BadDefinition:
        return  # the loader has seen it already

    both(weakened)


def test_what_chance_makes_up_is_judged_alike() -> None:
    verdicts = [both(read(Inventor(seed).text())) for seed in INVENTED]

    # That they agree says something only where there is something to be said.
    count = {
        "sound": sum(each.sound for each in verdicts),
        "stuck": sum(bool(each.stuck) for each in verdicts),
        "dead": sum(bool(each.dead) for each in verdicts),
        "unreached": sum(bool(each.unreached) for each in verdicts),
        "broken": sum(bool(each.broken) for each in verdicts),
    }
    assert min(count.values()) >= len(verdicts) // 5, count


def slices(definition: Definition) -> Iterator[Definition]:
    """Its states and steps alone; some of its fields, one at a time; its states and steps without the only one into a state."""
    bare = sliced(definition, ())
    yield bare
    asked = sorted({name for each in conditions_of(definition) for name in fields_of(each)})
    yield from (sliced(definition, {name}) for name in asked[::EVERY])
    targets = [step.target for step in definition.transitions.values()]
    only = [name for name, step in definition.transitions.items() if targets.count(step.target) == 1]
    yield from (without_step(bare, name) for name in only[::2])


@pytest.mark.parametrize("name", LARGE)
def test_slices_of_a_large_definition_are_judged_alike(name: str) -> None:
    verdicts = [both(each) for each in slices(shipped()[name])]

    assert verdicts[0].sound
    assert any(not each.sound for each in verdicts)
