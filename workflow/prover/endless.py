"""Cases that open one another without end and with nobody's hand in it, found over all definitions that are read together.

A case that a step has opened takes its automatic steps; these may move other cases, and one of all these steps opens the next. Each
kind is followed with the data that its conditions tell apart, from what its opener gives it. A step that waits for the last day of
a clock is not taken by itself: a year may lie between two such cases, and the office wants it so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeVar

from workflow.case import StateName, TransitionName
from workflow.judge import SYSTEM_ROLE, guards_of
from workflow.model import Definition, Never, Transition
from workflow.prover.circles import Push, Taken, Towards, moves_in_words, place_of_move, pushed
from workflow.prover.faults import Fault, Proof
from workflow.prover.moves import Move, after, openings_of
from workflow.prover.reach import Places
from workflow.prover.sets import ALL, NONE, Set, TooLarge
from workflow.prover.tellable import Tellable
from workflow.text import Text

#: A named check that is unmet until the day of a clock has come.
AWAITS_A_DAY = "last_day_reached"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Link:
    """A step that is taken by itself, and the one that led to it: that moved it, or after which it was open."""

    taken: Taken
    after: Taken | None = None  # None: the case was just opened
    moved: bool = False


def opens_for_ever(definition: Definition, kinds: Mapping[str, Definition]) -> Iterator[Fault]:
    """Every round of cases that open one another in which a step of this definition is taken; each step is told of once."""
    told: set[Taken] = set()
    for ring in _Rounds(kinds).all():
        mine = (n for n, each in enumerate(ring) if each.taken[0] == definition.id and each.taken not in told)
        first = next(mine, None)
        if first is None:
            continue
        told.update(each.taken for each in ring)
        way = [*ring[first:], *ring[: first + 1]]
        step = definition.transitions[way[0].taken[1]]
        at = ("transitions", step.name, "opens") if step.opens else place_of_move(step, way[1].taken[1])
        names = tuple(".".join(each.taken) for each in way)
        yield Fault("opens-for-ever", at, {"name": step.label}, names, tuple(_in_words(kinds, way[:-1])))


class _Rounds:
    """Which step that opens a case leads, by what the system then does by itself, to which other."""

    def __init__(self, kinds: Mapping[str, Definition]) -> None:
        self.kinds = kinds
        self.proof = cache(self._proof)  # only of what may go round is it asked
        self._following = cache(self._followed)

    def all(self) -> Iterator[list[_Link]]:
        """Rounds with every step that opens a case and is in one, each the shortest through one of these."""
        near, told = self._near_each_other(), set[Taken]()
        for each in near:
            ring = None if each in told else self._through(each, near)
            if ring:
                told.update(link.taken for link in ring)
                yield ring

    def _through(self, start: Taken, near: Collection[Taken]) -> list[_Link] | None:
        ways: list[tuple[Taken, list[_Link]]] = [(start, [])]
        seen = {start}
        for at, way in ways:
            following = self._following(at)
            if following is None:
                continue
            if start in following.opening:
                *between, again = following.chain(start)
                return [again, *way, *between]
            fresh = [each for each in following.opening if each in near and each not in seen]
            seen.update(fresh)
            ways += [(each, [*way, *following.chain(each)]) for each in fresh]
        return None

    def _near_each_other(self) -> list[Taken]:
        """The steps that may be taken by themselves and open a case, where kinds alone do not rule a round out."""
        by_itself = self._by_itself()
        openers = {each: opened for each in by_itself if (opened := self._opened(each))}
        moves: dict[str, set[str]] = defaultdict(set)
        for kind, name in by_itself:
            moves[kind] |= {push.to[0] for push in self._pushes(kind, name)}
        leads = {
            start: {each for each in openers if each[0] in _reached([kind], moves)} for start, kind in openers.items()
        }
        return [each for each in openers if each in _reached(leads[each], leads)]

    def _by_itself(self) -> dict[Taken, None]:
        """Every step that the system takes without being asked, and every one that such a step moves."""
        found = {
            (kind.id, step.name): None
            for kind in self.kinds.values()
            for step in kind.transitions.values()
            if _is_automatic(kind, step)
        }
        waiting = [*found]
        while waiting:
            for push in self._pushes(*waiting.pop()):
                if push.to not in found:
                    found[push.to] = None
                    waiting.append(push.to)
        return found

    def _pushes(self, id: str, name: TransitionName) -> Iterator[Push]:
        kind = self.kinds[id]
        for move in kind.transitions[name].moves:
            yield from pushed(self.kinds, kind, move)

    def _opened(self, taken: Taken) -> str | None:
        kind = self.kinds[taken[0]]
        opens = kind.transitions[taken[1]].opens
        opened = kind.children[opens.child].kind if opens else None
        return opened if opened in self.kinds else None

    def _followed(self, start: Taken) -> _Following | None:
        with suppress(TooLarge):  # its own check says so
            return _Following(self, start, str(self._opened(start)))
        return None

    def _proof(self, id: str) -> Proof:
        kind = self.kinds[id]
        asked = (
            each.when for step in kind.transitions.values() for each in (*step.moves, step.opens) if each and each.when
        )
        # By what a case is opened or moved, too, data are told apart.
        more = tuple(Never("", (), each, kind.title) for each in asked)
        told = Tellable(replace(kind, never=(*kind.never, *more))).seen_by(kind)
        return Proof(kind, openings_of(kind, self.kinds.values()), told=told)


class _Following:
    """What the system does by itself once a step has opened a case."""

    def __init__(self, rounds: _Rounds, start: Taken, opened: str) -> None:
        self._rounds, self._start = rounds, start
        #: Every step taken that opens a further case.
        self.opening: list[Taken] = []
        self._links: dict[Taken, _Link] = {}
        #: Where the cases of each kind stand that act by themselves, and after which step they came there.
        self._standing: dict[str, dict[StateName, Set]] = defaultdict(dict)
        self._came: dict[tuple[str, StateName], Taken | None] = {}
        self._moved: dict[str, dict[TransitionName, Taken]] = defaultdict(dict)
        #: Where those may stand that are moved from outside.
        self._found: dict[str, Places] = {}
        self._anywhere: set[str] = set()
        proof, opens = rounds.proof(opened), rounds.kinds[start[0]].transitions[start[1]].opens
        assert opens is not None
        begun = proof.moves.begun_by(opens)
        self._stand(opened, begun.target, after(proof.space, begun.acts, ALL), None)
        waiting = [opened]
        while waiting:
            waiting += self._go_on(waiting.pop())

    def chain(self, taken: Taken) -> list[_Link]:
        """The steps that led to this one from the opening on, and itself."""
        found = [self._links[taken]]
        while before_it := found[-1].after:
            found.append(self._links[before_it])
        return found[::-1]

    def _go_on(self, id: str) -> set[str]:
        """All cases of this kind come as far as they do by themselves; the kinds that are then to be gone on with."""
        out, standing, awake = self._rounds.proof(id).reach.out, self._standing[id], set[str]()
        for state, these in self._found.get(id, {}).items():
            for move in (each for each in out[state] if each.name in self._moved[id]):
                awake |= self._take(id, move, these)
        fresh = [*standing]
        while fresh:
            state = fresh.pop()
            moved = [each for each in out[state] if each.name in self._moved[id]]
            for move in (*moved, *self._automatic(id, state)):
                before_it = standing.get(move.target, NONE)
                awake |= self._take(id, move, standing[state])
                if standing.get(move.target, NONE) != before_it:
                    fresh.append(move.target)
        return awake

    def _automatic(self, id: str, state: StateName) -> Iterator[Move]:
        proof, kind = self._rounds.proof(id), self._rounds.kinds[id]
        for step in kind.leaving[state]:
            if _is_automatic(kind, step) and SYSTEM_ROLE in step.roles.get(state, ()):
                yield proof.moves.taken_by_itself(step, state)

    def _take(self, id: str, move: Move, these: Set) -> set[str]:
        """The kinds that this step wakes, taken from this data."""
        proof, kind = self._rounds.proof(id), self._rounds.kinds[id]
        come = after(proof.space, move.acts, these)
        if come == NONE:
            return set()
        step = kind.transitions[TransitionName(move.name)]
        taken = (id, step.name)
        if taken not in self._links:
            pusher = self._moved[id].get(step.name)
            before_it = pusher or self._came.get((id, move.source or kind.initial))
            self._links[taken] = _Link(taken, before_it, pusher is not None)
        self._stand(id, move.target, come, taken)
        may = proof.tellable.may
        if step.opens and taken not in self.opening and proof.space.both(come, may(step.opens.when)) != NONE:
            self.opening.append(taken)
        pushes = [
            push
            for each in step.moves
            if proof.space.both(come, may(each.when)) != NONE
            for push in pushed(self._rounds.kinds, kind, each)
        ]
        return {each.to[0] for each in pushes if self._push(each, taken)}

    def _push(self, push: Push, pusher: Taken) -> bool:
        """Whether it is news that this one is moved."""
        id, name = push.to
        anywhere = push.towards is Towards.ASIDE or (id != self._start[0] and not self._standing.get(id))
        wider = anywhere and id not in self._anywhere
        if wider:
            self._anywhere.add(id)
            self._found[id] = self._rounds.proof(id).reach.all
        elif id == self._start[0] and id not in self._found:
            self._found[id] = self._left_by_the_opener()
        fresh = name not in self._moved[id]
        self._moved[id].setdefault(name, pusher)
        return wider or fresh

    def _left_by_the_opener(self) -> Places:
        """Where the case stands that has opened the first one, and where it may have gone on to by itself."""
        id, name = self._start
        proof, kind = self._rounds.proof(id), self._rounds.kinds[id]
        found: dict[StateName, Set] = {}
        for move in (each for each in proof.moves.all if each.name == name):
            come = after(proof.space, move.acts, proof.reach.at(move.source or kind.initial))
            found[move.target] = proof.space.either(found.get(move.target, NONE), come)
        fresh = [*found]
        while fresh:
            state = fresh.pop()
            for move in self._automatic(id, state):
                before_it = found.get(move.target, NONE)
                found[move.target] = proof.space.either(before_it, after(proof.space, move.acts, found[state]))
                if found[move.target] != before_it:
                    fresh.append(move.target)
        return found

    def _stand(self, id: str, state: StateName, these: Set, after_: Taken | None) -> None:
        proof = self._rounds.proof(id)
        self._came.setdefault((id, state), after_)
        self._standing[id][state] = proof.space.either(self._standing[id].get(state, NONE), these)


def _is_automatic(kind: Definition, step: Transition) -> bool:
    """Whether the system takes the step as soon as it is open, and it does not wait for a day."""
    return step.auto and all(kind.guards[each].check != AWAITS_A_DAY for each in guards_of(kind, step))


def _reached(start: Iterable[T], leads: Mapping[T, Collection[T]]) -> set[T]:
    found, waiting = {*start}, [*start]
    while waiting:
        fresh = {*leads.get(waiting.pop(), ())} - found
        found |= fresh
        waiting += fresh
    return found


def _in_words(kinds: Mapping[str, Definition], ring: list[_Link]) -> Iterator[Text]:
    """How the cases go on, step by step, in the words of the office."""
    for each in ring:
        kind = kinds[each.taken[0]]
        step = kind.transitions[each.taken[1]]
        child = kind.children[step.opens.child] if step.opens else None
        facts = {"kind": kind.title, "step": step.label, "child": child.label if child else ""}
        if each.moved and each.after:
            yield moves_in_words(kinds, each.after, each.taken)
            if child:
                yield _OPENS.filled(**facts)
        else:
            yield (_BY_ITSELF_OPENS if child else _BY_ITSELF).filled(**facts)


_BY_ITSELF = Text("{kind}自动办理“{step}”", "{kind}: “{step}” is taken by itself")
_BY_ITSELF_OPENS = Text(
    "{kind}自动办理“{step}”，发起{child}", "{kind}: “{step}” is taken by itself and opens “{child}”"
)
_OPENS = Text("{kind}“{step}”发起{child}", "{kind}: “{step}” opens “{child}”")
