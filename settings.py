"""What a call stands on before it is told anything: one frozen dataclass from an optional file and the environment.

The file is TOML (`$GONGKAI_CONFIG`, else `settings.toml` in the user's configuration directory) and may say `db`, `as`, `lang`,
where attachments lie, how large they may be, and how mail leaves; the environment goes before the file, what is typed goes before both. No password stands in either: the
environment holds it, or a file that its owner alone reads.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]

_KEYS = ("db", "as", "lang", "files", "attachments", "mail", "mail_from", "mail_says", "mail_password_file")
LARGEST_FILE = 64 * 1024


class BadSettings(ValueError):
    """The settings file or an environment variable says something that cannot be."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Mail:
    """By which server mail leaves, in whose name, and how much of a notice it says."""

    server: str  # smtp:// (STARTTLS), smtps:// (TLS) or smtp+plain://, then user@host:port
    sender: str
    says: Literal["number", "whole"]
    password_file: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an attachment, and those of one case together, may hold; sizes in MB."""

    size: int = 50
    count: int = 100  # of one case
    total: int = 1000  # of one case
    unpacked: int = 500  # what comes out of an archive, those inside it included
    entries: int = 5000  # of an archive, those inside it included
    ratio: int = 200  # how much longer what comes out may be than what went in
    nesting: int = 2  # archives inside archives


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the content of attachments lies, and how much is taken in."""

    directory: str | None = None  # of one database alone; None: beside a file, and nowhere for one on a server
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the database is, who acts, in which language, and whether the clock is set (sandbox only)."""

    db: str | None  # None: `gongkai.db` in the data directory
    person: str | None
    lang: Language
    now: str | None
    mail: Mail | None = None  # None: nothing leaves by mail
    keeping: Keeping = Keeping()

    @property
    def url(self) -> str:
        """The database's address; a bare path means an SQLite file.

        >>> Settings(db="cases.db", person=None, lang="zh", now=None).url
        'sqlite:///cases.db'
        """
        if self.db is None:
            return f"sqlite:///{data_directory() / 'gongkai.db'}"
        return self.db if "://" in self.db else f"sqlite:///{self.db}"

    @property
    def kept(self) -> Keeping:
        """Where the attachments of this very database lie: beside its file, or on a server in a directory of its own name.

        No two share one: what nothing points at in the one would be cleared away for the other.

        >>> Settings("postgresql://u@db1,db2/bureau?x=1", None, "zh", None, keeping=Keeping("/srv")).kept.directory
        '/srv/bureau'
        >>> Settings("postgresql://u@db1/?dbname=%62ureau", None, "zh", None, keeping=Keeping("/srv")).kept.directory
        '/srv/bureau'
        >>> Settings("b.db", None, "zh", None, keeping=Keeping("/srv")).kept.directory is None
        True
        """
        directory = self.keeping.directory
        if self.url.startswith("sqlite") or directory is None:
            return replace(self.keeping, directory=None)
        name = _database_in(self.url)
        return replace(self.keeping, directory=str(Path(directory) / name) if name else None)


def _database_in(url: str) -> str:
    """The name of the database in a server's address, as a name of a directory; empty where the address says none."""
    from urllib.parse import unquote, urlsplit  # 3 ms that a file need not pay

    said = urlsplit(url)
    # As libpq reads it: what stands in the query goes before the path, and a plus is a plus.
    names = [each.partition("=")[2] for each in said.query.split("&") if each.startswith("dbname=")]
    name = unquote(names[-1] if names else said.path.removeprefix("/")).replace("%", "%25").replace("/", "%2F")
    return f"%2E{name[1:]}" if name.startswith(".") else name


def data_directory() -> Path:
    """Where this user's data lies, by the customs of the system."""
    import platformdirs  # only when nobody says where the database is

    return platformdirs.user_data_path("gongkai", appauthor=False)


def language(environment: Mapping[str, str]) -> Language:
    """The language to speak: GONGKAI_LANG, else English for an English locale, else Chinese.

    >>> language({"LANG": "en_GB.UTF-8"}), language({"LANG": "C.UTF-8"}), language({"LANG": "en_US", "GONGKAI_LANG": "zh"})
    ('en', 'zh', 'zh')
    """
    said = environment.get("GONGKAI_LANG")
    if said in ("zh", "en"):
        return "zh" if said == "zh" else "en"
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "en" if locale.lower().startswith("en") else "zh"


def settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this call; raises BadSettings for what cannot be."""
    env = os.environ if environment is None else environment
    filed = _file(env)
    said = env.get("GONGKAI_LANG") or filed.get("lang")
    if said not in (None, "zh", "en"):
        raise BadSettings(f"语言“{said}”不可用，只有 zh 和 en", f"language “{said}” is not spoken here: zh or en")
    return Settings(
        db=env.get("GONGKAI_DB") or filed.get("db"),
        person=env.get("GONGKAI_AS") or filed.get("as"),
        lang=language({**env, "GONGKAI_LANG": said or ""}),
        now=env.get("GONGKAI_NOW") or None,
        mail=_mail(env, filed),
        keeping=Keeping(
            env.get("GONGKAI_FILES") or filed.get("files") or None,
            _limits(env.get("GONGKAI_ATTACHMENTS") or filed.get("attachments") or ""),
        ),
    )


def _limits(said: str) -> Limits:
    """The limits of attachments, where something else is said of some: `size=20 count=50`.

    >>> _limits("size=20 nesting=0").size
    20
    """
    known, found = [each.name for each in fields(Limits)], {}
    for pair in said.split():
        name, _, number = pair.partition("=")
        if name not in known or name in found or not (number.isascii() and number.isdigit() and len(number) < 7):
            raise BadSettings(
                f"附件限额（attachments）“{pair}”不可用；写作 名称=整数，以空格分隔，每项一次，名称为：{'、'.join(known)}",
                f"“{pair}” in the limits of attachments cannot be used; write NAME=NUMBER, each once and apart by blanks, with "
                f"the names {', '.join(known)}",
            )
        found[name] = int(number)
    return Limits(**found)


def _mail(env: Mapping[str, str], filed: Mapping[str, str]) -> Mail | None:
    """How mail leaves; None where no server is named."""
    named = ("mail", "mail_from", "mail_says", "mail_password_file")
    said = {name: env.get(f"GONGKAI_{name.upper()}") or filed.get(name) for name in named}
    server, sender, says = said["mail"], said["mail_from"], said["mail_says"] or "number"
    if not server:
        return None
    if not sender:
        raise BadSettings(
            "已设邮件服务器（mail），还须用 mail_from（GONGKAI_MAIL_FROM）指明发件地址",
            "a mail server is named (mail), and mail_from (GONGKAI_MAIL_FROM) must say in whose name it sends",
        )
    if says not in ("number", "whole"):
        raise BadSettings(
            f"mail_says“{says}”不可用：number（只写编号和事由）或 whole（写通知全文）",
            f"mail_says “{says}” cannot be used: number (number and occasion only) or whole (the whole sentence)",
        )
    return Mail(server, sender, "whole" if says == "whole" else "number", said["mail_password_file"])


def _file(env: Mapping[str, str]) -> dict[str, str]:
    """What the settings file says, if there is one."""
    path = _path(env)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        if env.get("GONGKAI_CONFIG"):
            raise BadSettings(f"设置文件 {path} 不存在", f"there is no settings file {path}") from None
        return {}
    except OSError as fault:
        raise BadSettings(
            f"设置文件 {path} 读不了；请检查它是不是普通文件、本人能否读取", f"cannot read {path}: {fault.strerror}"
        ) from fault
    return _parsed(raw, path)


def _path(env: Mapping[str, str]) -> Path:
    if said := env.get("GONGKAI_CONFIG"):
        return Path(said)
    import platformdirs

    return platformdirs.user_config_path("gongkai", appauthor=False) / "settings.toml"


def _parsed(raw: bytes, path: Path) -> dict[str, str]:
    import tomllib

    if len(raw) > LARGEST_FILE:
        raise BadSettings(
            f"设置文件 {path} 超过 {LARGEST_FILE} 字节，像是给错了文件",
            f"settings file {path} has more than {LARGEST_FILE} bytes: it looks like the wrong file",
        )
    try:
        said = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadSettings(f"设置文件 {path} 有误：{fault}", f"settings file {path} is at fault: {fault}") from fault
    for key, value in said.items():
        if key not in _KEYS or not isinstance(value, str):
            raise BadSettings(
                f"设置文件 {path} 中的“{key}”不可用；可用：{'、'.join(_KEYS)}，值为文本",
                f"“{key}” in {path} cannot be used; the file may say {', '.join(_KEYS)}, each a text",
            )
    return said
