"""Walks the pages of this directory: types every command of their `console` blocks and writes what the screen showed under it.

Run by `make docs`. `tests/test_guide.py` walks them again and finds the same.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ENDS = re.compile(r"\s+# exit (\d)$")
ID = re.compile(r'"id": "[0-9a-f]{32}"')  # another in every run
MARK = "=== end of step ==="


def commands(page: str) -> list[str]:
    """Every command of the page, as it stands there."""
    return [line[2:] for block in BLOCK.findall(page) for line in block.splitlines() if line.startswith("$ ")]


def walked(typed: list[str], place: Path) -> list[tuple[int, str]]:
    """How each command ended and what it showed, one after the other in one shell."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}
    environment |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "110"}
    environment |= {"XDG_CONFIG_HOME": str(place), "XDG_DATA_HOME": str(place)}
    script = "".join(f"{ENDS.sub('', each)}\ncode=$?; echo; echo '{MARK}' $code\n" for each in typed)
    done = subprocess.run(
        ["bash"],
        input=script,
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    shown = ID.sub('"id": "…"', done.stdout)
    said = re.split(rf"^{MARK} (\d+)\n", shown, flags=re.MULTILINE)
    return [(int(code), output.rstrip()) for output, code in zip(said[::2], said[1::2], strict=False)]


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
