"""Which column of a file holds which field of a record: by its header, as the definition declares, or by the user's map."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from exchange.cells import in_choices, value_of, word
from exchange.maps import ColumnMap, fault_of_form
from workflow.errors import BadFile, Problem
from workflow.model import Definition, FieldType, Intake
from workflow.text import Text

#: The column in which an export gives each case its number; a file that comes back with it brings nothing new.
NUMBER = "number"
NUMBER_HEADERS = ("事项编号", "case number")

NO_MAP = ColumnMap()


def recognise(definition: Definition, header: Sequence[str], mapping: ColumnMap = NO_MAP) -> int:
    """How many cells of this line name a column that we know."""
    known = {_plain(name) for _, names in _names(definition, mapping) for name in names}
    return sum(_plain(cell) in known for cell in header)


def columns_of(
    definition: Definition, intake: Intake, header: Sequence[str], mapping: ColumnMap, file: str
) -> dict[str, int]:
    """Where each field stands in the file; BadFile when a needed column is not there, or the map says what cannot be."""
    places: dict[str, int] = {}
    for field, names in _names(definition, mapping):
        at = _place(header, names)
        if at is not None:
            places[field] = at
    problems = [*_unknown_names(definition, header, mapping.columns), *_faults_of_tables(definition, places, mapping)]
    problems += [
        Problem("no-column", _NO_COLUMN.filled(
            field=definition.fields[field].label, names="、".join(intake.columns.get(field, (field,))), header="、".join(header)[:200],
        ), field=field)
        for field in intake.required if field not in places and field not in mapping.sets
    ]  # fmt: skip
    if problems:
        raise BadFile(problems, file=file)
    return places


def _unknown_names(definition: Definition, header: Sequence[str], columns: Mapping[str, str]) -> Iterator[Problem]:
    for field, wanted in columns.items():
        if field not in definition.fields:
            yield _unknown_field(definition, field)
        elif _place(header, (wanted,)) is None:
            yield Problem(
                "unknown-column", _UNKNOWN_COLUMN.filled(column=wanted, header="、".join(header)[:200]), field=field
            )


def _unknown_field(definition: Definition, field: str) -> Problem:
    known = "、".join(definition.intake.columns) if definition.intake else ""
    return Problem("unknown-field", _UNKNOWN_FIELD.filled(field=_short(field), known=known), field=field)


def _faults_of_tables(definition: Definition, places: Mapping[str, int], mapping: ColumnMap) -> Iterator[Problem]:
    """All that the tables of a map say and that cannot be for this kind of case, or for this file."""
    for table, fields in (
        ("values", mapping.values),
        ("set", mapping.sets),
        ("dates", mapping.dates),
        ("otherwise", mapping.otherwise),
    ):
        for field in fields:
            if field not in definition.fields:
                yield _unknown_field(definition, field)
            elif table != "set" and field not in places:
                text = _NOT_READ.filled(table=table, field=definition.fields[field].label)
                yield Problem("unknown-column", text, field=field)
    yield from _faults_of_words(definition, mapping)
    yield from _faults_of_constants(definition, mapping)
    for field, form in mapping.dates.items():
        said = definition.fields.get(field)
        if said and said.type != FieldType.DATE:
            yield Problem("bad-map", _NO_DATE.filled(field=said.label), field=field)
        fault = fault_of_form(form)
        if fault:
            yield Problem("bad-form", fault, field=field)


def _faults_of_words(definition: Definition, mapping: ColumnMap) -> Iterator[Problem]:
    for field, table in mapping.values.items():
        seen: dict[str, str] = {}
        for theirs, ours in table.items():
            yield from _fault_of_value(definition, "values", field, ours)
            yield from _fault_of_a_word(definition, field, theirs, ours)
            if seen.setdefault(word(theirs), ours) != ours:
                yield Problem("contradicts", _TWO_MEANINGS.filled(word=_short(theirs)), field=field)
    for field, ours in mapping.otherwise.items():
        said = definition.fields.get(field)
        if said and definition.intake and field in definition.intake.sets:
            yield Problem("contradicts", _SET_BY_DEFINITION.filled(field=said.label, table="otherwise"), field=field)
        elif said and said.type != FieldType.ENUM:
            yield Problem("bad-map", _NO_CHOICES.filled(field=said.label), field=field)
        else:
            yield from _fault_of_value(definition, "otherwise", field, ours)


def _fault_of_a_word(definition: Definition, field: str, theirs: str, ours: str) -> Iterator[Problem]:
    """Of a field that the definition sets itself: one of its values, which the map takes for another."""
    said = definition.fields.get(field)
    if said is None or definition.intake is None or field not in definition.intake.sets:
        return
    own, meant = (value_of(said, each)[0] for each in (theirs, ours))
    if own is not None and own != meant:
        yield Problem("contradicts", _OTHER_VALUE.filled(word=_short(theirs), field=said.label), field=field)


def _faults_of_constants(definition: Definition, mapping: ColumnMap) -> Iterator[Problem]:
    for field, ours in mapping.sets.items():
        yield from _fault_of_value(definition, "set", field, ours)
        label = definition.fields[field].label if field in definition.fields else None
        if label and field in mapping.columns:
            yield Problem("contradicts", _SET_AND_READ.filled(field=label), field=field)
        if label and definition.intake and field in definition.intake.sets:
            yield Problem("contradicts", _SET_BY_DEFINITION.filled(field=label, table="set"), field=field)


def _fault_of_value(definition: Definition, table: str, field: str, ours: str) -> Iterator[Problem]:
    said = definition.fields.get(field)
    if said is None:
        return
    value, code, fault, stands = value_of(said, ours)
    if said.type == FieldType.ENUM and value is None:
        known = in_choices(said)
        text = _NOT_A_CHOICE.filled(table=table, value=_short(ours), field=said.label, known=known)
        yield Problem("bad-value", text, field=field)
    elif fault and (not stands or value is None):
        yield Problem(code, fault, field=field)


def _names(definition: Definition, mapping: ColumnMap) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each field with the headers that mean it, the likeliest first; a map speaks before the definition."""
    intake = definition.intake
    if intake is None:
        return
    said = mapping.columns
    for field in dict.fromkeys((*intake.columns, *(name for name in said if name in definition.fields))):
        if field in mapping.sets:
            continue  # one value for every row, whatever the file says
        if field in said:
            yield field, (said[field],)
        else:
            label = definition.fields[field].label
            yield field, (*intake.columns[field], field, label.zh, label.en)
    yield NUMBER, NUMBER_HEADERS


def _place(header: Sequence[str], names: Sequence[str]) -> int | None:
    plain = [_plain(cell) for cell in header]
    return next((plain.index(_plain(name)) for name in names if _plain(name) in plain), None)


def _plain(name: str) -> str:
    """A header as it is compared: width, case and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split()).rstrip(":")


def _short(said: str) -> str:
    return said if len(said) <= 40 else said[:40] + "…"


_NO_COLUMN = Text(
    "没有“{field}”一列（可用的列名：{names}）；文件的表头是：{header}。可用 --map 指明",
    "there is no column for {field} (any of: {names}); the header reads: {header}. Name it with --map",
)
_UNKNOWN_FIELD = Text("没有字段“{field}”；可对应的字段：{known}", "there is no field “{field}”; fields to map: {known}")
_UNKNOWN_COLUMN = Text(
    "文件里没有“{column}”一列；表头是：{header}", "the file has no column “{column}”; the header reads: {header}"
)
_NOT_READ = Text(
    "列对应文件的 {table} 表写到“{field}”，而文件里没有这一栏；请先写明它是哪一列",
    "the table {table} of the map speaks of {field}, and no column of the file holds it; say first which one it is",
)
_NOT_A_CHOICE = Text(
    "列对应文件的 {table} 表中“{value}”不是“{field}”的取值；可用的取值：{known}",
    "“{value}” in the table {table} of the map is no value of {field}; its values: {known}",
)
_TWO_MEANINGS = Text(
    "列对应文件给了“{word}”两个不同的取值，只能留一个", "the map gives “{word}” two different meanings; keep one"
)
_OTHER_VALUE = Text(
    "“{word}”本身是“{field}”的取值，列对应文件不能把它当作另一个",
    "“{word}” is itself a value of {field}, and no map takes it for another",
)
_NO_CHOICES = Text(
    "“{field}”不是选择项，otherwise 表里不能有它",
    "{field} is no field of choices; it cannot stand in the table otherwise",
)
_NO_DATE = Text("“{field}”不是日期，dates 表里不能有它", "{field} is no date; it cannot stand in the table dates")
_SET_AND_READ = Text(
    "“{field}”既指明了一列，又在 set 表里给了定值，只能留一个",
    "{field} is read from a column and also given in the table set; keep one",
)
_SET_BY_DEFINITION = Text(
    "“{field}”由流程定义自行写入，不能在 {table} 表里另给",
    "{field} is set by the definition itself; it cannot be given in the table {table}",
)
