"""Past records in: the import of a spreadsheet, row by row, through the desk.

An import never stops at a bad row and never does a thing twice: the same record bears the same request id for ever, so a
file that comes again, whole or after an interruption, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from exchange.cells import is_blank
from exchange.columns import NO_MAP, NUMBER, columns_of, recognise
from exchange.maps import ColumnMap
from exchange.records import Reading, Record, request_id
from exchange.report import Fate, ImportReport, Tally
from exchange.sheets import Sheet, read_sheet
from workflow.case import IMPORT, Actor, Command, Scalar, business_date
from workflow.errors import Denied, GongkaiError, Invalid, Problem, Refused
from workflow.history import blank, fold
from workflow.model import Definition, Intake
from workflow.text import Text
from workflow.words import value_in_words

if TYPE_CHECKING:
    from storage import Desk
    from storage.views import Done

#: Records in one commit: large enough that the disk is not what we wait for, small enough that others get their turn.
GROUP = 500
FIRST_ROWS = 5  # of those that a note speaks of


def import_file(
    desk: Desk,
    actor: Actor,
    kind: str,
    path: str | Path,
    *,
    mapping: ColumnMap = NO_MAP,
    section: str | None = None,
    all_or_nothing: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Every row of the file taken in, or the reason why not; with `all_or_nothing` one bad row keeps out all.

    Raises BadFile for a file that cannot be read as a whole, Denied for who may not import.
    """
    definition = desk.definition(kind)
    intake = definition.intake
    if intake is None:
        raise Invalid((Problem("no-intake", _NO_INTAKE.filled(kind=definition.title), field="kind"),))
    sheet = read_sheet(path, lambda cells: recognise(definition, cells, mapping))
    places = columns_of(definition, intake, sheet.header, mapping, Path(path).name)
    reading = Reading(definition, intake, sheet, places, business_date(desk.now()), mapping)
    here = _numbers_here(desk, actor, kind) if NUMBER in places else {}

    tally = Tally(clock_counted=intake.closed is not None)
    fresh = tuple(_fresh(reading.records(), intake, here, tally))
    if all_or_nothing and Fate.REFUSED in tally.fates.values():
        for record in fresh:
            tally.say(record.row, Fate.HELD_BACK)
    else:
        size = len(fresh) if all_or_nothing else GROUP
        _take_in(desk, actor, definition, fresh, max(size, 1), section, all_or_nothing, dry_run, tally, progress)
    notes = (
        *sheet.notes,
        *_unused(sheet, places),
        *_blanks(reading, tally),
        *_uncounted(desk, definition, fresh, tally),
    )
    return tally.report(Path(path).name, sheet.read_as, dry_run, notes)


def _numbers_here(desk: Desk, actor: Actor, kind: str) -> dict[str, str]:
    """The cases that the actor sees, by number, with their titles."""
    here: dict[str, str] = {}
    after = None
    while True:
        rows, after = desk.list_cases(actor, kind=kind, limit=500, after=after)
        here.update((row.number, row.title) for row in rows)
        if after is None:
            return here


def _fresh(records: Iterator[Record], intake: Intake, here: Mapping[str, str], tally: Tally) -> Iterator[Record]:
    """The records that may enter; of all others it is said what became of them."""
    first: dict[tuple[Scalar, ...], Record] = {}
    for record in records:
        tally.strangers.extend(record.strangers)
        if record.number and here.get(record.number) == record.data.get("title"):
            tally.say(record.row, Fate.UNCHANGED)
            continue
        if record.faults:
            tally.say(record.row, Fate.REFUSED, (*record.faults, *record.warnings))
            continue
        before = first.setdefault(record.key(intake), record)
        if before is record:
            yield record
        elif before.data == record.data:
            text = _REPEATED.filled(row=before.row)
            tally.say(record.row, Fate.UNCHANGED, (Problem("repeated", text, row=record.row),))
        else:
            text = _CONTRADICTS.filled(row=before.row)
            tally.say(record.row, Fate.REFUSED, (Problem("contradicts", text, row=record.row),))


def _take_in(
    desk: Desk,
    actor: Actor,
    definition: Definition,
    fresh: Sequence[Record],
    size: int,
    section: str | None,
    all_or_nothing: bool,
    dry_run: bool,
    tally: Tally,
    progress: Callable[[int, int], None] | None,
) -> None:
    """The records, group by group, each group one commit of the desk."""
    for begin in range(0, len(fresh), size):
        group = fresh[begin : begin + size]
        outcomes = desk.take_in(
            actor,
            definition.id,
            [_command(definition, record) for record in group],
            section=section,
            all_or_nothing=all_or_nothing,
            dry_run=dry_run,
        )
        for record, outcome in zip(group, outcomes, strict=True):
            _tell(desk, definition, record, outcome, tally)
        if all_or_nothing and Fate.REFUSED in tally.fates.values():
            _hold_back(group, tally)
        if progress:
            progress(begin + len(group), len(fresh))


def _command(definition: Definition, record: Record) -> Command:
    key = record.key(_intake(definition))
    return Command(IMPORT, record.data, request_id=request_id(definition.id, key))


def _intake(definition: Definition) -> Intake:
    if definition.intake is None:
        raise Invalid((Problem("no-intake", _NO_INTAKE.filled(kind=definition.title), field="kind"),))
    return definition.intake


def _tell(desk: Desk, definition: Definition, record: Record, outcome: Done | GongkaiError, tally: Tally) -> None:
    """What the desk answered for one record."""
    if isinstance(outcome, Denied):
        raise outcome
    if isinstance(outcome, Invalid) and any(each.code == "request-id-used" for each in outcome.problems):
        tally.say(record.row, Fate.UNCHANGED)  # it came in by another hand
    elif isinstance(outcome, GongkaiError):
        tally.say(record.row, Fate.REFUSED, (*_reasons(record, outcome), *record.warnings))
    elif outcome.repeated:
        tally.say(record.row, Fate.UNCHANGED, _differences(definition, record, outcome))
    else:
        tally.say(record.row, Fate.WARNED if record.warnings else Fate.ACCEPTED, record.warnings)
        empty = blank(outcome.event.case_id, "", definition, outcome.case.case.bureau, "")
        tally.count_days(fold(definition, empty, outcome.event, desk.calendar).touched)


def _reasons(record: Record, outcome: GongkaiError) -> Iterator[Problem]:
    if isinstance(outcome, Refused):
        for reason in outcome.reasons:
            yield Problem(reason.name, reason.text, field=reason.name, row=record.row)
    elif isinstance(outcome, Invalid) and outcome.problems:
        for problem in outcome.problems:
            yield Problem(problem.code, problem.text, field=problem.field, row=record.row, column=problem.column)
    else:
        yield Problem(outcome.code, outcome.said, row=record.row)


def _differences(definition: Definition, record: Record, outcome: Done) -> Iterator[Problem]:
    """Where the record that is here says otherwise than the file; it stays as it is."""
    for name, value in record.data.items():
        there = outcome.event.data.get(name)
        if there != value:
            before, now = (value_in_words(definition, name, each) for each in (there, value))
            text = _DIFFERS.filled(field=definition.fields[name].label, there=before, value=now)
            yield Problem("differs", text, field=name, row=record.row)


def _hold_back(group: Sequence[Record], tally: Tally) -> None:
    """Nothing of this group entered, because one of its rows was refused by the desk."""
    for record in group:
        if tally.fates[record.row] in (Fate.ACCEPTED, Fate.WARNED):
            tally.say(record.row, Fate.HELD_BACK)
    tally.on_time = tally.late = tally.late_days = tally.not_computable = 0


def _unused(sheet: Sheet, places: Mapping[str, int]) -> Iterator[Text]:
    unused = [name for place, name in enumerate(sheet.header) if name and place not in places.values()]
    if unused and NUMBER not in places:
        yield _UNUSED.filled(columns="、".join(unused)[:200])


def _blanks(reading: Reading, tally: Tally) -> Iterator[Text]:
    """Which columns are left blank in records that entered, and where: no fault, but for somebody to look at."""
    entered = [row for row in reading.sheet.rows if tally.fates.get(row.number) in (Fate.ACCEPTED, Fate.WARNED)]
    for name, place in reading.places.items():
        rows = [row.number for row in entered if place >= len(row.cells) or is_blank(row.cells[place])]
        if rows and name != NUMBER:
            first = "、".join(map(str, rows[:FIRST_ROWS])) + ("…" if len(rows) > FIRST_ROWS else "")
            yield _BLANK.filled(column=reading.sheet.header[place], count=f"{len(rows):,}", rows=first)


def _uncounted(desk: Desk, definition: Definition, fresh: Sequence[Record], tally: Tally) -> Iterator[Text]:
    """Why the days of some records were not counted: no law yet, or no calendar."""
    if not tally.clock_counted:
        return
    opened = _intake(definition).opened
    days = [str(record.data[opened]) for record in fresh if tally.fates.get(record.row) in (Fate.ACCEPTED, Fate.WARNED)]
    since = min((rule.since for rule in definition.deadlines.values() if rule.anchor and rule.since), default=None)
    before_law = sum(since is not None and day < since.isoformat() for day in days)
    if since and before_law:
        yield _BEFORE_LAW.filled(count=before_law, since=since)
    before_calendar = sum(int(day[:4]) < desk.calendar.known_from for day in days)
    if before_calendar:
        yield _BEFORE_CALENDAR.filled(count=before_calendar, year=desk.calendar.known_from)


_NO_INTAKE = Text("“{kind}”不接受历史记录导入", "{kind} takes in no past records")
_REPEATED = Text("与第 {row} 行相同，只收一次", "the same as row {row}; taken in once")
_CONTRADICTS = Text(
    "与第 {row} 行是同一件而内容不同，请只留正确的一行",
    "the same record as row {row} with other content; keep the right one only",
)
_DIFFERS = Text(
    "“{field}”已有记录为“{there}”，文件中为“{value}”；已有的不改",
    "{field} is “{there}” in the record here, “{value}” in the file; the record stays",
)
_BLANK = Text(
    "“{column}”一列留空照收 {count} 行：第 {rows} 行", "{column} is blank in {count} row(s) that entered: {rows}"
)
_UNUSED = Text("未用到的列：{columns}", "columns not used: {columns}")
_BEFORE_LAW = Text(
    "{count} 件的起算日在 {since} 之前，条例尚未施行，不计时限",
    "{count} begin before {since}, when the regulation was not in force; no limit is counted",
)
_BEFORE_CALENDAR = Text(
    "其中 {count} 件早于 {year} 年，工作日历没有记载",
    "{count} of them are older than {year}, where the working-day calendar begins",
)
