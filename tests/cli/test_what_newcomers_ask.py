"""What somebody new asks of the program, and the answer that lets them go on."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path

import pytest

from cli import gongkai
from terminal.reference import commands
from tests.cli.calling import Call, Type, call_with

SUMMER = "2026-06-02T09:00"
SHIPPED = Path(__file__).parents[2] / "definitions"
#: Examples that need a file of the reader's, another clock or a whole month.
ELSEWHERE = (
    "my.yaml",
    "2027.yaml",
    "limits.yaml",
    "历年公文.xlsx",
    "old.csv",
    "doj_oip_2017.csv",
    "events.csv",
    "--seals seals.jsonl",
    "gongkai erase",
    "--key-file",
    "outbox deliver",
    "seal --mail",
    "gongkai restore",
    "gongkai attachment",
    "gongkai people same wangmin",
    "definitions/*.yaml",
    "scheduler",
    "demo",
    "init",
    "--live",
    "> ",
)
EXAMPLES = sorted(
    {
        each.typed
        for _, command in [("gongkai", gongkai), *commands(gongkai)]
        for each in command.examples
        if not any(word in each.typed for word in ELSEWHERE)
    }
)


@pytest.fixture(scope="module")
def summer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("summer") / "gongkai.db"
    assert call_with(["init", "--sample", "--sandbox", "--db", str(place), "--now", SUMMER]).code == 0
    return place


@pytest.mark.parametrize("typed", EXAMPLES)
def test_every_example_of_the_help_works_with_the_sample_bureau(
    typed: str, summer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    monkeypatch.chdir(tmp_path)
    place = shutil.copy(summer, tmp_path / "gongkai.db")
    words = shlex.split(typed)[1:]

    answer = call_with([*words, "--db", str(place), "--now", SUMMER, *([] if "--as" in words else ["--as", "admin"])])

    assert answer.code == 0, answer.said


def test_a_clerk_is_told_who_the_administrator_is_and_of_which_act(types: Type) -> None:
    installs = types("definitions", "install", str(SHIPPED / "document.yaml"), by="wangmin")
    recounts = types("calendar", "recompute", by="wangmin", lang="en")

    assert installs.code == recounts.code == 4
    assert "启用流程定义" in installs.err
    assert "系统管理员（管理员）" in installs.err
    assert "委托" not in installs.err
    assert "count the dates anew" in recounts.err


def test_a_version_that_is_there_already_is_told_and_the_one_in_force(types: Type) -> None:
    again = types("definitions", "install", str(SHIPPED / "document.yaml"), by="admin")
    listed = types("definitions", "list", "--json").json["definitions"]

    assert "没有改动" in again.out
    assert "新事项按第" in again.out
    assert all(each["in_force"] for each in listed)


def test_a_catalogue_is_checked_as_one(types: Type, tmp_path: Path) -> None:
    broken = tmp_path / "roles.yaml"
    broken.write_text((SHIPPED / "catalogues/roles.yaml").read_text("utf-8").replace("zh: 拟稿人,", "", 1), "utf-8")

    assert "roles" in types("definitions", "check", str(SHIPPED / "catalogues/roles.yaml")).out
    assert types("definitions", "check", str(broken)).code == 7


def test_without_a_database_the_way_is_init(call: object) -> None:
    answer = call_with(["todo", "--as", "wangmin", "--lang", "en"])

    assert answer.code == 1
    assert "gongkai init" in answer.err
    assert "mkdir" not in answer.err


def test_without_any_section_the_way_is_to_add_one(tmp_path: Path) -> None:
    place = ["--db", str(tmp_path / "new.db"), "--lang", "en", "--as", "admin"]
    quiet = call_with(["init", "--quiet", *place])
    answer = call_with(["people", "add", "wangmin", "王敏", "--section", "预算科", *place])

    assert quiet.said == ""
    assert answer.code == 2
    assert "no section yet" in answer.err
    assert "gongkai people section NAME" in answer.err


def test_a_post_that_sees_no_case_is_told_so(types: Type) -> None:
    for shown in ("list", "board"):
        assert "--as" in types(shown, by="admin").err


def test_what_is_missing_is_shown_as_it_is_typed(types: Type, at_the_office: str) -> None:
    no_step = types("do", at_the_office)
    no_comment = types("do", at_the_office, "return")
    old = types("do", at_the_office, "acept", lang="en")
    unknown = types("do", at_the_office, "送审")
    stranger = types("start", "document", "--title", "关于测试的通知", "--section", "预算科", by="zhoujing")

    assert "return（" in no_step.err
    assert "--comment" in no_comment.err
    assert "goes by version" in old.err
    assert f"gongkai why {at_the_office}" in unknown.err
    assert "用新建（start）办理" in stranger.err


def test_who_leaves_an_empty_post_is_warned_of_and_can_come_back(types: Type) -> None:
    def as_admin(*words: str) -> Call:
        return types("people", *words, by="admin", now=SUMMER)

    gone, again = as_admin("leave", "gaofeng"), as_admin("leave", "高峰")
    refused = as_admin("appoint", "gaofeng", "科室负责人")
    back, once_more = as_admin("add", "gaofeng", "高峰"), as_admin("add", "gaofeng", "高峰", "--section", "采购办")
    held, held_twice = (as_admin("appoint", "gaofeng", "科室负责人") for _ in range(2))

    assert "科室负责人" in gone.err
    assert "section_head" in gone.err
    assert "没有改动" in again.out
    assert "gongkai people add gaofeng" in refused.err
    assert "恢复" in back.out
    assert "没有改动" in once_more.out
    assert "没有改动" not in held.out
    assert "没有改动" in held_twice.out


def test_how_each_clock_ended_is_shown_and_exported(types: Type, tmp_path: Path) -> None:
    shown = types("show", "DOC-2026-00003", by="zhengyan")
    told = types("show", "DOC-2026-00003", "--json", by="zhengyan").json["clocks"]
    out = tmp_path / "out.csv"
    first, second = (types("export", "document", str(out), by="zhengyan") for _ in range(2))
    forced = types("export", "document", str(out), "--force", by="zhengyan")
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))

    assert "已结束的时限" in shown.out
    assert "按期" in shown.out
    assert {each["outcome"] for each in told} >= {"met"}
    assert (first.code, second.code, forced.code) == (0, 2, 0)
    assert {"法定期限", "逾期工作日"} <= rows[0].keys()


def test_the_story_tells_the_last_day_and_to_whom_a_case_was_handed(types: Type) -> None:
    types("sweep", now="2026-06-09T09:30")

    story = types("history", "DOC-2026-00009", by="zhengyan", now="2026-06-09T09:30").out
    shown = types("show", "DOC-2026-00009", by="zhengyan", now="2026-06-09T09:30").out

    assert "最后一日" in story
    assert "移交局领导办理" in story
    assert "逾期于" in shown


def test_the_rest_of_a_list_is_one_line_to_type(types: Type) -> None:
    line = types("list", "--limit", "2", "--section", "预算科", by="zhengyan").err.splitlines()[-1].strip()

    words = shlex.split(line)
    assert words[:7] == ["gongkai", "list", "--section", "预算科", "--limit", "2", "--after"]
    assert types(*words[1:], by="zhengyan").code == 0


def test_a_date_names_one_safe_day_and_takes_today(types: Type) -> None:
    rolled = types("calendar", "due", "2026-09-10", "15日").out

    assert "稳妥办理不晚于：2026-09-24" in rolled
    assert rolled.count("稳妥") == rolled.count("2026-09-24") == 2
    assert types("calendar", "due", "today", "5日").code == 0


def test_equal_problems_of_an_import_stand_in_one_line(types: Type, tmp_path: Path) -> None:
    rows = "".join(f"关于印发第{n}号办法的通知,,2020-03-10\n" for n in range(9))
    (tmp_path / "old.csv").write_text("标题,成文日期,发布日期\n" + rows, "utf-8")

    said = types("import", "document", str(tmp_path / "old.csv"), "--section", "预算科", lang="en").out

    assert "9 rows: 2, 3, 4…" in said


REQUEST = (
    *("start", "request", "--title", "申请公开决算", "--set", "channel=counter", "--set", "submitted_on=2026-03-02"),
    *("--set", "applicant_name=赵强", "--set", "applicant_kind=natural", "--set", "contact=13900000001"),
    *("--set", "subject=决算", "--set", "id_kind=resident_id"),
)


def test_who_has_begun_a_case_is_told_where_to_look_for_the_next_step(types: Type) -> None:
    begun = types("start", "request", "--title", "申请公开决算")
    tried = types("start", "request", "--title", "申请公开决算", "--dry-run")

    assert "gongkai why REQ-2026-00001" in begun.err
    assert "gongkai why" not in tried.err, "nothing was begun"


def test_what_the_steps_that_follow_by_themselves_warn_of_is_said(types: Type) -> None:
    """An application at the counter is registered in the same commit, and nobody was told that its identity proof is missing."""
    begun = types(*REQUEST)

    assert begun.err.count("! 未提供身份证明（可告知补正）") == 1
    assert types("why", begun.out.strip()).code == 0


def test_who_takes_a_step_into_nobodys_hands_hears_of_it_and_whom_to_ask(types: Type) -> None:
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin").out.strip()
    submit = ("do", number, "submit")
    there = types(*submit, "--dry-run", by="wangmin")
    assert types("people", "away", "liuqiang", "--until", "2026-03-06", by="liuqiang").code == 0

    tried, told = types(*submit, "--dry-run", "--json", by="wangmin"), types(*submit, by="wangmin")

    assert "无人可办" not in there.err
    assert tried.json["nobody"]["zh"] in told.err
    assert told.code == 0
    assert "无人可办" in told.err
    assert "任此职的都请假（刘强至 2026-03-06）。请告知系统管理员" in told.err
    assert "gongkai people delegate liuqiang" in told.err


def test_a_number_that_was_mistyped_is_said_to_be_mended_by_an_edit(types: Type) -> None:
    number = types(*REQUEST, "--set", "id_number=110105194912310021").out.strip()

    assert types("do", number, "take_up").code == 0
    refused = types("do", number, "submit_reply")

    assert refused.code == 3
    assert "证件号码与证件种类不符" in refused.err
    assert "局办公室（周静、孙丽），用修改（edit）办理" in refused.err


def test_a_step_that_asks_somebody_says_which_sub_case_it_began(types: Type) -> None:
    number = types(*REQUEST, "--set", "id_number=11010519491231002X").out.strip()

    asked = types("do", number, "assign", "--set", "enquiry_section=预算科", "--set", "question=请提供决算", lang="en")
    taken_up = types("do", number, "take_up")

    assert "OPN-2026-00001  预算科" in asked.out
    assert "OPN" not in taken_up.out, "said once, when it began"


def test_an_answer_says_what_it_does_to_the_case_that_waited_for_it(types: Type) -> None:
    number = types(*REQUEST, "--set", "id_number=11010519491231002X").out.strip()
    assert types("do", number, "take_up").code == 0
    consulted = ("--set", "party=某公司", "--set", "question=可否公开", "--set", "consulted_on=2026-03-02")
    assert types("do", number, "consult_third_party", *consulted).code == 0
    said = ("--set", "answered_on=2026-03-09", "--set", "answer=objects", "--set", "opinion_text=属于商业秘密")
    answer = ("do", "OPN-2026-00001", "record_objection", *said)

    shown = types(*answer, "--dry-run", now="2026-03-09T10:00")
    data = types(*answer, "--dry-run", "--json", now="2026-03-09T10:00").json
    answered = types(*answer, now="2026-03-09T10:00")

    way = f"✓ {number}  征求意见（暂停计时） → 拟写答复"
    assert way in shown.out
    assert way in answered.out
    assert "[法定] 答复期限 暂停（还有20个工作日） → 2026-04-07" in answered.out
    assert (data["went_on"]["number"], data["went_on"]["to"]) == (number, "drafting")
    assert data["went_on"]["moved"][0]["to"]["rolled_on"] == "2026-04-07"


def test_a_limit_that_has_not_begun_is_not_said_to_be_over(types: Type) -> None:
    number = types("start", "request", "--title", "申请公开决算").out.strip()
    asks = (
        "--set",
        "correction_items=身份证明",
        "--set",
        "correction_days=10",
        "--set",
        "told_on=2026-03-02",
    )

    early = types("do", number, "ask_correction", *asks)

    assert early.code == 3
    assert "只能从已收到（审查）办理" in early.err
    assert "已过7个工作日" not in early.err


def test_the_shortest_way_to_a_breach_is_told_a_step_a_line_and_with_what_it_ends() -> None:
    unlawful = SHIPPED.parent / "tests" / "definitions" / "unlawful" / "never_broken.yaml"

    told = call_with(["--lang", "en", "definitions", "check", str(unlawful)])
    lines = [line.strip() for line in told.out.splitlines()]
    first = lines.index("shortest path:") + 1

    assert lines[first : first + 5] == [
        "1. begin → draft",
        "2. submit → review",
        "3. edit → review",
        "4. keep → kept",
        "with attribute: empty",
    ]


def test_a_plan_says_which_limit_is_over(types: Type, at_the_office: str) -> None:
    told = types("plan", at_the_office, "--to", "published", now="2026-12-01", lang="en")

    assert ", overdue" in told.out
    assert "Office check: was due on" in told.out


def test_what_a_chinese_keyboard_writes_is_understood(types: Type) -> None:
    short, wide = types("show", "doc-2026-14"), types("show", "ＤＯＣ－2026－00014")
    labelled = types("edit", "DOC-2026-14", "--set", "公开属性（attribute）＝依申请公开（on_request）", by="wangmin")

    assert short.out == wide.out
    assert "DOC-2026-00014" in short.out
    assert (labelled.code, "依申请公开" in labelled.out) == (0, True)


def test_what_comes_next_works_as_it_stands(tmp_path: Path) -> None:
    place = tmp_path / "the bureau.db"

    made = call_with(["init", "--sample", "--lang", "zh", "--db", str(place)])
    lines = [shlex.split(line)[1:] for line in made.err.splitlines() if line.startswith("  gongkai ")]

    assert lines
    assert [call_with(words).code for words in lines] == [0] * len(lines)


def test_what_is_on_record_of_the_bureau_is_taken_back(types: Type) -> None:
    types("people", "bureau", "--payment", "现金", by="admin")

    emptied = types("people", "bureau", "--payment", "", by="admin")

    assert (emptied.code, "缴费方式：（未登记）" in emptied.out) == (0, True)
