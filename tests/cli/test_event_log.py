"""The record leaves the house as XES and as OCEL 2.0: in the form of the standards, readable by others, nobody exposed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lxml import etree
from r4pm import bindings, import_item

from tests.cli.calling import Type, call_with

SCHEMAS = Path(__file__).parents[1] / "exchange" / "schemas"
XES = "{http://www.xes-standard.org/}"
APPLICANT, IDENTITY, CONTACT, PARTY = "李明", "11010519491231002X", "13900000000", "某办公设备公司"
REASON = "请先核对李明的证件"


@pytest.fixture
def asked(types: Type) -> str:
    """A request of a person, for which a company was asked."""
    given = (
        "channel=ems", "submitted_on=2026-03-01", "signed_on=2026-03-02", "receipt_proof=EMS 1100000000009",
        f"applicant_name={APPLICANT}", "applicant_kind=natural", "id_kind=resident_id", f"id_number={IDENTITY}",
        f"contact={CONTACT}", "subject=2025年办公设备采购合同", "form_wanted=electronic",
    )  # fmt: skip
    began = types("start", "request", "--title", "申请公开采购合同", *(w for each in given for w in ("--set", each)))
    number = began.out.strip()
    letter = (f"party={PARTY}", "question=是否同意公开报价构成", "consulted_on=2026-03-02")
    for step, sets in (("take_up", ()), ("consult_third_party", letter)):
        done = types("do", number, step, "--comment", REASON, *(w for each in sets for w in ("--set", each)))
        assert done.code == 0, done.said
    return number


def _written(types: Type, where: Path, *words: str, lang: str = "zh") -> dict[str, Any]:
    done = types("log", "export", str(where), *words, "--json", lang=lang)
    assert done.code == 0, done.said
    told: dict[str, Any] = done.json
    return told


def _keyed(element: Any, key: str) -> str | None:
    return next((str(each.get("value")) for each in element if each.get("key") == key), None)


def test_the_record_is_valid_xes_and_another_program_reads_it(types: Type, asked: str, tmp_path: Path) -> None:
    told = _written(types, tmp_path / "record.xes")

    tree = etree.parse(str(tmp_path / "record.xes"))
    etree.XMLSchema(etree.parse(str(SCHEMAS / "xes.xsd"))).assertValid(tree)
    traces = tree.getroot().findall(f"{XES}trace")
    assert len(traces) == told["cases"]
    assert sum(len(each.findall(f"{XES}event")) for each in traces) == told["events"]
    assert {each.get("prefix") for each in tree.getroot().findall(f"{XES}extension")} == {
        "concept", "time", "lifecycle", "org",
    }  # fmt: skip
    projection = bindings.log_to_activity_projection(log=import_item("EventLog", str(tmp_path / "record.xes")))
    assert bindings.get_num_cases(projection=projection) == told["cases"]


def test_each_event_says_what_who_when_and_from_where_to_where(types: Type, asked: str, tmp_path: Path) -> None:
    history = types("history", asked, "--json").json["events"]

    _written(types, tmp_path / "record.xes", "--kind", "request", lang="en")

    root = etree.parse(str(tmp_path / "record.xes")).getroot()
    (trace,) = (each for each in root.findall(f"{XES}trace") if _keyed(each, "concept:name") == asked)
    events = trace.findall(f"{XES}event")
    assert [(_keyed(e, "step"), _keyed(e, "from"), _keyed(e, "to"), _keyed(e, "org:resource")) for e in events] == [
        (each["transition"], each["from"], each["to"], each["actor"]) for each in history
    ]
    assert _keyed(events[0], "concept:name") == "begin"
    assert _keyed(events[0], "time:timestamp") == "2026-03-02T09:00:00.000+08:00"
    assert {_keyed(each, "lifecycle:transition") for each in events} == {"complete"}


def test_the_record_is_valid_ocel_in_both_forms_and_another_program_reads_them(
    types: Type, asked: str, tmp_path: Path
) -> None:
    told = _written(types, tmp_path / "record.jsonocel")
    _written(types, tmp_path / "record.json")
    _written(types, tmp_path / "record.xmlocel")
    (tmp_path / "record.xml").write_bytes((tmp_path / "record.xmlocel").read_bytes())

    whole = json.loads((tmp_path / "record.jsonocel").read_text("utf-8"))
    Draft202012Validator(json.loads((SCHEMAS / "ocel20.json").read_text("utf-8"))).validate(whole)
    read = [
        bindings.slim_link_ocel(ocel=import_item("OCEL", str(tmp_path / each)))
        for each in ("record.json", "record.xml")
    ]
    assert [bindings.num_events(ocel=each) for each in read] == [told["events"], told["events"]]
    assert [bindings.num_objects(ocel=each) for each in read] == [len(whole["objects"])] * 2


def test_ocel_tells_a_case_from_its_sub_case_and_says_what_each_was_to_an_event(
    types: Type, asked: str, tmp_path: Path
) -> None:
    _written(types, tmp_path / "record.jsonocel")

    whole = json.loads((tmp_path / "record.jsonocel").read_text("utf-8"))
    objects = {each["id"]: each for each in whole["objects"]}
    kinds = Counter(each["type"] for each in whole["objects"])
    assert kinds["case request"] == kinds["sub-case opinion"] == 1
    assert kinds["section"]
    assert kinds["person"]
    (opinion,) = (each for each in whole["objects"] if each["type"] == "sub-case opinion")
    parent = next(each["objectId"] for each in opinion["relationships"] if each["qualifier"] == "sub-case of")
    assert objects[parent]["attributes"][0] == {"name": "number", "time": "1970-01-01T00:00:00.000Z", "value": asked}
    begun = next(e for e in whole["events"] if any(r["objectId"] == opinion["id"] for r in e["relationships"]))
    assert {each["qualifier"] for each in begun["relationships"]} == {
        "sub-case", "parent case", "section of the case", "done by",
    }  # fmt: skip
    named = {r["objectId"] for each in (*whole["events"], *whole["objects"]) for r in each["relationships"]}
    assert named <= objects.keys()
    declared = {kind["name"]: {each["name"] for each in kind["attributes"]} for kind in whole["objectTypes"]}
    assert all(a["name"] in declared[each["type"]] for each in whole["objects"] for a in each["attributes"])


@pytest.mark.parametrize("name", ["record.xes", "record.jsonocel", "record.xmlocel"])
def test_no_person_is_exposed_by_a_log(types: Type, asked: str, tmp_path: Path, name: str) -> None:
    _written(types, tmp_path / name)

    text = (tmp_path / name).read_text("utf-8")
    assert "李*" in text, "what is personal stands behind its mask"
    assert [each for each in (APPLICANT, IDENTITY, CONTACT, PARTY, REASON) if each in text] == []


def test_a_log_holds_what_its_reader_may_see_and_no_more(types: Type, asked: str, tmp_path: Path) -> None:
    theirs = types("log", "export", str(tmp_path / "theirs.xes"), "--json", by="liuqiang").json
    seen = types("list", "--json", "--limit", "500", by="liuqiang").json["cases"]

    everything = _written(types, tmp_path / "all.xes")
    assert theirs["cases"] == len(seen) < everything["cases"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_log_is_not_written_over_another_nor_in_a_form_that_nobody_knows(
    types: Type, tmp_path: Path, lang: str
) -> None:
    there = tmp_path / "record.xes"
    there.write_text("mine", encoding="utf-8")

    kept = types("log", "export", str(there), lang=lang)
    strange = types("log", "export", str(tmp_path / "record.txt"), lang=lang)
    nowhere = types("log", "export", str(tmp_path / "no" / "record.xes"), lang=lang)
    no_kind = types("log", "export", str(tmp_path / "other.xes"), "--kind", "letters", lang=lang)
    forced = types("log", "export", str(there), "--force", lang=lang)

    assert (kept.code, strange.code, nowhere.code, no_kind.code, forced.code) == (2, 2, 1, 4, 0)
    assert "--force" in kept.err
    assert ".jsonocel" in strange.err
    assert there.read_bytes().startswith(b"<?xml")
    assert {each.name for each in tmp_path.iterdir()} == {"gongkai.db", "record.xes"}, "never half a file"


def test_of_a_long_text_a_log_says_only_that_it_was_written(types: Type, asked: str, tmp_path: Path) -> None:
    opinion = next(each for each in types("list", "--kind", "opinion", "--json").json["cases"])["number"]
    answer = ("answered_on=2026-03-02", "answer=objects", "opinion_text=报价构成属于本公司商业秘密")
    done = types("do", opinion, "record_objection", *(w for each in answer for w in ("--set", each)))
    assert done.code == 0, done.said

    _written(types, tmp_path / "record.xes")

    text = (tmp_path / "record.xes").read_text("utf-8")
    assert '<string key="written" value="opinion_text" />' in text
    assert "商业秘密" not in text


@pytest.mark.parametrize("kind", ["request", "opinion", "document"])
def test_what_a_log_hides_is_not_held_against_our_own_cases(types: Type, asked: str, tmp_path: Path, kind: str) -> None:
    opinion = next(each for each in types("list", "--kind", "opinion", "--json").json["cases"])["number"]
    answer = ("answered_on=2026-03-02", "answer=objects", "opinion_text=报价构成属于本公司商业秘密")
    assert types("do", opinion, "record_objection", *(w for each in answer for w in ("--set", each))).code == 0
    _written(types, tmp_path / "record.xes")

    told = call_with(["replay", str(tmp_path / "record.xes"), "--with", kind, "--json"]).json

    assert told["cases"] > 0
    assert told["deviations"] == told["problems"] == []
