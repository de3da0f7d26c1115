"""How the demonstration looks: a live board on a terminal, a sober line for each day elsewhere, the figures at the end."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import date, datetime
from datetime import time as hour
from typing import TYPE_CHECKING

from reports.board import board
from terminal.render import Block, Column, Grid, Line, Tinted, Tone, live, write_talk
from workflow.case import SHANGHAI, TransitionName, business_date
from workflow.text import Lang, Text
from workflow.words import step_label

if TYPE_CHECKING:
    from storage import Desk
    from storage.sweep import Fired
    from storage.views import Done
    from terminal.month import FastClock
    from workflow.model import Definition

#: Real seconds: half an hour of office hours, a day off as a whole, between two pictures.
OFFICE_BEAT, DAY_OFF, REDRAW = 0.075, 0.2, 0.15
#: Where the machine is slow, so much is made up for by not waiting at all.
MOST_BEHIND = 20.0
NEWS = 9
READER = "zhengyan"  # the auditor sees all and changes nothing


class Pace:
    """How long the sandbox's hours last: an office hour lasts a moment, a night none at all."""

    def __init__(self, fast: bool, first: date) -> None:
        self._fast, self._first = fast, first
        self._until = time.monotonic()

    def keep(self, beat: datetime, is_workday: bool) -> None:
        """Wait for the half hour before that moment to go by, the work done in it included."""
        if self._fast:
            return
        self._until = max(self._until, time.monotonic() - MOST_BEHIND) + self._seconds(beat, is_workday)
        time.sleep(max(0.0, self._until - time.monotonic()))

    def _seconds(self, beat: datetime, is_workday: bool) -> float:
        here = beat.astimezone(SHANGHAI)
        if here.date() < self._first:
            return 0.0
        if is_workday:
            return OFFICE_BEAT if hour(9, 0) <= here.time() <= hour(17, 30) else 0.0
        return DAY_OFF if here.time() == hour(12, 0) else 0.0


class News:
    """What has just happened, newest last, and how often which kind of thing did."""

    def __init__(self, definition_of: Callable[[str], Definition], lang: Lang) -> None:
        self._definition_of, self._lang = definition_of, lang
        self.latest: deque[Line] = deque(maxlen=NEWS)
        self.counts: Counter[str] = Counter()

    def taken(self, done: Done) -> None:
        """A step that somebody took."""
        event, case = done.event, done.case.case
        label = step_label(done.case.definition, event.transition)
        self._count(case.kind, event.transition)
        self._add(event.at, event.actor_name, label, f"{case.number} {case.title}", _TONES.get(event.transition))

    def fired(self, fired: Fired) -> None:
        """A step that the ticker took: an automatic one, or one of a clock."""
        definition = self._definition_of(fired.case)
        if fired.deadline is None:
            self._count(definition.id, fired.step)
            label = definition.transitions[TransitionName(fired.step)].label
        else:
            kind = fired.step.partition("-")[0]
            self._count("", kind)
            rule, said = definition.deadlines[fired.deadline].label, _OTHER_STEPS[kind]
            label = Text(f"{said.zh}：{rule.zh}", f"{said.en}: {rule.en}")
        self._add(fired.fired_at, _SYSTEM.read(self._lang), label, fired.number, Tone.WARN)

    def _count(self, kind: str, step: str) -> None:
        """Count a step of a document by its name, of another kind by both, and a word of a clock whatever its kind."""
        self.counts[step if kind in ("", "document") else f"{kind}.{step}"] += 1

    def counted(self) -> str:
        """The counts in one line."""
        return _COUNTED.filled(
            drafted=self.counts["start"],
            returned=self.counts["return_untagged"],
            reminders=self.counts["remind"],
            escalations=self.counts["escalate"],
            published=self.counts["publish"],
            kept=self.counts["file"] + self.counts["withhold"],
            requests=self.counts["request.start"],
            replies=self.counts["request.send"],
            proposals=self.counts["proposal.start"],
            answered=self.counts["proposal.reply"],
        ).read(self._lang)

    def _add(self, at: datetime, who: str, label: Text, what: str, tone: Tone | None) -> None:
        said = f"{at.astimezone(SHANGHAI):%m-%d %H:%M}  {who}  {label.read(self._lang)}"
        self.latest.append(Line((Tinted(said, tone) if tone else said, Tinted(f"  {what}", Tone.DIM)), cuts=True))


class Over(Exception):
    """The last beat has been drawn."""


class Show:
    """Lets the month go by before somebody's eyes."""

    def __init__(self, desk: Desk, clock: FastClock, news: News, lang: Lang, quiet: bool) -> None:
        self._desk, self._clock, self._news, self._lang, self._quiet = desk, clock, news, lang, quiet

    def say(self, *blocks: Block) -> None:
        """A word beside the data; not where quiet was asked for."""
        if not self._quiet:
            write_talk(blocks)

    def play(self, beats: Iterator[datetime], pace: Pace, first: date) -> bool:
        """Every beat of the month at its pace; False when somebody stopped it."""
        if sys.stdout.isatty() and not self._quiet:
            return self._play_live(beats, pace)
        try:
            for beat in beats:
                pace.keep(beat, self._is_workday(beat))
                self._report_day(beat, first)
        except KeyboardInterrupt:
            return False
        return True

    def _play_live(self, beats: Iterator[datetime], pace: Pace) -> bool:
        def until_next_picture(_: float) -> None:
            drawn = time.monotonic()
            while time.monotonic() - drawn < REDRAW:
                beat = next(beats, None)
                if beat is None:
                    raise Over
                pace.keep(beat, self._is_workday(beat))

        try:
            live(self._picture, until_next_picture)
        except Over:
            return True
        return False  # Ctrl-C

    def _is_workday(self, beat: datetime) -> bool:
        return self._desk.calendar.is_workday(business_date(beat))

    def _report_day(self, beat: datetime, first: date) -> None:
        here = beat.astimezone(SHANGHAI)
        if here.time() == hour(17, 30) and here.date() >= first and self._is_workday(beat):
            self.say(Line(f"{here:%Y-%m-%d}  {self._news.counted()}"))

    def _picture(self) -> list[Block]:
        here = self._clock.now().astimezone(SHANGHAI)
        facts = board(self._desk, self._desk.actor(READER))
        columns = tuple(Column(text.read(self._lang), right=place > 0) for place, text in enumerate(_COLUMNS))
        rows = tuple(
            (
                row.section,
                _figure(row.overdue.cases, Tone.BAD),
                _figure(row.due_today.cases, Tone.WARN),
                _figure(row.within_three.cases, Tone.STRONG),
            )
            for row in facts.rows
        )
        return [
            Line(
                Tinted(f"{here:%Y-%m-%d %H:%M}  {self._desk.calendar.day(here.date()).why.read(self._lang)}", Tone.HEAD)
            ),
            Line(self._news.counted()),
            Line(""),
            Grid(columns, rows, indent=2),
            Line(""),
            *self._news.latest,
        ]


def _figure(count: int, tone: Tone) -> str | Tinted:
    return Tinted(str(count), tone) if count else "·"


_TONES = {
    "publish": Tone.GOOD,
    "return": Tone.WARN,
    "return_untagged": Tone.WARN,
    "question": Tone.WARN,
}
_OTHER_STEPS = {
    "remind": Text("提醒", "reminds"),
    "escalate": Text("逾期上报", "escalates"),
    "expire": Text("到期", "lets expire"),
}
_SYSTEM = Text("系统", "the system")
_COLUMNS = (
    Text("科室", "section"),
    Text("逾期", "overdue"),
    Text("今日到期", "due today"),
    Text("三日内到期", "within 3 days"),
)
_COUNTED = Text(
    "拟稿 {drafted} · 未标注退文 {returned} · 提醒 {reminders} · 逾期上报 {escalations} · 公开 {published} · 不公开或存档 {kept} · "
    "申请 {requests}（答复 {replies}） · 建议提案 {proposals}（答复 {answered}）",
    "drafted {drafted} · returned untagged {returned} · reminders {reminders} · escalations {escalations} · "
    "published {published} · withheld or on file {kept} · "
    "requests {requests} ({replies} answered) · proposals {proposals} ({answered} answered)",
)
