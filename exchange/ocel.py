"""The event log as OCEL 2.0: cases, sub-cases, sections and persons are objects, and each event says what they were to it.

A case is an object of its kind. What it holds changes with its events, so its state and its data are attributes with a time.
One value model is written in both forms, JSON and XML.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from exchange.files import element, write_xml
from exchange.logged import Log, LoggedCase, LoggedEvent, types_of
from workflow.case import Scalar
from workflow.text import Lang

#: Before any event: what never changes about an object is said from here on.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: What each event says of itself.
EVENT_ATTRIBUTES = {"step": "string", "from": "string", "to": "string", "automatic": "boolean", "definition": "string"}
CASE_ATTRIBUTES = {"number": "string", "title": "string", "state": "string"}
PLACE_ATTRIBUTES = {"name": "string"}


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute; `time` says since when, and None that it is an event's."""

    name: str
    value: Scalar
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """An event (with a time) or an object, with its attributes and what it stands in relation to."""

    id: str
    type: str
    attributes: tuple[Value, ...]
    relations: tuple[tuple[str, str], ...]  # (object, qualifier)
    time: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectLog:
    """A whole OCEL: the types with their attributes, the events and the objects."""

    event_types: dict[str, dict[str, str]]
    object_types: dict[str, dict[str, str]]
    events: tuple[Thing, ...]
    objects: tuple[Thing, ...]


def write_ocel_json(where: Path, log: Log, lang: Lang) -> None:
    """The log as OCEL 2.0 JSON."""
    made = object_log(log, lang)
    whole = {
        "objectTypes": _types_json(made.object_types),
        "eventTypes": _types_json(made.event_types),
        "objects": [_thing_json(each) for each in made.objects],
        "events": [_thing_json(each) for each in made.events],
    }
    where.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")


def write_ocel_xml(where: Path, log: Log, lang: Lang) -> None:
    """The log as OCEL 2.0 XML."""
    made = object_log(log, lang)
    root = element(
        "log",
        None,
        element("object-types", None, *_types_xml("object-type", made.object_types)),
        element("event-types", None, *_types_xml("event-type", made.event_types)),
        element("objects", None, *(_thing_xml("object", each) for each in made.objects)),
        element("events", None, *(_thing_xml("event", each) for each in made.events)),
    )
    write_xml(where, root)


# The value model.


def object_log(log: Log, lang: Lang) -> ObjectLog:
    """The log as objects and events."""
    here = {each.case.id: each for each in log.cases}
    people = _people_in(log)
    sections = dict.fromkeys(
        [*(each.case.section for each in log.cases), *(log.homes[p] for p in people if p in log.homes)]
    )
    events = [_event(log, here, case, each, lang) for case in log.cases for each in case.events]
    object_types: dict[str, dict[str, str]] = {}
    for case in log.cases:
        _declare(object_types, _type_of(case), {**CASE_ATTRIBUTES, **_data_types(case)})
    object_types |= {"section": PLACE_ATTRIBUTES, "person": PLACE_ATTRIBUTES}
    return ObjectLog(
        event_types={each.type: EVENT_ATTRIBUTES for each in events},
        object_types=object_types,
        events=tuple(sorted(events, key=lambda each: each.time or "")),
        objects=(
            *(_case(here, each, object_types[_type_of(each)]) for each in log.cases),
            *(Thing(f"section:{name}", "section", (_always("name", name),), ()) for name in sections if name),
            *(_person(log, name) for name in people),
        ),
    )


def _type_of(case: LoggedCase) -> str:
    return f"sub-case {case.case.kind}" if case.parent else f"case {case.case.kind}"


def _data_types(case: LoggedCase) -> dict[str, str]:
    return {f"data.{name}": kind for name, kind in types_of(case.definition).items()}


def _declare(known: dict[str, dict[str, str]], name: str, attributes: dict[str, str]) -> None:
    """Two versions of a kind may give one field two types: then it is text."""
    there = known.setdefault(name, {})
    for each, kind in attributes.items():
        there[each] = kind if there.get(each, kind) == kind else "string"


def _people_in(log: Log) -> list[str]:
    named = (
        name
        for case in log.cases
        for each in case.events
        if each.is_by_a_person
        for name in (each.event.actor, each.event.on_behalf_of)
        if name
    )
    return list(dict.fromkeys(named))


def _person(log: Log, person: str) -> Thing:
    home = log.homes.get(person)
    relations = ((f"section:{home}", "member of"),) if home else ()
    return Thing(f"person:{person}", "person", (_always("name", log.names.get(person, person)),), relations)


def _case(here: dict[str, LoggedCase], logged: LoggedCase, types: dict[str, str]) -> Thing:
    case = logged.case
    relations = [(f"section:{case.section}", "belongs to")] if case.section else []
    if logged.parent in here:
        relations.append((f"case:{logged.parent}", "sub-case of"))
    attributes = (_always("number", case.number), _always("title", logged.title), *_changes(logged, types))
    return Thing(f"case:{case.id}", _type_of(logged), attributes, tuple(relations))


def _changes(logged: LoggedCase, types: dict[str, str]) -> Iterator[Value]:
    """What an object's attributes became with each event, in the order in which they did."""
    state = None
    for each in logged.events:
        at = _time(each.event.at)
        if each.event.target != state:
            state = each.event.target
            yield Value("state", state, at)
        for name, (_, value) in each.data.items():
            attribute = f"data.{name}"
            if attribute in types and attribute != "data.title":
                yield Value(attribute, str(value) if types[attribute] == "string" else value, at)


def _event(log: Log, here: dict[str, LoggedCase], case: LoggedCase, logged: LoggedEvent, lang: Lang) -> Thing:
    event = logged.event
    said = {
        "step": event.transition,
        "from": event.source,
        "to": event.target,
        "automatic": event.automatic,
        "definition": event.definition,
    }
    return Thing(
        id=f"event:{event.case_id}:{event.seq}",
        type=logged.label.read(lang),
        attributes=tuple(Value(name, value) for name, value in said.items() if value is not None),
        relations=tuple(_relations(here, case, logged)),
        time=_time(event.at),
    )


def _relations(here: dict[str, LoggedCase], case: LoggedCase, logged: LoggedEvent) -> Iterator[tuple[str, str]]:
    event = logged.event
    yield f"case:{case.case.id}", "sub-case" if case.parent else "case"
    if case.parent in here:
        yield f"case:{case.parent}", "parent case"
    if case.case.section:
        yield f"section:{case.case.section}", "section of the case"
    if logged.is_by_a_person:
        yield f"person:{event.actor}", "done by"
        if event.on_behalf_of:
            yield f"person:{event.on_behalf_of}", "on behalf of"


def _always(name: str, value: Scalar) -> Value:
    return Value(name, value, _time(EPOCH))


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Both forms.


def _types_json(types: dict[str, dict[str, str]]) -> list[dict[str, object]]:
    return [
        {"name": name, "attributes": [{"name": each, "type": kind} for each, kind in attributes.items()]}
        for name, attributes in types.items()
    ]


def _thing_json(thing: Thing) -> dict[str, object]:
    return {
        "id": thing.id,
        "type": thing.type,
        **({"time": thing.time} if thing.time else {}),
        "attributes": [
            {"name": each.name, **({"time": each.time} if each.time else {}), "value": each.value}
            for each in thing.attributes
        ],
        "relationships": [{"objectId": to, "qualifier": qualifier} for to, qualifier in thing.relations],
    }


def _types_xml(tag: str, types: dict[str, dict[str, str]]) -> Iterable[Element]:
    return (
        element(
            tag,
            {"name": name},
            element(
                "attributes",
                None,
                *(element("attribute", {"name": each, "type": kind}) for each, kind in attributes.items()),
            ),
        )
        for name, attributes in types.items()
    )


def _thing_xml(tag: str, thing: Thing) -> Element:
    return element(
        tag,
        {"id": thing.id, "type": thing.type, **({"time": thing.time} if thing.time else {})},
        element(
            "attributes",
            None,
            *(
                element("attribute", {"name": e.name, **({"time": e.time} if e.time else {})}, text=_text(e.value))
                for e in thing.attributes
            ),
        ),
        element(
            "objects",
            None,
            *(element("relationship", {"object-id": to, "qualifier": said}) for to, said in thing.relations),
        ),
    )


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
