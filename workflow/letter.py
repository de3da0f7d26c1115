"""What a letter (文书) says: its wording with placeholders, what it must hold, and for which cases it is. Values only.

`loader/letters.py` reads them from YAML and holds their names against the definition; `letters/` writes them out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflow.conditions import Condition
from workflow.text import Text

#: The field that conditions and placeholders of a letter know beside those of the case: the day that it bears.
DAY = "day"
#: What its conditions may ask for besides: where the case stands.
STATE = "state"
#: Placeholders that stand alone and name no field; the last is the title and number of the letter that is delivered.
BUREAU, NUMBER, SECTION, DELIVERED = "bureau", "number", "section", "delivered"
ALONE = (BUREAU, NUMBER, SECTION, DAY, DELIVERED)
#: What `{bureau: …}` may say: where something is sent to, and how to pay.
CONTACT = ("contact", "payment")
#: Placeholders that say of what: a clock, a field, a step.
DUE, VALUE, BOX, BY, ON, SAID, ROUND = "due", "value", "box", "by", "on", "said", "round"
OF_STEPS = (BY, ON, SAID, ROUND)
OF_FIELDS = (VALUE, BOX)
OF = (DUE, *OF_FIELDS, *OF_STEPS, BUREAU)

_SLOT = re.compile(r"\{(?:([a-z]+): *)?([a-z][a-z0-9_]*(?:, *[a-z][a-z0-9_]*)*)(\?)?\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder: `{received_on}`, `{due: reply}`, `{by: return, return_untagged}`; `?` leaves a blank to be written in."""

    of: str | None
    names: tuple[str, ...]
    may_lack: bool = False

    @property
    def name(self) -> str:
        """The only name, where there is one."""
        return self.names[0]


Part = str | Slot


@dataclass(frozen=True, slots=True)
class Wording:
    """One text of a letter, cut into what is printed as it stands and what is filled in."""

    parts: tuple[Part, ...]

    @property
    def slots(self) -> Iterator[Slot]:
        """Its placeholders, in order."""
        return (each for each in self.parts if isinstance(each, Slot))

    @property
    def bears_a_field(self) -> bool:
        """Whether a field of the case stands in it."""
        return any(each.of in (None, VALUE) and each.name not in ALONE for each in self.slots)


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several wordings; the first whose condition holds is taken."""

    when: Condition | None
    wording: Wording


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a form: label, content, label, content …; `lines` is how much room it leaves."""

    cells: tuple[Wording, ...]
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, or a form of rows, that stands there while its condition holds."""

    wording: Wording | None
    rows: tuple[Row, ...]
    when: Condition | None
    part: str | None  # the compulsory part that it is
    style: str
    enclosed: bool = False  # on a page of its own after the signature, to be filled in by whoever gets the letter


@dataclass(frozen=True, slots=True)
class Must:
    """A compulsory part: by which article, for which cases, and what is said where it is missing."""

    name: str
    text: Text
    basis: str
    when: Condition | None
    says: tuple[str, ...] = ()  # words that stand in it


@dataclass(frozen=True, slots=True)
class Only:
    """For which cases the letter is, and what is said of all others."""

    when: Condition
    text: Text
    states: frozenset[str]  # written in these only; in any if empty


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """One letter as its file declares it."""

    name: str
    label: Text
    basis: tuple[str, ...]
    look: str  # letter | slip | form
    only: Only | None
    dated: (
        str | None
    )  # the date field with the day that it bears, today while it is empty; without one that of the last step that `told`
    since: tuple[str, ...]  # steps after which the record counts anew for `by`, `on` and `said`
    told: tuple[str, ...] = ()  # steps that tell a last day: it stands in the letter as it stood after the last of them
    lines: Mapping[str, tuple[Variant, ...]] = field(
        default_factory=dict
    )  # title, number, to, mark, signed, note, copies
    must: Mapping[str, Must] = field(default_factory=dict)
    body: tuple[Passage, ...] = ()
    delivers: tuple[
        LetterTemplate, ...
    ] = ()  # of a proof of delivery: the letters, the first that fits the case is meant


@dataclass(frozen=True, slots=True)
class LetterBook:
    """All letters of one kind of case, in the order of their file."""

    file: str
    about: str
    letters: Mapping[str, LetterTemplate]


def wording_of(said: str) -> Wording:
    """The text with its placeholders told apart.

    >>> wording_of("请于{due: payment}前缴纳{fee_due}。").parts[1]
    Slot(of='due', names=('payment',), may_lack=False)
    """
    parts: list[Part] = []
    at = 0
    for found in _SLOT.finditer(said):
        if found.start() > at:
            parts.append(said[at : found.start()])
        names = tuple(each.strip() for each in found[2].split(","))
        parts.append(Slot(found[1], names, found[3] is not None))
        at = found.end()
    if at < len(said):
        parts.append(said[at:])
    return Wording(tuple(parts))


def stray_brace(said: str) -> str | None:
    """What looks like a placeholder and is none; None where every brace belongs to one.

    >>> stray_brace("{received_on}"), stray_brace("{Received on}"), stray_brace("a } b")
    (None, '{Received on}', '}')
    """
    rest = _SLOT.sub("", said)
    found = re.search(r"\{[^{}]{0,40}\}?|\}", rest)
    return found[0] if found else None
