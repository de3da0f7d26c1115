"""Lines that do not overflow: text broken between words and between Chinese characters, never before closing punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

#: A line break, a word, a stretch of blanks, or a Chinese character, each with the punctuation that must not leave it.
PIECES = re.compile(r"\n|[^\S\n]+|[（《“【]*(?:[!-~…]+|[^\s])[，。；：、）》”】！？…,.;:!?)]*")
#: The same of a list of names, each in one piece with the comma that follows it.
ITEMS = re.compile(r"\n|[^\S\n]+|[^\s、,]+[、,]*|[、,]+")


def cells(text: str) -> int:
    """How many columns our own help text takes; what users write is measured by rich, which costs too much for `--help`.

    >>> cells("公开 gongkai")
    12
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def folded(text: str, width: int, hang: int = 0) -> list[str]:
    """The text in lines of at most that many columns; all but the first leave room for an indent of `hang`.

    >>> folded("退文（未标注）后重新报送", 10)
    ['退文（未标', '注）后重新', '报送']
    """
    return [text[start:end] for start, end in folds(text, width, hang)]


def folds(
    text: str, width: int, hang: int = 0, measure: Callable[[str], int] = cells, pieces: re.Pattern[str] = PIECES
) -> list[tuple[int, int]]:
    """Where the lines of the text begin and end, blanks at their ends left out."""
    lines: list[tuple[int, int]] = []
    begin, end, used = -1, -1, 0  # of the line that is being filled; -1: it is empty
    for start, stop in _spans(text, max(1, width - hang), measure, pieces):
        piece = text[start:stop]
        full = begin >= 0 and used + measure(piece) > width - (hang if lines else 0)
        if piece == "\n" or (full and not piece.isspace()):
            lines.append((begin, end) if begin >= 0 else (start, start))
            begin, used = -1, 0
        if piece.isspace():
            used += measure(piece) if begin >= 0 else 0
            continue
        begin = start if begin < 0 else begin
        end, used = stop, used + measure(piece)
    return [*lines, (begin, end)] if begin >= 0 else lines


def _spans(
    text: str, longest: int, measure: Callable[[str], int], pieces: re.Pattern[str]
) -> Iterator[tuple[int, int]]:
    """The pieces that stay together; one that is longer than a line falls into its characters."""
    for piece in pieces.finditer(text):
        start, stop = piece.span()
        if measure(piece.group()) <= longest:
            yield start, stop
        else:
            yield from ((at, at + 1) for at in range(start, stop))
