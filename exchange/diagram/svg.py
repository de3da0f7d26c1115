"""The picture that people look at: boxes, arrows with their steps, a title and a legend, in plain SVG that fetches nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from exchange.diagram.content import Arrow, Box, Manner, Picture
from exchange.diagram.layout import Placed, Point, Size, placed
from exchange.diagram.rows import INK, LINES, OTHERS, STANDS, WAY, Row, box_rows, label_rows, size_of
from exchange.diagram.text_width import width
from exchange.diagram.words import BEGINS, FINAL, IN_THE_BOX, LEGEND, WAY_TAKEN, WITH_OTHERS, heading
from workflow.text import Lang

_CHINESE = "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
#: As installed with whoever looks; an English page is set in a Latin font, where quotation marks are not full width.
FONTS: Mapping[Lang, str] = {"zh": _CHINESE, "en": f"Helvetica, Arial, Liberation Sans, {_CHINESE}"}
DASHES = {Manner.PERSON: "", Manner.SYSTEM: "8 4", Manner.EXPIRY: "2 4"}
MARGIN, PADDING, LABEL_PADDING, CORNER, ARROW = 28.0, 11.0, 3.0, 6.0, 9.0
TITLE, NOTE = 20.0, 12.0
BEGINNING = 44.0  # room above the first state for the dot with which a case begins


def svg(picture: Picture, lang: Lang) -> str:
    """The whole picture as an SVG file."""
    boxes = {box.name: box_rows(box, lang) for box in picture.boxes}
    labels = [label_rows(arrow, lang) for arrow in picture.arrows]
    sizes = {name: size_of(rows, PADDING) for name, rows in boxes.items()}
    label_sizes = [size_of(rows, LABEL_PADDING) for rows in labels]
    arrows = [(a.source, a.target, size) for a, size in zip(picture.arrows, label_sizes, strict=True)]
    there = placed(sizes, arrows)
    legend = list(_legend(picture, lang))
    title = heading(picture, lang)
    top = TITLE + 20 + 22 * len(legend) + BEGINNING
    broad = max(there.size.width, width(title, TITLE) * 1.06, *(_legend_width(each) for each in legend))
    whole = Size(round(broad + 2 * MARGIN, 1), round(top + there.size.height + 2 * MARGIN, 1))
    aside = round((broad - there.size.width) / 2, 1)
    lines = (
        *_opening(title, whole, lang),
        *_drawn_legend(legend, MARGIN + TITLE + 28),
        f'<g transform="translate({_n(MARGIN + aside)} {_n(MARGIN + top)})">',
        *_drawn_arrows(picture.arrows, there),
        *_drawn_labels(labels, label_sizes, there),
        *(_beginning(box, sizes[box.name], there, lang) for box in picture.boxes if box.initial),
        *(line for box in picture.boxes for line in _drawn_box(box, boxes[box.name], sizes[box.name], there)),
        "</g>",
        "</svg>",
    )
    return "\n".join(lines) + "\n"


def _opening(title: str, whole: Size, lang: Lang) -> Iterator[str]:
    broad, high = _n(whole.width), _n(whole.height)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{broad}" height="{high}" viewBox="0 0 {broad} {high}" '
        f'font-family="{FONTS[lang]}" xml:lang="{"zh-CN" if lang == "zh" else "en"}" role="img">'
    )
    yield f"<title>{_said(title)}</title>"
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'
    looks = f'font-size="{_n(TITLE)}" font-weight="bold" fill="{INK}"'
    yield f'<text x="{_n(MARGIN)}" y="{_n(MARGIN + TITLE)}" {looks}>{_said(title)}</text>'


def _drawn_arrows(arrows: Sequence[Arrow], there: Placed) -> Iterator[str]:
    """The lines; those that the case took last, so that none of them is covered."""
    pairs = sorted(zip(arrows, there.lines, strict=True), key=lambda each: each[0].taken)
    for arrow, line in pairs:
        ink = WAY if arrow.taken else LINES[arrow.manner]
        dash = DASHES[arrow.manner]
        broad = 3 if arrow.taken else 1.5
        points = _straightened(line.points)
        yield (
            f'<path d="{_path(_shortened(points))}" fill="none" stroke="{ink}" stroke-width="{broad}"'
            + (f' stroke-dasharray="{dash}"' if dash else "")
            + "/>"
        )
        yield f'<path d="{_head(points)}" fill="{ink}"/>'


def _drawn_labels(labels: Sequence[list[Row]], sizes: Sequence[Size], there: Placed) -> Iterator[str]:
    for rows, size, line in zip(labels, sizes, there.lines, strict=True):
        left, top = _corner(line.label, size)
        yield f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(size.width)}" height="{_n(size.height)}" fill="#ffffff"/>'
        yield from _drawn_rows(rows, line.label[0], top + LABEL_PADDING, centred=True)


def _drawn_box(box: Box, rows: Sequence[Row], size: Size, there: Placed) -> Iterator[str]:
    left, top = _corner(there.boxes[box.name], size)
    fill, ink, broad = "#f4f7fb", "#6a7c94", 1.4
    if box.final:
        fill, ink = "#eceff2", "#4a5561"
    if box.visited:
        fill, ink, broad = "#e6f4ea", WAY, 2.0
    if box.stands:
        fill, ink, broad = "#fff1cc", STANDS, 3.0
    yield f'<g id="state-{box.name}"><title>{box.name}</title>'
    yield _rect(left, top, size, fill, ink, broad)
    if box.final:
        inside = Size(size.width - 7, size.height - 7)
        yield _rect(left + 3.5, top + 3.5, inside, "none", ink, 1.0)
    at = top + PADDING
    for row in rows:
        if row.ruled:
            y = at + row.gap / 2
            yield f'<path d="M{_n(left + 8)} {_n(y)}H{_n(left + size.width - 8)}" stroke="#b8c2ce" stroke-width="1"/>'
        at += row.height
    yield from _drawn_rows(rows, left + PADDING, top + PADDING)
    yield "</g>"


def _drawn_rows(rows: Sequence[Row], x: float, top: float, *, centred: bool = False) -> Iterator[str]:
    at = top
    for row in rows:
        at += row.height
        looks = f' fill="{row.ink}"' + (' font-weight="bold"' if row.bold else "")
        looks += (' font-style="italic"' if row.italic else "") + (' text-anchor="middle"' if centred else "")
        base = at - row.size * 0.36
        yield f'<text x="{_n(x + row.indent)}" y="{_n(base)}" font-size="{_n(row.size)}"{looks}>{_said(row.text)}</text>'


def _beginning(box: Box, size: Size, there: Placed, lang: Lang) -> str:
    """The dot with which a case begins, and its arrow to the first state."""
    x, y = there.boxes[box.name]
    top = y - size.height / 2
    points = ((x, top - 30), (x, top))
    return (
        f'<circle cx="{_n(x)}" cy="{_n(top - 34)}" r="6" fill="{INK}"/>'
        f'<path d="{_path(_shortened(points))}" stroke="{INK}" stroke-width="1.5"/><path d="{_head(points)}" fill="{INK}"/>'
        f'<text x="{_n(x + 12)}" y="{_n(top - 30)}" font-size="{_n(NOTE)}" fill="{INK}">{_said(BEGINS.read(lang))}</text>'
    )


# The legend: one line that says how to read the lines and boxes, and one for what stands in a box.


def _legend(picture: Picture, lang: Lang) -> Iterator[list[tuple[str, str]]]:
    """Rows of sample and word; a sample that the picture does not hold is not explained."""
    manners = {step.manner for arrow in picture.arrows for step in arrow.steps}
    manners |= {step.manner for box in picture.boxes for step in box.steps}
    first = [(each.value, LEGEND[each].read(lang)) for each in Manner if each in manners]
    first.append(("final", FINAL.read(lang)))
    yield first + ([("way", WAY_TAKEN.read(lang))] if picture.case else [])
    on_arrows = (step for arrow in picture.arrows for step in arrow.steps)
    in_boxes = (step for box in picture.boxes for step in box.steps)
    if any(step.others for step in (*on_arrows, *in_boxes)):
        yield [("others", WITH_OTHERS.read(lang))]
    if any(box.steps for box in picture.boxes):
        yield [("box", IN_THE_BOX.read(lang))]


def _legend_width(entries: Sequence[tuple[str, str]]) -> float:
    return sum(44 + width(said, NOTE) + 24 for _, said in entries)


def _drawn_legend(legend: Sequence[Sequence[tuple[str, str]]], top: float) -> Iterator[str]:
    for number, entries in enumerate(legend):
        x, y = MARGIN, top + 22 * number
        for kind, said in entries:
            yield _sample(kind, x, y)
            yield f'<text x="{_n(x + 44)}" y="{_n(y + 4)}" font-size="{_n(NOTE)}" fill="{INK}">{_said(said)}</text>'
            x += 44 + width(said, NOTE) + 24


def _sample(kind: str, x: float, y: float) -> str:
    if kind == "others":
        return f'<path d="M{_n(x + 13)} {_n(y)}h10m-5 -5v10" stroke="{OTHERS}" stroke-width="1.6"/>'
    if kind in ("final", "box"):
        outer = _rect(x + 4, y - 7, Size(28, 14), "#eceff2" if kind == "final" else "#f4f7fb", "#4a5561", 1.2)
        inner = _rect(x + 6.5, y - 4.5, Size(23, 9), "none", "#4a5561", 0.8)
        return outer + (inner if kind == "final" else f'<path d="M{_n(x + 7)} {_n(y)}h22" stroke="#b8c2ce"/>')
    manner = Manner(kind) if kind != "way" else Manner.PERSON
    ink, broad, dash = (WAY, 3.0, "") if kind == "way" else (LINES[manner], 1.5, DASHES[manner])
    points = ((x, y), (x + 36, y))
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{_path(_shortened(points))}" stroke="{ink}" stroke-width="{broad}"{dashed}/>'
        f'<path d="{_head(points)}" fill="{ink}"/>'
    )


# Lines and numbers.


def _straightened(points: Sequence[Point]) -> tuple[Point, ...]:
    """The corners of a line alone: no point twice, none in the middle of a straight piece."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _path(points: Sequence[Point]) -> str:
    """A line with rounded corners."""
    said = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _towards(corner, before), _towards(corner, after)
        said.append(f"L{_n(near[0])} {_n(near[1])}Q{_n(corner[0])} {_n(corner[1])} {_n(far[0])} {_n(far[1])}")
    said.append(f"L{_n(points[-1][0])} {_n(points[-1][1])}")
    return "".join(said)


def _towards(corner: Point, other: Point) -> Point:
    """A point a little away from a corner, at most half way to the next."""
    across, down = other[0] - corner[0], other[1] - corner[1]
    long = (across**2 + down**2) ** 0.5 or 1.0
    step = min(CORNER, long / 2) / long
    return (corner[0] + across * step, corner[1] + down * step)


def _shortened(points: Sequence[Point]) -> tuple[Point, ...]:
    """The line up to where its head begins, so that a broad one does not stick out of it."""
    *before, last, end = points
    across, down = end[0] - last[0], end[1] - last[1]
    long = (across**2 + down**2) ** 0.5 or 1.0
    part = max(0.0, long - ARROW + 1) / long
    return (*before, last, (last[0] + across * part, last[1] + down * part))


def _head(points: Sequence[Point]) -> str:
    """The head of an arrow, in the direction of its last piece."""
    (x0, y0), (x, y) = points[-2:]
    long = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5 or 1.0
    along, aside = ((x - x0) / long, (y - y0) / long), ((y0 - y) / long, (x - x0) / long)
    left = (x - along[0] * ARROW + aside[0] * ARROW * 0.42, y - along[1] * ARROW + aside[1] * ARROW * 0.42)
    right = (x - along[0] * ARROW - aside[0] * ARROW * 0.42, y - along[1] * ARROW - aside[1] * ARROW * 0.42)
    return f"M{_n(x)} {_n(y)}L{_n(left[0])} {_n(left[1])}L{_n(right[0])} {_n(right[1])}Z"


def _corner(middle: Point, size: Size) -> Point:
    return (middle[0] - size.width / 2, middle[1] - size.height / 2)


def _rect(x: float, y: float, size: Size, fill: str, ink: str, broad: float) -> str:
    return (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(size.width)}" height="{_n(size.height)}" rx="7" '
        f'fill="{fill}" stroke="{ink}" stroke-width="{_n(broad)}"/>'
    )


def _n(number: float) -> str:
    """A number as short as it can be written."""
    return f"{number:.1f}".removesuffix(".0")


def _said(text: str) -> str:
    return escape(text, quote=False)
