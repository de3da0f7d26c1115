"""Why cases were late (逾期原因), as people read it: with a case, and counted on the supervisor's board."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from terminal.render import Block, Column, Grid, Line, Tinted, Tone, Words
from workflow.case import EXPLAIN_LATENESS, IMPORT, Event, moment
from workflow.lateness import (
    LATE_CAUSE,
    LATE_SECTION,
    OUTSIDE,
    LateClock,
    cause_in_words,
    command,
    late_clocks,
    unexplained,
)
from workflow.text import Lang, Text, listed

if TYPE_CHECKING:
    from reports.board import Cause
    from storage.lateness import Unexplained
    from storage.views import CaseView, DeadlineView

#: A line about a case: its heading, and what it says.
Fact = tuple[Text, Words]
#: So many unexplained cases stand on the board; the others are counted.
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Lateness:
    """What was said of the lateness of one case, and what is still to be said."""

    there: CaseView
    clocks: Sequence[DeadlineView]
    events: Sequence[Event]

    @property
    def said(self) -> Event | None:
        """The explanation that was given last."""
        return next((each for each in reversed(self.events) if each.transition == EXPLAIN_LATENESS), None)

    @property
    def owed(self) -> tuple[LateClock, ...]:
        """The late clocks that nobody has explained; of a record that was taken in as it had ended, none."""
        definition, case = self.there.definition, self.there.case
        was_past = self.events[0].transition == IMPORT and self.events[0].at == case.closed_at
        if EXPLAIN_LATENESS not in definition.acts or was_past:
            return ()
        late = (
            late
            for each in self.clocks
            if each.now
            for late in late_clocks(definition, (each.deadline,), each.now, each.calendar)
        )
        return unexplained(late, self.events)

    def to_json(self) -> dict[str, object] | None:
        """The same for programs; None where nothing was late."""
        said, owed = self.said, self.owed
        if said is None and not owed:
            return None
        return {
            "cause": said.data[LATE_CAUSE] if said else None,
            "section": said.data[LATE_SECTION] if said else None,
            "by": said.actor if said else None,
            "at": said.at.isoformat() if said else None,
            "comment": said.comment if said else None,
            "owed": [{**each.label.to_json(), "late_days": each.days} for each in owed],
        }

    def lines(self, lang: Lang) -> Iterator[Fact]:
        """The same as a clerk reads it, each with its heading; none where nothing was late."""
        if said := self.said:
            cause = cause_in_words(self.there.definition, said)
            comment = Text(f"：{said.comment}", f": {said.comment}") if said.comment else Text("", "")
            text = _SAID.filled(cause=cause, name=said.actor_name, at=moment(said.at), comment=comment)
            yield _WHY, text.read(lang)
        if owed := self.owed:
            late = listed((each.in_words for each in owed), "；", "; ")
            text = _UNSAID.filled(late=late, command=command(self.there.case.number))
            yield _WHY, Tinted(text.read(lang), Tone.WARN)


def causes(counted: Sequence[Cause], lang: Lang) -> Iterator[Block]:
    """How often each cause lay with each section."""
    yield Line(Tinted(_CAUSES.read(lang), Tone.STRONG))
    yield Grid(
        (Column(_SECTION.read(lang)), Column(_CAUSE.read(lang)), Column(_CASES.read(lang), right=True)),
        tuple((_place(each.section, lang), each.label.read(lang), str(each.count)) for each in counted),
    )


def unexplained_cases(owing: Sequence[Unexplained], lang: Lang) -> Iterator[Block]:
    """The cases that ended late by themselves, of which nobody has said why, with what to type."""
    yield Line(Tinted(_OWING.read(lang), Tone.STRONG))
    for each in owing[:MOST_SHOWN]:
        said = _OWED_BY.filled(number=each.number, section=each.section, late=each.clock.in_words)
        yield Line((Tinted("! ", Tone.WARN), said.read(lang)), indent=2)
    if len(owing) > MOST_SHOWN:
        yield Line(Tinted(_MORE.filled(count=len(owing) - MOST_SHOWN).read(lang), Tone.DIM), indent=2)
    yield Line(Tinted(command(_NUMBER.read(lang)), Tone.DIM), indent=2)


def _place(section: str, lang: Lang) -> str:
    return OUTSIDE.read(lang) if section == OUTSIDE.zh else section


_WHY = Text("逾期原因", "Lateness")
_SAID = Text("{cause}，{name} {at}{comment}", "{cause}, {name} {at}{comment}")
_UNSAID = Text("尚未说明：{late}（{command}）", "not yet explained: {late} ({command})")
_CAUSES = Text("近 30 天逾期原因", "Causes of lateness, over 30 days")
_SECTION = Text("科室", "Section")
_CAUSE = Text("原因", "Cause")
_CASES = Text("事项", "Cases")
_OWING = Text("已办结而尚未说明逾期原因", "Ended late, and nobody has said why")
_OWED_BY = Text("{number}（{section}）：{late}", "{number} ({section}): {late}")
_MORE = Text("另有 {count} 件：gongkai doctor", "{count} more: gongkai doctor")
_NUMBER = Text("编号", "CASE")
