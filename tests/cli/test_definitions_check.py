"""`gongkai definitions check` tells faults, notes and waivers apart: only a fault stops a file, and nothing is passed over in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.versions import SHIPPED
from tests.cli.calling import Type, call_with
from tests.storage.test_sub_cases import ERRAND, VIEW

CASES = Path(__file__).resolve().parents[1] / "definitions"
WAIVED = {"check", "at", "zh", "en", "reason", "file", "line", "column"}


def place_of(file: str, named: str, key: str) -> str:
    """Where the key stands in the line of a shipped definition that has this name."""
    lines = (SHIPPED / file).read_text("utf-8").splitlines()
    line = next(number for number, line in enumerate(lines, 1) if f"zh: {named}" in line and f"{key}:" in line)
    return f"{file}:{line}:{lines[line - 1].index(f'{key}:') + 1}"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_shipped_files_are_sound_and_say_what_nobody_has_compared(lang: str) -> None:
    done = call_with(["--lang", lang, "definitions", "check"])

    assert done.code == 0, done.said
    assert done.err == ""
    assert place_of("request.yaml", "按量计收", "verified") in done.out
    assert {"zh": "“按量计收”尚未与原文核对，来源：国办函〔2020〕109号", "en": "“by page” was not yet compared"}[
        lang
    ] in done.out
    # Three definitions use that catalogue: a legal officer looks each ground up once.
    assert done.out.count("definitions/catalogues/exemptions.yaml:25:3") == 1
    assert {"zh": "豁免 1 项", "en": "1 waived"}[lang] in done.out
    assert "拟稿阶段（含撤回重拟）不计时，报送后开始计时；退回的另有重报时限" in done.out


def test_of_the_limits_of_the_law_only_those_are_noted_by_which_a_clock_goes() -> None:
    notes = call_with(["--json", "definitions", "check", str(CASES / "good/yearly.yaml")]).json["notes"]

    said = {each["zh"].split("”")[0] for each in notes if each["file"] == "definitions/catalogues/limits.yaml"}
    assert said == {"“reply 答复期限 15 working days", "“annual_report 部门年度报告期日 03-31 of the next year"}


def test_programs_read_faults_notes_and_waivers_beside_each_other() -> None:
    said = call_with(["--json", "definitions", "check"]).json

    assert said["ok"] is True
    assert said["findings"] == []
    assert {(each["code"], each["file"]) for each in said["notes"]} == {
        ("unverified", "request.yaml"),
        ("unverified", "definitions/catalogues/exemptions.yaml"),
        ("unverified", "definitions/catalogues/limits.yaml"),
    }
    (waived,) = [each for each in said["waived"] if each["file"] == "document.yaml"]
    assert all(set(each) == WAIVED for each in said["waived"])
    assert (waived["check"], waived["at"], waived["zh"], waived["file"]) == (
        "no-clock",
        "draft",
        "起草",
        "document.yaml",
    )


def test_a_reason_that_stands_for_many_places_is_read_once() -> None:
    done = call_with(["--lang", "zh", "definitions", "check", str(CASES / "good/clocks.yaml")])

    assert "豁免 6 项" in done.out
    assert done.out.count("只用于计时") == 1
    assert "no-outcome 总时限（第 70 行）、小时（第 71 行）" in done.out


def test_beside_a_fault_in_one_file_the_notes_of_the_other_are_still_told() -> None:
    files = [str(CASES / "unlawful/unfounded_and_broken.yaml"), str(CASES.parents[1] / "definitions/request.yaml")]

    done = call_with(["--json", "definitions", "check", *files])

    assert done.code == 7
    assert [each["code"] for each in done.json["findings"]] == ["no-basis", "idle-role", "clock-basis", "never-broken"]
    assert {each["code"] for each in done.json["notes"]} == {"unverified"}


def test_a_sub_case_without_its_law_is_still_known_to_the_case_that_opens_it(tmp_path: Path) -> None:
    errand, view = tmp_path / "errand.yaml", tmp_path / "view.yaml"
    errand.write_text(ERRAND, "utf-8")
    view.write_text(VIEW.replace("basis: [条例 15]\n", ""), "utf-8")

    done = call_with(["--json", "definitions", "check", str(errand), str(view)])

    assert [(each["code"], each["file"]) for each in done.json["findings"]] == [("no-basis", str(view))]


def test_a_catalogue_says_which_of_its_values_nobody_has_compared() -> None:
    file = CASES.parents[1] / "definitions/catalogues/exemptions.yaml"

    done = call_with(["--json", "definitions", "check", str(file)])

    assert done.code == 0
    assert [(each["line"], each["file"]) for each in done.json["notes"]] == [(n, str(file)) for n in (25, 26, 27)]


def test_what_is_only_noted_keeps_nobody_from_installing(types: Type, tmp_path: Path) -> None:
    text = (CASES.parents[1] / "definitions/request.yaml").read_text("utf-8").replace("version: 1", "version: 2", 1)
    spare = "fields:\n  spare: {type: text, zh: 备用, en: spare}\n"
    file = tmp_path / "request.yaml"
    file.write_text(text.replace("fields:\n", spare, 1), "utf-8")

    checked = types("definitions", "check", str(file))
    installed = types("definitions", "install", str(file), by="admin")

    assert (checked.code, "[unused-field]" in checked.out, "[unverified]" in checked.out) == (0, True, True)
    assert installed.code == 0, installed.said
