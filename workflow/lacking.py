"""What a condition lacks: the empty fields that could make it hold, those that it cannot do without, and what hangs on them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import reduce

from workflow.case import Data, Scalar
from workflow.conditions import AllOf, AnyOf, Condition, IsSet, Not, fields_of
from workflow.model import Definition, FieldType

_Joined = Callable[[frozenset[str], frozenset[str]], frozenset[str]]


def lacking(of: Condition, data: Data, form: Collection[str] | None = None) -> frozenset[str] | None:
    """The empty fields that, filled in, could make a condition hold with all else left as it is; None: none could.

    `form`: the only ones that can be filled in, where not all can.

    >>> from workflow.conditions import condition
    >>> body = condition({"any": [{"kind": "budget", "by": "congress"}, {"kind": "accounts", "by": "committee"}]})
    >>> sorted(lacking(body, {"kind": "budget"})), lacking(body, {"kind": "budget", "by": "committee"})
    (['by'], None)
    """
    return _lacking(of, data, True, form, frozenset.union)


def demanded(of: Condition, data: Data) -> frozenset[str]:
    """The empty fields without which a condition cannot hold, whatever else is filled in."""
    return _lacking(of, data, True, None, frozenset.intersection) or frozenset()


def wants_empty(of: Condition, field: str, data: Data) -> bool:
    """Whether a condition that holds would hold no longer with this field filled in, whatever it said.

    >>> from workflow.conditions import condition
    >>> either = condition({"any": [{"items": "set", "pages": "unset"}, {"pages": "set", "items": "unset"}]})
    >>> wants_empty(either, "pages", {"items": 10}), wants_empty(either, "pages", {})
    (True, False)
    """
    return of.holds(data) and not _can_stay(of, field, data, True)


def _can_stay(of: Condition, field: str, data: Data, wanted: bool) -> bool:
    match of:
        case Not(inner):
            return _can_stay(inner, field, data, not wanted)
        case AllOf(parts) | AnyOf(parts):
            ways = [_can_stay(each, field, data, wanted) for each in parts]
            return all(ways) if isinstance(of, AllOf) == wanted else any(ways)
        case _:
            if field not in fields_of(of):
                return of.holds(data) == wanted
            return wanted or not isinstance(of, IsSet)


def decides(definition: Definition, field: str, of: Condition, data: Data) -> bool:
    """Whether a choice that is not made yet could make a condition hold by itself."""
    declared = definition.fields[field]
    values: Iterable[Scalar] = (True, False) if declared.type is FieldType.BOOL else declared.choices
    return any(of.holds({**data, field: value}) for value in values)


def _lacking(
    of: Condition, data: Data, wanted: bool, form: Collection[str] | None, joined: _Joined
) -> frozenset[str] | None:
    if of.holds(data) == wanted:
        return frozenset()
    match of:
        case Not(inner):
            return _lacking(inner, data, not wanted, form, joined)
        case AllOf(parts) | AnyOf(parts):
            found = [_lacking(each, data, wanted, form, joined) for each in parts]
            ways = [each for each in found if each is not None]
            if isinstance(of, AllOf) == wanted:  # every part must be so
                return frozenset().union(*ways) if len(ways) == len(found) else None
            return reduce(joined, ways) if ways else None
        case _:  # what is empty can become anything; what is filled in stays as it is
            empty = frozenset(
                each for each in fields_of(of) if not IsSet(each).holds(data) and (form is None or each in form)
            )
            return empty if wanted and empty else None
