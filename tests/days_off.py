"""An invented notice for 2027, whole: the seven festivals of a year, with one of them as a test needs it.

What it gives beyond the days off by law is made up on Saturdays at the end of the year, where no test counts.
"""

from __future__ import annotations

import json
from datetime import date, timedelta

from workflow.workdays import calendar_file

#: 全国年节及纪念日放假办法 2, from 2025 on.
BY_LAW = 13
LAST_SATURDAYS = [date(2027, 12, 25) - timedelta(weeks=n) for n in range(8)]

FESTIVALS = {
    "元旦": "off: 2027-01-01..2027-01-03",
    "春节": "off: 2027-02-05..2027-02-11",
    "清明节": "off: 2027-04-05",
    "劳动节": "off: 2027-05-01..2027-05-05",
    "端午节": "off: 2027-06-09",
    "中秋节": "off: 2027-09-15",
    "国庆节": "off: 2027-10-01..2027-10-07",
}


def year_2027(
    number: str = "国办发明电〔2026〕9号", leave_out: tuple[str, ...] = (), *, made_up: bool = True, **days: str
) -> str:
    """The file as docs/clocks.md shows it; `days` gives a festival other days, `leave_out` leaves some unsaid."""
    said = {name: days.get(name, off) for name, off in FESTIVALS.items() if name not in leave_out}
    lines = [f"  - {{name: {name}, {off}}}" for name, off in said.items()]
    head = [
        "year: 2027",
        f"notice: {number}",
        "source: https://www.gov.cn/zhengce/2027.htm",
        "verified: true",
        "holidays:",
    ]
    text = "\n".join((*head, *lines)) + "\n"
    owed = [each.isoformat() for each in LAST_SATURDAYS[: _owed(text)]]
    return text + f"  - {{name: 国庆节, work: [{', '.join(owed)}]}}\n" if made_up and owed else text


def of_holiday_cn(*names: str, most: int = 31, made_up: bool = True) -> str:
    """A file of holiday-cn for 2027 with these festivals only, each with its days off or so many of them at most."""
    days = [
        {"name": name, "date": on.isoformat(), "isOffDay": True}
        for name in names
        for on in _days(FESTIVALS[name])[:most]
    ]
    said = {"year": 2027, "papers": ["https://www.gov.cn/n.htm"], "days": days}
    owed = LAST_SATURDAYS[: _owed(json.dumps(said))] if made_up else []
    days += [{"name": "国庆节", "date": on.isoformat(), "isOffDay": False} for on in owed]
    return json.dumps(said, ensure_ascii=False)


def _owed(text: str) -> int:
    """How many days off these files give in 2027 beyond those of the law."""
    days = [each for each in calendar_file(text, "2027")[0] if each.on.year == 2027]
    return max(0, sum((each.on.weekday() < 5) - each.workday for each in days) - BY_LAW)


def _days(said: str) -> list[date]:
    first, _, last = said.removeprefix("off: ").partition("..")
    begins, ends = date.fromisoformat(first), date.fromisoformat(last or first)
    return [begins + timedelta(days=n) for n in range((ends - begins).days + 1)]
