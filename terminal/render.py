"""How things look in a terminal: the only home of rich. What is shown is made of lines and grids, drawn in one place.

On a terminal they are coloured, wrapped and aligned by the width of Chinese; in a pipe they are plain, whole and uncut.
Data goes to stdout, talk to stderr. Everything that a user or a file has written passes `plain` on its way out.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any, Protocol

from terminal.folding import ITEMS, PIECES, folds

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.measure import Measurement
    from rich.text import Text as RichText

LIVE_REFRESH_SECONDS = 1.0
NARROW = 110  # columns; below, what can be spared is left out
WIDEST_ITEM = 24  # columns; a longer name is broken all the same
NARROWEST_WRAP = 12  # columns; a wrapped column is never squeezed below this


class Tone(StrEnum):
    """What a colour says; the words say it too, so that nothing is lost without colours."""

    GOOD = "green"
    BAD = "bold red"
    WARN = "yellow"
    DIM = "dim"
    STRONG = "bold"
    HEAD = "bold cyan"


@dataclass(frozen=True, slots=True)
class Tinted:
    """Words in a tone."""

    text: str
    tone: Tone


Words = str | Tinted | tuple[str | Tinted, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph; its further lines hang by `hang` columns."""

    words: Words
    indent: int = 0
    hang: int = 2
    wraps: bool = True  # a line to be typed is neither broken nor cut
    cuts: bool = False  # on a terminal it takes one line, cut with an ellipsis; a pipe gets it whole


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a grid: its heading, and how it is drawn on a terminal."""

    heading: str
    wraps: bool = False  # else it is never broken
    right: bool = False
    cuts: bool = False  # on a narrow terminal it is cut with an ellipsis; a pipe gets it whole
    lists: bool = False  # it holds names: a wrapped line ends between two, not within one
    spare: bool = False  # left out where the terminal is narrow; a pipe gets it always


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows under headings."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Words, ...], ...]
    indent: int = 0
    headed: bool = True  # whether the headings are shown
    spared: str = ""  # said below it where spare columns are left out


Block = Line | Grid


class Screen(Protocol):
    """What a command shows itself on."""

    def show(self, *blocks: Block) -> None:
        """Put data on stdout."""

    def remark(self, *blocks: Block) -> None:
        """Say something beside the data, on stderr."""


def plain(text: str) -> str:
    r"""The text with everything that could drive a terminal or turn a line around made visible.

    >>> plain("\x1b[31m红\u202eabc\n\t")
    '\\x1b[31m红\\u202eabc\\n\\t'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(each) if _drives(each) else each for each in text)


def _drives(character: str) -> bool:
    # Cf holds the bidirectional and zero-width controls, Zl and Zp break lines; U+3000 (Zs) is a common Chinese blank.
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


#: In JSON the controls below U+0020 are escaped by its rules; these others would reach the terminal as they are.
_RAW_IN_JSON = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def json_line(facts: object) -> str:
    """One JSON object, Chinese as it is, what could drive a terminal escaped."""
    import json

    text = json.dumps(facts, ensure_ascii=not _speaks_unicode(sys.stdout))
    return _RAW_IN_JSON.sub(lambda found: json.dumps(found.group())[1:-1], text)


def _speaks_unicode(stream: IO[str]) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "") in ("utf8", "utf16", "utf32")


def write_data(blocks: Iterable[Block]) -> None:
    """Put blocks on stdout."""
    _write(sys.stdout, blocks)


def write_talk(blocks: Iterable[Block]) -> None:
    """Put blocks on stderr."""
    _write(sys.stderr, blocks)


def _write(stream: IO[str], blocks: Iterable[Block]) -> None:
    if stream.isatty():
        console = console_on(stream)
        for block in blocks:
            if isinstance(block, Line) and not block.wraps:
                console.print(_typed(block), soft_wrap=True)  # the terminal breaks it, and what is copied is whole
            else:
                console.print(_drawn(block, console.width))
    else:
        for block in blocks:
            stream.writelines(f"{line}\n" for line in _bare(block))
    stream.flush()


# In a pipe: whole and plain.


def _bare(block: Block) -> Iterator[str]:
    if isinstance(block, Line):
        yield " " * block.indent + _flat(block.words)
        return
    from rich.cells import cell_len

    heads = [[plain(each.heading) for each in block.columns]] if block.headed else []
    table = [*heads, *([_flat(cell) for cell in row] for row in block.rows)]
    widths = [max((cell_len(row[at]) for row in table), default=0) for at in range(len(block.columns))]
    for row in table:
        cells = [
            _padded(cell, width - cell_len(cell), column.right)
            for cell, width, column in zip(row, widths, block.columns, strict=True)
        ]
        yield (" " * block.indent + "  ".join(cells)).rstrip()


def _padded(cell: str, blanks: int, right: bool) -> str:
    return " " * blanks + cell if right else cell + " " * blanks


def _flat(words: Words) -> str:
    return "".join(plain(part) for part, _ in _parts(words))


def _parts(words: Words) -> Iterator[tuple[str, Tone | None]]:
    for each in words if isinstance(words, tuple) else (words,):
        yield (each.text, each.tone) if isinstance(each, Tinted) else (each, None)


# On a terminal: coloured, wrapped, aligned.


def console_on(stream: IO[str]) -> Console:
    """A console of rich that treats text as text: no markup, no emoji names, no guessing at numbers."""
    from rich.console import Console

    return Console(file=stream, markup=False, emoji=False, highlight=False, soft_wrap=False, legacy_windows=False)


class _Folded:
    """Text that wraps as Chinese is wrapped: between characters, and never before closing punctuation."""

    def __init__(
        self, text: RichText, hang: int = 0, wraps: bool = True, cuts: bool = False, lists: bool = False
    ) -> None:
        self.text, self.hang, self.wraps, self.cuts = text, hang, wraps or cuts, cuts
        self.pieces = ITEMS if lists else PIECES

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.cells import cell_len
        from rich.text import Text as RichText

        said = self.text.plain
        if not said:
            yield RichText("")
        if self.cuts:
            yield self._cut(options.max_width, cell_len)
            return
        for number, (start, end) in enumerate(folds(said, options.max_width, self.hang, cell_len, self.pieces)):
            line = RichText(" " * (self.hang if number else 0))
            line.append_text(self.text[start:end])
            yield line

    def _cut(self, width: int, cell_len: Callable[[str], int]) -> RichText:
        said = self.text.plain
        if cell_len(said) <= width:
            return self.text
        kept = len(said)
        while kept and cell_len(said[:kept]) >= width:
            kept -= 1
        return self.text[:kept].append("…")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        from rich.cells import cell_len
        from rich.measure import Measurement

        whole = max((cell_len(line) for line in self.text.plain.split("\n")), default=0)
        least = min(whole, NARROWEST_WRAP) if self.wraps else whole
        return Measurement(min(least, options.max_width), min(whole, options.max_width))


def _drawn(block: Block, width: int) -> RenderableType:
    from rich.console import Group
    from rich.padding import Padding

    if isinstance(block, Line):
        if not block.wraps:
            return _typed(block)
        return Padding(_Folded(_coloured(block.words), block.hang, cuts=block.cuts), (0, 0, 0, block.indent))
    table: RenderableType = _table(block, width)
    if block.spared and len(_shown(block, width)) < len(block.columns):
        table = Group(table, _Folded(_coloured(Tinted(block.spared, Tone.DIM))))
    return Padding(table, (0, 0, 0, block.indent))


def _typed(line: Line) -> RichText:
    """A line to be typed, in one piece."""
    text = _coloured((" " * line.indent, *(line.words if isinstance(line.words, tuple) else (line.words,))))
    text.no_wrap, text.overflow = True, "ignore"
    return text


def _shown(grid: Grid, width: int) -> list[int]:
    return [at for at, column in enumerate(grid.columns) if width >= NARROW or not column.spare]


def _holds_single_names(grid: Grid, at: int) -> bool:
    """Whether there is one short name in each cell of a column of names: it is not broken, others give way."""
    from rich.cells import cell_len

    said = [_flat(row[at]) for row in grid.rows]
    return grid.columns[at].lists and all(
        len(ITEMS.findall(each)) <= 1 and cell_len(each) <= WIDEST_ITEM for each in said
    )


def _table(grid: Grid, width: int) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=str(Tone.HEAD), show_header=grid.headed)
    shown = _shown(grid, width)
    for at in shown:
        column = grid.columns[at]
        table.add_column(
            plain(column.heading),
            no_wrap=not (column.wraps or column.cuts) or _holds_single_names(grid, at),
            justify="right" if column.right else "left",
            overflow="fold",
        )
    for row in grid.rows:
        table.add_row(
            *(
                _Folded(_coloured(row[at]), wraps=column.wraps, cuts=column.cuts, lists=column.lists)
                for at, column in ((at, grid.columns[at]) for at in shown)
            )
        )
    return table


def _coloured(words: Words) -> RichText:
    from rich.text import Text as RichText

    text = RichText(overflow="fold")
    for part, tone in _parts(words):
        text.append(plain(part), style=str(tone) if tone else None)
    return text


# What takes its time.


Progress = Callable[[int, int | None], None]


@contextmanager
def progress(label: str, wanted: bool) -> Iterator[Progress]:
    """A bar on stderr for long work, fed with (done, of all); nothing where stderr is no terminal or nobody wants it."""
    if not wanted or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console_on(sys.stderr), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def live(draw: Callable[[], Sequence[Block]], wait: Callable[[float], Any]) -> None:
    """Show what `draw` gives, anew each second, until Ctrl-C; where stdout is no terminal, once."""
    if not sys.stdout.isatty():
        write_data(draw())
        return
    from rich.console import Group
    from rich.live import Live

    console = console_on(sys.stdout)

    def picture() -> RenderableType:
        return Group(*(_drawn(block, console.width) for block in draw()))

    with Live(picture(), console=console, auto_refresh=False, screen=False) as shown:
        try:
            while True:
                wait(LIVE_REFRESH_SECONDS)
                shown.update(picture(), refresh=True)
        except KeyboardInterrupt:
            return  # Ctrl-C is how one leaves the board


def make_streams_safe() -> None:
    """A terminal of another encoding gets escapes for what it cannot show, a closed stream swallows; neither is a fault."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  it lives as long as the call
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


def drop_output(*streams: IO[str]) -> None:
    """The reader of these streams (of both, if none is named) is gone: let nothing more be written, not even at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams or (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError):  # a stand-in without a file behind it has nothing to lose
            continue
