"""`gongkai definitions test` with a definition and scenarios: no step of that definition stays unshown and unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import Call, call_with

EXAMPLES = Path(__file__).parents[2] / "examples"
PROCUREMENT = (EXAMPLES / "procurement.yaml").read_text("utf-8")
STORIES = (EXAMPLES / "procurement.scenarios.yaml").read_text("utf-8")
DOCUMENT = (EXAMPLES.parent / "definitions/document.yaml").read_text("utf-8")
TORN = DOCUMENT.replace(
    "  submit: ", "  tear_up: {from: [draft], to: voided, roles: [drafter], zh: 撕毁, en: tear up}\n  submit: ", 1
)
STORY = """\
format: gongkai-scenarios/1
about: document
scenarios:
  torn:
    zh: 拟稿人撕毁草稿
    en: the drafter tears up a draft
    when:
      - {at: 2026-03-02, by: 王敏, do: start, with: {title: 关于编制预算的通知}}
      - {by: 王敏, do: tear_up}
    then: {state: voided}
"""


def plays(path: Path, *texts: str, lang: str = "en") -> Call:
    files = []
    for number, text in enumerate(texts):
        files.append(path / f"file{number}.yaml")
        files[-1].write_text(text, encoding="utf-8")
    return call_with(["definitions", "test", *map(str, files), "--lang", lang])


@pytest.mark.parametrize(
    ("lang", "named", "counted"),
    [
        ("zh", "没有演到的步骤：tear_up", "1 种流程没有全部演到"),
        ("en", "steps that no scenario takes: tear_up", "1 procedure(s) not wholly covered"),
    ],
)
def test_a_step_that_the_given_stories_leave_out_is_named_and_fails(
    tmp_path: Path, lang: str, named: str, counted: str
) -> None:
    torn = PROCUREMENT.replace("transitions:\n", "transitions:\n  tear_up: {from: [intention], to: intention, roles: [drafter], zh: 撕毁, en: tear up}\n")  # fmt: skip
    assert torn != PROCUREMENT

    told = plays(tmp_path, torn, STORIES, lang=lang)

    assert told.code == 7, told.said
    assert named in told.out
    assert counted in told.err


def test_a_story_of_ones_own_stands_beside_the_shipped_ones_and_shows_the_rest(tmp_path: Path) -> None:
    told = plays(tmp_path, TORN, STORY)

    assert told.code == 0, told.said
    assert "document: steps 46/46" in told.out


def test_a_story_under_the_name_of_a_shipped_one_is_played_in_its_place(tmp_path: Path) -> None:
    shipped = (EXAMPLES.parent / "definitions/scenarios/work_task.yaml").read_text("utf-8")
    task = (EXAMPLES.parent / "definitions/work_task.yaml").read_text("utf-8")

    told = plays(tmp_path, task, shipped)

    assert told.code == 0, told.said
    assert "file1.yaml: 5 scenario(s)" in told.out
    assert "definitions/scenarios/work_task.yaml: 0 scenario(s)" not in told.out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_stories_alone_are_played_and_say_that_they_need_not_show_everything(tmp_path: Path, lang: str) -> None:
    told = plays(
        tmp_path, STORY.replace("tear_up}", "submit}").replace("state: voided", "state: section_review"), lang=lang
    )

    assert told.code == 0, told.said
    assert ("只演练了所给的情景" if lang == "zh" else "only the stories given were played") in told.out
