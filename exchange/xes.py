"""The event log as XES (IEEE 1849): one trace for each case, with the extensions concept, time, lifecycle and org."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from exchange.files import element, write_xml
from exchange.logged import Log, LoggedCase, LoggedEvent
from workflow.case import SHANGHAI, Scalar
from workflow.text import Lang

NAMESPACE = "http://www.xes-standard.org/"
EXTENSIONS = (("Concept", "concept"), ("Time", "time"), ("Lifecycle", "lifecycle"), ("Organizational", "org"))

#: The elements of XES for the types in which values leave the house.
_ELEMENTS = {"string": "string", "time": "date", "integer": "int", "float": "float", "boolean": "boolean"}


def write_xes(where: Path, log: Log, lang: Lang) -> None:
    """The log as one XES file; activities bear their names in the language asked for, and beside it the step's own name."""
    root = element("log", {"xmlns": NAMESPACE, "xes.version": "1849.2016", "xes.features": ""})
    root.extend(
        element("extension", {"name": name, "prefix": prefix, "uri": f"{NAMESPACE}{prefix}.xesext"})
        for name, prefix in EXTENSIONS
    )
    root.append(element("global", {"scope": "trace"}, _string("concept:name", "")))
    root.append(
        element(
            "global",
            {"scope": "event"},
            _string("concept:name", ""),
            _attribute("time", "time:timestamp", "1970-01-01T00:00:00+00:00"),
            _string("lifecycle:transition", "complete"),
            _string("org:resource", ""),
        )
    )
    root.append(element("classifier", {"name": "Activity", "scope": "event", "keys": "concept:name"}))
    root.append(element("classifier", {"name": "Step", "scope": "event", "keys": "step"}))
    root.append(_string("concept:name", log.bureau))
    root.append(_string("lifecycle:model", "standard"))
    root.extend(_trace(log, case, lang) for case in log.cases)
    write_xml(where, root)


def _trace(log: Log, logged: LoggedCase, lang: Lang) -> Element:
    case = logged.case
    numbers = {each.case.id: each.case.number for each in log.cases}
    parent = numbers.get(logged.parent or "")
    return element(
        "trace",
        None,
        _string("concept:name", case.number),
        _string("title", logged.title),
        _string("kind", case.kind),
        _string("section", case.section),
        _string("state", case.state),
        *([_string("parent", parent)] if parent else []),
        *(_event(log, each, lang) for each in logged.events),
    )


def _event(log: Log, logged: LoggedEvent, lang: Lang) -> Element:
    event = logged.event
    return element(
        "event",
        None,
        _string("concept:name", logged.label.read(lang)),
        _attribute("time", "time:timestamp", instant(event.at)),
        _string("lifecycle:transition", "complete"),  # a step is on record when it was taken
        _string("org:resource", event.actor),
        *([_string("org:role", logged.role)] if logged.role else []),
        *([_string("org:group", log.homes[event.actor])] if event.actor in log.homes else []),
        *_further(logged),
    )


def _further(logged: LoggedEvent) -> Iterator[Element]:
    event = logged.event
    yield _string("step", event.transition)
    if event.on_behalf_of:
        yield _string("on_behalf_of", event.on_behalf_of)
    if event.source:
        yield _string("from", event.source)
    yield _string("to", event.target)
    yield _attribute("boolean", "automatic", event.automatic)
    yield _string("definition", event.definition)
    for name, (kind, value) in logged.data.items():
        yield _attribute(kind, f"data.{name}", value)
    if logged.written:
        yield _string("written", " ".join(logged.written))
    if logged.cleared:
        yield _string("cleared", " ".join(logged.cleared))


def instant(at: datetime) -> str:
    """The instant as the office reads it, with its offset.

    >>> from datetime import UTC
    >>> instant(datetime(2026, 2, 13, 2, 0, tzinfo=UTC))
    '2026-02-13T10:00:00.000+08:00'
    """
    return at.astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def _string(key: str, value: str) -> Element:
    return _attribute("string", key, value)


def _attribute(kind: str, key: str, value: Scalar) -> Element:
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return element(_ELEMENTS[kind], {"key": key, "value": said})
