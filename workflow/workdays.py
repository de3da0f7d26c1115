"""Which day is a working day (工作日), and counting by them. Pure: the days are arguments, no file is opened here.

A calendar is what the State Council announced: for each known year the days that differ from their weekday.
Beyond the last announced year it counts weekends and 1 January, and says of each such day that it is not known
(LAW 10, 8); before the first one it refuses. `shipped` gives 2004-2026, `calendar_file` reads a newer notice.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import compress
from typing import Any, NamedTuple, Protocol

from workflow.errors import BadFile, Invalid, Problem
from workflow.text import Text

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """What one day is, in whose words, and whether its year has been announced."""

    on: date
    workday: bool
    why: Text
    notice: str | None = None  # number of the State Council's notice; None: its weekday says it all
    known: bool = True


class Workdays(Protocol):
    """What the clocks need of a calendar."""

    def is_workday(self, on: date) -> bool: ...

    def is_known(self, on: date) -> bool: ...

    def day(self, on: date) -> Day: ...

    def last_working_day(self, anchor: date, limit: int) -> date: ...

    def working_day_before(self, on: date, count: int) -> date: ...

    def on_or_before(self, on: date) -> date: ...

    def on_or_after(self, on: date) -> date: ...

    def working_days_between(self, after: date, until: date) -> int: ...


class UnknownYear(Invalid):
    """A day before the first year that the calendar holds."""

    code = "unknown_year"
    text = Text(
        zh="工作日历自{known_from}年起，不能计算{on}；请核对日期，或用 gongkai calendar import 导入该年的放假安排",
        en="the calendar begins in {known_from} and cannot count {on}; check the date, or load that year's notice with "
        "gongkai calendar import",
    )


class Calendar:
    """The announced days, ready for counting: working days as one sorted row of day numbers.

    >>> prc = Calendar(*shipped())
    >>> prc.last_working_day(date(2026, 2, 18), 20)  # received inside the Spring Festival
    datetime.date(2026, 3, 20)
    """

    __slots__ = ("_days", "_first", "_row", "_years", "known_from", "known_until")

    def __init__(self, days: Iterable[Day], years: Iterable[int]) -> None:
        """Of two days for one date the later one holds: an amendment follows what it amends."""
        self._days = {day.on: day for day in days}
        self._years = frozenset(years)
        if not self._years:
            raise Invalid((Problem("empty-calendar", _EMPTY_CALENDAR),))
        self.known_from = min(self._years)
        #: The last year up to which every year is announced.
        self.known_until = next(y for y in range(self.known_from, date.max.year + 1) if y + 1 not in self._years)
        self._first = date(self.known_from, 1, 1).toordinal()
        # A row is never changed, only replaced by a longer one: threads that count at this moment keep the one they hold.
        self._row = self._working_until(max(self._years) + 2)

    def is_workday(self, on: date) -> bool:
        """Whether offices work on that day."""
        return self.day(on).workday

    def is_known(self, on: date) -> bool:
        """Whether the State Council has announced that day's year."""
        return on.year in self._years

    def day(self, on: date) -> Day:
        """What that day is, and why.

        >>> Calendar(*shipped()).day(date(2026, 2, 28)).why.zh
        '春节调休上班'
        """
        self._refuse_before_the_first(on)
        said = self._days.get(on)
        if said:
            return said
        known = on.year in self._years
        if not known and (on.month, on.day) == (1, 1):
            return Day(on, False, _guessed(_NEW_YEAR), known=False)
        why = _WEEKEND.get(on.weekday(), _WORKDAY)
        return Day(on, why is _WORKDAY, why if known else _guessed(why), known=known)

    def last_working_day(self, anchor: date, limit: int) -> date:
        """The last day of a limit (期限) of working days; day 1 is the first working day after `anchor`.

        >>> Calendar(*shipped()).last_working_day(date(2026, 2, 16), 20)  # find_workday says 2026-03-23
        datetime.date(2026, 3, 20)
        """
        if limit <= 0:
            return anchor
        self._refuse_before_the_first(anchor)
        ordinal = anchor.toordinal()
        # Strictly after: 民法典 201 leaves the day of the event uncounted, be it a working day or not.
        index = bisect_right(self._row, ordinal) + limit - 1
        if index >= len(self._row) or ordinal >= self._row[-1]:
            row = self._row_that_reaches(ordinal + 2 * limit + 31)
            return date.fromordinal(row[bisect_right(row, ordinal) + limit - 1])
        return date.fromordinal(self._row[index])

    def working_day_before(self, on: date, count: int) -> date:
        """The `count`-th working day before `on`, that day itself uncounted.

        >>> Calendar(*shipped()).working_day_before(date(2026, 2, 25), 3)
        datetime.date(2026, 2, 13)
        """
        if count <= 0:
            return on
        self._refuse_before_the_first(on)
        row = self._row_that_reaches(on.toordinal())
        index = bisect_left(row, on.toordinal()) - count
        if index < 0:
            raise UnknownYear(on=date.fromordinal(self._first) - ONE_DAY, known_from=self.known_from)
        return date.fromordinal(row[index])

    def on_or_before(self, on: date) -> date:
        """That day if offices work on it, else the last working day before: where an alarm stands."""
        return on if self.is_workday(on) else self.working_day_before(on, 1)

    def on_or_after(self, on: date) -> date:
        """That day if offices work on it, else the next working day (民法典 203)."""
        return on if self.is_workday(on) else self.last_working_day(on, 1)

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days lie after the one day, up to and with the other; 0 when none does."""
        if until <= after:
            return 0
        self._refuse_before_the_first(after)
        row = self._row_that_reaches(until.toordinal())
        return bisect_right(row, until.toordinal()) - bisect_right(row, after.toordinal())

    def _refuse_before_the_first(self, on: date) -> None:
        if on.year < self.known_from:
            raise UnknownYear(on=on, known_from=self.known_from)

    def _row_that_reaches(self, ordinal: int) -> list[int]:
        ordinal = min(ordinal, date.max.toordinal())
        if ordinal > self._row[-1]:
            # A quarter more than asked, so that a long future is built seldom.
            year = date.fromordinal(ordinal).year
            self._row = self._working_until(min(year + 2 + (year - self.known_from) // 4, date.max.year))
        return self._row

    def _working_until(self, year: int) -> list[int]:
        """The numbers of all working days from the first known year to the end of that one."""
        beyond = date(year, 12, 31).toordinal() + 1
        weeks = (beyond - self._first) // 7 + 2
        start = date.fromordinal(self._first).weekday()
        works = bytearray(_WEEK * weeks)[start : start + beyond - self._first]
        for each in range(self.known_from, year + 1):
            if each not in self._years:
                works[date(each, 1, 1).toordinal() - self._first] = False
        for day in self._days.values():
            if self._first <= day.on.toordinal() < beyond:
                works[day.on.toordinal() - self._first] = day.workday
        return list(compress(range(self._first, beyond), works))


@dataclass(frozen=True, slots=True)
class Announcement:
    """A notice of the State Council: the year it arranges or, for an amendment, the days it changed."""

    number: str
    year: int
    days: tuple[date, ...]
    source: str
    verified: bool


def shipped(files: Iterable[tuple[str, str]] = ()) -> tuple[tuple[Day, ...], tuple[int, ...]]:
    """The days and years that this program ships: `chinesecalendar`'s, named by the notices and amended by the files.

    `files` are (text, name) of definitions/calendars in the order of their names: notices and calendar files.
    """
    from chinese_calendar.constants import Holiday, holidays, workdays

    announcements: list[Announcement] = []
    further: list[Day] = []
    years = {on.year for on in holidays}
    for text, file in files:
        if lists_notices(text):
            announcements += notices_file(text, file)
        else:
            days, more = calendar_file(text, file)
            further += days
            years.update(more)
    number_of = _numbers(announcements)
    chinese = {each.value: _NAMES.get(each.name, each.chinese) for each in Holiday}
    announced = [
        *(_off(on, chinese[name], name, number_of(on)) for on, name in holidays.items()),
        *(_made_up(on, chinese[name], name, number_of(on)) for on, name in workdays.items()),
    ]
    return amended(announced, further), tuple(sorted(years))


def amended(days: Iterable[Day], by: Iterable[Day]) -> tuple[Day, ...]:
    """These days with those of a later notice, which win; in the order of the calendar."""
    whole = {day.on: day for day in (*days, *by)}
    return tuple(whole[on] for on in sorted(whole))


def _numbers(announcements: Iterable[Announcement]) -> Callable[[date], str | None]:
    by_year: dict[int, str] = {}
    by_day: dict[date, str] = {}
    for each in announcements:
        if each.days:
            by_day.update(dict.fromkeys(each.days, each.number))
        else:
            by_year[each.year] = each.number

    def number_of(on: date) -> str | None:
        # The last days of December that are not ordinary belong to the New Year of the next notice (LAW 10).
        return by_day.get(on) or by_year.get(on.year + (on.month == 12))

    return number_of


def _off(on: date, zh: str, en: str, notice: str | None) -> Day:
    return Day(on, False, Text(f"{zh}放假", f"day off ({en})"), notice)


def _made_up(on: date, zh: str, en: str, notice: str | None) -> Day:
    return Day(on, True, Text(f"{zh}调休上班", f"make-up working day ({en})"), notice)


def _guessed(why: Text) -> Text:
    return _NOT_ANNOUNCED.filled(why=why)


_WEEK = b"\1\1\1\1\1\0\0"  # from Monday
_WORKDAY = Text("工作日", "working day")
_WEEKEND = {5: Text("周六", "Saturday"), 6: Text("周日", "Sunday")}
_NEW_YEAR = Text("元旦放假", "day off (New Year's Day)")
_NOT_ANNOUNCED = Text("{why}（当年未公布，暂计）", "{why}, provisional")
_EMPTY_CALENDAR = Text(
    "工作日历中没有任何年份；请用 gongkai init 重新装入随附的日历",
    "the calendar holds no year; load the shipped one with gongkai init",
)
#: Names as the notices write them, where the library writes them shorter.
_NAMES = {"tomb_sweeping_day": "清明节", "dragon_boat_festival": "端午节", "mid_autumn_festival": "中秋节"}
_ENGLISH = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-autumn Festival",
    "国庆节": "National Day",
    "国庆节、中秋节": "National Day and Mid-autumn Festival",
    "中秋节、国庆节": "Mid-autumn Festival and National Day",
}


# Reading a calendar file: ours (YAML, in the words of a notice) or one of the project holiday-cn (JSON).


class _Node(NamedTuple):
    """A value of a file, at its place. Every scalar is text: nothing is taken for a date or a truth by its looks."""

    value: str | list[_Node] | dict[str, _Node]
    line: int
    column: int


_LARGEST, _DEEPEST = 256 * 1024, 6
_YEARS = range(1949, 2200)


def calendar_file(text: str, file: str) -> tuple[tuple[Day, ...], tuple[int, ...]]:
    """The days that a calendar file changes and the years that it makes known.

    Raises BadFile with every fault, each with its row (the line of the file) and column.

    >>> notice = "{year: 2027, notice: N, source: S, holidays: [{name: 元旦, off: 2027-01-01..2027-01-03}]}"
    >>> days, years = calendar_file(notice, "2027.yaml")
    >>> years, [(day.on.isoformat(), day.why.zh) for day in days][-1]
    ((2027,), ('2027-01-03', '元旦放假'))
    """
    reader = _Reader(file)
    whole = reader.whole(text)
    is_list = isinstance(whole.value, dict) and "days" in whole.value
    said = reader.keys(whole, *(_HOLIDAY_CN if is_list else _OURS))
    year = reader.year(said.get("year"))
    found = list(reader.listed_days(said, year) if is_list else reader.holidays(said, year))
    # An empty list is how holiday-cn keeps the place of a year that is not announced yet (LAW 10).
    if not found and not reader.problems:
        reader.fault(whole, "no-days", _NO_DAYS)
    reader.refuse_twice(found)
    reader.finish()
    return amended((day for day, _ in found), ()), (year,)


def notices_file(text: str, file: str) -> tuple[Announcement, ...]:
    """The State Council's notices that a file lists, each with its source and whether it was read there."""
    reader = _Reader(file)
    said = reader.keys(reader.whole(text), ("notices",), ())
    found = tuple(reader.announcements(said))
    reader.finish()
    return found


def lists_notices(text: str) -> bool:
    """Whether a file of definitions/calendars is the list of notices rather than a calendar file."""
    return re.search(r"^notices:", text, re.MULTILINE) is not None


class _Reader:
    """Reads one file and gathers what is wrong with it, so that all of it is said at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def fault(self, at: _Node, code: str, text: Text, **facts: object) -> None:
        self.problems.append(Problem(code, text.filled(**facts) if facts else text, row=at.line, column=str(at.column)))

    def finish(self) -> None:
        """Nothing was wrong, or BadFile."""
        if self.problems:
            raise BadFile(self.problems, file=self.file)

    def whole(self, text: str) -> _Node:
        """The file as nodes."""
        import yaml

        if len(text) > _LARGEST:
            raise self._unreadable("too-large", _TOO_LARGE)
        # JSON may be indented by tabs, which YAML refuses; inside JSON's strings they cannot stand.
        json = text.lstrip("\ufeff \t\r\n").startswith("{")
        events = yaml.parse(text.removeprefix("\ufeff").replace("\t", " ") if json else text, Loader=yaml.SafeLoader)
        try:
            for event in events:
                if isinstance(event, yaml.NodeEvent):
                    return self._node(event, events, 0)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            row, column = (mark.line + 1, str(mark.column + 1)) if mark else (1, "1")
            raise self._unreadable("syntax", _SYNTAX.filled(said=error.problem), row, column) from error
        except yaml.YAMLError as error:
            raise self._unreadable("syntax", _SYNTAX.filled(said=str(error))) from error
        raise self._unreadable("empty", _EMPTY_FILE)

    def _unreadable(self, code: str, text: Text, row: int = 1, column: str = "1") -> BadFile:
        return BadFile((Problem(code, text, row=row, column=column),), file=self.file)

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> _Node:
        import yaml

        at = _Node("", event.start_mark.line + 1, event.start_mark.column + 1)
        tagged = getattr(event, "tag", None) not in (None, "!")
        if isinstance(event, yaml.AliasEvent) or event.anchor or tagged or depth > _DEEPEST:
            self.fault(at, "not-plain", _NOT_PLAIN)
            self.finish()
        if isinstance(event, yaml.ScalarEvent):
            return at._replace(value=event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(following := next(events), yaml.SequenceEndEvent):
                items.append(self._node(following, events, depth + 1))
            return at._replace(value=items)
        pairs: dict[str, _Node] = {}
        while not isinstance(following := next(events), yaml.MappingEndEvent):
            key = self._node(following, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key.value, str):
                self.fault(key, "not-plain", _NOT_PLAIN)
            elif key.value in pairs:
                self.fault(key, "twice", _KEY_TWICE, key=key.value)
            else:
                pairs[key.value] = value
        return at._replace(value=pairs)

    # What the nodes must hold.

    def mapping(self, node: _Node) -> Mapping[str, _Node]:
        if isinstance(node.value, dict):
            return node.value
        self.fault(node, "not-a-mapping", _NOT_A_MAPPING)
        return {}

    def keys(self, node: _Node, required: tuple[str, ...], optional: tuple[str, ...]) -> Mapping[str, _Node]:
        """The mapping, when it holds all that is required and nothing that is unknown."""
        said = self.mapping(node)
        if not isinstance(node.value, dict):
            return said
        for key in (each for each in said if each not in (*required, *optional)):
            self.fault(said[key], "unknown-key", _UNKNOWN_KEY, key=key, known=", ".join((*required, *optional)))
        for key in (each for each in required if each not in said):
            self.fault(node, "missing-key", _MISSING_KEY, key=key)
        return said

    def items(self, node: _Node | None) -> list[_Node]:
        if node is None:
            return []
        if isinstance(node.value, list):
            return node.value
        self.fault(node, "not-a-list", _NOT_A_LIST)
        return []

    def words(self, node: _Node | None) -> str:
        if node is None:
            return ""
        if isinstance(node.value, str) and node.value.strip() and node.value.isprintable():
            return node.value.strip()
        self.fault(node, "not-text", _NOT_TEXT)
        return ""

    def year(self, node: _Node | None) -> int:
        said = self.words(node)
        if node and said and not (said.isascii() and said.isdecimal() and len(said) == 4 and int(said) in _YEARS):
            self.fault(node, "bad-year", _BAD_YEAR, said=said)
            return 0
        return int(said or 0)

    def truth(self, node: _Node | None) -> bool:
        said = self.words(node)
        if node and said not in ("true", "false", ""):
            self.fault(node, "not-a-truth", _NOT_A_TRUTH, said=said)
        return said == "true"

    def on(self, node: _Node, said: str, year: int) -> date | None:
        """A day that a notice for that year may speak of: its own, or the turns of the year before and after."""
        try:
            day = date.fromisoformat(said) if re.fullmatch(r"\d{4}-\d\d-\d\d", said, re.ASCII) else None
        except ValueError:
            day = None
        if day is None:
            self.fault(node, "bad-date", _BAD_DATE, said=said)
        elif year and not date(year - 1, 12, 1) <= day <= date(year + 1, 1, 31):
            self.fault(node, "other-year", _OTHER_YEAR, said=said, year=year)
            return None
        return day

    def dates(self, node: _Node | None, year: int) -> Iterator[tuple[date, _Node]]:
        """Days as they are listed: one, a range `a..b`, or a list of both."""
        if node is None:
            return
        for each in node.value if isinstance(node.value, list) else (node,):
            first, _, last = self.words(each).partition("..")
            if not first:
                continue
            from_on = self.on(each, first.strip(), year)
            until_on = self.on(each, last.strip(), year) if last else from_on
            if from_on and until_on and until_on < from_on:
                self.fault(each, "bad-range", _BAD_RANGE, said=f"{first}..{last}")
            elif from_on and until_on:
                for n in range((until_on - from_on).days + 1):
                    yield from_on + n * ONE_DAY, each

    def holidays(self, said: Mapping[str, _Node], year: int) -> Iterator[tuple[Day, _Node]]:
        """The days of our own files: each holiday in the order of the notice's sentence, days off and days made up."""
        notice = self.words(said.get("notice"))
        self.words(said.get("source"))
        self.truth(said.get("verified"))
        for node in self.items(said.get("holidays")):
            each = self.keys(node, ("name",), ("en", "off", "work"))
            zh, en = self.named(each)
            for on, at in self.dates(each.get("off"), year):
                yield _off(on, zh, en, notice), at
            for on, at in self.dates(each.get("work"), year):
                yield _made_up(on, zh, en, notice), at

    def listed_days(self, said: Mapping[str, _Node], year: int) -> Iterator[tuple[Day, _Node]]:
        """The days of a file of holiday-cn, which gives the papers' addresses instead of their numbers."""
        papers = [self.words(each) for each in self.items(said.get("papers"))]
        notice = papers[0] if papers else None
        for node in self.items(said.get("days")):
            each = self.keys(node, ("name", "date", "isOffDay"), ())
            zh, en = self.named(each)
            day_off = self.truth(each.get("isOffDay"))
            for on, at in self.dates(each.get("date"), year):
                yield (_off if day_off else _made_up)(on, zh, en, notice), at

    def named(self, said: Mapping[str, _Node]) -> tuple[str, str]:
        zh = self.words(said.get("name"))
        return zh, self.words(said.get("en")) or _ENGLISH.get(zh, zh)

    def announcements(self, said: Mapping[str, _Node]) -> Iterator[Announcement]:
        for node in self.items(said.get("notices")):
            each = self.keys(node, ("number", "year", "source", "verified"), ("days",))
            year = self.year(each.get("year"))
            days = tuple(on for on, _ in self.dates(each.get("days"), year))
            number, source = self.words(each.get("number")), self.words(each.get("source"))
            yield Announcement(number, year, days, source, self.truth(each.get("verified")))

    def refuse_twice(self, found: Iterable[tuple[Day, _Node]]) -> None:
        """One notice says one thing of one day."""
        seen: dict[date, int] = {}
        for day, at in found:
            if day.on in seen:
                self.fault(at, "day-twice", _DAY_TWICE, on=day.on, row=seen[day.on])
            seen.setdefault(day.on, at.line)


_OURS = (("year", "notice", "source", "holidays"), ("verified",))
_HOLIDAY_CN = (("year", "days"), ("papers", "$schema", "$id"))

_TOO_LARGE = Text("文件超过 256 KiB，不是日历文件", "larger than 256 KiB: not a calendar file")
_EMPTY_FILE = Text("文件是空的；写法见 docs/clocks.md", "the file is empty; docs/clocks.md shows how to write one")
_SYNTAX = Text("不是合乎规则的 YAML 或 JSON：{said}", "not well-formed YAML or JSON: {said}")
_NOT_PLAIN = Text(
    "日历文件中不用别名、锚点、标签或多层嵌套", "a calendar file has no aliases, anchors, tags or deep nesting"
)
_KEY_TWICE = Text("“{key}”写了两次，请删去一处", "“{key}” stands twice; delete one")
_NOT_A_MAPPING = Text("此处应为“名称: 值”", "this should be “name: value” pairs")
_NOT_A_LIST = Text("此处应为列表", "this should be a list")
_NOT_TEXT = Text("此处应为一行文字", "this should be one line of text")
_UNKNOWN_KEY = Text("不认识“{key}”；可用：{known}", "unknown key “{key}”; known here: {known}")
_MISSING_KEY = Text("缺少“{key}”", "“{key}” is missing")
_BAD_YEAR = Text("“{said}”不是年份，应写作 2027", "“{said}” is no year; write it like 2027")
_NOT_A_TRUTH = Text("“{said}”应为 true 或 false", "“{said}” should be true or false")
_BAD_DATE = Text("“{said}”不是日期，应写作 2027-01-01", "“{said}” is no date; write it like 2027-01-01")
_BAD_RANGE = Text("“{said}”首尾颠倒，应写作 起..止", "“{said}” ends before it begins; write first..last")
_OTHER_YEAR = Text("{said} 不属于{year}年的放假安排", "{said} is no day that the notice for {year} arranges")
_DAY_TWICE = Text("{on} 在第{row}行已写过，请只留一处", "{on} already stands on line {row}; keep one of the two")
_NO_DAYS = Text(
    "没有任何放假或调休日；该年安排尚未公布的，不要导入，系统会暂计并注明",
    "it lists no day off and no day made up; a year not announced yet needs no file and is counted provisionally",
)
