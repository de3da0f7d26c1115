"""The picture of a BPMN process as diagram interchange (BPMN DI): shapes and edges with their places, for whoever draws it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from exchange.bpmn_layout import Page, Place
from exchange.files import element

if TYPE_CHECKING:
    from exchange.bpmn_parts import Flow, Node


def diagram(nodes: Sequence[Node], flows: Sequence[Flow], page: Page) -> Element:
    """Pool, lanes, nodes and arrows, where the page has them."""
    lying = {"isHorizontal": "true"}
    plane = element(
        "bpmndi:BPMNPlane",
        {"id": "plane", "bpmnElement": "collaboration"},
        _shape("pool", page.pool, None, lying),
        *(_shape(f"lane_{each}", place, None, lying) for each, place in page.lanes.items()),
        *(_shape(each.id, page.nodes[each.id], page.labels.get(each.id)) for each in nodes),
        *(_edge(each, page) for each in flows),
    )
    return element("bpmndi:BPMNDiagram", {"id": "diagram"}, plane)


def _shape(of: str, place: Place, label: Place | None, attributes: Mapping[str, str] | None = None) -> Element:
    said = {"id": f"shape_{of}", "bpmnElement": of, **(attributes or {})}
    return element("bpmndi:BPMNShape", said, _bounds(place), *_label(label))


def _edge(flow: Flow, page: Page) -> Element:
    ways = (element("di:waypoint", {"x": f"{x:g}", "y": f"{y:g}"}) for x, y in page.ways[flow.id])
    label = page.labels.get(flow.id) if flow.name else None
    return element("bpmndi:BPMNEdge", {"id": f"edge_{flow.id}", "bpmnElement": flow.id}, *ways, *_label(label))


def _label(place: Place | None) -> Iterator[Element]:
    if place is not None:
        yield element("bpmndi:BPMNLabel", None, _bounds(place))


def _bounds(place: Place) -> Element:
    said = {"x": place.x, "y": place.y, "width": place.width, "height": place.height}
    return element("dc:Bounds", {name: f"{value:g}" for name, value in said.items()})
