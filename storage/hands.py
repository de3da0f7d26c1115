"""Is each open case in the hands of somebody who can act (有人可办)? Found for `doctor`, and told to those above by the sweep.

To look at every open case is cheap, but not for each pass of every minute. A pass looks at the cases of which something was
recorded since the last look, and at all of them once a day, since posts end with days, and after each change of the register.
How far it has looked stands in `meta`; what was told is a row in `steps`, whose key lets it be told once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from storage import people, versions
from storage.accounts import one_person
from storage.authority import ADMIN
from storage.connection import Connection, Row
from storage.people import LOOKED
from storage.statements import BUREAU, HANDS_OF_ALL, HANDS_OF_ONE, HANDS_SINCE, IS_TOLD, LAST_EVENT_ROW, META, SET_META
from storage.store import FiredStep, Store
from storage.telling import UPWARDS
from workflow.case import Actor, Appointment, Case, RoleName, accounts_of, business_date
from workflow.errors import Busy
from workflow.hands import FOUR_EYES, Away, Unmanned, in_words, is_barred, of_persons, stay_of, told_above, unmanned
from workflow.model import Definition
from workflow.story import story
from workflow.text import Text

log = logging.getLogger("gongkai.sweep")

#: Under this name what was told stands among the steps that fired; no clock of a definition can be called so.
RULE = "case.unmanned"
#: Cases of one commit, as in the sweep.
BATCH = 60
#: So many people are named who could be given a post.
MOST_NAMED = 3
#: Reads all and changes nothing; manages people and takes no step: neither is first thought of for another post.
_NEVER = frozenset({ADMIN, RoleName("auditor"), people.READS_ON})


@dataclass(frozen=True, slots=True)
class Found:
    """A case that nobody present can take on, why, and who could be given the post."""

    definition: Definition
    case: Case
    what: Unmanned
    barred: tuple[Actor, ...]  # who hold the role; none where nobody does
    could: tuple[people.Person, ...]
    on: date
    stands_for: Away | None  # whose post could be delegated: one who is away and not barred too

    @property
    def text(self) -> Text:
        """Which case, which step, and why."""
        return in_words(self.definition, self.case, self.what, (each.name for each in self.barred))

    @property
    def way_out(self) -> Text:
        """Who could be given the post, and by which line."""
        return way_out(self.what.role, _place(self.definition, self.what.role, self.case), self.could, self.stands_for)


@dataclass(frozen=True, slots=True)
class ToldAbove:
    """A case of which those above were told that nobody can act."""

    case: str
    number: str
    definition: str


class Register:
    """Everyone with their posts, read once for many cases."""

    def __init__(self, db: Connection, bureau: str, on: date) -> None:
        everyone = people.people(db, bureau)
        self.bureau, self.on, self.one_person = bureau, on, one_person(db)
        registered = tuple(each for each in everyone if each.left_on is None or each.left_on > on)
        self.here = tuple(each for each in registered if each.away_until(on) is None)
        self._away = tuple(each for each in registered if each.away_until(on))
        self._holders: dict[tuple[str, str], tuple[Actor, ...]] = {}

    def holders(self, role: str, section: str) -> tuple[Actor, ...]:
        """Those who hold the role there and are present today, delegates and acting ones included."""
        key = (role, section)
        if key not in self._holders:
            self._holders[key] = tuple(
                Actor(each.id, each.name, self.bureau, each.appointments, one_person=self.one_person)
                for each in self.here
                if _holds_there(each, role, section, self.on)
            )
        return self._holders[key]

    def away(self, role: str, section: str) -> tuple[Away, ...]:
        """Those who hold the role there and are away today, the first to be back first."""
        found = [
            Away(each.id, each.name, until, _is_own(each, role, section, self.on))
            for each in self._away
            if (until := each.away_until(self.on)) and _holds_there(each, role, section, self.on)
        ]
        return tuple(sorted(found, key=lambda each: (each.until_on, each.person)))

    def could(self, role: str, section: str | None) -> Iterator[people.Person]:
        """Who could be given the post, the likeliest first: those who hold it elsewhere, those of the place, those above."""
        ranked = [(_rank(each, role, section, self.on), each.id, each) for each in self.here]
        for rank, _, each in sorted(ranked, key=lambda one: one[:2]):
            if rank < _LAST:
                yield each


_LAST = 9


def _holds_there(who: people.Person, role: str, section: str, on: date) -> bool:
    return any(_holds(post, role, on) and post.section in (None, section) for post in who.appointments)


def _is_own(who: people.Person, role: str, section: str, on: date) -> bool:
    return any(
        _holds(post, role, on) and post.section in (None, section) and post.on_behalf_of is None
        for post in who.appointments
    )


def _holds(post: Appointment, role: str, on: date) -> bool:
    return post.role == role and post.holds_on(on)


def _rank(who: people.Person, role: str, section: str | None, on: date) -> int:
    posts = [post for post in who.appointments if post.holds_on(on) and post.on_behalf_of is None]
    roles = {str(post.role) for post in posts}
    if (roles and roles <= _NEVER) or any(post.role == role and post.section == section for post in posts):
        return _LAST
    if role in roles:
        return 0
    if who.section_on(on) == section or any(post.section == section for post in posts):
        return 1
    return 2 if roles & {*UPWARDS} else 3


def way_out(role: str, place: str | None, could: Iterable[people.Person], away: Away | None = None) -> Text:
    """Who could be given a post, or act for who is away, and the line that has the first of them do it."""
    who = tuple(could)
    if not who:
        return _NOBODY_LEFT
    names = (
        "、".join(f"{each.name}（{each.id}）" for each in who),
        ", ".join(f"{each.name} ({each.id})" for each in who),
    )
    if away:
        line = f"gongkai people delegate {away.person} {who[0].id} --role {role} --until {away.until_on}"
        return _COULD_STAND_IN.filled(names=Text(*names), line=line)
    where = f" --section {place}" if place else ""
    return _COULD.filled(names=Text(*names), line=f"gongkai people appoint {who[0].id} {role}{where} --acting")


def _place(definition: Definition, role: RoleName, case: Case) -> str | None:
    known = definition.roles.get(role)
    return case.section if known and known.scope == "section" else None


# Looking.


def unmanned_cases(store: Store, bureau: str, now: datetime, rows: Iterable[Row] | None = None) -> Iterator[Found]:
    """Every case of the rows, or every open one, that nobody present can take on."""
    register = Register(store.db, bureau, business_date(now))
    yield from _found(store, register, store.db.all(HANDS_OF_ALL, bureau=bureau) if rows is None else rows, now)


def _found(store: Store, register: Register, rows: Iterable[Row], now: datetime) -> Iterator[Found]:
    for row in rows:
        try:
            found = _looked_at(store, register, row, now)
        except Busy:
            raise
        except Exception as error:  # noqa: BLE001 - one bad case hides no other: where it happened is in the log
            log.error("case.hands_unknown", extra={"case": row["id"], "story": story(error)})
            continue
        if found:
            yield found


def _looked_at(store: Store, register: Register, row: Row, now: datetime) -> Found | None:
    holders = register.holders(row["waits_for"], row["section"])
    definition = versions.load(store.db, row["definition"])
    if row["state"] not in definition.states or (holders and _plainly_free(definition, row, holders)):
        return None
    return _found_in(definition, store.case(row["id"], register.bureau), register, now)


def nobody_for(store: Store, case: Case, now: datetime) -> Found | None:
    """Why nobody present can take this case on, as it stands here, and who could be given the post; None where somebody can."""
    if case.waits_for is None or case.closed_at is not None:
        return None
    return _found_in(
        store.definition_of(case.definition), case, Register(store.db, case.bureau, business_date(now)), now
    )


def _found_in(definition: Definition, case: Case, register: Register, now: datetime) -> Found | None:
    holders = register.holders(str(case.waits_for), case.section)
    what = unmanned(definition, case, holders, now, register.away(str(case.waits_for), case.section))
    if what is None:
        return None
    place = _place(definition, what.role, case)

    def barred(person: str) -> bool:
        return is_barred(definition, case, what, accounts_of((person,), register.one_person), now)

    could = [each for each in register.could(what.role, place) if not barred(each.id)]
    # Where those present are barred, or who is away would be, a delegation lifts nothing.
    own = [each for each in what.away if each.is_own and not barred(each.person)]
    stands_for = own[0] if own and not what.guards else None
    return Found(definition, case, what, holders, tuple(could[:MOST_NAMED]), register.on, stands_for)


def _plainly_free(definition: Definition, row: Row, holders: Iterable[Actor]) -> bool:
    """Whether nothing in the trail can bar one of the holders: most cases need no more than this look."""
    here = definition.leaving[row["state"]]
    guards = {name for step in here if step.roles for name in of_persons(definition, step)}
    if not guards:
        return True
    if any(definition.guards[name].check != FOUR_EYES for name in guards):
        return False
    had_a_part = {person for by, _, _ in json.loads(row["trail"]).values() for person in by}
    return any(
        had_a_part.isdisjoint(
            accounts_of((each.id, *filter(None, (p.on_behalf_of for p in each.appointments))), each.one_person)
        )
        for each in holders
    )


# Telling.


def tell_above(store: Store, now: datetime, limit: int) -> tuple[ToldAbove, ...]:
    """Tell those above of each case that nobody can take on, once for each stay and cause. Raises Busy.

    What was looked at is noted when all of it is told: who is killed on the way looks again, and finds what was told.
    """
    looked = day, seen = _looked(store.db)
    there, today = store.db.one(BUREAU), business_date(now).isoformat()
    if there is None or looked == (today, _last_row(store.db)):
        return ()
    with store.db.writing(keep=False):
        # Alone: a step that is about to commit has an earlier row than one that has committed, and would be passed over.
        latest = _last_row(store.db)
    bureau = str(there["id"])
    rows = None if day != today else store.db.all(HANDS_SINCE, bureau=bureau, seen=seen)
    untold = [each for each in unmanned_cases(store, bureau, now, rows) if not _is_told(store, each)]
    told: list[ToldAbove] = []
    for n in range(0, min(len(untold), limit), BATCH):
        with store.db.writing():
            register = Register(store.db, bureau, business_date(now))
            for each in untold[n : min(n + BATCH, limit)]:
                told += _told(store, register, each.case.id, now)
    if len(untold) <= limit:
        with store.db.writing():
            # A change of the register meanwhile asks for another look: what it noted is not written over.
            if _looked(store.db) == looked:
                store.db.run(SET_META, key=LOOKED, value=f"{today} {latest}")
    return tuple(told)


def _last_row(db: Connection) -> int:
    row = db.one(LAST_EVENT_ROW)
    return int(row["last"] or 0) if row else 0


def _told(store: Store, register: Register, case_id: str, now: datetime) -> Iterator[ToldAbove]:
    """The case as it stands under the lock, told of unless somebody was faster or it has gone on."""
    for each in _found(store, register, store.db.all(HANDS_OF_ONE, id=case_id), now):
        if _is_told(store, each):
            continue
        case, stay = each.case, _stay(store, each.case)
        calendar = store.calendar_at(max(now, case.changed_at))
        text = _TOLD.filled(text=each.text, way_out=each.way_out)
        to = _above(store, each)
        decision = told_above(each.definition, case, each.what, stay, to, text, now, calendar)
        store.keep(each.definition, case, decision, FiredStep(RULE, stay, each.what.cause, now), now)
        yield ToldAbove(case.id, case.number, case.definition)


def _above(store: Store, found: Found) -> str:
    """The next above the role who is there and is not one of those barred; the administrator, who appoints, after all others."""
    role, case = str(found.what.role), found.case
    chain = UPWARDS[UPWARDS.index(role) + 1 :] if role in UPWARDS else UPWARDS
    for each in chain:
        there = people.present_holders(store.db, case.bureau, each, case.section, found.on)
        barred = {account for who in found.barred for account in accounts_of((who.id,), who.one_person)}
        if there.keys() - barred:
            return each
    return ADMIN


def _is_told(store: Store, found: Found) -> bool:
    armed = _stay(store, found.case)
    return store.db.one(IS_TOLD, case_id=found.case.id, rule=RULE, armed_seq=armed, step=found.what.cause) is not None


def _stay(store: Store, case: Case) -> int:
    return stay_of(case, store.events(case.id))


def looks_at_all(db: Connection, now: datetime) -> bool:
    """Whether the next look is at every open case: the day is new, or the register has changed."""
    return _looked(db)[0] != business_date(now).isoformat()


def _looked(db: Connection) -> tuple[str, int]:
    row = db.one(META, key=LOOKED)
    day, _, seen = str(row["value"] if row else "").partition(" ")
    return day, int(seen or 0)


_TOLD = Text("{text}。{way_out}", "{text}. {way_out}")
_COULD = Text("可任命{names}：{line}", "could be appointed: {names}: {line}")
_COULD_STAND_IN = Text("可由{names}代办：{line}", "could act meanwhile: {names}: {line}")
_NOBODY_LEFT = Text(
    "本局没有可以任命的人员，请先登记：gongkai people add 编号 姓名",
    "nobody here could be appointed; register somebody first: gongkai people add ID NAME",
)
