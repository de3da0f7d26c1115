"""Is this office fit to work (体检)? Settings read back from the database, what is installed, how far the calendar reaches,
what is stuck, who is missing: each answer a sentence, and where something is amiss, what to do about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from storage import versions
from storage.authority import present_holders
from storage.check import VERIFY, Check, asked
from storage.connection import Connection, instant_from, instant_text
from storage.entries import SANDBOX, nature
from storage.guarded import guards
from storage.hands import MOST_NAMED, Found, Register, unmanned_cases, way_out
from storage.held_up import held_up
from storage.lateness import unexplained
from storage.rows import MISREAD
from storage.setup import REVISION, check_revision
from storage.statements import (
    BUREAU,
    DUE,
    LAST_CHANGE,
    OPEN_CASES,
    OVERSLEPT,
    PROVISIONAL,
    TROUBLES,
    UNHEARD,
    WAITING_ROLES,
)
from storage.store import Store
from storage.yearly import not_begun
from workflow.case import SHANGHAI, business_date
from workflow.decide import recomputed
from workflow.errors import GongkaiError, StorageFault
from workflow.hands import away_in_words
from workflow.lateness import command
from workflow.model import Definition
from workflow.text import Text, listed, shown
from workflow.workdays import Calendar

#: A ticker comes by every minute: what is due for longer was overslept.
PATIENCE = timedelta(minutes=10)
#: So many barred cases, and unexplained ones, are told one by one; the others are counted.
MOST_BARRED = MOST_UNEXPLAINED = 20
#: The State Council announces a year's days off in the autumn before it.
NEAR_END = timedelta(days=31)


def examine(store: Store, now: datetime, calendar: Calendar, odd: Collection[StorageFault] = ()) -> Iterator[Check]:
    """Every question, in the order in which an administrator would ask; `odd` is what was altered in the calendar.

    Until that is put right nothing can be swept, imported or counted anew, and nobody is sent there.
    """
    db, today = store.db, business_date(now)
    row, is_sandbox = db.one(BUREAU), nature(db) == SANDBOX
    bureau = str(row["id"]) if row else ""
    yield from settings(db.settings(), db.integrity())
    yield from writable(db)
    yield from guards(db)
    yield schema(db)
    yield from another_bureau(db)
    yield from asked("definition", lambda: definitions(db))
    yield from asked("law", lambda: law(db))
    yield from asked("in-force", lambda: in_force(db, today))
    yield horizon(db, calendar, today, None if odd else _IMPORT_CALENDAR)
    yield from (Check("calendar-rows", False, each.said) for each in odd)
    yield from asked("clock", lambda: [clock(db, now, is_sandbox)])
    if not odd:
        yield from asked("ticker", lambda: [overslept(db, now, is_sandbox)])
    yield from asked("old-version", lambda: standing(db, bureau, today))
    yield from asked("troubles", lambda: troubles(db))
    yield from asked("roles", lambda: hands(store, bureau, now))
    yield from asked("lateness", lambda: lateness(store, bureau, now))
    yield from asked("yearly", lambda: (Check("yearly", False, *each) for each in not_begun(db, bureau, today)))
    yield from asked("notices", lambda: unheard(db, role_labels(db)))
    yield from asked("outbox", lambda: outbox(db, now))
    yield from asked("records", lambda: dates(store, now, calendar, None if odd else _RECOMPUTE))


def settings(found: Mapping[str, tuple[object, object]], integrity: str) -> Iterator[Check]:
    """Each setting of the database, read back, and its own quick check."""
    for name, (value, wanted) in found.items():
        ok = value == wanted
        text = _SETTING if ok else _WRONG_SETTING
        yield Check(name, ok, text.filled(name=name, found=value, wanted=wanted), None if ok else _BY_GONGKAI)
    ok = integrity == "ok"
    yield Check("integrity", ok, (_SOUND if ok else _DAMAGED).filled(found=integrity), None if ok else _RESTORE)


def writable(db: Connection) -> Iterator[Check]:
    """That nobody can take a step here, and why."""
    fault = db.unwritable()
    if fault:
        yield Check("writable", False, fault.said)


def schema(db: Connection) -> Check:
    """Whether the tables are of the revision that this program works with."""
    try:
        check_revision(db)
    except StorageFault as fault:
        return Check("schema", False, fault.said)
    return Check("schema", True, _SCHEMA.filled(revision=REVISION))


def another_bureau(db: Connection) -> Iterator[Check]:
    """Bureaus that are none of the record: this program makes one, and works by that of the first post on record."""
    others = db.all(BUREAU)[1:]
    if others:
        said = ", ".join(f"{each['id']} {each['name']}" for each in others)
        yield Check("bureau", False, _OTHER_BUREAU.filled(others=shown(said)), _REMOVE_BUREAU)


def definitions(db: Connection) -> Iterator[Check]:
    """Whether every shipped definition is installed as it is shipped."""
    installed = {(each.id, each.version): each.digest for each in versions.installed(db)}
    for text, file in versions.shipped_definitions():
        shipped = versions.accepted_by_files(text, file)
        there = installed.get((shipped.id, shipped.version))
        alike = None if there == shipped.digest else versions.stands_for(db, shipped)
        facts = {"id": shipped.id, "version": alike or shipped.version}
        if there == shipped.digest or alike:
            yield Check("definition", True, _INSTALLED.filled(**facts))
        elif there is None:
            yield Check("definition", False, _NOT_INSTALLED.filled(**facts), _INIT)
        else:
            yield Check("definition", False, _OTHERWISE.filled(**facts), _NEW_VERSION)


def law(db: Connection) -> Iterator[Check]:
    """Where a number of the law that was adopted here is not the one in the files: no fault, but the next version by them reverts it."""
    from storage.adopted import unlike_the_files

    for each in unlike_the_files(db):
        yield Check("law", True, each.text, _ONE_LAW)


def in_force(db: Connection, today: date) -> Iterator[Check]:
    """By which version new cases of each kind go."""
    for kind in dict.fromkeys(each.id for each in versions.installed(db)):
        try:
            newest = versions.current(db, kind, today)
        except GongkaiError:
            yield Check("in-force", False, _NONE_IN_FORCE.filled(id=kind), _INSTALL_ONE)
        else:
            yield Check("in-force", True, _IN_FORCE.filled(id=kind, version=newest.version))


def standing(db: Connection, bureau: str, today: date) -> Iterator[Check]:
    """Under which older versions cases still run, and which stand in a state that theirs does not know."""
    lost = False
    running: Counter[str] = Counter()
    for each in versions.standing(db, bureau):
        running[each.definition] += each.count
        definition = versions.load(db, each.definition)
        if each.state not in definition.states:
            lost = True
            facts = {"count": each.count, "first": each.first, "state": each.state}
            text = _QUARANTINED.filled(kind=each.kind, version=definition.version, **facts)
            yield Check("quarantine", False, text, _PLAN.filled(state=each.state, version=definition.version))
    if not lost:
        yield Check("quarantine", True, _NO_QUARANTINE)
    for digest, count in running.items():
        definition = versions.load(db, digest)
        try:
            newest = versions.current(db, definition.id, today)
        except GongkaiError:
            continue  # told above: none is in force
        if newest.version > definition.version:
            said = {"id": definition.id, "version": definition.version, "newest": newest.version}
            text = _OLD.filled(count=count, **said)
            strange = listed(_strange(db, definition, today), "；", "; ")
            if strange.zh:
                yield Check("old-version", False, _UNFIT.filled(text=text, strange=strange), _DIFF.filled(**said))
            else:
                yield Check("old-version", True, text, _DIFF.filled(**said))


def _strange(db: Connection, old: Definition, today: date) -> Iterator[Text]:
    """The states in which cases of an old version look for others, and which the version of theirs that is in force does not know."""
    for child in old.children.values():
        try:
            found = versions.current(db, child.kind, today)
        except GongkaiError:
            continue  # told above: none is in force
        for state in sorted(old.states_asked_of(child.name) - found.states.keys()):
            yield _LOOKS_FOR.filled(label=child.label, state=state, kind=child.kind, version=found.version)


def horizon(db: Connection, calendar: Calendar, today: date, hint: Text | None) -> Check:
    """How far the announced calendar reaches, and how many running clocks go beyond it."""
    last = date(calendar.known_until, 12, 31)
    months = max(0, (last.year - today.year) * 12 + last.month - today.month)
    row = db.one(PROVISIONAL)
    count = row["count"] if row else 0
    ok = last - today >= NEAR_END
    text = _HORIZON.filled(last=last, months=months, count=count)
    return Check("calendar", ok, text, None if ok else hint)


def troubles(db: Connection) -> Iterator[Check]:
    """The cases that the sweep has set aside."""
    rows = db.all(TROUBLES)
    if not rows:
        yield Check("troubles", True, _NO_TROUBLES)
    for row in rows:
        text = _TROUBLE.filled(
            number=row["number"],
            since=_said(instant_from(row["since"])),
            times=row["times"],
            retry_at=_said(instant_from(row["retry_at"])),
            why=Text(row["zh"], row["en"]),
        )
        yield Check("troubles", False, text, _LOOK_AT.filled(number=row["number"]))


def overslept(db: Connection, now: datetime, is_sandbox: bool = False) -> Check:
    """Whether something has been due for so long that no ticker can be running."""
    row = db.one(OVERSLEPT, before=instant_text(now - PATIENCE))
    count = row["count"] if row else 0
    if not count:
        return Check("ticker", True, _ON_TIME)
    first = db.all(DUE, now=instant_text(now), limit=1)[0]
    text = _OVERSLEPT.filled(count=count, first=first["number"], at=_said(instant_from(first["next_at"])))
    return Check("ticker", False, text, _SWEEP_SANDBOX if is_sandbox else _SWEEP)


def unheard(db: Connection, labels: Mapping[str, Text]) -> Iterator[Check]:
    """Notices that nobody could receive, by role."""
    rows = db.all(UNHEARD)
    if not rows:
        yield Check("notices", True, _ALL_HEARD)
    for row in rows:
        text = _UNHEARD.filled(role=labels.get(row["role"], row["role"]), count=row["count"])
        yield Check("notices", False, text, _APPOINT.filled(role=row["role"]))


def outbox(db: Connection, now: datetime) -> Iterator[Check]:
    """What is held up on its way to people."""
    amiss = tuple(held_up(db, now))
    yield from (Check("outbox", False, text, hint) for text, hint in amiss)
    yield from () if amiss else (Check("outbox", True, _ALL_SENT),)


def hands(store: Store, bureau: str, now: datetime) -> Iterator[Check]:
    """In whose hands open cases are: posts that nobody holds, and cases from which everyone is barred."""
    stuck = tuple(unmanned_cases(store, bureau, now))
    yield from unmanned(store.db, bureau, now, role_labels(store.db), stuck)
    yield from barred(each for each in stuck if each.what.guards)


def unmanned(
    db: Connection, bureau: str, now: datetime, labels: Mapping[str, Text], stuck: Sequence[Found]
) -> Iterator[Check]:
    """Roles that nobody present holds although open cases wait for them, and who could hold them and act on the first."""
    today = business_date(now)
    empty = tuple(unheld(db, bureau, today))
    if not empty:
        yield Check("roles", True, _ALL_MANNED)
    register = Register(db, bureau, today) if empty else None
    for role, section, count, first in empty:
        away = register.away(role, section) if register else ()
        facts = {"role": labels.get(role, role), "section": section, "count": count, "first": first}
        text = _AWAY.filled(**facts, away=away_in_words(away)) if away else _UNMANNED.filled(**facts)
        place = section if scopes(db).get(role) == "section" else None
        waiting = next((each for each in stuck if each.case.number == first), None)
        could = waiting.could if waiting else tuple(register.could(role, place))[:MOST_NAMED] if register else ()
        principal = next((each for each in away if each.is_own), None)
        yield Check("roles", False, text, way_out(role, place, could, principal))


def unheld(db: Connection, bureau: str, on: date) -> Iterator[tuple[str, str, int, str]]:
    """The roles, with section, number of waiting cases and the first of them, that nobody holds who is there on that day."""
    for row in db.all(WAITING_ROLES, bureau=bureau):
        if not present_holders(db, bureau, row["waits_for"], row["section"], on):
            yield row["waits_for"], row["section"], row["count"], row["first"]


def barred(stuck: Iterable[Found]) -> Iterator[Check]:
    """Cases that everyone in whose hands they are is barred from: which step, why, and who could be given the post."""
    found = tuple(stuck)
    if not found:
        yield Check("hands", True, _NONE_BARRED)
    for each in found[:MOST_BARRED]:
        yield Check("hands", False, each.text, each.way_out)
    if len(found) > MOST_BARRED:
        yield Check("hands", False, _MORE_BARRED.filled(count=len(found) - MOST_BARRED))


def lateness(store: Store, bureau: str, now: datetime) -> Iterator[Check]:
    """Cases that ended late by themselves, of which nobody has said why."""
    found = tuple(unexplained(store, bureau, now))
    if not found:
        yield Check("lateness", True, _ALL_EXPLAINED)
    for each in found[:MOST_UNEXPLAINED]:
        text = _UNEXPLAINED.filled(number=each.number, section=each.section, late=each.clock.in_words)
        yield Check("lateness", False, text, _EXPLAIN.filled(command=command(each.number)))
    if len(found) > MOST_UNEXPLAINED:
        yield Check("lateness", False, _MORE_UNEXPLAINED.filled(count=len(found) - MOST_UNEXPLAINED))


def role_labels(db: Connection) -> dict[str, Text]:
    """What the roles of every installed definition are called."""
    found = (versions.load(db, each.digest) for each in versions.installed(db))
    return {str(name): role.label for each in found for name, role in each.roles.items()}


def scopes(db: Connection) -> dict[str, str]:
    """Whether a role is held in a section or in the whole bureau."""
    found = (versions.load(db, each.digest) for each in versions.installed(db))
    return {str(name): role.scope for each in found for name, role in each.roles.items()}


def dates(store: Store, now: datetime, calendar: Calendar, hint: Text | None) -> Iterator[Check]:
    """Whether every open case can be read, and every running clock's dates are what today's calendar gives."""
    moved, unreadable = [], []
    for row in store.db.all(OPEN_CASES):
        try:
            case = store.case(row["id"], "")
            if case.deadlines and recomputed(versions.load(store.db, case.definition), case, now, calendar):
                moved.append(case.number)
        except (GongkaiError, *MISREAD):
            unreadable.append(row["id"])
    if unreadable:
        yield Check("records", False, _UNREADABLE.filled(count=len(unreadable), first=unreadable[0]), VERIFY)
    if moved:
        yield Check("dates", False, _MOVED.filled(count=len(moved), first=moved[0]), hint)
    else:
        yield Check("dates", True, _DATES)


def clock(db: Connection, now: datetime, is_sandbox: bool = False) -> Check:
    """Whether the clock stands behind what has already happened."""
    row = db.one(LAST_CHANGE)
    last = instant_from(row["at"]) if row and row["at"] else None
    ok = last is None or last <= now
    if last is None or ok:
        return Check("clock", True, _CLOCK)
    said = _SET_BACK.filled(last=_said(last), now=_said(now))
    return Check("clock", False, said, _SAY_NOW.filled(last=_said(last)) if is_sandbox else _SET_CLOCK)


def _said(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


_SETTING = Text("{name} = {found}", "{name} = {found}")
_WRONG_SETTING = Text("{name} = {found}，应为 {wanted}", "{name} = {found}, should be {wanted}")
_BY_GONGKAI = Text(
    "请确认数据库文件在本机磁盘上、未被其他程序改设（服务器则请管理员改回此项），再重新运行",
    "make sure that the file lies on a local disk and no other program changes its settings (on a server: have its "
    "administrator set it back), then run again",
)
_SOUND = Text("数据库文件完好", "the database file is sound")
_DAMAGED = Text("数据库文件已损坏：{found}", "the database file is damaged: {found}")
_RESTORE = Text("请停止写入并从备份恢复：gongkai restore", "stop writing and restore a backup: gongkai restore")
_SCHEMA = Text("表结构版本 {revision}，与程序一致", "the tables are of revision {revision}, as the program expects")
_OTHER_BUREAU = Text(
    "bureaus 表中除本单位外还有：{others}；不是本程序写入的，办理不受影响",
    "the table bureaus holds besides this bureau: {others}; this program did not write that, and nobody's work goes by it",
)
_REMOVE_BUREAU = Text(
    "请查明是谁、何时所为，由库的所有者删去该行，再运行 gongkai verify",
    "find out who did it and when, remove the row as the owner of the tables, then run gongkai verify",
)
_INIT = Text("请运行 gongkai init", "run gongkai init")
_INSTALLED = Text(
    "定义 {id} 第 {version} 版已安装，与随附文件一致", "definition {id} version {version} is installed as shipped"
)
_IN_FORCE = Text("{id}：新事项按第 {version} 版办理", "{id}: new cases go by version {version}")
_NONE_IN_FORCE = Text("{id}：今天没有生效的版本", "{id}: no version is in force today")
_QUARANTINED = Text(
    "{kind} 第 {version} 版没有环节“{state}”，{count} 件在办事项停在其中，已隔离，首件为 {first}",
    "{count} case(s) stand in “{state}”, which version {version} of {kind} does not know: in quarantine, the first is {first}",
)
_PLAN = Text(
    "请写迁移计划：from 与 to 均为 {version}，states 中写 {state}: 已知环节；再运行 gongkai definitions migrate 计划",
    "write a plan with version {version} as from and to, and under states {state}: a known one; then run "
    "gongkai definitions migrate PLAN",
)
_NO_QUARANTINE = Text("没有隔离的事项", "no case is in quarantine")
_OLD = Text(
    "{id} 第 {version} 版仍有 {count} 件在办事项（现行第 {newest} 版）",
    "{count} case(s) still run under version {version} of {id} (version {newest} is in force)",
)
_UNFIT = Text(
    "{text}，与现行的其他定义不相配：{strange}；要发起它的步骤将被拒绝，请迁移",
    "{text}, which does not fit what is in force beside it: {strange}; steps that would open it are refused, so move them",
)
_LOOKS_FOR = Text(
    "{label}要到环节“{state}”，而 {kind} 第 {version} 版没有",
    "its {label} is looked for in “{state}”, and version {version} of {kind} has none",
)
_DIFF = Text(
    "两版的差别：gongkai definitions diff {id}@{version} {id}@{newest}；迁移：gongkai definitions migrate 计划",
    "what differs: gongkai definitions diff {id}@{version} {id}@{newest}; to move them: gongkai definitions migrate PLAN",
)
_INSTALL_ONE = Text("请运行 gongkai definitions install 文件", "run gongkai definitions install FILE")
_NOT_INSTALLED = Text(
    "随附的定义 {id} 第 {version} 版尚未安装", "shipped definition {id} version {version} is not installed"
)
_OTHERWISE = Text(
    "定义 {id} 第 {version} 版与随附文件不同", "definition {id} version {version} is not the one that is shipped"
)
_NEW_VERSION = Text(
    "改动定义须提高 version；已办事项仍依原版本",
    "a changed definition needs a higher version; running cases keep theirs",
)
_HORIZON = Text(
    "放假安排已知至 {last}（还有 {months} 个月）；{count} 个进行中的时限为暂定",
    "days off are known until {last} ({months} month(s) ahead); {count} running deadline(s) are provisional",
)
_IMPORT_CALENDAR = Text(
    "国务院公布下一年安排后，请运行 gongkai calendar import 文件，再运行 gongkai calendar recompute",
    "when next year is announced, run gongkai calendar import FILE and then gongkai calendar recompute",
)
_NO_TROUBLES = Text("没有搁置的事项", "no case is set aside")
_TROUBLE = Text(
    "{number} 自 {since} 起无法自动办理，已试 {times} 次，下次 {retry_at}：{why}",
    "{number} cannot be served since {since}, tried {times} time(s), next at {retry_at}: {why}",
)
_LOOK_AT = Text("请查看：gongkai show {number}", "look at it: gongkai show {number}")
_ON_TIME = Text("到期事项均已按时处理", "everything due has been served in time")
_OVERSLEPT = Text(
    "{count} 件事项到期已久而未处理，首件 {first} 应于 {at} 处理，定时程序似未运行",
    "{count} case(s) are long due, the first, {first}, since {at}: no ticker seems to run",
)
_SWEEP = Text(
    "请运行 gongkai sweep，并让 gongkai scheduler 常驻运行", "run gongkai sweep, and keep gongkai scheduler running"
)
_SWEEP_SANDBOX = Text(
    "沙盒的时钟由 --now 设定：请运行 gongkai sweep --now 时刻，或给 doctor 也加上 --now",
    "a sandbox goes by --now: run gongkai sweep --now INSTANT, or say --now to doctor too",
)
_SAY_NOW = Text(
    "沙盒的时钟由 --now 设定：请加 --now 时刻，不早于 {last}",
    "a sandbox goes by --now: say --now INSTANT, not before {last}",
)
_ALL_HEARD = Text("通知均有人接收", "every notice has its receiver")
_UNHEARD = Text("{count} 条给“{role}”的通知无人接收", "{count} notice(s) to {role} reached nobody")
_APPOINT = Text("请任命：gongkai people appoint 人员 {role}", "appoint somebody: gongkai people appoint PERSON {role}")
_ALL_SENT = Text("发件箱没有积压", "nothing is held up in the outbox")
_ALL_MANNED = Text("每件在办事项都有人负责", "every open case is in somebody's hands")
_UNMANNED = Text(
    "{section}有 {count} 件事项等待“{role}”，但无人任此职，首件为 {first}",
    "{count} case(s) of {section} wait for {role}, which nobody holds, the first is {first}",
)
_AWAY = Text(
    "{section}有 {count} 件事项等待“{role}”，任此职的都请假（{away}），首件为 {first}",
    "{count} case(s) of {section} wait for {role}, and all who hold it are away ({away}), the first is {first}",
)
_NONE_BARRED = Text("没有因回避而无人可办的事项", "four eyes leave every case somebody who can act on it")
_MORE_BARRED = Text("另有 {count} 件因回避而无人可办", "and {count} more that four eyes leave nobody for")
_ALL_EXPLAINED = Text("没有尚未说明原因的逾期办结事项", "no case ended late without its cause on record")
_UNEXPLAINED = Text(
    "{number}（{section}）已由系统办结，{late}，尚未说明原因",
    "{number} ({section}) ended by itself, {late}; nobody has said why",
)
_EXPLAIN = Text("请说明：{command}", "say why: {command}")
_MORE_UNEXPLAINED = Text("另有 {count} 件逾期办结而未说明原因", "and {count} more that ended late and unexplained")
_DATES = Text("时限日期与日历一致", "the stored dates are what the calendar gives")
_MOVED = Text(
    "{count} 件事项的时限与日历不符，首件为 {first}",
    "the dates of {count} case(s) differ from the calendar, first {first}",
)
_UNREADABLE = Text(
    "{count} 件在办事项的记录无法读取，首件为 {first}", "{count} open case(s) cannot be read, the first is {first}"
)
_ONE_LAW = Text(
    "请把 definitions/catalogues/limits.yaml 改为现行数字，或采用文件中的（gongkai law adopt）",
    "correct definitions/catalogues/limits.yaml, or adopt what the file says (gongkai law adopt)",
)
_RECOMPUTE = Text("请运行 gongkai calendar recompute", "run gongkai calendar recompute")
_CLOCK = Text("时钟正常", "the clock is plausible")
_SET_BACK = Text("现在时间 {now} 早于最近一次办理 {last}", "it is {now}, which lies before the last event at {last}")
_SET_CLOCK = Text("请校准本机时钟；校准前不会重复执行任何步骤", "set the clock right; until then nothing fires twice")
