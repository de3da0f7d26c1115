"""The part of a desk that answers for its record: whether it holds, its seals, what is erased from it, what leaves it, and its health."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from settings import Keeping
from storage import versions
from storage.moments import new_id
from storage.part import Part
from storage.store import Store
from workflow.case import Actor
from workflow.errors import Busy, Invalid, Problem, Refused, StorageFault
from workflow.text import Text, shown
from workflow.workdays import Calendar

if TYPE_CHECKING:
    from storage.attachments import Attachments
    from storage.check import Check
    from storage.erasure import Erased
    from storage.outbox import Outbox
    from storage.seal_file import Seal
    from storage.seal_page import Layout
    from storage.seal_parcels import Parcels
    from storage.verify import Verified


class Trust(Part):
    """What `Desk` promises of its record; the desk says when it is, and where."""

    bureau: str
    url: str
    keeping: Keeping
    _given_calendar: Calendar | None

    @property
    @abstractmethod
    def calendar(self) -> Calendar: ...

    def verify(self, seals: Path | None = None, *, since: Path | None = None, jobs: int | None = 1) -> Verified:
        """Read every case and its record, and name all that does not agree, with the seals of that file as well.

        `since`, a file outside, remembers up to which seal all was found well: only cases with a later event are told again,
        the others held against seals and hashes. It is written where nothing is wrong; where there is none, all is told again.
        By so many processes; None: as many as there are processors, where the record is long. Raises Invalid, StorageFault.
        """
        from storage.seal_file import SealFile, read_outside
        from storage.verify import verify
        from storage.verify.memory import remember, remembered

        now, outside = self.now(), read_outside(seals) if seals else SealFile()
        memory, seal = (remembered(since, outside.seals) if since else None) or (None, None)
        with self._db.as_it_is():
            found = verify(
                self._db, self.url, versions.digest_of, outside, since=seal, calendar=self._given_calendar, jobs=jobs
            )
            found = self.attachments.verified(found)
        if since and not found.problems:
            remember(since, outside.last, now, memory)
        return found

    def seal(self, to: Path | None = None, remark: Callable[[Text], object] | None = None) -> Seal:
        """Seal what is committed, and add to that file every seal that is not in it. Raises Invalid where nothing is on record.

        `remark` hears of a line of the file that was left half written, and is now ended.
        """
        from storage.seals import seal

        sealed = seal(self._db, self.now())
        if to:
            self._write_out(to, remark)
        return sealed

    def seal_if_due(self, to: Path | None = None) -> Seal | None:
        """The same after an hour in which something happened, and after a publication; None where it is not due.

        What could not be written to the file before is written now, whether or not a seal is due.
        """
        from storage.seals import is_due

        if is_due(self._db, self.now()):
            return self.seal(to)
        if to:
            self._write_out(to)
        return None

    def expect_outside(self, to: Path) -> None:
        """Raises Invalid where no seals of this record can be added to this file: whoever would try for ever is told at once."""
        from storage.seal_file import appending
        from storage.seals import ALTERED, missing_in

        try:
            with appending(to):
                missing_in(self._db, to)
        except Busy:
            pass  # another adds to it just now
        except Invalid as fault:
            # A seal that was altered is no fault of the file: doctor tells of it, and the clocks run on.
            if fault.problems[0].code != ALTERED:
                raise
        except StorageFault as fault:
            raise Invalid((Problem("seals-unwritten", fault.said, field="seals"),)) from fault

    def parcels(self, address: str) -> Parcels:
        """The seals that are to go to this mail address. Raises Invalid for one that is none."""
        from storage.addresses import MAIL, mail_address
        from storage.seal_parcels import Parcels

        return Parcels(self._db, f"{MAIL} {mail_address(address)}", self.now)

    def expect_page(self, page: Path) -> None:
        """Raises Invalid where no page of seals can be written, or no seals be added to the file beside it."""
        from storage import seal_page

        seal_page.expect(page)
        self.expect_outside(seal_page.beside(page))

    def put_page(self, page: Path, layout: Layout, *, anew: bool = True) -> None:
        """The page has all seals, and the file beside it; not `anew`: where it lacks one. Raises Invalid, Busy, StorageFault."""
        from storage import seal_page

        seal_page.put(self._db, page.absolute(), layout, self.now(), anew=anew)

    def forget_outside(self, place: str) -> None:
        """No seals are sent there any more, and doctor asks no more whether they come. Raises Invalid where none were."""
        from storage import sealed_out

        with self._db.writing():
            known = sealed_out.forget(self._db, place)
        if not known:
            raise Invalid((Problem("no-such-place", _NO_SUCH_PLACE.filled(place=shown(place)), field="forget"),))

    def _write_out(self, to: Path, remark: Callable[[Text], object] | None = None) -> None:
        from storage import sealed_out
        from storage.seals import written_out

        no = sealed_out.last_no(self._db)
        written_out(self._db, to, remark)
        sealed_out.note(self._db, no, to, self.now())

    def erase(self, actor: Actor, ref: str, comment: str, *, dry_run: bool = False) -> Erased:
        """Erase the personal data of a case that has ended; the head of the Office's act, with what obliges to it.

        Once more clears the log beside a file, where another held that up, and the attachments' content, where that could not go.
        Source: 个人信息保护法（2021）47. Raises Refused with all that stands against it, NotFound for a case out of sight,
        Busy where nothing is left to be erased but in that log.
        """
        from storage.erasure import erase

        papers = self.attachments
        try:
            erased = erase(self._store, actor, ref, comment, self.now(), papers.expect, keep=not dry_run)
        except Refused as refused:
            # It may have been erased before, and what is not in the tables be there still: another held the log up, or whoever
            # erased it died on the way. That nothing is left is said when it is so.
            if any(each.name == "fields" for each in refused.reasons):
                if papers.of(actor, ref):
                    papers.expect()
                    papers.collect(at_once=True)
                if not self._db.forgotten():
                    raise Busy(_LINGERS) from refused
            raise
        if dry_run:
            return erased
        is_gone = self._db.forgotten()
        missing = papers.collect(erased.contents).missing if erased.contents else 0
        return replace(erased, is_gone=is_gone, missing=missing)

    @property
    def attachments(self) -> Attachments:
        """The papers that were put to cases, and their content."""
        from storage.attachments import Attachments, left_by_link, place_of

        at = self.url, self.keeping
        return Attachments(self._store, self.keeping, place_of(*at), self.now, left_by_link(*at))

    @property
    def outbox(self) -> Outbox:
        """What is on its way to people by mail and the like, and where they are reached."""
        from storage.outbox import Outbox

        return Outbox(self._store, self.bureau, self.now)

    def doctor(self) -> tuple[Check, ...]:
        """How this database is: settings, definitions, calendar, stuck cases, empty posts."""
        from storage import sealed_out
        from storage.calendars import Editions
        from storage.check import asked
        from storage.doctor import examine

        editions, now = Editions(self._db, leniently=True), self.now()
        calendar = self._given_calendar or editions(now)
        store = Store(self._db, new_id, calendar) if editions.odd else self._store  # it counts in spite of them
        with self._db.as_it_is():
            return (
                *examine(store, now, calendar, editions.odd),
                *asked("seals", lambda: sealed_out.health(self._db, now), _SEAL_ANEW),
                *self.attachments.health(),
            )


_SEAL_ANEW = Text(
    "请重新写明封存送往何处：gongkai seal --to 文件（或 --mail、--page）",
    "say anew where seals go: gongkai seal --to FILE (or --mail, --page)",
)
_NO_SUCH_PLACE = Text(
    "没有往“{place}”送过封存；gongkai doctor 列出封存送往的各处",
    "no seals are sent to “{place}”; gongkai doctor lists the places to which they are",
)
_LINGERS = Text(
    "另有程序正在读数据库（核验、备份等），此前删除的内容可能还留在数据库文件旁的 -wal 文件中；请待其结束后再运行一次",
    "another program is reading the database (a verification, a backup): what was erased before may still stand in the -wal file beside "
    "it; run this again when that has ended",
)
