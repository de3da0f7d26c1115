"""A last day in a year that is not announced says so wherever it is shown (LAW 10, rule 8)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.calling import Type

LATE = "2026-12-21T09:00"


@pytest.mark.parametrize(("lang", "said"), [("zh", "暂定"), ("en", "provisional")])
def test_a_request_of_late_december_is_provisional_in_every_list_and_on_its_page(
    types: Type, lang: str, said: str
) -> None:
    data = ("channel=counter", "submitted_on=2026-12-21", "subject=2026年部门预算", "applicant_kind=natural")
    words = [word for each in (*data, "applicant_name=张三", "contact=13800000000") for word in ("--set", each)]
    begun = types("start", "request", "--title", "2026年部门预算公开", *words, now=LATE)
    assert begun.code == 0, begun.said
    number = begun.out.strip()
    shown = types("show", number, now=LATE, lang=lang)
    listed = types("list", "--kind", "request", now=LATE, lang=lang)
    sooner = types("list", "--kind", "request", "--json", now=LATE).json["cases"]

    assert f"({said}" in shown.out.replace("（", "(")
    (row,) = [each for each in sooner if each["number"] == number]
    assert row["provisional"] == row["due_on"].startswith("2027")
    assert (said in listed.out) == row["provisional"]


@pytest.mark.parametrize(("lang", "said"), [("zh", "2027-01-05（暂定）"), ("en", "2027-01-05 (provisional)")])
def test_what_is_due_in_january_is_marked_in_the_lists(types: Type, lang: str, said: str) -> None:
    number = types(
        "start", "document", "--title", "关于2027年预算编制的通知", by="wangmin", now="2026-12-30T09:00"
    ).out.strip()
    types("do", number, "submit", by="wangmin", now="2026-12-30T09:00")

    listed = types("list", "--q", "2027", now="2026-12-30T09:00", lang=lang)
    todo = types("todo", by="liuqiang", now="2026-12-30T09:00", lang=lang)
    facts = types("list", "--q", "2027", "--json", now="2026-12-30T09:00").json["cases"]

    for shown in (listed, todo):
        assert said in " ".join(shown.out.split())
    assert [each["provisional"] for each in facts] == [True]


def test_the_export_has_a_column_for_what_is_provisional(types: Type, tmp_path: Path) -> None:
    data = ("channel=counter", "submitted_on=2026-12-21", "subject=2026年部门预算", "applicant_kind=natural")
    words = [word for each in (*data, "applicant_name=张三", "contact=13800000000") for word in ("--set", each)]
    number = types("start", "request", "--title", "2026年部门预算公开", *words, now=LATE).out.strip()
    types("do", number, "register", now=LATE)
    file = tmp_path / "out.csv"

    types("export", "request", str(file), now=LATE)

    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert [each["期限暂定"] for each in rows if each["事项编号"] == number] == ["暂定"]
