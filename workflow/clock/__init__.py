"""The law's clocks (时限): from events to due dates, and from due dates to the moments at which something is to be done.

Everything here follows from (definition, events, calendar) alone, so `verify` can count every date again.
Where the rest of the law's clocks finds its place: a restart and the version of the law by date choose the anchor and the
limit (`deadlines`); days that a pause leaves uncounted and an extension lengthen the count (`limits`, `derivation`);
both are events, and an event that touches an open deadline is judged in `deadlines`.
"""

from workflow.clock.deadlines import advance
from workflow.clock.derivation import CountedDay, Derivation, explain
from workflow.clock.limits import Due, due, in_words, late_days, months_after
from workflow.clock.moments import Scheduled, firing_order, next_step_at, scheduled

__all__ = [
    "CountedDay",
    "Derivation",
    "Due",
    "Scheduled",
    "advance",
    "due",
    "explain",
    "firing_order",
    "in_words",
    "late_days",
    "months_after",
    "next_step_at",
    "scheduled",
]
