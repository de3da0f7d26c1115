"""Walks the pages of this directory: types every command of their `console` blocks and writes what the screen showed under it.

Run by `make docs`. `tests/test_guide.py` walks them again and finds the same.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import tempfile
from pathlib import Path

from click.testing import CliRunner

from cli import gongkai

HERE = Path(__file__).resolve().parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ENDS = re.compile(r"\s+# exit (\d)$")
ID = re.compile(r'"id": "[0-9a-f]{32}"')  # another in every run


def commands(page: str) -> list[str]:
    """Every command of the page, as it stands there."""
    return [line[2:] for block in BLOCK.findall(page) for line in block.splitlines() if line.startswith("$ ")]


def walked(typed: list[str], place: Path) -> list[tuple[int, str]]:
    """How each command ended and what it showed, one after the other, as in one shell that stands in this directory.

    Of a shell they ask for two things: `export`, and the last lines of what was shown (`| tail -N`).
    """
    environment: dict[str, str | None] = {name: None for name in os.environ if name.startswith("GONGKAI_")}
    environment |= {"COLUMNS": "110", "XDG_CONFIG_HOME": str(place), "XDG_DATA_HOME": str(place)}
    found: list[tuple[int, str]] = []
    for each in typed:
        line, _, last = ENDS.sub("", each).partition(" | tail -")
        word, *words = shlex.split(line)
        if word == "export":
            environment |= dict(pair.split("=", 1) for pair in words)
            found.append((0, ""))
            continue
        with contextlib.chdir(place):
            done = CliRunner().invoke(gongkai, words, env=environment, prog_name=word)
        shown = ID.sub('"id": "…"', done.output).rstrip()
        found.append((0, "\n".join(shown.splitlines()[-int(last) :])) if last else (done.exit_code, shown))
    return found


def with_screens(page: str) -> str:
    """The page with what each command shows today."""
    typed = commands(page)
    with tempfile.TemporaryDirectory() as place:
        shown = iter(zip(typed, walked(typed, Path(place)), strict=True))

    def filled(_: re.Match[str]) -> str:
        lines = []
        for line in _[1].splitlines():
            if line.startswith("$ "):
                _typed, (code, output) = next(shown)
                expected = ENDS.search(line)
                if code != (int(expected[1]) if expected else 0):
                    raise SystemExit(f"{line}\nends with {code}:\n{output}")
                lines += [line, *output.splitlines()]
        return "```console\n" + "\n".join(each.rstrip() for each in lines) + "\n```"

    return BLOCK.sub(filled, page)


if __name__ == "__main__":
    for page in sorted(HERE.glob("*.md")):
        page.write_text(with_screens(page.read_text(encoding="utf-8")), encoding="utf-8")
