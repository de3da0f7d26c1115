"""The days off that every year has by law (全国年节及纪念日放假办法): what gives them all is a year's notice, what does not is half of one.

A year counts as announced for all its days, so half a notice would take days of the Spring Festival for working days
and say of no date any more that it is provisional (LAW 10, 8). How many there are is said by definitions/calendars/festivals.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

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


def expect_whole_years(days: Iterable[Day], years: Iterable[int], file: str, law: StatutoryDays) -> None:
    """Raises BadFile for a year that these days, all that is known of it, would make known by half."""
    known = tuple(days)
    halves = {year: missing for year in sorted(years) if (missing := missing_festivals(known, year, law))}
    if halves:
        told = (_HALF.filled(year=year, missing=listed(_said(missing))) for year, missing in halves.items())
        raise BadFile([Problem("half-a-notice", text) for text in told], file=file)


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
_NONE = Text("“{festival}”法定放假{due}天，一天未写", "{festival}: none of the {due} by law")
_FEWER = Text("“{festival}”法定放假{due}天，只写了{given}天", "{festival}: {given} of the {due} by law")
_HALF = Text(
    "{year}年的放假安排只写了一部分，少于法定天数：{missing}。请照通知全文补齐各节日的放假日再导入；在此之前，该年日期仍按周末和元旦计算，注明“暂定”",
    "only a part of the days off of {year}, fewer than the law gives: {missing}. Write all days off of the notice and load the file "
    "again; until then the dates of that year are counted by weekends and 1 January, and stay provisional",
)
