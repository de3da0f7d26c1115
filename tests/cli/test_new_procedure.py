"""A procedure more is one YAML file: checked, played, installed, run, listed and drawn, without a line of Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import Type
from tests.cli.test_example_definition import PAGE, type_line, typed_on

EXAMPLES = Path(__file__).parents[2] / "examples"
PROCUREMENT = str(EXAMPLES / "procurement.yaml")
STORIES = str(EXAMPLES / "procurement.scenarios.yaml")


def test_procurement_is_proved_and_its_stories_hold_with_every_step_and_both_sides_of_every_guard(types: Type) -> None:
    proved = types("definitions", "check", PROCUREMENT, "--json")
    played = types("definitions", "test", PROCUREMENT, STORIES, "--json")

    assert (proved.code, proved.json["findings"]) == (0, [])
    assert played.code == 0, played.said
    shown = played.json["coverage"]["procurement"]
    assert shown["steps"]["missing"] == shown["guards"]["missing"] == []


def test_procurement_is_installed_run_listed_and_drawn(types: Type, tmp_path: Path) -> None:
    picture = tmp_path / "procurement.svg"

    assert types("definitions", "install", PROCUREMENT, by="admin").code == 0
    begun = types(
        "start", "procurement", "--title", "绩效评价服务采购", "--set", "budget=300000.00", "--set", "way=open_tender", by="wangmin"
    )  # fmt: skip
    number = begun.out.strip()
    submitted = types("do", number, "submit", by="wangmin")
    opened = types("do", number, "open_up", "--set", "intent_on=2026-03-02", by="liuqiang")
    early = types("do", number, "announce", "--set", "announced_on=2026-03-02", by="wangmin")
    shown = types("show", number, by="wangmin")
    drawn = types("definitions", "diagram", number, "--out", str(picture), by="wangmin")

    assert [each.code for each in (begun, submitted, opened, early)] == [0, 0, 0, 3], early.said
    assert number == "PRO-2026-00001"
    assert "采购意向公开未满30日" in early.said
    assert "2026-04-01" in shown.out  # thirty days from 2 March
    assert number in types("list", "--kind", "procurement", by="wangmin").out
    assert number in types("todo", by="wangmin").out
    assert drawn.code == 0, drawn.said
    assert "意向公开中" in picture.read_text(encoding="utf-8")


def test_the_page_is_typed_as_it_stands(types: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(EXAMPLES)

    for words in typed_on(PAGE, "gongkai definitions check examples/procurement.yaml"):
        done = type_line(types, words)
        assert done.code == 0, done.said

    assert (tmp_path / "procurement.svg").exists()
