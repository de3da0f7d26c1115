"""What one call of the command line stands on: its settings, language, clock, desk and actor, and how it answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from settings import BadSettings, Settings, settings
from terminal.render import Block, Line, json_line, write_data, write_talk
from terminal.tongue import ASKED, spoken
from terminal.typed import instant
from workflow.case import Actor
from workflow.errors import Invalid, Problem, StorageFault
from workflow.text import Lang, Text

if TYPE_CHECKING:
    from storage import Desk


@dataclass(frozen=True, slots=True)
class Session:
    """One call."""

    settings: Settings
    lang: Lang
    json: bool
    quiet: bool
    set_clock: datetime | None  # None: the real clock
    named: str | None = None  # the database, where this very line named it

    @staticmethod
    def of(context: click.Context) -> Session:
        """What was said on this line, over the environment, over the settings file."""
        asked = context.meta.get(ASKED, {})
        try:
            found = settings()
        except BadSettings as fault:
            raise Invalid((Problem("bad-settings", Text(fault.zh, fault.en)),)) from fault
        found = replace(
            found,
            db=asked.get("db", found.db),
            person=asked.get("as", found.person),
            now=asked.get("now", found.now),
            lang=spoken() if "lang" in asked else found.lang,
        )
        return Session(
            settings=found,
            lang=found.lang,
            json=bool(asked.get("json")),
            quiet=bool(asked.get("quiet")),
            set_clock=instant(found.now) if found.now else None,
            named=asked.get("db"),
        )

    @property
    def clock_now(self) -> datetime:
        """This moment by the clock of the call; for what needs no database."""
        return self.set_clock or datetime.now(UTC)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The desk of the call's database; only a sandbox lets its clock be set."""
        from storage import Desk

        self.expect_a_database()
        at = self.set_clock
        with Desk.open(self.settings.url, clock=(lambda: at) if at else None, keeping=self.settings.kept) as desk:
            if at and not desk.is_sandbox:
                raise Invalid((Problem("real-clock", _REAL_CLOCK, field="now"),))
            yield desk

    def expect_a_database(self) -> None:
        """Where nobody said which database, a missing one is made by init."""
        path = Path(self.settings.url.removeprefix("sqlite:///"))
        if self.settings.db is None and not os.path.exists(path):
            raise StorageFault(reason=_NO_DATABASE.filled(path=path), way_out=_INIT)

    def actor(self, desk: Desk) -> Actor:
        """Who acts, with the posts they hold."""
        person = self.settings.person
        if person is None:
            login = system_login()
            person = desk.person_of_login(login) if login else None
            if person is None:
                raise Invalid((Problem("nobody", _NOBODY.filled(login=login or "?"), field="as"),))
        return desk.actor(person)

    def read(self, text: Text) -> str:
        """The sentence in the language of the call."""
        return text.read(self.lang)

    def answer(self, facts: Mapping[str, object], *blocks: Block) -> None:
        """The data that the call was made for: blocks for people, or one object for programs."""
        if self.json:
            click.echo(json_line({"ok": True, **facts}))
        else:
            write_data(blocks)

    def to_type(self, command: str) -> str:
        """The command as it works from the next line on: with the database, where only this line named it."""
        if not self.named:
            return f"gongkai {command}"
        from storage.connection import without_password

        return f"gongkai {command} --db {quote(without_password(self.named))}"

    def remark(self, text: Text, *commands: str) -> None:
        """A word beside the data, and below it lines to be typed as they stand; not where quiet was asked for."""
        if not self.quiet:
            write_talk([Line(self.read(text)), *(Line(each, indent=2, wraps=False) for each in commands)])


def in_session(function: Callable[..., None]) -> Callable[..., None]:
    """Hands the call's session to the command below as its first argument."""

    @click.pass_context
    @wraps(function)
    def called(context: click.Context, /, **said: Any) -> None:
        function(Session.of(context), **said)

    return called


def system_login() -> str | None:
    """The name by which the system knows who runs us; None where it knows none."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


_NO_DATABASE = Text("还没有数据库（{path}）", "there is no database yet ({path})")
_INIT = Text("请先运行 gongkai init，或用 --db 指明", "run gongkai init first, or name one with --db")
_REAL_CLOCK = Text(
    "--now（GONGKAI_NOW）只用于以 init --sandbox 建立的沙盒数据库；本数据库使用真实时钟，请去掉 --now",
    "--now (GONGKAI_NOW) is for a database made with init --sandbox only; here the clock is real: leave --now out",
)
_NOBODY = Text(
    "不知道由谁办理：系统用户“{login}”没有对应的人员。请用 --as 人员编号，或设置环境变量 GONGKAI_AS，或由管理员登记"
    "（gongkai people add 编号 姓名 --login {login}）",
    "nobody acts: the system's user “{login}” is mapped to no person. Say --as PERSON, set GONGKAI_AS, or let the "
    "administrator add one (gongkai people add ID NAME --login {login})",
)
