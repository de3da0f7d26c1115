"""The papers of a case (附件) as its record tells of them: who put which to it and who took which away again. Pure, as `decide` is.

A paper is an event: what it is called and the digest of its content stand in the chain by their commitments, so that both can
be erased with the content. Where the content lies is storage's to know.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from workflow.case import (
    ATTACH,
    DETACH,
    Actor,
    Appointment,
    Case,
    Event,
    Helper,
    RoleName,
    StateName,
    TransitionName,
    Unmet,
)
from workflow.judge import SYSTEM_ROLE, post_for
from workflow.model import Definition
from workflow.text import Text, listed
from workflow.values import hidden_character, on_one_line
from workflow.words import step_label

#: What such an event says, under these names; no field can be called so. The first three may be erased (workflow/ledger.py).
DIGEST, NAME, TITLE = "attach.sha256", "attach.name", "attach.title"
NO, SIZE, KIND, VERDICT, FOUND = "attach.no", "attach.size", "attach.kind", "attach.verdict", "attach.found"
LONGEST_NAME, LONGEST_ENDING = 120, 10
NAMELESS = "附件"

CLEAN, WARNED, UNREADABLE = "clean", "warned", "unreadable"
VERDICTS: Mapping[str, Text] = {
    CLEAN: Text("未见异常", "clean"),
    WARNED: Text("请留意", "take care"),
    UNREADABLE: Text("读不全", "unreadable"),
}
#: What was found in a content, and what it means for whoever opens it.
FINDINGS: Mapping[str, Text] = {
    "script": Text(
        "含脚本（JavaScript），打开时可能自动运行", "holds a script (JavaScript) that may run when it is opened"
    ),
    "launch": Text("含启动程序或打开外部文件的动作", "holds an action that starts a program or opens another file"),
    "embedded": Text("内嵌其他文件或对象，未逐一查看", "holds other files or objects, which were not looked into"),
    "external": Text("引用外部内容，打开时可能联网", "refers to content elsewhere and may fetch it when it is opened"),
    "active": Text("含 ActiveX 控件", "holds ActiveX controls"),
    "encrypted": Text("已加密，内容无法查看", "is encrypted: its content cannot be looked at"),
    "paths": Text("压缩包内的文件名指向包外", "names files outside of itself: unpack it with care"),
    "ending": Text("文件名后缀与内容不符", "its name ends otherwise than its content is"),
    "damaged": Text("内容不完整或已损坏", "is not whole, or damaged"),
    "crashed": Text("查看时出错中止", "what looked into it came to grief"),
    "slow": Text("查看超时中止", "looking into it took too long"),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of a case: its number there, what is known of it, and whether it was withdrawn; erased, it has no digest."""

    no: int
    seq: int
    by: str
    by_name: str
    at: datetime
    size: int
    kind: str
    verdict: str
    found: tuple[str, ...]
    sha256: str | None
    name: str | None
    title: str | None
    withdrawn_seq: int | None = None
    withdrawn_at: datetime | None = None

    @property
    def said(self) -> Text:
        """How it is called: its title, else its file's name."""
        called = self.title or self.name
        return Text(called, called) if called else _ERASED

    @property
    def verdict_said(self) -> Text:
        """What came of looking into it, with all that was found."""
        word = VERDICTS.get(self.verdict, Text(self.verdict, self.verdict))
        found = listed((FINDINGS.get(each, Text(each, each)) for each in self.found), "；", "; ")
        return Text(f"{word.zh}：{found.zh}", f"{word.en}: {found.en}") if self.found else word

    def to_json(self) -> dict[str, object]:
        """The paper as the JSON surface shows it."""
        return {
            "no": self.no,
            "seq": self.seq,
            "name": self.name,
            "title": self.title,
            "size": self.size,
            "kind": self.kind,
            "sha256": self.sha256,
            "verdict": self.verdict,
            "found": [{"code": each, **FINDINGS.get(each, Text(each, each)).to_json()} for each in self.found],
            "by": self.by,
            "at": self.at.isoformat(),
            "withdrawn_at": self.withdrawn_at.isoformat() if self.withdrawn_at else None,
            "erased": self.sha256 is None,
        }


def papers_of(events: Iterable[Event]) -> tuple[Paper, ...]:
    """The papers of which a record tells, in the order in which they came."""
    papers: dict[int, Paper] = {}
    for event in events:
        if event.transition == ATTACH:
            paper = _paper(event)
            papers[paper.no] = paper
        elif event.transition == DETACH:
            no = int(event.data[NO] or 0)
            papers[no] = replace(papers[no], withdrawn_seq=event.seq, withdrawn_at=event.at)
    return tuple(papers.values())


def _paper(event: Event) -> Paper:
    said = {name: None if value is None else str(value) for name, value in event.data.items()}
    return Paper(
        no=int(said[NO] or 0),
        seq=event.seq,
        by=event.actor,
        by_name=event.actor_name,
        at=event.at,
        size=int(said[SIZE] or 0),
        kind=said[KIND] or "",
        verdict=said[VERDICT] or "",
        found=tuple((said.get(FOUND) or "").split()),
        sha256=said.get(DIGEST),
        name=said.get(NAME),
        title=said.get(TITLE),
    )


def differing(events: Iterable[Event], rows: Iterable[tuple[int, int, str | None, int, int | None]]) -> int | None:
    """The event of a paper of which the table says otherwise than the record; rows are number, event, digest, size, withdrawal."""
    told = {each.no: (each.seq, each.sha256, each.size, each.withdrawn_seq) for each in papers_of(events)}
    kept = {no: (seq, digest, size, withdrawn) for no, seq, digest, size, withdrawn in rows}
    for no in sorted({*told, *kept}):
        if told.get(no) != kept.get(no):
            return (told.get(no) or kept[no])[0]
    return None


def judged(
    definition: Definition, case: Case, actor: Actor, now: datetime, what: TransitionName
) -> tuple[Appointment | None, tuple[Unmet, ...]]:
    """By which post the actor may put a paper to a case or take one away, and all that stands in the way.

    It is for whoever may act on the case as it stands, or write in it; an ended case is as it was when it ended.
    """
    roles = who_may(definition, case.state, case.waits_for)
    post = None if actor.is_system else post_for(definition, roles, actor, case, now)
    return post, tuple(_unmet(definition, case, roles, post, step_label(definition, what)))


def _unmet(
    definition: Definition, case: Case, roles: tuple[RoleName, ...], post: Appointment | None, what: Text
) -> Iterator[Unmet]:
    if case.closed_at is not None:
        yield Unmet("state", _ENDED.filled(number=case.number, what=what), "state")
    elif post is None:
        there = [definition.roles[each] for each in roles]
        helpers = tuple(Helper(each.name, each.label, None, None) for each in there)
        text = _FOR.filled(roles=listed(each.label for each in there)) if there else _FOR_NOBODY
        yield Unmet("role", text, "role", helpers)


def who_may(definition: Definition, state: StateName, waits_for: RoleName | None) -> tuple[RoleName, ...]:
    """Whoever may take a step from here, write a field here, or in whose hands the case is."""
    steps = (role for step in definition.leaving[state] for role in step.roles.get(state, ()))
    hands = (waits_for,) if waits_for else ()
    edits = definition.state_named(state).edit
    return tuple(dict.fromkeys(each for each in (*hands, *edits, *steps) if each != SYSTEM_ROLE))


def cleaned(name: str) -> str:
    """The name of a file as it may be shown, stored and given to a file again: no way to elsewhere, nothing that deceives.

    >>> cleaned("../../etc/报告\\u202efdp.exe"), cleaned("C:\\\\扫描\\\\第 1 页.pdf"), cleaned("\\n")
    ('报告fdp.exe', '第 1 页.pdf', '附件')
    >>> cleaned("长" * 300 + ".pdf") == "长" * 116 + ".pdf"
    True
    """
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    plain = "".join("_" if each in '<>:"|?*' else "" if "\ud800" <= each <= "\udfff" else each for each in plain)
    plain = on_one_line(plain).strip(" .")
    if hidden_character(plain):
        plain = "".join(each for each in plain if hidden_character(each) is None)
    if len(plain) > LONGEST_NAME:
        stem, dot, ending = plain.rpartition(".")
        kept = dot + ending if stem and len(ending) < LONGEST_ENDING else ""
        plain = plain[: LONGEST_NAME - len(kept)] + kept
    return plain or NAMELESS


_ERASED = Text("（已删除）", "(erased)")
_ENDED = Text("{number} 已办结，不能再{what}", "{number} has ended: it is too late to {what}")
_FOR = Text("须由当前环节的办理人员办理：{roles}", "this is for those who act on the case where it is: {roles}")
_FOR_NOBODY = Text("事项不在任何人手中，无人可办", "the case is in nobody's hands, so this is for nobody")
