"""The record in a file for programs: XES, or OCEL 2.0 as JSON or XML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from exchange.files import write_whole
from exchange.logged import Log, log_of
from exchange.ocel import write_ocel_json, write_ocel_xml
from exchange.xes import write_xes
from workflow.case import Actor
from workflow.errors import Invalid, Problem
from workflow.text import Lang, Text

if TYPE_CHECKING:
    from storage import Desk


def export_log(
    desk: Desk,
    actor: Actor,
    path: str | Path,
    *,
    kind: str | None = None,
    section: str | None = None,
    lang: Lang = "zh",
    progress: Callable[[int], None] | None = None,
) -> Log:
    """Write the record of the cases that the actor sees; the ending of the path says XES or OCEL 2.0. Returns what was written."""
    where = Path(path)
    writers = {".xes": write_xes, ".jsonocel": write_ocel_json, ".json": write_ocel_json, ".xmlocel": write_ocel_xml}
    write = writers.get(where.suffix.lower())
    if write is None:
        raise Invalid((Problem("unknown-format", _FORMAT.filled(name=where.name), field="file"),))
    log = log_of(desk, actor, kind=kind, section=section, progress=progress)
    write_whole(where, lambda beside: write(beside, log, lang))
    return log


_FORMAT = Text(
    "“{name}”的后缀须为 .xes、.jsonocel（或 .json）、.xmlocel",
    "the name “{name}” must end in .xes, .jsonocel (or .json) or .xmlocel",
)
