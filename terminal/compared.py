"""What two versions can come to, as `definitions diff` shows it: the situations that are safe, unsafe or new, and what was promised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from terminal.render import Block, Line, Tinted, Tone
from workflow.text import Lang, Text, listed

if TYPE_CHECKING:
    from workflow.explored import Explored, Promise, Standing


def explored_blocks(found: Explored, lang: Lang) -> Iterator[Block]:
    """The situations of both versions, state by state, then what the old one promised and the new one does not."""
    yield Line(Tinted(_SITUATIONS.read(lang), Tone.STRONG))
    if found.unexplored:
        yield Line(found.unexplored.read(lang), indent=2)
        return
    told = [each for each in found.standings if each.safe < each.count or each.fresh]
    for each in told:
        yield from _standing(each, lang)
    if not told:
        yield Line(Tinted(_ALL_SAFE.read(lang), Tone.GOOD), indent=2)
    if found.promises:
        yield Line("")
        yield Line(Tinted(_PROMISES.read(lang), Tone.STRONG))
        for promise in found.promises:
            yield from _promise(promise, lang)


def _standing(each: Standing, lang: Lang) -> Iterator[Block]:
    said = (_COUNTS if each.safe < each.count else _SAFE).filled(
        count=f"{each.count:,}", safe=f"{each.safe:,}", unsafe=f"{each.count - each.safe:,}"
    )
    fresh = _FRESH.filled(count=f"{each.fresh:,}").read(lang) if each.fresh else ""
    counts = said.read(lang) if each.count else ""
    tone = Tone.WARN if each.safe < each.count or each.way else Tone.DIM
    yield Line(
        (Tinted(each.state, Tone.STRONG), f"  {each.label.read(lang)}  ", Tinted(counts + fresh, tone)), indent=2
    )
    yield from (Line((Tinted("- ", Tone.DIM), reason.read(lang)), indent=4) for reason in each.reasons)
    if each.way:
        yield Line((Tinted("- ", Tone.DIM), _NEW_WAY.filled(way=_way(each.way)).read(lang)), indent=4)


def _promise(each: Promise, lang: Lang) -> Iterator[Block]:
    mark, tone = _MARKS[each.verdict]
    yield Line((Tinted(mark + " ", tone), each.text.read(lang), f"  [{each.name}]"), indent=2)
    if each.way:
        yield Line((Tinted("- ", Tone.DIM), _way(each.way).read(lang)), indent=4)


def _way(steps: tuple[Text, ...]) -> Text:
    return listed(steps, "；", "; ")


_MARKS = {"holds": ("✓", Tone.GOOD), "breaks": ("✗", Tone.BAD), "cannot": ("?", Tone.WARN)}
_SITUATIONS = Text("能到的情形（状态 × 数据）", "What cases can come to (state × data)")
_ALL_SAFE = Text(
    "旧版的每种情形在新版中都可照旧，也没有新的情形", "every situation is safe as it stands, and none is new"
)
_PROMISES = Text("旧版有、新版不再有的规定", "What the old version promised and the new one does not")
_COUNTS = Text(
    "{count} 种：{safe} 种照旧，{unsafe} 种须另作处理", "{count} situations: {safe} safe, {unsafe} to be mapped"
)
_SAFE = Text("{count} 种，都可照旧", "{count} situations, all safe")
_FRESH = Text("　新版新增 {count} 种", "  {count} new")
_NEW_WAY = Text("新情形的最短路径：{way}", "the shortest way to what is new: {way}")
