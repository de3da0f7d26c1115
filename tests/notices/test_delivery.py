"""Notices leave the house at least once, by one deliverer at a time, whatever the mail server does; a step never waits for it."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from notices import Delivery, Letter, Passed
from storage import Desk, outbox
from storage.outbox import DEAD_AFTER, KEPT, MOST_TRIES, Dropped
from storage.statements import TAKE_OUT
from tests.engines import Hand
from tests.factories import Office
from tests.notices.servers import MailServer, answering, delivery, dripping, free_port, serving, silent
from workflow.case import business_date
from workflow.errors import Denied, Invalid, NotFound

HOUSE = Path(__file__).resolve().parent.parent.parent


def told(office: Office) -> str:
    """A paper of 王敏's that the Office returned: it is told to them."""
    paper = office.at_the_office()
    office.does("zhaoyun", "return_untagged", paper)
    return paper


def states(office: Office) -> list[tuple[str | None, str, str | None]]:
    """Whose notices are how far, and why they did not leave."""
    return [(each.person, each.state, each.code) for each in reversed(office.desk.outbox.kept())]


# Once.


def test_a_notice_is_delivered_once(reached: Office, mail_server: MailServer) -> None:
    told(reached)
    deliver = delivery(reached.desk, mail_server.port)

    first, second = deliver(), deliver()

    assert "wangmin@example.gov.cn" in mail_server.receivers
    assert first.delivered == len(mail_server.ids) == len(set(mail_server.ids))
    assert second.delivered == 0
    assert {state for _, state, _ in states(reached)} == {"delivered"}


def test_who_has_no_address_is_written_no_mail_and_nothing_is_kept_for_them(office: Office) -> None:
    told(office)

    assert office.told("wangmin")
    assert office.desk.outbox.kept() == ()


def test_what_was_told_before_somebody_had_an_address_is_not_sent(office: Office) -> None:
    paper = told(office)
    office.desk.outbox.reach(office.actor("wangmin"), "wangmin", "wangmin@example.gov.cn")
    assert office.desk.outbox.kept() == ()

    office.does("wangmin", "submit", paper)
    office.does("lihua", "return", paper, comment="请补充理由")

    # At the very same instant by a clock that stands: only what is new.
    assert len(office.desk.outbox.kept()) == 1
    assert len(office.told("wangmin")) == 2


def test_a_dry_run_sends_nothing(reached: Office) -> None:
    paper = reached.at_the_office()
    before = len(reached.desk.outbox.kept())

    reached.desk.fire(reached.actor("zhaoyun"), paper, "return_untagged", dry_run=True)

    assert len(reached.desk.outbox.kept()) == before


# Again.


def test_while_the_server_is_down_it_is_tried_at_longer_and_longer_pauses(reached: Office) -> None:
    told(reached)
    port = free_port()
    deliver = delivery(reached.desk, port)

    passes = [deliver()]
    assert passes[0].codes == {"unreachable": 1}  # the others are not tried: they would meet the same
    waiting = len(states(reached))
    for _ in range(waiting - 1):
        passes.append(deliver())
    assert deliver().failed == 0
    reached.clock.forward(seconds=59)
    assert deliver().failed == 0
    reached.clock.forward(seconds=1)
    assert [deliver().failed for _ in range(waiting)] == [1] * waiting
    reached.clock.forward(minutes=1)
    assert deliver().failed == 0
    with serving(port) as there:
        reached.clock.forward(minutes=1)
        assert deliver().delivered == waiting

    assert len(set(there.ids)) == waiting


def test_a_letter_whose_answer_was_lost_comes_twice_and_is_the_same_to_the_byte(
    reached: Office, mail_server: MailServer
) -> None:
    reached.desk.outbox.reach(reached.actor("lihua"), "lihua", None)
    told(reached)
    deliver = delivery(reached.desk, mail_server.port)
    mail_server.loses = 1

    first = deliver()
    reached.clock.forward(minutes=1)
    second = deliver()

    assert (first.codes, second.delivered) == ({"lost": 1}, 1)
    assert len(mail_server.taken) == 2
    assert mail_server.taken[0].as_bytes() == mail_server.taken[1].as_bytes()
    assert len(set(mail_server.ids)) == 1


def test_nobody_waits_for_a_server_that_hangs(reached: Office) -> None:
    paper = told(reached)
    called = threading.Event()

    def hang(caller: socket.socket, over: threading.Event) -> None:
        called.set()
        over.wait()

    with answering(hang) as port:
        passing = threading.Thread(target=delivery(reached.desk, port, silence=600, longest=600))
        passing.start()
        assert called.wait(20)

        reached.desk.edit(reached.actor("wangmin"), paper, data={"attribute": "proactive"})
        reached.does("wangmin", "submit", paper)
        reached.desk.sweep()

        assert passing.is_alive()
    passing.join()
    assert ("lost", 1) in [(each.code, each.tries) for each in reached.desk.outbox.kept()]


@pytest.mark.parametrize("speak", [silent, dripping])
def test_a_server_that_hangs_is_left_after_a_while(reached: Office, speak: Callable[..., object]) -> None:
    told(reached)

    with answering(speak) as port:
        passed = delivery(reached.desk, port, silence=0.5 if speak is silent else 600, longest=0.5)()

    assert passed.codes == {"timeout": 1}


def nonsense(caller: socket.socket, over: threading.Event) -> None:
    caller.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


def gone_away(caller: socket.socket, over: threading.Event) -> None:
    caller.sendall(b"554 no service for you, wangmin@example.gov.cn\r\n")


@pytest.mark.parametrize(("speak", "code"), [(nonsense, "smtp"), (gone_away, "smtp-554")])
def test_a_server_that_does_not_greet_is_the_whole_channels_trouble(
    reached: Office, speak: Callable[..., object], code: str
) -> None:
    told(reached)

    with answering(speak) as port:
        passed = delivery(reached.desk, port)()

    assert (passed.codes, passed.parked) == ({code: 1}, 0)


def test_what_the_server_will_never_take_is_parked_and_keeps_nobody_else_back(
    reached: Office, mail_server: MailServer
) -> None:
    mail_server.refuses = {"wangmin@example.gov.cn": "550 no such user wangmin"}
    told(reached)
    reached.desk.fire(reached.actor("zhaoyun"), reached.at_the_office(), "return_untagged")

    passed = delivery(reached.desk, mail_server.port)()

    assert passed.parked == 2
    assert passed.delivered == len(mail_server.ids)
    assert {(who, code) for who, state, code in states(reached) if state == "parked"} == {("wangmin", "smtp-550")}


def test_a_server_that_asks_for_patience_gets_it(reached: Office, mail_server: MailServer) -> None:
    mail_server.refuses = {"wangmin@example.gov.cn": "451 come again"}
    told(reached)
    deliver = delivery(reached.desk, mail_server.port)
    assert deliver().codes == {"smtp-451": 1}

    mail_server.refuses.clear()
    reached.clock.forward(minutes=1)

    assert deliver().delivered == 1


def test_after_many_tries_it_is_parked_shown_by_doctor_and_released(reached: Office) -> None:
    reached.desk.outbox.reach(reached.actor("lihua"), "lihua", None)
    told(reached)
    port, began = free_port(), reached.clock()
    deliver = delivery(reached.desk, port)

    passes: list[Passed] = []
    while not any(each.parked for each in passes):
        passes.append(deliver())
        reached.clock.forward(hours=6)

    assert len(passes) == MOST_TRIES
    assert reached.clock() - began > timedelta(days=3)
    assert states(reached) == [("wangmin", "parked", "unreachable")]
    (check,) = (each for each in reached.desk.doctor() if each.name == "outbox")
    assert not check.ok
    assert "1 条通知未能经 mail 送达（unreachable）" in check.text.zh
    assert check.hint
    assert "gongkai outbox retry" in check.hint.zh
    assert reached.desk.outbox.release(987654) == 0
    with serving(port) as there:
        assert deliver().delivered == 0
        assert reached.desk.outbox.release() == 1
        assert deliver().delivered == 1
    assert len(there.ids) == 1


def test_doctor_says_that_nobody_delivers_and_that_what_is_tried_again_does_not_leave(reached: Office) -> None:
    def said() -> list[str]:
        return [each.text.en for each in reached.desk.doctor() if each.name == "outbox" and not each.ok]

    told(reached)
    assert said() == []

    reached.clock.forward(hours=2)
    assert ["nobody does" in each for each in said()] == [True]

    deliver = delivery(reached.desk, free_port())
    for _ in states(reached):
        deliver()
    assert ["unreachable" in each for each in said()] == [True]


# By one at a time.


@pytest.fixture
def without_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: who takes a row leaves it as due as it was."""
    freely = TAKE_OUT.replace("due_at=:until", "due_at=coalesce(due_at, :until)")
    assert freely != TAKE_OUT
    monkeypatch.setattr(outbox, "TAKE_OUT", freely)


class Slow:
    """A channel by which something else happens while a letter is handed in."""

    name = "mail"

    def __init__(self, keys: list[str], meanwhile: Callable[[], object]) -> None:
        self._keys, self._meanwhile = keys, meanwhile

    def line(self) -> AbstractContextManager[Slow]:
        return nullcontext(self)

    def send(self, letter: Letter) -> None:
        self._keys.append(letter.key)
        self._meanwhile()


def sent_while_another_sends(office: Office) -> list[str]:
    """The keys of what two deliverers hand in, the second at work while the first has its letter in hand."""
    told(office)
    keys: list[str] = []

    with Desk.open(office.url, clock=office.clock) as other:
        second = Delivery(lambda: other.outbox, [Slow(keys, lambda: None)])
        Delivery(lambda: office.desk.outbox, [Slow(keys, second)])()
    return keys


def test_two_deliverers_at_once_deliver_each_notice_by_one_of_them(reached: Office) -> None:
    keys = sent_while_another_sends(reached)

    assert len(keys) == len(set(keys)) == len(states(reached)) > 1


@pytest.mark.usefixtures("without_claim")
def test_without_the_claim_they_would_deliver_it_twice(reached: Office) -> None:
    keys = sent_while_another_sends(reached)

    assert len(keys) > len(set(keys))


def test_many_deliverers_that_race_deliver_each_notice_once(reached: Office, mail_server: MailServer) -> None:
    for _ in range(8):
        told(reached)
    due, hands = len(states(reached)), 4
    ready = threading.Barrier(hands)

    def hand() -> None:
        with Desk.open(reached.url, clock=reached.clock) as desk:
            ready.wait()
            delivery(desk, mail_server.port)()

    threads = [threading.Thread(target=hand) for _ in range(hands)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(mail_server.ids) == len(set(mail_server.ids)) == due


def test_what_a_killed_deliverer_had_in_hand_is_delivered_by_another(reached: Office, mail_server: MailServer) -> None:
    reached.desk.outbox.reach(reached.actor("lihua"), "lihua", None)
    told(reached)
    script = f"""
import os, signal
from contextlib import nullcontext
from datetime import datetime
from notices import Delivery, Letter, Passed
from storage import Desk

class Deadly:
    name = "mail"
    def line(self):
        return nullcontext(self)
    def send(self, letter):
        print(letter.key, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

with Desk.open({reached.url!r}, clock=lambda: datetime.fromisoformat({reached.clock().isoformat()!r})) as desk:
    Delivery(lambda: desk.outbox, [Deadly()])()
"""
    died = subprocess.run([sys.executable, "-c", script], cwd=HOUSE, capture_output=True, text=True, check=False)
    assert died.returncode == -9, died.stderr
    deliver = delivery(reached.desk, mail_server.port)

    assert deliver().delivered == 0
    reached.clock.at += DEAD_AFTER
    assert deliver().delivered == 1

    assert mail_server.ids == [f"<{died.stdout.strip()}@example.gov.cn>"]


def test_who_was_taken_for_dead_says_nothing_about_what_another_has_taken(reached: Office) -> None:
    told(reached)
    slow = reached.desk.outbox.take("mail")
    assert slow is not None
    assert not isinstance(slow, Dropped)
    reached.clock.at += DEAD_AFTER
    taken = [reached.desk.outbox.take("mail") for _ in states(reached)]
    assert slow.id in [each.id for each in taken if not isinstance(each, Dropped | None)]

    reached.desk.outbox.failed(slow, "timeout")
    reached.desk.outbox.delivered(slow)

    assert {state for _, state, _ in states(reached)} == {"waiting"}
    assert reached.desk.outbox.take("mail") is None


def test_what_kills_every_deliverer_is_parked_and_one_that_cannot_be_read_stops_nobody_else(
    reached: Office, mail_server: MailServer, hand: Hand
) -> None:
    told(reached)
    told(reached)
    due = len(states(reached))
    assert due > 2
    hand.alter("UPDATE outbox SET tries = ? WHERE id = 1", MOST_TRIES)
    hand.alter("UPDATE notices SET person = 'nobody' WHERE id = (SELECT notice FROM outbox WHERE id = 2)")

    passed = delivery(reached.desk, mail_server.port)()

    assert passed.codes == {"deadly": 1, "fault": 1}
    assert passed.delivered == len(mail_server.ids) == due - 2
    assert {each.code for each in reached.desk.outbox.kept("parked")} == {"deadly", "fault"}


def test_a_fault_that_nobody_foresaw_in_one_letter_keeps_no_other_back(reached: Office) -> None:
    told(reached)
    tried: list[str] = []

    def breaks() -> None:
        if len(tried) == 1:
            raise ZeroDivisionError

    passed = Delivery(lambda: reached.desk.outbox, [Slow(tried, breaks)])()

    assert passed.codes == {"fault": 1}
    assert passed.delivered == len(states(reached)) - 1 > 0


# Nowhere.


def gone(office: Office) -> None:
    office.desk.leave(office.actor("admin"), "wangmin")


def moved(office: Office) -> None:
    office.desk.staffing.move(office.actor("admin"), "wangmin", "国库科", keep_posts=True)


def unreached(office: Office) -> None:
    office.desk.outbox.reach(office.actor("wangmin"), "wangmin", None)


def has_read(office: Office) -> None:
    mine = office.actor("wangmin")
    office.desk.mark_read(mine, [each.id for each in office.desk.worklist(mine).notices])


@pytest.mark.parametrize(
    ("happens", "code"), [(gone, "left"), (moved, "out-of-sight"), (unreached, "no-address"), (has_read, "read")]
)
def test_what_must_not_leave_any_more_goes_nowhere_and_says_why(
    reached: Office, mail_server: MailServer, happens: Callable[[Office], None], code: str
) -> None:
    told(reached)

    happens(reached)
    if happens is moved:
        reached.clock.forward(days=1)
    passed = delivery(reached.desk, mail_server.port)()

    assert "wangmin@example.gov.cn" not in mail_server.receivers
    # The address of who has left is let go before anything is sent.
    assert ("wangmin", "dropped", code) in states(reached)
    assert passed.dropped[code] == 1


def test_what_goes_round_is_sent_to_its_reader_wherever_the_case_is(reached: Office, mail_server: MailServer) -> None:
    reached.desk.outbox.reach(reached.actor("chenjing"), "chenjing", "chenjing@example.gov.cn")
    paper = reached.draft()

    reached.does("wangmin", "circulate", paper, comment="请阅", to="chenjing")
    delivery(reached.desk, mail_server.port)()

    assert "chenjing@example.gov.cn" in mail_server.receivers


def test_an_address_goes_with_its_person(reached: Office, hand: Hand) -> None:
    reached.desk.leave(reached.actor("admin"), "wangmin", on=business_date(reached.clock()) + timedelta(days=1))
    reached.desk.outbox.tidy()
    assert hand.rows("SELECT address FROM addresses WHERE person = 'wangmin'")

    reached.clock.forward(days=1)
    reached.desk.outbox.tidy()

    assert hand.rows("SELECT address FROM addresses WHERE person = 'wangmin'") == []


def test_nothing_grows_for_ever(reached: Office, hand: Hand) -> None:
    told(reached)
    reached.clock.at += KEPT + timedelta(seconds=1)
    due = len(states(reached))

    passed = Delivery(lambda: reached.desk.outbox, [])()

    assert passed.dropped == {"expired": due}
    assert {(state, code) for _, state, code in states(reached)} == {("dropped", "expired")}
    reached.clock.at += KEPT + timedelta(seconds=1)
    reached.desk.outbox.tidy()
    assert hand.rows("SELECT * FROM outbox") == []


# Who may say where somebody is reached.


def test_an_address_is_its_persons_own_to_say_or_the_administrators(reached: Office) -> None:
    box = reached.desk.outbox

    assert box.reached(reached.actor("admin"), "wangmin").address == "wangmin@example.gov.cn"
    with pytest.raises(Denied):
        box.reached(reached.actor("lihua"), "wangmin")
    with pytest.raises(Denied):
        box.reach(reached.actor("lihua"), "wangmin", None)
    with pytest.raises(NotFound):
        box.reach(reached.actor("admin"), "nobody", "a@b.cn")
    again = box.reach(reached.actor("wangmin"), "wangmin", " wangmin@example.gov.cn ")
    assert not again.is_new


@pytest.mark.parametrize(
    "said",
    ["", "wangmin", "wangmin@", "@example.cn", "a@b.cn, c@d.cn", "a@b.cn\nBcc: c@d.cn", "王敏@example.cn", "王敏 <a@b.cn>", "a@b.cn (x)", "a" * 250 + "@b.cn"],
)  # fmt: skip
def test_what_is_no_address_is_refused(reached: Office, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        reached.desk.outbox.reach(reached.actor("wangmin"), "wangmin", said)

    assert caught.value.problems[0].code == "bad-address"
    assert reached.desk.outbox.reached(reached.actor("wangmin"), "wangmin").address == "wangmin@example.gov.cn"


def test_no_log_holds_a_word_of_a_notice_its_receiver_or_what_the_server_said(
    reached: Office, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    from terminal.logs import Lines, Sentences

    mail_server.refuses = {"wangmin@example.gov.cn": "451 wangmin@example.gov.cn 王敏 is greylisted"}
    told(reached)

    with caplog.at_level(logging.DEBUG):
        delivery(reached.desk, mail_server.port, says="whole")()

    lines = [form.format(each) for each in caplog.records for form in (Lines(), Sentences("zh"))]
    assert any("outbox.done" in line and "smtp-451" in line for line in lines)
    assert not [line for line in lines for secret in ("wangmin", "王敏", "专项资金", "DOC-2026") if secret in line]
