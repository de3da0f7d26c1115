"""Looking at cases: show, history, list."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from terminal.acts import act_lines, circulated, handed_over, receipt_facts, receipt_in_words, slip_of
from terminal.attachments import paper_lines
from terminal.clocks import clock_blocks, derivation_facts, ends, last_day, why_late
from terminal.lateness import Fact, Lateness
from terminal.meant import kind_meant, section_meant, state_meant
from terminal.moved import what_a_migration_changed
from terminal.render import Block, Column, Grid, Line, Tinted, Tone, Words
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from workflow.case import (
    ERASE,
    ESCALATE,
    FROM,
    MIGRATE,
    PARENT,
    PARENT_NUMBER,
    RECOMPUTE,
    REMIND,
    REORGANISE,
    SECTION,
    SECTION_BEFORE,
    SLOT,
    SYSTEM,
    UNMANNED,
    Actor,
    Event,
    RoleName,
    Scalar,
    StateName,
    SubCase,
    TransitionName,
    business_date,
    moment,
)
from workflow.clock import NO_LONGER_PROVISIONAL, start_of
from workflow.history import OF_PAPERS
from workflow.judge import SYSTEM_NAME
from workflow.papers import papers_of
from workflow.text import Lang, Text, listed
from workflow.words import step_label, value_in_words

if TYPE_CHECKING:
    from storage import Desk
    from storage.views import CaseView
    from storage.worklist import CaseRowView
    from workflow.model import Definition
    from workflow.workdays import Calendar

USUAL = 50  # cases of one list

_CASE = argument("case", metavar="CASE", says=Text("事项编号或内部标识", "number or id of the case"))


@command(
    examples=(
        Example("gongkai show DOC-2026-00005 --explain --as linfang", Text("时限逐日说明", "its dates, day by day")),
    )
)
@_CASE
@option("--explain", is_flag=True, says=Text("逐日列出每个时限", "every clock day by day"))
@option(
    "--reveal",
    is_flag=True,
    says=Text("完整显示您的岗位可以查看的个人信息", "personal data in full, where your post may see them"),
)
@in_session
def show(session: Session, case: str, explain: bool, reveal: bool) -> None:
    """A case with its clocks."""
    with session.desk() as desk:
        actor = session.actor(desk)
        there, clocks = desk.case(actor, case, reveal=reveal), desk.clocks(actor, case)
        events = desk.history(actor, case)
        why = handed_over(there, events, session.lang)
        read_by, readers = circulated(desk, actor, events, session.lang)
        late = Lateness(there, clocks, events)
        told = (*([(_READERS, readers)] if readers else []), *late.lines(session.lang))
        facts: dict[str, object] = {
            "case": there.to_json(),
            "clocks": [
                {
                    **each.ended_json(),
                    "because": cause.to_json() if (cause := why_late(there, each, clocks, events)) else None,
                }
                for each in clocks
            ],
            "signed_for": receipt_facts(there, events),
            "circulated": read_by,
            "lateness": late.to_json(),
            "attachments": [each.to_json() for each in papers_of(events)],
        }
        if explain:
            facts["derivations"] = [derivation_facts(each) for each in there.deadlines]
        session.answer(
            facts,
            *_head(there, why, told, events, session.lang),
            *_children(there, session.lang),
            *paper_lines(events, session.lang),
            *clock_blocks(desk, there, clocks, events, explain, session.lang),
        )


def _head(there: CaseView, why: str, told: Iterable[Fact], events: Sequence[Event], lang: Lang) -> Iterator[Block]:
    case, definition = there.case, there.definition
    parent = str(events[0].data.get(PARENT_NUMBER) or "")
    receipt = receipt_in_words(there, events, lang)
    yield Line((Tinted(case.number, Tone.STRONG), "  ", Tinted(case.title, Tone.STRONG)))
    is_called_so = any(field.label.zh == _KIND.zh for field in definition.fields.values())
    facts: list[Fact] = [
        (
            _KIND_OF_CASE if is_called_so else _KIND,
            _BY_VERSION.filled(title=definition.title, version=definition.version).read(lang),
        ),
        (_STATE, Tinted(definition.state_named(case.state).label.read(lang), Tone.HEAD)),
        (_SECTION, case.section),
        (_HANDS, (hands_of(there, lang) or "—") + why),
        (_SINCE, moment(case.entered_at)),
        *([(_RECEIPT, receipt)] if receipt else []),
        *told,
        (_VERSION, str(case.version)),
    ]
    public = definition.state_named(case.state).public
    facts += [(_PARENT_LABEL, parent)] if parent else []
    facts += [(_PUBLIC, public.read(lang))] if public else []
    facts += [
        (definition.fields[name].label, value_in_words(definition, name, value, there.revealed).read(lang))
        for name, value in case.data.items()
        if name != "title" and name in definition.fields
    ]
    yield Grid(
        (Column(""), Column("", wraps=True)),
        tuple((Tinted(name.read(lang), Tone.DIM), value) for name, value in facts),
        indent=2,
        headed=False,
    )


def _children(there: CaseView, lang: Lang) -> Iterator[Block]:
    """The sub-cases, the cases that it names and those that name it, each under their heading."""
    if there.children:
        yield Line(Tinted(_SUB_CASES.read(lang), Tone.STRONG))
        yield from sub_cases(there, there.children, lang)
    for heading, others in ((_LINKS, there.links), (_LINKED_BY, there.linked_by)):
        if others:
            yield Line(Tinted(heading.read(lang), Tone.STRONG))
        for each in others:
            field = there.definition.fields[each.slot].label.read(lang) + "  " if heading is _LINKS else ""
            shown = (f"  {each.title}", Tinted(f"  [{each.state_label.read(lang)}]", Tone.HEAD))
            yield Line((field, Tinted(each.number, Tone.STRONG), *(shown if there.may_show(each) else ())), indent=2)


def sub_cases(there: CaseView, which: Iterable[SubCase], lang: Lang) -> Iterator[Block]:
    """Sub-cases of a case: which, where, how far."""
    for each in which:
        known = there.definition.children.get(each.slot)
        slot = known.label.read(lang) if known else each.slot
        mark = Tinted("✓ ", Tone.GOOD) if each.closed_at else Tinted("… ", Tone.WARN)
        state = Tinted(f"  [{each.state_label.read(lang)}]", Tone.HEAD)
        yield Line(
            (mark, f"{slot}  ", Tinted(each.number, Tone.STRONG), f"  {each.section}  {each.title}", state), indent=2
        )


def hands_of(there: CaseView, lang: Lang) -> str:
    """Whose turn it is: the role and the names of those who hold it; empty where it is nobody's."""
    whose = there.whose
    if whose is None:
        return ""
    names = Text("、".join(whose.people), ", ".join(whose.people))
    return (
        _HELD_BY.filled(role=whose.label, names=names) if whose.people else _HELD_BY_NOBODY.filled(role=whose.label)
    ).read(lang)


@command(examples=(Example("gongkai history DOC-2026-00005 --json --as zhengyan", Text("供程序读取", "for programs")),))
@_CASE
@in_session
def history(session: Session, case: str) -> None:
    """The story of a case."""
    from storage.views import event_json

    with session.desk() as desk:
        actor = session.actor(desk)
        there = desk.case(actor, case)
        events = desk.history(actor, case)
        names = {each.id: each.name for each in desk.people(actor)} if any(e.on_behalf_of for e in events) else {}
        last_on = ends(desk.clocks(actor, case))
        session.answer(
            {
                "case": there.to_json(),
                "events": [event_json(each, desk.definition_of(each.definition)) for each in events],
            },
            headline(there, session.lang),
            *_story(events, desk.definition_of, names, last_on, session.lang),
        )


def headline(there: CaseView, lang: Lang) -> Line:
    """A case in one line."""
    state = there.definition.state_named(there.case.state).label.read(lang)
    return Line((Tinted(there.case.number, Tone.STRONG), f"  {there.case.title}  ", Tinted(f"[{state}]", Tone.HEAD)))


def _story(
    events: Iterable[Event],
    definition_of: Callable[[str], Definition],
    names: Mapping[str, str],
    last_on: Mapping[tuple[str, int], str],
    lang: Lang,
) -> Iterator[Block]:
    before: dict[str, Scalar] = {}
    for event in events:
        definition = definition_of(event.definition)
        who = SYSTEM_NAME.read(lang) if event.actor == SYSTEM else event.actor_name
        if event.on_behalf_of:
            who = (
                (_MOVED if event.automatic else _FOR)
                .filled(who=who, principal=names.get(event.on_behalf_of, event.on_behalf_of))
                .read(lang)
            )
        label = step_label(definition, event.transition).read(lang)
        left = _left(definition_of, event)
        way = _way(definition, left, event, lang)
        mark = Tinted(_AUTOMATIC.read(lang), Tone.WARN) if event.automatic else ""
        yield Line(
            (
                Tinted(f"{event.seq}  {moment(event.at)}  ", Tone.DIM),
                Tinted(who, Tone.STRONG),
                f"  {label}",
                mark,
                way,
            ),
            indent=3 - len(str(event.seq)),
            hang=23 - 3 + len(str(event.seq)),
        )
        for line in _changes(definition, left, event, before, last_on, lang):
            yield Line(line, indent=23)
        if said := event.comment or slip_of(definition, event, lang):
            head = _BY_NOTICE if event.transition == RECOMPUTE else _COMMENT
            yield Line((Tinted(head.read(lang), Tone.DIM), said), indent=23)
        if event.transition not in _OF_THE_CLOCK:
            before.update(event.data)


def _left(definition_of: Callable[[str], Definition], event: Event) -> Definition:
    """The definition by which the state that an event leaves is called: a migration leaves one of another."""
    return definition_of(str(event.data.get(FROM) or event.definition))


def _way(definition: Definition, left: Definition, event: Event, lang: Lang) -> str:
    target = definition.state_named(event.target).label.read(lang)
    if event.transition == MIGRATE:
        source = left.state_named(event.source or event.target).label.read(lang)
        return f"  {source} v{left.version} → {target} v{definition.version}"
    if event.source is None:
        return f"  → {target}"
    return "" if event.source == event.target else f"  {left.state_named(event.source).label.read(lang)} → {target}"


def _changes(
    definition: Definition,
    left: Definition,
    event: Event,
    before: Mapping[str, Scalar],
    last_on: Mapping[tuple[str, int], str],
    lang: Lang,
) -> Iterator[Words]:
    if event.transition == REORGANISE:
        yield f"{event.data[SECTION_BEFORE]} → {event.data[SECTION]}"
        return
    if event.transition == UNMANNED:
        steps = (definition.transitions.get(TransitionName(each)) for each in str(event.data["steps"]).split())
        told = definition.roles.get(RoleName(str(event.data["told"])))
        named = listed(step.label for step in steps if step)
        yield _NOBODY_CAN.filled(steps=named, told=told.label if told else event.data["told"]).read(lang)
        return
    if event.transition in (REMIND, ESCALATE):
        rule = definition.deadlines.get(str(event.data.get("deadline")))
        scheduled = datetime.fromisoformat(str(event.data.get("scheduled_at")))
        armed = (str(event.data.get("deadline")), int(event.data.get("armed_seq") or 0))
        yield _STEP_OF.filled(
            deadline=rule.label if rule else "?", last=last_on.get(armed, "?"), at=moment(scheduled)
        ).read(lang)
        if reassigned := event.data.get("reassign"):
            role = definition.roles.get(RoleName(str(reassigned)))
            yield Tinted(_HANDED_TO.filled(role=role.label if role else reassigned).read(lang), Tone.WARN)
        return
    if event.transition in {*definition.acts, *OF_PAPERS, ERASE}:
        yield from act_lines(definition, event, lang)
        return
    if event.transition == MIGRATE:
        yield from what_a_migration_changed(definition, left, event, lang)
        return
    if PARENT_NUMBER in event.data:
        yield Tinted(_BEGUN_BY.filled(number=event.data[PARENT_NUMBER]).read(lang), Tone.HEAD)
    for name, value in event.data.items():
        if name in (PARENT, SLOT, PARENT_NUMBER):
            continue
        field = definition.fields.get(name)
        label = field.label if field else _clock_label(definition, name)
        new = value_in_words(definition, name, value).read(lang)
        if event.transition == RECOMPUTE:
            new = new.replace(NO_LONGER_PROVISIONAL.zh, NO_LONGER_PROVISIONAL.read(lang))
        old = before.get(name)
        change = (
            f"{value_in_words(definition, name, old).read(lang)} → {new}" if old is not None and old != value else new
        )
        yield (Tinted(label.read(lang) + Text("：", ": ").read(lang), Tone.DIM), change)


def _clock_label(definition: Definition, name: str) -> Text:
    """The label of what is not a field: a recomputed clock, written `rule.seq`."""
    rule = definition.deadlines.get(name.partition(".")[0])
    return rule.label if rule else Text(name, name)


@command(
    "list",
    examples=(
        Example("gongkai list --kind document --overdue --as zhengyan", Text("逾期的公文", "overdue documents")),
        Example(
            "gongkai list --q 预算 --section 预算科 --as wangmin", Text("标题含“预算”的", "whose title holds 预算")
        ),
    ),
)
@option(
    "--kind",
    says=Text("种类，代码或名称（gongkai definitions list）", "the kind, by name or title (gongkai definitions list)"),
)
@option("--state", says=Text("环节（代码或名称）", "the state, by name or label"))
@option("--section", says=Text("科室", "the section"))
@option("--overdue", is_flag=True, says=Text("只看逾期的", "overdue ones only"))
@option("--q", metavar="TEXT", says=Text("标题中的文字", "words of the title"))
@option(
    "--limit",
    metavar="N",
    type=int,
    default=USUAL,
    says=Text("最多列出多少件，默认 50", "at most so many, 50 if not said"),
)
@option("--after", metavar="NEXT", says=Text("续页：上一页给出的 next", "go on: the `next` of the page before"))
@in_session
def list_cases(
    session: Session,
    kind: str | None,
    state: str | None,
    section: str | None,
    overdue: bool,
    q: str | None,
    limit: int,
    after: str | None,
) -> None:
    """Cases, filtered."""
    with session.desk() as desk:
        actor = session.actor(desk)
        if limit < 1:
            raise_bad_limit()
        kind = kind_meant(desk, kind) if kind else None
        section = section_meant(desk, section) if section else None
        wanted = state_meant(_kinds_of(desk, kind), state) if state else None
        rows, onward = desk.list_cases(
            actor, kind=kind, state=wanted, section=section, overdue=overdue, q=q, limit=limit, after=after
        )
        kinds = {each.definition: desk.definition_of(each.definition) for each in rows}
        now, calendar = desk.now(), desk.calendar
    blocks: list[Block] = [case_rows(rows, kinds, now, calendar, session.lang)] if rows else []
    told = [{**each.to_json(), "provisional": is_provisional(each, calendar)} for each in rows]
    session.answer({"cases": told, "next": onward}, *blocks)
    if not rows:
        session.remark(SEES_NOTHING.filled(name=actor.name) if sees_nothing(actor, business_date(now)) else _NO_CASES)
    if onward:
        wishes = {"kind": kind, "state": state, "section": section, "q": q, "limit": limit if limit != USUAL else None}
        said = [f"--{name} {shlex.quote(str(value))}" for name, value in wishes.items() if value is not None]
        said += ["--overdue"] if overdue else []
        session.remark(_MORE, " ".join(("gongkai list", *said, "--after", shlex.quote(onward))))


def _kinds_of(desk: Desk, kind: str | None) -> Iterator[Definition]:
    """Every version of this kind, or of every kind: a case stands in a state of the version that it goes by."""
    return (desk.definition_of(each.digest) for each in desk.definitions() if kind in (None, each.id))


def sees_nothing(actor: Actor, today: date) -> bool:
    """Whether none of the actor's posts lets them see any case."""
    from storage.worklist import sight

    return not sight(actor, today).scopes(None)


def raise_bad_limit() -> None:
    """A list of nothing is no list."""
    from workflow.errors import Invalid, Problem

    raise Invalid((Problem("bad-limit", _AT_LEAST_ONE, field="limit"),))


def case_rows(
    rows: Iterable[CaseRowView],
    kinds: Mapping[str, Definition],
    now: datetime,
    calendar: Calendar,
    lang: Lang,
    marks: Mapping[str, Text] | None = None,
) -> Grid:
    """Cases in rows, what is late in red. `marks` stand in the place of the hands that each is in, by the id of the case."""
    heads = (_CASE_HEAD, _TITLE, _STATE, _SECTION, _LAST_DAY, _WHOSE if marks is None else _FOR_WHOM)
    shown = heads[:-1] if marks == {} else heads
    return Grid(
        tuple(Column(h.read(lang), wraps=h in (_STATE, _WHOSE, _FOR_WHOM), cuts=h is _TITLE) for h in shown),
        tuple(_case_row(each, kinds[each.definition], now, calendar, marks, lang)[: len(shown)] for each in rows),
    )


def _case_row(
    row: CaseRowView,
    definition: Definition,
    now: datetime,
    calendar: Calendar,
    marks: Mapping[str, Text] | None,
    lang: Lang,
) -> tuple[Words, ...]:
    state = definition.states.get(StateName(row.state))
    role = definition.roles.get(RoleName(row.waits_for)) if row.waits_for else None
    beside = marks.get(row.id) if marks is not None else role.label if role else None
    return (
        row.number,
        row.title,
        state.label.read(lang) if state else row.state,
        row.section,
        _last_day(row, now, calendar, lang),
        beside.read(lang) if beside else "",
    )


def _last_day(row: CaseRowView, now: datetime, calendar: Calendar, lang: Lang) -> Words:
    if row.due_on is None or row.due_at is None:
        return ""
    said = last_day(row.due_on, row.due_at, now, lang)
    if not is_provisional(row, calendar):
        return said
    if isinstance(said, Tinted):
        return Tinted(MAYBE.filled(on=said.text).read(lang), said.tone)
    return MAYBE.filled(on=said).read(lang)


def is_provisional(row: CaseRowView, calendar: Calendar) -> bool:
    """Whether the last day lies in a year that is not announced; a limit that ends in the middle of a day needs none."""
    if row.due_on is None or calendar.is_known(row.due_on):
        return False
    return row.due_at == start_of(row.due_on + timedelta(days=1))


_OF_THE_CLOCK = (REMIND, ESCALATE, RECOMPUTE, REORGANISE, UNMANNED)
_HELD_BY = Text("{role}（{names}）", "{role} ({names})")
_HELD_BY_NOBODY = Text("{role}（无人任此职）", "{role} (nobody holds it)")
_KIND = Text("种类", "Kind")
_KIND_OF_CASE = Text("事项种类", "Kind of case")
_STATE = Text("环节", "State")
_SECTION = Text("科室", "Section")
_HANDS = Text("现由", "With")
_SINCE = Text("进入本环节", "Here since")
_READERS = Text("传阅", "Circulated to")
_RECEIPT = Text("签收", "Signed for")
_VERSION = Text("版本", "Version")
_FOR = Text("{who}（代 {principal}）", "{who} (for {principal})")
_MOVED = Text("{who}（随 {principal} 办理）", "{who} (with a step of {principal})")
_BEGUN_BY = Text("由 {number} 发起", "begun by {number}")
_PARENT_LABEL = Text("所属事项", "Sub-case of")
_LINKS = Text("关联事项", "Linked cases")
_LINKED_BY = Text("被下列事项关联", "Linked from")
_SUB_CASES = Text("子事项", "sub-cases")
_PUBLIC = Text("对外说法", "told outside")
_AUTOMATIC = Text(" 〔自动〕", " [automatic]")
_COMMENT = Text("意见：", "comment: ")
_BY_NOTICE = Text("依据：", "by: ")
_STEP_OF = Text("{deadline}，最后一日 {last}；应于 {at} 发出", "{deadline}, last day {last}; due to be sent {at}")
_NOBODY_CAN = Text("无人可办：{steps}；已告知{told}", "nobody can take: {steps}; told to: {told}")
_HANDED_TO = Text("移交{role}办理", "handed to: {role}")
_BY_VERSION = Text("{title}（第 {version} 版定义）", "{title} (definition version {version})")
SEES_NOTHING = Text(
    "{name}的职务看不到任何事项；请用 --as 换一位有办理或督办职务的人员（gongkai people list）",
    "no post of {name} sees a case; say --as somebody whose post does (gongkai people list)",
)
_CASE_HEAD = Text("事项", "Case")
_TITLE = Text("标题", "Title")
_WHOSE = Text("在谁手里", "Whose")
_FOR_WHOM = Text("代办", "For whom")
_LAST_DAY = Text("最后一日", "Last day")
MAYBE = Text("{on}（暂定）", "{on} (provisional)")
_NO_CASES = Text("没有符合条件的事项", "no case fits")
_MORE = Text("还有更多：", "there is more:")
_AT_LEAST_ONE = Text("--limit 应为不小于 1 的整数", "--limit takes a whole number from 1")
