"""What an import says of itself: one outcome for each row, every problem with its row and column, and the days counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from workflow.case import Deadline, Outcome
from workflow.errors import Problem
from workflow.text import Text


class Fate(StrEnum):
    """What became of one row; each row has exactly one."""

    ACCEPTED = "accepted"
    WARNED = "warned"  # accepted, with something to look at
    REFUSED = "refused"
    UNCHANGED = "unchanged"  # here already
    HELD_BACK = "held_back"  # well, but the whole file was to enter or nothing


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The outcome of one file: rows = accepted + warned + refused + unchanged + held_back."""

    file: str
    read_as: str
    dry_run: bool
    rows: int = 0
    accepted: int = 0
    warned: int = 0
    refused: int = 0
    unchanged: int = 0
    held_back: int = 0
    on_time: int = 0  # of those that entered: published within the legal limit
    late: int = 0
    not_computable: int = 0  # the law was not in force yet, or no calendar knows the year
    late_days: int = 0  # working days, of all late ones together
    problems: tuple[Problem, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def entered(self) -> int:
        """How many records are new (or would be, in a dry run)."""
        return self.accepted + self.warned

    @property
    def ok(self) -> bool:
        """Whether every row entered or was here already."""
        return not (self.refused or self.held_back)

    @property
    def summary(self) -> Text:
        """The report in one sentence."""
        facts = {
            name: getattr(self, name) for name in ("rows", "accepted", "warned", "refused", "unchanged", "held_back")
        }
        held = _HELD_BACK.filled(held_back=self.held_back) if self.held_back else Text("", "")
        return (_WOULD if self.dry_run else _DID).filled(**facts, held=held)

    @property
    def timeliness(self) -> Text:
        """How the records that entered stand against the legal limit."""
        return _TIMELINESS.filled(on_time=self.on_time, late=self.late, not_computable=self.not_computable)

    def to_json(self) -> dict[str, object]:
        """The report as the JSON surface shows it."""
        return {
            "file": self.file,
            "read_as": self.read_as,
            "dry_run": self.dry_run,
            "rows": self.rows,
            "accepted": self.accepted,
            "warned": self.warned,
            "refused": self.refused,
            "unchanged": self.unchanged,
            "held_back": self.held_back,
            "on_time": self.on_time,
            "late": self.late,
            "not_computable": self.not_computable,
            "problems": [
                {"row": each.row, "column": each.column, "field": each.field, "code": each.code, **each.text.to_json()}
                for each in self.problems
            ],
            "notes": [each.to_json() for each in self.notes],
        }


@dataclass(slots=True)
class Tally:
    """The report while it is being written, row by row."""

    fates: dict[int, Fate] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    on_time: int = 0
    late: int = 0
    late_days: int = 0
    not_computable: int = 0

    def say(self, row: int, fate: Fate, problems: Iterable[Problem] = ()) -> None:
        """What became of a row; said again, the last word counts."""
        self.fates[row] = fate
        self.problems.extend(problems)

    def count_days(self, deadlines: Iterable[Deadline]) -> None:
        """One record that entered, by its legal clock."""
        clocks = [each for each in deadlines if each.outcome in (Outcome.MET, Outcome.LATE)]
        if not clocks:
            self.not_computable += 1
        elif any(each.outcome == Outcome.LATE for each in clocks):
            self.late += 1
            self.late_days += max(each.late_days or 0 for each in clocks)
        else:
            self.on_time += 1

    def report(self, file: str, read_as: str, dry_run: bool, notes: Iterable[Text]) -> ImportReport:
        """The finished report; problems stand in the order of the file."""
        counts = {fate: list(self.fates.values()).count(fate) for fate in Fate}
        return ImportReport(
            file=file,
            read_as=read_as,
            dry_run=dry_run,
            rows=len(self.fates),
            accepted=counts[Fate.ACCEPTED],
            warned=counts[Fate.WARNED],
            refused=counts[Fate.REFUSED],
            unchanged=counts[Fate.UNCHANGED],
            held_back=counts[Fate.HELD_BACK],
            on_time=self.on_time,
            late=self.late,
            late_days=self.late_days,
            not_computable=self.not_computable,
            problems=tuple(sorted(self.problems, key=lambda each: each.row or 0)),
            notes=tuple(notes),
        )


_DID = Text(
    "共 {rows} 行：收下 {accepted} 行，有提示但收下 {warned} 行，拒收 {refused} 行，已有未变 {unchanged} 行{held}",
    "{rows} rows: {accepted} accepted, {warned} accepted with warnings, {refused} refused, {unchanged} here already{held}",
)
_WOULD = Text(
    "试运行，未写入。共 {rows} 行：可收 {accepted} 行，有提示但可收 {warned} 行，拒收 {refused} 行，已有 {unchanged} 行{held}",
    "dry run, nothing written. {rows} rows: {accepted} acceptable, {warned} with warnings, {refused} refused, "
    "{unchanged} here already{held}",
)
_HELD_BACK = Text("，因要求全收或全不收而搁置 {held_back} 行", ", {held_back} held back because it was all or nothing")
_TIMELINESS = Text(
    "按期公开 {on_time} 件，超期公开 {late} 件，无从计算 {not_computable} 件",
    "{on_time} published in time, {late} late, {not_computable} not computable",
)
