"""The pictures of the docs are what the program draws today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.pictures.procedures import HERE, LANGUAGES, PAGE, drawn, with_picture

HOUSE = Path(__file__).resolve().parent.parent
SHIPPED = sorted((HOUSE / "definitions").glob("*.yaml"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_the_picture_of_a_shipped_procedure_is_current(file: Path, lang: str) -> None:
    kept = HERE / f"{file.stem}.{lang}.svg"

    assert kept.read_text(encoding="utf-8") == drawn(file, "svg", lang), "run: make docs"


def test_the_picture_of_the_example_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert with_picture(page) == page, "run: make docs"
    assert page.count("```mermaid") == 1


def test_the_page_of_pictures_shows_every_shipped_procedure_in_both_languages() -> None:
    page = (HOUSE / "docs/procedures.md").read_text(encoding="utf-8")

    linked = set(re.findall(r"\(pictures/(\w+\.\w+\.svg)\)", page))

    assert linked == {f"{file.stem}.{lang}.svg" for file in SHIPPED for lang in LANGUAGES}
    assert linked == {each.name for each in HERE.glob("*.*.svg")}
