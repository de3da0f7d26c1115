"""The ledger: each event of a case is chained to the one before it by sha-256 over a canonical form (docs/ledger.md).

Form 2: one JSON object in UTF-8, keys sorted, no spaces, text in Unicode NFC, instants in UTC with microseconds
(`2026-02-13T02:00:00.000000Z`), holding `v`: 2, the event's own columns and `previous`, the hash of the event before it (for the
first that of what the case is called and where it began). Personal data, longer texts beside them and comments stand in it by a commitment:
sha-256 over the canonical JSON of [salt, name, value].
The opening (salt and value) is kept beside the event, so that it can be erased and the chain stays valid (个人信息保护法 47).
Form 1, of older events, holds everything in clear.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]

from workflow.case import WAS, Case, Event, Scalar, instant_text
from workflow.conditions import fields_of
from workflow.model import Definition, FieldType

#: Under this name the opening of an event's comment is kept; no field can be called so.
COMMENT = "comment."
#: What an event says of a paper beside fields (workflow/papers.py) may be erased like those: what it is called, and its digest,
#: by which whoever guesses the content could know that they guessed right. No field can be called so.
OF_PAPERS = frozenset({"attach.sha256", "attach.name", "attach.title"})
#: How a commitment is marked among an event's data, where it stands as {"#": hash}; no value of a field is an object.
MARK = "#"

#: One encoder for all, made once: to make one costs as much as to use it, and `JSONEncoder.encode` makes one each time.
#: Keys are sorted and nothing that is written is nested in itself.
_encoded = c_make_encoder(None, None, encode_basestring, None, ":", ",", True, False, True)
_text: Callable[[str], str] = encode_basestring
#: How a table writes what is true: nothing else was written there.
_TRUTH = {0: "false", 1: "true"}


def canonical_json(said: object) -> str:
    """The one way to write plain values: keys sorted, no spaces, characters as they are."""
    return "".join(_encoded(said, 0))


def digest(said: object) -> str:
    """The hash of the canonical JSON of plain values."""
    return sha256(_normal(canonical_json(said))).hexdigest()


def commitment(salt: str, name: str, value: Scalar) -> str:
    """What the chain holds of a value that may be erased; without the salt nobody can try values out."""
    return digest([salt, name, value])


#: A text that may be longer than this is written in sentences, which may name anybody; characters.
LONGEST_LINE = 500

#: By the digest of a definition, which is big and frozen, the fields in which people write such texts.
_WRITTEN_FREELY: dict[str, frozenset[str]] = {}


def may_be_erased(definition: Definition, name: str) -> bool:
    """Whether what an event says under this name stands in the chain by a commitment: papers, personal data, and texts beside these.

    Of a kind that holds no personal data nothing is ever erased. A title stays: by it people know the case.
    """
    if name in OF_PAPERS or definition.is_personal(name):
        return True
    return name.removeprefix(WAS) in _written_freely(definition)


def _written_freely(definition: Definition) -> frozenset[str]:
    """The fields for longer texts of a definition with personal data, but for those that a clock looks at when it is told again."""
    found = _WRITTEN_FREELY.get(definition.digest)
    if found is None:
        conditions = [rule.applies for rule in definition.deadlines.values() if rule.applies]
        stay = {"title", *(name for each in conditions for name in fields_of(each))}
        found = frozenset(
            each.name
            for each in definition.fields.values()
            if each.type is FieldType.TEXT and (each.max is None or each.max > LONGEST_LINE) and each.name not in stay
        )
        if not any(each.personal for each in definition.fields.values()):
            found = frozenset()
        _WRITTEN_FREELY[definition.digest] = found
    return found


def salted(event: Event, definition: Definition, salt: Callable[[], str]) -> Event:
    """The event with a salt of its own for each value that may be erased, and for its comment."""
    names = [name for name, value in event.data.items() if value is not None and may_be_erased(definition, name)]
    if event.comment is not None:
        names.append(COMMENT)
    # What begins a sub-case is made from the event that opened it, which has salts of its own.
    return replace(event, salts={name: salt() for name in names}) if names or event.salts else event


def said_openly(event: Event) -> tuple[dict[str, object], str | None]:
    """Data and comment as they are stored and hashed: what may be erased is there by its commitment."""
    if not event.salts and not event.erased:
        return dict(event.data), event.comment
    shut = {
        **{name: commitment(salt, name, event.data[name]) for name, salt in event.salts.items() if name != COMMENT},
        **event.erased,
    }
    comment = event.comment
    if COMMENT in event.salts:
        comment = commitment(event.salts[COMMENT], COMMENT, comment)
    comment = shut.pop(COMMENT, comment)
    return {**event.data, **{name: {MARK: said} for name, said in shut.items()}}, comment


def canonical(event: Event, previous: str) -> bytes:
    """The bytes that the hash of this event is taken over."""
    data, comment = said_openly(event)
    said = {
        "v": event.form,
        "case": event.case_id,
        "seq": event.seq,
        "at": instant_text(event.at),
        "actor": event.actor,
        "actor_name": event.actor_name,
        "for": event.on_behalf_of,
        "via": event.via,
        "transition": event.transition,
        "from": event.source,
        "to": event.target,
        "data": data,
        "comment": comment,
        "automatic": event.automatic,
        "definition": event.definition,
        "request": event.request_id,
        "previous": previous,
    }
    return _normal(canonical_json(said))


def stored_hash(
    form: int,
    case: str,
    seq: int,
    at: str,
    actor: str,
    actor_name: str,
    on_behalf_of: str | None,
    via: str,
    transition: str,
    source: str | None,
    target: str,
    data: str,
    comment: str | None,
    automatic: int,
    definition: str,
    request: str | None,
    previous: str,
) -> str:
    """The hash of an event as its row holds it, where `data` is the canonical JSON of what may be said openly.

    The same as `chained` gives for the event that was written there, at a seventh of the cost; a test holds the two together.
    """
    text = _text
    said = (
        f'{{"actor":{text(actor)},"actor_name":{text(actor_name)},"at":{text(at)},'
        f'"automatic":{_TRUTH[automatic]},"case":{text(case)},'
        f'"comment":{"null" if comment is None else text(comment)},"data":{data},"definition":{text(definition)},'
        f'"for":{"null" if on_behalf_of is None else text(on_behalf_of)},'
        f'"from":{"null" if source is None else text(source)},"previous":{text(previous)},'
        f'"request":{"null" if request is None else text(request)},"seq":{seq:d},"to":{text(target)},'
        f'"transition":{text(transition)},"v":{form:d},"via":{text(via)}}}'
    )  # fmt: skip
    return sha256(_normal(said)).hexdigest()


def name_of(case: Case) -> str:
    """What the first event of this case follows on."""
    return named(case.id, case.number, case.kind, case.bureau, case.section)


def named(case: str, number: str, kind: str, bureau: str, section: str) -> str:
    """What the first event of a case follows on: its number, its kind and where it began, so that none of it can be another's.

    The section is the one in which the case began. Cases from before this was written follow on nothing.
    """
    return digest({"bureau": bureau, "case": case, "kind": kind, "number": number, "section": section})


def chained(event: Event, previous: str) -> Event:
    """The event with its place in the chain: the hash before it, and its own."""
    return event.chained(previous, sha256(canonical(event, previous)).hexdigest())


def _normal(text: str) -> bytes:
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).encode()
