"""One call of the command line on a real database: the sample bureau in a sandbox, on a Monday morning in March 2026."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calling import NOW, Call, Type, call_with


@pytest.fixture(scope="session")
def _sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sample") / "gongkai.db"
    made = call_with(["init", "--sample", "--sandbox", "--db", str(place), "--now", NOW])
    assert made.code == 0, made.said
    return place


@pytest.fixture(scope="session")
def _real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("real") / "gongkai.db"
    assert call_with(["init", "--db", str(place)]).code == 0
    return place


@pytest.fixture
def db(_sample: Path, tmp_path: Path) -> Path:
    """A sandbox of its own with the sample bureau."""
    return Path(shutil.copy(_sample, tmp_path / "gongkai.db"))


@pytest.fixture
def real_db(_real: Path, tmp_path: Path) -> Path:
    """A database whose clock is real."""
    return Path(shutil.copy(_real, tmp_path / "real.db"))


@pytest.fixture
def types(db: Path) -> Type:
    """Type a line as somebody, on the sample bureau at the set moment."""

    def typed(*words: str, by: str | None = "sunli", now: str = NOW, lang: str = "zh") -> Call:
        there = [] if by is None else ["--as", by]
        return call_with([*words, *there, "--db", str(db), "--now", now, "--lang", lang])

    return typed


@pytest.fixture
def at_the_office(types: Type) -> str:
    """The number of an untagged draft that waits at the Office."""
    number = types("start", "document", "--title", "关于印发预算绩效管理办法的通知", by="wangmin").out.strip()
    assert types("do", number, "submit", by="wangmin").code == 0
    assert types("do", number, "endorse", by="liuqiang").code == 0
    return number


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the person who runs the tests speaks into them."""
    home = tmp_path_factory.mktemp("home")
    for name in (
        "GONGKAI_DB",
        "GONGKAI_AS",
        "GONGKAI_LANG",
        "GONGKAI_NOW",
        "GONGKAI_CONFIG",
        "GONGKAI_BACKUP_KEY",
        "GONGKAI_MAIL",
        "GONGKAI_MAIL_FROM",
        "GONGKAI_MAIL_PASSWORD",
        "GONGKAI_MAIL_PASSWORD_FILE",
        "GONGKAI_MAIL_SAYS",
        "LC_ALL",
        "LC_MESSAGES",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("terminal.session.system_login", lambda: "stranger")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home))


@pytest.fixture
def call() -> Callable[[list[str]], Call]:
    """Type a line as it stands."""
    return call_with
