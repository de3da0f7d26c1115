"""Past proposals and closed requests: the real files, files with what is odd in them, by the desk and by the command line."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from exchange import export_file, import_file, read_map
from storage import Desk
from tests.cli.calling import Call, Type, call_with
from workflow.case import Actor

HOUSE = Path(__file__).resolve().parent.parent.parent
DATA = HOUSE.parent / "shared" / "data"
PROPOSALS = DATA / "proposals" / "jiangsu_cppcc_2019.csv"
REQUESTS = DATA / "request_logs" / "doj_oip_2017.csv"
MAP = HOUSE / "examples" / "doj_requests.map.yaml"
HEADER = "number,submitted,title,type,year,proposer_kind"

real_files = pytest.mark.skipif(not DATA.is_dir(), reason="the real files do not lie beside the repository")


def written(where: Path, header: str, *lines: str) -> Path:
    where.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return where


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


# Proposals


def test_a_past_proposal_is_recorded_and_no_clock_is_counted(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(
        tmp_path / "one.csv", HEADER, "127,2019-01-15 10:15:32,关于加快绿色债券发展的建议,财税金融,2019,个人或联名"
    )

    report = import_file(desk, office, "proposal", file, section="办公室")

    ((row,), _) = desk.list_cases(office, kind="proposal", limit=5)
    case = desk.case(office, row.id).case
    assert (report.accepted, report.problems) == (1, ())
    assert (report.on_time, report.late, report.not_computable, report.clock_counted) == (0, 0, 0, False)
    assert "不计时限" in report.timeliness.zh
    assert case.state == "recorded"
    assert case.closed_at is not None
    assert (case.data["submitted_on"], case.data["year"]) == ("2019-01-15", 2019)
    assert case.data["proposer_kind"] == "individual"
    assert desk.clocks(office, case.id) == ()


def test_what_is_odd_in_a_register_of_proposals_is_told_row_by_row(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(
        tmp_path / "odd.csv",
        HEADER,
        "1,2019-01-12 16:24:23,关于第一件事的建议,经济发展,2019,集体",
        "2,,关于第二件事的建议,经济发展,2019,集体",
        "3,2019-01,关于第三件事的建议,经济发展,2019,集体",
        "4,2019-02-30,关于第四件事的建议,经济发展,2019,集体",
        "5,2019-01-12,,经济发展,2019,集体",
        "6,2019-01-12,关于第六件事的建议,经济发展,二〇一九,集体",
        "7,2019-01-12,关于第七件事的建议,经济发展,1848,集体",
        "8,2019-01-12,关于第八件事的建议,经济发展,2019,界别",
        "9,2019-01-12,关于第九件事的建议,,2019,",
        "10,2019-01-12,关于第\u202e十件事的建议,经济发展,2019,集体",
        "1,2019-01-13,关于第一件事的建议,经济发展,2019,集体",
        "12,01/12/2019,关于第十二件事的建议,经济发展,2019,集体",
    )

    report = import_file(desk, office, "proposal", file, section="办公室")

    assert (report.accepted, report.warned, report.refused) == (2, 0, 10)
    assert [(each.row, each.code, each.column) for each in report.problems] == [
        (3, "missing", "submitted"),
        (4, "half-date", "submitted"),
        (5, "no-such-day", "submitted"),
        (6, "missing", "title"),
        (7, "bad-value", "year"),
        (8, "bad-value", "year"),
        (9, "unmatched", "proposer_kind"),
        (11, "hostile", "title"),
        (12, "contradicts", None),
        (13, "unclear-date", "submitted"),
    ]
    assert [(each.value, each.rows) for each in report.unmatched] == [("界别", (9,))]
    assert [note.zh for note in report.notes if "留空" in note.zh] == [
        "“type”一列留空照收 1 行：第 10 行",
        "“proposer_kind”一列留空照收 1 行：第 10 行",
    ]


@real_files
def test_the_real_proposals_enter_once_and_as_they_are(desk: Desk, office: Actor) -> None:
    rows = read(PROPOSALS)

    report = import_file(desk, office, "proposal", PROPOSALS, section="办公室")
    before = desk.verify()
    again = import_file(desk, office, "proposal", PROPOSALS, section="办公室")

    listed, _ = desk.list_cases(office, kind="proposal", limit=500)
    cases = [desk.case(office, each.id).case for each in listed]
    kinds = {"individual": "个人或联名", "collective": "集体"}
    assert (report.rows, report.accepted, report.warned, report.refused) == (len(rows), len(rows), 0, 0)
    assert (again.unchanged, again.entered, desk.verify()) == (len(rows), 0, before)
    assert Counter(
        (
            c.data["proposal_number"],
            c.title,
            c.data["submitted_on"],
            c.data["topic"],
            kinds[str(c.data["proposer_kind"])],
        )
        for c in cases
    ) == Counter((r["number"], r["title"], r["submitted"][:10], r["type"], r["proposer_kind"]) for r in rows)
    assert {case.state for case in cases} == {"recorded"}
    assert before.problems == ()


@real_files
def test_the_real_proposals_go_out_and_come_back(desk: Desk, office: Actor, tmp_path: Path) -> None:
    import_file(desk, office, "proposal", PROPOSALS, section="办公室")

    count = export_file(desk, office, "proposal", tmp_path / "out.xlsx")
    back = import_file(desk, office, "proposal", tmp_path / "out.xlsx", section="办公室")

    assert (count, back.unchanged, back.entered, back.refused) == (207, 207, 0, 0)


# Requests


@real_files
def test_the_real_requests_enter_with_our_outcomes_but_for_what_the_map_leaves_out(desk: Desk, office: Actor) -> None:
    mapping = read_map(str(MAP))
    table = mapping.values["outcome"]
    rows = read(REQUESTS)
    known = [row for row in rows if row["disposition"] in table]
    left_out = Counter(row["disposition"] for row in rows if row["disposition"] not in table)

    report = import_file(desk, office, "request", REQUESTS, mapping=mapping, section="办公室")
    before = desk.verify()
    again = import_file(desk, office, "request", REQUESTS, mapping=mapping, section="办公室")

    listed, _ = desk.list_cases(office, kind="request", limit=500)
    outcomes = Counter(desk.case(office, each.id).case.data["outcome"] for each in listed)
    assert (report.rows, report.entered, report.refused) == (len(rows), len(known), len(rows) - len(known))
    assert {each.value: len(each.rows) for each in report.unmatched} == left_out
    assert all(rows[row - 2]["disposition"] == each.value for each in report.unmatched for row in each.rows)
    assert outcomes == Counter(table[row["disposition"]] for row in known)
    assert (again.unchanged, again.entered, desk.verify()) == (len(known), 0, before)
    assert before.problems == ()


@real_files
def test_the_real_requests_are_late_by_a_count_of_our_own(desk: Desk, office: Actor) -> None:
    # LAW 1.1: all were received under the version of 2008, which gave fifteen working days.
    mapping = read_map(str(MAP))
    late = 0
    for row in read(REQUESTS):
        if row["disposition"] in mapping.values["outcome"]:
            received, closed = (date.fromisoformat(row[name]) for name in ("submitted", "closed"))
            days = (received + timedelta(days=each) for each in range(1, (closed - received).days + 1))
            late += sum(desk.calendar.is_workday(day) for day in days) > 15

    report = import_file(desk, office, "request", REQUESTS, mapping=mapping, section="办公室")

    assert (report.late, report.on_time) == (late, report.entered - late)
    assert report.not_computable == 0


def test_every_outcome_of_the_shipped_map_is_one_of_the_annual_report(desk: Desk) -> None:
    mapping = read_map(str(MAP))
    fields = desk.definition("request").fields

    assert set(mapping.columns) <= set(fields)
    assert set(mapping.values["outcome"].values()) <= set(fields["outcome"].choices)


def test_the_map_of_the_manual_is_one(tmp_path: Path) -> None:
    page = (HOUSE / "docs" / "imports.md").read_text(encoding="utf-8")
    (tmp_path / "map.yaml").write_text(page.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")

    mapping = read_map(str(tmp_path / "map.yaml"))

    assert all((mapping.columns, mapping.values, mapping.sets, mapping.dates, mapping.otherwise))


# Out


def asked_for(register: Desk, office: Actor) -> None:
    register.start(
        office,
        "enquiry",
        title="=HYPERLINK(1)",
        section="办公室",
        data={"applicant": "欧阳建国", "birthday": "1990-03-04", "received_on": "2026-03-02"},
    )


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_personal_data_go_out_behind_a_mask(register: Desk, office: Actor, tmp_path: Path, ending: str) -> None:
    asked_for(register, office)
    file = tmp_path / f"out.{ending}"

    export_file(register, office, "enquiry", file)

    assert "1990-03-04" not in shown_in(file).values()
    assert shown_in(file)["申请人"].startswith("欧*")
    assert shown_in(file)["出生日期"].startswith("19*")
    assert "欧阳建国".encode() not in file.read_bytes()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_listed_fields_stand_in_every_export_and_formulas_do_nothing(
    register: Desk, office: Actor, tmp_path: Path, ending: str
) -> None:
    asked_for(register, office)
    file = tmp_path / f"out.{ending}"

    export_file(register, office, "enquiry", file)

    shown = shown_in(file)
    assert {"收件编号", "办理结果", "备注"} <= shown.keys()  # listed, though empty or long
    assert "急件" not in shown
    assert shown["标题"] == ("'=HYPERLINK(1)" if ending == "csv" else "s:=HYPERLINK(1)")
    assert {"法定期限", "逾期工作日"} <= shown.keys()


def shown_in(file: Path) -> dict[str, str]:
    """The one row of an export by its header; a text of a workbook that looks like a formula says its type, too."""
    if file.suffix == ".csv":
        (row,) = read(file)
        return row
    from openpyxl import load_workbook

    sheet = load_workbook(file).active
    assert sheet is not None
    header, cells = sheet[1], sheet[2]
    said = [f"{cell.data_type}:{cell.value}" if str(cell.value).startswith("=") else str(cell.value) for cell in cells]
    return dict(zip((str(cell.value) for cell in header), said, strict=True))


# By the command line


@pytest.fixture
def typed(url: str) -> Type:
    def typed(*words: str, lang: str = "zh") -> Call:
        db = url.removeprefix("sqlite:///")
        return call_with([*words, "--as", "sunli", "--db", db, "--now", "2026-11-24T09:00", "--lang", lang])

    return typed


@pytest.mark.parametrize(
    ("lang", "says"),
    [("zh", ("1 种写法对不上，共 2 行", "界别", "拒收")), ("en", ("1 word(s) in 2 row(s)", "界别", "refused"))],
)
def test_the_report_ends_with_the_words_that_matched_nothing(
    typed: Type, tmp_path: Path, lang: str, says: tuple[str, ...]
) -> None:
    lines = [f"{number},2019-01-12,关于第{number}件事的建议,经济发展,2019,界别" for number in (1, 2)]
    file = written(tmp_path / "odd.csv", HEADER, *lines)

    told = typed("import", "proposal", str(file), "--section", "办公室", lang=lang)

    assert told.code == 8
    assert [each for each in says if each not in told.out] == []
    assert told.out.rstrip().endswith(says[-1])


def test_the_rest_taken_in_by_the_map_is_a_warning_and_no_failure(typed: Type, tmp_path: Path) -> None:
    file = written(tmp_path / "odd.csv", HEADER, "1,2019-01-12,关于第一件事的建议,经济发展,2019,界别")
    (tmp_path / "map.yaml").write_text("otherwise: {proposer_kind: collective}\n", encoding="utf-8")

    told = typed("import", "proposal", str(file), "--map", str(tmp_path / "map.yaml"), "--section", "办公室", "--json")

    assert told.code == 0
    assert (told.json["accepted"], told.json["warned"], told.json["clock_counted"]) == (0, 1, False)
    assert told.json["unmatched"] == [
        {
            "field": "proposer_kind",
            "column": "proposer_kind",
            "value": "界别",
            "count": 1,
            "rows": [2],
            "taken_as": "collective",
        }
    ]


@pytest.mark.parametrize(
    ("lang", "says"), [("zh", "不是“提出者类别”的取值"), ("en", "is no value of kind of proposer")]
)
def test_a_map_with_a_value_that_is_no_choice_is_refused_in_both_languages(
    typed: Type, tmp_path: Path, lang: str, says: str
) -> None:
    file = written(tmp_path / "odd.csv", HEADER, "1,2019-01-12,关于第一件事的建议,经济发展,2019,界别")
    (tmp_path / "map.yaml").write_text("values: {proposer_kind: {界别: sector}}\n", encoding="utf-8")

    told = typed("import", "proposal", str(file), "--map", str(tmp_path / "map.yaml"), lang=lang)

    assert told.code == 8
    assert says in told.err
    assert "collective" in told.err


@real_files
def test_the_command_of_the_manual_imports_the_real_requests(typed: Type) -> None:
    told = typed("import", "request", str(REQUESTS), "--map", str(MAP), "--section", "办公室", "--json")

    assert told.code == 8
    assert (told.json["rows"], told.json["accepted"], told.json["refused"]) == (113, 104, 9)
