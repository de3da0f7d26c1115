"""What came of a step: the case as it now stands, its clocks, and what went on with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from terminal.clocks import Moved, last_days, moves
from terminal.failure import reason_facts
from terminal.looking import hands_of, sub_cases
from terminal.naming import helpers_of
from terminal.render import Block, Line, Tinted, Tone, write_talk
from terminal.session import Session
from workflow.case import EDIT, TRANSFER
from workflow.text import Lang, Text
from workflow.words import value_in_words

if TYPE_CHECKING:
    from storage import Desk
    from storage.views import CaseView, Done


def say_done(
    session: Session,
    desk: Desk,
    done: Done,
    dry_run: bool,
    number_only: bool = False,
    before: CaseView | None = None,
) -> None:
    """The case as it now stands on stdout; warnings and remarks on stderr."""
    helpers, warnings = helpers_of(done.case.definition), done.warnings
    # Whoever hands a case on is told by the act itself that nobody there can take it up.
    is_said = done.repeated or done.event.transition == TRANSFER
    nobody = None if is_said else desk.staffing.in_nobodys_hands(done.case.case)
    facts: dict[str, object] = {
        "case": done.case.to_json(),
        "warnings": [reason_facts(each, helpers) for each in warnings],
        "repeated": done.repeated,
        "dry_run": dry_run,
        "moved": [each.to_json() for each in moves(before, done.case)],
        "nobody": nobody.to_json() if nobody else None,
        "went_on": _woken_facts(*done.woken) if done.woken else None,
    }
    lang = session.lang
    told = tuple(_told(session, desk, done, dry_run, before))
    if number_only and not session.json:
        number = done.case.case.number
        session.answer(facts, Line(number))
        if not session.quiet:
            write_talk(told if dry_run else (*told, Line(session.read(_NEXT.filled(number=number)), indent=2)))
    else:
        session.answer(facts, *told)
    if not session.quiet:
        remarks = (*(each.text for each in warnings), *([nobody] if nobody else []))
        write_talk(Line((Tinted("! ", Tone.WARN), each.read(lang))) for each in remarks)


def _told(session: Session, desk: Desk, done: Done, dry_run: bool, before: CaseView | None) -> Iterator[Block]:
    lang, case, definition = session.lang, done.case.case, done.case.definition
    if dry_run:
        yield Line(Tinted(_DRY.read(lang), Tone.WARN))
    if done.repeated:
        yield Line(Tinted(_REPEATED.read(lang), Tone.WARN))
    # An automatic step may have followed in the same commit: what counts is where the case stands.
    target = definition.states[done.event.target if done.repeated else case.state].label.read(lang)
    source = definition.states[done.event.source].label.read(lang) if done.event.source else None
    way = target if source in (None, target) else f"{source} → {target}"
    if source == target and done.event.transition in definition.acts:
        way = f"{definition.acts[done.event.transition].label.read(lang)}  [{target}]"
    yield Line((Tinted("✓ ", Tone.GOOD), Tinted(case.number, Tone.STRONG), f"  {way}"))
    if done.event.transition == EDIT:
        for name, value in done.event.data.items():
            yield Line(
                f"{definition.fields[name].label.read(lang)}{Text('：', ': ').read(lang)}"
                f"{value_in_words(definition, name, value).read(lang)}",
                indent=2,
            )
    if case.waits_for:
        yield Line(_NOW_WITH.filled(hands=hands_of(done.case, lang)).read(lang), indent=2)
    yield from _moved(moves(before, done.case), lang)
    yield from last_days(done.case, desk.now(), lang)
    stood = before.case.children if before else ()
    yield from sub_cases(done.case, (each for each in done.case.children if each not in stood), lang)
    if done.woken:
        before, after = done.woken
        yield from _woken(before, after, lang)


def _moved(moved: tuple[Moved, ...], lang: Lang) -> Iterator[Block]:
    if moved:
        yield Line(Tinted(_MOVED.read(lang), Tone.STRONG), indent=2)
        yield from (each.line(lang) for each in moved)


def _woken_facts(before: CaseView, after: CaseView) -> dict[str, object]:
    moved = [each.to_json() for each in moves(before, after)]
    return {"number": after.case.number, "from": before.case.state, "to": after.case.state, "moved": moved}


def _woken(before: CaseView, after: CaseView, lang: Lang) -> Iterator[Block]:
    """The case that waited for this one: it went on in the same commit, with its clocks."""
    old, new = (each.definition.states[each.case.state].label.read(lang) for each in (before, after))
    number = Tinted(after.case.number, Tone.STRONG)
    yield Line((Tinted("✓ ", Tone.GOOD), number, f"  {old} → {new}", _WENT_ON.read(lang)))
    yield from _moved(moves(before, after), lang)


_MOVED = Text("时限变动：", "clocks that move:")
_WENT_ON = Text("（等候的事项随即续办）", " (the case that waited for it went on)")
_NEXT = Text(
    "接下来能办什么、还缺什么：gongkai why {number}", "what comes next, and what is missing: gongkai why {number}"
)
_DRY = Text("试运行，没有写入：", "dry run, nothing was written:")
_REPEATED = Text("这个请求以前已办，没有重办：", "this request was acted on before; not done again:")
_NOW_WITH = Text("现由{hands}办理", "now with {hands}")
