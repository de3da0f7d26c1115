"""Working on cases: start, do, edit, why, todo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from terminal.acts import PARAMETERS, told_with
from terminal.done import say_done
from terminal.failure import Helpers, reason_facts, reasons_blocks
from terminal.looking import case_rows, headline, is_provisional
from terminal.meant import KIND_SAYS, definition_meant
from terminal.naming import explaining, helpers_of, no_step_said, not_here, step_meant, to_type
from terminal.posts import called, roles_of
from terminal.render import Block, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.standing_in import entrusted, entrusted_facts, entrusted_said, marks, only_for
from terminal.tongue import Example, argument, command, missing, option
from terminal.typed import data_of
from workflow.case import SHANGHAI, Option, business_date
from workflow.errors import Invalid, Problem
from workflow.text import Lang, Text

if TYPE_CHECKING:
    from storage.inbox import NoticeView
    from storage.readings import ToRead
    from storage.views import CaseView

SHOWN_NOTICES = 8  # on a screen; --all and --json hold them all

_CASE = argument("case", metavar="CASE", says=Text("事项编号或内部标识", "number or id of the case"))
_COMMENT = option("--comment", metavar="C", says=Text("意见", "a comment"))
_SET = option(
    "--set",
    "pairs",
    metavar="K=V",
    multiple=True,
    says=Text(
        "填写内容项，可多次；项为代码或名称，值为内容或其名称，留空则清除，值为 @文件 则取文件内容",
        "fill in a field, again for more; K its name or label, V a value or its label; empty clears, @FILE reads a file",
    ),
)
_REQUEST_ID = option(
    "--request-id",
    metavar="ID",
    says=Text("请求号：同一请求号重发不会重办", "request id: the same one again acts only once"),
)
_EXPECT = option(
    "--expect",
    metavar="N",
    type=int,
    says=Text("事项须仍为第 N 版，否则不办", "only if the case is still at version N"),
)
_DRY_RUN = option("--dry-run", is_flag=True, says=Text("只看结果，不写入", "show what would happen, change nothing"))


@command(
    examples=(
        Example(
            "gongkai start document --title 关于印发预算管理办法的通知 --as wangmin",
            Text("起草，科室为本人科室", "a draft, in my own section"),
        ),
        Example(
            "gongkai start document --title 办法 --section 预算科 --set 公开属性=主动公开 --as wangmin",
            Text("同时标注属性", "tagged at once"),
        ),
    ),
)
@argument("kind", says=KIND_SAYS)
@option("--title", metavar="T", needed=True, says=Text("标题", "the title"))
@option(
    "--section",
    metavar="S",
    says=Text(
        "科室，默认本人任职的科室；职务不分科室的（如局办公室）须写明",
        "the section, your own if not said; to be named where your post is of no section, as that of the Office",
    ),
)
@_SET
@_REQUEST_ID
@_DRY_RUN
@in_session
def start(
    session: Session,
    kind: str,
    title: str | None,
    section: str | None,
    pairs: tuple[str, ...],
    request_id: str | None,
    dry_run: bool,
) -> None:
    """A new case; its number alone goes to stdout."""
    with session.desk() as desk:
        actor = session.actor(desk)
        definition = definition_meant(desk, kind)
        if title is None:
            raise missing("title")
        data = data_of(definition, pairs, desk.now())
        if "title" in data:
            raise Invalid((Problem("twice", _TITLE_TWICE, field="title"),))
        with explaining(definition):
            done = desk.start(
                actor, definition.id, title=title, section=section, data=data, request_id=request_id, dry_run=dry_run
            )
        say_done(session, desk, done, dry_run, number_only=True)


@command(
    examples=(
        Example("gongkai do DOC-2026-00014 submit --as wangmin", Text("报科室审核", "submit to the section head")),
        Example(
            "gongkai do DOC-2026-00011 return --comment 请补充理由 --as sunli",
            Text("退文，须写意见", "return it; a comment is required"),
        ),
        Example(
            "gongkai do DOC-2026-00005 sign --dry-run --as linfang", Text("先看签发会怎样", "what would signing do")
        ),
        Example(
            "gongkai do DOC-2026-00011 circulate --set to=罗娟,林芳 --comment 请阅研 --as zhoujing",
            Text("传阅给指定的人", "let named persons read it"),
        ),
        Example(
            "gongkai do DOC-2026-00009 transfer --set section=国库科 --comment 属国库科职责 --as zhoujing",
            Text("转往另一科室", "hand it on to another section"),
        ),
    ),
    more=Text(
        "步骤可写代码（submit）或名称（报科室审核）；现在能办哪些，用 gongkai why 查看。签收、催办、撤回、转办、传阅、已阅、说明逾期原因等日常办件同样办理。",
        "A step goes by its name (submit) or label; gongkai why shows which are open. Everyday acts are done in the same way: sign_for, "
        "urge, take_back, transfer, circulate, read, explain_lateness.",
    ),
)
@_CASE
@argument("transition", required=False, says=Text("步骤，如 submit", "the step, such as submit"))
@_SET
@_COMMENT
@_EXPECT
@_REQUEST_ID
@_DRY_RUN
@in_session
def do(
    session: Session,
    case: str,
    transition: str | None,
    pairs: tuple[str, ...],
    comment: str | None,
    expect: int | None,
    request_id: str | None,
    dry_run: bool,
) -> None:
    """One step."""
    with session.desk() as desk:
        actor = session.actor(desk)
        there = desk.case(actor, case)
        if transition is None:
            raise no_step_said(desk, actor, case)
        step = step_meant(there, transition)
        data = told_with(there.definition, step, pairs, lambda: desk.people(actor)) or data_of(
            there.definition, pairs, desk.now()
        )
        with explaining(there.definition, step):
            done = desk.fire(
                actor,
                case,
                step,
                data=data,
                comment=comment,
                expected_version=expect,
                request_id=request_id,
                dry_run=dry_run,
            )
        say_done(session, desk, done, dry_run, before=there)


@command(
    examples=(
        Example(
            "gongkai edit DOC-2026-00014 --set attribute=withheld --set reason_text=涉及投标企业的报价构成 --as wangmin",
            Text("改公开属性和理由", "change the attribute and its reason"),
        ),
        Example("gongkai edit DOC-2026-00014 --set is_policy= --as wangmin", Text("清除一项", "clear a field")),
    ),
)
@_CASE
@_SET
@_COMMENT
@_EXPECT
@_REQUEST_ID
@_DRY_RUN
@in_session
def edit(
    session: Session,
    case: str,
    pairs: tuple[str, ...],
    comment: str | None,
    expect: int | None,
    request_id: str | None,
    dry_run: bool,
) -> None:
    """Change fields that the state lets the actor change."""
    if not pairs:
        raise Invalid((Problem("nothing", _NOTHING_SET, field="set"),))
    with session.desk() as desk:
        actor = session.actor(desk)
        there = desk.case(actor, case)
        data = data_of(there.definition, pairs, desk.now())
        with explaining(there.definition):
            done = desk.edit(
                actor,
                case,
                data=data,
                comment=comment,
                expected_version=expect,
                request_id=request_id,
                dry_run=dry_run,
            )
        say_done(session, desk, done, dry_run, before=there)


@command(
    examples=(
        Example("gongkai why DOC-2026-00011 --as sunli", Text("现在能办什么", "what can be done now")),
        Example(
            "gongkai why DOC-2026-00011 accept --as sunli", Text("为什么不能核稿通过", "why it cannot be accepted")
        ),
    ),
)
@_CASE
@argument("transition", required=False, says=Text("只看这一步", "this step only"))
@in_session
def why(session: Session, case: str, transition: str | None) -> None:
    """What may be done, what not, everything that is missing, and who can help."""
    with session.desk() as desk:
        actor = session.actor(desk)
        there = desk.case(actor, case)
        options = desk.options(actor, case)
        if transition:
            wanted = step_meant(there, transition)
            options = tuple(each for each in options if each.transition == wanted) or not_here(there, wanted)
        may_edit = desk.editable(actor, case)
        shown = [each for each in options if transition or not each.is_act]
        helpers, lang = helpers_of(there.definition), session.lang
        session.answer(
            {
                "case": there.to_json(),
                "options": [_option_facts(each, helpers) for each in options],
                "editable": list(may_edit),
            },
            headline(there, lang),
            *(block for each in shown for block in _option_blocks(there, each, lang)),
            *([] if shown else [Line(Tinted(session.read(_NO_STEPS), Tone.DIM))]),
            *([] if transition else _editable(there, may_edit, lang)),
            *([] if transition else _acts(options, lang)),
        )


def _editable(there: CaseView, may_edit: tuple[str, ...], lang: Lang) -> Iterator[Block]:
    if may_edit:
        said = ((name, there.definition.fields[name].label.read(lang)) for name in may_edit)
        labels = (
            name if label == name else f"{name}{_IN_BRACKETS.filled(label=label).read(lang)}" for name, label in said
        )
        named = Text("、", ", ").read(lang).join(labels)
        yield Line((Tinted("✎ ", Tone.GOOD), Tinted("edit", Tone.STRONG), "  ", named))


def _acts(options: Iterable[Option], lang: Lang) -> Iterator[Block]:
    """The everyday acts that are open to the actor, in one line: what stands in the way of one, `why CASE ACT` says."""
    if mine := [f"{each.transition} ({each.label.read(lang)})" for each in options if each.is_act and each.allowed]:
        yield Line((Tinted("· ", Tone.GOOD), _ALSO.read(lang), Text("、", ", ").read(lang).join(mine)))


def _option_facts(option: Option, helpers: Helpers) -> dict[str, object]:
    return {
        "transition": option.transition,
        **option.label.to_json(),
        "to": option.target,
        "allowed": option.allowed,
        "reasons": [reason_facts(each, helpers) for each in option.unmet],
        "warnings": [reason_facts(each, helpers) for each in option.warnings],
        "required": list(option.required),
        "optional": list(option.optional),
        "with_it": [reason_facts(each, helpers) for each in option.with_it],
        "comment_required": option.comment_required,
        "only_if": option.only_if.to_json() if option.only_if else None,
        "act": option.is_act,
    }


def _option_blocks(there: CaseView, option: Option, lang: Lang) -> Iterator[Block]:
    way = "" if option.is_act else f" → {there.definition.states[option.target].label.read(lang)}"
    mark = Tinted("✓ ", Tone.GOOD) if option.allowed else Tinted("✗ ", Tone.BAD)
    yield Line((mark, Tinted(option.transition, Tone.STRONG), f"  {option.label.read(lang)}{way}"))
    yield from reasons_blocks(option.unmet, lang, helpers_of(there.definition, option.transition))
    if option.allowed:
        if option.only_if:
            yield Line(Tinted(_ONLY_IF.filled(condition=option.only_if).read(lang), Tone.DIM), indent=2)
        for warning in option.warnings:
            yield Line((Tinted("! ", Tone.WARN), warning.text.read(lang)), indent=2)
    yield from _form_blocks(there, option, lang)


def _form_blocks(there: CaseView, option: Option, lang: Lang) -> Iterator[Block]:
    """What is typed with a step: what it must hold, and what else by what the case holds; of a step that is shut, too."""
    fields = there.definition.fields

    def typed(name: str) -> str:
        return f"--set {to_type(fields[name])} ({fields[name].label.read(lang)})"

    wanted = [typed(name) for name in option.required if name in fields]
    wanted += [f"--set {name}=… ({PARAMETERS[name].read(lang)})" for name in option.required if name not in fields]
    wanted += ["--comment …"] if option.comment_required else []
    if wanted:
        yield Line(_NEEDS.read(lang) + "  ".join(wanted), indent=2)
    asked = {name for each in option.with_it if not each.hangs_on for name in each.fields}
    if besides := [typed(name) for name in option.optional if name in asked]:
        yield Line(_AS_IT_MAY_BE.read(lang) + "  ".join(besides), indent=2)
    if any(each.hangs_on for each in option.with_it):
        yield Line(Tinted(_MORE.read(lang), Tone.DIM), indent=2)


@command(
    examples=(
        Example("gongkai todo --as wangmin", Text("王敏的待办", "what waits for wangmin")),
        Example("gongkai todo --read --as wangmin", Text("看过后把通知标为已读", "and mark the notices as read")),
    ),
)
@option("--read", "mark_read", is_flag=True, says=Text("把列出的通知标为已读", "mark the listed notices as read"))
@option("--all", "everything", is_flag=True, says=Text("列出全部通知", "every notice, however many"))
@in_session
def todo(session: Session, mark_read: bool, everything: bool) -> None:
    """What waits for the actor, and what they were told."""
    with session.desk() as desk:
        actor = session.actor(desk)
        mine = desk.worklist(actor)
        kinds = {each.definition: desk.definition_of(each.definition) for each in mine.cases}
        now, calendar = desk.now(), desk.calendar
        today = business_date(now)
        posts, others = entrusted(actor, today), {each.id: only_for(actor, each, today) for each in mine.cases}
        people = desk.people(actor) if posts else ()  # the register is not read for who acts for nobody
        names, roles = {each.id: called(each) for each in people}, roles_of(desk) if posts else {}
        trusts = [(post, entrusted_said(post, roles, names)) for post in posts]
        if mark_read and mine.notices:
            desk.mark_read(actor, [each.id for each in mine.notices])
    blocks: list[Block] = []
    if mine.cases:
        blocks += [Line(Tinted(session.read(_WAITING.filled(count=len(mine.cases))), Tone.STRONG))]
        beside = marks(others, {each.id: each.name for each in people})
        blocks += [case_rows(mine.cases, kinds, now, calendar, session.lang, beside)]
    if trusts:
        blocks += [Line("")] if mine.cases else []
        blocks += [Line(Tinted(session.read(_TRUSTS.filled(count=len(trusts))), Tone.STRONG))]
        blocks += [Line(said.read(session.lang), indent=2) for _, said in trusts]
    if mine.notices:
        blocks += [Line("")] if blocks else []
        blocks += [Line(Tinted(session.read(_NOTICES.filled(count=len(mine.notices))), Tone.STRONG))]
        newest = sorted(mine.notices, key=lambda each: each.id, reverse=True)
        blocks += [_notice_line(each, session.lang) for each in (newest if everything else newest[:SHOWN_NOTICES])]
        if len(newest) > SHOWN_NOTICES and not everything:
            blocks += [Line(Tinted(session.read(_OLDER.filled(count=len(newest) - SHOWN_NOTICES)), Tone.DIM), indent=2)]
    if mine.to_read:
        blocks += [Line("")] if blocks else []
        blocks += [Line(Tinted(session.read(_TO_READ.filled(count=len(mine.to_read))), Tone.STRONG))]
        blocks += [_to_read_line(each, session.lang) for each in mine.to_read]
    if not blocks:
        blocks += [Line(session.read(_NOTHING_WAITS.filled(name=actor.name)))]
    session.answer(
        {
            "cases": [
                {**each.to_json(), "provisional": is_provisional(each, calendar), "for": list(others[each.id])}
                for each in mine.cases
            ],
            "delegations": [entrusted_facts(*each) for each in trusts],
            "notices": [each.to_json() for each in mine.notices],
            "to_read": [each.to_json() for each in mine.to_read],
            "next": None,
            "more": mine.more,
        },
        *blocks,
    )


def _notice_line(notice: NoticeView, lang: Lang) -> Line:
    when = notice.created_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
    return Line((Tinted(f"{when}  ", Tone.DIM), notice.text.read(lang)), indent=2, hang=13)


def _to_read_line(wanted: ToRead, lang: Lang) -> Line:
    said = _FROM.filled(name=wanted.asked_by, purpose=wanted.purpose).read(lang)
    return Line((Tinted(wanted.number, Tone.STRONG), f"  {wanted.title}  ", Tinted(said, Tone.DIM)), indent=2)


# What was done.


_TITLE_TWICE = Text("标题请只用 --title 填写", "say the title with --title only")
_NOTHING_SET = Text("没有要改的内容；请用 --set 内容项=值", "nothing to change; say --set FIELD=VALUE")
_IN_BRACKETS = Text("（{label}）", " ({label})")
_ONLY_IF = Text("填写后须满足：{condition}", "what is filled in must make it so that {condition}")
_NEEDS = Text("须同时填写：", "needs with it: ")
_AS_IT_MAY_BE = Text("须同时填写（视情况）：", "to be filled in with it, as the case may be: ")
_MORE = Text("视所填内容，可能还有要求", "by what is filled in, more may be asked for")
_ALSO = Text("另可：", "also: ")
_NO_STEPS = Text("这个环节没有可办的步骤", "there is no step from here")
_OLDER = Text(
    "……另有更早的 {count} 条：--all 全部列出，--read 标为已读",
    "… and {count} older: --all lists them, --read marks them as read",
)
_NOTICES = Text("通知（{count}）", "Told ({count})")
_TRUSTS = Text("受托代办（{count}）", "Entrusted to you ({count})")
_WAITING = Text("待办（{count}）", "Waiting ({count})")
_TO_READ = Text("待阅 {count} 件（阅后办理 read）：", "{count} to read (then do `read`):")
_FROM = Text("{name}：{purpose}", "{name}: {purpose}")
_NOTHING_WAITS = Text("{name}，没有待办事项", "{name}: nothing waits for you")
