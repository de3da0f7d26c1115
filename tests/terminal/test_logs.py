"""Logs: nothing of a case is in them, whatever a record or a fault carries, and each line is one JSON object."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from storage import Desk
from terminal.logs import ALLOWED, Lines, Sentences
from tests.engines import Hand
from tests.factories import Clock, Office, bureau_at
from workflow.story import story

SECRET = "赵甲乙110105194912310021"


class Kept(logging.Handler):
    """Every line that a formatter made of what was logged."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(params=[Lines(), Sentences("zh")], ids=["json", "text"])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    handler = Kept(request.param)
    logging.getLogger("gongkai").addHandler(handler)
    yield handler
    logging.getLogger("gongkai").removeHandler(handler)


def broken(value: str) -> None:
    try:
        _ = {"": 0}[value]
    except KeyError as fault:
        raise ValueError(f"cannot use {value}") from fault


def test_what_no_list_allows_does_not_leave(kept: Kept) -> None:
    log = logging.getLogger("gongkai.trial")

    log.error("case.stuck", extra={"title": SECRET, "contact": SECRET, "case": "c1", "code": "fault"})

    assert SECRET not in kept.lines[0]
    assert "c1" in kept.lines[0]


def test_a_fault_is_told_by_its_kinds_and_places_alone(kept: Kept) -> None:
    try:
        broken(SECRET)
    except ValueError:
        logging.getLogger("gongkai.trial").exception("sweep.failed", extra={"fired": 0, "code": "fault"})

    (line,) = kept.lines
    assert SECRET not in line
    assert "ValueError at terminal/test_logs.py:" in line
    assert "from KeyError" in line


def test_a_case_that_cannot_be_served_is_named_and_nothing_that_it_holds(
    kept: Kept, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = bureau_at(tmp_path_factory.mktemp("logs") / "bureau.db")
    clock = Clock()
    with Desk.open(url, clock=clock) as desk:
        office = Office(url, clock, desk)
        paper = office.draft(attribute="proactive", title=f"关于{SECRET}的通知")
        office.does("wangmin", "submit", paper)
        hand = Hand(url)
        hand.break_the_lock()
        hand.alter("UPDATE cases SET trail = ? WHERE id = ?", json.dumps({SECRET: SECRET}), paper)
        office.clock.forward(days=30)
        as_it_comes = Kept(logging.Formatter())  # what a program prints that set nothing up
        logging.getLogger("gongkai").addHandler(as_it_comes)
        desk.sweep()
        logging.getLogger("gongkai").removeHandler(as_it_comes)

    assert any(paper in line for line in kept.lines)
    assert set(as_it_comes.lines) == {"case.stuck", "case.hands_unknown"}
    assert not any(SECRET in line for line in kept.lines)


def test_each_line_is_one_object_with_its_time_level_and_event() -> None:
    handler = Kept(Lines())
    log = logging.getLogger("gongkai.lines")
    log.addHandler(handler)

    log.warning("sweep.busy", extra={"fired": 3, "delivery": "多\n行"})

    (line,) = handler.lines
    assert "\n" not in line
    said = json.loads(line)
    assert said.keys() <= {"at", "level", "logger", "event", *ALLOWED}
    assert (said["level"], said["event"], said["fired"], said["delivery"]) == ("warning", "sweep.busy", 3, "多\n行")


def test_a_story_ends_where_causes_go_in_a_circle() -> None:
    first, second = ValueError(SECRET), KeyError(SECRET)
    first.__cause__, second.__cause__ = second, first

    assert story(first) == "ValueError at  | from KeyError at "


def test_a_line_says_in_which_zone_its_time_is() -> None:
    record = logging.LogRecord("gongkai.ticker", logging.INFO, __file__, 1, "ticker.stopped", None, None)
    record.created = datetime(2026, 3, 8, 15, 30, tzinfo=UTC).timestamp()

    assert Sentences("zh").format(record) == "2026-03-08 23:30:00+08:00 停止"
    assert '"at": "2026-03-08T15:30:00.000+00:00"' in Lines().format(record)
