"""Cases out: a CSV or XLSX file of what the actor may see, that an office opens and that comes back in unchanged."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange.cells import FORMULA_STARTS
from exchange.columns import NUMBER_HEADERS
from exchange.files import write_whole
from exchange.sheets import Cell
from workflow.case import SHANGHAI, Actor, Case, ClockKind, Outcome, Scalar, business_date
from workflow.errors import Invalid, Problem
from workflow.model import Definition, Field, FieldType
from workflow.text import Lang, Text
from workflow.words import shown_value

if TYPE_CHECKING:
    from storage import Desk
    from storage.views import DeadlineView
    from workflow.workdays import Calendar

#: What an Excel cell holds; longer text is cut there and says so.
LONGEST_XLSX_CELL = 32_767
#: A text this long is read on its page, not in a table.
LONGEST_IN_TABLE = 5_000


def export_file(
    desk: Desk,
    actor: Actor,
    kind: str,
    path: str | Path,
    *,
    state: str | None = None,
    section: str | None = None,
    lang: Lang = "zh",
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the cases of a kind that the actor sees, by number; the ending of the path says CSV or XLSX. Returns how many."""
    where = Path(path)
    write = {".csv": _write_csv, ".xlsx": _write_xlsx}.get(where.suffix.lower())
    if write is None:
        raise Invalid((Problem("unknown-format", _FORMAT.filled(name=where.name), field="file"),))
    definition = desk.definition(kind)
    cases = list(_cases(desk, actor, kind, state, section, progress))
    legal = {case.id: _legal(desk.clocks(actor, case.id), desk.now(), desk.calendar, lang) for case in cases}
    fields = [
        each
        for each in definition.fields.values()
        if each.name in definition.listed or (in_table(each) and any(each.name in c.data for c in cases))
    ]
    header = [text.read(lang) for text in (*_LABELS, *(each.label for each in fields), *_CLOCK_LABELS)]
    rows = [[*_row(definition, case, fields, lang), *legal[case.id]] for case in cases]
    write_whole(where, lambda beside: write(beside, definition.title.read(lang), header, rows))
    return len(cases)


def _cases(
    desk: Desk, actor: Actor, kind: str, state: str | None, section: str | None, progress: Callable[[int], None] | None
) -> Iterator[Case]:
    after = None
    done = 0
    while True:
        rows, after = desk.list_cases(actor, kind=kind, state=state, section=section, limit=500, after=after)
        for row in rows:
            yield desk.case(actor, row.id).case
        done += len(rows)
        if progress:
            progress(done)
        if after is None:
            return


def in_table(field: Field) -> bool:
    """Whether a field stands in tables and logs: a longer text is read on its page."""
    return field.type != FieldType.TEXT or (field.max is not None and field.max <= LONGEST_IN_TABLE)


def _row(definition: Definition, case: Case, fields: Sequence[Field], lang: Lang) -> list[Cell]:
    return [
        case.number,
        definition.states[case.state].label.read(lang) if case.state in definition.states else case.state,
        case.section,
        case.changed_at.astimezone(SHANGHAI).date(),
        case.closed_at.astimezone(SHANGHAI).date() if case.closed_at else None,
        *(_shown(each, shown_value(definition, each.name, case.data.get(each.name)), lang) for each in fields),
    ]


def _legal(clocks: Sequence[DeadlineView], now: datetime, calendar: Calendar, lang: Lang) -> tuple[Cell, Cell, Cell]:
    """The last day by law, by how many working days it was (or is) missed, and the word where the day is provisional (暂定).

    Nothing where no such clock ran.
    """
    ran = [each.deadline for each in clocks if each.rule.kind == ClockKind.STATUTORY]
    last = next((each for each in reversed(ran) if each.outcome != Outcome.VOID), None)
    if last is None:
        return None, None, None
    mark = _PROVISIONAL.read(lang) if last.provisional else None
    if last.closed_at is None and now >= last.due_at:
        return last.rolled_on, calendar.working_days_between(last.rolled_on, business_date(now)), mark
    met = last.outcome != Outcome.LATE
    return last.rolled_on, 0 if met and last.closed_at else last.late_days, mark


def _shown(field: Field, value: Scalar, lang: Lang) -> Cell:
    """A value as the office reads it."""
    if value is None:
        return None
    if field.personal:
        return str(value)  # behind its mask, of whatever type it was
    if isinstance(value, bool):
        return (Text("是", "yes") if value else Text("否", "no")).read(lang)
    if field.type == FieldType.DATE:
        return date.fromisoformat(str(value))
    if isinstance(value, str) and value in field.choices:
        return field.choices[value].label.read(lang)
    return value


def _write_csv(where: Path, title: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    # The byte order mark is how Excel knows UTF-8.
    with where.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([_safe(cell) for cell in row] for row in rows)


def _safe(cell: Cell) -> Cell:
    """A text that a spreadsheet program would run as a formula, held back by a quote; the import takes it off again."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _write_xlsx(where: Path, title: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for place, name in enumerate(header, 1):
        widest = max((_width(row[place - 1]) for row in rows[:200]), default=0)
        sheet.column_dimensions[get_column_letter(place)].width = min(max(widest, 2 * len(name)) + 2, 60)

    def cell(value: Any, *, bold: bool = False) -> Any:
        made = WriteOnlyCell(sheet, value=value[:LONGEST_XLSX_CELL] if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"  # a text is a text, though it begins with an equals sign
        elif isinstance(value, date):
            made.number_format = "yyyy-mm-dd"
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(name, bold=True) for name in header])
    for row in rows:
        sheet.append([cell(value) for value in row])
    # Packed before it reaches the disk: a packer that a full disk cuts short complains once more when it is thrown away.
    packed = io.BytesIO()
    book.save(packed)
    where.write_bytes(packed.getvalue())


def _width(cell: Cell) -> int:
    return sum(1 if each.isascii() else 2 for each in str(cell)) if cell is not None else 0


_LABELS = (
    Text(*NUMBER_HEADERS),
    Text("状态", "state"),
    Text("科室", "section"),
    Text("最近办理", "last step"),
    Text("办结日期", "closed on"),
)
_CLOCK_LABELS = (
    Text("法定期限", "last day by law"),
    Text("逾期工作日", "working days late"),
    Text("期限暂定", "provisional"),
)
_PROVISIONAL = Text("暂定", "provisional")
_FORMAT = Text("“{name}”的后缀须为 .csv 或 .xlsx", "the name “{name}” must end in .csv or .xlsx")
