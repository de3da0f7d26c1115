"""The way of a file of scenarios from text to stories whose every name is known, strict and complete in its complaints."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from workflow.act import PARAMETERS, REASONS
from workflow.case import CIRCULATE, SHANGHAI, TransitionName
from workflow.circulation import named_in
from workflow.errors import BadDefinition, BadScenario
from workflow.loader.report import Path, Report, Stop, suggestion
from workflow.loader.scenario_said import SCENARIOS
from workflow.loader.scenario_shape import DueEntry, LineEntry, ScenarioEntry, ScenarioFile, ThenEntry, TodayEntry
from workflow.loader.shape import shaped
from workflow.loader.source import read
from workflow.model import Definition
from workflow.scenario import (
    EDITED,
    STARTED,
    TAKEN_IN,
    Due,
    Excuse,
    Expected,
    Line,
    Person,
    Place,
    Scenario,
    Script,
)
from workflow.text import Text

#: A day of which no hour is said begins then.
OPENS = time(9, 0)
#: By what else than its guards and fields a step may be refused, or a case not be seen.
_OTHER_REASONS = ("role", "state", "if", "when_blocked", "comment", "number", "transition", "section", "not_found")
#: What happens to a case beside the steps of its definition.
_OTHER_EVENTS = (STARTED, EDITED, TAKEN_IN, "recompute")

_CALLED = {
    "kind": Text("事项种类", "kind of case"),
    "step": Text("步骤", "step"),
    "state": Text("状态", "state"),
    "field": Text("字段", "field"),
    "clock": Text("时限", "clock"),
    "guard": Text("条件", "guard"),
    "role": Text("岗位", "role"),
    "person": Text("人员", "person"),
    "section": Text("科室", "section"),
    "case": Text("事项", "case of this story"),
    "passage": Text("段落", "passage"),
    "reason": Text("要求", "requirement"),
}


def read_scenarios(
    text: str | bytes,
    file: str,
    kinds: Mapping[str, Definition],
    sections: Collection[str],
    people: Collection[str],
) -> Script:
    """The stories that the text tells; raises BadScenario with every fault found.

    `kinds` are the definitions they are told about; `sections` and `people` those of the bureau, by name.
    """
    report = Report(file, SCENARIOS)
    try:
        return _read(text, report, kinds, sections, people)
    except BadDefinition as fault:
        raise BadScenario(file, fault.findings) from None


def check_form(text: str | bytes, file: str) -> None:
    """Raise BadScenario with every fault that shows in the file alone, before any definition is looked at."""
    report = Report(file, SCENARIOS)
    with suppress(Stop):  # what stopped it is in the report
        shaped(ScenarioFile, read(text, report), report)
    if report.findings:
        raise BadScenario(file, report.in_order())


def _read(
    text: str | bytes,
    report: Report,
    kinds: Mapping[str, Definition],
    sections: Collection[str],
    people: Collection[str],
) -> Script:
    try:
        said = shaped(ScenarioFile, read(text, report), report)
        script = _Reading(report, said, kinds, sections, people).script()
    except Stop:
        report.raise_any()
        raise
    report.raise_any()
    return script


@dataclass(slots=True)
class _Story:
    """How far one story has come: the moment, and the kind of each case that it knows."""

    path: Path
    about: str
    at: datetime | None = None
    kinds: dict[str, str] = field(default_factory=dict)


class _Reading:
    """One file, held against the definitions and the bureau."""

    def __init__(
        self,
        report: Report,
        said: ScenarioFile,
        kinds: Mapping[str, Definition],
        sections: Collection[str],
        people: Collection[str],
    ) -> None:
        self.report, self.said, self.kinds = report, said, kinds
        bureau = said.bureau
        self.sections = {*sections, *(bureau.sections if bureau else ())}
        self.people = {*people, *(bureau.people if bureau else ())}

    def script(self) -> Script:
        """The whole file."""
        said = self.said
        if not self._known(said.about, self.kinds, "kind", ("about",)):
            raise Stop
        bureau = said.bureau
        people = [Person(n, p.section, tuple(p.posts)) for n, p in (bureau.people if bureau else {}).items()]
        for each in people:
            here: Path = ("bureau", "people", each.name)
            if each.section is not None:
                self._known(each.section, self.sections, "section", (*here, "section"))
            for number, post in enumerate(each.posts):
                self._known(post, self._roles(), "role", (*here, "posts", number))
        for name, lines in said.passages.items():
            for number, line in enumerate(lines):
                if line.passage:
                    self.report.of(("passages", name, number), "scenario-passage")
        return Script(
            self.report.file,
            said.about,
            tuple(bureau.sections if bureau else ()),
            tuple(people),
            tuple(self._scenario(name, entry) for name, entry in said.scenarios.items()),
            tuple(self._excuses()),
        )

    def _scenario(self, name: str, said: ScenarioEntry) -> Scenario:
        path: Path = ("scenarios", name)
        if said.example and not said.source:
            self.report.of((*path, "example"), "scenario-unsourced")
        story = _Story(path, self.said.about)
        lines = list(self._lines(said, story))
        if said.then and lines:
            at = (*path, "then")
            kind = story.kinds.get("", self.said.about)
            if not story.kinds:
                self.report.of(at, "scenario-not-begun", once=True)
            lines.append(Line(self._place(at), kind=kind, then=self._expected(said.then, at, self.kinds[kind])))
        return Scenario(
            self._place(path),
            name,
            Text(said.zh, said.en),
            said.example,
            said.source,
            said.given.calendar if said.given else None,
            tuple(lines),
        )

    def _lines(self, said: ScenarioEntry, story: _Story) -> Iterator[Line]:
        for number, each in enumerate(said.when):
            path = (*story.path, "when", number)
            if each.passage is None:
                yield from self._line(each, path, story)
                continue
            if not each.model_fields_set <= {"passage", "at", "case"}:
                self.report.of(path, "scenario-passage")
            if self._known(each.passage, self.said.passages, "passage", (*path, "passage")):
                at = self._moment(each, path, story) if each.at else None
                for place, line in enumerate(self.said.passages[each.passage]):
                    inner = line if line.case or not each.case else line.model_copy(update={"case": each.case})
                    for told in self._line(inner, ("passages", each.passage, place), story):
                        yield replace(told, at=told.at or at)
                        at = None

    def _line(self, said: LineEntry, path: Path, story: _Story) -> Iterator[Line]:
        if said.passage:
            return
        at = self._moment(said, path, story)
        self._whole(said, path)
        kind = self._kind_of(said, path, story)
        definition = self.kinds[kind]
        self._names(said, path, definition)
        line = Line(
            place=self._place(path),
            at=at,
            unattended=said.unattended,
            by=said.by,
            do=said.do,
            kind=kind,
            case=said.case or "",
            section=said.section,
            data={name: value for name, value in said.with_.items() if not isinstance(value, TodayEntry)},
            today=tuple(name for name, value in said.with_.items() if isinstance(value, TodayEntry)),
            comment=said.comment,
            refused=None if said.refused is None else tuple(said.refused),
            warned=None if said.warned is None else tuple(said.warned),
            opened=said.opened,
            announced=said.announce,
        )
        if said.opened:
            line = replace(line, opened_kind=self._opened(said, path, definition, story))
        if said.then:
            line = replace(line, then=self._expected(said.then, (*path, "then"), definition))
        yield line

    def _moment(self, said: LineEntry, path: Path, story: _Story) -> datetime | None:
        if said.at is None:
            if story.at is None:
                self.report.of(path, "scenario-no-moment", once=True)
                story.at = datetime(1, 1, 1, tzinfo=SHANGHAI)
            return None
        day, _, hour = said.at.partition(" ")
        try:
            at = datetime.combine(date.fromisoformat(day), time.fromisoformat(hour) if hour else OPENS, SHANGHAI)
        except ValueError:
            self.report.of((*path, "at"), "scenario-moment", value=True, once=True, given=said.at)
            return None
        before = story.at
        if before and not hour and at.date() == before.date():
            at = max(at, before)
        if before and at < before:
            self.report.of(
                (*path, "at"), "scenario-backwards", value=True, once=True, before=f"{before:%Y-%m-%d %H:%M}"
            )
        story.at = at
        return at

    def _whole(self, said: LineEntry, path: Path) -> None:
        """Nothing on a line waits for a key that is not there."""
        if all(each is None for each in (said.do, said.at, said.then, said.announce, said.opened)):
            self.report.of(path, "scenario-no-act", once=True)
        for name in ("warned", "opened"):
            if said.refused is not None and getattr(said, name) is not None:
                self.report.of((*path, name), "scenario-refused-and-done", once=True, name=name)
        for name in ("with", "comment", "refused", "warned", "section", "kind"):
            given = "with_" if name == "with" else name
            of_opened = name == "kind" and said.opened is not None
            if said.do is None and given in said.model_fields_set and not of_opened:
                self.report.of((*path, name), "scenario-half-act", once=True, name=name, lacking="do")
        for name, other in (("do", "by"), ("by", "do"), ("unattended", "at")):
            if name in said.model_fields_set and getattr(said, name) is not None and getattr(said, other) is None:
                self.report.of((*path, name), "scenario-half-act", once=True, name=name, lacking=other)

    def _kind_of(self, said: LineEntry, path: Path, story: _Story) -> str:
        """Of which kind the case of this line is; a line that begins one names it."""
        if said.do in (STARTED, TAKEN_IN):
            kind = said.kind or story.about
            if not self._known(kind, self.kinds, "kind", (*path, "kind")):
                return story.about
            if said.refused is None:
                self._named(said.case or "", "case", kind, path, story)
            elif said.then:
                self.report.of((*path, "then"), "scenario-refused-and-done", once=True, name="then")
            return kind
        if said.case:
            self._known(said.case, [each for each in story.kinds if each], "case", (*path, "case"))
        elif (said.do or said.then) and "" not in story.kinds:
            self.report.of(path, "scenario-not-begun", once=True)
        return story.kinds.get(said.case or "", story.about)

    def _named(self, name: str, key: str, kind: str, path: Path, story: _Story) -> None:
        """From now on the story knows a case by this name."""
        if name in story.kinds:
            self.report.of((*path, key), "scenario-case-twice", value=True, once=True, name=name or "start")
        story.kinds[name] = kind

    def _opened(self, said: LineEntry, path: Path, definition: Definition, story: _Story) -> str | None:
        """Of which kind the sub-case is that gets a name here."""
        step = definition.transitions.get(TransitionName(said.do or ""))
        own = [step.opens.child] if step and step.opens else [*definition.children]
        kinds = {definition.children[each].kind for each in own}
        # What another step or another case has opened is known where there is one kind of sub-case only, or the line says which.
        if said.kind and said.do not in (STARTED, TAKEN_IN):
            self._known(said.kind, kinds, "kind", (*path, "kind"))
            kinds &= {said.kind}
        elif len(kinds) != 1:
            lacking = "kind" if kinds else "opens"
            self.report.of((*path, "opened"), "scenario-half-act", once=True, name="opened", lacking=lacking)
        child = next(iter(kinds)) if len(kinds) == 1 else None
        if said.opened and child is not None and child in self.kinds:
            self._named(said.opened, "opened", child, path, story)
        return child

    def _names(self, said: LineEntry, path: Path, definition: Definition) -> None:
        """Everyone and everything that the line names is there."""
        if said.by is not None:
            self._known(said.by, self.people, "person", (*path, "by"))
        if said.section is not None:
            self._known(said.section, self.sections, "section", (*path, "section"))
        if said.do is not None:
            steps = [*definition.named_steps, STARTED, EDITED, TAKEN_IN]
            self._known(said.do, steps, "step", (*path, "do"))
        told = PARAMETERS.get(said.do or "")
        for name in said.with_:
            self._known(name, told or definition.fields, "field", (*path, "with", name))
        for each in named_in(said.with_.get("to")) if said.do == CIRCULATE else ():
            self._known(each, self.people, "person", (*path, "with", "to"))
        reasons = {
            *_OTHER_REASONS,
            *REASONS,
            *definition.guards,
            *definition.fields,
            *(each.name for each in definition.never),
        }
        for number, name in enumerate(said.refused or ()):
            self._known(name, reasons, "reason", (*path, "refused", number))
        warnings = [*definition.guards, *(each.name for each in definition.similar)]
        for number, name in enumerate(said.warned or ()):
            self._known(name, warnings, "guard", (*path, "warned", number))

    def _expected(self, said: ThenEntry, path: Path, definition: Definition) -> Expected:
        if said.state is not None:
            self._known(said.state, definition.states, "state", (*path, "state"))
        if said.hands is not None:
            self._known(said.hands, definition.roles, "role", (*path, "hands"))
        for name in said.fields:
            self._known(name, definition.fields, "field", (*path, "fields", name))
        for part, clocks in (("due", said.due), ("ended", said.ended)):
            for name in clocks:
                self._known(name, definition.deadlines, "clock", (*path, part, name))
        for person, what in said.told.items():
            self._known(person, self.people, "person", (*path, "told", person))
            for number, each in enumerate(what):
                self._told(each, definition, (*path, "told", person, number))
        for number, name in enumerate(said.happened or ()):
            self._known(name, [*definition.named_steps, *_OTHER_EVENTS], "step", (*path, "happened", number))
        return Expected(
            place=self._place(path),
            state=said.state,
            hands=said.hands,
            fields=dict(said.fields),
            due={name: self._due(each, (*path, "due", name)) for name, each in said.due.items()},
            ended=dict(said.ended),
            told={person: tuple(what) for person, what in said.told.items()},
            happened=None if said.happened is None else tuple(said.happened),
        )

    def _told(self, said: str, definition: Definition, path: Path) -> None:
        word, _, clock = said.partition(" ")
        known = definition.deadlines if word in ("remind", "escalate") else {}
        steps = [*definition.named_steps, EDITED]  # of an edit that moves a day of the law somebody hears
        if clock not in known if clock else said not in steps:
            hint = suggestion(clock or said, known or steps)
            self.report.of(path, "scenario-told", value=True, once=True, hint=hint)

    def _due(self, said: str | DueEntry, path: Path) -> Due | None:
        if isinstance(said, DueEntry):
            return Due(_day(said.rolled), _day(said.strict), said.provisional, said.paused, said.extended)
        if said in ("none", "paused"):
            return None if said == "none" else Due(paused=True)
        try:
            return Due(date.fromisoformat(said))
        except ValueError:
            self.report.of(path, "scenario-due", value=True, once=True, given=said)
            return None

    def _excuses(self) -> Iterator[Excuse]:
        said, definition = self.said.excuses, self.kinds[self.said.about]
        for part, side, entries in (
            ("steps", "taken", said.steps if said else {}),
            ("always_met", "unmet", said.always_met if said else {}),
            ("never_met", "met", said.never_met if said else {}),
        ):
            known: Collection[str] = definition.transitions if part == "steps" else definition.guards
            for name, why in entries.items():
                path: Path = ("excuses", part, name)
                self._known(name, known, "step" if part == "steps" else "guard", path)
                yield Excuse(self._place(path), self.said.about, name, side, Text(why.zh, why.en))

    def _roles(self) -> set[str]:
        return {role for each in self.kinds.values() for role in each.roles}

    def _known(self, name: str, known: Collection[str], what: str, path: Path) -> bool:
        if name in known:
            return True
        said = _CALLED[what]
        hint = suggestion(name, sorted(known))
        self.report.of(
            path, "scenario-unknown", value=path[-1] != name, once=True,
            name=name, hint=hint, what_zh=said.zh, what_en=said.en,
        )  # fmt: skip
        return False

    def _place(self, path: Path) -> Place:
        return Place(self.report.file, self.report.spot(path).line)


def _day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)
