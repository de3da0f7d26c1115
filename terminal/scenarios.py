"""`gongkai definitions test`: the scenarios played through the real desk, what failed and where, and what they have shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from terminal.calendar import read_text
from terminal.definitions import LARGEST_FILE
from terminal.render import Block, Line, Tinted, Tone, progress
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from workflow.errors import FoundFault
from workflow.text import Lang, Text

if TYPE_CHECKING:
    from rehearsal import Bureau, Coverage, Failure, Played
    from workflow.scenario import Script

_IS_SCRIPT = re.compile(r"^scenarios\s*:|^format\s*:\s*[\"']?gongkai-scenarios/", re.MULTILINE)
_ABOUT = re.compile(r"^about\s*:\s*([a-z][a-z0-9_]*)", re.MULTILINE)
_STARTED = re.compile(r"\bkind\s*:\s*([a-z][a-z0-9_]*)")
_ID = re.compile(r"^id\s*:\s*([a-z][a-z0-9_]*)", re.MULTILINE)

_Texts = Sequence[tuple[str, str]]


@command(
    "test",
    says=Text("按情景演练流程：经过、期限、拦下的理由、通知", "play the scenarios: steps, dates, refusals, notices"),
    more=Text(
        "不带文件名则演练自带的全部情景，并要求每个步骤都演到。文件可以是情景（definitions/scenarios/ 下的写法），也可以是"
        "改动后的定义：随即以它代替同名的自带定义，并要求它的每个步骤都演到：由自带的情景，和所给的情景（与自带同名的，代替自带的那个）。"
        "只给情景文件的，只演练这些，不要求演到每个步骤。每个情景在新建的沙盒中办理，不涉及任何现有数据库。",
        "Without a file all shipped scenarios are played, and every step must be shown. A file may hold scenarios (as in "
        "definitions/scenarios/) or a changed definition, which then stands in the place of the shipped one; every step of it must "
        "be shown, by the shipped scenarios and by those given (one of the same name stands in the place of the shipped one). "
        "Files of scenarios alone are played and need not show every step. Each scenario has a sandbox of its own; no database of "
        "yours is touched.",
    ),
    examples=(
        Example(
            "gongkai definitions test", Text("全部自带情景及覆盖情况", "all shipped scenarios, and what they cover")
        ),
        Example(
            "gongkai definitions test my-document.yaml",
            Text(
                "改动后的公文流程是否仍合自带情景",
                "whether a changed procedure still lives up to the shipped scenarios",
            ),
        ),
        Example(
            "gongkai definitions test my-document.yaml my.yaml",
            Text("自己的情景演练改动后的流程", "scenarios of your own, played by the changed procedure"),
        ),
    ),
)
@argument(
    "files", metavar="FILE", nargs=-1, says=Text("情景或定义文件（YAML）", "files of scenarios, or definitions (YAML)")
)
@option("--titles", is_flag=True, says=Text("列出每个情景", "name every scenario"))
@in_session
def test_scenarios(session: Session, files: tuple[str, ...], titles: bool) -> None:
    """Whether the definitions do what the stories say."""
    from rehearsal import bureau_of
    from storage.versions import shipped_definitions
    from workflow.loader.scenarios import check_form

    given = [(read_text(Path(each), LARGEST_FILE), each) for each in files]
    told = [each for each in given if _IS_SCRIPT.search(each[0])]
    changed = [each for each in given if each not in told]
    for text, name in told:
        check_form(text, name)  # whoever mistyped a story need not wait for the definitions
    with bureau_of(_instead(shipped_definitions(), changed)) as bureau:
        asked = _ids(changed) or (() if told else bureau.kinds.keys())
        scripts = [_read(bureau, *each) for each in told]
        scripts += _beside(scripts, [_read(bureau, *each) for each in _shipped(changed)] if asked else [])
        played = _played(bureau, scripts, session)
        coverage = _coverage(bureau, [*sorted(_ids(changed)), *(each.about for each in scripts)], scripts, played)
        if changed and not all(each.is_whole for each in coverage):
            # Some steps of a procedure only the stories of another take.
            others = [_read(bureau, *each) for each in _shipped_elsewhere(changed)]
            played += _played(bureau, others, session)
            scripts += others
            coverage = _coverage(bureau, [each.kind for each in coverage], scripts, played)
    failed = [each for each in played if not each.passed]
    lacking = [each for each in coverage if each.kind in asked and not each.is_whole]
    facts: dict[str, object] = {
        "scenarios": [_facts(each) for each in played],
        "coverage": {each.kind: each.to_json() for each in coverage},
    }
    blocks = [*_lines(scripts, played, session, titles), *_covered(coverage, asked, session)]
    if not failed and not lacking:
        session.answer(facts, *blocks)
        return
    if not session.json:
        session.answer(facts, *blocks)
    raise _Failed(facts, len(failed), len(lacking))


def _played(bureau: Bureau, scripts: Sequence[Script], session: Session) -> list[Played]:
    """Each story of them, told how far it is while it lasts."""
    from rehearsal import play

    stories = [(script, each) for script in scripts for each in script.scenarios]
    with progress(session.read(_PLAYING), not session.quiet) as moved:
        played = []
        for number, (script, each) in enumerate(stories, 1):
            played.append(play(bureau, script, each))
            moved(number, len(stories))
    return played


class _Failed(FoundFault):
    """Some story went another way, or something was not shown; `figures` holds all of it."""

    def __init__(self, figures: dict[str, object], failed: int, lacking: int) -> None:
        super().__init__(_FAILED if failed else _LACKING, count=failed or lacking)
        self.figures = figures


def _instead(shipped: _Texts, changed: _Texts) -> list[tuple[str, str]]:
    """The definitions of the rehearsal: those that somebody changed stand in the place of the shipped ones."""
    ours = _ids(changed)
    return [*(each for each in shipped if not ((said := _ID.search(each[0])) and said[1] in ours)), *changed]


def _ids(texts: _Texts) -> set[str]:
    """Which kinds these definitions declare."""
    return {said[1] for text, _ in texts if (said := _ID.search(text))}


def _read(bureau: Bureau, text: str, name: str) -> Script:
    from workflow.loader.scenarios import read_scenarios

    return read_scenarios(text, name, bureau.kinds, bureau.sections, tuple(bureau.people))


def _beside(own: Sequence[Script], shipped: Sequence[Script]) -> list[Script]:
    """The shipped stories without those in whose place somebody tells another of the same name."""
    told = {(script.about, each.name) for script in own for each in script.scenarios}
    kept = (
        replace(script, scenarios=tuple(each for each in script.scenarios if (script.about, each.name) not in told))
        for script in shipped
    )
    return [script for script in kept if script.scenarios]


def _shipped(changed: _Texts) -> Iterator[tuple[str, str]]:
    """The shipped scenarios; where a definition was given, those about it."""
    about = _ids(changed)
    for text, name in _all_shipped():
        if not about or _about(text) in about:
            yield text, name


def _shipped_elsewhere(changed: _Texts) -> Iterator[tuple[str, str]]:
    """The shipped scenarios about other procedures in which a case of one of these begins."""
    ids = _ids(changed)
    for text, name in _all_shipped():
        if _about(text) not in ids and ids.intersection(_STARTED.findall(text)):
            yield text, name


def _all_shipped() -> Iterator[tuple[str, str]]:
    from storage.versions import SHIPPED

    for file in sorted((SHIPPED / "scenarios").glob("*.yaml")):
        yield file.read_text("utf-8"), f"definitions/scenarios/{file.name}"


def _about(text: str) -> str | None:
    said = _ABOUT.search(text)
    return said[1] if said else None


def _coverage(
    bureau: Bureau, kinds: Sequence[str], scripts: Sequence[Script], played: Sequence[Played]
) -> tuple[Coverage, ...]:
    from rehearsal import Shown, covered

    shown = Shown()
    for each in played:
        shown.add(each.shown)
    excuses = (each for script in scripts for each in script.excuses)
    return tuple(covered(dict.fromkeys(kinds), bureau.kinds, shown, excuses))


def _facts(played: Played) -> dict[str, object]:
    scenario = played.scenario
    return {
        "file": played.script.file,
        "line": scenario.place.line,
        "name": scenario.name,
        **scenario.title.to_json(),
        "example": scenario.example,
        "source": scenario.source,
        "passed": played.passed,
        "failures": [
            {
                "at": str(each.place),
                "what": each.what.to_json(),
                "expected": each.expected.to_json(),
                "came": each.came.to_json(),
            }
            for each in played.failures
        ],
    }


def _lines(scripts: Sequence[Script], played: Sequence[Played], session: Session, titles: bool) -> Iterator[Block]:
    for script in scripts:
        mine = [each for each in played if each.script is script]
        failed = sum(not each.passed for each in mine)
        mark = Tinted("✗ ", Tone.BAD) if failed else Tinted("✓ ", Tone.GOOD)
        said = (_FILE_FAILED if failed else _FILE).filled(file=script.file, count=len(mine), failed=failed)
        yield Line((mark, session.read(said)))
        for each in mine:
            if titles or not each.passed:
                yield from _one(each, session.lang)


def _one(played: Played, lang: Lang) -> Iterator[Block]:
    scenario = played.scenario
    number = f"{scenario.example}  " if scenario.example else ""
    mark = Tinted("✓ ", Tone.GOOD) if played.passed else Tinted("✗ ", Tone.BAD)
    source = f"  {scenario.source}" if scenario.source else ""
    yield Line((mark, number, scenario.title.read(lang), Tinted(source, Tone.DIM)), indent=2)
    for failure in played.failures:
        yield from _failure(failure, lang)


def _failure(failure: Failure, lang: Lang) -> Iterator[Block]:
    yield Line((str(failure.place), ": ", failure.what.read(lang)), indent=4)
    yield Line((Tinted(_EXPECTED.read(lang), Tone.DIM), failure.expected.read(lang)), indent=6)
    yield Line((Tinted(_CAME.read(lang), Tone.DIM), failure.came.read(lang)), indent=6)


def _covered(coverage: Sequence[Coverage], asked: Collection[str], session: Session) -> Iterator[Block]:
    lang = session.lang
    for each in coverage:
        facts = {"kind": each.kind, "taken": each.steps_taken, "steps": each.steps}
        said = _COVERED.filled(**facts, seen=each.sides_seen, sides=each.sides, excused=len(each.excused))
        partly = each.kind not in asked  # files of scenarios alone need not show everything
        tone = Tone.GOOD if each.is_whole else Tone.DIM if partly else Tone.WARN
        yield Line((Tinted("• ", tone), said.read(lang)))
        if partly:
            continue
        if each.steps_missing:
            yield Line((_NOT_TAKEN.read(lang), ", ".join(each.steps_missing)), indent=2)
        if each.sides_missing:
            names = (f"{name} ({(_MET if side == 'met' else _UNMET).read(lang)})" for name, side in each.sides_missing)
            yield Line((_NOT_SEEN.read(lang), ", ".join(names)), indent=2)
        for excuse in each.excused:
            label = {"taken": _TAKEN, "met": _MET, "unmet": _UNMET}[excuse.side].read(lang)
            yield Line(Tinted(f"{excuse.name} ({label}): {excuse.why.read(lang)}", Tone.DIM), indent=2)
        for excuse in each.stale:
            yield Line((f"{excuse.place}: ", _STALE.filled(name=excuse.name).read(lang)), indent=2)
    if not asked:
        yield Line(Tinted(_ONLY_THESE.read(lang), Tone.DIM), indent=2)


_PLAYING = Text("演练", "playing")
_FILE = Text("{file}：{count} 个情景", "{file}: {count} scenario(s)")
_FILE_FAILED = Text("{file}：{count} 个情景，{failed} 个未通过", "{file}: {count} scenario(s), {failed} failed")
_EXPECTED = Text("应当：", "expected: ")
_CAME = Text("实际：", "came: ")
_COVERED = Text(
    "{kind}：步骤 {taken}/{steps}，条件（满足与不满足）{seen}/{sides}，说明无从演示的 {excused}",
    "{kind}: steps {taken}/{steps}, guards (met and unmet) {seen}/{sides}, {excused} excused",
)
_ONLY_THESE = Text(
    "只演练了所给的情景；要求每个步骤都演到，请不带文件名运行，或与定义文件一并给出",
    "only the stories given were played; to demand every step run it without a file, or name the definition beside them",
)
_NOT_TAKEN = Text("没有演到的步骤：", "steps that no scenario takes: ")
_NOT_SEEN = Text("没有演到的条件：", "guards not seen: ")
_TAKEN = Text("办理", "taken")
_MET = Text("满足", "met")
_UNMET = Text("不满足", "unmet")
_STALE = Text("“{name}”已有情景演到，请删去这条说明", "a scenario does show “{name}”: remove this excuse")
_FAILED = Text(
    "{count} 个情景未通过：有意改的，改情景；否则改定义",
    "{count} scenario(s) failed: where the change is meant, change the scenario, else the definition",
)
_LACKING = Text(
    "{count} 种流程没有全部演到：没有演到的请写情景（docs/scenarios.md），与定义一并给出",
    "{count} procedure(s) not wholly covered: tell a scenario of what is missing (docs/scenarios.md) and give it beside the definition",
)
