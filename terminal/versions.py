"""`gongkai definitions diff` and `migrate`: what a new version changes, and running cases moved to it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from terminal.calendar import read_text
from terminal.compared import explored_blocks
from terminal.definition_file import of_file
from terminal.definitions import LARGEST_FILE
from terminal.meant import kinds_of, version_meant
from terminal.moved import cases_to_move
from terminal.render import Block, Column, Grid, Line, Tinted, Tone, progress
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from workflow.errors import FoundFault, Invalid, Problem, no_such_file
from workflow.text import Lang, Text, listed
from workflow.words import step_label

if TYPE_CHECKING:
    from storage import Desk
    from storage.migrate import Migration, Stays
    from workflow.difference import Change, Difference, Situation
    from workflow.migration import Plan
    from workflow.model import Definition

SHOWN_STAYS = 40  # on a screen; --json holds a thousand

_COULD_BE_A_VERSION = re.compile(r"\w+(@\w+)?")
_VERSION_SAYS = Text("定义文件，或 种类@版本，或摘要的前几位", "a file, or KIND@VERSION, or the beginning of a digest")


@command(
    examples=(
        Example("gongkai definitions diff document@1 my.yaml", Text("现行版与新文件", "what runs, and a new file")),
        Example("gongkai definitions diff document@1 document@2 --json", Text("供程序读取", "for programs")),
    ),
    more=Text(
        "先列放宽之处，再列增、删、改，然后逐个在办环节说明：照旧即可（✓）、须在迁移计划中决定（!）、须另写去处（→）；"
        "最后逐一比较两版能到的情形：旧版的哪些在新版中可照旧，哪些是新版才有的，旧版的规定在新版中是否仍成立。",
        "What got weaker comes first, then what was added, removed and changed, then each state in which cases run: safe as "
        "it is (✓), to be decided in a plan (!), or to be mapped (→). Last, all that cases of the two can come to: which situations "
        "are safe as they stand, which are new, and whether what the old version promised still holds.",
    ),
)
@argument("old", metavar="A", says=_VERSION_SAYS)
@argument("new", metavar="B", says=_VERSION_SAYS)
@in_session
def diff(session: Session, old: str, new: str) -> None:
    """What differs between two versions."""
    from workflow.difference import difference

    standing: Mapping[str, int] = {}
    others: Mapping[str, Definition] = {}
    files = [_is_file(each) for each in (old, new)]
    if all(files):
        before, after = of_file(old), of_file(new)
    else:
        with session.desk() as desk:
            for side, said, is_file in zip("AB", (old, new), files, strict=True):
                if not is_file:
                    _one_version(side, said, desk)
            others = kinds_of(desk)
            before, standing = (
                (of_file(old, others), {}) if files[0] else desk.migrations.version(version_meant(desk, old))
            )
            after = of_file(new, others) if files[1] else desk.migrations.version(version_meant(desk, new))[0]
    if before.id != after.id:
        text = _TWO_KINDS.filled(one=before.id, other=after.id)
        raise Invalid((Problem("two-kinds", text, field="B"),))
    found = difference(before, after, standing, tuple(others.values()))
    facts = {"kind": before.id, "from": _named(before), "to": _named(after), **found.to_json()}
    session.answer(facts, *_pages(before, after, found, session.lang))


def _is_file(said: str) -> bool:
    """Whether a file is meant: what is there and is none, a device or a directory, is so unless it could name a version."""
    return os.path.isfile(said) or (os.path.exists(said) and not _COULD_BE_A_VERSION.fullmatch(said))


def _one_version(side: str, said: str, desk: Desk) -> None:
    """That it is one version which is meant: not a kind, and not a file that is not there. Raises Invalid."""
    held = [f"{each.id}@{each.version}" for each in desk.definitions() if each.id == said]
    if held:
        names = Text("、".join(held), ", ".join(held))
        raise Invalid((Problem("which-version", _WHICH_VERSION.filled(kind=said, versions=names), field=side),))
    if said.endswith((".yaml", ".yml")):
        raise no_such_file(said)


def _named(definition: Definition) -> dict[str, object]:
    return {"version": definition.version, "digest": definition.digest}


def _pages(before: Definition, after: Definition, found: Difference, lang: Lang) -> Iterator[Block]:
    from workflow.explored import BREAKS

    title = f"  {before.id} v{before.version} {before.digest[:12]} → v{after.version} {after.digest[:12]}"
    yield Line((Tinted(after.title.read(lang), Tone.STRONG), title))
    yield Line("")
    if found.weaker:
        yield Line(Tinted(_WEAKER.read(lang), Tone.BAD))
        for each in found.weaker:
            basis = Tinted(_BASIS.filled(basis=each.basis).read(lang), Tone.DIM) if each.basis else ""
            yield Line((Tinted("- ", Tone.BAD), each.text.read(lang), basis), indent=2)
    elif broken := [each for each in found.explored.promises if each.verdict == BREAKS]:
        yield Line(Tinted(_BROKEN.filled(count=len(broken)).read(lang), Tone.BAD))
    else:
        yield Line(Tinted(_NOT_WEAKER.read(lang), Tone.GOOD))
    yield Line("")
    yield Line(Tinted((_CHANGES if found.changes else _NO_CHANGES).read(lang), Tone.STRONG))
    if found.changes:
        yield Grid(
            tuple(
                Column(each.read(lang), wraps=each in (_LABEL, _WHAT)) for each in (_HOW, _PART, _NAME, _LABEL, _WHAT)
            ),
            tuple(_change(each, lang) for each in found.changes),
            indent=2,
        )
    yield Line("")
    yield Line(Tinted(_SITUATIONS.read(lang), Tone.STRONG))
    yield from (_situation(each, lang) for each in found.situations)
    yield from _reasons(found.situations, lang)
    yield Line("")
    yield from explored_blocks(found.explored, lang)


def _change(change: Change, lang: Lang) -> tuple[str | Tinted, ...]:
    how, tone = _HOWS[change.how]
    clauses = [each.text for each in change.alterations] or ([change.said] if change.said else [])
    what = listed(clauses, "；", "; ").read(lang)
    return Tinted(how.read(lang), tone), _PARTS[change.part].read(lang), change.name, change.label.read(lang), what


def _situation(situation: Situation, lang: Lang) -> Line:
    mark, tone, said = _VERDICTS[situation.verdict]
    count = _COUNT.filled(count=situation.count).read(lang) if situation.count else ""
    return Line(
        (
            Tinted(mark + " ", tone),
            Tinted(situation.state, Tone.STRONG),
            f"  {situation.label.read(lang)}  ",
            said.read(lang),
            count,
        ),
        indent=2,
    )


def _reasons(situations: Iterable[Situation], lang: Lang) -> Iterator[Block]:
    """Why a state is not safe as it is: each reason once, with the states of which it is true."""
    of: dict[Text, list[Text]] = {}
    for situation in situations:
        for reason in situation.reasons:
            of.setdefault(reason, []).append(_QUOTED.filled(name=situation.label))
    for reason, states in of.items():
        said = _REASON.filled(reason=reason, states=listed(states)).read(lang)
        yield Line((Tinted("- ", Tone.DIM), said), indent=2)


@command(
    examples=(
        Example("gongkai definitions migrate plan.yaml --dry-run --as admin", Text("先试一遍", "try it first")),
        Example(
            "gongkai definitions migrate plan.yaml --as admin",
            Text("迁移；中断后再次运行即可", "move them; after a break run it again"),
        ),
        Example(
            "gongkai definitions migrate plan.yaml --inverse > back.yaml",
            Text("写出撤销它的计划", "the plan that undoes it"),
        ),
    ),
    more=Text(
        "计划是 YAML：format、kind、from、to、reason，以及 states（环节去处）、steps（步骤改名）、set（内容项）、clocks（keep 照旧、recompute 重算、"
        "restart 重新起算、drop 不计），见 docs/versions.md。每件事项一条办理记录；不合新版要求的事项留在原版并列出原因，此时退出码为 7。分批提交，"
        "中断后再次运行只迁移余下的。",
        "A plan is YAML: format, kind, from, to, reason, and states, steps, set, clocks (keep, recompute, restart, drop); see "
        "docs/versions.md. Each case gets one event; one that the new version would not allow stays and is named with every "
        "reason, and the exit code is 7. Batches are committed one by one: after a break the same command moves the rest.",
    ),
)
@argument("plan", metavar="PLAN", says=Text("迁移计划（YAML）", "a plan of migration (YAML)"))
@option("--dry-run", is_flag=True, says=Text("只检查，不写入", "check, write nothing"))
@option("--inverse", is_flag=True, says=Text("只写出撤销此计划的计划", "only write the plan that undoes this one"))
@in_session
def migrate(session: Session, plan: str, dry_run: bool, inverse: bool) -> None:
    """Running cases to another version."""
    text, file = read_text(Path(plan), LARGEST_FILE), Path(plan).name
    if inverse:
        _write_inverse(session, text, file)
        return
    label = session.read(_MIGRATING.filled(file=file))
    with session.desk() as desk, progress(label, not session.quiet) as moved:
        outcome = desk.migrations.run(session.actor(desk), text, file, dry_run=dry_run, progress=moved)
    blocks = [*_outcome(outcome, session.lang)]
    if not outcome.refused:
        session.answer(outcome.to_json(), *blocks)
        if outcome.moved and not dry_run:
            session.remark(_UNDO, f"gongkai definitions migrate {plan} --inverse > undo-{file}")
        return
    if not session.json:
        session.answer(outcome.to_json(), *blocks)
    raise CasesStay(outcome.to_json(), outcome.refused)


def _write_inverse(session: Session, text: str, file: str) -> None:
    from workflow.plans import inverse_of

    with session.desk() as desk:
        plan = desk.migrations.plan(text, file)
    if plan.frees:
        raise Invalid((Problem("no-inverse", _NO_INVERSE, field="PLAN"),))
    written = inverse_of(plan)
    if session.json:
        session.answer({"inverse": written})
    else:
        click.echo(written, nl=False)


class CasesStay(FoundFault):
    """Some cases could not go over; `figures` holds them all."""

    text = Text(
        "{count} 件事项留在原版；改正数据或计划后再次运行即可，已迁移的不会重迁",
        "{count} case(s) stay under the old version; mend their data or the plan and run it again, none is moved twice",
    )

    def __init__(self, figures: dict[str, object], count: int) -> None:
        super().__init__(count=count)
        self.figures = figures


def _outcome(outcome: Migration, lang: Lang) -> Iterator[Block]:
    facts = {
        "count": outcome.moved,
        "kind": outcome.plan.source.title,
        "before": outcome.plan.source.version,
        "after": outcome.plan.target.version,
    }
    yield from (
        line
        for each in outcome.stays[:SHOWN_STAYS]
        for line in _stays(each, outcome.plan.source.state_named(each.state).label, lang)
    )
    if outcome.refused > SHOWN_STAYS:
        yield Line(_MORE.filled(count=outcome.refused - SHOWN_STAYS).read(lang))
    if outcome.dry_run:
        yield from cases_to_move(outcome, lang)
        yield from _counts_for(outcome.plan, lang)
    yield from _begins_again(outcome.plan, lang)
    mark = Tinted("! ", Tone.WARN) if outcome.refused else Tinted("✓ ", Tone.GOOD)
    yield Line((mark, (_WOULD_MOVE if outcome.dry_run else _MOVED).filled(**facts).read(lang)))


def _counts_for(plan: Plan, lang: Lang) -> Iterator[Block]:
    """Each step that under its new name counts for what must have been done: whoever runs the plan answers for it."""
    for old, new in plan.steps.items():
        for passage in (each for each in plan.target.passes if new in each.through):
            facts = {
                "old": step_label(plan.source, old),
                "new": step_label(plan.target, new),
                "passage": passage.text,
            }
            yield Line((Tinted("! ", Tone.WARN), _COUNTS.filled(**facts).read(lang)))


def _begins_again(plan: Plan, lang: Lang) -> Iterator[Block]:
    """Each clock that the plan drops, and when it begins again."""
    from workflow.plans import begins_again

    yield from (Line((Tinted("! ", Tone.WARN), text.read(lang))) for _, text in begins_again(plan))


def _stays(stays: Stays, label: Text, lang: Lang) -> Iterator[Block]:
    yield Line((Tinted("✗ ", Tone.BAD), Tinted(stays.number, Tone.STRONG), f"  {label.read(lang)}"))
    yield from (Line((Tinted("- ", Tone.BAD), each.text.read(lang)), indent=4) for each in stays.reasons)


_HOWS = {
    "added": (Text("增", "added"), Tone.GOOD),
    "removed": (Text("删", "removed"), Tone.BAD),
    "changed": (Text("改", "changed"), Tone.WARN),
}
_PARTS = {
    "head": Text("定义", "definition"),
    "roles": Text("角色", "role"),
    "fields": Text("内容项", "field"),
    "guards": Text("要求", "guard"),
    "children": Text("子事项", "sub-case"),
    "letters": Text("文书", "letter"),
    "tariffs": Text("收费标准", "tariff"),
    "states": Text("环节", "state"),
    "transitions": Text("步骤", "step"),
    "deadlines": Text("时限", "clock"),
    "never": Text("禁止", "never"),
    "passes": Text("必经", "passes"),
    "acts": Text("日常办件", "everyday act"),
    "similar": Text("查重", "similar"),
    "waivers": Text("豁免", "waiver"),
}
_VERDICTS = {
    "safe": ("✓", Tone.GOOD, Text("照旧即可", "safe as it is")),
    "decide": ("!", Tone.WARN, Text("须在迁移计划中决定", "to be decided in a plan")),
    "map": ("→", Tone.BAD, Text("须另写去处", "needs a mapping")),
}
_TWO_KINDS = Text(
    "{one} 与 {other} 是两种事项，不能比较版本", "{one} and {other} are two kinds of cases, not two versions of one"
)
_WEAKER = Text("放宽之处", "Where the law got weaker")
_NOT_WEAKER = Text("没有放宽之处", "nothing got weaker")
_BROKEN = Text(
    "没有哪一步的要求放宽，但旧版的规定有 {count} 条在新版中可被违反，见文末",
    "no step asks less, but {count} promise(s) of the old version can be broken in the new one: see the end",
)
_BASIS = Text("（依据：{basis}）", " (basis: {basis})")
_CHANGES = Text("增、删、改", "Added, removed, changed")
_NO_CHANGES = Text("没有改动", "nothing differs")
_SITUATIONS = Text("在办环节", "States in which cases run")
_HOW = Text("改动", "Change")
_PART = Text("部分", "Part")
_NAME = Text("代码", "Name")
_LABEL = Text("名称", "Label")
_WHAT = Text("内容", "What")
_WHICH_VERSION = Text("“{kind}”是哪一版？请写：{versions}", "which version of “{kind}”? write {versions}")
_QUOTED = Text("“{name}”", "“{name}”")
_REASON = Text("{states}：{reason}", "in {states}: {reason}")
_COUNT = Text("，现有 {count} 件", ", {count} case(s) there now")
_MIGRATING = Text("迁移 {file}", "migrating {file}")
_UNDO = Text("要撤销时先写出撤销计划：", "to undo it, first write the plan that does:")
_NO_INVERSE = Text(
    "这个计划只把事项移出隔离，没有可撤销的", "this plan only takes cases out of quarantine: there is nothing to undo"
)
_MORE = Text("另有 {count} 件留在原版；--json 列出更多", "{count} more stay; --json lists more")
_MOVED = Text(
    "{count} 件{kind}已从第 {before} 版迁到第 {after} 版",
    "{kind}: {count} case(s) moved from version {before} to {after}",
)
_COUNTS = Text(
    "已办的“{old}”将算作“{new}”（{passage}）：请确认两者确是一事",
    "what was done as “{old}” will count as “{new}” ({passage}): make sure that the two are the same act",
)
_WOULD_MOVE = Text(
    "试运行，没有写入：{count} 件{kind}可从第 {before} 版迁到第 {after} 版",
    "tried only, nothing written: {kind}: {count} case(s) would move from version {before} to {after}",
)
