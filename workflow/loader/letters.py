"""The way of a file of letters from text to templates whose every name is known, strict and complete in its complaints."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from workflow.case import START
from workflow.conditions import Condition, condition
from workflow.errors import BadDefinition, BadLetter
from workflow.letter import (
    ALONE,
    BOX,
    BUREAU,
    CONTACT,
    DAY,
    DELIVERED,
    DUE,
    NUMBER,
    OF,
    OF_FIELDS,
    OF_STEPS,
    ROUND,
    STATE,
    LetterBook,
    LetterTemplate,
    Must,
    Only,
    Passage,
    Row,
    Slot,
    Variant,
    stray_brace,
    wording_of,
)
from workflow.loader.draft import Draft
from workflow.loader.letter_said import LETTERS
from workflow.loader.letter_shape import LettersFile, OnlyEntry, PassageEntry, RowEntry, TemplateEntry, VariantEntry
from workflow.loader.report import Path, Report, Stop, suggestion
from workflow.loader.shape import shaped
from workflow.loader.source import read
from workflow.loader.values import check_condition
from workflow.model import Definition, FieldType
from workflow.schema import DefinitionFile, FieldEntry
from workflow.text import Text

#: The texts around the body, each of which may be said in one way or in several.
LINES = ("title", "number", "to", "mark", "signed", "note", "copies")


def read_letters(text: str | bytes, file: str, kinds: Mapping[str, Definition]) -> LetterBook:
    """The letters that the text declares; raises BadLetter with every fault found. `kinds` are the definitions they are about."""
    report = Report(file, LETTERS)
    try:
        return _read(text, report, kinds)
    except BadDefinition as fault:
        raise BadLetter(file, fault.findings) from None


def _read(text: str | bytes, report: Report, kinds: Mapping[str, Definition]) -> LetterBook:
    try:
        said = shaped(LettersFile, read(text, report), report)
        _check(report, said, kinds)
    except Stop:
        report.raise_any()
        raise
    report.raise_any()
    letters = {name: _template(name, each) for name, each in said.letters.items()}
    for name, each in said.letters.items():
        letters[name] = replace(letters[name], delivers=tuple(letters[of] for of in each.delivers or ()))
    return LetterBook(report.file, said.about, letters)


def _check(report: Report, said: LettersFile, kinds: Mapping[str, Definition]) -> None:
    definition = kinds.get(said.about)
    if definition is None:
        hint = suggestion(said.about, sorted(kinds))
        report.of(("about",), "letter-kind", value=True, name=said.about, hint=hint)
        raise Stop
    checking = _Checking(report, definition)
    for name, letter in said.letters.items():
        checking.letter(letter, ("letters", name))
        for number, of in enumerate(letter.delivers or ()):
            if of not in said.letters or said.letters[of].delivers:
                hint = suggestion(of, sorted(said.letters))
                report.of(("letters", name, "delivers", number), "letter-delivers", value=True, name=of, hint=hint)
    for name in definition.letters:
        if name not in said.letters and report.is_whole(("letters",)):
            report.of(("letters",), "letter-undeclared", name=name)


class _Checking:
    """One file, held against the definition that it is about."""

    def __init__(self, report: Report, definition: Definition) -> None:
        self.report, self.definition = report, definition
        self.delivers = False  # whether the letter that is looked at is the proof of delivery of another
        self.draft = _as_draft(report, definition)

    def letter(self, said: TemplateEntry, path: Path) -> None:
        """Report all that is wrong with one letter."""
        self.delivers = bool(said.delivers)
        self._dated(said, path)
        for key in ("since", "told"):
            for number, step in enumerate(getattr(said, key) or ()):
                self._known("transition", step, (*path, key, number))
        if said.only:
            self._condition(said.only.if_, (*path, "only", "if"))
            for number, state in enumerate(said.only.in_ or ()):
                self._known("state", state, (*path, "only", "in", number))
        for name, must in said.must.items():
            self._condition(must.if_, (*path, "must", name, "if"))
        for name in LINES:
            self._line(getattr(said, name), (*path, name))
        for number, passage in enumerate(said.body):
            self._passage(passage, said.must, (*path, "body", number))
        there = {each.part for each in said.body}
        for name, must in said.must.items():
            if name == NUMBER and _numbered(said.number):
                continue
            words = "\n".join(_words(each) for each in said.body if each.part == name)
            for number, each in enumerate(must.says or () if name in there else ()):
                if each not in words:
                    self.report.of((*path, "must", name, "says", number), "letter-words-missing", name=name, words=each)
            if name not in there and self.report.is_whole((*path, "body")):
                code = "letter-number-missing" if name == NUMBER else "letter-part-missing"
                self.report.of((*path, "must", name), code, name=name)

    def _dated(self, said: TemplateEntry, path: Path) -> None:
        if said.dated is None:
            return
        field = self.definition.fields.get(said.dated)
        if field is None:
            self._known("field", said.dated, (*path, "dated"))
        elif field.type != FieldType.DATE:
            self.report.of(
                (*path, "dated"), "wrong-type", value=True, field=said.dated, type=field.type.value, wanted="date"
            )

    def _line(self, said: Any, path: Path) -> None:
        if isinstance(said, str):
            self._text(said, path)
        for number, each in enumerate(said if isinstance(said, list) else ()):
            self._condition(each.if_, (*path, number, "if"))
            self._text(each.text, (*path, number, "text"))

    def _passage(self, said: PassageEntry, musts: Collection[str], path: Path) -> None:
        if (said.text is None) == (said.table is None):
            self.report.of(path, "letter-text-or-table", once=True)
        self._condition(said.if_, (*path, "if"))
        if said.part is not None and said.part not in musts:
            hint = suggestion(said.part, sorted(musts))
            self.report.of((*path, "part"), "letter-part", value=True, name=said.part, hint=hint)
        if said.part in musts and (said.text is None) != (said.table is None) and not _says_something(said):
            self.report.of(path, "letter-part-blank", name=said.part)
        if said.text is not None:
            self._text(said.text, (*path, "text"))
        for number, row in enumerate(said.table or ()):
            mapped = isinstance(row, RowEntry)
            cells, here = _cells(row), (*path, "table", number)
            if len(cells) > 1 and len(cells) % 2:
                self.report.of(here, "letter-cells", once=True)
            for place, cell in enumerate(cells):
                self._text(cell, (*here, "cells", place) if mapped else (*here, place))

    def _text(self, said: str, path: Path) -> None:
        if stray := stray_brace(said):
            self.report.of(path, "letter-brace", value=True, given=stray)
        for slot in wording_of(said).slots:
            self._slot(slot, path)

    def _slot(self, slot: Slot, path: Path) -> None:
        if slot.of is not None and slot.of not in OF:
            self.report.of(path, "letter-of", value=True, name=slot.of)
        elif slot.of == BUREAU:
            if slot.name not in CONTACT:
                self.report.of(path, "letter-contact", value=True, name=slot.name)
        elif slot.of is None and slot.name == DELIVERED and not self.delivers:
            self.report.of(path, "letter-delivered", value=True)
        elif slot.of == DUE:
            self._known("deadline", slot.name, path)
        elif slot.of in OF_STEPS:
            for name in slot.names:
                self._known("transition", name, path)
        elif slot.of in OF_FIELDS:
            self._field(slot, path)
        elif slot.name not in ALONE and slot.name not in self.definition.fields:
            known = [*ALONE, *self.definition.fields]
            hint = suggestion(slot.name, known)
            self.report.of(path, "letter-placeholder", value=True, name=", ".join(slot.names), hint=hint)

    def _field(self, slot: Slot, path: Path) -> None:
        field = self.definition.fields.get(slot.name)
        if field is None:
            self._known("field", slot.name, path)
        elif slot.of == BOX and field.type != FieldType.ENUM:
            self.report.of(path, "wrong-type", value=True, field=slot.name, type=field.type.value, wanted="enum")

    def _known(self, kind: str, name: str, path: Path) -> None:
        self.draft.known(kind, name, path)

    def _condition(self, said: Mapping[str, Any] | None, path: Path) -> None:
        if said is not None:
            check_condition(self.draft, said, path)


def _numbered(said: str | list[VariantEntry] | None) -> bool:
    """Whether the line can bear a number that was given to the letter: `{number}` is that of the case."""
    texts = [said] if isinstance(said, str) else [each.text for each in said or ()]
    return any(wording_of(each).bears_a_field for each in texts)


def _all_cells(said: PassageEntry) -> list[str]:
    return [said.text] if said.text is not None else [cell for row in said.table or () for cell in _cells(row)]


def _words(said: PassageEntry) -> str:
    return "\n".join(_all_cells(said))


def _says_something(said: PassageEntry) -> bool:
    """Whether a paragraph cannot come out blank: it has words of its own, or holds what the letter is refused without."""
    parts = [part for cell in _all_cells(said) if not stray_brace(cell) for part in wording_of(cell).parts]
    if any(isinstance(part, str) and any(each.isalnum() for each in part) for part in parts):
        return True
    # A cell of a form stays empty where the field is.
    return said.table is None and any(
        isinstance(part, Slot) and not part.may_lack and part.of != ROUND for part in parts
    )


def _as_draft(report: Report, definition: Definition) -> Draft:
    """The definition as conditions are held against it, with the day of the letter and the state of the case among its fields."""
    day = FieldEntry(type="date", zh="成文日期", en="day of the letter")
    state = _entry("enum", Text("环节", "state"))
    fields = {name: _entry(each.type.value, each.label) for name, each in definition.fields.items()}
    fields |= {DAY: day, STATE: state}
    return Draft(
        file=DefinitionFile.model_construct(fields=fields),
        report=report,
        names={
            "fields": tuple(fields),
            "deadlines": tuple(definition.deadlines),
            "states": tuple(definition.states),
            "transitions": (*definition.transitions, START),
        },
        roles=None,
        choices={
            name: {value: {} for value in each.choices}
            for name, each in definition.fields.items()
            if each.type == FieldType.ENUM
        }
        | {STATE: {state: {} for state in definition.states}},
        checks=frozenset(),
    )


def _entry(type_: str, label: Text) -> FieldEntry:
    return FieldEntry.model_construct(type=type_, zh=label.zh, en=label.en)


def _only(said: OnlyEntry) -> Only:
    return Only(condition(said.if_), Text(said.zh, said.en), frozenset(said.in_ or ()))


def _template(name: str, said: TemplateEntry) -> LetterTemplate:
    return LetterTemplate(
        name=name,
        label=Text(said.zh, said.en),
        basis=tuple(said.basis),
        look=said.look,
        only=_only(said.only) if said.only else None,
        dated=said.dated,
        since=tuple(said.since or ()),
        told=tuple(said.told or ()),
        lines={line: tuple(_variants(getattr(said, line))) for line in LINES},
        must={
            each: Must(each, Text(must.zh, must.en), must.basis, _maybe(must.if_), tuple(must.says or ()))
            for each, must in said.must.items()
        },
        body=tuple(_as_passage(each) for each in said.body),
    )


def _variants(said: str | list[VariantEntry] | None) -> Iterator[Variant]:
    if isinstance(said, str):
        yield Variant(None, wording_of(said))
    for each in said if isinstance(said, list) else ():
        yield Variant(_maybe(each.if_), wording_of(each.text))


def _as_passage(said: PassageEntry) -> Passage:
    rows = tuple(
        Row(tuple(wording_of(cell) for cell in _cells(each)), each.lines if isinstance(each, RowEntry) else 1)
        for each in said.table or ()
    )
    wording = wording_of(said.text) if said.text is not None else None
    return Passage(wording, rows, _maybe(said.if_), said.part, said.style, said.after is not None)


def _cells(row: list[str] | RowEntry) -> list[str]:
    return row.cells if isinstance(row, RowEntry) else row


def _maybe(said: Mapping[str, Any] | None) -> Condition | None:
    return None if said is None else condition(said)
