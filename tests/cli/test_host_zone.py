"""A host, or a server, that keeps another zone than Shanghai: every date that is shown, typed, counted and written is the office's."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.calling import NOW, call_with
from tests.engines import Hand, Server
from tests.storage.conftest import bureau_template, server, server_url

__all__ = ["bureau_template", "server", "server_url"]

#: The hour in which New York puts its clocks forward: 07:00 UTC of 8 March is both 1:59 and 3:00 there, in Shanghai a quiet Sunday.
THE_HOUR = "2026-03-08T15:00"
#: Half an hour before midnight: in Kiritimati the next afternoon, in New York the morning.
LATE = "2026-03-09T23:30"
ZONES = ("America/New_York", "Pacific/Kiritimati")
MORE = ("Asia/Kathmandu", "Europe/London", "Pacific/Pago_Pago", "Australia/Lord_Howe")
AS_AUDITOR = ("--as", "zhengyan")


def lines(place: Path) -> Iterator[tuple[str, ...]]:
    """A day's lines: what is typed by people, what is shown to them, what leaves the house."""
    title = ("--title", "关于印发预算管理办法的通知")
    yield (
        "start",
        "document",
        *title,
        "--set",
        "origin=own",
        "--set",
        "is_policy=否",
        "--as",
        "wangmin",
        "--now",
        THE_HOUR,
    )
    yield (
        "do",
        "DOC-2026-00001",
        "submit",
        "--as",
        "wangmin",
        "--now",
        "2026-03-08T02:30",
    )  # there is no such time in New York
    yield "sweep", "--now", THE_HOUR
    yield "people", "away", "wangmin", "--from", "2026-03-10", "--until", "2026-03-11", "--as", "wangmin", "--now", LATE
    yield "sweep", "--now", LATE
    for words in (
        ("board", *AS_AUDITOR), ("list", *AS_AUDITOR), ("todo", "--as", "liuqiang"), ("outbox", "list"),
        ("list", "--json", *AS_AUDITOR), ("calendar", "due", "2026-02-13", "20 working days"), ("people", "list", "--as", "admin"),
        ("export", str(place / "cases.csv"), *AS_AUDITOR), ("log", "export", str(place / "log.xes"), *AS_AUDITOR),
        ("show", "{first}", *AS_AUDITOR), ("show", "{first}", "--explain", "--json", *AS_AUDITOR),
        ("history", "{first}", *AS_AUDITOR), ("history", "{last}", *AS_AUDITOR), ("show", "{last}", *AS_AUDITOR),
        ("plan", "{last}", *AS_AUDITOR),
    ):  # fmt: skip
        yield *words, "--now", LATE


def lived(db: str, place: Path) -> list[str]:
    """All that these lines said, and what they wrote; ids and hashes left out, which are chance."""
    place.mkdir()
    said: list[str] = []
    numbers = re.findall(r"[A-Z]+-20\d\d-\d{5}", call_with(["list", *AS_AUDITOR, "--db", db, "--now", LATE]).out)
    places = {"{first}": min(numbers), "{last}": max(each for each in numbers if each.startswith("DOC"))}
    for line in lines(place):
        call = call_with([places.get(each, each) for each in line] + ["--db", db, "--lang", "zh"])
        said.append(f"{line[0]} {call.code} {call.said}")
    said += [each.read_text("utf-8") for each in sorted(place.iterdir())]
    told = [re.sub(r"[0-9a-f]{8,}|" + re.escape(str(place)), "-", each) for each in said]
    assert any("03-08 15:00" in each for each in told)
    assert not any("Traceback" in each for each in told)
    return told


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """The whole process goes by this zone: Python's local time, and the C library's."""

    def goes_by(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield goes_by
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zones", [ZONES, pytest.param(MORE, marks=pytest.mark.torture)], ids=["short", "long"])
def test_a_host_in_another_zone_says_and_writes_the_same(
    zone: Callable[[str], None], zones: tuple[str, ...], db: Path, tmp_path: Path
) -> None:
    told: dict[str, list[str]] = {}
    for name in ("UTC", *zones):
        zone(name)
        there = shutil.copy(db, tmp_path / f"{name.replace('/', '-')}.db")
        told[name] = lived(str(there), tmp_path / name.replace("/", "-"))

    for name in zones:
        assert told[name] == told["UTC"], name


@pytest.mark.torture
def test_a_server_in_another_zone_says_and_writes_the_same(
    zone: Callable[[str], None], server: Server, db: Path, tmp_path: Path
) -> None:  # fmt: skip
    url = server.fresh()
    Hand(url).alter(f"ALTER DATABASE {url.rpartition('/')[2]} SET timezone = 'America/New_York'")
    zone("Pacific/Kiritimati")
    assert call_with(["init", "--sample", "--sandbox", "--db", url, "--now", NOW]).code == 0
    on_server = lived(url, tmp_path / "server")
    zone("UTC")

    in_file = lived(str(db), tmp_path / "file")

    # Steps that are due at one instant come in the order of their cases' ids, which are chance.
    assert [sorted(each.splitlines()) for each in on_server] == [sorted(each.splitlines()) for each in in_file]
