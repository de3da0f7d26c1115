"""How wide a text will be in a picture, and where it breaks: measured without a font, for none may be there when it is drawn."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

#: Widths of Latin characters in parts of the font size, as the usual sans-serif fonts have them; a Chinese character is 1.
_NARROW = dict.fromkeys("iljI.,:;'|!·", 0.29) | dict.fromkeys('tfr()[]{}/\\ -"', 0.36)
_WIDE = dict.fromkeys("mwMW@%—→", 0.86)
_USUAL, _CAPITAL, _FULL = 0.56, 0.68, 1.0

#: What may not begin a line, and what may not end one (标点挤压 is left to the font).
_NOT_FIRST = "，。；：、！？）〕】》”’,.;:!?)]}…"
_NOT_LAST = "（〔【《“‘([{"

#: A clause with its comma, or what stands in brackets; and what is not broken: a remark in brackets, a word, a space, a Chinese character; a no-break space is part of its word.
_CLAUSE = re.compile(r"（[^（）]*）|[^（，；]+[，；]?|（")
_PIECE = re.compile(r"〔[^〕]*〕|[^ \u2e80-\uffef]+ *|[ \u3000]+|[\u2e80-\uffef][ \u3000]*")


def width(text: str, size: float) -> float:
    """The width of a line in a font of this size.

    >>> width("公文", 10), width("mm", 10)
    (20.0, 17.2)
    """
    return round(sum(_of(each) for each in text) * size, 2)


def _of(each: str) -> float:
    if each in _NARROW:
        return _NARROW[each]
    if each in _WIDE:
        return _WIDE[each]
    if unicodedata.combining(each):
        return 0.0
    if unicodedata.east_asian_width(each) in "WF" or ord(each) > 0x2000:
        return _FULL
    return _CAPITAL if each.isupper() else _USUAL


def wrapped(text: str, size: float, most: float) -> list[str]:
    """The text in lines that are not wider than `most` where it can be broken: between words, and between Chinese characters.

    >>> wrapped("核稿通过，送保密审查", 10, 55)
    ['核稿通过，', '送保密审查']
    >>> wrapped("accept for secrecy review", 10, 80)
    ['accept for', 'secrecy review']
    """
    return _packed(_pieces(text), size, most)


def _packed(pieces: Iterable[str], size: float, most: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and width((lines[-1] + piece).rstrip(), size) > most:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    lines[-1] = lines[-1].rstrip()
    return lines


def balanced(text: str, size: float, most: float) -> list[str]:
    """The same in no more lines, broken between clauses or else of about the same length: no last word alone.

    >>> balanced("催询无果，不公开（列入跟踪）", 10, 120)
    ['催询无果，不公开', '（列入跟踪）']
    """
    lines = wrapped(text, size, most)
    clauses = _packed(_CLAUSE.findall(text), size, most)
    if len(clauses) <= len(lines) and all(width(each, size) <= most for each in clauses):
        return clauses
    for part in range(9, 4, -1):
        narrower = wrapped(text, size, most * part / 10)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def _pieces(text: str) -> list[str]:
    """What is not broken apart: words with the space behind them, single Chinese characters with their punctuation."""
    found: list[str] = []
    for each in _PIECE.findall(text):
        glued = found and (each[0] in _NOT_FIRST or found[-1].rstrip()[-1:] in tuple(_NOT_LAST))
        if glued:
            found[-1] += each
        else:
            found.append(each)
    return found
