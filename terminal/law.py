"""`gongkai law`: the numbers of the law with their sources, what is still to be checked, and a changed number adopted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from terminal.calendar import read_text
from terminal.definitions import LARGEST_FILE
from terminal.render import Block, Column, Grid, Line, Tinted, Tone, progress
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, group, option
from terminal.versions import CasesStay
from workflow.errors import NotFound
from workflow.text import Lang, Text

if TYPE_CHECKING:
    from storage.adopted import Unlike
    from storage.adoption import Adopted
    from storage.migrate import Shift, Stays
    from workflow.loader.sourced import Sourced

MOST_SHOWN = 200  # dates and cases on a screen; --json holds them all


@group(
    "law",
    examples=(
        Example("gongkai law show reply", Text("答复期限：各版本、来源、哪些流程使用", "the limit of a reply: versions, source, who uses it")),
        Example("gongkai law unverified", Text("尚待与原文核对的", "what is still to be compared with its text")),
        Example("gongkai law adopt limits.yaml --dry-run --as admin", Text("改动数字前，先看哪些在办事项的日期会变", "which open dates a changed number would move")),
    ),
)  # fmt: skip
def law() -> None:
    """The group."""


@law.command(
    "show",
    says=Text("法定期限和目录：来源、施行期间、是否核对、哪些流程使用", "limits and catalogues: source, days in force, verified, used by"),
    more=Text(
        "不带参数列出全部法定期限；带名称或文字的，也在其他目录、收费标准和放假通知中查找。",
        "Without a word all limits are listed; a name or a text is looked for in the other catalogues, tariffs and notices, too.",
    ),
    examples=(Example("gongkai law show 预算法", Text("依据预算法的", "what rests on the Budget Law")),),
)  # fmt: skip
@argument("text", required=False, says=Text("名称，或其中的文字", "a name, or a text in it"))
@in_session
def show(session: Session, text: str | None) -> None:
    """What the law says, as far as it is known here."""
    known = tuple(_known(session))
    found = [each for each in known if (_tells_of(each, text) if text else each.kind == "limit")]
    exact = [each for each in found if each.name == text]
    found = exact or found
    if not found:
        raise NotFound(what=_THING, name=str(text), hint="gongkai law show")
    whole = [_in_full(each, session.lang) for each in exact] if len({each.home for each in exact}) == 1 else []
    blocks = [block for each in whole for block in each] or [_grid(found, session.lang)]
    unlike = list(_unlike(session, found))
    blocks += [Line((Tinted("! ", Tone.WARN), each.text.read(session.lang))) for each in unlike]
    facts = {"law": [each.to_json() for each in found], "unlike": [each.to_json() for each in unlike]}
    session.answer(facts, *blocks)


@law.command(
    "unverified",
    says=Text("法制人员尚须核对的：期限、目录、收费标准、放假通知", "what a legal officer must still check: limits, catalogues, tariffs, notices"),
)  # fmt: skip
@in_session
def unverified(session: Session) -> None:
    """What nobody has compared with its text."""
    found = [each for each in _known(session) if not each.verified]
    blocks: list[Block] = []
    for each in found:
        blocks += _to_check(each, session.lang)
    said = (_TO_CHECK if found else _ALL_CHECKED).filled(count=len(found)).read(session.lang)
    session.answer(
        {"unverified": [each.to_json() for each in found]},
        *blocks,
        Line((Tinted("! ", Tone.WARN) if found else Tinted("✓ ", Tone.GOOD), said)),
    )


@law.command(
    "adopt",
    says=Text("采用改动后的数字：先看哪些在办事项的日期会变，再改（管理员）", "adopt changed numbers: see which open dates move, then move them (administrator)"),
    more=Text(
        "文件是改动后的目录，如 definitions/catalogues/limits.yaml 的副本；不带文件则以程序目录中的为准。用到它的每种事项得到新的一版，在办事项按新数字"
        "从原起算日重算，每件一条办理记录，分批提交；中断后再次运行即可，采用两次等于一次。与新版不止数字不同的旧版，其事项不动并列出。"
        "旧法之下已收到的，写在该期限的 versions 中，便仍按旧法。",
        "A file is a changed catalogue, such as a copy of definitions/catalogues/limits.yaml; without one those beside the program "
        "are meant. Every kind that uses it gets a further version, and its open cases are counted anew from their day 0, an event "
        "each, in batches; after a break the same command goes on, and adopting twice is adopting once. Cases of a version that "
        "differs in more than numbers stay and are named. What was received under the older law stays under it where the limit "
        "keeps that law among its `versions`.",
    ),
    examples=(
        Example("gongkai law adopt limits.yaml --dry-run --as admin", Text("只看哪些日期会变", "see which dates would move")),
        Example("gongkai law adopt limits.yaml --as admin", Text("采用", "adopt it")),
    ),
)  # fmt: skip
@argument("files", metavar="FILE", nargs=-1, says=Text("改动后的目录文件（YAML）", "changed catalogue files (YAML)"))
@option("--dry-run", is_flag=True, says=Text("只看，不写入", "look, change nothing"))
@in_session
def adopt(session: Session, files: tuple[str, ...], dry_run: bool) -> None:
    """The effect of a changed number, and the number itself."""
    from storage.adoption import adopt as adopted

    texts = [(read_text(Path(each), LARGEST_FILE), each) for each in files]
    with session.desk() as desk, progress(session.read(_ADOPTING), not session.quiet) as told:
        done = adopted(desk.migrations, session.actor(desk), texts, dry_run=dry_run, progress=told)
    facts: dict[str, object] = {"dry_run": dry_run, "kinds": [each.to_json() for each in done]}
    blocks = [block for each in done for block in _adopted(each, dry_run, session.lang)]
    if not done:
        blocks = [Line((Tinted("✓ ", Tone.GOOD), session.read(_NOTHING_NEW)))]
    refused = sum(each.refused for kind in done for each in kind.migrations)
    if refused and session.json:
        raise CasesStay(facts, refused)
    session.answer(facts, *blocks)
    if refused:
        raise CasesStay(facts, refused)


# What is known, from the texts themselves.


def _known(session: Session) -> Iterator[Sourced]:
    from storage.versions import channel_labels, shipped_calendars, shipped_catalogues
    from workflow.loader.sourced import of_calendar, of_catalogue, of_definition, uses_of

    definitions = tuple(_definitions(session))
    uses = [use for text, file in definitions for use in uses_of(text, file)]
    for text, file in shipped_catalogues():
        yield from of_catalogue(text, f"definitions/catalogues/{file}", uses)
    for text, file in definitions:
        yield from of_definition(text, f"definitions/{file}")
    channels = channel_labels()
    for text, file in shipped_calendars():
        yield from of_calendar(text, f"definitions/calendars/{file}", channels)


def _unlike(session: Session, found: Iterable[Sourced]) -> Iterator[Unlike]:
    """Which of these numbers are not those in force in the database, where there is one."""
    from storage.adopted import unlike_the_files

    clocks = {each for one in found if one.kind == "limit" for each in one.used_by}
    if clocks and not _without_database(session):
        with session.desk() as desk:
            differing = tuple(
                unlike_the_files(desk.migrations.store.db, kinds={each.partition(".")[0] for each in clocks})
            )
        yield from (each for each in differing if f"{each.kind}.{each.clock.name}" in clocks)


def _without_database(session: Session) -> bool:
    return session.settings.db is None and not os.path.exists(session.settings.url.removeprefix("sqlite:///"))


def _definitions(session: Session) -> Iterator[tuple[str, str]]:
    """The newest definition of each kind in the database; the shipped ones where nobody named one and none is made yet."""
    from storage.versions import shipped_definitions

    if _without_database(session):
        yield from shipped_definitions()
        return
    with session.desk() as desk:
        newest = {each.id: each for each in desk.definitions()}
    yield from ((each.yaml, f"{each.id}.yaml") for each in newest.values())


def _tells_of(each: Sourced, text: str) -> bool:
    words = (each.name, each.home, each.label.zh, each.label.en, each.basis or "", each.source, *each.used_by)
    return any(text.casefold() in word.casefold() for word in words)


def _says(each: Sourced) -> Text:
    """The number in words; of what has none, what it is called."""
    from workflow.clock import in_words
    from workflow.limit import limit_from

    if each.number is None:
        return each.label
    limit = in_words(limit_from(each.number.limit))
    if each.number.extend is None:
        return limit
    return _EXTENDED.filled(limit=limit, by=in_words(limit_from(each.number.extend)))


def _source(each: Sourced) -> Text:
    """Where it was read, or that nobody has read it."""
    return _FROM_MEMORY if each.source == _FROM_MEMORY.en else Text(each.source, each.source)


def _span(each: Sourced) -> Text:
    begins, ends = each.in_force
    if begins and ends:
        return _FROM_TO.filled(begins=begins, ends=ends)
    return (_FROM if begins else _UNTIL if ends else Text("", "")).filled(begins=begins, ends=ends)


def _grid(found: Iterable[Sourced], lang: Lang) -> Grid:
    return Grid(
        tuple(Column(each.read(lang), wraps=each in (_SAYS, _BASIS, _SPAN)) for each in (_NAME, _SAYS, _BASIS, _SPAN, _VERIFIED)),
        tuple(
            (
                each.name,
                _says(each).read(lang),
                each.basis or each.source,
                _span(each).read(lang),
                Tinted("✓", Tone.GOOD) if each.verified else Tinted("?", Tone.WARN),
            )
            for each in found
        ),
    )  # fmt: skip


def _in_full(each: Sourced, lang: Lang) -> Iterator[Block]:
    yield Line((Tinted(each.label.read(lang), Tone.STRONG), f"  {each.home}.{each.name}"))
    if each.number:
        yield Line(_says(each).read(lang), indent=2)
    span = _span(each).read(lang)
    lines = (
        (_BASIS, each.basis or ""),
        (_SPAN, span),
        (_SOURCE, _source(each).read(lang)),
        (_PLACE, f"{each.file}:{each.line}"),
    )
    yield from (Line(f"{name.read(lang)}: {said}", indent=2) for name, said in lines if said)
    yield Line(Tinted(*((_CHECKED.read(lang), Tone.GOOD) if each.verified else (_UNCHECKED.read(lang), Tone.WARN))), indent=2)  # fmt: skip
    if each.used_by:
        yield Line(f"{_USED_BY.read(lang)}: {', '.join(each.used_by)}", indent=2)


def _to_check(each: Sourced, lang: Lang) -> Iterator[Block]:
    said = f"  {_says(each).read(lang)}" if each.number else ""
    span = _span(each).read(lang)
    yield Line(
        (Tinted(each.label.read(lang), Tone.STRONG), f"  {each.home}.{each.name}{said}", f"  {span}" if span else "")
    )
    yield Line((f"{each.file}:{each.line}  ", Tinted(_source(each).read(lang), Tone.DIM)), indent=2)
    if each.used_by:
        yield Line(f"{_USED_BY.read(lang)}: {', '.join(each.used_by)}", indent=2)


# What an adoption does.


def _adopted(each: Adopted, dry_run: bool, lang: Lang) -> Iterator[Block]:
    head = (_WOULD_BE if dry_run else _IS).filled(old=each.before.version, new=each.after.version).read(lang)
    yield Line((Tinted(each.after.title.read(lang), Tone.STRONG), f"  {each.after.id}  ", head))
    for clock in each.clocks:
        yield Line((f"{clock.label.read(lang)}: ", f"{clock.before.read(lang)} → {clock.after.read(lang)}"), indent=2)
    shifts = [shift for migration in each.migrations for shift in migration.shifts]
    yield from (_shift(shift, lang) for shift in shifts[:MOST_SHOWN])
    if len(shifts) > MOST_SHOWN:
        yield Line(_MORE.filled(count=len(shifts) - MOST_SHOWN).read(lang), indent=2)
    stays = [one for migration in each.migrations for one in migration.stays]
    for one in stays[:MOST_SHOWN]:
        yield from _stays(one, lang)
    for version, count in each.behind:
        yield Line((Tinted("! ", Tone.WARN), _BEHIND.filled(version=version, count=count).read(lang)), indent=2)
    count = sum(migration.moved for migration in each.migrations)
    said = (_WOULD_MOVE if dry_run else _MOVED).filled(cases=count, dates=len(shifts))
    yield Line((Tinted("✓ ", Tone.GOOD), said.read(lang)), indent=2)


def _shift(shift: Shift, lang: Lang) -> Line:
    begins, ends = shift.from_on or _NONE.read(lang), shift.to_on or _NONE.read(lang)
    return Line((shift.number, "  ", shift.label.read(lang), "  ", f"{begins} → {ends}"), indent=4)


def _stays(stays: Stays, lang: Lang) -> Iterator[Block]:
    yield Line((Tinted("✗ ", Tone.BAD), Tinted(stays.number, Tone.STRONG), f"  {stays.state}"), indent=2)
    yield from (Line((Tinted("- ", Tone.BAD), reason.text.read(lang)), indent=6) for reason in stays.reasons)


_THING = Text("法定期限或目录值", "limit or value of a catalogue")
_NAME = Text("名称", "Name")
_SAYS = Text("内容", "Says")
_BASIS = Text("依据", "Basis")
_SPAN = Text("施行", "In force")
_SOURCE = Text("来源", "Source")
_PLACE = Text("位置", "Place")
_VERIFIED = Text("核对", "Verified")
_FROM_MEMORY = Text("凭记忆", "from memory")
_USED_BY = Text("使用者", "used by")
_CHECKED = Text("已与原文核对", "compared with its text")
_UNCHECKED = Text("尚未与原文核对", "not yet compared with its text")
_EXTENDED = Text("{limit}（至多延长{by}）", "{limit} (extended by {by} at most)")
_FROM_TO = Text("{begins} 至 {ends}", "{begins} to {ends}")
_FROM = Text("{begins} 起", "from {begins}")
_UNTIL = Text("至 {ends}", "until {ends}")
_TO_CHECK = Text("{count} 项待核对：对照来源，改正后写 verified: true", "{count} to be checked: compare with the source, correct, write verified: true")  # fmt: skip
_ALL_CHECKED = Text("没有待核对的", "nothing is left to be checked")
_ADOPTING = Text("采用改动后的数字", "adopting changed numbers")
_NOTHING_NEW = Text("没有数字改动，在办事项的日期不变", "no number differs, and no open date moves")
_WOULD_BE = Text("第 {old} 版 → 将为第 {new} 版", "version {old} → would be {new}")
_IS = Text("第 {old} 版 → 第 {new} 版", "version {old} → {new}")
_WOULD_MOVE = Text("试运行，没有写入：{cases} 件事项将改按新版，{dates} 个日期将变动", "tried only, nothing written: {cases} case(s) would go over, {dates} date(s) would move")  # fmt: skip
_MOVED = Text("{cases} 件事项已改按新版，{dates} 个日期已变动，均有记录", "{cases} case(s) went over, {dates} date(s) moved, each on record")  # fmt: skip
_BEHIND = Text(
    "{count} 件事项按第 {version} 版办理，该版与新版不止数字不同，没有改动；请另写迁移计划",
    "{count} case(s) run under version {version}, which differs in more than numbers, and stay; write a plan of migration",
)
_MORE = Text("另有 {count} 个日期；--json 全部列出", "{count} more dates; --json lists them all")
_NONE = Text("（不计）", "(none)")
