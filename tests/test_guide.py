"""The guide walked again: every command of its pages ends as it is told, and every screen is what the program shows today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.guide.walk import commands, with_screens

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "guide"
PAGES = sorted(each.name for each in GUIDE.glob("*.md"))


@pytest.mark.parametrize("name", PAGES)
def test_every_screen_of_the_guide_is_what_is_shown_today(name: str) -> None:
    page = (GUIDE / name).read_text(encoding="utf-8")

    assert with_screens(page) == page, "run: make docs"


@pytest.mark.parametrize("name", [each for each in PAGES if each.endswith(".zh.md")])
def test_both_languages_walk_the_same_way(name: str) -> None:
    def plain(page: str) -> list[str]:
        return [re.sub(r"GONGKAI_LANG=\w+", "GONGKAI_LANG=", each) for each in commands(page)]

    chinese = (GUIDE / name).read_text(encoding="utf-8")
    english = (GUIDE / name.replace(".zh.", ".en.")).read_text(encoding="utf-8")

    assert plain(chinese) == plain(english)
