"""The register of people as it is typed: who goes where, and what is then left without hands."""

from __future__ import annotations

import pytest

from tests.cli.calling import Type


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_move_says_which_posts_end_which_begin_and_what_is_left(types: Type, lang: str) -> None:
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin").out.strip()
    assert types("do", number, "submit", by="wangmin").code == 0

    moved = types("people", "move", "liuqiang", "国库科", "--on", "2026-03-05", by="admin", lang=lang)
    listed = types("people", "list", by="admin", now="2026-03-05T09:00", lang=lang)

    assert moved.code == 0
    assert {
        "zh": "前一日结束的任职：科室负责人（预算科）",
        "en": "posts that end the day before: section head (预算科)",
    }[lang] in moved.out
    assert "gongkai people appoint" in moved.err
    assert "section_head --section 预算科" in moved.err
    assert next(line for line in listed.out.splitlines() if "liuqiang" in line).split()[2] == "国库科"


def test_a_move_tells_programs_what_changed(types: Type) -> None:
    words = ("people", "move", "wangmin", "国库科", "--keep-posts", "--json")

    first, again = types(*words, by="admin").json, types(*words, by="admin").json

    assert (first["new"], first["from_on"], first["section"]) == (True, "2026-03-02", "国库科")
    assert [(each["role"], each["section"]) for each in (*first["ended"], *first["posts"])] == [
        ("drafter", "预算科"), ("drafter", "国库科"),
    ]  # fmt: skip
    assert (again["new"], again["ended"], again["posts"]) == (False, [], [])


def test_a_move_to_nowhere_and_by_somebody_else_is_refused(types: Type) -> None:
    nowhere = types("people", "move", "wangmin", "国库局", by="admin")
    denied = types("people", "move", "wangmin", "国库科", by="liuqiang")

    assert (nowhere.code, denied.code) == (2, 4)
    assert "国库科" in nowhere.err
    assert "管理员" in denied.err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_section_goes_over_with_its_cases_and_history_says_so(types: Type, lang: str) -> None:
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin").out.strip()
    words = ("people", "reorganise", "预算科", "预算绩效科")

    tried = types(*words, "--dry-run", by="admin", lang=lang)
    done = types(*words, by="admin", lang=lang)
    again = types(*words, "--json", by="admin").json
    story = types("history", number, by="wangmin", lang=lang)

    assert (tried.code, done.code) == (0, 0)
    assert {"zh": "试算，没有改动", "en": "nothing is changed"}[lang] in tried.out
    assert {"zh": "改名为“预算绩效科”", "en": "is called “预算绩效科”"}[lang] in done.out
    assert (again["changed"], again["moved"], again["waiting"]) == (False, 0, 0)
    assert "预算科 → 预算绩效科" in story.out
    assert types("verify").code == 0
    assert types("start", "document", "--title", "某办法", "--section", "预算科", by="wangmin").code == 2


def test_what_nobody_can_do_stands_in_doctor_in_the_sweep_and_in_the_history(types: Type) -> None:
    for person in ("wangmin", "liuqiang"):
        assert types("people", "appoint", person, "drafter", "--from", "2020-01-01", by="admin").code in (0, 2)
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="liuqiang").out.strip()
    assert types("do", number, "submit", by="liuqiang").code == 0

    ill = types("doctor", "--json").json
    swept, again = types("sweep"), types("sweep", "--json").json

    found = [each for each in ill["figures"]["checks"] if each["name"] == "hands"] if "figures" in ill else [
        each for each in ill["checks"] if each["name"] == "hands"
    ]  # fmt: skip
    assert number in found[0]["zh"]
    assert "gongkai people appoint" in found[0]["hint"]["en"]
    assert "无人可办，上报" in swept.out
    assert again["fired"] == []
    assert "无人可办" in types("history", number).out
    assert "nobody can take" in types("history", number, lang="en").out
    assert number in types("todo", by="zhoujing").out
