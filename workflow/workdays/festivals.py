"""The days off that every year has by law (全国年节及纪念日放假办法): what gives them all is a year's notice, what does not is half of one.

A year counts as announced for all its days, so half a notice would take days of the Spring Festival for working days
and say of no date any more that it is provisional (LAW 10, 8). How many there are is said by definitions/calendars/festivals.yaml.
What a notice gives beyond them is made up on Saturdays and Sundays, so that they also say how many working days a year has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from workflow.errors import BadFile, Problem
from workflow.text import Text, listed
from workflow.workdays.calendar import Day
from workflow.workdays.placed import Node, Reader


@dataclass(frozen=True, slots=True)
class Festival:
    """A festival with days off, and between which days of the year (month, day) they lie."""

    label: Text
    first: tuple[int, int]
    last: tuple[int, int]

    def has(self, day: Day) -> bool:
        """Whether a day off is one of its."""
        year = day.on.year
        return self.label.zh in day.why.zh and date(year, *self.first) <= day.on <= date(year, *self.last)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A festival that was given fewer days off than the law gives it."""

    label: Text
    due: int
    given: int


@dataclass(frozen=True, slots=True)
class StatutoryDays:
    """The festivals and, for each version of the law from its day on, how many days off each has."""

    festivals: tuple[Festival, ...]
    versions: tuple[tuple[date, Mapping[str, int]], ...]  # the oldest first

    def due(self, year: int) -> Mapping[str, int]:
        """How many days off each festival has in that year, by its name; a year before the first version goes by it."""
        held = [days for since, days in self.versions if since <= date(year, 1, 1)] or [self.versions[0][1]]
        return held[-1]


def missing_festivals(days: Iterable[Day], year: int, law: StatutoryDays) -> tuple[Lacking, ...]:
    """The festivals to which these days give fewer days off in a year than the law does, at their time of the year."""
    off, due = [day for day in days if day.on.year == year and not day.workday], law.due(year)
    given = {each: sum(map(each.has, off)) for each in law.festivals if each.label.zh in due}
    return tuple(
        Lacking(each.label, due[each.label.zh], count) for each, count in given.items() if count < due[each.label.zh]
    )


def working_days_beside_the_law(days: Iterable[Day], year: int, law: StatutoryDays) -> int:
    """How many working days more a year has by these days than without Saturdays, Sundays and its days off by law."""
    turned = (day.workday - (day.on.weekday() < _SATURDAY) for day in days if day.on.year == year)
    return sum(turned) + sum(law.due(year).values())


def expect_whole_years(days: Iterable[Day], years: Iterable[int], file: str, law: StatutoryDays) -> None:
    """Raises BadFile for a year that these days, all that is known of it, would make known by half."""
    known = tuple(days)
    problems = [problem for year in sorted(years) for problem in _amiss(known, year, law)]
    if problems:
        raise BadFile(problems, file=file)


def _amiss(days: tuple[Day, ...], year: int, law: StatutoryDays) -> Iterator[Problem]:
    beside = working_days_beside_the_law(days, year, law)
    if missing := missing_festivals(days, year, law):
        yield Problem("half-a-notice", _HALF.filled(year=year, missing=listed(_said(missing))))
    elif abs(beside) > _AT_THE_TURN:
        due = _weekdays(year) - sum(law.due(year).values())
        said = _TOO_FEW if beside < 0 else _TOO_MANY
        yield Problem("working-days", said.filled(year=year, count=due + beside, due=due, by=abs(beside)))


def _weekdays(year: int) -> int:
    begins = date(year, 1, 1)
    return sum(
        (begins + timedelta(days=n)).weekday() < _SATURDAY for n in range(date(year, 12, 31).timetuple().tm_yday)
    )


def _said(missing: Iterable[Lacking]) -> Iterator[Text]:
    for each in missing:
        yield (_FEWER if each.given else _NONE).filled(festival=each.label, due=each.due, given=each.given)


def statutory_days(files: Iterable[tuple[str, str]]) -> StatutoryDays:
    """What the one file of definitions/calendars says that lists them; `files` are (text, name)."""
    (found,) = [festivals_file(text, file) for text, file in files if lists_festivals(text)]
    return found


def lists_festivals(text: str) -> bool:
    """Whether a file of definitions/calendars says the days off by law rather than those of a year."""
    return re.search(r"^festivals:", text, re.MULTILINE) is not None


def festivals_file(text: str, file: str) -> StatutoryDays:
    """The days off by law that a file says. Raises BadFile with every fault, each with its row and column."""
    reader = Reader(file)
    said = reader.keys(reader.whole(text), ("festivals", "days_off"), ())
    festivals = tuple(_festivals(reader, said.get("festivals")))
    versions = tuple(_versions(reader, said.get("days_off"), {each.label.zh for each in festivals}))
    reader.finish()
    return StatutoryDays(festivals, tuple(sorted(versions, key=lambda each: each[0])))


def _festivals(reader: Reader, node: Node | None) -> Iterator[Festival]:
    for each in reader.items(node):
        said = reader.keys(each, ("name", "en", "between"), ())
        label = Text(reader.words(said.get("name")), reader.words(said.get("en")))
        first, _, last = reader.words(said.get("between")).partition("..")
        spot = said.get("between", each)
        # A fault is told at its place and the name is known all the same: the versions below are judged by it.
        yield Festival(label, reader.day_of_year(spot, first) or _ANY, reader.day_of_year(spot, last) or _ANY)


def _versions(reader: Reader, node: Node | None, known: set[str]) -> Iterator[tuple[date, Mapping[str, int]]]:
    for each in reader.items(node):
        said = reader.keys(each, ("in_force", "days", "source", "verified"), ())
        span = reader.keys(said["in_force"], ("from",), ()) if "in_force" in said else {}
        since = reader.on(span["from"], reader.words(span["from"]), 0) if "from" in span else None
        days = reader.keys(said["days"], (), tuple(sorted(known))) if "days" in said else {}
        reader.words(said.get("source"))
        reader.truth(said.get("verified"))
        if since:
            yield since, {name: reader.count(count) for name, count in days.items()}


_ANY = (1, 1)
_SATURDAY = 5
#: What is off in one year and made up in the other: of 2008–2026, as first announced, no year differs by more (measured).
_AT_THE_TURN = 1
_NONE = Text("“{festival}”法定放假{due}天，一天未写", "{festival}: none of the {due} by law")
_FEWER = Text("“{festival}”法定放假{due}天，只写了{given}天", "{festival}: {given} of the {due} by law")
_HALF = Text(
    "{year}年的放假安排只写了一部分，少于法定天数：{missing}。请照通知全文补齐各节日的放假日再导入；在此之前，该年日期仍按周末和元旦计算，注明“暂定”",
    "only a part of the days off of {year}, fewer than the law gives: {missing}. Write all days off of the notice and load the file "
    "again; until then the dates of that year are counted by weekends and 1 January, and stay provisional",
)
_TOO_FEW = Text(
    "按此安排，{year}年有{count}个工作日，依法应有{due}个，少{by}天：请核对是否漏写了调休上班的日子（work），补齐再导入；通知确实多放了假的，"
    "先导入不含这些日子的文件，再另写一个文件只列这些日子。在此之前，该年日期仍为“暂定”",
    "by these days {year} has {count} working days and the law leaves it {due}, which is {by} too few: look for make-up working days "
    "(work) that are not written, and load the file again. Where the notice does give more days off, load the file without them first and "
    "then a further file that lists only those; until then the dates of that year stay provisional",
)
_TOO_MANY = Text(
    "按此安排，{year}年有{count}个工作日，依法应有{due}个，多{by}天：请核对各节日的放假日（off）和调休上班的日子（work），改正再导入；通知确实如此的，"
    "先导入与法定天数相符的文件，再另写一个文件只列有变动的日子。在此之前，该年日期仍为“暂定”",
    "by these days {year} has {count} working days and the law leaves it {due}, which is {by} too many: look through the days off (off) "
    "and the make-up working days (work), and load the file again. Where the notice does say so, load a file that agrees with the law "
    "first and then a further file that lists only the days it changes; until then the dates of that year stay provisional",
)
