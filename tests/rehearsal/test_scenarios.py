"""The shipped scenarios hold and show every step and guard; one that goes another way says where, what was meant and what came."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal import Bureau, bureau_of, play
from storage.versions import SHIPPED, shipped_definitions
from tests.cli.calling import Call, call_with
from workflow.errors import BadScenario
from workflow.loader.scenario_shape import ScenarioFile, as_text
from workflow.loader.scenarios import read_scenarios
from workflow.scenario import Script

HOUSE = Path(__file__).resolve().parent.parent.parent
PAGE = (HOUSE / "docs/scenarios.md").read_text(encoding="utf-8")
KINDS = {file.removesuffix(".yaml") for _, file in shipped_definitions()}
#: LAW 12: every odd worked example, three of each procedure and five of requests.
EXAMPLES = {f"M{number}-{each}" for number in range(1, 16) for each in (1, 3, 5)} | {"M2-7", "M2-9"}

STORY = """
format: gongkai-scenarios/1
about: document
scenarios:
  returned:
    zh: 未标注的退文
    en: an untagged document is returned
    when:
      - {at: 2026-03-02 09:00, by: 王敏, do: start, with: {title: 关于编制预算的通知}}
      - {by: 王敏, do: submit, warned: [tagged, reasoned, described]}
      - {by: 刘强, do: endorse}
      - {by: 周静, do: accept, refused: [tagged, reasoned, described]}
      - {at: 2026-03-02 10:00, then: {state: returned, happened: [return_untagged], told: {王敏: [return_untagged]}}}
    then: {state: returned, hands: drafter, fields: {times_returned: 1, attribute: null}, due: {rework: 2026-03-05}, ended: {office: met}}
"""


@pytest.fixture(scope="module")
def whole() -> Call:
    return call_with(["definitions", "test", "--json"])


@pytest.fixture(scope="module")
def bureau() -> Iterator[Bureau]:
    with bureau_of(shipped_definitions()) as made:
        yield made


def read(bureau: Bureau, text: str, file: str = "story.yaml") -> Script:
    return read_scenarios(text, file, bureau.kinds, bureau.sections, tuple(bureau.people))


def plays(path: Path, *texts: str, lang: str = "en") -> Call:
    """The stories of these texts, played."""
    files = []
    for number, text in enumerate(texts):
        files.append(path / f"file{number}.yaml")
        files[-1].write_text(text, encoding="utf-8")
    return call_with(["definitions", "test", *map(str, files), "--lang", lang])


def test_every_shipped_story_comes_as_it_says(whole: Call) -> None:
    failed = [each for each in whole.json["scenarios"] if not each["passed"]]

    assert (whole.code, failed) == (0, [])


def test_every_worked_example_of_the_shipped_procedures_is_told_with_its_source(whole: Call) -> None:
    told = [each for each in whole.json["scenarios"] if each["example"]]

    assert {each["example"] for each in told} >= EXAMPLES
    assert all(each["source"] for each in told)


def test_every_step_is_taken_and_every_guard_is_seen_met_and_unmet(whole: Call) -> None:
    coverage = whole.json["coverage"]

    assert coverage.keys() == KINDS
    for shown in coverage.values():
        assert (shown["steps"]["missing"], shown["guards"]["missing"], shown["stale"]) == ([], [], [])
        assert shown["guards"]["seen"] == shown["guards"]["of"]
    assert [each["name"] for shown in coverage.values() for each in shown["excused"]] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_example_in_the_page_comes_as_it_says(tmp_path: Path, lang: str) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

    told = plays(tmp_path, example, lang=lang)

    assert told.code == 0, told.said
    assert ("1 个情景" if lang == "zh" else "1 scenario(s)") in told.out


@pytest.mark.parametrize(
    ("said", "instead", "what"),
    [
        ("{王敏: [return_untagged]}", "{王敏: [return_untagged], 周静: [return_untagged]}", "what 周静 was told"),
        ("warned: [tagged, reasoned, described]", "warned: [tagged]", "what is said without blocking"),
        ("refused: [tagged, reasoned, described]", "refused: [tagged]", "why it is refused"),
        ("accept, refused: [tagged, reasoned, described]", "accept", "the step accept"),
        ("do: endorse}", "do: endorse, refused: [not_own]}", "why it is refused"),
        ("happened: [return_untagged]", "happened: []", "the steps that happened"),
        ("hands: drafter", "hands: office", "in whose hands"),
        ("{state: returned, hands", "{state: draft, hands", "state"),
        ("times_returned: 1", "times_returned: 2", "times returned"),
        ("attribute: null", "attribute: proactive", "disclosure attribute"),
        ("rework: 2026-03-05", "rework: 2026-03-06", "the clock “rework after a return”"),
        ("rework: 2026-03-05", "rework: none", "the clock “rework after a return”"),
        ("rework: 2026-03-05", "rework: paused", "the clock “rework after a return”"),
        ("rework: 2026-03-05", "rework: {rolled: 2026-03-05, provisional: true}", "the clock “rework after a return”"),
        ("rework: 2026-03-05", "rework: {strict: 2026-03-04}", "the clock “rework after a return”"),
        ("rework: 2026-03-05", "rework: {extended: 3}", "the clock “rework after a return”"),
        ("office: met", "office: late", "how the clock “Office check” ended"),
    ],
)
def test_a_story_that_goes_another_way_says_where_and_what_came(
    bureau: Bureau, said: str, instead: str, what: str
) -> None:
    assert said in STORY
    wrong = STORY.replace(said, instead)
    line = next(number for number, each in enumerate(wrong.splitlines(), 1) if instead in each)
    right, script = read(bureau, STORY), read(bureau, wrong)

    assert play(bureau, right, right.scenarios[0]).passed
    (failure,) = play(bureau, script, script.scenarios[0]).failures

    assert (str(failure.place), failure.what.en) == (f"story.yaml:{line}", what)
    assert failure.expected != failure.came
    for text in (failure.what, failure.expected, failure.came):
        assert text.zh
        assert text.en


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("    when:", "    given: {calendar: nonsense}\n    when:", 5),
        ("      - {by: 刘强, do: endorse}", "      - {at: 2026-03-02 09:30, announce: nonsense}", 11),
    ],
)
def test_a_notice_of_days_off_that_says_nothing_fails_the_story(bureau: Bureau, old: str, new: str, line: int) -> None:
    script = read(bureau, STORY.replace(old, new))

    (failure,) = play(bureau, script, script.scenarios[0]).failures

    assert str(failure.place) == f"story.yaml:{line}"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_failing_story_is_shown_with_its_line(tmp_path: Path, lang: str) -> None:
    told = plays(tmp_path, STORY.replace("hands: drafter", "hands: office"), lang=lang)

    assert told.code == 7
    assert f"file0.yaml:14: {'在谁手中' if lang == 'zh' else 'in whose hands'}" in told.out
    assert ("应当：office" if lang == "zh" else "expected: office") in told.out
    assert ("实际：drafter" if lang == "zh" else "came: drafter") in told.out
    assert ("1 个情景未通过" if lang == "zh" else "1 scenario(s) failed") in told.err


def test_a_failing_story_is_told_to_programs_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(STORY.replace("hands: drafter", "hands: office"), encoding="utf-8")

    told = call_with(["definitions", "test", str(tmp_path / "wrong.yaml"), "--json"])

    (story,) = told.json["scenarios"]
    (failure,) = story["failures"]
    assert (told.code, told.json["ok"], story["passed"]) == (7, False, False)
    assert failure["at"].endswith("wrong.yaml:14")
    assert failure["what"] == {"zh": "在谁手中", "en": "in whose hands"}
    assert (failure["expected"]["en"], failure["came"]["en"]) == ("office", "drafter")


def changed(kind: str, old: str, new: str) -> str:
    """The shipped definition with something else in it."""
    text = (HOUSE / f"definitions/{kind}.yaml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("kind", "old", "new", "example"),
    [
        ("document", "guards: [tagged, reasoned, reason_fits, provision_cited, balanced, described, not_secret, as_original", "guards: [reasoned, reason_fits, provision_cited, balanced, described, not_secret, as_original", "M1-1"),
        ("document", "limit: {law: publication}", "limit: 21 working days, basis: 条例 26", "M1-5"),
        ("request", "limit: {law: correction_notice}", "limit: 8 working days, basis: 条例 30", "M2-3"),
        ("request", "regimes: {by: received_on}", 'regimes: {by: received_on, versions: [{from: "2026-01-01", limit: 21 working days, basis: 条例 33}]}', "M2-1"),
        ("proposal", "limit: {law: second_reply}", "limit: 2 months, basis: 浙江建议办理规定 24", "M3-3"),
    ],
)  # fmt: skip
def test_a_weakened_definition_fails_the_examples_of_the_law(kind: str, old: str, new: str, example: str) -> None:
    file = f"{kind}.yaml"
    weakened = [(changed(kind, old, new) if name == file else text, name) for text, name in shipped_definitions()]
    with bureau_of(weakened) as bureau:
        script = read(bureau, (SHIPPED / "scenarios" / file).read_text("utf-8"), file)
        played = [play(bureau, script, each) for each in script.scenarios if each.example == example]

        assert not all(each.passed for each in played)


def test_a_weakened_definition_is_held_against_every_story_in_which_a_case_of_its_kind_begins(tmp_path: Path) -> None:
    told = plays(
        tmp_path, changed("guide_update", "limit: {law: guide_update}", "limit: 21 working days, basis: 条例 26")
    )

    assert told.code == 7, told.said
    assert "✗ M12-1 " in told.out
    assert "definitions/scenarios/guide_update.yaml:" in told.out
    assert "scenarios/work_task.yaml" not in told.out


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{opened: 本年备案, then: {state: licensed}}", None),
        (
            "{by: 胡晓, do: next_filing, with: {filing_after: 2025-04-30}, opened: 下年备案, refused: [filings_done]}",
            "scenario",
        ),
        ("{opened: 下年备案}", "下年备案"),
    ],
)
def test_a_sub_case_is_named_where_another_step_has_opened_it(tmp_path: Path, line: str, fault: str | None) -> None:
    story = f"""
format: gongkai-scenarios/1
about: licence
scenarios:
  begun:
    zh: 备案
    en: the filing begins
    when:
      - {{at: 2026-01-05, by: 朱红, do: import, section: 会计科, with: {{title: 某公司许可, agency: 某公司, licence_no: DLJZ0001, decided_on: 2018-06-01}}}}
      - {{by: 胡晓, do: next_filing, with: {{filing_after: 2025-04-30}}{", opened: 本年备案" if fault else ""}}}
      - {line}
      - {{case: 本年备案, then: {{state: due}}}}
"""

    told = plays(tmp_path, story)

    assert (told.code == 0) == (fault is None), told.said
    assert (fault or "") in told.said


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (", kind: withheld_review", None),
        (", kind: interpretation", "评估"),  # none of that kind has begun
        (", kind: request", "request"),
        ("", "kind"),
    ],
)
def test_where_there_are_several_kinds_of_sub_cases_the_line_says_which(
    tmp_path: Path, kind: str, fault: str | None
) -> None:
    story = f"""
format: gongkai-scenarios/1
about: document
scenarios:
  withheld:
    zh: 不予公开的公文定期评估
    en: what is withheld is reviewed
    when:
      - {{at: 2026-03-02, by: 王敏, do: start, with: {{title: 办法（讨论稿）, attribute: withheld, reason_kind: E16-2b, reason_text: 尚在讨论研究过程中的文稿, balance_text: 公开将妨碍内部坦率讨论, is_policy: false, origin: own}}}}
      - {{by: 王敏, do: submit}}
      - {{by: 刘强, do: endorse}}
      - {{by: 周静, do: accept}}
      - {{by: 许正, do: clear}}
      - {{by: 陈国华, do: sign}}
      - {{by: 周静, do: number, with: {{series: 下财}}}}
      - {{by: 周静, do: withhold}}
      - {{opened: 评估{kind}}}
      - {{case: 评估, then: {{hands: office}}}}
"""

    told = plays(tmp_path, story)

    assert (told.code == 0) == (fault is None), told.said
    assert (fault or "") in told.said


def test_a_definition_that_does_not_load_is_not_played(tmp_path: Path) -> None:
    told = plays(tmp_path, changed("document", "to: section_review,", "to: nowhere,"))

    assert told.code == 8
    assert "nowhere" in told.err


def test_a_step_that_no_story_takes_is_named_and_fails(tmp_path: Path) -> None:
    step = "  tear_up: {from: [revising], to: discarded, roles: [office], zh: 撕毁, en: tear up}\n  submit: "

    told = plays(tmp_path, changed("guide_update", "  submit: ", step))

    assert told.code == 7
    assert "steps that no scenario takes: tear_up" in told.out
    assert "1 procedure(s) not wholly covered" in told.err


def test_a_procedure_that_no_story_is_about_is_wholly_uncovered(tmp_path: Path) -> None:
    (stamp,) = re.findall(
        r"```yaml\n(# yaml-language-server.*?)```", (HOUSE / "docs/definitions.md").read_text("utf-8"), re.DOTALL
    )

    told = plays(tmp_path, stamp)

    assert told.code == 7
    assert "stamp: steps 0/3" in told.out
    assert "steps that no scenario takes: ask, stamp, return" in told.out


def test_an_excuse_for_what_is_shown_is_a_fault(tmp_path: Path) -> None:
    excuse = (
        "excuses:\n  steps:\n    submit: {zh: 无从演示, en: cannot be shown}\n    void: {zh: 无从演示, en: not yet}\n"
    )
    (tmp_path / "excused.yaml").write_text(STORY + excuse, encoding="utf-8")

    shown = call_with(["definitions", "test", str(tmp_path / "excused.yaml"), "--json"]).json["coverage"]["document"]

    assert [each["name"] for each in shown["stale"]] == ["submit"]
    assert [each["name"] for each in shown["excused"]] == ["void"]
    assert "void" not in shown["steps"]["missing"]


def test_no_database_of_anybody_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_DB", f"sqlite:///{tmp_path / 'mine.db'}")

    told = plays(tmp_path, STORY)

    assert told.code == 0
    assert not (tmp_path / "mine.db").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_titles_are_listed_with_their_examples(lang: str, tmp_path: Path) -> None:
    titled = STORY.replace("    when:", "    example: M1-1\n    source: 报告 一(一)\n    when:")
    (tmp_path / "titled.yaml").write_text(titled, encoding="utf-8")

    told = call_with(["definitions", "test", str(tmp_path / "titled.yaml"), "--titles", "--lang", lang])

    assert f"M1-1  {'未标注的退文' if lang == 'zh' else 'an untagged document is returned'}  报告 一(一)" in told.out


# Strict reading.

LINE = "      - {by: 刘强, do: endorse}"


@pytest.mark.parametrize(
    ("old", "new", "code", "column"),
    [
        ("about: document", "about: documents", "scenario-unknown", 8),
        (LINE, "      - {by: 刘墙, do: endorse}", "scenario-unknown", 14),
        (LINE, "      - {by: 刘强, do: endorce}", "scenario-unknown", 22),
        (LINE, "      - {by: 刘强, do: endorse, case: 另一件}", "scenario-unknown", 37),
        (LINE, "      - {by: 刘强, do: endorse, with: {titel: x}}", "scenario-unknown", 38),
        (LINE, "      - {by: 刘强, do: start, section: 外星科, case: 乙}", "scenario-unknown", 38),
        (LINE, "      - {by: 刘强, do: start}", "scenario-case-twice", 9),
        (LINE, "      - {by: 刘强, do: start, kind: papers, case: 乙}", "scenario-unknown", 35),
        (LINE, "      - {by: 刘强, do: endorse, warned: [taged]}", "scenario-unknown", 40),
        (LINE, "      - {by: 刘强, do: endorse, refused: [taged]}", "scenario-unknown", 41),
        (LINE, "      - {by: 刘强, do: endorse, then: {hands: nobody}}", "scenario-unknown", 45),
        (LINE, "      - {by: 刘强, do: endorse, then: {fields: {titel: x}}}", "scenario-unknown", 47),
        (LINE, "      - {by: 刘强, do: endorse, then: {ended: {ofice: met}}}", "scenario-unknown", 46),
        (LINE, "      - {by: 刘强, do: endorse, then: {ended: {office: soon}}}", "bad-choice", 54),
        (LINE, "      - {by: 刘强, do: endorse, then: {told: {刘墙: []}}}", "scenario-unknown", 45),
        (LINE, "      - {by: 刘强, do: endorse, then: {told: {刘强: [remind nothing]}}}", "scenario-told", 50),
        (LINE, "      - {by: 刘强, do: endorse, then: {told: {刘强: [reminded]}}}", "scenario-told", 50),
        (LINE, "      - {by: 刘强, do: endorse, then: {happened: [endorce]}}", "scenario-unknown", 49),
        (LINE, "      - {by: 刘强, do: endorse, then: {due: {office: soon}}}", "scenario-due", 52),
        (LINE, "      - {by: 刘强, do: endorse, then: {due: {office: {rolled: soon}}}}", "bad-date", 61),
        (LINE, "      - {by: 刘强, do: endorse, opened: 甲}", "scenario-half-act", 31),
        (LINE, "      - {by: 刘强, do: endorse, opened: 甲, kind: document}", "scenario-unknown", 48),
        (LINE, "      - {by: 刘强}", "scenario-half-act", 10),
        (LINE, "      - {do: endorse}", "scenario-half-act", 10),
        (LINE, "      - {comment: 同意, then: {state: draft}}", "scenario-half-act", 10),
        (LINE, "      - {}", "scenario-no-act", 9),
        (LINE, "      - {passage: nowhere}", "scenario-unknown", 19),
        (LINE, "      - {passage: nowhere, by: 刘强, do: endorse}", "scenario-passage", 9),
        (LINE, "      - {by: 刘强, do: endorse, refused: [tagged], warned: [tagged]}", "scenario-refused-and-done", 50),
        (LINE, "      - {at: 3月3日}", "scenario-moment", 14),
        (LINE, "      - {at: 2026-03-01}", "scenario-backwards", 14),
        ("at: 2026-03-02 09:00, ", "", "scenario-no-moment", 9),
        ("do: start, with: {title: 关于编制预算的通知}", "do: submit", "scenario-not-begun", 9),
        ("    when:", "    example: M1-1\n    when:", "scenario-unsourced", 5),
        ("    when:", "    when: []\n    whenn:", "unknown-key", 5),
        ("format: gongkai-scenarios/1", "format: gongkai/1", "bad-choice", 9),
        ("about:", "bureau: {people: {甲: {section: 外星科, posts: [clerk]}}}\nabout:", "scenario-unknown", 32),
        ("about:", "passages: {a: [{passage: b}]}\nabout:", "scenario-passage", 16),
        ("about:", "excuses: {steps: {sumbit: {zh: 无, en: none}}}\nabout:", "scenario-unknown", 19),
    ],
)  # fmt: skip
def test_a_fault_is_shown_at_its_place_in_both_languages(
    bureau: Bureau, old: str, new: str, code: str, column: int
) -> None:
    assert old in STORY
    wrong = STORY.replace(old, new, 1)

    with pytest.raises(BadScenario) as fault:
        read(bureau, wrong)

    found = {(each.code, each.column): each for each in fault.value.findings}
    assert (code, column) in found, found.keys()
    for said in (found[code, column].text, found[code, column].hint):
        assert re.search(r"[\u4e00-\u9fff]", said.zh)
        assert said.en
        assert not re.search(r"\{\w+\}", said.zh + said.en)


def test_a_file_with_faults_is_not_played(tmp_path: Path) -> None:
    told = plays(tmp_path, STORY.replace("do: endorse", "do: endorce"))

    assert told.code == 8
    assert "there is no step “endorce” [scenario-unknown]" in told.err
    assert "did you mean “endorse”?" in told.err


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("do: endorse", "do: [endorse", "yaml-syntax"), ("do: endorse", "dos: endorse", "unknown-key")],
)
def test_a_mistyped_story_is_told_before_any_definition_is_looked_at(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    told = plays(tmp_path, STORY.replace(old, new), changed("document", "to: section_review,", "to: nowhere,"))

    assert told.code == 8
    assert f"[{code}]" in told.err
    assert "nowhere" not in told.err


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), ("- a\n", "not-a-mapping"), ("scenarios: " + "[" * 50, "too-deep")]
)
def test_a_hostile_file_ends_in_words(text: str, code: str) -> None:
    with pytest.raises(BadScenario) as fault:
        read_scenarios(text, "hostile.yaml", {}, (), ())

    assert [each.code for each in fault.value.findings] == [code]


# The page.


def keys() -> Iterator[str]:
    """Every key of the format as its row of a table."""
    schema = ScenarioFile.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()):
        yield from (
            f"| `{key}`{' *' if key in part.get('required', ()) else ''} | {zh} | {en} |"
            for key, zh, en in meanings(part)
        )


def meanings(part: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key, meaning in part["properties"].items():
        if key not in ("zh", "en"):
            zh, _, en = meaning["description"].partition(" / ")
            yield key, zh, en


def test_the_schema_that_editors_read_is_current() -> None:
    held = (HOUSE / "definitions/scenarios/schema.json").read_text(encoding="utf-8")

    assert held == as_text(), "run: make generate"


def test_the_page_holds_every_key_of_the_format_and_no_other() -> None:
    written = {line for line in PAGE.splitlines() if re.match(r"\| `[a-z_]+`( \*)? \| .* \| .* \|$", line)}

    assert written == set(keys())


CIRCULATED = """
format: gongkai-scenarios/1
about: document
bureau:
  people:
    方圆: {section: 会计科, posts: [drafter]}
scenarios:
  read_elsewhere:
    zh: 传阅给其他科室的人
    en: a paper goes round to another section and is read there
    when:
      - {at: 2026-03-02 09:00, by: 王敏, do: start, with: {title: 关于编制预算的通知}}
      - {by: 王敏, do: circulate, with: {to: 周静 方圆}, comment: 请阅, then: {told: {周静: [circulate], 方圆: [circulate]}}}
      - {by: 周静, do: circulate, with: {to: 方圆}, comment: 请阅, refused: [to]}
      - {by: 方圆, do: read}
      - {by: 方圆, do: read, refused: [read]}
"""


def test_a_story_circulates_a_paper_to_its_people_by_name(tmp_path: Path) -> None:
    told = plays(tmp_path, CIRCULATED)

    assert told.code == 0, told.said
    assert "1 scenario(s)" in told.out


def test_a_story_that_circulates_to_nobody_it_knows_says_whom_it_may_mean(tmp_path: Path) -> None:
    said = plays(tmp_path, CIRCULATED.replace("to: 周静 方圆", "to: 周敬 方圆"))

    assert said.code == 8
    assert "there is no person “周敬”" in said.err
