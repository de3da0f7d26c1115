"""Named checks: the few guards that look beyond the data of a case. The prover treats each as "may be either"."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from workflow.case import EDIT, START, Actor, Appointment, Case, StateName, accounts_of, business_date
from workflow.identity import fits

#: What stands between the texts that a field has gathered, on a line of its own.
APART = "\n——\n"

Check = Callable[[Case, tuple[str, ...], Mapping[str, Any], datetime], bool]


def edited_in(state: StateName) -> str:
    """The name under which a case's trail keeps who edited it in a state: `edit.draft`."""
    return f"{EDIT}.{state}"


def persons(actor: Actor, post: Appointment | None) -> tuple[str, ...]:
    """Everyone who acts in this step, by all of their accounts: the actor, and the person whose post is exercised by delegation."""
    who = (actor.id, post.on_behalf_of) if post and post.on_behalf_of else (actor.id,)
    return accounts_of(who, actor.one_person)


def author(case: Case, who: tuple[str, ...], _params: Mapping[str, Any], _now: datetime) -> bool:
    """One of them began the case."""
    return START in case.trail and not set(who).isdisjoint(case.trail[START].by)


def four_eyes(case: Case, who: tuple[str, ...], params: Mapping[str, Any], _now: datetime) -> bool:
    """None of them ever took one of the steps in `apart_from`: the person counts, not the role."""
    return all(step not in case.trail or set(who).isdisjoint(case.trail[step].by) for step in params["apart_from"])


def before_due(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], now: datetime) -> bool:
    """Each of these clocks is open and its last day has not passed; while it stands still, when it was stopped."""
    running = {each.rule: each for each in case.deadlines}
    return all(
        (clock := running.get(rule)) is not None and (clock.paused.from_at if clock.paused else now) < clock.due_at
        for rule in params["deadlines"]
    )


def not_overdue(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], now: datetime) -> bool:
    """None of these clocks is open with its last day passed; while it stands still, passed when it was stopped."""
    open_ones = [each for each in case.deadlines if each.rule in params["deadlines"]]
    return all((each.paused.from_at if each.paused else now) < each.due_at for each in open_ones)


def last_day_reached(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], now: datetime) -> bool:
    """None of these clocks is open with its last day ahead: what the law makes last at least so long has lasted."""
    running = {each.rule: each for each in case.deadlines}
    open_ones = [running[rule] for rule in params["deadlines"] if rule in running]
    return all(
        each.rolled_on <= business_date(now) and not (each.paused and each.paused.from_at < each.due_at)
        for each in open_ones
    )


def first_time(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], _now: datetime) -> bool:
    """None of these steps was ever taken on this case."""
    return case.trail.keys().isdisjoint(params["steps"])


def identity(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], now: datetime) -> bool:
    """The number can be one of its kind of document; what is not filled in is another guard's to ask for."""
    kind, number = (case.data.get(params[name][0]) for name in ("kind", "number"))
    return not kind or not number or fits(str(kind), str(number), business_date(now))


def not_later_than_today(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], now: datetime) -> bool:
    """None of these days lies ahead."""
    return all(day <= business_date(now) for day in _days(case, params["dates"]))


def today(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], now: datetime) -> bool:
    """Each of these days that is known is today: what is only made by this step was in nobody's hands before."""
    return all(day == business_date(now) for day in _days(case, params["dates"]))


def in_order(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], _now: datetime) -> bool:
    """Those of these days that are known follow one another."""
    days = _days(case, params["dates"])
    return days == sorted(days)


def said_anew(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], _now: datetime) -> bool:
    """Something is said that is none of what the other field has gathered; spaces, stops and the width of letters say nothing."""
    text, gathered = (str(case.data.get(params[name][0]) or "") for name in ("text", "gathered"))
    # Part by part, as it was gathered: several reasons that fell are no new one together, and a mark between them is none.
    return not text or not gathered or not _parts(text) <= {"", *_parts(gathered)}


def _parts(said: str) -> set[str]:
    return set(map(_bare, said.split(APART)))


def _bare(said: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", said).casefold()))


def undated(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], _now: datetime) -> bool:
    """No case of these that has not ended holds such a day: `third_party.asked_on` is that of each third party's."""
    trails = [day.partition(".")[::2] for day in params["dates"]]
    return not any(
        each.closed_at is None and each.data.get(day)
        for slot, day in trails
        for each in case.children
        if each.slot == slot
    )


def known_with(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], _now: datetime) -> bool:
    """Where this text is written each of these days is known."""
    return not case.data.get(params["text"][0]) or all(case.data.get(day) for day in params["dates"])


def year_end(case: Case, _who: tuple[str, ...], params: Mapping[str, Any], _now: datetime) -> bool:
    """Each of these days that is known is the last of its year."""
    return all((day.month, day.day) == (12, 31) for day in _days(case, params["dates"]))


def _days(case: Case, names: Iterable[str]) -> list[date]:
    """The days that are known; `document.published_on` is that of each case which `document` names."""
    found: list[Any] = []
    for name in names:
        slot, dot, field = name.partition(".")
        found += [each.data.get(field) for each in case.children if each.slot == slot] if dot else [case.data.get(name)]
    return [date.fromisoformat(str(day)) for day in found if day]


REGISTRY: Mapping[str, Check] = {
    "author": author,
    "four_eyes": four_eyes,
    "before_due": before_due,
    "not_overdue": not_overdue,
    "last_day_reached": last_day_reached,
    "first_time": first_time,
    "identity": identity,
    "not_later_than_today": not_later_than_today,
    "in_order": in_order,
    "said_anew": said_anew,
    "year_end": year_end,
    "today": today,
    "undated": undated,
    "known_with": known_with,
}

#: The checks that another person could pass: the others are the same for everybody.
OF_PERSONS = frozenset({"author", "four_eyes"})

#: The checks that ask the same of each of their days by itself.
OF_EACH_DAY = frozenset({"not_later_than_today", "today"})

#: The checks of clocks: from a state in which the step is not offered, they would call over what has not begun.
OF_CLOCKS = frozenset({"before_due", "last_day_reached"})

#: The parameters that name fields: what a check read there, it may have read wrong.
OF_FIELDS = frozenset({"kind", "number", "dates", "text", "gathered"})
