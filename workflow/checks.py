"""Named checks: the few guards that look beyond the data of a case. The prover treats each as "may be either"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow.case import EDIT, START, Appointment, Case, StateName

Check = Callable[[Case, tuple[str, ...], Mapping[str, Any]], bool]


def edited_in(state: StateName) -> str:
    """The name under which a case's trail keeps who edited it in a state: `edit.draft`."""
    return f"{EDIT}.{state}"


def persons(actor: str, post: Appointment | None) -> tuple[str, ...]:
    """Everyone who acts in this step: the actor, and the person whose post is exercised by delegation."""
    return (actor, post.on_behalf_of) if post and post.on_behalf_of else (actor,)


def author(case: Case, who: tuple[str, ...], _params: Mapping[str, Any]) -> bool:
    """One of them began the case."""
    return START in case.trail and not set(who).isdisjoint(case.trail[START].by)


def four_eyes(case: Case, who: tuple[str, ...], params: Mapping[str, Any]) -> bool:
    """None of them ever took one of the steps in `apart_from`: the person counts, not the role."""
    return all(step not in case.trail or set(who).isdisjoint(case.trail[step].by) for step in params["apart_from"])


REGISTRY: Mapping[str, Check] = {"author": author, "four_eyes": four_eyes}
