"""What comes to the door in a strange shape: typed wrong, half a character, far too long, from another thread, too late."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import Desk
from storage.sqlite import _said
from tests.engines import held_by_another, impatient
from tests.factories import Clock, Ids, Office
from workflow.case import Command, TransitionName
from workflow.errors import Busy, GongkaiError, Invalid, NotFound, StorageFault, Unknown
from workflow.ledger import canonical

HOUSE = Path(__file__).resolve().parent.parent.parent
SUBMIT = TransitionName("submit")


@pytest.mark.parametrize(
    "ref",
    ["", " ", "x" * 100_000, "a\x00b", "\x1b[31mDOC", "\udcff", "\u202eDOC", "{name}", "%s", "DOC-2026-9", "' OR 1=1"],
)
def test_a_case_that_nobody_can_mean_is_not_found_in_harmless_words(office: Office, ref: str) -> None:
    office.draft()

    for ask in (office.desk.case, office.desk.history, office.desk.options):
        with pytest.raises(NotFound) as missing:
            ask(office.actor("wangmin"), ref)

        for said in (missing.value.said.zh, missing.value.said.en):
            assert said.isprintable()
            assert len(said) < 250


@pytest.mark.parametrize(
    "said", ["DOC-2026-00001", "doc-2026-00001", " DOC-2026-00001 ", "ＤＯＣ－２０２６－００００１"]
)
def test_a_number_is_known_however_the_keyboard_wrote_it(office: Office, said: str) -> None:
    paper = office.draft()

    assert office.desk.case(office.actor("wangmin"), said).case.id == paper


@pytest.mark.parametrize(
    "ask",
    [
        lambda o: o.desk.start(o.actor("wangmin"), "\udcff", title="关于种类的通知"),
        lambda o: o.desk.start(o.actor("wangmin"), "document", title="关于科室的通知", section="\udcff"),
        lambda o: o.desk.edit(o.actor("wangmin"), "DOC-2026-00001", data={"\udcff": "x"}),
        lambda o: o.desk.edit(o.actor("wangmin"), "DOC-2026-00001", data={"body": "字" * 1_000_000}),
        lambda o: o.desk.edit(o.actor("wangmin"), "DOC-2026-00001", data={"attribute": ["proactive"]}),
        lambda o: o.desk.edit(o.actor("wangmin"), "DOC-2026-00001", data={"attribute": float("nan")}),
        lambda o: o.desk.fire(o.actor("wangmin"), "DOC-2026-00001", "submit", comment="\ud800"),
        lambda o: o.desk.fire(o.actor("wangmin"), "DOC-2026-00001", "submit", request_id="\udcff"),
        lambda o: o.desk.fire(o.actor("wangmin"), "DOC-2026-00001", "\udcff"),
        lambda o: o.desk.actor("\udcff"),
        lambda o: o.desk.person_of_login("\udcff"),
        lambda o: o.desk.mark_read(o.actor("wangmin"), [2**80]),
        lambda o: o.desk.list_cases(o.actor("wangmin"), kind="\udcff"),
        lambda o: o.desk.list_cases(o.actor("wangmin"), q="%_!" * 50_000),
    ],
)
def test_half_a_character_or_a_number_past_all_bounds_is_one_of_our_answers(
    office: Office, ask: Callable[[Office], object]
) -> None:
    office.draft()
    before = office.desk.verify()

    with pytest.raises((Invalid, NotFound)) as answer:
        ask(office)

    assert answer.value.said.zh
    assert answer.value.said.en
    assert office.desk.verify() == before


def test_a_repeated_start_for_another_section_is_another_act(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "wangmin", "drafter", section="国库科")
    title = "关于两科的通知"
    office.desk.start(office.actor("wangmin"), "document", title=title, section="预算科", request_id="r-1")

    with pytest.raises(Invalid) as invalid:
        office.desk.start(office.actor("wangmin"), "document", title=title, section="国库科", request_id="r-1")

    assert [each.code for each in invalid.value.problems] == ["request-id-used"]


def test_the_request_id_of_another_person_is_another_act(office: Office) -> None:
    paper = office.at_the_office()
    office.desk.fire(office.actor("zhaoyun"), paper, "return_untagged", request_id="r-1")

    with pytest.raises(Invalid) as invalid:
        office.desk.fire(office.actor("qianwei"), paper, "return_untagged", request_id="r-1")

    assert [each.code for each in invalid.value.problems] == ["request-id-used"]


def test_the_same_step_of_another_case_is_another_act(office: Office) -> None:
    first, second = office.draft(), office.draft()
    office.desk.fire(office.actor("wangmin"), first, "submit", request_id="r-1")

    with pytest.raises(Invalid) as invalid:
        office.desk.fire(office.actor("wangmin"), second, "submit", request_id="r-1")

    assert [each.code for each in invalid.value.problems] == ["request-id-used"]
    assert office.case(second).state == "draft"


def test_who_acts_is_not_told_of_their_own_act(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "zhaoyun", "section_head", section="预算科")
    paper = office.at_the_office()

    office.does("zhaoyun", "return_untagged", paper)

    assert office.told("zhaoyun") == []
    assert len(office.told("lihua")) == 1


def test_a_command_repeated_by_another_process_gets_the_first_result(office: Office) -> None:
    paper = office.draft()
    script = f"""
from storage import Desk
from tests.factories import Clock
with Desk.open({office.url!r}, clock=Clock()) as desk:
    done = desk.fire(desk.actor("wangmin"), {paper!r}, "submit", comment="请审核", request_id="r-1")
    print(done.repeated, done.event.hash)
"""

    said = [
        subprocess.run(
            [sys.executable, "-c", script], cwd=HOUSE, capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]

    assert [repeated for repeated, _ in said] == ["False", "True"]
    assert said[0][1] == said[1][1]
    with pytest.raises(Invalid):
        office.desk.fire(office.actor("wangmin"), paper, "submit", comment="请速审核", request_id="r-1")
    assert office.case(paper).version == 2


def test_the_hash_does_not_depend_on_how_a_letter_was_composed(office: Office) -> None:
    paper = office.draft(title="Caf\u00e9 会议纪要")
    (event,) = office.history(paper)
    apart = Office(office.url, office.clock, office.desk).history(office.draft(title="Cafe\u0301 会议纪要"))[0]

    assert event.data["title"] != apart.data["title"]
    assert "Caf\u00e9".encode() in canonical(apart, "")
    assert canonical(event, "x") != canonical(event, "y")
    assert not office.desk.verify().problems


def test_a_group_that_finds_the_database_held_is_answered_with_that_for_each(office: Office) -> None:
    papers = [office.draft() for _ in range(3)]

    with held_by_another(office.url), impatient(office.desk._db):
        outcomes = office.desk.fire_many(office.actor("wangmin"), [(paper, Command(SUBMIT)) for paper in papers])

    assert [type(each) for each in outcomes] == [Busy] * 3
    assert {office.case(paper).state for paper in papers} == {"draft"}


def test_a_disk_that_fails_during_the_commit_leaves_the_outcome_open(tmp_path: Path) -> None:
    failure = sqlite3.OperationalError("disk I/O error")
    failure.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC

    in_doubt = _said(failure, tmp_path / "x.db", committing=True)
    certain = _said(failure, tmp_path / "x.db")

    assert (type(in_doubt), in_doubt.exit_code) == (Unknown, 6)
    assert "同一请求号" in in_doubt.said.zh
    assert "same request id" in in_doubt.said.en
    assert (type(certain), certain.exit_code) == (StorageFault, 1)
    assert "nothing was changed" in certain.said.en


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        (sqlite3.SQLITE_FULL, "磁盘已满", "disk is full"),
        (sqlite3.SQLITE_READONLY, "只读", "read-only"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "被移走", "moved"),
        (sqlite3.SQLITE_CANTOPEN, "打不开", "cannot be opened"),
        (sqlite3.SQLITE_NOTADB, "不是 gongkai 数据库", "not a gongkai database"),
        (sqlite3.SQLITE_CORRUPT, "已损坏", "damaged"),
        (sqlite3.SQLITE_PERM, "权限", "permission"),
        (sqlite3.SQLITE_INTERNAL, "gongkai doctor", "gongkai doctor"),
    ],
)
def test_every_fault_of_the_engine_has_words_and_a_way_out(tmp_path: Path, code: int, zh: str, en: str) -> None:
    failure = sqlite3.OperationalError("as SQLite says it")
    failure.sqlite_errorcode = code

    fault: GongkaiError = _said(failure, tmp_path / "desk.db")

    assert (type(fault), fault.exit_code) == (StorageFault, 1)
    assert zh in fault.said.zh
    assert en in fault.said.en


# Threads.


def test_a_closed_desk_answers_nobody(office: Office) -> None:
    desk = Desk.open(office.url, clock=Clock(), ids=Ids())
    desk.close()

    with pytest.raises(StorageFault) as fault:
        desk.actor("wangmin")

    assert "已关闭" in fault.value.said.zh


def test_each_thread_has_its_own_connection_and_lets_go_of_it_when_it_ends(office: Office) -> None:
    paper = office.draft()
    found: list[str] = []

    def look() -> None:
        found.append(office.desk.case(office.actor("wangmin"), paper).case.id)

    for _ in range(20):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    gc.collect()

    assert found == [paper] * 20
    assert len(office.desk._opened) == 1


def test_a_desk_is_closed_by_another_thread_than_those_that_used_it(office: Office) -> None:
    desk = Desk.open(office.url, clock=Clock(), ids=Ids())
    desk.actor("wangmin")
    closed: list[bool] = []

    def close() -> None:
        desk.close()
        closed.append(True)

    thread = threading.Thread(target=close)
    thread.start()
    thread.join()

    assert closed == [True]
    with pytest.raises(StorageFault):
        desk.actor("wangmin")
