"""The sentences of a picture, the same in each of its forms."""

from __future__ import annotations

from exchange.diagram.content import Clock, Entry, Manner, Picture, Step
from workflow.case import ClockKind
from workflow.text import Lang, Text


def heading(picture: Picture, lang: Lang) -> str:
    """The title over a picture: which procedure, in which version, and whose way."""
    of = picture.title if picture.case is None else _WAY_OF.filled(title=picture.title, case=picture.case)
    return _HEADING.filled(title=of, name=picture.name, version=picture.version).read(lang)


def who_said(step: Step, lang: Lang) -> str:
    """Who takes a step: somebody, the system by itself, or a clock that has run out."""
    return _WHO[step.manner].filled(who=step.who).read(lang)


def step_said(step: Step, lang: Lang) -> str:
    """What a step is called, with its place in the way of a case where it was taken."""
    label = step.label.read(lang)
    return f"{order_said(step, lang)}{label}" if step.taken else label


def order_said(step: Step, lang: Lang) -> str:
    """As which steps of the case it was taken."""
    return _ORDER.filled(order=Text("、", ", ").read(lang).join(map(str, step.taken))).read(lang)


def leading_said(step: Step, lang: Lang) -> str:
    """A step that no arrow shows, in one line: what it is, whose, and where it leads."""
    said = f"{step_said(step, lang)}{JOINT.read(lang)}{who_said(step, lang)}"
    return said if step.to is None else f"{said} → {step.to.read(lang)}"


def other_said(other: Text, lang: Lang) -> str:
    """What another case does with a step, in a line below it."""
    return _OTHER.filled(said=other).read(lang)


def entry_said(entry: Entry, lang: Lang) -> str:
    """A step into a state that no arrow shows: what it is, and from how many states."""
    return _ENTERED.filled(label=entry.label, count=entry.count).read(lang)


def clock_said(clock: Clock, lang: Lang) -> str:
    """A deadline in one line; one that stands still has no days to tell."""
    kind = _SOMETIMES.filled(kind=CLOCKS[clock.kind]) if clock.sometimes else CLOCKS[clock.kind]
    said = (
        _PAUSED.filled(kind=kind, label=clock.label)
        if clock.paused
        else _RUNS.filled(kind=kind, label=clock.label, limit=clock.limit)
    )
    return said.read(lang)


CLOCKS = {ClockKind.INTERNAL: Text("承办", "internal"), ClockKind.STATUTORY: Text("法定", "statutory")}
JOINT = Text("　", " – ")
HERE = Text("事项现在这里", "the case is here")
BEGINS = Text("开始", "begin")
LEGEND = {
    Manner.PERSON: Text("人员办理", "taken by a person"),
    Manner.SYSTEM: Text("系统自动办理", "taken by the system"),
    Manner.EXPIRY: Text("期限届满时系统办理", "taken when a time limit runs out"),
}
FINAL = Text("办结状态", "final state")
WAY_TAKEN = Text("本事项走过的路（数字为顺序）", "the way of this case (numbers: in which order)")
WITH_OTHERS = Text("其他事项在同一次提交中办理", "what other cases do in the same commit")
IN_THE_BOX = Text(
    "框内线下：不离开本环节的步骤，以及许多环节都可办的步骤",
    "in a box, below the line: steps that stay there, and steps that many states have",
)

_OTHER = Text("＋ {said}", "+ {said}")
_HEADING = Text("{title}（{name} 第 {version} 版）", "{title} ({name}, version {version})")
_WAY_OF = Text("{title}　{case}", "{title}: {case}")
_ORDER = Text("［{order}］", "[{order}] ")
_ENTERED = Text("← {label}（自 {count} 个环节）", "← {label} (from {count} states)")
_RUNS = Text("{kind}　{label} {limit}", "{kind}: {label}, {limit}")
_SOMETIMES = Text("{kind}（视情形）", "{kind}, in some cases")
_PAUSED = Text("{kind}　{label} 暂停计时", "{kind}: {label}, stands still")
_WHO = {
    Manner.PERSON: Text("{who}", "{who}"),
    Manner.SYSTEM: Text("{who}〔自动〕", "{who} [automatic]"),
    Manner.EXPIRY: Text("{who}〔到期〕", "{who} [on expiry]"),
}
