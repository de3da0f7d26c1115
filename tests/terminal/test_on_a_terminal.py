"""What a terminal of some width shows."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import gongkai
from terminal.folding import cells
from terminal.render import Block, Column, Grid, Line, write_data
from tests.cli.calling import call_with


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


Draw = Callable[..., list[str]]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Draw:
    """The lines that the blocks take in a window of so many columns."""

    def draw(*blocks: Block, columns: int = 40) -> list[str]:
        shown = Screen()
        for name, value in {"TERM": "xterm", "COLUMNS": str(columns)}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.stdout", shown)
        write_data(blocks)
        return [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", shown.getvalue()).splitlines()]

    return draw


def test_a_command_to_type_is_whole_however_narrow_the_window(drawn: Draw) -> None:
    typed = "export GONGKAI_DB=/srv/offices/demonstration.db GONGKAI_NOW=2026-03-06T17:30+08:00 GONGKAI_LANG=zh"

    assert drawn(Line(typed, indent=2, wraps=False)) == [f"  {typed}"]


def test_a_line_of_news_takes_one_line(drawn: Draw) -> None:
    news = Line("02-14 09:28  周静  修改  关于贯彻落实《国务院办公厅关于印发自然资源领域", cuts=True)

    assert drawn(news) == ["02-14 09:28  周静  修改  关于贯彻落实《…"]


@pytest.mark.parametrize(
    ("names", "first", "second"),
    [
        ("陈国华、林芳、赵启明", "陈国华、林芳、", "赵启明"),
        ("陈国华, 林芳, 赵启明", "陈国华, 林芳,", "赵启明"),
    ],
)
def test_a_name_is_not_broken(drawn: Draw, names: str, first: str, second: str) -> None:
    grid = Grid((Column(""), Column("", wraps=True, lists=True)), (("DOC-2026-00009-00", names),), headed=False)

    assert drawn(grid, columns=35) == [f"DOC-2026-00009-00  {first}", f"{'':19}{second}"]


@pytest.mark.parametrize("before", range(20, 40))
def test_no_line_begins_with_a_comma_or_a_colon(drawn: Draw, before: int) -> None:
    lines = drawn(Line(f"{'x' * before} “关于”: the system took it, 周静, 孙丽, 王敏, 刘强, 陈国华"))

    assert not [line for line in lines if line.lstrip().startswith((",", ":"))]


@pytest.mark.parametrize(("columns", "said"), [(80, True), (120, False)])
def test_a_column_that_is_left_out_is_named(drawn: Draw, columns: int, said: bool) -> None:
    grid = Grid((Column("a"), Column("b", spare=True)), (("1", "2"),), spared="b is not shown")

    assert ("b is not shown" in drawn(grid, columns=columns)) is said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_name_of_a_procedure_is_broken_on_a_small_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    place = str(tmp_path / "gongkai.db")
    assert call_with(["init", "--sandbox", "--db", place, "--now", "2026-03-02"]).code == 0
    shown = Screen()
    for name, value in {"TERM": "xterm", "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout", shown)

    with pytest.raises(SystemExit):
        gongkai(["definitions", "show", "document", "--db", place, "--lang", lang])

    lines = re.sub(r"\x1b\[[\d;]*m", "", shown.getvalue()).splitlines()
    words = set(re.findall(r"[a-z_]+", "\n".join(lines)))
    assert {"section_review", "attribute_dispute", "leader_approval", "provision_cited", "policy_examined"} <= words
    assert not [line for line in lines if line.rstrip().endswith("_") or line.lstrip().startswith(("_", ","))]
    assert any("published_secret" in line for line in lines)
    assert max(cells(line.rstrip()) for line in lines) <= 80


def test_whoever_a_case_was_escalated_to_takes_one_line_of_the_board(tmp_path: Path) -> None:
    there = ["--db", str(tmp_path / "gongkai.db"), "--now", "2026-06-09T09:30"]
    assert call_with(["init", "--sample", "--sandbox", *there]).code == 0
    assert call_with(["sweep", *there, "--as", "admin"]).code == 0

    shown = {lang: call_with(["board", *there, "--as", "wujianguo", "--lang", lang]).out for lang in ("zh", "en")}

    assert "高峰等3人 06-08" in shown["zh"]
    assert "陈国华等5人 06-09" in shown["zh"]
    assert "陈国华 and others (5) 06-09" in shown["en"]


def test_a_state_is_broken_at_blanks_only(drawn: Draw) -> None:
    columns = (
        Column("事项"),
        Column("标题", cuts=True),
        Column("环节", wraps=True, lists=True),
        Column("现由", wraps=True, lists=True),
    )
    row = ("DOC-2026-00005", "关于贯彻落实国务院办公厅通知的实施意见", "公开机构审查核稿签批", "陈国华、林芳、赵启明")

    lines = drawn(Grid(columns, (row,)), columns=70)

    assert any("公开机构审查核稿签批" in line for line in lines), lines
