"""Every command does its work, in both languages, with the shapes that programs rely on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.calling import Call, Type

LANGUAGES = ("zh", "en")
CASE = {"id", "number", "kind", "state", "version", "title", "section", "data", "whose", "deadlines"}
DEADLINE = {"id", "strict_on", "rolled_on", "provisional", "due_at", "paused"}
OPTION = {
    "transition", "zh", "en", "to", "allowed", "reasons", "warnings", "required", "optional", "comment_required",
}  # fmt: skip
REASON = {"guard", "zh", "en", "who"}
HELPER = {"role", "zh", "en", "people", "state", "by"}
EVENT = {"seq", "at", "actor", "for", "transition", "from", "to", "data", "comment", "automatic", "definition", "hash"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_draft_without_its_attribute_goes_back_and_then_all_the_way(types: Type, lang: str) -> None:
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin", lang=lang).out.strip()
    for step, by in (("submit", "wangmin"), ("endorse", "liuqiang")):
        assert types("do", number, step, by=by, lang=lang).code == 0

    refused = types("do", number, "accept", lang=lang)
    swept = types("sweep", lang=lang)
    waiting = types("todo", by="wangmin", lang=lang)

    assert refused.code == 3
    assert refused.err.count("王敏") == 3
    assert number in swept.out
    assert number in waiting.out
    assert {"zh": "按规定作退文处理", "en": "mark it and submit again"}[lang] in waiting.out

    label = {"zh": "公开属性=主动公开", "en": "disclosure attribute=proactive"}[lang]
    steps: list[tuple[list[str], str]] = [
        (["edit", number, "--set", label, "--set", "origin=own", "--set", "is_policy=false"], "wangmin"),
        (["do", number, "submit"], "wangmin"),
        (["do", number, {"zh": "报办公室", "en": "endorse to the Office"}[lang]], "liuqiang"),
        (["do", number.lower(), "accept"], "sunli"),
        (["do", number, "clear"], "xuzheng"),
        (["do", number, "sign"], "linfang"),
        (["do", number, "number", "--set", "series=下财"], "sunli"),
        (["do", number, "publish"], "sunli"),
    ]
    for words, by in steps:
        done = types(*words, by=by, lang=lang)
        assert done.code == 0, done.said

    story = types("history", number, lang=lang)
    assert {"zh": "〔自动〕", "en": "[automatic]"}[lang] in story.out
    assert {"zh": "待公开（归档） → 已公开", "en": "to be released or filed → published"}[lang] in story.out
    assert {"zh": "按规定作退文处理", "en": "mark it and submit again"}[lang] in story.out


def test_a_new_case_prints_its_number_alone(types: Type) -> None:
    begun = types("start", "document", "--title", "某办法", by="wangmin")

    assert begun.out.strip().startswith("DOC-2026-")
    assert "起草" in begun.err


def test_steps_tell_programs_the_case(types: Type) -> None:
    begun = types("start", "document", "--title", "某办法", "--json", by="wangmin").json
    number = begun["case"]["number"]
    edited = types("edit", number, "--set", "is_policy=是", "--json", by="wangmin").json
    tried = types("do", number, "submit", "--dry-run", "--json", by="wangmin").json
    done = types("do", number, "submit", "--request-id", "r-1", "--json", by="wangmin").json
    again = types("do", number, "submit", "--request-id", "r-1", "--json", by="wangmin").json
    shown = types("show", number, "--explain", "--json").json

    for told in (begun, edited, tried, done, again, shown):
        assert told["ok"] is True
        assert told["case"].keys() >= CASE
    assert edited["case"]["data"]["is_policy"] is True
    assert tried["dry_run"] is True
    assert [each["guard"] for each in done["warnings"]][:2] == ["tagged", "reasoned"]
    assert again["repeated"] is True
    assert again["case"]["version"] == done["case"]["version"] == 3
    assert all(each.keys() >= DEADLINE for each in shown["case"]["deadlines"])
    assert shown["derivations"][0]["days"][1]["counted"] == 1


def test_a_refusal_tells_programs_every_reason_and_who_can_help(types: Type, at_the_office: str) -> None:
    told = types("do", at_the_office, "accept", "--json").json

    assert told["ok"] is False
    assert told["error"]["code"] == "refused"
    assert [each["guard"] for each in told["error"]["reasons"]] == ["tagged", "reasoned", "described"]
    assert all(each["zh"] and each["en"] for each in told["error"]["reasons"])
    assert "王敏" in told["error"]["reasons"][0]["who"][0]["people"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_why_names_what_is_open_and_what_is_missing(types: Type, at_the_office: str, lang: str) -> None:
    every = types("why", at_the_office, lang=lang)
    one = types("why", at_the_office, "accept", lang=lang)
    elsewhere = types("why", at_the_office, "publish", lang=lang)
    told = types("why", at_the_office, "--json").json

    assert every.code == one.code == elsewhere.code == 0
    assert "✓ return" in every.out
    assert "✗ accept" in every.out
    assert "报告 一(一)" in one.out
    assert "王敏" in one.out
    assert {"zh": "现为“办公室核稿”", "en": "the case is in Office check"}[lang] in elsewhere.out
    options = {each["transition"]: each for each in told["options"]}
    assert options["return"]["allowed"] is True
    assert [each["guard"] for each in options["accept"]["reasons"]] == ["tagged", "reasoned", "described"]
    assert options["accept"].keys() >= OPTION
    assert all(each.keys() >= REASON for each in options["accept"]["reasons"])
    assert all(who.keys() >= HELPER for each in options["accept"]["reasons"] for who in each["who"])
    assert told["editable"] == ["office_opinion"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_show_tells_both_clocks_and_how_they_came_about(types: Type, lang: str) -> None:
    released = types("list", "--kind", "document", "--json", lang=lang).json["cases"]
    shown = {each["number"]: types("show", each["number"], "--json").json["case"]["deadlines"] for each in released}
    number = next(n for n, clocks in shown.items() if {c["clock"] for c in clocks} == {"internal", "statutory"})

    told = types("show", number, "--explain", lang=lang)

    assert {"zh": "[法定] 主动公开时限", "en": "[statutory] proactive publication"}[lang] in told.out
    assert {"zh": "[承办]", "en": "[internal]"}[lang] in told.out
    assert {"zh": "民法典第201条", "en": "Civil Code 201"}[lang] in told.out


def test_history_tells_programs_every_event(types: Type, at_the_office: str) -> None:
    events = types("history", at_the_office, "--json").json["events"]

    assert [each["transition"] for each in events] == ["start", "submit", "endorse"]
    assert all(each.keys() >= EVENT for each in events)


def test_a_delegate_is_named_with_their_principal(types: Type, at_the_office: str) -> None:
    handed = types("people", "delegate", "sunli", "xiaowang", "--until", "2026-03-06", by="sunli")
    assert handed.code == 4  # nobody is called so

    assert types("people", "delegate", "孙丽", "songtao", "--until", "2026-03-06", by="sunli").code == 0
    returned = types("do", at_the_office, "return", "--comment", "请标注公开属性", by="songtao")

    assert returned.code == 0, returned.said
    assert "宋涛（代 孙丽）" in types("history", at_the_office).out
    assert "宋涛 (for 孙丽)" in types("history", at_the_office, lang="en").out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_are_added_appointed_and_leave(types: Type, lang: str) -> None:
    steps = [
        ["people", "section", "债务科"],
        ["people", "add", "qianwu", "钱五", "--section", "债务科", "--login", "qw"],
        ["people", "appoint", "qianwu", "drafter", "--from", "2026-03-01", "--until", "2026-12-31"],
        ["people", "list"],
        ["people", "leave", "qianwu", "--on", "2026-03-02"],
    ]

    answers = [types(*words, by="admin", lang=lang) for words in steps]
    gone = types("people", "list", "--all", "--json", by="admin").json["people"]

    assert [each.code for each in answers] == [0, 0, 0, 0, 0], [each.said for each in answers]
    assert "钱五" in answers[3].out
    person = next(each for each in gone if each["id"] == "qianwu")
    assert person.keys() >= {"id", "name", "section", "roles"}
    assert person["left_on"] == "2026-03-02"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lists_are_filtered_and_go_on(types: Type, lang: str) -> None:
    first = types("list", "--limit", "2", "--json", lang=lang).json
    onward = types("list", "--limit", "2", "--after", first["next"], "--json", lang=lang).json
    named = types("list", "--q", "预算", "--section", "预算科", lang=lang)
    none = types("list", "--q", "没有这样的标题", lang=lang)
    late = types("list", "--overdue", now="2026-05-06T09:00", lang=lang)

    assert len(first["cases"]) == 2
    assert not {each["id"] for each in first["cases"]} & {each["id"] for each in onward["cases"]}
    assert "预算科" in named.out
    assert none.out == ""
    assert {"zh": "没有符合条件的事项", "en": "no case fits"}[lang] in none.err
    assert {"zh": "逾期", "en": "overdue"}[lang] in late.out


def test_notices_are_marked_as_read(types: Type) -> None:
    told = types("todo", "--read", "--json").json
    left = types("todo", "--json").json

    assert told["notices"]
    assert {"case", "zh", "en"} <= told["notices"][0].keys()
    assert left["notices"] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_board_counts_by_section_and_names_the_oldest(types: Type, lang: str) -> None:
    shown = types("board", by="zhengyan", now="2026-05-06T09:00", lang=lang)
    live = types("board", "--live", by="zhengyan", lang=lang)  # in a pipe it is shown once
    told = types("board", "--json", by="zhengyan").json["board"]

    assert "预算科" in shown.out
    assert {"zh": "逾期最久的十件", "en": "The ten oldest late cases"}[lang] in shown.out
    assert live.code == 0
    assert {"rows", "total", "oldest"} <= told.keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_calendar_explains_a_date(types: Type, lang: str) -> None:
    shown = types("calendar", "due", "2026-02-13", "20 working days", "--explain", lang=lang)
    rolled = types("calendar", "due", "2026-09-10", "15日", lang=lang)
    hours = types("calendar", "due", "2026-02-13T15:00", "24小时", lang=lang)
    year = types("calendar", "show", "2026", lang=lang)
    told = types("calendar", "due", "2026-02-13", "20个工作日", "--json", lang=lang).json

    assert "2026-03-19" in shown.out
    assert "2026-02-14" in shown.out
    assert {"zh": "顺延", "en": "runs on"}[lang] in rolled.out or "2026-09-25" not in rolled.out
    assert "2026-02-14 15:00" in hours.out
    assert "2026-02-28" in year.out
    assert told.keys() >= {"anchor", "limit", "strict_on", "rolled_on", "provisional", "days"}
    assert (told["strict_on"], told["rolled_on"], told["limit"]) == ("2026-03-19", "2026-03-19", "20 working days")
    assert told["days"][1] == {
        "on": "2026-02-14",
        "counted": 1,
        "why": {"zh": "春节调休上班", "en": told["days"][1]["why"]["en"]},
    }


def test_the_calendar_answers_before_any_database_is_made(call: Callable[[list[str]], Call]) -> None:
    assert "2026-03-19" in call(["calendar", "due", "2026-02-13", "20 working days"]).out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_dates_are_counted_anew_by_the_calendar(types: Type, lang: str) -> None:
    shown = types("calendar", "recompute", "--dry-run", by="admin", lang=lang)
    told = types("calendar", "recompute", "--json", by="admin").json

    assert shown.code == 0
    assert told["moved"] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sweep_says_what_fired(types: Type, at_the_office: str, lang: str) -> None:
    fired = types("sweep", "--json", lang=lang).json["fired"]
    nothing = types("sweep", lang=lang)

    assert [(each["case"], each["step"]) for each in fired] == [(at_the_office, "return_untagged")]
    assert fired[0].keys() >= {"case", "deadline", "step", "scheduled_at", "late"}
    assert {"zh": "没有到期事项", "en": "nothing is due"}[lang] in nothing.out


def test_a_sweep_calls_a_clock_as_its_own_procedure_does(types: Type) -> None:
    said = types("sweep", now="2026-03-30T09:00").out

    # `approval` and `publication` are clocks of several procedures.
    assert {"签批时限", "主动公开时限"} <= {line.split()[1] for line in said.splitlines() if line.startswith("DOC-")}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_record_verifies_and_tampering_is_found(types: Type, db: Path, lang: str) -> None:
    import sqlite3

    sound = types("verify", lang=lang)
    with sqlite3.connect(db) as there:
        there.execute("UPDATE cases SET title = '改过的标题' WHERE number = 'DOC-2026-00001'")
        there.execute("UPDATE cases SET state = 'published' WHERE number = 'DOC-2026-00001'")
    there.close()
    broken = types("verify", lang=lang)
    told = types("verify", "--json", lang=lang)

    assert sound.code == 0
    assert (broken.code, told.code) == (7, 7)
    assert "DOC-2026-00001" in broken.err
    assert told.json["ok"] is False
    assert told.json["error"]["code"] == "found"
    assert told.json["problems"]
    assert told.json["events"] > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_what_is_new_is_told_again_and_what_is_not_is_said(types: Type, tmp_path: Path, lang: str) -> None:
    words = ["verify", "--seals", str(tmp_path / "seals.jsonl"), "--since", str(tmp_path / "verified.json")]
    types("seal", "--to", str(tmp_path / "seals.jsonl"))
    whole = types(*words, "--json", lang=lang).json
    types("start", "document", "--title", "关于核验的通知", by="wangmin")

    new, told = types(*words, lang=lang), types(*words, "--json", "--jobs", "2", lang=lang).json

    assert (whole["retold"], whole["since"]) == (whole["cases"], None)
    assert (told["retold"], told["since"], told["cases"]) == (1, 1, whole["cases"] + 1)
    assert {"zh": "未重新推算", "en": "not counted again"}[lang] in new.out
    assert types("verify", "--since", str(tmp_path / "verified.json"), lang=lang).code == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_doctor_answers_check_by_check(types: Type, lang: str) -> None:
    shown = types("doctor", lang=lang)
    told = types("doctor", "--json", lang=lang).json

    assert shown.code in (0, 7)
    assert "✓" in shown.out
    assert all({"name", "ok", "zh", "en"} <= each.keys() for each in told["checks"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_definitions_are_listed_shown_and_checked(types: Type, tmp_path: Path, lang: str) -> None:
    listed = types("definitions", "list", lang=lang)
    shown = types("definitions", "show", "document", lang=lang)
    sound = types("definitions", "check", lang=lang)
    schema = types("definitions", "schema", "--json", lang=lang)
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text(
        (Path(__file__).parents[2] / "definitions/document.yaml")
        .read_text("utf-8")
        .replace("limit: 3 working days", "limit: soon", 1),
        "utf-8",
    )
    found = types("definitions", "check", str(faulty), lang=lang)
    told = types("definitions", "check", str(faulty), "--json", lang=lang)

    assert listed.code == shown.code == sound.code == schema.code == 0
    assert "document" in listed.out
    assert {"zh": "未标注公开属性", "en": "the disclosure attribute is missing"}[lang] in shown.out
    assert schema.json["schema"]["properties"]
    assert found.code == told.code == 7
    assert f"{faulty}:" in found.out
    assert "^" in found.out
    assert told.json["findings"][0].keys() >= {"code", "definition", "line", "zh", "en", "path"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_changed_definition_takes_effect_for_new_cases(types: Type, tmp_path: Path, lang: str) -> None:
    before = types("start", "document", "--title", "旧版公文", "--json", by="wangmin").json["case"]["number"]
    shipped = (Path(__file__).parents[2] / "definitions/document.yaml").read_text("utf-8")
    changed = tmp_path / "document.yaml"
    changed.write_text(
        shipped.replace("version: 1", "version: 2", 1).replace("zh: 报科室审核", "zh: 送科室审核"), "utf-8"
    )

    clerk = types("definitions", "install", str(changed), by="wangmin", lang=lang)
    installed = types("definitions", "install", str(changed), by="admin", lang=lang)
    new = types("start", "document", "--title", "新版公文", "--quiet", by="wangmin").out.strip()

    assert clerk.code == 4
    assert installed.code == 0, installed.said
    assert types("do", new, "送科室审核", by="wangmin").code == 0
    assert types("do", before, "送科室审核", by="wangmin").code == 2
    assert types("do", before, "报科室审核", by="wangmin").code == 0


def test_who_comes_second_is_told_who_was_first(types: Type, at_the_office: str) -> None:
    told = types("do", at_the_office, "return", "--comment", "请补", "--expect", "2", "--json").json["error"]

    assert told["code"] == "conflict"
    assert told["now"]["actor"] == "刘强"
    assert told["now"]["version"] == 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_records_come_in_once_and_go_out(types: Type, tmp_path: Path, lang: str) -> None:
    source = tmp_path / "old.csv"
    source.write_text(
        "标题,发文字号,成文日期,发布日期\n关于印发甲办法的通知,下财〔2020〕1号,2020-03-02,2020-03-10\n", "utf-8-sig"
    )
    first = types("import", "document", str(source), "--section", "预算科", "--dry-run", lang=lang)
    taken = types("import", "document", str(source), "--section", "预算科", "--json", lang=lang).json
    again = types("import", "document", str(source), "--section", "预算科", "--json", lang=lang).json
    out = types("export", "document", str(tmp_path / "out.xlsx"), lang=lang)

    assert first.code == 0, first.said
    assert (taken["rows"], taken["accepted"] + taken["warned"], taken["refused"]) == (1, 1, 0)
    assert again["unchanged"] == 1
    assert taken.keys() >= {"rows", "accepted", "warned", "refused", "unchanged", "problems"}
    assert out.code == 0
    assert (tmp_path / "out.xlsx").stat().st_size > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_init_can_be_repeated(types: Type, db: Path, lang: str) -> None:
    before = types("list", "--json").json["cases"]

    again = types("init", by=None, lang=lang)
    told = types("init", "--json", by=None, lang=lang)

    assert again.code == told.code == 0, again.said
    assert told.json["sandbox"] is True
    assert types("list", "--json").json["cases"] == before


def test_global_options_stand_before_and_after_the_command(db: Path, call: Callable[[list[str]], Call]) -> None:
    common = ["--db", str(db), "--as", "sunli", "--now", "2026-03-02T09:00", "--json", "--lang", "en"]

    before, after = call([*common, "people", "list"]), call(["people", "list", *common])
    between = call(["people", *common, "list"])

    assert before.out == after.out == between.out
    assert before.json["ok"] is True


def test_the_environment_is_asked_where_nothing_is_typed(db: Path, call: Any, monkeypatch: Any) -> None:
    for name, value in {"DB": str(db), "AS": "sunli", "NOW": "2026-03-02", "LANG": "en"}.items():
        monkeypatch.setenv(f"GONGKAI_{name}", value)

    assert "Waiting" in call(["todo"]).out


def test_hostile_text_never_reaches_the_terminal_raw(types: Type, db: Path) -> None:
    import sqlite3

    hostile = "红\x1b[31m\u202e[bold]字\u200b"
    with sqlite3.connect(db) as there:
        there.execute("UPDATE people SET name = ? WHERE id = 'wangmin'", (hostile,))
    there.close()

    shown, told = types("people", "list"), types("people", "list", "--json")

    assert "\\x1b[31m\\u202e[bold]字\\u200b" in shown.out
    for raw in ("\x1b", "\u202e", "\u200b"):
        assert raw not in shown.out + told.out
    assert hostile in [each["name"] for each in told.json["people"]]


def test_quiet_leaves_the_data_alone(types: Type) -> None:
    begun = types("start", "document", "--title", "某办法", "--quiet", by="wangmin")

    assert begun.out.strip().startswith("DOC-")
    assert begun.err == ""
