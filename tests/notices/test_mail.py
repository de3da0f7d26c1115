"""What a letter says and how it goes out: no more than the bureau wants in its mail, over TLS where somebody logs in, to one person."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notices.channel import Letter, Undelivered
from notices.mail import ByMail, composed
from settings import BadSettings, Mail, settings
from tests.factories import Office
from tests.notices.servers import HERE, MailServer, delivery, serving
from tests.notices.test_delivery import told
from workflow.errors import Invalid

SENDER = "gongkai@example.gov.cn"
LETTER = Letter("k" * 32, "王敏", "wangmin@example.gov.cn", "公开 DOC-2026-00001 退文", "正文\n", datetime(2026, 3, 2, tzinfo=UTC))  # fmt: skip


def said(server: MailServer, receiver: str) -> str:
    """What the letter to this person says, its subject first."""
    letter = next(each for each in server.taken if receiver in str(each["To"]))
    return f"{letter['Subject']}\n{letter.get_content()}"


# What it says.


def test_a_letter_says_which_case_and_what_happened_and_not_what_it_is_about(
    reached: Office, mail_server: MailServer
) -> None:
    told(reached)

    delivery(reached.desk, mail_server.port)()

    text = said(mail_server, "wangmin")
    assert "DOC-2026-00001" in text
    assert "退文" in text
    assert "gongkai todo" in text
    assert "专项资金" not in text
    assert "赵云" not in text


def test_a_bureau_may_have_the_whole_sentence_in_its_mail(reached: Office, mail_server: MailServer) -> None:
    told(reached)
    sentence = reached.told("wangmin")[0]

    delivery(reached.desk, mail_server.port, says="whole")()

    assert sentence in said(mail_server, "wangmin")


def test_mail_of_a_sandbox_says_that_it_is_practice(reached: Office, mail_server: MailServer) -> None:
    told(reached)

    delivery(reached.desk, mail_server.port)()

    assert reached.desk.is_sandbox
    assert said(mail_server, "wangmin").startswith("［演练］")


def test_a_letter_is_plain_enough_for_every_server_and_nobody_answers_it_by_machine() -> None:
    letter = composed(LETTER, Address(addr_spec=SENDER))

    raw = letter.as_bytes()
    assert raw == composed(LETTER, Address(addr_spec=SENDER)).as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert letter["Message-ID"] == f"<{'k' * 32}@example.gov.cn>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Transfer-Encoding"] == "base64"
    assert letter.get_content().splitlines() == ["正文"]


def test_no_line_of_a_subject_begins_a_header_of_its_own() -> None:
    letter = Letter("k", "王敏", "a@b.cn", "退文\r\nBcc: c@d.cn", "正文", LETTER.at)

    assert composed(letter, Address(addr_spec=SENDER))["Bcc"] is None


# Over TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of this machine that signs itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HERE)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HERE))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "here.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def safe_server(certificate: Path) -> Iterator[MailServer]:
    """A mail server that wants STARTTLS, and the password `sesam`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(tls=context) as there:
        yield there


def by(port: int, password: str = "sesam", scheme: str = "smtp") -> ByMail:
    return ByMail(Mail(f"{scheme}://office@{HERE}:{port}", SENDER, "number"), {"GONGKAI_MAIL_PASSWORD": password})


def test_who_logs_in_does_so_over_tls(
    safe_server: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with by(safe_server.port).line() as line:
        line.send(LETTER)
        line.send(LETTER)

    assert safe_server.with_tls == [True, True]
    assert safe_server.logins == [(b"office", b"sesam")]


def test_a_wrong_password_is_the_whole_channels_trouble(
    safe_server: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with by(safe_server.port, "wrong").line() as line, pytest.raises(Undelivered) as caught:
        line.send(LETTER)

    assert (caught.value.code, caught.value.whole_channel, caught.value.for_good) == ("login", True, False)


def test_a_server_that_nobody_vouches_for_is_told_no_password(safe_server: MailServer) -> None:
    with by(safe_server.port).line() as line, pytest.raises(Undelivered) as caught:
        line.send(LETTER)

    assert caught.value.code == "tls"
    assert safe_server.logins == []


def test_a_server_without_tls_is_given_nothing(mail_server: MailServer) -> None:
    with by(mail_server.port).line() as line, pytest.raises(Undelivered) as caught:
        line.send(LETTER)

    assert caught.value.code == "not-offered"
    assert mail_server.taken == []


# Settings.


SERVER = {"GONGKAI_MAIL": "smtp://office@mail.local", "GONGKAI_MAIL_FROM": SENDER}


def test_mail_leaves_only_where_a_server_is_named(tmp_path: Path) -> None:
    nowhere = {"XDG_CONFIG_HOME": str(tmp_path), "GONGKAI_CONFIG": str(tmp_path / "settings.toml")}
    (tmp_path / "settings.toml").write_text('mail = "smtps://mail.local"\nmail_from = "a@b.cn"\nmail_says = "whole"\n')

    assert settings({**nowhere}).mail == Mail("smtps://mail.local", "a@b.cn", "whole")
    assert settings({**nowhere, **SERVER}).mail == Mail(SERVER["GONGKAI_MAIL"], SENDER, "whole")
    (tmp_path / "settings.toml").write_text("")
    assert settings(nowhere).mail is None
    for wrong in ({"GONGKAI_MAIL": "smtp://mail.local"}, {**SERVER, "GONGKAI_MAIL_SAYS": "all"}):
        with pytest.raises(BadSettings):
            settings({**nowhere, **wrong})


@pytest.mark.parametrize(
    "address",
    ["mail.local", "http://mail.local", "smtp://", "smtp://mail.local:port", "smtp://mail.local/x", "smtp://u:geheim@mail.local",
     "smtp+plain://u@mail.local", "smtp://u@mail.local"],
)  # fmt: skip
def test_a_server_that_cannot_be_is_refused_and_no_password_repeated(address: str) -> None:
    environment = {"GONGKAI_MAIL_PASSWORD": "geheim"} if "plain" in address else {}

    with pytest.raises(Invalid) as caught:
        ByMail(Mail(address, SENDER, "number"), environment)

    assert "geheim" not in str(caught.value.said.zh) + "".join(each.text.zh for each in caught.value.problems)


@pytest.mark.parametrize("sender", ["", "gongkai", "gongkai@", "公开@example.cn", "a@b.cn\nBcc: c@d.cn"])
def test_a_sender_that_cannot_be_is_refused(sender: str) -> None:
    with pytest.raises(Invalid):
        ByMail(Mail("smtps://mail.local", sender, "number"), {})


def test_a_password_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("geheim\n")
    mail = Mail("smtps://office@mail.local", SENDER, "number", str(file))
    file.chmod(0o640)
    with pytest.raises(Invalid) as caught:
        ByMail(mail, {})
    assert "chmod 600" in caught.value.problems[0].text.zh

    file.chmod(0o600)
    channel = ByMail(mail, {})

    assert channel._server.password == "geheim"
    assert "geheim" not in repr(channel._server) + repr(mail)
