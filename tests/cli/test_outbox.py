"""The outbox as it is typed: an address, a pass by hand, what did not leave, and once more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import Type
from tests.notices.servers import HERE, MailServer, free_port, serving


@pytest.fixture
def told(types: Type, at_the_office: str) -> str:
    """A paper that the Office returned to somebody who has a mail address."""
    assert types("people", "address", "wangmin", "wangmin@example.gov.cn", by="wangmin").code == 0
    assert types("do", at_the_office, "return_untagged", by="sunli").code == 0
    return at_the_office


def by_mail(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("GONGKAI_MAIL", f"smtp+plain://{HERE}:{port}")
    monkeypatch.setenv("GONGKAI_MAIL_FROM", "gongkai@example.gov.cn")


def test_an_address_is_said_shown_and_taken_back(types: Type) -> None:
    said = types("people", "address", "王敏", "wangmin@example.gov.cn", "--json", by="wangmin")
    shown = types("people", "address", "wangmin", by="admin", lang="en")
    hidden = types("people", "address", "wangmin", by="sunli")
    gone = types("people", "address", "wangmin", "--none", by="wangmin")
    listed = types("people", "list", "--all", "--json", by="admin")

    assert said.json == {
        "ok": True, "person": "wangmin", "channel": "mail", "address": "wangmin@example.gov.cn", "new": True,
    }  # fmt: skip
    assert shown.out.strip() == "王敏 is reached by mail at wangmin@example.gov.cn"
    assert hidden.code == 4
    assert "example" not in hidden.said + listed.said
    assert "没有登记邮件地址" in gone.out
    assert types("people", "address", "wangmin", "a@b.cn", "--none", by="wangmin").code == 2


def test_a_pass_by_hand_needs_a_mail_server_and_says_how(types: Type, told: str) -> None:
    none = types("outbox", "deliver", by=None)

    assert none.code == 2
    assert "GONGKAI_MAIL" in none.err


def test_what_is_told_is_delivered(types: Type, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as there:
        by_mail(monkeypatch, there.port)
        passed = types("outbox", "deliver", "--json", by=None)
        again = types("outbox", "deliver", by=None, lang="en")

    assert passed.json == {"ok": True, "delivered": 1, "failed": 0, "parked": 0, "dropped": {}, "codes": {}}
    assert there.receivers == ["wangmin@example.gov.cn"]
    assert "0 delivered" in again.out
    (row,) = types("outbox", "list", "--json", by=None).json["outbox"]
    assert (row["person"], row["channel"], row["state"], row["tries"]) == ("wangmin", "mail", "delivered", 1)


def test_what_does_not_leave_is_a_finding_and_is_tried_again(
    types: Type, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_mail(monkeypatch, free_port())

    failed = types("outbox", "deliver", "--json", by=None)

    assert failed.code == 7
    assert "unreachable" in failed.json["error"]["message"]["zh"]
    assert "待发" in types("outbox", "list", by=None).out
    assert "没有停止重试的通知" in types("outbox", "retry", by=None).out


def test_what_is_parked_is_listed_and_released(types: Type, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(there=MailServer(refuses={"wangmin@example.gov.cn": "550 unknown"})) as there:
        by_mail(monkeypatch, there.port)
        assert types("outbox", "deliver", by=None).code == 7
        parked = types("outbox", "list", "--parked", by=None)
        checked = types("doctor", by=None)
        there.refuses.clear()
        released = types("outbox", "retry", "--json", by=None)
        passed = types("outbox", "deliver", by=None)

    assert "smtp-550" in parked.out
    assert told not in parked.out
    assert "gongkai outbox retry" in checked.said
    assert released.json == {"ok": True, "released": 1}
    assert "送达 1 条" in passed.out
    assert types("outbox", "list", "--parked", by=None, lang="en").out.strip() == "the outbox is empty"


def test_the_settings_file_may_name_the_server(
    types: Type, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    monkeypatch.setenv("GONGKAI_CONFIG", str(file))
    with serving() as there:
        file.write_text(f'mail = "smtp+plain://{HERE}:{there.port}"\n')
        unsigned = types("outbox", "deliver", by=None)
        file.write_text(f'mail = "smtp+plain://{HERE}:{there.port}"\nmail_from = "gongkai@example.gov.cn"\n')
        passed = types("outbox", "deliver", by=None)

    assert (unsigned.code, passed.code) == (2, 0)
    assert "mail_from" in unsigned.err
    assert len(there.taken) == 1
