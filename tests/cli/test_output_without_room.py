"""Output that finds no room, or no place at all, is said plainly; nothing becomes a fault number."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calling import NOW

HOUSE = Path(__file__).resolve().parent.parent.parent
GONGKAI = [sys.executable, "-c", "import sys; from cli import main; sys.exit(main())"]


def called(db: Path, into: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}
    line = ["sh", "-c", f'exec "$@" {into}', "sh", *GONGKAI, "--db", str(db), "--as", "sunli", "--now", NOW, *words]
    return subprocess.run(
        line, env={**environment, "PYTHONPATH": str(HOUSE)}, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize(("lang", "said"), [("zh", "输出写不进去"), ("en", "the output cannot be written")])
@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("definitions", "show", "document")])
def test_a_full_disk_behind_the_output_is_named(db: Path, lang: str, said: str, words: tuple[str, ...]) -> None:
    answer = called(db, ">/dev/full", "--lang", lang, *words)

    assert answer.returncode == 1
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "gongkai-faults" not in answer.stderr


def test_a_closed_output_is_no_fault(db: Path) -> None:
    answer = called(db, ">&-", "list")

    assert (answer.returncode, answer.stderr) == (0, "")
