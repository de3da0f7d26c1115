"""A picture as Mermaid, which wikis and code hosts draw where it stands in a page."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.diagram.content import Arrow, Box, Manner, Picture, Step
from exchange.diagram.words import (
    BEGINS,
    HERE,
    clock_said,
    entry_said,
    heading,
    leading_said,
    other_said,
    step_said,
    who_said,
)
from workflow.text import Lang

_ARROWS = {Manner.PERSON: "-->", Manner.SYSTEM: "-.->", Manner.EXPIRY: "-.->"}
_LINES = {Manner.SYSTEM: "stroke:#1d5fbf", Manner.EXPIRY: "stroke:#c2410c"}
_WAY = "stroke:#1b7f3b,stroke-width:3px"

#: What would end a quoted text, or be read as markup in it.
_MEANT = {"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;", "`": "&#96;", "\\": "&#92;", "#": "&#35;"}


def mermaid(picture: Picture, lang: Lang) -> str:
    """The picture as a Mermaid flowchart."""
    lines = [
        "---",
        f'title: "{_plain(heading(picture, lang))}"',
        "---",
        "flowchart TB",
        *(f"  {line}" for box in picture.boxes for line in _box(box, lang)),
        *(f"  {_arrow(arrow, lang)}" for arrow in picture.arrows),
        *(f"  {line}" for line in _styles(picture)),
    ]
    return "\n".join(lines) + "\n"


def _box(box: Box, lang: Lang) -> Iterator[str]:
    said = [f"<b>{_safe(box.label.read(lang))}</b>"]
    said += [_safe(box.whose.read(lang))] if box.whose else []
    said += [_safe(f"● {HERE.read(lang)}")] if box.stands else []
    said += [_safe(clock_said(each, lang)) for each in box.clocks]
    said += [_safe(entry_said(each, lang)) for each in box.entries]
    for step in box.steps:
        said += [f"<i>{_safe(each)}</i>" for each in (leading_said(step, lang), *_others(step, lang))]
    opens, closes = ("([", "])") if box.final else ("[", "]")
    yield f'{_id(box.name)}{opens}"{"<br/>".join(said)}"{closes}'
    if box.initial:
        yield f'begins(("{_safe(BEGINS.read(lang))}")) --> {_id(box.name)}'


def _arrow(arrow: Arrow, lang: Lang) -> str:
    said = []
    for step in arrow.steps:
        said.append(_safe(f"{step_said(step, lang)} · {who_said(step, lang)}".removesuffix(" · ")))
        said += [f"<i>{_safe(each)}</i>" for each in _others(step, lang)]
    line = "==>" if arrow.taken else _ARROWS[arrow.manner]
    return f'{_id(arrow.source)} {line}|"{"<br/>".join(said)}"| {_id(arrow.target)}'


def _others(step: Step, lang: Lang) -> list[str]:
    return [other_said(each, lang) for each in step.others]


def _styles(picture: Picture) -> Iterator[str]:
    for number, arrow in enumerate(picture.arrows, 1):  # 0 is the arrow with which a case begins
        style = _WAY if arrow.taken else _LINES.get(arrow.manner)
        if style:
            yield f"linkStyle {number} {style}"
    for name, looks, which in (
        ("final", "stroke-width:3px", [each for each in picture.boxes if each.final and not each.visited]),
        (
            "visited",
            "fill:#e6f4ea,stroke:#1b7f3b",
            [each for each in picture.boxes if each.visited and not each.stands],
        ),
        ("stands", "fill:#fff1cc,stroke:#8a5200,stroke-width:3px", [each for each in picture.boxes if each.stands]),
    ):
        if which:
            yield f"classDef {name} {looks}"
            yield f"class {','.join(_id(each.name) for each in which)} {name}"


def _id(name: str) -> str:
    """A name that is no word of Mermaid (`end` is one)."""
    return f"s_{name}"


def _safe(text: str) -> str:
    return "".join(_MEANT.get(each, each) for each in text)


def _plain(text: str) -> str:
    """A text in the quotes of the YAML above the picture, with nothing in it that a page around it could take for markup."""
    return "".join(f"\\x{ord(each):02x}" if each in '"\\<>' else each for each in text)
