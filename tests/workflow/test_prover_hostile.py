"""Definitions made so that the proof blows up: each is answered soon, in bounded memory, with a clear finding and no traceback."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import pytest

from workflow.errors import BadDefinition, Finding
from workflow.loader.report import MOST_FINDINGS
from workflow.prover import accept_proved

SECONDS = 5.0
MEGABYTES = 200  # beside the some 50 of the program itself

HEAD = """
format: gongkai/1
id: bomb
version: 1
prefix: BOMB
title: {zh: 弹, en: bomb}
basis: [条例]
roles: {values: {office: {scope: bureau, zh: 办, en: office}, system: {scope: bureau, zh: 系统, en: system}}}
"""
ENDS = "  z: {final: true, zh: 终, en: end}\n"


@pytest.fixture(autouse=True)
def soon(request: pytest.FixtureRequest) -> Iterator[None]:
    begun = time.process_time()
    yield
    # Memory that is counted byte by byte takes five times as long.
    assert "memory" in request.node.name or time.process_time() - begun < SECONDS


def codes(text: str) -> set[str]:
    return {each.code for each in findings(text)}


def findings(text: str) -> tuple[Finding, ...]:
    with pytest.raises(BadDefinition) as raised:
        accept_proved(text, "hostile.yaml", {}, {})
    assert all(each.text.zh and each.text.en and each.line for each in raised.value.findings)
    return raised.value.findings


def fields(names: Iterable[str], kind: str = "bool", more: str = "") -> str:
    return "".join(f"  {name}: {{type: {kind}, {more}zh: {name}, en: {name}}}\n" for name in names)


def whole(said: str, states: str, steps: str, **sections: str) -> str:
    others = "".join(f"{section}:\n{text}" for section, text in sections.items())
    title = "  title: {type: text, max: 500, zh: 标题, en: title}\n"
    return f"{HEAD}fields:\n{title}{said}states:\n{states}{ENDS}transitions:\n{steps}{others}"


def draft(names: Iterable[str]) -> str:
    typed = ", ".join(["title", *names])
    return f"  a: {{initial: true, waits_for: office, zh: 甲, en: a, edit: {{office: [{typed}]}}}}\n"


def step(name: str, more: str, to: str = "z", by: str = "office") -> str:
    return f"  {name}: {{from: [a], to: {to}, roles: [{by}], {more}zh: {name}, en: {name}}}\n"


WAIVED = {"waive": "  - {check: no-deadline, state: a, reason: 只用于试验}\n"}


def asked(names: list[str], parts: Iterable[str], kind: str = "bool") -> str:
    """One step that is there if one of the parts is so."""
    return whole(fields(names, kind), draft(names), step("go", f"if: {{any: [{', '.join(parts)}]}}, "), **WAIVED)


def clauses() -> str:
    by_lot = random.Random(1)
    names = [f"f{n}" for n in range(280)]
    guards = [
        f"{{any: [{', '.join(f'{{{each}: true}}' for each in by_lot.sample(names, 3))}, {{f{n % 280}: false}}]}}"
        for n in range(290)
    ]
    said = "".join(f"  g{n}: {{if: {guard}, zh: 条{n}, en: g{n}}}\n" for n, guard in enumerate(guards))
    through = step("go", f"guards: [{', '.join(f'g{n}' for n in range(290))}], ")
    return whole(fields(names), draft(names), through, guards=said, **WAIVED)


def pairs() -> str:
    by_lot = random.Random(2)
    names = [f"m{n}" for n in range(280)]
    drawn = (by_lot.sample(names, 2) for _ in range(900))
    return asked(names, (f"{{{one}: {{same_as: {other}}}}}" for one, other in drawn), "money")


def counter() -> str:
    """Sixty truths that count: 2⁶⁰ moves until the end."""
    names = [f"b{n}" for n in range(60)]
    steps = step("begin", f"if: {{b0: unset}}, set: {{{', '.join(f'{each}: false' for each in names)}}}, ", "a")
    for n, name in enumerate(names):
        below = [f"{each}: true" for each in names[:n]]
        cleared = [f"{each}: false" for each in names[:n]]
        more = f"if: {{{', '.join([*below, f'{name}: false'])}}}, set: {{{', '.join([*cleared, f'{name}: true'])}}}, "
        steps += step(f"count{n}", more, "a")
    steps += step("go", f"if: {{{', '.join(f'{each}: true' for each in names)}}}, ")
    return whole(fields(names), draft([]), steps, **WAIVED)


def sums() -> str:
    values = ", ".join(f"{{n: {each}}}" for each in range(900))
    steps = step("add", "set: {n: {add: 1}}, ", "a") + step("go", f"if: {{any: [{values}]}}, ")
    return whole(fields(["n"], "integer"), draft(["n"]), steps, **WAIVED)


def copied_on() -> str:
    names = [f"n{n}" for n in range(280)]
    steps = "".join(
        step(f"copy{n}", f"set: {{{one}: {{copy: {other}}}}}, ", "a") for n, (one, other) in enumerate(pairwise(names))
    )
    steps += step("go", f"if: {{any: [{', '.join(f'{{n0: {each}}}' for each in range(400))}]}}, ")
    return whole(fields(names, "integer"), draft(names), steps, **WAIVED)


def choices() -> str:
    listed = ", ".join(f"v{n}: {{zh: v{n}, en: v{n}}}" for n in range(500))
    said = fields(["e0"], "enum", f"values: &v {{{listed}}}, ")
    said += fields([f"e{n}" for n in range(1, 12)], "enum", "values: *v, ")
    parts = (f"{{e{field}: v{n}}}" for field in range(12) for n in range(500))
    return whole(said, draft(["e0"]), step("go", f"if: {{any: [{', '.join(parts)}]}}, "), **WAIVED)


def each_by_all() -> str:
    """Twelve fields of which one step writes each by what all the others hold."""
    names = [f"e{n}" for n in range(12)]
    listed = ", ".join(f"v{n}: {{zh: v{n}, en: v{n}}}" for n in range(4))
    said = fields(names[:1], "enum", f"values: &v {{{listed}}}, ") + fields(names[1:], "enum", "values: *v, ")
    chosen = (
        f"{name}: {{choose: [{', '.join(f'{{if: {{{other}: v{n % 4}}}, then: v{n % 3}}}' for n, other in enumerate(names))}]}}"
        for name in names
    )
    asked = ", ".join(f"{name}: [v0, v3]" for name in names)
    steps = step("turn", f"set: {{{', '.join(chosen)}}}, ", "a") + step("go", f"if: {{{asked}}}, ")
    return whole(said, draft(names[:1]), steps, **WAIVED)


TOO_LARGE: Mapping[str, str] = {
    "three hundred clauses": clauses(),
    "money the same as other money": pairs(),
    "a counter": counter(),
    "fields that are all written by each other": each_by_all(),
    "sums that go on": sums(),
    "copies of copies": copied_on(),
    "enums told apart": choices(),
    "days": asked(["d"], (f'{{d: {{before: "{1500 + n // 12}-{n % 12 + 1:02}-11"}}}}' for n in range(6000)), "date"),
    "numbers": asked(["n"], (f"{{n: {{at_least: {n}}}}}" for n in range(9000)), "integer"),
    "a list of numbers": asked(["n"], [f"{{n: [{', '.join(map(str, range(20_000)))}]}}"], "integer"),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_blows_up_is_refused_with_advice(name: str) -> None:
    assert "too-large-to-prove" in codes(TOO_LARGE[name])


@pytest.mark.parametrize("name", ["three hundred clauses", "money the same as other money"])
def test_what_blows_up_keeps_within_its_memory(name: str) -> None:
    tracemalloc.start()
    try:
        assert "too-large-to-prove" in codes(TOO_LARGE[name])
        assert tracemalloc.get_traced_memory()[1] < MEGABYTES * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_the_deepest_diagram_is_no_deeper_than_python_goes() -> None:
    names = [f"f{n}" for n in range(299)]
    steps = "".join(step(f"p{n}", "", "a") for n in range(100))
    steps += step("go", f"if: {{{', '.join(f'{name}: true' for name in names)}}}, ")
    passes = "".join(
        f"  q{n}: {{to: [z], through: [p{n}], since: [edit.a], zh: 须{n}, en: q{n}}}\n" for n in range(100)
    )

    assert codes(whole(fields(names), draft(names), steps, passes=passes, **WAIVED)) <= {
        "not-passed",
        "too-large-to-prove",
        "more",
    }


def test_a_hundred_faults_of_the_proof_are_told_and_no_more() -> None:
    names = [f"f{n}" for n in range(60)]
    ends = "".join(f"  s{n}: {{final: true, zh: 态{n}, en: s{n}}}\n" for n in range(190))
    steps = "".join(
        step(f"t{n}", f"auto: true, if: {{f{n % 60}: true, f{(n * 7 + 1) % 60}: true}}, ", f"s{n % 190}", "system")
        for n in range(480)
    )

    found = findings(whole(fields(names), draft(names) + ends, steps + step("go", ""), **WAIVED))

    assert len(found) == MOST_FINDINGS + 1
    assert found[-1].code == "more"


def test_automatic_steps_that_go_round_through_all_states_are_found_soon() -> None:
    ring = [f"c{n}" for n in range(190)]
    states = "".join(f"  {name}: {{waits_for: system, zh: {name}, en: {name}}}\n" for name in ring)
    steps = step("go", "") + step("enter", "", "c0")
    for n, name in enumerate(ring):
        by = f"from: [{name}], to: c{(n + 1) % 190}, roles: [system], auto: true"
        steps += f"  r{n}: {{{by}, zh: 转{n}, en: r{n}}}\n"
    clock = (
        f"  d: {{clock: internal, runs_in: [a, {', '.join(ring)}], limit: 3 working days, "
        "escalate: [{after: 0 working days, tell: [office]}], zh: 限, en: limit}\n"
    )

    assert codes(whole(fields([]), draft([]) + states, steps, deadlines=clock)) >= {"no-way-out"}


def test_fields_that_lapse_on_each_other_are_proved() -> None:
    names = [f"l{n}" for n in range(100)]
    said = "".join(
        f"  {name}: {{type: bool, lapses_on: [{', '.join(each for each in names if each != name)}], zh: {name}, en: {name}}}\n"
        for name in names
    )
    parts = ", ".join(f"{{{name}: true}}" for name in names)

    accept_proved(whole(said, draft(names), step("go", f"if: {{any: [{parts}]}}, "), **WAIVED), "lapse.yaml", {}, {})
