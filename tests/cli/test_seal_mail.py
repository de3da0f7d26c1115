"""`gongkai seal --mail`, as it is typed: what leaves, what does not and is said, and what is refused before anything begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import Type, call_with
from tests.cli.test_outbox import by_mail
from tests.notices.servers import HERE, free_port, serving

KEEPER = "seals@archives.example.gov.cn"


def test_seals_leave_by_the_server_of_the_notices(types: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as there:
        by_mail(monkeypatch, there.port)
        there.refuses = {KEEPER: "550 no such user"}
        refused = types("seal", "--mail", KEEPER)
        ill = types("doctor")
        there.refuses = {}
        first = types("seal", "--mail", KEEPER)
        again = types("seal", "--mail", KEEPER, lang="en")
        checked = types("doctor", "--json").json["checks"]

    assert (refused.code, first.code, again.code) == (7, 0, 0)
    assert "拒收（smtp-550" in refused.said
    assert f"gongkai seal --mail {KEEPER}" in ill.said
    assert "已寄出至第 1 号封存" in first.err
    assert "mailed before" in again.err
    assert there.receivers == [KEEPER]
    assert "［演练］" in str(there.taken[0]["Subject"])
    assert [KEEPER in each["zh"] for each in checked if each["name"] == "seals"] == [True]


def test_what_does_not_leave_is_said_and_the_seal_stands(types: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    by_mail(monkeypatch, free_port())

    said = types("seal", "--mail", KEEPER)
    ill = types("doctor", now="2026-03-02T13:00")
    forgotten = types("seal", "--forget", KEEPER)
    well = types("doctor", now="2026-03-02T13:00")

    assert said.code == 7
    assert "第 1 号封存" in said.said
    assert "unreachable" in said.said
    assert f"gongkai seal --mail {KEEPER}" in ill.said
    assert f"gongkai seal --forget {KEEPER}" in ill.said
    assert forgotten.code == 0
    assert KEEPER not in well.said
    assert types("seal").out.startswith("✓ 第 1 号封存")


@pytest.mark.parametrize(
    ("server", "address", "word"),
    [
        ("", KEEPER, "GONGKAI_MAIL"),
        (f"smtp+plain://{HERE}:25", "archives", "archives"),
        ("mail.local", KEEPER, "smtp://"),
    ],
)
def test_a_scheduler_that_could_never_mail_does_not_start(
    real_db: Path, monkeypatch: pytest.MonkeyPatch, server: str, address: str, word: str
) -> None:
    if server:
        monkeypatch.setenv("GONGKAI_MAIL", server)
        monkeypatch.setenv("GONGKAI_MAIL_FROM", "gongkai@example.gov.cn")

    said = call_with(["scheduler", "--db", str(real_db), "--seal-mail", address])

    assert said.code == 2, said.said
    assert word in said.said
