"""`init --sample`: whatever the clock says, the sample bureau's worklists are worth opening, and its history is true."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import Desk
from storage.sample import documents, load_sample
from storage.setup import initialise
from workflow.case import business_date

MOMENTS = (
    datetime(2026, 11, 24, 4, 0, tzinfo=UTC),
    datetime(2026, 2, 18, 15, 59, tzinfo=UTC),  # inside the Spring Festival, a minute before midnight
    datetime(2026, 2, 14, 0, 0, tzinfo=UTC),  # a make-up Saturday, before the office opens
    datetime(2027, 1, 4, 2, 0, tzinfo=UTC),  # a year that nobody has announced
    datetime(2010, 6, 30, 2, 0, tzinfo=UTC),
)


def made(place: Path, now: datetime, sandbox: bool) -> Desk:
    url = f"sqlite:///{place}"
    initialise(url, sandbox=sandbox, clock=lambda: now, login=None)
    return Desk.open(url, clock=lambda: now)


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_the_worklists_are_worth_opening_whatever_the_clock_says(tmp_path: Path, now: datetime) -> None:
    with made(tmp_path / "desk.db", now, sandbox=True) as desk:
        assert load_sample(desk, desk.actor("admin")) == 14

        states = {row.state for row in desk.list_cases(desk.actor("zhengyan"), limit=100)[0]}
        assert len(states) >= 10
        for person in ("wangmin", "machao", "gaofeng", "songtao", "zhoujing", "xuzheng", "linfang"):
            assert desk.worklist(desk.actor(person)).cases, person
        late = desk.overdue(desk.actor("wujianguo"))
        assert late
        assert all(row.due_on and row.due_on < business_date(now) for row in late)
        assert desk.verify().problems == ()


def test_nothing_happened_after_now_and_the_overdue_was_escalated(tmp_path: Path) -> None:
    now = MOMENTS[0]

    with made(tmp_path / "desk.db", now, sandbox=True) as desk:
        load_sample(desk, desk.actor("admin"))

        reader = desk.actor("zhengyan")
        events = [event for row in desk.list_cases(reader, limit=100)[0] for event in desk.history(reader, row.id)]
        assert max(event.at for event in events) <= now
        assert {"remind", "escalate", "return_untagged", "question", "publish"} <= {
            event.transition for event in events
        }
        assert any(event.transition == "return_untagged" and event.automatic for event in events)


def test_loaded_once_more_it_changes_nothing(tmp_path: Path) -> None:
    with made(tmp_path / "desk.db", MOMENTS[0], sandbox=True) as desk:
        load_sample(desk, desk.actor("admin"))
        before = desk.verify()

        assert load_sample(desk, desk.actor("admin")) == 0
        assert desk.verify() == before


def test_where_the_clock_is_real_nothing_is_dated_back(tmp_path: Path) -> None:
    now = MOMENTS[0]

    with made(tmp_path / "desk.db", now, sandbox=False) as desk:
        load_sample(desk, desk.actor("admin"))

        reader = desk.actor("zhengyan")
        events = [event for row in desk.list_cases(reader, limit=100)[0] for event in desk.history(reader, row.id)]
        assert min(event.at for event in events) >= now
        assert desk.verify().problems == ()


def test_the_extract_is_real_and_whole() -> None:
    extract = documents()

    assert len(extract) == 152
    assert len({each.url for each in extract}) == 152
    assert all(each.url.startswith(("http://", "https://")) and each.issued <= each.published for each in extract)
    assert {each.section for each in extract} == {"预算科", "国库科", "会计科", "采购办", "综合科"}
