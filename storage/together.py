"""What is to be installed, judged beside what holds here: on each day from today on which other versions begin to hold.

New cases go by the version in force on the day on which they begin, and so do the cases that other cases open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from storage.connection import Connection
from storage.versions import Installed, catalogues, installed, load
from workflow.errors import BadDefinition, Finding, NoLongerHolds
from workflow.model import Definition

if TYPE_CHECKING:
    from workflow.loader import Accepted, Catalogue

_ONE_DAY = timedelta(days=1)


def accept_together(db: Connection, files: Sequence[tuple[str, str]], today: date) -> tuple[Accepted, ...]:
    """Each (text, file) accepted and proved, beside the others and what is installed.

    Raises BadDefinition, and NoLongerHolds where something that is installed has a fault only since they came.
    """
    known, rows = catalogues(), installed(db)
    here = [load(db, each.digest) for each in rows]
    fresh = [_by_itself(*each, known) for each in files]
    turns = tuple(_turns(here, [each for each in fresh if each], today))
    accepted = tuple(
        _accepted(*each, known, _kinds_beside(declared, turns)) for each, declared in zip(files, fresh, strict=True)
    )
    for row, each in zip(rows, here, strict=True):
        for turn in turns:
            if turn.concerns(each):
                _check_still(row, known, turn)
    return accepted


@dataclass(frozen=True, slots=True)
class _Turn:
    """The kinds by which new cases go from a day on, without the files that are to be installed and with them."""

    before: Mapping[str, Definition]
    after: Mapping[str, Definition]

    def goes_by(self, each: Definition) -> bool:
        """Whether new cases then go by this version."""
        return self.after[each.id].digest == each.digest

    def concerns(self, each: Definition) -> bool:
        """Whether an installed version then rules beside another version than without the files: one that it names, or that names it."""
        changed = {
            kind
            for kind, found in self.after.items()
            if kind not in self.before or self.before[kind].digest != found.digest
        }
        is_named = any(each.id in self.after[kind].kinds_named for kind in changed)
        return self.goes_by(each) and (is_named or not changed.isdisjoint(each.kinds_named))


def _turns(here: Collection[Definition], fresh: Collection[Definition], today: date) -> Iterator[_Turn]:
    """How it stands today, and from each later day on which one begins to hold, or no longer does."""
    every = {each.digest: each for each in (*fresh, *here)}.values()
    begins = {each.in_force_from for each in every if each.in_force_from}
    ends = {each.in_force_until + _ONE_DAY for each in every if each.in_force_until and each.in_force_until < date.max}
    for day in (today, *sorted(day for day in begins | ends if day > today)):
        yield _Turn(_kinds_on(day, here), _kinds_on(day, every))


def _kinds_on(day: date, every: Iterable[Definition]) -> dict[str, Definition]:
    """The newest version of each kind that holds on that day; of a kind that has none then, its newest."""
    rising = sorted(every, key=lambda each: each.version)
    return {each.id: each for each in rising} | {each.id: each for each in rising if each.holds_on(day)}


def _by_itself(text: str, file: str, known: Mapping[str, Catalogue]) -> Definition | None:
    """What a file declares; None where it is not whole, which its own proof will say."""
    from workflow.prover import read_by_themselves

    return next(iter(read_by_themselves([(text, file)], known).values()), None)


def _kinds_beside(declared: Definition | None, turns: Sequence[_Turn]) -> Iterator[Mapping[str, Definition]]:
    """Beside which kinds new cases will go by what is declared; beside those of today where none ever will."""
    told: list[dict[str, str]] = []
    for turn in [turn for turn in turns if declared and turn.goes_by(declared)] or turns[:1]:
        digests = {kind: found.digest for kind, found in turn.after.items()}
        if digests not in told:
            told.append(digests)
            yield turn.after


def _accepted(
    text: str, file: str, known: Mapping[str, Catalogue], beside: Iterable[Mapping[str, Definition]]
) -> Accepted:
    from workflow.prover import accept_proved

    first, *_ = [accept_proved(text, file, known, kinds).accepted for kinds in beside]
    return first


def _check_still(row: Installed, known: Mapping[str, Catalogue], turn: _Turn) -> None:
    """Raises NoLongerHolds where an installed version then has a fault that it had not without the files."""
    now = _faults(row, known, turn.after)
    if not now:
        return
    there = {_place(each) for each in _faults(row, known, turn.before)}
    added = [each for each in now if _place(each) not in there]
    if added:
        raise NoLongerHolds(f"{row.id}@{row.version}", added)


def _faults(row: Installed, known: Mapping[str, Catalogue], kinds: Mapping[str, Definition]) -> Sequence[Finding]:
    from workflow.prover import accept_proved

    try:
        accept_proved(row.yaml, f"{row.id}@{row.version}", known, kinds)
    except BadDefinition as fault:
        return fault.findings
    return ()


def _place(found: Finding) -> tuple[str, int, int]:
    return found.code, found.line, found.column
