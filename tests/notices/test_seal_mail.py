"""Seals by mail: each comes once and in order, as its very line; twice only where somebody died between; a server that is down keeps nothing waiting."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from notices import SealMail, Undelivered
from notices.mail import ByMail
from settings import Mail
from storage import Desk
from storage.seal_file import Outside, read_outside
from tests.factories import Clock, Office
from tests.notices.servers import HERE, MailServer, answering, free_port, serving, silent
from tests.notices.test_by_scheduler import HOUSE, PATIENCE, heard
from tests.storage.tampering import alter
from workflow.errors import Busy, Invalid

KEEPER = "seals@archives.example.gov.cn"


def letters(desk: Desk, port: int, *, silence: float = 5.0, longest: float = 10.0) -> SealMail:
    """What brings seals to the keeper by the mail server on that port."""
    mail = Mail(f"smtp+plain://{HERE}:{port}", "gongkai@example.gov.cn", "number")
    channel = ByMail(mail, {}, silence=silence, longest=longest)
    return SealMail(lambda: desk.parcels(KEEPER), channel, KEEPER, lambda: desk.bureau_name)


def sealed(office: Office, to: Path | None = None) -> None:
    """One more case, and the seal over it."""
    office.draft()
    office.clock.forward(hours=1)
    office.desk.seal(to)


def lines(letter: EmailMessage) -> bytes:
    """What a letter brings for the file of seals."""
    (file,) = letter.iter_attachments()
    assert file.get_filename() == "seals.jsonl"
    content: bytes = file.get_content()
    return content


def health(office: Office) -> list[tuple[bool, str]]:
    return [(each.ok, each.text.zh) for each in office.desk.doctor() if each.name == "seals"]


def kept(server: MailServer, tmp_path: Path) -> Path:
    """The file that the keeper makes of the letters."""
    file = tmp_path / "kept.jsonl"
    file.write_bytes(b"".join(map(lines, server.taken)))
    return file


def test_each_seal_comes_once_and_in_order_as_its_very_line(
    office: Office, mail_server: MailServer, tmp_path: Path
) -> None:
    outside = tmp_path / "seals.jsonl"
    by_mail = letters(office.desk, mail_server.port)
    for _ in range(3):
        sealed(office, outside)
        by_mail()
        by_mail()

    assert [len(lines(each).splitlines()) for each in mail_server.taken] == [1, 1, 1]
    assert kept(mail_server, tmp_path).read_bytes() == outside.read_bytes()
    assert office.desk.verify(kept(mail_server, tmp_path)).problems == ()
    hashes = [each.seal.hash for each in _outside(outside)]
    assert mail_server.ids == [f"<seal-{no}-{said}@example.gov.cn>" for no, said in enumerate(hashes, 1)]
    body = mail_server.taken[1].get_body()
    assert body is not None
    for said in (hashes[1], office.desk.bureau_name, "第 2 号封存", "Seal 2 of the record"):
        assert said in body.get_content()


def test_what_waits_goes_in_one_letter(office: Office, mail_server: MailServer, tmp_path: Path) -> None:
    for _ in range(3):
        sealed(office)

    assert letters(office.desk, mail_server.port)() == 3

    assert [len(lines(each).splitlines()) for each in mail_server.taken] == [3]
    assert "1–3" in str(mail_server.taken[0]["Subject"])
    assert office.desk.verify(kept(mail_server, tmp_path)).problems == ()


def test_too_much_for_one_letter_goes_in_several(
    office: Office, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.seal_parcels.FULL", 600)
    for _ in range(3):
        sealed(office)

    letters(office.desk, mail_server.port)()

    assert [len(lines(each).splitlines()) for each in mail_server.taken] == [2, 1]


def test_a_server_that_was_down_gets_all_when_it_is_up(office: Office, tmp_path: Path) -> None:
    port, outside = free_port(), tmp_path / "seals.jsonl"
    sealed(office, outside)
    for _ in range(2):
        with pytest.raises(Undelivered):
            letters(office.desk, port)()
    office.clock.forward(hours=2)
    assert [each for each, _ in health(office)] == [True, True]
    office.clock.forward(hours=2)
    sealed(office, outside)
    file, mail = health(office)
    assert file[0]  # the other place does not suffer
    assert mail == (False, f"自 2026-03-02 10:00 起应送往 {KEEPER} 的封存一次也没有送到（unreachable）")

    with serving(port) as there:
        letters(office.desk, port)()
        letters(office.desk, port)()

    assert b"".join(map(lines, there.taken)) == outside.read_bytes()
    assert health(office)[1] == (True, f"封存已写到库外：第 2 号，2026-03-02 15:00，{KEEPER}")


def test_an_address_that_is_refused_for_good_is_asked_once_and_again_only_when_somebody_says_so(
    office: Office, mail_server: MailServer
) -> None:
    mail_server.refuses = {KEEPER: "550 no such user"}
    sealed(office)
    with pytest.raises(Undelivered):
        letters(office.desk, mail_server.port)()
    mail_server.refuses = {}
    sealed(office)

    assert letters(office.desk, mail_server.port)() == 0

    assert mail_server.taken == []
    assert health(office) == [(False, f"{KEEPER} 的邮件服务器拒收封存（smtp-550），不再自动寄；已送到第 0 号")]
    office.desk.parcels(KEEPER).release()
    assert letters(office.desk, mail_server.port)() == 2
    assert health(office)[0][0]


def test_seals_that_came_once_and_come_no_more_are_told(office: Office, mail_server: MailServer) -> None:
    sealed(office)
    letters(office.desk, mail_server.port)()
    office.clock.forward(days=2)
    assert health(office)[0][0]
    sealed(office)
    office.clock.forward(hours=3)

    (is_well, said), = health(office)  # fmt: skip
    assert not is_well
    assert "最后一次是第 1 号" in said

    office.desk.forget_outside(KEEPER)
    assert health(office)[0][0]
    with pytest.raises(Invalid):
        office.desk.forget_outside(KEEPER)


def test_what_waits_is_told_though_the_last_one_was_noted_by_a_clock_that_ran_ahead(
    office: Office, mail_server: MailServer
) -> None:
    sealed(office)
    office.clock.forward(days=400)
    letters(office.desk, mail_server.port)()
    office.clock.forward(days=-400)
    sealed(office)
    office.clock.forward(hours=4)

    assert not health(office)[0][0]


def test_a_line_that_dropped_before_the_answer_brings_the_same_again_to_the_byte(
    office: Office, mail_server: MailServer
) -> None:
    sealed(office)
    mail_server.loses = 1
    with pytest.raises(Undelivered):
        letters(office.desk, mail_server.port)()
    sealed(office)  # more is there now; what may have come is not mixed with it

    letters(office.desk, mail_server.port)()

    first, again, next_one = mail_server.taken
    assert first.as_bytes() == again.as_bytes()
    assert [len(lines(each).splitlines()) for each in (again, next_one)] == [1, 1]


def test_one_sends_at_a_time_and_who_died_over_it_holds_nobody_up_for_long(
    office: Office, mail_server: MailServer
) -> None:
    sealed(office)
    taken = office.desk.parcels(KEEPER).take()
    assert taken is not None
    with pytest.raises(Busy):
        letters(office.desk, mail_server.port)()
    assert mail_server.taken == []
    office.clock.forward(minutes=5)

    letters(office.desk, mail_server.port)()

    assert [lines(each) for each in mail_server.taken] == [taken.lines]


@pytest.mark.parametrize("change", ["UPDATE seals SET root = replace(root, substr(root, 1, 4), 'beef') WHERE no = 2",
                                    "UPDATE events SET hash = replace(hash, substr(hash, 1, 4), 'beef')"])  # fmt: skip
def test_what_was_altered_never_leaves(office: Office, mail_server: MailServer, change: str) -> None:
    sealed(office)
    letters(office.desk, mail_server.port)()
    sealed(office)
    alter(office, change)

    with pytest.raises(Invalid):
        letters(office.desk, mail_server.port)()

    assert len(mail_server.taken) == 1


def test_who_has_what_is_not_of_this_record_gets_nothing_after_it(office: Office, mail_server: MailServer) -> None:
    sealed(office)
    letters(office.desk, mail_server.port)()
    alter(office, "DELETE FROM seals")
    sealed(office)

    with pytest.raises(Invalid) as refused:
        letters(office.desk, mail_server.port)()

    assert refused.value.problems[0].code == "other-seals"
    assert len(mail_server.taken) == 1


def test_a_server_that_hangs_is_left_and_no_seal_and_no_file_waits(office: Office, tmp_path: Path) -> None:
    sealed(office)
    with answering(silent) as port:

        def send() -> None:
            with pytest.raises(Undelivered):
                letters(office.desk, port, silence=2.0)()

        waits = threading.Thread(target=send)
        waits.start()
        sealed(office, tmp_path / "seals.jsonl")
        still = waits.is_alive()
        waits.join(PATIENCE)

    assert still
    assert not waits.is_alive()
    assert len(_outside(tmp_path / "seals.jsonl")) == 2


# The scheduler as the office runs it.


def scheduler(url: str, port: int, *more: str) -> subprocess.Popen[str]:
    mail = {"GONGKAI_MAIL": f"smtp+plain://{HERE}:{port}", "GONGKAI_MAIL_FROM": "gongkai@example.gov.cn"}
    words = ["scheduler", "--every", "0.2", "--log", "json", "--db", url, "--seal-mail", KEEPER, *more]
    return subprocess.Popen(
        [sys.executable, "-m", "cli", *words], cwd=HOUSE, stderr=subprocess.PIPE, text=True, env={**os.environ, **mail}
    )


def test_killed_with_a_letter_in_hand_it_comes_twice_and_is_known_again(url: str) -> None:
    with Desk.open(url) as desk:
        Office(url, Clock(), desk).draft()
    with serving(there=MailServer(takes=PATIENCE)) as there:
        running = scheduler(url, there.port)
        while not there.taken:
            heard(running, "sweep.done")
        running.kill()
        running.communicate()
    with (
        serving(there=MailServer(taken=there.taken)) as there,
        Desk.open(url, clock=lambda: datetime.now(UTC) + timedelta(minutes=6)) as desk,
    ):
        letters(desk, there.port)()
        letters(desk, there.port)()

    first, again = there.taken
    assert first["Message-ID"] == again["Message-ID"]
    assert lines(first) == lines(again)


def test_the_scheduler_seals_and_sweeps_on_while_a_mail_server_hangs(url: str, tmp_path: Path) -> None:
    with Desk.open(url) as desk:
        Office(url, Clock(), desk).draft()
    called = threading.Event()

    def hang(caller: socket.socket, over: threading.Event) -> None:
        called.set()
        over.wait()

    with answering(hang) as port:
        page = tmp_path / "page.html"
        running = scheduler(url, port, "--seals", str(tmp_path / "seals.jsonl"), "--seal-page", str(page))
        try:
            assert called.wait(PATIENCE)
            for _ in range(3):
                heard(running, "sweep.done")
            assert len(_outside(tmp_path / "seals.jsonl")) == 1
            assert "第 1 号" in page.read_text(encoding="utf-8")
        finally:
            running.send_signal(signal.SIGKILL)
            running.communicate()


def _outside(file: Path) -> tuple[Outside, ...]:
    return read_outside(file).seals
