"""Definitions for programs of others: which form is written how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, indent, tostring

from exchange.bpmn import bpmn
from exchange.files import write_whole, write_xml
from exchange.scxml import scxml
from workflow.model import Definition
from workflow.text import Lang

FORMS = ("bpmn", "scxml")


def definition_text(definition: Definition, form: str, lang: Lang, kinds: Mapping[str, Definition]) -> str:
    """The definition in one of the forms; `kinds` are those whose cases it may move."""
    root = _root(definition, form, lang, kinds)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def write_definition(
    definition: Definition, form: str, path: str | Path, lang: Lang, kinds: Mapping[str, Definition]
) -> None:
    """The same as a file. Raises Unwritten where that cannot be."""
    write_whole(Path(path), lambda beside: write_xml(beside, _root(definition, form, lang, kinds)))


def _root(definition: Definition, form: str, lang: Lang, kinds: Mapping[str, Definition]) -> Element:
    return bpmn(definition, lang, kinds) if form == "bpmn" else scxml(definition)
