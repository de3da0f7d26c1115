"""`gongkai board`: the supervisor's board, once or live."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from terminal.acts import length
from terminal.lateness import causes, unexplained_cases
from terminal.looking import MAYBE, SEES_NOTHING, sees_nothing
from terminal.render import Block, Column, Grid, Line, Tinted, Tone, Words, live
from terminal.session import Session, in_session
from terminal.tongue import Example, command, option
from workflow.case import SHANGHAI
from workflow.text import Lang, Text
from workflow.words import CLOCKS

if TYPE_CHECKING:
    from reports.board import Accepted, Board, Late, Paused, Row, Tally


@command(
    examples=(
        Example(
            "gongkai board --live --as wujianguo", Text("每秒刷新，Ctrl-C 退出", "anew each second, Ctrl-C ends it")
        ),
    ),
    more=Text(
        "每格为事项数，括号内为承办时限数/法定时限数。下方列出逾期最久的十件：在谁手里、多久、提醒几次、最近上报谁。",
        "Each cell counts cases, in brackets internal/statutory clocks. Below stand the ten oldest late cases: whose hands, "
        "for how long, how often reminded, last escalated to whom.",
    ),
)
@option("--live", "is_live", is_flag=True, says=Text("持续刷新", "keep it up to date"))
@in_session
def board(session: Session, is_live: bool) -> None:
    """The board."""
    from reports.board import board as drawn_up

    with session.desk() as desk:
        actor = session.actor(desk)
        if is_live and not session.json:
            live(lambda: tuple(board_blocks(drawn_up(desk, actor), session.lang)), time.sleep)
            return
        found = drawn_up(desk, actor)
    session.answer({"board": found.to_json()}, *board_blocks(found, session.lang))
    if sees_nothing(actor, found.on):
        session.remark(SEES_NOTHING.filled(name=actor.name))


def board_blocks(found: Board, lang: Lang) -> Iterator[Block]:
    """The whole board."""
    at = found.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    yield Line((Tinted(_TITLE.read(lang), Tone.STRONG), f"  {at}"))
    yield Line("")
    heads = (_SECTION, _OVERDUE, _TODAY, _SOON, _PAUSED)
    yield Grid(
        tuple(Column(each.read(lang), right=each is not _SECTION) for each in heads),
        (*tuple(_cells(row, row.section) for row in found.rows), _cells(found.total, _ALL.read(lang))),
    )
    total = found.total
    if any(each.cases for each in (total.overdue, total.due_today, total.within_three, total.paused_too_long)):
        yield Line(Tinted(_LEGEND.read(lang), Tone.DIM))
    yield Line("")
    yield from _oldest(found, lang)
    if found.paused:
        yield Line("")
        yield from _stopped(found.paused, lang)
    if found.accepted:
        yield Line("")
        yield from _accepted(found.accepted, lang)
    if found.causes:
        yield Line("")
        yield from causes(found.causes, lang)
    if found.unexplained:
        yield Line("")
        yield from unexplained_cases(found.unexplained, lang)
    if found.quarantined:
        yield Line("")
        yield Line(Tinted(_QUARANTINED.read(lang), Tone.BAD))
        yield from (Line(each.why.read(lang), indent=2) for each in found.quarantined)


def _accepted(accepted: tuple[Accepted, ...], lang: Lang) -> Iterator[Block]:
    """How long each section takes to sign for what it gets."""
    yield Line(Tinted(_TO_ACCEPT.read(lang), Tone.STRONG))
    heads = (_SECTION, _SIGNED, _MEDIAN, _LONGEST)
    yield Grid(
        tuple(Column(each.read(lang), right=each is not _SECTION) for each in heads),
        tuple(
            (each.section, str(each.count), length(each.median_minutes, lang), length(each.longest_minutes, lang))
            for each in accepted
        ),
    )


def _stopped(paused: tuple[Paused, ...], lang: Lang) -> Iterator[Block]:
    """The clocks that stand still: since when, which day that is, and why."""
    yield Line(Tinted(_STANDING_STILL.read(lang), Tone.STRONG))
    heads = (_CASE, _CASE_TITLE, _CLOCK, _SINCE_DAY, _WHY)
    yield Grid(
        tuple(
            Column(each.read(lang), cuts=each is _CASE_TITLE, wraps=each is _WHY, lists=each is _WHY) for each in heads
        ),
        tuple(
            (
                each.number,
                each.title,
                f"{CLOCKS[each.clock].read(lang)} {each.deadline_label.read(lang)}",
                Tinted(
                    _DAY_N.filled(on=each.since_on, day=each.day).read(lang), Tone.BAD if each.too_long else Tone.WARN
                ),
                Text("、", ", ")
                .read(lang)
                .join(
                    [each.state_label.read(lang)]
                    + [_FROM.filled(what=what, number=number).read(lang) for number, _, what in each.waits_for]
                ),
            )
            for each in paused
        ),
    )


def _oldest(found: Board, lang: Lang) -> Iterator[Block]:
    if not found.oldest:
        yield Line(Tinted(_NONE_LATE.read(lang), Tone.GOOD))
        return
    yield Line(Tinted(_OLDEST.read(lang), Tone.STRONG))
    late_heads = (_CASE, _CASE_TITLE, _STATE, _HANDS, _LAST_DAY, _LATE, _SINCE, _REMINDED, _ESCALATED)
    yield Grid(
        tuple(
            Column(
                each.read(lang),
                wraps=each in (_STATE, _HANDS, _ESCALATED),
                cuts=each is _CASE_TITLE,
                lists=each in (_STATE, _HANDS, _ESCALATED),
                right=each in (_LATE, _SINCE, _REMINDED),
                spare=each in (_SINCE, _REMINDED, _ESCALATED),
            )
            for each in late_heads
        ),
        tuple(_late(each, lang) for each in found.oldest),
        spared=_SPARED.read(lang),
    )
    if found.total.overdue.cases > len(found.oldest):
        more = _MORE.filled(count=found.total.overdue.cases - len(found.oldest))
        yield Line(Tinted(more.read(lang), Tone.DIM), wraps=False)


def _cells(row: Row, name: str) -> tuple[Words, ...]:
    return (
        name,
        _tally(row.overdue, Tone.BAD),
        _tally(row.due_today, Tone.WARN),
        _tally(row.within_three, None),
        _tally(row.paused_too_long, Tone.WARN),
    )


def _tally(tally: Tally, tone: Tone | None) -> Words:
    if not tally.cases:
        return Tinted("0", Tone.DIM)
    said = f"{tally.cases} ({tally.internal}/{tally.statutory})"
    return Tinted(said, tone) if tone else said


def _late(late: Late, lang: Lang) -> tuple[Words, ...]:
    listing = Text("、", ", ").read(lang)
    hands = listing.join(late.hands) or (late.role_label.read(lang) if late.role_label else "—")
    first, *others = late.escalated_to or ("",)
    to = _AND_OTHERS.filled(first=first, all=len(others) + 1).read(lang) if others else first
    at = late.escalated_at.astimezone(SHANGHAI).strftime(" %m-%d") if late.escalated_at else ""
    return (
        late.number,
        late.title,
        late.state_label.read(lang),
        hands,
        f"{'/'.join(CLOCKS[each].read(lang) for each in late.clocks)} {(MAYBE if late.provisional else _ON).filled(on=late.due_on).read(lang)}",
        Tinted("?" if late.late_days is None else _DAYS.filled(count=late.late_days).read(lang), Tone.BAD),
        "?" if late.since_days is None else _DAYS.filled(count=late.since_days).read(lang),
        str(late.reminded),
        f"{to}{at}" if to else "—",
    )


_TITLE = Text("督办看板", "Supervisor's board")
_SECTION = Text("科室", "Section")
_OVERDUE = Text("逾期", "Overdue")
_TODAY = Text("今日到期", "Due today")
_SOON = Text("三日内到期", "Within 3 days")
_PAUSED = Text("暂停过久", "Paused long")
_ALL = Text("合计", "All")
_NONE_LATE = Text("没有逾期事项", "no case is overdue")
_OLDEST = Text("逾期最久的十件", "The ten oldest late cases")
_CASE = Text("事项", "Case")
_CASE_TITLE = Text("标题", "Title")
_STATE = Text("环节", "State")
_HANDS = Text("在谁手里", "In whose hands")
_LATE = Text("逾期", "Late")
_SINCE = Text("在此", "Here")
_REMINDED = Text("提醒", "Rem.")
_ESCALATED = Text("最近上报", "Escalated to")
_QUARANTINED = Text("已隔离的事项", "Cases in quarantine")
_STANDING_STILL = Text("暂停计时的时限", "Clocks that stand still")
_TO_ACCEPT = Text("近 30 天签收用时", "Time to sign for a case, over 30 days")
_SIGNED = Text("签收", "Signed")
_MEDIAN = Text("中位数", "Median")
_LONGEST = Text("最长", "Longest")
_CLOCK = Text("时限", "Clock")
_SINCE_DAY = Text("暂停", "Paused")
_WHY = Text("原因", "Why")
_DAY_N = Text("{on} 起第 {day} 天", "day {day} since {on}")
_FROM = Text("{what} {number}", "{what} {number}")
_LAST_DAY = Text("时限", "Last day")
_LEGEND = Text(
    "如 12 (11/1)：12 件事项，其中承办时限 11 个、法定时限 1 个；各栏天数均为工作日",
    "12 (11/1) means 12 cases, with 11 internal and 1 statutory clocks; all days are working days",
)
_SPARED = Text(
    "窗口较窄，未列：在此几日、提醒几次、最近上报谁；加宽窗口即可看到",
    "not shown in a window this narrow: days here, reminders, escalated to; widen it to see them",
)
_MORE = Text("另有 {count} 件：gongkai list --overdue", "{count} more: gongkai list --overdue")
_ON = Text("{on}", "{on}")
_AND_OTHERS = Text("{first}等{all}人", "{first} and others ({all})")
_DAYS = Text("{count}日", "{count}d")
