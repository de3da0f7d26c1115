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
    assert "国库科" in next(line for line in listed.out.splitlines() if "liuqiang" in line).split()


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


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_post_ends_the_others_stay_and_what_is_left_without_hands_is_told_beforehand(
    types: Type, lang: str
) -> None:
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin").out.strip()
    assert types("do", number, "submit", by="wangmin").code == 0
    assert types("people", "appoint", "liuqiang", "drafter", by="admin").code == 0

    ended = types("people", "end", "刘强", "section_head", "--on", "2026-03-05", by="admin", lang=lang)
    listed = {
        each["id"]: each["roles"] for each in types("people", "list", "--json", now="2026-03-05T09:00").json["people"]
    }

    assert ended.code == 0
    assert {
        "zh": "刘强（liuqiang）自 2026-03-05 起不再任科室负责人（预算科）",
        "en": "刘强 (liuqiang) is no longer section head (预算科) from 2026-03-05",
    }[lang] in ended.out
    assert "section_head --section 预算科" in ended.err
    assert "2026-03-05" in ended.err
    assert listed["liuqiang"] == ["drafter"]


def test_ending_a_post_twice_is_as_good_as_once_and_says_so(types: Type) -> None:
    words = ("people", "end", "liuqiang", "科室负责人", "--on", "2026-03-05", "--json")

    first, again = types(*words, by="admin").json, types(*words, by="admin").json
    later = types(*words[:4], "--on", "2026-04-01", by="admin", lang="en")

    assert (first["new"], first["on"], first["person"], first["role"]) == (
        True,
        "2026-03-05",
        "liuqiang",
        "section_head",
    )
    assert [(each["section"], each["until_on"]) for each in first["ended"]] == [("预算科", "2026-03-04")]
    assert (again["new"], again["on"], again["ended"]) == (False, "2026-03-05", first["ended"])
    assert later.code == 0
    assert "is not section head (预算科) from 2026-03-05: so it was already; nothing changed" in later.out


def test_a_post_that_is_not_there_is_answered_with_those_which_are(types: Type) -> None:
    other_role = types("people", "end", "liuqiang", "leader", by="admin")
    elsewhere = types("people", "end", "liuqiang", "section_head", "--section", "国库科", by="admin", lang="en")
    none_at_all = types("people", "end", "liuqiang", "section_heed", by="admin")

    assert (other_role.code, elsewhere.code, none_at_all.code) == (2, 2, 2)
    assert "科室负责人（预算科）" in other_role.err
    assert "section head (国库科)" in elsewhere.err
    assert "there is: section head (预算科)" in elsewhere.err
    assert "section_head" in none_at_all.err


def test_what_was_delegated_of_a_post_ends_with_it(types: Type) -> None:
    assert types("people", "delegate", "liuqiang", "wangmin", "--until", "2026-12-31", by="liuqiang").code == 0
    assert types("people", "end", "liuqiang", "section_head", "--on", "2026-03-05", by="admin").code == 0

    posts = {each["id"]: each["posts"] for each in types("people", "list", "--json", by="admin").json["people"]}

    (delegated,) = [each for each in posts["wangmin"] if each["for"] == "liuqiang"]
    assert delegated["until_on"] == "2026-03-04"


def test_the_last_administrator_keeps_the_post_and_nobody_ends_that_of_another(types: Type) -> None:
    last = types("people", "end", "admin", "admin", by="admin")
    denied = types("people", "end", "liuqiang", "section_head", by="wangmin", lang="en")
    own = types("people", "end", "liuqiang", "section_head", by="liuqiang")

    assert (last.code, denied.code, own.code) == (2, 4, 0)
    assert "people appoint" in last.err
    assert "end the post of somebody else" in denied.err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_absence_is_recorded_listed_warned_of_and_ended_sooner(types: Type, lang: str) -> None:
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin").out.strip()
    assert types("do", number, "submit", by="wangmin").code == 0
    words = ("people", "away", "liuqiang", "--from", "2026-03-03", "--until", "2026-03-06")

    away, again = (types(*words, by="liuqiang", lang=lang) for _ in range(2))
    listed = types("people", "list", lang=lang)
    back = types("people", "back", "刘强", "--on", "2026-03-05", by="admin", lang=lang)
    back_again = types("people", "back", "刘强", "--on", "2026-03-05", by="admin", lang=lang)

    assert [each.code for each in (away, again, back, back_again)] == [0, 0, 0, 0]
    assert {
        "zh": "刘强（liuqiang）自 2026-03-03 至 2026-03-06 请假",
        "en": "刘强 (liuqiang) is away from 2026-03-03 until 2026-03-06",
    }[lang] in away.out
    assert "gongkai people delegate liuqiang" in away.err
    assert "--role section_head --from 2026-03-03 --until 2026-03-06" in away.err
    assert {"zh": "没有改动", "en": "nothing changed"}[lang] in again.out
    assert {"zh": "请假 2026-03-03 至 2026-03-06", "en": "away 2026-03-03 until 2026-03-06"}[lang] in listed.out
    assert {"zh": "刘强（liuqiang）自 2026-03-05 起回岗", "en": "刘强 (liuqiang) is back from 2026-03-05"}[
        lang
    ] in back.out
    assert {"zh": "没有改动", "en": "nothing changed"}[lang] in back_again.out


def test_absences_are_told_to_programs_and_to_nobody_who_may_not_record_them(types: Type) -> None:
    away = types("people", "away", "liuqiang", "--until", "2026-03-06", "--json", by="liuqiang").json
    there = {each["id"]: each for each in types("people", "list", "--json").json["people"]}
    back = types("people", "back", "liuqiang", "--on", "2026-03-04", "--json", by="liuqiang").json

    assert (away["from_on"], away["until_on"], away["recorded_by"], away["new"]) == (
        "2026-03-02", "2026-03-06", "liuqiang", True,
    )  # fmt: skip
    assert there["liuqiang"]["away_until"] == "2026-03-06"
    assert there["liuqiang"]["absences"] == [
        {"from_on": "2026-03-02", "until_on": "2026-03-06", "recorded_by": "liuqiang"}
    ]
    assert (back["on"], back["absence"]["until_on"], back["new"]) == ("2026-03-04", "2026-03-03", True)
    assert types("people", "away", "liuqiang", "--until", "2026-03-06", by="wangmin").code == 4
    assert types("people", "away", "liuqiang", by="liuqiang").code == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_two_accounts_are_said_to_be_one_person_and_everybody_can_read_why(types: Type, lang: str) -> None:
    types("people", "add", "wangmin2", "王敏", "--section", "预算科", by="admin")
    said = ("people", "same", "wangmin", "wangmin2")

    bare, denied = types(*said, by="admin", lang=lang), types(*said, "--comment", "核实", by="liuqiang", lang=lang)
    done = types(*said, "--comment", "改名后重新登记", by="admin", lang=lang)
    again = types(*said, "--comment", "改名后重新登记", "--json", by="admin").json
    back = types(*said, "--withdraw", "--comment", "同名两人", by="admin", lang=lang)
    half, listed = types("people", "same", "wangmin", by="admin"), types("people", "same", by="liuqiang", lang=lang)

    assert [each.code for each in (bare, denied, done, back, half, listed)] == [2, 4, 0, 0, 2, 0]
    assert "--comment" in bare.err
    assert (again["new"], again["act"]) == (False, "same")
    assert {"zh": "不再按同一人对待", "en": "count as two persons"}[lang] in back.out
    assert all(reason in listed.out for reason in ("改名后重新登记", "同名两人"))
