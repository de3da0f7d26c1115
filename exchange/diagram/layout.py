"""Where everything stands in a picture: layers from the first state down, worked out by `graphlay`, whose only home this is.

Three things make its drawings readable for us (docs/decisions/): the label of an arrow is a place on its line, so that no label
stands beside the wrong one; arrows that lead back are handed in the other way round, so that the way of a case runs from top to
bottom; and which arrows lead back is told by the order of the states in the file, so that the author decides how the picture flows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workflow.case import StateName
from workflow.errors import Invalid, Problem
from workflow.text import Text

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a thing is drawn."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """The way of one arrow: through its label from its state to the other, and the middle of the label."""

    points: tuple[Point, ...]
    label: Point


@dataclass(frozen=True, slots=True)
class Placed:
    """The middle of every box, the way of every arrow, and how large the whole is; its upper left corner is 0, 0."""

    boxes: Mapping[StateName, Point]
    lines: tuple[Line, ...]
    size: Size
    crossings: int


#: Up to so many arrows the best place is looked for (50 ms for our largest procedure); beyond, a good one is taken.
BEST_UP_TO = 120
#: More than these nobody can follow, and placing them takes longer than anybody waits.
MOST_ARROWS = 600

_OPTIONS = {
    "direction": "topbottom",
    "spacing": {"layer_gap": 30, "node_gap": 26, "dummy_gap": 18, "port_gap": 14, "isolated_gap": 30},
    "routing": {"style": "orthogonal"},
}


def placed(boxes: Mapping[StateName, Size], arrows: Sequence[tuple[StateName, StateName, Size]]) -> Placed:
    """Every box and arrow in its place; the boxes come in the order of the file. Raises Invalid for too many arrows."""
    if len(arrows) > MOST_ARROWS:
        raise Invalid(
            (Problem("too-many-arrows", _TOO_MANY.filled(count=len(arrows), most=MOST_ARROWS), field="format"),)
        )
    from graphlay import Graph, layout

    at = {name: order for order, name in enumerate(_flow(boxes, arrows))}
    graph = Graph()
    for name, size in boxes.items():
        graph.node(name, width=size.width, height=size.height)
    for number, (source, target, size) in enumerate(arrows):
        above, below = (source, target) if at[source] <= at[target] else (target, source)
        graph.node(("label", number), width=size.width, height=size.height, label="")
        graph.edge(above, ("label", number))
        graph.edge(("label", number), below)
    found = layout(graph, options={**_OPTIONS, "effort": "thorough" if len(arrows) <= BEST_UP_TO else "fast"})
    left, top = found.bounds["min"]["x"], found.bounds["min"]["y"]

    def point(said: Mapping[str, float]) -> Point:
        return (round(said["x"] - left, 1), round(said["y"] - top, 1))

    middles = [point(each["center"]) for each in found.nodes]
    ways = [tuple(point(each) for each in edge["points"]) for edge in found.edges]
    lines = []
    for number, (source, target, _) in enumerate(arrows):
        way = ways[2 * number] + ways[2 * number + 1]
        lines.append(Line(way if at[source] <= at[target] else way[::-1], middles[len(boxes) + number]))
    right, bottom = point(found.bounds["max"])
    crossings = int(found.metrics()["crossings"])
    return Placed(dict(zip(boxes, middles, strict=False)), tuple(lines), Size(right, bottom), crossings)


def _flow(boxes: Iterable[StateName], arrows: Iterable[tuple[StateName, StateName, Size]]) -> list[StateName]:
    """The states from the first down: as the file has them, but none before a state that leads to it."""
    leads_to: dict[StateName, list[StateName]] = {}
    for source, target, _ in arrows:
        leads_to.setdefault(source, []).append(target)
    waiting = list(boxes)
    reached: set[StateName] = set(waiting[:1])
    flow: list[StateName] = []
    while waiting:
        name = next((each for each in waiting if each in reached), waiting[0])
        waiting.remove(name)
        flow.append(name)
        reached.update(leads_to.get(name, ()))
    return flow


_TOO_MANY = Text(
    "{count} 条连线，画出来无法辨认（至多 {most} 条）；请用 --format dot 或 mermaid 交给专门的工具，或把流程拆成子事项",
    "{count} arrows cannot be followed in a picture ({most} at most); hand them to a tool by --format dot or mermaid, or split "
    "the procedure into sub-cases",
)
