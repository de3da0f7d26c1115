"""The law as data: limits in their catalogue, and deadlines that take what it says instead of writing the number.

A deadline with `limit: {law: reply}` is accepted as if it wrote out what the catalogue says: the limit, and where it says
nothing of its own, the extension, the versions of the law, the first day and the article. The engine sees numbers only, and
a changed number is a changed digest.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from workflow.catalogue import LIMITS, CatalogueEntry, CatalogueFile
from workflow.loader.clocks import unit_of
from workflow.loader.draft import Catalogue
from workflow.loader.report import Path, Report, suggestion
from workflow.notation import InForce
from workflow.schema import DeadlineEntry, DefinitionFile, ExtendEntry, LawLimit, RegimeEntry, RegimesEntry

_FIRST, _LAST = "0001-01-01", "9999-12-31"
#: Stands where a limit is not known, so that the rest of its entry can be judged.
_STAND_IN = "1 working days"


# A definition.


def by_the_law(file: DefinitionFile, report: Report, catalogues: Mapping[str, Catalogue]) -> DefinitionFile:
    """The file with everything written out that its deadlines take from the law; what the law lacks is reported."""
    clocks = {name: _written_out(name, clock, report, catalogues) for name, clock in file.deadlines.items()}
    return file.model_copy(update={"deadlines": clocks})


def _written_out(name: str, clock: DeadlineEntry, report: Report, catalogues: Mapping[str, Catalogue]) -> DeadlineEntry:
    path: Path = ("deadlines", name)
    if not isinstance(clock.limit, LawLimit):
        _demand_what_no_law_says(clock, path, report)
        return clock
    law = _law(clock.limit.law, (*path, "limit", "law"), report, catalogues)
    if law is None:
        return clock.model_copy(update={"limit": _STAND_IN, "extend": None, "regimes": None})
    if clock.clock != law.get("clock", "statutory"):
        report.of((*path, "clock"), "law-clock", value=True, name=_name(clock), clock=law.get("clock", "statutory"))
    return clock.model_copy(
        update={
            "limit": law["limit"],
            "extend": _extension(clock, law, path, report),
            "regimes": _regimes(clock, law, path, report),
            "since": clock.since or _first_day(law),
            "basis": clock.basis or law.get("basis"),
        }
    )


def _demand_what_no_law_says(clock: DeadlineEntry, path: Path, report: Report) -> None:
    if clock.extend and clock.extend.by is None:
        here = (*path, "extend")
        report.of(here, "missing-key", name="by", meaning_zh="至多延长多久", meaning_en="by how much at most")
    if clock.regimes and not clock.regimes.versions and report.is_whole((*path, "regimes")):
        here = (*path, "regimes")
        report.of(here, "missing-key", name="versions", meaning_zh="其他版本", meaning_en="the other versions")


def _law(name: str, path: Path, report: Report, catalogues: Mapping[str, Catalogue]) -> Mapping[str, Any] | None:
    if LIMITS not in catalogues:
        report.of(path, "unknown-catalogue", value=True, name=LIMITS, hint=suggestion(LIMITS, catalogues))
        return None
    limits = {each: said for each, said in catalogues[LIMITS].values.items() if "limit" in said}
    if name not in limits:
        report.of(path, "unknown-limit", value=True, name=name, hint=suggestion(name, limits))
    return limits.get(name)


def _extension(clock: DeadlineEntry, law: Mapping[str, Any], path: Path, report: Report) -> ExtendEntry | None:
    if clock.extend is None or clock.extend.by:
        return clock.extend
    if "extend" not in law:
        report.of((*path, "extend"), "law-silent", name=_name(clock), key="extend")
        return None
    return clock.extend.model_copy(update={"by": law["extend"]})


def _regimes(clock: DeadlineEntry, law: Mapping[str, Any], path: Path, report: Report) -> RegimesEntry | None:
    own = clock.regimes
    if own and own.versions:
        return own
    if "versions" not in law:
        if own:
            report.of((*path, "regimes"), "law-silent", name=_name(clock), key="versions")
        return None
    if not own and all(each["limit"] == law["limit"] for each in law["versions"]):
        return None  # whichever holds, the last day is the same: there is nothing to choose
    return RegimesEntry(by=own.by if own else None, versions=[_regime(each) for each in law["versions"]])


def _regime(said: Mapping[str, Any]) -> RegimeEntry:
    keys = {key: said[key] for key in ("limit", "extend", "basis") if key in said}
    return RegimeEntry.model_validate({**said["in_force"], **keys})


def _name(clock: DeadlineEntry) -> str:
    return clock.limit.law if isinstance(clock.limit, LawLimit) else ""


def _first_day(law: Mapping[str, Any]) -> str | None:
    """The first day on which any version of the law held; None where one is not known to have begun."""
    spans = (law.get("in_force", {}), *(each["in_force"] for each in law.get("versions", ())))
    days = [each.get("from") for each in spans]
    return min(days) if all(days) else None


# The catalogue.


def check_limits(
    said: CatalogueFile, report: Report, today: date | None = None, used: Container[str] | None = None
) -> None:
    """Report every limit of a catalogue whose parts do not fit together, and of those used the ones not in force today."""
    for name, entry in said.values.items():
        path: Path = ("values", name)
        if entry.in_force:
            _check_span(entry.in_force, (*path, "in_force"), report)
        if entry.limit is None:
            if entry.extend or entry.versions:
                report.of(path, "missing-key", name="limit", meaning_zh="期限", meaning_en="how long it is")
        else:
            _check_units(((path, entry.limit, entry.extend), *_of_versions(path, entry)), report)
            _check_versions(entry, path, report)
            if today and (used is None or name in used):
                _check_begun(entry, path, today.isoformat(), report)


def _of_versions(path: Path, entry: CatalogueEntry) -> Iterator[tuple[Path, str, str | None]]:
    for number, each in enumerate(entry.versions):
        yield (*path, "versions", number), each.limit, each.extend


def _check_units(said: Iterable[tuple[Path, str, str | None]], report: Report) -> None:
    for path, limit, extend in said:
        if extend and unit_of(extend) != unit_of(limit):
            report.of((*path, "extend"), "extension-unit", value=True, by=extend, unit=unit_of(limit))


def _check_versions(entry: CatalogueEntry, path: Path, report: Report) -> None:
    """The law of one day is one: no two versions hold on the same day, none lies bare between them or after the last."""
    spans, places = _own_span(entry), [(*path, "in_force")]
    for number, each in enumerate(entry.versions):
        here = (*path, "versions", number, "in_force")
        begins, ends = _span(each.in_force)
        if not _check_span(each.in_force, here, report):
            continue
        if any(begins <= until and from_on <= ends for from_on, until in spans):
            report.of(here, "regimes-overlap", from_on=begins, until=ends)
        spans.append((begins, ends))
        places.append(here)
    if len(spans) == len(places):
        _check_gaps(dict(zip(spans, places, strict=True)), report)


def _own_span(entry: CatalogueEntry) -> list[tuple[str, str]]:
    return [_span(entry.in_force)] if entry.in_force and (entry.in_force.from_on or entry.in_force.until) else []


def _check_gaps(spans: Mapping[tuple[str, str], Path], report: Report) -> None:
    # Where no version holds, a clock would go by the number that is written first, though that law is not in force.
    ordered = sorted(spans)
    for (_, ends), (begins, until) in pairwise(ordered):
        if ends < begins and _next(ends) != begins:
            report.of(spans[begins, until], "regimes-gap", from_on=_next(ends), until=_before(begins))
    if ordered and ordered[-1][1] != _LAST:
        report.of(spans[ordered[-1]], "regimes-gap", from_on=_next(ordered[-1][1]), until="…")


def _check_begun(entry: CatalogueEntry, path: Path, today: str, report: Report) -> None:
    spans = [*_own_span(entry), *(_span(each.in_force) for each in entry.versions)]
    begins = min((begins for begins, _ in spans), default=_FIRST)
    if begins > today and len(spans) == len(entry.versions) + 1:
        report.of((*path, "in_force"), "regimes-gap", from_on="…", until=_before(begins))


def _next(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _check_span(said: InForce, path: Path, report: Report) -> bool:
    begins, ends = _span(said)
    if begins > ends:
        report.of(path, "dates-order")
    return begins <= ends


def _span(said: InForce) -> tuple[str, str]:
    return said.from_on or _FIRST, said.until or _LAST
