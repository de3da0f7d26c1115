"""What an event of a log wishes: which step it stands for, and with which data, in the words of the definition."""

from __future__ import annotations

import re

from exchange.cells import value_of
from exchange.foreign import ForeignEvent
from exchange.replay_map import ReplayMap
from workflow.case import EDIT, IMPORT, START, TAKE_BACK, Scalar
from workflow.errors import Problem
from workflow.history import CLOCK_EVENTS
from workflow.model import Definition, Field, FieldType
from workflow.text import Text, shown
from workflow.values import faults_of

MOST_PROBLEMS = 200
OWN_DATA, CLEARED, WRITTEN = "data.", "cleared", "written"

#: What stands for a text of which the log says only that it was written.
SOME_TEXT = "…"
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?=[T ])")
_TRUE = {"true": True, "false": False}


class Wishes:
    """Reads events by a map; values that no field can hold are left out and told."""

    def __init__(self, definition: Definition, mapping: ReplayMap) -> None:
        self.definition, self.map = definition, mapping
        self.problems: list[Problem] = []
        self._told: set[tuple[int, str]] = set()
        #: Whether the log marks how a case begins; else its first event is its beginning, too.
        self.has_a_beginning = mapping.own or any(START in each for each in mapping.steps.values())

    def steps_of(self, event: ForeignEvent) -> tuple[str, ...] | None:
        """The steps that the event may stand for; none for an activity that nobody knows; None where it is no matter here."""
        if self.map.own:
            is_no_step = event.activity in CLOCK_EVENTS or event.activity in self.definition.acts.keys() - {TAKE_BACK}
            return None if is_no_step else (event.activity,)
        if event.activity in self.map.ignored:
            return None
        return self.map.steps.get(event.activity, ())

    def data_of(self, event: ForeignEvent, step: str) -> dict[str, Scalar]:
        """What comes with the step."""
        found: dict[str, Scalar] = {}
        for name, said in self._said(event, step).items():
            field = self.definition.fields.get(name)
            if field is not None:
                value = self._value(event, field, said)
                if value is not None:
                    found[name] = value
        if self.map.own:
            found |= dict.fromkeys(self._named(event, WRITTEN), SOME_TEXT)
            if step in (START, IMPORT, EDIT):
                found |= dict.fromkeys(self._named(event, CLEARED))
        return found

    def given_by(self, event: ForeignEvent, step: str) -> dict[str, Scalar]:
        """What our own record says the step wrote, which a replay could not know: a document number, another's answer."""
        if not self.map.own:
            return {}
        return {**self.data_of(event, step), **dict.fromkeys(self._named(event, CLEARED))}

    def _named(self, event: ForeignEvent, key: str) -> list[str]:
        return [each for each in event.columns.get(key, "").split() if each in self.definition.fields]

    def _said(self, event: ForeignEvent, step: str) -> dict[str, str]:
        if self.map.own:
            return {k.removeprefix(OWN_DATA): v for k, v in event.columns.items() if k.startswith(OWN_DATA)}
        columns = self.map.data.get(step, {})
        return {name: said for name, column in columns.items() if (said := event.columns.get(column, "").strip())}

    def _value(self, event: ForeignEvent, field: Field, said: str) -> Scalar:
        said = self.map.values.get(field.name, {}).get(said, said)
        if field.type == FieldType.BOOL and said in _TRUE:
            return _TRUE[said]
        if field.type == FieldType.DATE and (day := _DAY.match(said)):
            said = day[0]
        value, _, fault, usable = value_of(field, said)
        problem = fault if not usable else next((p.text for p in faults_of(self.definition, {field.name: value})), None)
        if problem is None:
            return value
        if (event.row, field.name) not in self._told and len(self.problems) < MOST_PROBLEMS:
            self._told.add((event.row, field.name))
            text = _UNUSABLE.filled(value=shown(said), why=problem)
            self.problems.append(Problem("bad-value", text, field=field.name, row=event.row))
        return None


_UNUSABLE = Text("“{value}”不能用，该值略去：{why}", "“{value}” cannot be used and is left out: {why}")
