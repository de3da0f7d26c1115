"""What a BPMN page is made of: nodes and the flows between them, before anything has its place."""

from __future__ import annotations

from dataclasses import dataclass

from workflow.case import RoleName
from workflow.limit import Limit


@dataclass(frozen=True, slots=True)
class Node:
    """A thing on the page: a task, a gateway, an event."""

    id: str
    tag: str  # startEvent | userTask | exclusiveGateway | boundaryEvent | intermediateThrowEvent | endEvent
    name: str
    lane: RoleName
    docs: str = ""
    on: str = ""  # of a boundary event: the task that it sits on
    interrupts: bool = True
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """An arrow from one node to another."""

    id: str
    source: str
    target: str
    name: str = ""
    docs: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Pool:
    """Other cases, of which only that they are there is shown."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Message:
    """A word to other cases, that one is to begin or to take a step: from an event to their pool."""

    id: str
    source: str
    target: str
    name: str

    @property
    def content(self) -> str:
        """The name of the message itself; the arrow has the other."""
        return f"{self.id}_content"


@dataclass(frozen=True, slots=True)
class Process:
    """A definition as nodes and flows, with the other cases that it begins and moves."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    lanes: tuple[RoleName, ...]
    pools: tuple[Pool, ...] = ()
    messages: tuple[Message, ...] = ()
