"""Doctor: what is well says so, what is amiss says what to do about it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage import Desk
from storage.check import Check, asked
from tests.engines import Hand
from tests.factories import MONDAY, Clock, Office
from workflow.errors import Busy, GongkaiError, StorageFault


def alter(office: Office, sql: str) -> None:
    Hand(office.url).alter(sql)


def amiss(office: Office) -> dict[str, Check]:
    return {each.name: each for each in office.desk.doctor() if not each.ok}


def test_a_healthy_office_is_told_so_question_by_question(office: Office) -> None:
    checks = office.desk.doctor()

    of_the_engine = list(office.desk._db.settings())
    assert list(dict.fromkeys(each.name for each in checks)) == [
        *of_the_engine, "integrity", "guards", "schema", "definition", "in-force", "calendar", "clock", "ticker",
        "quarantine", "troubles", "roles", "hands", "lateness", "notices", "outbox", "dates", "seals",
    ]  # fmt: skip
    assert all(each.ok and each.hint is None for each in checks)
    assert all(each.text.zh and each.text.en for each in checks)


def test_a_case_that_is_set_aside_is_named_with_the_reason(office: Office) -> None:
    paper = office.at_the_office()
    alter(office, f"update cases set trail = 'x' where id = '{paper}'")
    office.desk.sweep()

    found = amiss(office)["troubles"]

    assert "records" in amiss(office)
    assert "DOC-2026-00001" in found.text.zh
    assert found.hint is not None
    assert "gongkai show DOC-2026-00001" in found.hint.en


@pytest.mark.parametrize(
    ("file", "places"), [("x", "[" * 100_000), ("x y z", '{"mail a@b": {"at": "2026-03-02T01:00:00Z", "no": 9e99}}')]
)
def test_what_nobody_can_read_answers_its_own_question_and_no_other(office: Office, file: str, places: str) -> None:
    office.draft()
    hand = Hand(office.url)
    hand.alter("insert into meta (key, value) values ('seals.out', ?), ('seals.places', ?)", file, places)
    hand.alter("update cases set data = ?", "[" * 100_000)
    hand.alter("update people set left_on = 'x' where id = 'lihua'")

    found = amiss(office)

    assert set(found) == {"seals", "roles", "records"}
    assert "gongkai seal --to" in str(found["seals"].hint)


@pytest.mark.parametrize("fault", [Busy(), StorageFault(reason="读写磁盘出错", way_out="请检查磁盘")])
def test_a_disk_that_fails_is_no_row_that_somebody_altered(fault: GongkaiError) -> None:
    def fails() -> list[Check]:
        raise fault

    with pytest.raises(type(fault)):
        list(asked("seals", fails))


@pytest.mark.parametrize("column", ["people.name", "bureaus.name", "cases.state", "appointments.role"])
def test_a_text_that_is_none_does_not_send_doctor_to_doctor(file_url: str, column: str) -> None:
    with Desk.open(file_url, clock=(clock := Clock())) as desk:
        Office(file_url, clock, desk).draft()
    table, _, name = column.partition(".")
    Hand(file_url).alter(f"update {table} set {name} = cast(x'c3ff28' as text)")

    with Desk.open(file_url, clock=clock) as desk:
        assert "guards" in {each.name for each in desk.doctor()}


def test_a_role_that_nobody_holds_while_papers_wait_for_it_is_named(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.desk.leave(office.actor("admin"), "lihua", on=MONDAY.date())

    found = amiss(office)["roles"]

    assert "科室负责人" in found.text.zh
    assert "预算科" in found.text.zh
    assert found.hint is not None
    assert "people appoint" in found.hint.en


def test_who_is_barred_from_the_waiting_case_is_not_proposed_for_its_post(office: Office) -> None:
    """The drafter is the likeliest of the section, and cannot approve what they drafted."""
    office.desk.add_person(office.actor("admin"), "zhangqi", "张琪", section="预算科")
    office.desk.appoint(office.actor("admin"), "zhangqi", "drafter", section="预算科")
    office.does("wangmin", "submit", office.draft(attribute="proactive"))
    office.desk.leave(office.actor("admin"), "lihua", on=MONDAY.date())

    hint = amiss(office)["roles"].hint

    assert hint is not None
    assert "王敏" not in hint.zh
    assert "张琪（zhangqi）" in hint.zh


def test_a_notice_that_reached_nobody_is_counted(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    for person in ("lihua", "zhaoyun", "qianwei", "zhouju"):
        office.desk.leave(office.actor("admin"), person, on=MONDAY.date())
    office.clock.set("2026-03-04T09:00")
    office.desk.sweep()

    assert "1 条给“科室负责人”" in amiss(office)["notices"].text.zh


def test_what_is_long_due_tells_that_no_ticker_runs(office: Office) -> None:
    office.does("wangmin", "submit", office.draft(attribute="proactive"))
    office.clock.set("2026-03-04T09:09")
    patient = amiss(office)
    office.clock.set("2026-03-04T09:11")

    assert "ticker" not in patient
    assert amiss(office)["ticker"].hint is not None
    assert "DOC-2026-00001 应于 2026-03-04 09:00 处理" in amiss(office)["ticker"].text.zh


def test_a_clock_behind_the_record_is_told(office: Office) -> None:
    office.draft()
    office.clock.set("2026-03-01T09:00")

    assert "2026-03-02" in amiss(office)["clock"].text.en


def test_the_end_of_the_known_calendar_is_told_in_time_with_the_provisional_clocks(office: Office) -> None:
    office.clock.set("2026-11-30T09:00")
    in_time = amiss(office)
    office.clock.set("2026-12-20T09:00")
    office.signed()  # 20 working days reach into a year that nobody has announced

    found = amiss(office)["calendar"]

    assert "calendar" not in in_time
    assert "2026-12-31" in found.text.zh
    assert "1 个进行中的时限为暂定" in found.text.zh
    assert found.hint is not None
    assert "gongkai calendar import" in found.hint.zh


def test_dates_that_the_calendar_no_longer_gives_are_told(office: Office) -> None:
    office.does("wangmin", "submit", office.draft(attribute="proactive"))
    alter(office, "update deadlines set rolled_on = '2026-03-09', strict_on = '2026-03-09'")

    assert "DOC-2026-00001" in amiss(office)["dates"].text.zh


def test_a_definition_other_than_the_shipped_one_is_told(office: Office) -> None:
    Hand(office.url).break_the_lock()
    alter(office, "update definitions set version = 7, accepted = replace(accepted, 'working days', 'calendar days')")

    assert amiss(office)["definition"].hint is not None


def test_a_trigger_that_somebody_removed_is_named(office: Office) -> None:
    assert "guards" not in amiss(office)
    Hand(office.url).break_the_lock()

    said = amiss(office)["guards"].text.en

    assert "tr_events_" in said
    assert "tr_entries_" in said


def test_a_trigger_that_says_something_else_is_named_and_so_is_one_of_somebody_else(office: Office) -> None:
    hollowed, foreign = HOLLOWED["file" if office.url.startswith("sqlite") else "server"]
    for sql in hollowed:
        alter(office, sql)

    found = amiss(office)
    said = found["guards"].text

    assert "tr_events_" in said.zh
    assert "tr_seals_" in said.zh
    assert "steps.PRIMARY KEY" in said.zh or "steps.steps_pkey" in said.zh
    assert "被改动或停用" in said.zh
    assert foreign in said.en
    assert "tr_cases_" not in said.en
    # What a crash takes with all that was acknowledged, and rows that are kept from who works: only on a server.
    told = {each.name: each.text.en.rpartition(": ")[2] for each in found.values()}
    of_a_server = (
        {}
        if office.url.startswith("sqlite")
        else {"unlogged": "events, events_row_no_seq", "row-security": "cases, outbox"}
    )
    assert {name: told[name] for name in ("unlogged", "row-security") if name in told} == of_a_server


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (("DROP INDEX uq_events_request",), "被删除：events.uq_events_request"),
        (
            ("DROP INDEX uq_events_request", "CREATE UNIQUE INDEX uq_events_request ON events (hash)"),
            "被改动或停用：events.uq_events_request",
        ),
        (("CREATE UNIQUE INDEX swallows ON outbox (notice, id)",), "唯一索引：outbox.swallows"),
    ],
)
def test_an_index_on_which_a_promise_rests_is_named_when_it_is_gone_or_another(
    office: Office, sql: tuple[str, ...], said: str
) -> None:
    for each in sql:
        alter(office, each)

    assert said in amiss(office)["guards"].text.zh


def test_work_goes_on_by_the_bureau_of_the_record_where_somebody_put_in_another(office: Office) -> None:
    alter(office, "insert into bureaus (id, name) values ('0', '假局')")

    with Desk.open(office.url, clock=office.clock) as desk:
        found = {each.name: each for each in desk.doctor() if not each.ok}
        desk.start(desk.actor("wangmin"), "document", title="关于预算的通知")

    assert set(found) == {"bureau"}
    assert "假局" in found["bureau"].text.zh


#: What somebody does who knows that names are looked at, and what their own is called.
HOLLOWED = {
    "file": (
        (
            "DROP TRIGGER tr_events_no_delete",
            "CREATE TRIGGER tr_events_no_delete BEFORE DELETE ON events WHEN 0 BEGIN SELECT 1; END",
            "DROP TRIGGER tr_seals_no_update",
            "CREATE TRIGGER tr_seals_no_update BEFORE UPDATE ON cases WHEN 0 BEGIN SELECT 1; END",
            "CREATE TRIGGER tr_seals_no_update_ BEFORE UPDATE ON seals WHEN 0 BEGIN SELECT 1; END",
            "CREATE TRIGGER swallows AFTER INSERT ON notices BEGIN DELETE FROM notices WHERE id = NEW.id; END",
            # Whoever makes a table anew without its key can have a step in it twice.
            "CREATE TABLE steps_ AS SELECT * FROM steps",
            "DROP TABLE steps",
            "ALTER TABLE steps_ RENAME TO steps",
        ),
        "notices.swallows",
    ),
    "server": (
        (
            "ALTER TABLE events ENABLE REPLICA TRIGGER tr_events_kept",
            "CREATE OR REPLACE FUNCTION seals_are_kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE RULE swallows AS ON INSERT TO notices DO INSTEAD NOTHING",
            "ALTER TABLE events SET UNLOGGED",
            "ALTER TABLE outbox ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY hides ON cases FOR UPDATE USING (number <> 'DOC-2026-00033')",
            "ALTER TABLE steps DROP CONSTRAINT steps_pkey",
        ),
        "notices.swallows",
    ),
}


def test_a_file_that_may_not_be_written_is_not_called_fit(file_url: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o777)  # its -wal and -shm are made by whoever comes
        path = Path(shutil.copy(file_url.removeprefix("sqlite:///"), place))
        path.chmod(0o444)

        with as_nobody(), Desk.open(f"sqlite:///{path}", clock=Clock()) as desk:
            amiss = {each.name: each for each in desk.doctor() if not each.ok}

    assert "只读" in amiss["writable"].text.zh


@contextmanager
def as_nobody() -> Iterator[None]:
    """Where the tests run as root, whom nothing is refused, somebody who may be refused it."""
    before = os.geteuid()
    os.seteuid(before or 65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_each_answer_can_be_read_by_a_program(office: Office) -> None:
    said = office.desk.doctor()[0].to_json()

    setting = {"journal_mode": "journal_mode = wal", "fsync": "fsync = on"}[str(said["name"])]
    assert said == {"name": said["name"], "ok": True, "zh": setting, "en": setting, "hint": None}


def test_last_years_report_that_nobody_has_begun_is_named(office: Office) -> None:
    # 条例 49: by 31 January of the year after. The office worked last year, so there is one to be made.
    assert "yearly" not in amiss(office)

    office.clock.set("2027-01-04T09:00")
    found = amiss(office)["yearly"]

    assert "2026-12-31" in found.text.zh
    assert "政府信息公开工作年度报告" in found.text.zh
    assert "2027-01-31" in found.text.zh
    assert found.hint is not None
    assert "gongkai start annual_report" in found.hint.en

    office.desk.start(
        office.actor("zhaoyun"), "annual_report", title="2026年度报告", section="预算科",
        data={"reported_for": "department", "year_end_on": "2026-12-31"},
    )  # fmt: skip

    assert "yearly" not in amiss(office)


def test_a_report_that_was_discarded_is_still_to_be_made(office: Office) -> None:
    office.clock.set("2027-01-04T09:00")
    begun = office.desk.start(
        office.actor("zhaoyun"), "annual_report", title="2026年度报告", section="预算科",
        data={"reported_for": "department", "year_end_on": "2026-12-31"},
    )  # fmt: skip
    office.does("zhouju", "discard_running", begun.case.case.id, comment="登记有误")

    assert "yearly" in amiss(office)
