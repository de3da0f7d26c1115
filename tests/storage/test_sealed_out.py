"""Seals that do not go outside any more are told by doctor, and a scheduler that could never write them does not start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.seal_file import Seal
from tests.cli.calling import call_with
from tests.factories import Office
from tests.storage.tampering import alter
from workflow.errors import GongkaiError, Invalid


def seals(office: Office) -> tuple[bool, str]:
    (check,) = [each for each in office.desk.doctor() if each.name == "seals"]
    return check.ok, check.text.zh


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    return tmp_path / "seals" / "gongkai.jsonl"


def test_where_none_ever_went_outside_that_is_said_and_is_no_fault(office: Office) -> None:
    office.draft()
    office.desk.seal()

    assert seals(office) == (True, "没有封存写到过库外（gongkai scheduler --seals 文件）")


def test_what_waits_for_hours_is_a_fault_until_it_goes_out(office: Office, outside: Path) -> None:
    outside.parent.mkdir()
    office.draft()
    office.desk.seal(outside)
    office.clock.forward(days=3)
    assert seals(office)[0]  # nothing happened since

    office.draft()
    outside.rename(outside.with_suffix(".old"))
    outside.mkdir()
    office.clock.forward(hours=3)
    with pytest.raises(GongkaiError):
        office.desk.seal_if_due(outside)
    assert seals(office)[0]
    office.clock.forward(minutes=1)

    is_well, said = seals(office)
    assert not is_well
    assert "自 2026-03-05 09:00 起" in said
    assert f"第 1 号，2026-03-02 09:00，{outside}" in said

    outside.rmdir()
    outside.with_suffix(".old").rename(outside)
    office.desk.seal_if_due(outside)
    assert seals(office) == (True, f"封存已写到库外：第 2 号，2026-03-05 12:01，{outside}")

    office.desk.forget_outside(str(outside))
    assert seals(office) == (True, "没有封存写到过库外（gongkai scheduler --seals 文件）")
    with pytest.raises(Invalid):
        office.desk.forget_outside(str(outside))
    office.desk.seal(outside)
    assert str(outside) in seals(office)[1]


def test_seals_that_stay_inside_because_one_was_altered_are_told(office: Office, tmp_path: Path) -> None:
    office.draft()
    office.desk.seal(tmp_path / "seals.jsonl")
    alter(office, "UPDATE seals SET root = replace(root, substr(root, 1, 4), 'beef')")
    office.draft()
    office.clock.forward(hours=4)
    with pytest.raises(Invalid):
        office.desk.seal(tmp_path / "seals.jsonl")

    assert not seals(office)[0]


@pytest.mark.parametrize(
    ("option", "where"),
    [
        ("--seals", "nowhere/seals.jsonl"),
        ("--seals", "."),
        ("--seals", "pipe"),
        ("--seals", "bureau.db"),
        ("--seals", "notes.jsonl"),
        ("--seals", "other.jsonl"),
        ("--seal-page", "notes.html"),
    ],
)
def test_a_scheduler_that_could_never_seal_does_not_start(
    file_url: str, tmp_path: Path, option: str, where: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "notes.jsonl").write_text("会议记录\n", encoding="utf-8")
    (tmp_path / "other.jsonl").write_bytes(Seal(1, "2026-02-13T02:00:00.000000Z", 1, 1, "", "", "").line("00"))

    said = call_with(["scheduler", "--db", file_url, option, str(tmp_path / where)])

    assert said.code == 2, said.said
    assert str(tmp_path) in said.said
    assert not (tmp_path / "notes.html").exists()


def test_the_half_that_a_power_cut_left_and_a_seal_that_was_altered_stop_no_scheduler(
    office: Office, tmp_path: Path
) -> None:
    office.draft()
    seals = tmp_path / "seals.jsonl"
    office.desk.seal(seals)
    seals.write_bytes(seals.read_bytes()[:30])

    office.desk.expect_outside(seals)
    alter(office, "UPDATE seals SET root = replace(root, substr(root, 1, 4), 'beef')")
    office.desk.expect_outside(seals)

    assert len(seals.read_bytes()) == 30
