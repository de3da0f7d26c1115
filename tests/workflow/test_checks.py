"""Named checks by themselves: what each says of a case, a person and a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.definitions.tables import load
from workflow.case import SHANGHAI, Case, Deadline, Pause
from workflow.checks import REGISTRY
from workflow.history import blank

#: LAW 12, M5-1: thirty days from 2026-01-20 end in the holiday and close on the working day after it.
CONSULTATION = Deadline(
    "consultation", 1, date(2026, 1, 20), datetime(2026, 1, 20, 2, tzinfo=UTC),
    date(2026, 2, 19), date(2026, 2, 24), datetime(2026, 2, 24, 16, tzinfo=UTC),
)  # fmt: skip


def lasted(moment: str, *running: Deadline, of: tuple[str, ...] = ("consultation",)) -> bool:
    """Whether the limits named have lasted at this moment in Shanghai, for a case with these clocks."""
    case: Case = replace(blank("c1", "DOC-2026-00001", load("document"), "bureau", "预算科"), deadlines=running)
    now = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI).astimezone(UTC)
    return REGISTRY["last_day_reached"](case, ("wangmin",), {"deadlines": of}, now)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-01-20T10:00", False),
        ("2026-02-19T10:00", False),  # the last day as counted is a day off
        ("2026-02-23T23:59", False),
        ("2026-02-24T00:00", True),  # in UTC it is still the 23rd
        ("2026-02-24T23:59", True),
        ("2026-02-25T09:00", True),
    ],
)
def test_what_must_last_at_least_so_long_has_lasted_on_its_last_day(moment: str, said: bool) -> None:
    assert lasted(moment, CONSULTATION) is said


def test_a_limit_that_does_not_run_keeps_nobody_waiting() -> None:
    assert lasted("2026-01-20T10:00")
    assert lasted("2026-01-20T10:00", replace(CONSULTATION, rule="reply"))


def test_each_of_several_limits_must_have_lasted() -> None:
    longer = replace(CONSULTATION, rule="announced", rolled_on=date(2026, 3, 6))
    both = ("consultation", "announced")

    assert not lasted("2026-02-24T10:00", CONSULTATION, longer, of=both)
    assert lasted("2026-02-24T10:00", CONSULTATION, longer)
    assert lasted("2026-03-06T10:00", CONSULTATION, longer, of=both)


def test_a_limit_that_stands_still_does_not_last() -> None:
    stopped = Pause(date(2026, 2, 2), datetime(2026, 2, 2, 2, tzinfo=UTC))
    over = replace(stopped, to_on=stopped.from_on, to_at=stopped.from_at + timedelta(hours=1))

    assert not lasted("2026-02-24T10:00", replace(CONSULTATION, pauses=(stopped,)))
    assert lasted("2026-02-24T10:00", replace(CONSULTATION, pauses=(over,)))


def test_what_had_lasted_before_it_was_stopped_has_lasted() -> None:
    stopped = Pause(date(2026, 2, 25), datetime(2026, 2, 25, 2, tzinfo=UTC))

    assert lasted("2026-02-26T10:00", replace(CONSULTATION, pauses=(stopped,)))


def overdue(moment: str, *running: Deadline) -> bool:
    """Whether the consultation or the notice is open and over at this moment in Shanghai."""
    case: Case = replace(blank("c1", "DOC-2026-00001", load("document"), "bureau", "预算科"), deadlines=running)
    now = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI).astimezone(UTC)
    return not REGISTRY["not_overdue"](case, ("wangmin",), {"deadlines": ("consultation", "notice")}, now)


def test_a_limit_is_overdue_when_its_last_day_is_over_whether_or_not_anybody_recorded_that() -> None:
    assert not overdue("2026-02-24T23:59", CONSULTATION)
    assert overdue("2026-02-25T00:00", CONSULTATION)


def test_of_several_limits_those_that_do_not_run_are_not_overdue() -> None:
    assert not overdue("2026-02-25T00:00")
    assert not overdue("2026-02-25T00:00", replace(CONSULTATION, rule="reply"))
    assert overdue("2026-02-25T00:00", replace(CONSULTATION, rule="notice"))


def test_a_limit_that_was_stopped_in_time_is_not_overdue() -> None:
    stopped = Pause(date(2026, 2, 24), datetime(2026, 2, 24, 2, tzinfo=UTC))

    assert not overdue("2026-02-26T10:00", replace(CONSULTATION, pauses=(stopped,)))
    assert overdue("2026-02-26T10:00", replace(CONSULTATION, pauses=(replace(stopped, from_at=CONSULTATION.due_at),)))


@pytest.mark.parametrize(
    ("text", "anew"),
    [("期限未告知", True), ("程序 违法。", False), ("——；。", False), ("程序违法；期限未告知", True), ("", True)],
)
def test_marks_and_what_was_gathered_are_no_new_reason(text: str, anew: bool) -> None:
    case = replace(
        blank("c1", "DOC-2026-00001", load("document"), "bureau", "预算科"), data={"now": text, "so_far": "程序违法"}
    )

    assert REGISTRY["said_anew"](case, (), {"text": ["now"], "gathered": ["so_far"]}, CONSULTATION.due_at) == anew
