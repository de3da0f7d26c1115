"""A rule that somebody drops together with its declaration, or weakens, is missed by the proof: what must never be says it once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from storage.versions import catalogues, shipped_definitions
from tests.proof.mutants import without
from workflow.accepted import definition_from
from workflow.errors import BadDefinition
from workflow.loader import accept
from workflow.prover import accept_proved

SHIPPED = {file.removesuffix(".yaml"): text for text, file in shipped_definitions()}
OTHERS = {
    each.id: definition_from(each.json, each.digest)
    for each in (accept(t, f, catalogues()) for t, f in shipped_definitions())
}

#: A procedure, a part of one of its rules, and what must never be but then could.
WEAKENED: list[tuple[str, tuple[str, ...], str]] = [
    ("request", ("guards", "decided", "if", "not"), "abandoned_by_letter"),
    ("request", ("guards", "remedy_told", "if", "remedy_body"), "refused_unremedied"),
]


@pytest.mark.parametrize(("kind", "part", "never"), WEAKENED)
def test_a_rule_that_asks_for_less_does_not_stand_the_proof(kind: str, part: tuple[str, ...], never: str) -> None:
    weaker = without(yaml.safe_load(SHIPPED[kind]), part)

    assert never in broken_by(kind, yaml.safe_load(weaker))


def broken_by(kind: str, said: Mapping[str, Any]) -> set[str]:
    """What the definition, read like this, can come to and must not: the names under `never` and `passes`."""
    text = yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=200)
    with pytest.raises(BadDefinition) as fault:
        accept_proved(text, f"{kind}.yaml", catalogues(), OTHERS)
    found = [each for each in fault.value.findings if each.code in ("never-broken", "not-passed")]
    return {each.source.strip().split(":")[0] for each in found}
