"""Whoever follows the hint of a fault to the letter has a definition that is accepted: no hint leads in a circle."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.calling import Call, call_with

PAGE = (Path(__file__).parents[2] / "docs/definitions.md").read_text("utf-8")
(STAMP,) = re.findall(r"```yaml\n(# yaml-language-server.*?)```", PAGE, re.DOTALL)


def checks(place: Path, text: str, lang: str) -> Call:
    (place / "stamp.yaml").write_text(text, "utf-8")
    return call_with(["definitions", "check", str(place / "stamp.yaml"), "--lang", lang])


@pytest.mark.parametrize(
    ("right", "wrong", "zh", "en", "followed"),
    [
        ("comment: required", "comment: yes", "可写：none, optional, required", "write one of: none, optional, required", "comment: required"),
        ("values: {contract: {zh: 合同, en: contract}, letter: {zh: 信函, en: letter}}", "values: [contract, letter]",
         "请写成 {contract: {zh: contract, en: contract}, letter: {zh: letter, en: letter}}", "write it as {contract: {zh: contract, en: contract}, letter: {zh: letter, en: letter}}",
         "values: {contract: {zh: contract, en: contract}, letter: {zh: letter, en: letter}}"),
        ("tell: [office, office_head]", "tell: [office，office_head]", "“，”是全角符号，请改用半角的 ,", "“，” is a full-width sign: write , instead", "tell: [office, office_head]"),
        ("limit: 3 working days", "limit: “3 working days”", "“““是全角符号，请改用半角的 \"", "““” is a full-width sign: write \" instead", 'limit: "3 working days"'),
        ("en: the kind is missing", "en: the kind, missing", "前面的文字含逗号，须加引号", "the text before it holds a comma: quote it", 'en: "the kind, missing"'),
        ("zh: 未写明种类", "zh: 未写明种类, 请补", "前面的文字含逗号，须加引号", "the text before it holds a comma: quote it", 'zh: "未写明种类, 请补"'),
        ("zh: 退回", 'zh: "退回”', "“””是全角引号", "“”” is a full-width quote", 'zh: "退回"'),
        ("waits_for: office, zh: 审核", "waits_for: author, zh: 审核", "可用：office", "there are: office", "waits_for: office, zh: 审核"),
        ("runs_in: [review]", "runs_in: [stamp]", "可用：draft, review", "there are: draft, review", "runs_in: [review]"),
        ("tell: [office, office_head]}", "tell: [office_head]}, {after: 2 working days, tell: [office]}", "：leader、bureau_head、supervisor", ": leader, bureau_head, supervisor",
         "tell: [office_head]}, {after: 2 working days, tell: [leader]}"),
        ("version: 1", 'version: "1"', "请写成 1，不加引号", "write 1 without quotes", "version: 1"),
        ("initial: true", "initial: 是", "请写成 true，不加引号", "write true without quotes", "initial: true"),
        ("basis: [国发〔1999〕25号]", "basis: ［国发〔1999〕25号］", "请加方括号：[国发〔1999〕25号]", "put it in brackets: [国发〔1999〕25号]", "basis: [国发〔1999〕25号]"),
        ("zh: 退回", "zh:退回", "请写成 zh: 退回", "write zh: 退回", "zh: 退回"),
        ("zh: 退回", "zh:\u3000退回", "请写成 zh: 退回", "write zh: 退回", "zh: 退回"),
        ("  copies:", "\u3000copies:", "全角空格（U+3000）须改为半角空格", "a full-width space (U+3000) stands here", "  copies:"),
        ("prefix: ", "prefix:\u3000", "全角空格（U+3000）须改为半角空格", "a full-width space (U+3000) stands here", "prefix: "),
    ],
    ids=["yes", "list of choices", "wide comma", "wide quotes", "comma", "comma in Chinese", "stray quote", "waits for", "runs in", "falls", "quoted number", "yes in Chinese", "wide brackets", "no space", "wide space in braces", "wide indentation", "wide space"],
)  # fmt: skip
def test_a_hint_followed_to_the_letter_leads_to_an_accepted_definition(
    tmp_path: Path, right: str, wrong: str, zh: str, en: str, followed: str
) -> None:
    assert STAMP.count(right) == 1

    chinese = checks(tmp_path, STAMP.replace(right, wrong), "zh")
    english = checks(tmp_path, STAMP.replace(right, wrong), "en")
    mended = checks(tmp_path, STAMP.replace(right, followed), "en")

    assert (chinese.code, english.code) == (7, 7)
    assert zh.replace("“““", "““”") in chinese.said
    assert en in english.said
    assert mended.code == 0, mended.said


def test_a_word_that_is_no_choice_is_not_called_ambiguous_too(tmp_path: Path) -> None:
    told = checks(tmp_path, STAMP.replace("comment: required", "comment: yes"), "en")

    assert "[bad-choice]" in told.said
    assert "[ambiguous-value]" not in told.said
