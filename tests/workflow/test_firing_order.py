"""One order of reminders and escalations: what the loader lets a file say is how they fire, whatever their units."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.versions import catalogues
from workflow.accepted import definition_from
from workflow.errors import BadDefinition
from workflow.loader import accept

STAMP = (Path(__file__).parents[1] / "definitions/good/stamp.yaml").read_text("utf-8")
REMINDERS = "remind: [{before: 2 working days, tell: [office]}, {before: 5 hours, tell: [office, author]}]"
ESCALATIONS = (
    "escalate: [{after: 0 working days, tell: leader}, {after: 1 working day, tell: [leader], reassign: leader}]"
)


def fired(text: str) -> list[str]:
    """The names of the steps of the clock, in the order in which they fire."""
    said = accept(text, "stamp.yaml", catalogues())
    return [each.name for each in definition_from(said.json, said.digest).deadlines["review"].steps]


def codes(text: str) -> list[str]:
    with pytest.raises(BadDefinition) as raised:
        accept(text, "stamp.yaml", catalogues())
    return [each.code for each in raised.value.findings]


@pytest.mark.parametrize(
    ("first", "second"),
    [("2 working days", "65 hours"), ("1 calendar day", "30 hours"), ("7 calendar days", "4 working days")],
)
def test_reminders_fire_in_the_order_in_which_a_file_may_say_them(first: str, second: str) -> None:
    longer = STAMP.replace("limit: 3 working days, anchor", "limit: 20 working days, anchor")

    def reminding(*ahead: str) -> str:
        said = ", ".join(f"{{before: {each}, tell: [office]}}" for each in ahead)
        assert REMINDERS in longer
        return longer.replace(REMINDERS, f"remind: [{said}]")

    steps = fired(reminding(first, second))
    refused = codes(reminding(second, first))

    assert [each for each in steps if each.startswith("remind")] == ["remind-1", "remind-2"]
    assert refused == ["remind-order"]


@pytest.mark.parametrize(
    ("first", "second"), [("5 hours", "0 working days"), ("30 hours", "1 calendar day"), ("1 calendar day", "34 hours")]
)
def test_escalations_fire_in_the_order_in_which_a_file_may_say_them(first: str, second: str) -> None:
    def escalating(*late: str) -> str:
        said = ", ".join(f"{{after: {each}, tell: [leader], reassign: leader}}" for each in late)
        assert ESCALATIONS in STAMP
        return STAMP.replace(ESCALATIONS, f"escalate: [{said}]")

    steps = fired(escalating(first, second))
    refused = codes(escalating(second, first))

    assert [each for each in steps if each.startswith("escalate")] == ["escalate-1", "escalate-2"]
    assert refused == ["escalate-order"]
