"""What is open says the same as the decision, where a rule compares words: of them nothing is kept, and they are asked as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.papers import PRC
from tests.versions.permits import FIRST
from workflow.accepted import definition_from
from workflow.case import Actor, Appointment, Command, Decision, RoleName, Scalar, StateName, TransitionName
from workflow.decide import decide
from workflow.explain import options
from workflow.history import blank
from workflow.loader import accept

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
OFFICER = Actor("zhaoyun", "赵云", "bureau", (Appointment(RoleName("office"), None, date(2020, 1, 1), None),))


@pytest.mark.parametrize(
    ("asked", "note", "typed", "is_open"),
    [
        ("{level: set, not: {note: {same_as: title}}}", "急件", {"level": "high"}, True),
        ("{level: set, not: {note: {same_as: title}}}", "占道许可", {"level": "high"}, False),
        ("{note: {same_as: title}, level: high}", "急件", {"level": "high"}, False),
        ("{note: 急件, level: high}", "急件", {"level": "high"}, True),
        ("{note: 急件, level: high}", "平件", {"level": "high"}, False),
    ],
)
def test_a_step_is_open_where_its_form_meets_a_rule_that_compares_words(
    asked: str, note: str, typed: dict[str, Scalar], is_open: bool
) -> None:
    told_apart = f"  told_apart: {{if: {asked}, zh: 备注不符, en: the note does not fit}}\n"
    form = "form: {required: [level]}, guards: [told_apart, not_own]"
    said = accept(
        FIRST.replace("\nstates:", f"\n{told_apart}states:").replace("guards: [not_own]", form), "permit.yaml", {}
    )
    definition = definition_from(said.json, said.digest)
    case = replace(
        blank("c1", "PER-2026-00001", definition, "bureau", "预算科"),
        state=StateName("checking"),
        data={"title": "占道许可", "note": note},
    )

    offered = {str(each.transition): each.allowed for each in options(definition, case, OFFICER, NOW)}
    decided = decide(definition, case, Command(TransitionName("grant"), typed), OFFICER, NOW, PRC)

    assert (offered["grant"], isinstance(decided, Decision)) == (is_open, is_open)
