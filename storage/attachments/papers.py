"""Putting a paper to a case, taking it away, handing it out, and clearing away what nothing points at.

A content is on the disk before the row that points at it, and both come about while nobody else writes: so whoever clears away
what nothing points at can ask in a transaction of its own, and no paper that is just being attached is taken from anybody.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from shlex import quote
from stat import S_IMODE

from settings import Keeping
from storage.attachments.contents import ORPHAN_SECONDS, Contents, another, is_directory, nowhere, taken_in
from storage.attachments.examine import MEGABYTE, Examined, examined
from storage.check import Check
from storage.connection import Connection
from storage.files import expect_free, put_in_place, unwritten, workbench
from storage.statements import ADD_ATTACHMENT, CASE, CONTENTS, POINTS_AT, WITHDRAW_ATTACHMENT
from storage.store import Store
from storage.verify import Verified
from workflow.case import ATTACH, DETACH, Actor, Case, Command, Data, Scalar, TransitionName, Unmet, business_date
from workflow.decide import noted
from workflow.errors import Denied, Invalid, NotFound, Problem, Refused, StorageFault
from workflow.model import Definition
from workflow.papers import DIGEST, FOUND, KIND, NAME, NO, SIZE, TITLE, VERDICT, Paper, cleaned, judged, papers_of
from workflow.text import Text
from workflow.values import comment_fault, fault_of, says
from workflow.words import step_label


@dataclass(frozen=True, slots=True)
class Attached:
    """The case of a paper, and the paper as the record now tells of it."""

    case: Case
    paper: Paper
    repeated: bool = False

    def to_json(self) -> dict[str, object]:
        """The answer as the JSON surface shows it."""
        return {"case": self.case.number, "attachment": self.paper.to_json(), "repeated": self.repeated}


@dataclass(frozen=True, slots=True)
class Collected:
    """How many contents went that nothing pointed at, and how many bytes they were."""

    contents: int
    size: int
    missing: int = 0  # of those asked for, and not where contents are kept


class Attachments:
    """The attachments of one desk."""

    def __init__(
        self, store: Store, keeping: Keeping, place: Path | None, now: Callable[[], datetime], left: Path | None = None
    ) -> None:
        self._store, self._limits, self._now = store, keeping.limits, now
        self._place, self._left = place, left

    def add(
        self,
        actor: Actor,
        ref: str,
        file: Path,
        *,
        title: str | None = None,
        request_id: str | None = None,
        dry_run: bool = False,
    ) -> Attached:
        """Put this file to a case; on the disk, and on record, when this returns.

        Raises BadFile for a file that is not taken, Refused, Denied, NotFound, Invalid, StorageFault.
        """
        self._expect_room(actor, ref, request_id)
        self.expect()
        with self._contents.bench() as bench:
            content = bench / "content"
            digest, size = taken_in(file, content, self._limits.size * MEGABYTE)
            name = cleaned(file.name)
            said: dict[str, Scalar] = {DIGEST: digest, NAME: name, **({TITLE: title} if title is not None else {})}
            found = examined(content, file, name, self._limits)
            with self._store.db.writing(keep=not dry_run):
                if done := self._done_before(actor, ref, Command(ATTACH, said, request_id=request_id)):
                    return done
                case, definition, post = self._judged(actor, ref, ATTACH)
                _expect_title(definition, title)
                papers = papers_of(self._store.events(case.id))
                self._expect(definition, case, papers, size)
                if not dry_run:
                    self._contents.claim(self._store.db.whose())
                    self._contents.put(content, digest, self._now())
                no = max((each.no for each in papers), default=0) + 1
                data = {NO: no, SIZE: size, **_looked_at(found), **said}
                taken = self._noted(definition, case, ATTACH, data, actor, post=post, request_id=request_id)
                row = {"case_id": case.id, "no": no, "seq": taken.seq, "sha256": digest, "size": size}
                self._store.db.run(ADD_ATTACHMENT, **row, withdrawn_seq=None)
                return self._attached(taken, no)

    def withdraw(
        self,
        actor: Actor,
        ref: str,
        no: int,
        comment: str,
        *,
        request_id: str | None = None,
        dry_run: bool = False,
    ) -> Attached:
        """Take a paper from a case again: it is shown no more among its papers, and stays on record with its content."""
        fault = comment_fault(comment)
        if fault:
            raise Invalid((fault,))
        command = Command(DETACH, {NO: no}, comment, request_id=request_id)
        with self._store.db.writing(keep=not dry_run):
            if done := self._done_before(actor, ref, command):
                return done
            case, definition, post = self._judged(actor, ref, DETACH)
            paper = self._paper(case, no)
            unmet = []
            if paper.withdrawn_at:
                unmet.append(Unmet("withdrawn", _WITHDRAWN.filled(no=no), "state"))
            if not says(comment):
                unmet.append(Unmet("comment", _SAY_WHY, "data"))
            if unmet:
                raise Refused(step_label(definition, DETACH), unmet)
            taken = self._noted(
                definition, case, DETACH, {NO: no}, actor, post=post, comment=comment, request_id=request_id
            )
            self._store.db.run(WITHDRAW_ATTACHMENT, case_id=case.id, no=no, withdrawn_seq=taken.seq)
            return self._attached(taken, no)

    def of(self, actor: Actor, ref: str) -> tuple[Paper, ...]:
        """The papers of a case, those withdrawn included. Raises NotFound, also when the case is not the actor's to see."""
        return papers_of(self._store.events(self._store.visible(actor, ref, self._now()).id))

    def get(self, actor: Actor, ref: str, no: int, file: Path, *, force: bool = False) -> Attached:
        """The content of a paper in this file, held against its digest. Raises Invalid where one is there already."""
        case = self._store.visible(actor, ref, self._now())
        paper = self._paper(case, no)
        if paper.sha256 is None:
            raise Refused(_GET, (Unmet("erased", _ERASED.filled(no=no), "state"),))
        expect_free(file, force=force)
        if self._contents.is_whole(paper.sha256, paper.size) is not True:
            facts = {"number": case.number, "no": no, "path": self._contents.path(paper.sha256)}
            raise StorageFault(reason=_ALTERED.filled(**facts), way_out=_FROM_BACKUP)
        with workbench(file) as place:
            whole = place / "whole"
            try:
                with self._contents.opened(paper.sha256) as content, whole.open("xb") as copy:
                    shutil.copyfileobj(content, copy)
                put_in_place(whole, file, over=force)
            except FileExistsError:
                expect_free(file, force=False)
                raise
            except OSError as error:
                raise unwritten(error, file) from error
        return Attached(case, paper)

    def expect(self) -> None:
        """Raises StorageFault where contents have no place, or it is that of a database on another server."""
        self._contents.expect(self._store.db.whose())

    def collect(self, only: Collection[str] | None = None, *, at_once: bool = False) -> Collected:
        """Clear away contents that nothing points at and that are a day old; `at_once`, and those of `only`, whatever their age."""
        if self._place is None or not is_directory(self._place):
            return Collected(0, 0, len(only or ()))
        before = None if at_once else self._now() - timedelta(seconds=ORPHAN_SECONDS)
        db, there = self._store.db, list(only) if only is not None else list(self._contents.there(before))
        if self._is_anothers():
            return Collected(0, 0)
        if only is None and there:
            pointed_at = {row["sha256"] for row in db.all(CONTENTS)}
            if self._contents.whose() is None and db.whose() is not None:
                if not any(self._contents.path(each).exists() for each in pointed_at):
                    return Collected(0, 0)  # nobody said whose they are, and none of ours is among them
                self._contents.claim(db.whose())
            there = [each for each in there if each not in pointed_at]
        if not there:
            return Collected(0, 0)
        gone = size = missing = 0
        with db.writing():  # nobody attaches meanwhile
            for each in there:
                if db.one(POINTS_AT, sha256=each):
                    continue
                if not self._contents.path(each).exists():
                    missing += 1
                    continue
                size += self._contents.path(each).stat().st_size
                self._contents.drop(each)
                gone += 1
        return Collected(gone, size, missing)

    def verified(self, found: Verified) -> Verified:
        """What was found, with every content that is not there or not what its digest says; each is read once."""
        db, problems, count = self._store.db, [], 0
        rows = {row["sha256"]: row for row in db.all(CONTENTS)}
        for digest, row in rows.items():
            count += 1
            whole = Contents(self._place).is_whole(digest, row["size"]) if self._place else None
            # What was erased since we asked is gone by right.
            if whole is not True and (still := db.one(POINTS_AT, sha256=digest)):
                known = db.one(CASE, id=still["case_id"])
                number = known["number"] if known else still["case_id"]
                text = _GONE if whole is None else _OTHER
                text = _LEFT if whole is None and self._is_left(digest) else text
                path = Contents(self._place or Path()).path(digest)
                said = text.filled(number=number, no=row["no"], path=path, left=self._left)
                problems.append(Problem("content", said, field=number, row=row["seq"]))
        return replace(found, attachments=count, problems=(*found.problems, *problems))

    def health(self) -> Iterator[Check]:
        """Whether contents have a place that none but its owner reads; nothing where there are none."""

        all_of_them = all_pointed_at(self._store.db)
        count = len(all_of_them)
        if not count:
            return
        if self._place and (left := sum(self._is_left(digest) for digest, _ in all_of_them)):
            moved = _MOVE.filled(left=quote(str(self._left)), place=quote(str(self._place)))
            yield Check("attachments", False, _BY_LINK.filled(count=left, left=self._left, place=self._place), moved)
        elif self._place is None:
            yield Check("attachments", False, nowhere().said)
        elif is_directory(self._place) and S_IMODE(self._place.stat().st_mode) & 0o077:
            yield Check("attachments", False, _OPEN.filled(place=self._place), _SHUT.filled(place=self._place))
        elif self._is_anothers():
            yield Check("attachments", False, another(Contents(self._place)).said)
        else:
            yield Check("attachments", True, _KEPT.filled(count=count, place=self._place))

    def _is_anothers(self) -> bool:
        """Whether the directory is that of a database on another server."""
        ours = self._store.db.whose()
        return ours is not None and self._contents.whose() not in (None, ours)

    def _is_left(self, digest: str) -> bool:
        """Whether a content lies beside the link by which we came, and not where contents are kept."""
        return bool(
            self._left and Contents(self._left).path(digest).exists() and not self._contents.path(digest).exists()
        )

    @property
    def _contents(self) -> Contents:
        if self._place is None:
            raise nowhere()
        return Contents(self._place)

    def _expect_room(self, actor: Actor, ref: str, request_id: str | None) -> None:
        """What is refused whatever the file holds is refused before it is read."""
        case = self._store.visible(actor, ref, self._now(), to_act=True)
        if request_id is None:
            self._judged(actor, ref, ATTACH)
            definition = self._store.definition_of(case.definition)
            self._expect(definition, case, papers_of(self._store.events(case.id)), 0)

    def _judged(self, actor: Actor, ref: str, what: TransitionName) -> tuple[Case, Definition, object]:
        store, now = self._store, self._now()
        case = store.visible(actor, ref, now, to_act=True)
        definition = store.definition_of(case.definition)
        post, unmet = judged(definition, case, actor, now, what)
        if unmet:
            reasons = store.with_people(case, unmet, business_date(now))
            raise (Denied if unmet[0].kind == "role" else Refused)(step_label(definition, what), reasons)
        return case, definition, post

    def _expect(self, definition: Definition, case: Case, papers: Iterable[Paper], size: int) -> None:
        """Raises Refused where the case has as many papers, or as much of them, as one may have."""
        kept, limits = [each for each in papers if each.sha256 is not None], self._limits
        facts = {"number": case.number, "count": len(kept), "most": limits.count, "total": limits.total}
        unmet = []
        if len(kept) >= limits.count:
            unmet.append(Unmet("count", _TOO_MANY.filled(**facts), "state"))
        if sum(each.size for each in kept) + size > limits.total * MEGABYTE:
            unmet.append(Unmet("total", _TOO_MUCH.filled(**facts), "state"))
        if unmet:
            raise Refused(step_label(definition, ATTACH), unmet)

    def _done_before(self, actor: Actor, ref: str, command: Command) -> Attached | None:
        case = self._store.visible(actor, ref, self._now(), to_act=True)
        done = self._store.answered_before(actor, command, case.id)
        return self._attached(done.case, int(done.event.data[NO] or 0), repeated=True) if done else None

    def _noted(
        self, definition: Definition, case: Case, what: TransitionName, data: Data, actor: Actor, **more: object
    ) -> Case:
        now = max(self._now(), case.changed_at)
        decision = noted(definition, case, what, data, actor, now, self._store.calendar_at(now), **more)  # type: ignore[arg-type]
        return self._store.kept(definition, case, decision).case

    def _paper(self, case: Case, no: int) -> Paper:
        for each in papers_of(self._store.events(case.id)):
            if each.no == no:
                return each
        raise NotFound(what=_ATTACHMENT, name=str(no), hint=f"gongkai attachment list {case.number}")

    def _attached(self, case: Case, no: int, *, repeated: bool = False) -> Attached:
        return Attached(case, self._paper(case, no), repeated)


def _looked_at(found: Examined) -> dict[str, Scalar]:
    return {KIND: found.kind, VERDICT: found.verdict, **({FOUND: " ".join(found.found)} if found.found else {})}


def _expect_title(definition: Definition, title: str | None) -> None:
    fault = fault_of(definition.fields["title"], title) if title is not None else None
    if fault:
        raise Invalid((Problem("bad-value", fault, field="title"),))


def all_pointed_at(db: Connection) -> list[tuple[str, int]]:
    """Digest and size of every content that something points at, each once, as this connection sees them."""
    if "attachments" not in db.tables():  # of an older program
        return []
    return list({row["sha256"]: row["size"] for row in db.each(CONTENTS)}.items())


_ATTACHMENT = Text("附件", "attachment")
_GET = Text("取出附件", "get an attachment")
_WITHDRAWN = Text("附件 {no} 已撤下，不必再撤", "attachment {no} was withdrawn already: nothing is to be done")
_SAY_WHY = Text("请写明撤下的理由（附言）", "say why it is withdrawn (the comment)")
_ERASED = Text("附件 {no} 的内容已依法删除", "the content of attachment {no} was erased by law")
_TOO_MANY = Text(
    "{number} 已有 {count} 个附件，上限 {most} 个；请合并后添加，或由管理员调整 GONGKAI_ATTACHMENTS 中的 count",
    "{number} has {count} attachments, and {most} are allowed; put several into one, or let the administrator raise count in "
    "GONGKAI_ATTACHMENTS",
)
_TOO_MUCH = Text(
    "{number} 的附件合计将超过 {total} MB；请压缩图像，或由管理员调整 GONGKAI_ATTACHMENTS 中的 total",
    "the attachments of {number} would come to more than {total} MB; reduce their pictures, or let the administrator raise "
    "total in GONGKAI_ATTACHMENTS",
)
_ALTERED = Text(
    "{number} 附件 {no} 的内容不在或已变动（{path}）",
    "the content of attachment {no} of {number} is gone or altered ({path})",
)
_OPEN = Text("附件目录 {place} 别人也能进入", "others can enter the directory of attachments, {place}")
_SHUT = Text("chmod 700 {place}", "chmod 700 {place}")
_KEPT = Text("{count} 份附件内容在 {place}", "the content of {count} attachment(s) lies in {place}")
_GONE = Text(
    "{number} 附件 {no} 的内容不在（{path}）；请从备份中补回该文件",
    "the content of attachment {no} of {number} is gone ({path}); bring the file back from a backup",
)
_OTHER = Text(
    "{number} 附件 {no} 的内容被改动（{path}）；请从备份中补回该文件",
    "the content of attachment {no} of {number} was altered ({path}); bring the file back from a backup",
)
_LEFT = Text(
    "{number} 附件 {no} 的内容不在 {path}，而在 {left}（以前经链接打开数据库时放入）；请按 gongkai doctor 的提示移过去",
    "the content of attachment {no} of {number} is not in {path} but in {left}, where it was put when the database was reached by the "
    "link; move it as gongkai doctor says",
)
_BY_LINK = Text(
    "{count} 份附件内容在 {left}（以前经链接打开数据库时放入），应在 {place}",
    "the content of {count} attachment(s) lies in {left}, where it was put when the database was reached by the link, and belongs to {place}",
)
_MOVE = Text("cp -a {left}/. {place} && rm -r {left}", "cp -a {left}/. {place} && rm -r {left}")
_FROM_BACKUP = Text(
    "没有取出；请运行 gongkai verify，并从备份中补回该文件",
    "nothing was written; run gongkai verify, and bring the file back from a backup",
)
