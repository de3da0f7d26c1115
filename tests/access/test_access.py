"""Nobody does what their appointment does not allow: every role, section, state, step and authorship, against a table by hand.

`permitted.csv` says what is permitted; everything else must be refused, and every state and step must be in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pytest

from tests.access.bureaus import ACTING, DELEGATE, EVERYTHING, HOLDERS, OWN, SECTION_ROLES, SOMEBODY, Bureau, Holder
from tests.access.table import EDIT, IMPORT, START, SYSTEM, Permitted, kinds, personal, table
from tests.cli.calling import NOW, call_with
from workflow.case import Option
from workflow.errors import Denied, GongkaiError, NotFound, Refused

KINDS = kinds()


def _may(permitted: Permitted, who: Holder, step: str, state: str = "") -> bool:
    """What the table says of somebody with one post and a case of `OWN`."""
    return who.role in permitted.roles(step, state) and who.section in (None, OWN)


def _states(bureau: Bureau, kind: str) -> list[str]:
    return list(bureau.desk.definition(kind).states)


def _steps(options: tuple[Option, ...]) -> dict[str, Option]:
    return {each.transition: each for each in options if not each.is_act}


def _lacks_the_post(option: Option) -> bool:
    return any(each.kind == "role" for each in option.unmet)


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_knows_every_state_and_step_and_speaks_of_no_other(bureau: Bureau, kind: str) -> None:
    definition, permitted = bureau.desk.definition(kind), table()[kind]

    assert {each for row in permitted.rows for each in row.states} <= {*definition.states}
    assert set(permitted.transitions()) == {*definition.transitions}
    assert {role for row in permitted.rows for role in row.roles} <= {*definition.roles}


def test_whose_section_a_row_speaks_of_follows_from_its_posts() -> None:
    rows = [row for kind in KINDS for row in table()[kind].rows]

    assert not [row for row in rows if {role in SECTION_ROLES for role in row.roles} != {row.section == "own"}]


@pytest.mark.parametrize("kind", KINDS)
def test_each_begins_only_what_is_theirs_to_begin(bureau: Bureau, kind: str) -> None:
    permitted, wrong = table()[kind], []

    for who in HOLDERS:
        may = True
        try:
            bureau.desk.start(bureau.actor(who.id), kind, title="关于下达专项资金的通知", section=OWN, dry_run=True)
        except Denied:
            may = False
        except Refused:
            pass  # what else is lacking is another table's matter
        if may != _may(permitted, who, START):
            wrong.append((who.id, may))

    assert not wrong


@pytest.mark.parametrize("kind", KINDS)
def test_each_enters_only_what_is_theirs_of_the_past(bureau: Bureau, kind: str) -> None:
    permitted, may = table()[kind], set()

    for who in HOLDERS if bureau.desk.definition(kind).intake else ():
        try:
            bureau.desk.take_in(bureau.actor(who.id), kind, [], section=OWN, dry_run=True)
            may.add(who.id)
        except Denied:
            pass

    assert may == {who.id for who in HOLDERS if _may(permitted, who, IMPORT)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrote", [False, True], ids=["another's", "one's own"])
@pytest.mark.parametrize("reviewed", [False, True], ids=["reviewed by another", "reviewed by oneself"])
def test_a_step_is_open_to_the_posts_of_the_table_and_to_no_other(
    bureau: Bureau, kind: str, wrote: bool, reviewed: bool
) -> None:
    permitted, case = table()[kind], bureau.begun(kind)
    before = {each for step in permitted.transitions() for each in permitted.another_than(step)}
    wrong: list[object] = []

    for state in _states(bureau, kind):
        for who in HOLDERS:
            trail = {START: (who.id,)} if wrote else {}
            trail |= dict.fromkeys(before - {START}, (who.id,)) if reviewed else {}
            bureau.place(case, state, trail)
            wrong += _differing(bureau, permitted, case, state, who, trail)

    assert not wrong


def _differing(
    bureau: Bureau, permitted: Permitted, case: str, state: str, who: Holder, trail: Mapping[str, tuple[str, ...]]
) -> Iterator[object]:
    """Each way in which the desk answers this person otherwise than the table says."""
    actor = bureau.actor(who.id)
    if not who.sees:
        for question in (bureau.desk.options, bureau.desk.editable, bureau.desk.case, bureau.desk.history):
            with pytest.raises(NotFound):
                question(actor, case)
        return
    offered = _steps(bureau.desk.options(actor, case))
    if offered.keys() != permitted.by_people(state):
        yield state, who.id, offered.keys() ^ permitted.by_people(state)
    for step, option in offered.items():
        if _lacks_the_post(option) == _may(permitted, who, step, state):
            yield state, who.id, step, "may not" if _lacks_the_post(option) else "may"
        barred = bool(trail.keys() & permitted.another_than(step)) or not permitted.only(step) <= trail.keys()
        if option.allowed and barred:
            yield state, who.id, step, "whoever took", trail
    if bool(bureau.desk.editable(actor, case)) != _may(permitted, who, EDIT, state):
        yield state, who.id, EDIT


@pytest.mark.parametrize("kind", KINDS)
def test_another_person_is_asked_for_where_the_table_says_and_nowhere_else(bureau: Bureau, kind: str) -> None:
    """What the table names is tried step by step, and all that it names nowhere in one go."""
    named = table()[kind].named
    others = [_before(bureau, kind) - named]

    assert not [*_wrongly_barred(bureau, kind, ({each} for each in sorted(named)))]
    assert not [*_wrongly_barred(bureau, kind, others)]


@pytest.mark.torture
@pytest.mark.parametrize("kind", KINDS)
def test_another_person_is_asked_for_after_no_other_step(bureau: Bureau, kind: str) -> None:
    assert not [*_wrongly_barred(bureau, kind, ({each} for each in sorted(_before(bureau, kind))))]


@pytest.mark.parametrize(
    ("actor", "by"),
    [
        (DELEGATE, (EVERYTHING,)),
        (DELEGATE, (DELEGATE,)),
        (DELEGATE, (DELEGATE, EVERYTHING)),
        (EVERYTHING, (DELEGATE, EVERYTHING)),
        (ACTING, (ACTING,)),
    ],
    ids=["for who wrote", "who wrote for another", "who wrote for the same", "who had it written", "who only acts"],
)
@pytest.mark.parametrize("kind", KINDS)
def test_the_person_is_asked_and_not_the_post(bureau: Bureau, kind: str, actor: str, by: tuple[str, ...]) -> None:
    """Whoever wrote, or had it written by a delegate, does not review by another post, by a delegate's hand or for another."""
    assert not [*_wrongly_barred(bureau, kind, [{*table()[kind].named}], actor, by)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_delegate_did_by_a_post_of_their_own_bars_nobody_else(bureau: Bureau, kind: str) -> None:
    wrong = _wrongly_barred(bureau, kind, [{*table()[kind].named}], EVERYTHING, (DELEGATE,), counts=False)

    assert not [*wrong]


def _before(bureau: Bureau, kind: str) -> set[str]:
    """All that somebody can have done before."""
    return {START, *table()[kind].transitions(), *(f"{EDIT}.{each}" for each in _states(bureau, kind))}


def _wrongly_barred(
    bureau: Bureau,
    kind: str,
    taken: Iterable[set[str]],
    person: str = EVERYTHING,
    by: tuple[str, ...] = (EVERYTHING,),
    *,
    counts: bool = True,
) -> Iterator[object]:
    """Each step, after these by the same person, of which the table does not say so that it is for another, or only for them.

    Who holds every post tries it once after somebody else has taken them, and once after having taken them: what then is lacking
    beside, or no longer, hangs on the person. `counts`: whether what `by` did is the person's own doing.
    """
    permitted, case, actor = table()[kind], bureau.begun(kind), bureau.actor(person)
    for before in taken:
        for state in _states(bureau, kind):
            lacking = []
            for takers in ((SOMEBODY,), by):
                bureau.place(case, state, dict.fromkeys(before, takers))
                options = _steps(bureau.desk.options(actor, case))
                lacking.append({step: {each.name for each in said.unmet} for step, said in options.items()})
            of_another, of_oneself = lacking
            for step in of_another:
                found = of_oneself[step] > of_another[step], of_another[step] > of_oneself[step]
                only = permitted.only(step)
                wanted = not before.isdisjoint(permitted.another_than(step)), bool(only) and only <= before
                if found != (wanted if counts else (False, False)):
                    yield state, step, sorted(before), "barred" if found[0] else "only" if found[1] else "open"


@pytest.mark.parametrize("kind", KINDS)
def test_the_door_itself_turns_away_whom_the_table_does_not_name(bureau: Bureau, kind: str) -> None:
    """What `options` says, `fire` does: for every state and step that leaves it, and everybody."""
    permitted, case, wrong = table()[kind], bureau.begun(kind), []

    for state in _states(bureau, kind):
        bureau.place(case, state)
        for step in (each for each in permitted.transitions() if permitted.roles(each, state)):
            for who in HOLDERS:
                said = _answer(bureau, who.id, case, step)
                turned_away = NotFound if not who.sees else Denied
                if (said is turned_away) == _may(permitted, who, step, state):
                    wrong.append((state, step, who.id, said))

    assert not wrong


@pytest.mark.parametrize("kind", KINDS)
def test_no_post_takes_a_step_from_where_it_does_not_begin(bureau: Bureau, kind: str) -> None:
    permitted, case, wrong = table()[kind], bureau.begun(kind), []

    for state in _states(bureau, kind):
        bureau.place(case, state)
        for step in (each for each in permitted.transitions() if not permitted.roles(each, state)):
            said = _answer(bureau, EVERYTHING, case, step)
            if said not in (Refused, Denied):
                wrong.append((state, step, said))

    assert not wrong


def _answer(bureau: Bureau, person: str, case: str, step: str) -> type[GongkaiError] | None:
    """As what the desk refuses the step, tried and taken back; None where it does not."""
    try:
        bureau.desk.fire(bureau.actor(person), case, step, comment="按规定办理，情况属实", dry_run=True)
    except GongkaiError as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_personal_is_shown_whole_to_those_of_the_table(bureau: Bureau, kind: str) -> None:
    """`personal.csv` says who works with which personal data; everyone else who sees the case sees them masked."""
    wanted, case, wrong = personal(kind), bureau.begun(kind), []
    fields = bureau.desk.definition(kind).fields.values()

    for who in (each for each in HOLDERS if each.sees):
        try:
            shown = bureau.desk.case(bureau.actor(who.id), case, reveal=True).revealed
        except Denied:
            shown = frozenset()
        if shown != {name for name, roles in wanted.items() if who.role in roles}:
            wrong.append((who.id, shown))

    assert {each.name for each in fields if each.personal} == wanted.keys()
    assert not wrong


def test_nobody_acts_as_the_system(bureau: Bureau) -> None:
    assert any(SYSTEM in row.roles for each in table().values() for row in each.rows)

    for name in (SYSTEM, "系统", "SYSTEM"):
        with pytest.raises(NotFound):
            bureau.desk.actor(name)


@pytest.mark.parametrize(
    ("kind", "state", "step"),
    [
        ("document", "draft", "submit"),
        ("document", "section_review", "endorse"),
        ("document", "leader_approval", "sign"),
        ("request", "received", "extend"),
        ("request", "signing", "sign"),
        ("proposal", "signing", "sign"),
    ],
)
def test_the_command_line_says_4_to_whom_the_table_does_not_name(
    bureau: Bureau, kind: str, state: str, step: str
) -> None:
    permitted, case = table()[kind], bureau.begun(kind)
    bureau.place(case, state)
    line = ("do", case, step, "--dry-run", "--db", bureau.desk.url, "--now", NOW)

    codes = {who: call_with([*line, "--as", who.id]).code for who in HOLDERS}

    assert {who.id for who, code in codes.items() if code != 4} == {
        who.id for who in HOLDERS if _may(permitted, who, step, state)
    }
    assert set(codes.values()) <= {0, 3, 4}
