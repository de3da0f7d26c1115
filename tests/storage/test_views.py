"""What leaves the door as JSON has at least the names that the surface promises, and each says what the record says."""

from __future__ import annotations

import json
from typing import Any

from storage.views import event_json
from tests.factories import Office


def as_text(shown: object) -> dict[str, Any]:
    """What a program on the other side reads."""
    read: dict[str, Any] = json.loads(json.dumps(shown, ensure_ascii=False, allow_nan=False))
    return read


def test_a_case_shows_every_name_of_the_surface(office: Office) -> None:
    paper = office.signed()

    shown = as_text(office.desk.case(office.actor("zhengshen"), paper).to_json())

    assert list(shown) == [
        "id", "number", "kind", "state", "version", "title", "section", "data", "public", "parent", "children", "links",
        "linked_by", "whose", "deadlines",
    ]  # fmt: skip
    assert (shown["id"], shown["section"], shown["state"]) == (paper, "预算科", "numbering")
    assert shown["whose"] == {"role": "office", "zh": "局办公室", "en": "the Office", "people": ["赵云", "钱伟"]}
    first, second = shown["deadlines"]
    assert set(first) >= {"id", "strict_on", "rolled_on", "provisional", "due_at", "paused"}
    assert (first["clock"], second["clock"]) == ("internal", "statutory")
    assert first["anchor_on"] == "2026-03-02"


def test_a_case_that_is_over_is_in_nobodys_hands(office: Office) -> None:
    paper = office.draft()
    office.does("wangmin", "discard", paper, comment="不再发文")

    shown = office.desk.case(office.actor("zhengshen"), paper).to_json()

    assert shown["whose"] is None
    assert shown["deadlines"] == []


def test_an_event_shows_every_name_of_the_surface_and_in_whose_name_it_was(office: Office) -> None:
    office.desk.delegate(office.actor("lihua"), "lihua", "chenjing")
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    done = office.does("chenjing", "endorse", paper, comment="同意")

    shown = as_text(event_json(done.event, done.case.definition))

    assert list(shown) == [
        "seq", "at", "actor", "actor_name", "for", "transition", "from", "to", "data", "comment", "automatic",
        "definition", "hash",
    ]  # fmt: skip
    assert (shown["actor"], shown["actor_name"], shown["for"]) == ("chenjing", "陈静", "lihua")
    assert (shown["from"], shown["to"], shown["comment"]) == ("section_review", "office_check", "同意")
    assert shown["at"] == "2026-03-02T01:00:00+00:00"
