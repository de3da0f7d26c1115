"""How the pictures are laid out: nothing covers anything, every text fits, and the way of a case runs down the page."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import pytest

from exchange.diagram.content import Picture, Way, picture_of
from exchange.diagram.layout import Placed, Point, Size, placed
from exchange.diagram.rows import box_rows, label_rows, size_of
from exchange.diagram.text_width import width, wrapped
from storage.versions import accepted_shipped, catalogues, shipped_definitions
from workflow.accepted import definition_from
from workflow.case import StateName, TransitionName
from workflow.errors import Invalid
from workflow.loader import accept
from workflow.text import Lang

SHIPPED = {name.removesuffix(".yaml"): text for text, name in shipped_definitions()}
LANGUAGES: tuple[Lang, ...] = ("zh", "en")

#: So many crossings we know of; more means that something made the pictures worse.
CROSSINGS = {"document": 10, "request": 2, "proposal": 12, "opinion": 1}

Box = tuple[float, float, float, float]


def picture(kind: str, way: Way | None = None) -> Picture:
    said = accept(SHIPPED[kind], f"{kind}.yaml", catalogues())
    return picture_of(definition_from(said.json, said.digest), way, accepted_shipped())


def laid_out(shown: Picture, lang: Lang) -> tuple[Placed, dict[StateName, Size], list[Size]]:
    boxes = {each.name: size_of(box_rows(each, lang), 11) for each in shown.boxes}
    labels = [size_of(label_rows(each, lang), 3) for each in shown.arrows]
    arrows = [(each.source, each.target, size) for each, size in zip(shown.arrows, labels, strict=True)]
    return placed(boxes, arrows), boxes, labels


def around(middle: Point, size: Size) -> Box:
    x, y = middle
    return (x - size.width / 2, y - size.height / 2, x + size.width / 2, y + size.height / 2)


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def crosses(a: Point, b: Point, box: Box) -> bool:
    """Whether a straight piece, across or down, runs through a box."""
    left, right, top, bottom = min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1])
    inside = (box[0] + 0.5, box[1] + 0.5, box[2] - 0.5, box[3] - 0.5)
    return overlap((left, top, right + 0.01, bottom + 0.01), inside)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(SHIPPED))
def test_nothing_in_a_picture_covers_anything(kind: str, lang: Lang) -> None:
    shown = picture(kind)

    there, boxes, labels = laid_out(shown, lang)

    areas = [(str(name), around(there.boxes[name], size)) for name, size in boxes.items()]
    areas += [(f"label {n}", around(line.label, labels[n])) for n, line in enumerate(there.lines)]
    assert [(a, b) for (a, one), (b, other) in combinations(areas, 2) if overlap(one, other)] == []
    struck = [
        (number, name)
        for number, line in enumerate(there.lines)
        for a, b in pairwise(line.points)
        for name, area in areas
        if name != f"label {number}" and crosses(a, b, area)
    ]
    assert struck == []
    assert there.crossings <= CROSSINGS.get(kind, 12)


@pytest.mark.parametrize("kind", sorted(SHIPPED))
def test_an_arrow_begins_at_its_state_and_ends_at_the_other(kind: str) -> None:
    shown = picture(kind)

    there, boxes, _ = laid_out(shown, "zh")

    for arrow, line in zip(shown.arrows, there.lines, strict=True):
        for state, point in ((arrow.source, line.points[0]), (arrow.target, line.points[-1])):
            left, top, right, bottom = around(there.boxes[state], boxes[state])
            assert left - 0.2 <= point[0] <= right + 0.2
            assert top - 0.2 <= point[1] <= bottom + 0.2
            assert min(abs(point[0] - left), abs(point[0] - right), abs(point[1] - top), abs(point[1] - bottom)) <= 0.2


@pytest.mark.parametrize("kind", sorted(SHIPPED))
def test_a_case_goes_down_the_page(kind: str) -> None:
    shown = picture(kind)

    there, _, _ = laid_out(shown, "zh")

    (first,) = (each.name for each in shown.boxes if each.initial)
    assert min(there.boxes, key=lambda name: there.boxes[name][1]) == first
    down = sum(there.boxes[each.source][1] < there.boxes[each.target][1] for each in shown.arrows)
    assert down > len(shown.arrows) / 2


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(SHIPPED))
def test_the_same_procedure_gives_the_same_picture(kind: str, lang: Lang) -> None:
    first, again = (laid_out(picture(kind), lang)[0] for _ in range(2))

    assert first == again


def test_a_picture_that_nobody_can_follow_is_refused_with_advice() -> None:
    boxes = {StateName(f"s{number}"): Size(80, 40) for number in range(40)}
    arrows = [(a, b, Size(60, 30)) for a in boxes for b in boxes if a != b]

    with pytest.raises(Invalid) as raised:
        placed(boxes, arrows)

    (problem,) = raised.value.problems
    assert re.search(r"1560 条连线.*--format dot", problem.text.zh)
    assert "--format dot" in problem.text.en


def test_a_state_that_nothing_leads_to_is_drawn_all_the_same() -> None:
    boxes = {StateName(name): Size(80, 40) for name in ("draft", "done", "island")}

    there = placed(boxes, [(StateName("draft"), StateName("done"), Size(60, 30))])

    areas = [around(there.boxes[name], boxes[name]) for name in boxes]
    assert not any(overlap(one, other) for one, other in combinations(areas, 2))


@pytest.mark.parametrize(
    "text",
    [
        "核稿通过，送保密审查",
        "take in a correction that was late with good reason",
        "登记未答复复议的结果（法院）",
        "a" * 60,
        "",
    ],
)
def test_a_text_in_lines_is_the_same_text(text: str) -> None:
    lines = wrapped(text, 12, 90)

    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert all(width(each, 12) <= 90 or " " not in each for each in lines)
    assert not any(each[:1] in "，。）" for each in lines if each)


def test_a_case_that_was_moved_by_no_step_of_its_procedure_is_drawn_on_its_way() -> None:
    draft, check, gone = StateName("draft"), StateName("office_check"), StateName("a_state_of_an_older_version")
    moved, begun = TransitionName("moved"), TransitionName("start")

    shown = picture("document", Way("DOC-1", ((None, begun, gone), (gone, moved, draft), (draft, moved, check)), check))

    taken = [(arrow.source, arrow.target, arrow.steps[-1].taken) for arrow in shown.arrows if arrow.taken]
    assert taken == [(draft, check, (2,))]
    assert [each.name for each in shown.boxes if each.stands] == [check]
    assert placed({each.name: Size(90, 40) for each in shown.boxes}, [(a, b, Size(60, 30)) for a, b, _ in taken])


def test_a_step_that_was_taken_again_bears_both_its_places() -> None:
    draft, review = StateName("draft"), StateName("section_review")
    submit, recall = TransitionName("submit"), TransitionName("recall")
    steps = ((draft, submit, review), (review, recall, draft), (draft, submit, review))

    shown = picture("document", Way("DOC-1", ((None, TransitionName("start"), draft), *steps), review))

    assert {step.name: step.taken for arrow in shown.arrows for step in arrow.steps if step.taken} == {
        submit: (1, 3),
        recall: (2,),
    }
