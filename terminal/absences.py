"""`gongkai people away` and `back`: days on which somebody is not there, and what then waits for nobody who is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from terminal.posts import WHOM, bereft_facts, called, roles_of, tell_bereft, ticked
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from terminal.typed import day
from workflow.case import business_date
from workflow.text import Text

if TYPE_CHECKING:
    from storage.people import Absence, Person


def absence_facts(absence: Absence) -> dict[str, object]:
    """An absence as the JSON surface shows it."""
    return {
        "from_on": absence.from_on.isoformat(),
        "until_on": absence.until_on.isoformat(),
        "recorded_by": absence.by,
    }


def ahead(person: Person, today: date) -> list[Absence]:
    """The absences that are not over, nor called off."""
    return [each for each in person.absences if each.from_on <= each.until_on and each.until_on >= today]


@command(
    more=Text(
        "由本人、本人所在科室的负责人或系统管理员登记。请假期间任职不变，只是不再算作有人在岗：通知同时告知上一级，"
        "只有其一人任职的事项由 doctor 指出并上报；受托人照常办理，本人办理的也照样有效。"
        "起始日相同的，以后一次登记的终止日为准。",
        "Recorded by the person, the head of their section or the administrator. The posts stay, but they do not count as filled: "
        "notices reach the next above too, and what waits for nobody else is named by doctor and told above. A delegate acts as "
        "ever, and what the person does all the same is good. The same first day once more changes the last day.",
    ),
    examples=(
        Example(
            "gongkai people away liuqiang --from 2026-12-01 --until 2026-12-05 --as liuqiang",
            Text("12 月 1 日至 5 日请假", "away from 1 to 5 December"),
        ),
    ),
)
@argument("person", says=WHOM)
@option("--from", "from_on", metavar="DATE", says=Text("请假第一天，默认今天", "the first day away, today if not said"))
@option(
    "--until", "until_on", metavar="DATE", required=True, says=Text("请假最后一天（含）", "the last day away, included")
)
@in_session
def away(session: Session, person: str, from_on: str | None, until_on: str) -> None:
    """Somebody is not there for some days."""
    first, last = day(from_on, "--from") if from_on else None, day(until_on, "--until")
    with session.desk() as desk:
        wanted = max(first or business_date(desk.now()), business_date(desk.now()))
        held = set(desk.staffing.unmanned(wanted))
        recorded = desk.staffing.away(session.actor(desk), person, last, from_on=first)
        bereft = [each for each in desk.staffing.unmanned(wanted) if each not in held]
        roles = roles_of(desk)
    who, absence = recorded.person, recorded.absence
    said = (_AWAY if recorded.is_new else _AWAY_ALREADY).filled(
        person=called(who), from_on=absence.from_on, until_on=absence.until_on
    )
    session.answer(
        {"person": who.id, **absence_facts(absence), "new": recorded.is_new, "unmanned": bereft_facts(bereft)},
        ticked(session, said),
    )
    tell_bereft(session, bereft, roles, wanted, (who.id, absence.until_on))


@command(
    examples=(
        Example("gongkai people back liuqiang --as liuqiang", Text("今日起回岗", "there again from today")),
        Example(
            "gongkai people back liuqiang --on 2026-12-04 --as admin",
            Text("12 月 4 日起回岗", "there again from 4 December"),
        ),
    ),
)
@argument("person", says=WHOM)
@option("--on", metavar="DATE", says=Text("回岗的第一天，默认今天", "the first day back, today if not said"))
@in_session
def back(session: Session, person: str, on: str | None) -> None:
    """Somebody is there again."""
    first = day(on, "--on") if on else None
    with session.desk() as desk:
        back_on = first or business_date(desk.now())
        returned = desk.staffing.back(session.actor(desk), person, on=first)
    said = (_BACK if returned.absence else _BACK_ALREADY).filled(person=called(returned.person), on=back_on)
    absence = absence_facts(returned.absence) if returned.absence else None
    session.answer(
        {"person": returned.person.id, "on": back_on.isoformat(), "new": absence is not None, "absence": absence},
        ticked(session, said),
    )


_AWAY = Text("{person}自 {from_on} 至 {until_on} 请假", "{person} is away from {from_on} until {until_on}")
_AWAY_ALREADY = Text(
    "{person}早已登记自 {from_on} 至 {until_on} 请假，没有改动",
    "{person} is away from {from_on} until {until_on}: so it was recorded already; nothing changed",
)
_BACK = Text("{person}自 {on} 起回岗", "{person} is back from {on}")
_BACK_ALREADY = Text("{person}在 {on} 本来在岗，没有改动", "{person} is there on {on} already; nothing changed")
