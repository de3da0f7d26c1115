"""What people type, as the values it means: dates and instants in several forms, `field=value` by name or by label.

What is not one certain value is said to be so, with what would do instead; nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from workflow.case import SHANGHAI, Scalar, business_date
from workflow.errors import BadFile, Invalid, Problem
from workflow.limit import Limit, Unit
from workflow.model import Choice, Definition, Field, FieldType
from workflow.text import Text, listed
from workflow.values import EARLIEST, LATEST

OPENING = time(9, 0)  # a day without an hour means this one, in Shanghai
LARGEST_VALUE_FILE = 1024 * 1024

_YES = frozenset(("是", "true", "yes", "y", "1", "对", "真"))
_NO = frozenset(("否", "false", "no", "n", "0", "不", "假"))
_DAY = re.compile(r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))")


def day_of(said: str) -> date | None:
    """The day that was typed; None when it is none.

    >>> day_of("2026年2月13日") == day_of("2026/2/13") == day_of("20260213") == date(2026, 2, 13)
    True
    >>> day_of("2026-02-30") is None
    True
    """
    match = _DAY.fullmatch(unicodedata.normalize("NFKC", said).strip())
    if not match:
        return None
    try:
        return date(*(int(part) for part in match.groups() if part))
    except ValueError:
        return None


def day(said: str, name: str) -> date:
    """The day that was typed for `name`, or Invalid."""
    found = day_of(said)
    if found is None or not EARLIEST <= found <= LATEST:
        raise Invalid((Problem("bad-date", _NO_DAY.filled(name=name, said=said), field=name),))
    return found


def instant(said: str) -> datetime:
    """The instant that was typed: RFC 3339, a local time in Shanghai, or a day (then nine o'clock).

    >>> instant("2026-02-13") == instant("2026-02-13T09:00") == instant("2026-02-13T01:00:00Z")
    True
    """
    only_day = day_of(said)
    try:
        found = datetime.combine(only_day, OPENING) if only_day else datetime.fromisoformat(said.strip())
        aware = found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
        utc = aware.astimezone(UTC)
    except (ValueError, OverflowError):
        utc = None
    if utc is None or not 1990 <= utc.year <= 2200:
        raise Invalid((Problem("bad-instant", _NO_INSTANT.filled(said=said), field="now"),))
    return utc


def data_of(definition: Definition, pairs: Iterable[str], now: datetime) -> dict[str, Scalar]:
    """The data that `--set` pairs mean, or Invalid with every pair that means nothing."""
    data: dict[str, Scalar] = {}
    problems: list[Problem] = []
    for pair in pairs:
        try:
            name, value = _pair(definition, pair, now)
        except BadFile:
            raise
        except Invalid as fault:
            problems += fault.problems
            continue
        if name in data:
            problems.append(Problem("twice", _TWICE.filled(name=name), field=name))
        data[name] = value
    if problems:
        raise Invalid(problems)
    return data


def _pair(definition: Definition, pair: str, now: datetime) -> tuple[str, Scalar]:
    name, *rest = re.split("[=＝]", pair, maxsplit=1)
    if not rest or not name.strip():
        raise _fault("bad-pair", _NO_PAIR.filled(said=pair), None)
    (said,) = rest
    field = _field(definition, name.strip())
    if not said:
        return field.name, None
    return field.name, value_of(field, _said(said, field), now)


def _field(definition: Definition, name: str) -> Field:
    if name in definition.fields:
        return definition.fields[name]
    wanted = _bare(name)
    for field in definition.fields.values():
        if wanted in _called(field.name, field.label):
            return field
    words = {
        word: field for field in definition.fields.values() for word in (field.name, field.label.zh, field.label.en)
    }
    near = _near(name, words)
    hint = (
        Text("、".join(near), ", ".join(near))
        if near
        else Text("、".join(definition.fields), ", ".join(definition.fields))
    )
    raise _fault(
        "unknown-field",
        (_NO_FIELD_NEAR if near else _NO_FIELD).filled(name=name, kind=definition.title, near=hint),
        name,
    )


def value_of(field: Field, said: str, now: datetime) -> Scalar:
    """The value that the words mean for this field; whether it may be so is the engine's question."""
    plain = unicodedata.normalize("NFKC", said).strip()
    match field.type:
        case FieldType.TEXT | FieldType.CASE:
            return said
        case FieldType.BOOL:
            return _bool(field, plain)
        case FieldType.ENUM:
            return _choice(field, said.strip())
        case FieldType.DATE:
            return _date(field, plain, now)
        case FieldType.INTEGER:
            return _integer(field, plain)
        case FieldType.MONEY:
            return _money(field, plain)


def _said(said: str, field: Field) -> str:
    """The value itself, or the text of the file that `@file` names; `@@` begins a value that starts with an at sign."""
    if said.startswith("@@"):
        return said[1:]
    if not said.startswith("@"):
        return said
    path = Path(said[1:])
    try:
        # A device says that it has no size and never ends: no more is read than may be there.
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(LARGEST_VALUE_FILE + 1)
        if max(len(text), path.stat().st_size) > LARGEST_VALUE_FILE:
            raise _bad_file(path, _FILE_TOO_BIG)
        return text.rstrip("\r\n")
    except UnicodeDecodeError as fault:
        raise _bad_file(path, _FILE_NOT_TEXT) from fault
    except (OSError, ValueError) as fault:
        raise _bad_file(path, _FILE_UNREADABLE.filled(field=field.label)) from fault


def _bad_file(path: Path, text: Text) -> BadFile:
    return BadFile((Problem("unreadable", text),), file=path.name)


def _bool(field: Field, said: str) -> bool:
    if said.casefold() in _YES:
        return True
    if said.casefold() in _NO:
        return False
    raise _fault("bad-value", _NO_BOOL.filled(label=field.label, said=_short(said)), field.name)


def _choice(field: Field, said: str) -> str:
    if said in field.choices:
        return said
    wanted = _bare(said)
    meant = [each.value for each in field.choices.values() if wanted in _called(each.value, each.label)]
    if len(meant) == 1:
        return meant[0]
    words = {word: c for c in field.choices.values() for word in (c.value, c.label.zh, c.label.en)}
    near = {words[word].value: words[word] for word in _near(said, words)}
    text = (_NO_CHOICE_NEAR if near else _NO_CHOICE).filled(
        label=field.label, said=_short(said), near=_named(near.values()), listed=_named(field.choices.values())
    )
    raise _fault("bad-value", text, field.name)


def _called(name: str, label: Text) -> set[str]:
    """All that may be typed for it: its name, its labels, and both as the hints show them, one in the brackets of the other."""
    labels = (label.zh, label.en)
    both = [f"{name}({each})" for each in labels] + [f"{each}({name})" for each in labels]
    return {_bare(each) for each in (name, *labels, *both)}


def _bare(word: str) -> str:
    """Without what a Chinese input method writes otherwise: full-width letters and brackets, blanks, capitals."""
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


def _named(choices: Iterable[Choice]) -> Text:
    return listed(_VALUE.filled(value=each.value, label=each.label) for each in choices)


def _date(field: Field, said: str, now: datetime) -> str:
    if said.casefold() in ("今天", "today"):
        return business_date(now).isoformat()
    if said.casefold() in ("昨天", "yesterday"):
        return (business_date(now) - timedelta(days=1)).isoformat()
    return day(said, field.name).isoformat()


def _integer(field: Field, said: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,15}", said):
        raise _fault("bad-value", _NO_INTEGER.filled(label=field.label, said=_short(said)), field.name)
    return int(said)


def _money(field: Field, said: str) -> str:
    amount = said.removesuffix("元").replace(",", "").strip()
    if not re.fullmatch(r"\d{1,15}(\.\d{1,2})?", amount):
        raise _fault("bad-value", _NO_MONEY.filled(label=field.label, said=_short(said)), field.name)
    return amount


def _near(word: str, words: Iterable[str]) -> list[str]:
    from difflib import get_close_matches  # only for a slip of the pen

    return get_close_matches(word, list(words), n=3, cutoff=0.5)


def _short(said: str) -> str:
    return said if len(said) <= 40 else said[:40] + "…"


def _fault(code: str, text: Text, field: str | None) -> Invalid:
    return Invalid((Problem(code, text, field=field),))


def suggestions(word: str, words: Iterable[str]) -> Iterator[str]:
    """Words that may have been meant, best first."""
    yield from _near(word, words)


_NO_DAY = Text(
    "“{said}”不是日期（{name}）；请写作 2026-02-13、2026/2/13 或 2026年2月13日，在 1900 至 2200 年之间",
    "“{said}” is no date ({name}); write 2026-02-13, 2026/2/13 or 2026年2月13日, from 1900 to 2200",
)
_NO_INSTANT = Text(
    "“{said}”不是时刻；请写作 2026-02-13、2026-02-13T09:00（北京时间）或 2026-02-13T01:00:00Z，在 1990 至 2200 年之间",
    "“{said}” is no instant; write 2026-02-13, 2026-02-13T09:00 (Shanghai) or 2026-02-13T01:00:00Z, from 1990 to 2200",
)
_TWICE = Text("字段“{name}”写了两次，请只写一次", "field “{name}” is set twice; say it once")
_NO_PAIR = Text(
    "“{said}”应写作 字段=值，如 attribute=proactive", "“{said}” must be field=value, such as attribute=proactive"
)
_NO_FIELD_NEAR = Text(
    "“{kind}”没有字段“{name}”；您要的是 {near} 吗？", "{kind} has no field “{name}”; did you mean {near}?"
)
_NO_FIELD = Text("“{kind}”没有字段“{name}”；可用：{near}", "{kind} has no field “{name}”; it has {near}")
_NO_BOOL = Text(
    "“{label}”不能是“{said}”，请写 是 或 否（true/false、yes/no 亦可）",
    "{label} cannot be “{said}”; say yes or no (true/false, 是/否)",
)
_NO_CHOICE = Text("“{label}”不能是“{said}”；可用：{listed}", "{label} cannot be “{said}”; it takes {listed}")
_NO_CHOICE_NEAR = Text(
    "“{label}”不能是“{said}”；是否想写 {near}？可用：{listed}",
    "{label} cannot be “{said}”; did you mean {near}? It takes {listed}",
)
_VALUE = Text("{value}（{label}）", "{value} ({label})")
_NO_INTEGER = Text("“{label}”不能是“{said}”，应为整数", "{label} cannot be “{said}”; it takes a whole number")
_NO_MONEY = Text(
    "“{label}”不能是“{said}”，应为金额（元），如 3000.00",
    "{label} cannot be “{said}”; it takes an amount in yuan such as 3000.00",
)
_FILE_TOO_BIG = Text("文件超过 1 MiB，请缩短后再试", "the file is larger than 1 MiB; shorten it")
_FILE_NOT_TEXT = Text("文件不是 UTF-8 文本，请另存为 UTF-8", "the file is not UTF-8 text; save it as UTF-8")
_FILE_UNREADABLE = Text(
    "文件不存在或读不了（字段“{field}”）；若值本身以 @ 开头，请写 @@",
    "the file is not there or cannot be read (field {field}); begin the value with @@ if it starts with an at sign",
)


_LIMIT = re.compile(
    r"(\d{1,6})\s*(?:(working days?|wd|个?工作日)|(calendar days?|days?|d|个?自然日|个?日历日|日|天)"
    r"|(months?|个?月)|(hours?|h|个?小时))",
    re.IGNORECASE,
)


_YEARLY = re.compile(r"(\d{1,2})-(\d{1,2}) of the (next|same) year|([次当])年(\d{1,2})月(\d{1,2})日", re.IGNORECASE)


def limit_of(said: str) -> Limit:
    """The limit that was typed, in English or Chinese.

    >>> limit_of("20个工作日") == limit_of("20 working days") == limit_of("20wd")
    True
    >>> limit_of("次年1月31日") == limit_of("01-31 of the next year")
    True
    """
    typed = unicodedata.normalize("NFKC", said).strip()
    if yearly := _YEARLY.fullmatch(typed):
        month, day = int(yearly[1] or yearly[5]), int(yearly[2] or yearly[6])
        return _day_of_year(month, day, said, is_next=(yearly[3] or yearly[4]).casefold() in ("次", "next"))
    match = _LIMIT.fullmatch(typed)
    if not match or int(match[1]) == 0:
        raise _fault("bad-limit", _NO_LIMIT.filled(said=said), "limit")
    units = (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.MONTHS, Unit.HOURS)
    return Limit(int(match[1]), next(unit for unit, word in zip(units, match.groups()[1:], strict=True) if word))


def _day_of_year(month: int, day: int, said: str, *, is_next: bool) -> Limit:
    try:
        date(2024, month, day)
    except ValueError:
        raise _fault("bad-limit", _NO_LIMIT.filled(said=said), "limit") from None
    return Limit(month * 100 + day, Unit.NEXT_YEAR if is_next else Unit.SAME_YEAR)


def anchor_of(said: str, now: datetime) -> tuple[date, datetime]:
    """The day from which a limit is counted, and its instant (nine o'clock where only a day was typed)."""
    only_day = business_date(now) if said.strip().casefold() in ("今天", "today") else day_of(said)
    if only_day is None or not EARLIEST <= only_day <= LATEST:
        at = instant(said)
        return business_date(at), at
    return only_day, datetime.combine(only_day, OPENING, SHANGHAI).astimezone(UTC)


_NO_LIMIT = Text(
    "“{said}”不是期限；请写作 20 working days、20个工作日、15 calendar days、15日、3 months、3个月、24 hours、24小时 或 次年1月31日",
    "“{said}” is no limit; write 20 working days, 15 calendar days, 3 months, 24 hours or 01-31 of the next year",
)
