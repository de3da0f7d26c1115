"""What one cell means for its field: the value in the field's form, or what is wrong or odd about what was typed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from exchange.dates import Day, NoDay, read_day
from exchange.sheets import Cell
from workflow.case import Scalar
from workflow.model import Field, FieldType
from workflow.text import Text
from workflow.values import fault_of, hostile_character, is_one_line

#: A value, the code and sentence of what is to be said about it, and whether the row may enter all the same.
Judged = tuple[Scalar, str, Text | None, bool]

#: The code of a word that is none of a field's choices.
UNMATCHED = "unmatched"


def value_of(field: Field, cell: Cell, form: str | None = None) -> Judged:
    """What this cell means for this field; `form` says how its days are written."""
    hostile = _hostile(field, typed_in(cell))
    if hostile:
        return hostile
    if field.type == FieldType.DATE:
        return _day(cell, form)
    if field.type == FieldType.TEXT:
        return _writing(field, cell)
    value = _choice(field, cell)
    fault = fault_of(field, value)
    if fault and field.type == FieldType.ENUM:
        return None, UNMATCHED, _UNMATCHED.filled(field=field.label, typed=_short(typed_in(cell).strip())), False
    return (None, "bad-value", fault, False) if fault else (value, "", None, True)


def in_choices(field: Field) -> Text:
    """The choices of a field, each by its name and what it is called."""
    listed = [(name, said.label) for name, said in field.choices.items()]
    return Text(
        "、".join(f"{name}（{each.zh}）" for name, each in listed),
        ", ".join(f"{name} ({each.en})" for name, each in listed),
    )


def word(cell: Cell) -> str:
    """What a cell says, as two words are compared: width, case and the number of blanks do not count.

    >>> word("Full  Grant ") == word("ｆｕｌｌ grant")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", _visible(typed_in(cell))).casefold().split())


def is_blank(cell: Cell) -> bool:
    """Whether the cell shows nothing."""
    return cell is None or (isinstance(cell, str) and not _visible(cell).strip())


def typed_in(cell: Cell) -> str:
    """A cell as its office typed it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _day(cell: Cell, form: str | None) -> Judged:
    found = read_day(_visible(cell) if isinstance(cell, str) else cell, form)
    match found:
        case NoDay(code, text):
            return None, code, text, False
        case Day(on, code, remark):
            return on.isoformat(), code or "", remark, True


def _writing(field: Field, cell: Cell) -> Judged:
    typed = typed_in(cell)
    text, code, remark = _tidied(field, typed)
    if not text:
        return None, "", None, True
    fault = fault_of(field, text)
    if fault is None:
        return text, code, remark, True
    if field.max is not None and len(text) > field.max:
        return None, "too-long", fault, False
    if field.pattern:
        # A record of the past keeps its place in the register although its number was never of today's form.
        return None, "form", _FORM.filled(field=field.label, typed=_short(typed)), True
    return None, "bad-value", fault, False


def _hostile(field: Field, typed: str) -> Judged | None:
    # The zero-width space and the byte order mark creep in by copying from pages; they are noise, taken out below.
    found = hostile_character(_visible(typed))
    return (None, "hostile", _HOSTILE.filled(field=field.label, code=found), False) if found else None


def _tidied(field: Field, typed: str) -> tuple[str, str, Text | None]:
    """The text without what does not belong to it, and what was taken away."""
    visible = _visible(typed).strip()
    # An export of ours puts this mark before what a spreadsheet program would take for a formula.
    if visible[:1] == "'" and visible[1:2] in FORMULA_STARTS:
        visible = visible[1:]
    bare = _without_label(field, _on_one_line(visible) if is_one_line(field) else visible)
    if field.pattern:
        bare = _formal_number(bare)
    if bare == typed.strip():
        return bare, "", None
    if _visible(typed) != typed and bare == visible:
        return bare, "invisible", _INVISIBLE.filled(field=field.label)
    return bare, "noise", _NOISE.filled(field=field.label, typed=_short(typed.strip()), text=_short(bare))


#: A cell that begins so is run as a formula by spreadsheet programs.
FORMULA_STARTS = tuple("=+-@\t\r")

_INVISIBLE_NOISE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_LINE_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_BRACKETS = str.maketrans(dict.fromkeys("[［【﹝(（", "〔") | dict.fromkeys("]］】﹞)）", "〕"))


def _visible(typed: str) -> str:
    return _INVISIBLE_NOISE.sub("", typed).replace("\u00a0", " ")


def _on_one_line(text: str) -> str:
    """A title broken over lines, whole again; between Chinese characters no blank remains."""

    def joint(found: re.Match[str]) -> str:
        before, after = text[found.start() - 1], text[found.end()]
        return " " if before.isascii() and after.isascii() else ""

    return _LINE_BREAK.sub(joint, text.strip())


def _without_label(field: Field, text: str) -> str:
    """「发文字号：渝府发〔2023〕15号」 without the field's own name before it."""
    for label in (field.label.zh, "文号"):
        found = re.match(rf"{re.escape(label)}\s*[:：]\s*", text)
        if found and (label == field.label.zh or field.pattern):
            return text[found.end() :]
    return text


def _formal_number(text: str) -> str:
    """A document number with the brackets and digits of the rule; a text that is none stays as it is.

    >>> _formal_number("渝府发[2023] 015 号")
    '渝府发〔2023〕15号'
    """
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_BRACKETS).split())
    found = re.fullmatch(r"(.+)〔(\d{4})〕第?0*(\d+)号", plain)
    return f"{found[1]}〔{found[2]}〕{found[3]}号" if found else text


def _choice(field: Field, cell: Cell) -> Scalar:
    """A choice by its name or its label, yes and no in words, a whole number as one."""
    typed = typed_in(cell).strip()
    if field.type == FieldType.ENUM:
        return next(
            (name for name, said in field.choices.items() if typed in (name, said.label.zh, said.label.en)), typed
        )
    if field.type == FieldType.BOOL:
        return {
            "是": True,
            "yes": True,
            "true": True,
            "1": True,
            "否": False,
            "no": False,
            "false": False,
            "0": False,
        }.get(typed.casefold(), typed)
    if field.type == FieldType.INTEGER and re.fullmatch(r"-?\d{1,15}", typed):
        return int(typed)
    return typed


def _short(typed: str) -> str:
    return typed if len(typed) <= 40 else typed[:40] + "…"


_FORM = Text(
    "“{typed}”不合“{field}”的规范形式，该栏留空收下",
    "“{typed}” has not the form of a {field}; taken in with that field left empty",
)
_HOSTILE = Text(
    "“{field}”含有控制字符或方向控制字符 {code}，请删除后再导入",
    "{field} holds the control or direction character {code}; remove it and import again",
)
_INVISIBLE = Text("“{field}”含有不可见字符，已去掉", "{field} held invisible characters, which were taken out")
_NOISE = Text("“{field}”写作“{typed}”，录为“{text}”", "{field} reads “{typed}” and is taken in as “{text}”")
_UNMATCHED = Text(
    "“{typed}”对不上“{field}”的任何一种；请在列对应文件的 values 表中写明它是哪一种",
    "“{typed}” is none of the choices of {field}; say in the table `values` of the map which one it means",
)
