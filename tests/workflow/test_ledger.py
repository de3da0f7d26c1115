"""The chain: the same event has the same bytes everywhere, and any other event has another hash."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest

from storage.versions import catalogues
from tests.versions.permits import FIRST
from workflow.accepted import definition_from
from workflow.case import Event, StateName, TransitionName
from workflow.ledger import canonical, chained, may_be_erased, said_openly
from workflow.loader import accept

EVENT = Event(
    case_id="case-0001",
    seq=2,
    at=datetime(2026, 2, 13, 2, 0, tzinfo=UTC),
    actor="wangmin",
    actor_name="王敏",
    on_behalf_of=None,
    via="cli",
    transition=TransitionName("submit"),
    source=StateName("draft"),
    target=StateName("section_review"),
    data={"attribute": "proactive", "title": "关于预算的通知"},
    comment=None,
    automatic=False,
    definition="0e87",
    request_id="r-1",
)

OTHER: dict[str, Any] = {
    "case_id": "case-0002",
    "seq": 3,
    "at": EVENT.at + timedelta(microseconds=1),
    "actor": "lihua",
    "actor_name": "李华",
    "on_behalf_of": "lihua",
    "via": "web",
    "transition": TransitionName("recall"),
    "source": None,
    "target": StateName("draft"),
    "data": {"attribute": "withheld", "title": "关于预算的通知"},
    "comment": "",
    "automatic": True,
    "definition": "0e88",
    "request_id": None,
    "form": 1,
    "salts": {"title": "5a17"},
    "erased": {"contact": "c0"},
}


def test_the_canonical_form_is_the_one_that_is_written_down() -> None:
    assert canonical(EVENT, "00").decode() == (
        '{"actor":"wangmin","actor_name":"王敏","at":"2026-02-13T02:00:00.000000Z","automatic":false,"case":"case-0001",'
        '"comment":null,"data":{"attribute":"proactive","title":"关于预算的通知"},"definition":"0e87","for":null,'
        '"from":"draft","previous":"00","request":"r-1","seq":2,"to":"section_review","transition":"submit","v":2,"via":"cli"}'
    )


@pytest.mark.parametrize("name", [each.name for each in fields(Event) if each.name not in ("previous", "hash")])
def test_an_event_that_differs_anywhere_has_another_hash(name: str) -> None:
    altered = replace(EVENT, **{name: OTHER[name]})

    assert chained(altered, "00").hash != chained(EVENT, "00").hash


def test_another_past_gives_another_hash() -> None:
    assert chained(EVENT, "00").hash != chained(EVENT, "01").hash


def test_the_order_of_the_data_and_the_place_of_the_clock_change_nothing() -> None:
    same = replace(
        EVENT,
        data=dict(reversed(list(EVENT.data.items()))),
        at=EVENT.at.astimezone(timezone(timedelta(hours=8))),
    )

    assert chained(same, "00").hash == chained(EVENT, "00").hash


def test_a_name_typed_in_two_ways_of_unicode_is_one_name() -> None:
    composed, decomposed = "Ren\u00e9 王敏", "Rene\u0301 王敏"

    assert canonical(replace(EVENT, actor_name=composed), "") == canonical(replace(EVENT, actor_name=decomposed), "")


def test_what_may_be_erased_is_committed_to_as_it_is_written_down() -> None:
    said = replace(EVENT, comment="请核实", salts={"title": "5a17", "comment.": "5a18"})

    title = sha256('["5a17","title","关于预算的通知"]'.encode()).hexdigest()
    comment = sha256('["5a18","comment.","请核实"]'.encode()).hexdigest()
    assert json.loads(canonical(said, "00")) == {
        **json.loads(canonical(EVENT, "00")),
        "data": {"attribute": "proactive", "title": {"#": title}},
        "comment": comment,
    }


@pytest.mark.parametrize(
    ("personal", "erased"), [(True, ["owner", "remark", "was.remark", "attach.name"]), (False, ["attach.name"])]
)
def test_personal_data_may_be_erased_and_beside_them_texts_that_no_clock_looks_at(
    personal: bool, erased: list[str]
) -> None:
    owner = f"{{type: text, max: 50, {'personal: true, seen_by: [office], ' if personal else ''}zh: 业主, en: owner}}"
    text = (
        FIRST.replace("\n  title: {type: text, min: 2, max: 500", "\n  title: {type: text, min: 2, max: 5000")
        .replace("\n  note: ", f"\n  owner: {owner}\n  note: ")
        .replace("max: 40, zh: 备注", "max: 5000, zh: 备注")
        .replace("\n  level: ", "\n  remark: {type: text, max: 5000, zh: 说明, en: remark}\n  level: ")
        .replace("[title, note, level]", "[title, note, level, owner, remark]")
        .replace("anchor: {event: file}, limit: 10", "anchor: {event: file}, applies: {note: unset}, limit: 10")
    )
    said = accept(text, "permit.yaml", catalogues())
    definition = definition_from(said.json, said.digest)

    names = ("title", "owner", "note", "was.note", "remark", "was.remark", "level", "attach.name")
    assert [each for each in names if may_be_erased(definition, each)] == erased


def test_an_event_has_the_same_hash_once_its_openings_are_erased() -> None:
    whole = replace(EVENT, comment="请核实", salts={"title": "5a17", "comment.": "5a18"})
    data, comment = said_openly(whole)
    title = data["title"]
    assert isinstance(title, dict)
    bare = replace(EVENT, data={"attribute": "proactive"}, erased={"title": title["#"], "comment.": str(comment)})

    assert canonical(bare, "00") == canonical(whole, "00")


def test_a_chained_event_keeps_what_it_says() -> None:
    event = chained(EVENT, "00")

    assert event.previous == "00"
    assert replace(event, previous="", hash="") == EVENT
    assert chained(event, "00") == event
