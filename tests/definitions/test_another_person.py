"""What two people must do: a procedure that lets one person do both does not stand the proof."""

from __future__ import annotations

import pytest

from storage.versions import catalogues, shipped_definitions
from workflow.accepted import definition_from
from workflow.errors import BadDefinition
from workflow.loader import accept
from workflow.prover import accept_proved

SHIPPED = {file.removesuffix(".yaml"): text for text, file in shipped_definitions()}
OTHERS = {
    each.id: definition_from(each.json, each.digest)
    for each in (accept(t, f, catalogues()) for t, f in shipped_definitions())
}

#: A procedure, a step, the check that keeps out whoever had a hand in the case before, and what then can be gone round.
APART = [
    ("document", "endorse", "not_own", "endorsed_by_another"),
    ("document", "sign", "not_reviewer", "signed_by_another"),
    ("request", "approve", "not_drafter", "reviewed_by_another"),
    ("request", "approve_for_secrecy", "not_drafter", "reviewed_by_another"),
    ("request", "clear", "not_reviewer", "cleared_by_another"),
    ("request", "sign", "not_checker", "signed_by_another"),
    ("proposal", "endorse", "not_own", "endorsed_by_another"),
    ("proposal", "check", "not_own", "checked_by_another"),
    ("proposal", "clear", "not_checker", "cleared_by_another"),
    ("proposal", "sign", "not_reviewer", "signed_by_another"),
    ("proposal", "confirm_removal", "second_person", "contact_removed_by_another"),
    ("licence", "endorse", "not_examiner", "endorsed_by_another"),
    ("licence", "grant", "not_reviewer", "granted_by_another"),
    ("licence", "refuse", "not_reviewer", "refused_by_another"),
    ("licence_filing", "accept", "not_recorder", "checked_by_another"),
    ("dispute", "approve", "not_drafter", "reviewed_by_another"),
    ("dispute", "sign", "not_reviewer", "signed_by_another"),
    ("decision", "launch", "not_own", "begun"),
    ("decision", "pass_legality", "not_own", "reviewed_by_another"),
    ("decision", "adopt", "not_reviewer", "decided_together"),
    ("participation", "announce", "not_planner", "announced_by_another"),
    ("participation", "report", "not_summariser", "reported_by_another"),
    ("normative_document", "pass_legality", "not_own", "reviewed_by_another"),
    ("normative_document", "sign", "not_reviewer", "signed_by_another"),
]


@pytest.mark.parametrize(("kind", "step", "guard", "passage"), APART)
def test_one_person_alone_comes_no_further(kind: str, step: str, guard: str, passage: str) -> None:
    with pytest.raises(BadDefinition) as fault:
        accept_proved(without(kind, step, guard), f"{kind}.yaml", catalogues(), OTHERS)

    assert passage in [each.source.strip().split(":")[0] for each in fault.value.findings if each.code == "not-passed"]


def test_a_check_that_no_step_makes_any_more_is_named_with_what_that_lets_happen() -> None:
    with pytest.raises(BadDefinition) as fault:
        accept_proved(without("request", "sign", "not_checker"), "request.yaml", catalogues(), OTHERS)

    assert [each.code for each in fault.value.findings] == ["unused-guard", "not-passed"]


def without(kind: str, step: str, guard: str) -> str:
    """The shipped procedure, this step of it without this guard."""
    lines = SHIPPED[kind].splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if line.startswith(f"  {step}:") and "from:" in line)
    at = next(n for n in range(first, first + 3) if guard in lines[n])
    lines[at] = lines[at].replace(f", {guard}", "", 1) if f", {guard}" in lines[at] else lines[at].replace(guard, "", 1)
    return "".join(lines)
