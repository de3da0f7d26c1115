"""Working on cases: start, do, edit, why, todo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from terminal.clocks import Moved, last_days, moves
from terminal.failure import HELPERS, Helpers, reason_blocks, reason_facts
from terminal.looking import case_rows, hands_of, headline, is_provisional, sub_cases
from terminal.render import Block, Line, Tinted, Tone, write_talk
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from terminal.typed import data_of, suggestions
from workflow.case import EDIT, SHANGHAI, Actor, Option, Unmet
from workflow.errors import Invalid, Problem, Refused
from workflow.model import FieldType
from workflow.text import Lang, Text, listed
from workflow.words import BUILT_IN, value_in_words

if TYPE_CHECKING:
    from storage import Desk
    from storage.views import CaseView, Done
    from storage.worklist import NoticeView
    from workflow.model import Definition, Field

FEW_VALUES = 6
SHOWN_NOTICES = 8  # on a screen; --all and --json hold them all

_CASE = argument("case", metavar="CASE", says=Text("事项编号或内部标识", "number or id of the case"))
_SET = option(
    "--set",
    "pairs",
    metavar="K=V",
    multiple=True,
    says=Text(
        "填写内容项，可多次；K 为代码或名称，V 为值或名称，V 为空则清除，V 为 @文件 则取文件内容",
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
@argument("kind", says=Text("事项种类，如 document", "kind of case, such as document"))
@option("--title", metavar="T", required=True, says=Text("标题", "the title"))
@option("--section", metavar="S", says=Text("科室，默认本人科室", "the section; your own if not said"))
@_SET
@_REQUEST_ID
@_DRY_RUN
@in_session
def start(
    session: Session,
    kind: str,
    title: str,
    section: str | None,
    pairs: tuple[str, ...],
    request_id: str | None,
    dry_run: bool,
) -> None:
    """A new case; its number alone goes to stdout."""
    with session.desk() as desk:
        actor = session.actor(desk)
        definition = desk.definition(kind)
        data = data_of(definition, pairs, desk.now())
        if "title" in data:
            raise Invalid((Problem("twice", _TITLE_TWICE, field="title"),))
        with _explaining(definition):
            done = desk.start(
                actor, kind, title=title, section=section, data=data, request_id=request_id, dry_run=dry_run
            )
        _say_done(session, desk, done, dry_run, number_only=True)


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
    ),
    more=Text(
        "步骤可写代码（submit）或名称（报科室审核）；现在能办哪些，用 gongkai why 查看。",
        "A step goes by its name (submit) or label; gongkai why shows which are open.",
    ),
)
@_CASE
@argument("transition", required=False, says=Text("步骤，如 submit", "the step, such as submit"))
@_SET
@option("--comment", metavar="C", says=Text("意见", "a comment"))
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
            raise _no_step_said(desk, actor, case)
        data = data_of(there.definition, pairs, desk.now())
        with _explaining(there.definition):
            done = desk.fire(
                actor,
                case,
                _step(there, transition),
                data=data,
                comment=comment,
                expected_version=expect,
                request_id=request_id,
                dry_run=dry_run,
            )
        _say_done(session, desk, done, dry_run, before=there)


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
@_EXPECT
@_REQUEST_ID
@_DRY_RUN
@in_session
def edit(
    session: Session, case: str, pairs: tuple[str, ...], expect: int | None, request_id: str | None, dry_run: bool
) -> None:
    """Change fields that the state lets the actor change."""
    if not pairs:
        raise Invalid((Problem("nothing", _NOTHING_SET, field="set"),))
    with session.desk() as desk:
        actor = session.actor(desk)
        there = desk.case(actor, case)
        data = data_of(there.definition, pairs, desk.now())
        with _explaining(there.definition):
            done = desk.edit(actor, case, data=data, expected_version=expect, request_id=request_id, dry_run=dry_run)
        _say_done(session, desk, done, dry_run, before=there)


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
            wanted = _step(there, transition)
            options = tuple(each for each in options if each.transition == wanted) or _not_here(there, wanted)
        may_edit = desk.editable(actor, case)
        helpers, lang = helpers_of(there.definition), session.lang
        session.answer(
            {
                "case": there.to_json(),
                "options": [_option_facts(each, helpers) for each in options],
                "editable": list(may_edit),
            },
            headline(there, lang),
            *(block for each in options for block in _option_blocks(there, each, helpers, lang)),
            *([] if options else [Line(Tinted(session.read(_NO_STEPS), Tone.DIM))]),
            *([] if transition else _editable(there, may_edit, lang)),
        )


def _editable(there: CaseView, may_edit: tuple[str, ...], lang: Lang) -> Iterator[Block]:
    if may_edit:
        said = ((name, there.definition.fields[name].label.read(lang)) for name in may_edit)
        labels = (
            name if label == name else f"{name}{_IN_BRACKETS.filled(label=label).read(lang)}" for name, label in said
        )
        named = Text("、", ", ").read(lang).join(labels)
        yield Line((Tinted("✎ ", Tone.GOOD), Tinted("edit", Tone.STRONG), "  ", named))


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
        "comment_required": option.comment_required,
    }


def _option_blocks(there: CaseView, option: Option, helpers: Helpers, lang: Lang) -> Iterator[Block]:
    target = there.definition.states[option.target].label.read(lang)
    mark = Tinted("✓ ", Tone.GOOD) if option.allowed else Tinted("✗ ", Tone.BAD)
    yield Line((mark, Tinted(option.transition, Tone.STRONG), f"  {option.label.read(lang)} → {target}"))
    for reason in option.unmet:
        yield from reason_blocks(reason, lang, helpers)
    if option.allowed:
        for warning in option.warnings:
            yield Line((Tinted("! ", Tone.WARN), warning.text.read(lang)), indent=2)
        fields = there.definition.fields
        wanted = [f"--set {_to_type(fields[name])} ({fields[name].label.read(lang)})" for name in option.required]
        wanted += ["--comment …"] if option.comment_required else []
        if wanted:
            yield Line(_NEEDS.read(lang) + "  ".join(wanted), indent=2)


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
        if mark_read and mine.notices:
            desk.mark_read(actor, [each.id for each in mine.notices])
    blocks: list[Block] = []
    if mine.cases:
        blocks += [Line(Tinted(session.read(_WAITING.filled(count=len(mine.cases))), Tone.STRONG))]
        blocks += [case_rows(mine.cases, kinds, now, calendar, session.lang, whose=False)]
    if mine.notices:
        blocks += [Line("")] if mine.cases else []
        blocks += [Line(Tinted(session.read(_NOTICES.filled(count=len(mine.notices))), Tone.STRONG))]
        newest = sorted(mine.notices, key=lambda each: each.id, reverse=True)
        blocks += [_notice_line(each, session.lang) for each in (newest if everything else newest[:SHOWN_NOTICES])]
        if len(newest) > SHOWN_NOTICES and not everything:
            blocks += [Line(Tinted(session.read(_OLDER.filled(count=len(newest) - SHOWN_NOTICES)), Tone.DIM), indent=2)]
    if not blocks:
        blocks += [Line(session.read(_NOTHING_WAITS.filled(name=actor.name)))]
    session.answer(
        {
            "cases": [{**each.to_json(), "provisional": is_provisional(each, calendar)} for each in mine.cases],
            "notices": [each.to_json() for each in mine.notices],
            "next": None,
            "more": mine.more,
        },
        *blocks,
    )


def _notice_line(notice: NoticeView, lang: Lang) -> Line:
    when = notice.created_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
    return Line((Tinted(f"{when}  ", Tone.DIM), notice.text.read(lang)), indent=2, hang=13)


# What was done.


def _say_done(
    session: Session,
    desk: Desk,
    done: Done,
    dry_run: bool,
    number_only: bool = False,
    before: CaseView | None = None,
) -> None:
    """The case as it now stands on stdout; warnings and remarks on stderr."""
    helpers, warnings = helpers_of(done.case.definition), done.warnings
    facts: dict[str, object] = {
        "case": done.case.to_json(),
        "warnings": [reason_facts(each, helpers) for each in warnings],
        "repeated": done.repeated,
        "dry_run": dry_run,
        "moved": [each.to_json() for each in moves(before, done.case)],
        "went_on": _woken_facts(*done.woken) if done.woken else None,
    }
    lang = session.lang
    told = tuple(_told(session, desk, done, dry_run, before))
    if number_only and not session.json:
        number = done.case.case.number
        session.answer(facts, Line(number))
        if not session.quiet:
            write_talk(told if dry_run else (*told, Line(session.read(_NEXT.filled(number=number)), indent=2)))
    else:
        session.answer(facts, *told)
    if not session.quiet:
        write_talk(Line((Tinted("! ", Tone.WARN), each.text.read(lang))) for each in warnings)


def _told(session: Session, desk: Desk, done: Done, dry_run: bool, before: CaseView | None) -> Iterator[Block]:
    lang, case, definition = session.lang, done.case.case, done.case.definition
    if dry_run:
        yield Line(Tinted(_DRY.read(lang), Tone.WARN))
    if done.repeated:
        yield Line(Tinted(_REPEATED.read(lang), Tone.WARN))
    # An automatic step may have followed in the same commit: what counts is where the case stands.
    target = definition.states[done.event.target if done.repeated else case.state].label.read(lang)
    source = definition.states[done.event.source].label.read(lang) if done.event.source else None
    way = target if source in (None, target) else f"{source} → {target}"
    yield Line((Tinted("✓ ", Tone.GOOD), Tinted(case.number, Tone.STRONG), f"  {way}"))
    if done.event.transition == EDIT:
        for name, value in done.event.data.items():
            yield Line(
                f"{definition.fields[name].label.read(lang)}{Text('：', ': ').read(lang)}"
                f"{value_in_words(definition, name, value).read(lang)}",
                indent=2,
            )
    if case.waits_for:
        yield Line(_NOW_WITH.filled(hands=hands_of(done.case, lang)).read(lang), indent=2)
    yield from _moved(moves(before, done.case), lang)
    yield from last_days(done.case, desk.now(), lang)
    stood = before.case.children if before else ()
    yield from sub_cases(done.case, (each for each in done.case.children if each not in stood), lang)
    if done.woken:
        before, after = done.woken
        yield from _woken(before, after, lang)


def _moved(moved: tuple[Moved, ...], lang: Lang) -> Iterator[Block]:
    if moved:
        yield Line(Tinted(_MOVED.read(lang), Tone.STRONG), indent=2)
        yield from (each.line(lang) for each in moved)


def _woken_facts(before: CaseView, after: CaseView) -> dict[str, object]:
    moved = [each.to_json() for each in moves(before, after)]
    return {"number": after.case.number, "from": before.case.state, "to": after.case.state, "moved": moved}


def _woken(before: CaseView, after: CaseView, lang: Lang) -> Iterator[Block]:
    """The case that waited for this one: it went on in the same commit, with its clocks."""
    old, new = (each.definition.states[each.case.state].label.read(lang) for each in (before, after))
    number = Tinted(after.case.number, Tone.STRONG)
    yield Line((Tinted("✓ ", Tone.GOOD), number, f"  {old} → {new}", _WENT_ON.read(lang)))
    yield from _moved(moves(before, after), lang)


# Names and suggestions.


def _no_step_said(desk: Desk, actor: Actor, case: str) -> Invalid:
    """The complaint that no step was named, with those that are open to the actor."""
    open_ones = [each for each in desk.options(actor, case) if each.allowed]
    text = _SAY_A_STEP.filled(
        case=case,
        known=Text("、".join(f"{each.transition}（{each.label.zh}）" for each in open_ones),
                   ", ".join(f"{each.transition} ({each.label.en})" for each in open_ones)),
    ) if open_ones else _NOTHING_OPEN.filled(case=case)  # fmt: skip
    return Invalid((Problem("missing-transition", text, field="transition"),))


def _step(there: CaseView, said: str) -> str:
    """The step that was meant, by name or by label; what the definition does not know is refused with what is near."""
    definition = there.definition
    if said in definition.transitions:
        return said
    wanted = said.casefold()
    for step in definition.transitions.values():
        if wanted in (step.name.casefold(), step.label.zh, step.label.en.casefold()):
            return step.name
    nearest = set(suggestions(said, definition.transitions))
    near = [step for step in definition.transitions.values() if step.name in nearest]
    facts = {
        "name": said, "kind": definition.title, "version": definition.version, "case": there.case.number,
        "known": Text("、".join(f"{each.name}（{each.label.zh}）" for each in near),
                      ", ".join(f"{each.name} ({each.label.en})" for each in near)),
    }  # fmt: skip
    raise Invalid(
        (Problem("unknown-transition", (_NO_STEP_NEAR if near else _NO_STEP).filled(**facts), field="transition"),)
    )


def _not_here(there: CaseView, wanted: str) -> tuple[Option, ...]:
    """A step that this state does not offer, with that as its reason."""
    step = there.definition.transitions[wanted]  # type: ignore[index]
    states = [there.definition.states[each].label for each in step.sources]
    text = _NOT_IN_STATE.filled(
        state=there.definition.states[there.case.state].label,
        states=listed(states),
    )
    return (Option(step.name, step.label, step.target, False, (Unmet("state", text, "state"),), (), (), (), False),)


@contextmanager
def _explaining(definition: Definition) -> Iterator[None]:
    """A refusal that leaves here knows what its steps and states are called, and on what each rule rests."""
    try:
        yield
    except Refused as refused:
        refused.facts[HELPERS] = helpers_of(definition)
        raise


def helpers_of(definition: Definition) -> Helpers:
    """What steps and states are called, and the basis of each guard."""
    words: dict[str, Text] = dict(BUILT_IN)
    words |= {str(step.name): step.label for step in definition.transitions.values()}
    words.update((str(state.name), state.label) for state in definition.states.values())
    ways = {name: f"--set {_to_type(field)}" for name, field in definition.fields.items()}
    ways |= {"comment": "--comment …", "title": "--title …"}
    return Helpers(words, {guard.name: guard.basis for guard in definition.guards.values() if guard.basis}, ways)


def _to_type(field: Field) -> str:
    """A field as it is typed, with its values where they are few."""
    values = tuple(field.choices)
    if field.type == FieldType.BOOL:
        values = ("true", "false")
    return f"{field.name}={'|'.join(values[:FEW_VALUES]) + ('|…' if len(values) > FEW_VALUES else '') or '…'}"


_TITLE_TWICE = Text("标题请只用 --title 填写", "say the title with --title only")
_NOTHING_SET = Text("没有要改的内容；请用 --set 内容项=值", "nothing to change; say --set FIELD=VALUE")
_IN_BRACKETS = Text("（{label}）", " ({label})")
_NEEDS = Text("须同时填写：", "needs with it: ")
_NO_STEPS = Text("这个环节没有可办的步骤", "there is no step from here")
_OLDER = Text(
    "……另有更早的 {count} 条：--all 全部列出，--read 标为已读",
    "… and {count} older: --all lists them, --read marks them as read",
)
_NOTICES = Text("通知（{count}）", "Told ({count})")
_WAITING = Text("待办（{count}）", "Waiting ({count})")
_NOTHING_WAITS = Text("{name}，没有待办事项", "{name}: nothing waits for you")
_MOVED = Text("时限变动：", "clocks that move:")
_WENT_ON = Text("（等候的事项随即续办）", " (the case that waited for it went on)")
_NEXT = Text(
    "接下来能办什么、还缺什么：gongkai why {number}", "what comes next, and what is missing: gongkai why {number}"
)
_DRY = Text("试运行，没有写入：", "dry run, nothing was written:")
_REPEATED = Text("这个请求以前已办，没有重办：", "this request was acted on before; not done again:")
_NOW_WITH = Text("现由{hands}办理", "now with {hands}")
_NO_STEP_NEAR = Text(
    "本事项依“{kind}”第 {version} 版办理，该版没有步骤“{name}”；您要的是 {known}吗？",
    "this case goes by version {version} of {kind}, which has no step “{name}”; did you mean {known}?",
)
_NO_STEP = Text(
    "本事项依“{kind}”第 {version} 版办理，该版没有步骤“{name}”；您现在能办哪些：gongkai why {case}",
    "this case goes by version {version} of {kind}, which has no step “{name}”; for what you may do now: gongkai why {case}",
)
_SAY_A_STEP = Text(
    "缺少 TRANSITION：请写明步骤；您现在可办：{known}", "TRANSITION is missing: name the step; open to you now: {known}"
)
_NOTHING_OPEN = Text(
    "缺少 TRANSITION：您现在没有可办的步骤；原因见 gongkai why {case}",
    "TRANSITION is missing: no step is open to you now; see gongkai why {case}",
)
_NOT_IN_STATE = Text(
    "现为“{state}”，本步骤只能在“{states}”办理", "the case is in {state}; this step starts from {states}"
)
