"""Clocks of a case that goes back to where it stood (撤回): each runs on as if the step had not been taken.

The event says what each of them rested on, so that its dates follow from the events here, too: its day 0, its pauses, what it
was made longer by, and which steps it had said. Were a clock armed anew, whoever takes a step and takes it back would
have a whole limit again, as often as they like.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from workflow.case import Data, Deadline, Pause, instant_text
from workflow.clock.deadlines import recounted
from workflow.ledger import canonical_json
from workflow.model import DeadlineRule
from workflow.workdays import Workdays


def clocks_said(running: Iterable[Deadline]) -> str:
    """What an event says of the clocks that ran before the step which it takes back."""
    return canonical_json(
        [
            {
                "rule": each.rule,
                "armed_seq": each.armed_seq,
                "anchor_on": each.anchor_on.isoformat(),
                "anchor_at": instant_text(each.anchor_at),
                "fired": each.fired,
                "extended": each.extended,
                "pauses": [_pause_said(pause) for pause in each.pauses],
            }
            for each in running
        ]
    )


def given_back(
    rules: Mapping[str, DeadlineRule], now: Iterable[Deadline], said: str, data: Data, calendar: Workdays
) -> Iterator[Deadline]:
    """The clocks that an event gives back, counted from their own day 0; what was said meanwhile is not said again."""
    running = {(each.rule, each.armed_seq): each for each in now}
    for each in json.loads(said):
        there = running.get((each["rule"], each["armed_seq"]))
        anchor_on = date.fromisoformat(each["anchor_on"])
        clock = Deadline(
            rule=each["rule"],
            armed_seq=each["armed_seq"],
            anchor_on=anchor_on,
            anchor_at=datetime.fromisoformat(each["anchor_at"]),
            strict_on=anchor_on,
            rolled_on=anchor_on,
            due_at=datetime.fromisoformat(each["anchor_at"]),
            fired=max(each["fired"], there.fired if there else 0),
            extended=each["extended"],
            pauses=tuple(_pause(pause) for pause in each["pauses"]),
        )
        counted = recounted(rules[clock.rule], clock, data, calendar)
        yield there if there and replace(counted, fired=there.fired) == there else counted


def _pause_said(pause: Pause) -> list[str | None]:
    to_on = pause.to_on.isoformat() if pause.to_on else None
    return [
        pause.from_on.isoformat(),
        instant_text(pause.from_at),
        to_on,
        instant_text(pause.to_at) if pause.to_at else None,
    ]


def _pause(said: list[str | None]) -> Pause:
    from_on, from_at, to_on, to_at = said
    return Pause(
        date.fromisoformat(str(from_on)),
        datetime.fromisoformat(str(from_at)),
        date.fromisoformat(to_on) if to_on else None,
        datetime.fromisoformat(to_at) if to_at else None,
    )
