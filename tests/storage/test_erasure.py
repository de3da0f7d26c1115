"""Personal data of an ended case are erased: nothing of them is left in the database, and the record holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import Desk
from tests.engines import Hand
from tests.factories import MONDAY, Clock, Office
from workflow.case import business_date
from workflow.errors import Busy, Denied, Invalid, NotFound, Refused

WHO = "赵甲乙，电话号码一三九零零"
LATER = "赵甲乙，电话号码一三八零零"
WHY = "依当事人申请删除"


@pytest.fixture
def at_work(office: Office) -> Office:
    """With a head of the Office."""
    admin = office.actor("admin")
    office.desk.add_person(admin, "zhouzhu", "周主任")
    office.desk.appoint(admin, "zhouzhu", "office_head", from_on=business_date(MONDAY))
    return office


def applied(office: Office, who: str = WHO, later: str = LATER) -> str:
    """An application for a licence, its contact written and corrected."""
    today = business_date(office.clock())
    data = {
        "agency": "某代理记账公司",
        "agency_code": "91330103MA0000000X",
        "contact": who,
        "received_on": today.isoformat(),
    }
    case = office.desk.start(office.actor("wangmin"), "licence", title="代理记账许可申请", data=data).case.case.id
    office.desk.edit(office.actor("wangmin"), case, data={"contact": later})
    return case


def ended(office: Office) -> str:
    case = applied(office)
    office.clock.forward(minutes=1)
    office.does("wangmin", "accept", case, contact=WHO)
    office.desk.edit(office.actor("wangmin"), case, data={"opinion_text": f"已向{WHO}核实"})
    office.does(
        "wangmin", "withdraw", case, comment=f"{WHO}来电撤回", withdrawn_on=business_date(office.clock()).isoformat()
    )
    return case


def test_whoever_ended_the_case_does_not_erase_why(at_work: Office) -> None:
    admin = at_work.actor("admin")
    for person in ("zhouzhu", "wuzhu", "zhouzhu2"):
        at_work.desk.add_person(admin, person, "周主任" if person == "zhouzhu" else person)
    at_work.desk.appoint(admin, "zhouzhu", "drafter", section="预算科", from_on=business_date(MONDAY))
    for person in ("wuzhu", "zhouzhu2"):
        at_work.desk.appoint(admin, person, "office_head", from_on=business_date(MONDAY))
    at_work.desk.staffing.same(admin, "zhouzhu", "zhouzhu2", "同一人的两个账号")
    case = applied(at_work)
    at_work.does("wangmin", "accept", case, contact=WHO)
    today = business_date(at_work.clock()).isoformat()
    at_work.does("zhouzhu", "withdraw", case, comment="来电撤回", withdrawn_on=today)
    at_work.desk.delegate(at_work.actor("zhouzhu"), "zhouzhu", "qianwei", role="office_head")

    for person in ("zhouzhu", "zhouzhu2", "qianwei"):
        with pytest.raises(Refused) as refused:
            at_work.desk.erase(at_work.actor(person), case, WHY)
        assert refused.value.reasons[0].name == "ended_it"
        names = {name for each in refused.value.reasons[0].who for name in each.people}
        assert names == {"wuzhu"}
    assert WHO in everything(at_work)

    assert at_work.desk.erase(at_work.actor("wuzhu"), case, WHY).fields == ("contact",)


def everything(office: Office) -> str:
    """All that the tables hold, as text."""
    hand = Hand(office.url)
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    if office.url.startswith("sqlite"):
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    return "\n".join(str(row) for (name,) in hand.rows(tables) for row in hand.rows(f'SELECT * FROM "{name}"'))


def test_what_was_erased_is_nowhere_and_the_record_holds(at_work: Office, tmp_path: Path) -> None:
    case = ended(at_work)
    at_work.desk.seal(tmp_path / "seals")
    assert WHO in everything(at_work)
    assert any(WHO in text for text in at_work.told("lihua"))
    likenesses = f"SELECT count(*) FROM likenesses WHERE case_id = '{case}'"
    assert Hand(at_work.url).rows(likenesses) == [(1,)]
    hashes = [event.hash for event in at_work.history(case)]

    erased = at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY)

    assert (erased.fields, erased.events) == (("contact", "opinion_text"), 5)
    assert Hand(at_work.url).rows(likenesses) == [(0,)]
    assert at_work.told("lihua") == [f"{at_work.case(case).number} 的个人信息已依法删除，原通知不再保留"]
    assert WHO not in everything(at_work)
    assert LATER not in everything(at_work)
    assert at_work.desk.verify(tmp_path / "seals").problems == ()
    *before, last = at_work.history(case)
    assert [event.hash for event in before] == hashes
    assert (last.transition, last.actor, last.comment) == ("erase", "zhouzhu", WHY)
    assert last.data == {"erased": "contact opinion_text comment."}
    assert "contact" not in at_work.case(case).data


def test_nothing_is_left_in_the_log_while_others_have_the_database_open(at_work: Office) -> None:
    path = Path(at_work.url.removeprefix("sqlite:///"))
    if not at_work.url.startswith("sqlite"):
        return
    case, going = ended(at_work), applied(at_work, "孙戊己", "孙戊己，下午在")
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as idle,
        closing(sqlite3.connect(path, isolation_level=None)) as reads,
    ):
        idle.execute("SELECT count(*) FROM cases").fetchall()
        reads.execute("BEGIN")
        reads.execute("SELECT count(*) FROM cases").fetchall()
        at_work.desk._db._patience = 0.1  # type: ignore[attr-defined]

        held_up = at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY)
        with pytest.raises(Busy) as busy:  # and not “nothing is to be done”, by which they know that it is gone
            at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY)
        assert "-wal" in busy.value.said.zh
        with pytest.raises(Refused) as running:  # of what was not erased nothing can be left
            at_work.desk.erase(at_work.actor("zhouzhu"), going, WHY)
        assert [each.name for each in running.value.reasons] == ["state"]
        reads.execute("COMMIT")
        with pytest.raises(Refused):
            at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY)

        assert not held_up.is_gone
        assert WHO.encode() not in path.read_bytes() + path.with_name(f"{path.name}-wal").read_bytes()
        other = ended(at_work)
        assert at_work.desk.erase(at_work.actor("zhouzhu"), other, WHY).is_gone
        assert WHO.encode() not in path.read_bytes() + path.with_name(f"{path.name}-wal").read_bytes()


def test_what_still_waits_to_tell_of_it_does_not_leave(at_work: Office) -> None:
    box = at_work.desk.outbox
    box.reach(at_work.actor("wangmin"), "wangmin", "wangmin@example.gov.cn")
    other = applied(at_work)
    case = applied(at_work)
    for each in (other, case):
        at_work.does("zhouzhu", "circulate", each, comment=f"请与{WHO}联系", to="wangmin")
    today = business_date(at_work.clock()).isoformat()
    at_work.does("wangmin", "withdraw", case, comment="申请人来电撤回", withdrawn_on=today)

    at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY, dry_run=True)
    assert {each.state for each in box.kept()} == {"waiting"}
    at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY)

    assert [(each.state, each.code) for each in box.kept()] == [("dropped", "erased"), ("waiting", None)]


def test_what_is_not_personal_stays(at_work: Office) -> None:
    case = ended(at_work)

    at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY)

    assert at_work.case(case).data["agency"] == "某代理记账公司"
    assert at_work.case(case).title == "代理记账许可申请"
    # a kind without personal data is the office's own record, its comments as well
    paper = at_work.draft(body="正文")
    at_work.does("wangmin", "discard", paper, comment="不再发文")
    with pytest.raises(Refused) as refused:
        at_work.desk.erase(at_work.actor("zhouzhu"), paper, WHY)
    assert [each.name for each in refused.value.reasons] == ["fields"]


def test_a_dry_run_erases_nothing(at_work: Office) -> None:
    case = ended(at_work)

    assert at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY, dry_run=True).events == 5

    assert at_work.case(case).data["contact"] == WHO


def test_what_has_not_ended_keeps_its_personal_data(at_work: Office) -> None:
    case = applied(at_work)

    with pytest.raises(Refused) as refused:
        at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY)

    assert [each.name for each in refused.value.reasons] == ["state"]


@pytest.mark.parametrize("person", ["wangmin", "lihua", "zhaoyun", "zhouju", "admin"])
def test_nobody_but_the_head_of_the_office_erases(at_work: Office, person: str) -> None:
    case = ended(at_work)

    with pytest.raises((Denied, NotFound)):
        at_work.desk.erase(at_work.actor(person), case, WHY)

    assert at_work.case(case).data["contact"] == WHO


def test_it_is_said_what_obliges_to_it_and_all_that_stands_against_it(at_work: Office) -> None:
    case = ended(at_work)

    with pytest.raises(Refused) as refused:
        at_work.desk.erase(at_work.actor("zhouzhu"), case, " ")
    assert [each.name for each in refused.value.reasons] == ["comment"]
    with pytest.raises(Invalid):
        at_work.desk.erase(at_work.actor("zhouzhu"), case, "删\x00除")


def test_what_was_erased_is_not_erased_again(at_work: Office) -> None:
    case = ended(at_work)
    at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY)

    with pytest.raises(Refused) as refused:
        at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY)

    assert [each.name for each in refused.value.reasons] == ["fields"]
    # but what was said since then
    at_work.does("zhouzhu", "circulate", case, comment=f"{WHO}再次来电", to="wangmin")
    assert at_work.desk.erase(at_work.actor("zhouzhu"), case, WHY).events == 1
    assert WHO not in everything(at_work)


def test_an_opening_that_was_altered_is_found(at_work: Office) -> None:
    case = ended(at_work)
    hand = Hand(at_work.url)
    hand.break_the_lock()
    hand.alter("UPDATE events SET openings = replace(openings, '赵甲乙', '钱丙丁') WHERE case_id = ?", case)

    assert [each.code for each in at_work.desk.verify().problems] == ["hash"]


@pytest.mark.parametrize("seq", [1, 5])
def test_an_opening_that_went_without_a_word_is_found(at_work: Office, seq: int) -> None:
    case = ended(at_work)
    assert Hand(at_work.url).alter("UPDATE events SET openings = NULL WHERE case_id = ? AND seq = ?", case, seq)

    (problem,) = at_work.desk.verify().problems

    assert (problem.code, problem.row) == ("opening", seq)


@pytest.mark.parametrize(
    "said", ["openings = replace(openings, '赵甲乙', '钱丙丁')", 'openings = \'{"x":["a",1]}\'', "data = '{}'"]
)
def test_the_tables_let_an_opening_go_and_nothing_else(at_work: Office, said: str) -> None:
    case = ended(at_work)

    with pytest.raises(Exception, match="append-only"):
        Hand(at_work.url).alter(f"UPDATE events SET {said} WHERE case_id = ? AND seq = 1", case)


def test_the_same_value_stands_in_no_two_events_alike(at_work: Office) -> None:
    hand = Hand(at_work.url)
    for _ in range(2):
        applied(at_work)

    rows = hand.rows("SELECT data FROM events WHERE seq = 1")

    assert len({data for (data,) in rows}) == 2
    assert not any("赵甲乙" in data for (data,) in rows)


def test_nothing_of_it_is_left_in_the_file_either(file_url: str) -> None:
    clock = Clock()
    path = Path(file_url.removeprefix("sqlite:///"))
    with Desk.open(file_url, clock=clock) as desk:
        office = Office(file_url, clock, desk)
        admin = office.actor("admin")
        desk.add_person(admin, "zhouzhu", "周主任")
        desk.appoint(admin, "zhouzhu", "office_head", from_on=business_date(MONDAY))
        for case in [ended(office) for _ in range(8)]:
            desk.erase(office.actor("zhouzhu"), case, WHY)

    left = b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    assert WHO.encode() not in left
    assert LATER.encode() not in left


def test_what_was_split_off_is_named_where_it_still_says_whose_it_was(at_work: Office) -> None:
    day = business_date(at_work.clock()).isoformat()
    data = {
        "applicant_name": "李明", "applicant_kind": "natural", "id_kind": "resident_id", "id_number": "11010519491231002X",
        "contact": "13900000000", "subject": "决算", "form_wanted": "electronic", "channel": "counter", "submitted_on": day,
    }  # fmt: skip
    desk, office = at_work.desk, at_work.actor("zhaoyun")
    asked = desk.start(office, "request", title="申请公开决算", section="预算科", data=data).case.case
    at_work.does("zhaoyun", "split", asked.id, split_subject="预算")
    (part,) = desk.case(office, asked.id).case.children
    at_work.does("zhaoyun", "withdraw", asked.id, comment="申请人来电", withdrawn_on=day)
    at_work.does("zhaoyun", "archive", asked.id)

    assert desk.erase(at_work.actor("zhouzhu"), asked.id, WHY).also == (part.number,)
    assert desk.erase(at_work.actor("zhouzhu"), ended(at_work), WHY).also == ()
