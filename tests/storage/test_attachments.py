"""Papers of a case: put to it by those who act on it, kept once, on record, found again, withdrawn, erased, cleared away."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from exchange.logged import log_of
from settings import Keeping
from storage import Desk
from tests.engines import Hand, impatient, on_each_statement
from tests.factories import MONDAY, Clock, Office
from tests.storage.attaching import keeping as keeping
from tests.storage.attaching import office as office
from tests.storage.attaching import paper as paper
from workflow.case import business_date
from workflow.errors import Busy, Conflict, Denied, GongkaiError, Invalid, NotFound, Refused, StorageFault

Paper = Callable[..., Path]
SAID = "会签意见：同意"


def add(office: Office, case: str, file: Path, by: str = "wangmin", **said: object) -> int:
    return office.desk.attachments.add(office.actor(by), case, file, **said).paper.no  # type: ignore[arg-type]


def kept(keeping: Keeping) -> dict[Path, str]:
    """Every content that is kept, and by whom it can be read."""
    place = Path(str(keeping.directory))
    there = (*place.glob("*.txt"), *place.glob("[0-9a-f][0-9a-f]/*"))
    return {each: oct(each.stat().st_mode & 0o777) for each in there}


def codes(office: Office) -> list[str]:
    return [each.code for each in office.desk.verify().problems]


def test_a_paper_is_kept_by_its_digest_and_on_record(office: Office, paper: Paper, keeping: Keeping) -> None:
    case = office.draft()

    done = office.desk.attachments.add(office.actor("wangmin"), case, paper(SAID), title="会签意见")

    assert (done.paper.no, done.paper.kind, done.paper.verdict, done.paper.size) == (1, "text/plain", "clean", 21)
    assert [*kept(keeping).values()] == ["0o600"]
    (content,) = kept(keeping)
    assert content.parent.name + content.name == done.paper.sha256
    assert (content.parent.stat().st_mode & 0o777, Path(str(keeping.directory)).stat().st_mode & 0o777) == (
        0o700,
        0o700,
    )
    assert content.read_text() == SAID
    event = office.history(case)[-1]
    assert (event.transition, event.actor, event.source, event.target) == ("attach", "wangmin", "draft", "draft")
    assert (office.desk.verify().problems, office.desk.verify().attachments) == ((), 1)


def test_what_may_be_erased_of_it_stands_in_the_chain_by_its_commitment(
    office: Office, paper: Paper, hand: Hand
) -> None:
    case = office.draft()
    done = office.desk.attachments.add(office.actor("wangmin"), case, paper(name="赵甲的申请.txt"), title="赵甲乙")

    ((data,),) = hand.rows("SELECT data FROM events WHERE transition = 'attach'")

    assert not [each for each in ("赵甲", str(done.paper.sha256)) if each in data]
    assert '"attach.size":21' in data


def test_no_clock_and_no_version_hears_of_it(office: Office, paper: Paper) -> None:
    case = office.at_the_office()
    before = office.case(case)

    add(office, case, paper(), by="zhaoyun")

    after = office.case(case)
    assert (after.version, after.deadlines, after.state, after.data) == (
        before.version, before.deadlines, before.state, before.data,
    )  # fmt: skip
    assert (
        office.desk.fire(
            office.actor("zhaoyun"), case, "return", comment="请补充", expected_version=before.version
        ).event.seq
        == before.seq + 2
    )


@pytest.mark.parametrize(
    ("stage", "person", "answer"),
    [
        ("draft", "wangmin", None),
        ("draft", "lihua", Denied),
        ("draft", "zhaoyun", Denied),
        ("draft", "zhengshen", Denied),
        ("draft", "admin", NotFound),
        ("draft", "chenjing", NotFound),
        ("draft", "heping", NotFound),
        ("office", "wangmin", Denied),
        ("office", "zhaoyun", None),
        ("office", "zhengshen", Denied),
        ("ended", "wangmin", Refused),
        ("ended", "zhaoyun", Refused),
    ],
)
def test_those_who_act_on_a_case_put_papers_to_it_and_nobody_else(
    office: Office, paper: Paper, keeping: Keeping, stage: str, person: str, answer: type[GongkaiError] | None
) -> None:
    case = office.at_the_office() if stage == "office" else office.draft()
    if stage == "ended":
        office.does("wangmin", "discard", case, comment="重复")

    acts: tuple[Callable[[], int], ...] = (
        lambda: add(office, case, paper(), by=person),
        lambda: add(office, case, paper(), by=person, request_id="once"),
    )
    for act in acts:
        if answer is None:
            act()
            continue
        with pytest.raises(answer) as said:
            act()
        assert type(said.value) is answer
    if answer:
        assert kept(keeping) == {}


def test_whoever_left_or_whose_section_gave_the_case_away_does_not_find_it(office: Office, paper: Paper) -> None:
    case = office.draft()
    add(office, case, paper())
    here = office.actor("wangmin")
    office.does("wangmin", "submit", case)
    office.does("lihua", "transfer", case, comment="归口国库科", section="国库科")

    for act in (
        lambda: office.desk.attachments.of(here, case),
        lambda: office.desk.attachments.get(here, case, 1, paper().with_name("out")),
        lambda: add(office, case, paper()),
        lambda: office.desk.attachments.withdraw(here, case, 1, "重复"),
    ):
        with pytest.raises(NotFound):
            act()
    assert [each.no for each in office.desk.attachments.of(office.actor("heping"), case)] == [1]
    office.desk.leave(office.actor("admin"), "heping", on=business_date(MONDAY))
    office.clock.forward(days=1)
    with pytest.raises(GongkaiError):
        add(office, case, paper(), by="heping")


def test_a_delegate_attaches_for_whom_they_stand_in(office: Office, paper: Paper) -> None:
    office.desk.delegate(office.actor("wangmin"), "wangmin", "chenjing")
    case = office.draft()

    add(office, case, paper(), by="chenjing")

    assert (office.history(case)[-1].actor, office.history(case)[-1].on_behalf_of) == ("chenjing", "wangmin")


def test_whoever_put_a_paper_to_a_draft_is_one_of_its_authors(office: Office, paper: Paper) -> None:
    office.desk.appoint(office.actor("admin"), "lihua", "drafter", section="预算科", from_on=date(2018, 1, 1))
    case = office.draft()
    add(office, case, paper(), by="lihua")
    office.does("wangmin", "submit", case)

    with pytest.raises(Refused) as refused:
        office.does("lihua", "endorse", case)

    assert [each.name for each in refused.value.reasons] == ["not_own"]


def test_a_step_is_not_taken_back_once_somebody_put_a_paper_to_the_case(office: Office, paper: Paper) -> None:
    case = office.draft()
    office.does("wangmin", "submit", case)
    add(office, case, paper(), by="lihua")

    with pytest.raises(Refused):
        office.does("wangmin", "take_back", case, comment="写错了")


def test_the_same_bytes_are_kept_once(office: Office, paper: Paper, keeping: Keeping) -> None:
    one, other = office.draft(), office.draft(title="另一件")

    assert [
        add(office, case, paper(SAID, name)) for case, name in ((one, "a.txt"), (one, "b.txt"), (other, "c.txt"))
    ] == [1, 2, 1]

    assert len(kept(keeping)) == 1
    assert codes(office) == []


def test_a_repeat_is_no_second_paper(office: Office, paper: Paper) -> None:
    case = office.draft()
    first = office.desk.attachments.add(office.actor("wangmin"), case, paper(), request_id="r-1")
    office.does("wangmin", "submit", case)

    again = office.desk.attachments.add(office.actor("wangmin"), case, paper(), request_id="r-1")

    assert (again.repeated, again.paper.no, again.paper.seq) == (True, first.paper.no, first.paper.seq)
    assert len(office.desk.attachments.of(office.actor("lihua"), case)) == 1
    for content, name, title in (
        ("别的内容", "意见.txt", None),
        (SAID, "别名.txt", None),
        (SAID, "意见.txt", "另有名称"),
    ):
        other = paper(content, name)
        with pytest.raises(Invalid) as refused:
            office.desk.attachments.add(office.actor("wangmin"), case, other, title=title, request_id="r-1")
        assert [each.code for each in refused.value.problems] == ["request-id-used"]
        assert "（添加附件）" in refused.value.problems[0].text.zh
    titled = office.draft()
    add(office, titled, paper(), title="意见", request_id="r-2")
    with pytest.raises(Invalid):
        add(office, titled, paper(), request_id="r-2")


def test_a_dry_run_says_what_would_be_found_and_leaves_nothing(office: Office, paper: Paper, keeping: Keeping) -> None:
    case = office.draft()

    done = office.desk.attachments.add(office.actor("wangmin"), case, paper(name="意见.pdf"), dry_run=True)

    assert (done.paper.verdict, done.paper.found) == ("warned", ("ending",))
    assert os.listdir(str(keeping.directory)) == []
    assert len(office.history(case)) == 1


def test_what_is_withdrawn_stays_on_record_and_can_be_had(office: Office, paper: Paper, tmp_path: Path) -> None:
    case, actor = office.draft(), office.actor("wangmin")
    add(office, case, paper(SAID))
    papers = office.desk.attachments

    with pytest.raises(Refused) as silent:
        papers.withdraw(actor, case, 1, " ")
    done = papers.withdraw(actor, case, 1, "传错了", request_id="w-1")
    again = papers.withdraw(actor, case, 1, "传错了", request_id="w-1")
    with pytest.raises(Refused) as twice:
        papers.withdraw(actor, case, 1, "再撤一次")
    with pytest.raises(NotFound):
        papers.withdraw(actor, case, 2, "没有的")
    papers.get(actor, case, 1, tmp_path / "out.txt")

    assert [each.name for each in silent.value.reasons] == ["comment"]
    assert [each.name for each in twice.value.reasons] == ["withdrawn"]
    assert (done.repeated, again.repeated, done.paper.withdrawn_seq) == (False, True, 3)
    assert (tmp_path / "out.txt").read_text() == SAID
    assert [each.comment for each in office.history(case)][-1] == "传错了"
    assert add(office, case, paper("另一份")) == 2
    assert codes(office) == []


def test_a_paper_is_never_written_over_a_file_that_is_there(office: Office, paper: Paper, tmp_path: Path) -> None:
    case, actor, out = office.draft(), office.actor("wangmin"), tmp_path / "out.txt"
    add(office, case, paper(SAID))
    out.write_text("mine")

    with pytest.raises(Invalid):
        office.desk.attachments.get(actor, case, 1, out)
    assert out.read_text() == "mine"
    with pytest.raises(Invalid):
        office.desk.attachments.get(actor, case, 1, tmp_path, force=True)
    office.desk.attachments.get(actor, case, 1, out, force=True)

    assert out.read_text() == SAID


def test_a_case_holds_so_many_papers_and_so_much(office: Office, paper: Paper, keeping: Keeping) -> None:
    many, large = office.draft(), office.draft(title="另一件")
    for n in range(3):
        add(office, many, paper(f"第 {n} 份"))
    there = len(kept(keeping))
    for n in range(2):
        add(office, large, paper(f"{n}" * 1_400_000))

    for case, name, limit in ((many, "count", "上限 3 个"), (large, "total", "3 MB")):
        with pytest.raises(Refused) as refused:
            add(office, case, paper("x" * 1_400_000))
        assert [each.name for each in refused.value.reasons] == [name]
        assert limit in refused.value.reasons[0].text.zh
        assert "GONGKAI_ATTACHMENTS" in refused.value.reasons[0].text.en
    assert len(kept(keeping)) == there + 2


@pytest.mark.parametrize("title", ["", "一\n二", "标\u202e题", "长" * 5000])
def test_a_title_is_one_line_that_shows_something(office: Office, paper: Paper, keeping: Keeping, title: str) -> None:
    with pytest.raises(Invalid) as refused:
        add(office, office.draft(), paper(), title=title)

    assert [each.field for each in refused.value.problems] == ["title"]
    assert kept(keeping) == {}


# What is found.


def test_a_content_that_is_gone_or_altered_is_found_and_not_handed_out(
    office: Office, paper: Paper, keeping: Keeping, tmp_path: Path
) -> None:
    case = office.draft()
    add(office, case, paper(SAID))
    number = office.case(case).number
    (content,) = kept(keeping)

    for damage in (lambda: content.write_text("会签意见：不同"), lambda: content.write_text(""), content.unlink):
        damage()
        (problem,) = office.desk.verify().problems
        assert (problem.code, problem.field, problem.row) == ("content", number, 2)
        with pytest.raises(StorageFault):
            office.desk.attachments.get(office.actor("wangmin"), case, 1, tmp_path / "out")
        assert not (tmp_path / "out").exists()
    # Whoever puts the same to a case again mends it.
    add(office, case, paper(SAID))
    assert codes(office) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE attachments SET sha256 = NULL",
        "UPDATE attachments SET sha256 = 'abc'",
        "UPDATE attachments SET size = 1",
        "UPDATE attachments SET withdrawn_seq = 2",
        "UPDATE attachments SET seq = 1",
        "UPDATE attachments SET no = 7",
        "DELETE FROM attachments",
        "INSERT INTO attachments SELECT case_id, 9, 2, sha256, size, NULL FROM attachments",
    ],
)
def test_a_row_that_is_not_as_its_event_says_is_found(office: Office, paper: Paper, hand: Hand, sql: str) -> None:
    case = office.draft()
    add(office, case, paper(SAID))
    hand.break_the_lock()

    hand.alter(sql)

    assert "attachment" in codes(office)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM attachments",
        "UPDATE attachments SET sha256 = 'abc'",
        "UPDATE attachments SET size = 1",
        "UPDATE attachments SET withdrawn_seq = 9 WHERE withdrawn_seq IS NOT NULL",
        "UPDATE attachments SET no = 7",
    ],
)
def test_the_table_lets_nothing_be_rewritten(office: Office, paper: Paper, hand: Hand, sql: str) -> None:
    case = office.draft()
    add(office, case, paper(SAID))
    office.desk.attachments.withdraw(office.actor("wangmin"), case, 1, "传错了")

    with pytest.raises(Exception, match="append-only"):
        hand.alter(sql)


def test_doctor_sees_whether_others_could_read_them(office: Office, paper: Paper, keeping: Keeping) -> None:
    def told() -> list[bool]:
        return [each.ok for each in office.desk.attachments.health()]

    none = told()
    add(office, office.draft(), paper())
    shut = told()
    Path(str(keeping.directory)).chmod(0o755)

    assert (none, shut, told()) == ([], [True], [False])


# What goes.


def ended(office: Office, file: Path) -> str:
    admin = office.actor("admin")
    if "zhouzhu" not in {each.id for each in office.desk.people(admin)}:
        office.desk.add_person(admin, "zhouzhu", "周主任")
        office.desk.appoint(admin, "zhouzhu", "office_head", from_on=business_date(MONDAY))
    case = office.draft()
    add(office, case, file, title="赵甲乙的材料", request_id=f"of-{case}")
    office.does("wangmin", "discard", case, comment="不再需要")
    return case


def test_what_was_erased_of_a_paper_is_nowhere(
    office: Office, paper: Paper, keeping: Keeping, hand: Hand, tmp_path: Path
) -> None:
    file = paper("赵甲乙的身份证号", "赵甲乙.txt")
    case, other = ended(office, file), ended(office, file)
    office.desk.seal(tmp_path / "seals")
    digest = str(office.desk.attachments.of(office.actor("wangmin"), case)[0].sha256)
    head = office.actor("zhouzhu")

    told = office.desk.erase(head, case, "依申请", dry_run=True)
    assert (told.contents, len(kept(keeping))) == ((digest,), 1)
    office.desk.erase(head, case, "依申请")
    assert len(kept(keeping)) == 1  # another case has it, too
    assert codes(office) == []
    office.desk.erase(head, other, "依申请")

    assert kept(keeping) == {}
    stored = "\n".join(str(hand.rows(f"SELECT * FROM {each}")) for each in ("events", "attachments", "cases"))
    assert not [each for each in ("赵甲乙", digest) if each in stored]
    assert office.desk.verify(tmp_path / "seals").problems == ()
    (gone,) = office.desk.attachments.of(office.actor("wangmin"), case)
    assert (gone.sha256, gone.name, gone.title, gone.size) == (None, None, None, len("赵甲乙的身份证号".encode()))
    with pytest.raises(Refused):
        office.desk.attachments.get(office.actor("wangmin"), case, 1, tmp_path / "out")
    assert office.desk.attachments.add(office.actor("wangmin"), case, file, request_id=f"of-{case}").repeated


def test_nothing_is_called_erased_whose_content_is_out_of_reach(office: Office, paper: Paper, keeping: Keeping) -> None:
    if office.url.startswith("sqlite"):  # its directory has no mark, and is always known
        return
    case, mark = ended(office, paper("赵甲乙的身份证号")), Path(str(keeping.directory)) / "whose"
    head, ours = office.actor("zhouzhu"), mark.read_text()
    mark.write_text("7000000000000000000\n")

    with pytest.raises(StorageFault) as another:
        office.desk.erase(head, case, "依申请")
    with Desk.open(office.url, clock=office.clock) as nowhere, pytest.raises(StorageFault) as unsaid:
        nowhere.erase(head, case, "依申请")

    assert ("whose" in another.value.said.zh, "GONGKAI_FILES" in unsaid.value.said.zh) == (True, True)
    assert office.history(case)[-1].transition == "discard"
    mark.write_text(ours)
    assert office.desk.erase(head, case, "依申请").missing == 0
    assert kept(keeping) == {}
    mark.write_text("7000000000000000000\n")
    with pytest.raises(StorageFault):  # nor is it said that nothing is left
        office.desk.erase(head, case, "依申请")


def test_a_content_that_could_not_go_with_the_erasure_goes_when_it_is_asked_for_again(
    office: Office, paper: Paper, keeping: Keeping
) -> None:
    case = ended(office, paper("赵甲乙的身份证号"))
    (content,) = kept(keeping)
    content.rename(aside := content.with_name("aside"))
    content.mkdir()  # as where its directory may not be written

    for _ in range(2):
        with pytest.raises(StorageFault):
            office.desk.erase(office.actor("zhouzhu"), case, "依申请")
    assert office.history(case)[-1].transition == "erase"
    content.rmdir()
    aside.rename(content)
    with pytest.raises(Refused):
        office.desk.erase(office.actor("zhouzhu"), case, "依申请")

    assert kept(keeping) == {}


@pytest.mark.parametrize("is_there", [True, False])
def test_a_content_that_lies_elsewhere_is_not_told_as_gone(
    office: Office, paper: Paper, keeping: Keeping, is_there: bool
) -> None:
    case = ended(office, paper("赵甲乙的身份证号"))
    (content,) = kept(keeping)
    (content if is_there else Path(str(keeping.directory))).rename(Path(str(keeping.directory)).with_name("elsewhere"))

    assert office.desk.erase(office.actor("zhouzhu"), case, "依申请").missing == 1


def test_what_nothing_points_at_is_cleared_away_after_a_day(office: Office, paper: Paper, keeping: Keeping) -> None:
    case = office.draft()
    add(office, case, paper(SAID))
    (pointed_at,) = kept(keeping)
    office.desk.attachments._contents.put(paper("没有附上的"), "ab" * 32, office.clock())
    beside = Path(str(keeping.directory)) / "note.txt"
    beside.write_text("not ours")

    office.clock.forward(hours=23)
    assert office.desk.attachments.collect().contents == 0
    office.clock.forward(hours=2)
    cleared = office.desk.attachments.collect()

    assert (cleared.contents, cleared.size) == (1, len("没有附上的".encode()))
    assert set(kept(keeping)) == {pointed_at, beside}
    assert office.desk.attachments.collect().contents == 0
    assert codes(office) == []


def test_nobody_clears_away_what_is_just_being_attached(office: Office, paper: Paper, keeping: Keeping) -> None:
    case = office.draft()
    add(office, case, paper("先前的"))  # the connection is there
    answers: list[object] = []

    def in_between(statement: str) -> None:
        if "INSERT INTO attachments" in statement and not answers:
            assert len(kept(keeping)) == 2  # on the disk before the row
            later = Clock()
            later.forward(days=30)
            with Desk.open(office.url, clock=later, keeping=keeping) as other, impatient(other._db):
                try:
                    answers.append(other.attachments.collect())
                except Busy as busy:
                    answers.append(busy)

    on_each_statement(office.desk._db, in_between)
    add(office, case, paper(SAID))

    assert [type(each) for each in answers] == [Busy]
    assert len(kept(keeping)) == 2
    assert codes(office) == []


def test_a_content_is_on_the_disk_before_the_row_that_points_at_it(
    office: Office, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = office.draft()
    contents = office.desk.attachments._contents
    contents.claim(office.desk._db.whose())  # on a server the first says whose the directory is
    told: list[str] = []
    fsync, replace_ = os.fsync, os.replace

    def synced(at: int) -> None:
        told.append("sync " + ("directory" if os.path.isdir(f"/proc/self/fd/{at}") else "file"))
        fsync(at)

    def renamed(old: str, new: str) -> None:
        told.append("rename")
        replace_(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    on_each_statement(office.desk._db, lambda said: told.append("row") if "INSERT INTO attachments" in said else None)

    add(office, case, paper(SAID))

    # The bytes before anybody waits for us, then the directories from above, then its name.
    above = ["sync directory", "sync file", "sync directory"]
    assert told == [*above, "sync file", "rename", "sync directory", "row"]


def test_a_transaction_that_fails_leaves_what_the_next_pass_clears_away(
    office: Office, paper: Paper, keeping: Keeping
) -> None:
    case = office.draft()

    def broken(statement: str) -> None:
        if "INSERT INTO attachments" in statement:
            raise Conflict(actor="", state="", version=0)

    if office.url.startswith("sqlite"):  # what a hook of its raises, this driver does not hand on
        Hand(office.url).alter(
            "CREATE TRIGGER breaks BEFORE INSERT ON attachments BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
    else:
        on_each_statement(office.desk._db, broken)
    with pytest.raises(GongkaiError):
        add(office, case, paper(SAID))

    assert len(office.history(case)) == 1
    office.clock.forward(days=2)
    office.desk.attachments.collect()
    assert kept(keeping) == {}


# Who hears of it.


def test_what_leaves_the_house_says_nothing_of_papers(office: Office, paper: Paper) -> None:
    case = office.draft()
    add(office, case, paper(name="赵甲乙.txt"), title="赵甲乙")

    (told,) = log_of(office.desk, office.actor("zhengshen")).cases

    assert [each.event.transition for each in told.events] == ["start", "attach"]
    assert (told.events[1].data, told.events[1].written) == ({}, ())


def test_whoever_reads_a_case_has_its_papers_and_puts_none_to_it(office: Office, paper: Paper, tmp_path: Path) -> None:
    case = office.draft()
    add(office, case, paper(SAID))
    office.does("wangmin", "submit", case)
    office.does("lihua", "circulate", case, comment="请阅", to="chenjing")
    reader = office.actor("chenjing")

    office.desk.attachments.get(reader, case, 1, tmp_path / "out.txt")
    with pytest.raises(Denied):
        add(office, case, paper(), by="chenjing")

    assert (tmp_path / "out.txt").read_text() == SAID


def test_a_server_without_a_directory_says_so(server_url: str, paper: Paper) -> None:
    clock = Clock()
    with Desk.open(server_url, clock=clock) as desk:
        office = Office(server_url, clock, desk)
        case = office.draft()
        with pytest.raises(StorageFault) as fault:
            add(office, case, paper())
        assert "GONGKAI_FILES" in fault.value.said.zh
        assert desk.attachments.collect().contents == 0
        assert desk.verify().problems == ()


def test_a_database_reached_by_a_link_has_its_contents_beside_the_file_itself(
    file_url: str, paper: Paper, tmp_path: Path
) -> None:
    place = Path(file_url.removeprefix("sqlite:///"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "link.db").symlink_to(place)
    (tmp_path / "elsewhere" / "again.db").symlink_to("link.db")
    clock = Clock()
    for name in ("link.db", "again.db"):
        with Desk.open(f"sqlite:///{tmp_path / 'elsewhere' / name}", clock=clock) as desk:
            office = Office(file_url, clock, desk)
            add(office, office.draft(), paper(name))

    with Desk.open(file_url, clock=clock) as desk:
        assert (desk.verify().problems, desk.verify().attachments) == ((), 2)
    assert sorted(each.name for each in (tmp_path / "elsewhere").iterdir()) == ["again.db", "link.db"]

    # By a program of before they lay beside the link.
    beside, left = Path(f"{place}.files"), tmp_path / "elsewhere" / "link.db.files"
    (one, _) = beside.glob("??")
    left.mkdir(mode=0o700)
    one.rename(left / one.name)
    with Desk.open(f"sqlite:///{tmp_path / 'elsewhere' / 'link.db'}", clock=clock) as desk:
        (problem,) = desk.verify().problems
        (check,) = desk.attachments.health()
        assert (problem.code, str(left) in problem.text.zh, "备份" in problem.text.zh) == ("content", True, False)
        assert (check.ok, "1 " in check.text.zh) == (False, True)
        assert check.hint
        subprocess.run(check.hint.zh, shell=True, check=True)
        assert (desk.verify().problems, left.exists()) == ((), False)
        assert [each.ok for each in desk.attachments.health()] == [True]


def test_beside_a_file_contents_lie_in_a_directory_of_its_name(file_url: str, paper: Paper) -> None:
    clock = Clock()
    with Desk.open(file_url, clock=clock) as desk:
        office = Office(file_url, clock, desk)
        add(office, office.draft(), paper())
    beside = Path(file_url.removeprefix("sqlite:///") + ".files")

    assert len(kept(replace(Keeping(), directory=str(beside)))) == 1
