"""Kinds, states and sections are named as people call them, and a slip of the pen is told as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import Type, call_with


@pytest.mark.parametrize("words", [("list",), ("log", "export", "记录.xes")])
def test_a_kind_or_section_that_there_is_not_is_no_empty_list(
    types: Type, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    kind = types(*words, "--kind", "documnt")
    strange = types(*words, "--kind", "zzzz", lang="en")
    section = types(*words, "--section", "预算处")

    assert (kind.code, strange.code, section.code) == (4, 4, 2)
    assert "您要的是 document（公文公开审批）" in kind.err
    assert "request（依申请公开）" in kind.err, "and all that there are"
    assert "did you mean" not in strange.err
    assert "request (Information request)" in strange.err
    assert "您要的是 预算科吗？" in section.err
    assert "国库科" in section.err
    assert not any(tmp_path.glob("记录.xes"))


def test_a_list_takes_a_kind_by_its_title(types: Type) -> None:
    types("start", "document", "--title", "关于印发办法的通知", by="wangmin")
    by_name = types("list", "--kind", "document", "--json").json["cases"]
    by_title = types("list", "--kind", "公文公开审批", "--json").json["cases"]

    assert by_name == by_title != []
    assert types("list", "--kind", "依申请公开").code == 0


def test_a_wrong_value_is_met_with_the_nearest_and_with_all_others(types: Type) -> None:
    near = types("start", "request", "--title", "申请公开决算", "--set", "channel=x", lang="zh")
    slip = types("start", "request", "--title", "申请公开决算", "--set", "channel=emial", lang="en")

    for answer, asked in ((near, "是否想写 fax（传真）？"), (slip, "did you mean email (e-mail), ems (EMS)?")):
        assert answer.code == 2
        assert asked in answer.err
        assert [each for each in ("counter", "post", "email", "fax", "web") if each not in answer.err] == []


def test_a_kind_is_named_by_its_title_wherever_it_is_named(
    types: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.csv").write_text("标题,成文日期,公开日期\n关于印发办法的通知,2020-03-02,2020-03-10\n", "utf-8")

    begun = types("start", "依申请公开", "--title", "申请公开决算")
    slip = types("start", "依申请公文", "--title", "申请公开决算")
    done = [
        types("definitions", "show", "公文公开审批"),
        types("definitions", "show", "Official document", lang="en"),
        types("definitions", "export", "公文公开审批", "--format", "scxml"),
        types("definitions", "diagram", "公文公开审批"),
        types("definitions", "diff", "公文公开审批@1", "document@1"),
        types("letter", "list", "依申请公开"),
        types("import", "公文", "old.csv", "--section", "预算科", "--dry-run"),
        types("export", "公文", "x.csv"),
        types("log", "export", "x.xes", "--kind", "公文"),
    ]

    assert begun.out.startswith("REQ-")
    assert slip.code == 4
    assert "request（依申请公开）" in slip.err
    assert [each.said for each in done if each.code] == []
    assert (tmp_path / "x.csv").exists()


def test_a_beginning_that_several_titles_share_is_no_kind(types: Type) -> None:
    several = types("list", "--kind", "政务")

    assert several.code == 4
    assert "public_response（政务舆情回应）、work_plan（政务公开工作计划）" in several.err


def test_a_plan_goes_to_a_state_by_its_label(types: Type, at_the_office: str) -> None:
    by_name = types("plan", at_the_office, "--to", "published", "--json").json
    by_label = types("plan", at_the_office, "--to", "已公开", "--json").json
    slip = types("plan", at_the_office, "--to", "publishd", lang="en")

    assert by_label == by_name
    assert slip.code == 2
    assert "did you mean published" in slip.err


def test_the_kind_is_asked_for_before_the_title(types: Type) -> None:
    nonsense, untitled = types("start", "nonsense"), types("start", "document")

    assert nonsense.code == 4
    assert "没有事项种类“nonsense”" in nonsense.err
    assert "--title" not in nonsense.err
    assert untitled.code == 2
    assert "缺少 --title" in untitled.err


def test_the_help_says_where_the_kinds_are_listed_and_when_a_section_is_to_be_named() -> None:
    for words in (["start"], ["import"], ["export"], ["definitions", "show"], ["letter", "list"], ["list"]):
        assert "gongkai definitions list" in " ".join(call_with([*words, "--help"]).out.split())
    assert "不分科室" in call_with(["start", "--help"]).out
