"""From a case and a template to a paper, by nothing but its arguments: the same case on the same day gives the same letter.

What is missing is not passed over: the answer is a refusal that lists all of it, in both languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from letters.paper import Form, Line, Paper, Paragraph, chinese
from workflow.case import START, Case, Data, Event, Scalar, Unmet, business_date
from workflow.conditions import Condition
from workflow.errors import Refused
from workflow.explain import unmet_of_letter
from workflow.letter import (
    BOX,
    BUREAU,
    BY,
    DAY,
    DELIVERED,
    DUE,
    NUMBER,
    ON,
    ROUND,
    SECTION,
    STATE,
    VALUE,
    LetterTemplate,
    Passage,
    Slot,
    Variant,
    Wording,
)
from workflow.model import Definition, Field, FieldType
from workflow.text import Text
from workflow.values import is_one_line, on_one_line
from workflow.words import shown_value, value_in_words

BLANK = "＿＿＿＿＿＿"
UNSETTLED = "（该年度放假安排公布后以重新计算的日期为准）"


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day of a clock, and whether a year that is not announced yet may still move it."""

    on: date
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a letter is made from."""

    case: Case
    definition: Definition
    events: tuple[Event, ...]
    clocks: Mapping[str, LastDay]  # as they stand now
    bureau: str
    now: datetime
    revealed: frozenset[str] = frozenset()  # personal fields that whoever writes it may see whole
    contact: Mapping[str, str] = field(default_factory=dict)  # of the bureau: where to send something, how to pay
    clocks_after: Callable[[int], Mapping[str, LastDay]] | None = None  # as they stood after an event of the record


def composed(asked: Asked, template: LetterTemplate) -> Paper:
    """The letter; raises Refused with every reason why it cannot be written."""
    writing = _Writing(asked, template)
    paper = writing.paper()
    reasons = tuple(writing.not_for_it()) or (*writing.parts_unmet(), *writing.missing, *writing.compulsory_missing())
    if reasons:
        raise Refused(template.label, tuple(dict.fromkeys(reasons)), _REFUSED)
    return paper


def fits(asked: Asked, template: LetterTemplate) -> bool:
    """Whether the letter is for cases like this one."""
    return not tuple(_Writing(asked, template).not_for_it())


def last_days(asked: Asked, template: LetterTemplate) -> Mapping[str, LastDay]:
    """The last days that the letter tells, by their clocks."""
    writing = _Writing(asked, template)
    writing.paper()
    return writing.days


def _told_days(asked: Asked, template: LetterTemplate) -> Mapping[str, LastDay]:
    """The last days that a letter may tell: those that stood when it told them, else those of today.

    What was told is what stands (LAW 14): the same letter never says another day because its clock moved since.
    """
    # By the trail: a step that was taken back has told nobody anything.
    told = max((asked.case.trail[each].seq for each in template.told if each in asked.case.trail), default=None)
    return asked.clocks if told is None or asked.clocks_after is None else asked.clocks_after(told)


def masked_fields(asked: Asked, template: LetterTemplate) -> Iterator[Field]:
    """The personal fields that stand in this letter behind a mask, for whoever writes it may not see them whole."""
    writing = _Writing(asked, template)
    writing.paper()
    for name in dict.fromkeys(writing.filled_in):
        said = asked.definition.fields.get(name)
        if said and said.personal and name not in asked.revealed and asked.case.data.get(name):
            yield said


@dataclass(slots=True)
class _Writing:
    """One letter while it is written: what it lacks gathers on the way."""

    asked: Asked
    template: LetterTemplate
    missing: list[Unmet] = field(default_factory=list)
    said_parts: dict[str, str] = field(default_factory=dict)  # compulsory parts that stand in it, and what they say
    filled_in: list[str] = field(default_factory=list)  # fields that stand in it
    days: dict[str, LastDay] = field(default_factory=dict)  # last days that stand in it
    by_pen: bool = False  # what is written now is filled in by whoever gets the letter

    def paper(self) -> Paper:
        """The letter, with blanks where something is missing."""
        lines = {name: self._line(name) for name in self.template.lines}
        is_letter = self.template.look == "letter"
        return Paper(
            name=self.template.name,
            look=self.template.look,
            bureau=readable(self.asked.bureau),
            number=lines["number"],
            title=lines["title"],
            to=lines["to"],
            mark=lines["mark"],
            body=tuple(self._all_blocks(enclosed=False)),
            enclosed=tuple(self._all_blocks(enclosed=True)),
            signed=lines["signed"] or (readable(self.asked.bureau) if is_letter else ""),
            day=self.day,
            note=lines["note"],
            copies=lines["copies"],
        )

    @property
    def day(self) -> date:
        """The day that the letter bears: that of its field, else of the step that told of it, else today."""
        said = self.asked.case.data.get(self.template.dated) if self.template.dated else None
        if isinstance(said, str) and said:
            return date.fromisoformat(said)
        tells = () if self.template.dated else self.template.told
        told = (each.at for each in reversed(self.asked.events) if each.transition in tells)
        return business_date(next(told, self.asked.now))

    @property
    def data(self) -> Data:
        """What conditions look at: the data of the case, where it stands, and the day of the letter."""
        return {**self.asked.case.data, STATE: str(self.asked.case.state), DAY: self.day.isoformat()}

    def not_for_it(self) -> Iterator[Unmet]:
        """That the letter is for other cases."""
        only = self.template.only
        if only and (not only.when.holds(self.data) or (only.states and self.asked.case.state not in only.states)):
            yield Unmet(self.template.name, only.text)

    def parts_unmet(self) -> tuple[Unmet, ...]:
        """What the definition demands of this letter."""
        return unmet_of_letter(self.asked.definition, self.asked.case, self.template.name, self.asked.now)

    def compulsory_missing(self) -> Iterator[Unmet]:
        """Each part that the law demands of this letter on its day and that no paragraph of it says."""
        for must in self.template.must.values():
            stands = self.said_parts.get(must.name)
            if self._holds(must.when) and (stands is None or any(each not in stands for each in must.says)):
                said = _BY_LAW.filled(text=must.text, basis=must.basis)
                yield Unmet(must.name, said)

    def _holds(self, when: Condition | None) -> bool:
        return when is None or when.holds(self.data)

    def _line(self, name: str) -> str:
        variants: tuple[Variant, ...] = self.template.lines[name]
        chosen = next((each for each in variants if self._holds(each.when)), None)
        if chosen is None:
            return ""
        if name == NUMBER and chosen.wording.bears_a_field:
            self.said_parts[NUMBER] = ""
        return self._filled(chosen.wording, once=name in ("title", "to"))

    def _all_blocks(self, enclosed: bool) -> Iterator[Paragraph | Form]:
        for passage in self.template.body:
            if passage.enclosed == enclosed:
                self.by_pen = enclosed
                yield from self._blocks(passage)

    def _blocks(self, passage: Passage) -> Iterator[Paragraph | Form]:
        if not self._holds(passage.when):
            return
        if passage.wording is None:
            rows = [Line(tuple(self._filled(cell, form=True) for cell in row.cells), row.lines) for row in passage.rows]
            self._stands(passage.part, "\n".join(cell for row in rows for cell in row.cells))
            yield Form(tuple(rows))
            return
        text = self._filled(passage.wording)
        self._stands(passage.part, text)
        # What somebody wrote in several paragraphs stays in several.
        lines = [each.strip() for each in text.split("\n") if each.strip()]
        for number, each in enumerate(lines, 1):
            ends = number == len(lines) and passage.style == "body" and each[-1].isalnum()
            yield Paragraph(f"{each}。" if ends else each, passage.style)

    def _stands(self, part: str | None, text: str) -> None:
        if part:
            self.said_parts[part] = f"{self.said_parts.get(part, '')}\n{text}"

    def _filled(self, wording: Wording, *, form: bool = False, once: bool = False) -> str:
        parts = [each if isinstance(each, str) else self._slot(each, form) for each in wording.parts]
        if once:
            around = ("", *parts, "")
            parts = [
                said_once(*around[at : at + 3]) if isinstance(each, Slot) else each
                for at, each in enumerate(wording.parts)
            ]
        said = "".join(parts)
        return "\n".join(line.strip() for line in said.split("\n")).strip("\n") if form else said

    def _slot(self, slot: Slot, form: bool) -> str:
        if slot.of == ROUND:
            return self._round(slot)
        said = readable(self._said(slot))
        if said:
            return said
        if form:
            return ""
        if not slot.may_lack:
            self.missing.append(self._lacks(slot))
        return BLANK

    def _said(self, slot: Slot) -> str:
        asked = self.asked
        if slot.of == DUE:
            last = _told_days(asked, self.template).get(slot.name)
            if last is None:
                return ""
            self.days[slot.name] = last
            return chinese(last.on) + (UNSETTLED if last.provisional else "")
        if slot.of == VALUE:
            self.filled_in.append(slot.name)
            return str(shown_value(asked.definition, slot.name, asked.case.data.get(slot.name), asked.revealed) or "")
        if slot.of == BOX:
            return self._boxes(slot.name)
        if slot.of == BUREAU:
            return asked.contact.get(slot.name, "")
        if slot.of is not None:
            return self._recorded(slot)
        if slot.name == DELIVERED:
            return self._delivered()
        alone = {
            BUREAU: asked.bureau,
            NUMBER: asked.case.number,
            SECTION: asked.case.section or "",
            DAY: chinese(self.day),
        }
        if slot.name in alone:
            return alone[slot.name]
        return self._field(slot.name)

    def _field(self, name: str) -> str:
        self.filled_in.append(name)
        value: Scalar = self.asked.case.data.get(name)
        if value in (None, ""):
            return ""
        declared = self.asked.definition.fields[name]
        if declared.type == FieldType.DATE and not declared.personal:
            return chinese(date.fromisoformat(str(value)))
        said = value_in_words(self.asked.definition, name, value, self.asked.revealed).zh
        if is_one_line(declared):
            said = on_one_line(said)  # what was written before this was asked begins no row of its own
        return f"{said}元" if declared.type == FieldType.MONEY else said

    def _delivered(self) -> str:
        """The title and the number of the letter that is delivered."""
        those = (each for each in self.template.delivers if fits(self.asked, each))
        if (letter := next(those, None)) is None:
            return ""
        writing = _Writing(self.asked, letter, self.missing, filled_in=self.filled_in)
        title, number = (writing._line(each).replace("\n", "") for each in ("title", "number"))
        return f"{title}（{number}）" if number else title

    def _boxes(self, name: str) -> str:
        """Every choice of the field with a box before it, the one that was made ticked; none where a pen is to choose."""
        made = None if self.by_pen else self.asked.case.data.get(name)
        known = self.asked.definition.fields.get(name)
        choices = known.choices if known else {}
        return "　".join(f"{'☑' if each.value == made else '□'}{each.label.zh}" for each in choices.values())

    def _recorded(self, slot: Slot) -> str:
        """Who took the last of these steps, on which day, or what they said with it."""
        event = next((each for each in reversed(self._record()) if each.transition in slot.names), None)
        if event is None:
            return ""
        if slot.of == BY:
            return f"{event.actor_name}（代）" if event.on_behalf_of and not event.automatic else event.actor_name
        return chinese(business_date(event.at)) if slot.of == ON else event.comment or self._slip(event)

    def _round(self, slot: Slot) -> str:
        """之二 once one of these steps has been taken, 之三 after the next: what is decided anew is another paper."""
        times = sum(each.transition in slot.names for each in self.asked.events)
        return (
            f"之{'二三四五六七八九十'[times - 1] if times <= len('二三四五六七八九十') else times + 1}" if times else ""
        )

    def _slip(self, event: Event) -> str:
        """What a step without a comment says by itself: a return by the clock gives its reason, too."""
        step = self.asked.definition.transitions.get(event.transition)
        return step.slip.zh if step and step.slip else ""

    def _record(self) -> tuple[Event, ...]:
        """The events that count: its beginning, and those after the last step with which all began anew."""
        events = self.asked.events
        anew = [number for number, each in enumerate(events) if each.transition in self.template.since]
        return tuple(each for each in events if each.transition == START) + events[anew[-1] + 1 :] if anew else events

    def _lacks(self, slot: Slot) -> Unmet:
        definition = self.asked.definition
        if slot.of == DUE:
            clock = definition.deadlines.get(slot.name)
            return Unmet(slot.name, _NO_CLOCK.filled(name=clock.label if clock else Text(slot.name, slot.name)), "data")
        if slot.of == BUREAU:
            return Unmet(slot.name, _NO_CONTACT[slot.name])
        if slot.of not in (None, VALUE):
            steps = [definition.transitions[each].label for each in definition.transitions if each in slot.names]
            names = Text("”或“".join(each.zh for each in steps), "” or “".join(each.en for each in steps))
            taken = any(each.transition in slot.names for each in self._record())
            return Unmet(slot.name, (_NOTHING_SAID if taken else _NO_STEP).filled(name=names), "data")
        known = definition.fields.get(slot.name)
        label = known.label if known else _SECTION
        return Unmet(slot.name, _NO_FIELD.filled(name=label), "data")


def said_once(before: str, said: str, after: str) -> str:
    """What a field holds without the words that stand beside it in a title or an address anyway.

    >>> said_once("", "沈代表", "代表"), said_once("对区人大第", "区人大第18号", "号建议的答复"), said_once("", "沈玉兰", "代表")
    ('沈', '18', '沈玉兰')
    """
    there = before.removesuffix("第")
    said = next((said[n:] for n in range(len(said), 1, -1) if there.endswith(said[:n])), said)
    if before.endswith("第"):
        said = said.removeprefix("第").removesuffix(after[:1])
    return said.removesuffix(after) if after.isalnum() else said


def readable(said: str) -> str:
    """A value as it can stand on paper: lines kept, what nobody sees or what turns the reading order made visible.

    >>> readable("一\\u202e二\\t三\\r\\n四")
    '一\ufffd二 三\\n四'
    """
    lines = said.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    return "\n".join("".join(_visible(each) for each in line) for line in lines)


def _visible(character: str) -> str:
    if character.isprintable() or character == "\u3000":
        return character
    return " " if character.isspace() else "\ufffd"


_REFUSED = Text(
    "“{transition}”不能出具，有{count}项要求未满足：", "{transition} cannot be written: {count} requirement(s) unmet:"
)
_BY_LAW = Text("{text}（{basis}）", "{text} ({basis})")
_NO_FIELD = Text("文书须写明“{name}”，尚未填写", "the letter states “{name}”, which is not filled in")
_NO_CONTACT = {
    "contact": Text(
        "文书须写明材料送到哪里，本机关的地址尚未登记（gongkai people bureau --address 地址，系统管理员办理）",
        "the letter says where to send something, and the bureau's address is not on record (gongkai people bureau --address ADDRESS, "
        "an administrator's act)",
    ),
    "payment": Text(
        "收费通知须写明缴纳方式，本机关的缴费方式尚未登记（gongkai people bureau --payment 方式，系统管理员办理）",
        "the notice says how to pay, and the bureau's way of payment is not on record (gongkai people bureau --payment WAY, an "
        "administrator's act)",
    ),
}
_NO_CLOCK = Text(
    "文书须写明“{name}”的最后一日，该时限尚未计时",
    "the letter states the last day of “{name}”, a clock that has not run",
)
_NO_STEP = Text(
    "文书须写明“{name}”的办理情况，尚未办理", "the letter states what was done in “{name}”, a step that was not taken"
)
_NOTHING_SAID = Text(
    "文书须写明“{name}”的意见，办理时未写", "the letter states what was said with “{name}”, with which nothing was said"
)
_SECTION = Text("科室", "section")
