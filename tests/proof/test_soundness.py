"""The prover and clingo, which is not of our making, find the same unsound: which states never end, which steps are dead.

`net.py` makes a workflow net of a definition and says why it is clingo that judges it. What the two do not share is how data are
told apart, how sets of them are held, and how they are followed; what they share is the model and what one condition means.
`make torture` holds some thousand made-up definitions against each other; `test_faulty_provers.py` shows that a fault is seen.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from math import prod
from pathlib import Path
from typing import Any

import pytest
import yaml

from storage.versions import catalogues, shipped_definitions
from tests.proof.invented import Inventor
from tests.proof.mutants import Part, mutants, without
from tests.proof.net import Net, Verdict, conditions_of, judged
from tests.proof.slices import sliced, without_step
from tests.workflow.test_prover_oracle import CHANGED, MEMO
from workflow.accepted import definition_from
from workflow.conditions import fields_of
from workflow.errors import BadDefinition
from workflow.loader import accept
from workflow.model import Definition
from workflow.prover import Proof, openings_of

HERE = Path(__file__).resolve().parent.parent
KNOWN = catalogues()
SHIPPED = {file: text for text, file in shipped_definitions()}
#: Those of which the loader itself finds the fault, and those that name kinds which are not there by themselves.
UNREAD = {"letter_unfounded", "unfounded_and_broken", "moves_circle", "waits_for_ever_for_a_link"}
SMALL = [
    *(file for file in sorted((HERE / "definitions/unlawful").glob("*.yaml")) if file.stem not in UNREAD),
    *(HERE / "definitions/good" / name for name in ("stamp.yaml", "clocks.yaml")),  # of the third, slices
    HERE.parent / "examples/permit_receipt.yaml",
]
LARGE = ("document", "proposal", "request")
MUTANTS = tuple(mutants(yaml.load(SHIPPED["opinion.yaml"], yaml.CSafeLoader)))
#: The last of them loses what nobody writes by a field that is itself lost by another.
INVENTED = (*range(250), 764)
MANY_INVENTED = range(250, 3500)
#: How many data a slice of a large definition may tell apart: each is a place of the net that is looked at by itself.
MOST_COLOURS = 100


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
        if fault.code == "never-broken" and fault.at[0] != "never":
            continue  # of what steps ask, which no data show
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
        weakened = read(without(yaml.load(SHIPPED["opinion.yaml"], yaml.CSafeLoader), mutant[1]), "opinion.yaml")
    except BadDefinition:
        return  # the loader has seen it already

    both(weakened)


@pytest.mark.parametrize("name", CHANGED)
def test_what_steps_write_is_judged_alike(name: str) -> None:
    both(read(CHANGED[name]))


NONE: frozenset[Any] = frozenset()
TRAP = """\
  lost:    {waits_for: head, zh: 下落不明, en: lost}
  strayed: {waits_for: head, zh: 误投, en: strayed}
"""
INTO_IT = """\
  lose:   {from: [review, strayed], to: lost, roles: [head], zh: 遗失, en: lose}
  stray:  {from: [lost], to: strayed, roles: [head], zh: 误投他处, en: stray}
"""
DROP = "  drop: {from: [review], to: kept, roles: [head], if: {kind: unset}, guards: [marked], zh: 作罢, en: drop}\n"
UNPRINTABLE = MEMO.replace("roles: [head], if: {kind: open},", "roles: [head], set: {cleared: null}, if: {kind: open},")
#: A memo is sound; of each fault that somebody plants in it, what must be said.
PLANTED: dict[str, tuple[str, Verdict]] = {
    "nothing": (MEMO, Verdict(NONE, NONE, NONE, NONE)),
    "a dead step": (
        MEMO.replace("deadlines:\n", f"{DROP}deadlines:\n"),
        Verdict(NONE, NONE, frozenset({("drop", "review")}), NONE),
    ),
    "two states that lead to each other only": (
        MEMO.replace("  out:    {final", f"{TRAP}  out:    {{final")
        .replace("deadlines:\n", f"{INTO_IT}deadlines:\n")
        .replace("runs_in: [review]", "runs_in: [review, lost, strayed]"),
        Verdict(frozenset({"lost", "strayed"}), NONE, NONE, NONE),
    ),
    "a step that takes away what the next one asks for": (
        UNPRINTABLE,
        Verdict(frozenset({"proof"}), frozenset({"out"}), frozenset({("print", "proof")}), NONE),
    ),
    "a clearance that lapses where nobody clears again": (
        MEMO.replace("cleared: {type: bool,", "cleared: {type: bool, lapses_on: [title],"),
        Verdict(frozenset({"proof"}), NONE, NONE, NONE),
    ),
    "what must never be, left open": (
        MEMO.replace("roles: [clerk], guards: [safe]", "roles: [clerk]").replace("marked, safe,", "marked,", 1),
        Verdict(NONE, NONE, NONE, frozenset({"uncleared"})),
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_seen_by_both_and_nothing_else(fault: str) -> None:
    text, expected = PLANTED[fault]

    assert both(read(text)) == expected


def test_what_chance_makes_up_is_judged_alike() -> None:
    there_is_something_to_say(both(read(Inventor(seed).text())) for seed in INVENTED)


@pytest.mark.torture
def test_whatever_chance_makes_up_is_judged_alike() -> None:
    there_is_something_to_say(both(read(Inventor(seed).text())) for seed in MANY_INVENTED)


def there_is_something_to_say(said: Iterable[Verdict]) -> None:
    """That the two agree says something only where many are unsound in each way, and many are not."""
    verdicts = [*said]
    count = {
        "sound": sum(each.sound for each in verdicts),
        "stuck": sum(bool(each.stuck) for each in verdicts),
        "dead": sum(bool(each.dead) for each in verdicts),
        "unreached": sum(bool(each.unreached) for each in verdicts),
        "broken": sum(bool(each.broken) for each in verdicts),
    }
    assert min(count.values()) >= len(verdicts) // 5, count


def slices(definition: Definition) -> Iterator[Definition]:
    """Its states and steps alone; each of its fields; what one condition asks at once; and without the only step into a state."""
    bare = sliced(definition, ())
    yield bare
    together = {frozenset(fields_of(each)) for each in conditions_of(definition)}
    together |= {frozenset({name}) for fields in together for name in fields}
    for fields in sorted(together, key=sorted):
        found = sliced(definition, fields)
        if prod(map(len, Net(found).values.values())) <= MOST_COLOURS:
            yield found
    targets = [step.target for step in definition.transitions.values()]
    only = [name for name, step in definition.transitions.items() if targets.count(step.target) == 1]
    yield from (without_step(bare, name) for name in only)


@pytest.mark.parametrize("name", LARGE)
def test_slices_of_a_large_definition_are_judged_alike(name: str) -> None:
    verdicts = [both(each) for each in islice(slices(shipped()[name]), None, None, 2)]

    assert verdicts[0].sound
    assert any(not each.sound for each in verdicts)


def test_slices_of_a_definition_with_every_word_of_the_format_are_judged_alike() -> None:
    file = HERE / "definitions/good/everything.yaml"

    assert all(both(each) for each in slices(read(file.read_text("utf-8"), file.name)))


def test_the_judge_does_not_know_the_prover() -> None:
    asked = "import sys, tests.proof.net; sys.exit(any(name.startswith('workflow.prover') for name in sys.modules))"

    assert subprocess.run([sys.executable, "-c", asked], cwd=HERE.parent, check=False).returncode == 0
