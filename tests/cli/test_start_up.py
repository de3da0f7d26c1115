"""The real entry, in a process of its own: quick to start, nothing heavy on the way, clean at its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
HEAVY = (
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "yaml",
    "rich",
    "storage",
    "alembic",
    "apscheduler",
    "sqlite3",
    "platformdirs",
    "docx",
    "lxml",
    "markupsafe",
    "cryptography",
)


def run(
    *words: str, code: str = "from cli import main; main()", **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=HOUSE,
        env={**kept, "PYTHONPATH": str(HOUSE), "LANG": "C.UTF-8", "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["do", "--help"],
        ["letter", "--help"],
        ["people", "--help"],
        ["backup", "--help"],
        ["--version"],
        ["strat"],
    ],
)
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys\nfrom cli import main\ntry:\n    main()\nfinally:\n"
        f"    print('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )

    done = run(*words, code=code)

    heavy = [] if words != ["strat"] else ["rich"]
    found = done.stdout.rsplit("HEAVY ", 1)[1].strip()
    assert found in ("[]", str(heavy)), done.stderr


def test_a_step_imports_neither_sqlalchemy_nor_pydantic(tmp_path: Path) -> None:
    place = str(tmp_path / "gongkai.db")
    assert run("init", "--sample", "--db", place).returncode == 0
    code = (
        "import sys\nfrom cli import main\ntry:\n    main()\nfinally:\n"
        "    print('HEAVY', sorted({'sqlalchemy', 'sqlmodel', 'pydantic', 'yaml', 'rich', 'alembic', 'apscheduler'} & set(sys.modules)))"
    )

    done = run("start", "document", "--title", "某办法", "--as", "wangmin", "--db", place, code=code)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("HEAVY []")


def test_the_module_is_an_entry_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "--version"], cwd=HOUSE, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert done.stdout.startswith("gongkai ")


def test_the_locale_chooses_the_language() -> None:
    assert "Usage: gongkai" in run("--help", LANG="en_US.UTF-8", LC_ALL="").stdout
    assert "用法：gongkai" in run("--help", LANG="zh_CN.UTF-8", LC_ALL="").stdout
    assert "Usage: gongkai" in run("--help", LANG="zh_CN.UTF-8", GONGKAI_LANG="en").stdout


def test_a_reader_who_leaves_is_no_fault() -> None:
    script = f"{sys.executable} -m cli definitions schema | head -c 10; echo ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", script], cwd=HOUSE, capture_output=True, text=True, check=False)

    assert done.stdout.splitlines()[-1].endswith(("141", "0"))
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_completion_works_through_the_shell() -> None:
    done = run(_GONGKAI_COMPLETE="bash_complete", COMP_WORDS="gongkai calendar d", COMP_CWORD="2")

    assert "plain,due" in done.stdout


def test_no_colour_reaches_a_pipe(tmp_path: Path) -> None:
    assert "\x1b" not in run("--help").stdout + run("strat").stderr
