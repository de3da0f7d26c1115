"""A clock that is set back: the record does not run backwards, nothing comes twice or is lost, and nothing waits until it is late again."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from storage import Desk
from storage.doctor import clock as clock_check
from storage.outbox import LAST_RETRY, Outgoing
from storage.seal_file import read_outside
from tests.engines import Hand
from tests.factories import Clock, Ids, Office
from tests.notices.conftest import mail_server, reached
from tests.notices.servers import MailServer, delivery, free_port
from tests.storage.conftest import bureau_file, bureau_template, file_url, office, server, server_url, url
from workflow.errors import GongkaiError

__all__ = [
    "bureau_file", "bureau_template", "file_url", "mail_server", "office", "reached", "server", "server_url", "url"
]  # fmt: skip

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = (-DAY, -HOUR, -3 * DAY, -timedelta(minutes=3))


@pytest.mark.parametrize("seed", range(2))
def test_days_on_which_the_clock_jumps_between_every_two_acts(url: str, seed: int, tmp_path: Path) -> None:
    chance, clock, outside = Random(seed), Clock(), tmp_path / "seals.jsonl"
    steps = [
        ("wangmin", "submit"),
        ("lihua", "endorse"),
        ("lihua", "return"),
        ("zhaoyun", "accept"),
        ("zhaoyun", "return"),
    ]
    with Desk.open(url, clock=clock, ids=Ids()) as desk:
        office = Office(url, clock, desk)
        papers = [office.draft(attribute="proactive") for _ in range(4)]
        for _ in range(40):
            clock.at += chance.choice((*JUMPS, HOUR, 5 * HOUR, DAY, DAY, 2 * DAY, timedelta(0)))
            latest = max(office.history(each)[-1].at for each in papers)
            assert clock_check(desk._db, desk.now()).ok == (latest <= desk.now())
            with suppress(GongkaiError):  # not in this state; or not their turn
                office.does(*chance.choice(steps), chance.choice(papers), comment="请补充")
            desk.sweep()
            desk.seal_if_due(outside)
        clock.set("2026-07-01T10:00")
        while desk.sweep():
            pass
        desk.seal(outside)

        for paper in papers:
            told = [each.at for each in office.history(paper)]
            assert told == sorted(told)
        fired = Hand(url).rows("SELECT case_id, rule, armed_seq, step FROM steps")
        assert len(fired) == len(set(fired)) > 4
        assert desk.next_due_at() is None or desk.next_due_at() > desk.now()  # type: ignore[operator]
        numbers = [each.seal.no for each in read_outside(outside).seals]
        assert numbers == [*range(1, len(numbers) + 1)]
        assert desk.verify(outside).problems == ()


def test_a_letter_that_failed_while_the_clock_ran_ahead_does_not_wait_for_that_day(
    reached: Office, mail_server: MailServer
) -> None:  # fmt: skip
    paper = reached.at_the_office()
    right = reached.clock.at
    reached.clock.forward(days=400)
    delivery(reached.desk, free_port())()
    reached.does("zhaoyun", "return_untagged", paper)
    reached.clock.at = right
    deliver = delivery(reached.desk, mail_server.port)

    early = deliver().delivered
    reached.clock.at += LAST_RETRY
    deliver()

    assert len(mail_server.ids) == len(set(mail_server.ids)) > early
    assert {each.state for each in reached.desk.outbox.kept()} == {"delivered"}


def test_a_letter_in_somebody_s_hand_is_not_taken_from_it_at_once(reached: Office) -> None:
    reached.does("zhaoyun", "return_untagged", reached.at_the_office())
    hands = [reached.desk.outbox.take("mail") for _ in reached.desk.outbox.kept()]
    reached.clock.forward(days=-2)

    reached.desk.outbox.tidy()

    assert reached.desk.outbox.take("mail") is None
    for held in hands:
        assert isinstance(held, Outgoing)
        reached.desk.outbox.delivered(held)
    assert {each.state for each in reached.desk.outbox.kept()} == {"delivered"}


def test_a_case_set_aside_while_the_clock_ran_ahead_is_tried_again_by_the_right_one(office: Office) -> None:
    paper, right = office.at_the_office(), office.clock.at
    hand = Hand(office.url)
    ((data,),) = hand.rows("SELECT data FROM cases WHERE id = ?", paper)
    hand.alter("UPDATE cases SET data = 'not json' WHERE id = ?", paper)
    office.clock.forward(days=400)
    assert office.desk.sweep() == ()
    hand.alter("UPDATE cases SET data = ? WHERE id = ?", data, paper)

    office.clock.at = right + HOUR

    assert [each.step for each in office.desk.sweep()] == ["return_untagged"]
    assert hand.rows("SELECT count(*) FROM troubles") == [(0,)]


def test_a_seal_of_a_day_to_come_holds_up_no_other(office: Office) -> None:
    right = office.clock.at
    office.clock.forward(days=400)
    office.draft()
    assert office.desk.seal_if_due() is not None
    office.clock.at = right
    office.draft()

    sealed = office.desk.seal_if_due()

    assert sealed is not None
    assert sealed.no == 2
    office.draft()
    assert office.desk.seal_if_due() is None  # within the hour, as ever
    assert office.desk.verify().problems == ()
