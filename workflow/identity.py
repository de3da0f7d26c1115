"""Numbers of identity documents (证件号码): whether a number can be one. The only home of python-stdnum."""

from __future__ import annotations

import re
from datetime import date

_OTHER = re.compile(r"[0-9A-Za-z()\-]{5,30}")


def fits(kind: str, number: str, today: date) -> bool:
    """Whether this can be a number of that kind: a resident's, an organisation's; else letters and digits.

    A resident's number is judged by its check digit (GB 11643) and its day of birth, never by its region: people born
    before their county had its code bear valid numbers.

    >>> fits("resident_id", "11010519491231002X", date(2026, 3, 2)), fits("resident_id", "110105194912310021", date(2026, 3, 2))
    (True, False)
    >>> fits("uscc", "91110000600037341L", date(2026, 3, 2)), fits("passport", "E1234567", date(2026, 3, 2))
    (True, True)
    """
    said = number.strip().upper()
    if kind == "resident_id":
        return _is_resident(said, today)
    if kind == "uscc":
        from stdnum.cn import uscc

        return bool(uscc.is_valid(said))
    return bool(_OTHER.fullmatch(said))


def _is_resident(said: str, today: date) -> bool:
    from stdnum.cn import ric

    if not re.fullmatch(r"\d{17}[\dX]", said) or ric.calc_check_digit(said) != said[-1]:
        return False
    try:
        born = date(int(said[6:10]), int(said[10:12]), int(said[12:14]))
    except ValueError:
        return False
    return date(1850, 1, 1) <= born <= today
