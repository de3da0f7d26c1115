"""A last day that a letter has told is the same in every print of it, whatever its clock does afterwards (LAW 14)."""

from __future__ import annotations

from pathlib import Path

from tests.cli.calling import Type

#: An invented paper: four working days of March are off.
NOTICE = """
year: 2026
notice: 国办发明电〔2026〕3号
source: https://www.gov.cn/zhengce/2026-03.htm
verified: true
holidays:
  - {name: 调休, off: [2026-03-17, 2026-03-18, 2026-03-19, 2026-03-20], work: [2026-05-30]}
"""
RECEIVED, TOLD, AFTER = "2026-03-02T09:00", "2026-03-16T09:00", "2026-03-24T09:00"

#: What each letter tells, counted by hand from 2 March, or from 16 March: 4 to 6 April are off.
TOLD_DAYS = {
    "registration": {"reply": "2026-03-30"},
    "correction_notice": {"correction_reply": "2026-03-23"},
    "reasons_notice": {"reasons": "2026-03-23"},
    "fee_notice": {"payment": "2026-03-30"},
    "acceptance": {"decision": "2026-03-30"},
    "extension_notice": {"reply": "2026-04-28"},
    "licence_extension": {"decision": "2026-04-14"},
    "deferral_notice": {"deferred_reply": "2026-04-28"},
    "third_party_inquiry": {"outside": "2026-04-07"},
    "return_slip": {"rework": "2026-03-19"},
}
Letters = dict[str, tuple[str, str, str]]  # number, letter, who prints it


def _starts(types: Type, kind: str, title: str, *data: str, by: str = "sunli") -> str:
    said = [word for each in data for word in ("--set", each)]
    typed = types("start", kind, "--title", title, *said, by=by, now=RECEIVED)
    assert typed.code == 0, typed.said
    return typed.out.split()[0]


def _does(types: Type, now: str, number: str, step: str, *data: str, by: str = "sunli", said: str = "") -> str:
    words = [word for each in data for word in ("--set", each)]
    done = types("do", number, step, *words, *(["--comment", said] if said else []), by=by, now=now)
    assert done.code == 0, done.said
    return number


def _request(types: Type) -> str:
    applicant = ("applicant_name=陈明", "applicant_kind=natural", "contact=13912345678", "subject=2025年度预算执行情况")
    return _starts(types, "request", "申请公开预算执行情况", "channel=counter", "submitted_on=2026-03-02", *applicant)


def _told(types: Type) -> Letters:
    """Every letter that tells a day, told on 2 or on 16 March."""
    slow, unclear, many, dear = (_request(types) for _ in range(4))
    _does(
        types,
        RECEIVED,
        unclear,
        "ask_correction",
        "correction_items=请写明文号",
        "correction_days=15",
        "told_on=2026-03-02",
    )
    _does(types, RECEIVED, many, "ask_reasons", "reasons_days=15", "told_on=2026-03-02", said="本月已提出三十五件")
    _does(types, RECEIVED, dear, "charge", "fee_basis=by_item", "month_items=35", "told_on=2026-03-02")
    agency = ("agency=某咨询公司", "agency_code=91330103MA27XXXX1Q", "received_on=2026-03-02")
    licence = _starts(types, "licence", "申请代理记账许可", *agency, by="huxiao")
    _does(types, RECEIVED, licence, "accept", by="huxiao")
    _does(types, TOLD, licence, "extend", "extension_days=10", "extension_reason=需向外地核实人员", by="chenguohua")
    _does(types, TOLD, licence, "tell_extension", "extension_told_on=2026-03-16", by="huxiao")
    _does(types, TOLD, many, "take_reasons", "reasons_text=课题研究所需", "reasons_view=reasonable")
    _does(types, TOLD, many, "defer", "deferral_days=30", "deferral_reason=件数较多，分批检索", by="zhoujing")
    _does(types, TOLD, slow, "extend", "extension_days=20", "extension_reason=所涉档案数量较大", by="zhoujing")
    _does(
        types,
        TOLD,
        slow,
        "consult_third_party",
        "party=示范建设公司",
        "question=是否同意公开报价",
        "consulted_on=2026-03-16",
    )
    asked = types("list", "--kind", "opinion", "--json", now=TOLD).json["cases"][0]["number"]
    paper = _starts(types, "document", "关于印发办法的通知", by="wangmin")
    _does(types, RECEIVED, paper, "submit", by="wangmin")
    _does(types, RECEIVED, paper, "endorse", by="liuqiang")
    _does(types, TOLD, paper, "return", by="zhoujing", said="未标注公开属性")
    return {
        "registration": (slow, "registration", "sunli"),
        "correction_notice": (unclear, "correction_notice", "sunli"),
        "reasons_notice": (many, "reasons_notice", "sunli"),
        "fee_notice": (dear, "fee_notice", "sunli"),
        "acceptance": (licence, "acceptance", "huxiao"),
        "extension_notice": (slow, "extension_notice", "sunli"),
        "licence_extension": (licence, "extension_notice", "huxiao"),
        "deferral_notice": (many, "deferral_notice", "sunli"),
        "third_party_inquiry": (asked, "third_party_inquiry", "sunli"),
        "return_slip": (paper, "return_slip", "zhoujing"),
    }


def _prints(types: Type, letters: Letters, now: str) -> dict[str, tuple[dict[str, str], str]]:
    """The days that each letter tells, and its text without the line of its date: a slip bears the day on which it is printed."""
    said = {
        name: types("letter", number, letter, "--json", by=by, now=now)
        for name, (number, letter, by) in letters.items()
    }
    assert not [each.said for each in said.values() if each.code]
    return {name: (each.json["last_days"], each.json["content"].rsplit("\n", 2)[0]) for name, each in said.items()}


def test_a_letter_printed_again_tells_the_day_that_it_told(types: Type, tmp_path: Path) -> None:
    letters = _told(types)
    slow = letters["extension_notice"][0]
    first = _prints(types, letters, TOLD)

    file = tmp_path / "amend.yaml"
    file.write_text(NOTICE, "utf-8")
    moved = types("calendar", "import", str(file), "--dry-run", "--json", by="admin", now=TOLD).json["moved"]
    assert types("calendar", "import", str(file), by="admin", now="2026-03-16T10:00").code == 0
    _does(types, AFTER, slow, "stop_consulting", said="不再需要第三方意见")
    again = _prints(types, letters, AFTER)
    listed = types("letter", slow, now=AFTER).out

    assert {name: days for name, (days, _) in first.items()} == TOLD_DAYS
    assert {each["case"] for each in moved} >= {number for number, _, _ in letters.values()}
    assert again == first
    # what was told stands beside the letter that told it, though the clock has moved on
    assert "延期告知书  答复期限 2026-04-28" in listed
    assert "2026-04-28" not in types("show", slow, now=AFTER).out
