"""A changed number of the law, adopted (法定期限的改动): which open cases move, from which date to which; then moved, each by an event.

What a definition takes from the catalogues is written out when it is accepted, so a changed catalogue makes a further version
of every definition that uses it. The cases that run under the version before go over by a plan as in any migration: in
batches, each once, and adopting twice is adopting once. Cases under a version that differs in more than the law stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from storage import versions
from storage.authority import INSTALL, MIGRATE_CASES, only_admin
from storage.migrate import Migration, Migrations, Progress
from storage.versions import Installed, but_for_its_version, shipped_catalogues, stored
from workflow.accepted import definition_from
from workflow.case import Actor, business_date
from workflow.clock import in_words
from workflow.errors import BadDefinition, Invalid, Problem
from workflow.loader import Accepted, Catalogue, accept, read_catalogue
from workflow.loader.sourced import uses_of
from workflow.migration import RECOMPUTE, Plan
from workflow.model import DeadlineRule, Definition
from workflow.prover import accept_proved
from workflow.text import Text


@dataclass(frozen=True, slots=True)
class Changed:
    """A clock that goes by another number than before."""

    name: str
    label: Text
    before: Text
    after: Text


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of one kind of case: its clocks that changed, and its cases version by version."""

    before: Definition
    after: Definition
    is_new: bool
    clocks: tuple[Changed, ...]
    migrations: tuple[Migration, ...]
    behind: tuple[tuple[int, int], ...]  # versions that differ in more than the law, with how many cases run under each

    def to_json(self) -> dict[str, object]:
        """The result as the JSON surface shows it."""
        return {
            "kind": self.after.id,
            "from": self.before.version,
            "to": self.after.version,
            "installed": self.is_new,
            "clocks": [
                {
                    "deadline": each.name,
                    **each.label.to_json(),
                    "from": each.before.to_json(),
                    "to": each.after.to_json(),
                }
                for each in self.clocks
            ],
            "moved": sum(each.moved for each in self.migrations),
            "dates": [shift.to_json() for each in self.migrations for shift in each.shifts],
            "refused": sum(each.refused for each in self.migrations),
            "stays": [stays for each in self.migrations for stays in _list(each.to_json()["stays"])],
            "behind": [{"version": version, "count": count} for version, count in self.behind],
        }


def adopt(
    migrations: Migrations,
    actor: Actor,
    files: Iterable[tuple[str, str]],
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> tuple[Adopted, ...]:
    """Every kind of case that the catalogues, with these files in the place of those of their names, make another.

    The administrator's act. Raises Denied, and BadDefinition for a file or a definition that does not hold with it.
    """
    db, today = migrations.store.db, business_date(migrations.clock())
    for act in (INSTALL, MIGRATE_CASES):
        only_admin(db, actor, today, act)
    migrations.store.refresh()
    held: dict[str, list[Installed]] = {}
    for each in versions.installed(db):
        held.setdefault(each.id, []).append(each)
    used = {name for rows in held.values() for _, name, _ in uses_of(rows[-1].yaml, rows[-1].id) if name}
    given = tuple(files) or tuple((text, f"definitions/catalogues/{file}") for text, file in shipped_catalogues())
    read = [read_catalogue(text, file, today, used) for text, file in given]
    shelf = dict(versions.catalogues())
    unknown = [
        Problem(
            "unknown-catalogue", _UNKNOWN_CATALOGUE.filled(id=each.id, file=file, known="、".join(shelf)), field="FILE"
        )
        for each, (_, file) in zip(read, given, strict=True)
        if each.id not in shelf
    ]
    if unknown:
        raise Invalid(unknown)
    shelf |= {each.id: each for each in read}
    adoption = _Adoption(migrations, actor, shelf, dry_run, progress)
    # All are judged before the first is changed: where one does not hold with the new numbers, nothing is adopted.
    renewed = [(each, adoption.renewed(each[-1])) for each in held.values()]
    return tuple(found for rows, new in renewed if (found := adoption.carried_out(rows, new)))


@dataclass(frozen=True, slots=True)
class _Adoption:
    """One adoption: by whom, by which catalogues, and whether it is only tried."""

    migrations: Migrations
    actor: Actor
    shelf: Mapping[str, Catalogue]
    dry_run: bool
    progress: Progress | None

    def renewed(self, newest: Installed) -> Accepted | None:
        """The further version that the catalogues make of a definition; None where they make no other."""
        db, file = self.migrations.store.db, f"{newest.id}.yaml"
        said = accept(newest.yaml, file, self.shelf)
        if but_for_its_version(said.json) == but_for_its_version(stored(db, newest.digest)):
            return None
        text = with_version(said, newest.version + 1)
        return accept_proved(text, file, self.shelf, versions.newest(db)).accepted

    def carried_out(self, rows: list[Installed], new: Accepted | None) -> Adopted | None:
        """One kind with its cases moved; None where neither its definition nor a case is concerned."""
        db = self.migrations.store.db
        before = versions.load(db, rows[-1].digest)
        after = definition_from(new.json, new.digest) if new else before
        if new and not self.dry_run:
            with db.writing():
                self._keep(new)()
        beforehand = self._keep(new) if new and self.dry_run else _nothing
        counts = self._running()
        done, behind = list[Migration](), list[tuple[int, int]]()
        for row in rows:
            count = counts.get(row.digest, 0)
            if row.digest == after.digest or not count:
                continue
            if self._says_the_same(row, new.json if new else stored(db, after.digest)):
                continue  # half an adoption left them where they would be taken back to
            if not self._differs_by_law_alone(row, new.json if new else stored(db, after.digest)):
                behind.append((row.version, count))
                continue
            plan = plan_of(versions.load(db, row.digest), after)
            done.append(
                self.migrations.carry_out(
                    self.actor, plan, dry_run=self.dry_run, progress=self.progress, beforehand=beforehand
                )
            )
        if new is None and not done:
            return None
        source = before if new else done[0].plan.source
        return Adopted(source, after, new is not None, tuple(changes(source, after)), tuple(done), tuple(behind))

    def _keep(self, new: Accepted) -> Callable[[], object]:
        return lambda: versions.install(self.migrations.store.db, new, self.migrations.clock(), self.actor.id)

    def _running(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for each in versions.standing(self.migrations.store.db, self.migrations.bureau):
            found[each.definition] = found.get(each.definition, 0) + each.count
        return found

    def _says_the_same(self, row: Installed, after: Mapping[str, object]) -> bool:
        return but_for_its_version(stored(self.migrations.store.db, row.digest)) == but_for_its_version(after)

    def _differs_by_law_alone(self, row: Installed, after: Mapping[str, object]) -> bool:
        """Whether the text of a version, by the catalogues of today, says what the newest version says, and did not before."""
        try:
            said = accept(row.yaml, f"{row.id}.yaml", self.shelf)
        except BadDefinition:
            return False
        there, was = but_for_its_version(after), but_for_its_version(stored(self.migrations.store.db, row.digest))
        return but_for_its_version(said.json) == there != was


def with_version(accepted: Accepted, version: int) -> str:
    """The text of a definition under another version: the number alone is replaced, where it stands."""
    spot = accepted.report.values["version",]
    lines = accepted.yaml.split("\n")
    line, at = lines[spot.line - 1], spot.column - 1
    lines[spot.line - 1] = line[:at] + str(version) + line[at + len(str(accepted.version)) :]
    return "\n".join(lines)


def plan_of(before: Definition, after: Definition) -> Plan:
    """The plan by which running cases go over: every clock that differs is counted anew from its own day 0."""
    differing = [n for n, rule in after.deadlines.items() if before.deadlines.get(n) != rule]
    told = [_CHANGED.filled(label=each.label, before=each.before, after=each.after) for each in changes(before, after)]
    reason = _REASON.zh + "；".join(each.zh for each in told)[:_LONGEST_REASON]
    return Plan(before, after, reason, {}, {}, (), dict.fromkeys(differing, RECOMPUTE))


def changes(before: Definition, after: Definition) -> Iterator[Changed]:
    """Every clock that goes by another number, another extension, or another version of the law."""
    for name, rule in after.deadlines.items():
        old = before.deadlines.get(name)
        if old is not None and old != rule:
            yield Changed(name, rule.label, _numbers(old), _numbers(rule))


def _numbers(rule: DeadlineRule) -> Text:
    said = [in_words(rule.limit)]
    if rule.extend:
        said.append(_EXTENDED.filled(by=in_words(rule.extend.by)))
    for each in rule.regimes:
        span = {"begins": each.from_on or "…", "ends": each.until or "…"}
        said.append(_VERSION.filled(limit=in_words(each.limit), **span))
    if rule.since:
        said.append(_SINCE.filled(since=rule.since))
    return Text("，".join(each.zh for each in said), ", ".join(each.en for each in said))


def _nothing() -> None:
    pass


def _list(said: object) -> list[object]:
    return said if isinstance(said, list) else []


_LONGEST_REASON = 1800
_UNKNOWN_CATALOGUE = Text(
    "{file}：没有名为“{id}”的目录，没有流程用到它；请核对 id，可用：{known}",
    "{file}: there is no catalogue “{id}”, and nothing uses it; check its id, there are: {known}",
)
_REASON = Text("法定期限改动：", "a changed number of the law: ")
_CHANGED = Text("{label}由{before}改为{after}", "{label} from {before} to {after}")
_EXTENDED = Text("至多延长{by}", "extended by {by} at most")
_VERSION = Text("{begins}至{ends}为{limit}", "{limit} from {begins} to {ends}")
_SINCE = Text("{since}起适用", "from {since} on")
