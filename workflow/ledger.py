"""The ledger: each event of a case is chained to the one before it by sha-256 over a canonical form.

Canonical form, version 1: one JSON object in UTF-8, keys sorted, no spaces, text in Unicode NFC, instants in UTC with
microseconds (`2026-02-13T02:00:00.000000Z`), holding `v`: 1, the event's own columns and `previous`, the hash of the
event before it (empty for the first). Seals over the heads of all cases come with a later version.
"""

from __future__ import annotations

import unicodedata
from hashlib import sha256
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]

from workflow.case import Event, instant_text

CANONICAL_VERSION = 1

#: One encoder for all, made once: to make one costs as much as to use it, and `JSONEncoder.encode` makes one each time.
#: Keys are sorted and nothing that is written is nested in itself.
_encoded = c_make_encoder(None, None, encode_basestring, None, ":", ",", True, False, True)


def canonical_json(said: object) -> str:
    """The one way to write plain values: keys sorted, no spaces, characters as they are."""
    return "".join(_encoded(said, 0))


def canonical(event: Event, previous: str) -> bytes:
    """The bytes that the hash of this event is taken over."""
    said = {
        "v": CANONICAL_VERSION,
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
        "data": event.data,
        "comment": event.comment,
        "automatic": event.automatic,
        "definition": event.definition,
        "request": event.request_id,
        "previous": previous,
    }
    text = canonical_json(said)
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).encode()


def chained(event: Event, previous: str) -> Event:
    """The event with its place in the chain: the hash before it, and its own."""
    return event.chained(previous, sha256(canonical(event, previous)).hexdigest())
