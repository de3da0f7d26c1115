"""`gongkai backup` and `gongkai restore` as they are typed: what is said, told to programs, and refused."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.setup import REVISION
from tests.cli.calling import NOW, Call, call_with, everything

LANGUAGES = ("zh", "en")
HEADER = {"engine", "schema", "made_at", "cases", "events", "attachments", "size", "sha256", "encrypted"}


def typed(*words: str, lang: str = "zh") -> Call:
    return call_with([*words, "--lang", lang])


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "backup.key"
    path.write_text("3mRz0C5x9gOqk2Jb\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_bureau_is_backed_up_and_restored(db: Path, tmp_path: Path, lang: str) -> None:
    kept, new = tmp_path / "monday.backup", tmp_path / "new.db"

    made = typed("backup", str(kept), "--db", str(db), "--now", NOW, lang=lang)
    sound = typed("restore", str(kept), "--dry-run", lang=lang)
    back = typed("restore", str(kept), "--db", str(new), lang=lang)

    assert (made.code, sound.code, back.code) == (0, 0, 0), made.said + sound.said + back.said
    assert {"zh": "已备份 14 件事项", "en": "14 case(s) and"}[lang] in made.out
    assert {"zh": "备份完好：2026-03-02 09:00", "en": "as of 2026-03-02 09:00"}[lang] in sound.out
    assert {"zh": "全部与记录相符", "en": "all as the record says"}[lang] in back.out
    assert "gongkai doctor" in back.err
    assert everything(new) == everything(db)


def test_programs_are_told_what_was_backed_up_and_restored(db: Path, tmp_path: Path, key: Path) -> None:
    kept, new = tmp_path / "monday.backup", tmp_path / "new.db"
    locked = ("--key-file", str(key), "--json")

    made = typed("backup", str(kept), "--db", str(db), *locked).json
    sound = typed("restore", str(kept), "--dry-run", *locked).json
    back = typed("restore", str(kept), "--db", str(new), *locked).json
    listed = [typed("list", "--db", str(each), "--json", "--as", "zhengyan", "--now", NOW).json for each in (db, new)]

    assert made.keys() == {"ok", "file", *HEADER}
    assert (made["ok"], made["engine"], made["schema"], made["encrypted"]) == (True, "sqlite", REVISION, True)
    assert sound == {**made, "dry_run": True}
    verified = {"problems": [], "remarks": [], "seals": 0, "retold": made["cases"], "since": None, "attachments": 0}
    assert back == {**made, "database": f"sqlite:///{new}", "migrated_to": None, **verified}
    assert listed[0] == listed[1]
    assert listed[0]["cases"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_tampered_with_comes_back_with_what_was_found(db: Path, tmp_path: Path, lang: str) -> None:
    with closing(sqlite3.connect(db)) as hand, hand:
        hand.execute("UPDATE cases SET title = '改过的标题' WHERE number = 'DOC-2026-00001'")
    kept = tmp_path / "monday.backup"
    assert typed("backup", str(kept), "--db", str(db)).code == 0

    shown = typed("restore", str(kept), "--db", str(tmp_path / "new.db"), lang=lang)
    told = typed("restore", str(kept), "--db", str(tmp_path / "again.db"), "--json", lang=lang)

    assert (shown.code, told.code) == (7, 7)
    assert {"zh": "备份之前记录与数据就已不符", "en": "before the backup was made"}[lang] in shown.err
    assert "DOC-2026-00001" in shown.err
    assert told.json["ok"] is False
    assert told.json["problems"][0]["case"] == "DOC-2026-00001"
    assert told.json["database"].endswith("again.db")
    assert typed("verify", "--db", str(tmp_path / "new.db")).code == 7


def test_a_key_in_the_environment_is_the_key_itself(
    db: Path, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "monday.backup"
    monkeypatch.setenv("GONGKAI_BACKUP_KEY", key.read_text().strip())
    assert typed("backup", str(kept), "--db", str(db)).code == 0
    monkeypatch.delenv("GONGKAI_BACKUP_KEY")

    opened = typed("restore", str(kept), "--dry-run", "--key-file", str(key))
    without = {lang: typed("restore", str(kept), "--dry-run", lang=lang) for lang in LANGUAGES}

    assert opened.code == 0
    assert [each.code for each in without.values()] == [2, 2]
    assert "--key-file" in without["zh"].err
    assert "--key-file" in without["en"].err


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o620])
def test_a_key_that_others_can_read_is_not_taken(db: Path, tmp_path: Path, key: Path, mode: int) -> None:
    key.chmod(mode)

    answers = [
        typed("backup", str(tmp_path / "a"), "--db", str(db), "--key-file", str(key), lang=lang) for lang in LANGUAGES
    ]

    assert [each.code for each in answers] == [2, 2]
    assert all(f"chmod 600 {key}" in each.err.replace("\n", "") for each in answers)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("content", "code", "named"),
    [(b"", 2, "16"), (b"short\n", 2, "16"), (b"x" * 5000, 2, "4096"), (None, 8, "none.key")],
)
def test_a_key_that_is_none_is_refused(
    db: Path, tmp_path: Path, key: Path, content: bytes | None, code: int, named: str
) -> None:
    if content is not None:
        key.write_bytes(content)
    said = key if content is not None else tmp_path / "none.key"

    answer = typed("backup", str(tmp_path / "a"), "--db", str(db), "--key-file", str(said))

    assert answer.code == code
    assert named in answer.err
    assert not (tmp_path / "a").exists()


def test_where_nobody_may_look_for_the_key_file_the_answer_names_it(db: Path, tmp_path: Path) -> None:
    said = tmp_path / ("k" * 300)  # the system says no, and not that it is missing

    answer = typed("backup", str(tmp_path / "a"), "--db", str(db), "--key-file", str(said))

    assert answer.code == 1
    assert "kkk" in answer.err
    assert "故障（编号" not in answer.err


def test_the_name_of_a_key_file_is_not_taken_for_a_key(
    db: Path, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGKAI_BACKUP_KEY", str(key))

    answer = typed("backup", str(tmp_path / "a"), "--db", str(db), lang="en")

    assert answer.code == 2
    assert "--key-file" in answer.err


@pytest.mark.parametrize(
    ("damage", "zh", "en"),
    [
        (lambda content: b"PK\x03\x04" + content, "不是 gongkai 的备份文件", "no backup of gongkai"),
        (lambda content: content[:5000], "没有复制完整", "not copied whole"),
        (lambda content: content[:40] + b"9" + content[41:], "首行", "first line"),
        (lambda content: content[:-3] + b"\0\1\2", "校验和", "checksum"),
    ],
)
def test_a_damaged_backup_is_a_bad_file_and_says_what_to_do(
    db: Path, tmp_path: Path, damage: object, zh: str, en: str
) -> None:
    kept, new = tmp_path / "monday.backup", tmp_path / "new.db"
    assert typed("backup", str(kept), "--db", str(db)).code == 0
    assert callable(damage)
    kept.write_bytes(damage(kept.read_bytes()))

    answers = {lang: typed("restore", str(kept), "--db", str(new), lang=lang) for lang in LANGUAGES}
    told = typed("restore", str(kept), "--db", str(new), "--json")

    assert [each.code for each in (*answers.values(), told)] == [8, 8, 8]
    assert zh in answers["zh"].err.replace("\n", "")
    assert en in " ".join(answers["en"].err.split())
    assert told.json["error"]["code"] == "bad_file"
    assert not new.exists()


def test_a_new_machine_gets_its_database_back(db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "monday.backup"
    assert typed("backup", str(kept), "--db", str(db)).code == 0
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home" / "data"))

    back = typed("restore", str(kept))

    assert back.code == 0, back.said
    assert typed("verify").code == 0
    assert os.listdir(tmp_path / "home" / "data" / "gongkai") == ["gongkai.db"]


def test_the_clock_of_a_real_database_is_not_set_by_its_backup(real_db: Path, db: Path, tmp_path: Path) -> None:
    kept = tmp_path / "monday.backup"

    real = typed("backup", str(kept), "--db", str(real_db), "--now", NOW)
    sandbox = typed("backup", str(kept), "--db", str(db), "--now", NOW, "--json")
    back = typed("restore", str(kept), "--db", str(tmp_path / "new.db"), "--now", NOW)

    assert (real.code, sandbox.code, back.code) == (2, 0, 2)
    assert sandbox.json["made_at"] == "2026-03-02T01:00:00.000000Z"
    assert not (tmp_path / "new.db").exists()


def test_a_server_is_backed_up_and_restored_as_a_file_is(db: Path, tmp_path: Path) -> None:
    from tests.engines import MISSING, a_server, program
    from tests.factories import people_in

    if program("initdb") is None:
        pytest.skip(MISSING)
    for server in a_server():
        here, there, kept = people_in(server.fresh()), server.fresh(), tmp_path / "monday.backup"

        made = typed("backup", str(kept), "--db", here, "--json")
        back = typed("restore", str(kept), "--db", there, "--json")
        again = {lang: typed("restore", str(kept), "--db", there, lang=lang) for lang in LANGUAGES}
        onto_a_file = typed("restore", str(kept), "--db", str(tmp_path / "new.db"))
        of_a_file = typed("backup", str(tmp_path / "file.backup"), "--db", str(db))
        from_a_file = typed("restore", str(tmp_path / "file.backup"), "--db", server.fresh())

        assert made.json["engine"] == "postgresql"
        assert json.loads(back.out)["problems"] == []
        assert [each.code for each in again.values()] == [1, 1]
        assert "createdb" in again["zh"].err
        assert (onto_a_file.code, of_a_file.code, from_a_file.code) == (2, 0, 2)
        assert "createdb" not in from_a_file.err
        new = server.fresh()
        assert f"psql -d {new.rpartition('/')[2]} -f" in typed("restore", str(kept), "--db", new).err
