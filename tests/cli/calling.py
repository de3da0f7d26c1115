"""Typing a line: what comes of one call of the command line, run in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
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
