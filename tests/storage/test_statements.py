"""The questions: their text is current, each is answered by the index that its comment names, and no step imports SQLAlchemy."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import statements
from tests.factories import Office

HOUSE = Path(__file__).resolve().parent.parent.parent

#: What no step may load: each costs more than a step.
HEAVY = ("sqlalchemy", "sqlmodel", "alembic", "pydantic", "yaml", "apscheduler", "rich", "openpyxl", "chinese_calendar")

#: The questions that must stay flat at a million cases, and the index that keeps them so.
SERVED_BY = {
    "CASE": "sqlite_autoindex_cases",
    "CASE_BY_NUMBER": "sqlite_autoindex_cases",
    "EVENT_OF_REQUEST": "uq_events_request",
    "HOLDERS": "ix_appointments_role",
    "NEXT_DUE": "ix_cases_next",
    "DUE": "ix_cases_next",
    "OVERSLEPT": "ix_cases_next",
    "WAITING": "ix_cases_open",
    "WAITING_UNTIMED": "ix_cases_open",
    "WAITING_ROLES": "ix_cases_running",
    "RUNNING_IN_STATE": "ix_cases_running",
    "ENDED_IN_STATE": "ix_cases_ended",
    "LISTED_OVERDUE": "ix_cases_open",
    "BOARD_CASES": "ix_cases_open",
    "BOARD_CLOCKS": "ix_cases_open",
    "UNREAD": "ix_notices_inbox",
    "CHILDREN": "ix_cases_parent",
    "PAUSED": "ix_deadlines_paused",
    "PAUSED_TOO_LONG": "ix_deadlines_paused",
    "LAST_ESCALATED": "ix_notices_case",
    "ACTS_SINCE": "ix_events_acts",
    "LATE_AND_ENDED": "ix_deadlines_late",
    "READING": "PRIMARY KEY",
    "TO_READ": "ix_readings_open",
    "SEND_OUT": "ix_notices_case",
    "DUE_OUT": "ix_outbox_due",
    "TAKE_OUT": "ix_outbox_due",
    "NOTICE_OUT": "INTEGER PRIMARY KEY",
    "DROP_OF_CASE": "ix_notices_case",
    "DROP_OLD": "ix_outbox_due",
    "BRING_FORWARD": "ix_outbox_due",
    "FORGET_OLD": "ix_outbox_ended",
    "CASES_IN": "sqlite_autoindex_cases",
    "RUNNING_OF_KIND": "ix_cases_running",
    "ENDED_OF_KIND": "ix_cases_ended",
    "EVENTS_IN": "sqlite_autoindex_events",
    "EVENTS_OF_EACH": "sqlite_autoindex_events",
    "MOVED_IN": "sqlite_autoindex_events",
}


@pytest.fixture
def url(file_url: str) -> str:
    """What is tried here is the file; `test_postgres.py` tries the server."""
    return file_url


def texts() -> dict[str, str]:
    return {name: text for name, text in vars(statements).items() if name.isupper()}


@pytest.fixture
def hand(url: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    yield connection
    connection.close()


def plan(hand: sqlite3.Connection, text: str) -> list[str]:
    params = dict.fromkeys(re.findall(r":(\w+)", text))
    return [str(row[3]) for row in hand.execute(f"EXPLAIN QUERY PLAN {text}", params)]


def test_the_text_is_what_the_questions_say() -> None:
    from storage import questions

    assert (HOUSE / "storage" / "statements.py").read_text("utf-8") == questions.compiled()


@pytest.mark.parametrize("name", sorted(texts()))
def test_every_question_can_be_asked(hand: sqlite3.Connection, name: str) -> None:
    assert plan(hand, texts()[name]) is not None


def test_no_question_makes_a_server_go_through_a_table_for_each_row_of_another() -> None:
    # PostgreSQL keeps what NOT IN looks at by its hash only while it is small; of NOT EXISTS it makes a join.
    whole = [name for name, text in texts().items() if re.search(r"NOT IN\s\(SELECT(?![^()]*\sWHERE\s)", text)]

    assert whole == []


@pytest.mark.parametrize(("name", "index"), SERVED_BY.items())
def test_a_question_of_every_day_is_answered_by_its_index(hand: sqlite3.Connection, name: str, index: str) -> None:
    steps = plan(hand, texts()[name])

    assert any(index in step for step in steps), steps
    assert not any(step.startswith("SCAN cases") and "INDEX" not in step for step in steps), steps


@pytest.mark.parametrize(
    "name",
    [
        "CASES_IN",
        "EVENTS_IN",
        "DEADLINES_IN",
        "STEPS_IN",
        "LINKS_IN",
        "READINGS_IN",
        "EVENTS_OF_EACH",
        "WAITING",
        "WAITING_UNTIMED",
        "LISTED",
        "RUNNING_IN_STATE",
        "ENDED_IN_STATE",
        "LISTED_OVERDUE",
        "DUE",
        "UNREAD",
    ],
)
def test_a_list_is_read_in_its_order_and_not_sorted(hand: sqlite3.Connection, name: str) -> None:
    steps = plan(hand, texts()[name])

    assert not any("TEMP B-TREE" in step for step in steps), steps


def test_the_events_of_a_case_are_found_by_their_key(hand: sqlite3.Connection) -> None:
    for name in ("EVENTS", "LAST_EVENT", "OPEN_DEADLINES", "ALL_DEADLINES", "FIRED_STEPS", "RUNNING_CLOCKS"):
        steps = plan(hand, texts()[name])

        assert steps[0].startswith("SEARCH"), (name, steps)


def test_a_step_loads_none_of_the_heavy_libraries(office: Office) -> None:
    script = f"""
import sys
from datetime import UTC, datetime
from storage import Desk
from workflow.errors import Refused
with Desk.open({office.url!r}, clock=lambda: datetime(2026, 3, 2, 1, tzinfo=UTC)) as desk:
    wangmin = desk.actor("wangmin")
    paper = desk.start(wangmin, "document", title="关于轻装的通知", request_id="r").case.case.id
    done = desk.fire(wangmin, paper, "submit", request_id="s")
    done.warnings, done.case.to_json()
    desk.options(wangmin, paper)
    desk.history(wangmin, paper)
    desk.worklist(wangmin), desk.list_cases(wangmin)
    try:
        desk.fire(desk.actor("lihua"), paper, "return")
    except Refused:
        pass
    desk.sweep()
print(*sorted(name for name in sys.modules if name in {HEAVY!r}))
"""
    said = subprocess.run([sys.executable, "-c", script], cwd=HOUSE, capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stderr
    assert said.stdout.split() == []
