"""The State Council's notices as days: the shipped years, and newer ones from a calendar file.

A file is ours (YAML, in the words of a notice) or one of the project holiday-cn (JSON); docs/clocks.md shows both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from workflow.text import Text
from workflow.workdays.calendar import Day, amended
from workflow.workdays.festivals import expect_whole_years, lists_festivals, statutory_days
from workflow.workdays.hours import lists_hours
from workflow.workdays.placed import Node, Reader


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

    `files` are (text, name) of definitions/calendars in the order of their names: notices, the days off by law and calendar files.
    """
    from chinese_calendar.constants import Holiday, holidays, workdays

    announcements: list[Announcement] = []
    further: list[Day] = []
    years = {on.year for on in holidays}
    files = tuple(files)
    for text, file in files:
        if lists_hours(text) or lists_festivals(text):
            continue
        if lists_notices(text):
            announcements += notices_file(text, file)
        else:
            days, more = calendar_file(text, file)
            further += days
            if new := {*more} - years:
                expect_whole_years(further, new, file, statutory_days(files))
            years.update(more)
    number_of = _numbers(announcements)
    chinese = {each.value: _NAMES.get(each.name, each.chinese) for each in Holiday}
    announced = [
        *(_off(on, chinese[name], name, number_of(on)) for on, name in holidays.items()),
        *(_made_up(on, chinese[name], name, number_of(on)) for on, name in workdays.items()),
    ]
    return amended(announced, further), tuple(sorted(years))


def calendar_file(text: str, file: str) -> tuple[tuple[Day, ...], tuple[int, ...]]:
    """The days that a calendar file changes and the years that it speaks of; `expect_whole_years` says whether it makes them known.

    Raises BadFile with every fault, each with its row (the line of the file) and column.

    >>> notice = "{year: 2027, notice: N, source: S, holidays: [{name: 元旦, off: 2027-01-01..2027-01-03}]}"
    >>> days, years = calendar_file(notice, "2027.yaml")
    >>> years, [(day.on.isoformat(), day.why.zh) for day in days][-1]
    ((2027,), ('2027-01-03', '元旦放假'))
    """
    reader = Reader(file)
    whole = reader.whole(text)
    is_list = isinstance(whole.value, dict) and "days" in whole.value
    said = reader.keys(whole, *(_HOLIDAY_CN if is_list else _OURS))
    year = reader.year(said.get("year"))
    found = list(_listed_days(reader, said, year) if is_list else _holidays(reader, said, year))
    # An empty list is how holiday-cn keeps the place of a year that is not announced yet (LAW 10).
    if not found and not reader.problems:
        reader.fault(whole, "no-days", _NO_DAYS)
    _refuse_twice(reader, found)
    reader.finish()
    return amended((day for day, _ in found), ()), (year,)


def notices_file(text: str, file: str) -> tuple[Announcement, ...]:
    """The State Council's notices that a file lists, each with its source and whether it was read there."""
    reader = Reader(file)
    said = reader.keys(reader.whole(text), ("notices",), ())
    found = tuple(_announcements(reader, said))
    reader.finish()
    return found


def lists_notices(text: str) -> bool:
    """Whether a file of definitions/calendars is the list of notices rather than a calendar file."""
    return re.search(r"^notices:", text, re.MULTILINE) is not None


def _holidays(reader: Reader, said: Mapping[str, Node], year: int) -> Iterator[tuple[Day, Node]]:
    """The days of our own files: each holiday in the order of the notice's sentence, days off and days made up."""
    notice = reader.words(said.get("notice"))
    reader.words(said.get("source"))
    reader.truth(said.get("verified"))
    for node in reader.items(said.get("holidays")):
        each = reader.keys(node, ("name",), ("en", "off", "work"))
        zh, en = _named(reader, each)
        for on, at in reader.dates(each.get("off"), year):
            yield _off(on, zh, en, notice), at
        for on, at in reader.dates(each.get("work"), year):
            yield _made_up(on, zh, en, notice), at


def _listed_days(reader: Reader, said: Mapping[str, Node], year: int) -> Iterator[tuple[Day, Node]]:
    """The days of a file of holiday-cn, which gives the papers' addresses instead of their numbers."""
    papers = [reader.words(each) for each in reader.items(said.get("papers"))]
    notice = papers[0] if papers else None
    for node in reader.items(said.get("days")):
        each = reader.keys(node, ("name", "date", "isOffDay"), ())
        zh, en = _named(reader, each)
        day_off = reader.truth(each.get("isOffDay"))
        for on, at in reader.dates(each.get("date"), year):
            yield (_off if day_off else _made_up)(on, zh, en, notice), at


def _named(reader: Reader, said: Mapping[str, Node]) -> tuple[str, str]:
    zh = reader.words(said.get("name"))
    return zh, reader.words(said.get("en")) or _ENGLISH.get(zh, zh)


def _announcements(reader: Reader, said: Mapping[str, Node]) -> Iterator[Announcement]:
    for node in reader.items(said.get("notices")):
        each = reader.keys(node, ("number", "year", "source", "verified"), ("days",))
        year = reader.year(each.get("year"))
        days = tuple(on for on, _ in reader.dates(each.get("days"), year))
        number, source = reader.words(each.get("number")), reader.words(each.get("source"))
        yield Announcement(number, year, days, source, reader.truth(each.get("verified")))


def _refuse_twice(reader: Reader, found: Iterable[tuple[Day, Node]]) -> None:
    """One notice says one thing of one day."""
    seen: dict[date, int] = {}
    for day, at in found:
        if day.on in seen:
            reader.fault(at, "day-twice", _DAY_TWICE, on=day.on, row=seen[day.on])
        seen.setdefault(day.on, at.line)


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


_OURS = (("year", "notice", "source", "holidays"), ("verified",))
_HOLIDAY_CN = (("year", "days"), ("papers", "$schema", "$id"))
_DAY_TWICE = Text("{on} 在第{row}行已写过，请只留一处", "{on} already stands on line {row}; keep one of the two")
_NO_DAYS = Text(
    "没有任何放假或调休日；该年安排尚未公布的，不要导入，系统会给出暂定日期并注明",
    "it lists no day off and no day made up; a year not announced yet needs no file and is counted provisionally",
)
