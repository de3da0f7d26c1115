"""A spreadsheet as it lies on the disk, turned into rows of typed cells: CSV in the encodings offices write, and XLSX.

What cannot be read as a whole (binary, cut off, too large, packed to harm) is a BadFile; what is wrong with one row is
left in it, for `records` to report.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from storage.files import readable
from storage.reasons import why
from workflow.errors import BadFile, Problem, no_such_file
from workflow.text import Text

Cell = str | date | int | float | bool | None

LARGEST_FILE = 64 * 1024 * 1024  # bytes on the disk
LARGEST_UNPACKED = 512 * 1024 * 1024  # bytes of an XLSX once unpacked
MOST_PARTS = 2_000  # files inside an XLSX
MOST_ROWS = 200_000
MOST_COLUMNS = 200
LONGEST_CELL = 100_000  # characters

DELIMITERS = (",", ";", "\t")

#: What reads like a header decides between delimiters: how many of these cells name a known column.
Recognised = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the number that a spreadsheet program shows beside it."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header and the rows below it; rows without any content are left out."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    read_as: str  # the encoding, or `xlsx`
    notes: tuple[Text, ...] = field(default=())


def read_sheet(path: str | Path, recognised: Recognised) -> Sheet:
    """The sheet that the file holds, whatever its name ends in: the content decides."""
    where = Path(path)
    content = _content(where)
    if content.startswith(b"PK\x03\x04"):
        return _read_xlsx(where, content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _bad(where, "old-or-encrypted", _OLD)
    return _read_csv(where, content, recognised)


def _content(where: Path) -> bytes:
    try:
        if where.is_dir():
            raise _bad(where, "not-a-file", _DIRECTORY)
        # A device says that it has no size and never ends: no more is read than may be there.
        with readable(where).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise _bad(where, "too-large", _TOO_LARGE.filled(limit=LARGEST_FILE // 1024 // 1024))
    except FileNotFoundError as fault:
        raise no_such_file(where.name) from fault
    except OSError as fault:
        raise _bad(where, "unreadable", _UNREADABLE.filled(reason=why(fault))) from fault
    if not content.strip():
        raise _bad(where, "empty", _EMPTY)
    return content


# CSV


def _read_csv(where: Path, content: bytes, recognised: Recognised) -> Sheet:
    text, read_as = _decoded(where, content)
    if "\x00" in text:
        raise _bad(where, "binary", _BINARY)
    lines = _records(where, text, _delimiter(text, recognised))
    return _sheet(where, lines, read_as, ())


def _decoded(where: Path, content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: UTF-8 with or without mark, UTF-16 with mark, GB18030."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(where, content, "utf-16"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as fault:
        # Whole characters up to the last three bytes: UTF-8 that was cut off, not another encoding.
        if fault.reason == "unexpected end of data" and not content[: fault.start].isascii():
            raise _bad(where, "cut-off", _CUT_OFF) from fault
    if b"\x00" in content:
        raise _bad(where, "binary", _BINARY)
    return _strictly(where, content, "gb18030"), "GB18030"


def _strictly(where: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as fault:
        raise _bad(where, "encoding", _ENCODING.filled(guess=_guess(content))) from fault


def _guess(content: bytes) -> str:
    """What charset-normalizer takes the bytes for, so that the message can name it."""
    from charset_normalizer import from_bytes

    best = from_bytes(content[:65_536]).best()
    return best.encoding if best else "?"


def _delimiter(text: str, recognised: Recognised) -> str:
    """The delimiter under which the header names most columns; the comma when none stands out."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def columns_named(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:  # a cell longer than any may be: by this delimiter nothing is named
            return -1, 0
        return recognised(cells), len(cells)

    return max(DELIMITERS, key=columns_named)


def _records(where: Path, text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        began = reader.line_num + 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise _csv_fault(where, fault, began) from fault


def _csv_fault(where: Path, fault: csv.Error, line: int) -> BadFile:
    said = str(fault)
    if "end of data" in said:
        return _bad(where, "cut-off", _OPEN_QUOTE.filled(line=line), row=line)
    if "field limit" in said:
        return _bad(where, "too-long", _CELL_TOO_LONG.filled(line=line, limit=LONGEST_CELL), row=line)
    return _bad(where, "quoting", _QUOTING.filled(line=line, detail=said), row=line)


# XLSX


def _read_xlsx(where: Path, content: bytes) -> Sheet:
    _inspect_archive(where, content)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        names = book.sheetnames
        sheet: Any = book[names[0]]
        # A file may claim any size for its sheet; only what is there counts.
        sheet.reset_dimensions()
        notes = (_FIRST_SHEET.filled(used=names[0], count=len(names)),) if len(names) > 1 else ()
        return _sheet(where, (list(row) for row in sheet.iter_rows(values_only=True)), "xlsx", notes)
    except BadFile:
        raise
    # openpyxl answers a damaged workbook with whatever its XML layer happened to raise.
    except Exception as fault:
        raise _bad(where, "damaged", _DAMAGED.filled(detail=type(fault).__name__)) from fault


def _inspect_archive(where: Path, content: bytes) -> None:
    """Refuse an archive that is damaged, no workbook, or would unpack beyond our limits; nothing is unpacked for it."""
    try:
        parts = ZipFile(io.BytesIO(content)).infolist()
    except BadZipFile as fault:
        raise _bad(where, "damaged", _DAMAGED.filled(detail="zip")) from fault
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise _bad(where, "too-large", _TOO_LARGE_UNPACKED.filled(limit=LARGEST_UNPACKED // 1024 // 1024))
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise _bad(where, "not-a-workbook", _NO_WORKBOOK)


# Both


def _sheet(where: Path, lines: Iterator[list[Any]], read_as: str, notes: tuple[Text, ...]) -> Sheet:
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        cells = _trimmed(line)
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise _bad(where, "too-many-columns", _TOO_WIDE.filled(row=number, limit=MOST_COLUMNS), row=number)
        if not header:
            header = tuple(str(cell).strip() if cell is not None else "" for cell in cells)
            continue
        if len(rows) >= MOST_ROWS:
            raise _bad(where, "too-many-rows", _TOO_MANY.filled(limit=MOST_ROWS))
        rows.append(Row(number, cells if len(cells) == len(line) else (*cells, *(None,) * 0)))
    if not rows:
        raise _bad(where, "empty", _EMPTY)
    return Sheet(header, tuple(rows), read_as, notes)


def _trimmed(line: Sequence[Any]) -> tuple[Cell, ...]:
    """The cells, without the empty ones at the end and with an Excel day as a date."""
    cells = [_cell(cell) for cell in line]
    if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
        return ()
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


def _cell(said: Any) -> Cell:
    if isinstance(said, datetime):
        return said.date()
    if said is None or isinstance(said, str | date | bool | int | float):
        return said
    return str(said)


def _bad(where: Path, code: str, text: Text, row: int | None = None) -> BadFile:
    return BadFile((Problem(code, text, row=row),), file=where.name)


_DIRECTORY = Text("这是一个目录，请指明文件", "this is a directory; name a file")
_UNREADABLE = Text("读不了文件：{reason}", "the file cannot be read: {reason}")
_EMPTY = Text("文件里没有表头以下的内容", "the file holds nothing below a header")
_TOO_LARGE = Text(
    "文件超过 {limit} MB，请分成几份导入", "the file is larger than {limit} MB; split it and import the parts"
)
_TOO_LARGE_UNPACKED = Text(
    "表格解开后超过 {limit} MB 或部件过多，拒绝读取",
    "unpacked, the workbook exceeds {limit} MB or has too many parts; it is not read",
)
_OLD = Text(
    "这是旧式 .xls 或加密的工作簿，请另存为未加密的 .xlsx 或 CSV",
    "an old .xls or an encrypted workbook: save it as a plain .xlsx or CSV",
)
_BINARY = Text(
    "这不是文本表格（含二进制内容），请提供 CSV 或 .xlsx", "this is no text table (binary content); give a CSV or .xlsx"
)
_CUT_OFF = Text(
    "文件在一个字中间断开，像是没有传完，请重新取得完整文件",
    "the file ends in the middle of a character: it is cut off; get the whole file",
)
_ENCODING = Text(
    "既不是 UTF-8 也不是 GB18030（像是 {guess}），请另存为 UTF-8",
    "neither UTF-8 nor GB18030 (it looks like {guess}); save it as UTF-8",
)
_OPEN_QUOTE = Text(
    "自第 {line} 行起的引号没有闭合，文件像是没有传完",
    "a quote opened in line {line} is never closed: the file seems cut off",
)
_CELL_TOO_LONG = Text("第 {line} 行有超过 {limit} 字的单元格", "line {line} has a cell of more than {limit} characters")
_QUOTING = Text("第 {line} 行的引号用法有误：{detail}", "the quotes in line {line} are wrong: {detail}")
_FIRST_SHEET = Text(
    "工作簿有 {count} 张表，只读取第一张“{used}”", "the workbook has {count} sheets; only the first, “{used}”, is read"
)
_DAMAGED = Text(
    "工作簿已损坏或不完整（{detail}），请重新取得", "the workbook is damaged or incomplete ({detail}); get it again"
)
_NO_WORKBOOK = Text("压缩包里没有工作簿，请提供 .xlsx 或 CSV", "the archive holds no workbook; give a .xlsx or CSV")
_TOO_WIDE = Text("第 {row} 行超过 {limit} 列", "row {row} has more than {limit} columns")
_TOO_MANY = Text("超过 {limit} 行，请分成几份导入", "more than {limit} rows; split the file and import the parts")
