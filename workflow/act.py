"""What an everyday act (日常办件) is: declared once in `catalogues/acts.yaml`, and written out into each accepted definition.

Acts are what an office does with a paper without deciding anything: signing for it, urging. `acts.py` says how each is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workflow.case import CIRCULATE, EXPLAIN_LATENESS, TRANSFER, RoleName, TransitionName
from workflow.text import Text

#: Why an act may be refused, beside the reasons that every step knows.
REASONS = ("signed", "urged", "no_step", "no_way_back", "section", "to", "read", "lateness", "not_late", "cause")
#: What an act must be told, by name.
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    TRANSFER: ("section",),
    CIRCULATE: ("to",),
    EXPLAIN_LATENESS: ("cause", "section"),
}


class Demand(StrEnum):
    """Whether a step wants a comment."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Standing(StrEnum):
    """What somebody has to do with a case, beside the roles that they hold."""

    HANDS = "hands"  # the role in whose hands the case is, in its section
    AUTHOR = "author"  # whoever began it
    NAMED = "named"  # those to whom it was circulated
    LAST = "last"  # whoever took the last step, while they may take it


@dataclass(frozen=True, slots=True)
class Offer:
    """One of the values that an act may be told, and whether it wants a comment."""

    label: Text
    comment: Demand


@dataclass(frozen=True, slots=True)
class Act:
    """By whom an act is done, whether it wants a comment, and what it may be told."""

    name: TransitionName
    label: Text
    by: tuple[RoleName, ...]
    also: tuple[Standing, ...]
    comment: Demand
    choices: Mapping[str, Mapping[str, Offer]] = field(default_factory=dict)  # of each parameter that has some
