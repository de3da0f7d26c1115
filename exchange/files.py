"""Files that are written whole or not at all, and the XML in them: what XML cannot hold is made visible, never dropped."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, indent

from storage.reasons import why
from workflow.errors import StorageFault
from workflow.text import Text

#: What XML 1.0 has no way to say, escaped or not.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Unwritten(StorageFault):
    """The file could not be written; nothing is wrong with the database."""

    text = Text("{reason}；{way_out}", "{reason}; {way_out}")


def write_whole(where: Path, write: Callable[[Path], object]) -> None:
    """Have the file written beside its place and put there when all is written. Raises Unwritten where that cannot be."""
    try:
        with _replacing(where) as beside:
            write(beside)
    except OSError as fault:
        said = _UNWRITTEN.filled(file=where.name, why=why(fault))
        raise Unwritten(reason=said, way_out=_ELSEWHERE) from fault


@contextmanager
def _replacing(where: Path) -> Iterator[Path]:
    """A file beside the wished one that takes its place when all is written: never half a file."""
    beside = where.with_name(f".{where.name}.{os.getpid()}")
    try:
        yield beside
        beside.replace(where)
    finally:
        beside.unlink(missing_ok=True)


def element(tag: str, attributes: dict[str, str] | None = None, *children: Element, text: str | None = None) -> Element:
    """An element of XML with what it holds; a character that XML knows no way to write becomes U+FFFD.

    >>> element("string", {"value": "bell\\x07"}).get("value")
    'bell\ufffd'
    """
    made = Element(tag, {name: in_xml(value) for name, value in (attributes or {}).items()})
    made.extend(children)
    made.text = None if text is None else in_xml(text)
    return made


def in_xml(said: str) -> str:
    """The text as XML can hold it."""
    return _NOT_IN_XML.sub("\ufffd", said)


def write_xml(where: Path, root: Element) -> None:
    """The document that this element is the root of, indented, in UTF-8."""
    indent(root)
    ElementTree(root).write(where, encoding="utf-8", xml_declaration=True)


_UNWRITTEN = Text("文件 {file} 写不进去（{why}）", "file {file} cannot be written ({why})")
_ELSEWHERE = Text("请换一个可写的位置", "choose a place that can be written")
