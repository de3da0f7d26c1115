"""Three nodes as ops/ha/ makes them, two tickers and four people at work, and the machine that leads dies or freezes.

What was acknowledged stands in files of their own. A machine that was frozen and wakes up still takes itself for the leader,
of PostgreSQL and of etcd: nobody who asks it is told that a step is done, and it leaves the lock to whoever leads since.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path
from time import monotonic

import pytest

from ops.ha.cluster import Cluster, Node, a_cluster, missing
from storage import Desk
from tests.engines import Hand
from tests.factories import Clock, people_in
from tests.promises.test_together import lived_together
from workflow.errors import Busy, GongkaiError, StorageFault, Unknown

pytestmark = pytest.mark.torture

KILLS = int(os.environ.get("GONGKAI_KILLS", "20"))
#: Of the node that leads, and now and then of the one that confirms.
KINDS = ("dead", "frozen", "dead", "frozen", "dead", "standby frozen")
#: What is promised: so many seconds from the moment of the fault to the first step that is acknowledged.
BACK_WITHIN = {"dead": 30.0, "frozen": 45.0, "standby frozen": 45.0}
#: So many seconds nobody has been told of anything, before what is told was done after the fault.
ON_ITS_WAY = 3.0
#: Office time for one real second: the trial lasts long.
SPEED = 0.15 * 86_400.0


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if lacking := missing():
        pytest.skip(lacking)
    with a_cluster() as running:
        yield running


@pytest.fixture
def cluster_without_a_second() -> Iterator[Cluster]:
    """A planted fault: the leader acknowledges what it alone has."""
    if lacking := missing():
        pytest.skip(lacking)
    with a_cluster(synchronous_mode=False, synchronous_mode_strict=False) as running:
        yield running


class Woken:
    """Somebody who had come to the leader before it froze, and goes on with it when it wakes up."""

    def __init__(self, leader: Node, name: str) -> None:
        self.leader, self.request = leader, f"woken-{name}"
        self._address = f"{leader.url('gongkai')}?application_name={self.request}"
        self._desk = Desk.open(self._address, clock=Clock())
        drafter = self._desk.actor("chenjing")
        paper = self._desk.start(drafter, "document", title="醒来之前", data={"attribute": "proactive"}).case.case.id
        self._act: Callable[[], object] = lambda: self._desk.fire(drafter, paper, "submit", request_id=self.request)
        self._came_to: list[object] = []

    def acts_before_patroni_wakes(self) -> tuple[object, bool]:
        """What the step came to, and whether it had waited for a standby: PostgreSQL wakes up first, the rest of the node later."""
        self.leader.wake(only_the_server=True)
        hand, helper = Hand(self.leader.url("gongkai")), threading.Thread(target=self._acts)
        waits = f"SELECT 1 FROM pg_stat_activity WHERE application_name = '{self.request}' AND wait_event = 'SyncRep'"
        helper.start()
        waited, give_up_at = False, monotonic() + 15
        while helper.is_alive() and not waited and monotonic() < give_up_at:
            waited = bool(hand.rows(waits))
        self.leader.wake()
        helper.join()
        self._desk.close()
        return self._came_to[0], waited

    def _acts(self) -> None:
        try:
            self._came_to.append(self._act())
        except GongkaiError as error:
            self._came_to.append(error)


class Heard:
    """What those at work were told is done, by the files in which each of them notes it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def so_far(self) -> int:
        return sum(each.stat().st_size for each in self._directory.glob("*.acknowledged"))

    def lines(self) -> int:
        return sum(len(each.read_text().splitlines()) for each in self._directory.glob("*.acknowledged"))

    def more(self, than: int, since: float) -> float:
        """Seconds until somebody is told of more than this."""
        while self.so_far() == than:
            assert monotonic() < since + 180, "the service does not come back"
            threading.Event().wait(0.05)
        return monotonic() - since

    def again(self, since: float) -> float:
        """Seconds until somebody is told that a step is done; what was on its way when it happened is let pass.

        On a busy machine that is told seconds later; no other node leads, and none confirms, before ten are over.
        """
        before, still_since = self.so_far(), monotonic()
        while monotonic() - still_since < ON_ITS_WAY:
            threading.Event().wait(0.05)
            if (now := self.so_far()) != before:
                before, still_since = now, monotonic()
        return self.more(before, since)


class Breakdowns:
    """One machine after another dies or freezes: what each came to, and what was asked of those that woke up."""

    def __init__(self, cluster: Cluster, heard: Heard) -> None:
        self._cluster, self._heard = cluster, heard
        self.measured: list[dict[str, object]] = []
        self.asked: list[str] = []

    def one_after_another(self, _: float) -> None:
        for n, kind in enumerate(islice(cycle(KINDS), KILLS)):
            self._wait_until_whole()
            self._heard.more(self._heard.so_far(), monotonic())
            self.measured.append(self._measured(n, kind))
        self._wait_until_whole()

    def _wait_until_whole(self) -> None:
        rejoined = self._cluster.wait_until_whole()
        if self.measured:
            self.measured[-1]["whole again"] = round(rejoined, 1)
            print(json.dumps(self.measured[-1]), flush=True)

    def _measured(self, no: int, kind: str) -> dict[str, object]:
        """One machine breaks, the others go on, and it comes back."""
        node = self._cluster.one("sync_standby" if kind == "standby frozen" else "leader")
        fact: dict[str, object] = {"no": no, "what": kind, "node": node.name}
        woken = Woken(node, str(no)) if kind == "frozen" else None
        if woken:
            self._cluster.lead_etcd(node)
        since = monotonic()
        if kind == "dead":
            node.kill()
        else:
            node.freeze()
        fact["back"], fact["load"] = round(self._heard.again(since), 1), round(os.getloadavg()[0], 1)
        if woken:
            self._ask(woken, fact)
        elif kind == "dead":
            self._cluster.start(node)
        else:
            node.wake()
        return fact

    def _ask(self, woken: Woken, fact: dict[str, object]) -> None:
        """Who had come to the leader before it froze goes on, and is told of nothing that is done."""
        assert self._cluster.one("leader") is not woken.leader
        outcome, fact["waited"] = woken.acts_before_patroni_wakes()
        self.asked.append(woken.request)
        logs = "\n".join(each.lately() for each in self._cluster.nodes)
        assert isinstance(outcome, Unknown | StorageFault | Busy), f"{fact}\n{outcome}\n{logs}"
        fact["woken"] = type(outcome).__name__


def wait_until_all_have_the_same(cluster: Cluster, url: str) -> None:
    """Each node's record is that of the leader."""
    record = "SELECT count(*), md5(string_agg(hash, ' ' ORDER BY row_no)) FROM events"
    for node in cluster.nodes:
        while Hand(node.url("gongkai")).rows(record) != Hand(url).rows(record):
            threading.Event().wait(0.1)


def test_no_acknowledged_step_is_lost_when_the_leader_dies_or_freezes(cluster: Cluster, tmp_path: Path) -> None:
    url = f"{cluster.url('gongkai')}?target_session_attrs=read-write"
    people_in(url)
    breakdowns = Breakdowns(cluster, heard := Heard(tmp_path))

    lived_together(url, tmp_path, 7200, "insist", breakdowns.one_after_another, SPEED)

    print(heard.lines(), "acknowledged")
    wait_until_all_have_the_same(cluster, url)
    asked, measured = breakdowns.asked, breakdowns.measured
    assert not Hand(url).rows(f"SELECT 1 FROM events WHERE request_id IN ({', '.join('?' * len(asked))})", *asked)
    assert any(each.get("waited") for each in measured), "no leader that woke up was asked"
    late = [each for each in measured if float(str(each["back"])) > BACK_WITHIN[str(each["what"])]]
    assert late == []


def test_the_trial_sees_a_leader_that_acknowledges_what_it_alone_has(cluster_without_a_second: Cluster) -> None:
    cluster = cluster_without_a_second
    url = f"{cluster.url('gongkai')}?target_session_attrs=read-write"
    people_in(url)
    woken = Woken(leader := cluster.one("leader"), "alone")

    leader.freeze()
    following = next(each for each in cluster.nodes if each is not leader)
    while not any(name != leader.name and said == ("leader", "running") for name, said in following.members().items()):
        threading.Event().wait(0.2)
    outcome, _ = woken.acts_before_patroni_wakes()
    cluster.wait_until_whole()

    assert not isinstance(outcome, GongkaiError), "it was acknowledged"
    with closing(Desk.open(url, clock=Clock())) as desk:
        assert desk.verify().problems == ()
    assert not Hand(url).rows("SELECT 1 FROM events WHERE request_id = ?", woken.request), "and is lost"
