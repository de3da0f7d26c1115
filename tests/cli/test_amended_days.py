"""A notice of mid-year, as whoever loads it reads it: which clock of which case moves, by which paper, and that twice is once."""

from __future__ import annotations

from pathlib import Path

from tests.cli.calling import Type

#: An invented paper: Tuesday 26 May 2026 is off, too, and Saturday the 30th is worked for it.
NOTICE = """
year: 2026
notice: 国办发明电〔2026〕3号
source: https://www.gov.cn/zhengce/2026-05.htm
verified: true
holidays:
  - {name: 调休, off: [2026-03-17, 2026-03-18, 2026-03-19, 2026-03-20], work: [2026-05-30]}
"""
LATER = "2026-03-03T09:00"


def test_what_an_amendment_moves_is_said_in_words_and_loaded_once(types: Type, tmp_path: Path) -> None:
    file = tmp_path / "amend.yaml"
    file.write_text(NOTICE, "utf-8")

    tried = types("calendar", "import", str(file), "--dry-run", by="admin", now=LATER)
    told = types("calendar", "import", str(file), "--dry-run", "--json", by="admin", now=LATER).json["moved"]
    loaded = types("calendar", "import", str(file), by="admin", now=LATER)
    again = types("calendar", "import", str(file), by="admin", now=LATER)
    moved = next(each for each in told if each["deadline"] == "publication")
    story = types("history", moved["case"], by="zhengyan", now=LATER).out

    assert f"{moved['case']}  [法定] 主动公开时限  {moved['from_on']} → {moved['to_on']}" in tried.out
    assert (moved["zh"], moved["clock"]) == ("主动公开时限", "statutory")
    assert "已载入 2026 年的 5 天" in loaded.out
    assert "早已载入，没有改动" in again.out
    assert "依据：国办发明电〔2026〕3号" in story
