"""Several servers for one database: which of them is taken, what is said when none takes writes, what only one has is not promised."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from storage import Desk, seals
from storage.postgres import Server as Address
from tests.engines import MISSING, Hand, Server, a_server, program
from tests.factories import Clock, Ids, Office, people_in
from workflow.errors import GongkaiError, Invalid, StorageFault, Unknown


@contextmanager
def nobody_confirms(server: Server) -> Iterator[None]:
    """No standby answers; a commit that waits for one is ended before it has waited for the time that a statement has."""
    hand, over = Hand(server.url("postgres")), threading.Event()

    def cancelled() -> None:
        while not over.is_set():
            hand.rows("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")

    helper = threading.Thread(target=cancelled)
    helper.start()
    server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    server.execute("SELECT pg_reload_conf()")
    while hand.rows("SHOW synchronous_standby_names") != [("nobody",)]:
        pass
    try:
        yield
    finally:
        over.set()
        helper.join()
        server.execute("ALTER SYSTEM RESET synchronous_standby_names")
        server.execute("SELECT pg_reload_conf()")


@pytest.fixture
def office(server: Server) -> Iterator[Office]:
    url = people_in(server.fresh())
    with Desk.open(url, clock=Clock(), ids=Ids()) as desk:
        yield Office(url, Clock(), desk)
    server.drop(url)


def outcome_of(act: Callable[[], object]) -> type:
    try:
        return type(act())
    except GongkaiError as error:
        return type(error)


#: What may be asked again when it was unknown what became of it.
REPEATED: dict[str, Callable[[Office, str], object]] = {
    "a case is begun": lambda office, _: office.desk.start(
        office.actor("wangmin"), "document", title="关于停电的通知", request_id="r-1"
    ),
    "a step": lambda office, paper: office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-2"),
    "a post ends": lambda office, _: office.desk.end_post(office.actor("admin"), "wangmin", "drafter"),
    "a seal": lambda office, _: seals.seal(office.desk._db, office.clock()),
}


def test_what_no_standby_has_stays_unknown_however_often_it_is_asked(
    server: Server, office: Office, tmp_path: Path
) -> None:
    outside = tmp_path / "seals"
    paper = office.draft(attribute="proactive")
    seals.seal(office.desk._db, office.clock())

    with nobody_confirms(server):
        answers = {
            what: [outcome_of(lambda: act(office, paper)) for _ in range(3)]  # noqa: B023
            for what, act in REPEATED.items()
        }
        assert outcome_of(lambda: seals.written_out(office.desk._db, outside)) is Unknown

    assert answers == dict.fromkeys(REPEATED, [Unknown] * 3)
    assert outside.read_bytes() == b"", "a seal that was lost here would stand outside"

    for act in REPEATED.values():
        act(office, paper)
    assert office.case(paper).state == "section_review"
    assert len(Hand(office.url).rows("SELECT id FROM cases")) == 2
    assert office.desk.verify().problems == ()


@pytest.fixture(scope="module")
def standby() -> Iterator[Server]:
    """A server that takes no writes, as a standby does not."""
    if program("initdb") is None:
        pytest.skip(MISSING)
    yield from a_server(default_transaction_read_only="on")


@pytest.fixture
def silent() -> Iterator[int]:
    """Where somebody takes the call and says nothing, as a frozen machine does."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one.getsockname()[1]


def at(url: str, *ports: int) -> str:
    """The same database at several hosts, the last of which is its own."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return url.replace("@127", f"@{hosts},127") + "?connect_timeout=2"


def test_of_several_servers_the_one_that_takes_writes_is_taken(office: Office, standby: Server, silent: int) -> None:
    name = office.url.rpartition("/")[2]
    with closing(psycopg.connect(port=standby.port, host="127.0.0.1", user="owner", dbname="postgres", autocommit=True,
                                 options="-c default_transaction_read_only=off")) as db:  # fmt: skip
        db.execute(f"CREATE DATABASE {name}")

    with Desk.open(at(office.url, silent, standby.port), clock=office.clock) as desk:
        desk.start(desk.actor("wangmin"), "document", title="关于停电的通知")

    assert len(Hand(office.url).rows("SELECT id FROM cases")) == 1


def test_where_none_takes_writes_one_is_asked_to_wait_for_another(standby: Server) -> None:
    with pytest.raises(StorageFault) as fault:
        Address(at(standby.url("postgres"), standby.port)).is_there()

    assert f"owner@127.0.0.1:{standby.port},127.0.0.1:{standby.port}/postgres" in fault.value.said.en
    assert "another takes over" in fault.value.said.en


def test_where_the_only_one_takes_no_writes_the_setting_that_may_be_to_blame_is_named(standby: Server) -> None:
    said = []
    for more in ("", "?target_session_attrs=any"):
        with pytest.raises(StorageFault) as fault:
            Address(standby.url("postgres") + more).founding().run("CREATE TABLE x ()")
        said.append(fault.value.said)

    assert said[0] == said[1]
    assert "default_transaction_read_only" in said[0].en
    assert "pg_isready" not in said[0].en


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://desk:geheim@db1:5433,db2,db3/x", "postgresql://desk@db1:5433,db2,db3/x"),
        ("postgresql:///x?host=db1,db2&port=5433&password=geheim", "postgresql://db1:5433,db2:5433/x"),
        ("postgresql://desk@[::1]:5433,db2:5434/x", "postgresql://desk@[::1]:5433,db2:5434/x"),
        ("postgresql://desk@/x?host=/run/postgresql", "postgresql://desk@/run/postgresql/x"),
    ],
)
def test_each_server_is_named_with_its_port(url: str, shown: str) -> None:
    assert Address(url).place == shown


def test_a_user_and_a_password_for_each_server_is_no_address() -> None:
    with pytest.raises(Invalid) as said:
        Address("postgresql://desk:sesam@db1:5433,desk:geheim@db2:5434/x")

    assert "geheim" not in str(said.value) + str(said.value.__cause__)
