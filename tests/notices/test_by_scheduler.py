"""`gongkai scheduler` as the office runs it: what is told leaves by mail, and a mail server that hangs holds up no pass."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from storage import Desk
from tests.factories import Clock, Ids, Office
from tests.notices.servers import HERE, MailServer, answering
from tests.notices.test_delivery import told

HOUSE = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0


@pytest.fixture
def in_use(url: str) -> str:
    """The bureau; today 王敏 was told something, and has an address."""
    with Desk.open(url, ids=Ids()) as desk:
        desk.outbox.reach(desk.actor("wangmin"), "wangmin", "wangmin@example.gov.cn")
        told(Office(url, Clock(), desk))
    return url


@contextmanager
def scheduler(url: str, port: int, told_to_end: Callable[[], None] = lambda: None) -> Iterator[subprocess.Popen[str]]:
    """The ticker in a process of its own, with that mail server; told to end, once, when it is not needed any more."""
    mail = {"GONGKAI_MAIL": f"smtp+plain://{HERE}:{port}", "GONGKAI_MAIL_FROM": "gongkai@example.gov.cn"}
    running = subprocess.Popen(
        [sys.executable, "-m", "cli", "scheduler", "--every", "0.2", "--log", "json", "--db", url],
        cwd=HOUSE,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **mail},
    )
    try:
        yield running
        running.send_signal(signal.SIGTERM)
        told_to_end()
        running.communicate(timeout=PATIENCE)
        assert running.returncode == 0
    finally:
        running.kill()
        running.communicate()


def heard(running: subprocess.Popen[str], event: str) -> dict[str, object]:
    """The next line of its log that says this."""
    assert running.stderr is not None
    for line in running.stderr:
        said: dict[str, object] = json.loads(line) if line.startswith("{") else {}
        if said.get("event") == event:
            return said
    raise AssertionError("it ended without a word of that")


def test_the_scheduler_delivers_what_is_told(in_use: str, mail_server: MailServer) -> None:
    with scheduler(in_use, mail_server.port) as running:
        said = heard(running, "outbox.done")

    assert (said["delivered"], said["failed"]) == (1, 0)
    assert mail_server.receivers == ["wangmin@example.gov.cn"]


def test_the_scheduler_sweeps_on_while_a_mail_server_hangs(in_use: str) -> None:
    called = threading.Event()

    def hang(caller: socket.socket, over: threading.Event) -> None:
        called.set()
        over.wait()

    with ExitStack() as until_the_end:
        port = until_the_end.enter_context(answering(hang))
        # The letter in hand ends with its connection, and the process with it.
        with scheduler(in_use, port, told_to_end=until_the_end.close) as running:
            assert called.wait(PATIENCE)
            for _ in range(3):
                heard(running, "sweep.done")
