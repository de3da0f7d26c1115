"""Mail over SMTP (RFC 5321): one letter to one person, with a Message-ID that is the same each time it is tried.

The server is called with TLS unless the settings say `smtp+plain`, and a password never goes out without it. Each letter has a
deadline of its own, whatever the server does: a clock outside closes the connection. No fault repeats what the server said, for
servers say addresses.
"""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

from notices.channel import Letter, Undelivered
from settings import Mail
from storage.addresses import MAIL
from storage.files import OpenToOthers, secret_in
from workflow.errors import Invalid, Problem
from workflow.text import Text

#: How long the server may be silent, and how long a letter may take with all that is said for it.
SILENCE_SECONDS, LETTER_SECONDS = 15.0, 45.0
LONGEST_PASSWORD = 1024
PASSWORD = "GONGKAI_MAIL_PASSWORD"  # noqa: S105  # its name
PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in, and as whom."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Server({self.scheme}://{self.host}:{self.port})"


class ByMail:
    """The channel `mail`."""

    def __init__(
        self,
        mail: Mail,
        environment: Mapping[str, str] | None = None,
        *,
        silence: float = SILENCE_SECONDS,
        longest: float = LETTER_SECONDS,
    ) -> None:
        """Raises Invalid for settings that cannot be."""
        self._server = _server(mail, os.environ if environment is None else environment)
        self._sender = _sender(mail.sender)
        self._silence, self._longest = silence, longest

    @property
    def name(self) -> str:
        """As addresses and the outbox know it."""
        return MAIL

    @contextmanager
    def line(self) -> Iterator[_Line]:
        """A connection that is made with the first letter, and made anew after it broke."""
        line = _Line(self._server, self._sender, self._silence, self._longest)
        try:
            yield line
        finally:
            line.close()


class _Line:
    def __init__(self, server: Server, sender: Address, silence: float, longest: float) -> None:
        self._to, self._sender = server, sender
        self._silence, self._longest = silence, longest
        self._smtp: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> None:
        """Returns when the server has taken it over."""
        message = composed(letter, self._sender)
        with self._deadline() as is_over:
            try:
                smtp = self._smtp or self._called()
                smtp.send_message(message, self._sender.addr_spec, [letter.address])
            except (smtplib.SMTPException, OSError, ValueError) as error:
                fault = Undelivered("timeout", whole_channel=True) if is_over.is_set() else _fault(error)
                if fault.whole_channel:
                    self._hang_up()
                # Not `from`: what the server said may name the receiver, and stories are logged.
                raise fault from None

    def close(self) -> None:
        """Take leave of the server, if it still listens."""
        if self._smtp is not None:
            with self._deadline(), suppress(smtplib.SMTPException, OSError, ValueError):
                self._smtp.quit()
            self._hang_up()

    def _called(self) -> smtplib.SMTP:
        """A server that has answered, and knows who we are."""
        to, context = self._to, ssl.create_default_context()
        here = self._sender.domain  # never looked up: a name server may be silent too
        if to.scheme == "smtps":
            self._smtp = smtplib.SMTP_SSL(local_hostname=here, timeout=self._silence, context=context)
        else:
            self._smtp = smtplib.SMTP(local_hostname=here, timeout=self._silence)
        smtp = self._smtp
        smtp._host = to.host  # type: ignore[attr-defined]  # the name that the certificate must bear: `connect` does not note it
        code, _ = smtp.connect(to.host, to.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, b"")
        if to.scheme == "smtp":
            smtp.starttls(context=context)
        if to.user and to.password:
            smtp.login(to.user, to.password)
        return smtp

    def _hang_up(self) -> None:
        if self._smtp is not None:
            with suppress(OSError):
                self._smtp.close()
            self._smtp = None

    @contextmanager
    def _deadline(self) -> Iterator[threading.Event]:
        """Whatever is being waited for, the connection is closed when time is up; the event says that it was."""
        is_over = threading.Event()

        def end() -> None:
            is_over.set()
            sock = self._smtp.sock if self._smtp is not None else None
            if sock is not None:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self._longest, end)
        timer.daemon = True
        timer.start()
        try:
            yield is_over
        finally:
            timer.cancel()


def composed(letter: Letter, sender: Address) -> EmailMessage:
    """The letter as it goes out: the same bytes with each try."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(letter.name, addr_spec=letter.address)
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = letter.at
    message["Message-ID"] = f"<{letter.key}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    message.set_content(letter.body, cte="base64")
    if letter.file:
        name, content = letter.file
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        message.set_boundary(f"={letter.key}=")  # else by chance: another with each try
    return message


def _fault(error: Exception) -> Undelivered:
    """What went wrong, by a code alone. A `no` of the server to this letter is for good from 500 on (RFC 5321 4.2.1)."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = max((code for code, _ in error.recipients.values()), default=0)
            return Undelivered(_answered(code), for_good=500 <= code < 600, whole_channel=code == 421)
        case smtplib.SMTPDataError():
            code = error.smtp_code
            return Undelivered(_answered(code), for_good=500 <= code < 600, whole_channel=code == 421)
        case smtplib.SMTPAuthenticationError():
            return Undelivered("login", whole_channel=True)
        case smtplib.SMTPResponseException():
            return Undelivered(_answered(error.smtp_code), whole_channel=True)
        case smtplib.SMTPServerDisconnected() | ConnectionResetError() | BrokenPipeError():
            return Undelivered("lost", whole_channel=True)
        case smtplib.SMTPNotSupportedError():
            return Undelivered("not-offered", whole_channel=True)
        case ssl.SSLError():
            return Undelivered("tls", whole_channel=True)
        case TimeoutError():
            return Undelivered("timeout", whole_channel=True)
        case OSError():
            return Undelivered("unreachable", whole_channel=True)
        case ValueError():
            return Undelivered("unsayable", for_good=True)
        case _:
            return Undelivered("smtp", whole_channel=True)


def _answered(code: int) -> str:
    return f"smtp-{code}" if 200 <= code < 600 else "smtp"


def _server(mail: Mail, environment: Mapping[str, str]) -> Server:
    """The server that the settings name. Raises Invalid; nothing of what was said is repeated, it may hold a password."""
    try:
        parts = urlsplit(mail.server)
        port = parts.port
    except ValueError:
        raise _bad(_BAD_SERVER) from None
    if parts.password is not None:
        raise _bad(_PASSWORD_SAID)
    is_plain = not (parts.path.strip("/") or parts.query or parts.fragment)
    if parts.scheme not in PORTS or not parts.hostname or not is_plain:
        raise _bad(_BAD_SERVER)
    user = unquote(parts.username) if parts.username else None
    password = _password(mail, environment) if user else None
    if user and parts.scheme == "smtp+plain":
        raise _bad(_IN_THE_OPEN)
    if user and not password:
        raise _bad(_NO_PASSWORD)
    return Server(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password)


def _password(mail: Mail, environment: Mapping[str, str]) -> str | None:
    if environment.get(PASSWORD):
        return environment[PASSWORD]
    if mail.password_file is None:
        return None
    try:
        said = secret_in(Path(mail.password_file), LONGEST_PASSWORD)
        return said.decode("utf-8").strip() if len(said) <= LONGEST_PASSWORD else None
    except OpenToOthers:
        raise _bad(_OPEN_TO_OTHERS.filled(file=mail.password_file)) from None
    except UnicodeDecodeError:
        return None


def _sender(said: str) -> Address:
    try:
        sender = Address(addr_spec=said.strip())
    except (MessageError, ValueError, IndexError, TypeError):
        raise _bad(_BAD_SENDER) from None
    if not sender.domain or not sender.addr_spec.isascii():
        raise _bad(_BAD_SENDER)
    return sender


def _bad(text: Text) -> Invalid:
    return Invalid((Problem("bad-mail", text, field="mail"),))


_BAD_SERVER = Text(
    "邮件服务器（GONGKAI_MAIL）应写成 smtp://用户@主机:587（STARTTLS）、smtps://用户@主机:465 或 smtp+plain://主机:25",
    "the mail server (GONGKAI_MAIL) is written as smtp://user@host:587 (STARTTLS), smtps://user@host:465 or smtp+plain://host:25",
)
_PASSWORD_SAID = Text(
    "邮件服务器地址中不得写密码；请用 GONGKAI_MAIL_PASSWORD，或 mail_password_file 指明仅本人可读的文件",
    "no password stands in the mail server's address; put it into GONGKAI_MAIL_PASSWORD, or name a file that you alone can read "
    "with mail_password_file",
)
_NO_PASSWORD = Text(
    "邮件服务器要登录，但没有密码；请用 GONGKAI_MAIL_PASSWORD，或 mail_password_file 指明文件",
    "the mail server has a user and no password; put it into GONGKAI_MAIL_PASSWORD, or name a file with mail_password_file",
)
_IN_THE_OPEN = Text(
    "smtp+plain 不加密，不能登录；请改用 smtp:// 或 smtps://，或去掉用户",
    "smtp+plain is not encrypted, so nobody logs in by it; use smtp:// or smtps://, or leave the user out",
)
_OPEN_TO_OTHERS = Text(
    "密码文件 {file} 别人也能读取；请先运行 chmod 600 {file}",
    "others can read the password file {file}; run chmod 600 {file}",
)
_BAD_SENDER = Text(
    "发件地址（GONGKAI_MAIL_FROM）不可用；应形如 gongkai@example.gov.cn",
    "the sender (GONGKAI_MAIL_FROM) cannot be used; write one such as gongkai@example.gov.cn",
)
