"""The example of docs/definitions.md lives: checked, put in force, begun, and walked to its end as the page reads it aloud."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.calling import Type

PAGE = (Path(__file__).parents[2] / "docs" / "definitions.md").read_text(encoding="utf-8")


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example as a reader keeps it."""
    place = tmp_path / "stamp.yaml"
    place.write_text("".join(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)), encoding="utf-8")
    return place


def test_the_example_can_be_tried_as_the_page_says(types: Type, example: Path) -> None:
    (typed,) = re.findall(r"```sh\n(gongkai definitions check stamp.yaml\n.*?)```", PAGE, re.DOTALL)

    for line in typed.splitlines():
        words = line.replace("stamp.yaml", str(example)).split()[1:]
        by = words[words.index("--as") + 1] if "--as" in words else None
        done = types(*[each for each in words if each not in ("--as", by)], by=by)
        assert done.code == 0, done.said


def test_the_office_stamps_it_unless_the_kind_is_missing(types: Type, example: Path) -> None:
    assert types("definitions", "install", str(example), by="admin").code == 0
    number = types("start", "stamp", "--title", "合同用印", by="wangmin").out.strip()
    assert types("do", number, "ask", by="wangmin").code == 0

    refused = types("do", number, "stamp", by="sunli")
    shown = types("show", number, by="sunli")
    picture = types("definitions", "diagram", number, by="sunli")

    assert (refused.code, "未写明种类" in refused.err) == (3, True)
    assert "审核时限 2026-03-05" in shown.out
    assert "class s_review stands" in picture.out
    assert "［1］提交" in picture.out


def test_a_draft_with_its_kind_is_stamped(types: Type, example: Path) -> None:
    assert types("definitions", "install", str(example), by="admin").code == 0
    number = types("start", "stamp", "--title", "合同用印", "--set", "kind=contract", by="wangmin").out.strip()

    assert types("do", number, "ask", by="wangmin").code == 0
    assert types("do", number, "stamp", by="sunli").code == 0

    assert "已盖章" in types("show", number, by="sunli").out
