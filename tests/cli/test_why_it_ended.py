"""A clock that ended late says why, where its own end or a corrected day is the cause: nobody dawdled there."""

from __future__ import annotations

from tests.cli.calling import Type
from tests.cli.test_what_newcomers_ask import REQUEST

TOLD = ("correction_items=身份证明", "correction_days=10", "told_on=2026-03-02")


def test_what_ended_by_running_out_says_what_then_follows(types: Type) -> None:
    number = types(*REQUEST, "--set", "id_number=11010519491231002X").out.strip()
    asks = [word for each in TOLD for word in ("--set", each)]
    assert types("do", number, "ask_correction", *asks, by="zhoujing").code == 0
    assert types("sweep", now="2026-03-25T09:00").code == 0

    shown = types("show", number, now="2026-03-25T09:00").out
    english = types("show", number, now="2026-03-25T09:00", lang="en").out
    clocks = types("show", number, "--json", now="2026-03-25T09:00").json["clocks"]

    line = next(each for each in shown.splitlines() if "补正期限" in each and "结束" in each)
    assert line.endswith("逾期 7 个工作日（届满即“逾期不补正，视为放弃”）")
    assert "(when it ran out: end as not corrected)" in english
    because = {each["id"]: each["because"] for each in clocks}
    assert because["correction_reply"]["zh"] == "届满即“逾期不补正，视为放弃”"
    assert because["reply"] is None


def test_what_ended_since_its_first_day_was_corrected_says_so(types: Type) -> None:
    begins = ("start", "proposal", "--title", "某建议", "--section", "预算科", "--set", "assigned_on=2025-11-01")
    number = types(*begins).out.strip()
    assert types("edit", number, "--set", "assigned_on=2026-02-20", "--comment", "以原件为准").code == 0

    shown = types("show", number).out

    line = next(each for each in shown.splitlines() if "答复期限" in each and "结束" in each)
    assert line.endswith("逾期 16 个工作日（起算日更正，另行计算）")
