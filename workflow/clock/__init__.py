"""The law's clocks (时限): from events to due dates, and from due dates to the moments at which something is to be done.

Everything here follows from (definition, events, calendar) alone, so `verify` can count every date again.
`deadlines` judges events: what arms, pauses, resumes, extends, restarts and ends a clock; `limits` counts; `derivation` tells
the way to a date; `moments` says when something is to be said or done; `takeover` what a migration makes of a clock.
"""

from workflow.clock.deadlines import NO_LONGER_PROVISIONAL, advance, anchored_in, change_of, day_of, is_anchor_of, is_in
from workflow.clock.derivation import CountedDay, Derivation, derived, explain, left
from workflow.clock.given_back import clocks_said, given_back
from workflow.clock.limits import (
    Due,
    counted,
    day_of_year,
    due,
    in_words,
    late_days,
    length,
    months_after,
    regime,
    start_of,
    until,
)
from workflow.clock.moments import Scheduled, first_due, next_step_at, scheduled, stands_still
from workflow.clock.takeover import Take, kept_for_later, said_already, taken_over, was_done, would_run

__all__ = [
    "NO_LONGER_PROVISIONAL",
    "CountedDay",
    "Derivation",
    "Due",
    "Scheduled",
    "Take",
    "advance",
    "anchored_in",
    "change_of",
    "clocks_said",
    "counted",
    "day_of",
    "day_of_year",
    "derived",
    "due",
    "explain",
    "first_due",
    "given_back",
    "in_words",
    "is_anchor_of",
    "is_in",
    "kept_for_later",
    "late_days",
    "left",
    "length",
    "months_after",
    "next_step_at",
    "regime",
    "said_already",
    "scheduled",
    "stands_still",
    "start_of",
    "taken_over",
    "until",
    "was_done",
    "would_run",
]
