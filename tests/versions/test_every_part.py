"""A comparison that leaves nothing out: every part of a definition is shown, every part of a clock is held against what it was."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from storage.versions import catalogues
from tests.cli.calling import call_with
from tests.versions.permits import FIRST
from workflow.accepted import definition_from
from workflow.act import Demand
from workflow.case import ClockKind, RoleName, StateName, TransitionName
from workflow.conditions import OneOf
from workflow.difference import HEAD, PARTS, difference
from workflow.limit import Limit, Unit
from workflow.loader import accept
from workflow.model import (
    Anchor,
    Assignment,
    DeadlineRule,
    Definition,
    Extension,
    Field,
    Guard,
    Moving,
    Opening,
    SeriesNumber,
    Tell,
    Transition,
)
from workflow.weaker import weaker

GOOD = Path(__file__).parents[1] / "definitions/good"
EVERYTHING = (GOOD / "everything.yaml").read_text("utf-8")

#: What tells a version from another, and what follows from the rest.
NO_PARTS = {"id", "version", "digest", "leaving", "lapsing", "clocks_in", "links"}
#: What is said under a key that is shown: `never` has two forms.
TWICE_SAID = {"never_without"}

#: What a clock is called and what it rests on: both are shown as changes, and ask for nothing.
ASKS_NOTHING = {"name", "label", "basis"}


def read(text: str) -> Definition:
    accepted = accept(text, "definition.yaml", catalogues())
    return definition_from(accepted.json, accepted.digest)


CLOCKS = read((GOOD / "clocks.yaml").read_text("utf-8"))
REPLY = CLOCKS.deadlines["reply"]


def test_every_part_of_a_definition_is_shown_where_it_differs() -> None:
    assert {each.name for each in fields(Definition)} == {*PARTS, *HEAD} | NO_PARTS | TWICE_SAID


def less(rule: DeadlineRule) -> dict[str, Any]:
    """What each part of a clock may become so that it asks less."""
    assert rule.extend
    return {
        "kind": ClockKind.INTERNAL,
        "runs_in": (),
        "limit": Limit(21, Unit.WORKING_DAYS),
        "anchor": Anchor((TransitionName("correct"),), None),
        "applies": OneOf("granted", (1,)),
        "since": date(2020, 1, 1),
        "steps": rule.steps[1:],
        "pauses_in": (*rule.pauses_in, StateName("draft")),
        "restart": {**rule.restart, TransitionName("consult"): None},
        "extend": Extension(rule.extend.events, Limit(30, Unit.WORKING_DAYS), None),
        "done_by": (TransitionName("note"),),
        "regime_by": "corrected_on",
        "regimes": tuple(replace(each, limit=Limit(20, Unit.WORKING_DAYS)) for each in rule.regimes),
        "limit_field": "given",
        "backward": True,
        "by_entry": False,
    }


@pytest.mark.parametrize("part", [each.name for each in fields(DeadlineRule) if each.name not in ASKS_NOTHING])
def test_every_part_of_a_clock_is_held_against_what_it_was(part: str) -> None:
    rule = replace(REPLY, by_entry=True)
    before, after = (
        replace(CLOCKS, deadlines={**CLOCKS.deadlines, "reply": each})
        for each in (rule, replace(rule, **{part: less(rule)[part]}))
    )

    found = list(weaker(before, after))

    assert {(each.part, each.name) for each in found} == {("clock", "reply")}


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("extend: 15 working days, basis: 条例（2008）24", "extend: 18 working days, basis: 条例（2008）24"),
        ('until: "2019-05-14"', 'until: "2020-05-14"'),
        ("versions: [{until", "versions: [{from: \"2024-01-01\", limit: 30 working days, basis: 新条例}, {until"),
        ("restart: [{event: correct, date: corrected_on}], extend: {event: extend, by: 20", "restart: [{event: correct}], extend: {event: extend, by: 20"),
        ("on_expiry: note, escalate", "on_expiry: remark, escalate"),
        ("extend: {event: extend, by: 20 working", "extend: {event: lengthen, by: 20 working"),
    ],
)  # fmt: skip
def test_a_clock_that_goes_by_another_version_day_or_step_is_named(said: str, instead: str) -> None:
    old = (GOOD / "clocks.yaml").read_text("utf-8")
    old = old.replace(
        "  reply:     {from: [drafting, consulting]",
        "  remark:    {from: [drafting], to: drafting, roles: [office, system], zh: 到期记录, en: remark}\n"
        "  lengthen:  {from: [drafting], to: drafting, roles: [office], guards: [in_time, once_more], zh: 再延长, en: lengthen}\n"
        "  reply:     {from: [drafting, consulting]",
    ).replace(
        "  days_in_time:",
        "  once_more:    {check: first_time, params: {steps: [lengthen]}, zh: 只能再延长一次, en: lengthened before}\n"
        "  days_in_time:",
    )
    assert said in old

    found = difference(read(old), read(old.replace(said, instead)))

    assert [(each.part, each.name) for each in found.weaker] == [("clock", "reply")]


EARLIER = '{until: "2019-05-14", limit: 15 working days, extend: 15 working days, basis: 条例（2008）24}'
OLDEST = '{until: "2010-12-31", limit: 10 working days, basis: 条例（2008）24}'
BETWEEN = EARLIER.replace("{until", '{from: "2011-01-01", until')


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (EARLIER, EARLIER.replace("24}", "25}")),
        (f"{OLDEST}, {BETWEEN}", f"{OLDEST}, {BETWEEN}"),
        (f"{OLDEST}, {BETWEEN}", f"{BETWEEN}, {OLDEST}"),
    ],
)
def test_a_version_of_the_law_is_known_by_its_days(said: str, instead: str) -> None:
    text = (GOOD / "clocks.yaml").read_text("utf-8")
    old, new = (text.replace(EARLIER, each) for each in (said, instead))

    assert difference(read(old), read(new)).weaker == ()


@pytest.mark.parametrize(
    ("said", "instead", "zh", "en"),
    [
        ("basis: 某法 1,", "basis: 某法 1, restart: [{event: answer}],", "时限“办理期限”经“收到答复”重新起算", "“whole” now begins anew with “answer”"),
        ("basis: 某法 1,", "basis: 某法 1, done_by: [ask],", "时限“办理期限”经“函询”即算办结", "“whole” now counts as met with “ask”"),
        ("{clock: statutory, runs_in: [checking]", "{clock: internal, runs_in: [checking]", "时限“办理期限”不再是法定时限", "“whole” is no longer a statutory clock"),
    ],
)  # fmt: skip
def test_a_clock_that_begins_anew_or_ends_at_a_further_step_asks_less(
    said: str, instead: str, zh: str, en: str
) -> None:
    (loss,) = difference(read(FIRST), read(FIRST.replace(said, instead))).weaker

    assert (loss.text.zh, loss.text.en, loss.basis) == (zh, en, "某法 1")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("restart: [{event: answer}, {event: ask}],", "restart: [{event: ask}],"),
        ("done_by: [ask],", ""),
    ],
)
def test_a_clock_that_fewer_steps_begin_anew_or_end_asks_no_less(was: str, now: str) -> None:
    old, new = (FIRST.replace("basis: 某法 1,", f"basis: 某法 1, {each}") for each in (was, now))

    assert difference(read(old), read(new)).weaker == ()


PASSED = (
    FIRST.rstrip()
    + "\npasses:\n  checked: {to: [granted], through: [grant], since: [file], apart_from: [start, file, edit.checking],"
    " zh: 未经他人核查不得许可, en: nothing is granted that another person has not checked}\n"
)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (PASSED[PASSED.index("passes:") :], ""),
        ("through: [grant]", "through: [grant, answer]"),
        (" since: [file],", ""),
        ("apart_from: [start, file, edit.checking], zh", "apart_from: [start, file], zh"),
        ("to: [granted], through", "to: [granted], when: {level: high}, through"),
    ],
)
def test_a_passage_that_is_gone_or_narrowed_is_named(said: str, instead: str) -> None:
    assert said in PASSED
    old = read(PASSED)

    found = difference(old, read(PASSED.replace(said, instead)))

    assert [(each.part, each.name) for each in found.changes] == [("passes", "checked")]
    assert [(each.part, each.name) for each in found.weaker] == [("passes", "checked")]
    assert found.weaker[0].text.zh == "进入“已许可”不再受此限制：未经他人核查不得许可"


@pytest.mark.parametrize(
    ("lang", "rows"),
    [
        ("zh", ["增 定义 in_force_until 施行至", "改 定义 intake 导入 识别同一记录的内容项：“标题”、“收到日期” → “标题”", "删 日常办件 urge 催办", "删 查重 same_person 同一申请人", "删 必经 heard 未经听取意见不得答复"]),
        ("en", ["added definition in_force_until in force until", "changed definition intake intake fields that tell records apart: “title”, “received on” → “title”", "removed everyday act urge urge", "removed similar same_person of the same applicant", "removed passes heard nobody is answered unheard"]),
    ],
)  # fmt: skip
def test_diff_shows_what_differs_beside_states_and_steps(lang: str, rows: list[str], tmp_path: Path) -> None:
    heard = "\npasses:\n  heard: {to: [answered], through: [hear], zh: 未经听取意见不得答复, en: nobody is answered unheard}\n"
    new = EVERYTHING.replace('{from: "2008-05-01"}\nroles', '{from: "2008-05-01", until: "2030-12-31"}\nroles')
    new = new.replace("key: [title, received_on]", "key: [title]").replace(
        "also: [author], comment", "also: [], comment"
    )
    new = re.sub(r"similar:\n.*\n", "", new)
    files = [tmp_path / "old.yaml", tmp_path / "new.yaml"]
    for file, text in zip(files, (EVERYTHING + heard, new), strict=True):
        file.write_text(text, "utf-8")

    told = call_with(["definitions", "diff", *map(str, files), "--lang", lang])

    shown = [" ".join(line.split()) for line in told.out.splitlines()]
    assert told.code == 0, told.said
    assert [each for each in rows if each not in shown] == [], told.out


EVERY = read(EVERYTHING)
#: What a step is called, and what only helps or tells more of it; what may be filled in besides is held by who may edit it.
HELPS = {"name", "label", "basis", "warns", "slip", "optional", "writes"}
#: A step that has what every other lacks, so that there is something to take away.
ANSWER = replace(
    EVERY.transitions[TransitionName("answer")],
    guards=("in_time",),
    when=OneOf("channel", ("post",)),
    when_blocked=("paid_in_full",),
    auto=True,
    at_once=True,
    comment=Demand.REQUIRED,
    required=("answer",),
    sets=(Assignment("remedy", "literal", None),),
    number=SeriesNumber("answer", "channel", "sent_on", "{series}〔{year}〕{serial}号"),
    tell=(Tell("head", None),),
    dated="signed_on",
    opens=Opening("third_party", None, ()),
    moves=(Moving("third_party", TransitionName("answer"), None, ()),),
)


def less_of_a_step() -> dict[str, dict[str, Any]]:
    """What each part of a step may become so that it asks or does less, with what goes with it."""
    elsewhere = StateName("paying")
    return {
        "sources": {"sources": (*ANSWER.sources, elsewhere), "roles": {**ANSWER.roles, elsewhere: ("officer",)}},
        "target": {"target": StateName("withdrawn")},
        "roles": {"roles": {StateName("in_hand"): ("officer", "head")}},
        "guards": {"guards": ()},
        "when": {"when": None},
        "when_blocked": {"when_blocked": ()},
        "auto": {"auto": False},
        "at_once": {"at_once": False},
        "comment": {"comment": Demand.OPTIONAL},
        "required": {"required": ()},
        "sets": {"sets": ()},
        "number": {"number": None},
        "tell": {"tell": ()},
        "dated": {"dated": None},
        "opens": {"opens": None},
        "moves": {"moves": ()},
        "letter": {"letter": None},
    }


@pytest.mark.parametrize("part", [each.name for each in fields(Transition) if each.name not in HELPS])
def test_every_part_of_a_step_is_held_against_what_it_was(part: str) -> None:
    def with_step(step: Transition) -> Definition:
        return replace(EVERY, transitions={**EVERY.transitions, step.name: step})

    found = list(weaker(with_step(ANSWER), with_step(replace(ANSWER, **less_of_a_step()[part]))))

    assert {each.name for each in found} == {"answer"}
    assert all(each.text.zh and each.text.en for each in found)


#: What a field is called, and what makes it take other data: cases that hold them are looked at one by one, as situations.
OF_DATA = {"name", "label", "type", "choices", "max", "of", "example"}


@pytest.mark.parametrize(
    ("part", "instead"),
    {
        "min": 1,
        "pattern": None,
        "personal": False,
        "lapses_on": (),
        "seen_by": (RoleName("officer"),),
        "own": False,
        "named_in": None,
    }.items(),
)
def test_every_part_of_a_field_is_held_against_what_it_was(part: str, instead: Any) -> None:
    assert {each.name for each in fields(Field)} == OF_DATA | {
        "min",
        "pattern",
        "personal",
        "lapses_on",
        "seen_by",
        "own",
        "named_in",
    }
    whole = replace(
        EVERY.fields["id_number"], min=5, pattern="[0-9]+", lapses_on=("channel",), own=True, named_in="wanted"
    )

    def with_field(field: Field) -> Definition:
        return replace(EVERY, fields={**EVERY.fields, "id_number": field})

    found = list(weaker(with_field(whole), with_field(replace(whole, **{part: instead}))))

    assert [(each.part, each.name) for each in found] == [("field", "id_number")]


@pytest.mark.parametrize(
    "changed", [{"when": None}, {"when": OneOf("answer", ("a", "b"))}, {"when": None, "check": "author"}]
)
def test_every_part_of_a_guard_is_held_against_what_it_was(changed: dict[str, Any]) -> None:
    asked = {each.name for each in fields(Guard)} - {"name", "text", "basis"}
    assert asked == {"when", "check", "params", "needs"}
    old = replace(
        EVERY, guards={**EVERY.guards, "says_what": replace(EVERY.guards["says_what"], when=OneOf("answer", ("a",)))}
    )
    new = replace(EVERY, guards={**EVERY.guards, "says_what": replace(EVERY.guards["says_what"], **changed)})

    assert [(each.part, each.name) for each in weaker(old, new)] == [("guard", "answer")]


def test_where_cases_begin_is_held_against_what_it_was() -> None:
    states = {name: replace(each, initial=name == "in_hand") for name, each in EVERY.states.items()}

    assert [(each.part, each.name) for each in weaker(EVERY, replace(EVERY, states=states))] == [("state", "in_hand")]
