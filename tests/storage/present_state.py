"""Makes a database that is kept: the shipped stories of every procedure, played in one bureau at once, with what else befalls an office.

`python -m tests.storage.present_state tests/storage/releases/2026-11-28` writes `2026-11-28.db.xz` and, beside it, the seals and papers.
All stories are played once to see what each shows; those that show something which no other does are then played again, and kept.
"""

from __future__ import annotations

import heapq
import itertools
import lzma
import sqlite3
import sys
import tarfile
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from rehearsal import Bureau
from rehearsal.play import Playing
from rehearsal.stage import A_MINUTE, FOUNDED, Hands, Stage
from settings import Keeping
from storage import Desk
from storage.sample import add_bureau, read_sample
from storage.setup import ADMIN_ID, ADMIN_NAME, initialise
from tests.days_off import year_2027
from tests.factories import Ids
from tests.promises.test_dates_follow_from_events import CLOCKS
from tests.storage.on_their_way import WHY, Told, Walk, everyone
from workflow.case import IMPORT, SHANGHAI, Actor, Command, Deadline, Event, Scalar, business_date
from workflow.errors import GongkaiError
from workflow.loader.scenarios import read_scenarios
from workflow.model import DeadlineRule, Definition
from workflow.scenario import Line

HOUSE = Path(__file__).resolve().parents[2]
SEED = 1
#: How many events the stories may come to: what is kept is to be small, and soon verified.
ROOM = 1020
#: How a clock ended weighs more than in which procedure.
WEIGHT = {"event": 2, "clock": 1, "sort": 4}
#: The evening on which the office is left; nothing of 2027 has happened by then.
LEFT = datetime(2026, 12, 31, 18, 0, tzinfo=SHANGHAI)
#: On these days no ticker ran: what fell due was said late.
UNATTENDED = (date(2026, 4, 13), date(2026, 4, 20))
#: A number far above those that ship, so that no later version of the procedure is taken for this one.
AMENDED = 100

Feature = tuple[object, ...]
#: Goes on from now; answers when it wants to be called again, where it is not over.
Going = Callable[[], object]


@dataclass
class Office:
    """The sample bureau in which all this happens, its clock and its papers."""

    place: Path
    desk: Desk
    clock: Hands
    bureau: Bureau
    stage: Stage
    stories: list[Told] = field(default_factory=list)

    @property
    def admin(self) -> Actor:
        return self.desk.actor(ADMIN_ID)

    def until(self, moment: datetime) -> None:
        first, last = UNATTENDED
        if moment > self.clock.at:
            self.stage.until(moment, unattended=first <= business_date(moment) < last)

    def cases(self, kind: str | None = None) -> list[str]:
        found, after = [], None
        while True:
            page, after = self.desk.list_cases(self.stage.observer, kind=kind, limit=1000, after=after)
            found += [each.id for each in page]
            if after is None:
                return sorted(found)

    def anybody(self, act: Callable[..., object], *given: object) -> bool:
        """Whether somebody there may do this, and did."""
        for each in everyone(self.desk):
            with suppress(GongkaiError):
                act(each, *given)
                return True
        return False


class Present(Stage):
    """A stage on which people come, go and change their posts."""

    def actor(self, name: str) -> Actor:
        return self.desk.actor(self.people[name])


@contextmanager
def office_at(place: Path, only: Collection[str] | None = None) -> Iterator[Office]:
    """A new bureau, and the stories that will be told in it: all of them, or only these."""
    url, clock = f"sqlite:///{place / 'bureau.db'}", Hands(FOUNDED)
    initialise(url, sandbox=True, clock=clock, login=None)
    with Desk.open(url, clock=clock, ids=Ids(), keeping=Keeping(str(place / "papers"))) as desk:
        add_bureau(desk, desk.actor(ADMIN_ID))
        clock.at += A_MINUTE
        people = {
            ADMIN_NAME: ADMIN_ID,
            **{said["name"]: id for id, said in read_sample("bureau.yaml")["people"].items()},
        }
        kinds = {each.id: desk.definition(each.id) for each in desk.definitions()}
        bureau = Bureau(place, kinds, desk.sections(), people)
        office = Office(place, desk, clock, bureau, Present(desk, clock, people))
        office.stories = [told for told in _told(office) if only is None or told.name in only]
        yield office


def _told(office: Office) -> Iterator[Told]:
    """Every shipped story; whom a file adds to the bureau is not there, and a story in which they act ends with that."""
    for file in sorted((HOUSE / "definitions/scenarios").glob("*.yaml")):
        known = office.bureau.sections, tuple(office.bureau.people)
        script = read_scenarios(file.read_text("utf-8"), file.name, office.bureau.kinds, *known)
        for each in script.scenarios:
            lines = [_bare(line) for line in each.lines if line.refused is None]
            name = f"{file.stem}/{each.name}"
            playing = Playing(office.stage, office.bureau, replace(each, lines=()))
            if lines[0].at and lines[0].at < LEFT:
                yield Told(name, playing, deque(lines), Random(f"{SEED} {name}"))


def _bare(line: Line) -> Line:
    """The line without what is expected of it, and without the notices of days off that only its own story knows."""
    return replace(line, then=None, warned=None, announced=None)


def played(office: Office) -> None:
    """All that happens in the bureau until it is left, in the order of time."""
    order = itertools.count()
    going: list[tuple[datetime, int, Going]] = []
    for moment, act in CHORES.items():
        at = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
        chore: Going = partial(act, office)
        heapq.heappush(going, (at, next(order), chore))
    for told in office.stories:
        heapq.heappush(going, (told.lines[0].at or FOUNDED, next(order), told.goes_on))
    for number, (received, length) in enumerate(WALKS):
        on = date.fromisoformat(received)
        walk = Walk(office.desk, office.clock, number, on, length)
        at = datetime.combine(on, time(9), SHANGHAI) + timedelta(days=number % 3)
        heapq.heappush(going, (at, next(order), walk.goes_on))
    while going:
        at, _, go = heapq.heappop(going)
        if at > LEFT:
            break
        office.until(at)
        again = go()
        if isinstance(again, datetime):
            heapq.heappush(going, (again, next(order), go))
    office.until(LEFT)
    office.desk.sweep()
    sealed(office)


# What else befalls an office.


def sealed(office: Office) -> None:
    office.desk.seal(office.place / "seals.jsonl")


def away(office: Office) -> None:
    """Two heads of sections are on leave, for one of them somebody acts."""
    office.desk.staffing.away(office.admin, "zhuhong", date(2026, 3, 13))
    office.desk.staffing.away(office.admin, "huanglei", date(2026, 3, 20))
    office.desk.delegate(office.admin, "huanglei", "xujia", role="section_head", until_on=date(2026, 3, 20))


def unmanned(office: Office) -> None:
    """What waits for a head who is on leave, with nobody in their place."""
    drafter = office.desk.actor("xujia")
    said: dict[str, Scalar] = {"attribute": "proactive", "origin": "own", "is_policy": False}
    case = office.desk.start(drafter, "document", title="国库集中支付的通知", data=said).case.case.id
    office.clock.at += A_MINUTE
    office.desk.fire(drafter, case, "submit")
    office.desk.staffing.away(office.admin, "huanglei", date(2026, 5, 1))


def two_accounts(office: Office) -> None:
    office.desk.add_person(office.admin, "wangmin2", "王敏（兼）", section="国库科")
    office.desk.appoint(office.admin, "wangmin2", "drafter", section="国库科", acting=True)
    office.desk.staffing.same(office.admin, "wangmin", "wangmin2", "同一人的两个账号")


def goes_elsewhere(office: Office) -> None:
    office.desk.staffing.move(office.admin, "xieyu", "会计科")
    office.desk.end_post(office.admin, "lixiang", "disclosure_officer")
    office.desk.leave(office.admin, "machao")


def reorganised(office: Office) -> None:
    office.desk.staffing.reorganise(office.admin, "采购办", "综合科")


def attached(office: Office) -> None:
    """Papers put to cases of several kinds, every second one taken from it again."""
    file = office.place / "意见.txt"
    for number, case in enumerate(office.cases()[::9]):
        file.write_text(f"会签意见{number % 3}：同意", "utf-8")
        office.anybody(office.desk.attachments.add, case, file)
        if number % 2:
            office.anybody(office.desk.attachments.withdraw, case, 1, WHY)
    file.unlink()


def erased(office: Office) -> None:
    """The personal data of some of the cases that have ended."""
    for kind in ("request", "licence", "opinion", "dispute"):
        count = 0
        for case in office.cases(kind):
            count += office.anybody(office.desk.erase, case, "依当事人申请删除")
            if count == 3:
                break


def amended(office: Office) -> None:
    """Another version of a procedure comes into force, and most of what runs under the old one goes over to it."""
    clocks = CLOCKS.read_text("utf-8")
    for old, new in (
        ("version: 1\n", f"version: {AMENDED}\n"),
        ("limit: 48 hours", "limit: 90 hours"),
        ("limit: 3 months", "limit: 4 months"),
        ("form: {required: [corrected_on]},", "form: {required: [corrected_on]}, dated: corrected_on,"),
    ):
        assert old in clocks
        clocks = clocks.replace(old, new, 1)
    office.desk.install_definition(office.admin, clocks, CLOCKS.name)
    for kind, old, new in (
        ("request", "runs_in: [sending], limit: 1 working day", "runs_in: [sending], limit: 2 working days"),
        ("document", "limit: 7 working days", "limit: 9 working days"),
    ):
        text = (HOUSE / f"definitions/{kind}.yaml").read_text("utf-8")
        assert old in text
        text = text.replace("\nversion: 1\n", f"\nversion: {AMENDED}\n").replace(old, new)
        office.desk.install_definition(office.admin, text, f"{kind}.yaml")


def migrated(office: Office) -> None:
    for kind, clocks in MIGRATED.items():
        plan = f"format: gongkai-migration/1\nkind: {kind}\nfrom: 1\nto: {AMENDED}\nreason: 流程换版\nclocks: {{{clocks}}}\n"
        office.desk.migrations.run(office.admin, plan, "plan.yaml")


def dropped(office: Office) -> None:
    """A clock is dropped by one version, taken up by the next, and that is taken back."""
    undone: str | None = None
    for no, verb in enumerate(("drop", "recompute"), AMENDED + 1):
        text = (HOUSE / "definitions/request.yaml").read_text("utf-8").replace("\nversion: 1\n", f"\nversion: {no}\n")
        for runs, limit in (
            ("runs_in: [replied, ended, settled], limit: ", "20 "),
            ("runs_in: [drafting], limit: ", "8 "),
        ):
            assert runs + limit in text
            text = text.replace(runs + limit, f"{runs}{no - 80} ")
        office.desk.install_definition(office.admin, text, "request.yaml")
        clocks = f"archiving: {verb}, drafting: {verb}" + (", dispatch: recompute" if verb == "drop" else "")
        head = f"format: gongkai-migration/1\nkind: request\nfrom: {no - 1}\nto: {no}\nreason: 流程换版\n"
        done = office.desk.migrations.run(office.admin, f"{head}clocks: {{{clocks}}}\n", "plan.yaml")
        assert done.moved, verb
        undone = done.inverse
    assert undone
    office.desk.migrations.run(office.admin, undone, "inverse.yaml")


def renamed(office: Office) -> None:
    office.desk.change_contact(office.admin, {"name": "示范新区财政局", "postcode": "310000"})


MIGRATED = {
    "request": "dispatch: recompute",
    "document": "secrecy: recompute",
    "clocks": "reply: keep, days: restart, whole: recompute, hours: recompute, given: keep",
}


def taken_in(office: Office) -> None:
    """Past records, one of them of what was published too late."""
    for formed, published in (("2024-05-06", "2024-06-03"), ("2024-05-06", "2024-09-02")):
        said = {"title": "补助资金管理办法", "formed_on": formed, "published_on": published}
        (done,) = office.desk.take_in(
            office.desk.actor("zhoujing"), "document", [Command(IMPORT, said)], section="预算科"
        )
        assert not isinstance(done, GongkaiError), done


def procedure_on_trial(office: Office) -> None:
    office.desk.install_definition(office.admin, CLOCKS.read_text("utf-8"), CLOCKS.name)


def day_off(office: Office) -> None:
    """A working day of 2026 is taken away: what was told moves."""
    text = (
        "year: 2026\nnotice: 试〔2026〕1号\nsource: 测试\nverified: false\nholidays: [{name: 调整, off: 2026-03-20}]\n"
    )
    office.desk.import_calendar(office.admin, text, "notice.yaml")


def next_year(office: Office) -> None:
    office.desk.import_calendar(office.admin, year_2027(), "2027.yaml")


def next_year_amended(office: Office) -> None:
    office.desk.import_calendar(
        office.admin, year_2027("国办发明电〔2026〕10号", 春节="off: 2027-02-04..2027-02-10"), "2027.yaml"
    )


#: When the cases of the procedure on trial were received, and how often somebody looks at each.
WALKS = (
    ("2019-05-10", 20), ("2019-05-14", 12), ("2025-12-05", 1), ("2025-12-08", 2), ("2026-01-16", 20), ("2026-02-02", 20),
    ("2026-02-09", 20), ("2026-02-20", 20), ("2026-03-02", 20), ("2026-02-26", 20), ("2026-04-08", 20), ("2026-05-13", 20),
    ("2026-09-14", 20), ("2026-09-21", 20),
)  # fmt: skip

CHORES: Mapping[str, Callable[[Office], None]] = {
    "2019-05-06T08:01": procedure_on_trial,
    "2026-01-12T10:01": taken_in,
    "2026-01-30T17:31": sealed,
    "2026-03-06T08:01": away,
    "2026-03-09T12:03": day_off,
    "2026-03-10T12:01": attached,
    "2026-03-11T12:01": amended,
    "2026-03-17T12:02": migrated,
    "2026-03-31T17:31": sealed,
    "2026-04-02T08:01": two_accounts,
    "2026-04-23T08:01": unmanned,
    "2026-04-24T12:01": dropped,
    "2026-04-24T12:11": renamed,
    "2026-05-08T08:01": goes_elsewhere,
    "2026-05-20T12:01": attached,
    "2026-06-01T08:01": reorganised,
    "2026-06-30T17:31": sealed,
    "2026-11-06T12:03": next_year,
    "2026-12-01T12:03": next_year_amended,
    "2026-12-30T12:01": erased,
}


# What a story has shown.


def shown(office: Office) -> Iterator[tuple[str, set[Feature], int]]:
    """Of each story: which events, which ends of clocks there are in its cases, and how many events."""
    desk, by = office.desk, office.stage.observer
    of: dict[str, Told] = {id: told for told in office.stories for id in told.playing.ids.values()}
    found: dict[str, set[Feature]] = {told.name: set() for told in office.stories}
    cost: Counter[str] = Counter()
    for id in office.cases():
        case = desk.case(by, id).case
        told = of.get(id) or of.get(case.parent or "")
        if told is None:
            continue
        events = desk.history(by, id)
        cost[told.name] += len(events)
        found[told.name] |= {("event", case.kind, str(each.transition)) for each in events}
        definition = desk.definition_of(case.definition)
        for view in desk.clocks(by, id):
            clock, rule = view.deadline, view.rule
            found[told.name].add(("clock", case.kind, rule.name, str(clock.outcome)))
            found[told.name].add(("sort", *sort_of(rule, clock, events)))
            found[told.name].add(("sort", *way_of(rule, clock, events, definition)))
    for told in office.stories:
        yield told.name, found[told.name], cost[told.name]


def sort_of(rule: DeadlineRule, clock: Deadline, events: tuple[Event, ...]) -> Feature:
    """Of what sort a clock is, and how it ended: what a rule of the engine may treat in a way of its own."""
    stated = clock.closed_at is not None and not any(each.at == clock.closed_at for each in events)
    on = business_date(clock.closed_at) if clock.closed_at else None
    order = "" if on is None else "before" if on < clock.anchor_on else "same" if on == clock.anchor_on else "after"
    return (
        str(rule.kind), str(rule.limit.unit), str(clock.outcome), "stated" if stated else "entered", order,
        len(clock.pauses) > 0, bool(clock.extended), rule.backward, clock.strict_on == clock.rolled_on,
    )  # fmt: skip


def way_of(rule: DeadlineRule, clock: Deadline, events: tuple[Event, ...], definition: Definition) -> Feature:
    """By what sort of event a clock began, and by what sort it ended."""
    began = next(each for each in events if each.seq == clock.armed_seq)
    last = next(
        (each for each in events if clock.closed_at and each.seq > clock.armed_seq and each.at >= clock.closed_at), None
    )
    ways = [
        "none" if each is None
        else "restart" if each.transition in rule.restart
        else "done" if each.transition in rule.done_by
        else "step" if each.transition in definition.transitions
        else str(each.transition)
        for each in (began, last)
    ]  # fmt: skip
    step = definition.transitions.get(last.transition) if last else None
    stated = last.data.get(step.dated) if last and step and step.dated else None
    is_past = bool(last and stated and str(stated) < business_date(last.at).isoformat())
    return (rule.anchor is None, rule.limit_field is None, *ways, str(clock.outcome), is_past)


def chosen(told: Collection[tuple[str, set[Feature], int]]) -> set[str]:
    """The names of as many stories as there is room for, those first that show most that no other has shown."""
    left, room, found = list(told), ROOM, set[str]()
    seen: set[Feature] = set()
    while left:
        name, features, cost = best = max(
            left, key=lambda each: sum(WEIGHT[str(one[0])] for one in each[1] - seen) / (each[2] + 1)
        )
        left.remove(best)
        if features - seen and cost <= room:
            found.add(name)
            seen |= features
            room -= cost
    return found


def kept(name: Path, place: Path) -> None:
    """The database, and what lies beside it, compressed."""
    with closing(sqlite3.connect(place / "bureau.db")) as db:
        db.execute("VACUUM")
    name.with_name(name.name + ".db.xz").write_bytes(
        lzma.compress((place / "bureau.db").read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    )
    with tarfile.open(name.with_name(name.name + ".beside.tar.xz"), "w:xz") as beside:
        for each in ("seals.jsonl", "papers"):
            beside.add(place / each, each)


def main(name: Path) -> None:
    with TemporaryDirectory() as directory, office_at(Path(directory)) as office:
        played(office)
        names = chosen(list(shown(office)))
        print(len(office.stories), "stories,", len(names), "chosen")
    with TemporaryDirectory() as directory:
        with office_at(Path(directory), names) as office:
            played(office)
            found = office.desk.verify(Path(directory) / "seals.jsonl")
            print(found.cases, found.events, [each.text.en for each in found.problems])
        kept(name, Path(directory))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
