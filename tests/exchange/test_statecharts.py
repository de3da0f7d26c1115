"""An exported statechart does to the data what the office's own engine does, played in another engine beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from storage.versions import catalogues
from tests.cli.test_definitions_export import FILES, definition_of, file_of
from tests.factories import WHOLE
from tests.statecharts import Statechart
from workflow.accepted import definition_from
from workflow.case import Actor, Case, Data, Scalar, StateName, business_date, merged
from workflow.decide import changes_of
from workflow.history import blank
from workflow.judge import with_lapses
from workflow.loader import accept
from workflow.model import Definition, Field, FieldType, Tariff

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
WANG = Actor("wangmin", "王敏", "bureau")
PLAYS = 6 if WHOLE else 3  # of each step, and of each edit
SAMPLES: dict[FieldType, tuple[Scalar, ...]] = {
    FieldType.BOOL: (True, False),
    FieldType.INTEGER: (1, 7, 150),
    FieldType.DATE: ("2019-05-10", "2026-02-27", "2026-03-02"),
}

#: What no shipped definition says: sums and choices within choices, effects that read each other, lapses after lapses.
TALLY = """
format: gongkai/1
id: tally
version: 1
prefix: TLY
title: {zh: 计数, en: Tally}
basis: [本局办文规定]
roles: {catalogue: roles}
fields:
  title: {type: text, max: 500, zh: 标题, en: title}
  n:     {type: integer, zh: 数, en: number}
  m:     {type: integer, zh: 另一数, en: other number}
  a:     {type: text, max: 500, zh: 甲, en: first}
  b:     {type: text, max: 500, lapses_on: [a], zh: 乙, en: second}
  c:     {type: text, max: 500, lapses_on: [b, m], zh: 丙, en: third}
  d:     {type: text, max: 500, lapses_on: [c, n], zh: 丁, en: fourth}
states:
  open: {initial: true, waits_for: office, zh: 办理中, en: open, edit: {office: [title, n, m, a, b, c, d]}}
  done: {final: true, zh: 办结, en: done}
transitions:
  count: {from: [open], to: open, roles: [office], set: {n: {choose: [{if: {a: set}, then: {add: 5}}]}, m: {add: 1}}, zh: 计数, en: count}
  weigh: {from: [open], to: open, roles: [office], zh: 权衡, en: weigh,
          set: {a: {choose: [{if: {n: set}, then: {choose: [{if: {m: set}, then: {copy: b}}, {if: {c: set}, then: it's}]}}, {then: {copy: c}}]}}}
  turn:  {from: [open], to: open, roles: [office], set: {a: {copy: b}, b: {copy: c}, c: {copy: a}, d: {copy: d}}, zh: 轮换, en: turn}
  tell:  {from: [open], to: done, roles: [office], set: {n: {add: 2}, m: {copy: n}, a: null, d: {choose: [{if: {a: set}, then: {copy: a}}, {then: none}]}}, zh: 告知, en: tell}
deadlines:
  work: {clock: internal, runs_in: [open], limit: 10 working days, basis: 本局办文规定, zh: 办理时限, en: work, escalate: [{after: 0 working days, tell: [leader]}]}
"""
TALLIED = "tally"


@pytest.fixture
def tally(tmp_path: Path) -> Path:
    where = tmp_path / "tally.yaml"
    where.write_text(TALLY, encoding="utf-8")
    return where


@pytest.mark.parametrize("kind", FILES)
def test_another_engine_runs_the_statechart(kind: str) -> None:
    chart = Statechart(file_of(kind))

    assert f"s_{definition_of(kind).initial}" in chart.stands


def test_a_story_goes_the_same_way_in_the_statechart() -> None:
    chart = Statechart(file_of("permit_receipt"))
    in_hand = {"case", "procedure", "s_in_hand", "clock_decision", "clock_decision_runs"}

    chart.send("determine_confirmation")
    assert "confirmation" not in chart.data, "what is not checked cannot be determined"
    for step in ("check_confirmation", "determine_confirmation", "send_confirmation"):
        chart.send(step)
    assert chart.data["confirmation"] == "sent"
    assert chart.stands == in_hand
    chart.send("close")
    assert chart.stands == in_hand, "whether to stop is not decided"
    for step in ("weigh_advice", "decide_stop", "close"):
        chart.send(step)
    assert {"s_receipted", "clock_decision_rests"} <= chart.stands


@pytest.mark.two_forms
@pytest.mark.parametrize("kind", [*FILES, TALLIED])
def test_a_step_writes_what_the_office_would_write(kind: str, tally: Path) -> None:
    where, definition = _kind(kind, tally)
    chart = Statechart(where, open_wide=True)

    for state, steps in definition.leaving.items():
        for step in steps:
            for data in _several(definition, f"{state} {step.name}"):
                case = _case(definition, state, data)

                chart.put(state, case.data, _hosts(definition, case))
                chart.send(step.name)

                assert f"s_{step.target}" in chart.stands, step.name
                changes = changes_of(definition, case, step, {}, WANG, NOW)
                assert chart.data == merged(case.data, changes), (step.name, data)


@pytest.mark.two_forms
@pytest.mark.parametrize("kind", [*FILES, TALLIED])
def test_a_change_takes_with_it_what_lapses_on_it(kind: str, tally: Path) -> None:
    where, definition = _kind(kind, tally)
    chart = Statechart(where)
    writable = {event: state for state in definition.states for event in _writable(definition, state)}

    for name, state in writable.items():
        for number, data in enumerate(_several(definition, f"edit {name}")):
            case = _case(definition, state, data)
            draw = Random(f"{kind} {name} {number}")
            value = draw.choice((case.data.get(name), *_values(definition.fields[name])))

            chart.put(state, case.data, _hosts(definition, case))
            chart.send(f"edit.{name}", value=value)

            changes = with_lapses(definition, case, {name: value})
            assert chart.data == merged(case.data, changes), (name, value, data)


def _kind(kind: str, tally: Path) -> tuple[Path, Definition]:
    if kind != TALLIED:
        return file_of(kind), definition_of(kind)
    accepted = accept(TALLY, kind, catalogues())
    return tally, definition_from(accepted.json, accepted.digest)


def _writable(definition: Definition, state: StateName) -> set[str]:
    """What people may write where the case stands: there, or with a step from there."""
    forms = {name for step in definition.leaving[state] for name in (*step.required, *step.optional)}
    edited = {name for fields in definition.states[state].edit.values() for name in fields}
    return (forms | edited) if definition.leaving[state] else set()


def _several(definition: Definition, what: str) -> Iterator[Data]:
    """Data of all sorts, the same in every run: almost nothing filled in, half of it, almost all."""
    for number in range(PLAYS):
        draw = Random(f"{definition.id} {what} {number}")
        filled = (0.1, 0.5, 0.9)[number % 3]
        yield {name: draw.choice(_values(field)) for name, field in definition.fields.items() if draw.random() < filled}


def _values(field: Field) -> tuple[Scalar, ...]:
    return SAMPLES.get(field.type) or (*field.choices,) or (f"{field.name} 甲", f"{field.name} 乙")


def _case(definition: Definition, state: StateName, data: Data) -> Case:
    return replace(blank("c", "P1", definition, "bureau", "预算科"), state=state, data=data)


def _hosts(definition: Definition, case: Case) -> dict[str, Scalar]:
    """What only the office knows of this case, which has no clocks and no sub-cases."""
    today = business_date(NOW).isoformat()
    return {
        "host_today": today,
        "host_actor": WANG.name,
        **{f"host_due_{name}": today for name in definition.deadlines},
        **{f"host_tariff_{name}": _fee(each, case.data.get(each.of)) for name, each in definition.tariffs.items()},
    }


def _fee(tariff: Tariff, items: Scalar) -> str | None:
    return None if items is None else f"{tariff.fee(int(items))}.00"
