"""`definitions diff` shows of each changed key what stood there and what stands there now, in titles and in one's own language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.calling import call_with
from tests.versions.permits import FIRST, SECOND
from workflow.alterations import TITLES

FURTHER = (
    FIRST.replace("version: 1", "version: 2")
    .replace("zh: 函询, en: ask}", "comment: required, zh: 函询, en: ask}")
    .replace("roles: [office, leader], guards", "roles: [leader], guards")
    .replace("before: 1 working day, tell: [office]", "before: 2 working days, tell: [office]")
)


@pytest.mark.parametrize(
    ("new", "lang", "said"),
    [
        (FURTHER, "zh", "谁可以办：“核查”：“局办公室”、“局领导” → “核查”：“局领导”"),
        (FURTHER, "en", "who may: “checking”: “the Office”, “leader” → “checking”: “leader”"),
        (FURTHER, "zh", "意见：可填 → 必填"),
        (FURTHER, "en", "comment: may be given → must be given"),
        (FURTHER, "zh", "间隔：1个工作日"),
        (SECOND, "zh", "把关条件：（无） → “未定等级”"),
        (SECOND, "en", "guards: (none) → “the level is missing”"),
        (SECOND, "zh", "去处：“核查 checking” → “核查 review”"),
        (SECOND, "zh", "期限：10个工作日 → 8个工作日"),
        (SECOND, "zh", "由未办过这些的人：“新建”、“报送 file”、“在“核查 checking”修改”"),
    ],
)
def test_each_change_is_told_from_what_to_what(tmp_path: Path, new: str, lang: str, said: str) -> None:
    files = [tmp_path / "old.yaml", tmp_path / "new.yaml"]
    for file, text in zip(files, (FIRST, new), strict=True):
        file.write_text(text, "utf-8")

    told = call_with(["definitions", "diff", *map(str, files), "--lang", lang])

    assert told.code == 0, told.said
    assert said in re.sub(r"\s*\n\s{10,}", "", told.out)


def test_every_key_that_may_differ_has_a_title_in_both_languages() -> None:
    from dataclasses import fields

    from workflow import model
    from workflow.act import Act

    entries = (
        model.Role, model.Field, model.Guard, model.Child, model.Letter, model.Tariff, model.State, model.Transition, Act,
        model.DeadlineRule, model.Never, model.NeverWithout, model.Passage, model.Similar, model.Waiver, model.Intake,
        model.Step, model.Anchor, model.Extension, model.Regime, model.Tell, model.Opening, model.Moving, model.Assignment,
        model.Needs, model.SeriesNumber,
    )  # fmt: skip
    keys = {each.name for entry in entries for each in fields(entry) if each.init and each.name != "name"}

    assert keys - TITLES.keys() == set()
