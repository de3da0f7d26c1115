"""The document number (发文字号) that a step gives: ordered by the decision, drawn by the store in the commit of the step.

A number is given and never taken back, so a paper that is signed a second time before it has left keeps the one it has.
"""

from __future__ import annotations

from dataclasses import replace

from workflow.case import Case, Data, Decision, Numbering
from workflow.model import Transition


def unknown_parts(step: Transition, case: Case) -> tuple[str, ...]:
    """The fields that must say the series and the year of the step's number, and as the case leaves the step do not."""
    order = step.number
    return tuple(name for name in (order.series, order.year_of) if case.data.get(name) is None) if order else ()


def number_due(step: Transition, case: Case) -> Numbering | None:
    """The number that the step gives to the case as it leaves it, or the one that stands there already and is kept."""
    order = step.number
    if order is None:
        return None
    series, year = str(case.data[order.series]), int(str(case.data[order.year_of])[:4])
    there = order.parts(str(case.data.get(order.field) or "")) if order.keeps else None
    serial = there[2] if there and there[:2] == (series, year) else None
    return Numbering(order.field, series, year, order.format, serial)


def to_come(numbering: Numbering | None) -> Data:
    """The field with its number but for the serial, which the store draws: that it will be there is known already."""
    return {numbering.field: _written(numbering, "{serial}")} if numbering else {}


def numbered(decision: Decision, serial: int) -> Decision:
    """The decision with the number that the store drew for it, on the case and on the sub-case that begins with it."""
    order = decision.numbering
    if order is None:
        return decision
    awaited, number = _written(order, "{serial}"), _written(order, str(serial))
    opens = decision.opens
    if opens:
        opens = replace(opens, data={name: number if said == awaited else said for name, said in opens.data.items()})
    return replace(
        decision,
        case=decision.case.with_data({order.field: number}),
        event=replace(decision.event, data={**decision.event.data, order.field: number}),
        numbering=None,
        opens=opens,
    )


def _written(order: Numbering, serial: str) -> str:
    return order.format.format(series=order.series, year=order.year, serial=serial)
