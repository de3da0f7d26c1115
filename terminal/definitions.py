"""`gongkai definitions`: which procedures are declared, what they say, and whether a file says it well."""

from __future__ import annotations

import json as json_text
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from terminal.calendar import read_text
from terminal.meant import KIND_SAYS, definition_meant
from terminal.render import Block, Column, Grid, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Chapter, Entry, Example, argument, group, option
from workflow.errors import NotFound
from workflow.text import Lang, Text
from workflow.words import CLOCKS

if TYPE_CHECKING:
    from storage import Desk
    from workflow.model import Definition, Transition

LARGEST_FILE = 4 * 1024 * 1024  # the loader has its own, smaller bound; this one only spares the memory


@group(
    "definitions",
    chapters=(
        Chapter(
            Text("图", "Pictures"),
            (
                Entry(
                    "diagram",
                    "terminal.diagram:diagram",
                    Text("画成图：流程，或事项走过的路", "a picture: a procedure, or the way of a case"),
                ),
                Entry("export", "terminal.portable:export", Text("导出为 BPMN 2.0 或 SCXML", "write it out as BPMN 2.0 or SCXML")),
            ),
        ),
        Chapter(
            Text("换版", "From version to version"),
            (
                Entry("diff", "terminal.versions:diff", Text("两版的差别：哪里放宽了，在办事项怎么办", "what differs, where it got weaker, what of running cases")),
                Entry("migrate", "terminal.versions:migrate", Text("按计划把在办事项迁到另一版（管理员）", "move running cases to another version by a plan (administrator)")),
            ),
        ),
        Chapter(
            Text("验证", "Prove"),
            (
                Entry(
                    "check",
                    "terminal.checking:check",
                    Text("检查定义文件，逐条指出错误", "check definition files, every fault at its place"),
                ),
                Entry("test", "terminal.scenarios:test_scenarios", Text("按情景演练流程：经过、期限、拦下的理由、通知", "play the scenarios: steps, dates, refusals, notices")),
            ),
        ),
    ),
    examples=(
        Example(
            "gongkai definitions show document",
            Text("公文流程：环节、步骤、要求、时限", "the procedure of documents: states, steps, rules, clocks"),
        ),
        Example(
            "gongkai definitions check my.yaml", Text("逐条指出文件中的错误", "every fault of a file, at its place")
        ),
    ),
)  # fmt: skip
def definitions() -> None:
    """The group."""


@definitions.command("list", says=Text("数据库中的流程定义", "the procedures that the database holds"))
@in_session
def list_definitions(session: Session) -> None:
    """What is declared."""
    with session.desk() as desk:
        held = [desk.definition_of(each.digest) for each in desk.definitions()]
        ruling = {each.digest for each in in_force(desk)}
    session.answer(
        {
            "definitions": [
                {
                    "id": each.id,
                    "version": each.version,
                    "digest": each.digest,
                    "title": each.title.to_json(),
                    "in_force": each.digest in ruling,
                }
                for each in held
            ]
        },
        Grid(
            tuple(
                Column(session.read(each), wraps=each is _TITLE)
                for each in (_KIND, _VERSION, _RULES_NOW, _TITLE, _DIGEST)
            ),
            tuple(
                (
                    each.id,
                    str(each.version),
                    Tinted(session.read(_IN_FORCE), Tone.GOOD) if each.digest in ruling else "",
                    session.read(each.title),
                    each.digest[:12],
                )
                for each in held
            ),
        ),
    )


def in_force(desk: Desk) -> Iterator[Definition]:
    """The version of each kind by which new cases go; a kind that has none today is left out."""
    for kind in dict.fromkeys(each.id for each in desk.definitions()):
        try:
            yield desk.definition(kind)
        except NotFound:
            continue


@definitions.command(
    "install",
    says=Text(
        "启用一个定义文件，新事项按它办理（管理员）", "put a definition file in force for new cases (administrator)"
    ),
    more=Text(
        "文件先经检查，有错误则不启用；相互关联的流程写在同一条命令中，一并启用或都不启用。已开始的事项仍按原版本办理；内容有改动须提高 version。",
        "The files are checked first; with a fault none is installed, so procedures that count on each other are named in one "
        "command. Cases that have begun stay with their version; a change needs a higher `version`.",
    ),
    examples=(Example("gongkai definitions install my.yaml --as admin", Text("启用 my.yaml", "install my.yaml")),),
)
@argument("files", metavar="FILE", nargs=-1, required=True, says=Text("定义文件（YAML）", "definition files (YAML)"))
@option(
    "--revert-adopted",
    is_flag=True,
    says=Text("即使退回已采用的法定数字也启用", "even if it brings back numbers of the law before those adopted"),
)
@in_session
def install(session: Session, files: tuple[str, ...], revert_adopted: bool) -> None:
    """Procedures for new cases."""
    texts = [(read_text(Path(each), LARGEST_FILE), each) for each in files]
    with session.desk() as desk:
        there = {each.digest for each in desk.definitions()}
        found = desk.install_definitions(session.actor(desk), texts, revert=revert_adopted)
        rulings = {each.id: each for each in in_force(desk)}
    told, blocks = [], []
    for definition in found:
        is_new, ruling = definition.digest not in there, rulings.get(definition.id)
        rules_now = ruling is not None and ruling.digest == definition.digest
        said = (_INSTALLED if rules_now else _KEPT) if is_new else _THERE_ALREADY
        facts = {"id": definition.id, "version": definition.version, "digest": definition.digest}
        told.append({"definition": facts, "new": is_new, "in_force": ruling.version if ruling else None})
        sentence = session.read(said.filled(id=definition.id, version=definition.version))
        blocks.append(Line((Tinted("✓ ", Tone.GOOD), sentence)))
        blocks += [] if is_new and rules_now else [Line(session.read(_ruling(ruling)), indent=2)]
    session.answer({**told[0], "installed": told}, *blocks)


def _ruling(ruling: Definition | None) -> Text:
    return _GOES_BY.filled(version=ruling.version) if ruling else _GOES_BY_NONE


@definitions.command(
    "show",
    says=Text("一个流程：环节、步骤、要求、时限", "one procedure: states, steps, rules, clocks"),
    examples=(Example("gongkai definitions show document --lang en", Text("英文", "in English")),),
)
@argument("kind", says=KIND_SAYS)
@in_session
def show(session: Session, kind: str) -> None:
    """What a definition says."""
    with session.desk() as desk:
        definition = definition_meant(desk, kind)
    session.answer({"definition": _facts(definition)}, *_pages(definition, session.lang))


def _facts(definition: Definition) -> dict[str, object]:
    return {
        "id": definition.id,
        "version": definition.version,
        "digest": definition.digest,
        "title": definition.title.to_json(),
        "basis": list(definition.basis),
        "roles": [{"id": r.name, **r.label.to_json(), "scope": r.scope} for r in definition.roles.values()],
        "fields": [
            {
                "id": f.name,
                "type": f.type,
                **f.label.to_json(),
                "values": {c.value: c.label.to_json() for c in f.choices.values()},
            }
            for f in definition.fields.values()
        ],
        "states": [
            {"id": s.name, **s.label.to_json(), "initial": s.initial, "final": s.final, "whose": s.waits_for}
            for s in definition.states.values()
        ],
        "transitions": [
            {
                "id": t.name,
                **t.label.to_json(),
                "from": list(t.sources),
                "to": t.target,
                "roles": {state: list(roles) for state, roles in t.roles.items()},
                "guards": list(t.guards),
                "warns": list(t.warns),
                "automatic": t.auto,
                "basis": t.basis,
            }
            for t in definition.transitions.values()
        ],
        "guards": [{"id": g.name, **g.text.to_json(), "basis": g.basis} for g in definition.guards.values()],
        "deadlines": [
            {
                "id": d.name,
                **d.label.to_json(),
                "clock": d.kind,
                "limit": d.limit.written,
                "limit_field": d.limit_field,
                "runs_in": list(d.runs_in),
                "basis": d.basis,
            }
            for d in definition.deadlines.values()
        ],
        "never": [{"id": n.name, **n.text.to_json(), "in": list(n.states)} for n in definition.never],
        "passes": [{"id": p.name, **p.text.to_json(), "basis": p.basis} for p in definition.passes],
    }


def _pages(definition: Definition, lang: Lang) -> Iterator[Block]:
    yield Line(
        (
            Tinted(definition.title.read(lang), Tone.STRONG),
            f"  {definition.id} v{definition.version}  {definition.digest[:12]}",
        )
    )
    if definition.basis:
        yield Line(Tinted(_BASIS.read(lang) + Text("；", "; ").read(lang).join(definition.basis), Tone.DIM))
    yield from _titled(_STATES, lang, _states(definition, lang))
    yield from _titled(_STEPS, lang, *_steps(definition, lang))
    yield from _titled(_RULES, lang, _rules(definition, lang))
    yield from _titled(_CLOCKS, lang, _clocks(definition, lang))
    yield from _titled(_FIELDS, lang, _fields(definition, lang))
    for title, those in ((_NEVER, definition.never), (_PASSES, definition.passes)):
        if those:
            rows = tuple((each.name, each.text.read(lang)) for each in those)
            yield from _titled(
                title, lang, Grid((Column(_NAME.read(lang)), Column(_SENTENCE.read(lang), wraps=True)), rows, indent=2)
            )


def _titled(title: Text, lang: Lang, *blocks: Block) -> Iterator[Block]:
    yield Line("")
    yield Line(Tinted(title.read(lang), Tone.STRONG))
    yield from blocks


def _states(definition: Definition, lang: Lang) -> Grid:
    return Grid(
        (Column(_NAME.read(lang)), Column(_LABEL.read(lang), wraps=True), Column(_WHOSE.read(lang), wraps=True)),
        tuple(
            (
                state.name,
                state.label.read(lang),
                Tinted(_FINAL.read(lang), Tone.DIM)
                if state.final
                else definition.roles[state.waits_for].label.read(lang)
                if state.waits_for
                else "",
            )
            for state in definition.states.values()
        ),
        indent=2,
    )


def _steps(definition: Definition, lang: Lang) -> Iterator[Block]:
    """Each step in lines of its own: a table of so many names has no room on a terminal."""
    comma = Text("、", ", ").read(lang)
    for step in definition.transitions.values():
        roles = _roles(definition, step, lang)
        yield Line(
            (Tinted(step.name, Tone.STRONG), f"  {step.label.read(lang)}", f" · {roles}" if roles else ""), indent=2
        )
        yield Line(f"{comma.join(step.sources)} → {step.target}", indent=4)
        needs = (*step.guards, *(f"?{each}" for each in step.warns), *(f"!{each}" for each in step.when_blocked))
        if needs:
            yield Line(_NEEDS.filled(names=comma.join(needs)).read(lang), indent=4)


def _roles(definition: Definition, step: Transition, lang: Lang) -> str:
    roles = dict.fromkeys(role for each in step.roles.values() for role in each)
    return Text("、", ", ").read(lang).join(definition.roles[role].label.read(lang) for role in roles)


def _rules(definition: Definition, lang: Lang) -> Grid:
    return Grid(
        (Column(_NAME.read(lang)), Column(_SENTENCE.read(lang), wraps=True), Column(_SOURCE.read(lang), wraps=True)),
        tuple(
            (guard.name, guard.text.read(lang), Tinted(guard.basis or "", Tone.DIM))
            for guard in definition.guards.values()
        ),
        indent=2,
    )


def _clocks(definition: Definition, lang: Lang) -> Grid:
    from workflow.timetable import limit_in_words

    return Grid(
        (
            Column(_NAME.read(lang)),
            Column(_LABEL.read(lang), wraps=True),
            Column(_CLOCK.read(lang)),
            Column(_LIMIT.read(lang), wraps=True),
            Column(_RUNS_IN.read(lang), wraps=True),
        ),
        tuple(
            (
                rule.name,
                rule.label.read(lang),
                CLOCKS[rule.kind].read(lang),
                (_BY_ENTRY.filled(limit=limit) if rule.by_entry else limit).read(lang),
                ", ".join(rule.runs_in),
            )
            for rule in definition.deadlines.values()
            for limit in (limit_in_words(definition, rule),)
        ),
        indent=2,
    )


_BY_ENTRY = Text("{limit}，以登记之时办结", "{limit}, ended by the entry")


def _fields(definition: Definition, lang: Lang) -> Grid:
    listing = Text("、", ", ").read(lang)
    return Grid(
        (
            Column(_NAME.read(lang)),
            Column(_LABEL.read(lang), wraps=True),
            Column(_TYPE.read(lang)),
            Column(_VALUES.read(lang), wraps=True),
        ),
        tuple(
            (
                field.name,
                field.label.read(lang),
                _TYPES[field.type].read(lang),
                listing.join(f"{c.value}={c.label.read(lang)}" for c in field.choices.values()),
            )
            for field in definition.fields.values()
        ),
        indent=2,
    )


@definitions.command(
    "schema",
    says=Text("定义文件的 JSON Schema，供编辑器补全", "the JSON Schema of a definition file, for editors"),
    examples=(Example("gongkai definitions schema > schema.json", Text("存为文件", "keep it in a file")),),
)
@option("--catalogue", is_flag=True, says=Text("目录文件的，不是定义文件的", "of a catalogue instead of a definition"))
@in_session
def schema(session: Session, catalogue: bool) -> None:
    """What a file may hold."""
    from workflow.editor import catalogue_schema, json_schema

    found = catalogue_schema() if catalogue else json_schema()
    if session.json:
        session.answer({"schema": found})
    else:
        click.echo(json_text.dumps(found, ensure_ascii=False, indent=2))


_TYPES = {
    "text": Text("文字", "text"),
    "bool": Text("是否", "yes/no"),
    "enum": Text("选项", "choice"),
    "date": Text("日期", "date"),
    "integer": Text("整数", "whole number"),
    "money": Text("金额", "amount"),
    "case": Text("关联事项", "linked cases"),
}
_KIND = Text("种类", "Kind")
_VERSION = Text("版本", "Version")
_TITLE = Text("名称", "Title")
_DIGEST = Text("摘要", "Digest")
_RULES_NOW = Text("现行", "In force")
_IN_FORCE = Text("✓ 现行", "✓ in force")
_KEPT = Text("{id} 第 {version} 版已存入", "{id} version {version} is kept")
_THERE_ALREADY = Text(
    "{id} 第 {version} 版早已安装，没有改动", "{id} version {version} was here already; nothing changed"
)
_GOES_BY = Text("新事项按第 {version} 版办理", "new cases go by version {version}")
_GOES_BY_NONE = Text("今天没有生效的版本，不能新建", "no version is in force today: no case can begin")
_INSTALLED = Text("{id} 第 {version} 版已启用，新事项按它办理", "{id} version {version} is in force for new cases")
_BASIS = Text("依据：", "Basis: ")
_STATES = Text("环节", "States")
_STEPS = Text(
    "步骤（要求中 ? 为提醒，! 为此要求未满足时才可办）", "Steps (?: warns only; !: open only while this is unmet)"
)
_RULES = Text("要求", "Rules")
_CLOCKS = Text("时限", "Clocks")
_FIELDS = Text("内容项", "Fields")
_NAME = Text("代码", "Name")
_LABEL = Text("名称", "Label")
_WHOSE = Text("在谁手里", "Whose")
_FINAL = Text("办结", "final")
_NEVER = Text("绝不允许", "Never")
_PASSES = Text("必经步骤", "What cannot be passed by")
_NEEDS = Text("要求：{names}", "needs: {names}")
_SENTENCE = Text("说明", "Sentence")
_SOURCE = Text("依据", "Basis")
_CLOCK = Text("类别", "Clock")
_LIMIT = Text("期限", "Limit")
_RUNS_IN = Text("计时环节", "Runs in")
_TYPE = Text("类型", "Type")
_VALUES = Text("可用值", "Values")
