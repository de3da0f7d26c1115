"""What an import says of itself: one outcome for each row, every problem with its row and column, and the days counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from exchange.records import Stranger
from workflow.case import Deadline, Outcome, Scalar
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
class Unmatched:
    """A word of the file that is none of its field's choices: where it stands, and what the map took it for."""

    field: str
    column: str
    value: str
    rows: tuple[int, ...]
    taken_as: Scalar  # None: its rows were refused

    def to_json(self) -> dict[str, object]:
        """The word as the JSON surface shows it."""
        return {
            "field": self.field,
            "column": self.column,
            "value": self.value,
            "count": len(self.rows),
            "rows": list(self.rows),
            "taken_as": self.taken_as,
        }


def unmatched(strangers: Iterable[Stranger]) -> tuple[Unmatched, ...]:
    """Each word that nothing matched with its rows, the most frequent first."""
    rows: dict[tuple[str, str, str, Scalar], list[int]] = {}
    for each in strangers:
        rows.setdefault((each.field, each.column, each.word, each.taken_as), []).append(each.row)
    found = [Unmatched(name, column, said, tuple(at), ours) for (name, column, said, ours), at in rows.items()]
    return tuple(sorted(found, key=lambda each: (-len(each.rows), each.rows)))


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
    on_time: int = 0  # of those that entered: ended within the legal limit
    late: int = 0
    not_computable: int = 0  # the law was not in force yet, or no calendar knows the year
    late_days: int = 0  # working days, of all late ones together
    problems: tuple[Problem, ...] = ()
    notes: tuple[Text, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    clock_counted: bool = True  # False: the definition does not say when a past record ended

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
        if not self.clock_counted:
            return _NO_CLOCK
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
            "late_days": self.late_days,
            "clock_counted": self.clock_counted,
            "problems": [
                {"row": each.row, "column": each.column, "field": each.field, "code": each.code, **each.text.to_json()}
                for each in self.problems
            ],
            "unmatched": [each.to_json() for each in self.unmatched],
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
    clock_counted: bool = True
    strangers: list[Stranger] = field(default_factory=list)

    def say(self, row: int, fate: Fate, problems: Iterable[Problem] = ()) -> None:
        """What became of a row; said again, the last word counts."""
        self.fates[row] = fate
        self.problems.extend(problems)

    def count_days(self, deadlines: Iterable[Deadline]) -> None:
        """One record that entered, by its legal clock."""
        if not self.clock_counted:
            return
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
            unmatched=unmatched(self.strangers),
            clock_counted=self.clock_counted,
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
    "按期 {on_time} 件，超期 {late} 件，无从计算 {not_computable} 件",
    "{on_time} in time, {late} late, {not_computable} not computable",
)
_NO_CLOCK = Text(
    "这类历史记录没有办结日期，不计时限", "past records of this kind do not say when they ended; no limit is counted"
)
