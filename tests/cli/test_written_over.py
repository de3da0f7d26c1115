"""What is written with `--force` goes over a file of its kind, and never over a database, what lies beside it, or seals."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.seal_file import Seal
from tests.cli.calling import Type

WRITERS = {
    "backup": ("backup", "{out}"),
    "attachment": ("attachment", "get", "{case}", "1", "{out}"),
    "diagram": ("definitions", "diagram", "document", "--format", "mermaid", "--out", "{out}"),
    "definition": ("definitions", "export", "document", "--format", "scxml", "--out", "{out}"),
    "letter": ("letter", "{case}", "processing_slip", "--format", "html", "--out", "{out}"),
}


@pytest.fixture
def attached(types: Type, tmp_path: Path) -> str:
    """The number of a document with an attachment."""
    number = types("start", "document", "--title", "关于印发预算绩效管理办法的通知", by="wangmin").out.strip()
    (tmp_path / "意见.txt").write_text("会签意见：同意")
    assert types("attachment", "add", number, str(tmp_path / "意见.txt"), by="wangmin").code == 0
    return number


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    "name",
    ["gongkai.db", "gongkai.db-wal", "gongkai.db-shm", "link.db", "other.db", "s.jsonl", "v1.jsonl", "half.jsonl"],
)
def test_no_database_and_no_seal_is_written_over(
    types: Type, db: Path, tmp_path: Path, attached: str, writer: str, name: str
) -> None:
    other, seals = tmp_path / "other.db", tmp_path / "s.jsonl"
    assert types("seal", "--to", str(seals)).code == 0
    (tmp_path / "v1.jsonl").write_bytes(Seal(1, "2026-02-13T02:00:00.000000Z", 1, 1, "", "", "").line("00"))
    # as the power left it when the first seal was written
    (tmp_path / "half.jsonl").write_bytes(seals.read_bytes()[:30] + b"\n" + seals.read_bytes())
    with closing(sqlite3.connect(db)) as source, closing(sqlite3.connect(other)) as copy:
        source.backup(copy)
    (tmp_path / "link.db").symlink_to(db)
    with closing(sqlite3.connect(db)) as somebody:  # as a desk that waits: the files beside it are there
        somebody.execute("SELECT count(*) FROM events").fetchall()
        there = tmp_path / name
        before = there.read_bytes()

        said = types(*(each.format(out=there, case=attached) for each in WRITERS[writer]), "--force", by="wangmin")

        assert said.code == 2, said.said
        assert name in said.said
        assert "--force" not in said.said
        assert there.read_bytes() == before
    assert types("verify").code == 0


@pytest.mark.parametrize("name", ["gongkai.db-wal", "link.db-shm", "other.db-journal"])
@pytest.mark.parametrize(
    "words",
    [
        (*WRITERS["backup"], "--force"),
        (*WRITERS["diagram"], "--force"),
        ("seal", "--to", "{out}"),
        ("verify", "--seals", "{seals}", "--since", "{out}"),
    ],
    ids=["backup", "diagram", "seal", "memory"],
)
def test_nothing_gets_a_name_that_a_database_takes_for_its_log(
    types: Type, db: Path, tmp_path: Path, attached: str, words: tuple[str, ...], name: str
) -> None:
    seals = tmp_path / "s.jsonl"
    assert types("seal", "--to", str(seals)).code == 0
    (tmp_path / "link.db").symlink_to(db)
    (tmp_path / "other.db").write_bytes(db.read_bytes())
    (tmp_path / "notes").write_text("")
    out = tmp_path / name
    assert not out.exists()

    said = types(*(each.format(out=out, seals=seals) for each in words))
    beside = types(*(each.format(out=tmp_path / "notes-wal", seals=seals) for each in words))

    assert (said.code, name in said.said, out.exists()) == (2, True, False)
    assert beside.code == 0, beside.said


def test_what_cannot_be_looked_at_is_not_written_over(types: Type, tmp_path: Path) -> None:
    (out := tmp_path / "out.txt").symlink_to("/proc/self/mem")  # a plain file whose beginning nobody can read

    said = types(*(each.format(out=out) for each in WRITERS["diagram"]), "--force")

    assert (said.code, "读不了" in said.said, out.is_symlink()) == (2, True, True)


def test_a_file_of_its_kind_is_written_over(types: Type, tmp_path: Path, attached: str) -> None:
    out = tmp_path / "out.txt"
    out.write_text("旧的")

    assert types("attachment", "get", attached, "1", str(out), by="wangmin").code == 2
    assert types("attachment", "get", attached, "1", str(out), "--force", by="wangmin").code == 0
    assert out.read_text() == "会签意见：同意"
    assert os.listdir(tmp_path).count("out.txt") == 1
