"""A log of another house, or of our own, is held against a definition: what deviates, what was late, and what cannot be read."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from r4pm import bindings, import_item

from tests.cli.calling import Call, Type, call_with

HOUSE = Path(__file__).parents[2]
WABO = HOUSE.parent / "shared" / "data" / "process_logs" / "wabo_receipt_events.csv"
EXAMPLE = HOUSE / "examples" / "permit_receipt.yaml"
EXAMPLE_MAP = HOUSE / "examples" / "permit_receipt.map.yaml"

COUNTER = """
format: gongkai/1
id: permit
version: 1
prefix: PER
title: {zh: 许可, en: permit}
basis: [行政许可法]
roles: {values: {clerk: {scope: bureau, zh: 承办人, en: clerk}, system: {scope: bureau, zh: 系统, en: the system}}}
fields:
  title:    {type: text, zh: 标题, en: title}
  came_on:  {type: date, zh: 收件日期, en: came on}
  fee_paid: {type: bool, zh: 已缴费, en: fee paid}
  copies:   {type: integer, zh: 份数, en: copies}
guards:
  paid: {if: {fee_paid: true}, zh: 尚未缴费, en: the fee is not paid}
states:
  open:    {initial: true, waits_for: clerk, zh: 受理, en: open, edit: {clerk: [title, came_on]}}
  weighed: {waits_for: clerk, zh: 审查, en: weighed}
  granted: {waits_for: clerk, zh: 已准予, en: granted}
  filed:   {final: true, zh: 已归档, en: filed}
transitions:
  pay:   {from: [open], to: open, roles: [clerk], set: {fee_paid: true}, zh: 缴费, en: pay}
  weigh: {from: [open], to: weighed, roles: [clerk], zh: 审查, en: weigh}
  grant: {from: [weighed], to: granted, roles: [clerk], guards: [paid], zh: 准予, en: grant}
  file:  {from: [granted], to: filed, roles: [clerk, system], auto: true, zh: 归档, en: file}
deadlines:
  answer: {clock: statutory, runs_in: [open, weighed], anchor: {event: start, date: came_on}, limit: 10 calendar days, basis: 试例 1, zh: 办理期限, en: answer}
  filing: {clock: internal, runs_in: [granted], limit: 5 working days, zh: 归档时限, en: filing}
"""
MAP = """\
log: {case: nr, activity: what, time: when, resource: who}
steps:
  In: start
  Fee: pay
  Exam: weigh
  Grant: grant
ignore: [Coffee]
data:
  start: {came_on: came}
"""
Story = Sequence[tuple[str, ...]]
FIRST: Story = [  # nr, what, when, who, came
    ("a", "In", "2026-03-02T09:00:00+01:00", "u1", "2026-03-02"),
    ("a", "Fee", "2026-03-03T09:00:00+01:00", "u1", ""),
    ("a", "Coffee", "2026-03-03T10:00:00+01:00", "u1", ""),
    ("a", "Exam", "2026-03-04T09:00:00+01:00", "u2", ""),
    ("a", "Grant", "2026-03-12T23:30:00+01:00", "u2", ""),
]
UNPAID: Story = [("b", *each[1:]) for each in FIRST if each[1] != "Fee"]
UNWEIGHED: Story = [("c", *each[1:]) for each in FIRST if each[1] != "Exam"]
STRANGE: Story = [("d", *each[1:]) for each in FIRST] + [("d", "Party", "2026-03-13T09:00:00+01:00", "u1", "")]
UNENDED: Story = [("e", *each[1:]) for each in FIRST if each[1] != "Grant"]
UNBEGUN: Story = [("f", *each[1:]) for each in FIRST if each[1] != "In"]
LATE: Story = [("g", *each[1:]) for each in FIRST[:-1]] + [("g", "Grant", "2026-03-13T00:30:00+01:00", "u2", "")]


class Bench:
    """A folder with a definition, a map and logs."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "permit.yaml").write_text(COUNTER, encoding="utf-8")
        (place / "map.yaml").write_text(MAP, encoding="utf-8")

    def log(self, *stories: Story) -> str:
        where = self.place / "log.csv"
        with where.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [("nr", "what", "when", "who", "came"), *(row for each in stories for row in each)]
            )
        return str(where)

    def xes(self, text: str) -> str:
        (self.place / "log.xes").write_text(text, encoding="utf-8")
        return str(self.place / "log.xes")

    def replays(self, log: str, *words: str, lang: str = "zh") -> Call:
        there = ("--with", str(self.place / "permit.yaml"), "--map", str(self.place / "map.yaml"), "--lang", lang)
        return call_with(["replay", log, *there, *words])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def firsts(told: Any) -> dict[str, tuple[str, int | None, list[str]]]:
    return {each["case"]: (each["kind"], each["row"], each["reasons"]) for each in told["deviations"]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_log_that_follows_the_definition_fits_and_needs_no_database(bench: Bench, lang: str) -> None:
    done = bench.replays(bench.log(FIRST), lang=lang)

    assert done.code == 0, done.said
    assert {"zh": "没有偏离", "en": "nothing deviates"}[lang] in done.out
    assert {"zh": "没有逾期", "en": "nothing was late"}[lang] in done.out
    assert "1.0000" in done.out


def test_each_way_of_leaving_the_definition_is_told_with_its_place_and_reason(bench: Bench) -> None:
    done = bench.replays(bench.log(FIRST, UNPAID, UNWEIGHED, STRANGE, UNENDED, UNBEGUN), "--json")

    assert done.code == 7
    told = done.json
    assert told["ok"] is False
    assert (told["cases"], told["fitting"], told["ended"]) == (6, 1, 5)
    assert firsts(told) == {
        "b": ("refused", 10, ["paid"]),
        "c": ("refused", 14, ["state"]),
        "d": ("unknown", 20, []),
        "e": ("unfinished", None, ["end"]),
        "f": ("unbegun", 25, ["start"]),
    }
    reasons = {each["case"]: each for each in told["deviations"]}
    assert (reasons["b"]["zh"], reasons["b"]["en"]) == ("尚未缴费", "the fee is not paid")
    assert reasons["c"]["step"] == "grant"
    assert "受理" in reasons["c"]["zh"]
    assert all(each["zh"] and each["en"] for each in told["deviations"])
    assert told["fitness"]["trace"] == round(1 / 6, 6)


def test_after_a_deviation_the_story_goes_on_from_where_the_log_went(bench: Bench) -> None:
    told = bench.replays(bench.log(UNWEIGHED), "--json").json

    assert told["deviations"][0]["in_all"] == 1, "what follows the leap is in order again"
    assert told["ended"] == 1


def test_the_token_game_counts_as_the_literature_does(bench: Bench) -> None:
    def counted(*stories: Story) -> tuple[float, int, int, int, int]:
        said = bench.replays(bench.log(*stories), "--json").json["fitness"]
        return said["token"], said["produced"], said["consumed"], said["missing"], said["remaining"]

    # begin, pay, weigh, grant, file (unseen): five tokens made, and the end takes the last
    assert counted(FIRST) == (1.0, 5, 5, 0, 0)
    # the leap from open to granted: one token lacks where it was wanted, one stays behind in open
    assert counted(UNWEIGHED) == (0.75, 4, 4, 1, 1)
    # a condition that is not met is a place without its token
    assert counted(UNPAID) == (round((1 - 1 / 5) / 2 + 1 / 2, 6), 4, 5, 1, 0)


def test_the_token_game_agrees_with_another_programs(tmp_path: Path) -> None:
    """Random logs over a definition without conditions, against the token replay of the Rust4PM project."""
    steps = {"a": ("s", "t"), "b": ("t", "u"), "c": ("u", "s"), "d": ("u", "v"), "e": ("t", "t"), "f": ("s", "v")}
    lines = [f"  {n}: {{from: [{f}], to: {t}, roles: [clerk], zh: 步{n}, en: step {n}}}" for n, (f, t) in steps.items()]
    states = ["  s: {initial: true, waits_for: clerk, edit: {clerk: [title]}, zh: 始, en: s}"]
    states += [f"  {each}: {{waits_for: clerk, zh: 中{each}, en: in {each}}}" for each in "tu"] + [
        "  v: {final: true, zh: 终, en: vv}"
    ]
    (tmp_path / "net.yaml").write_text(
        "format: gongkai/1\nid: net\nversion: 1\nprefix: NET\ntitle: {zh: 网, en: net}\nbasis: [条例]\n"
        "roles: {values: {clerk: {scope: bureau, zh: 承办人, en: clerk}}}\nfields: {title: {type: text, zh: 题, en: title}}\n"
        "states:\n" + "\n".join(states) + "\ntransitions:\n" + "\n".join(lines) + "\n"
        "deadlines: {d: {clock: internal, runs_in: [s, t, u], limit: 9 months, zh: 限, en: limit}}\n",
        encoding="utf-8",
    )
    (tmp_path / "map.yaml").write_text(
        "log: {case: case, activity: activity, time: time}\nsteps: {" + ", ".join(f"{n}: {n}" for n in steps) + "}\n",
        encoding="utf-8",
    )
    places = {each: str(UUID(int=at)) for at, each in enumerate("stuv", 1)}
    names = {each: str(UUID(int=at)) for at, each in enumerate(steps, 101)}
    arcs = [
        {"from_to": {"type": "PlaceTransition", "nodes": [places[f], names[n]]}, "weight": 1}
        for n, (f, _) in steps.items()
    ]
    arcs += [
        {"from_to": {"type": "TransitionPlace", "nodes": [names[n], places[t]]}, "weight": 1}
        for n, (_, t) in steps.items()
    ]
    net: Any = {
        "places": {uid: {"id": uid} for uid in places.values()},
        "transitions": {uid: {"id": uid, "label": label} for label, uid in names.items()},
        "arcs": arcs,
        "initial_marking": {places["s"]: 1},
        "final_markings": [{places["v"]: 1}],
    }
    dice = random.Random(20260302)

    for _ in range(40):
        story = [dice.choice("abcdef") for _ in range(dice.randint(1, 9))]
        rows = [
            ("case", "activity", "time"),
            *(("x", each, f"2026-03-02T09:{at:02}:00") for at, each in enumerate(story)),
        ]
        with (tmp_path / "log.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        events = "".join(
            f'<event><string key="concept:name" value="{a}"/><date key="time:timestamp" value="{t}+08:00"/></event>'
            for _, a, t in rows[1:]
        )
        (tmp_path / "log.xes").write_text(
            f'<log xes.version="1.0"><trace><string key="concept:name" value="x"/>{events}</trace></log>',
            encoding="utf-8",
        )

        ours = call_with(
            [
                "replay",
                str(tmp_path / "log.csv"),
                "--with",
                str(tmp_path / "net.yaml"),
                "--map",
                str(tmp_path / "map.yaml"),
                "--json",
            ]
        ).json["fitness"]

        log = bindings.log_to_activity_projection(log=import_item("EventLog", str(tmp_path / "log.xes")))
        theirs: Any = bindings.apply_token_based_replay(petri_net=net, event_log=log)["Ok"]
        assert [ours[each] for each in ("produced", "consumed", "missing", "remaining")] == [
            theirs[each] for each in ("produced", "consumed", "missing", "remaining")
        ], story


def test_a_last_day_that_passed_is_told_with_the_first_event_after_it(bench: Bench) -> None:
    done = bench.replays(bench.log(FIRST, LATE), "--json")

    assert done.code == 7
    assert done.json["deviations"] == []
    (late,) = done.json["late"]
    # the day is the one that the log wrote, half past midnight there, whatever the hour was in Shanghai
    assert (late["case"], late["deadline"], late["due_on"], late["on"], late["days"], late["row"]) == (
        "g", "answer", "2026-03-12", "2026-03-13", 1, 11,
    )  # fmt: skip


def test_a_case_that_still_waits_when_the_log_ends_is_late_without_an_event(bench: Bench) -> None:
    other = [("z", *each[1:2], each[2].replace("2026-03", "2026-06"), *each[3:4], "2026-06-02") for each in FIRST]

    late = bench.replays(bench.log(UNENDED, other), "--json").json["late"]

    assert [(each["case"], each["row"], each["days"]) for each in late] == [("e", None, None)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_map_with_faults_is_refused_line_by_line(bench: Bench, lang: str) -> None:
    (bench.place / "map.yaml").write_text(
        "log: {case: nr, activity: what, time: when, colour: red}\n"
        "steps:\n  In: start\n  Fee: pays\n  Exam: [weigh, 3]\n"
        "ignore: In\n"
        "data:\n  start: {come_on: came}\n"
        "unjudged: [payed]\nends: never\nstep: {}\n",
        encoding="utf-8",
    )

    done = bench.replays(bench.log(FIRST), lang=lang)
    told = bench.replays(bench.log(FIRST), "--json").json["error"]["findings"]

    assert done.code == 8
    assert "map.yaml:4:8" in done.err
    assert "pay" in done.err
    assert {each["line"] for each in told} == {1, 4, 5, 6, 8, 9, 10, 11}
    assert all(each["zh"] and each["en"] for each in told)


def test_a_map_that_is_no_yaml_says_where(bench: Bench) -> None:
    (bench.place / "map.yaml").write_text("steps:\n  In: start\n  In: pay\n", encoding="utf-8")

    done = bench.replays(bench.log(FIRST))

    assert done.code == 8
    assert "map.yaml:3:3" in done.err


def test_rows_that_cannot_be_read_are_told_and_the_rest_is_replayed(bench: Bench) -> None:
    broken = [("h", "In", "yesterday", "u1", ""), ("", "In", "2026-03-02T09:00:00", "u1", "")]
    odd = [("i", "In", "2026-03-02T09:00:00", "u1", "the 2nd"), *(("i", *each[1:]) for each in FIRST[1:])]

    done = bench.replays(bench.log(FIRST, broken, odd), "--json")

    assert done.code == 8
    told = done.json
    assert (told["unread"], told["cases"]) == (2, 2)
    assert [(each["row"], each["code"]) for each in told["problems"]] == [
        (7, "bad-event"), (8, "bad-event"), (9, "bad-value"),
    ]  # fmt: skip


def test_a_column_that_is_not_there_is_told_with_those_that_are(bench: Bench) -> None:
    (bench.place / "map.yaml").write_text(MAP.replace("activity: what", "activity: deed"), encoding="utf-8")

    done = bench.replays(bench.log(FIRST), lang="en")

    assert done.code == 8
    assert "deed" in done.err
    assert "nr, what, when, who, came" in done.err


LAUGHS = '<!DOCTYPE log [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
EVENT = '<event><string key="concept:name" value="In"/><date key="time:timestamp" value="2026-03-02T09:00:00"/></event>'
ONE = f'<trace><string key="concept:name" value="a"/>{EVENT}</trace>'  # a sound case, so that only the rest can be at fault
HOSTILE = {  # what it is: how it is refused, and the file
    "a billion laughs": ("unsafe-xml", LAUGHS + f']><log><string key="a" value="&j;"/>{ONE}</log>'),
    "another's file": ("unsafe-xml", f'<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]><log>&x;{ONE}</log>'),
    "a DTD from elsewhere": ("unsafe-xml", f'<!DOCTYPE log SYSTEM "http://127.0.0.1:9/x.dtd"><log>{ONE}</log>'),
    "deep nesting": (
        "too-deep",
        "<log>" + '<string key="a" value="b">' * 5000 + "</string>" * 5000 + f"{ONE}</log>",
    ),
    "cut off": ("not-xes", f"<log>{ONE}<trace><event>"),
    "another kind of file": ("not-xes", f"<html><body>{ONE}</body></html>"),
    "no XML": ("not-xes", "case,activity\n1,2\n"),
    "nothing in it": ("no-events", '<log xes.version="1.0"/>'),
    "an encoding that nobody knows": ("not-xes", f'<?xml version="1.0" encoding="martian"?><log>{ONE}</log>'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_or_broken_xes_is_refused_in_words(bench: Bench, name: str) -> None:
    (bench.place / "map.yaml").write_text("steps: {In: start}\n", encoding="utf-8")

    code, text = HOSTILE[name]
    done = bench.replays(bench.xes(text), "--json")

    assert done.code == 8, done.said
    (problem,) = done.json["error"]["problems"]
    assert problem["code"] == code
    assert problem["zh"]
    assert problem["en"]
    assert "root:" not in done.said


def test_a_file_that_never_ends_is_not_read_for_ever(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exchange.foreign.LARGEST_XES", 4096)
    (bench.place / "map.yaml").write_text("steps: {In: start}\n", encoding="utf-8")

    done = bench.replays(bench.xes(f"<log>{' ' * 5000}{ONE}</log>"), "--json")

    assert done.code == 8
    assert done.json["error"]["problems"][0]["code"] == "too-large"


def test_an_event_beside_the_traces_is_of_no_case(bench: Bench) -> None:
    (bench.place / "map.yaml").write_text("steps: {In: start}\nends: anywhere\n", encoding="utf-8")

    told = bench.replays(bench.xes(f"<log>{ONE}{EVENT}</log>"), "--json").json

    assert (told["cases"], told["events"], told["unread"]) == (1, 1, 1)


def test_xes_of_another_house_is_read_by_the_usual_keys(bench: Bench) -> None:
    (bench.place / "map.yaml").write_text(
        MAP.partition("steps")[1] + MAP.partition("steps")[2].replace("came}", '"case:came"}'), encoding="utf-8"
    )
    events = "".join(
        f'<event><string key="concept:name" value="{a}"/><date key="time:timestamp" value="{t}"/>'
        f'<string key="lifecycle:transition" value="{stage}"/></event>'
        for _, a, t, _, _ in FIRST
        for stage in ("start", "complete")
    )
    log = bench.xes(
        '<log xmlns="http://www.xes-standard.org/" xes.version="1849.2016"><trace><string key="concept:name" value="a"/>'
        f'<date key="came" value="2026-03-02T00:00:00+01:00"/>{events}</trace></log>'
    )

    done = bench.replays(log, "--json")

    assert done.code == 0, done.said
    assert (done.json["events"], done.json["skipped"], done.json["fitting"]) == (5, 5, 1)


def test_a_csv_log_without_a_map_is_asked_for_one(bench: Bench) -> None:
    done = call_with(["replay", bench.log(FIRST), "--with", "document", "--lang", "en"])

    assert done.code == 2
    assert "--map" in done.err


def test_our_own_record_fits_the_definition_that_made_it_and_not_a_stricter_one(types: Type, tmp_path: Path) -> None:
    number = types("start", "document", "--title", "某办法", by="wangmin").out.strip()
    assert types("do", number, "submit", by="wangmin").code == 0
    assert types("log", "export", str(tmp_path / "own.xes")).code == 0
    stricter = (HOUSE / "definitions" / "document.yaml").read_text("utf-8")
    line = next(each for each in stricter.splitlines() if each.strip().startswith("submit:"))
    changed = line.replace("warns: [tagged", "guards: [tagged], warns: [tagged")
    assert changed != line
    (tmp_path / "stricter.yaml").write_text(stricter.replace(line, changed), encoding="utf-8")

    ours = call_with(["replay", str(tmp_path / "own.xes"), "--with", "document", "--json"]).json
    theirs = call_with(["replay", str(tmp_path / "own.xes"), "--with", str(tmp_path / "stricter.yaml"), "--json"]).json

    assert ours["deviations"] == []
    assert ours["fitness"]["trace"] == ours["fitness"]["token"] == 1.0
    assert ours["cases"] > 10
    assert {each["step"] for each in theirs["deviations"]} == {"submit"}
    assert number in {each["case"] for each in theirs["deviations"]}
    assert theirs["deviations"][0]["reasons"] == ["tagged"]


@pytest.mark.skipif(not WABO.exists(), reason="the research data are not beside this house")
def test_the_log_of_a_municipality_gives_the_figures_of_the_page() -> None:
    done = call_with(["replay", str(WABO), "--with", str(EXAMPLE), "--map", str(EXAMPLE_MAP), "--json"])

    assert done.code == 7
    told = done.json
    late = Counter((each["deadline"], each["row"] is None) for each in told["late"])
    page = (HOUSE / "docs" / "conformance.md").read_text("utf-8")
    fitness = told["fitness"]
    for figure in (
        f"| {told['cases']} | {told['events']} | {told['ended']} |",
        f"| {fitness['trace']:.4f} | {told['fitting']} |",
        f"| {fitness['token']:.4f} | {fitness['produced']} | {fitness['consumed']} | {fitness['missing']} | {fitness['remaining']} |",
        f"| {told['kinds']['unfinished']} | {told['kinds']['refused']} |",
        f"| {late[None, False]} | {late['decision', False]} | {late['decision', True]} |",
    ):
        assert figure in page, figure
    with WABO.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    past = {each["case"] for each in rows if each["timestamp"][:10] > each["deadline"]}
    assert {each["case"] for each in told["late"] if each["deadline"] is None} == past
    # the definition's clock, counted by hand: eight weeks from the first column, moved off what was no working day here
    begun = {each["case"]: date.fromisoformat(each["start"]) for each in rows}
    for each in told["late"]:
        if each["deadline"] == "decision":
            eight = begun[each["case"]] + timedelta(days=56)
            assert eight <= date.fromisoformat(each["due_on"]) <= eight + timedelta(days=10)
