"""The working calendar: what a day is and why, where it ends, and what a calendar file may not say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.days_off import FESTIVALS, of_holiday_cn, year_2027
from workflow.errors import BadFile, Invalid
from workflow.workdays import (
    Calendar,
    Day,
    UnknownYear,
    amended,
    calendar_file,
    expect_whole_years,
    missing_festivals,
    notices_file,
    shipped,
    statutory_days,
    working_days_beside_the_law,
)

CALENDARS = Path(__file__).parents[2] / "definitions" / "calendars"
FILES = [(each.read_text("utf-8"), each.name) for each in sorted(CALENDARS.glob("*.yaml"))]
PRC = Calendar(*shipped(FILES))
LAW = statutory_days(FILES)

NOTICE_2027 = (
    year_2027(
        "国办发明电〔2026〕99号",
        元旦="off: 2026-12-31..2027-01-02, work: 2026-12-27",
        春节="off: [2027-02-05..2027-02-11], work: [2027-01-31, 2027-02-20]",
    )
    + "  - {name: 民族节, en: Day of the Nation, off: 2027-03-03}\n"
)


def faults(text: str) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(BadFile) as caught:
        calendar_file(text, "2027.yaml")
    return [(each.code, each.row, each.column) for each in caught.value.problems]


@pytest.mark.parametrize(
    ("on", "workday", "zh", "en", "notice"),
    [
        (date(2026, 2, 18), False, "春节放假", "day off (Spring Festival)", "国办发明电〔2025〕7号"),
        (date(2026, 2, 14), True, "春节调休上班", "make-up working day (Spring Festival)", "国办发明电〔2025〕7号"),
        (date(2026, 3, 7), False, "周六", "Saturday", None),
        (date(2026, 3, 8), False, "周日", "Sunday", None),
        (date(2026, 3, 9), True, "工作日", "working day", None),
        (date(2018, 12, 29), True, "元旦调休上班", "make-up working day (New Year's Day)", "国办发明电〔2018〕15号"),
        (date(2022, 12, 31), False, "元旦放假", "day off (New Year's Day)", "国办发明电〔2022〕16号"),
        (date(2019, 5, 2), False, "劳动节放假", "day off (Labour Day)", "国办发明电〔2019〕3号"),
        (date(2020, 1, 31), False, "春节放假", "day off (Spring Festival)", "国办发明电〔2020〕1号"),
        (date(2020, 1, 30), False, "春节放假", "day off (Spring Festival)", "国办发明电〔2019〕16号"),
        (
            date(2015, 9, 6),
            True,
            "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日调休上班",
            None,
            "国发明电〔2015〕1号",
        ),
        (date(2025, 4, 4), False, "清明节放假", "day off (Tomb-sweeping Day)", "国办发明电〔2024〕12号"),
    ],
)
def test_a_day_says_what_it_is_why_and_by_which_notice(
    on: date, workday: bool, zh: str, en: str | None, notice: str | None
) -> None:
    day = PRC.day(on)

    assert (day.workday, day.why.zh, day.notice, day.known) == (workday, zh, notice, True)
    assert en is None or day.why.en == en


def test_a_year_that_is_not_announced_is_counted_and_says_so() -> None:
    first, saturday, monday = PRC.day(date(2027, 1, 1)), PRC.day(date(2027, 1, 2)), PRC.day(date(2027, 2, 8))

    assert [(day.workday, day.known) for day in (first, saturday, monday)] == [
        (False, False),
        (False, False),
        (True, False),
    ]
    assert all("暂定" in day.why.zh and "provisional" in day.why.en for day in (first, saturday, monday))
    assert PRC.is_known(date(2026, 12, 31))
    assert not PRC.is_known(date(2027, 1, 1))
    assert (PRC.known_from, PRC.known_until) == (2004, 2026)


@pytest.mark.parametrize(
    "asks",
    [
        lambda on: PRC.day(on),
        lambda on: PRC.is_workday(on),
        lambda on: PRC.last_working_day(on, 1),
        lambda on: PRC.working_day_before(on, 1),
        lambda on: PRC.working_days_between(on, date(2026, 1, 1)),
    ],
)
def test_a_day_before_the_first_year_is_refused_with_a_way_out(asks: Callable[[date], object]) -> None:
    with pytest.raises(UnknownYear) as caught:
        asks(date(2003, 12, 31))

    assert isinstance(caught.value, Invalid)
    assert "2003-12-31" in caught.value.said.zh
    assert "gongkai calendar import" in caught.value.said.zh
    assert "gongkai calendar import" in caught.value.said.en


def test_counting_back_over_the_first_day_is_refused_too() -> None:
    assert PRC.working_day_before(date(2004, 1, 5), 1) == date(2004, 1, 2)
    with pytest.raises(UnknownYear):
        PRC.working_day_before(date(2004, 1, 5), 2)


def test_the_far_future_is_counted_without_end() -> None:
    assert PRC.last_working_day(date(2026, 12, 31), 261) == date(
        2028, 1, 3
    )  # 2027: 261 weekdays, one of them 1 January
    assert PRC.last_working_day(date(2500, 1, 1), 1) == date(2500, 1, 4)  # a Friday, then the weekend
    assert PRC.working_day_before(date(2500, 1, 4), 1) == date(2499, 12, 31)
    assert PRC.working_days_between(date(2500, 1, 1), date(2500, 1, 10)) == 5


def test_a_day_counts_from_the_day_after_even_when_the_limit_is_nothing() -> None:
    assert PRC.last_working_day(date(2026, 2, 18), 0) == date(2026, 2, 18)
    assert PRC.working_day_before(date(2026, 2, 18), 0) == date(2026, 2, 18)
    assert PRC.working_days_between(date(2026, 2, 18), date(2026, 2, 18)) == 0
    assert PRC.working_days_between(date(2026, 3, 6), date(2026, 3, 2)) == 0
    assert PRC.working_days_between(date(2026, 2, 13), date(2026, 2, 24)) == 2  # 02-14 and 02-24


def test_a_new_notice_makes_its_year_known_and_changes_the_december_before() -> None:
    days, years = shipped([*FILES, (NOTICE_2027, "2027.yaml")])
    calendar = Calendar(days, years)

    assert calendar.known_until == 2027
    assert [calendar.is_workday(date(2026, 12, day)) for day in (27, 30, 31)] == [True, True, False]
    assert calendar.day(date(2026, 12, 31)).notice == "国办发明电〔2026〕99号"
    assert calendar.day(date(2027, 3, 3)).why.en == "day off (Day of the Nation)"
    assert calendar.day(date(2027, 1, 4)).known
    assert calendar.last_working_day(date(2027, 2, 4), 1) == date(2027, 2, 12)


def test_half_a_notice_beside_the_program_is_refused_and_an_old_year_needs_the_festivals_of_its_time() -> None:
    with pytest.raises(BadFile) as caught:
        shipped([*FILES, (year_2027(leave_out=("春节", "中秋节")), "2027.yaml")])

    (fault,) = caught.value.problems
    assert fault.code == "half-a-notice"
    assert "“春节”法定放假4天，一天未写、“中秋”法定放假1天，一天未写" in fault.text.zh
    assert {each.label.zh: each.due for each in missing_festivals((), 2003, LAW)} == {
        "元旦": 1, "春节": 3, "劳动节": 3, "国庆": 3
    }  # fmt: skip


def test_one_day_for_each_festival_is_half_a_notice_and_the_days_that_the_law_gives_are_a_whole_one() -> None:
    """国务院令 795: from 2025 the Spring Festival has four days, Labour Day two."""
    with pytest.raises(BadFile) as caught:
        shipped([*FILES, (of_holiday_cn(*FESTIVALS, most=1), "2027.yaml")])

    said = caught.value.problems[0].text
    assert "“春节”法定放假4天，只写了1天、“劳动节”法定放假2天，只写了1天、“国庆”法定放假3天，只写了1天" in said.zh
    assert "Spring Festival: 1 of the 4 by law" in said.en
    # 放假办法 6: what falls on a Saturday or Sunday is given on a working day
    least = year_2027(
        春节="off: 2027-02-05..2027-02-10",
        劳动节="off: 2027-05-01..2027-05-04",
        国庆节="off: [2027-10-01..2027-10-03, 2027-10-04, 2027-10-05]",
    )
    assert Calendar(*shipped([*FILES, (least, "2027.yaml")])).known_until == 2027


def test_a_year_with_working_days_that_are_not_made_up_is_refused_with_how_many_and_the_way_out() -> None:
    """All days off and no make-up days: each limit over a festival would end later than it does by law."""
    with pytest.raises(BadFile) as caught:
        shipped([*FILES, (year_2027(made_up=False), "2027.yaml")])

    (fault,) = caught.value.problems
    assert fault.code == "working-days"
    assert fault.text.zh.startswith(
        "按此安排，2027年有244个工作日，依法应有248个，少4天：请核对是否漏写了调休上班的日子"
    )
    assert "244 working days and the law leaves it 248, which is 4 too few" in fault.text.en
    assert "另写一个文件" in fault.text.zh
    assert "a further file" in fault.text.en


def test_a_year_with_too_many_working_days_is_refused_and_one_day_is_the_turn_of_the_year() -> None:
    scattered = year_2027(
        春节="off: [2027-01-23, 2027-01-24, 2027-02-05, 2027-02-21]", 国庆节="off: 2027-10-01..2027-10-03"
    )
    with pytest.raises(BadFile) as caught:
        shipped([*FILES, (scattered, "2027.yaml")])

    (fault,) = caught.value.problems
    assert "2027年有252个工作日，依法应有248个，多4天：请核对各节日的放假日" in fault.text.zh
    one_more = year_2027() + "  - {name: 元旦, work: 2027-03-06}\n"
    assert Calendar(*shipped([*FILES, (one_more, "2027.yaml")])).known_until == 2027


FIRST_OF_2020 = """\
year: 2020
notice: 国办发明电〔2019〕16号
source: s
holidays:
  - {name: 元旦, off: 2020-01-01}
  - {name: 春节, off: 2020-01-24..2020-01-30, work: [2020-01-19, 2020-02-01]}
  - {name: 清明节, off: 2020-04-04..2020-04-06}
  - {name: 劳动节, off: 2020-05-01..2020-05-05, work: [2020-04-26, 2020-05-09]}
  - {name: 端午节, off: 2020-06-25..2020-06-27, work: 2020-06-28}
  - {name: 国庆节、中秋节, off: 2020-10-01..2020-10-08, work: [2020-09-27, 2020-10-10]}
"""


@pytest.mark.parametrize("year", range(2008, 2027))
def test_every_year_has_the_working_days_of_the_law_but_for_one_at_its_turn_and_what_was_amended(year: int) -> None:
    beside = working_days_beside_the_law(shipped(FILES)[0], year, LAW)

    # 国办发明电〔2020〕1号 gave two days more: it is loaded after the notice that it amends
    assert abs(beside) <= (2 if year == 2020 else 1)
    expect_whole_years(calendar_file(FIRST_OF_2020, "2020.yaml")[0], [2020], "2020.yaml", LAW)


@pytest.mark.parametrize("year", range(2008, 2027))
def test_every_notice_that_there_was_names_all_its_festivals(year: int) -> None:
    """But for those that fell on a day of another, which the package names after one of the two."""
    missing = {each.label.zh for each in missing_festivals(shipped(FILES)[0], year, LAW)}

    assert missing <= {"中秋"}, year


def test_of_two_notices_the_later_one_holds_day_by_day() -> None:
    later = "{year: 2026, notice: 甲, source: s, holidays: [{name: 国庆节, off: 2026-10-08, work: 2026-10-11}]}"
    days, years = shipped([*FILES, (later, "z.yaml")])
    calendar = Calendar(days, years)

    assert not calendar.is_workday(date(2026, 10, 8))
    assert calendar.is_workday(date(2026, 10, 11))
    assert calendar.day(date(2026, 10, 7)).notice == "国办发明电〔2025〕7号"
    assert len(days) == len(shipped()[0]) + 2


def test_a_file_of_holiday_cn_is_read_as_it_comes() -> None:
    text = (
        '{\n\t"$schema": "https://x/schema.json",\n\t"year": 2027,\n\t"papers": ["https://www.gov.cn/n.htm"],\n\t"days": [\n'
        '\t\t{"name": "\\u5143\\u65e6", "date": "2027-01-01", "isOffDay": true},\n'
        '\t\t{"name": "元旦", "date": "2026-12-27", "isOffDay": false}\n\t]\n}\n'
    )

    days, years = calendar_file("\ufeff" + text, "2027.json")

    assert years == (2027,)
    assert [(day.on.isoformat(), day.workday, day.why.zh, day.notice) for day in days] == [
        ("2026-12-27", True, "元旦调休上班", "https://www.gov.cn/n.htm"),
        ("2027-01-01", False, "元旦放假", "https://www.gov.cn/n.htm"),
    ]


def test_an_empty_list_of_days_is_no_notice() -> None:
    assert faults('{"year": 2027, "papers": [], "days": []}') == [("no-days", 1, "1")]


HEAD = "year: 2027\nnotice: n\nsource: s\nholidays:\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("empty", 1, "1")]),
        ("# only a comment\n", [("empty", 1, "1")]),
        ("year: [2027\n", [("syntax", 2, "1")]),
        ("\x00", [("syntax", 1, "1")]),
        ("- 2027\n", [("not-a-mapping", 1, "1")]),
        ("[" * 100_000, [("not-plain", 1, "8")]),
        ("year: &y 2027\nnotice: *y\n", [("not-plain", 1, "7")]),
        ("year: !!int 2027\n", [("not-plain", 1, "7")]),
        ("x" * 300_000, [("too-large", 1, "1")]),
        (HEAD + "  - {name: 元旦, off: 2027-01-01, off: 2027-01-02}", [("twice", 5, "33")]),
        (HEAD + "  - {name: 元旦, off: 2027-02-30}", [("bad-date", 5, "21")]),
        (HEAD + "  - {name: 元旦, off: 2027-1-1}", [("bad-date", 5, "21")]),
        (HEAD + "  - {name: 元旦, off: 20270101}", [("bad-date", 5, "21")]),
        (HEAD + "  - {name: 元旦, off: 2027-01-03..2027-01-01}", [("bad-range", 5, "21")]),
        (HEAD + "  - {name: 元旦, off: 2029-01-01}", [("other-year", 5, "21")]),
        (HEAD + "  - {name: 元旦, off: 2027-01-01, work: 2027-01-01}", [("day-twice", 5, "39")]),
        (HEAD + "  - {off: 2027-01-01}", [("missing-key", 5, "5")]),
        (HEAD + "  - {name: 元旦, of: 2027-01-01}", [("unknown-key", 5, "20")]),
        (HEAD + "  - {name: 元旦}", [("no-days", 1, "1")]),
        (HEAD + "  - 元旦", [("not-a-mapping", 5, "5")]),
        (HEAD + '  - {name: "元\\u202e旦", off: 2027-01-01}', [("not-text", 5, "12")]),
        ("year: 20227\nnotice: n\nsource: s\nholidays: [{name: 元旦, off: 2027-01-01}]", [("bad-year", 1, "7")]),
        ("year: ２０２７\nnotice: n\nsource: s\nholidays: [{name: 元旦, off: 2027-01-01}]", [("bad-year", 1, "7")]),
        (HEAD.replace("holidays:\n", "holidays: none"), [("not-a-list", 4, "11")]),
        ('{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": 1}]}', [("not-a-truth", 1, "74")]),
    ],
)
def test_a_faulty_calendar_file_is_refused_at_its_row_and_column(
    text: str, expected: list[tuple[str, int, str]]
) -> None:
    assert faults(text) == expected


def test_all_faults_of_a_file_are_told_at_once_in_both_languages() -> None:
    with pytest.raises(BadFile) as caught:
        calendar_file(HEAD + "  - {name: 元旦, off: soon}\n  - {nam: x}\n", "2027.yaml")

    problems = caught.value.problems
    assert [each.code for each in problems] == ["bad-date", "unknown-key", "missing-key"]
    assert all(each.text.zh and each.text.en for each in problems)
    assert "2027.yaml" in caught.value.said.zh


def test_every_shipped_year_since_2007_names_its_notice() -> None:
    listed = notices_file(*FILES[[name for _, name in FILES].index("notices.yaml")])

    assert {each.year for each in listed if not each.days} == set(range(2007, 2027))
    assert [each.year for each in listed if not each.verified] == [2024, 2025, 2026]
    assert all(day.notice for day in PRC_DAYS if day.on >= date(2006, 12, 1))


PRC_DAYS = shipped(FILES)[0]


def test_the_notices_numbers_are_those_of_the_council_own_list() -> None:
    rows = Path(__file__).parents[3] / "shared" / "data" / "docs_zh" / "state_council.csv"
    if not rows.exists():
        pytest.skip("the State Council's list of documents is not beside this checkout")
    text = rows.read_text("utf-8-sig")

    for each in notices_file(*FILES[[name for _, name in FILES].index("notices.yaml")]):
        assert (f",{each.number}," in text and each.source in text) == each.verified, each.number


def test_a_calendar_without_years_cannot_be() -> None:
    with pytest.raises(Invalid):
        Calendar([], [])


def test_a_gap_between_known_years_is_not_known() -> None:
    calendar = Calendar([], [2024, 2025, 2027])

    assert calendar.known_until == 2025
    assert [calendar.is_known(date(year, 6, 1)) for year in (2025, 2026, 2027)] == [True, False, True]
    assert not calendar.is_workday(date(2026, 1, 1))
    assert calendar.is_workday(date(2027, 1, 1))  # announced by a list that does not name it: the list's word holds


def test_an_amendment_is_merged_in_the_order_of_the_calendar() -> None:
    old = Day(date(2026, 5, 1), False, PRC.day(date(2026, 5, 1)).why)
    new = Day(date(2026, 5, 1), True, PRC.day(date(2026, 5, 9)).why)
    other = Day(date(2026, 4, 30), False, old.why)

    assert amended([old], [new, other]) == (other, new)


def test_counting_and_naming_a_day_say_the_same() -> None:
    ordinals = range(date(2004, 1, 1).toordinal(), date(2032, 12, 31).toordinal())
    days = [date.fromordinal(each) for each in ordinals]

    assert [PRC.is_workday(on) for on in days] == [PRC.day(on).workday for on in days]
    assert not PRC.is_workday(date(9999, 12, 31)) or PRC.day(date(9999, 12, 31)).workday


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("between: 04-04..04-06", "between: 04-04..31-06", "bad-day"),
        ("春节: 4", "春节: four", "bad-count"),
        ("春节: 4", "除夕: 4", "unknown-key"),
        ('in_force: {from: "2025-01-01"}', "in_force: {from: 2025}", "bad-date"),
    ],
)
def test_a_faulty_file_of_the_days_off_by_law_is_refused_at_its_row(right: str, wrong: str, code: str) -> None:
    text = (CALENDARS / "festivals.yaml").read_text("utf-8").replace(right, wrong, 1)

    with pytest.raises(BadFile) as caught:
        statutory_days([(text, "festivals.yaml")])

    assert [each.code for each in caught.value.problems] == [code]
    assert wrong in text.splitlines()[(caught.value.problems[0].row or 0) - 1]
