"""`gongkai demo`: the month ends by itself, tells the truth of its database, and what it says to try next works."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.many_months import lengthened
from storage import Desk
from storage.setup import initialise

HOUSE = Path(__file__).resolve().parent.parent.parent
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
GONGKAI = [sys.executable, "-c", "import sys; from cli import main; sys.exit(main())"]


def gongkai(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GONGKAI_", "XDG_"))}
    places = {"PYTHONPATH": str(HOUSE), "XDG_DATA_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home)}
    return subprocess.run(
        [*GONGKAI, *words],
        cwd=home,
        env={**clean, **places, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    home = tmp_path_factory.mktemp("month")
    done = gongkai(home, "demo", "--fast", "--db", str(home / "month.db"), "--json")
    assert done.returncode == 0, done.stderr
    return home / "month.db", json.loads(done.stdout)


def histories(place: Path) -> dict[str, list[Any]]:
    with Desk.open(f"sqlite:///{place}") as desk:
        reader = desk.actor("zhengyan")
        rows, after = desk.list_cases(reader, kind="document", limit=1000)
        assert after is None
        return {row.number: list(desk.history(reader, row.id)) for row in rows}


def test_a_month_holds_all_that_the_office_knows(month: tuple[Path, dict[str, Any]]) -> None:
    figures = month[1]["figures"]

    assert figures["drafted"] >= 40
    for name in (
        "imported", "imported_late", "returned_untagged_by_office", "returned_untagged_by_system", "returned_otherwise", "disputed",
        "reminders", "escalations", "by_delegates", "published_on_time", "published_late",
    ):  # fmt: skip
        assert figures[name] > 0, name
    assert sum(figures["withheld"].values()) > 0
    assert sum(figures["on_file"].values()) > 0
    assert sum(figures["still_open"].values()) > 0


def test_its_record_is_whole(month: tuple[Path, dict[str, Any]]) -> None:
    assert month[1]["verified"]["problems"] == []
    with Desk.open(f"sqlite:///{month[0]}") as desk:
        assert desk.verify().problems == ()


def test_a_long_record_made_of_it_is_whole(month: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    place = tmp_path / "months.db"
    place.write_bytes(month[0].read_bytes())

    events = lengthened(f"sqlite:///{place}", 2 * month[1]["figures"]["events"], seal_each=1)

    with Desk.open(f"sqlite:///{place}") as desk:
        found = desk.verify()
        assert (found.events, found.seals > 0, found.problems) == (events, True, ())


def test_its_figures_are_those_of_the_database(month: tuple[Path, dict[str, Any]]) -> None:
    place, said = month
    told = histories(place)
    taken = Counter((event.transition, event.automatic) for events in told.values() for event in events)
    by_hand = Counter(event.transition for events in told.values() for event in events)

    figures = said["figures"]

    assert figures["drafted"] == by_hand["start"]
    assert figures["imported"] == by_hand["import"]
    assert figures["returned_untagged_by_system"] == taken["return_untagged", True]
    assert figures["returned_untagged_by_office"] == taken["return_untagged", False]
    assert figures["reminders"] == by_hand["remind"]
    assert figures["escalations"] == by_hand["escalate"]
    assert figures["published_on_time"] + figures["published_late"] == by_hand["publish"]
    assert sum(figures["withheld"].values()) == by_hand["withhold"]
    assert sum(figures["on_file"].values()) == by_hand["file"]
    assert figures["events"] == sum(map(len, told.values()))


def test_nothing_untagged_was_published(month: tuple[Path, dict[str, Any]]) -> None:
    with Desk.open(f"sqlite:///{month[0]}") as desk:
        reader = desk.actor("zhengyan")
        for state, attribute in (("published", "proactive"), ("on_file", "on_request"), ("withheld", "withheld")):
            rows, _ = desk.list_cases(reader, kind="document", state=state, limit=1000)
            assert rows
            for row in rows:
                data = desk.case(reader, row.id).case.data
                assert data["attribute"] == attribute
                assert attribute == "proactive" or (data["reason_kind"] and data["reason_text"])


def test_each_reminder_was_sent_once(month: tuple[Path, dict[str, Any]]) -> None:
    sent = Counter(
        (event.case_id, event.data["deadline"], event.data["armed_seq"], event.data["step"])
        for events in histories(month[0]).values()
        for event in events
        if event.transition in ("remind", "escalate")
    )

    assert set(sent.values()) == {1}


def test_the_same_seed_is_the_same_month_and_what_it_says_to_try_next_works(
    month: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    shown = gongkai(tmp_path, "demo", "--fast", "--lang", "zh")

    place = _all_that_it_says_works(tmp_path, shown)
    _is_sober(shown)
    assert steps(place) == steps(month[0])


def test_another_seed_in_the_place_of_a_sandbox_is_another_month_as_sound(
    month: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    sandbox = tmp_path / "data" / "gongkai" / "demo.db"
    sandbox.parent.mkdir(parents=True)
    initialise(f"sqlite:///{sandbox}", sandbox=True, clock=lambda: NOW, login=None)

    shown = gongkai(tmp_path, "demo", "--fast", "--lang", "en", "--seed", "2")

    place = _all_that_it_says_works(tmp_path, shown)
    assert place == sandbox
    assert steps(place) != steps(month[0])


def steps(place: Path) -> list[tuple[str, str, datetime]]:
    """What was done in the month, to which paper and when."""
    told = histories(place).items()
    return sorted((number, each.transition, each.at) for number, events in told for each in events)


def _all_that_it_says_works(home: Path, shown: subprocess.CompletedProcess[str]) -> Path:
    """The database that it left, after each command that it names was typed."""
    assert shown.returncode == 0, shown.stderr
    exported = re.search(r"export (GONGKAI_DB=\S+ GONGKAI_NOW=\S+ GONGKAI_LANG=\S+)", shown.stderr)
    assert exported
    environment = dict(pair.split("=", 1) for pair in exported.group(1).split())
    commands = re.findall(r"^  gongkai (.+?)    # ", shown.stderr, re.MULTILINE)
    place = Path(environment["GONGKAI_DB"])

    assert len(commands) >= 5
    assert place == home / "data" / "gongkai" / "demo.db"
    for typed in commands:
        words = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", typed)]
        done = gongkai(home, *words, **environment)
        assert done.returncode == 0, (typed, done.stdout, done.stderr)
        assert done.stdout.strip(), typed
    return place


def _is_sober(shown: subprocess.CompletedProcess[str]) -> None:
    """What a pipe is told of the month, in Chinese."""
    assert "\x1b" not in shown.stdout + shown.stderr
    assert "2026-02-14" in shown.stderr  # a make-up Saturday
    assert "2026-02-17" not in shown.stderr.split("export")[0]  # inside the Spring Festival
    assert "核验通过" in shown.stdout


def test_what_is_no_sandbox_gives_no_way(tmp_path: Path) -> None:
    real, letter = tmp_path / "real.db", tmp_path / "letter.db"
    initialise(f"sqlite:///{real}", sandbox=False, clock=lambda: NOW, login=None)
    letter.write_text("亲爱的同事：", encoding="utf-8")

    refused = [gongkai(tmp_path, "demo", "--fast", "--db", str(place)) for place in (real, letter)]

    assert [each.returncode for each in refused] == [2, 2]
    assert letter.read_text(encoding="utf-8") == "亲爱的同事："
    with Desk.open(f"sqlite:///{real}") as desk:
        assert not desk.is_sandbox


def test_what_is_acknowledged_is_written_over_nothing(tmp_path: Path) -> None:
    real, letter, wal = tmp_path / "real.db", tmp_path / "letter.txt", tmp_path / "real.db-wal"
    initialise(f"sqlite:///{real}", sandbox=False, clock=lambda: NOW, login=None)
    letter.write_text("非数据库")
    before = real.read_bytes()
    demo = ("demo", "--fast", "--db", str(real), "--acknowledged")

    said = [gongkai(tmp_path, *demo, str(each)) for each in (real, letter, wal, tmp_path / "new", tmp_path / "new")]

    assert [each.returncode for each in said] == [2] * 5
    for each, name in zip(said, ("real.db", "letter.txt", "real.db-wal", "沙盒", "沙盒"), strict=True):
        assert name in each.stderr
    assert "--force" not in said[1].stderr  # of which it knows nothing
    assert (real.read_bytes(), letter.read_text(), wal.exists()) == (before, "非数据库", False)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")

    done = gongkai(tmp_path, "demo", "--fast", "--db", str(tmp_path / "file" / "month.db"))

    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_requests_and_proposals_live_through_the_month_as_well(month: tuple[Path, dict[str, Any]]) -> None:
    figures = month[1]["figures"]

    assert {"granted", "d4", "o1", "o3", "not_received", "consulting"} <= set(figures["requests"])
    assert {"published", "returned", "feedback", "drafting"} <= set(figures["proposals"])
    assert {"answered", "lapsed", "cancelled", "asked"} <= set(figures["opinions"])
    assert figures["paused"] == 1
