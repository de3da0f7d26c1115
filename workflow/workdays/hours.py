"""Until which hour an act is still done on a day (业务时间): midnight, or the close of business where there are business hours.

民法典 203 speaks of the last day of a limit and of nothing else, so this is asked of an act that ends one: a correction handed
in, a fee paid at the counter. When a limit begins is another question: its first day does not count (民法典 201), and what is
handed in at the counter is received on the day on which it is (条例 31). What the bureau itself owes it owes until midnight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise

from workflow.case import SHANGHAI
from workflow.text import Text
from workflow.workdays.calendar import Workdays
from workflow.workdays.placed import Node, Reader


@dataclass(frozen=True, slots=True)
class Season:
    """A part of the year with its business hours; it may run over the turn of the year."""

    label: Text
    first: tuple[int, int]  # month and day
    last: tuple[int, int]
    open: tuple[tuple[time, time], ...]

    def holds_on(self, on: date) -> bool:
        """Whether that day lies in it, both ends included."""
        day = on.month, on.day
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last


@dataclass(frozen=True, slots=True)
class Hours:
    """The bureau's hours: seasons in the order of their file, and which channels end with them."""

    seasons: tuple[Season, ...]
    business: Mapping[
        str, bool
    ]  # by channel: whether it ends with business hours; one that is not named ends at midnight

    def season(self, on: date) -> Season | None:
        """The season of that day, the last one that is written; None: no hours are known."""
        return next((each for each in reversed(self.seasons) if each.holds_on(on)), None)

    def closes_at(self, channel: str, on: date) -> time | None:
        """When that day ends for acts through this channel; None: at midnight."""
        season = self.season(on) if self.business.get(channel) else None
        return season.open[-1][1] if season else None

    def counts_on(self, channel: str, at: datetime, calendar: Workdays) -> date:
        """The day on which an act counts as done that would end a limit.

        After the close of business, or where nobody is there at all, that is the next working day; else the day itself.
        """
        here = at.astimezone(SHANGHAI)
        closes_at = self.closes_at(channel, here.date())
        if closes_at is None:
            return here.date()
        if not calendar.is_workday(here.date()):
            return calendar.on_or_after(here.date())
        return here.date() if here.time() <= closes_at else calendar.last_working_day(here.date(), 1)


def hours_file(text: str, file: str) -> Hours:
    """The hours that a file says. Raises BadFile with every fault, each with its row and column."""
    reader = Reader(file)
    said = reader.keys(reader.whole(text), ("source", "verified", "seasons", "channels"), ())
    reader.words(said.get("source"))
    reader.truth(said.get("verified"))
    seasons = tuple(_seasons(reader, said.get("seasons")))
    channels = dict(_channels(reader, said.get("channels")))
    reader.finish()
    return Hours(seasons, channels)


def lists_hours(text: str) -> bool:
    """Whether a file of definitions/calendars says business hours rather than days."""
    return re.search(r"^seasons:", text, re.MULTILINE) is not None


def _seasons(reader: Reader, node: Node | None) -> Iterator[Season]:
    for each in reader.items(node):
        said = reader.keys(each, ("name", "en", "from", "until", "open", "source", "verified"), ())
        reader.words(said.get("source"))
        reader.truth(said.get("verified"))
        first, last = (reader.day_of_year(said[end], reader.words(said[end])) if end in said else None for end in _ENDS)
        spans = tuple(span for one in reader.items(said.get("open")) if (span := _span(reader, one)))
        if not spans and not reader.problems:
            reader.fault(each, "no-hours", _NO_HOURS)
        if any(later[0] <= earlier[1] for earlier, later in pairwise(spans)):
            reader.fault(each, "hours-order", _HOURS_ORDER)
        if first and last and spans:
            label = Text(reader.words(said.get("name")), reader.words(said.get("en")))
            yield Season(label, first, last, spans)


def _channels(reader: Reader, node: Node | None) -> Iterator[tuple[str, bool]]:
    seen = set()
    for each in reader.items(node):
        said = reader.keys(each, ("channel", "ends", "source", "verified"), ())
        channel, ends = reader.words(said.get("channel")), reader.words(said.get("ends"))
        reader.words(said.get("source"))
        reader.truth(said.get("verified"))
        if ends not in ("business", "midnight") and "ends" in said:
            reader.fault(said["ends"], "bad-end", _BAD_END, said=ends)
        if channel in seen:
            reader.fault(each, "channel-twice", _CHANNEL_TWICE, channel=channel)
        seen.add(channel)
        yield channel, ends == "business"


def _span(reader: Reader, node: Node) -> tuple[time, time] | None:
    said = reader.words(node)
    try:
        opens, closes = (time.fromisoformat(each) for each in said.split("-"))
    except ValueError:
        opens = closes = time()
    if not re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", said) or opens >= closes:
        reader.fault(node, "bad-hours", _BAD_HOURS, said=said)
        return None
    return opens, closes


_ENDS = ("from", "until")
_NO_HOURS = Text("没有写明业务时间", "no business hours are said")
_HOURS_ORDER = Text("业务时间须由早到晚，不得重叠", "hours go from early to late and do not overlap")
_BAD_END = Text("“{said}”不明：写 business 或 midnight", "“{said}” is not clear: write business or midnight")
_CHANNEL_TWICE = Text(
    "渠道 {channel} 写了两次，请只留一处", "the channel {channel} is there twice; keep one of the two"
)
_BAD_HOURS = Text("“{said}”不是时段；请写成 09:00-12:30", "“{said}” is no span of hours; write it as 09:00-12:30")
