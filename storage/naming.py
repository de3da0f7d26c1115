"""Names that people are registered by: of a decent length, and without characters that nobody sees."""

from __future__ import annotations

import unicodedata

from workflow.errors import Invalid, Problem
from workflow.text import Text
from workflow.values import hidden_character, hostile_character

LONGEST_NAME = 60


def well_named(said: str, label: Text, field: str) -> str:
    """The name as it is kept, or Invalid."""
    name = unicodedata.normalize("NFC", said.strip())
    hostile = hostile_character(said) or hidden_character(name)
    hostile = hostile or next((f"U+{ord(each):04X}" for each in name if each in "\n\r\t\u2028\u2029"), None)
    if hostile:
        raise Invalid((Problem("hostile", _HOSTILE.filled(label=label, code=hostile), field=field),))
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid((Problem("bad-length", _LENGTH.filled(label=label, max=LONGEST_NAME), field=field),))
    return name


_HOSTILE = Text(
    "“{label}”含有不可见或控制字符 {code}，请删除后重试",
    "{label} holds the invisible or control character {code}; remove it and try again",
)
_LENGTH = Text("“{label}”须为 1 至 {max} 字", "{label} takes 1 to {max} characters")
