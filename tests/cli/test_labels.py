"""Kinds, states and sections are named as people call them, and a slip of the pen is told as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import Type


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
