"""What is due once a year and begins with nobody asking: a report on the year that is over (条例 49) which no case is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from storage import versions
from storage.connection import Connection
from storage.statements import ENDED_OF_KIND, RUNNING_OF_KIND
from workflow.case import business_date
from workflow.limit import Unit
from workflow.text import Text

#: Where a case ends that was begun by mistake (销号): nothing came of it.
DISCARDED = "discarded"


def not_begun(db: Connection, bureau: str, today: date) -> Iterator[tuple[Text, Text]]:
    """Which kinds that report on a year have no case of the year that is over, where the office worked with them in it: why, and what to do.

    Such a kind checks a day of its cases to be the last of a year (`check: year_end`).
    """
    end = date(today.year - 1, 12, 31)
    first = {each.id: each for each in reversed(versions.installed(db))}
    for kind, definition in versions.newest(db).items():
        days = {
            day for guard in definition.guards.values() if guard.check == "year_end" for day in guard.params["dates"]
        }
        if not days or business_date(first[kind].accepted_at) > end:
            continue
        rows = (*db.all(RUNNING_OF_KIND, bureau=bureau, kind=kind), *db.all(ENDED_OF_KIND, bureau=bureau, kind=kind))
        told = (json.loads(row["data"]) for row in rows if row["state"] != DISCARDED)
        if end.isoformat() in {said.get(day) for said in told for day in days}:
            continue
        limits = [
            date(today.year, *divmod(each.limit.count, 100))
            for each in definition.deadlines.values()
            if each.anchor and each.anchor.date in days and each.limit.unit is Unit.NEXT_YEAR
        ]
        facts = {"title": definition.title, "end": end, "last": min(limits, default=date(today.year, 12, 31))}
        yield _NOT_BEGUN.filled(**facts), _BEGIN_IT.filled(kind=kind, day=min(days), end=end)


_NOT_BEGUN = Text(
    "{title}：所属年度 {end} 的一件尚未开始，期限为 {last}",
    "{title}: that of the year to {end} is not begun; it is due by {last}",
)
_BEGIN_IT = Text(
    "由办理人运行 gongkai start {kind} --title 标题 --set {day}={end}",
    "who is in charge runs gongkai start {kind} --title TITLE --set {day}={end}",
)
