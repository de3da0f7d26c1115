"""One row of a file as one record: every value brought to its field's form, every fault named with its row and column.

A fault keeps the row out; a warning says what was overlooked or left out to let it in.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from exchange.columns import NUMBER
from exchange.dates import Day, NoDay, read_day
from exchange.sheets import Cell, Row, Sheet
from workflow.case import Data, Scalar
from workflow.errors import Problem
from workflow.model import Definition, Field, FieldType, Intake
from workflow.text import Text
from workflow.values import fault_of, hostile_character


@dataclass(frozen=True, slots=True)
class Record:
    """What one row says, as a record that may enter when it has no fault."""

    row: int
    data: Data
    number: str | None  # the case number that an export of ours wrote beside it
    faults: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    def key(self, intake: Intake) -> tuple[Scalar, ...]:
        """What makes it the same record wherever it comes from."""
        return tuple(self.data.get(name) for name in intake.key)


def request_id(kind: str, key: tuple[Scalar, ...]) -> str:
    """The request id under which a record enters: the same record bears the same one for ever, so it enters once."""
    said = json.dumps([kind, *key], ensure_ascii=False, separators=(",", ":"))
    return "import-" + hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one sheet are read: the definition, where each field stands, and today."""

    definition: Definition
    intake: Intake
    sheet: Sheet
    places: Mapping[str, int]
    today: date

    def records(self) -> Iterator[Record]:
        """Each row as a record, in the file's order."""
        return (self.record(row) for row in self.sheet.rows)

    def record(self, row: Row) -> Record:
        """One row as a record, with all that is wrong with it at once."""
        width = len(self.sheet.header)
        if len(row.cells) > width or (len(row.cells) < width and self.sheet.read_as != "xlsx"):
            text = _COLUMNS.filled(found=len(row.cells), wanted=width)
            return Record(row.number, {}, None, (Problem("columns", text, row=row.number),), ())
        data: dict[str, Scalar] = {}
        faults: list[Problem] = []
        warnings: list[Problem] = []
        for name, place in self.places.items():
            cell = row.cells[place] if place < len(row.cells) else None
            if name == NUMBER or _is_blank(cell):
                continue
            value, code, odd, stands = _value(self.definition.fields[name], cell)
            if odd:
                problem = Problem(code, odd, field=name, row=row.number, column=self.sheet.header[place])
                (warnings if stands else faults).append(problem)
            if value is not None:
                data[name] = value
        seen = {problem.field for problem in faults}
        faults += [self._missing(row, name) for name in self.intake.required if name not in data and name not in seen]
        for code, said, stands in self._days_in_order(data):
            (warnings if stands else faults).append(self._at(row, self.intake.closed or self.intake.opened, code, said))
        return Record(row.number, data, self._number(row), tuple(faults), tuple(warnings))

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
        if place is None or place >= len(row.cells) or _is_blank(row.cells[place]):
            return None
        return str(row.cells[place]).strip()


#: A value, the code and sentence of what is to be said about it, and whether the row may enter all the same.
_Judged = tuple[Scalar, str, Text | None, bool]


def _value(field: Field, cell: Cell) -> _Judged:
    if field.type == FieldType.DATE:
        return _day(field, cell)
    if field.type == FieldType.TEXT:
        return _writing(field, cell)
    value = _choice(field, cell)
    fault = fault_of(field, value)
    return (None, "bad-value", fault, False) if fault else (value, "", None, True)


def _day(field: Field, cell: Cell) -> _Judged:
    if isinstance(cell, str):
        hostile = _hostile(field, cell)
        if hostile:
            return hostile
        cell = _visible(cell)
    found = read_day(cell)
    match found:
        case NoDay(code, text):
            return None, code, text, False
        case Day(on, code, remark):
            return on.isoformat(), code or "", remark, True


def _writing(field: Field, cell: Cell) -> _Judged:
    typed = _typed(cell)
    hostile = _hostile(field, typed)
    if hostile:
        return hostile
    text, code, remark = _tidied(field, typed)
    if not text:
        return None, "", None, True
    fault = fault_of(field, text)
    if fault is None:
        return text, code, remark, True
    if field.max is not None and len(text) > field.max:
        return None, "too-long", fault, False
    if field.pattern:
        # A record of the past keeps its place in the register although its number was never of today's form.
        return None, "form", _FORM.filled(field=field.label, typed=_short(typed)), True
    return None, "bad-value", fault, False


def _hostile(field: Field, typed: str) -> _Judged | None:
    # The zero-width space and the byte order mark creep in by copying from pages; they are noise, taken out below.
    found = hostile_character(_visible(typed))
    return (None, "hostile", _HOSTILE.filled(field=field.label, code=found), False) if found else None


def _tidied(field: Field, typed: str) -> tuple[str, str, Text | None]:
    """The text without what does not belong to it, and what was taken away."""
    visible = _visible(typed).strip()
    # An export of ours puts this mark before what a spreadsheet program would take for a formula.
    if visible[:1] == "'" and visible[1:2] in FORMULA_STARTS:
        visible = visible[1:]
    bare = _without_label(field, _on_one_line(visible) if field.name == "title" else visible)
    if field.pattern:
        bare = _formal_number(bare)
    if bare == typed.strip():
        return bare, "", None
    if _visible(typed) != typed and bare == visible:
        return bare, "invisible", _INVISIBLE.filled(field=field.label)
    return bare, "noise", _NOISE.filled(field=field.label, typed=_short(typed.strip()), text=_short(bare))


#: A cell that begins so is run as a formula by spreadsheet programs.
FORMULA_STARTS = tuple("=+-@\t\r")

_INVISIBLE_NOISE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_LINE_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_BRACKETS = str.maketrans(dict.fromkeys("[［【﹝(（", "〔") | dict.fromkeys("]］】﹞)）", "〕"))


def _visible(typed: str) -> str:
    return _INVISIBLE_NOISE.sub("", typed).replace("\u00a0", " ")


def _on_one_line(text: str) -> str:
    """A title broken over lines, whole again; between Chinese characters no blank remains."""

    def joint(found: re.Match[str]) -> str:
        before, after = text[found.start() - 1], text[found.end()]
        return " " if before.isascii() and after.isascii() else ""

    return _LINE_BREAK.sub(joint, text.strip())


def _without_label(field: Field, text: str) -> str:
    """「发文字号：渝府发〔2023〕15号」 without the field's own name before it."""
    for label in (field.label.zh, "文号"):
        found = re.match(rf"{re.escape(label)}\s*[:：]\s*", text)
        if found and (label == field.label.zh or field.pattern):
            return text[found.end() :]
    return text


def _formal_number(text: str) -> str:
    """A document number with the brackets and digits of the rule; a text that is none stays as it is.

    >>> _formal_number("渝府发[2023] 015 号")
    '渝府发〔2023〕15号'
    """
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_BRACKETS).split())
    found = re.fullmatch(r"(.+)〔(\d{4})〕第?0*(\d+)号", plain)
    return f"{found[1]}〔{found[2]}〕{found[3]}号" if found else text


def _choice(field: Field, cell: Cell) -> Scalar:
    """A choice by its name or its label, yes and no in words, a whole number as one."""
    typed = _typed(cell).strip()
    if field.type == FieldType.ENUM:
        return next(
            (name for name, said in field.choices.items() if typed in (name, said.label.zh, said.label.en)), typed
        )
    if field.type == FieldType.BOOL:
        return {
            "是": True,
            "yes": True,
            "true": True,
            "1": True,
            "否": False,
            "no": False,
            "false": False,
            "0": False,
        }.get(typed.casefold(), typed)
    if field.type == FieldType.INTEGER and re.fullmatch(r"-?\d{1,15}", typed):
        return int(typed)
    return typed


def _typed(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not _visible(cell).strip())


def _short(typed: str) -> str:
    return typed if len(typed) <= 40 else typed[:40] + "…"


_COLUMNS = Text(
    "这一行有 {found} 列，表头有 {wanted} 列，请核对分隔符和引号",
    "this row has {found} columns, the header {wanted}; check delimiters and quotes",
)
_MISSING = Text("缺少“{field}”", "{field} is missing")
_OUT_OF_ORDER = Text(
    "“{closed}”{closed_on} 早于“{opened}”{opened_on}，照录，请核对",
    "{closed} {closed_on} lies before {opened} {opened_on}; taken in as it is, check it",
)
_FUTURE = Text(
    "“{closed}”{closed_on} 还没有到（今天是 {today}），不能作为历史记录",
    "{closed} {closed_on} has not come yet (today is {today}); it is no past record",
)
_FORM = Text(
    "“{typed}”不合“{field}”的规范形式，该栏留空收下",
    "“{typed}” has not the form of a {field}; taken in with that field left empty",
)
_HOSTILE = Text(
    "“{field}”含有控制字符或方向控制字符 {code}，请删除后再导入",
    "{field} holds the control or direction character {code}; remove it and import again",
)
_INVISIBLE = Text("“{field}”含有不可见字符，已去掉", "{field} held invisible characters, which were taken out")
_NOISE = Text("“{field}”写作“{typed}”，录为“{text}”", "{field} reads “{typed}” and is taken in as “{text}”")
