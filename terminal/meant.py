"""Which kind of case, state or section is meant by what was typed: its name or its label, in either language.

What nobody knows is refused with what comes near it and with all that there are: a slip of the pen is never "no case fits".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from terminal.typed import suggestions
from workflow.errors import Invalid, NotFound, Problem
from workflow.text import Text, listed

if TYPE_CHECKING:
    from storage import Desk
    from workflow.model import Definition

KIND_SAYS = Text(
    "事项种类，代码或名称，如 document 或 公文（全部：gongkai definitions list）",
    "kind of case, by name or title, such as document (all: gongkai definitions list)",
)

#: So many states are listed in a refusal; all kinds together have hundreds.
MOST_STATES = 40


def kind_meant(desk: Desk, said: str) -> str:
    """The kind of this name, of this title, or the only one whose title begins so. Raises NotFound."""
    installed = desk.definitions()
    if any(each.id == said for each in installed):
        return said
    titles = {name: each.title for name, each in kinds_of(desk).items()}
    wanted = said.strip().casefold()
    for name, title in titles.items():
        if wanted in (name.casefold(), *_read(title)):
            return name
    begun = [name for name, title in titles.items() if any(each.startswith(wanted) for each in _read(title))]
    if len(wanted) > 1 and len(begun) == 1:
        return begun[0]
    near = begun if len(wanted) > 1 and begun else list(_near(said, titles))
    raise NotFound(
        _NO_KIND_NEAR if near else _NO_KIND,
        name=said,
        near=_with_labels({each: titles[each] for each in near}),
        known=_with_labels(titles),
    )


def kinds_of(desk: Desk) -> Mapping[str, Definition]:
    """Each kind of case as its newest version says."""
    return {each.id: desk.definition_of(each.digest) for each in desk.definitions()}


def definition_meant(desk: Desk, said: str) -> Definition:
    """The definition in force of the kind that is meant. Raises NotFound."""
    return desk.definition(kind_meant(desk, said))


def version_meant(desk: Desk, said: str) -> str:
    """KIND@VERSION with the kind by its name, where it was said by its title; anything else as it was said."""
    kind, at, version = said.partition("@")
    return f"{kind_meant(desk, kind)}@{version}" if at and kind else said


def state_meant(kinds: Iterable[Definition], said: str, field: str = "state") -> str:
    """The state of this name or label in any of these kinds. Raises Invalid."""
    states = {str(name): state.label for kind in kinds for name, state in kind.states.items()}
    wanted = said.strip().casefold()
    for name, label in states.items():
        if wanted in (name.casefold(), *_read(label)):
            return name
    near = {each: states[each] for each in _near(said, states)}
    many = len(states) > MOST_STATES
    text = (_NO_STATE if not near else _NO_STATE_OF_MANY if many else _NO_STATE_NEAR).filled(
        name=said, near=_with_labels(near), known=_with_labels(states)
    )
    raise Invalid((Problem("unknown-state", text, field=field),))


def section_meant(desk: Desk, said: str) -> str:
    """The section of this name, one that was closed included: its cases keep it. Raises Invalid."""
    known = desk.sections()
    if said in known:
        return said
    near = tuple(suggestions(said, known))
    facts = {"near": listed(map(_plain, near)), "known": listed(map(_plain, known))}
    text = (_NO_SECTION_NEAR if near else _NO_SECTION).filled(name=said, **facts)
    raise Invalid((Problem("unknown-section", text, field="section"),))


def _near(said: str, labels: Mapping[str, Text]) -> Iterable[str]:
    """Names of what may have been meant, by name or by label, the nearest first."""
    words = {word: name for name, label in labels.items() for word in (name, label.zh, label.en)}
    return dict.fromkeys(words[each] for each in suggestions(said, words))


def _read(label: Text) -> tuple[str, str]:
    return label.zh.casefold(), label.en.casefold()


def _with_labels(labels: Mapping[str, Text]) -> Text:
    return listed(_NAMED.filled(name=name, label=label) for name, label in labels.items())


def _plain(name: str) -> Text:
    return Text(name, name)


_NAMED = Text("{name}（{label}）", "{name} ({label})")
_NO_KIND_NEAR = Text(
    "没有事项种类“{name}”；您要的是 {near}吗？现有：{known}；详见 gongkai definitions list",
    "there is no kind of case “{name}”; did you mean {near}? There are: {known}; see gongkai definitions list",
)
_NO_KIND = Text(
    "没有事项种类“{name}”；现有：{known}；详见 gongkai definitions list",
    "there is no kind of case “{name}”; there are: {known}; see gongkai definitions list",
)
_NO_STATE_NEAR = Text(
    "没有环节“{name}”；您要的是 {near}吗？可用：{known}",
    "there is no state “{name}”; did you mean {near}? There are: {known}",
)
_NO_STATE_OF_MANY = Text(
    "没有环节“{name}”；您要的是 {near}吗？各种类的环节见 gongkai definitions show 种类",
    "there is no state “{name}”; did you mean {near}? For the states of a kind: gongkai definitions show KIND",
)
_NO_STATE = Text("没有环节“{name}”；可用：{known}", "there is no state “{name}”; there are: {known}")
_NO_SECTION_NEAR = Text(
    "没有科室“{name}”；您要的是 {near}吗？现有：{known}",
    "there is no section “{name}”; did you mean {near}? There are: {known}",
)
_NO_SECTION = Text("没有科室“{name}”；现有：{known}", "there is no section “{name}”; there are: {known}")
