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


def test_no_acknowledged_step_is_lost_when_the_leader_dies_or_freezes(cluster: Cluster, tmp_path: Path) -> None:
    url = f"{cluster.url('gongkai')}?target_session_attrs=read-write"
    people_in(url)
    measured: list[dict[str, object]] = []
    asked: list[str] = []

    def told() -> int:
        return sum(each.stat().st_size for each in tmp_path.glob("*.acknowledged"))

    def told_more(than: int, since: float) -> float:
        """Seconds until somebody is told of more than this."""
        while told() == than:
            assert monotonic() < since + 180, "the service does not come back"
            threading.Event().wait(0.05)
        return monotonic() - since

    def back(since: float) -> float:
        """Seconds until somebody is told that a step is done; what was on its way when it happened is let pass.

        On a busy machine that is told seconds later; no other node leads, and none confirms, before ten are over.
        """
        before, still_since = told(), monotonic()
        while monotonic() - still_since < ON_ITS_WAY:
            threading.Event().wait(0.05)
            if (now := told()) != before:
                before, still_since = now, monotonic()
        return told_more(before, since)

    def meanwhile(_: float) -> None:
        for n, kind in enumerate(islice(cycle(KINDS), KILLS)):
            rejoined = cluster.wait_until_whole()
            if measured:
                measured[-1]["whole again"] = round(rejoined, 1)
                print(json.dumps(measured[-1]), flush=True)
            told_more(told(), monotonic())
            node = cluster.one("sync_standby" if kind == "standby frozen" else "leader")
            fact: dict[str, object] = {"no": n, "what": kind, "node": node.name}
            woken = Woken(node, str(n)) if kind == "frozen" else None
            if kind == "frozen":
                cluster.lead_etcd(node)
            since = monotonic()
            if kind == "dead":
                node.kill()
            else:
                node.freeze()
            fact["back"], fact["load"] = round(back(since), 1), round(os.getloadavg()[0], 1)
            if woken:
                assert cluster.one("leader") is not node
                outcome, fact["waited"] = woken.acts_before_patroni_wakes()
                asked.append(woken.request)
                logs = "\n".join(each.lately() for each in cluster.nodes)
                assert isinstance(outcome, Unknown | StorageFault | Busy), f"{fact}\n{outcome}\n{logs}"
                fact["woken"] = type(outcome).__name__
            elif kind == "dead":
                cluster.start(node)
            else:
                node.wake()
            measured.append(fact)
        measured[-1]["whole again"] = round(cluster.wait_until_whole(), 1)
        print(json.dumps(measured[-1]), flush=True)

    lived_together(url, tmp_path, 7200, "insist", meanwhile, SPEED)

    print(sum(len(each.read_text().splitlines()) for each in tmp_path.glob("*.acknowledged")), "acknowledged")
    record = "SELECT count(*), md5(string_agg(hash, ' ' ORDER BY row_no)) FROM events"
    for node in cluster.nodes:
        while Hand(node.url("gongkai")).rows(record) != Hand(url).rows(record):
            threading.Event().wait(0.1)
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
