"""The festivals that every year has by law (全国年节及纪念日放假办法): what names them all is a year's notice, what does not is half of one.

A year counts as announced for all its days, so half a notice would take the days of the Spring Festival for working days
and say of no date any more that it is provisional (LAW 10, 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from workflow.errors import BadFile, Problem
from workflow.text import Text
from workflow.workdays.calendar import Day

#: Between which days of the year (month, day) each of them lies; the lunar ones as far as they wander.
_FESTIVALS: Mapping[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "元旦": ((1, 1), (1, 1)),
    "春节": ((1, 21), (2, 21)),
    "清明": ((4, 4), (4, 6)),
    "劳动节": ((5, 1), (5, 1)),
    "端午": ((5, 25), (6, 25)),
    "中秋": ((9, 7), (10, 8)),
    "国庆": ((10, 1), (10, 1)),
}
#: The other three are days off since 2008.
_SINCE_1949, _ALL_SINCE = ("元旦", "春节", "劳动节", "国庆"), 2008


def missing_festivals(days: Iterable[Day], year: int) -> tuple[str, ...]:
    """The statutory festivals of a year for which these days name no day off at its time of the year.

    >>> missing_festivals([Day(date(2027, 1, 1), False, Text("元旦放假", ""))], 2027)
    ('春节', '清明', '劳动节', '端午', '中秋', '国庆')
    """
    off = [day for day in days if day.on.year == year and not day.workday]
    due = _FESTIVALS if year >= _ALL_SINCE else _SINCE_1949
    return tuple(name for name in due if not any(_is_of(day, name) for day in off))


def expect_whole_years(days: Iterable[Day], years: Iterable[int], file: str) -> None:
    """Raises BadFile for a year that these days, all that is known of it, would make known by half."""
    known = tuple(days)
    halves = {year: missing for year in sorted(years) if (missing := missing_festivals(known, year))}
    if halves:
        told = (_HALF.filled(year=year, missing="、".join(missing)) for year, missing in halves.items())
        raise BadFile([Problem("half-a-notice", text) for text in told], file=file)


def _is_of(day: Day, name: str) -> bool:
    first, last = _FESTIVALS[name]
    return name in day.why.zh and date(day.on.year, *first) <= day.on <= date(day.on.year, *last)


_HALF = Text(
    "{year}年的放假安排只写了一部分，缺：{missing}。请照通知全文补齐各节日的放假日再导入；在此之前，该年日期仍按周末和元旦计算，注明“暂定”",
    "only a part of the days off of {year}: no day off is given for {missing}. Write all festivals of the notice and load the file "
    "again; until then the dates of that year are counted by weekends and 1 January, and stay provisional",
)
