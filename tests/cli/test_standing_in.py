"""Who stands in for somebody is told so, from when until when, and sees which cases are theirs by that alone."""

from __future__ import annotations

from tests.cli.calling import Type


def test_a_delegate_is_told_for_whom_from_when_until_when(types: Type) -> None:
    words = ("--from", "2026-03-03", "--until", "2026-03-06")
    assert types("people", "delegate", "linfang", "sunli", *words, by="linfang").code == 0

    before, after = types("todo", by="sunli"), types("todo", by="sunli", now="2026-03-07T09:00")
    english = types("todo", by="sunli", lang="en", now="2026-03-04T09:00").out
    data = types("todo", "--json", by="sunli").json["delegations"]

    assert "受托代办（1）" in before.out
    assert "代林芳（linfang）任局领导：2026-03-03 至 2026-03-06" in before.out
    assert "受托代办" not in after.out
    assert "for 林芳 (linfang), bureau leader: 2026-03-03 until 2026-03-06" in english
    assert [(each["for"], each["role"], each["until_on"]) for each in data] == [("linfang", "leader", "2026-03-06")]
    assert "受托代办" not in types("todo", by="linfang").out, "whose posts they are knows it"


def test_a_case_that_one_has_only_for_another_is_marked(types: Type, at_the_office: str) -> None:
    assert types("people", "delegate", "zhoujing", "songtao", "--role", "office", by="zhoujing").code == 0

    for_another = types("todo", by="songtao").out
    rows = types("todo", "--json", by="songtao").json["cases"]
    own = types("todo", by="sunli").out

    line = next(each for each in for_another.splitlines() if at_the_office in each)
    assert line.endswith("代周静")
    assert {each["number"]: each["for"] for each in rows}[at_the_office] == ["zhoujing"]
    assert "代周静" not in own
