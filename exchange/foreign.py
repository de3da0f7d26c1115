"""An event log of another house (CSV or XES), read case by case: what it calls its steps, when each happened, and by whom.

XML from outside is read with the doors shut: no DTD, no entities, bounded in size, depth and events (a billion laughs stay
unheard). A row that cannot be read is reported and left out; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from exchange.sheets import read_sheet
from storage.files import readable
from storage.reasons import why
from workflow.case import SHANGHAI
from workflow.errors import BadFile, Problem, no_such_file
from workflow.text import Text, shown
from workflow.values import EARLIEST, LATEST

if TYPE_CHECKING:
    from exchange.replay_map import Columns

LARGEST_XES = 256 * 1024 * 1024  # bytes
MOST_EVENTS = 2_000_000
DEEPEST_XES = 40  # elements inside each other; attributes of attributes are few
MOST_PROBLEMS = 200  # rows told one by one

#: Of a trace, not of one event: the way in which other programs name it, too.
OF_CASE = "case:"


@dataclass(frozen=True, slots=True)
class ForeignEvent:
    """One event as the log says it."""

    row: int  # of the CSV file, or the how manyth event of the XES file
    activity: str
    at: datetime  # the day and hour as written, taken as the office's own: its days are what limits count
    instant: datetime  # the same moment by the world's clock, by which events are put in order
    resource: str
    columns: Mapping[str, str]


@dataclass(slots=True)
class ForeignLog:
    """A log: the events of each case in the order in which they happened, and what could not be read."""

    cases: dict[str, list[ForeignEvent]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: int = 0  # events that only say that a step began, was suspended, …
    unread: int = 0

    def in_order(self) -> ForeignLog:
        """The same log, each case by its clock; of two events at one instant the first in the file comes first."""
        for events in self.cases.values():
            events.sort(key=lambda each: each.instant)
        return self


def read_log(path: str | Path, columns: Columns) -> ForeignLog:
    """The log that the file holds; its ending says CSV or XES. Raises BadFile for what cannot be read as a whole."""
    where = Path(path)
    rows = _xes_rows(where) if where.suffix.lower() == ".xes" else _csv_rows(where, columns)
    log = ForeignLog()
    for number, row in rows:
        _take(log, number, row, columns)
    if not log.cases and not log.problems:
        raise _bad(where, "no-events", _NO_EVENTS)
    return log.in_order()


def _take(log: ForeignLog, number: int, row: Mapping[str, str], columns: Columns) -> None:
    stage = row.get(columns.lifecycle or "", "").strip().lower()
    if stage and stage != "complete":
        log.skipped += 1
        return
    case, activity = row.get(columns.case, "").strip(), row.get(columns.activity, "").strip()
    read = _moment(row.get(columns.time, ""), columns.form)
    is_far = read is not None and not EARLIEST <= read[0].date() <= LATEST
    if not case or not activity or read is None or is_far:
        log.unread += 1
        if len(log.problems) < MOST_PROBLEMS:
            lacking = columns.case if not case else columns.activity if not activity else columns.time
            no_time = _FAR if is_far else _NO_TIME
            text = no_time.filled(value=shown(row.get(columns.time, ""))) if case and activity else _BLANK
            log.problems.append(Problem("bad-event", text, row=number, column=lacking))
        return
    at, instant = read
    resource = row.get(columns.resource or "", "").strip() or "?"
    log.cases.setdefault(case, []).append(ForeignEvent(number, activity, at, instant, resource, row))


def _moment(said: str, form: str | None) -> tuple[datetime, datetime] | None:
    """The wall clock as written, taken as ours, and the instant that it was.

    >>> [each.isoformat() for each in _moment("2011-10-18T15:53:19+02:00", None)]
    ['2011-10-18T15:53:19+08:00', '2011-10-18T13:53:19+00:00']
    >>> _moment("sometime", None) is None
    True
    """
    try:
        read = datetime.strptime(said.strip(), form) if form else datetime.fromisoformat(said.strip())  # noqa: DTZ007
        wall = read.replace(tzinfo=SHANGHAI)
        return wall, (read if read.tzinfo else wall).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# CSV


def _csv_rows(where: Path, columns: Columns) -> Iterator[tuple[int, Mapping[str, str]]]:
    wanted = {each for each in columns.named if each}
    sheet = read_sheet(where, lambda header: len(wanted.intersection(header)))
    absent = [each for each in columns.named if each and each not in sheet.header]
    if absent:
        known = Text("、".join(sheet.header), ", ".join(sheet.header))
        problems = tuple(Problem("no-column", _NO_COLUMN.filled(name=each, known=known)) for each in absent)
        raise BadFile(problems, file=where.name)
    for row in sheet.rows:
        # A row that is shorter than the header has nothing in its last columns.
        yield row.number, dict(zip(sheet.header, ("" if c is None else str(c) for c in row.cells), strict=False))


# XES


def _xes_rows(where: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError

    try:
        with readable(where).open("rb") as file:
            yield from _events(where, file)
    except FileNotFoundError as fault:
        raise no_such_file(where.name) from fault
    except OSError as fault:
        raise _bad(where, "unreadable", _UNREADABLE.filled(reason=why(fault))) from fault
    except DefusedXmlException as fault:
        raise _bad(where, "unsafe-xml", _UNSAFE) from fault
    except ParseError as fault:
        line = getattr(fault, "position", (0, 0))[0]
        raise _bad(where, "not-xes", _NOT_XML.filled(detail=str(fault)), row=line or None) from fault
    except (ValueError, LookupError) as fault:  # an encoding that nobody knows
        raise _bad(where, "not-xes", _NOT_XML.filled(detail=str(fault))) from fault


def _events(where: Path, file: IO[bytes]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each event with its trace's attributes; a trace's are written before its events, and memory holds one trace at most."""
    from defusedxml.ElementTree import iterparse

    of_case: dict[str, str] = {}
    path: list[str] = []
    number, root, trace = 0, None, None
    for happening, element in iterparse(_Bounded(where, file), events=("start", "end"), forbid_dtd=True):
        if happening == "start":
            path.append(_plain(element.tag))
            root = element if root is None else root
            if path[0] != "log":
                raise _bad(where, "not-xes", _NOT_A_LOG.filled(tag=shown(path[0])))
            if len(path) > DEEPEST_XES:
                raise _bad(where, "too-deep", _TOO_DEEP)
            if path[-1] == "trace":
                of_case, trace = {}, element
            continue
        tag = path.pop()
        if tag == "event":
            number += 1
            if number > MOST_EVENTS:
                raise _bad(where, "too-many", _TOO_MANY.filled(most=MOST_EVENTS))
            yield number, {**of_case, **dict(_attributes(element))}
            element.clear()
        elif path[-1:] == ["trace"] and "key" in element.attrib:
            of_case.update({OF_CASE + key: value for key, value in _attributes([element])})
        elif tag == "trace":
            of_case = {}  # an event beside the traces is of no case
        # What has been read is let go, whatever it was: a file of a million elements that say nothing takes no room either.
        if path == ["log"] and root is not None:
            root.clear()
        elif path == ["log", "trace"] and trace is not None:
            trace.clear()


def _attributes(elements: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for each in elements:
        if "key" in each.attrib and "value" in each.attrib:
            yield each.attrib["key"], each.attrib["value"]


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Bounded:
    """A file of which no more is read than may be there: a device never ends."""

    def __init__(self, where: Path, file: IO[bytes]) -> None:
        self.where, self.file, self.left = where, file, LARGEST_XES

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(min(size, self.left + 1) if size >= 0 else self.left + 1)
        self.left -= len(piece)
        if self.left < 0:
            raise _bad(self.where, "too-large", _TOO_LARGE.filled(limit=LARGEST_XES // 1024 // 1024))
        return piece


def _bad(where: Path, code: str, text: Text, row: int | None = None) -> BadFile:
    return BadFile((Problem(code, text, row=row),), file=where.name)


_NO_EVENTS = Text("文件中没有事件", "the file holds no event")
_BLANK = Text("事项或活动为空，该行略去", "the case or the activity is blank; the row is left out")
_NO_TIME = Text(
    "“{value}”读不成时间，该行略去；写法特殊的请在对应文件的 log.form 中写明",
    "“{value}” cannot be read as a time; the row is left out. Say in the map, under log.form, how times are written",
)
_FAR = Text(
    "“{value}”不在 1900 至 2200 年之间，该行略去；请核对年份",
    "“{value}” does not lie between 1900 and 2200; the row is left out. Check the year",
)
_NO_COLUMN = Text("没有“{name}”列；文件中有：{known}", "there is no column “{name}”; the file has: {known}")
_UNREADABLE = Text("文件读不了（{reason}）", "the file cannot be read ({reason})")
_UNSAFE = Text(
    "文件含 DTD 或实体声明，可能撑爆内存或读取别处的文件，不予读取；请让来源系统导出不含它们的 XES",
    "the file declares a DTD or entities, which may blow up or reach for other files, and is not read; have it exported "
    "without them",
)
_NOT_XML = Text("文件不是完好的 XES：{detail}", "the file is no sound XES: {detail}")
_NOT_A_LOG = Text("文件不是 XES：根元素为 {tag}，应为 log", "the file is no XES: its root is {tag}, not log")
_TOO_DEEP = Text("XES 的元素嵌套过深", "the elements of the XES file are nested too deep")
_TOO_MANY = Text("事件超过 {most} 个，请分开重放", "there are more than {most} events; replay them in parts")
_TOO_LARGE = Text("文件超过 {limit} MB，请分开重放", "the file is larger than {limit} MB; replay it in parts")
