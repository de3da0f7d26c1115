"""PostgreSQL as it is: its questions and indexes, who waits for whom, and what is said when the server is lost or silent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from storage import Desk
from storage.connection import OURS
from storage.outbox import Outgoing
from storage.postgres import pool as pools
from storage.setup import initialise
from tests.days_off import year_2027
from tests.engines import Hand, Server, on_each_statement, program
from tests.factories import Clock, Ids, Office, people_in
from tests.storage.test_sub_cases import asked, errand
from workflow.case import Command, TransitionName
from workflow.errors import Conflict, GongkaiError, Invalid, StorageFault, Unknown

__all__ = ["errand"]

SUBMIT = TransitionName("submit")
HOUSE = Path(__file__).resolve().parent.parent.parent
ROLES = HOUSE / "ops" / "postgresql" / "roles.sql"


@pytest.fixture
def url(server_url: str) -> str:
    """What is tried here is the server; `test_sqlite.py` tries the file."""
    return server_url


def desk_at(url: str) -> Desk:
    return Desk.open(url, clock=Clock(), ids=Ids())


# Who waits for whom.


def blocked(url: str) -> bool:
    """Whether some transaction waits for a lock of another."""
    rows = Hand(url).rows(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return bool(rows[0][0])


def in_the_middle(url: str, act: Callable[[Desk], object], meanwhile: Callable[[], object]) -> list[object]:
    """The act stands before its commit until `meanwhile` has come to wait for it; what each came to."""
    outcomes: dict[str, object] = {}

    def first() -> None:
        with Desk.open(url, clock=Clock()) as desk:

            def hook(said: str) -> None:
                if said == "COMMIT":
                    other.start()
                    while not blocked(url) and other.is_alive():
                        pass

            on_each_statement(desk._db, hook)
            outcomes["act"] = outcome_of(lambda: act(desk))

    other = threading.Thread(target=lambda: outcomes.update(meanwhile=outcome_of(meanwhile)))
    one = threading.Thread(target=first)
    one.start()
    one.join()
    other.join()
    return [outcomes["act"], outcomes["meanwhile"]]


def outcome_of(act: Callable[[], object]) -> object:
    try:
        return act()
    except GongkaiError as error:
        return error


def test_who_comes_second_to_a_case_waits_and_is_told_who_was_first(office: Office) -> None:
    paper = office.at_the_office(attribute="proactive")
    version = office.case(paper).version

    first, second = in_the_middle(
        office.url,
        lambda desk: desk.fire(desk.actor("zhaoyun"), paper, "return", comment="请补充", expected_version=version),
        lambda: office.desk.fire(office.actor("qianwei"), paper, "return", comment="请更正", expected_version=version),
    )

    assert not isinstance(first, GongkaiError)
    assert isinstance(second, Conflict)
    assert "赵云" in second.said.zh


def test_the_same_request_from_two_places_at_once_is_done_once(office: Office) -> None:
    def begun(desk: Desk) -> str:
        done = desk.start(desk.actor("wangmin"), "document", title="关于同一请求的通知", request_id="r-1")
        return done.case.case.number

    with Desk.open(office.url, clock=office.clock) as another:
        first, second = in_the_middle(office.url, begun, lambda: begun(another))

    assert first == second == "DOC-2026-00001"
    assert len(Hand(office.url).rows("SELECT id FROM cases")) == 1


def test_the_last_two_answers_come_at_once_and_the_parent_goes_on(office: Office, errand: str) -> None:
    first, second = asked(office, errand), asked(office, errand, "预算科")

    outcomes = in_the_middle(
        office.url,
        lambda desk: desk.fire(desk.actor("chenjing"), first, "answer"),
        lambda: office.does("wangmin", "answer", second),
    )

    assert not any(isinstance(each, GongkaiError) for each in outcomes)
    assert office.case(errand).state == "heard"
    assert not office.desk.verify().problems


def test_cases_of_their_own_do_not_wait_for_each_other(office: Office) -> None:
    papers = [office.draft(attribute="proactive") for _ in range(2)]

    outcomes = in_the_middle(
        office.url,
        lambda desk: desk.fire(desk.actor("wangmin"), papers[0], "submit"),
        lambda: office.does("wangmin", "submit", papers[1]),
    )

    assert not any(isinstance(each, GongkaiError) for each in outcomes)
    assert {office.case(paper).state for paper in papers} == {"section_review"}


def test_a_change_of_the_register_waits_for_the_steps_in_hand(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    waited: list[bool] = []

    def leaves() -> object:
        done = office.desk.leave(office.actor("admin"), "wangmin")
        waited.append(office.case(paper).state == "section_review")
        return done

    in_the_middle(office.url, lambda desk: desk.fire(desk.actor("wangmin"), paper, "submit"), leaves)

    assert waited == [True]


def test_what_was_in_hand_while_the_sweep_looked_round_is_looked_at_too(office: Office) -> None:
    office.desk.sweep()
    paper = office.draft(attribute="proactive")
    office.desk.leave(office.actor("admin"), "lihua", on=office.clock().date())
    office.desk.sweep()

    def another_and_a_sweep() -> object:
        office.draft(attribute="proactive")
        return office.desk.sweep()

    in_the_middle(office.url, lambda desk: desk.fire(desk.actor("wangmin"), paper, "submit"), another_and_a_sweep)
    office.desk.sweep()

    assert "unmanned" in [each.transition for each in office.history(paper)]


def test_a_case_that_another_hand_holds_keeps_no_sweep_waiting(office: Office) -> None:
    held, free = (office.draft(attribute="proactive") for _ in range(2))
    for paper in (held, free):
        office.does("wangmin", "submit", paper)
    office.clock.set("2026-03-05T10:00")

    with closing(psycopg.connect(office.url.replace("+psycopg", ""))) as other:
        other.execute("SELECT id FROM cases WHERE id = %s FOR UPDATE", [held])
        first = office.desk.sweep()
        other.rollback()  # acknowledged: a line that is only closed may hold its lock a moment longer
    then = office.desk.sweep()

    assert {each.case for each in first if each.deadline} == {free}
    assert {each.case for each in then if each.deadline} == {held}


# What goes wrong.


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StorageFault) as fault:
        Desk.open("postgresql+psycopg://clerk:geheim@127.0.0.1:1/desk")

    assert "127.0.0.1:1/desk" in fault.value.said.zh
    assert "pg_isready" in fault.value.said.en
    assert "geheim" not in fault.value.said.zh + fault.value.said.en


@pytest.mark.parametrize(
    "url", ["postgresql://clerk:geheim@host", "postgresql://clerk:geheim@host/db?nonsense=1", "postgresql:/x"]
)
def test_an_address_that_names_no_database_is_refused_and_its_password_not_repeated(url: str) -> None:
    with pytest.raises(Invalid) as invalid:
        Desk.open(url)

    assert "postgresql+psycopg://" in invalid.value.problems[0].text.en
    assert "geheim" not in str(invalid.value.problems)


def test_a_password_in_the_address_is_shown_nowhere(server: Server) -> None:
    url = server.fresh()
    secret = url.replace("owner@", "owner:geheim@")

    made = gongkai("--db", secret, "init", "--sandbox", "--json")
    shown = gongkai("--db", secret, "doctor", "--json")
    lost = gongkai("--db", secret.replace("127.0.0.1", "localhost.invalid"), "doctor")
    server.drop(url)

    assert (made.returncode, shown.returncode) == (0, 0)
    assert lost.returncode == 1
    for said in (made, shown, lost):
        assert "geheim" not in said.stdout + said.stderr


def gongkai(*words: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-c", "import sys; from cli import main; sys.exit(main())", *words]
    return subprocess.run(call, capture_output=True, text=True, check=False, cwd=HOUSE)


def test_an_empty_database_asks_to_be_made_and_somebody_elses_is_left_alone(server: Server) -> None:
    url = server.fresh()
    with pytest.raises(StorageFault) as empty:
        Desk.open(url)
    Hand(url).alter("CREATE TABLE cases (id int)")

    with pytest.raises(StorageFault) as foreign:
        initialise(url, sandbox=True, clock=Clock())

    assert "gongkai init" in empty.value.said.en
    assert "not a gongkai database" in foreign.value.said.en
    server.drop(url)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_of_another_encoding_is_not_taken(server: Server, encoding: str) -> None:
    server.execute(f"CREATE DATABASE latin ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    for table in OURS:
        Hand(server.url("latin")).alter(f"CREATE TABLE {table} ()")

    for comes in (
        lambda: initialise(server.url("latin"), sandbox=True, clock=Clock()),
        lambda: desk_at(server.url("latin")),
    ):
        with pytest.raises(StorageFault) as fault:
            comes()
        assert "UTF8" in fault.value.said.en
        assert "createdb" in fault.value.said.zh

    server.execute("DROP DATABASE latin")


def kill_the_backends(url: str) -> None:
    Hand(url).rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_a_schema_whose_name_needs_quotes_is_as_good_as_another(server: Server, dumped_url: str) -> None:
    name = dumped_url.rpartition("/")[2]
    Hand(dumped_url).alter('ALTER SCHEMA public RENAME TO "My App"')
    # An empty schema of the user's name comes before it, as "$user" has it; ours is where our tables are, and no other is.
    Hand(dumped_url).alter("CREATE SCHEMA owner")
    server.execute(f'ALTER DATABASE {name} SET search_path = "$user", "My App"')
    server.execute(f"ALTER DATABASE {name} SET quote_all_identifiers = on")  # and so do all others
    server.execute(f"ALTER DATABASE {name} SET client_encoding = 'SQL_ASCII'")  # as if nobody read texts

    with Desk.open(dumped_url, clock=Clock()) as desk:
        assert [each.name for each in desk.doctor() if not each.ok] == []


def test_a_connection_that_died_while_nobody_used_it_is_replaced_without_a_word(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    kill_the_backends(office.url)

    assert office.case(paper).state == "draft"
    kill_the_backends(office.url)
    assert office.does("wangmin", "submit", paper).case.case.state == "section_review"


def test_a_connection_that_dies_in_the_middle_of_a_step_leaves_nothing(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    on_each_statement(
        office.desk._db, lambda said: kill_the_backends(office.url) if said.startswith("INSERT INTO events") else None
    )

    with pytest.raises(StorageFault) as fault:
        office.does("wangmin", "submit", paper)

    on_each_statement(office.desk._db, lambda _: None)
    assert "nothing was changed" in fault.value.said.en
    with desk_at(office.url) as another:
        assert another.case(another.actor("wangmin"), paper).case.state == "draft"


def test_a_group_whose_connection_dies_is_answered_with_that_for_each(office: Office) -> None:
    papers = [office.draft(attribute="proactive") for _ in range(2)]
    on_each_statement(
        office.desk._db, lambda said: kill_the_backends(office.url) if said.startswith("INSERT INTO events") else None
    )

    outcomes = office.desk.fire_many(office.actor("wangmin"), [(each, Command(SUBMIT)) for each in papers])

    assert [type(each) for each in outcomes] == [StorageFault] * 2


def test_a_desk_that_is_closed_in_the_middle_of_a_step_says_so(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    desk = desk_at(office.url)
    wangmin = desk.actor("wangmin")
    on_each_statement(desk._db, lambda said: desk.close() if said.startswith("INSERT INTO events") else None)

    with pytest.raises(StorageFault):
        desk.fire(wangmin, paper, "submit")

    assert office.case(paper).state == "draft"


def test_a_connection_that_dies_at_the_commit_leaves_the_outcome_to_the_request_id(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    once = [True]

    def dies(said: str) -> None:
        if said == "COMMIT" and once:
            once.clear()
            kill_the_backends(office.url)

    on_each_statement(office.desk._db, dies)
    with pytest.raises(Unknown) as doubt:
        office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-9")

    again = office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-9")
    assert doubt.value.exit_code == 6
    assert again.case.case.state == "section_review"
    assert [each.transition for each in office.history(paper)] == ["start", "submit"]


def test_a_server_that_says_nothing_is_given_up_in_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = office.draft(attribute="proactive")
    monkeypatch.setattr(pools, "DEADLINE_SECONDS", 0.5)
    frozen: list[int] = []

    def freeze(said: str) -> None:
        if said.startswith("INSERT INTO events") and not frozen:
            rows = Hand(office.url).rows(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
            )
            frozen.append(rows[0][0])
            os.kill(frozen[0], signal.SIGSTOP)

    on_each_statement(office.desk._db, freeze)
    try:
        with pytest.raises(StorageFault) as fault:
            office.does("wangmin", "submit", paper)
    finally:
        os.kill(frozen[0], signal.SIGCONT)

    assert "repeat" in fault.value.said.en


def test_a_commit_that_no_standby_confirmed_is_unknown(server: Server) -> None:
    url = server.fresh()
    people_in(url)
    # The server says so by a warning, and may have been told to keep its warnings to itself.
    server.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET client_min_messages = 'error'")
    with desk_at(url) as desk:
        office = Office(url, Clock(), desk)
        paper = office.draft(attribute="proactive")
        server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        server.execute("SELECT pg_reload_conf()")

        def cancelled() -> None:
            hand = Hand(server.url("postgres"))
            while not hand.rows("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"):
                pass

        helper = threading.Thread(target=cancelled)
        helper.start()
        try:
            with pytest.raises(Unknown) as doubt:
                desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-3")
        finally:
            helper.join()
            server.execute("ALTER SYSTEM RESET synchronous_standby_names")
            server.execute("SELECT pg_reload_conf()")

        assert "standby" in doubt.value.said.en
        assert desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-3").case.case.state == "section_review"
        assert desk.verify().problems == ()
    server.drop(url)


def test_more_hands_than_connections_wait_for_one_and_all_are_served(office: Office) -> None:
    papers = [office.draft(attribute="proactive") for _ in range(2 * pools.POOL)]
    together = threading.Barrier(len(papers))

    def submits(paper: str) -> None:
        together.wait()
        office.does("wangmin", "submit", paper)

    hands = [threading.Thread(target=submits, args=(paper,)) for paper in papers]
    for each in hands:
        each.start()
    for each in hands:
        each.join()

    assert {office.case(paper).state for paper in papers} == {"section_review"}
    count = Hand(office.url).rows(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gongkai'"
    )
    assert count[0][0] <= pools.POOL


@pytest.fixture
def roles(office: Office) -> Iterator[Callable[[str], str]]:
    """The roles as they are shipped, each with somebody who has it; the address as which they come."""
    hand = Hand(office.url)
    give_the_roles(office.url)
    for role in ("app", "reader"):
        name = f"{role}_{office.url.rpartition('_')[2]}"
        hand.alter(f"CREATE ROLE {name} LOGIN IN ROLE gongkai_{role}")
    yield lambda role: office.url.replace("owner@", f"{role}_{office.url.rpartition('_')[2]}@")
    for role in ("app", "reader"):
        hand.alter(f"DROP ROLE {role}_{office.url.rpartition('_')[2]}")


def give_the_roles(url: str, *more: str) -> None:
    """As whoever looks after the server does it."""
    call = [str(program("psql")), "-q", *more, "-d", url.replace("+psycopg", ""), "-f", str(ROLES)]
    subprocess.run(call, check=True, capture_output=True)


def test_a_running_number_that_somebody_drove_to_its_end_is_no_fault_of_what_was_typed(
    office: Office, roles: Callable[[str], str]
) -> None:
    Hand(roles("app")).alter(
        'INSERT INTO entries (no, what, "key", digest, at, "by", previous, hash) '
        "SELECT 2147483647, 'post', 'x', digest, at, \"by\", previous, 'x' FROM entries WHERE no = 1"
    )

    with pytest.raises(StorageFault) as fault:
        office.desk.appoint(office.actor("admin"), "wangmin", "section_head", section="预算科")

    assert "gongkai verify" in fault.value.said.zh


def test_who_works_as_the_application_does_all_that_the_office_does(
    office: Office, roles: Callable[[str], str]
) -> None:
    with Desk.open(roles("app"), clock=office.clock, ids=Ids()) as desk:
        at_work = Office(office.url, office.clock, desk)
        at_work.signed()
        late = at_work.draft(attribute="proactive")
        at_work.does("wangmin", "submit", late)
        at_work.clock.forward(days=30)
        assert desk.sweep()
        admin = desk.actor("admin")
        desk.add_person(admin, "xinren", "新人", section="预算科")
        desk.appoint(admin, "xinren", "drafter", section="预算科")
        desk.staffing.reorganise(admin, "国库科", "预算科")
        desk.change_contact(admin, {"name": "滨海市财政局"})
        assert desk.recompute(admin) == ()
        at_work.clock.forward(minutes=1)
        desk.import_calendar(admin, year_2027(), "2027.yaml")
        assert desk.seal().no == 1
        desk.outbox.reach(desk.actor("wangmin"), "wangmin", "wangmin@example.gov.cn")
        at_work.does("lihua", "return", late, comment="请补充")
        sent = desk.outbox.take("mail")
        assert isinstance(sent, Outgoing)
        desk.outbox.failed(sent, "smtp-550", for_good=True)
        assert desk.outbox.release() == 1
        desk.outbox.tidy()
        desk.outbox.reach(desk.actor("wangmin"), "wangmin", None)
        assert not desk.verify().problems
        at_work.draft()
    with Desk.open(roles("reader")) as reads, pytest.raises(StorageFault) as refused:
        reads.seal()
    assert "gongkai_app" in refused.value.said.zh


@pytest.mark.parametrize(
    "said",
    [
        "UPDATE events SET via = 'mail'",
        "DELETE FROM events",
        "TRUNCATE events",
        "DROP TRIGGER tr_events_kept ON events",
        "DELETE FROM cases",
        "UPDATE cases SET number = 'DOC-2026-00009'",
        "UPDATE counters SET year = 2027",
    ],
)
@pytest.mark.parametrize("role", ["app", "reader"])
def test_nobody_who_works_there_changes_what_was_recorded(
    office: Office, roles: Callable[[str], str], role: str, said: str
) -> None:
    office.draft()

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        Hand(roles(role)).alter(said)


@pytest.mark.parametrize("said", ["UPDATE events SET via = 'mail'", "DELETE FROM events", "TRUNCATE events CASCADE"])
def test_not_even_the_owner_changes_the_record_in_passing(office: Office, said: str) -> None:
    office.draft()

    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        Hand(office.url).alter(said)


@pytest.mark.parametrize("said", [(), ("-v", "schema=My App")])
def test_the_roles_are_given_where_the_tables_are(server: Server, dumped_url: str, said: tuple[str, ...]) -> None:
    name = dumped_url.rpartition("/")[2]
    hand = Hand(dumped_url)
    hand.alter('ALTER SCHEMA public RENAME TO "My App"')
    # What somebody else keeps in the usual place is none of ours.
    hand.alter("CREATE SCHEMA public")
    hand.alter("CREATE TABLE public.events (said text)")
    if not said:
        server.execute(f'ALTER DATABASE {name} SET search_path = "My App"')

    give_the_roles(dumped_url, *said)

    server.execute(f'ALTER DATABASE {name} SET search_path = "My App"')
    hand.alter(f"CREATE ROLE app_{name} LOGIN IN ROLE gongkai_app")
    as_app = dumped_url.replace("owner@", f"app_{name}@")
    with Desk.open(as_app, clock=Clock()) as desk:
        desk.start(desk.actor("wangmin"), "document", title="关于预算的通知")
    for denied in ("UPDATE events SET via = 'mail'", "SELECT said FROM public.events"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            Hand(as_app).rows(denied)
    hand.alter(f"DROP ROLE app_{name}")


def test_somebody_who_may_only_read_is_told_so(office: Office, roles: Callable[[str], str]) -> None:
    paper = office.draft(attribute="proactive")

    with Desk.open(roles("reader"), clock=office.clock) as desk:
        assert desk.case(desk.actor("wangmin"), paper).case.state == "draft"
        with pytest.raises(StorageFault) as fault:
            desk.fire(desk.actor("wangmin"), paper, "submit")

    assert "无权" in fault.value.said.zh
