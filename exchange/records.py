"""One row of a file as one record: every value brought to its field's form, every fault named with its row and column.

A fault keeps the row out; a warning says what was overlooked or left out to let it in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from exchange.cells import UNMATCHED, Judged, is_blank, typed_in, value_of, word
from exchange.columns import NUMBER
from exchange.maps import ColumnMap
from exchange.sheets import Cell, Row, Sheet
from workflow.case import Data, Scalar
from workflow.errors import Problem
from workflow.model import Definition, Intake
from workflow.text import Text
from workflow.words import value_in_words


@dataclass(frozen=True, slots=True)
class Stranger:
    """A word of the file that is none of its field's choices, and what the map takes it for (None: nothing, so far)."""

    row: int
    field: str
    column: str
    word: str
    taken_as: Scalar


@dataclass(frozen=True, slots=True)
class Record:
    """What one row says, as a record that may enter when it has no fault."""

    row: int
    data: Data
    number: str | None  # the case number that an export of ours wrote beside it
    faults: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    strangers: tuple[Stranger, ...] = ()

    def key(self, intake: Intake) -> tuple[Scalar, ...]:
        """What makes it the same record wherever it comes from."""
        return tuple(self.data.get(name) for name in intake.key)


def request_id(kind: str, key: tuple[Scalar, ...]) -> str:
    """The request id under which a record enters: the same record bears the same one for ever, so it enters once."""
    said = json.dumps([kind, *key], ensure_ascii=False, separators=(",", ":"))
    return "import-" + hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one sheet are read: the definition, where each field stands, today, and what the map says of words."""

    definition: Definition
    intake: Intake
    sheet: Sheet
    places: Mapping[str, int]
    today: date
    map: ColumnMap = field(default_factory=ColumnMap)

    def records(self) -> Iterator[Record]:
        """Each row as a record, in the file's order."""
        return (self.record(row) for row in self.sheet.rows)

    def record(self, row: Row) -> Record:
        """One row as a record, with all that is wrong with it at once."""
        width = len(self.sheet.header)
        if len(row.cells) > width or (len(row.cells) < width and self.sheet.read_as != "xlsx"):
            text = _COLUMNS.filled(found=len(row.cells), wanted=width)
            return Record(row.number, {}, None, (Problem("columns", text, row=row.number),), ())
        data: dict[str, Scalar] = self._constants()
        faults: list[Problem] = []
        warnings: list[Problem] = []
        strangers: list[Stranger] = []
        for name, place in self.places.items():
            cell = row.cells[place] if place < len(row.cells) else None
            if name == NUMBER:
                continue
            if is_blank(cell) and not self._meant(name, cell):
                faults += (
                    [self._at(row, name, "missing", self._only(name, _UNSAID))] if name in self.intake.sets else ()
                )
                continue
            value, code, odd, stands = self._judged(name, cell)
            column = self.sheet.header[place]
            if odd:
                problem = Problem(code, odd, field=name, row=row.number, column=column)
                (warnings if stands else faults).append(problem)
            if code == UNMATCHED:
                strangers.append(Stranger(row.number, name, column, typed_in(cell).strip(), value))
            if value is not None and value != self.intake.sets.get(name, value):
                faults.append(self._at(row, name, "not-taken-in", self._only(name, _NOT_TAKEN_IN, value)))
            elif value is not None:
                data[name] = value
        seen = {problem.field for problem in faults}
        faults += [self._missing(row, name) for name in self.intake.required if name not in data and name not in seen]
        for code, said, stands in self._days_in_order(data):
            (warnings if stands else faults).append(self._at(row, self.intake.closed or self.intake.opened, code, said))
        return Record(row.number, data, self._number(row), tuple(faults), tuple(warnings), tuple(strangers))

    def _constants(self) -> dict[str, Scalar]:
        return {name: value_of(self.definition.fields[name], said)[0] for name, said in self.map.sets.items()}

    def _judged(self, name: str, cell: Cell) -> Judged:
        """What this cell means: first as the map says, then as it stands, last as the map says of all that nothing matches."""
        said = self.definition.fields[name]
        meant = self._meant(name, cell)
        judged = value_of(said, meant if meant else cell, None if meant else self.map.dates.get(name))
        if judged[1] != UNMATCHED or name not in self.map.otherwise:
            return judged
        value = value_of(said, self.map.otherwise[name])[0]
        label = said.choices[str(value)].label
        return (
            value,
            UNMATCHED,
            _OTHERWISE.filled(typed=typed_in(cell).strip()[:40], field=said.label, value=label),
            True,
        )

    def _meant(self, name: str, cell: Cell) -> str | None:
        """Our value for a word of the file, by the map's table."""
        table = self.map.values.get(name)
        if not table:
            return None
        typed = word("" if cell is None else cell)
        return next((ours for theirs, ours in table.items() if word(theirs) == typed), None)

    def _only(self, name: str, text: Text, said: Scalar = None) -> Text:
        """That a record says otherwise than every one that enters, of a field that the definition sets itself."""
        value, typed = (value_in_words(self.definition, name, each) for each in (self.intake.sets[name], said))
        return text.filled(field=self.definition.fields[name].label, value=value, said=typed)

    def _days_in_order(self, data: Data) -> Iterator[tuple[str, Text, bool]]:
        """What is odd about the two days of a record; ISO days compare as they read."""
        if self.intake.closed is None:
            return
        opened, closed = data.get(self.intake.opened), data.get(self.intake.closed)
        labels = {
            "opened": self.definition.fields[self.intake.opened].label,
            "closed": self.definition.fields[self.intake.closed].label,
        }
        if opened and closed and str(closed) < str(opened):
            yield "out-of-order", _OUT_OF_ORDER.filled(**labels, opened_on=opened, closed_on=closed), True
        if closed and str(closed) > self.today.isoformat():
            yield "future", _FUTURE.filled(**labels, closed_on=closed, today=self.today), False

    def _missing(self, row: Row, name: str) -> Problem:
        return self._at(row, name, "missing", _MISSING.filled(field=self.definition.fields[name].label))

    def _at(self, row: Row, name: str, code: str, text: Text) -> Problem:
        column = self.sheet.header[self.places[name]] if name in self.places else None
        return Problem(code, text, field=name, row=row.number, column=column)

    def _number(self, row: Row) -> str | None:
        place = self.places.get(NUMBER)
        if place is None or place >= len(row.cells) or is_blank(row.cells[place]):
            return None
        return str(row.cells[place]).strip()


_COLUMNS = Text(
    "这一行有 {found} 列，表头有 {wanted} 列，请核对分隔符和引号",
    "this row has {found} columns, the header {wanted}; check delimiters and quotes",
)
_MISSING = Text("缺少“{field}”", "{field} is missing")
_UNSAID = Text(
    "“{field}”没有填写，而导入只收“{value}”的记录；请核实补填，不是的按程序办理（start）",
    "{field} is not filled in, and only what is “{value}” is taken in; look it up and fill it in, and let what is not go by the procedure (start)",
)
_NOT_TAKEN_IN = Text(
    "“{field}”为“{said}”，而导入只收“{value}”的记录；此件按程序办理（start）",
    "{field} is “{said}”, and only what is “{value}” is taken in; let this one go by the procedure (start)",
)
_OTHERWISE = Text(
    "“{typed}”对不上“{field}”的任何一种，按列对应文件的 otherwise 录为“{value}”",
    "“{typed}” is none of the choices of {field}; taken in as “{value}”, as `otherwise` in the map says",
)
_OUT_OF_ORDER = Text(
    "“{closed}”{closed_on} 早于“{opened}”{opened_on}，照录，请核对",
    "{closed} {closed_on} lies before {opened} {opened_on}; taken in as it is, check it",
)
_FUTURE = Text(
    "“{closed}”{closed_on} 还没有到（今天是 {today}），不能作为历史记录",
    "{closed} {closed_on} has not come yet (today is {today}); it is no past record",
)
