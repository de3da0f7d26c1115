"""The numbers that were given to documents (发文字号) and to cases, to be held against the counters: none twice, none left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from workflow.case import IMPORT, Event
from workflow.errors import Problem
from workflow.judge import numbers_of
from workflow.model import Definition
from workflow.text import Text, shown

Row = Any  # a driver's row, read by column
Series = tuple[str, str, int]  # bureau, series, year

#: So many numbers of a series that are odd are told.
MOST_TOLD = 10
#: How the counter of a kind's case numbers is called.
OF_CASES = "case:"
#: The year and the number of a case are no longer.
MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Given:
    """A number that an event gave; of a past record the one that it brought from elsewhere."""

    series: Series
    serial: int
    doc: str
    case: str
    seq: int
    from_elsewhere: bool = False


def numbering(definition: Definition) -> frozenset[str]:
    """The names of events that give or bring a number."""
    return frozenset({IMPORT, *(name for name, step in definition.transitions.items() if step.number)})


def given_by(definition: Definition, number: str, bureau: str, event: Event) -> Iterator[Given | Problem]:
    """What this event of a case says of numbers; a problem where it should have given one and did not."""
    if event.transition == IMPORT:
        for series, year, serial in numbers_of(definition, event.data):
            yield Given((bureau, series, year), serial, "", number, event.seq, from_elsewhere=True)
    step = definition.transitions.get(event.transition)
    if step is None or step.number is None:
        return
    doc = str(event.data.get(step.number.field, ""))
    found = step.number.parts(doc)
    if found is None:
        yield Problem("number", _NO_NUMBER.filled(number=number, seq=event.seq), field=number, row=event.seq)
    else:
        yield Given((bureau, found[0], found[1]), found[2], doc, number, event.seq)


def counters_of(rows: Iterable[Row]) -> tuple[dict[Series, int], list[Problem]]:
    """The counters as they stand, and those into which somebody wrote what is no number: they count as not there."""
    counters, odd = dict[Series, int](), list[Problem]()
    for row in rows:
        bureau, series, year, serial = (row[name] for name in ("bureau", "series", "year", "serial"))
        if isinstance(series, str) and isinstance(year, int) and isinstance(serial, int):
            counters[str(bureau), series, year] = serial
        else:
            facts = {"series": shown(str(series)), "year": shown(str(year))}
            odd.append(Problem("number", _ODD.filled(**facts, serial=shown(str(serial))), field=f"{series}/{year}"))
    return counters, odd


class Numbers:
    """All of them, taken in the order of the cases."""

    def __init__(self) -> None:
        self._given: dict[Series, dict[int, str]] = {}
        self._taken_over: dict[Series, int] = {}  # the highest serial of a past record
        self._faults: list[Problem] = []

    def take(self, told: Iterable[Given | Problem]) -> None:
        """Note what the events of some cases say."""
        for each in told:
            if isinstance(each, Problem):
                self._faults.append(each)
            elif each.from_elsewhere:
                self._taken_over[each.series] = max(self._taken_over.get(each.series, 0), each.serial)
            else:
                there = self._given.setdefault(each.series, {}).setdefault(each.serial, each.case)
                if there != each.case:
                    text = _TWICE.filled(number=each.case, doc=each.doc, other=there)
                    self._faults.append(Problem("number", text, field=each.case, row=each.seq))

    def faults(self, counters: Mapping[Series, int]) -> list[Problem]:
        """Numbers given twice, left out, or beyond what the counter says."""
        for key, serials in self._given.items():
            # Below what was taken over from paper, what is not here was given before this program.
            first, end = self._taken_over.get(key, 0) + 1, counters.get(key, 0) + 1
            here = [each for each in serials if each >= first]
            if len(here) != max(0, end - first) or any(each >= end for each in here):
                # A counter may stand anywhere once somebody wrote into it: no more is looked at than there are numbers.
                lacking = islice((each for each in range(first, end) if each not in serials), MOST_TOLD)
                beyond = sorted(each for each in serials if not first <= each < end)
                odd = ", ".join(map(str, sorted([*lacking, *beyond])[:MOST_TOLD]))
                text = _COUNTER.filled(series=key[1], year=key[2], odd=odd)
                self._faults.append(Problem("number", text, field=f"{key[1]}/{key[2]}"))
        return self._faults


@dataclass(frozen=True, slots=True)
class Begun:
    """How many cases of a kind began in a year, and the highest of their numbers."""

    series: Series
    count: int
    highest: int


def begun(rows: Iterable[Row]) -> tuple[Begun, ...]:
    """The cases of these rows, by kind and year. A number that is none of ours is not counted: of its case its name is wrong."""
    serials: dict[Series, list[int]] = {}
    for row in rows:
        _, _, said = str(row["number"]).partition("-")
        year, _, serial = said.partition("-")
        if year.isdecimal() and serial.isdecimal() and len(said) <= MOST_DIGITS:
            series = (str(row["bureau"]), f"{OF_CASES}{row['kind']}", int(year))
            serials.setdefault(series, []).append(int(serial))
    return tuple(Begun(series, len(those), max(those)) for series, those in serials.items())


class CaseNumbers:
    """The numbers of all cases, which their counters gave one by one: a case that is gone leaves a gap."""

    def __init__(self) -> None:
        self._begun: dict[Series, Begun] = {}

    def take(self, those: Iterable[Begun]) -> None:
        """Note the cases of a stretch."""
        for each in those:
            there = self._begun.get(each.series, Begun(each.series, 0, 0))
            self._begun[each.series] = Begun(each.series, there.count + each.count, max(there.highest, each.highest))

    def faults(self, counters: Mapping[Series, int]) -> Iterator[Problem]:
        """Counters that would give a number anew, and cases that are gone."""
        for series in sorted({*self._begun, *(each for each in counters if each[1].startswith(OF_CASES))}):
            found, serial = self._begun.get(series, Begun(series, 0, 0)), counters.get(series, 0)
            facts = {"kind": series[1].removeprefix(OF_CASES), "year": series[2], "serial": serial}
            field = f"{facts['kind']}/{series[2]}"
            if found.highest > serial:
                yield Problem("number", _BEHIND.filled(**facts, highest=found.highest), field=field)
            elif found.count != serial:
                yield Problem("number", _GONE.filled(**facts, count=found.count), field=field)


_ODD = Text(
    "{series} {year} 年的计数“{serial}”不是数字：被改动",
    "the counter of {series} {year} is no number but “{serial}”: it was altered",
)
_BEHIND = Text(
    "{kind} {year} 年的事项编号已编至 {highest}，而计数为 {serial}：再编将重号",
    "cases of {kind} bear numbers up to {highest} in {year}, and the counter stands at {serial}: it would give one twice",
)
_GONE = Text(
    "{kind} {year} 年的事项编号计至 {serial}，现有 {count} 件：有事项被删除，或计数、编号被改动",
    "the counter gave {serial} number(s) to cases of {kind} in {year}, and {count} are there: a case was removed, or the counter or a "
    "number altered",
)
_NO_NUMBER = Text(
    "{number} 第 {seq} 条办理记录应编发文字号而没有", "event {seq} of {number} should have given a number and did not"
)
_TWICE = Text("{number} 与 {other} 的发文字号相同：{doc}", "{number} and {other} bear the same number: {doc}")
_COUNTER = Text(
    "{series} {year} 年的编号不连续或与计数不符：{odd}",
    "the numbers of {series} {year} have a gap or do not fit the counter: {odd}",
)
