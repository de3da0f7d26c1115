"""A definition leaves the house as BPMN 2.0 and as SCXML: valid, whole, drawn so that it can be read, and meaning the same."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
import SpiffWorkflow
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from exchange.scxml import _es, _es_not
from storage.versions import catalogues, shipped_definitions
from tests.cli.calling import Type, call_with
from tests.statecharts import S, in_python
from workflow.accepted import definition_from
from workflow.conditions import AllOf, AnyOf, AtLeast, Before, Condition, IsSet, Not, OneOf, OnOrAfter, SameAs
from workflow.loader import accept
from workflow.model import Definition

HOUSE = Path(__file__).parents[2]
OMG = Path(SpiffWorkflow.__file__).parent / "bpmn" / "parser" / "schema" / "BPMN20.xsd"
B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAY = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"

#: Beside those that are shipped, an example, and two that move each other.
ELSEWHERE = {"permit_receipt": "examples", "paper": "tests/proof/linked", "note": "tests/proof/linked"}
FILES = [*(Path(name).stem for _, name in shipped_definitions()), *ELSEWHERE]


def file_of(kind: str) -> Path:
    return HOUSE / ELSEWHERE.get(kind, "definitions") / f"{kind}.yaml"


def definition_of(kind: str) -> Definition:
    accepted = accept(file_of(kind).read_text("utf-8"), kind, catalogues())
    return definition_from(accepted.json, accepted.digest)


def exported(kind: str, form: str, lang: str = "en") -> Any:
    done = call_with(["definitions", "export", str(file_of(kind)), "--format", form, "--lang", lang])
    assert done.code == 0, done.said
    return etree.fromstring(done.out.encode())


# BPMN


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", FILES)
def test_every_definition_is_valid_by_the_schema_of_the_omg(kind: str, lang: str) -> None:
    etree.XMLSchema(etree.parse(str(OMG))).assertValid(exported(kind, "bpmn", lang))


@pytest.mark.parametrize("kind", FILES)
def test_lanes_are_roles_and_each_state_is_a_task_of_whom_it_waits_for(kind: str) -> None:
    definition, root = definition_of(kind), exported(kind, "bpmn")

    lanes = {lane.get("id"): {each.text for each in lane} for lane in root.iter(f"{B}lane")}
    tasks = {each.get("id"): each.get("name") for each in root.iter(f"{B}userTask")}
    for state in definition.states.values():
        if not state.final:
            assert tasks[f"state_{state.name}"] == state.label.en
            assert f"state_{state.name}" in lanes[f"lane_{state.waits_for}"]
    nodes = [
        each.get("id") for each in root.find(f"{B}process") if each.tag not in (f"{B}laneSet", f"{B}documentation")
    ]
    placed = [each for lane in lanes.values() for each in lane]
    flows = [each.get("id") for each in root.iter(f"{B}sequenceFlow")]
    assert sorted(placed) == sorted(set(nodes) - set(flows)), "each node stands in one lane"


@pytest.mark.parametrize("kind", FILES)
def test_each_step_is_a_flow_with_its_condition_and_each_clock_a_timer(kind: str) -> None:
    definition, root = definition_of(kind), exported(kind, "bpmn")

    flows = {each.get("id"): each for each in root.iter(f"{B}sequenceFlow")}
    timers = {each.get("id"): each for each in root.iter(f"{B}boundaryEvent")}
    for step in definition.transitions.values():
        for source in step.sources:
            by_a_clock = [name for name in timers if name.startswith("timer_") and name.endswith(f"_{source}")]
            flow = flows.get(f"flow_{step.name}_{source}")
            if flow is None:
                assert any(_arrival(flows, f"flow_{each}") == f"state_{step.target}" for each in by_a_clock), step.name
                continue
            assert _arrival(flows, flow.get("id")) == f"state_{step.target}"
            said = flow.findtext(f"{B}conditionExpression") or ""
            assert all(each in said for each in step.guards)
    for state in definition.states.values():
        for rule in definition.clocks_in[state.name]:
            if state.name in rule.runs_in:
                names = {f"timer_{rule.name}_{state.name}", f"late_{rule.name}_{state.name}"} & timers.keys()
                assert names
                assert all(timers[each].get("attachedToRef") == f"state_{state.name}" for each in names)
                assert all(timers[each].find(f"{B}outgoing") is not None for each in names)


def _arrival(flows: dict[str, Any], name: str) -> str:
    """The state to which an arrow leads, through the event with word for other cases if there is one."""
    target = str(flows[name].get("targetRef"))
    return _arrival(flows, f"flow_{target}") if target.startswith("also_") else target


def test_what_the_clock_does_on_expiry_interrupts_the_task() -> None:
    timers = {each.get("id"): each for each in exported("opinion", "bpmn").iter(f"{B}boundaryEvent")}

    assert timers["timer_outside_asked"].get("cancelActivity") == "true"
    assert timers["late_section_asked"].get("cancelActivity") == "false"
    durations = {name: each.find(f".//{B}timeDuration") for name, each in timers.items()}
    assert (durations["late_co_handler_asked"].text, durations["late_co_handler_asked"].get("language")) == (
        "P2M",
        None,
    )
    assert durations["late_section_asked"].text == "5 working days"
    assert durations["late_section_asked"].get("language") == "urn:gongkai:limit", "ISO 8601 knows no working days"


@pytest.mark.parametrize("kind", FILES)
def test_whatever_begins_or_moves_with_a_step_gets_word_of_it(kind: str) -> None:
    definition, root = definition_of(kind), exported(kind, "bpmn")

    events = {each.get("id"): each for each in root.iter(f"{B}intermediateThrowEvent")}
    pools = {each.get("id") for each in root.iter(f"{B}participant")}
    contents = {each.get("id"): each.get("name") for each in root.iter(f"{B}message")}
    flows = [(each.get("sourceRef"), each.get("targetRef")) for each in root.iter(f"{B}messageFlow")]
    declared = [
        (f"also_{step.name}", f"pool_{name}")
        for step in definition.transitions.values()
        for name in [*([step.opens.child] if step.opens else []), *(each.case for each in step.moves)]
    ]
    assert sorted(flows) == sorted(declared)
    assert {event for event, _ in declared} == events.keys()
    assert {pool for _, pool in declared} | {"pool"} == pools
    for event in events.values():
        said = [contents[each.get("messageRef")] for each in event.iter(f"{B}messageEventDefinition")]
        assert all(each in event.findtext(f"{B}documentation") for each in said)
    assert len(contents) == len(flows)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_word_for_another_case_says_what_it_is_to_do_and_when(lang: str) -> None:
    root = exported("paper", "bpmn", lang)

    events = {each.get("id"): each for each in root.iter(f"{B}intermediateThrowEvent")}
    publish = events["also_publish"].findtext(f"{B}documentation").splitlines()
    expected = {
        "zh": ["同时办理 解读：publish", "仅当并非（“解读另行发布”为“是”）", "同时办理 所代替的文件：废止"],
        "en": [
            "moves notes: publish",
            "only if not (the notes come out apart is “yes”)",
            "moves papers that it replaces: replace",
        ],
    }
    assert publish == expected[lang]
    begins = {"zh": "同时发起 解读（视情形）", "en": "begins notes (in some cases)"}[lang]
    assert events["also_hand_in"].get("name") == begins
    assert events["also_return"].get("name") == {"zh": "同时撤销 解读", "en": "calls off notes"}[lang]


@pytest.mark.parametrize("kind", FILES)
def test_all_that_is_said_is_drawn_and_nothing_lies_on_another(kind: str) -> None:
    root = exported(kind, "bpmn")

    shapes = {each.get("bpmnElement"): _box(each) for each in root.iter(f"{DI}BPMNShape")}
    edges = {
        each.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in each.iter(WAY)]
        for each in root.iter(f"{DI}BPMNEdge")
    }
    process = root.find(f"{B}process")
    ids = {each.get("id") for each in process if each.get("id") and each.tag != f"{B}laneSet"}
    assert ids <= shapes.keys() | edges.keys()
    lanes = {each.text: f"lane_{lane.get('id')[5:]}" for lane in root.iter(f"{B}lane") for each in lane}
    solid = {name: box for name, box in shapes.items() if name in lanes and not name.startswith(("timer_", "late_"))}
    for name, box in solid.items():
        assert _inside(box, shapes[lanes[name]]), f"{name} stands in its lane"
        assert not [other for other, its in solid.items() if other != name and _overlap(box, its)], name
    tasks = {name: box for name, box in solid.items() if name in {e.get("id") for e in root.iter(f"{B}userTask")}}
    arrows = root.iter(f"{B}sequenceFlow", f"{B}messageFlow")
    ends = {each.get("id"): (each.get("sourceRef"), each.get("targetRef")) for each in arrows}
    pools = [shapes[each.get("id")] for each in root.iter(f"{B}participant")]
    assert not any(_overlap(a, b) for a, b in combinations(pools, 2))
    hosts = {each.get("id"): each.get("attachedToRef") for each in root.iter(f"{B}boundaryEvent")}
    for name, points in edges.items():
        own = {hosts.get(each, each) for each in ends[name]}
        crossed = [
            task
            for task, box in tasks.items()
            if task not in own
            for a, b in pairwise(points)
            if _overlap((min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])), box)
        ]
        assert crossed == [], name


def _box(shape: Any) -> tuple[float, float, float, float]:
    bounds = shape.find(f"{DC}Bounds")
    x, y, width, height = (float(bounds.get(each)) for each in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _inside(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return b[0] <= a[0] and a[2] <= b[2] and b[1] <= a[1] and a[3] <= b[3]


# SCXML

#: What may stand in what, by the recommendation of the W3C (1 September 2015), as far as it is used.
CONTENT = {
    "scxml": {"datamodel", "parallel"},
    "datamodel": {"data"},
    "data": set(),
    "parallel": {"state"},
    "state": {"state", "final", "transition", "onentry", "onexit"},
    "final": set(),
    "transition": {"assign", "if", "raise"},
    "onentry": {"if"},
    "onexit": {"cancel"},
    "if": {"assign", "if", "send"},
    "assign": set(),
    "send": {"param"},
    "param": set(),
    "cancel": set(),
    "raise": set(),
}
ATTRIBUTES = {
    "scxml": {"version", "name", "datamodel", "initial"},
    "data": {"id", "expr"},
    "parallel": {"id"},
    "state": {"id", "initial"},
    "final": {"id"},
    "transition": {"event", "cond", "target"},
    "if": {"cond"},
    "assign": {"location", "expr"},
    "send": {"event", "id", "delayexpr", "targetexpr"},
    "param": {"name", "expr"},
    "cancel": {"sendid"},
    "raise": {"event"},
}


@pytest.mark.parametrize("kind", FILES)
def test_every_definition_has_the_form_of_a_statechart(kind: str) -> None:
    definition, root = definition_of(kind), exported(kind, "scxml")

    assert root.tag == f"{S}scxml"
    for each in root.iter():
        name = each.tag.removeprefix(S)
        assert {child.tag.removeprefix(S) for child in each} <= CONTENT[name], name
        plain = {key for key in each.attrib if not key.startswith("{")}
        assert plain <= ATTRIBUTES.get(name, set()), name
    ids = [each.get("id") for each in root.iter(f"{S}state", f"{S}final", f"{S}parallel", f"{S}data")]
    assert len(ids) == len(set(ids))
    assert {each.get("target") for each in root.iter(f"{S}transition")} - {None} <= set(ids)
    steps = {
        (each.get("event"), state.get("id")[2:], each.get("target")[2:])
        for state in root.iter(f"{S}state")
        if state.get("id").startswith("s_")
        for each in state.findall(f"{S}transition")
        if each.get("target")
    }
    declared = {(t.name, source, t.target) for t in definition.transitions.values() for source in t.sources}
    assert steps == declared


@pytest.mark.parametrize("kind", FILES)
def test_word_of_what_other_cases_are_to_do_goes_to_the_office(kind: str) -> None:
    definition, root = definition_of(kind), exported(kind, "scxml")

    for state in root.iter(f"{S}state"):
        for each in state.findall(f"{S}transition"):
            step = definition.transitions.get(each.get("event"))
            words = [send.get("event") for send in each.iter(f"{S}send")]
            opens = [f"open.{step.opens.child}"] if step and step.opens else []
            moves = [f"{'cancel' if m.whole else 'move'}.{m.case}.{m.step}" for m in (step.moves if step else ())]
            assert words == ([*opens, *moves] if state.get("id").startswith("s_") else words)


def test_word_for_another_case_has_its_condition_and_brings_its_data() -> None:
    root = exported("paper", "scxml")

    conditions = {}
    for each in root.iter(f"{S}if"):
        for send in each.findall(f"{S}send"):
            params = {param.get("name"): param.get("expr") for param in send}
            conditions[send.get("event")] = (each.get("cond"), params)
    assert conditions["open.note"] == ("host_office !== null && (f_is_policy === true)", {"title": "f_title"})
    assert conditions["move.note.publish"] == ("host_office !== null && (f_notes_apart !== true)", {})
    assert conditions["move.replaces.replace"] == ("host_office !== null", {"replaced_on": "host_today"})
    assert conditions["cancel.note.cancel"] == ("host_office !== null", {})


FIELDS = st.sampled_from(["a", "b"])
VALUES = st.sampled_from(["x", "y", "it's", "", True, 3])
DAYS = st.sampled_from(["2026-01-01", "2026-06-30"])
LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(IsSet, FIELDS),
    st.builds(OneOf, FIELDS, st.lists(VALUES, min_size=1, max_size=3).map(tuple)),
)
NUMBERS: st.SearchStrategy[Condition] = st.builds(AtLeast, st.just("n"), st.integers(0, 5))
DATES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Before, st.just("d"), DAYS), st.builds(OnOrAfter, st.just("d"), DAYS), st.just(SameAs("d", "e"))
)
CONDITIONS = st.recursive(
    st.one_of(LEAVES, NUMBERS, DATES),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


@given(
    CONDITIONS,
    st.fixed_dictionaries(
        {},
        optional={"a": VALUES, "b": VALUES, "n": st.integers(0, 5), "d": DAYS, "e": DAYS},
    ),
)
def test_a_condition_means_the_same_in_ecmascript(said: Condition, data: dict[str, Any]) -> None:
    assert _holds(_es(said), data) is said.holds(data)
    assert _holds(_es_not(said), data) is not said.holds(data)


class _Same:
    """A value that equals only its own kind, as `===` has it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        its = other.value if isinstance(other, _Same) else other
        return self.value == its and type(self.value) is type(its)

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < other)

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= other)

    __hash__ = None  # type: ignore[assignment]


def _holds(expression: str, data: dict[str, Any]) -> bool:
    return bool(eval(in_python(expression), {f"f_{name}": _Same(data.get(name)) for name in ("a", "b", "n", "d", "e")}))


# The command


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_in_force_is_exported_in_the_language_asked_for(types: Type, tmp_path: Path, lang: str) -> None:
    out = tmp_path / "document.bpmn"

    done = types("definitions", "export", "document", "--format", "bpmn", "--out", str(out), lang=lang)
    again = types("definitions", "export", "document", "--format", "bpmn", "--out", str(out), lang=lang)
    forced = types("definitions", "export", "document", "--format", "scxml", "--out", str(out), "--force", lang=lang)
    told = types("definitions", "export", "document", "--format", "scxml", "--json", lang=lang).json
    unknown = types("definitions", "export", "letters", "--format", "bpmn", lang=lang)
    unformed = types("definitions", "export", "document", "--format", "visio", lang=lang)

    assert (done.code, again.code, forced.code, unknown.code, unformed.code) == (0, 2, 0, 4, 2)
    assert str(out) in done.out
    assert "--force" in again.err
    assert told["definition"]["id"] == "document"
    assert told["text"].startswith("<?xml")
    assert etree.parse(str(out)).getroot().tag == f"{S}scxml"


def test_a_file_with_faults_is_not_exported(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("format: gongkai/1\n", encoding="utf-8")

    done = call_with(["definitions", "export", str(tmp_path / "bad.yaml"), "--format", "bpmn"])

    assert done.code == 8
    assert "bad.yaml:" in done.err
