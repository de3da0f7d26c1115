"""A definition as BPMN 2.0: a lane for each role, a user task for each state in which a case waits for one, a gateway where
several steps lead on, a timer on the border of a task for each clock that runs there. Other cases that begin or move with a step
stand in pools of their own, and an event on the step's way has word for them.

What a step needs stands as the condition of its flow and, in the words of the definition, in its documentation. Working days
are no duration that ISO 8601 knows: such a limit is written as it is declared, under a language of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from exchange.bpmn_layout import layout
from exchange.bpmn_parts import Flow, Message, Node, Pool, Process
from exchange.bpmn_picture import diagram
from exchange.files import element
from exchange.others import in_short, others_of
from workflow.case import RoleName, StateName
from workflow.clock import in_words as limit_in_words
from workflow.limit import Unit
from workflow.model import DeadlineRule, Definition, State, Transition
from workflow.text import Lang, Text, basis_said
from workflow.words import in_words

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
NAMESPACES = {
    "xmlns:bpmn": MODEL,
    "xmlns:bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "xmlns:dc": "http://www.omg.org/spec/DD/20100524/DC",
    "xmlns:di": "http://www.omg.org/spec/DD/20100524/DI",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
LIMITS, GUARDS = "urn:gongkai:limit", "urn:gongkai:guards"
SYSTEM = RoleName("system")


def bpmn(definition: Definition, lang: Lang, kinds: Mapping[str, Definition]) -> Element:
    """The definition as a BPMN document with its picture; `kinds` are those whose cases it may move."""
    drawn = _Drawing(definition, lang, kinds).drawn()
    page = layout(drawn)
    name = definition.title.read(lang)
    attributes = {
        **NAMESPACES,
        "id": f"definitions_{definition.id}",
        "name": name,
        "targetNamespace": f"urn:gongkai:definition:{definition.id}:{definition.version}",
        "exporter": "gongkai",
        "exporterVersion": definition.digest[:12],
    }
    participant = {"id": "pool", "name": name, "processRef": f"process_{definition.id}"}
    return element(
        "bpmn:definitions",
        attributes,
        *(element("bpmn:message", {"id": each.content, "name": each.name}) for each in drawn.messages),
        element(
            "bpmn:collaboration",
            {"id": "collaboration"},
            element("bpmn:participant", participant),
            *(element("bpmn:participant", {"id": each.id, "name": each.name}) for each in drawn.pools),
            *(_message_flow(each) for each in drawn.messages),
        ),
        _process(definition, drawn, lang),
        diagram(drawn, page),
    )


# The value model.


class _Drawing:
    """Goes through a definition state by state."""

    def __init__(self, definition: Definition, lang: Lang, kinds: Mapping[str, Definition]) -> None:
        self.definition, self.lang, self.kinds = definition, lang, kinds
        self.nodes: list[Node] = []
        self.flows: list[Flow] = []
        self.pools: dict[str, Pool] = {}
        self.messages: list[Message] = []

    def drawn(self) -> Process:
        first = self.definition.states[self.definition.initial]
        self.nodes.append(Node("start", "startEvent", self._read(_BEGIN), self._lane(first)))
        self.flows.append(Flow("flow_start", "start", _of_state(first.name)))
        for state in self.definition.states.values():
            self._state(state)
        used = {each.lane for each in self.nodes}
        lanes = tuple(role for role in self.definition.roles if role in used)
        return Process(tuple(self.nodes), tuple(self.flows), lanes, tuple(self.pools.values()), tuple(self.messages))

    def _state(self, state: State) -> None:
        lane, name = self._lane(state), self._read(state.label)
        steps = [(each, self._docs(each, state.name)) for each in self._steps(state)]
        if state.final and not steps:
            self.nodes.append(Node(_of_state(state.name), "endEvent", name, lane))
            return
        docs = self._read(_STAYS_DONE) if state.final else ""
        self.nodes.append(Node(_of_state(state.name), "userTask", name, lane, docs))
        leaves = _of_state(state.name)
        if len(steps) + state.final > 1:
            leaves = f"gate_{state.name}"
            self.nodes.append(Node(leaves, "exclusiveGateway", self._read(_WHICH), lane))
            self.flows.append(Flow(f"flow_to_{leaves}", _of_state(state.name), leaves))
        for step, said in steps:
            target, name = self._target(step, lane), self._read(step.label)
            condition = " and ".join(_needs(step)) if leaves.startswith("gate_") or step.guards or step.when else ""
            self.flows.append(Flow(f"flow_{step.name}_{state.name}", leaves, target, name, said, condition))
        if state.final:  # a case may rest here for ever, though a step still leads on
            self.nodes.append(Node(f"end_{state.name}", "endEvent", self._read(state.label), lane))
            stays = self._read(_NO_STEP)
            self.flows.append(Flow(f"flow_end_{state.name}", leaves, f"end_{state.name}", stays, condition="no step"))
        for rule in self.definition.clocks_in[state.name]:
            if state.name in rule.runs_in:
                self._clock(state, rule, lane)

    def _target(self, step: Transition, lane: RoleName) -> str:
        """Where the arrow of a step leads: to its state, or first to the event that has word for other cases."""
        others = others_of(self.definition, step, self.kinds)
        if not others:
            return _of_state(step.target)
        event = f"also_{step.name}"
        if all(each.id != event for each in self.nodes):
            docs = []
            for number, other in enumerate(others):
                pool = Pool(f"pool_{other.name}", self._read(other.label))
                self.pools.setdefault(pool.id, pool)
                self.messages.append(Message(f"{event}_{number}", event, pool.id, self._read(other.said)))
                docs.append(self._read(other.said))
                if other.when:
                    docs.append(self._read(_ONLY_IF.filled(condition=in_words(self.definition, other.when))))
            said = Text("；", "; ").read(self.lang).join(self._read(each) for each in in_short(others))
            self.nodes.append(Node(event, "intermediateThrowEvent", said, lane, "\n".join(docs)))
            self.flows.append(Flow(f"flow_{event}", event, _of_state(step.target)))
        return event

    def _steps(self, state: State) -> Iterator[Transition]:
        """The steps that lead on from a state, but for those that only a clock takes: its timer has them."""
        for step in self.definition.leaving[state.name]:
            expires = any(s.transition == step.name for r in self.definition.clocks_in[state.name] for s in r.steps)
            if not (expires and step.roles.get(state.name) == (SYSTEM,)):
                yield step

    def _clock(self, state: State, rule: DeadlineRule, lane: RoleName) -> None:
        task, label = _of_state(state.name), rule.label
        limit = None if rule.limit_field else rule.limit
        name = self._read(_TIMER.filled(label=label, limit=self._limit(rule)))
        expiry = next((each.transition for each in rule.steps if each.transition), None)
        step = self.definition.transitions.get(expiry) if expiry else None
        if step and state.name in step.sources:
            timer = f"timer_{rule.name}_{state.name}"
            self.nodes.append(Node(timer, "boundaryEvent", name, lane, self._clock_docs(rule), task, True, limit))
            target, called = self._target(step, lane), self._read(step.label)
            self.flows.append(Flow(f"flow_{timer}", timer, target, called, self._docs(step, state.name)))
        told = [each for each in rule.steps if each.kind == "escalate"]
        if told or not step:
            timer = f"late_{rule.name}_{state.name}"
            names = (
                Text("、", ", ").read(self.lang).join(dict.fromkeys(self._role(r) for each in told for r in each.tell))
            )
            said = self._read(_ESCALATE.filled(names=names)) if names else self._read(_OVER)
            self.nodes.append(Node(timer, "boundaryEvent", name, lane, self._clock_docs(rule), task, False, limit))
            self.nodes.append(Node(f"told_{rule.name}_{state.name}", "endEvent", said, lane))
            self.flows.append(Flow(f"flow_{timer}", timer, f"told_{rule.name}_{state.name}"))

    def _lane(self, state: State) -> RoleName:
        """In whose hands a case is there; where it ends, in those that brought it there."""
        if state.waits_for:
            return state.waits_for
        into = (each for each in self.definition.transitions.values() if each.target == state.name)
        sources = (self.definition.states[source].waits_for for each in into for source in each.sources)
        return next((role for role in sources if role), next(iter(self.definition.roles)))

    def _role(self, role: str) -> str:
        declared = self.definition.roles.get(RoleName(role))
        return self._read(declared.label if declared else _AUTHOR)

    def _docs(self, step: Transition, state: StateName) -> str:
        """Who takes the step, and what it needs, in the words of the definition."""
        roles = [self._role(each) for each in step.roles.get(state, ())]
        lines = [self._read(_BY.filled(names=Text("、", ", ").read(self.lang).join(roles)))] if roles else []
        if step.when:
            lines.append(self._read(_ONLY_IF.filled(condition=in_words(self.definition, step.when))))
        lines += [self._read(_REFUSED_IF.filled(said=self.definition.guards[each].text)) for each in step.guards]
        lines += [self._read(_OPEN_IF.filled(said=self.definition.guards[each].text)) for each in step.when_blocked]
        lines += [self._read(_BASIS.filled(basis=step.basis))] if step.basis else []
        return "\n".join(lines)

    def _clock_docs(self, rule: DeadlineRule) -> str:
        lines = [self._read(_LIMIT.filled(limit=self._limit(rule)))]
        if rule.anchor:
            lines.append(self._read(_SINCE.filled(events=", ".join(rule.anchor.events))))
        lines += [self._read(_BASIS.filled(basis=basis_said(rule.basis)))] if rule.basis else []
        return "\n".join(lines)

    def _limit(self, rule: DeadlineRule) -> Text:
        if rule.limit_field:
            return self.definition.fields[rule.limit_field].label
        return limit_in_words(rule.limit)

    def _read(self, text: Text) -> str:
        return text.read(self.lang)


def _of_state(state: str) -> str:
    return f"state_{state}"


def _needs(step: Transition) -> Iterator[str]:
    """What must be so for a step: that it is the one chosen, and what it asks for."""
    yield f"step({step.name})"
    if step.when:
        yield f"if({step.name})"
    yield from step.guards
    if step.when_blocked:
        yield f"not({' and '.join(step.when_blocked)})"


# The document.


def _process(definition: Definition, drawn: Process, lang: Lang) -> Element:
    nodes = (_node(each, drawn) for each in drawn.nodes)
    lanes = (
        element(
            "bpmn:lane",
            {"id": f"lane_{role}", "name": definition.roles[role].label.read(lang)},
            *(element("bpmn:flowNodeRef", text=each.id) for each in drawn.nodes if each.lane == role),
        )
        for role in drawn.lanes
    )
    return element(
        "bpmn:process",
        {"id": f"process_{definition.id}", "name": definition.title.read(lang), "isExecutable": "false"},
        *_documentation("\n".join(definition.basis)),
        element("bpmn:laneSet", {"id": "lanes"}, *lanes),
        *nodes,
        *(_flow(each) for each in drawn.flows),
    )


def _node(node: Node, drawn: Process) -> Element:
    attributes = {"id": node.id, **({"name": node.name} if node.name else {})}
    if node.tag == "boundaryEvent":
        attributes |= {"attachedToRef": node.on, "cancelActivity": str(node.interrupts).lower()}
    return element(
        f"bpmn:{node.tag}",
        attributes,
        *_documentation(node.docs),
        *(element("bpmn:incoming", text=each.id) for each in drawn.flows if each.target == node.id),
        *(element("bpmn:outgoing", text=each.id) for each in drawn.flows if each.source == node.id),
        *([element("bpmn:timerEventDefinition", {"id": f"{node.id}_clock"}, *_duration(node))] if node.on else []),
        *(_word(each) for each in drawn.messages if each.source == node.id),
    )


def _word(message: Message) -> Element:
    return element("bpmn:messageEventDefinition", {"id": f"{message.id}_word", "messageRef": message.content})


def _message_flow(message: Message) -> Element:
    ends = {"sourceRef": message.source, "targetRef": message.target}
    return element("bpmn:messageFlow", {"id": message.id, "name": message.name, **ends, "messageRef": message.content})


def _duration(node: Node) -> Iterator[Element]:
    limit = node.limit
    if limit is None:  # a field of the case says how long
        return
    kind = {"xsi:type": "bpmn:tFormalExpression"}
    match limit.unit:
        case Unit.CALENDAR_DAYS:
            yield element("bpmn:timeDuration", kind, text=f"P{limit.count}D")
        case Unit.MONTHS:
            yield element("bpmn:timeDuration", kind, text=f"P{limit.count}M")
        case Unit.HOURS:
            yield element("bpmn:timeDuration", kind, text=f"PT{limit.count}H")
        case _:
            yield element("bpmn:timeDuration", {**kind, "language": LIMITS}, text=limit.written)


def _flow(flow: Flow) -> Element:
    condition = {"xsi:type": "bpmn:tFormalExpression", "language": GUARDS}
    return element(
        "bpmn:sequenceFlow",
        {
            "id": flow.id,
            **({"name": flow.name} if flow.name else {}),
            "sourceRef": flow.source,
            "targetRef": flow.target,
        },
        *_documentation(flow.docs),
        *([element("bpmn:conditionExpression", condition, text=flow.condition)] if flow.condition else []),
    )


def _documentation(said: str) -> list[Element]:
    return [element("bpmn:documentation", text=said)] if said else []


_BEGIN = Text("开始", "begin")
_NO_STEP = Text("不再办理", "no further step")
_WHICH = Text("办哪一步", "which step")
_STAYS_DONE = Text("已办结；仍可办后续步骤", "ended; a step may still follow")
_TIMER = Text("{label}：{limit}", "{label}: {limit}")
_ESCALATE = Text("逾期，告知{names}", "overdue: tell {names}")
_OVER = Text("逾期", "overdue")
_AUTHOR = Text("拟稿人", "whoever began it")
_BY = Text("办理：{names}", "taken by: {names}")
_ONLY_IF = Text("仅当{condition}", "only if {condition}")
_REFUSED_IF = Text("不予办理的情形：{said}", "refused if: {said}")
_OPEN_IF = Text("有下列情形才可办理：{said}", "open only if: {said}")
_BASIS = Text("依据：{basis}", "basis: {basis}")
_LIMIT = Text("期限：{limit}", "limit: {limit}")
_SINCE = Text("自步骤 {events} 起算", "counted from: {events}")
