"""A file of scenarios that is too much of a thing, or not whole, is told in words that lead on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import call_with

HEAD = "format: gongkai-scenarios/1\nabout: document\n"
STORIES = "scenarios:\n"
STORY = "  a{n}: {{zh: 甲, en: a, when: [{{at: 2026-03-02, by: 王敏, do: start, with: {{title: 关于预算的通知}}}}]}}\n"
LONG = "  a:\n    zh: 甲\n    en: a\n    when:\n"
LINE = "      - {at: 2026-03-02, by: 王敏, do: start, with: {title: 关于预算的通知}}\n"
PERSON = "    人{n}: {{section: 预算科, posts: [drafter]}}\n"
MANY = [
    (HEAD + "bureau:\n  people:\n" + "".join(PERSON.format(n=n) for n in range(101)) + STORIES + STORY.format(n=0), "too-many"),
    (HEAD + STORIES + "".join(STORY.format(n=n) for n in range(501)), "too-many"),
    (HEAD + STORIES + LONG + LINE * 301, "too-many"),
    (HEAD + STORIES + LONG + LINE * 5000, "too-large"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), MANY, ids=["people", "stories", "lines", "bytes"])
@pytest.mark.parametrize(("lang", "way"), [("zh", "分成几个文件"), ("en", "over several files")])
def test_too_much_of_a_file_of_scenarios_is_to_be_spread_over_several(
    tmp_path: Path, text: str, code: str, lang: str, way: str
) -> None:
    (tmp_path / "much.yaml").write_text(text, encoding="utf-8")

    told = call_with(["definitions", "test", str(tmp_path / "much.yaml"), "--lang", lang])

    assert told.code == 8
    assert f"[{code}]" in told.err
    assert way in told.err


def test_a_file_of_scenarios_without_one_says_that_they_are_missing(tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text(HEAD, encoding="utf-8")

    told = call_with(["definitions", "test", str(tmp_path / "none.yaml"), "--lang", "en"])

    assert told.code == 8
    assert "[missing-key]" in told.err
    assert "definitions test none.yaml" not in told.err
