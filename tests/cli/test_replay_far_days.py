"""A log with a day that cannot be counted, or a line that is too wide: named at its row, and the other cases are judged."""

from __future__ import annotations

import pytest

from tests.cli.test_replay import FIRST, UNPAID, Bench
from tests.cli.test_replay import bench as bench


@pytest.mark.parametrize(
    ("when", "came", "zh", "en"),
    [
        ("9999-03-03T09:00:00+01:00", "", "不在 1900 至 2200 年之间", "does not lie between 1900 and 2200"),
        ("9999-12-20T00:00:00+08:00", "9999-12-20", "不在 1900 至 2200 年之间", "does not lie between 1900 and 2200"),
        (
            "1999-01-01T00:00:00+08:00",
            "1999-03-02",
            "事项 z 未作判断：工作日历自2004年起",
            "the case z is not judged: the calendar begins in 2004",
        ),
    ],
)
def test_a_day_that_cannot_be_counted_is_named_at_its_row_and_the_other_cases_are_judged(
    bench: Bench, when: str, came: str, zh: str, en: str
) -> None:
    log = bench.log(FIRST, [("z", "In", when, "u1", came)], UNPAID)

    told = bench.replays(log, "--json")
    said = {lang: bench.replays(log, lang=lang) for lang in ("zh", "en")}

    assert told.code == 8
    assert (told.json["cases"], told.json["fitting"]) == (2, 1)
    assert [each["row"] for each in told.json["problems"]] == [7]
    assert zh in said["zh"].out
    assert en in said["en"].out
    assert "1 处读不了" in said["zh"].err


def test_a_line_of_very_many_columns_ends_in_words(bench: Bench) -> None:
    (bench.place / "log.csv").write_text("a," * 200_000, encoding="utf-8")

    told = bench.replays(str(bench.place / "log.csv"), lang="en")

    assert told.code == 8
    assert "row 1 has more than 200 columns" in told.err
