"""What an event says of clocks is enough to have each of them again, to the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from tests.letters.office_papers import kinds
from tests.papers import PRC
from workflow.case import Deadline, Pause
from workflow.clock import clocks_said, given_back

RULES = kinds()["request"].deadlines


def test_a_clock_comes_back_with_its_pause_and_what_it_had_said() -> None:
    received, asked, answered = (datetime(2026, 3, day, 2, tzinfo=UTC) for day in (2, 4, 11))
    pauses = (Pause(asked.date(), asked, answered.date(), answered),)
    said = clocks_said(
        [
            Deadline(
                "reply",
                3,
                received.date(),
                received,
                received.date(),
                received.date(),
                received,
                fired=1,
                pauses=pauses,
            )
        ]
    )

    (first,) = given_back(RULES, (), said, {}, PRC)
    (second,) = given_back(RULES, (), clocks_said([first]), {}, PRC)
    (later,) = given_back(RULES, [replace(first, fired=2)], said, {}, PRC)

    assert (first.armed_seq, first.pauses, first.fired) == (3, pauses, 1)
    # Twenty working days after 2 March are over on the 30th; the 5th to the 11th, five of them, are not counted (LAW 14).
    assert first.rolled_on == date(2026, 4, 7)
    assert second == first
    assert later == replace(first, fired=2)
