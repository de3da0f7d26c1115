"""One story, line by line: what was to be and what came; and on the way which steps and guards it has shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rehearsal.stage import Bureau, Stage
from storage.setup import ADMIN_NAME
from storage.views import DeadlineView
from workflow.case import (
    CIRCULATE,
    ESCALATE,
    IMPORT,
    REMIND,
    Case,
    Command,
    Event,
    Scalar,
    StateName,
    TransitionName,
    business_date,
)
from workflow.errors import GongkaiError, Invalid, NotFound, Refused
from workflow.model import Definition, Transition
from workflow.scenario import EDITED, STARTED, TAKEN_IN, Due, Expected, Line, Place, Scenario, Script
from workflow.text import Text

#: What a case tells of its clocks is looked at by itself, in who was told.
_OF_CLOCKS = (REMIND, ESCALATE)
_KINDS = (Refused, NotFound, Invalid)


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a story went another way than it says."""

    place: Place
    what: Text
    expected: Text
    came: Text


@dataclass(slots=True)
class Shown:
    """What stories have shown of the definitions: (kind, name) of each step taken, and of each guard met and unmet."""

    taken: set[tuple[str, str]] = field(default_factory=set)
    met: set[tuple[str, str]] = field(default_factory=set)
    unmet: set[tuple[str, str]] = field(default_factory=set)

    def add(self, other: Shown) -> None:
        """What another story has shown, too."""
        self.taken |= other.taken
        self.met |= other.met
        self.unmet |= other.unmet


@dataclass(frozen=True, slots=True)
class Played:
    """How one story went."""

    script: Script
    scenario: Scenario
    failures: tuple[Failure, ...]
    shown: Shown

    @property
    def passed(self) -> bool:
        """Whether all came as it says."""
        return not self.failures


def play(bureau: Bureau, script: Script, scenario: Scenario) -> Played:
    """The story on a stage of its own; it ends with the first line that went another way."""
    known = (Line(scenario.place, announced=scenario.announced),) if scenario.announced else ()
    with bureau.stage(script) as stage:
        playing = Playing(stage, bureau, scenario)
        failures: tuple[Failure, ...] = ()
        for line in (*known, *scenario.lines):
            failures = tuple(playing.line(line))
            if failures:
                break
        playing.remember()
        wrong = () if failures else tuple(_untrue(stage, scenario))
    return Played(script, scenario, (*failures, *wrong), playing.shown)


def _untrue(stage: Stage, scenario: Scenario) -> Iterator[Failure]:
    """The record of a story, read from its first event, must say what stands."""
    for problem in stage.desk.verify().problems:
        yield Failure(scenario.place, _RECORD, _AS_IT_STANDS, problem.text)


class Playing:
    """A story on its way: which case each of its names stands for, and what everybody has read."""

    def __init__(self, stage: Stage, bureau: Bureau, scenario: Scenario) -> None:
        self.stage, self.desk, self.kinds = stage, stage.desk, bureau.kinds
        self.ids: dict[str, str] = {}
        self.shown = Shown()
        readers = {name for line in scenario.lines if line.then for name in line.then.told}
        self.read = dict.fromkeys(readers, 0)  # person -> the last notice that they read

    def line(self, line: Line) -> Iterator[Failure]:
        """Time passes, somebody acts; each thing that came otherwise."""
        before = self._seq(line)
        try:
            if line.at is not None:
                self.stage.until(line.at, unattended=line.unattended)
            if line.announced is not None:
                self.desk.import_calendar(self.stage.actor(ADMIN_NAME), line.announced, line.place.file)
        except GongkaiError as error:
            yield Failure(line.place, _TIME, _GRANTED, _because(error))
            return
        if line.do is not None:
            stopped = tuple(self._act(line))
            yield from stopped
            if stopped:
                return  # what follows from a step that was not to be says nothing
        if line.opened is not None:
            yield from self._opened(line, line.opened)
        if line.then is not None:
            yield from self._expect(line, line.then, before)
        for name in self.read:
            self._news(name)

    def remember(self) -> None:
        """Every step that was taken in this story, by whomever, and the guards that stood open for it."""
        cases, _ = self.desk.list_cases(self.stage.observer, limit=1000)
        for each in cases:
            definition = self.desk.definition_of(each.definition)
            for event in self.desk.history(self.stage.observer, each.id):
                step = definition.transitions.get(event.transition)
                if step is not None:
                    self._took(definition, step)

    # Acting.

    def _act(self, line: Line) -> Iterator[Failure]:
        definition = self.kinds[line.kind]
        step = definition.transitions.get(TransitionName(line.do or ""))
        try:
            warned = self._done(line)
        except GongkaiError as error:
            if isinstance(error, Refused) and step:
                self._refused(definition, step, error)
            yield from _refusal(line, error)
            return
        if line.refused is not None:
            yield Failure(line.place, _REFUSAL, _names(line.refused), _GRANTED)
        if step:
            for name in step.warns:
                (self.shown.unmet if name in warned else self.shown.met).add((definition.id, name))
        if line.warned is not None and set(line.warned) != set(warned):
            yield Failure(line.place, _WARNINGS, _names(line.warned), _names(warned))

    def _opened(self, line: Line, name: str) -> Iterator[Failure]:
        """The newest sub-case of its kind that has no name yet: the line's own step opened it, or what followed from that."""
        known = set(self.ids.values())
        sub_cases = [each for each in self._case(line.case).children if each.kind == line.opened_kind]
        fresh = [each.id for each in sub_cases if each.id not in known]
        if fresh:
            self.ids[name] = fresh[-1]
        else:
            yield Failure(line.place, _SUB_CASE, Text(name, name), _NOTHING)

    def _done(self, line: Line) -> tuple[str, ...]:
        """The act, through the desk; the names of what was said without blocking it."""
        actor, do = self.stage.actor(line.by or ""), line.do or ""
        today = business_date(self.stage.clock.at).isoformat()
        written = {**line.data, **dict.fromkeys(line.today, today)}
        if do == STARTED:
            title = str(written.pop("title", "") or "")
            done = self.desk.start(actor, line.kind, title=title, section=line.section, data=written)
        elif do == TAKEN_IN:
            (outcome,) = self.desk.take_in(actor, line.kind, [Command(IMPORT, written)], section=line.section)
            if isinstance(outcome, GongkaiError):
                raise outcome
            done = outcome
        elif do == EDITED:
            done = self.desk.edit(actor, self.ids[line.case], data=written, comment=line.comment)
        else:
            written |= {"to": self.stage.ids_of(written.get("to"))} if do == CIRCULATE else {}
            done = self.desk.fire(actor, self.ids[line.case], do, data=written, comment=line.comment)
        if do in (STARTED, TAKEN_IN):
            self.ids[line.case] = done.case.case.id
        return tuple(each.name for each in done.said)

    def _refused(self, definition: Definition, step: Transition, error: Refused) -> None:
        """A refusal names every guard that is unmet: the others of the step are met."""
        reasons = {each.name for each in error.reasons if each.kind == "guard"}
        for name in _guards(definition, step):
            (self.shown.unmet if name in reasons else self.shown.met).add((definition.id, name))
        if any(each.name == "when_blocked" for each in error.reasons):
            self.shown.met |= {(definition.id, name) for name in step.when_blocked}

    def _took(self, definition: Definition, step: Transition) -> None:
        self.shown.taken.add((definition.id, step.name))
        self.shown.met |= {(definition.id, name) for name in _guards(definition, step)}
        if len(step.when_blocked) == 1:
            self.shown.unmet.add((definition.id, step.when_blocked[0]))

    # Looking.

    def _expect(self, line: Line, then: Expected, before: int) -> Iterator[Failure]:
        case = self._case(line.case)
        definition = self.desk.definition_of(case.definition)
        if then.state is not None and case.state != then.state:
            yield Failure(then.place, _STATE, _state(definition, then.state), _state(definition, case.state))
        if then.hands is not None and case.waits_for != then.hands:
            yield Failure(then.place, _HANDS, _plain(then.hands), _plain(case.waits_for))
        for name, value in then.fields.items():
            if case.data.get(name) != value:
                what = _FIELD.filled(field=definition.fields[name].label)
                yield Failure(then.place, what, _value(value), _value(case.data.get(name)))
        yield from self._clocks(case, then, definition)
        events = [each for each in self.desk.history(self.stage.observer, case.id) if each.seq > before]
        happened = [str(each.transition) for each in events if each.transition not in _OF_CLOCKS]
        if then.happened is not None and happened != list(then.happened):
            yield Failure(then.place, _STEPS, _names(then.happened), _names(happened))
        for person, wanted in then.told.items():
            told = [_called(each, events, definition) for each in self._news(person, case.id)]
            if sorted(told) != sorted(wanted):
                yield Failure(then.place, _TOLD.filled(person=person), _names(wanted), _names(told))

    def _clocks(self, case: Case, then: Expected, definition: Definition) -> Iterator[Failure]:
        if not then.due and not then.ended:
            return
        clocks = self.desk.clocks(self.stage.observer, case.id)
        for name, wanted in then.due.items():
            running = [each for each in clocks if each.rule.name == name and each.deadline.closed_at is None]
            came = _standing(running[0]) if running else None
            if not _as_wanted(wanted, came):
                yield Failure(
                    then.place, _CLOCK.filled(clock=definition.deadlines[name].label), _due(wanted), _due(came)
                )
        for name, outcome in then.ended.items():
            over = [each.deadline for each in clocks if each.rule.name == name and each.deadline.closed_at]
            came_to = str(over[-1].outcome) if over else None
            if came_to != outcome:
                what = _ENDED.filled(clock=definition.deadlines[name].label)
                yield Failure(then.place, what, _plain(outcome), _plain(came_to))

    def _case(self, name: str) -> Case:
        return self.desk.case(self.stage.observer, self.ids[name]).case

    def _seq(self, line: Line) -> int:
        return self._case(line.case).seq if line.case in self.ids and line.do not in (STARTED, TAKEN_IN) else 0

    def _news(self, name: str, case_id: str | None = None) -> list[tuple[str, str, str]]:
        """What somebody was told since they last read, of one case: occasion, instant and sentence."""
        notices = [
            each for each in self.desk.worklist(self.stage.actor(name)).notices if each.id > self.read.get(name, 0)
        ]
        if case_id is None:
            self.read[name] = max((each.id for each in notices), default=self.read[name])
        return [(each.occasion, each.created_at.isoformat(), each.text.zh) for each in notices if each.case == case_id]


def _refusal(line: Line, error: GongkaiError) -> Iterator[Failure]:
    """Nothing, where the refusal is the one that was foretold."""
    came = tuple(_reasons(error))
    if line.refused is None or not isinstance(error, _KINDS):
        yield Failure(line.place, _ACT.filled(step=line.do), _GRANTED, _because(error))
    elif set(came) != set(line.refused):
        yield Failure(line.place, _REFUSAL, _names(line.refused), _names(came))


def _reasons(error: GongkaiError) -> Iterator[str]:
    if isinstance(error, Refused):
        yield from (each.name for each in error.reasons)
    elif isinstance(error, Invalid):
        yield from (each.field or each.code for each in error.problems)
    elif isinstance(error, NotFound):
        yield "not_found"


def _because(error: GongkaiError) -> Text:
    """The refusal as the person who acted reads it."""
    reasons: list[tuple[str, Text]] = []
    if isinstance(error, Refused):
        reasons = [(each.name, each.text) for each in error.reasons]
    elif isinstance(error, Invalid):
        reasons = [(each.field or each.code, each.text) for each in error.problems]
    zh = "；".join(f"{text.zh}（{name}）" for name, text in reasons)
    en = "; ".join(f"{text.en} ({name})" for name, text in reasons)
    return Text(f"{error.said.zh}{zh}", f"{error.said.en} {en}".rstrip())


def _guards(definition: Definition, step: Transition) -> tuple[str, ...]:
    parts = definition.letters[step.letter].parts if step.letter else ()
    return (*step.guards, *parts)


def _standing(view: DeadlineView) -> Due:
    clock = view.deadline
    return Due(clock.rolled_on, clock.strict_on, clock.provisional, clock.paused is not None, clock.extended)


def _as_wanted(wanted: Due | None, came: Due | None) -> bool:
    if wanted is None or came is None:
        return wanted is came
    return (
        wanted.rolled_on in (None, came.rolled_on)
        and wanted.strict_on in (None, came.strict_on)
        and (wanted.provisional, wanted.paused) == (came.provisional, came.paused)
        and wanted.extended in (None, came.extended)
    )


def _called(news: tuple[str, str, str], events: Sequence[Event], definition: Definition) -> str:
    """What a notice is of: a step, or the reminder or escalation of a clock."""
    occasion, at, sentence = news
    if occasion not in _OF_CLOCKS:
        return occasion
    clocks = [
        str(each.data["deadline"]) for each in events if each.transition == occasion and each.at.isoformat() == at
    ]
    named = [each for each in clocks if definition.deadlines[each].label.zh in sentence]
    return f"{occasion} {(named or clocks or ['?'])[0]}"


# In words.


def _names(names: Sequence[str]) -> Text:
    return Text("、".join(names), ", ".join(names)) if names else _NOTHING


def _plain(said: object) -> Text:
    return _NOTHING if said is None else Text(str(said), str(said))


def _value(value: Scalar) -> Text:
    return _NOTHING if value is None else _plain(str(value).lower() if isinstance(value, bool) else value)


def _state(definition: Definition, name: str) -> Text:
    label = definition.states[StateName(name)].label
    return Text(f"{label.zh}（{name}）", f"{label.en} ({name})")


def _due(due: Due | None) -> Text:
    if due is None:
        return _NO_CLOCK
    zh, en = [], []
    for fact, text in (
        (due.rolled_on, _ROLLED),
        (due.strict_on, _STRICT),
        (due.provisional or None, _PROVISIONAL),
        (due.paused or None, _PAUSED),
        (due.extended or None, _EXTENDED),
    ):
        if fact is not None:
            said = text.filled(fact=fact)
            zh.append(said.zh)
            en.append(said.en)
    return Text("，".join(zh), ", ".join(en))


_TIME = Text("时间推移", "time passes")
_ACT = Text("办理 {step}", "the step {step}")
_GRANTED = Text("办成", "it is done")
_REFUSAL = Text("拦下的理由", "why it is refused")
_WARNINGS = Text("提示", "what is said without blocking")
_SUB_CASE = Text("新的子事项", "a new sub-case")
_NOTHING = Text("无", "nothing")
_STATE = Text("状态", "state")
_HANDS = Text("在谁手中", "in whose hands")
_FIELD = Text("“{field}”", "{field}")
_CLOCK = Text("时限“{clock}”", "the clock “{clock}”")
_ENDED = Text("时限“{clock}”如何结束", "how the clock “{clock}” ended")
_STEPS = Text("发生的步骤", "the steps that happened")
_TOLD = Text("{person}收到的通知", "what {person} was told")
_RECORD = Text("办理记录", "the record")
_AS_IT_STANDS = Text("与现状一致", "as it stands")
_NO_CLOCK = Text("不计时", "it does not run")
_ROLLED = Text("最后一日 {fact}", "last day {fact}")
_STRICT = Text("顺延前 {fact}", "as counted {fact}")
_PROVISIONAL = Text("日历未公布，暂定", "provisional")
_PAUSED = Text("暂停", "paused")
_EXTENDED = Text("延长 {fact}", "extended by {fact}")
