"""One step is one commit: all of it or nothing, once, in order, numbered without a gap, whoever else is writing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from storage import Desk
from tests.engines import Hand, on_each_statement
from tests.factories import MONDAY, REASON, Clock, Office
from workflow.case import Command, TransitionName
from workflow.errors import Conflict, Denied, Invalid, NotFound, Refused
from workflow.ledger import named

HOUSE = Path(__file__).resolve().parent.parent.parent

TABLES_OF_A_STEP = ("cases", "events", "deadlines", "notices", "steps", "counters")


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the tables that a step may touch, read by another hand."""
    return {table: Hand(url).rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in TABLES_OF_A_STEP}


# One commit.


def test_a_step_leaves_case_event_clocks_and_notices_behind_together(office: Office) -> None:
    paper = office.at_the_office()

    office.does("zhaoyun", "return_untagged", paper)

    rows = everything(office.url)
    assert office.case(paper).state == "returned"
    assert [row[1] for row in rows["events"]] == [1, 2, 3, 4]
    assert [(d.rule, d.armed_seq) for d in office.case(paper).deadlines] == [("rework", 4)]
    closed = {row[1]: row[10] for row in rows["deadlines"] if row[10] is not None}
    assert closed.keys() == {"section", "office"}
    assert {row[2] for row in rows["notices"]} == {"wangmin", "lihua"}


@pytest.mark.parametrize("at", range(1, 9))
def test_a_step_that_dies_at_any_statement_leaves_nothing_behind(office: Office, at: int) -> None:
    paper = office.at_the_office()
    before = everything(office.url)
    # The child dies inside the driver's trace hook, as a process does that is killed: no rollback of ours runs.
    script = f"""
import os
from storage import Desk
from tests.engines import on_each_statement
from tests.factories import Clock
with Desk.open({office.url!r}, clock=Clock()) as desk:
    actor = desk.actor("zhaoyun")
    seen = 0
    def hook(statement):
        global seen
        if seen or statement.startswith("BEGIN IMMEDIATE"):
            seen += 1
        if seen == {at} + 1 or statement == "COMMIT":
            os._exit(9)
    on_each_statement(desk._db, hook)
    desk.fire(actor, {paper!r}, "return_untagged")
"""

    ended = subprocess.run([sys.executable, "-c", script], cwd=HOUSE, check=False, capture_output=True)

    assert ended.returncode == 9, ended.stderr.decode()
    assert everything(office.url) == before
    assert office.does("zhaoyun", "return_untagged", paper).case.case.state == "returned"


def test_a_dry_run_answers_like_the_step_and_changes_nothing(office: Office) -> None:
    paper = office.at_the_office()
    before = everything(office.url)

    would_be = office.desk.fire(office.actor("zhaoyun"), paper, "return_untagged", dry_run=True)

    assert would_be.case.case.state == "returned"
    assert everything(office.url) == before
    begun = office.desk.start(office.actor("wangmin"), "document", title="关于试办的请示", dry_run=True)
    assert begun.case.case.number == "DOC-2026-00002"
    assert everything(office.url) == before


def test_a_refused_step_changes_nothing_and_says_everything_with_names(office: Office) -> None:
    paper = office.at_the_office()
    before = everything(office.url)

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "accept", paper)

    assert [each.name for each in refused.value.reasons] == ["tagged", "reasoned"]
    assert {name for each in refused.value.reasons for who in each.who for name in who.people} == {"王敏"}
    assert everything(office.url) == before


# Two people at once.


def test_who_acts_on_an_old_version_is_told_who_was_first_and_where_the_case_is(office: Office) -> None:
    paper = office.draft()
    seen = office.case(paper).version
    office.does("wangmin", "submit", paper)

    with pytest.raises(Conflict) as conflict:
        office.desk.fire(office.actor("wangmin"), paper, "submit", expected_version=seen)

    assert "王敏" in conflict.value.said.zh
    assert "科室审核" in conflict.value.said.zh
    assert "版本 2" in conflict.value.said.zh


def test_of_two_who_press_at_once_one_wins_and_the_other_is_told(office: Office) -> None:
    paper = office.at_the_office()
    version = office.case(paper).version
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def press(person: str) -> None:
        actor = office.actor(person)
        together.wait()
        try:
            office.desk.fire(actor, paper, "return_untagged", expected_version=version)
            outcomes.append("done")
        except Conflict as conflict:
            outcomes.append(conflict.said.zh)

    hands = [threading.Thread(target=press, args=(person,)) for person in ("zhaoyun", "qianwei")]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    assert sorted(outcomes)[0] == "done"
    assert any("已先行办理" in each for each in outcomes)
    assert [event.transition for event in office.history(paper)].count(TransitionName("return_untagged")) == 1


def test_a_case_is_read_with_the_clocks_of_its_own_state_whoever_writes_meanwhile(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "submit", paper)
    with Desk.open(office.url, clock=office.clock) as reader:
        actor = reader.actor("zhengshen")

        def write_in_between(statement: str) -> None:
            if "FROM cases" in " ".join(statement.split()) and office.case(paper).state == "section_review":
                office.does("lihua", "endorse", paper)

        on_each_statement(reader._db, write_in_between)
        view = reader.case(actor, paper)
        running = [each.rule.name for each in view.deadlines]

    assert office.case(paper).state == "office_check"
    assert (view.case.state, running) in (("section_review", ["section"]), ("office_check", ["office"]))


# The same wish twice.


def test_a_repeated_command_answers_with_its_first_result(office: Office) -> None:
    paper = office.draft()
    first = office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-1")
    office.does("lihua", "endorse", paper)

    again = office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-1")

    assert again.repeated
    assert not first.repeated
    assert again.event == first.event
    assert again.case.case == first.case.case
    assert office.case(paper).state == "office_check"


def test_a_repeated_start_makes_no_second_case(office: Office) -> None:
    first = office.desk.start(office.actor("wangmin"), "document", title="关于两次按下的通知", request_id="once")

    again = office.desk.start(office.actor("wangmin"), "document", title="关于两次按下的通知", request_id="once")

    assert again.repeated
    assert again.case.case.number == first.case.case.number
    assert len(everything(office.url)["cases"]) == 1


def test_a_repeated_command_with_an_old_version_still_gets_its_first_result(office: Office) -> None:
    paper = office.draft()
    first = office.desk.fire(office.actor("wangmin"), paper, "submit", expected_version=1, request_id="r-1")

    again = office.desk.fire(office.actor("wangmin"), paper, "submit", expected_version=1, request_id="r-1")

    assert again.repeated
    assert again.case.case == first.case.case


@pytest.mark.parametrize(
    ("person", "step", "data"),
    [
        ("wangmin", "recall", {}),
        ("wangmin", "edit", {"attribute": "withheld"}),
        ("lihua", "endorse", {}),
    ],
)
def test_a_request_id_of_another_act_is_refused(office: Office, person: str, step: str, data: dict[str, str]) -> None:
    paper = office.draft(attribute="proactive")
    office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-1")

    with pytest.raises(Invalid) as invalid:
        office.desk.fire(office.actor(person), paper, step, data=data, request_id="r-1")

    assert [each.code for each in invalid.value.problems] == ["request-id-used"]


def test_the_same_request_id_with_other_values_is_another_act(office: Office) -> None:
    paper = office.draft()
    office.desk.edit(office.actor("wangmin"), paper, data={"attribute": "proactive"}, request_id="r-1")

    with pytest.raises(Invalid) as invalid:
        office.desk.edit(office.actor("wangmin"), paper, data={"attribute": "withheld"}, request_id="r-1")

    assert [each.code for each in invalid.value.problems] == ["request-id-used"]
    assert office.case(paper).data["attribute"] == "proactive"


def test_a_repeat_that_leaves_out_a_value_is_another_act(office: Office) -> None:
    actor = office.actor("wangmin")
    office.desk.start(actor, "document", title="关于部分的通知", data={"attribute": "proactive"}, request_id="r-1")

    with pytest.raises(Invalid):
        office.desk.start(actor, "document", title="关于部分的通知", request_id="r-1")


def test_a_repeat_of_a_step_that_writes_by_itself_is_the_same_act(office: Office) -> None:
    paper = office.signed()
    series = next(iter(office.desk.definition("document").fields["series"].choices))
    actor, data = office.actor("zhaoyun"), {"series": series}
    first = office.desk.fire(actor, paper, "number", data=data, request_id="r-1")
    office.does("zhaoyun", "publish", paper)

    again = office.desk.fire(actor, paper, "number", data=data, request_id="r-1")

    assert again.repeated
    assert again.case.case == first.case.case


@pytest.mark.parametrize("request_id", ["", "x" * 201, "a\nb", "\u202eabc"])
def test_a_request_id_that_cannot_be_is_named(office: Office, request_id: str) -> None:
    paper = office.draft()

    with pytest.raises(Invalid) as invalid:
        office.desk.fire(office.actor("wangmin"), paper, "submit", request_id=request_id)

    assert [each.field for each in invalid.value.problems] == ["request_id"]


# Numbers.


def test_case_numbers_have_no_gap_when_four_hands_draft_at_once(office: Office) -> None:
    each_begins = 15

    def begin(person: str) -> None:
        actor = office.actor(person)
        for number in range(each_begins):
            office.desk.start(actor, "document", title=f"第{number}件公文")

    hands = [threading.Thread(target=begin, args=(person,)) for person in ("wangmin", "chenjing") * 2]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    numbers = sorted(str(row[1]) for row in everything(office.url)["cases"])
    assert numbers == [f"DOC-2026-{serial:05d}" for serial in range(1, 4 * each_begins + 1)]


def test_case_numbers_have_no_gap_between_processes(office: Office) -> None:
    script = f"""
from storage import Desk
from tests.engines import on_each_statement
from tests.factories import Clock
with Desk.open({office.url!r}, clock=Clock()) as desk:
    for number in range(15):
        desk.start(desk.actor("wangmin"), "document", title=f"第{{number}}件公文")
"""

    hands = [subprocess.Popen([sys.executable, "-c", script], cwd=HOUSE, stderr=subprocess.PIPE) for _ in range(3)]
    said = [hand.communicate()[1].decode() for hand in hands]

    assert [hand.returncode for hand in hands] == [0, 0, 0], said
    numbers = sorted(str(row[1]) for row in everything(office.url)["cases"])
    assert numbers == [f"DOC-2026-{serial:05d}" for serial in range(1, 46)]


def test_a_refused_start_and_a_dry_run_use_no_number(office: Office) -> None:
    with pytest.raises(Denied):
        office.desk.start(office.actor("zhaoyun"), "document", title="办公室不拟稿", section="预算科")
    office.desk.start(office.actor("wangmin"), "document", title="关于试办的请示", dry_run=True)

    paper = office.draft()

    assert office.case(paper).number == "DOC-2026-00001"


def test_a_new_year_begins_with_number_one(office: Office) -> None:
    office.draft()
    office.clock.set("2027-01-01T00:00")  # still 31 December by UTC: the number bears the year of Shanghai

    paper = office.draft()

    assert office.case(paper).number == "DOC-2027-00001"


def test_document_numbers_run_per_series_and_year(office: Office) -> None:
    definition = office.desk.definition("document")
    series = list(definition.fields["series"].choices)[:2]
    papers = [office.signed() for _ in range(3)]

    office.does("zhaoyun", "number", papers[0], series=series[0])
    office.does("zhaoyun", "number", papers[1], series=series[1])
    office.does("zhaoyun", "number", papers[2], series=series[0])

    assert [office.case(paper).data["doc_number"] for paper in papers] == [
        f"{series[0]}〔2026〕1号",
        f"{series[1]}〔2026〕1号",
        f"{series[0]}〔2026〕2号",
    ]
    assert office.history(papers[0])[-1].data["doc_number"] == f"{series[0]}〔2026〕1号"


def test_a_paper_bears_the_year_in_which_it_was_formed(office: Office) -> None:
    series = next(iter(office.desk.definition("document").fields["series"].choices))
    office.clock.set("2026-12-30T10:00")
    paper = office.signed()
    office.clock.set("2027-01-05T10:00")

    office.does("zhaoyun", "number", paper, series=series)

    assert office.case(paper).data["doc_number"] == f"{series}〔2026〕1号"


def test_a_dry_run_of_the_numbering_gives_the_number_to_nobody(office: Office) -> None:
    paper = office.signed()
    series = next(iter(office.desk.definition("document").fields["series"].choices))

    tried = office.desk.fire(office.actor("zhaoyun"), paper, "number", data={"series": series}, dry_run=True)
    done = office.does("zhaoyun", "number", paper, series=series)

    assert tried.case.case.data["doc_number"] == done.case.case.data["doc_number"] == f"{series}〔2026〕1号"


# Notices.


def test_the_author_and_the_section_head_are_told_and_not_who_acted(office: Office) -> None:
    paper = office.at_the_office()

    office.does("zhaoyun", "return_untagged", paper)

    assert len(office.told("wangmin")) == len(office.told("lihua")) == 1
    assert "未按规定标注" in office.told("wangmin")[0]
    assert office.told("heping") == []  # the head of another section
    assert office.told("zhaoyun") == []


def test_one_who_holds_two_of_the_told_roles_is_told_once(office: Office) -> None:
    admin = office.actor("admin")
    office.desk.appoint(admin, "wangmin", "section_head", section="预算科")
    paper = office.at_the_office()

    office.does("zhaoyun", "return_untagged", paper)

    assert len(office.told("wangmin")) == 1


def test_a_notice_whose_role_nobody_holds_is_kept_for_the_doctor(office: Office) -> None:
    office.desk.leave(office.actor("admin"), "zhouju")
    paper = office.at_the_office()
    for _ in range(2):
        office.does("zhaoyun", "return_untagged", paper)
        office.does("wangmin", "submit", paper)
        office.does("lihua", "endorse", paper)

    unheard = [row for row in everything(office.url)["notices"] if row[2] is None]

    assert [row[3] for row in unheard] == ["leader"]


# Many at once.


def test_many_steps_get_an_outcome_each_in_their_order(office: Office) -> None:
    papers = [office.draft() for _ in range(5)]
    commands = [(paper, Command(TransitionName("submit"))) for paper in papers]
    commands.insert(2, ("no-such-case", Command(TransitionName("submit"))))
    commands.insert(4, (papers[0], Command(TransitionName("publish"))))

    outcomes = office.desk.fire_many(office.actor("wangmin"), commands)

    kinds = [type(each).__name__ for each in outcomes]
    assert kinds == ["Done", "Done", "NotFound", "Done", "Refused", "Done", "Done"]
    assert {office.case(paper).state for paper in papers} == {"section_review"}


def past(number: int, **data: str) -> Command:
    return Command(
        TransitionName("import"),
        {
            "title": f"关于第{number}号预算的通知",
            "formed_on": "2023-06-14",
            "published_on": "2023-06-20",
            **data,
        },
        request_id=f"import-{number}",
    )


def test_past_records_enter_as_they_ended_and_once(office: Office) -> None:
    records = [past(number) for number in range(450)]

    first = office.desk.take_in(office.actor("zhaoyun"), "document", records, section="预算科")
    again = office.desk.take_in(office.actor("zhaoyun"), "document", records, section="预算科")

    assert {each.repeated for each in first} == {False}  # type: ignore[union-attr]
    assert {each.repeated for each in again} == {True}  # type: ignore[union-attr]
    assert {row[7] for row in everything(office.url)["cases"]} == {"published"}
    assert len(everything(office.url)["events"]) == 450


def test_past_records_all_or_nothing_keeps_nothing_when_one_is_refused(office: Office) -> None:
    records = [past(1), past(2), past(3, published_on="2023-02-30")]
    before = everything(office.url)

    outcomes = office.desk.take_in(office.actor("zhaoyun"), "document", records, section="预算科", all_or_nothing=True)

    assert isinstance(outcomes[2], Invalid)
    assert everything(office.url) == before


def test_a_dry_run_of_an_import_changes_nothing(office: Office) -> None:
    before = everything(office.url)

    outcomes = office.desk.take_in(
        office.actor("zhaoyun"), "document", [past(1), past(2)], section="预算科", dry_run=True
    )

    assert len(outcomes) == 2
    assert everything(office.url) == before


# The record.


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET comment = '改'",
        "DELETE FROM events",
        "UPDATE cases SET number = 'DOC-2026-00009'",
        "UPDATE counters SET serial = 0",
    ],
)
def test_the_record_can_only_grow(office: Office, statement: str) -> None:
    office.draft()

    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match=r"append-only|is kept|goes back"):
        Hand(office.url).alter(statement)


def test_every_event_carries_the_hash_of_the_one_before(office: Office) -> None:
    paper = office.signed()

    events = office.history(paper)

    case = office.case(paper)
    name = named(case.id, case.number, "document", "bureau", "预算科")
    assert [each.previous for each in events] == [name, *(each.hash for each in events[:-1])]
    assert office.case(paper).head == events[-1].hash
    assert not office.desk.verify().problems


def test_a_clock_that_was_set_back_does_not_make_the_record_run_backwards(office: Office) -> None:
    paper = office.draft()
    office.clock.forward(days=-3)

    office.does("wangmin", "submit", paper)

    first, second = office.history(paper)
    assert second.at >= first.at


def test_a_case_of_another_section_is_not_there_in_the_same_words(office: Office) -> None:
    paper = office.draft()
    stranger = office.actor("chenjing")

    with pytest.raises(NotFound) as hidden:
        office.desk.fire(stranger, paper, "submit")
    with pytest.raises(NotFound) as missing:
        office.desk.fire(stranger, "case-9999", "submit")

    assert hidden.value.said.zh.replace(paper, "X") == missing.value.said.zh.replace("case-9999", "X")
    assert hidden.value.said.en.replace(paper, "X") == missing.value.said.en.replace("case-9999", "X")


@pytest.mark.parametrize(
    "asks",
    [
        lambda office, ref: office.desk.case(office.actor("chenjing"), ref),
        lambda office, ref: office.desk.options(office.actor("chenjing"), ref),
        lambda office, ref: office.does("chenjing", "submit", ref),
    ],
    ids=["case", "options", "fire"],
)
def test_as_much_is_asked_for_a_case_of_another_section_as_for_none(
    office: Office, asks: Callable[[Office, str], object]
) -> None:
    office.draft()
    asked: dict[str, list[str]] = {}
    for ref in ("DOC-2026-00009", "DOC-2026-00001", "DOC-2026-00009"):
        told = asked[ref] = []
        on_each_statement(office.desk._db, told.append)
        with pytest.raises(NotFound):
            asks(office, ref)

    assert len(asked["DOC-2026-00001"]) == len(asked["DOC-2026-00009"]) > 0


def test_definitions_built_for_one_database_serve_the_cases_of_that_database_only(
    office: Office, tmp_path: Path
) -> None:
    paper = office.draft(attribute="on_request", reason_kind="R13-1", reason_text=REASON)

    with Desk.open(office.url, clock=Clock(MONDAY)) as other:
        view = other.case(other.actor("wangmin"), paper)

    assert view.definition is office.desk.definition("document")
