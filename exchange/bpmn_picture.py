"""The picture of a BPMN process as diagram interchange (BPMN DI): shapes and edges with their places, for whoever draws it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from exchange.bpmn_layout import Page, Place
from exchange.files import element

if TYPE_CHECKING:
    from exchange.bpmn_parts import Process


def diagram(drawn: Process, page: Page) -> Element:
    """Pools, lanes, nodes and arrows, where the page has them."""
    lying = {"isHorizontal": "true"}
    plane = element(
        "bpmndi:BPMNPlane",
        {"id": "plane", "bpmnElement": "collaboration"},
        _shape("pool", page.pool, None, lying),
        *(_shape(f"lane_{each}", place, None, lying) for each, place in page.lanes.items()),
        *(_shape(each.id, page.nodes[each.id], page.labels.get(each.id)) for each in drawn.nodes),
        *(_shape(each.id, page.pools[each.id], None, lying) for each in drawn.pools),
        *(_edge(each.id, page, page.labels.get(each.id) if each.name else None) for each in drawn.flows),
        *(_edge(each.id, page, None) for each in drawn.messages),  # the event that it leaves says it
    )
    return element("bpmndi:BPMNDiagram", {"id": "diagram"}, plane)


def _shape(of: str, place: Place, label: Place | None, attributes: Mapping[str, str] | None = None) -> Element:
    said = {"id": f"shape_{of}", "bpmnElement": of, **(attributes or {})}
    return element("bpmndi:BPMNShape", said, _bounds(place), *_label(label))


def _edge(of: str, page: Page, label: Place | None) -> Element:
    ways = (element("di:waypoint", {"x": f"{x:g}", "y": f"{y:g}"}) for x, y in page.ways[of])
    said = {"id": f"edge_{of}", "bpmnElement": of}
    return element("bpmndi:BPMNEdge", said, *ways, *_label(label))


def _label(place: Place | None) -> Iterator[Element]:
    if place is not None:
        yield element("bpmndi:BPMNLabel", None, _bounds(place))


def _bounds(place: Place) -> Element:
    said = {"x": place.x, "y": place.y, "width": place.width, "height": place.height}
    return element("dc:Bounds", {name: f"{value:g}" for name, value in said.items()})
