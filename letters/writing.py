"""One paper in the form that somebody asks for, printed or kept in a file that is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from letters.paper import Paper
from letters.plain import plain
from storage.reasons import why
from workflow.errors import StorageFault
from workflow.text import Text

FORMS = ("text", "html", "docx")
_ENDINGS = {".txt": "text", ".html": "html", ".htm": "html", ".docx": "docx"}


class Unwritten(StorageFault):
    """The file could not be written; nothing is wrong with the database."""

    text = Text("{reason}；{way_out}", "{reason}; {way_out}")


def form_of(where: Path) -> str | None:
    """The form that the ending of a file's name says."""
    return _ENDINGS.get(where.suffix.lower())


def written(paper: Paper, form: str) -> bytes:
    """The letter in this form; the same letter gives the same bytes."""
    return _WRITERS[form](paper)


def write_letter(where: Path, content: bytes) -> None:
    """The file, put in its place when all of it is written. Raises Unwritten where that cannot be."""
    beside = where.with_name(f".{where.name}.{os.getpid()}")
    try:
        try:
            beside.write_bytes(content)
            beside.replace(where)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as fault:
        said = _UNWRITTEN.filled(file=where.name, why=why(fault))
        raise Unwritten(reason=said, way_out=_ELSEWHERE) from fault


def _text(paper: Paper) -> bytes:
    return plain(paper).encode("utf-8")


def _html(paper: Paper) -> bytes:
    from letters.hypertext import hypertext

    return hypertext(paper).encode("utf-8")


def _docx(paper: Paper) -> bytes:
    from letters.wordfile import wordfile

    return wordfile(paper)


_WRITERS: Mapping[str, Callable[[Paper], bytes]] = {"text": _text, "html": _html, "docx": _docx}
_UNWRITTEN = Text("文件 {file} 写不进去（{why}）", "file {file} cannot be written ({why})")
_ELSEWHERE = Text("请换一个可写的位置", "choose a place that can be written")
