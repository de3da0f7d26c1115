"""Nothing of another section is told: not by lists, counts, searches or exports, and what is not yours looks like what is not there.

One bureau has cases of 国库科 alone; the other has the same and, in 预算科, a case of every kind with a canary in each field, late,
moved and told about. Whoever works in 国库科 gets the same answer from both, byte for byte.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click
import pytest

from cli import gongkai
from storage import Desk
from tests.access.bureaus import HOLDERS, OTHER, OWN, a_hand, bureau_at
from tests.cli.calling import NOW, Call, call_with
from tests.factories import Clock
from workflow.case import SHANGHAI
from workflow.errors import Denied, GongkaiError, Invalid, Refused
from workflow.model import Field, FieldType

CANARY = "金丝雀"
JANUARY = datetime(2026, 1, 5, 9, 0, tzinfo=SHANGHAI)
#: Those who work in 国库科 alone, and the administrator, who sees no case at all.
OUTSIDERS = (*(each.id for each in HOLDERS if each.section == OTHER), "admin")
FORMS = ((), ("--json",))
#: So many of the questions about one case come first that a quick look asks no others.
READING = 4
KINDS_ASKED = ("document", "request")
#: What everyone who can open the database may ask about its health: numbers of cases and counts, never what they hold.
OF_OPERATORS = {
    "doctor",
    "outbox deliver",
    "outbox list",
    "outbox retry",
    "seal",
    "verify",
    "sweep",
    "definitions diff",
}
#: What shows no case: it is about the law, the definitions, the people, or makes a database, or a copy for whoever reads its file.
OF_NO_CASE = {
    "backup", "restore", "calendar due", "calendar hours", "calendar import", "calendar show", "definitions check", "definitions diagram",
    "definitions export", "definitions install", "definitions list", "definitions migrate", "definitions schema",
    "definitions show", "definitions test", "demo", "import", "init", "law adopt", "law show", "law unverified", "letter check",
    "letter list", "people add", "people address", "people appoint", "people away", "people back", "people delegate", "people bureau", "people end", "people leave", "people record", "people same",
    "people move", "people reorganise", "people section", "replay", "scheduler",
}  # fmt: skip


@dataclass(frozen=True)
class Bureaus:
    """The address of the bureau without the other section's cases and of that with them; its kinds, and their numbers."""

    without: Path
    within: Path
    numbers: dict[str, str]


class Ids:
    """Case ids in a row, from a given one."""

    def __init__(self, first: int) -> None:
        self._next = first

    def __call__(self) -> str:
        self._next += 1
        return f"case-{self._next:04d}"


@pytest.fixture(scope="module")
def bureaus(tmp_path_factory: pytest.TempPathFactory) -> Bureaus:
    place = tmp_path_factory.mktemp("leaks")
    without, within = place / "without.db", place / "within.db"
    url, clock = bureau_at(without), Clock(JANUARY)
    with Desk.open(url, clock=clock, ids=Ids(0)) as desk:
        for kind in _kinds(desk):
            _begun(desk, kind, OTHER, "本科室的事项")
        clock.set(NOW)
        desk.sweep()
    with closing(a_hand(url)) as hand:
        hand.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(without, within)
    return Bureaus(without, within, _planted(f"sqlite:///{within}"))


def _kinds(desk: Desk) -> list[str]:
    return sorted({each.id for each in desk.definitions()})


def _begun(desk: Desk, kind: str, section: str, title: str) -> str | None:
    """The number of a case of this kind, by whoever may begin it there; None where nobody may by hand."""
    for who in HOLDERS:
        if who.section in (None, section):
            try:
                return desk.start(desk.actor(who.id), kind, title=title, section=section).case.case.number
            except (Denied, Refused, Invalid):
                continue
    return None


def _planted(url: str) -> dict[str, str]:
    """The numbers, by kind, of cases of 预算科: late, told about, one set aside, and a canary in every field and comment."""
    clock, numbers = Clock(JANUARY), {}
    with Desk.open(url, clock=clock, ids=Ids(1000)) as desk:
        for kind in _kinds(desk):
            number = _begun(desk, kind, OWN, f"{CANARY}的标题")
            if number:
                numbers[kind] = number
                _speak(desk, number)
        head = desk.actor("section_head-own")
        paper = _begun(desk, "document", OWN, f"{CANARY}的会签件")
        scan = Path(url.removeprefix("sqlite:///")).with_name(f"{CANARY}.txt")
        scan.write_text(CANARY)
        desk.attachments.add(desk.actor("drafter-own"), str(paper), scan, title=f"{CANARY}的附件")
        desk.fire(desk.actor("drafter-own"), str(paper), "submit")
        asks = {"cosign_section": OWN, "cosign_question": f"{CANARY}之问"}
        desk.fire(head, str(paper), "ask_cosign", data=asks)
        desk.fire(head, str(paper), "circulate", data={"to": "drafter-own"}, comment=f"{CANARY}请阅")
        desk.fire(desk.actor("office"), str(paper), "urge", comment=f"{CANARY}请速办")
        lost = _begun(desk, "document", OWN, f"{CANARY}的搁置件")
        late = [_asked_for(desk, "2026-01-05") for _ in range(2)]
        clock.set(NOW)
        desk.sweep()
        still = _asked_for(desk, "2026-03-02")
        _account_for(desk, late[0], still)
        with closing(a_hand(url)) as hand:
            for kind, number in numbers.items():
                told = json.dumps(
                    {f.name: _canary(f) for f in desk.definition(kind).fields.values()}, ensure_ascii=False
                )
                hand.execute("UPDATE cases SET data = ?, title = ? WHERE number = ?", (told, f"{CANARY}的标题", number))
            hand.execute("UPDATE cases SET state = 'nowhere', next_at = opened_at WHERE number = ?", (lost,))
            # As if its clock stood still for longer than another of its own runs.
            hand.execute("UPDATE cases SET due_at = opened_at WHERE id = ?", (still,))
            # As if it had ended by itself, late, and nobody had said why.
            hand.execute("UPDATE deadlines SET outcome = 'late', closed_at = due_at WHERE case_id = ?", (late[1],))
            hand.execute("UPDATE cases SET closed_at = changed_at, waits_for = NULL WHERE id = ?", (late[1],))
        desk.sweep()
    return numbers


def _asked_for(desk: Desk, on: str) -> str:
    """The id of a request that came to the counter on that day, by somebody whose name is a canary."""
    said = {
        "applicant_name": f"{CANARY}申请人", "applicant_kind": "natural", "id_kind": "resident_id", "id_number": "11010519491231002X",
        "contact": "13900000000", "subject": f"{CANARY}决算", "form_wanted": "electronic", "channel": "counter", "submitted_on": on,
    }  # fmt: skip
    done = desk.start(desk.actor("office"), "request", title=f"{CANARY}的申请", section=OWN, data=said)
    return done.case.case.id


def _account_for(desk: Desk, late: str, fresh: str) -> None:
    """One that is late is signed for and explained; of another the clock stands still while a third party is asked."""
    office = desk.actor("office")
    desk.fire(office, late, "sign_for")
    desk.fire(office, late, "explain_lateness", data={"cause": "staff", "section": OWN})
    desk.fire(office, fresh, "take_up")
    asks = {"party": f"{CANARY}公司", "question": f"{CANARY}可否公开", "consulted_on": "2026-03-02"}
    desk.fire(office, fresh, "consult_third_party", data=asks)


def _speak(desk: Desk, number: str) -> None:
    """Somebody writes a canary in every text that may be written there."""
    for who in HOLDERS:
        try:
            fields = desk.editable(desk.actor(who.id), number)
            definition = desk.case(desk.actor(who.id), number).definition
        except GongkaiError:
            continue
        for name in (each for each in fields if definition.fields[each].type == FieldType.TEXT):
            try:
                desk.edit(desk.actor(who.id), number, data={name: _words(name)})
            except GongkaiError:
                continue


def _words(field: str) -> str:
    """What is written in a text while the case is on its way."""
    return f"{CANARY}的内容，写在{field}里"


def _canary(field: Field) -> object:
    match field.type:
        case FieldType.TEXT:
            return f"{CANARY}的{field.name}"
        case FieldType.ENUM:
            return next(iter(field.choices))
        case FieldType.BOOL:
            return True
        case FieldType.DATE:
            return "1999-12-31"
        case FieldType.CASE:
            return None
        case _:
            return 73737373


def _types(db: Path, person: str, words: tuple[str, ...]) -> Call:
    return call_with([*words, "--as", person, "--db", str(db), "--now", NOW])


def _asks_about_all(kinds: Sequence[str], out: Path) -> Iterator[tuple[str, ...]]:
    """Every command that reads cases without being told which."""
    yield from (("todo",), ("todo", "--all"), ("list",), ("list", "--overdue"), ("list", "--section", OWN))
    yield from (
        ("list", "--q", CANARY),
        ("list", "--q", "的标题"),
        ("list", "--limit", "1"),
        ("board",),
        ("people", "list", "--all"),
    )
    yield from (("calendar", "recompute", "--dry-run"), ("list", "--state", "draft", "--kind", "document"))
    for kind in kinds:
        yield "list", "--kind", kind
        yield "export", kind, str(out / f"{kind}.csv"), "--force"
    yield "export", "document", str(out / "all.xlsx"), "--force"
    for ending in ("xes", "jsonocel", "xmlocel"):
        yield "log", "export", str(out / f"all.{ending}"), "--force"


def _asks_about_one(number: str) -> Iterator[tuple[str, ...]]:
    """Every command that is told which case."""
    yield from (("show", number), ("history", number), ("why", number), ("plan", number, "--to", "published"))
    yield from (("show", number, "--explain"), ("show", number, "--reveal"), ("plan", number, "--to", "nowhere"))
    yield from (("why", number, "submit"), ("why", number, "nonsense"))
    yield from (("letter", "write", number), ("letter", "write", number, "reply"), ("letter", number, "return_slip"))
    yield from (("do", number, "submit"), ("do", number, "submit", "--dry-run"), ("do", number, "nonsense"))
    yield from (("do", number, "submit", "--expect", "99"), ("do", number, "submit", "--set", "attribute=proactive"))
    yield from (("do", number, "submit", "--set", "nonsense=1"), ("do", number, "return", "--comment", "请补充理由"))
    yield from (("do", number, "urge"), ("do", number, "take_back"), ("do", number, "read"), ("do", number, "sign_for"))
    yield from (("do", number, "circulate", "--set", "to=drafter-other", "--comment", "请阅"),)
    yield from (("do", number, "transfer", "--set", f"section={OTHER}", "--comment", "转来"),)
    yield from (("do", number, "explain_lateness", "--set", "cause=staff"),)
    yield from (("erase", number, "--comment", "依当事人申请"), ("erase", number, "--comment", "核对", "--dry-run"))
    paper = str(Path(__file__).with_name("README.md"))
    yield from (("attachment", "list", number), ("attachment", "get", number, "1", "/dev/null"))
    yield from (("attachment", "add", number, paper), ("attachment", "withdraw", number, "1", "--comment", "重复"))
    yield from (("edit", number, "--set", "title=某通知"), ("edit", number, "--set", "nonsense=1"))
    yield "start", "statistics_correction", "--title", "更正统计数据", "--set", f"about={number}"


def test_every_command_is_asked_or_said_to_read_no_case(bureaus: Bureaus, tmp_path: Path) -> None:
    """A new command is put in one of these lists, by somebody who has looked what it tells."""
    known = {*_commands(gongkai)}
    asked = {*_asks_about_all(KINDS_ASKED, tmp_path), *_asks_about_one("DOC-2026-00001")}
    said = {name for name in known for words in asked if words[: len(name.split())] == tuple(name.split())}

    assert known == said | OF_OPERATORS | OF_NO_CASE
    assert not said & (OF_OPERATORS | OF_NO_CASE)


def _commands(group: click.Command, *path: str) -> Iterator[str]:
    if not isinstance(group, click.Group):
        yield " ".join(path)
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield from _commands(found, *path, name)


@pytest.mark.parametrize("person", OUTSIDERS)
def test_what_another_section_has_changes_no_answer(bureaus: Bureaus, tmp_path: Path, person: str) -> None:
    assert not [*_changed(bureaus, tmp_path, person, FORMS[1:], KINDS_ASKED)]


def test_what_another_section_has_changes_nothing_that_people_read(bureaus: Bureaus, tmp_path: Path) -> None:
    assert not [*_changed(bureaus, tmp_path, "section_head-other", FORMS[:1], ())]


@pytest.mark.torture
@pytest.mark.parametrize("person", OUTSIDERS)
def test_what_another_section_has_changes_no_answer_about_any_kind(
    bureaus: Bureaus, tmp_path: Path, person: str
) -> None:
    assert not [*_changed(bureaus, tmp_path, person, FORMS, tuple(bureaus.numbers))]


def _changed(
    bureaus: Bureaus, out: Path, person: str, forms: Sequence[tuple[str, ...]], kinds: Sequence[str]
) -> Iterator[object]:
    """Each command to which the two bureaus give different answers, in what is printed or in the file that it writes."""
    for words in _asks_about_all(kinds, out):
        for form in forms:
            told = []
            for db in (bureaus.without, bureaus.within):
                for old in out.iterdir():
                    old.unlink()
                call = _types(db, person, (*words, *form))
                told.append((call, [_content(each) for each in sorted(out.iterdir())]))
            if told[0] != told[1]:
                yield words, form, told


def _content(file: Path) -> object:
    """What a file says; a workbook bears the second in which it was packed."""
    if file.suffix != ".xlsx":
        return file.read_bytes()
    with zipfile.ZipFile(file) as packed:
        return {name: packed.read(name) for name in packed.namelist() if name.startswith("xl/")}


@pytest.mark.parametrize(("person", "is_told"), [("auditor", True), *((each, False) for each in OUTSIDERS)])
def test_every_corner_of_the_board_speaks_of_the_sections_that_its_reader_sees(
    bureaus: Bureaus, person: str, is_told: bool
) -> None:
    with Desk.open(f"sqlite:///{bureaus.within}", clock=Clock()) as desk:
        reader = desk.actor(person)
        facts, answers = desk.board_facts(reader), desk.answers(reader)

    corners: tuple[Iterable[Any], ...] = (
        facts.cases, facts.clocks, (each.row for each in facts.oldest), (each.row for each in facts.paused), facts.quarantined,
        answers.receipts, answers.explained, answers.unexplained,
    )  # fmt: skip
    named = [{*facts.sections}, {*facts.paused_too_long}, *({each.section for each in corner} for corner in corners)]
    assert [OWN in each for each in named] == [is_told] * len(named)


@pytest.mark.parametrize(
    ("person", "section", "told"), [("drafter-other", OTHER, []), ("drafter-own", OWN, ["same_title"])]
)
def test_a_case_that_is_alike_is_named_to_those_who_see_it(
    bureaus: Bureaus, person: str, section: str, told: list[str]
) -> None:
    with Desk.open(f"sqlite:///{bureaus.within}", clock=Clock()) as desk:
        done = desk.start(
            desk.actor(person), "normative_document", title=_words("title"), section=section, dry_run=True
        )

    assert [each.name for each in done.said] == told


def test_who_may_see_them_does_see_them(bureaus: Bureaus, tmp_path: Path) -> None:
    """The canaries do sing where they may: otherwise their silence would say nothing."""
    silent = [
        words
        for words in _asks_about_all((), tmp_path)
        if words[0] in ("list", "board", "todo")
        and CANARY not in _types(bureaus.within, "section_head-own", words).said
    ]

    assert {words[0] for words in silent} <= {"list"}
    assert len(silent) < 5


@pytest.mark.parametrize("command", sorted(OF_OPERATORS))
def test_an_operator_learns_numbers_and_never_what_a_case_holds(bureaus: Bureaus, tmp_path: Path, command: str) -> None:
    db = Path(shutil.copy(bureaus.within, tmp_path))

    for form in ((), ("--json",)):
        words = ("work_task@1", "work_task@1") if command == "definitions diff" else ()
        assert CANARY not in _types(db, "admin", (*command.split(), *words, *form)).said


def test_what_is_not_yours_looks_like_what_is_not_there(bureaus: Bureaus) -> None:
    assert not [*_told_apart(bureaus, "drafter-other", "document", FORMS[1:])]


@pytest.mark.parametrize("person", OUTSIDERS)
@pytest.mark.parametrize("form", FORMS, ids=["as people read it", "as programs do"])
def test_no_case_of_any_kind_that_is_not_yours_is_there(bureaus: Bureaus, form: tuple[str, ...], person: str) -> None:
    told = (_told_apart(bureaus, person, kind, (form,), most=1) for kind in bureaus.numbers)

    assert not [each for found in told for each in found]


@pytest.mark.torture
@pytest.mark.parametrize("person", OUTSIDERS)
def test_nothing_that_is_not_yours_looks_other_than_what_is_not_there(bureaus: Bureaus, person: str) -> None:
    assert not [each for kind in bureaus.numbers for each in _told_apart(bureaus, person, kind, FORMS)]


def _told_apart(
    bureaus: Bureaus, person: str, kind: str, forms: Sequence[tuple[str, ...]], most: int | None = None
) -> Iterator[object]:
    """Each command by which somebody could tell a case that is not theirs from one that is not there."""
    number = bureaus.numbers[kind]
    nowhere = f"{number[:-5]}99999"
    for hidden, missing in islice(zip(_asks_about_one(number), _asks_about_one(nowhere), strict=True), most):
        for form in forms:
            told = _types(bureaus.within, person, (*hidden, *form))
            none = _types(bureaus.within, person, (*missing, *form))
            same = (told.out.replace(number, nowhere), told.err.replace(number, nowhere)) == (none.out, none.err)
            if told.code != none.code or told.code not in (2, 4) or not same or CANARY in told.said:
                yield hidden, form, told, none


def test_who_is_asked_for_an_opinion_reads_the_question_and_not_the_case(bureaus: Bureaus, tmp_path: Path) -> None:
    db = Path(shutil.copy(bureaus.within, tmp_path / "asked.db"))
    with Desk.open(f"sqlite:///{db}", clock=Clock(), ids=Ids(2000)) as desk:
        drafter, head = (desk.actor(f"{role}-own") for role in ("drafter", "section_head"))
        said = {"body": f"{CANARY}的正文", "reason_text": f"{CANARY}的理由，不得外传"}
        paper = desk.start(drafter, "document", title="关于会签的通知", section=OWN, data=said).case.case.number
        desk.fire(drafter, paper, "submit", comment=f"{CANARY}请审")
        asks = {"cosign_section": OTHER, "cosign_question": "请就分配办法会签"}
        asked = desk.fire(head, paper, "ask_cosign", data=asks).case.children[0].number
    lines = [*_asks_about_all(("opinion",), tmp_path), *_asks_about_one(asked)]
    lines.append(
        (
            "do",
            asked,
            "answer",
            "--set",
            "answered_on=2026-03-02",
            "--set",
            "answer=agrees",
            "--set",
            "opinion_text=同意",
        )
    )

    told = [(line, _types(db, "section_head-other", (*line, "--json"))) for line in lines]

    assert any(asked in call.out for _, call in told)
    assert told[-1][1].code == 0, told[-1][1].said
    assert not [line for line, call in told if CANARY in call.said]
    written = [each for each in tmp_path.iterdir() if each.suffix in (".csv", ".xes", ".jsonocel", ".xmlocel")]
    assert len(written) == 4
    assert not [each for each in written if CANARY.encode() in each.read_bytes()]
    assert _types(db, "section_head-other", ("show", paper)).code == 4


def test_what_is_personal_is_masked_in_every_answer_that_does_not_reveal_it(bureaus: Bureaus, tmp_path: Path) -> None:
    """Whoever sees the case: what is written in its personal fields is told to nobody by the way."""
    with Desk.open(f"sqlite:///{bureaus.within}", clock=Clock()) as desk:
        personal = {
            kind: [_canary(each) for each in desk.definition(kind).fields.values() if each.personal]
            for kind in bureaus.numbers
        }
    kinds = [kind for kind, fields in personal.items() if fields]
    lines = [*_asks_about_all(kinds, tmp_path)]
    lines += [line for kind in kinds for line in islice(_asks_about_one(bureaus.numbers[kind]), READING)]
    lines += _asks_about_one(bureaus.numbers["request"])

    told = {line: _types(bureaus.within, "auditor", (*line, "--json")).said for line in lines}

    hidden = [str(each) for fields in personal.values() for each in fields]
    assert len(hidden) > 10
    assert not {line: each for line, said in told.items() for each in hidden if each in said}
    assert not [file for file in tmp_path.iterdir() for each in hidden if each.encode() in file.read_bytes()]
