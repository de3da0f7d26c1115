"""Where the findings of one file gather, each at its place, in the words of `findings`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from typing import NamedTuple

from workflow.errors import BadDefinition, Finding
from workflow.loader.findings import FINDINGS
from workflow.loader.said import Said
from workflow.text import Text

Path = tuple[str | int, ...]

MOST_FINDINGS = 100
_LONGEST_SHOWN = 200
_LONGEST_LINE = 4000  # lines of ours go to 500; what lies further on is nothing that a hand wrote


class Spot(NamedTuple):
    """A place in the file, both counted from one."""

    line: int
    column: int


class Stop(Exception):
    """Nothing more can be learnt from this file."""


class Report:
    """The findings of one file, in the order in which they are found."""

    def __init__(self, file: str, more: Mapping[str, Said] | None = None) -> None:
        self.file = file
        self._said = {**FINDINGS, **(more or {})}
        self.definition = ""
        self.lines: list[str] = []
        self.keys: dict[Path, Spot] = {}
        self.values: dict[Path, Spot] = {}
        self.findings: list[Finding] = []
        self.notes: list[Finding] = []
        self.mended: set[Path] = set()  # what was left out or replaced so that the rest could be read
        self._spots: set[Spot] = set()
        self._noted: set[tuple[Spot, str]] = set()

    def apart(self) -> Report:
        """The same so far, to which further findings may be added without this one."""
        found = copy(self)
        found.findings, found.notes = list(self.findings), list(self.notes)
        found._spots, found._noted = set(self._spots), set(self._noted)
        return found

    def at(self, spot: Spot, code: str, **facts: object) -> None:
        """A finding at a place; after a hundred the reader is told that there are more."""
        if len(self.findings) >= MOST_FINDINGS:
            self.findings.append(self._finding(spot, "more", {"most": MOST_FINDINGS}))
            raise Stop
        self.findings.append(self._finding(spot, code, facts))
        self._spots.add(spot)

    def of(self, path: Path, code: str, *, value: bool = False, once: bool = False, **facts: object) -> None:
        """A finding of the part at `path`: at its key, or at its value; `once`: only if nothing is said of that place yet."""
        spot = self.spot(path, value)
        if not (once and spot in self._spots):
            self.at(spot, code, **facts)

    def forget(self, path: Path, code: str) -> None:
        """Take back what was found at the value of the part at `path`, where another finding says it better."""
        spot = self.spot(path, True)
        self.findings = [
            each for each in self.findings if (each.code, each.line, each.column) != (code, spot.line, spot.column)
        ]

    def found(
        self, path: Path, code: str, facts: dict[str, object], *, names: tuple[str, ...], way: tuple[Text, ...]
    ) -> Finding:
        """A finding of the part at `path` with the shortest way to it, step by step: the names of the steps, and in words."""
        return replace(self._finding(self.spot(path), code, facts), path=names, way=way)

    def note(self, path: Path, code: str, **facts: object) -> None:
        """Something worth saying that keeps nobody from loading the file; of a place that aliases repeat, said once."""
        spot = self.spot(path, False)
        if (spot, code) not in self._noted:
            self._noted.add((spot, code))
            self.notes.append(self._finding(spot, code, facts))

    def is_whole(self, path: Path) -> bool:
        """Whether nothing at or below `path` was left out: only then do its names count as all there are."""
        return not any(each[: len(path)] == path for each in self.mended)

    def spot(self, path: Path, value: bool = False) -> Spot:
        """Where the part stands, or the nearest part around it that is written in the file."""
        while path:
            spot = (None if value else self.keys.get(path)) or self.values.get(path)
            if spot:
                return spot
            path = path[:-1]
        return self.values.get((), Spot(1, 1))

    def line(self, number: int, longest: int = _LONGEST_SHOWN) -> str:
        """One line of the file, short enough to show."""
        line = self.lines[number - 1].strip("\r\n") if 0 < number <= len(self.lines) else ""
        shown = line if len(line) <= longest else line[:longest] + "…"
        return "".join(each if each.isprintable() else "\ufffd" for each in shown)

    def raise_any(self) -> None:
        """Raise BadDefinition if anything was found, in the order of the file."""
        if self.findings:
            raise BadDefinition(self.file, self.in_order())

    def in_order(self) -> list[Finding]:
        """The findings in the order of the file; that there are more comes last."""
        return sorted(self.findings, key=lambda each: (each.code == "more", each.line, each.column))

    def _finding(self, spot: Spot, code: str, facts: dict[str, object]) -> Finding:
        said = self._said[code]
        safe = {name: _shown(fact) for name, fact in facts.items()}
        return Finding(
            code=code,
            definition=self.definition,
            text=said.text.filled(**safe),
            hint=said.hint.filled(**safe),
            file=self.file,
            line=spot.line,
            column=spot.column,
            source=self.line(spot.line, _LONGEST_LINE),  # whole: the place may be far out
        )


def suggestion(name: object, known: Iterable[str]) -> Text:
    """The nearest known name, or all of them, or the first few."""
    names = list(known)
    near = difflib.get_close_matches(str(name), names[:500], 1, 0.6)
    if near:
        return Text("是否想写“{name}”？", "did you mean “{name}”?").filled(name=near[0])
    if not names:
        return Text("此处还没有可用的名称", "there is none yet")
    few = names[:12]
    more = Text(" 等", " …") if len(names) > len(few) else Text("", "")
    return Text("可用：{names}{more}", "there are: {names}{more}").filled(names=", ".join(few), more=more)


def _shown(fact: object) -> object:
    if not isinstance(fact, str):
        return fact
    short = fact if len(fact) <= _LONGEST_SHOWN else fact[:_LONGEST_SHOWN] + "…"
    return "".join(each if each.isprintable() else "\ufffd" for each in short)
