"""What a row of a spreadsheet says, before it meets the desk: dates, numbers, noise, hostile text, whole files at fault."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from exchange.columns import NO_MAP, columns_of, recognise
from exchange.dates import Day, NoDay, read_day
from exchange.maps import ColumnMap, read_map
from exchange.records import Reading, Record
from exchange.sheets import read_sheet
from workflow.accepted import definition_from
from workflow.errors import BadFile, Invalid
from workflow.loader import accept, read_catalogue
from workflow.model import Definition

HOUSE = Path(__file__).resolve().parent.parent.parent
DEFINITIONS = HOUSE / "definitions"
TODAY = date(2026, 11, 24)
HEADER = "title,doc_number,issued,published,issuer_site,url"
GOOD = "关于预算的通知,财预〔2023〕1号,2023-06-14,2023-06-20,某市,http://example.cn/1"


@pytest.fixture(scope="module")
def document() -> Definition:
    catalogues = {
        file.stem: read_catalogue(file.read_text(encoding="utf-8"), file.name)
        for file in (DEFINITIONS / "catalogues").glob("*.yaml")
    }
    said = accept((DEFINITIONS / "document.yaml").read_text(encoding="utf-8"), "document.yaml", catalogues)
    return definition_from(said.json, said.digest)


@pytest.fixture
def reads(document: Definition, tmp_path: Path) -> Callable[..., list[Record]]:
    def reads(content: str | bytes, name: str = "some.csv", mapping: ColumnMap = NO_MAP) -> list[Record]:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return records(document, file, mapping)

    return reads


def records(document: Definition, file: Path, mapping: ColumnMap = NO_MAP) -> list[Record]:
    assert document.intake
    sheet = read_sheet(file, lambda cells: recognise(document, cells, mapping))
    places = columns_of(document, document.intake, sheet.header, mapping, file.name)
    return list(Reading(document, document.intake, sheet, places, TODAY, mapping).records())


def rows(*lines: str) -> str:
    return "\n".join((HEADER, *lines)) + "\n"


def codes(record: Record) -> list[str]:
    return [each.code for each in (*record.faults, *record.warnings)]


@pytest.mark.parametrize(
    "typed",
    [
        "2023-06-14",
        "2023/06/14",
        "2023/6/14",
        "2023.6.14",
        "2023年6月14日",
        "2023 年 06 月 14 日",
        "20230614",
        "２０２３－０６－１４",
        "2023-06-14 00:00:00",
        "2023-06-14T08:30:00+08:00",
        "二〇二三年六月十四日",
        "二○二三年六月十四日",
    ],
)
def test_a_day_is_read_in_every_form_that_offices_type(typed: str) -> None:
    assert read_day(typed) == Day(date(2023, 6, 14))


@pytest.mark.parametrize("typed", ["成文日期 ：2023-06-14", "成文日期:2023年6月14日", "发布时间： 2023/6/14"])
def test_a_label_before_a_day_is_taken_off_and_said(typed: str) -> None:
    found = read_day(typed)

    assert isinstance(found, Day)
    assert (found.on, found.code) == (date(2023, 6, 14), "noise")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2023-02-30", "no-such-day"),
        ("2023年13月1日", "no-such-day"),
        ("0000-01-01", "no-such-day"),
        ("2023年6月", "half-date"),
        ("2023-06", "half-date"),
        ("2023", "half-date"),
        ("06/14/2023", "unclear-date"),
        ("14.6.23", "unclear-date"),
        ("明天", "bad-date"),
        ("=DATE(2023,6,14)", "bad-date"),
        ("45091", "bad-date"),
        ("9" * 5000, "bad-date"),
    ],
)
def test_what_is_not_one_certain_day_is_never_guessed(typed: str, code: str) -> None:
    found = read_day(typed)

    assert isinstance(found, NoDay)
    assert found.code == code
    assert len(found.text.zh) < 200


def test_an_excel_serial_number_is_a_day_with_a_remark() -> None:
    assert read_day(45091) == Day(date(2023, 6, 14), "serial", read_day(45091).remark)  # type: ignore[union-attr]


def test_a_good_row_is_a_record_under_the_number_that_excel_shows(reads: Callable[..., list[Record]]) -> None:
    (record,) = reads(rows(GOOD))

    assert record.row == 2
    assert codes(record) == []
    assert record.data == {
        "title": "关于预算的通知",
        "doc_number": "财预〔2023〕1号",
        "formed_on": "2023-06-14",
        "published_on": "2023-06-20",
        "issuer": "某市",
        "source_url": "http://example.cn/1",
    }


def test_every_fault_of_a_row_is_named_at_once_with_its_column(reads: Callable[..., list[Record]]) -> None:
    (record,) = reads(rows(",财预〔2023〕1号,2023-02-30,,某市,http://example.cn/1"))

    assert {(each.code, each.field, each.column, each.row) for each in record.faults} == {
        ("missing", "title", "title", 2),
        ("no-such-day", "formed_on", "issued", 2),
        ("missing", "published_on", "published", 2),
    }


@pytest.mark.parametrize(
    ("row", "code", "enters"),
    [
        ("关于预算的通知,,2023-06-14,2023-06-01,,", "out-of-order", True),
        ("关于预算的通知,,2023-06-14,2036-06-01,,", "future", False),
        ("关于预算的通知,重庆市人民政府令第 9 号,2023-06-14,2023-06-20,,", "form", True),
        ("关于预算的通知,发文字号：财预〔2023〕1号,2023-06-14,2023-06-20,,", "noise", True),
        ("关于预算的通知,财预[2023]01 号,2023-06-14,2023-06-20,,", "noise", True),
        ("\u200b关于预算的通知,,2023-06-14,2023-06-20,,", "invisible", True),
        ("关于\u202e预算的通知,,2023-06-14,2023-06-20,,", "hostile", False),
        ("关于\x1b[31m预算的通知,,2023-06-14,2023-06-20,,", "hostile", False),
        ("关于预算的通知,,2023-06-14\u202e,2023-06-20,,", "hostile", False),
        ("关" * 501 + ",,2023-06-14,2023-06-20,,", "too-long", False),
        ("关,,2023-06-14,2023-06-20,,", "bad-value", False),
        ("关于预算的通知,财预〔2023〕1号,2023-06-14", "columns", False),
        ("关于预算的通知,,2023-06-14,2023-06-20,,,多出一列", "columns", False),
    ],
)
def test_what_is_odd_is_said_and_what_cannot_be_stays_out(
    reads: Callable[..., list[Record]], row: str, code: str, enters: bool
) -> None:
    (record,) = reads(rows(row))

    assert codes(record) == [code]
    assert (record.faults == ()) is enters


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("发文字号：渝府发〔2023〕15号", "渝府发〔2023〕15号"),
        ("渝府发[2023]15号", "渝府发〔2023〕15号"),
        ("渝府发（2023）015 号", "渝府发〔2023〕15号"),
        ("\u200b渝府办发〔2023〕9号", "渝府办发〔2023〕9号"),
        ("粤府办〔2002〕1２号", "粤府办〔2002〕12号"),
        ("重庆市人民政府令第 9 号", None),
    ],
)
def test_a_document_number_enters_in_the_form_of_the_rule(
    reads: Callable[..., list[Record]], typed: str, kept: str | None
) -> None:
    (record,) = reads(rows(f"关于预算的通知,{typed},2023-06-14,2023-06-20,,"))

    assert record.faults == ()
    assert record.data.get("doc_number") == kept
    assert len(record.warnings) == 1


@pytest.mark.parametrize("title", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "<script>alert(1)</script>"])
def test_a_formula_or_markup_is_text(reads: Callable[..., list[Record]], title: str) -> None:
    (record,) = reads(rows(f'"{title}",,2023-06-14,2023-06-20,,'))

    assert record.faults == ()
    assert record.data["title"] == title


def test_a_title_broken_over_lines_is_whole_again(reads: Callable[..., list[Record]]) -> None:
    (record, after) = reads(rows('"关于预算\n  编制的通知",,2023-06-14,2023-06-20,,', GOOD))

    assert record.data["title"] == "关于预算编制的通知"
    assert codes(record) == ["noise"]
    assert after.row == 3


def test_empty_lines_are_skipped_and_counted_in_the_numbers(reads: Callable[..., list[Record]]) -> None:
    found = reads(HEADER + "\n\n" + GOOD + "\n,,,,,\n\n" + GOOD.replace("/1", "/2") + "\n\n")

    assert [each.row for each in found] == [3, 6]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_same_file_is_the_same_in_every_dress(
    reads: Callable[..., list[Record]], delimiter: str, encoding: str, ending: str
) -> None:
    plain = reads(rows(GOOD))

    dressed = reads(rows(GOOD).replace(",", delimiter).replace("\n", ending).encode(encoding))

    assert dressed == plain


def test_headers_are_known_by_any_of_their_names(reads: Callable[..., list[Record]]) -> None:
    content = " 文件名称 ,Doc_Number,成文日期：,公开日期\n关于预算的通知,财预〔2023〕1号,2023-06-14,2023-06-20\n"

    (record,) = reads(content)

    assert codes(record) == []
    assert len(record.data) == 4


def test_a_map_names_columns_that_nobody_could_know(reads: Callable[..., list[Record]]) -> None:
    mapping = read_map("title=文种与题名, formed_on=印发, published_on=上网")

    (record,) = reads("文种与题名,印发,上网\n关于预算的通知,2023-06-14,2023-06-20\n", mapping=mapping)

    assert record.data == {"title": "关于预算的通知", "formed_on": "2023-06-14", "published_on": "2023-06-20"}


@pytest.mark.parametrize(
    ("name", "content"),
    [("map.yaml", "title: 题名\nformed_on: 印发\n"), ("map.json", '{"title": "题名", "formed_on": "印发"}')],
)
def test_a_map_may_be_a_file(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")

    assert read_map(str(tmp_path / name)) == ColumnMap({"title": "题名", "formed_on": "印发"})


@pytest.mark.parametrize(
    "content", ["[1, 2]", "title: [a]", "title: {a: b}", "a: b: c", "[" * 5000, "!!python/name:os.system x"]
)
def test_a_map_that_is_none_is_said_to_be_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "map.yaml").write_text(content, encoding="utf-8")

    with pytest.raises(BadFile):
        read_map(str(tmp_path / "map.yaml"))


@pytest.mark.parametrize("said", ["title", "title=", "=x", "title=a,b"])
def test_a_map_on_the_line_that_is_none_is_said_to_be_so(said: str) -> None:
    with pytest.raises(Invalid):
        read_map(said)


def test_unknown_names_in_a_map_are_all_named(reads: Callable[..., list[Record]]) -> None:
    with pytest.raises(BadFile) as fault:
        reads(rows(GOOD), mapping=ColumnMap({"titel": "title", "issuer": "机关"}))

    assert {each.code for each in fault.value.problems} == {"unknown-field", "unknown-column"}


def test_a_file_without_a_needed_column_says_which_and_what_it_has(reads: Callable[..., list[Record]]) -> None:
    with pytest.raises(BadFile) as fault:
        reads("doc_number_raw,date_raw\n财预〔2023〕1号,2023-06-14\n")

    assert {each.field for each in fault.value.problems} == {"title", "formed_on", "published_on"}
    assert "date_raw" in fault.value.problems[0].text.zh


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (HEADER.encode(), "empty"),
        (PNG, "binary"),
        (b"title,issued\x00\n", "binary"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old-or-encrypted"),
        (b"PK\x03\x04 half a workbook", "damaged"),
        (rows(GOOD).encode()[:-40] + "预".encode()[:2], "cut-off"),
        ((HEADER + '\n"关于预算').encode(), "cut-off"),
        ((HEADER + '\n"关于"预算",,2023-06-14,2023-06-20,,\n').encode(), "quoting"),
        ((HEADER + "\n" + "," * 300 + "x\n").encode(), "too-many-columns"),
        ((HEADER + "\n" + "x" * 200_000 + "\n").encode(), "too-long"),
        (b"\xff\xff\xff\xff,\x81\xff\n", "encoding"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_says_why(
    reads: Callable[..., list[Record]], content: bytes, code: str
) -> None:
    with pytest.raises(BadFile) as fault:
        reads(content)

    assert [each.code for each in fault.value.problems] == [code]


def test_a_file_that_is_not_there_or_is_a_directory_says_so(document: Definition, tmp_path: Path) -> None:
    for where, code in ((tmp_path / "none.csv", "no-file"), (tmp_path, "not-a-file")):
        with pytest.raises(BadFile) as fault:
            records(document, where)
        assert [each.code for each in fault.value.problems] == [code]


def workbook(*lines: tuple[object, ...], sheets: int = 1) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(list(line))
    for number in range(1, sheets):
        book.create_sheet(f"另表{number}")
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_a_workbook_is_read_with_its_types(reads: Callable[..., list[Record]]) -> None:
    content = workbook(
        ("标题", "发文字号", "成文日期", "发布日期"),
        ("关于预算的通知", None, datetime(2023, 6, 14, 9, 30), date(2023, 6, 20)),  # noqa: DTZ001 - as Excel keeps it
        (None, None, None, None),
        ("=cmd|' /C calc'!A0", "财预〔2023〕1号", "2023年6月14日", 45097),
    )

    first, second = reads(content, "some.xlsx")

    assert first.data == {"title": "关于预算的通知", "formed_on": "2023-06-14", "published_on": "2023-06-20"}
    assert (first.row, codes(first)) == (2, [])
    assert second.data["title"] == "=cmd|' /C calc'!A0"
    assert (second.row, second.data["published_on"], codes(second)) == (4, "2023-06-20", ["serial"])


def test_only_the_first_sheet_is_read_and_that_is_said(document: Definition, tmp_path: Path) -> None:
    (tmp_path / "two.xlsx").write_bytes(
        workbook(("title", "issued", "published"), ("关于预算", "2023-06-14", "2023-06-20"), sheets=3)
    )

    sheet = read_sheet(tmp_path / "two.xlsx", lambda cells: 0)

    assert len(sheet.rows) == 1
    assert "3" in sheet.notes[0].zh


def test_a_workbook_cut_in_half_is_damaged(reads: Callable[..., list[Record]]) -> None:
    content = workbook(("title", "issued", "published"), *(("关于预算", "2023-06-14", "2023-06-20"),) * 50)

    with pytest.raises(BadFile) as fault:
        reads(content[: len(content) // 2], "half.xlsx")

    assert [each.code for each in fault.value.problems] == ["damaged"]


def test_an_archive_that_would_unpack_to_harm_is_not_opened(reads: Callable[..., list[Record]]) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(600):
                part.write(bytes(1024 * 1024))

    with pytest.raises(BadFile) as fault:
        reads(bomb.getvalue(), "bomb.xlsx")

    assert [each.code for each in fault.value.problems] == ["too-large"]


def test_an_archive_that_is_no_workbook_says_so(reads: Callable[..., list[Record]]) -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")

    with pytest.raises(BadFile) as fault:
        reads(other.getvalue(), "letter.xlsx")

    assert [each.code for each in fault.value.problems] == ["not-a-workbook"]
