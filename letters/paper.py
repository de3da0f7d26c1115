"""A letter as it is to be seen, whatever it is written as: its head, its paragraphs and forms, its foot. Plain text inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph in its style: body, heading, center, plain or annex."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form: label, content, label, content …"""

    cells: tuple[str, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class Form:
    """A form of lines."""

    rows: tuple[Line, ...]


Block = Paragraph | Form


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole letter."""

    name: str
    look: str  # letter | slip | form
    bureau: str
    number: str
    title: str
    to: str
    mark: str
    body: tuple[Block, ...]
    signed: str
    day: date
    note: str
    copies: str
    enclosed: tuple[Block, ...] = ()  # on a page of its own after the signature, to be filled in and sent back

    @property
    def is_letter(self) -> bool:
        """Whether it has the red head of a letter; else it is a form."""
        return self.look == "letter"

    @property
    def dated(self) -> str:
        """The day that it bears, in Chinese form; a form bears none of its own."""
        return chinese(self.day) if self.signed else ""

    @property
    def paragraphs(self) -> Iterator[str]:
        """Everything that stands on it in reading order, cell by cell; what is empty is left out."""
        yield from (each for each in self.head if each)
        if self.to:
            yield self.addressed
        yield from _said(self.body)
        yield from (each for each in (self.signed, self.dated, self.noted) if each)
        yield from _said(self.enclosed)
        if self.copied:
            yield self.copied

    @property
    def head(self) -> tuple[str, ...]:
        """What stands above the text, from the top: a letter has its title below its number, a form above it."""
        title, top = self.title.split("\n"), (self.mark, self.number)
        return (self.bureau, *top, *title) if self.is_letter else (*title, *top)

    @property
    def addressed(self) -> str:
        """To whom, with the colon that a letter puts there."""
        return self.to if self.to.endswith("：") else f"{self.to}："

    @property
    def noted(self) -> str:
        """The note (附注) in its brackets."""
        return f"（{self.note}）" if self.note else ""

    @property
    def copied(self) -> str:
        """Who gets a copy."""
        return f"抄送：{self.copies}" if self.copies else ""


def _said(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text
        else:
            yield from (part for row in block.rows for cell in row.cells for part in cell.split("\n") if part)


def chinese(day: date) -> str:
    """A day as documents write it (GB/T 9704: Arabic figures, no leading zero).

    >>> chinese(date(2026, 3, 19))
    '2026年3月19日'
    """
    return f"{day.year}年{day.month}月{day.day}日"
