"""A case that went to another version, in words: where each would stand, which days move, and what its record says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from terminal.render import Block, Line, Tinted, Tone, Words
from workflow.case import BACK, CLOCK, EDIT, FIRED, FROM, PLAN, STAYS_WITH, TRAIL, WAS, Event, Scalar
from workflow.model import Definition
from workflow.text import Lang, Text
from workflow.words import step_label, value_in_words

if TYPE_CHECKING:
    from storage.migrate import Migration, Shift, Went

SHOWN_CASES = 20  # on a screen; --json holds a thousand


def cases_to_move(outcome: Migration, lang: Lang) -> Iterator[Block]:
    """Each case of a plan that was tried: from which state to which, and the clocks whose last day moves."""
    for each in outcome.went[:SHOWN_CASES]:
        yield Line((Tinted(each.number, Tone.STRONG), f"  {_way(each, lang)}"))
        yield from (_shift(shift, lang) for shift in each.shifts)
    if outcome.moved > SHOWN_CASES:
        yield Line(_MORE.filled(count=outcome.moved - SHOWN_CASES).read(lang))


def _way(went: Went, lang: Lang) -> str:
    source, target = went.source.read(lang), went.target.read(lang)
    return _STAYS_IN.filled(state=went.source).read(lang) if went.stays_in_place else f"{source} → {target}"


def _shift(shift: Shift, lang: Lang) -> Line:
    before, after = shift.from_on or _NONE.read(lang), shift.to_on or _NONE.read(lang)
    return Line((Tinted(shift.label.read(lang) + _COLON.read(lang), Tone.DIM), f"{before} → {after}"), indent=4)


def what_a_migration_changed(new: Definition, old: Definition, event: Event, lang: Lang) -> Iterator[Words]:
    """Each field, clock and step that the event of a migration changed, called as whichever version knows it."""
    for name, value in event.data.items():
        if name.startswith(TRAIL):
            yield from _renamed(new, old, name.removeprefix(TRAIL), str(value), lang)
            continue
        if name.startswith(_FOR_THE_MACHINE):
            continue
        if name.startswith(CLOCK):
            rule = new.deadlines.get(name.removeprefix(CLOCK)) or old.deadlines.get(name.removeprefix(CLOCK))
            label, change = rule.label if rule else Text(name, name), _TAKES[str(value)].read(lang)
        else:
            field = new.fields.get(name) or old.fields.get(name)
            label, change = field.label if field else Text(name, name), _written(new, old, event, name, value, lang)
        yield (Tinted(label.read(lang) + _COLON.read(lang), Tone.DIM), change)


def _written(new: Definition, old: Definition, event: Event, name: str, value: Scalar, lang: Lang) -> str:
    was = event.data.get(WAS + name)
    now = value_in_words(new if name in new.fields else old, name, value).read(lang)
    if was is None:
        return now
    before = value_in_words(old if name in old.fields else new, name, was).read(lang)
    return f"{before} → {now}"


def _renamed(new: Definition, old: Definition, name: str, said: str, lang: Lang) -> Iterator[Words]:
    """What a step that the case has gone through is called now; where somebody edited, the states say it."""
    if name.startswith(EDIT + "."):
        return
    labels = [_QUOTED.filled(name=step_label(new, each)).read(lang) for each in said.split()]
    before = _QUOTED.filled(name=step_label(old, name)).read(lang)
    yield (Tinted(_STEP.read(lang), Tone.DIM), f"{before} → {' '.join(labels)}")


#: What a migration makes of a clock.
_TAKES = {
    "keep": Text("照旧计算", "runs on"),
    "anew": Text("另行提醒，起算日不变", "reminders anew, counted from the same day"),
    "recount": Text("按新版规定计算", "counted by the new version"),
    "restart": Text("自迁移之日重新起算", "begun anew with the migration"),
    "drop": Text("不再计时", "no longer counted"),
    "leave": Text("不计时", "not running"),
    "back": Text("恢复迁移前的时限", "the one before the migration runs on"),
}
#: What a migration says for the record and for the machine: the rest of its event is what it changed.
_FOR_THE_MACHINE = (FROM, PLAN, STAYS_WITH, FIRED, BACK, WAS)
_COLON = Text("：", ": ")
_QUOTED = Text("“{name}”", "“{name}”")
_STEP = Text("步骤改称：", "step called otherwise: ")
_NONE = Text("不计时", "not running")
_STAYS_IN = Text("仍在“{state}”", "stays in {state}")
_MORE = Text("另有 {count} 件可迁移；--json 列出更多", "{count} more would move; --json lists more")
