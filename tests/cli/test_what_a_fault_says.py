"""What a legal officer who edits a definition gets wrong, and what the answer says of it: the place, the reason, the way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.versions import SHIPPED, shipped_definitions
from terminal.folding import cells
from tests.cli.calling import Call, Type, call_with

DOCUMENT = (SHIPPED / "document.yaml").read_text("utf-8")
REQUEST = (SHIPPED / "request.yaml").read_text("utf-8")


Check = Callable[..., Call]


@pytest.fixture
def checked(tmp_path: Path) -> Check:
    def check(text: str, old: str, new: str, lang: str = "zh") -> Call:
        assert old in text
        place = tmp_path / "my.yaml"
        place.write_text(text.replace(old, new, 1), "utf-8")
        return call_with(["definitions", "check", str(place), "--lang", lang])

    return check


def test_a_fault_far_out_on_a_long_line_is_shown_with_its_own_words(checked: Check) -> None:
    old = "anchor: {event: [register, confirm, reach], date: received_on}, limit: {law: reply}"

    told = checked(REQUEST, old, old.replace("received_on", "recieved_on"))

    place, line, caret, _ = told.out.splitlines()[:4]
    assert "“recieved_on”" in place
    before = line[: line.index("recieved_on")]
    assert caret == "    | " + " " * (cells(before) - 6) + "^"
    assert cells(line) <= 80


def test_a_field_that_was_renamed_is_told_once_with_every_line_on_which_it_is_missing(checked: Check) -> None:
    told = checked(DOCUMENT, "  is_policy:            {", "  policy:               {")

    assert told.out.count("[unknown-field]") == 1
    lines = [str(number) for number, line in enumerate(DOCUMENT.splitlines(), 1) if "is_policy" in line]
    assert f"：{'、'.join(lines[2:])}" in told.out
    assert f"my.yaml:{lines[1]}:" in told.out


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("zh: 未标注公开属性, en", "zh: 未标注公开属性，en", "，"),
        ("\nguards:\n", "\nguards：\n", "："),
        ("prefix: DOC", "prefix：DOC", "："),
        ("limit: 3 working days", "limit：3 working days", "："),
        (
            "title: {zh: 公文公开审批, en: Official document}",
            "title: ｛zh: 公文公开审批, en: Official document｝",
            "｛",
        ),
    ],
)
def test_a_sign_typed_full_width_is_named(checked: Check, old: str, new: str, at: str) -> None:
    told = checked(DOCUMENT, old, new)
    english = checked(DOCUMENT, old, new, lang="en")

    number = DOCUMENT[: DOCUMENT.index(old)].count("\n") + 1 + old.startswith("\n")
    assert f"my.yaml:{number}:" in told.out
    assert f"“{at}”是全角符号" in told.out
    assert f"“{at}” is a full-width sign" in english.out


def test_a_full_width_comma_in_a_text_is_not_blamed_for_another_fault(checked: Check) -> None:
    told = checked(
        DOCUMENT, "zh: 拟依申请公开或不予公开的须注明理由及理由种类, en:", "zh: 须注明理由，及种类, en: x: y, basis:"
    )

    assert "[yaml-syntax]" in told.out
    assert "全角" not in told.out


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("format: gongkai-scenarios/1\nabout: document\nscenarios: {}\n", "gongkai definitions test "),
        ("format: gongkai-migration/1\nkind: document\n", "gongkai definitions migrate "),
    ],
)
def test_a_file_of_another_kind_is_sent_to_the_command_that_reads_it(tmp_path: Path, text: str, command: str) -> None:
    place = tmp_path / "mine.yaml"
    place.write_text(text, "utf-8")

    told = call_with(["definitions", "check", str(place)])

    assert told.code == 7
    assert told.out.count("[") == 1
    assert command in told.out


def test_where_one_person_could_sign_what_they_reviewed_both_steps_are_named(checked: Check) -> None:
    old = "cleared, not_own, not_reviewer],\n"

    told = checked(DOCUMENT, old, "cleared, not_own],\n", lang="en")

    assert told.out.count("[not-passed]") == 1
    assert (
        "where one person may take “sign” and “endorse to the Office”, “accept for secrecy review”, “clear”" in told.out
    )
    assert "give sign a guard with check: four_eyes whose apart_from names these, too: endorse, " in told.out


def test_what_can_never_end_is_told_with_its_data(checked: Check) -> None:
    told = checked(DOCUMENT, "zh: 编号, en: numbering}", "zh: 编号, en: numbering, edit: {office: [classified]}}")

    stuck = told.out[told.out.index("[no-way-out]") : told.out.index("[stuck-hands]")]
    assert "其中发文字号：已填" in stuck
    assert "其中理由种类：未填" in stuck
    assert "“待公开（归档）”中有事项永远不能办结" in told.out


def test_a_text_is_said_to_be_filled_in_and_no_dots_are_shown(checked: Check) -> None:
    told = checked(
        DOCUMENT,
        "guards: [tagged, reasoned, reason_fits, provision_cited, balanced, described, not_secret, as_original",
        "guards: [reasoned, reason_fits, provision_cited, balanced, described, not_secret, as_original",
    )

    assert "其中理由：已填" in told.out
    assert "……" not in told.out


@pytest.mark.parametrize(
    ("old", "new", "way"),
    [
        ("roles: [drafter], warns", "roles: drafter, warns", "请加方括号：[drafter]"),
        ("{if: {attribute: set}, zh", "{if: attribute set, zh", "请写成 {键: 值}"),
        ("reason: 拟稿阶段（含撤回重拟）不计时，报送后开始计时；退回的另有重报时限", "reason: ", "请填写，或删去此键"),
    ],
)
def test_a_value_of_another_kind_is_told_with_how_to_write_it(checked: Check, old: str, new: str, way: str) -> None:
    told = checked(DOCUMENT, old, new)

    assert "[wrong-kind]" in told.out
    assert f"→ {way}\n" in told.out


def test_a_kind_without_its_version_is_answered_with_those_there_are(types: Type) -> None:
    told = types("definitions", "diff", "document", "document@1")
    missing = types("definitions", "diff", "document@1", "nowhere.yaml", lang="en")

    assert (told.code, missing.code) == (2, 8)
    assert "请写：document@1" in told.err
    assert "nowhere.yaml" in missing.err
    assert "there is no such file" in missing.err


def test_who_sees_no_case_is_told_so_and_not_only_that_nothing_was_written(types: Type, tmp_path: Path) -> None:
    told = types("log", "export", str(tmp_path / "log.xes"), by="admin")

    assert "--as" in told.said


def test_replay_says_which_logs_and_which_definitions_it_knows(types: Type, tmp_path: Path) -> None:
    log = tmp_path / "log.xes"
    types("log", "export", str(log), "--kind", "document", by="zhengyan")

    other = types("replay", str(tmp_path / "log.jsonocel"), "--with", "document")
    kind = types("replay", str(log), "--with", "permit")
    late = types("replay", str(log), "--with", "document", now="2026-06-02T09:00")

    assert "gongkai log export FILE.xes" in other.err
    assert "、".join(sorted(file.removesuffix(".yaml") for _, file in shipped_definitions())) in kind.err
    assert "  publish" not in late.out
