"""Names and days as the register of people keeps them: names of a decent length, all of it seen; days that are plain days."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from workflow.errors import Invalid, Problem
from workflow.text import Text
from workflow.values import EARLIEST, LATEST, hidden_character, hostile_character

LONGEST_NAME = 60
_DASH = re.compile("[\u2010-\u2015\u2212]")
_SHORT = re.compile(r"([A-Z]+-\d{4}-)(\d{1,5})")


def as_number(ref: str) -> str:
    """A case number as it is written here, from one typed in small or full-width (全角) letters, with a long dash or without its leading zeros.

    >>> as_number("ｄｏｃ－2026—15")
    'DOC-2026-00015'
    """
    typed = _DASH.sub("-", unicodedata.normalize("NFKC", ref).strip().upper())
    short = _SHORT.fullmatch(typed)
    return f"{short[1]}{int(short[2]):05d}" if short else typed


def well_named(said: str, label: Text, field: str, longest: int = LONGEST_NAME) -> str:
    """The name as it is kept, or Invalid."""
    name = unicodedata.normalize("NFC", said.strip())
    hostile = hostile_character(said) or hidden_character(name)
    hostile = hostile or next((f"U+{ord(each):04X}" for each in name if each in "\n\r\t\u2028\u2029"), None)
    if hostile:
        raise Invalid((Problem("hostile", _HOSTILE.filled(label=label, code=hostile), field=field),))
    if not 1 <= len(name) <= longest:
        raise Invalid((Problem("bad-length", _LENGTH.filled(label=label, max=longest), field=field),))
    return name


def plain_days(**said: date | None) -> None:
    """Refuse what is no plain day: an instant is a `date` to Python, but kept as one it could never be read as a day again."""
    for field, on in said.items():
        if on is not None and (type(on) is not date or not EARLIEST <= on <= LATEST):
            text = _NO_DAY.filled(said=on, earliest=EARLIEST, latest=LATEST)
            raise Invalid((Problem("bad-day", text, field=field),))


_NO_DAY = Text(
    "“{said}”不是任职登记用的日期；请给出 {earliest} 至 {latest} 之间的一天，不带时刻",
    "“{said}” is no day for the register; give a day from {earliest} to {latest}, without a time",
)
_HOSTILE = Text(
    "“{label}”含有不可见或控制字符 {code}，请删除后重试",
    "{label} holds the invisible or control character {code}; remove it and try again",
)
_LENGTH = Text("“{label}”须为 1 至 {max} 字", "{label} takes 1 to {max} characters")
