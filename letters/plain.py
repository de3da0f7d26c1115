"""A paper as plain text: one paragraph a line, a form one label and its content a line."""

from __future__ import annotations

from collections.abc import Iterator

from letters.paper import Form, Line, Paper, Paragraph

#: 首行空两字 (GB/T 9704 7.3.3).
_INDENT = "　　"


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
    yield from (each for each in (paper.noted, paper.copied) if each)


def _block(block: Paragraph | Form) -> Iterator[str]:
    if isinstance(block, Paragraph):
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
        yield f"{label.replace(chr(10), '')}：{first}"
        yield from (f"{_INDENT}{each}" for each in more)
