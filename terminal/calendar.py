"""`gongkai calendar`: which day is a working day, dates that explain themselves, and the State Council's new notices."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from terminal.render import Block, Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, group, option
from terminal.typed import anchor_of, day_of, instant, limit_of
from workflow.case import SHANGHAI, business_date
from workflow.errors import BadFile, Invalid, Problem, no_such_file
from workflow.text import Lang, Text
from workflow.words import CLOCKS

if TYPE_CHECKING:
    from storage.sweep import Moved
    from workflow.clock import Derivation, Due
    from workflow.limit import Limit
    from workflow.workdays import Calendar, Day

LARGEST_CALENDAR_FILE = 1024 * 1024


@group(
    "calendar",
    examples=(
        Example("gongkai calendar show 2026", Text("2026 年的放假和调休", "days off and made-up days of 2026")),
        Example(
            'gongkai calendar due 2026-02-13 "20 working days" --explain',
            Text("逐日说明到期日", "the date, day by day"),
        ),
        Example(
            "gongkai calendar import 2027.yaml --as admin", Text("载入新公布的放假安排", "load a newly announced year")
        ),
    ),
)
def calendar() -> None:
    """The group."""


@calendar.command(
    "show",
    says=Text("某年、某月的放假和调休，或某一天", "days off and made-up days of a year or a month, or one day"),
    examples=(Example("gongkai calendar show 2026-02", Text("2026 年 2 月", "February 2026")),),
)
@argument("when", required=False, says=Text("年、月或日，默认今年", "a year, a month or a day; this year if not said"))
@in_session
def show(session: Session, when: str | None) -> None:
    """What the calendar says."""
    known = _calendar_of(session)
    first, last = _period(when or str(business_date(session.clock_now).year))
    days = [known.day(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    shown = days if len(days) == 1 else [each for each in days if _is_exception(each)]
    working = sum(each.workday for each in days)
    session.answer(
        {
            "from": first.isoformat(),
            "until": last.isoformat(),
            "working_days": working,
            "known_from": known.known_from,
            "known_until": known.known_until,
            "days": [_day_facts(each) for each in shown],
        },
        _days_grid(shown, session.lang),
        Line(session.read(_WORKING.filled(count=working, all=len(days)))),
        *(
            []
            if known.is_known(first)
            else [Line(Tinted(session.read(_UNANNOUNCED.filled(year=first.year)), Tone.WARN))]
        ),
    )


def _period(said: str) -> tuple[date, date]:
    on = day_of(said)
    if on:
        return on, on
    match = re.fullmatch(r"(\d{4})年?(?:[-/.]?(\d{1,2})月?)?", said.strip())
    year, month = (int(match[1]), int(match[2] or 0)) if match else (0, 0)
    if not 1900 <= year <= 2200 or month > 12:
        raise Invalid((Problem("bad-period", _NO_PERIOD.filled(said=said), field="when"),))
    if not month:
        return date(year, 1, 1), date(year, 12, 31)
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _is_exception(each: Day) -> bool:
    return (
        each.notice is not None
        or each.workday == (each.on.weekday() >= 5)
        or not (each.workday or each.on.weekday() >= 5)
    )


def _day_facts(each: Day) -> dict[str, object]:
    return {
        "on": each.on.isoformat(),
        "workday": each.workday,
        "known": each.known,
        "why": each.why.to_json(),
        "notice": each.notice,
    }


def _days_grid(days: list[Day], lang: Lang) -> Grid:
    return Grid(
        (
            Column(_ON.read(lang)),
            Column(_WEEKDAY.read(lang)),
            Column(_WORKS.read(lang)),
            Column(_WHY.read(lang), wraps=True),
        ),
        tuple(
            (
                each.on.isoformat(),
                _WEEKDAYS[each.on.weekday()].read(lang),
                _YES.read(lang) if each.workday else Tinted(_NO.read(lang), Tone.WARN),
                each.why.read(lang) + (_NOTICE.filled(notice=each.notice).read(lang) if each.notice else ""),
            )
            for each in days
        ),
    )


@calendar.command(
    "due",
    says=Text("从某日起算的期限哪天届满，为什么", "when a limit ends that is counted from a day, and why"),
    more=Text(
        "起算日当天不计入。以日、月计的期限，末日不上班的顺延至下一个工作日：两个日期都列出。",
        "The anchor itself is not counted. Where the last day of calendar days or months is a day off, the limit runs on: both dates are shown.",
    ),
    examples=(
        Example('gongkai calendar due 2026-02-13 "20 working days"', Text("20 个工作日", "twenty working days")),
        Example(
            "gongkai calendar due 2026-02-13 3个月 --explain", Text("三个月，逐日说明", "three months, day by day")
        ),
    ),
)
@argument(
    "anchor", says=Text("起算日，如 2026-02-13，或 今天", "the day it is counted from, such as 2026-02-13, or today")
)
@argument(
    "limit",
    says=Text(
        "期限，如 20个工作日、15日、3个月、24小时", 'the limit, such as "20 working days", "3 months", "24 hours"'
    ),
)
@option("--explain", is_flag=True, says=Text("逐日列出", "list every day"))
@in_session
def due(session: Session, anchor: str, limit: str, explain: bool) -> None:
    """A date that explains itself."""
    from workflow.clock import explain as derive
    from workflow.clock import in_words

    anchor_on, anchor_at = anchor_of(anchor, session.clock_now)
    wanted, known = limit_of(limit), _calendar_of(session)
    told = derive(wanted, anchor_on, anchor_at, known)
    session.answer(
        {
            "anchor": anchor_on.isoformat(),
            "limit": wanted.written,
            "strict_on": told.due.strict_on.isoformat(),
            "rolled_on": told.due.rolled_on.isoformat(),
            "due_at": told.due.due_at.isoformat(),
            "provisional": told.due.provisional,
            **told.text.to_json(),
            "days": [{"on": d.on.isoformat(), "counted": d.counted, "why": d.why.to_json()} for d in told.days],
        },
        *due_lines(in_words(wanted), wanted, told.due, known, session.lang),
        Line(told.text.read(session.lang)),
        *([counted_days(told, session.lang)] if explain else []),
    )


def due_lines(words: Text, limit: Limit, end: Due, calendar: Calendar, lang: Lang) -> Iterator[Block]:
    """The end of a limit in one line, or in two where the last day is rolled."""
    if limit.unit == "hours":
        at = end.due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        yield Line((_UNTIL.read(lang), Tinted(at, Tone.STRONG), f" ({words.read(lang)})"))
    else:
        yield Line((_LAST_DAY.read(lang), Tinted(end.rolled_on.isoformat(), Tone.STRONG), f" ({words.read(lang)})"))
    if end.rolled_on != end.strict_on:
        yield Line((_STRICT.read(lang), end.strict_on.isoformat()))
        yield Line((_SAFE.read(lang), Tinted(calendar.on_or_before(end.strict_on).isoformat(), Tone.STRONG)))
    if end.provisional:
        yield Line(Tinted(_PROVISIONAL.read(lang), Tone.WARN))


def counted_days(told: Derivation, lang: Lang) -> Grid:
    """The derivation day by day."""
    return Grid(
        (
            Column(_ON.read(lang)),
            Column(_WEEKDAY.read(lang)),
            Column("#", right=True),
            Column(_WHY.read(lang), wraps=True),
        ),
        tuple(
            (
                each.on.isoformat(),
                _WEEKDAYS[each.on.weekday()].read(lang),
                str(each.counted) if each.counted is not None else Tinted("-", Tone.DIM),
                each.why.read(lang) if each.counted is not None else Tinted(each.why.read(lang), Tone.DIM),
            )
            for each in told.days
        ),
        indent=2,
    )


@calendar.command(
    "hours",
    says=Text("某日各渠道的截止时间；带时刻的，该时办理算哪一日", "when a day ends for each channel; of an hour, on which day an act counts"),
    more=Text(
        "期限最后一日的截止时间为24时；有业务时间的，为停止业务活动的时间（民法典第203条）。只用于以该办理结束期限的情形，如当面补正、缴费；期限何时起算不看钟点。",
        "The last day of a limit ends at midnight; where there are business hours, at their close (Civil Code 203). That is asked of "
        "acts that end a limit, such as a correction or a payment at the counter; when a limit begins does not depend on the hour.",
    ),
    examples=(Example("gongkai calendar hours 2026-07-01T18:30", Text("该时交来的算哪一日", "on which day it counts")),),
)  # fmt: skip
@argument("when", required=False, says=Text("日期或时刻，默认此刻", "a day or an instant; now if not said"))
@in_session
def hours(session: Session, when: str | None) -> None:
    """The end of a day, channel by channel."""
    from storage.versions import channel_labels, shipped_hours

    known, said, labels = _calendar_of(session), shipped_hours(), channel_labels()
    on = day_of(when) if when else None
    at = session.clock_now if when is None else None if on else instant(when)
    day = on or business_date(at or session.clock_now)
    season = said.season(day)
    rows = [
        (each, said.closes_at(each, day), said.counts_on(each, at, known) if at else None) for each in said.business
    ]
    spans = [f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in season.open] if season else []
    session.answer(
        {
            "on": day.isoformat(),
            "workday": known.is_workday(day),
            "season": season.label.to_json() if season else None,
            "open": spans,
            "channels": [
                {
                    "channel": each,
                    **(labels[each].to_json() if each in labels else {}),
                    "closes_at": closes.strftime("%H:%M") if closes else "24:00",
                    "counts_on": counts.isoformat() if counts else None,
                }
                for each, closes, counts in rows
            ],
        },
        Line(session.read(_OPEN.filled(on=day, season=season.label if season else "", spans="、".join(spans)))),
        *([] if known.is_workday(day) else [Line(Tinted(session.read(_DAY_OFF), Tone.WARN))]),
        Grid(
            (
                Column(session.read(_CHANNEL)),
                Column(session.read(_CLOSES)),
                *([Column(session.read(_COUNTS))] if at else []),
            ),
            tuple(
                (
                    labels[each].read(session.lang) if each in labels else each,
                    f"{closes:%H:%M}" if closes else "24:00",
                    *([counts.isoformat()] if counts else []),
                )
                for each, closes, counts in rows
            ),
        ),
    )


@calendar.command(
    "import",
    says=Text("载入放假安排文件（管理员）", "load a file with a year's notice (administrator)"),
    examples=(
        Example(
            "gongkai calendar import 2027.yaml --dry-run --as admin",
            Text("先看会有什么变化", "see first what would change"),
        ),
    ),
)
@argument("file", says=Text("日历文件（YAML 或 JSON）", "the calendar file (YAML or JSON)"))
@option("--dry-run", is_flag=True, says=Text("只看，不写入", "look, change nothing"))
@in_session
def import_(session: Session, file: str, dry_run: bool) -> None:
    """A newly announced year; the dates that it moves are moved at once, each by an event."""
    from workflow.workdays import calendar_file

    text = read_text(Path(file), LARGEST_CALENDAR_FILE)
    with session.desk() as desk:
        actor = session.actor(desk)
        days, years = calendar_file(text, Path(file).name)
        is_old = desk.knows_notice(text, Path(file).name)
        moved = desk.import_calendar(actor, text, Path(file).name, dry_run=dry_run)
    named = sorted(years)
    said = (_THERE_ALREADY if is_old else _WOULD_LOAD if dry_run else _LOADED).filled(
        years="、".join(map(str, named)), count=len(days)
    )
    session.answer(
        {"years": named, "days": len(days), "dry_run": dry_run, "moved": [_moved_facts(each) for each in moved]},
        Line(session.read(said)),
        *(() if is_old and not moved else _moved_lines(moved, dry_run, session.lang)),
    )


@calendar.command(
    "recompute",
    says=Text(
        "按现行日历重算全部未结时限（管理员）", "count every open date anew by the present calendar (administrator)"
    ),
)
@option("--dry-run", is_flag=True, says=Text("只看，不写入", "look, change nothing"))
@in_session
def recompute(session: Session, dry_run: bool) -> None:
    """Dates that move are moved by an event."""
    with session.desk() as desk:
        moved = desk.recompute(session.actor(desk), dry_run=dry_run)
    session.answer(
        {"dry_run": dry_run, "moved": [_moved_facts(each) for each in moved]},
        *_moved_lines(moved, dry_run, session.lang),
    )


def _moved_facts(each: Moved) -> dict[str, object]:
    return {
        "case": each.number,
        "deadline": each.deadline,
        **each.label.to_json(),
        "clock": each.clock,
        "from_on": each.from_on.isoformat(),
        "to_on": each.to_on.isoformat(),
        "settled": each.settled,
    }


def _moved_lines(moved: tuple[Moved, ...], dry_run: bool, lang: Lang) -> Iterator[Block]:
    for each in moved:
        label = f"[{CLOCKS[each.clock].read(lang)}] {each.label.read(lang)}"
        days = f"{each.from_on} → {each.to_on}" if each.from_on != each.to_on else each.to_on.isoformat()
        said = f"  {_SETTLED.read(lang)}" if each.settled else ""
        yield Line((each.number, "  ", label, "  ", days, said), indent=2)
    yield Line((_WOULD_MOVE if dry_run else _MOVED).filled(count=len(moved)).read(lang))


def read_text(path: Path, largest: int) -> str:
    """The text of a file that somebody named, or BadFile with the way out."""
    from storage.files import readable

    try:
        # A device says that it has no size and never ends: no more is read than may be there.
        with readable(path).open(encoding="utf-8-sig") as file:
            text = file.read(largest + 1)
        if max(len(text), path.stat().st_size) > largest:
            raise BadFile((Problem("too-big", _TOO_BIG.filled(largest=largest)),), file=str(path))
        return text
    except UnicodeDecodeError as fault:
        raise BadFile((Problem("not-text", _NOT_TEXT),), file=str(path)) from fault
    except FileNotFoundError as fault:
        raise no_such_file(str(path)) from fault
    except (OSError, ValueError) as fault:
        raise BadFile((Problem("unreadable", _UNREADABLE),), file=str(path)) from fault


def _calendar_of(session: Session) -> Calendar:
    """The database's calendar; the shipped one where nobody named a database and none is made yet."""
    url = session.settings.url
    if session.settings.db is None and not os.path.exists(url.removeprefix("sqlite:///")):
        from workflow.workdays import Calendar, shipped

        return Calendar(*shipped())
    with session.desk() as desk:
        return desk.calendar


_WEEKDAYS = (
    Text("一", "Mon"),
    Text("二", "Tue"),
    Text("三", "Wed"),
    Text("四", "Thu"),
    Text("五", "Fri"),
    Text("六", "Sat"),
    Text("日", "Sun"),
)
_ON = Text("日期", "Date")
_WEEKDAY = Text("周", "Day")
_WORKS = Text("上班", "Work")
_WHY = Text("缘由", "Why")
_YES = Text("是", "yes")
_NO = Text("否", "no")
_WORKING = Text("共 {all} 天，其中工作日 {count} 天", "{count} working days of {all}")
_UNANNOUNCED = Text(
    "{year} 年的放假安排尚未公布：暂按周末和元旦计",
    "the days off of {year} are not announced yet: weekends and 1 January are taken",
)
_OPEN = Text("{on} {season}：{spans}", "{on}, {season}: {spans}")
_DAY_OFF = Text("当日不上班", "no working day")
_CHANNEL = Text("渠道", "Channel")
_CLOSES = Text("截止", "Closes")
_COUNTS = Text("算作", "Counts on")
_NO_PERIOD = Text(
    "“{said}”不是年、月或日；请写作 2026、2026-02 或 2026-02-13",
    "“{said}” is no year, month or day; write 2026, 2026-02 or 2026-02-13",
)
_LAST_DAY = Text("最后一日：", "last day: ")
_UNTIL = Text("截止：", "until: ")
_NOTICE = Text("（{notice}）", " ({notice})")
_STRICT = Text("不顺延的最后一日：", "last day if nothing is rolled: ")
_SAFE = Text("稳妥办理不晚于：", "to be safe, act by: ")
_PROVISIONAL = Text("暂定：所涉年份的放假安排尚未公布", "provisional: a year in it is not announced yet")
_WOULD_LOAD = Text("试运行：将载入 {years} 年的 {count} 天", "dry run: would load {count} days of {years}")
_LOADED = Text("已载入 {years} 年的 {count} 天", "loaded {count} days of {years}")
_THERE_ALREADY = Text(
    "{years} 年的放假安排早已载入，没有改动", "the days off of {years} were loaded before; nothing is changed"
)
_SETTLED = Text("不再暂定", "no longer provisional")
_WOULD_MOVE = Text("试运行：{count} 个时限将变动", "dry run: {count} date(s) would move")
_MOVED = Text("{count} 个时限已变动，均有记录", "{count} date(s) moved, each on record")
_TOO_BIG = Text(
    "文件超过 {largest} 字节，请核对是否给错了文件",
    "the file has more than {largest} bytes; check whether it is the right one",
)
_NOT_TEXT = Text("不是 UTF-8 文本，请另存为 UTF-8", "it is no UTF-8 text; save it as UTF-8")
_UNREADABLE = Text("读不了，请检查是否为普通文件及其权限", "it cannot be read; check that it is a file and its rights")
