"""What a hand can type wrong gets a clear answer with the way out, in both languages, and changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import gongkai
from tests.cli.calling import NOW, Call, Type, call_with, everything

ROWS: list[dict[str, Any]] = yaml.load(  # the base loader: everything is text, as it is typed
    (Path(__file__).parent / "bad_input.yaml").read_text("utf-8"), yaml.BaseLoader
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The files that the table names."""
    (tmp_path / "notes.txt").write_text("这不是数据库，只是一些笔记。" * 200, "utf-8")
    (tmp_path / "empty.db").write_bytes(b"")
    (tmp_path / "binary.bin").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "broken.yaml").write_text("format: gongkai/1\nid: [document\nversion: 1\n", "utf-8")
    (tmp_path / "tagged.yaml").write_text("!!python/object/apply:os.system [echo hello]\n", "utf-8")
    (tmp_path / "deep.yaml").write_text("[" * 100_000, "utf-8")
    (tmp_path / "huge.yaml").write_text("# 很长\n" + "a: b\n" * 120_000, "utf-8")
    (tmp_path / "empty.yaml").write_text("", "utf-8")
    (tmp_path / "columns.csv").write_text("甲,乙,丙\n1,2,3\n", "utf-8")
    (tmp_path / "rows.csv").write_text("标题,成文日期,公开日期\n某办法,2026-02-31,2026-03-01\n", "utf-8")
    return tmp_path


def typed(row: dict[str, Any], lang: str, number: str, files: Path, json: bool = False) -> Call:
    facts = {"{number}": number, "{dir}": str(files), "{long}": "长" * 10_000}
    words = [_filled(word, facts) for word in row["typed"]]
    by = row.get("by", "sunli")
    common = ["--lang", lang, *(["--as", by] if by else []), *(["--json"] if json else [])]
    common += [] if "--db" in words else ["--db", str(files / row.get("db", "gongkai.db"))]
    common += [] if "--now" in words or row.get("db") else ["--now", NOW]
    return call_with([*common, *words])


def _filled(word: str, facts: dict[str, str]) -> str:
    for name, value in facts.items():
        word = word.replace(name, value)
    return word


@pytest.mark.parametrize("row", ROWS, ids=[row["when"] for row in ROWS])
def test_what_is_typed_wrong_is_answered(
    row: dict[str, Any], at_the_office: str, db: Path, real_db: Path, files: Path
) -> None:
    before = everything(db)

    answers = {lang: typed(row, lang, at_the_office, files) for lang in ("zh", "en")}
    told = typed(row, "zh", at_the_office, files, json=True)

    for lang, answer in answers.items():
        assert answer.code == int(row["exit"]), answer.said
        assert [word for word in row[lang] if word not in answer.said] == [], answer.said
        assert "Traceback" not in answer.said
        assert "\x1b" not in answer.said
        assert "\u202e" not in answer.said
    assert told.code == int(row["exit"])
    assert told.json["ok"] is (int(row["exit"]) == 0)
    if int(row["exit"]):
        assert {"code", "message"} <= told.json["error"].keys()
        assert all(told.json["error"]["message"][lang] for lang in ("zh", "en"))
    assert everything(db) == before


def test_a_database_that_others_hold_is_busy(types: Type, at_the_office: str, db: Path, monkeypatch: Any) -> None:
    from storage.sqlite import Connection

    monkeypatch.setitem(Connection.__init__.__kwdefaults__, "patience", 0.05)
    holder = sqlite3.connect(db, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    answers = {lang: types("do", at_the_office, "return", "--comment", "请补充", lang=lang) for lang in ("zh", "en")}
    holder.execute("ROLLBACK")
    holder.close()

    assert [each.code for each in answers.values()] == [6, 6]
    assert "数据库正忙" in answers["zh"].err
    assert "the database is busy" in answers["en"].err


def test_a_full_database_says_so_and_changes_nothing(
    types: Type, at_the_office: str, db: Path, monkeypatch: Any
) -> None:
    from storage.sqlite import Connection

    opened = Connection.__init__

    def small(self: Any, *rest: Any, **named: Any) -> None:
        opened(self, *rest, **named)
        self.run("PRAGMA max_page_count = 1")  # the engine takes the present size instead: not a page more

    monkeypatch.setattr(Connection, "__init__", small)
    before = everything(db)

    opinion = "office_opinion=" + "同意" * 900
    answers = {lang: types("edit", at_the_office, "--set", opinion, lang=lang) for lang in ("zh", "en")}

    assert [each.code for each in answers.values()] == [1, 1]
    assert "数据库不可用" in answers["zh"].err
    assert "cannot be used" in answers["en"].err
    assert everything(db) == before


def test_a_read_only_database_says_so(types: Type, at_the_office: str, db: Path, monkeypatch: Any) -> None:
    from storage.sqlite import Connection

    opened = Connection.__init__

    def closed(self: Any, *rest: Any, **named: Any) -> None:
        opened(self, *rest, **named)
        self.run("PRAGMA query_only = ON")  # file permissions do not stop the superuser, this does

    monkeypatch.setattr(Connection, "__init__", closed)
    before = everything(db)

    answers = {lang: types("do", at_the_office, "return", "--comment", "请补充", lang=lang) for lang in ("zh", "en")}

    assert [each.code for each in answers.values()] == [1, 1]
    assert "数据库不可用" in answers["zh"].err
    assert "cannot be used" in answers["en"].err
    assert everything(db) == before


def test_a_data_directory_that_cannot_be_made_is_named(call: Any, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))

    answers = {lang: call(["init", "--lang", lang]) for lang in ("zh", "en")}

    assert [each.code for each in answers.values()] == [1, 1]
    assert "--db" in answers["zh"].err
    assert "cannot be made" in answers["en"].err


def test_an_unexpected_fault_gets_a_number_and_its_story_a_file(types: Type, monkeypatch: Any, tmp_path: Path) -> None:
    from storage import Desk

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Desk, "worklist", broken)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    answers = [types("todo"), types("todo", lang="en"), types("todo", "--json")]

    assert [each.code for each in answers] == [1, 1, 1]
    assert "未预料的故障" in answers[0].err
    assert "an unexpected fault" in answers[1].err
    number = answers[2].json["error"]["fault"]
    assert number in (tmp_path / "data" / "gongkai" / "gongkai-faults.log").read_text("utf-8")
    assert all("Traceback" not in each.said for each in answers)


def test_an_interrupted_call_leaves_with_130(types: Type, monkeypatch: Any) -> None:
    from storage import Desk

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Desk, "worklist", interrupted)

    answer, told = types("todo"), types("todo", "--json")

    assert answer.code == told.code == 130
    assert "已中断" in answer.err
    assert told.json["error"]["code"] == "interrupted"


def test_a_settings_file_at_fault_is_named(call: Any, tmp_path: Path, monkeypatch: Any) -> None:
    settings = tmp_path / "settings.toml"
    monkeypatch.setenv("GONGKAI_CONFIG", str(settings))

    missing = call(["todo", "--lang", "en"])
    settings.write_text("db = 7\n")
    wrong = call(["todo", "--lang", "zh"])
    settings.write_text("= broken")
    broken = call(["todo", "--lang", "en"])

    assert [each.code for each in (missing, wrong, broken)] == [2, 2, 2]
    assert str(settings) in missing.err
    assert "db" in wrong.err
    assert str(settings) in broken.err


def test_the_root_is_the_one_that_is_installed() -> None:
    assert gongkai.name == "gongkai"
