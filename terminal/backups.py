"""`gongkai backup` and `gongkai restore`: everything in one file, and a new database from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from terminal.operate import make_room
from terminal.render import Line, Tinted, Tone, progress
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from terminal.trust import Found
from workflow.case import SHANGHAI
from workflow.errors import Invalid, Problem
from workflow.text import Text

if TYPE_CHECKING:
    from storage.backup_file import Header

KEY = "GONGKAI_BACKUP_KEY"
SHORTEST_KEY, LONGEST_KEY = 16, 4096
_KEY_FILE = Text(
    "密钥文件，仅本人可读（chmod 600）；或由环境变量 GONGKAI_BACKUP_KEY 给出密钥本身",
    "a file with the key, readable by you alone (chmod 600); or the key itself in GONGKAI_BACKUP_KEY",
)


@command(
    examples=(
        Example("gongkai backup gongkai-2026-03-02.backup", Text("办公不停，随时可做", "any time, while people work")),
        Example(
            "gongkai backup 异地.backup --key-file backup.key",
            Text("加密，可放到异地", "encrypted, to be kept elsewhere"),
        ),
    ),
    more=Text(
        "写出的是某一时刻的全部数据，含校验和；文件要么完整，要么没有。做密钥："
        "(umask 077; head -c 32 /dev/urandom | base64 > backup.key)，与备份分开保管；密钥丢失则加密的备份无法恢复。",
        "What is written is everything at one moment, with checksums; the file is whole or not there. To make a key: "
        "(umask 077; head -c 32 /dev/urandom | base64 > backup.key); keep it apart from the backups, which are lost without it.",
    ),
)
@argument("file", says=Text("写到哪个文件", "the file to write"))
@option("--key-file", metavar="FILE", says=_KEY_FILE)
@option("--force", is_flag=True, says=Text("文件已存在也覆盖", "overwrite a file that is there"))
@in_session
def backup(session: Session, file: str, key_file: str | None, force: bool) -> None:
    """Everything in one file."""
    from storage.backups import back_up

    secret = _secret(key_file)
    session.expect_a_database()
    _mind_the_clock(session)
    lost: list[Text] = []
    with progress(session.read(_COPYING), not session.quiet) as moved:
        header = back_up(
            session.settings.url,
            Path(file),
            clock=lambda: session.clock_now,
            secret=secret,
            force=force,
            moved=moved,
            keeping=session.settings.kept,
            lost=lost.append,
        )
    if lost:
        raise Found(_NOT_WHOLE.filled(file=file, count=len(lost)), {"file": file, **header.to_json()}, lost)
    said = _WRITTEN.filled(**header.to_json() | {"file": file, "size": _size(header.size)})
    session.answer(
        {"file": file, **header.to_json()},
        Line((Tinted("✓ ", Tone.GOOD), session.read(said), *map(session.read, _besides(header)))),
    )


@command(
    examples=(
        Example("gongkai restore gongkai-2026-03-02.backup --db restored.db", Text("建成新库", "into a new database")),
        Example(
            "gongkai restore gongkai-2026-03-02.backup --dry-run",
            Text("只检查备份是否完好", "only see whether the backup is whole"),
        ),
    ),
    more=Text(
        "先核对校验和，再写入新的数据库、升级到本程序的版本并核验全部记录，都通过后才就位；已有的数据库从不覆盖。核验发现问题时退出码为 7。",
        "The checksum is looked at first; then the content is written, migrated to this program and verified case by case, and only "
        "then is it the new database. One that is there is never overwritten. Exit code 7 where the verification found something.",
    ),
)
@argument("file", says=Text("由 gongkai backup 写出的文件", "a file that gongkai backup wrote"))
@option("--key-file", metavar="FILE", says=_KEY_FILE)
@option("--dry-run", is_flag=True, says=Text("只检查，不写入", "check, write nothing"))
@in_session
def restore(session: Session, file: str, key_file: str | None, dry_run: bool) -> None:
    """A new database from a backup."""
    from storage import backups

    secret = _secret(key_file)
    if session.set_clock:
        raise Invalid((Problem("real-clock", _NO_CLOCK, field="now"),))
    if dry_run:
        with progress(session.read(_READING), not session.quiet) as moved:
            header = backups.look_through(Path(file), secret, moved)
        facts = {"cases": header.cases, "events": header.events, "at": _at(header.made_at)}
        session.answer(
            {"file": file, "dry_run": True, **header.to_json()},
            Line((Tinted("✓ ", Tone.GOOD), session.read(_SOUND.filled(**facts)))),
        )
        return
    url = session.settings.url
    if url.startswith("sqlite:///") and session.settings.db is None:
        make_room(Path(url.removeprefix("sqlite:///")).parent)
    with progress(session.read(_READING), not session.quiet) as moved:
        done = backups.restore(url, Path(file), secret=secret, moved=moved, keeping=session.settings.kept)
    verified, told = done.verified, {"file": file, **done.to_json()}
    if verified.problems:
        text = _UNSOUND.filled(database=done.database, count=len(verified.problems))
        raise Found(text, told, [each.text for each in verified.problems])
    facts = {"cases": verified.cases, "events": verified.events, "database": done.database}
    session.answer(
        told, Line((Tinted("✓ ", Tone.GOOD), session.read(_RESTORED.filled(at=_at(done.header.made_at), **facts))))
    )
    name = quote(urlsplit(done.database).path.strip("/") or "gongkai")
    roles = [f"psql -d {name} -f ops/postgresql/roles.sql"] if done.header.engine == "postgresql" else []
    session.remark(_NEXT, *roles, session.to_type("doctor"))


def _mind_the_clock(session: Session) -> None:
    """Only a sandbox lets its clock be set; raises Invalid elsewhere."""
    from storage.setup import is_sandbox

    if session.set_clock and not is_sandbox(session.settings.url):
        raise Invalid((Problem("real-clock", _REAL_CLOCK, field="now"),))


def _secret(key_file: str | None) -> bytes | None:
    """The key that was named, or that stands in the environment; None where there is none."""
    if key_file is not None:
        return _fit(_read(Path(key_file)), key_file)
    said = os.environ.get(KEY)
    if not said:
        return None
    if os.path.exists(said):
        raise _bad_key(_A_NAME, KEY)
    return _fit(os.fsencode(said), KEY)


def _read(path: Path) -> bytes:
    from storage.files import OpenToOthers, secret_in

    try:
        return secret_in(path, LONGEST_KEY)
    except OpenToOthers as fault:
        raise _bad_key(_OPEN_TO_OTHERS, str(path)) from fault


def _fit(key: bytes, named: str) -> bytes:
    key = key.strip()
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise _bad_key(_BAD_LENGTH, named)
    return key


def _bad_key(text: Text, named: str) -> Invalid:
    return Invalid(
        (Problem("bad-key", text.filled(named=named, least=SHORTEST_KEY, most=LONGEST_KEY), field="key-file"),)
    )


def _besides(header: Header) -> Iterator[Text]:
    """What else a backup holds, and whether it is locked."""
    if header.attachments:
        yield _WITH_PAPERS.filled(count=header.attachments)
    if header.is_encrypted:
        yield _LOCKED


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _at(instant: str) -> str:
    from storage.connection import instant_from

    return instant_from(instant).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


_COPYING, _READING = Text("备份", "backing up"), Text("恢复", "restoring")
_WRITTEN = Text(
    "已备份 {cases} 件事项、{events} 条办理记录：{file}（{size}）",
    "{cases} case(s) and {events} event(s) backed up: {file} ({size})",
)
_WITH_PAPERS = Text("，含附件 {count} 份", ", with the content of {count} attachment(s)")
_NOT_WHOLE = Text(
    "已备份到 {file}，但有 {count} 个附件的内容不在或被改动，备份中也没有其原样：请从更早的备份补回，再备份一次",
    "backed up to {file}, but the content of {count} attachment(s) is gone or altered, and is so in the backup: bring it back "
    "from an earlier one, and make a backup again",
)
_LOCKED = Text("，已加密", ", encrypted")
_SOUND = Text(
    "备份完好：{at}（北京时间）的 {cases} 件事项、{events} 条办理记录",
    "the backup is whole: {cases} case(s) and {events} event(s) as of {at} (Shanghai)",
)
_RESTORED = Text(
    "已恢复到 {database}：{at}（北京时间）的 {cases} 件事项、{events} 条办理记录，全部与记录相符",
    "restored into {database}: {cases} case(s) and {events} event(s) as of {at} (Shanghai), all as the record says",
)
_UNSOUND = Text(
    "已恢复到 {database}，但核验发现 {count} 个问题：备份之前记录与数据就已不符，请勿继续办理，先查明原因，或恢复更早的备份",
    "restored into {database}, and verification found {count} problem(s): record and data differed before the backup was made; "
    "find the cause before going on, or restore an earlier backup",
)
_NEXT = Text("下一步：", "next:")
_REAL_CLOCK = Text(
    "--now（GONGKAI_NOW）只用于沙盒数据库；本数据库使用真实时钟，请去掉 --now",
    "--now (GONGKAI_NOW) is for a sandbox only; here the clock is real: leave --now out",
)
_NO_CLOCK = Text(
    "恢复按真实时钟进行；请去掉 --now（GONGKAI_NOW）",
    "a backup is restored by the real clock; leave --now (GONGKAI_NOW) out",
)
_OPEN_TO_OTHERS = Text(
    "密钥文件 {named} 别人也能读取；请先运行 chmod 600 {named}",
    "others can read the key file {named}; run chmod 600 {named} first",
)
_BAD_LENGTH = Text(
    "{named} 中的密钥应有 {least} 至 {most} 个字节；可用 (umask 077; head -c 32 /dev/urandom | base64 > backup.key) 做一个",
    "the key in {named} should have {least} to {most} bytes; make one: "
    "(umask 077; head -c 32 /dev/urandom | base64 > backup.key)",
)
_A_NAME = Text(
    "{named} 应是密钥本身，其中却是一个文件名；密钥文件请用 --key-file 指明",
    "{named} takes the key itself, and a file's name stands in it; name a file with --key-file",
)
