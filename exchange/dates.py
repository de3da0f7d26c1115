"""A day as people type it. What is not one certain day is said to be so, never guessed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from exchange.sheets import Cell
from workflow.text import Text


@dataclass(frozen=True, slots=True)
class Day:
    """The day that a cell means, and what had to be overlooked to see it."""

    on: date
    code: str | None = None  # noise | serial; None: it was plain
    remark: Text | None = None


@dataclass(frozen=True, slots=True)
class NoDay:
    """Why a cell is not one certain day."""

    code: str  # half-date | no-such-day | unclear-date | other-form | bad-date
    text: Text


_CLOCK = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_WHOLE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?" + _CLOCK)
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_HALF = re.compile(r"\d{4}\s*(?:年|[-/.年]\s*\d{1,2}\s*月?)?")
_YEAR_LAST = re.compile(r"\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*(?:\d{2}|\d{4})")
_LABEL = re.compile(r"([^\d:]{1,12}?)\s*:\s*(?=\S)")  # 「成文日期 ：2023-06-14」
_NUMERALS = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)
_DIGIT = {numeral: value for value, numeral in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0}

#: Excel's days are counted from here; between these two lie the years 1949 to 2100.
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(17_899, 73_415)


def read_day(cell: Cell, form: str | None = None) -> Day | NoDay:
    """The day in this cell, in any of the forms that offices type, or in the form that the user says (`%m/%d/%Y`).

    >>> read_day("2023年6月14日").on == read_day("2023/06/14").on == read_day("二〇二三年六月十四日").on
    True
    >>> read_day("2023年6月").code
    'half-date'
    >>> read_day("03/04/2017").code, read_day("03/04/2017", "%d/%m/%Y").on
    ('unclear-date', datetime.date(2017, 4, 3))
    """
    if isinstance(cell, date):
        return Day(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in _SERIALS:
        on = _SERIAL_ZERO + timedelta(days=int(cell))
        return Day(on, "serial", _SERIAL.filled(value=cell, on=on))
    typed = str(cell).strip()
    plain = unicodedata.normalize("NFKC", typed).strip()
    if form is not None and (said := _in_form(plain, form)):
        return Day(said)
    label = _LABEL.match(plain)
    bare = plain[label.end() :] if label else plain
    found = _read_plain(bare)
    if label and isinstance(found, Day):
        return Day(found.on, "noise", _NOISE.filled(typed=_short(typed), on=found.on))
    if isinstance(found, NoDay):
        return _refused(found, typed, form)
    return found


def _in_form(typed: str, form: str) -> date | None:
    try:
        return datetime.strptime(typed, form).date()  # noqa: DTZ007 - only the day is kept
    except ValueError:
        return None


def _refused(found: NoDay, typed: str, form: str | None) -> NoDay:
    """Where the form is said, month and day can be told apart: the day is then only not in that form."""
    if form is not None and found.code in ("unclear-date", "bad-date"):
        return NoDay("other-form", _OTHER_FORM.filled(typed=_short(typed), form=form))
    return NoDay(found.code, found.text.filled(typed=_short(typed)))


def _read_plain(typed: str) -> Day | NoDay:
    parts = _parts(typed)
    if parts:
        try:
            return Day(date(*parts))
        except ValueError:
            return NoDay("no-such-day", _NO_SUCH_DAY)
    if _HALF.fullmatch(typed):
        return NoDay("half-date", _HALF_DATE)
    if _YEAR_LAST.fullmatch(typed):
        return NoDay("unclear-date", _UNCLEAR)
    return NoDay("bad-date", _FORMULA if typed.startswith("=") else _BAD_DATE)


def _parts(typed: str) -> tuple[int, int, int] | None:
    found = _WHOLE.fullmatch(typed) or _EIGHT.fullmatch(typed)
    if found:
        year, month, day = (int(each) for each in found.groups())
        return year, month, day
    numerals = _NUMERALS.fullmatch(typed)
    if numerals:
        years, months, days = numerals.groups()
        return int("".join(str(_DIGIT[each]) for each in years)), _number(months), _number(days)
    return None


def _number(numerals: str) -> int:
    """Up to ninety-nine in Chinese numerals; 0 when they are no number.

    >>> [_number(each) for each in ("六", "十", "十四", "三十一", "一一")]
    [6, 10, 14, 31, 0]
    """
    tens, ten, ones = numerals.rpartition("十")
    if not ten:
        return _DIGIT[ones] if len(ones) == 1 else 0
    return 0 if len(tens) > 1 or len(ones) > 1 else (_DIGIT[tens] if tens else 1) * 10 + (_DIGIT[ones] if ones else 0)


def _short(typed: str) -> str:
    return typed if len(typed) <= 40 else typed[:40] + "…"


_SERIAL = Text("“{value}”按 Excel 的日期序号读作 {on}", "“{value}” is read as Excel's number for {on}")
_NOISE = Text("“{typed}”去掉前面的字样，读作 {on}", "“{typed}”, without the words before it, is read as {on}")
_NO_SUCH_DAY = Text("“{typed}”不是真实存在的日期", "“{typed}” is no day of the calendar")
_HALF_DATE = Text(
    "“{typed}”缺月或日，应写全，如 2023-06-14", "“{typed}” lacks its month or day; write it whole, as 2023-06-14"
)
_UNCLEAR = Text(
    "“{typed}”分不清月和日，请按年-月-日写，或在列对应文件的 dates 表中写明写法，如 %m/%d/%Y",
    "in “{typed}” month and day cannot be told apart; write year-month-day, or say the form in the table `dates` of the map, as %m/%d/%Y",
)
_OTHER_FORM = Text(
    "“{typed}”不合列对应文件所说的写法 {form}，也不是年-月-日",
    "“{typed}” is neither in the form {form} that the map says nor year-month-day",
)
_FORMULA = Text(
    "“{typed}”是公式，请粘贴为数值或写成 2023-06-14", "“{typed}” is a formula; paste its value or write 2023-06-14"
)
_BAD_DATE = Text("“{typed}”读不成日期，应写作 2023-06-14", "“{typed}” is no date; write it as 2023-06-14")
