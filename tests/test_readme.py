"""The README as a newcomer lives it: every command of its `console` blocks, in order, in an empty directory.

`# exit N` after a command says how it ends; the lines under a command must be found in what it says, in that order, where … stands
for whatever may be there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh.md")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ENDS = re.compile(r"\s+# exit (\d)$")


@dataclass(slots=True)
class Typed:
    """A command of the tour, how it ends, and what it is shown to say."""

    command: str
    code: int
    says: list[str] = field(default_factory=list)


def tour(file: str) -> Iterator[Typed]:
    lines = "".join(BLOCK.findall((HOUSE / file).read_text(encoding="utf-8"))).splitlines()
    typed: Typed | None = None
    for line in lines:
        if line.startswith("$ "):
            if typed:
                yield typed
            ends = ENDS.search(line)
            typed = Typed(ENDS.sub("", line[2:]), int(ends.group(1)) if ends else 0)
        elif typed and line.strip(" …"):
            typed.says.append(line.strip())
    if typed:
        yield typed


DAILY = re.compile(r"^## (?:In daily use|日常使用)\n```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FOR_EVER = "gongkai scheduler"
PAST = "标题,发文字号,成文日期,发布日期\n关于印发甲办法的通知,下财〔2020〕1号,2020-03-02,2020-03-10\n"


@pytest.mark.parametrize("file", READMES)
def test_what_the_readme_says_of_daily_use_works_after_its_tour(file: str, tmp_path: Path) -> None:
    found = DAILY.search((HOUSE / file).read_text(encoding="utf-8"))
    assert found
    lines = [line for line in found[1].splitlines() if not line.startswith(FOR_EVER)]
    assert len(lines) < len(found[1].splitlines())
    (tmp_path / "FILE.csv").write_text(PAST, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}

    done = subprocess.run(
        ["bash", "-e"],
        input="\n".join(["export GONGKAI_DB=tour.db GONGKAI_NOW=2026-06-02T09:00", *lines, ""]),
        cwd=tmp_path,
        env=environment
        | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        | {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "gongkai" / "gongkai.db").exists()


@pytest.mark.parametrize("file", READMES)
def test_the_tour_of_the_readme_goes_as_it_is_told(file: str, tmp_path: Path) -> None:
    steps = list(tour(file))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}
    environment |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "120"}
    mark = "=== end of step ==="
    script = "".join(f"{step.command}\ncode=$?; echo; echo '{mark}' $code\n" for step in steps)

    done = subprocess.run(
        ["bash"],
        input=script,
        cwd=tmp_path,
        env=environment | {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )

    said = re.split(rf"^{mark} (\d+)\n", done.stdout, flags=re.MULTILINE)
    assert steps
    for step, output, code in zip(steps, said[::2], said[1::2], strict=False):
        assert int(code) == step.code, f"{step.command}\n{output}"
        for line in step.says:
            found = re.search(".*".join(map(re.escape, line.split("…"))), output)
            assert found, f"{step.command}\n{line}\n{output}"
            output = output[found.end() :]
    assert len(said) // 2 == len(steps)


def test_both_tours_take_the_same_steps() -> None:
    def spoken_plainly(file: str) -> list[tuple[str, int]]:
        return [(re.sub(r"GONGKAI_LANG=\w+", "GONGKAI_LANG=", step.command), step.code) for step in tour(file)]

    english, chinese = map(spoken_plainly, READMES)

    assert english == chinese
