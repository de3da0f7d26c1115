"""A picture for Graphviz."""

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

_STYLES = {
    Manner.PERSON: 'color="#6b7683"',
    Manner.SYSTEM: 'color="#1d5fbf", style=dashed',
    Manner.EXPIRY: 'color="#c2410c", style=dotted',
}


def dot(picture: Picture, lang: Lang) -> str:
    """The picture in the language of Graphviz: `dot -Tpdf`."""
    fonts = 'fontname="Noto Sans CJK SC"'
    lines = [
        f"digraph {_quoted(picture.name)} {{",
        f"  label={_quoted(heading(picture, lang))}; labelloc=t; rankdir=TB; {fonts};",
        f'  node [shape=box, style="rounded,filled", fillcolor="#f4f7fb", {fonts}];',
        f"  edge [fontsize=11, {fonts}];",
        *(line for box in picture.boxes for line in _box(box, lang)),
        *(_arrow(arrow, lang) for arrow in picture.arrows),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _box(box: Box, lang: Lang) -> Iterator[str]:
    said = [box.label.read(lang)]
    said += [box.whose.read(lang)] if box.whose else []
    said += [f"● {HERE.read(lang)}"] if box.stands else []
    said += [clock_said(each, lang) for each in box.clocks]
    said += [entry_said(each, lang) for each in box.entries]
    for step in box.steps:
        said += [leading_said(step, lang), *_others(step, lang)]
    looks = ["peripheries=2"] if box.final else []
    if box.stands:
        looks += ['fillcolor="#fff1cc"', 'color="#8a5200"', "penwidth=3"]
    elif box.visited:
        looks += ['fillcolor="#e6f4ea"', 'color="#1b7f3b"', "penwidth=2"]
    yield f"  {_quoted(box.name)} [{', '.join((f'label={_lines(said)}', *looks))}];"
    if box.initial:
        yield f'  BEGINS [shape=circle, width=0.15, label="", xlabel={_quoted(BEGINS.read(lang))}, fillcolor=black];'
        yield f"  BEGINS -> {_quoted(box.name)};"


def _arrow(arrow: Arrow, lang: Lang) -> str:
    said = []
    for step in arrow.steps:
        said += [f"{step_said(step, lang)} · {who_said(step, lang)}".removesuffix(" · "), *_others(step, lang)]
    looks = 'color="#1b7f3b", penwidth=3' if arrow.taken else _STYLES[arrow.manner]
    return f"  {_quoted(arrow.source)} -> {_quoted(arrow.target)} [label={_lines(said)}, {looks}];"


def _others(step: Step, lang: Lang) -> list[str]:
    return [f"   {other_said(each, lang)}" for each in step.others]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _lines(said: list[str]) -> str:
    r"""Lines that stand left under one another; `\l` ends each."""
    return '"' + "".join(_quoted(each)[1:-1] + "\\l" for each in said) + '"'
