"""What stands in a box and on an arrow of the SVG, line by line, and how much room it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from exchange.diagram.content import Arrow, Box, Manner, Step
from exchange.diagram.layout import Size
from exchange.diagram.text_width import balanced, width, wrapped
from exchange.diagram.words import HERE, clock_said, entry_said, leading_said, other_said, step_said, who_said
from workflow.case import ClockKind
from workflow.text import Lang

INK, FAINT, WAY, STANDS, OTHERS = "#1f2933", "#5f6b7a", "#1b7f3b", "#8a5200", "#6b3fa0"
LINES = {Manner.PERSON: "#6b7683", Manner.SYSTEM: "#1d5fbf", Manner.EXPIRY: "#c2410c"}
CLOCKS = {ClockKind.INTERNAL: "#3d4f66", ClockKind.STATUTORY: "#9a2a1f"}

#: Where a line breaks: a label is as wide as its longest line needs, within this, and so is a box.
WIDEST_LABEL, WIDEST_NOTE, WIDEST_BOX = 175, 200, 300
HEAD, BODY, SMALL = 15.0, 12.5, 11.5
_UNBROKEN = "\u00a0"  # between a number and its unit


@dataclass(frozen=True, slots=True)
class Row:
    """One line of text; `ruled` draws a thin line above it."""

    text: str
    size: float
    ink: str = INK
    bold: bool = False
    italic: bool = False
    indent: float = 0
    gap: float = 0
    ruled: bool = False

    @property
    def height(self) -> float:
        """How much room it takes, the gap above it included."""
        return self.gap + round(self.size * 1.36, 1)


def box_rows(box: Box, lang: Lang) -> list[Row]:
    """A state: what it is called, in whose hands it is, its clocks, and the steps that no arrow shows."""
    rows = [Row(each, HEAD, bold=True) for each in wrapped(box.label.read(lang), HEAD, WIDEST_BOX)]
    if box.whose:
        rows.append(Row(box.whose.read(lang), SMALL, FAINT))
    if box.stands:
        rows.append(Row(f"● {HERE.read(lang)}", BODY, STANDS, bold=True, gap=2))
    for number, clock in enumerate(box.clocks):
        ink = FAINT if clock.paused else CLOCKS[clock.kind]
        limit = clock.limit.read(lang)
        said = clock_said(clock, lang).replace(limit, limit.replace(" ", _UNBROKEN))
        rows += _hung(said, BODY, ink, 4 if number == 0 else 0, italic=clock.paused)
    for number, entry in enumerate(box.entries):
        rows += _hung(entry_said(entry, lang), SMALL, FAINT, 9 if number == 0 else 0)
    for number, step in enumerate(box.steps):
        ink = WAY if step.taken else INK if step.manner is Manner.PERSON else LINES[step.manner]
        rows += _hung(leading_said(step, lang), SMALL, ink, 9 if number == 0 else 0, ruled=number == 0)
        for other in step.others:
            rows += (replace(each, indent=12) for each in _hung(other_said(other, lang), SMALL, OTHERS, 0))
    return rows


def _hung(text: str, size: float, ink: str, gap: float, *, italic: bool = False, ruled: bool = False) -> Iterator[Row]:
    """A line that goes on a little to the right where it breaks."""
    for number, each in enumerate(wrapped(text, size, WIDEST_BOX)):
        first = number == 0
        yield Row(
            each, size, ink, italic=italic, indent=0 if first else 12, gap=gap if first else 0, ruled=ruled and first
        )


def label_rows(arrow: Arrow, lang: Lang) -> list[Row]:
    """The steps of an arrow, each with who takes it; those that the same people take stand together."""
    rows: list[Row] = []
    for (who, manner), steps in groupby(arrow.steps, key=lambda each: (who_said(each, lang), each.manner)):
        gap = 4.0 if rows else 0.0
        for step in steps:
            rows += _step_rows(step, manner, lang, gap)
            gap = 3.0
        rows += [Row(each, SMALL, FAINT) for each in wrapped(who, SMALL, WIDEST_LABEL)] if who else []
    return rows


def _step_rows(step: Step, manner: Manner, lang: Lang, gap: float) -> Iterator[Row]:
    ink = WAY if step.taken else INK if manner is Manner.PERSON else LINES[manner]
    for number, each in enumerate(balanced(step_said(step, lang), BODY, WIDEST_LABEL)):
        yield Row(each, BODY, ink, bold=bool(step.taken), gap=0 if number else gap)
    for other in step.others:
        yield from (Row(each, SMALL, OTHERS) for each in balanced(other_said(other, lang), SMALL, WIDEST_NOTE))


def size_of(rows: Sequence[Row], padding: float) -> Size:
    """How large a thing with these lines is."""
    broad = max(each.indent + width(each.text, each.size) * (1.06 if each.bold else 1) for each in rows)
    return Size(round(broad + 2 * padding, 1), round(sum(each.height for each in rows) + 2 * padding, 1))
