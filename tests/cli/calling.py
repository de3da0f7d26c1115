"""Typing a line: what comes of one call of the command line, run in this process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from cli import gongkai

NOW = "2026-03-02T09:00"


@dataclass(frozen=True)
class Call:
    """What came of one call."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Type = Callable[..., Call]


def call_with(words: list[str]) -> Call:
    """Type a line as it stands."""
    result = CliRunner().invoke(gongkai, words)
    return Call(result.exit_code, result.stdout, result.stderr)


def everything(db: Path) -> list[tuple[Any, ...]]:
    """Every row that an attempt could have changed."""
    with sqlite3.connect(db) as there:
        tables = (
            "cases",
            "events",
            "deadlines",
            "notices",
            "people",
            "appointments",
            "seats",
            "absences",
            "addresses",
            "outbox",
            "sections",
            "calendar_days",
        )
        found = [(table, *row) for table in tables for row in there.execute(f"SELECT * FROM {table}")]
    there.close()
    return found
