"""A line of the file of seals that a power cut or a full disk left half written: the next seal ends it, and nothing is proved less."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from reports.seal_page import seal_page
from storage import Desk
from storage.seal_file import appending, read_outside
from storage.seals import written_out
from tests.engines import Hand
from tests.factories import Clock, Office
from tests.storage.test_independent_verifier import verified
from tests.storage.test_seals import found, outside, rewritten, sealed  # noqa: F401
from workflow.errors import Busy, Invalid, StorageFault
from workflow.text import Text


@pytest.fixture
def written(outside: Path) -> tuple[bytes, bytes]:  # noqa: F811
    """The first line as it was written, and the second, which is to be cut."""
    first, second = outside.read_bytes().splitlines(keepends=True)
    return first, second


def left_by_the_disk(line: bytes, cut: int) -> Iterator[bytes]:
    """What may stand there instead: the beginning, with zeros up to the end, with zeros in the middle."""
    yield line[:cut]
    yield line[:cut] + bytes(len(line) - cut)
    yield line[:cut] + bytes(min(64, len(line) - cut)) + line[cut + 64 :]


def test_wherever_a_line_was_cut_the_next_seal_ends_it_and_takes_nothing_back(
    sealed: Office, outside: Path, written: tuple[bytes, bytes], tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    first, line = written
    seals = [each.seal for each in read_outside(outside).seals]
    for cut in range(1, len(line), 23):  # a line of which nothing came out is lacking, and is named
        for left in left_by_the_disk(line, cut):
            outside.write_bytes(first + left)
            assert found(sealed, outside) == [], cut

            added = written_out(sealed.desk._db, outside)

            there = read_outside(outside)
            assert outside.read_bytes().startswith(first + left), cut
            assert (added, [each.seal for each in there.seals], there.halves) == (1, seals, ()), cut
    assert found(sealed, outside) == []
    assert verified(sealed, outside, tmp_path)[0] == 0


#: What JSON reads in the place of what a seal says, and no seal can say.
ODD = {
    "at": ("\ud800", 5, "yesterday", "9999-12-31T23:59:59.999999Z"),
    "root": ("\ud800",),
    "entry": ("\ud800",),
    "marks": ("\ud800",),
    "no": (10**20, "1"),
}


def test_a_line_that_can_be_read_and_is_no_seal_is_named(
    sealed: Office, outside: Path, written: tuple[bytes, bytes], tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    told = json.loads(written[0])
    lines = [json.dumps({**told, name: odd}) for name, those in ODD.items() for odd in those]
    page = outside.with_suffix(".html")
    for line in ("[" * 100_000, *lines):
        outside.write_bytes(line.encode() + b"\n" + written[1])
        for act in (lambda: found(sealed, outside), lambda: sealed.desk.put_page(page, seal_page("局"))):
            with pytest.raises(Invalid) as refused:
                act()
            assert [(each.code, each.row) for each in refused.value.problems] == [("bad-seal", 1)]
    for line in ("[" * 100_000, lines[0], lines[-1]):
        outside.write_bytes(line.encode() + b"\n" + written[1])
        assert verified(sealed, outside, tmp_path)[0] == 1
        outside.write_bytes(b"".join(written) + line.encode() + b"\n" + written[1])
        assert verified(sealed, outside, tmp_path)[0] == 1


def test_a_line_that_lacks_its_end_alone_is_whole(
    sealed: Office, outside: Path, written: tuple[bytes, bytes], tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    outside.write_bytes(b"".join(written).removesuffix(b"\n"))
    assert sealed.desk.seal_if_due(outside) is None
    sealed.draft()

    sealed.desk.seal(outside)

    assert [each.seal.no for each in read_outside(outside).seals] == [1, 2, 3]
    assert found(sealed, outside) == []
    assert verified(sealed, outside, tmp_path)[0] == 0


def test_the_power_may_go_again_while_the_half_is_ended(
    sealed: Office, outside: Path, written: tuple[bytes, bytes], tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    first, line = written
    for left, last in ((line[:40] + b"\n", 2), (line[:40] + b"\n" + line[:300], 3), (line[:40] + b"\n" + line[:3], 3)):
        outside.write_bytes(first + left)
        assert found(sealed, outside) == []
        heard: list[Text] = []

        sealed.desk.seal(outside, heard.append)

        assert [each.seal.no for each in read_outside(outside).seals] == [1, 2]
        assert found(sealed, outside) == []
        assert verified(sealed, outside, tmp_path)[0] == 0
        assert [f"第 {last} 行" in each.zh for each in heard] == [True]


def test_the_very_first_line_may_be_half_written(
    sealed: Office, outside: Path, written: tuple[bytes, bytes]  # noqa: F811
) -> None:  # fmt: skip
    outside.write_bytes(written[0][:99])

    sealed.desk.seal_if_due(outside)

    assert [each.seal.no for each in read_outside(outside).seals] == [1, 2]
    assert found(sealed, outside) == []


def test_who_rewrites_the_record_and_cuts_the_file_is_found_by_the_half_that_is_left(
    sealed: Office, outside: Path, written: tuple[bytes, bytes]  # noqa: F811
) -> None:  # fmt: skip
    outside.write_bytes(written[0] + written[1][:-60])
    rewritten(sealed, "DOC-2026-00002", lambda event: replace(event, via="mail"))
    Hand(sealed.url).alter("DELETE FROM seals WHERE no = 2")
    sealed.desk.seal()

    assert found(sealed, outside) == [("seal", "2", 2)]
    with pytest.raises(Invalid) as refused:
        sealed.desk.seal(outside)
    assert refused.value.problems[0].row == 2


def test_what_was_sealed_before_the_cut_is_compared_as_ever(
    sealed: Office, outside: Path, written: tuple[bytes, bytes]  # noqa: F811
) -> None:  # fmt: skip
    outside.write_bytes(written[0] + written[1][:30])
    sealed.desk.seal(outside)
    rewritten(sealed, "DOC-2026-00001", lambda event: replace(event, via="mail" if event.seq == 3 else event.via))

    assert found(sealed, outside) == [("sealed", "DOC-2026-00001", 3)]


def test_a_half_of_a_seal_that_the_database_has_no_more_shows_an_old_copy(file_url: str, tmp_path: Path) -> None:
    file, old, clock = tmp_path / "out.jsonl", tmp_path / "old.db", Clock()
    path = file_url.removeprefix("sqlite:///")
    for keep in (old, tmp_path / "new.db"):
        with Desk.open(file_url, clock=clock) as desk:
            Office(file_url, clock, desk).draft()
            desk.seal(file)
        shutil.copy(path, keep)
    file.write_bytes(file.read_bytes()[:-200])
    shutil.copy(old, path)

    with Desk.open(file_url, clock=clock) as desk:
        assert found(Office(file_url, clock, desk), file) == [("seal", "2", 2)]
        with pytest.raises(Invalid):
            written_out(desk._db, file)


@pytest.mark.parametrize("change", [b"x" * 40, b'{"v":1,"no":7}'])
def test_a_line_in_the_middle_that_is_no_half_of_the_next_is_named(
    sealed: Office, outside: Path, written: tuple[bytes, bytes], change: bytes, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    outside.write_bytes(written[0] + change + b"\n" + written[1])

    for asks in (sealed.desk.verify, sealed.desk.seal):
        with pytest.raises(Invalid) as refused:
            asks(outside)
        assert refused.value.problems[0].row == 2
    assert verified(sealed, outside, tmp_path) == (1, "line 2 is no seal\n")


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The system writes as much as there is room for, and then no more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_was_full_in_the_middle_of_a_line_is_as_a_power_cut(sealed: Office, outside: Path) -> None:  # noqa: F811
    sealed.draft()
    sealed.desk.seal()
    with no_file_longer_than(outside.stat().st_size + 100), pytest.raises(StorageFault):
        sealed.desk.seal_if_due(outside)
    assert len(read_outside(outside).halves) == 1

    sealed.desk.seal_if_due(outside)

    assert [each.seal.no for each in read_outside(outside).seals] == [1, 2, 3]
    assert found(sealed, outside) == []


def test_two_schedulers_do_not_add_the_same_seal_twice(sealed: Office, outside: Path) -> None:  # noqa: F811
    sealed.draft()
    with appending(outside), pytest.raises(Busy) as busy:
        sealed.desk.seal(outside)
    assert str(outside) in busy.value.said.zh
    assert "请求号" not in busy.value.said.zh

    sealed.desk.seal_if_due(outside)

    assert [each.seal.no for each in read_outside(outside).seals] == [1, 2, 3]
