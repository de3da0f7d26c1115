"""An invented notice for 2027, whole: the seven festivals of a year, with one of them as a test needs it."""

from __future__ import annotations

import json

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


def of_holiday_cn(*names: str) -> str:
    """A file of holiday-cn for 2027 with the first days of these festivals only."""
    first = {name: said.removeprefix("off: ")[:10] for name, said in FESTIVALS.items()}
    days = [{"name": name, "date": first[name], "isOffDay": True} for name in names]
    return json.dumps({"year": 2027, "papers": ["https://www.gov.cn/n.htm"], "days": days}, ensure_ascii=False)
