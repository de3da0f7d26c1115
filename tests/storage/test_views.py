"""What leaves the door as JSON has at least the names that the surface promises, and each says what the record says."""

from __future__ import annotations

import json
from typing import Any

from storage.views import event_json, option_json, reason_json
from tests.factories import Office


def as_text(shown: object) -> dict[str, Any]:
    """What a program on the other side reads."""
    read: dict[str, Any] = json.loads(json.dumps(shown, ensure_ascii=False, allow_nan=False))
    return read


def test_a_case_shows_every_name_of_the_surface(office: Office) -> None:
    paper = office.signed()

    shown = as_text(office.desk.case(office.actor("zhengshen"), paper).to_json())

    assert list(shown) == [
        "id", "number", "kind", "state", "version", "title", "section", "data", "public", "parent", "children",
        "whose", "deadlines",
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


def test_an_option_shows_reasons_in_both_languages_with_those_who_can_help(office: Office) -> None:
    paper = office.at_the_office()
    (accept,) = [each for each in office.desk.options(office.actor("zhaoyun"), paper) if each.transition == "accept"]

    shown = as_text(option_json(accept))

    assert list(shown) == [
        "transition", "zh", "en", "to", "allowed", "reasons", "warnings", "required", "optional", "comment_required",
    ]  # fmt: skip
    assert (shown["allowed"], shown["to"]) == (False, "secrecy_review")
    assert [list(each) for each in shown["reasons"]] == [["guard", "zh", "en", "who"]] * 2
    assert as_text(reason_json(accept.unmet[0]))["guard"] == "tagged"
    assert list(shown["reasons"][0]["who"][0]) == ["role", "zh", "en", "people", "state", "by"]


def test_a_result_shows_the_case_its_warnings_and_whether_it_was_a_repetition(office: Office) -> None:
    paper = office.draft()
    results = [office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r") for _ in range(2)]

    first, again = (as_text(each.to_json()) for each in results)

    assert list(first) == ["case", "warnings", "repeated"]
    assert [each["guard"] for each in first["warnings"]] == ["tagged", "reasoned", "described"]
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert first["case"] == again["case"]
