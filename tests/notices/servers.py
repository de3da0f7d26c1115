"""Mail servers on this machine: a real one with tempers, and such that hardly speak SMTP at all."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from notices import Delivery
from notices.mail import ByMail
from settings import Mail
from storage import Desk

HERE = "127.0.0.1"


@dataclass
class MailServer:
    """What was handed in, each time that it was; `refuses` and `loses` say how the next letters fare."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)  # receiver → what is answered to them
    takes: float = 0.0  # seconds for each letter
    loses: int = 0  # so many letters are taken, and the line drops before the answer
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    with_tls: list[bool] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [str(each["Message-ID"]) for each in self.taken]

    @property
    def receivers(self) -> list[str]:
        return [str(each["To"].addresses[0].addr_spec) for each in self.taken]


class _Clerk:
    """Who answers the calls. Apart from what was taken: with each call aiosmtpd looks at everything that its handler has."""

    def __init__(self, there: MailServer) -> None:
        self._there = there

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self._there.refuses:
            return self._there.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        there, letter = self._there, message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        assert [str(each.addr_spec) for each in letter["To"].addresses] == envelope.rcpt_tos
        there.taken.append(letter)
        there.with_tls.append(session.ssl is not None)
        await asyncio.sleep(there.takes)
        if there.loses:
            there.loses -= 1
            server.transport.abort()
        return "250 OK"

    def knows(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self._there.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"sesam", handled=False)


class _There(Controller):
    """On a port that was free when it began; nobody's name is looked up."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="localhost", **self.SMTP_kwargs)


@contextmanager
def serving(port: int = 0, tls: ssl.SSLContext | None = None, there: MailServer | None = None) -> Iterator[MailServer]:
    """A mail server while it is used; with `tls` it wants STARTTLS and a login."""
    there = there or MailServer()
    there.port = port or free_port()
    wants: dict[str, Any] = {"tls_context": tls, "require_starttls": True, "auth_required": True} if tls else {}
    clerk = _Clerk(there)
    if tls:
        wants["authenticator"] = clerk.knows
    controller = _There(clerk, hostname=HERE, port=there.port, **wants)
    controller.start()
    try:
        yield there
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as one:
        one.bind((HERE, 0))
        return int(one.getsockname()[1])


@contextmanager
def answering(speak: Callable[[socket.socket, threading.Event], object]) -> Iterator[int]:
    """The port of somebody who takes every call, and does with it what `speak` says until the end."""
    over, talks = threading.Event(), list[threading.Thread]()
    with socket.create_server((HERE, 0)) as ear:

        def talk(caller: socket.socket) -> None:
            with caller, suppress(OSError):
                speak(caller, over)

        def listen() -> None:
            with suppress(OSError):
                while not over.is_set():
                    caller, _ = ear.accept()
                    talks.append(threading.Thread(target=talk, args=(caller,)))
                    talks[-1].start()

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield int(ear.getsockname()[1])
        finally:
            over.set()
            with suppress(OSError), socket.create_connection((HERE, ear.getsockname()[1]), timeout=1):
                pass
            for each in (listener, *talks):
                each.join()


def silent(caller: socket.socket, over: threading.Event) -> None:
    """Not a word."""
    over.wait()


def dripping(caller: socket.socket, over: threading.Event) -> None:
    """A greeting without an end, a letter at a time."""
    caller.sendall(b"220-")
    while not over.wait(0.02):
        caller.sendall(b"x")


def delivery(desk: Desk, port: int, *, says: str = "number", silence: float = 5.0, longest: float = 10.0) -> Delivery:
    """What delivers by the mail server on that port."""
    mail = Mail(f"smtp+plain://{HERE}:{port}", "gongkai@example.gov.cn", "whole" if says == "whole" else "number")
    channel = ByMail(mail, {}, silence=silence, longest=longest)
    return Delivery(lambda: desk.outbox, [channel], says=says, for_practice=desk.is_sandbox)
