"""Cases that are alike (同一申请人、同一事由): noted as a case begins or changes, and named to whoever registers the next."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from hashlib import sha256

from storage.connection import Connection
from storage.statements import ADD_LIKENESS, ALIKE, FORGET_LIKENESSES
from storage.worklist import Sight
from workflow.case import MIGRATE, Case, Event, Unmet
from workflow.model import Definition, Similar
from workflow.text import Text

#: So many others are named; the newest say enough.
MOST_NAMED = 5


def note(db: Connection, definition: Definition, case: Case, event: Event) -> None:
    """Keep what this case is like, if the event changed it, or another definition says what makes cases alike."""
    if event.transition != MIGRATE and not any(_touched(each, event) for each in definition.similar):
        return
    if case.seq > 1:
        db.run(FORGET_LIKENESSES, case_id=case.id)
    for each in definition.similar:
        key = _key(case, each)
        if key:
            db.run(ADD_LIKENESS, **key)


def named(db: Connection, definition: Definition, case: Case, event: Event, seen: Sight) -> Iterator[Unmet]:
    """A sentence for each likeness that the event brought up and that others share, as far as the reader may see them."""
    for each in definition.similar:
        key = _key(case, each) if _touched(each, event) else None
        rows = db.all(ALIKE, **key, limit=MOST_NAMED) if key else ()
        numbers = [row["number"] for row in rows if seen.covers(row["section"])]
        if numbers:
            which = Text("、".join(numbers), ", ".join(numbers))
            yield Unmet(each.name, _ALIKE.filled(label=each.label, which=which), "alike")


def _touched(similar: Similar, event: Event) -> bool:
    return not event.data.keys().isdisjoint(similar.fields)


def _key(case: Case, similar: Similar) -> dict[str, str] | None:
    value = _value(case, similar)
    name = f"{case.kind}.{similar.name}"
    return {"bureau": case.bureau, "name": name, "value": value, "case_id": case.id} if value else None


def _value(case: Case, similar: Similar) -> str | None:
    """The hash of the fields that make the likeness; None while one of them is empty."""
    said = [case.data.get(name) for name in similar.fields]
    if any(each in (None, "") for each in said):
        return None
    plain = "\n".join(unicodedata.normalize("NFKC", str(each)).strip().casefold() for each in said)
    return sha256(plain.encode()).hexdigest()


_ALIKE = Text("{label}：{which}", "{label}: {which}")
