"""The sample bureau (示范机关): invented people, real documents, and what has happened to them, told through the desk.

`sample/` holds the data. Its people enter through the desk's own register and its cases by `start`, `fire` and `sweep`, so
their history is as true as any other: no row is written past the door.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from storage.desk import Desk
from workflow.case import EXPLAIN_LATENESS, SHANGHAI, Actor, Scalar, business_date
from workflow.workdays import Workdays

DIRECTORY = Path(__file__).resolve().parent.parent / "sample"
KIND = "document"

#: Everyone has held their post for as long as the working-day calendar goes back, so that any day can be played.
SINCE = date(2004, 1, 1)
MORNING, EVENING = time(9, 0), time(18, 0)


@dataclass(frozen=True, slots=True)
class Document:
    """One real document of the extract."""

    title: str
    doc_number: str
    issued: date
    published: date
    issuer: str
    url: str
    section: str


@dataclass(frozen=True, slots=True)
class Told:
    """One step of a sample case, at its moment."""

    at: datetime
    case: int
    by: str
    do: str
    values: Mapping[str, Scalar]
    comment: str | None
    request_id: str


def load_sample(desk: Desk, admin: Actor | None = None) -> int:
    """The sample bureau with its people and cases; the number of cases begun. Loaded once more it begins none.

    In a sandbox the cases happened on the working days before today; where the clock is real they all happen now.
    """
    add_bureau(desk, admin or desk.actor("admin"))
    clock = _Hands(desk.now())
    with Desk.open(desk.url, clock=clock.now if desk.is_sandbox else None, calendar=desk.calendar) as telling:
        return _tell(telling, clock, desk.is_sandbox)


def add_bureau(desk: Desk, admin: Actor) -> None:
    """The sections and people of the sample bureau, each in their posts; once more changes nothing."""
    bureau = read_sample("bureau.yaml")
    if not desk.contact().address:
        desk.change_contact(admin, bureau["contact"])
    for section in bureau["sections"]:
        desk.add_section(admin, section)
    for id, said in bureau["people"].items():
        desk.add_person(admin, id, said["name"], section=said.get("section"))
        for post in said["posts"]:
            desk.appoint(admin, id, post, from_on=SINCE)


def documents() -> tuple[Document, ...]:
    """The extract of real documents, oldest first."""
    with (DIRECTORY / "documents.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Document(
                title=row["title"],
                doc_number=row["doc_number"],
                issued=date.fromisoformat(row["issued"]),
                published=date.fromisoformat(row["published"]),
                issuer=row["issuer_site"],
                url=row["url"],
                section=row["section"],
            )
            for row in csv.DictReader(file)
        )


def our_title(document: Document, origin: str) -> str:
    """What our bureau's own document about that one is called.

    >>> our_title(Document("国务院关于X的通知", "", SINCE, SINCE, "", "", ""), "forwarded")
    '关于转发《国务院关于X的通知》的通知'
    """
    return (
        f"关于转发《{document.title}》的通知"
        if origin == "forwarded"
        else f"关于贯彻落实《{document.title}》的实施意见"
    )


class _Hands:
    """A clock that stands where it was set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def _tell(desk: Desk, clock: _Hands, dated: bool) -> int:
    """Every step in the order of its moment, with the sweeps that fell between them."""
    now = clock.at
    cases = read_sample("cases.yaml")["cases"]
    steps = sorted(_steps(cases, desk.calendar, business_date(now)), key=lambda step: step.at)
    ids: dict[int, str] = {}
    begun: set[str] = set()
    before = steps[0].at if steps else now
    for step in steps:
        for sweep_at in _sweeps(before, step.at) if dated else ():
            clock.at = sweep_at
            desk.sweep()
        clock.at = before = step.at
        _take(desk, step, cases[step.case], ids, begun)
    for sweep_at in (*_sweeps(before, now), now) if dated else (now,):
        clock.at = sweep_at
        desk.sweep()
    return len(begun)


def _steps(cases: list[dict[str, Any]], calendar: Workdays, today: date) -> Iterator[Told]:
    for number, case in enumerate(cases):
        for place, said in enumerate(case["steps"]):
            day = calendar.working_day_before(today, -said["days"])
            at = datetime.combine(day, time.fromisoformat(said["at"]), SHANGHAI).astimezone(UTC)
            request = f"sample-{case['of']}-{place}"
            yield Told(at, number, said["by"], said["do"], said.get("set", {}), said.get("comment"), request)


def _sweeps(after: datetime, until: datetime) -> Iterator[datetime]:
    """The morning and the evening of each day between two moments: when a ticker's work shows."""
    day = business_date(after)
    while day <= business_date(until):
        for hour in (MORNING, EVENING):
            at = datetime.combine(day, hour, SHANGHAI).astimezone(UTC)
            if after < at <= until:
                yield at
        day += timedelta(days=1)


def _take(desk: Desk, step: Told, said: dict[str, Any], ids: dict[int, str], begun: set[str]) -> None:
    """One step, under a request id of its own: told twice, it happens once."""
    actor = desk.actor(step.by)
    if step.do == "start":
        of = next(each for each in documents() if each.doc_number == said["of"])
        title = our_title(of, str(step.values.get("origin", "own")))
        done = desk.start(
            actor, KIND, title=title, section=said["section"], data=step.values, request_id=step.request_id
        )
        ids[step.case] = done.event.case_id
        if not done.repeated:
            begun.add(done.event.case_id)
    elif step.do == "edit":
        desk.edit(actor, ids[step.case], data=step.values, request_id=step.request_id)
    elif step.do != EXPLAIN_LATENESS or _is_late(desk, actor, ids[step.case]):
        desk.fire(actor, ids[step.case], step.do, data=step.values, comment=step.comment, request_id=step.request_id)


def _is_late(desk: Desk, actor: Actor, case: str) -> bool:
    """Whether there is lateness to explain: where the clock is real the whole story happens today, and nothing is late."""
    return any(each.transition == EXPLAIN_LATENESS and each.allowed for each in desk.options(actor, case))


def read_sample(name: str) -> Any:
    """One of the sample's files, by the same strict reader as a definition."""
    from workflow.loader.report import Report
    from workflow.loader.source import read

    report = Report(name)
    said = read((DIRECTORY / name).read_text(encoding="utf-8"), report)
    report.raise_any()
    return said
