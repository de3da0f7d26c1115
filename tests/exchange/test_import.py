"""Files through the desk: the real documents, twice, cut short, in another encoding; and back out again."""

from __future__ import annotations

import csv
import gc
import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import pytest
from openpyxl import load_workbook

from exchange import ImportReport, export_file, import_file
from storage import Desk
from storage.sample import add_bureau
from storage.setup import initialise
from tests.factories import WHOLE
from workflow.case import Actor
from workflow.errors import BadFile, Denied, GongkaiError, Invalid, NotFound, StorageFault

HOUSE = Path(__file__).resolve().parent.parent.parent
REAL = HOUSE.parent / "shared" / "data" / "docs_zh"
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
HEADER = "title,doc_number,issued,published,issuer_site,url"

real_documents = pytest.mark.skipif(not REAL.is_dir(), reason="the real documents do not lie beside the repository")


def written(where: Path, *lines: str) -> Path:
    where.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return where


def line(number: int, issued: str = "2023-06-14", published: str = "2023-06-20") -> str:
    return f"关于第{number}号预算的通知,财预〔2023〕{number}号,{issued},{published},某市,http://example.cn/{number}"


def counted(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.accepted, report.warned, report.refused, report.unchanged, report.held_back


def numbers(desk: Desk) -> int:
    return desk.verify().cases


def test_what_is_of_this_year_goes_by_the_procedure_but_for_a_leader(desk: Desk, office: Actor, tmp_path: Path) -> None:
    # 条例 17: what was not examined is not public because a file says so.
    # What was signed on the last day of December and published in January was published this year.
    days = (("2025-12-30", "2025-12-31"), ("2025-12-31", "2026-01-04"), ("2026-01-01", "2026-01-05"))
    file = written(tmp_path / "three.csv", *(line(number, *each) for number, each in enumerate(days, 1)))

    refused = import_file(desk, office, "document", file, section="办公室")
    by_leader = import_file(desk, desk.actor("chenguohua"), "document", file, section="办公室")

    assert counted(refused) == (1, 0, 2, 0, 0)
    assert [(each.row, "局领导" in each.text.zh) for each in refused.problems] == [(3, True), (4, True)]
    assert by_leader.entered == 2


def test_past_records_enter_as_published_with_their_lateness(desk: Desk, tmp_path: Path) -> None:
    office = desk.actor("chenguohua")
    file = written(
        tmp_path / "five.csv",
        line(1, "2026-02-13", "2026-03-19"),  # the last day: 20 working days over the Spring Festival
        line(2, "2026-02-13", "2026-03-20"),  # one working day late
        line(3, "2008-04-30", "2010-01-01"),  # before the regulation
        line(4, "1999-04-30", "2010-01-01"),  # before the calendar
        line(5, "2023-06-14", "2023-06-01"),  # published before it was formed
    )

    report = import_file(desk, office, "document", file, section="办公室")

    assert counted(report) == (4, 1, 0, 0, 0)
    assert (report.on_time, report.late, report.late_days, report.not_computable) == (2, 1, 1, 2)
    assert any("2008-05-01" in note.zh for note in report.notes)
    assert any("2004" in note.zh for note in report.notes)
    rows, _ = desk.list_cases(office, kind="document", state="published", limit=50)
    assert len(rows) == 5
    assert desk.verify().problems == ()


def test_a_bad_row_stops_nobody_and_is_named(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "mixed.csv", line(1), ",,2023-06-14,2023-06-20,,", line(3), line(4, "2023-02-30"))

    report = import_file(desk, office, "document", file, section="办公室")

    assert counted(report) == (2, 0, 2, 0, 0)
    assert [(each.row, each.code, each.column) for each in report.problems] == [
        (3, "missing", "title"),
        (5, "no-such-day", "issued"),
    ]
    assert not report.ok


def test_a_row_that_is_not_what_the_import_takes_in_stays_out(desk: Desk, office: Actor, tmp_path: Path) -> None:
    """报告 一(一): what a register marks as not public, or does not mark at all, is not published because a file says so."""
    file = tmp_path / "marked.csv"
    said = ("主动公开", "不予公开", "依申请公开", "", "内部", "proactive")
    rows = [f"{line(number)},{attribute}" for number, attribute in enumerate(said, 1)]
    file.write_text("\n".join((f"{HEADER},公开属性", *rows)) + "\n", encoding="utf-8")

    report = import_file(desk, office, "document", file, section="办公室")

    assert counted(report) == (2, 0, 4, 0, 0)
    assert [(each.row, each.code, each.column) for each in report.problems] == [
        (3, "not-taken-in", "公开属性"),
        (4, "not-taken-in", "公开属性"),
        (5, "missing", "公开属性"),
        (6, "unmatched", "公开属性"),
    ]
    assert report.problems[0].text.zh.startswith("“公开属性”为“不予公开”，而导入只收“主动公开”的记录")
    assert "is “withheld”, and only what is “proactive” is taken in" in report.problems[0].text.en
    assert all("公开属性" not in note.zh for note in report.notes)


def test_all_or_nothing_means_nothing(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "mixed.csv", line(1), ",,2023-06-14,2023-06-20,,", line(3))

    report = import_file(desk, office, "document", file, section="办公室", all_or_nothing=True)

    assert counted(report) == (0, 0, 1, 0, 2)
    assert numbers(desk) == 0


def test_all_or_nothing_takes_all_of_a_good_file(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "good.csv", *(line(number) for number in range(1, 1201)))

    report = import_file(desk, office, "document", file, section="办公室", all_or_nothing=True)

    assert counted(report) == (1200, 0, 0, 0, 0)
    assert numbers(desk) == 1200


def test_a_dry_run_says_the_same_and_writes_nothing(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "mixed.csv", line(1), ",,2023-06-14,2023-06-20,,", line(3))

    dry = import_file(desk, office, "document", file, section="办公室", dry_run=True)
    before = numbers(desk)
    wet = import_file(desk, office, "document", file, section="办公室")

    assert before == 0
    assert counted(dry) == counted(wet) == (2, 0, 1, 0, 0)
    assert (dry.on_time, dry.late) == (wet.on_time, wet.late)


def test_the_same_file_again_changes_nothing(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "three.csv", line(1), line(2), line(3))
    import_file(desk, office, "document", file, section="办公室")
    before = desk.verify()

    again = import_file(desk, office, "document", file, section="办公室")

    assert counted(again) == (0, 0, 0, 3, 0)
    assert desk.verify() == before


def test_another_hand_brings_in_nothing_twice(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "three.csv", line(1), line(2), line(3))
    import_file(desk, office, "document", file, section="办公室")

    again = import_file(desk, desk.actor("zhoujing"), "document", file, section="办公室")

    assert counted(again) == (0, 0, 0, 3, 0)
    assert numbers(desk) == 3


def test_another_dress_of_the_same_record_is_the_same_record(desk: Desk, office: Actor, tmp_path: Path) -> None:
    import_file(desk, office, "document", written(tmp_path / "plain.csv", line(1)), section="办公室")
    (tmp_path / "dressed.csv").write_bytes(
        f"{HEADER}\n 关于第1号预算的通知 ,发文字号：财预[2023]1号,2023年6月14日,2023/6/20,某市,http://example.cn/1\n".encode(
            "gb18030"
        )
    )

    again = import_file(desk, office, "document", tmp_path / "dressed.csv", section="办公室")

    assert counted(again) == (0, 0, 0, 1, 0)


def test_a_known_record_that_says_otherwise_is_pointed_out_and_stays(desk: Desk, office: Actor, tmp_path: Path) -> None:
    import_file(desk, office, "document", written(tmp_path / "one.csv", line(1)), section="办公室")

    again = import_file(
        desk, office, "document", written(tmp_path / "two.csv", line(1, published="2023-06-21")), section="办公室"
    )

    assert counted(again) == (0, 0, 0, 1, 0)
    assert [(each.row, each.code, each.field) for each in again.problems] == [(2, "differs", "published_on")]


def test_a_row_twice_in_one_file_enters_once_and_a_contradiction_is_refused(
    desk: Desk, office: Actor, tmp_path: Path
) -> None:
    file = written(tmp_path / "twice.csv", line(1), line(2), line(1), line(2, published="2023-06-30"))

    report = import_file(desk, office, "document", file, section="办公室")

    assert counted(report) == (2, 0, 1, 1, 0)
    assert [(each.row, each.code) for each in report.problems] == [(4, "repeated"), (5, "contradicts")]


def test_who_may_not_publish_may_not_import(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path / "one.csv", line(1))

    for person in ("wangmin", "zhengyan", "admin"):
        with pytest.raises((Denied, NotFound)):
            import_file(desk, desk.actor(person), "document", file, section="办公室")
    assert numbers(desk) == 0


def test_who_may_import_nothing_is_not_told_whether_a_record_is_here(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "records.csv", line(1))
    import_file(desk, office, "document", file, section="办公室")

    for person in ("wangmin", "zhengyan", "admin"):
        with pytest.raises(Denied):
            import_file(desk, desk.actor(person), "document", file, section="办公室", dry_run=True)


def test_an_unknown_kind_section_or_file_is_a_clear_no(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "one.csv", line(1))

    with pytest.raises(GongkaiError):
        import_file(desk, office, "memo", file)
    with pytest.raises(GongkaiError):
        import_file(desk, office, "document", file, section="没有的科")
    with pytest.raises(BadFile):
        import_file(desk, office, "document", tmp_path / "none.csv", section="办公室")
    assert numbers(desk) == 0


def test_progress_is_told_and_ends_at_the_whole(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "many.csv", *(line(number) for number in range(1, 1101)))
    told: list[tuple[int, int]] = []

    import_file(
        desk, office, "document", file, section="办公室", progress=lambda done, total: told.append((done, total))
    )

    assert told[-1] == (1100, 1100)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) > 1


# The real documents.


def independently_counted(file: Path) -> tuple[int, int, int]:
    """Rows, rows that lack what every record needs, and rows published before they were formed: by the csv module alone."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    whole = [row for row in rows if row["title"].strip() and row["issued"].strip() and row["published"].strip()]
    backward = [row for row in whole if date.fromisoformat(row["published"]) < date.fromisoformat(row["issued"])]
    return len(rows), len(rows) - len(whole), len(backward)


@real_documents
@pytest.mark.parametrize(("name", "noisy"), [("state_council", 0), ("guangdong", 3), ("sichuan", 0)])
def test_the_real_documents_enter_row_by_row_and_only_once(desk: Desk, office: Actor, name: str, noisy: int) -> None:
    rows, incomplete, backward = independently_counted(REAL / f"{name}.csv")

    report = import_file(desk, office, "document", REAL / f"{name}.csv", section="办公室")
    again = import_file(desk, office, "document", REAL / f"{name}.csv", section="办公室")

    assert report.rows == rows
    assert (report.refused, report.warned) == (incomplete, backward + noisy)
    assert report.accepted == rows - incomplete - backward - noisy
    assert report.on_time + report.late + report.not_computable == report.entered
    assert counted(again) == (0, 0, incomplete, rows - incomplete, 0)
    assert desk.verify().problems == ()


@real_documents
@pytest.mark.two_forms
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_the_real_documents_in_another_encoding_are_the_same(
    desk: Desk, office: Actor, tmp_path: Path, encoding: str
) -> None:
    original, copy = tmp_path / "original.csv", tmp_path / "copy.csv"
    with (REAL / "sichuan.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(islice(csv.reader(opened), None if WHOLE else 300))
    for place, way in ((original, "utf-8"), (copy, encoding)):
        with place.open("w", encoding=way, newline="") as opened:
            csv.writer(opened).writerows(rows)
    first = import_file(desk, office, "document", original, section="办公室")

    second = import_file(desk, office, "document", copy, section="办公室")

    assert second.unchanged == first.entered
    assert second.entered == 0


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from exchange import import_file
from storage import Desk
now = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
def progress(done, total):
    if done >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
with Desk.open(sys.argv[1], clock=lambda: now) as desk:
    import_file(desk, desk.actor("sunli"), "document", sys.argv[2], section="办公室", progress=progress)
"""


@pytest.mark.parametrize("after", [1, 1000])
def test_an_import_killed_in_the_middle_is_finished_by_running_it_again(url: str, tmp_path: Path, after: int) -> None:
    file = written(tmp_path / "many.csv", *(line(number) for number in range(1, 1801)))

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(file), str(after)],
        cwd=HOUSE,
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    with Desk.open(url, clock=lambda: NOW) as desk:
        stands = desk.verify()
        rest = import_file(desk, desk.actor("sunli"), "document", file, section="办公室")
        assert stands.problems == ()
        assert 0 < stands.cases < 1800
        assert (rest.unchanged, rest.accepted) == (stands.cases, 1800 - stands.cases)
        assert numbers(desk) == 1800


# Out, and back in.


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_goes_out_comes_back_unchanged(desk: Desk, office: Actor, tmp_path: Path, ending: str, lang: str) -> None:
    import_file(desk, office, "document", written(tmp_path / "in.csv", line(1), line(2), line(3)), section="办公室")
    drafter = desk.actor("wangmin")
    desk.start(drafter, "document", title="=cmd|' /C calc'!A0", section="预算科", data={"attribute": "proactive"})
    out = tmp_path / f"out.{ending}"

    assert export_file(desk, office, "document", out, lang=lang) == 4  # type: ignore[arg-type]
    back = import_file(desk, office, "document", out, section="办公室")

    assert counted(back) == (0, 0, 0, 4, 0)
    assert numbers(desk) == 4


def test_an_export_taken_to_another_office_enters_there(desk: Desk, office: Actor, tmp_path: Path) -> None:
    import_file(desk, office, "document", written(tmp_path / "in.csv", line(1), line(2)), section="办公室")
    export_file(desk, office, "document", tmp_path / "out.xlsx")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    initialise(other, sandbox=True, clock=lambda: NOW, login=None)

    with Desk.open(other, clock=lambda: NOW) as there:
        add_bureau(there, there.actor("admin"))
        report = import_file(there, there.actor("sunli"), "document", tmp_path / "out.xlsx", section="办公室")

    assert counted(report) == (2, 0, 0, 0, 0)


def test_excel_finds_chinese_days_and_no_formula(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "in.csv", "=cmd|' /C calc'!A0,,2023-06-14,2023-06-20,,", line(2))
    import_file(desk, office, "document", file, section="办公室")

    export_file(desk, office, "document", tmp_path / "out.csv")
    export_file(desk, office, "document", tmp_path / "out.xlsx")

    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as opened:
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(opened) for cell in row)
    sheet = load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    header = [cell.value for cell in sheet[1]]
    assert sheet.freeze_panes == "A2"
    assert {"事项编号", "标题", "成文日期", "公开属性"} <= set(header)
    titles = [sheet.cell(row, header.index("标题") + 1) for row in (2, 3)]
    assert {cell.data_type for cell in titles} == {"s"}
    assert sheet.cell(2, header.index("成文日期") + 1).value == datetime(2023, 6, 14)  # noqa: DTZ001 - as Excel keeps it
    assert "主动公开" in [sheet.cell(2, column).value for column in range(1, len(header) + 1)]


def test_everybody_takes_out_only_what_they_see(desk: Desk, office: Actor, tmp_path: Path) -> None:
    for section, person in (("预算科", "wangmin"), ("国库科", "xujia")):
        desk.start(desk.actor(person), "document", title=f"{section}的通知", section=section)

    assert export_file(desk, desk.actor("wangmin"), "document", tmp_path / "mine.csv") == 1
    assert export_file(desk, desk.actor("zhengyan"), "document", tmp_path / "all.csv") == 2
    assert "国库科" not in (tmp_path / "mine.csv").read_text(encoding="utf-8-sig")


def test_a_place_that_cannot_be_written_is_said_and_nothing_is_left(desk: Desk, office: Actor, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        export_file(desk, office, "document", tmp_path / "out.pdf")
    with pytest.raises(StorageFault):
        export_file(desk, office, "document", tmp_path / "nowhere" / "out.csv")
    assert list(tmp_path.glob(".*out*")) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_that_finds_no_room_is_one_sentence_about_the_file(
    desk: Desk, office: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    (tmp_path / f".out.{ending}.{os.getpid()}").symlink_to("/dev/full")
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)

    with pytest.raises(StorageFault) as caught:
        export_file(desk, office, "document", tmp_path / f"out.{ending}")
    caught.value.__cause__ = None
    gc.collect()

    assert caught.value.said.en.startswith(f"file out.{ending} cannot be written (")
    assert complaints == []
    assert list(tmp_path.glob("*out*")) == []
