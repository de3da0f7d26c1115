"""What a BPMN page is made of: nodes and the flows between them, before anything has its place."""

from __future__ import annotations

from dataclasses import dataclass

from workflow.case import RoleName
from workflow.model import Limit


@dataclass(frozen=True, slots=True)
class Node:
    """A thing on the page: a task, a gateway, an event."""

    id: str
    tag: str  # startEvent | userTask | exclusiveGateway | boundaryEvent | endEvent
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
class Process:
    """A definition as nodes and flows."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    lanes: tuple[RoleName, ...]
