"""The three forms of a picture, by their names and file endings; and how one comes into a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from exchange.diagram.content import Picture
from exchange.diagram.dot import dot
from exchange.diagram.mermaid import mermaid
from exchange.diagram.svg import svg
from exchange.files import write_whole
from workflow.text import Lang

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
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8", newline="\n"))
