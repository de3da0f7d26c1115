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
