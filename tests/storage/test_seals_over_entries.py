"""Seals over the chain of entries: what judges cases cannot be cut off or written anew as a whole either."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from storage.seal_file import BLANK, Seal, read_outside
from storage.statements import LAST_ENTRY
from tests.engines import Hand
from tests.factories import Office
from tests.storage.tampering import alter, cut, entered_anew
from tests.storage.test_independent_verifier import verified
from tests.storage.test_seals import found
from workflow.errors import Invalid


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """The file of seals."""
    return tmp_path / "seals.jsonl"


@pytest.fixture
def sealed(office: Office, outside: Path) -> Office:
    """Two seals; a post was given and used between them, and another after."""
    office.draft()
    office.desk.seal(outside)
    appointed(office, "zhaoyun")
    office.draft()
    office.desk.seal(outside)
    return office


def appointed(office: Office, person: str) -> None:
    office.desk.appoint(office.actor("admin"), person, "drafter", section="国库科")


def entries_there(office: Office) -> tuple[int, str]:
    row = office.desk._db.one(LAST_ENTRY)
    assert row
    return row["no"], row["hash"]


def of_version_1(office: Office, outside: Path, count: int) -> None:
    """The first seals are as an older program made them, in the database and outside; those after follow on them."""
    before, lines = BLANK, []
    for there in read_outside(outside).seals:
        seal = replace(there.seal, previous=before.hash)
        if seal.no <= count:
            seal = replace(seal, entries=None, entry=None)
        before = replace(seal, hash=seal.own_hash())
        sql = "update seals set previous = ?, hash = ?, entries = ?, entry = ? where no = ?"
        alter(office, sql, before.previous, before.hash, before.entries, before.entry, before.no)
        lines.append(before.line(there.marks))
    outside.write_bytes(b"".join(lines))


def test_a_seal_says_how_many_entries_there_were_and_the_hash_of_the_last(sealed: Office, outside: Path) -> None:
    first, second = (json.loads(line) for line in outside.read_text("utf-8").splitlines())

    assert first["v"] == second["v"] == 2
    assert (second["entries"], second["entry"]) == entries_there(sealed)
    assert second["entries"] == first["entries"] + 1


@pytest.mark.parametrize(("tampers", "no"), [(cut, "2"), (entered_anew, "1")])
def test_entries_cut_off_or_written_anew_are_found_by_the_first_seal_that_they_do_not_bear_out(
    sealed: Office, outside: Path, tmp_path: Path, tampers: Callable[[Office], None], no: str
) -> None:
    assert found(sealed) == found(sealed, outside) == []
    assert verified(sealed, outside, tmp_path)[0] == 0

    tampers(sealed)

    for problems in (sealed.desk.verify().problems, sealed.desk.verify(outside).problems):
        (problem,) = problems
        assert problem.code == "sealed"
        assert f"第 {no} 号封存" in problem.text.zh
    assert verified(sealed, outside, tmp_path) == (
        1,
        f"seal {no}: its entries\n" + "seal 2: its entries\n" * (no == "1"),
    )


def test_who_seals_the_rest_of_the_entries_anew_is_found_by_the_file_outside(sealed: Office, outside: Path) -> None:
    cut(sealed)
    alter(sealed, "delete from seals")
    sealed.desk.seal()
    assert found(sealed) == []

    assert ("sealed", f"entry/{entries_there(sealed)[0] + 1}") in [each[:2] for each in found(sealed, outside)]


def test_entries_that_grew_again_since_they_were_cut_are_found(sealed: Office, outside: Path) -> None:
    cut(sealed)
    appointed(sealed, "sunli")
    appointed(sealed, "zhaoyun")

    assert [each[0] for each in found(sealed, outside)] == ["sealed"]


@pytest.mark.parametrize("tampers", [cut, entered_anew])
def test_nothing_is_sealed_or_carried_outside_over_entries_that_a_seal_does_not_bear_out(
    sealed: Office, outside: Path, tampers: Callable[[Office], None]
) -> None:
    appointed(sealed, "sunli")
    sealed.draft()
    sealed.desk.seal()  # not yet outside
    before = outside.read_bytes()
    tampers(sealed)
    sealed.draft()

    for to in (None, outside):
        with pytest.raises(Invalid) as refused:
            sealed.desk.seal(to)
        assert [each.code for each in refused.value.problems] == ["altered-seal"]
    with pytest.raises(Invalid):
        sealed.desk.seal_if_due(outside)

    assert outside.read_bytes() == before
    assert Hand(sealed.url).rows("select max(no) from seals") == [(3,)]


def test_what_waits_to_go_outside_is_held_against_the_entries(sealed: Office, outside: Path) -> None:
    before = outside.read_bytes()
    appointed(sealed, "sunli")
    sealed.draft()
    sealed.desk.seal()
    cut(sealed)
    sealed.draft()

    with pytest.raises(Invalid) as refused:
        sealed.desk._write_out(outside)

    assert [each.code for each in refused.value.problems] == ["altered-seal"]
    assert outside.read_bytes() == before


@pytest.mark.parametrize("count", [1, 2])
def test_seals_from_before_stay_valid_and_are_followed_by_those_of_now(
    sealed: Office, outside: Path, tmp_path: Path, count: int
) -> None:
    of_version_1(sealed, outside, count)
    assert found(sealed) == found(sealed, outside) == []
    assert '"entr' not in outside.read_text("utf-8").splitlines()[0]
    assert verified(sealed, outside, tmp_path)[0] == 0

    sealed.draft()
    sealed.desk.seal(outside)

    assert json.loads(outside.read_text("utf-8").splitlines()[-1])["v"] == 2
    assert found(sealed) == found(sealed, outside) == []
    assert verified(sealed, outside, tmp_path)[0] == 0
    cut(sealed)
    assert [each[0] for each in found(sealed)] == ["sealed"]


def test_a_seal_of_before_does_not_follow_on_one_of_now(sealed: Office, outside: Path, tmp_path: Path) -> None:
    seal = replace(read_outside(outside).seals[1].seal, entries=None, entry=None)
    seal = replace(seal, hash=seal.own_hash())
    alter(sealed, "update seals set hash = ?, entries = null, entry = null where no = 2", seal.hash)
    first, second = outside.read_bytes().splitlines(keepends=True)
    outside.write_bytes(first + seal.line(json.loads(second)["marks"]))

    assert ("seal", "2", None) in found(sealed)
    assert ("seal", "2", None) in found(sealed, outside)
    assert verified(sealed, outside, tmp_path) == (1, "seal 2\n")


@pytest.mark.parametrize("said", ["entries = entries - 1", "entries = null", "entry = null", "entry = 'x'"])
def test_a_seal_altered_in_what_it_says_of_the_entries_is_named(sealed: Office, outside: Path, said: str) -> None:
    alter(sealed, f"update seals set {said} where no = 2")

    assert found(sealed) == [("seal", "2", None)]
    assert {each[0] for each in found(sealed, outside)} == {"seal"}
    sealed.draft()
    with pytest.raises(Invalid):
        sealed.desk.seal(outside)


def test_an_entry_whose_hash_is_none_is_not_sealed(sealed: Office, outside: Path) -> None:
    before = outside.read_bytes()
    alter(sealed, "update entries set hash = 'zz' where no = (select max(no) from entries)")
    alter(sealed, "delete from seals where no = 2")
    outside.write_bytes(before.splitlines(keepends=True)[0])

    with pytest.raises(Invalid) as refused:
        sealed.desk.seal(outside)

    assert [each.code for each in refused.value.problems] == ["altered-seal"]
    assert Hand(sealed.url).rows("select max(no) from seals") == [(1,)]


def test_odd_figures_of_a_seal_are_no_seal() -> None:
    odd = Seal(1, "", 1, 1, "", "", "", entries="x", entry="")  # type: ignore[arg-type]

    assert not replace(odd, hash=odd.own_hash()).holds()


def test_a_new_entry_alone_makes_no_new_seal_and_is_in_the_next(sealed: Office, outside: Path) -> None:
    appointed(sealed, "sunli")
    sealed.clock.forward(hours=2)
    assert sealed.desk.seal_if_due(outside) is None

    sealed.draft()

    seal = sealed.desk.seal_if_due(outside)
    assert seal
    assert (seal.entries, seal.entry) == entries_there(sealed)


def test_an_entry_that_was_altered_is_named_by_others_too(sealed: Office, tmp_path: Path) -> None:
    alter(sealed, "update entries set digest = ? where no = 2", "0" * 64)

    assert verified(sealed, None, tmp_path) == (1, "entry 2\n")
