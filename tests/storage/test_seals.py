"""Seals: what was sealed and is no longer so is found and named, however well it was altered; what is honest is found well."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scheduler import Ticker
from storage import Desk
from storage.rows import event_from, event_row
from storage.seal_file import read_outside
from storage.tables import EventRow
from tests.engines import Hand, on_each_statement
from tests.factories import Clock, Office
from workflow.case import Event
from workflow.errors import Invalid, StorageFault
from workflow.ledger import chained

COLUMNS = [each.name for each in EventRow.__table__.columns]  # type: ignore[attr-defined]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """The file of seals."""
    return tmp_path / "seals.jsonl"


@pytest.fixture
def sealed(office: Office, outside: Path) -> Office:
    """Two seals: over one paper that was published, and over another that is under way."""
    paper = office.signed()
    office.does(
        "zhaoyun", "number", paper, series=next(iter(office.desk.definition("document").fields["series"].choices))
    )
    office.does("zhaoyun", "publish", paper)
    office.desk.seal(outside)
    office.at_the_office(attribute="proactive")
    office.desk.seal(outside)
    return office


def rewritten(office: Office, number: str, change: Callable[[Event], Event]) -> None:
    """The whole record of a case written anew, with hashes that fit and a head that fits."""
    hand = Hand(office.url)
    hand.break_the_lock()
    (case,) = hand.rows("SELECT id FROM cases WHERE number = ?", number)[0]
    rows = hand.rows(f"SELECT {', '.join(COLUMNS)} FROM events WHERE case_id = ? ORDER BY seq", case)
    previous = str(dict(zip(COLUMNS, rows[0], strict=True))["previous"])
    for row in rows:
        event = chained(change(event_from(row)), previous)
        previous, told = event.hash, event_row(event, "bureau")
        hand.alter(
            "UPDATE events SET via = ?, actor = ?, actor_name = ?, data = ?, previous = ?, hash = ? WHERE case_id = ? AND seq = ?",
            told["via"], told["actor"], told["actor_name"], told["data"], told["previous"], told["hash"], case, told["seq"],
        )  # fmt: skip
    hand.alter("UPDATE cases SET head = ? WHERE id = ?", previous, case)


def found(office: Office, outside: Path | None = None) -> list[tuple[str, str | None, int | None]]:
    problems = office.desk.verify(outside).problems
    assert "000Z" not in "".join(each.text.en for each in problems), "an instant that nobody in the office knows"
    return [(each.code, each.field, each.row) for each in problems]


def test_what_nobody_altered_is_found_well(sealed: Office, outside: Path) -> None:
    sealed.draft()  # not sealed yet

    assert found(sealed) == []
    assert found(sealed, outside) == []


def test_each_seal_says_how_much_it_covers_and_follows_on_the_one_before(sealed: Office, outside: Path) -> None:
    first, second = (json.loads(line) for line in outside.read_text("utf-8").splitlines())

    assert (first["no"], first["cases"], first["previous"]) == (1, 1, "")
    assert (second["no"], second["cases"], second["previous"]) == (2, 2, first["hash"])
    assert second["events"] > first["events"]
    assert len(first["marks"]) == 8 * first["events"]
    assert len(second["marks"]) == 8 * (second["events"] - first["events"])


def test_what_is_said_to_have_happened_before_a_seal_that_does_not_hold_it_is_told(
    sealed: Office, outside: Path
) -> None:
    sealed.clock.forward(days=3)
    sealed.draft()
    sealed.desk.seal(outside)
    right = sealed.clock.at
    assert sealed.desk.verify(outside).remarks == ()

    sealed.clock.forward(minutes=-50)  # who waited for a turn
    sealed.draft()
    assert sealed.desk.verify(outside).remarks == ()
    sealed.clock.at = right
    sealed.clock.forward(days=-2)
    late = sealed.draft()
    sealed.clock.at = right
    for _ in range(2):
        found = sealed.desk.verify(outside)
        assert [(each.field, each.row) for each in found.remarks] == [(sealed.case(late).number, 1)]
        assert "2026-03-03 09:00" in found.remarks[0].text.zh
        assert "2026-03-05 09:00 第 3 号封存" in found.remarks[0].text.zh
        assert found.problems == ()
        sealed.desk.seal(outside)


def test_nothing_new_needs_no_new_seal(sealed: Office, outside: Path) -> None:
    again = sealed.desk.seal(outside)

    assert again
    assert again.no == 2
    assert len(outside.read_text("utf-8").splitlines()) == 2


def test_an_office_where_nothing_happened_has_nothing_to_seal(office: Office) -> None:
    with pytest.raises(Invalid):
        office.desk.seal()
    assert office.desk.seal_if_due() is None


def test_a_record_that_was_rewritten_with_hashes_that_fit_is_found_by_its_seal(sealed: Office) -> None:
    rewritten(sealed, "DOC-2026-00001", lambda event: replace(event, via="mail" if event.seq == 3 else event.via))

    assert found(sealed) == [("sealed", "DOC-2026-00001", 1)]  # among what the first seal covers


def test_by_the_marks_outside_the_very_event_is_named(sealed: Office, outside: Path) -> None:
    rewritten(sealed, "DOC-2026-00001", lambda event: replace(event, via="mail" if event.seq == 3 else event.via))

    assert found(sealed, outside) == [("sealed", "DOC-2026-00001", 3)]


def test_who_seals_the_rewritten_record_anew_is_found_by_the_file_outside(
    sealed: Office, outside: Path, tmp_path: Path
) -> None:
    rewritten(sealed, "DOC-2026-00002", lambda event: replace(event, via="mail"))
    Hand(sealed.url).alter("DELETE FROM seals")
    sealed.desk.seal()
    assert found(sealed) == []

    assert ("sealed", "DOC-2026-00002", 1) in found(sealed, outside)


def test_a_record_that_was_cut_is_found(sealed: Office, outside: Path) -> None:
    hand = Hand(sealed.url)
    hand.break_the_lock()
    (case,) = hand.rows("SELECT id FROM cases WHERE number = 'DOC-2026-00002'")[0]
    for table in ("events", "deadlines", "steps", "notices", "likenesses"):
        hand.alter(f"DELETE FROM {table} WHERE case_id = ?", case)
    hand.alter("DELETE FROM cases WHERE id = ?", case)
    hand.alter("UPDATE counters SET serial = 1 WHERE series = 'case:document'")

    (problem,) = (each for each in sealed.desk.verify(outside).problems if each.code == "sealed")
    assert problem.field == "DOC-2026-00001"
    assert "旧副本" in problem.text.zh


def test_an_emptied_database_is_found(sealed: Office, outside: Path) -> None:
    hand = Hand(sealed.url)
    hand.break_the_lock()
    for table in ("events", "deadlines", "steps", "notices", "likenesses", "cases", "counters", "seals"):
        hand.alter(f"DELETE FROM {table}")

    assert found(sealed) == []
    assert [code for code, _, _ in found(sealed, outside)] == ["seal", "sealed"]


def test_an_event_put_between_is_found(sealed: Office, outside: Path) -> None:
    hand = Hand(sealed.url)
    hand.break_the_lock()
    place = "row_no = DEFAULT" if "postgresql" in sealed.url else "rowid = rowid + 100000"
    hand.alter(f"UPDATE events SET {place} WHERE seq = 1 AND case_id = (SELECT min(case_id) FROM events)")

    assert found(sealed, outside) == [("sealed", "DOC-2026-00001", 2)]  # which now comes first


def altered(office: Office, sql: str) -> None:
    hand = Hand(office.url)
    hand.break_the_lock()
    hand.alter(sql)


@pytest.mark.parametrize("no", [1, 2])
@pytest.mark.parametrize(
    "said",
    [
        *(f"{column} = '{'0' * 64}'" for column in ("root", "previous", "hash", "at", "peaks")),
        "peaks = 'zz'", "last_row = last_row - 1", "events = events - 1", "cases = 7",
    ],
)  # fmt: skip
def test_a_seal_that_was_altered_is_found_with_and_without_the_file(
    sealed: Office, outside: Path, said: str, no: int
) -> None:
    altered(sealed, f"UPDATE seals SET {said} WHERE no = {no}")

    assert ("seal", str(no), None) in found(sealed)
    assert "seal" in {code for code, _, _ in found(sealed, outside)}
    assert not {code for code, _, _ in found(sealed, outside)} - {"seal"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("UPDATE seals SET events = events - 1 WHERE no = 2", "seal"),
        ("UPDATE seals SET peaks = 'zz' WHERE no = 1", "seal"),
        ("UPDATE events SET hash = 'none' WHERE seq = 2 AND case_id = (SELECT max(case_id) FROM events)", "hash"),
    ],
)
def test_beside_an_altered_seal_and_a_half_written_line_all_else_is_found(
    sealed: Office, outside: Path, said: str, code: str
) -> None:
    first, second = outside.read_bytes().splitlines(keepends=True)
    outside.write_bytes(first + second[:-20])
    altered(sealed, said)
    altered(sealed, "UPDATE cases SET title = '改题' WHERE number = 'DOC-2026-00001'")

    told = [(each, number) for each, number, _ in found(sealed, outside)]

    assert ("replay", "DOC-2026-00001") in told
    assert code in [each for each, _ in told]
    with pytest.raises(Invalid):
        sealed.desk.seal(outside)


def test_a_file_of_seals_with_words_in_the_place_of_figures_is_named(sealed: Office, outside: Path) -> None:
    seal = read_outside(outside).seals[1].seal
    odd = replace(seal, events="x", hash="")  # type: ignore[arg-type]
    outside.write_bytes(outside.read_bytes() + replace(odd, hash=odd.own_hash()).line("") + b"{}\n")

    assert ("seal", "3") in [(code, number) for code, number, _ in found(sealed, outside)]


def test_a_seal_of_the_file_that_the_database_has_otherwise_is_named(sealed: Office, outside: Path) -> None:
    lines = outside.read_text("utf-8").splitlines()
    outside.write_text("\n".join([lines[0], lines[1].replace('"cases":2', '"cases":3')]) + "\n", "utf-8")

    assert ("seal", "2", None) in found(sealed, outside)


def test_an_old_copy_put_back_is_found_and_is_not_sealed_over(file_url: str, tmp_path: Path) -> None:
    outside, old = tmp_path / "seals.jsonl", tmp_path / "old.db"
    path = file_url.removeprefix("sqlite:///")
    clock = Clock()
    with Desk.open(file_url, clock=clock) as desk:
        Office(file_url, clock, desk).draft()
        desk.seal(outside)
    shutil.copy(path, old)
    with Desk.open(file_url, clock=clock) as desk:
        Office(file_url, clock, desk).draft()
        desk.seal(outside)
    shutil.copy(old, path)

    with Desk.open(file_url, clock=clock) as desk:
        office = Office(file_url, clock, desk)
        assert found(office) == []
        assert [code for code, _, _ in found(office, outside)] == ["seal", "sealed"]
        office.draft()
        with pytest.raises(Invalid) as refused:
            desk.seal(outside)
        assert refused.value.problems[0].code == "other-seals"


def test_a_line_that_is_no_seal_is_named(sealed: Office, outside: Path) -> None:
    with outside.open("a") as file:
        file.write('{"v":1,"no":3\n')

    assert found(sealed, outside) == [("seal", "3", 3)]


def test_a_file_of_seals_that_was_emptied_or_put_back_is_named(sealed: Office, outside: Path, tmp_path: Path) -> None:
    lines = outside.read_bytes().splitlines(keepends=True)
    for left, lacks in ((b"", "1"), (lines[0], "2")):
        outside.write_bytes(left)

        (problem,) = sealed.desk.verify(outside).problems

        assert (problem.code, problem.field) == ("seal", lacks)
        assert f"第 {lacks} 号" in problem.text.zh


def test_an_empty_file_of_seals_is_not_ill_before_anything_was_sealed(office: Office, outside: Path) -> None:
    office.draft()
    outside.touch()

    assert found(office, outside) == []


def test_a_file_that_cannot_be_written_loses_no_seal(sealed: Office, outside: Path, tmp_path: Path) -> None:
    sealed.draft()
    with pytest.raises(StorageFault):
        sealed.desk.seal(tmp_path / "nowhere" / "seals.jsonl")

    sealed.desk.seal(outside)
    assert [json.loads(line)["no"] for line in outside.read_text("utf-8").splitlines()] == [1, 2, 3]


def test_a_seal_is_due_after_an_hour_with_something_new_and_at_once_after_a_publication(office: Office) -> None:
    def due() -> int | None:
        sealed = office.desk.seal_if_due()
        return sealed.no if sealed else None

    paper = office.signed()
    assert due() == 1
    office.does(
        "zhaoyun", "number", paper, series=next(iter(office.desk.definition("document").fields["series"].choices))
    )
    assert due() is None
    office.does("zhaoyun", "publish", paper)
    assert due() == 2
    office.draft()
    assert due() is None
    office.clock.forward(hours=1)
    assert due() == 3
    office.clock.forward(hours=1)
    assert due() is None  # nothing is new


def test_what_could_not_be_written_is_written_with_the_next_pass_though_no_seal_is_due(
    office: Office, tmp_path: Path
) -> None:
    office.draft()
    there = tmp_path / "mounted"
    with pytest.raises(StorageFault):
        office.desk.seal_if_due(there / "seals.jsonl")

    there.mkdir()
    assert office.desk.seal_if_due(there / "seals.jsonl") is None

    assert len((there / "seals.jsonl").read_text("utf-8").splitlines()) == 1


def test_the_ticker_seals_after_its_pass(office: Office, outside: Path) -> None:
    office.draft()

    Ticker(office.desk, deliveries=[lambda: office.desk.seal_if_due(outside)]).tick()

    assert len(outside.read_text("utf-8").splitlines()) == 1


def test_who_seals_while_another_verifies_leaves_nothing_lacking(sealed: Office, outside: Path) -> None:
    sealed.draft()
    with Desk.open(sealed.url, clock=sealed.clock) as another:
        meanwhile = [another.seal]  # when the file has been read, and before the database is
        on_each_statement(sealed.desk._db, lambda _: meanwhile.pop()(outside) if meanwhile else None)

        assert found(sealed, outside) == []

    assert (meanwhile, read_outside(outside).last.no) == ([], 3)


@pytest.mark.parametrize(
    "said", ["peaks = replace(peaks, substr(peaks, 1, 4), 'beef')", "last_row = last_row - 1", "at = 'noon'"]
)
def test_a_seal_that_was_altered_in_the_database_is_not_carried_outside_and_none_is_made_on_it(
    sealed: Office, outside: Path, said: str
) -> None:
    before, seals = outside.read_bytes(), "SELECT count(*) FROM seals"
    altered(sealed, f"UPDATE seals SET {said} WHERE no = 2")
    sealed.draft()
    sealed.clock.forward(hours=1)

    for asks in (sealed.desk.seal, sealed.desk.seal_if_due):
        with pytest.raises(Invalid) as refused:
            asks(outside)
        assert [each.code for each in refused.value.problems] == ["altered-seal"]

    assert outside.read_bytes() == before
    assert Hand(sealed.url).rows(seals) == [(2,)]
    assert found(sealed, outside) != []


def test_what_was_rewritten_after_it_was_sealed_inside_is_not_carried_outside(sealed: Office, outside: Path) -> None:
    before = outside.read_bytes()
    sealed.draft()
    sealed.desk.seal()
    rewritten(sealed, "DOC-2026-00003", lambda event: replace(event, via="mail"))

    with pytest.raises(Invalid) as refused:
        sealed.desk.seal(outside)

    assert [each.code for each in refused.value.problems] == ["altered-seal"]
    assert outside.read_bytes() == before


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ({"previous": "0" * 64}, True),
        ({"events": 99}, True),
        ({"cases": 99}, True),
        ({"root": "0" * 64}, True),
        ({"at": "2026-03-01T00:00:00.000000Z"}, False),
    ],
)
def test_a_seal_that_does_not_follow_or_is_not_as_its_hash_or_the_record_says_is_not_carried_outside(
    sealed: Office, outside: Path, said: dict[str, Any], fits: bool
) -> None:
    before = outside.read_bytes()
    sealed.draft()
    seal = replace(sealed.desk.seal(), **said)
    own = {"hash": seal.own_hash()} if fits else {}
    now = ", ".join(f"{name} = '{value}'" for name, value in {**said, **own}.items())
    altered(sealed, f"UPDATE seals SET {now} WHERE no = 3")

    with pytest.raises(Invalid) as refused:
        sealed.desk.seal_if_due(outside)

    assert [each.code for each in refused.value.problems] == ["altered-seal"]
    assert outside.read_bytes() == before


def test_nobody_waits_for_a_pipe_in_the_place_of_the_seals(sealed: Office, outside: Path, tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")

    with pytest.raises(StorageFault):
        sealed.desk.seal(pipe)
    with pytest.raises(Invalid):
        sealed.desk.verify(seals=pipe)
    with pytest.raises(Invalid):
        sealed.desk.verify(seals=outside, since=pipe)


def test_nobody_reads_for_ever_what_has_no_end(sealed: Office, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.seal_file._LONGEST", 1 << 16)
    with pytest.raises(StorageFault):
        sealed.desk.seal(Path("/dev/full"))
    for endless in (["yes"], ["cat", "/dev/zero"]):
        with subprocess.Popen(endless, stdout=subprocess.PIPE) as said:
            pipe = Path(f"/dev/fd/{said.stdout.fileno()}")  # type: ignore[union-attr]
            for seals, since in (
                (pipe, None),
                (Path("/dev/zero"), None),
                (outside, pipe),
                (outside, Path("/dev/zero")),
            ):
                with pytest.raises(Invalid):
                    sealed.desk.verify(seals, since=since)
