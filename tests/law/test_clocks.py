"""What pauses, extensions, restarts and versions of the law do to a date: told line by line in clocks.yaml."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.law.matter import Matter, clocks, received
from tests.papers import PRC
from workflow.case import SHANGHAI, Outcome
from workflow.clock import derived, scheduled, stands_still

ROWS = yaml.load((Path(__file__).parent / "clocks.yaml").read_text("utf-8"), Loader=yaml.CBaseLoader)
MUST, MAY = {"law", "when", "received", "due"}, {"rule", "then", "rolled"}


def said(step: str) -> tuple[list[str], dict[str, Any]]:
    """The words of a step, and the data that it writes."""
    words = step.split()
    data = dict(each.split("=") for each in words if "=" in each)
    numbers = {name: int(value) if value.isdecimal() else value for name, value in data.items()}
    return [each for each in words if "=" not in each], numbers


def told(row: dict[str, Any]) -> Matter:
    (day,), data = said(row["received"])
    matter = received(day, **data)
    for step in row.get("then", ()):
        (name, on), data = said(step)
        matter.takes(name, on, **data)
    return matter


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['when']} ({row['received']})")
def test_a_clock_ends_on_the_day_that_the_law_says(row: dict[str, Any]) -> None:
    assert row.keys() >= MUST
    assert row.keys() - MUST <= MAY, "a line has a word that nobody reads"

    matter = told(row)

    end = matter.clock(row.get("rule", "reply"))
    assert end.strict_on == date.fromisoformat(row["due"])
    assert end.rolled_on == date.fromisoformat(row.get("rolled", row["due"]))
    assert end.due_at == datetime.combine(end.rolled_on + timedelta(days=1), time(), SHANGHAI)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['when']} ({row['received']})")
def test_every_date_of_the_table_tells_its_pauses_extension_and_law_in_both_languages(row: dict[str, Any]) -> None:
    matter = told(row)
    rule, end = matter.definition.deadlines[row.get("rule", "reply")], matter.clock(row.get("rule", "reply"))

    told_ = derived(rule, end, matter.case.data, PRC)

    assert (told_.due.strict_on, told_.due.rolled_on) == (end.strict_on, end.rolled_on)
    for text in (told_.text.zh, told_.text.en):
        assert str(end.strict_on) in text
        assert "{" not in text
        for pause in end.pauses:
            lasts = pause.to_on is None or (pause.to_on > pause.from_on and pause.from_on <= end.rolled_on)
            assert (str(pause.from_on) in text) or not lasts
    assert ("延长" in told_.text.zh) == bool(end.extended)
    assert ("条例" in told_.text.zh) == bool(rule.regimes)
    assert [each.on for each in told_.days] == sorted({each.on for each in told_.days})
    if end.paused is None and not rule.backward:
        assert told_.days[-1].on == end.rolled_on


# What the table cannot say in one line: days that are written down otherwise than they passed, and how a clock ended.


def test_who_waits_for_an_answer_when_it_is_already_late_is_not_later_for_the_waiting() -> None:
    matter = received("2026-03-02").takes("consult", "2026-04-01").takes("answer", "2026-04-08")

    matter.takes("reply", "2026-04-09")

    (ended,) = [each for (rule, _), each in matter.ever.items() if rule == "reply"]
    # The last day was 03-30; of seven working days four were waited (Monday 04-06 is a day off).
    assert (ended.rolled_on, ended.outcome, ended.late_days) == (date(2026, 3, 30), Outcome.LATE, 3)


def test_a_day_that_lies_in_two_pauses_is_left_out_once() -> None:
    matter = received("2026-03-02").takes("consult", "2026-03-09").takes("answer", "2026-03-16")

    matter.takes("consult", "2026-03-17", on="2026-03-12").takes("answer", "2026-03-18")

    assert [each.from_on.day for each in matter.clock("reply").pauses] == [9, 16]
    assert matter.clock("reply").rolled_on == date(2026, 4, 9)


def test_no_pause_begins_before_its_clock_or_ends_before_it_began() -> None:
    asked = received("2026-03-02").takes("consult", "2026-03-05", on="2026-02-20")
    answered = received("2026-03-02").takes("consult", "2026-03-09").takes("answer", "2026-03-12", on="2026-03-06")

    assert [each.from_on for each in asked.clock("reply").pauses] == [date(2026, 3, 2)]
    assert [(each.from_on, each.to_on) for each in answered.clock("reply").pauses] == [(date(2026, 3, 9),) * 2]
    assert answered.clock("reply").rolled_on == date(2026, 3, 30)


def test_a_second_extension_neither_ends_the_clock_nor_says_its_reminders_again() -> None:
    matter = received("2026-02-13").takes("extend", "2026-03-18")
    before = matter.clock("reply")

    matter.takes("extend", "2026-04-16")

    assert matter.clock("reply") == before


def test_what_had_run_out_before_the_question_does_not_stand_still_and_is_still_escalated() -> None:
    in_time = received("2026-03-02").takes("consult", "2026-03-30").clock("reply")
    too_late = received("2026-03-02").takes("consult", "2026-03-31").clock("reply")

    assert (stands_still(in_time), stands_still(too_late)) == (True, False)
    rule = clocks().deadlines[too_late.rule]
    assert scheduled(rule, in_time, PRC) == ()
    assert [each.step.kind for each in scheduled(rule, too_late, PRC)][-2:] == ["expire", "escalate"]
