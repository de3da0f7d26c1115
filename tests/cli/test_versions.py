"""The words `definitions diff` and `definitions migrate`, as they are typed and as they answer, in both languages."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from storage.versions import SHIPPED
from tests.cli.calling import Type
from tests.versions.permits import FIRST, PLAN, SECOND

HOUSE = Path(__file__).parents[2]
MONDAY = "2026-03-02T09:00"
TUESDAY = "2026-03-03T09:00"
DOCUMENT = (SHIPPED / "document.yaml").read_text("utf-8")
#: The secrecy reviewer gets longer, and one who published did not ask for a number any more.
LAXER = DOCUMENT.replace("\nversion: 1\n", "\nversion: 2\n").replace("limit: 7 working days", "limit: 9 working days")
FORWARD = """\
format: gongkai-migration/1
kind: document
from: 1
to: 2
reason: 保密审查时限调整
clocks: {secrecy: recompute}
"""


@pytest.fixture
def laxer(tmp_path: Path, types: Type) -> Path:
    """A second version of the procedure of documents, installed."""
    place = tmp_path / "laxer.yaml"
    place.write_text(LAXER, "utf-8")
    done = types("definitions", "install", str(place), by="admin")
    assert done.code == 0, done.said
    return place


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    place = tmp_path / "plan.yaml"
    place.write_text(FORWARD, "utf-8")
    return place


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "时限“保密审查时限”由7个工作日放宽为9个工作日"),
        ("en", "“secrecy review” goes from 7 working days to 9 working days"),
    ],
)
def test_diff_says_first_what_got_weaker_and_then_what_of_running_cases(
    types: Type, laxer: Path, lang: str, said: str
) -> None:
    told = types("definitions", "diff", "document@1", str(laxer), lang=lang)

    assert told.code == 0
    assert said in re.sub(r"\s+", " ", told.out)
    assert {"zh": "放宽之处", "en": "Where the law got weaker"}[lang] in told.out
    assert {"zh": "照旧即可", "en": "safe as it is"}[lang] in told.out
    assert "! secrecy_review" in told.out


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "“编号”、“待公开（归档）”：时限“主动公开时限”有改动（clocks 中写 publication）"),
        ("en", "in “numbering”, “to be released or filed”: the clock “proactive publication” differs"),
    ],
)
def test_diff_says_once_of_a_clock_in_which_states_it_needs_a_word(
    types: Type, tmp_path: Path, lang: str, said: str
) -> None:
    text = (SHIPPED / "document.yaml").read_text("utf-8")
    longer = tmp_path / "longer.yaml"
    longer.write_text(text.replace("limit: {law: publication}", "limit: 25 working days, basis: 条例 26"), "utf-8")

    told = types("definitions", "diff", "document@1", str(longer), lang=lang)

    assert re.sub(r"\s+", "", told.out).count(re.sub(r"\s+", "", said)) == 1


def test_diff_counts_the_cases_that_stand_in_each_state(types: Type, laxer: Path) -> None:
    told = types("definitions", "diff", "document@1", "document@2", "--json").json

    standing = {each["state"]: each["count"] for each in told["situations"]}
    assert sum(standing.values()) > 0
    assert {each["state"]: each["verdict"] for each in told["situations"]}["secrecy_review"] == "decide"
    assert [(each["part"], each["name"]) for each in told["weaker"]] == [("clock", "secrecy")]


def test_diff_of_two_files_needs_no_database(call: object, tmp_path: Path, laxer: Path) -> None:
    from tests.cli.calling import call_with

    told = call_with(
        ["definitions", "diff", str(SHIPPED / "document.yaml"), str(laxer), "--db", str(tmp_path / "none.db")]
    )

    assert told.code == 0, told.said


def test_diff_refuses_two_kinds_and_unknown_versions(types: Type) -> None:
    kinds = types("definitions", "diff", "document@1", "opinion@1")
    unknown = types("definitions", "diff", "document@1", "document@9")

    assert (kinds.code, unknown.code) == (2, 4)
    assert "document@9" in unknown.err


def test_a_migration_is_tried_taken_repeated_and_undone(types: Type, laxer: Path, plan: Path, tmp_path: Path) -> None:
    listed = types("list", "--kind", "document", "--state", "section_review", "--json").json["cases"]
    number = next(each["number"] for each in listed if each["closed_at"] is None)

    tried = types("definitions", "migrate", str(plan), "--dry-run", "--json", by="admin", now=TUESDAY).json
    taken = types("definitions", "migrate", str(plan), "--json", by="admin", now=TUESDAY).json
    again = types("definitions", "migrate", str(plan), "--json", by="admin", now=TUESDAY).json
    story = types("history", number, now=TUESDAY)
    back = tmp_path / "back.yaml"
    back.write_text(types("definitions", "migrate", str(plan), "--inverse", by="admin", now=TUESDAY).out, "utf-8")
    undone = types("definitions", "migrate", str(back), "--json", by="admin", now=TUESDAY).json

    assert tried["moved"] == taken["moved"] == undone["moved"] > 0
    assert (tried["dry_run"], taken["dry_run"], again["moved"]) == (True, False, 0)
    assert "迁移至另一版流程" in story.out
    assert "科室审核 v1 → 科室审核 v2" in story.out
    assert "保密审查时限调整" in story.out
    assert "migrate.plan" not in story.out
    assert types("verify", now=TUESDAY).code == 0


@pytest.fixture
def two_permits(tmp_path: Path, types: Type) -> tuple[Path, list[str]]:
    """Two permits filed under the first version, the second installed, and the plan between them."""
    places = {name: tmp_path / f"{name}.yaml" for name in ("first", "second", "plan")}
    for name, text in (("first", FIRST), ("second", SECOND), ("plan", PLAN)):
        places[name].write_text(
            text.replace(
                "zh: 核查, en: checking, edit: {office: [remark]}", "zh: 审查, en: review, edit: {office: [remark]}"
            ),
            "utf-8",
        )
    types("definitions", "install", str(places["first"]), by="admin")
    numbers = []
    for title in ("占道许可", "开挖许可"):
        said = ("start", "permit", "--title", title, "--set", "level=low", "--set", "note=急件", "--json")
        numbers.append(types(*said, by="wangmin").json["case"]["number"])
        types("do", numbers[-1], "file", by="wangmin")
    types("definitions", "install", str(places["second"]), by="admin")
    return places["plan"], numbers


def test_a_plan_tried_shows_each_case_its_way_and_the_days_that_move(
    types: Type, two_permits: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, numbers = two_permits

    english = types("definitions", "migrate", str(plan), "--dry-run", by="admin", lang="en")
    monkeypatch.setattr("terminal.moved.SHOWN_CASES", 1)
    chinese = types("definitions", "migrate", str(plan), "--dry-run", by="admin", lang="zh")
    facts = types("definitions", "migrate", str(plan), "--dry-run", "--json", by="admin").json
    plan.write_text(PLAN.replace("check: keep", "check: drop"), "utf-8")
    dropping = types("definitions", "migrate", str(plan), "--dry-run", by="admin", lang="zh")

    shift = "2026-03-16 → 2026-03-12"
    for number in numbers:
        assert f"{number}  checking → review\n    whole: {shift}\n" in english.out
    assert f"{numbers[0]}  核查 → 审查\n    办理期限：{shift}\n另有 1 件可迁移" in chinese.out
    assert facts["cases"] == [{"number": number, "from": "checking", "to": "review"} for number in numbers]
    assert "! 时限“核查时限”不再计；此后事项自别处进入“审查”的，才重新起算" in dropping.out


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ("核查 v1 → 审查 v2", "备注：急件 → （空）", "核查时限：照旧计算", "步骤改称：“报送” → “呈报”")),
        ("en", ("checking v1 → review v2", "note: 急件 → (empty)", "checking: runs on", "step called otherwise: “file” → “hand in”")),
    ],
)  # fmt: skip
def test_the_history_of_a_migrated_case_calls_things_as_people_do(
    types: Type, two_permits: tuple[Path, list[str]], tmp_path: Path, lang: str, said: tuple[str, ...]
) -> None:
    plan, numbers = two_permits
    third = tmp_path / "third.yaml"
    third.write_text(
        SECOND.replace("version: 2", "version: 3")
        .replace("  file: ", "  hand_in: ")
        .replace("zh: 报送, en: file", "zh: 呈报, en: hand in")
        .replace("start, file,", "start, hand_in,")
        .replace("event: file", "event: hand_in")
        .replace("zh: 核查, en: checking, edit", "zh: 审查, en: review, edit")
        .replace("zh: 备注, en: remark}", "zh: 备注（新）, en: remark}"),
        "utf-8",
    )
    types("definitions", "install", str(third), by="admin")
    plan.write_text(PLAN.replace("to: 2", "to: 3") + "steps: {file: hand_in}\n", "utf-8")
    taken = types("definitions", "migrate", str(plan), by="admin")

    told = types("history", numbers[0], by="wangmin", lang=lang)

    assert taken.code == 0, taken.said
    story = told.out.replace(" v3", " v2")
    assert [each for each in said if each not in story] == []
    assert " keep" not in story
    assert "hand_in" not in story


def test_who_is_no_administrator_may_look_and_not_migrate(types: Type, laxer: Path, plan: Path) -> None:
    denied = types("definitions", "migrate", str(plan), by="sunli")

    assert denied.code == 4
    assert "系统管理员" in denied.err


def test_a_plan_with_a_fault_is_shown_with_its_line(types: Type, laxer: Path, plan: Path) -> None:
    plan.write_text(FORWARD.replace("recompute", "perhaps"), "utf-8")

    bad = types("definitions", "migrate", str(plan), by="admin")
    as_json = types("definitions", "migrate", str(plan), "--json", by="admin").json

    assert bad.code == 8
    assert "plan.yaml:6:19" in bad.err
    assert as_json["error"]["code"] == "bad_plan"
    assert as_json["error"]["findings"][0]["line"] == 6


@pytest.mark.parametrize(("lang", "said"), [("zh", "件事项留在原版"), ("en", "stay under the old version")])
def test_cases_that_stay_are_named_and_the_exit_code_says_so(
    types: Type, db: Path, tmp_path: Path, plan: Path, lang: str, said: str
) -> None:
    number = types("start", "document", "--title", "关于某某的办法", by="wangmin").out.strip()
    stricter = tmp_path / "stricter.yaml"
    stricter.write_text(
        DOCUMENT.replace("\nversion: 1\n", "\nversion: 2\n").replace(
            "{type: text, min: 2, max: 500, zh: 标题", "{type: text, min: 8, max: 500, zh: 标题"
        ),
        "utf-8",
    )
    assert types("definitions", "install", str(stricter), by="admin").code == 0
    plan.write_text(FORWARD.replace("clocks: {secrecy: recompute}\n", ""), "utf-8")

    told = types("definitions", "migrate", str(plan), by="admin", lang=lang)

    assert told.code == 7
    assert number in told.out
    assert said in told.err
    assert {"zh": "至少须 8 个", "en": "8 at least"}[lang].split()[0] in told.out


def test_a_case_in_quarantine_can_be_looked_at_and_says_what_it_is(types: Type, db: Path) -> None:
    number = types("start", "document", "--title", "某办法", by="wangmin").out.strip()
    with sqlite3.connect(db) as there:
        there.execute("update cases set state = 'limbo' where number = ?", (number,))
    there.close()

    for look in (["show", number], ["history", number], ["list"], ["board"], ["todo"]):
        assert types(*look, by="wangmin").code == 0, look
    assert "已隔离" in types("show", number, by="wangmin").out
    for words in (["do", number, "submit"], ["why", number], ["edit", number, "--set", "attribute=proactive"]):
        told = types(*words, by="wangmin", lang="en")
        assert told.code == 3, words
        assert "in quarantine" in told.err, words
    ill = types("doctor")
    assert ill.code == 7
    assert "limbo" in ill.out


def test_the_plan_of_the_guide_is_one_that_is_tried_here() -> None:
    assert PLAN in (HOUSE / "docs/versions.md").read_text("utf-8")
