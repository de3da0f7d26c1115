"""The three forms of a picture, by their names and file endings; and how one comes into a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from exchange.diagram.content import Picture
from exchange.diagram.dot import dot
from exchange.diagram.mermaid import mermaid
from exchange.diagram.svg import svg
from exchange.export import Unwritten, replacing
from workflow.text import Lang, Text

#: What each form is called, and the endings of its files.
FORMS: Mapping[str, tuple[str, ...]] = {"mermaid": (".mmd", ".mermaid"), "dot": (".dot", ".gv"), "svg": (".svg",)}

_DRAWS: Mapping[str, Callable[[Picture, Lang], str]] = {"mermaid": mermaid, "dot": dot, "svg": svg}


def form_of(path: Path) -> str | None:
    """The form that the ending of a file asks for; None where it asks for none of them."""
    return next((form for form, endings in FORMS.items() if path.suffix.lower() in endings), None)


def drawn(picture: Picture, form: str, lang: Lang) -> str:
    """The picture as the text of a file of that form."""
    return _DRAWS[form](picture, lang)


def write_picture(path: Path, text: str) -> None:
    """The picture in its file, whole or not at all. Raises Unwritten."""
    try:
        with replacing(path) as beside:
            beside.write_text(text, encoding="utf-8", newline="\n")
    except OSError as fault:
        raise Unwritten(reason=_NOT_WRITTEN.filled(name=path.name, why=fault.strerror), way_out=_ELSEWHERE) from fault


_NOT_WRITTEN = Text("文件 {name} 写不进去（{why}）", "file {name} cannot be written ({why})")
_ELSEWHERE = Text("请换一个可写的位置", "choose a place that can be written")
