"""What a field may hold: every value that enters a case passes here, whichever door it came through."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from workflow.case import Scalar
from workflow.errors import Problem
from workflow.model import Definition, Field, FieldType
from workflow.text import Text

LONGEST_TEXT = 100_000  # characters, where a field names no limit of its own
LONGEST_COMMENT = 2_000
#: A text that may be no longer is one line, such as a title: what is longer may have paragraphs.
LONGEST_LINE = 500
MOST_LINKED = 50  # cases that one field names, where it says no number of its own
#: A day outside of these is a slip of the pen; midnight of the first one of all lies before any calendar in UTC.
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)

#: Bidirectional controls can make a title read as another one (Unicode TR 36); line breaks and tabs are plain writing.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PLAIN_CONTROLS = frozenset("\n\t\r")
#: What ends a line, or moves along it; and characters of a letter's kind that show nothing: fillers of Hangul, the empty pattern of Braille.
_BREAKS = frozenset("\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
#: Who is asked for so many characters is asked for words, and words have at least so many different ones.
_IN_WORDS, _DIFFERENT = 10, 3


def faults_of(definition: Definition, data: Mapping[str, Scalar]) -> Iterator[Problem]:
    """Every field that the definition does not know, or whose value cannot be; None clears and is always well."""
    for name, value in data.items():
        field = definition.fields.get(name)
        if field is None:
            yield Problem("unknown-field", _UNKNOWN.filled(name=name, kind=definition.title), field=name)
        elif value is not None:
            fault = fault_of(field, value)
            if fault:
                yield Problem("bad-value", fault, field=name)


def fault_of(field: Field, value: Scalar) -> Text | None:
    """What is wrong with this value for this field; None when it is well."""
    match field.type:
        case FieldType.TEXT:
            return _text_fault(field, value)
        case FieldType.BOOL:
            return None if isinstance(value, bool) else _say(field, value, "是或否", "yes or no (true or false)")
        case FieldType.ENUM:
            choices = "、".join(field.choices), ", ".join(field.choices)
            return (
                None
                if isinstance(value, str) and value in field.choices
                else _say(field, value, f"下列之一：{choices[0]}", f"one of {choices[1]}")
            )
        case FieldType.DATE:
            return (
                None
                if _is_date(value)
                else _say(
                    field,
                    value,
                    "1900 至 2200 年间的日期，如 2026-02-13",
                    "a date from 1900 to 2200 such as 2026-02-13",
                )
            )
        case FieldType.INTEGER:
            return _integer_fault(field, value)
        case FieldType.CASE:
            return _link_fault(field, value)
        case FieldType.MONEY:
            return (
                None
                if _is_money(value)
                else _say(field, value, "金额（元），如 3000.00", "an amount in yuan such as 3000.00")
            )


def hostile_character(text: str) -> str | None:
    """The first character that could deceive a reader or a terminal, as its code point; None when there is none.

    >>> hostile_character("关于\\u202e预算")
    'U+202E'
    """
    if text.isascii() and text.isprintable():
        return None
    for character in text:
        if character in _BIDI or (unicodedata.category(character) in ("Cc", "Cs") and character not in _PLAIN_CONTROLS):
            return f"U+{ord(character):04X}"
    return None


def shows(text: str) -> bool:
    """Whether a reader sees any of it.

    >>> shows("／"), shows("\\u200b\\u3164"), shows("  ")
    (True, False, False)
    """
    return any(not _is_hidden(each) for each in text.strip())


def says(text: str, least: int = 1) -> bool:
    """Whether so many letters or digits are written; signs say nothing, nor does one character over and over where it takes words.

    >>> says("涉及商业秘密，不予公开。", 10), says("··········", 10), says("（略）（略）（略）（略）（略）（略）（略）（略）（略）（略）", 10)
    (True, False, False)
    """
    count, different = 0, set()
    for each in text:
        if each.isalnum() and not _is_hidden(each):
            count += 1
            different.add(each.casefold())
            if count >= least and (least < _IN_WORDS or len(different) >= _DIFFERENT):
                return True
    return False


def hidden_character(text: str) -> str | None:
    """The first character that nobody sees, blanks and marks on letters left aside, as its code point; None when there is none."""
    found = (each for each in text if _is_hidden(each) and unicodedata.category(each) != "Mn")
    return next((f"U+{ord(each):04X}" for each in found), None)


def _is_hidden(character: str) -> bool:
    if character.isascii():
        return False
    return character in _BLANK_LETTERS or unicodedata.category(character) in ("Cf", "Cn", "Mn")


def is_one_line(field: Field) -> bool:
    """Whether a text of this field stands on one line: titles, names, numbers, addresses."""
    return field.type == FieldType.TEXT and field.max is not None and field.max <= LONGEST_LINE


def on_one_line(text: str) -> str:
    """The same on one line, without what nobody sees: how a text is shown that was taken in before this was asked.

    >>> on_one_line("关于预算的通知\u2028签发：周局\ufeff")
    '关于预算的通知 签发：周局'
    """
    if _off_the_line(text) is None and hostile_character(text) is None:
        return text
    seen = (" " if each in _BREAKS else each for each in text if each in _BREAKS or not _goes_unseen(each))
    return re.sub(r" {2,}", " ", "".join(seen)).strip()


def _off_the_line(text: str) -> str | None:
    """The first character that breaks a line or that nobody sees, as its code point."""
    found = next((each for each in text if each in _BREAKS), None)
    return f"U+{ord(found):04X}" if found else hidden_character(text)


def _goes_unseen(character: str) -> bool:
    hidden = _is_hidden(character) and unicodedata.category(character) != "Mn"
    return hidden or unicodedata.category(character) in ("Cc", "Cs")


def comment_fault(comment: str) -> Problem | None:
    """What is wrong with a comment (意见), if anything."""
    hostile = hostile_character(comment)
    if hostile:
        return Problem("bad-value", _HOSTILE.filled(label=_COMMENT, code=hostile), field="comment")
    if len(comment) > LONGEST_COMMENT:
        return Problem(
            "bad-value", _LONG.filled(label=_COMMENT, max=LONGEST_COMMENT, length=len(comment)), field="comment"
        )
    return None


def _text_fault(field: Field, value: Scalar) -> Text | None:
    if not isinstance(value, str):
        return _say(field, value, "文字", "text")
    hostile = hostile_character(value)
    if hostile:
        return _HOSTILE.filled(label=field.label, code=hostile)
    length, longest = len(value.strip()), field.max or LONGEST_TEXT
    if length > longest:
        return _LONG.filled(label=field.label, max=longest, length=length)
    if length < (field.min or 1):
        return _SHORT.filled(label=field.label, min=field.min or 1, length=length)
    # What has a form of its own is judged by that.
    if not (says(value, field.min) if field.min and not field.pattern else shows(value)):
        said = _NO_WORDS if (field.min or 1) >= _IN_WORDS else _UNSAID
        return said.filled(label=field.label, min=field.min or 1)
    if is_one_line(field) and (unseen := _off_the_line(value)):
        return _ONE_LINE.filled(label=field.label, code=unseen)
    if field.pattern and not re.fullmatch(field.pattern, value):
        said = _LIKE if field.example else _FORM
        return said.filled(label=field.label, value=value, example=field.example, pattern=field.pattern)
    return None


def numbers_in(said: Scalar) -> tuple[str, ...]:
    """The case numbers that a field names, as they are written here: no number twice, small or full-width letters allowed.

    >>> numbers_in("doc-2026-00001、ＤＯＣ-2026-00002 DOC-2026-00001")
    ('DOC-2026-00001', 'DOC-2026-00002')
    """
    plain = unicodedata.normalize("NFKC", str(said or "")).upper()
    return tuple(dict.fromkeys(re.split(r"[\s,;、]+", plain.strip(" ,;、")) if plain.strip(" ,;、") else ()))


def _link_fault(field: Field, value: Scalar) -> Text | None:
    numbers = numbers_in(value)
    if not isinstance(value, str) or not numbers or not all(re.fullmatch(_NUMBER, each) for each in numbers):
        return _say(field, value, "事项编号，如 DOC-2026-00001", "the number of a case such as DOC-2026-00001")
    most = field.max or MOST_LINKED
    return _TOO_MANY.filled(label=field.label, most=most, count=len(numbers)) if len(numbers) > most else None


def _integer_fault(field: Field, value: Scalar) -> Text | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return _say(field, value, "整数", "a whole number")
    if (field.min is not None and value < field.min) or (field.max is not None and value > field.max):
        return _RANGE.filled(label=field.label, value=value, min=_or_open(field.min), max=_or_open(field.max))
    return None


def _or_open(bound: int | None) -> str:
    return "…" if bound is None else str(bound)


def _is_date(value: Scalar) -> bool:
    try:
        return (
            isinstance(value, str)
            and EARLIEST <= (day := date.fromisoformat(value)) <= LATEST
            and day.isoformat() == value
        )
    except ValueError:
        return False


def _is_money(value: Scalar) -> bool:
    try:
        return isinstance(value, str) and Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _say(field: Field, value: Scalar, zh: str, en: str) -> Text:
    shown = str(value) if len(str(value)) <= 40 else str(value)[:40] + "…"
    return _KIND.filled(label=field.label, value=shown, wanted=Text(zh, en))


_NUMBER = r"[A-Z]{2,6}-\d{4}-\d{5,9}"
_TOO_MANY = Text("“{label}”至多 {most} 件，现为 {count} 件", "{label} names {most} cases at most, and here are {count}")
_COMMENT = Text("意见", "the comment")
_UNKNOWN = Text("“{kind}”没有字段“{name}”", "{kind} has no field “{name}”")
_KIND = Text("“{label}”不能是“{value}”，应为{wanted}", "{label} cannot be “{value}”; it takes {wanted}")
_HOSTILE = Text(
    "“{label}”含有不可见或控制字符 {code}，请删除后重新提交",
    "{label} holds the invisible or control character {code}; remove it and try again",
)
_ONE_LINE = Text(
    "“{label}”只写一行，不能含换行或看不见的字符 {code}，请删除后重新提交",
    "{label} is one line and cannot hold a line break or what nobody sees, {code}; remove it and try again",
)
_LONG = Text("“{label}”长 {length} 字，超过上限 {max} 字", "{label} has {length} characters, {max} at most")
_SHORT = Text("“{label}”长 {length} 字，至少须 {min} 字", "{label} has {length} characters, {min} at least")
_UNSAID = Text(
    "“{label}”至少须 {min} 个文字或数字；标点、符号、空白和看不见的字不算，请写明内容",
    "{label} takes at least {min} letters or digits; signs, blanks and what nobody sees do not count: write what is meant",
)
_NO_WORDS = Text(
    "“{label}”至少须 {min} 个文字或数字，其中至少三个不同；标点、符号、空白和看不见的字不算，请写明内容",
    "{label} takes at least {min} letters or digits, at least three different ones; signs, blanks and what nobody sees do not count: "
    "write what is meant",
)
_LIKE = Text(
    "“{label}”的格式不符：“{value}”（应写如 {example}）",
    "{label} has the wrong form: “{value}” (write it like {example})",
)
_FORM = Text(
    "“{label}”的格式不符：“{value}”（应符合 {pattern}）",
    "{label} has the wrong form: “{value}” (it must match {pattern})",
)
_RANGE = Text(
    "“{label}”不能是 {value}，应在 {min} 与 {max} 之间", "{label} cannot be {value}; it lies between {min} and {max}"
)
