"""The part of a desk that takes in notices of days off and counts open dates anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.part import Part
from workflow.case import Actor

if TYPE_CHECKING:
    from storage.sweep import Moved


class DaysOff(Part):
    """What `Desk` does with notices of days off."""

    def import_calendar(self, actor: Actor, text: str, file: str, *, dry_run: bool = False) -> tuple[Moved, ...]:
        """Take in a notice of days off, and count every open date anew; says which dates move. The administrator's act.

        Raises Invalid for a file with a fault, and where something happened at this very instant or later.
        """
        from storage.sweep import take_in_calendar

        return take_in_calendar(self._store, actor, text, file, self.now(), keep=not dry_run)

    def knows_notice(self, text: str, file: str) -> bool:
        """Whether a notice of days off was taken in already, so that another import changes nothing. Raises BadFile, StorageFault."""
        from storage.calendars import is_known
        from workflow.workdays import calendar_file

        self._store.calendar_at(self.now())
        return is_known(self._db, *calendar_file(text, file))

    def recompute(self, actor: Actor, *, dry_run: bool = False) -> tuple[Moved, ...]:
        """Count every open date anew by the calendar; each that moves is an event. The administrator's act."""
        from storage.sweep import recompute

        return recompute(self._store, actor, self.now(), keep=not dry_run)
