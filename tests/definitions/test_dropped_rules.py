"""A rule that somebody drops together with its declaration, or weakens, is missed by the proof: what must never be says it once more."""

from __future__ import annotations

from functools import cache

import pytest
import yaml

from storage.versions import catalogues, shipped_definitions
from tests.proof.mutants import Part, Said, without
from workflow.accepted import definition_from
from workflow.loader import accept
from workflow.model import Definition
from workflow.prover import Proof, openings_of
from workflow.prover.tellable import Tellable

SHIPPED = {file.removesuffix(".yaml"): text for text, file in shipped_definitions()}
MUCH_WORK = 10_000_000

#: A procedure, a part of one of its rules, and what must never be but then could.
WEAKENED: list[tuple[str, Part, str]] = [
    ("request", ("guards", "decided", "if", "not"), "abandoned_by_letter"),
    ("request", ("guards", "remedy_told", "if", "remedy_body"), "refused_unremedied"),
    ("request", ("transitions", "extend", "set", "extension_told_on"), "extended_untold"),
]

#: A procedure, a rule that is taken out of every step and letter together with its declaration, and what then could be.
DROPPED = [
    ("request", "provision_cited", "uncited"),
    ("request", "balanced", "unbalanced"),
    ("request", "parts_told", "parts_untold"),
    ("request", "form_told", "replied_nowhere"),
    ("request", "earlier_named", "replied_nowhere"),
    ("request", "agency_heard", "agency_unheard"),
    ("request", "override_explained", "objection_unanswered"),
    ("request", "correction_once", "corrected_twice"),
    ("request", "third_party_settled", "third_party_pending"),
    ("request", "third_party_heard", "third_party_unheard"),
    ("request", "harm_found", "harm_unfound"),
    ("document", "balanced", "unbalanced"),
    ("opinion", "unopposed", "hidden_objection"),
    ("opinion", "opposed", "unfounded_objection"),
]

#: A rule of a request, what is let through besides, and what then could be.
WIDENED: list[tuple[str, Said, str]] = [
    # The rest is kept back for another reason than the third party's.
    ("override_explained", {"outcome": "partial", "not": {"reason_kind": ["E15-1", "E15-2"]}}, "objection_unanswered"),
    ("third_party_heard", {"third_party_view": "not_concerned"}, "third_party_unheard"),
]


@pytest.mark.parametrize(("kind", "part", "never"), WEAKENED)
def test_a_rule_that_asks_for_less_does_not_stand_the_proof(kind: str, part: Part, never: str) -> None:
    weaker = without(yaml.load(SHIPPED[kind], yaml.CSafeLoader), part)

    assert never in broken_by(kind, yaml.load(weaker, yaml.CSafeLoader))


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in DROPPED}))
def test_rules_that_are_dropped_with_their_declarations_are_missed(kind: str) -> None:
    """All of a procedure at once: one proof tells of each. Which was held by which, the long trial says one by one."""
    expected = {never for of, _, never in DROPPED if of == kind}

    assert expected <= broken_by(kind, dropped(kind, *(guard for of, guard, _ in DROPPED if of == kind)))


@pytest.mark.torture
@pytest.mark.parametrize(("kind", "guard", "never"), DROPPED)
def test_a_rule_that_is_dropped_with_its_declaration_is_missed(kind: str, guard: str, never: str) -> None:
    assert never in broken_by(kind, dropped(kind, guard))


@pytest.mark.parametrize(("guard", "also", "never"), WIDENED)
def test_a_rule_that_lets_more_through_does_not_stand_the_proof(guard: str, also: Said, never: str) -> None:
    said = yaml.load(SHIPPED["request"], yaml.CSafeLoader)
    said["guards"][guard]["if"]["any"].append(also)

    assert never in broken_by("request", said)


@cache
def others() -> dict[str, Definition]:
    """Every shipped procedure."""
    accepted = (accept(text, file, catalogues()) for text, file in shipped_definitions())
    return {each.id: definition_from(each.json, each.digest) for each in accepted}


def dropped(kind: str, *guards: str) -> Said:
    """The shipped procedure without these rules: nothing asks for them, and nothing says what they were."""
    said: Said = yaml.load(SHIPPED[kind], yaml.CSafeLoader)
    for guard in guards:
        del said["guards"][guard]
    for step in said["transitions"].values():
        for key in {"guards", "warns", "when_blocked"} & step.keys():
            step[key] = [each for each in step[key] if each not in guards]
    for name, letter in [*said.get("letters", {}).items()]:
        letter["parts"] = [each for each in letter["parts"] if each not in guards]
        if not letter["parts"]:  # a letter that must hold nothing is none
            del said["letters"][name]
            for step in said["transitions"].values():
                if step.get("letter") == name:
                    del step["letter"]
    return said


def broken_by(kind: str, said: Said) -> set[str]:
    """What the definition, read like this, can come to and must not: the names under `never` and `passes`."""
    text = yaml.dump(said, allow_unicode=True, sort_keys=False, width=200, Dumper=yaml.CSafeDumper)
    accepted = accept(text, f"{kind}.yaml", catalogues(), others=others())
    definition = definition_from(accepted.json, accepted.digest)
    # Where a rule is gone there is more to look at, so the proof is given more room than `check` gives it.
    told = Tellable(definition, most_work=MUCH_WORK)
    proof = Proof(definition, openings_of(others()[kind], others().values()), told=told)
    return {str(fault.at[1]) for fault in proof.faults() if fault.code in ("never-broken", "not-passed")}
