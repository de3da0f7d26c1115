"""A date in words: the sentences that stand beside it, and the worked example of docs/clocks.md."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from workflow.case import SHANGHAI, Pause
from workflow.clock import Derivation, explain
from workflow.limit import limit_from
from workflow.text import Lang
from workflow.workdays import Calendar, calendar_file, shipped

HOUSE = Path(__file__).parents[2]
PAGE = HOUSE / "docs" / "clocks.md"
NOTICES = HOUSE / "definitions" / "calendars" / "notices.yaml"
PRC = Calendar(*shipped([(NOTICES.read_text("utf-8"), NOTICES.name)]))


def told(anchor: str, limit: str) -> Derivation:
    on = date.fromisoformat(anchor)
    return explain(limit_from(limit), on, datetime.combine(on, time(9, 30), SHANGHAI), PRC)


@pytest.mark.parametrize(
    ("anchor", "limit", "zh", "en"),
    [
        (
            "2026-02-13",
            "3 working days",
            (
                "自2026-02-13（周五）起算，当日不计入，从次日开始计算（民法典第201条）。计满3个工作日，最后一日为2026-02-25（周三）。"
                "其间不计9天：春节放假（国办发明电〔2025〕7号）9天。"
                "调休上班日照计：2026-02-14 春节调休上班（国办发明电〔2025〕7号）。"
            ),
            (
                "Counted from 2026-02-13 (Friday): that day is not counted, day 1 is the next (Civil Code 201). "
                "The last of 3 working days is 2026-02-25 (Wednesday). "
                "Not counted in between: 9 day(s), 9 × day off (Spring Festival) (国办发明电〔2025〕7号). "
                "Made-up days count: 2026-02-14 make-up working day (Spring Festival) (国办发明电〔2025〕7号)."
            ),
        ),
        (
            "2026-01-29",
            "20 calendar days",
            (
                "自2026-01-29（周四）起算，当日不计入，从次日开始计算（民法典第201条）。"
                "20日连续计算，休息日照计，最后一日为2026-02-18（周三）。2026-02-18不上班（春节放假），"
                "顺延至2026-02-24（周二）（民法典第203条）；稳妥办理应不晚于2026-02-14（周六）。"
            ),
            (
                "Counted from 2026-01-29 (Thursday): that day is not counted, day 1 is the next (Civil Code 201). "
                "20 calendar days, days off included, end on 2026-02-18 (Wednesday). "
                "2026-02-18 is no working day (day off (Spring Festival)), so the limit runs on to 2026-02-24 (Tuesday) "
                "(Civil Code 203); to be safe act by 2026-02-14 (Saturday)."
            ),
        ),
        (
            "2026-06-24",
            "1 month",
            "自2026-06-24（周三）起算，当日不计入，从次日开始计算（民法典第201条）。1个月后的对应日为2026-07-24（周五）。",
            (
                "Counted from 2026-06-24 (Wednesday): that day is not counted, day 1 is the next (Civil Code 201). "
                "The corresponding day 1 month later is 2026-07-24 (Friday)."
            ),
        ),
        (
            "2026-08-31",
            "1 month",
            (
                "自2026-08-31（周一）起算，当日不计入，从次日开始计算（民法典第201条）。"
                "1个月后没有对应日，以月末日2026-09-30（周三）为最后一日（民法典第202条）。"
            ),
            (
                "Counted from 2026-08-31 (Monday): that day is not counted, day 1 is the next (Civil Code 201). "
                "There is no corresponding day 1 month later, so the month's last day counts: 2026-09-30 (Wednesday) "
                "(Civil Code 202)."
            ),
        ),
        (
            "2026-12-31",
            "1 working day",
            (
                "自2026-12-31（周四）起算，当日不计入，从次日开始计算（民法典第201条）。计满1个工作日，最后一日为2027-01-04（周一）。"
                "其间不计3天：元旦放假（当年未公布，暂定）1天、周六（当年未公布，暂定）1天、周日（当年未公布，暂定）1天。"
                "2027年放假安排尚未公布，暂按周末和元旦计算；公布后重新计算，并留下记录。"
            ),
            (
                "Counted from 2026-12-31 (Thursday): that day is not counted, day 1 is the next (Civil Code 201). "
                "The last of 1 working day is 2027-01-04 (Monday). Not counted in between: 3 day(s), "
                "1 × day off (New Year's Day), provisional, 1 × Saturday, provisional, 1 × Sunday, provisional. "
                "The days off of 2027 are not announced yet: weekends and 1 January were taken, and the date will be counted anew, "
                "on record, when they are."
            ),
        ),
        (
            "2026-12-31",
            "5 hours",
            "自2026-12-31 09:30起连续计算5小时，休息日照计，至2026-12-31 14:30止（北京时间）。",
            "5 hours on the clock from 2026-12-31 09:30, days off included, until 2026-12-31 14:30 (Shanghai time).",
        ),
    ],
)
def test_a_date_says_how_it_was_counted(anchor: str, limit: str, zh: str, en: str) -> None:
    text = told(anchor, limit).text

    assert (text.zh, text.en) == (zh, en)


def test_the_days_off_before_the_last_day_are_named_also_while_the_clock_stands_still() -> None:
    """Counted by hand: 28 February is worked, four Sundays and three Saturdays lie before 26 March."""
    on = date(2026, 2, 27)
    began = datetime.combine(on, time(9, 30), SHANGHAI)
    paused = Pause(from_on=date(2026, 3, 3), from_at=datetime(2026, 3, 3, 9, 30, tzinfo=SHANGHAI))

    text = explain(limit_from("20 working days"), on, began, PRC, (paused,)).text.zh

    assert "计满20个工作日，最后一日为2026-03-26（周四）。其间不计7天：周日4天、周六3天。" in text


def printed(derivation: Derivation, lang: Lang) -> str:
    """What the page shows: each day with its number in the count, then the paragraph."""
    days = [f"{day.on}  {day.counted or '–':>2}  {day.why.read(lang)}" for day in derivation.days]
    return "\n".join([*days, "", derivation.text.read(lang)])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_example_of_the_page_is_what_the_code_prints(lang: Lang) -> None:
    assert f"```text\n{printed(told('2025-09-26', '7 working days'), lang)}\n```" in PAGE.read_text("utf-8")


def test_the_calendar_file_of_the_page_can_be_read() -> None:
    page = PAGE.read_text("utf-8")
    example = page[page.index("```yaml\n") + len("```yaml\n") :]

    days, years = calendar_file(example[: example.index("```")], "docs/clocks.md")

    assert years == (2027,)
    assert {day.workday for day in days} == {True, False}
