"""The verifier for third parties: run as they would run it, on a file and on the rows of a server, it says what ours says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from storage import Desk
from tests.engines import Hand
from tests.factories import Clock, Office
from tests.storage.test_seals import outside, rewritten, sealed  # noqa: F401

HOUSE = Path(__file__).resolve().parents[2]


def verified(office: Office, seals: Path | None, directory: Path) -> tuple[int, str]:
    path = office.url.removeprefix("sqlite:///")
    if path == office.url:
        path = str(directory / "events.jsonl")
        rows = [
            row
            for table in ("events", "cases", "entries", "seals")
            for row in Hand(office.url).rows(f"SELECT to_jsonb(e) FROM {table} e")
        ]
        Path(path).write_text("".join(json.dumps(row) + "\n" for (row,) in rows), "utf-8")
    command = [sys.executable, "-I", str(HOUSE / "ops/ledger/verify.py"), path, *([str(seals)] if seals else [])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_an_honest_record_is_found_well(sealed: Office, outside: Path, tmp_path: Path) -> None:  # noqa: F811
    code, said = verified(sealed, outside, tmp_path)

    events, entries = (len(Hand(sealed.url).rows(f"SELECT 1 FROM {table}")) for table in ("events", "entries"))
    assert (code, said) == (0, f"2 cases, {events} events, {entries} entries: as sealed\n")


def test_a_copy_that_cannot_be_written_is_verified_where_it_lies(file_url: str, tmp_path: Path) -> None:
    with Desk.open(file_url, clock=Clock()) as desk:
        Office(file_url, Clock(), desk).draft()
    with tempfile.TemporaryDirectory() as place:
        path = Path(shutil.copy(file_url.removeprefix("sqlite:///"), place))
        path.chmod(0o444)
        os.chmod(place, 0o555)
        command = [sys.executable, "-I", "-c", AS_NOBODY, str(HOUSE / "ops/ledger/verify.py"), str(path)]

        done = subprocess.run(command, capture_output=True, text=True)

    entries = len(Hand(file_url).rows("SELECT 1 FROM entries"))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"1 cases, 1 events, {entries} entries: as chained\n", "")


def test_what_it_was_not_given_it_says(tmp_path: Path) -> None:
    rows, words = tmp_path / "rows.jsonl", tmp_path / "words"
    rows.write_text("")
    words.write_text("events")
    program = [sys.executable, "-I", str(HOUSE / "ops/ledger/verify.py")]
    told = [
        subprocess.run([*program, *map(str, given)], capture_output=True, text=True)
        for given in ([rows], [], ["nofile"], [words])
    ]

    assert (told[0].returncode, told[0].stdout) == (0, "0 cases, 0 events, no entries: as chained\n")
    assert [each.returncode for each in told[1:]] == [2, 2, 2]
    assert ["DATABASE" in told[1].stderr, "nofile" in told[2].stderr, "words" in told[3].stderr] == [True, True, True]
    assert "Traceback" not in "".join(each.stderr for each in told)


#: Root may write anything; the verifier is begun by somebody who may not.
AS_NOBODY = """
import contextlib, encodings.idna, hashlib, json, os, pathlib, sqlite3, sys, typing, unicodedata, urllib.parse
sys.argv.pop(0)
said = compile(open(sys.argv[0]).read(), sys.argv[0], "exec")
os.geteuid() or os.setuid(65534)
exec(said, {"__name__": "__main__"})
"""


def test_an_event_that_was_altered_is_named(sealed: Office, tmp_path: Path) -> None:  # noqa: F811
    hand = Hand(sealed.url)
    hand.break_the_lock()
    hand.alter("UPDATE events SET via = 'mail' WHERE seq = 3 AND case_id = (SELECT min(case_id) FROM events)")

    assert verified(sealed, None, tmp_path)[1].startswith("event 3 of case ")


def test_a_case_that_was_given_another_number_is_named(sealed: Office, tmp_path: Path) -> None:  # noqa: F811
    hand = Hand(sealed.url)
    hand.break_the_lock()
    hand.alter("UPDATE cases SET number = 'DOC-2026-00003' WHERE number = 'DOC-2026-00001'")

    code, said = verified(sealed, None, tmp_path)

    assert code == 1
    assert said.endswith("was not DOC-2026-00003\n")


def test_an_opening_that_was_altered_is_named(sealed: Office, tmp_path: Path) -> None:  # noqa: F811
    case = sealed.draft()
    sealed.does("wangmin", "discard", case, comment="重复起草")
    hand = Hand(sealed.url)
    hand.break_the_lock()
    hand.alter("UPDATE events SET openings = replace(openings, '重复', '误') WHERE case_id = ?", case)

    assert "comment." in verified(sealed, None, tmp_path)[1]


def test_a_record_that_was_rewritten_is_found_by_its_seals(sealed: Office, outside: Path, tmp_path: Path) -> None:  # noqa: F811
    rewritten(sealed, "DOC-2026-00002", lambda event: replace(event, via="mail"))

    assert verified(sealed, None, tmp_path)[0] == 0
    assert verified(sealed, outside, tmp_path) == (1, "seal 2\n")


def test_a_file_of_seals_that_lacks_some_is_named(sealed: Office, outside: Path, tmp_path: Path) -> None:  # noqa: F811
    outside.write_bytes(outside.read_bytes().splitlines(keepends=True)[0])

    assert verified(sealed, outside, tmp_path) == (1, f"seal 2 is not in {outside}\n")


def test_it_uses_the_standard_library_alone() -> None:
    text = (HOUSE / "ops/ledger/verify.py").read_text("utf-8")
    imported = {line.split()[1] for line in text.splitlines() if line.startswith("import ")}

    assert imported <= sys.stdlib_module_names
    assert "from storage" not in text


@pytest.mark.parametrize("name", ["docs/ledger.md"])
def test_its_specification_is_there(name: str) -> None:
    assert (HOUSE / name).is_file()
