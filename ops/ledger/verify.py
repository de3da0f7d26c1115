#!/usr/bin/env python3
"""Checks a gongkai record and its seals with the standard library alone, as docs/ledger.md says it: verify.py DATABASE [SEALS].

DATABASE is an SQLite file, or the rows of a server as JSON lines (docs/ledger.md gives the command): of events and entries; of
cases and seals, too, where their names shall be checked, and whether SEALS has them all. Written apart from gongkai. What the record
stands for (posts, definitions, dates, the state of a case) it does not hold against it: that page says what only `gongkai verify` does.
"""

import hashlib
import json
import os
import sqlite3
import sys
import unicodedata
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

COLUMNS = (
    "case_id", "seq", "at", "actor", "actor_name", "on_behalf_of", "via", "transition", "source", "target", "data", "comment",
    "automatic", "definition", "request_id", "previous", "hash", "form", "openings",
)  # fmt: skip
KEYS = ("case", "seq", "at", "actor", "actor_name", "for", "via", "transition", "from", "to", "data", "comment",
        "automatic", "definition", "request", "previous")  # fmt: skip
NAME = ("id", "number", "kind", "bureau", "section")
SEAL = ("v", "no", "at", "cases", "events", "root", "previous", "hash")
OF_ENTRIES = ("entries", "entry")  # what a seal of version 2 says beside
ENTRY = ("no", "what", "key", "digest", "at", "by", "previous", "hash")


def canonical(said: object) -> str:
    """The canonical JSON of it."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha(said: object) -> str:
    """The hash of the canonical JSON of it."""
    return hashlib.sha256(unicodedata.normalize("NFC", canonical(said)).encode()).hexdigest()


def written(text: str) -> dict[str, Any]:
    """What a column says. In another form it is not what was written: of a key that stands twice each reader takes another."""
    said: dict[str, Any] = json.loads(text)
    if canonical(said) != text:
        raise ValueError(text)
    return said


def rows(path: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[int], list[dict[str, Any]]]:
    """Every event in the order of the commits, what each case is called, the numbers of the seals that the database holds, the entries."""
    if Path(path).read_bytes()[:15] == b"SQLite format 3":
        # A copy on a medium that cannot be written: nobody writes it meanwhile, and SQLite need not ask who does.
        alone = not os.access(Path(path).absolute().parent, os.W_OK) and not os.path.exists(f"{path}-wal")
        with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro{'&immutable=1' * alone}", uri=True)) as db:
            db.text_factory = text_or_bytes
            events = db.execute(f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY rowid").fetchall()  # noqa: S608
            cases = db.execute(f"SELECT {', '.join(NAME)} FROM cases").fetchall()  # noqa: S608
            seals = [no for (no,) in db.execute("SELECT no FROM seals")]
            # A copy from before schema 0016 has no entries.
            is_there = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'entries'").fetchone()
            columns = ", ".join(f'"{name}"' for name in ENTRY)
            entered = db.execute(f"SELECT {columns} FROM entries ORDER BY no").fetchall() if is_there else []  # noqa: S608
            return events, cases, seals, [dict(zip(ENTRY, row, strict=True)) for row in entered]
    said = lines(path)
    told = sorted((row for row in said if "row_no" in row), key=lambda row: int(row["row_no"]))
    cases = [tuple(row[name] for name in NAME) for row in said if "number" in row]
    seals = [int(row["no"]) for row in said if "root" in row]
    entries = sorted((row for row in said if "what" in row), key=lambda row: int(row["no"]))
    return [tuple(row[name] for name in COLUMNS) for row in told], cases, seals, entries


def text_or_bytes(said: bytes) -> str | bytes:
    """What stands there; what is no text is no part of a record, and makes another hash."""
    try:
        return said.decode()
    except UnicodeDecodeError:
        return said


def lines(path: str) -> list[dict[str, Any]]:
    """The JSON of each line."""
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def sealed(path: str) -> tuple[list[dict[str, Any]], list[str], bool]:
    """The seals, each line that is none, and whether the last is half written. A power cut leaves the beginning of a line, or zeros: the next line has it whole."""
    seals, strange, halves = [], [], list[tuple[int, bytes]]()
    for number, line in enumerate(Path(path).read_bytes().splitlines(keepends=True), 1):
        try:
            said = json.loads(line)
            seal = {name: said[name] for name in (*SEAL, *(OF_ENTRIES if said["v"] != 1 else ()))}
            if type(seal["no"]) is not int or not sha(seal):  # of what is no text there is no hash
                raise ValueError(line)
            seals.append(seal)
        except (ValueError, TypeError, KeyError, RecursionError):
            halves.append((number, line.removesuffix(b"\n")))
            continue
        for at, half in halves:
            if len(half) > len(line) or any(byte not in (0, there) for byte, there in zip(half, line, strict=False)):
                strange.append(f"line {at} is no seal")
        halves = []
    return seals, strange, bool(halves)


def roots(hashes: list[str], sizes: set[str]) -> dict[str, str]:
    """The heads of the tree at these sizes, as RFC 9162 §2.1.1 says it: it grows by a leaf at a time, whole parts stay as they are."""
    parts: list[tuple[int, bytes]] = []  # how many leaves, and their head
    found = {}
    for size, leaf in enumerate(hashes, 1):
        # What is no hash is no leaf, and makes another head.
        raw = bytes.fromhex(leaf) if set(leaf) <= set("0123456789abcdef") and len(leaf) == 64 else leaf.encode()
        parts.append((1, hashlib.sha256(b"\x00" + raw).digest()))
        while len(parts) > 1 and parts[-1][0] == parts[-2][0]:
            (count, right), (_, left) = parts.pop(), parts.pop()
            parts.append((2 * count, hashlib.sha256(b"\x01" + left + right).digest()))
        if str(size) in sizes:
            head = parts[-1][1]
            for _, left in reversed(parts[:-1]):
                head = hashlib.sha256(b"\x01" + left + head).digest()
            found[str(size)] = head.hex()
    return found


def unchained(entries: list[dict[str, Any]]) -> list[str]:
    """The first entry that does not follow on the one before, or is not as its hash says."""
    previous = ""
    for place, row in enumerate(entries, 1):
        said = {"v": 1, **{name: row[name] for name in ENTRY if name != "hash"}}
        try:
            holds = (row["no"], row["previous"]) == (place, previous) and sha(said) == row["hash"]
        except (ValueError, TypeError):  # whatever somebody wrote there
            holds = False
        if not holds:
            return [f"entry {place}"]
        previous = row["hash"]
    return []


def told_wrong(
    said: dict[str, Any], heads: dict[str, tuple[int, str]], firsts: dict[str, str], began_in: dict[str, str], name: str
) -> list[str]:
    """What is wrong with this event: it does not follow or hold, or one of its openings does not fit."""
    if said["seq"] == 1:
        firsts[said["case_id"]] = said["previous"]
    event = {"v": said["form"], **{key: said[column] for key, column in zip(KEYS, COLUMNS, strict=False)}}
    event |= {"data": written(said["data"]), "automatic": {0: False, 1: True}[said["automatic"]]}
    if "case.section_before" in event["data"]:
        began_in.setdefault(said["case_id"], event["data"]["case.section_before"])
    follows = (said["seq"] - 1, said["previous"]) == heads.get(said["case_id"], (0, firsts.get(said["case_id"])))
    found = [] if follows and sha(event) == said["hash"] else [name]
    for field, (salt, value) in written("{}" if said["openings"] is None else said["openings"]).items():
        if sha([salt, field, value]) != (said["comment"] if field == "comment." else event["data"][field]["#"]):
            found.append(f"{name}: {field} was not {value!r}")
    return found


def main(database: str, seals: str = "") -> int:
    """Every event that does not follow or hold, every opening that does not fit, every seal that is not of this record."""
    heads: dict[str, tuple[int, str]] = {}
    hashes, faults, before = [], [], ""
    firsts: dict[str, str] = {}  # on what the first event of a case follows
    began_in: dict[str, str] = {}  # where a case began that another section has now
    events, cases, there, entries = rows(database)
    for row in events:
        said = dict(zip(COLUMNS, row, strict=True))
        name = f"event {said['seq']} of case {said['case_id']}"
        try:
            faults += told_wrong(said, heads, firsts, began_in, name)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):  # whatever somebody wrote there
            faults.append(f"{name} is not as it was written")
        heads[said["case_id"]] = (said["seq"], said["hash"])
        hashes.append(str(said["hash"]))
    for case, number, kind, bureau, section in cases:
        called = {
            "case": case,
            "number": number,
            "kind": kind,
            "bureau": bureau,
            "section": began_in.get(case, section),
        }
        if firsts.get(case) not in ("", sha({key: str(value) for key, value in called.items()})):
            faults.append(f"case {case} was not {number}")
    faults += unchained(entries)
    last_of = {0: "", **{row["no"]: row["hash"] for row in entries}}
    most = -1  # entries under the seals so far
    told, strange, is_half = sealed(seals) if seals else ([], [], False)
    faults += strange
    last = (told[-1]["no"] if told else 0) + is_half
    faults += [f"seal {no} is not in {seals}" for no in sorted(there) if seals and no > last]
    heads_at = roots(hashes, {str(seal["events"]) for seal in told})
    for seal in told:
        count = seal.get("entries", -1)
        grows = type(count) is int and count >= most
        if (
            heads_at.get(str(seal["events"])) != seal["root"]
            or seal["previous"] != before
            or sha({**seal, "hash": None}) != seal["hash"]
            or not grows
        ):
            faults.append(f"seal {seal['no']}")
        elif "entries" in seal and last_of.get(count) != seal["entry"]:
            faults.append(f"seal {seal['no']}: its entries")
        before, most = seal["hash"], count if grows else most
    counted = f"{len(heads)} cases, {len(hashes)} events, {len(entries) or 'no'} entries"
    text = "\n".join(faults) or f"{counted}: as {'sealed' if seals else 'chained'}"
    print(text.encode("utf-8", "backslashreplace").decode())
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        print("verify.py DATABASE [SEALS]", file=sys.stderr)
        sys.exit(2)
    try:
        sys.exit(main(*sys.argv[1:]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, sqlite3.Error) as fault:
        print(f"{' or '.join(sys.argv[1:])} cannot be verified: {fault}", file=sys.stderr)
        sys.exit(2)
