"""An invented notice for 2027, whole: the seven festivals of a year, with one of them as a test needs it."""

from __future__ import annotations

import json
from datetime import date, timedelta

FESTIVALS = {
    "元旦": "off: 2027-01-01..2027-01-03",
    "春节": "off: 2027-02-05..2027-02-11",
    "清明节": "off: 2027-04-05",
    "劳动节": "off: 2027-05-01..2027-05-05",
    "端午节": "off: 2027-06-09",
    "中秋节": "off: 2027-09-15",
    "国庆节": "off: 2027-10-01..2027-10-07",
}


def year_2027(number: str = "国办发明电〔2026〕9号", leave_out: tuple[str, ...] = (), **days: str) -> str:
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
    return "\n".join((*head, *lines)) + "\n"


def of_holiday_cn(*names: str, most: int = 31) -> str:
    """A file of holiday-cn for 2027 with these festivals only, each with its days off or so many of them at most."""
    days = [
        {"name": name, "date": on.isoformat(), "isOffDay": True}
        for name in names
        for on in _days(FESTIVALS[name])[:most]
    ]
    return json.dumps({"year": 2027, "papers": ["https://www.gov.cn/n.htm"], "days": days}, ensure_ascii=False)


def _days(said: str) -> list[date]:
    first, _, last = said.removeprefix("off: ").partition("..")
    begins, ends = date.fromisoformat(first), date.fromisoformat(last or first)
    return [begins + timedelta(days=n) for n in range((ends - begins).days + 1)]
