"""A paper as plain text: one paragraph a line, a form one label and its content a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.paper import Form, Line, Paper, Paragraph

#: 首行空两字 (GB/T 9704 7.3.3).
_INDENT = "　　"
#: What sets the characters of a label apart so that it fills its cell; a line of text has no cell.
_PADDING = re.compile(r"(?<=[\u4e00-\u9fff])[ 　\n]+(?=[\u4e00-\u9fff])")


def plain(paper: Paper) -> str:
    """The whole letter."""
    return "\n".join(_lines(paper)) + "\n"


def _lines(paper: Paper) -> Iterator[str]:
    yield from (each for each in paper.head if each)
    yield ""
    if paper.to:
        yield paper.addressed
    for block in paper.body:
        yield from _block(block)
    if paper.signed:
        yield ""
        yield from (paper.signed, paper.dated)
    if paper.noted:
        yield paper.noted
    if paper.enclosed:
        yield ""
        for block in paper.enclosed:
            yield from _block(block)
    if paper.copied:
        yield from ("", paper.copied)


def _block(block: Paragraph | Form) -> Iterator[str]:
    if isinstance(block, Paragraph):
        if block.style == "annex":
            yield ""
        yield block.text if block.style in ("plain", "center") else _INDENT + block.text
        return
    for row in block.rows:
        yield from _row(row)


def _row(row: Line) -> Iterator[str]:
    if len(row.cells) == 1:
        yield from row.cells[0].split("\n")
        return
    for label, content in zip(row.cells[::2], row.cells[1::2], strict=True):
        first, *more = content.split("\n")
        yield f"{_PADDING.sub('', label)}：{first}"
        yield from (f"{_INDENT}{each}" for each in more)
