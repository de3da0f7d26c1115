"""What a map says of a file, through the desk: its columns, its words, what holds for every row, how days are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange import ColumnMap, ImportReport, import_file, read_map
from storage import Desk
from workflow.case import Actor, Scalar
from workflow.errors import BadFile

HEADER = "no,asked,answered,result"
COLUMNS = {"title": "no", "ref_no": "no", "received_on": "asked", "replied_on": "answered", "outcome": "result"}


def written(where: Path, *lines: str, header: str = HEADER) -> Path:
    where.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return where


def said(where: Path, text: str) -> ColumnMap:
    where.write_text(text, encoding="utf-8")
    return read_map(str(where))


def counted(report: ImportReport) -> tuple[int, int, int, int]:
    return report.accepted, report.warned, report.refused, report.unchanged


def found(desk: Desk, office: Actor) -> dict[str, dict[str, Scalar]]:
    rows, _ = desk.list_cases(office, kind="enquiry", limit=50)
    return {row.title: dict(desk.case(office, row.id).case.data) for row in rows}


def test_the_words_of_a_file_become_our_choices(register: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(
        tmp_path / "log.csv",
        "R-01,2017-07-03,2017-07-10,Full grant",
        "R-02,2017-07-03,2017-07-10,  full  GRANT ",  # width, case and blanks do not count
        "R-03,2017-07-03,2017-07-10,本机关不掌握",  # our own label, without a line in the map
        "R-04,2017-07-03,2017-07-10,No",
    )
    mapping = said(
        tmp_path / "map.yaml",
        "title: no\nref_no: no\nreceived_on: asked\nreplied_on: answered\noutcome: result\n"
        "values: {outcome: {Full grant: granted, No: u1}}\n",
    )

    report = import_file(register, office, "enquiry", file, mapping=mapping, section="办公室")

    assert counted(report) == (4, 0, 0, 0)
    assert [each["outcome"] for each in found(register, office).values()].count("granted") == 2
    assert found(register, office)["R-04"]["outcome"] == "u1"
    assert report.unmatched == ()


def test_a_map_makes_nothing_of_what_the_import_does_not_take_in(desk: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(
        tmp_path / "papers.csv",
        "关于预算的通知,2023-06-14,2023-06-20,公开",
        "关于决算的通知,2023-06-14,2023-06-20,内部",
        header="标题,成文日期,公开日期,属性",
    )
    column = "attribute: 属性\n"

    for table in ("values: {attribute: {公开: proactive, 不予公开: proactive}}", "otherwise: {attribute: proactive}"):
        with pytest.raises(BadFile) as refused:
            import_file(
                desk, office, "document", file, mapping=said(tmp_path / "map.yaml", column + table), section="办公室"
            )
        assert [each.code for each in refused.value.problems] == ["contradicts"]
    mapping = said(tmp_path / "map.yaml", column + "values: {attribute: {公开: proactive, 内部: withheld}}")
    report = import_file(desk, office, "document", file, mapping=mapping, section="办公室")

    assert counted(report) == (1, 0, 1, 0)
    assert [each.code for each in report.problems] == ["not-taken-in"]


def test_what_matches_nothing_is_refused_and_listed_with_its_rows(
    register: Desk, office: Actor, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "log.csv",
        "R-01,2017-07-03,2017-07-10,Litigation",
        "R-02,2017-07-03,2017-07-10,Full grant",
        "R-03,2017-07-03,2017-07-10,Full denial",
        "R-04,2017-07-03,2017-07-10,Full denial",
    )
    mapping = ColumnMap(COLUMNS, values={"outcome": {"Full grant": "granted"}})

    report = import_file(register, office, "enquiry", file, mapping=mapping, section="办公室")

    assert counted(report) == (1, 0, 3, 0)
    assert [(each.value, each.rows, each.taken_as) for each in report.unmatched] == [
        ("Full denial", (4, 5), None),
        ("Litigation", (2,), None),
    ]
    assert {(each.row, each.code, each.field, each.column) for each in report.problems} == {
        (row, "unmatched", "outcome", "result") for row in (2, 4, 5)
    }
    assert list(found(register, office)) == ["R-02"]


def test_only_when_the_map_says_so_does_the_rest_enter_as_other(register: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "log.csv", "R-01,2017-07-03,2017-07-10,Litigation", "R-02,2017-07-03,2017-07-10,granted")
    refusing = ColumnMap(COLUMNS)
    taking = ColumnMap(COLUMNS, otherwise={"outcome": "o3"})

    first = import_file(register, office, "enquiry", file, mapping=refusing, section="办公室")
    second = import_file(register, office, "enquiry", file, mapping=taking, section="办公室")

    assert counted(first) == (1, 0, 1, 0)
    assert counted(second) == (0, 1, 0, 1)
    assert [(each.value, each.rows, each.taken_as) for each in second.unmatched] == [("Litigation", (2,), "o3")]
    assert found(register, office)["R-01"]["outcome"] == "o3"


def test_a_blank_means_something_only_where_the_map_says_what(register: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "log.csv", "R-01,2017-07-03,2017-07-10,")

    plain = import_file(
        register, office, "enquiry", file, mapping=ColumnMap(COLUMNS, otherwise={"outcome": "o3"}), dry_run=True
    )
    import_file(
        register, office, "enquiry", file, mapping=ColumnMap(COLUMNS, values={"outcome": {"": "u1"}}), section="办公室"
    )

    assert (plain.accepted, plain.unmatched) == (1, ())
    assert found(register, office)["R-01"]["outcome"] == "u1"


def test_a_constant_stands_in_every_row(register: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "log.csv", "R-01,2017-07-03,2017-07-10", header="ref_no,received_on,replied_on")
    mapping = said(tmp_path / "map.yaml", "set: {title: 信息公开申请, outcome: 予以公开, year: 2017, urgent: no}\n")

    report = import_file(register, office, "enquiry", file, mapping=mapping, section="办公室")

    assert counted(report) == (1, 0, 0, 0)
    data = found(register, office)["信息公开申请"]
    assert (data["outcome"], data["year"], data["urgent"]) == ("granted", 2017, False)


def test_a_constant_stands_even_where_the_file_has_a_word_of_its_own(
    register: Desk, office: Actor, tmp_path: Path
) -> None:
    file = written(tmp_path / "log.csv", "查询,2017-07-03,2017-07-10,其他", header="标题,收到日期,答复日期,办理结果")
    mapping = ColumnMap(sets={"outcome": "granted"})

    report = import_file(register, office, "enquiry", file, mapping=mapping, section="办公室")

    assert found(register, office)["查询"]["outcome"] == "granted"
    assert [note.zh for note in report.notes] == ["未用到的列：办理结果"]


def test_the_same_map_may_be_written_in_json(tmp_path: Path) -> None:
    yaml = said(
        tmp_path / "map.yaml",
        "title: no\nvalues: {outcome: {No: u1}}\nset: {year: 2017, urgent: true}\n"
        "dates: {received_on: '%m/%d/%Y'}\notherwise: {outcome: o3}\n",
    )
    json = said(
        tmp_path / "map.json",
        '{"title": "no", "values": {"outcome": {"No": "u1"}}, "set": {"year": 2017, "urgent": true},'
        ' "dates": {"received_on": "%m/%d/%Y"}, "otherwise": {"outcome": "o3"}}',
    )

    assert yaml == json
    assert yaml.sets == {"year": "2017", "urgent": "true"}


@pytest.mark.parametrize(("form", "day"), [("%m/%d/%Y", "2017-03-04"), ("%d/%m/%Y", "2017-04-03")])
def test_month_and_day_are_told_apart_only_by_the_map(
    register: Desk, office: Actor, tmp_path: Path, form: str, day: str
) -> None:
    file = written(tmp_path / "log.csv", "R-01,03/04/2017,2017-07-10,granted")

    guessing = import_file(register, office, "enquiry", file, mapping=ColumnMap(COLUMNS), section="办公室")
    told = import_file(
        register, office, "enquiry", file, mapping=ColumnMap(COLUMNS, dates={"received_on": form}), section="办公室"
    )

    assert [each.code for each in guessing.problems] == ["unclear-date"]
    assert counted(told) == (1, 0, 0, 0)
    assert found(register, office)["R-01"]["received_on"] == day


@pytest.mark.parametrize(
    ("typed", "code"), [("14/06/2017", "other-form"), ("2017-06", "half-date"), ("06/31/2017", "other-form")]
)
def test_a_day_in_another_form_than_the_map_says_is_refused(
    register: Desk, office: Actor, tmp_path: Path, typed: str, code: str
) -> None:
    file = written(tmp_path / "log.csv", f"R-01,{typed},2017-07-10,granted")
    mapping = ColumnMap(COLUMNS, dates={"received_on": "%m/%d/%Y"})

    report = import_file(register, office, "enquiry", file, mapping=mapping, section="办公室")

    assert [(each.row, each.code) for each in report.problems] == [(2, code)]


def test_a_clear_day_is_read_in_any_file_whatever_form_the_map_says(
    register: Desk, office: Actor, tmp_path: Path
) -> None:
    file = written(tmp_path / "log.csv", "R-01,2017年6月14日,2017-07-10,granted")
    mapping = ColumnMap(COLUMNS, dates={"received_on": "%m/%d/%Y"})

    report = import_file(register, office, "enquiry", file, mapping=mapping, section="办公室")

    assert counted(report) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("changed", "code", "field", "names"),
    [
        ({"values": {"outcome": {"Full grant": "full"}}}, "bad-value", "outcome", "granted（予以公开）"),
        ({"values": {"outcom": {"Full grant": "granted"}}}, "unknown-field", "outcom", "outcome"),
        ({"values": {"applicant": {"A": "B"}}}, "unknown-column", "applicant", "申请人"),
        (
            {"values": {"outcome": {"Full grant": "granted", "full GRANT": "u1"}}},
            "contradicts",
            "outcome",
            "full GRANT",
        ),
        ({"sets": {"outcom": "granted"}}, "unknown-field", "outcom", "outcome"),
        ({"sets": {"year": "last"}}, "bad-value", "year", "年度"),
        ({"sets": {"birthday": "03/04/1990"}}, "unclear-date", "birthday", "03/04/1990"),
        ({"sets": {"outcome": "granted"}}, "contradicts", "outcome", "办理结果"),
        ({"sets": {"imported": "no"}}, "contradicts", "imported", "历史记录"),
        ({"dates": {"title": "%Y-%m-%d"}}, "bad-map", "title", "标题"),
        ({"dates": {"received_on": "mm/dd/yyyy"}}, "bad-form", "received_on", "%m/%d/%Y"),
        ({"dates": {"received_on": "%m/%Y"}}, "bad-form", "received_on", "%m/%Y"),
        ({"dates": {"received_on": "%m/%d/%Y %Q"}}, "bad-form", "received_on", "%Q"),
        ({"otherwise": {"outcome": "rest"}}, "bad-value", "outcome", "o3（其他）"),
        ({"otherwise": {"title": "something"}}, "bad-map", "title", "标题"),
    ],
)
def test_a_map_that_says_what_cannot_be_keeps_the_whole_file_out(
    register: Desk, office: Actor, tmp_path: Path, changed: dict[str, object], code: str, field: str, names: str
) -> None:
    file = written(tmp_path / "log.csv", "R-01,2017-07-03,2017-07-10,granted")
    mapping = ColumnMap(**{"columns": COLUMNS, **changed})  # type: ignore[arg-type]

    with pytest.raises(BadFile) as fault:
        import_file(register, office, "enquiry", file, mapping=mapping, section="办公室")

    assert [(each.code, each.field) for each in fault.value.problems] == [(code, field)]
    assert names in fault.value.problems[0].text.zh
    assert fault.value.exit_code == 8
    assert found(register, office) == {}


def test_all_that_a_map_says_wrongly_is_named_at_once(register: Desk, office: Actor, tmp_path: Path) -> None:
    file = written(tmp_path / "log.csv", "R-01,2017-07-03,2017-07-10,granted")
    mapping = ColumnMap(
        {**COLUMNS, "titel": "no", "applicant": "who"}, {"outcome": {"A": "full"}}, {"year": "x"}, {"ref_no": "%Y"}
    )

    with pytest.raises(BadFile) as fault:
        import_file(register, office, "enquiry", file, mapping=mapping)

    assert {(each.code, each.field) for each in fault.value.problems} == {
        ("unknown-field", "titel"),
        ("unknown-column", "applicant"),
        ("bad-value", "outcome"),
        ("bad-value", "year"),
        ("bad-map", "ref_no"),
        ("bad-form", "ref_no"),
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("value: {outcome: {A: granted}}", "unknown-key"),
        ("values: granted", "bad-map"),
        ("values: {outcome: granted}", "bad-map"),
        ("values: {outcome: {A: [granted]}}", "bad-map"),
        ("values: {outcome: {A: null}}", "bad-map"),
        ("set: {outcome: {A: granted}}", "bad-map"),
        ("set: [outcome]", "bad-map"),
        ("title:", "bad-map"),
        ("title: no\ntitle: other", "bad-map"),
        ("values: {outcome: {A: granted, A: u1}}", "bad-map"),
        ("a: &a {b: c}\nset: *a", "unknown-key"),
        ("values: &v {outcome: *v}", "bad-map"),
        ("values: {outcome: &o {A: u1}, remark: *o}", "bad-map"),  # what is pointed to could be pointed to without end
        ("set: {<<: {a: b}}", "bad-map"),
        ("title: !!python/name:os.system x", "bad-map"),
        ("dates: {received_on: !!binary aGk=}", "bad-map"),
    ],
)
def test_a_map_in_no_form_of_a_map_is_said_to_be_so(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(BadFile) as fault:
        said(tmp_path / "map.yaml", text)

    assert fault.value.problems[0].code == code
    assert fault.value.problems[0].text.zh != fault.value.problems[0].text.en


def test_lateness_is_counted_by_the_law_of_the_day_of_receipt(register: Desk, office: Actor, tmp_path: Path) -> None:
    # LAW 1.1: fifteen working days under the version of 2008, twenty from 2019-05-15 on.
    file = written(
        tmp_path / "log.csv",
        "R-01,2019-05-10,2019-05-31,granted",  # the fifteenth working day
        "R-02,2019-05-10,2019-06-03,granted",  # one working day late
        "R-03,2026-02-13,2026-03-19,granted",  # the twentieth, over the Spring Festival
        "R-04,2026-02-13,2026-03-20,granted",
    )

    report = import_file(register, office, "enquiry", file, mapping=ColumnMap(COLUMNS), section="办公室")

    assert (report.on_time, report.late, report.late_days, report.not_computable) == (2, 2, 2, 0)


def test_personal_data_in_the_record_here_are_not_told_by_a_second_file(
    register: Desk, office: Actor, tmp_path: Path
) -> None:
    header = "title,ref_no,received_on,replied_on,applicant"
    first = written(tmp_path / "one.csv", "查询,R-01,2017-07-03,2017-07-10,欧阳建国", header=header)
    second = written(tmp_path / "two.csv", "查询,R-01,2017-07-03,2017-07-10,司马光明", header=header)
    import_file(register, office, "enquiry", first, section="办公室")

    report = import_file(register, office, "enquiry", second, section="办公室")

    assert [each.code for each in report.problems] == ["differs"]
    assert "欧阳建国" not in str(report.to_json())
    assert "欧" in report.problems[0].text.zh
