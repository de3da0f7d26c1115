"""Draws the pictures of the shipped procedures, and of the example in docs/definitions.md. `make docs`.

Everything comes from `gongkai definitions diagram`, as a user would type it; a test draws it again and compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from cli import gongkai

HERE = Path(__file__).resolve().parent
HOUSE = HERE.parent.parent
PAGE = HERE.parent / "definitions.md"
LANGUAGES = ("zh", "en")

EXAMPLE = re.compile(r"```yaml\n(# yaml-language-server.*?)```", re.DOTALL)
DRAWN = re.compile(r"(```mermaid\n).*?(```)", re.DOTALL)


def drawn(file: Path, form: str, lang: str) -> str:
    """What `gongkai definitions diagram` prints."""
    typed = ["definitions", "diagram", str(file), "--format", form, "--lang", lang]
    done = CliRunner().invoke(gongkai, typed)
    assert done.exit_code == 0, done.output
    return done.stdout


def pictures() -> Iterator[tuple[Path, str]]:
    """Every picture of a shipped procedure as it is to be, with its place."""
    for file in sorted((HOUSE / "definitions").glob("*.yaml")):
        for lang in LANGUAGES:
            yield HERE / f"{file.stem}.{lang}.svg", drawn(file, "svg", lang)


def with_picture(page: str) -> str:
    """The page about definitions with the picture of its example."""
    with TemporaryDirectory() as place:
        file = Path(place) / "stamp.yaml"
        file.write_text("".join(EXAMPLE.findall(page)), encoding="utf-8")
        said = drawn(file, "mermaid", "zh")
    return DRAWN.sub(lambda found: found[1] + said + found[2], page)


if __name__ == "__main__":
    for place, picture in pictures():
        place.write_text(picture, encoding="utf-8")
    PAGE.write_text(with_picture(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
