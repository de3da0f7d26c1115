"""`gongkai definitions check`: what is amiss with a file, what nobody has compared with its source, and what it waives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from terminal.calendar import read_text
from terminal.definitions import LARGEST_FILE
from terminal.failure import finding_facts, findings_blocks
from terminal.render import Block, Line, Tinted, Tone
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command
from workflow.errors import BadDefinition, Finding, FoundFault
from workflow.text import Lang, Text

if TYPE_CHECKING:
    from workflow.loader import Waived
    from workflow.prover import Proved


@command(
    "check",
    says=Text("检查定义文件，逐条指出错误", "check definition files, every fault at its place"),
    more=Text(
        "除错误外，另列尚未与原文核对的数字和理由（提示，不影响启用）以及定义豁免的检查及其理由。",
        "Beside the faults it lists what nobody has yet compared with its source (notes, which stop nothing), and the checks that "
        "a definition waives with their reasons.",
    ),
    examples=(
        Example(
            "gongkai definitions check definitions/*.yaml",
            Text("不带文件名则检查自带的定义", "without a file: those that are shipped"),
        ),
    ),
)
@argument("files", metavar="FILE", nargs=-1, says=Text("定义文件（YAML）", "definition files (YAML)"))
@in_session
def check(session: Session, files: tuple[str, ...]) -> None:
    """Whether a file says it well."""
    from storage.versions import catalogues, shipped_definitions
    from workflow.prover import prove_together, read_by_themselves

    shipped, known = shipped_definitions(), catalogues()
    texts = [(read_text(Path(each), LARGEST_FILE), each) for each in files] or list(shipped)
    defined = [each for each in texts if not _is_catalogue(each[0])]
    beside = read_by_themselves(shipped, known) if files else {}
    proofs = prove_together(defined, known, beside)
    checked = [_catalogue(*each) if _is_catalogue(each[0]) else _checked(next(proofs), each[1]) for each in texts]
    findings = [finding for each in checked for finding in each.findings]
    # Two definitions may use the same catalogue: what is to be looked up is listed once.
    notes = list(
        {(note.file, note.line, note.column, note.code): note for each in checked for note in each.notes}.values()
    )
    facts: dict[str, object] = {
        "findings": [finding_facts(each) for each in findings],
        "notes": [finding_facts(each) for each in notes],
        "waived": [_waiver_facts(waiver) for each in checked for waiver in each.waived],
    }
    blocks = [*(block for each in checked for block in _lines(each, session.lang)), *_noted(notes, session.lang)]
    if not findings:
        session.answer(facts, *blocks)
        return
    if not session.json:
        session.answer(facts, *blocks)
    raise _Faulty(facts, len(findings))


class _Faulty(FoundFault):
    """Some file has faults; `figures` holds them."""

    def __init__(self, figures: dict[str, object], count: int) -> None:
        super().__init__(_FAULTS, count=count)
        self.figures = figures


@dataclass(frozen=True, slots=True)
class _Checked:
    """What there is to say of one file; `sound` is what it is, where nothing stops it."""

    findings: tuple[Finding, ...] = ()
    sound: Text | None = None
    notes: tuple[Finding, ...] = ()
    waived: tuple[Waived, ...] = ()


def _checked(found: Proved | BadDefinition, name: str) -> _Checked:
    if isinstance(found, BadDefinition):
        return _Checked(tuple(found.findings))
    accepted = found.accepted
    said = _SOUND.filled(file=name, id=accepted.id, version=accepted.version, size=f"{found.size:,}")
    return _Checked(sound=said, notes=accepted.notes, waived=accepted.waived)


def _catalogue(text: str, name: str) -> _Checked:
    from workflow.loader import read_catalogue

    try:
        listed = read_catalogue(text, name)
    except BadDefinition as fault:
        return _Checked(tuple(fault.findings))
    said = _SOUND_CATALOGUE.filled(file=name, id=listed.id, count=len(listed.values))
    return _Checked(sound=said, notes=tuple(note for _, note in listed.notes))


def _is_catalogue(text: str) -> bool:
    return bool(_IS_CATALOGUE.search(text)) and not _IS_DEFINITION.search(text)


_IS_CATALOGUE = re.compile(r"^values\s*:", re.MULTILINE)
_IS_DEFINITION = re.compile(r"^(format|states|transitions|fields)\s*:", re.MULTILINE)


def _lines(checked: _Checked, lang: Lang) -> Iterator[Block]:
    yield from findings_blocks(checked.findings, lang)
    if checked.sound:
        yield Line((Tinted("✓ ", Tone.GOOD), checked.sound.read(lang)))
    if checked.waived:
        yield Line(_WAIVED.filled(count=len(checked.waived)).read(lang), indent=2)
        # One reason often stands for many places: it is read once.
        for (name, reason), waivers in groupby(sorted(checked.waived, key=_check_and_reason), key=_check_and_reason):
            places = _LISTING.read(lang).join(_PLACE.filled(name=w.label, line=w.line).read(lang) for w in waivers)
            yield Line(
                (Tinted(name, Tone.STRONG), " ", places, Tinted(_REASON.read(lang) + reason, Tone.DIM)), indent=4
            )


def _check_and_reason(waiver: Waived) -> tuple[str, str]:
    return waiver.check, waiver.reason


def _noted(notes: list[Finding], lang: Lang) -> Iterator[Block]:
    """The notes, one line each, and below those of one kind what to do."""
    for _, alike in groupby(sorted(notes, key=lambda note: note.code), key=lambda note: note.code):
        same = list(alike)
        yield Line((Tinted("• ", Tone.WARN), _NOTES.filled(count=len(same)).read(lang)))
        for note in same:
            place = Tinted(f"{note.file}:{note.line}:{note.column}", Tone.STRONG)
            yield Line((place, " ", note.text.read(lang), Tinted(f" [{note.code}]", Tone.DIM)), indent=2)
        yield Line(Tinted("→ " + same[0].hint.read(lang), Tone.DIM), indent=4)


def _waiver_facts(waiver: Waived) -> dict[str, object]:
    return {
        "check": waiver.check,
        "at": waiver.at,
        **waiver.label.to_json(),
        "reason": waiver.reason,
        "file": waiver.file,
        "line": waiver.line,
        "column": waiver.column,
    }


_SOUND = Text(
    "{file}：{id} 第 {version} 版，{size} 种情形已逐一验证，没有发现问题",
    "{file}: {id} version {version}, {size} situations proved, nothing found",
)
_SOUND_CATALOGUE = Text(
    "{file}：目录 {id}，{count} 个值，没有发现问题", "{file}: catalogue {id} with {count} values, nothing found"
)
_FAULTS = Text(
    "定义检查发现 {count} 处问题；改正后再检查一遍", "the check found {count} fault(s); mend them and check again"
)
_WAIVED = Text("豁免 {count} 项：", "{count} waived:")
_PLACE = Text("{name}（第 {line} 行）", "{name} (line {line})")
_LISTING = Text("、", ", ")
_REASON = Text("：", ": ")
_NOTES = Text("提示 {count} 项（不影响启用）：", "{count} note(s), which stop nothing:")
