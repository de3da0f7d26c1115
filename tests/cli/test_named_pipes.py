"""A pipe that nobody writes to is no file to wait for; what the shell hands over is read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
MAP, DEFINITION = HOUSE / "examples/permit_receipt.map.yaml", HOUSE / "examples/permit_receipt.yaml"


def called(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", "--lang", "en", *map(str, words)]
    return subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("which", ["check", "test", "log", "map", "definition"])
def test_nobody_waits_at_a_named_pipe(which: str, tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe.csv")
    log = tmp_path / "log.csv"
    log.write_text("case,activity\n", encoding="utf-8")

    done = called(
        *{
            "check": ("definitions", "check", pipe),
            "test": ("definitions", "test", pipe),
            "log": ("replay", pipe, "--with", DEFINITION, "--map", MAP),
            "map": ("replay", log, "--with", DEFINITION, "--map", pipe),
            "definition": ("replay", log, "--with", pipe, "--map", MAP),
        }[which]
    )

    assert (done.returncode, done.stdout) == (8, "")
    assert "pipe.csv" in done.stderr
    assert "cannot be read" in done.stderr


def test_what_the_shell_hands_over_is_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, (HOUSE / "examples/procurement.yaml").read_bytes()[:60_000])
    os.close(writing)
    command = [sys.executable, "-m", "cli", "--lang", "en", "definitions", "check", f"/dev/fd/{reading}"]

    done = subprocess.run(
        command, cwd=HOUSE, capture_output=True, text=True, timeout=30, check=False, pass_fds=(reading,)
    )

    os.close(reading)
    assert done.returncode == 0, done.stderr
    assert "nothing found" in done.stdout
