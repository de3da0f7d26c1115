"""Where the nodes of a BPMN picture stand and how its arrows run: columns by the distance from the beginning, lanes in rows.

An arrow leaves its column by a track of its own in the gutter beside it, travels on a track of its own above the row that it
leads to, with its name on it, and enters from the left: none runs through a task, and no two lie on each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange.bpmn_parts import Process

TASK_WIDTH, TASK_HEIGHT = 150, 70
GATE, EVENT = 44, 36
CLOCK_WIDTH = 130  # of a task, for each clock on its border
NAME_WIDTH = 130  # of what stands below an event
CLOCK_DROP = 70  # from a clock to what it leads to
BELOW = 150  # a row below its tasks: clocks, what they lead to, and its name
TRACK = 15  # between two arrows
FIRST_X, FIRST_Y = 90, 20
POOL_BAR = 30

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle on the page."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        """Its right border."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower border."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Page:
    """All that stands on the page: nodes, lanes, the pool around them, the way of each arrow and the place of its name."""

    nodes: Mapping[str, Place]
    lanes: Mapping[str, Place]
    pool: Place
    ways: Mapping[str, Sequence[Point]]
    labels: Mapping[str, Place]
    pools: Mapping[str, Place]  # of other cases, below


def layout(drawn: Process) -> Page:
    """A place for everything."""
    return _Setter(drawn).page()


class _Setter:
    """Sets a page: first who stands in which column and row, then how wide and high these are, then the arrows."""

    def __init__(self, drawn: Process) -> None:
        nodes, flows = drawn.nodes, drawn.flows
        self.drawn, self.nodes, self.flows, self.lanes = drawn, nodes, flows, drawn.lanes
        self.hosts = {each.id: each.on for each in nodes if each.on}
        gates = {each.id for each in nodes if each.tag == "exclusiveGateway"}
        self.hosts |= {each.target: each.source for each in flows if each.target in gates}
        dropping = {each.id for each in nodes if each.on and not each.interrupts}
        self.dropped = {each.target: each.source for each in flows if each.source in dropping}
        self.clocks = Counter(each.on for each in nodes if each.on)
        self.columns = self._columns()
        self.rows, self.lane_rows = self._rows()
        self.short = self._short()
        self.long = [
            e for e in flows if e.id not in self.short and e.target not in gates and e.target not in self.dropped
        ]

    def host(self, node: str) -> str:
        """The task that a clock or a gateway belongs to; else the node itself."""
        return self.hosts.get(node, node)

    def _columns(self) -> dict[str, int]:
        """How many steps each task or end is away from the beginning."""
        leads: dict[str, list[str]] = defaultdict(list)
        for flow in self.flows:
            if flow.target not in self.hosts and flow.target not in self.dropped:
                leads[self.host(flow.source)].append(flow.target)
        columns, front = {"start": 0}, ["start"]
        while front:
            following = []
            for target in (target for each in front for target in leads[each]):
                if target not in columns:
                    columns[target] = 1 + min(columns[each] for each in front if target in leads[each])
                    following.append(target)
            front = following
        for node in self.nodes:  # what nothing leads to stands last, and is seen
            if node.id not in self.hosts and node.id not in self.dropped:
                columns.setdefault(node.id, max(columns.values()) + 1)
        return columns

    def _rows(self) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
        """The row of each node, and the first row and the number of rows of each lane."""
        rows: dict[str, int] = {}
        lane_rows: dict[str, tuple[int, int]] = {}
        first = 0
        for lane in self.lanes:
            stacked: Counter[int] = Counter()
            for node in self.nodes:
                if node.lane == lane and node.id in self.columns:
                    rows[node.id] = first + stacked[self.columns[node.id]]
                    stacked[self.columns[node.id]] += 1
            count = max([1, *stacked.values()])
            lane_rows[lane] = (first, count)
            first += count
        return rows, lane_rows

    def _short(self) -> set[str]:
        """The arrows that go straight to the next column of their row, one between two nodes."""
        found: dict[tuple[str, str], str] = {}
        for flow in self.flows:
            source, target = self.host(flow.source), flow.target
            if flow.target in self.columns and not self._is_clock(flow.source):
                beside = self.columns[target] == self.columns[source] + 1 and self.rows[target] == self.rows[source]
                if beside:
                    found.setdefault((source, target), flow.id)
        return set(found.values())

    def _is_clock(self, node: str) -> bool:
        return node in self.hosts and not node.startswith("gate_")

    def page(self) -> Page:
        entering = Counter(self.rows[each.target] for each in self.long)
        leaving = Counter(self.columns[self.host(each.source)] for each in self.long)
        leaving.update(self.columns[each.source] for each in self.drawn.messages)
        arriving = Counter(self.columns[each.target] for each in self.long)
        tops, y = [], float(FIRST_Y)
        for row in range(sum(count for _, count in self.lane_rows.values())):
            y += 24 + entering[row] * TRACK
            tops.append(y)
            y += TASK_HEIGHT + BELOW
        lefts, rights, x = [], [], float(FIRST_X + POOL_BAR * 2)
        for column in range(max(self.columns.values()) + 1):
            lefts.append(x + 16 + arriving[column] * 6)
            rights.append(lefts[-1] + self._width(column) + 30 + GATE + 14)
            x = rights[-1] + leaving[column] * TRACK / 2 + 120
        nodes = self._places(lefts, tops)
        lanes = self._lanes(tops, entering, x)
        pool = Place(0, FIRST_Y, x, lanes[self.lanes[-1]].bottom - FIRST_Y)
        out_tracks: Counter[int] = Counter()
        ways, labels = self._ways(nodes, tops, rights, out_tracks)
        pools = self._pools(pool)
        ways |= self._messages(nodes, rights, out_tracks, pools)
        return Page(nodes, lanes, pool, ways, labels, pools)

    def _width(self, column: int) -> float:
        here = [each for each in self.nodes if self.columns.get(each.id) == column]
        named = [NAME_WIDTH - GATE for each in here if each.tag == "intermediateThrowEvent"]
        return max([EVENT, *named, *(self._task_width(each.id) for each in here if each.tag == "userTask")])

    def _task_width(self, task: str) -> float:
        return max(TASK_WIDTH, self.clocks[task] * CLOCK_WIDTH)

    def _places(self, lefts: Sequence[float], tops: Sequence[float]) -> dict[str, Place]:
        places: dict[str, Place] = {}
        for node in (each for each in self.nodes if each.id in self.columns):
            x, y = lefts[self.columns[node.id]], tops[self.rows[node.id]]
            if node.tag == "userTask":
                places[node.id] = Place(x, y, self._task_width(node.id), TASK_HEIGHT)
            else:
                places[node.id] = Place(x, y + (TASK_HEIGHT - EVENT) / 2, EVENT, EVENT)
        set_clocks: Counter[str] = Counter()
        for node in (each for each in self.nodes if each.id in self.hosts):
            task = places[self.hosts[node.id]]
            if node.tag == "exclusiveGateway":
                places[node.id] = Place(task.right + 30, task.middle[1] - GATE / 2, GATE, GATE)
            else:
                x = task.x + 20 + set_clocks[node.on] * CLOCK_WIDTH
                places[node.id] = Place(x, task.bottom - EVENT / 2, EVENT, EVENT)
                set_clocks[node.on] += 1
        for told, clock in self.dropped.items():
            places[told] = Place(places[clock].x, places[clock].y + CLOCK_DROP, EVENT, EVENT)
        return places

    def _lanes(self, tops: Sequence[float], entering: Counter[int], right: float) -> dict[str, Place]:
        begins = [top - 24 - entering[row] * TRACK for row, top in enumerate(tops)]
        ends = [*begins[1:], tops[-1] + TASK_HEIGHT + BELOW]
        return {
            lane: Place(POOL_BAR, begins[first], right - POOL_BAR, ends[first + count - 1] - begins[first])
            for lane, (first, count) in self.lane_rows.items()
        }

    def _pools(self, pool: Place) -> dict[str, Place]:
        """The pools of other cases, side by side below, with room above for the arrows to them."""
        pools = self.drawn.pools
        y = pool.bottom + 40 + len(self.drawn.messages) * TRACK
        width = (pool.width - TASK_HEIGHT * (len(pools) - 1)) / max(1, len(pools))
        return {each.id: Place(n * (width + TASK_HEIGHT), y, width, TASK_HEIGHT) for n, each in enumerate(pools)}

    def _messages(
        self,
        places: Mapping[str, Place],
        rights: Sequence[float],
        out_tracks: Counter[int],
        pools: Mapping[str, Place],
    ) -> dict[str, list[Point]]:
        """The arrows to other cases: out beside their column and down that gutter; across where their pool does not stand below."""
        ways: dict[str, list[Point]] = {}
        below: Counter[str] = Counter()
        arrived: Counter[str] = Counter()
        for number, each in enumerate(self.drawn.messages):
            event, pool = places[each.source], pools[each.target]
            column = self.columns[each.source]
            x, y = event.middle[0] + below[each.source] * 4, event.bottom + 8 + below[each.source] * 5
            out = rights[column] + out_tracks[column] * TRACK / 2
            across = pool.y - 20 - number * TRACK
            way = [(x, event.bottom), (x, y), (out, y)]
            if not pool.x + POOL_BAR < out < pool.right - POOL_BAR:
                inward = POOL_BAR + arrived[each.target] * TRACK
                into = pool.x + inward if out < pool.middle[0] else pool.right - inward
                arrived[each.target] += 1
                way += [(out, across), (into, across)]
            ways[each.id] = [*way, (way[-1][0], pool.y)]
            below[each.source] += 1
            out_tracks[column] += 1
        return ways

    def _ways(
        self,
        places: Mapping[str, Place],
        tops: Sequence[float],
        rights: Sequence[float],
        out_tracks: Counter[int],
    ) -> tuple[dict[str, list[Point]], dict[str, Place]]:
        ways: dict[str, list[Point]] = {}
        labels: dict[str, Place] = {}
        over_tracks: Counter[int] = Counter()
        in_tracks: Counter[int] = Counter()
        for node in self.nodes:
            if node.on:
                place = places[node.id]
                labels[node.id] = Place(place.right - 6, place.bottom - 2, CLOCK_WIDTH - EVENT, 40)
            if node.tag == "intermediateThrowEvent":
                place = places[node.id]
                labels[node.id] = Place(place.middle[0] - NAME_WIDTH / 2, place.bottom + 30, NAME_WIDTH, 60)
        for flow in self.flows:
            source, target = places[flow.source], places[flow.target]
            end = (target.x, target.middle[1])
            if flow.target in self.dropped:
                ways[flow.id] = [(source.middle[0], source.bottom), (target.middle[0], target.y)]
            elif flow not in self.long:
                ways[flow.id] = [(source.right, source.middle[1]), end]
                labels[flow.id] = Place(source.right + 12, source.middle[1] - 18, 100, 14)
            else:
                column, goal = self.columns[self.host(flow.source)], self.columns[flow.target]
                row = self.rows[flow.target]
                out = rights[column] + out_tracks[column] * TRACK / 2
                over = tops[row] - 12 - over_tracks[row] * TRACK
                into = target.x - 14 - in_tracks[goal] * 6
                out_tracks[column] += 1
                over_tracks[row] += 1
                in_tracks[goal] += 1
                begin = [(source.right, source.middle[1])]
                if self._is_clock(flow.source):
                    begin = [(source.middle[0], source.bottom), (source.middle[0], source.bottom + 26)]
                ways[flow.id] = [*begin, (out, begin[-1][1]), (out, over), (into, over), (into, end[1]), end]
                near = into + 8 if out > into else into - 8 - min(240, into - out)
                labels[flow.id] = Place(near, over - 13, 240, 12)
        return ways, labels
